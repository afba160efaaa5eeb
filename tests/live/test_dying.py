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
TOLD = ("pulled.json", "cursor.json")
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
        """Every file of the project, and what was left half-written."""
        there = (path for path in sorted(self.room.folder.rglob("*")) if path.is_file())
        found = [path for path in there if path.name != "lock" and path.parent.name != "__pycache__"]
        return {str(path.relative_to(self.room.folder)): path.read_bytes() for path in found}

    def restore(self, files: dict[str, bytes]) -> None:
        """Put every file back as it was, and let the server have all to do again."""
        for name in self.files().keys() - files.keys():
            (self.room.folder / name).unlink()
        for name, content in files.items():
            (self.room.folder / name).parent.mkdir(parents=True, exist_ok=True)
            (self.room.folder / name).write_bytes(content)
        self.reset()


def pushing(room: Room) -> Scene:
    """A push to a server that holds nothing of the workspace."""
    settings = room.folder / "curate.toml"
    original = settings.read_text(encoding="utf-8")
    workspace = original.split('workspace = "', 1)[1].split('"', 1)[0]
    numbers = iter(range(1000))

    def reset() -> None:
        room.clear()
        settings.write_text(original.replace(workspace, f"{workspace}-{next(numbers)}"), encoding="utf-8")
        shutil.rmtree(room.folder / "exports", ignore_errors=True)

    def amiss() -> Damage:
        return room.damage() + [("doubled", "the project")] * (len(room.projects()) > 1)

    return Scene(room, reset, amiss)


def pulling(room: Room) -> Scene:
    """A pull of all that people did; the key that names them is there."""
    COMMANDS["push"](room.folder)
    room.read()
    COMMANDS["pull"](room.folder)
    kept = [room.folder / ".curate" / "pseudonym.key", *(room.folder / "exports" / "raw" / "schemas").iterdir()]
    for place in ("exports", ".curate"):
        for path in (room.folder / place).rglob("*"):
            if path.is_file() and path not in kept:
                path.unlink()
    return Scene(room, lambda: None, room.damage)


def pulling_again(room: Room) -> Scene:
    """A pull of what is new since the last."""
    COMMANDS["push"](room.folder)
    room.read()
    COMMANDS["pull"](room.folder)
    room.annotate("mast")
    return Scene(room, lambda: None, room.damage)


def checking(room: Room) -> Scene:
    """A check of what was pulled."""
    scene = pulling_again(room)
    for path in (*(room.folder / "exports").iterdir(), room.folder / ".curate" / "checked.jsonl"):
        if path.is_file() and path.name != "pseudonyms.json":
            path.unlink()
    return scene


def assigning(room: Room) -> Scene:
    """A first plan of who reads what, with texts of known answers among it."""
    workspace = Workspace(room.folder)
    write_private(workspace, REGISTER, {"ana": ACTIVE, "ben": ACTIVE})
    (room.folder / "gold").mkdir()
    (room.folder / "gold" / "dike.txt").write_text("Rebels [struck](Attack#1) the dike.", encoding="utf-8")
    return Scene(room, lambda: None, list)


def suggesting(room: Room) -> Scene:
    """Suggestions of another version than those that are there."""
    made = Suggesting.of(room)
    return Scene(room, made.reset, made.damage)


def adjudicating(room: Room) -> Scene:
    """What is open is brought to people, from nothing."""
    made = Adjudicating.of(room)
    return Scene(room, made.forget, made.damage)


SCENES = {
    "push": pushing,
    "pull": pulling,
    "pull again": pulling_again,
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
        made.clear()


@pytest.mark.parametrize(
    ("scene", "how"), [(name, how) for name in SCENES for how in HOW if EVERY or (name, how) in CHOSEN]
)
def test_a_command_that_dies_is_made_good_by_the_next(room: Room, dying: Dying, scene: str, how: str) -> None:
    """The server holds all of it once, and every file is byte for byte what it would have been."""
    made, command = SCENES[scene](room), scene.split(maxsplit=1)[0]
    before = made.files()
    made.reset()
    steps = dying.run(command, room.folder, "disk" if how == "disk" else "count")["steps"]
    assert not made.amiss()
    whole = made.files()
    places = list(SIZES) if how == "size" else list(range(1, steps + 1))
    for at in places if EVERY else places[:: max(len(places) - 1, 1)]:
        made.restore(before)
        ended = dying.run(command, room.folder, how, at)
        # Some faults it gets around, and some files are smaller.
        assert ended["killed"] if how == "kill" else not ended["said"] or "can't be" in ended["said"], (at, ended)
        now = made.files()
        half = [one for one in now if one.endswith(".jsonl") and now[one] not in (before.get(one), whole.get(one))]
        COMMANDS[command](room.folder)
        damage = made.amiss() + [("wrong", f"{name}, half-written") for name in half]
        damage += differing(made.files(), whole)
        what = f"{HOW[how]} ({len(places)} {'sizes' if how == 'size' else 'places'})"
        told(Row(scene, what, f"at {at}", "" if ended["killed"] else ended["said"], damage))


def differing(now: dict[str, bytes], whole: dict[str, bytes]) -> Damage:
    """Hold the files against what they would have been, but for the name of the workspace in the settings."""
    found = [("lost", name) for name in whole.keys() - now.keys()]
    same = ("curate.toml", *TOLD)
    return found + [
        ("wrong", name) for name in now if now[name] != whole.get(name) and name.rsplit("/", 1)[-1] not in same
    ]
