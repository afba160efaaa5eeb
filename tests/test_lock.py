"""One command at a time, unless one says that it waits."""

from __future__ import annotations

import os
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


PLACES = (
    "",
    ".curate",
    ".curate/logins",
    ".curate/suggestions",
    "exports",
    "exports/gold",
    "exports/raw/project-1",
    "exports/releases/1.0.0/data",
)


def test_what_was_left_half_written_is_removed_wherever_it_lies(tmp_path: Path) -> None:
    """A password may stand in it; what a running process is writing stays, and so does what is called alike."""
    ours = [tmp_path / place / f".x.md.{os.getpid()}.abcd.part" for place in PLACES]
    others = [tmp_path / place / ".x.part" for place in PLACES]
    left = [tmp_path / place / ".x.md.99999999.abcd.part" for place in PLACES]
    for path in (*ours, *others, *left):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("a password")
    with locked(Workspace(tmp_path)):
        assert sorted(tmp_path.rglob(".*.part")) == sorted((*ours, *others))
