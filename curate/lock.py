"""One command at a time in a project folder."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Callable, Iterator
from itertools import chain

from curate.errors import CurateError
from curate.files import PART
from curate.workspace import Workspace

PROJECT, SUGGESTING = "lock", "suggesting.lock"
"""What is locked: the project's files, or making suggestions, which may take long and changes none of them."""


@contextlib.contextmanager
def locked(workspace: Workspace, what: str = PROJECT, *, waiting: Callable[[], None] | None = None) -> Iterator[None]:
    """Keep a second command from changing the project at the same time.

    Where one is at work this raises CurateError, or calls ``waiting`` and waits until it has ended.
    """
    path = workspace.private / what
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        opened = path.open("w")
    except OSError as error:
        raise CurateError(
            f"{path.parent}: can't be used ({error.strerror}).", "Make it a folder that you can write to."
        ) from error
    with opened as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if waiting is None:
                raise CurateError(
                    f"{workspace.folder}: another curate command is at work here.", "Wait until it has ended."
                ) from error
            waiting()
            fcntl.flock(stream, fcntl.LOCK_EX)
        _remove_leftovers(workspace)
        yield


def _remove_leftovers(workspace: Workspace) -> None:
    """Remove what processes that were killed left half-written."""
    left = f".*{PART}"
    deep = (path for folder in (workspace.private, workspace.exports) for path in folder.rglob(left))
    for path in chain(workspace.folder.glob(left), deep):
        maker = path.name.removesuffix(PART).rsplit(".", 2)[-2]
        if maker.isdigit() and not _runs(int(maker)):
            with contextlib.suppress(OSError):
                path.unlink()


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True
