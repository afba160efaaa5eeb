"""Which Label Studio is installed, and which one a server's data was last used with."""

from __future__ import annotations

import json
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from curate.labelstudio.folder import server_folder, write_note


def installed_version() -> str | None:
    """Tell the version of the installed Label Studio; None when it isn't installed."""
    try:
        return version("label-studio")
    except PackageNotFoundError:
        return None


def last_used(folder: Path) -> str | None:
    """Tell the version that the data was last used with; None when that isn't known."""
    return _noted(folder).get("label_studio")


def copied_for(folder: Path) -> str | None:
    """Tell the version before whose first start the data was copied and which didn't get ready yet."""
    return _noted(folder).get("copied_for")


def note_used(folder: Path) -> None:
    """Note that the data is used with the installed version."""
    write_note(_file(folder), {"label_studio": installed_version()})


def note_copied(folder: Path) -> None:
    """Note that the data was copied before the installed version first touches it."""
    write_note(_file(folder), {**_noted(folder), "copied_for": installed_version()})


def _file(folder: Path) -> Path:
    return server_folder(folder) / "version.json"


def _noted(folder: Path) -> dict[str, str]:
    try:
        found = json.loads(_file(folder).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
