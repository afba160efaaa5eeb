"""Push and pull killed at every write and request, and with a disk that fails: the next one sets everything right."""

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

from curate import api
from curate.labelstudio import server
from live.faults import Proxy
from live.test_faults import Room

EVERY = bool(os.environ.get("CURATE_ALL_FAULTS"))
SIZES = (0, 60, 1000)
"""Bytes that no file may exceed, as on a disk that fills up in the middle of a write."""


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


@pytest.fixture
def room(
    tmp_path: Path, new_project: Callable[..., AbstractContextManager[Path]], label_studio: server.RunningServer
) -> Iterator[Room]:
    """A project of four short articles, nothing pushed yet."""
    with new_project(tmp_path / "mortal") as folder:
        made = Room(folder, Proxy(label_studio.url), label_studio.url)
        made.write({name: f"A {name} fell on the town." for name in ("tree", "wall", "mast", "roof")})
        yield made


def some(steps: int, few: int) -> list[int]:
    """Choose steps: all of them where everything is tried, else a few, spread out."""
    return list(range(1, steps + 1)) if EVERY else sorted({1 + step * (steps - 1) // few for step in range(few + 1)})


def files(folder: Path) -> dict[str, bytes]:
    """Every file of exports and of what is private to the project, but for the moment of the last pull."""
    found = [path for kind in ("exports", ".curate") for path in sorted((folder / kind).rglob("*")) if path.is_file()]
    return {
        str(path.relative_to(folder)): path.read_bytes() for path in found if path.name not in ("pulled.json", "lock")
    }


def test_a_push_that_is_killed_goes_on(room: Room, dying: Dying) -> None:
    """At each request and write, before it and after: one push later there is one task of each article."""
    settings = room.folder / "curate.toml"
    original = settings.read_text(encoding="utf-8")

    def anew(number: int) -> None:
        """Make it another workspace, for which nothing is on the server."""
        workspace = original.split('workspace = "', 1)[1].split('"', 1)[0]
        settings.write_text(original.replace(workspace, f"{workspace}-{number}"), encoding="utf-8")
        shutil.rmtree(room.folder / "exports", ignore_errors=True)

    anew(0)
    steps = dying.run("push", room.folder)["steps"]
    assert not room.whole()
    for at in some(steps, 2):
        anew(at)
        assert dying.run("push", room.folder, "kill", at)["killed"]
        assert dying.run("push", room.folder)["said"] == ""
        assert not room.whole(), at
        assert len(room.projects()) == 1
        assert api.push(room.folder, dry_run=True).plan.changes == 0
    sys.stdout.write(f"push killed at {len(some(steps, 2))} of {steps} places, before and after each\n")


@pytest.mark.parametrize("how", ["kill", "disk", "size"])
def test_a_pull_that_dies_leaves_nothing_half(room: Room, dying: Dying, how: str) -> None:
    """Killed, or on a failing disk: one pull later every file is byte for byte what it would have been."""
    api.push(room.folder)
    for name in ("tree", "roof"):
        room.annotate(name)
    [task] = [one["id"] for one in room.tasks() if one["data"]["article_id"] == "wall"]
    room.ask("POST", f"/api/tasks/{task}/drafts", {"result": [], "lead_time": 1})
    api.pull(room.folder)
    key = (room.folder / ".curate" / "pseudonym.key").read_bytes()

    def forget() -> None:
        """Take away all that pulls have written but the key that names people."""
        shutil.rmtree(room.folder / "exports")
        for path in (room.folder / ".curate").iterdir():
            if path.name != "pseudonym.key":
                path.unlink()

    forget()
    api.push(room.folder)
    steps = dying.run("pull", room.folder, "disk" if how == "disk" else "count")["steps"]
    whole = files(room.folder)
    places = list(SIZES) if how == "size" else some(steps, 2)
    for at in places:
        forget()
        api.push(room.folder)
        ended = dying.run("pull", room.folder, how, at)
        assert ended["killed"] if how == "kill" else "can't be" in ended["said"], (at, ended)
        left = {name: content for name, content in files(room.folder).items() if name in whole and "books" not in name}
        assert all(whole[name] == content for name, content in left.items() if name.endswith("l")), at
        assert dying.run("pull", room.folder)["said"] == ""
        assert files(room.folder) == whole, at
    assert (room.folder / ".curate" / "pseudonym.key").read_bytes() == key
    sys.stdout.write(f"pull, {how}: {len(places)} places of {steps}\n")
