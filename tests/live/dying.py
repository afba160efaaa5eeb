"""Run commands in processes of their own that die, or whose disk fails, at a chosen write; a program for tests.

Its arguments name the modules that commands would load each time anew. Reads jobs as JSON lines: ``command``,
``folder``, ``how`` (count, kill, disk or size) and ``at``, the write at which that happens, or the size that no file
may exceed. Answers each with how the process ended, how many such places it passed, and what it said. A write is
whatever changes a disk or a server.
"""

from __future__ import annotations

import builtins
import errno
import io
import json
import os
import resource
import signal
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from curate import api
from curate.errors import CurateError
from curate.text import text_sha256

COMMANDS: dict[str, Callable[[Path], object]] = {
    "push": api.push,
    "pull": api.pull,
    "check": api.check,
    "assign": lambda folder: api.assign(folder, refresh=False),
    "suggest": lambda folder: api.suggest("mark:mark", folder),
    "adjudicate": lambda folder: api.adjudicate("agree", folder, push=True),
    "send-back": api.send_back,
    "people add": lambda folder: api.add_people([address(name, folder) for name in NAMES], folder),
    "people remove": lambda folder: api.remove_people([address("ana", folder)], folder),
    "people qualify": lambda folder: api.qualify(folder, push=True),
    "people follow": api.follow,
    "add": lambda folder: api.add([folder / "new.jsonl"], folder, revise=True),
    "release": lambda folder: api.release("1.1.0", folder),
}
NAMES = ("ana", "ben", "cem")
DISK = ("replace", "rename", "fsync", "unlink", "rmdir", "chmod")
BATCHES = {
    "curate.labelstudio.pushing": 2,
    "curate.labelstudio.suggesting": 2,
    "curate.labelstudio.adjudicating": 1,
}
"""How much these write at a time, so that there is more than one time."""


def address(name: str, folder: Path) -> str:
    """Give somebody an e-mail address that nobody of another project has."""
    return f"{name}-{text_sha256(str(folder))[:10]}@example.org"


class Steps:
    """Counts what a process writes to disk and server, and lets one of the writes go wrong."""

    def __init__(self, how: str, at: int) -> None:
        self.how, self.at, self.taken = how, at, 0

    def around(self, name: str, doing: Any, writes: Callable[..., bool] = lambda *_, **__: True) -> Any:
        """Let something go wrong before a write: after it is before the next one, for all that a disk or server holds.

        A disk fails neither over requests nor where something is removed.
        """
        passed_over = ("unlink", "rmdir", "a request") if self.how == "disk" else ()

        def step(*arguments: Any, **named: Any) -> Any:
            if name not in passed_over and writes(*arguments, **named):
                self.taken += 1
                if self.taken == self.at and self.how == "kill":
                    os.kill(os.getpid(), signal.SIGKILL)
                if self.taken == self.at and self.how == "disk":
                    raise OSError(errno.ENOSPC if self.at % 2 else errno.EIO, f"a fault at {name}")
            return doing(*arguments, **named)

        return step


def watch(steps: Steps) -> None:
    """Let every write pass by those who count."""
    for name in DISK:
        setattr(os, name, steps.around(name, getattr(os, name)))
    os.mkdir = steps.around("mkdir", os.mkdir, lambda path, *_, **__: not os.path.isdir(path))
    os.open = steps.around("open", os.open, lambda _, flags, *__, **___: flags & os.O_CREAT)  # type: ignore[assignment]
    io.open = builtins.open = steps.around("open", io.open, _writes)  # type: ignore[assignment]
    if requests := sys.modules.get("httpx"):
        client = requests.Client
        client.send = steps.around("a request", client.send, lambda _, request, **__: request.method != "GET")
    if tables := sys.modules.get("pyarrow.parquet"):
        for name in ("__init__", "write_table", "close"):
            setattr(tables.ParquetWriter, name, steps.around("a table", getattr(tables.ParquetWriter, name)))


def _writes(path: Any, mode: str = "r", *_: Any, **__: Any) -> bool:
    """Tell whether a file is opened to be written; what is open already was counted."""
    return not isinstance(path, int) and mode[0] in "wax"


def run(job: dict[str, Any], told: int) -> None:
    """Run one command; what it came to is written to the pipe."""
    steps = Steps(job["how"], job["at"])
    if job["how"] == "size":
        resource.setrlimit(resource.RLIMIT_FSIZE, (job["at"], job["at"]))
    for name, number in BATCHES.items():
        if module := sys.modules.get(name):
            module.BATCH = number  # type: ignore[attr-defined]
    watch(steps)
    said = ""
    try:
        COMMANDS[job["command"]](Path(job["folder"]))
    except CurateError as error:
        said = error.message
    except Exception as error:  # noqa: BLE001 -- whoever asked is to hear of it
        said = f"unforeseen: {error!r}"
    os.write(told, json.dumps({"steps": steps.taken, "said": said}).encode())


def main() -> None:
    """Answer jobs until there are none."""
    sys.dont_write_bytecode = True
    for name in sys.argv[1:]:
        import_module(name)
    for line in sys.stdin:
        job = json.loads(line)
        os.environ.update(job.get("environment", {}))
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                run(job, writing)
            finally:
                os._exit(0)
        os.close(writing)
        with os.fdopen(reading, "rb") as pipe:
            said = pipe.read()
        _, status = os.waitpid(child, 0)
        killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        sys.stdout.write(json.dumps({"killed": killed, **json.loads(said or "{}")}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
