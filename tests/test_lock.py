"""One command at a time, unless one says that it waits."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import pytest

from curate.errors import CurateError
from curate.lock import SUGGESTING, locked
from curate.workspace import Workspace


def test_a_second_one_is_refused_or_waits(tmp_path: Path) -> None:
    """Who waits is told so first, and gets in when the other has ended; making suggestions is in nobody's way."""
    workspace = Workspace(tmp_path)
    with ExitStack() as first:
        first.enter_context(locked(workspace))
        with pytest.raises(CurateError, match="another curate command"), locked(workspace):
            pass
        with locked(workspace, SUGGESTING):
            pass
        told: list[str] = []

        def end() -> None:
            told.append("waiting")
            first.close()

        with (
            locked(workspace, waiting=end),
            pytest.raises(CurateError, match="another curate command"),
            locked(workspace),
        ):
            pass
        assert told == ["waiting"]
    with locked(workspace, waiting=lambda: told.append("again")):
        assert told == ["waiting"]
