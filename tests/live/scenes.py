"""What commands are run in that are killed, or whose disk fails, beside a real server."""

from __future__ import annotations

import shutil
from collections.abc import Callable

from curate.api.people import ACTIVE, REGISTER
from curate.workspace import Workspace, write_private
from live.deaths import Scene
from live.dying import COMMANDS
from live.predicting import Adjudicating, Suggesting
from live.returning import Returning
from live.room import Room
from live.staffing import Qualifying, Staffing
from live.table import Damage


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

    return Scene(room.folder, reset, amiss)


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
    return Scene(room.folder, lambda: None, room.damage)


def pulling_again(room: Room) -> Scene:
    """A pull of what is new since the last."""
    COMMANDS["push"](room.folder)
    room.read()
    COMMANDS["pull"](room.folder)
    room.annotate("mast")
    return Scene(room.folder, lambda: None, room.damage)


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
    return Scene(room.folder, lambda: None, list)


def adjudicating(room: Room) -> Scene:
    """What is open is brought to people, from nothing."""
    made = Adjudicating.of(room)
    return Scene(room.folder, made.forget, made.damage)


def of(kind: type[Suggesting | Returning | Staffing | Qualifying]) -> Callable[[Room], Scene]:
    """Make the scene of a room of some kind."""

    def make(room: Room) -> Scene:
        made = kind.of(room)
        return Scene(room.folder, made.reset, made.damage)

    return make


SCENES: dict[str, tuple[str, Callable[[Room], Scene]]] = {
    "push": ("push", pushing),
    "pull": ("pull", pulling),
    "pull again": ("pull", pulling_again),
    "check": ("check", checking),
    "assign": ("assign", assigning),
    "suggest": ("suggest", of(Suggesting)),
    "adjudicate": ("adjudicate", adjudicating),
    "send-back": ("send-back", of(Returning)),
    "people add": ("people add", of(Staffing)),
    "people qualify": ("people qualify", of(Qualifying)),
}
"""The command of each scene, and what makes it."""
