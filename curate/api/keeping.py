"""Copies of a project's server and private files: backup, restore."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from curate.lock import locked
from curate.settings import read_settings
from curate.workspace import Workspace

if TYPE_CHECKING:
    from curate.labelstudio.backup import Backup


def backup(file: Path | None = None, project: Path | None = None) -> Backup:
    """Copy the local server's database and media, its credentials and the project's private files to one file."""
    from curate.labelstudio.backup import backup as write_backup

    settings = read_settings(project)
    return write_backup(Workspace(settings.folder).private, file, settings.workspace)


def restore(
    file: Path, project: Path | None = None, *, confirm: Callable[[Backup], bool] = lambda _: True
) -> Backup | None:
    """Put a backup back, keeping what it replaces; None when ``confirm`` says no."""
    from curate.labelstudio.backup import restore as read_backup

    settings = read_settings(project)
    workspace = Workspace(settings.folder)
    with locked(workspace):
        return read_backup(workspace.private, file, settings.workspace, confirm=confirm)
