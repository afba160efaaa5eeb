"""Commands killed at every write, and with a disk that fails or is full: the next run sets everything right."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from curate.api.people import ACTIVE, REGISTER
from curate.labelstudio import server
from curate.workspace import Workspace, write_private
from live.dying import COMMANDS
from live.faults import Proxy
from live.predicting import Adjudicating, Suggesting
from live.room import Room
from live.table import EVERY, Damage, Row, told

SIZES = (0, 1, 60, 300, 1000, 3000, 10_000)
"""Bytes that no file may exceed, as on a disk that fills up in the middle of a write."""
HOW = {"kill": "killed at a write", "disk": "a disk that fails", "size": "a disk that is full"}
CHOSEN = {("push", "kill"), ("pull", "kill"), ("pull", "disk")}
"""The ones tried always, each at its first and its last place."""
TOLD = ("pulled.json", "lock")
"""Private files that tell of the moment, and nothing else."""


@dataclass
class Dying:
    """The program that runs commands which don't end well."""

    process: subprocess.Popen[str]

    def run(self, command: str, folder: Path, how: str = "count", at: int = 0) -> dict[str, Any]:
        """Run a command and give how it ended."""
        names = ("LABEL_STUDIO_URL", "LABEL_STUDIO_API_KEY")
        job = {"command": command, "folder": str(folder), "how": how, "at": at}
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps(job | {"environment": {name: os.environ[name] for name in names}}) + "\n")
        self.process.stdin.flush()
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        return answer


@pytest.fixture(scope="module")
def dying() -> Iterator[Dying]:
    """Start the program once, so that what it loads is loaded once."""
    program = [sys.executable, str(Path(__file__).with_name("dying.py"))]
    with subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield Dying(process)
        assert process.stdin
        process.stdin.close()


@dataclass
class Scene:
    """What a command is run in: ``reset`` brings folder and server to where it has all to do again.

    ``amiss`` says what is not as it should be on the server after it, ``files`` are those it has to write.
    """

    room: Room
    reset: Callable[[], None]
    amiss: Callable[[], Damage]

    def files(self) -> dict[str, bytes]:
        """Every file of the project but those of the moment, and what was left half-written."""
        found = [path for path in sorted(self.room.folder.rglob("*")) if path.is_file() and path.name not in TOLD]
        return {
            str(path.relative_to(self.room.folder)): path.read_bytes()
            for path in found
            if "__pycache__" not in path.parts
        }


def pushing(room: Room) -> Scene:
    """A push to a server that holds nothing of the workspace."""
    settings = room.folder / "curate.toml"
    original = settings.read_text(encoding="utf-8")
    workspace = original.split('workspace = "', 1)[1].split('"', 1)[0]
    numbers = iter(range(1000))

    def reset() -> None:
        settings.write_text(original.replace(workspace, f"{workspace}-{next(numbers)}"), encoding="utf-8")
        shutil.rmtree(room.folder / "exports", ignore_errors=True)

    def amiss() -> Damage:
        return room.damage() + [("doubled", "the project")] * (len(room.projects()) > 1)

    return Scene(room, reset, amiss)


def read(room: Room) -> None:
    """Two articles read, one begun, and all of it pulled once."""
    COMMANDS["push"](room.folder)
    room.read()
    COMMANDS["pull"](room.folder)


def pulling(room: Room) -> Scene:
    """A pull of all that people did; the key that names them is there."""
    read(room)
    schemas = room.folder / "exports" / "raw" / "schemas"

    def reset() -> None:
        for path in (room.folder / "exports").iterdir():
            if path.is_file():
                path.unlink()
        for path in schemas.parent.iterdir():
            if path != schemas:
                shutil.rmtree(path)
        for path in (room.folder / ".curate").iterdir():
            if path.name != "pseudonym.key":
                path.unlink()

    return Scene(room, reset, list)


def checking(room: Room) -> Scene:
    """A check of what was pulled."""
    read(room)

    def reset() -> None:
        for path in (room.folder / "exports").iterdir():
            if path.is_file() and path.name != "pseudonyms.json":
                path.unlink()

    return Scene(room, reset, list)


def assigning(room: Room) -> Scene:
    """A first plan of who reads what, with texts of known answers among it."""
    workspace = Workspace(room.folder)
    write_private(workspace, REGISTER, {"ana": ACTIVE, "ben": ACTIVE})
    (room.folder / "gold").mkdir()
    (room.folder / "gold" / "dam.txt").write_text("Rebels [struck](Attack#1) the dam.", encoding="utf-8")

    def reset() -> None:
        for path in (workspace.assignments, workspace.gold):
            path.unlink(missing_ok=True)

    return Scene(room, reset, list)


def suggesting(room: Room) -> Scene:
    """Suggestions of another version than those that are there."""
    made = Suggesting.of(room)
    return Scene(room, made.reset, made.damage)


def adjudicating(room: Room) -> Scene:
    """What is open is brought to people: from nothing."""
    made = Adjudicating.of(room)

    def reset() -> None:
        made.forget()
        for name in ("adjudicated.jsonl", "decisions.jsonl"):
            (room.folder / "exports" / name).unlink(missing_ok=True)

    return Scene(room, reset, made.damage)


SCENES = {
    "push": pushing,
    "pull": pulling,
    "check": checking,
    "assign": assigning,
    "suggest": suggesting,
    "adjudicate": adjudicating,
}


@pytest.fixture
def room(
    tmp_path: Path, new_project: Callable[..., AbstractContextManager[Path]], label_studio: server.RunningServer
) -> Iterator[Room]:
    """A project of four short articles, nothing pushed yet."""
    with new_project(tmp_path / "mortal") as folder:
        made = Room(folder, Proxy(label_studio.url), label_studio.url)
        made.write({name: f"A {name} fell on the town." for name in ("tree", "wall", "mast", "roof")})
        yield made


@pytest.mark.parametrize(
    ("command", "how"), [(command, how) for command in SCENES for how in HOW if EVERY or (command, how) in CHOSEN]
)
def test_a_command_that_dies_is_made_good_by_the_next(room: Room, dying: Dying, command: str, how: str) -> None:
    """The server holds all of it once, and every file is byte for byte what it would have been."""
    scene = SCENES[command](room)
    scene.reset()
    steps = dying.run(command, room.folder, "disk" if how == "disk" else "count")["steps"]
    assert not scene.amiss()
    whole = scene.files()
    places = list(SIZES) if how == "size" else list(range(1, steps + 1))
    for at in places if EVERY else places[:: max(len(places) - 1, 1)]:
        scene.reset()
        ended = dying.run(command, room.folder, how, at)
        # Some faults it gets around, and some files are smaller.
        assert ended["killed"] if how == "kill" else not ended["said"] or "can't be" in ended["said"], (at, ended)
        half = [name for name, content in scene.files().items() if name in whole and differs(name, content, whole)]
        COMMANDS[command](room.folder)
        damage = scene.amiss() + [("wrong", f"{name}, half-written") for name in half]
        now = scene.files()
        damage += [("lost", name) for name in whole.keys() - now.keys()]
        damage += [("wrong", name) for name in now if now[name] != whole.get(name) and name != "curate.toml"]
        what = f"{HOW[how]} ({len(places)} {'sizes' if how == 'size' else 'places'})"
        told(Row(command, what, f"at {at}", "" if ended["killed"] else ended["said"], damage))


def differs(name: str, content: bytes, whole: dict[str, bytes]) -> bool:
    """Tell whether a file of lines is not whole; the books and the settings are changed more than once."""
    return content != whole[name] and name.endswith(".jsonl")
