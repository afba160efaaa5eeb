"""Commands killed at every write, and with a disk that fails or is full: the next run sets everything right."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from curate.labelstudio import server
from live.deaths import HOW, Dying, started, survived
from live.dying import BATCHES
from live.faults import Proxy
from live.room import Room
from live.scenes import SCENES
from live.table import EVERY

LOADED = (
    "label_studio_sdk.client",
    "curate.checking",
    "curate.adjudication.settling",
    "curate.labelstudio.pulling",
    "curate.suggesters.making",
    *BATCHES,
)
CHOSEN = {("push", "kill"), ("pull", "kill"), ("pull", "disk"), ("people add", "kill")}
"""The ones tried always, each at its first and its last place."""


@pytest.fixture(scope="module")
def dying() -> Iterator[Dying]:
    """Start the program once."""
    with started(*LOADED) as program:
        yield program


@pytest.fixture
def room(
    tmp_path: Path, new_project: Callable[..., AbstractContextManager[Path]], label_studio: server.RunningServer
) -> Iterator[Room]:
    """A project of four short articles, nothing pushed yet."""
    with new_project(tmp_path / "mortal") as folder:
        made = Room(folder, Proxy(label_studio.url), label_studio.url)
        made.write({name: f"A {name} fell on the town." for name in ("tree", "wall", "mast", "roof")})
        yield made
        made.clear()


@pytest.mark.parametrize(
    ("name", "how"), [(name, how) for name in SCENES for how in HOW if EVERY or (name, how) in CHOSEN]
)
def test_a_command_that_dies_is_made_good_by_the_next(room: Room, dying: Dying, name: str, how: str) -> None:
    """The server holds all of it once, and every file is byte for byte what it would have been."""
    command, make = SCENES[name]
    survived(name, command, make(room), dying, how)
