"""A command that dies, or whose disk fails, at every write, and what its next run makes of it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from curate.files import PART
from live import dying
from live.dying import COMMANDS
from live.table import EVERY, Damage, Row, noted

SIZES = (0, 1, 60, 300, 1000, 3000, 10_000)
"""Bytes that no file may exceed, as on a disk that fills up in the middle of a write."""
HOW = {"kill": "killed at a write", "disk": "a disk that fails", "size": "a disk that is full"}
TOLD = ("pulled.json", "cursor.json")
"""Private files that tell of the moment, and nothing else."""
SERVER = ("LABEL_STUDIO_URL", "LABEL_STUDIO_API_KEY")


@dataclass
class Dying:
    """The program that runs commands which don't end well."""

    process: subprocess.Popen[str]

    def run(self, command: str, folder: Path, how: str = "count", at: int = 0) -> dict[str, Any]:
        """Run a command and give how it ended."""
        job = {"command": command, "folder": str(folder), "how": how, "at": at}
        job["environment"] = {name: os.environ[name] for name in SERVER if name in os.environ}
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps(job) + "\n")
        self.process.stdin.flush()
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        return answer


@contextmanager
def started(*modules: str) -> Iterator[Dying]:
    """Start the program once, so that the modules which its commands need are loaded once."""
    program = [sys.executable, dying.__file__, *modules]
    with subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield Dying(process)
        assert process.stdin
        process.stdin.close()


@dataclass
class Scene:
    """What a command is run in: a project's folder, and what else it has to do with.

    ``reset`` brings the server to where the command has all to do again, ``amiss`` says what is not as it should be
    there after it.
    """

    folder: Path
    reset: Callable[[], None] = lambda: None
    amiss: Callable[[], Damage] = list

    def files(self) -> dict[str, bytes]:
        """Every file of the project, and what was left half-written; of folders the names."""
        there = (path for path in sorted(self.folder.rglob("*")) if path.name not in ("lock", "__pycache__"))
        return {
            str(path.relative_to(self.folder)) + "/" * path.is_dir(): b"" if path.is_dir() else path.read_bytes()
            for path in there
            if path.parent.name != "__pycache__"
        }

    def keep(self) -> Path:
        """Copy the folder as it is, to be restored from."""
        return Path(shutil.copytree(self.folder, self.folder.with_name(f"{self.folder.name} kept")))

    def restore(self, kept: Path) -> None:
        """Put every file back as it was, and let there be all to do again."""
        shutil.rmtree(self.folder)
        shutil.copytree(kept, self.folder)
        self.reset()


def survived(name: str, command: str, scene: Scene, dying: Dying, how: str) -> None:
    """Let a command meet a fault at each place, then run it plainly: all is there once, every file as it would be.

    A few places are tried where not every fault is.
    """
    run = COMMANDS[command]
    kept, before = scene.keep(), scene.files()
    scene.reset()
    counted = dying.run(command, scene.folder, "disk" if how == "disk" else "count")
    assert not counted["said"], counted
    assert not (amiss := scene.amiss()), amiss
    whole = scene.files()
    places = list(SIZES) if how == "size" else list(range(1, counted["steps"] + 1))
    what, found = f"{HOW[how]} ({len(places)} {'sizes' if how == 'size' else 'places'})", Damage()
    for at in places if EVERY else places[:: max(len(places) - 1, 1)]:
        scene.restore(kept)
        ended = dying.run(command, scene.folder, how, at)
        damage = unforeseen(ended, how) + halves(scene.files(), before, whole) + open_secrets(scene.folder)
        run(scene.folder)
        damage += scene.amiss() + differing(scene.files(), whole) + open_secrets(scene.folder)
        noted(Row(name, what, f"at {at}", "" if ended["killed"] else ended["said"], damage))
        found += damage
    assert not found


def unforeseen(ended: dict[str, Any], how: str) -> Damage:
    """Say where a command didn't end as it should; some faults it gets around, and some files are smaller."""
    if how == "kill":
        return [] if ended["killed"] else [("wrong", f"not killed: {ended['said']}")]
    return [("wrong", "not told")] if ended["said"] and "can't be" not in ended["said"] else []


def halves(now: dict[str, bytes], before: dict[str, bytes], whole: dict[str, bytes]) -> Damage:
    """Name what has its final name and is neither as it was nor as it is to be, nor yet whole by itself."""
    found = [
        ("wrong", f"{name}, half-written")
        for name, content in now.items()
        if not re.search(rf"(^|/)\..*{PART}$|/\.\d.*/", name)
        and bare(name, content) not in [bare(name, there[name]) for there in (before, whole) if name in there]
        and not (name.endswith(".json") and _is_json(content))
    ]
    for folder in {name.rsplit("/", 1)[0] + "/" for name in whole if name.endswith("/manifest.json")} & now.keys():
        missing = [name for name in whole if name.startswith(folder) and name not in now]
        found += [("wrong", f"{folder}, without {missing[0]}")] if missing else []
    return found


def _is_json(content: bytes) -> bool:
    try:
        json.loads(content)
    except ValueError:
        return False
    return True


def differing(now: dict[str, bytes], whole: dict[str, bytes]) -> Damage:
    """Hold the files against what they would have been."""
    found = [("lost", name) for name in whole.keys() - now.keys()]
    return found + [
        ("wrong", name) for name in now if name not in whole or bare(name, now[name]) != bare(name, whole[name])
    ]


def bare(name: str, content: bytes) -> bytes:
    """Leave out of a file what tells of the moment: workspaces, passwords and the numbers of accounts made anew."""
    last = name.rsplit("/", 1)[-1]
    if last in ("curate.toml", *TOLD):
        return b""
    if last == "pushed.json" and _is_json(content):
        return json.dumps({key: said for key, said in json.loads(content).items() if key != "at"}).encode()
    if last == "people.json" and _is_json(content):
        return json.dumps(sorted(json.loads(content).values())).encode()
    return re.sub(rb"(?m)^Password: .+$", b"", content) if "/logins/" in name else content


def open_secrets(folder: Path) -> Damage:
    """Name the files that hold a secret or somebody's address and that others can read."""
    private = folder / ".curate"
    logins = b"\n".join(path.read_bytes() for path in private.glob("logins/*") if path.is_file())
    secrets: Sequence[bytes] = [
        *re.findall(rb"(?m)^Password: (.+)$", logins),
        *(path.read_bytes() for path in private.glob("pseudonym.key")),
        *re.findall(rb'[^"\s]+@example\.org', b"".join(path.read_bytes() for path in private.glob("people.json"))),
        *(os.environ[name].encode() for name in SERVER[1:] if name in os.environ),
    ]
    readable = [path for path in folder.rglob("*") if path.is_file() and path.stat().st_mode & 0o077]
    return [
        ("wrong", f"{path.relative_to(folder)}, which others can read")
        for path in readable
        if any(secret and secret in path.read_bytes() for secret in secrets)
    ]
