"""A command stopped at whatever moment: what is released after it is whole, or nothing is."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from curate import api
from curate.errors import CurateError
from sample_project import pulled

Files = dict[str, bytes]
MADE = ("annotations.jsonl", "findings.jsonl", "held.jsonl")


def stopped(monkeypatch: pytest.MonkeyPatch, at: int, run: Callable[[], Any]) -> bool:
    """Run something until a file of the project is about to be put in place, or removed, for that time; tell if so."""
    steps = 0
    removing = Path.unlink

    def step() -> None:
        nonlocal steps
        steps += 1
        if steps == at:
            raise KeyboardInterrupt

    def replace(source: str, target: Path) -> None:
        step()
        os.rename(source, target)

    def unlink(path: Path, missing_ok: bool = False) -> None:
        step()
        removing(path, missing_ok)

    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", replace)
        patched.setattr(Path, "unlink", unlink)
        try:
            run()
        except KeyboardInterrupt:
            return True
    return False


def released(project: Path, policy: str = "") -> Files | None:
    """Release, by a policy if one is given, give every file and forget them; None where that is refused."""
    try:
        if policy:
            api.adjudicate(policy, project)
        folder = api.release("1.0.0", project).folder
    except CurateError:
        return None
    found = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    shutil.rmtree(folder)
    return found


def adjudicated(project: Path, policy: str) -> Path:
    api.adjudicate(policy, project)
    return project


def copied(project: Path, to: Path) -> Path:
    return Path(shutil.copytree(project, to))


def exports(project: Path) -> Files:
    """Every file that a check or an adjudication writes."""
    return {path.name: path.read_bytes() for path in (project / "exports").iterdir() if path.is_file()}


def told_otherwise(project: Path) -> None:
    """Let one annotator have changed an answer so that the other's stands there, as a pull would store it."""
    folder = next((project / "exports" / "raw").glob("project-*"))
    tasks = [json.loads(line) for line in (folder / "000001.jsonl").read_bytes().splitlines()]
    twice = [one["annotations"] for one in tasks if len(one["annotations"]) == 2]
    first, second = next(two for two in twice if len(two[0]["result"]) != len(two[1]["result"]))
    first["result"] = second["result"]
    task = next(one for one in tasks if first in one["annotations"])
    (folder / "000002.jsonl").write_text(json.dumps(task) + "\n", encoding="utf-8")


def asked_otherwise(project: Path) -> None:
    """Call a type of events something else, so that what was marked as it is held back."""
    schema = project / "schema.yaml"
    schema.write_text(schema.read_text(encoding="utf-8").replace("Attack", "Assault"), encoding="utf-8")


def test_what_is_released_after_an_adjudication_that_stopped_is_told_as_it_was_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its records, decisions and policy are those of the one before, or of the one that stopped, or none."""
    before = adjudicated(pulled(tmp_path / "airbase"), "union")
    after = adjudicated(copied(before, tmp_path / "whole"), "intersection")
    whole = [released(before), released(after)]
    assert None not in whole
    assert whole[0] != whole[1]
    shutil.rmtree(after / "exports" / "raw" / "releases")
    for at in range(1, 20):
        project = copied(before, tmp_path / f"stopped-{at}")
        if not stopped(monkeypatch, at, lambda project=project: api.adjudicate("intersection", project)):
            break
        assert released(project) in (None, *whole), at
        adjudicated(project, "intersection")
        names = ("adjudicated.jsonl", "decisions.jsonl")
        assert [exports(project)[name] for name in names] == [exports(after)[name] for name in names], at
    assert at > 4


@pytest.mark.parametrize("change", [told_otherwise, asked_otherwise])
def test_nothing_is_released_after_a_check_that_stopped(
    change: Callable[[Path], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither while what was pulled isn't all checked, nor while files of two checks lie side by side."""
    before = adjudicated(pulled(tmp_path / "airbase"), "union")
    old = exports(before)
    change(before)
    after = copied(before, tmp_path / "whole")
    api.check(after)
    for at in range(1, 20):
        project = copied(before, tmp_path / f"stopped-{at}")
        if not stopped(monkeypatch, at, lambda project=project: api.check(project)):
            break
        here = exports(project)
        known = here["books.json"] == exports(after)["books.json"]
        checked = (project / "exports" / "raw" / "checked.json").exists()
        assert not checked or all(here[name] == old[name] for name in MADE) or known, at
        assert released(project) is None, at
        assert known or released(project, "union") is None, at
        api.check(project)
        assert exports(project).keys() - exports(after).keys() <= {"adjudicated.jsonl", "decisions.jsonl"}
    assert at > 4
    assert exports(project) == exports(after)
    assert released(project, "union") is not None


def test_checking_and_adjudicating_again_touches_nothing(tmp_path: Path) -> None:
    """Not even the time of a file says that they were run twice, nor does a check that forgot what it made."""
    project = adjudicated(pulled(tmp_path / "airbase"), "union")

    def moments() -> dict[str, int]:
        return {str(path): path.stat().st_mtime_ns for path in (project / "exports").iterdir()}

    before = moments()
    api.check(project)
    adjudicated(project, "union")
    (project / ".curate" / "checked.jsonl").unlink()
    api.check(project)
    assert moments() == before
