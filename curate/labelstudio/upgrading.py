"""The copy that is made by itself before another Label Studio touches a project's data."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from curate.labelstudio.backup import copy
from curate.labelstudio.folder import database
from curate.labelstudio.versions import copied_for, installed_version, last_used, note_copied

KEPT = 3


def copy_before_change(folder: Path, progress: Callable[[str], None]) -> Path | None:
    """Copy the data if the installed Label Studio isn't the one it was last used with; give the copy.

    Done once for each change, so that a start that fails and is tried again doesn't push the good copy out; the
    newest three are kept. Whoever calls holds the server's lock.
    """
    used, installed = last_used(folder), installed_version()
    if used is None or used == installed or copied_for(folder) == installed or not database(folder).is_file():
        return None
    now = datetime.now(UTC)
    progress(f"this data was last used with Label Studio {used}, and this is {installed}: copying it first")
    target = folder / "backups" / f"{now:%Y%m%d-%H%M%S-%f}-before-label-studio-{installed}.tar.gz"
    copy(folder, target, "", now)
    note_copied(folder)
    progress(f"copied to {target} (to go back: install Label Studio {used}, then curate server restore)")
    for old in sorted(target.parent.glob("*-before-label-studio-*.tar.gz"))[:-KEPT]:
        old.unlink()
    return target
