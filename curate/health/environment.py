"""The machine: Python, packages, Label Studio's package, disk, the Hub's token."""

from __future__ import annotations

import platform
import shutil
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, metadata, requires, version
from pathlib import Path
from typing import TYPE_CHECKING

from curate.health.points import DOUBTFUL, FINE, UNSEEN, WRONG, Point, looked

if TYPE_CHECKING:
    from packaging.requirements import Requirement

DISTRIBUTION = "curate-events"
AREA = "environment"
MEGABYTE = 1_000_000


def environment(folder: Path, *, remote: bool) -> Iterator[Point]:
    """Look at what holds for every project; ``remote`` says that Label Studio runs elsewhere."""
    yield _python()
    yield _packages()
    yield _label_studio(remote)
    yield _disk(folder)
    yield looked("Hub", "token", _hub_token)


def tested_label_studio() -> str | None:
    """Tell the version of Label Studio that everything is tested with, as the package's own requirements pin it."""
    return next((str(one.specifier).removeprefix("==") for one in _required("server")), None)


def _required(extra: str = "") -> list[Requirement]:
    from packaging.requirements import Requirement

    try:
        listed = [Requirement(text) for text in requires(DISTRIBUTION) or []]
    except PackageNotFoundError:
        return []
    if not extra:
        return [one for one in listed if one.marker is None or one.marker.evaluate({"extra": ""})]
    return [one for one in listed if one.marker is not None and one.marker.evaluate({"extra": extra})]


def _python() -> Point:
    running = platform.python_version()
    try:
        classifiers = metadata(DISTRIBUTION).get_all("Classifier") or []
    except PackageNotFoundError:
        classifiers = []
    tested = [one.rpartition(" ")[2] for one in classifiers if one.startswith("Programming Language :: Python :: 3.")]
    if ".".join(running.split(".")[:2]) in tested:
        return Point(AREA, "Python", FINE, running)
    return Point(AREA, "Python", DOUBTFUL, f"{running}, tested with {', '.join(tested)}", "Use one of those.")


def _packages() -> Point:
    required = _required()
    wrong = []
    for one in required:
        there = _installed(one.name)
        if there is None:
            wrong.append(f"{one.name} is missing")
        elif not one.specifier.contains(there, prereleases=True):
            wrong.append(f"{one.name} {there} is outside {one.specifier}")
    if not required:
        return Point(AREA, "packages", UNSEEN, "curate itself isn't installed", f"pip install {DISTRIBUTION}")
    if wrong:
        return Point(AREA, "packages", WRONG, "; ".join(wrong), f"pip install --upgrade {DISTRIBUTION}")
    return Point(AREA, "packages", FINE, f"{len(required)}, each in the range that is tested")


def _label_studio(remote: bool) -> Point:
    there, tested = _installed("label-studio"), tested_label_studio()
    if there is None:
        if remote:
            return Point(AREA, "Label Studio", FINE, "not installed, and not needed: it runs elsewhere")
        return Point(AREA, "Label Studio", WRONG, "not installed", f"pip install '{DISTRIBUTION}[server]'")
    if tested and there != tested:
        fix = f"pip install label-studio=={tested}"
        return Point(AREA, "Label Studio", DOUBTFUL, f"{there} is installed, tested with {tested}", fix)
    return Point(AREA, "Label Studio", FINE, f"{there} is installed, as tested")


def _installed(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _disk(folder: Path) -> Point:
    free = shutil.disk_usage(folder).free // MEGABYTE
    verdict = FINE if free >= 1000 else DOUBTFUL if free >= 100 else WRONG
    fix = "" if verdict == FINE else "Free some space; a server that can't write loses work."
    return Point(AREA, "disk", verdict, f"{free:,} MB free at {folder}", fix)


def _hub_token() -> Point:
    from curate.settings import hub_token

    if hub_token():
        return Point("Hub", "token", FINE, "there (not tried)")
    return Point("Hub", "token", DOUBTFUL, "none; only publish needs it", "hf auth login, or set HF_TOKEN")
