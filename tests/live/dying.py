"""Run commands in processes of their own that die, or whose disk fails, at a chosen write; a program for tests.

Reads jobs as JSON lines: ``command``, ``folder``, ``how`` (count, kill, disk or size) and ``at``, the write at which
that happens, or the size that no file may exceed. Answers each with how the process ended, how many such places it
passed, and what it said. A write is whatever changes a disk or a server.
"""

from __future__ import annotations

import errno
import json
import os
import resource
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import label_studio_sdk.client

from curate import api, checking
from curate.adjudication import settling
from curate.errors import CurateError
from curate.labelstudio import adjudicating, pulling, pushing, suggesting
from curate.suggesters import making

LOADED = (label_studio_sdk.client, checking, settling, pulling, making)
"""What a command would load each time anew."""
COMMANDS: dict[str, Callable[[Path], object]] = {
    "push": api.push,
    "pull": api.pull,
    "check": api.check,
    "assign": lambda folder: api.assign(folder, refresh=False),
    "suggest": lambda folder: api.suggest("mark:mark", folder),
    "adjudicate": lambda folder: api.adjudicate("agree", folder, push=True),
}
DISK = ("replace", "fsync", "unlink", "chmod")


class Steps:
    """Counts what a process writes to disk and server, and lets one of the writes go wrong."""

    def __init__(self, how: str, at: int) -> None:
        self.how, self.at, self.taken = how, at, 0

    def around(self, name: str, doing: Any, writes: Callable[..., bool] = lambda *_, **__: True) -> Any:
        """Let something go wrong before a write: after it is before the next one, for all that a disk or server holds.

        A disk fails neither over requests nor where something is removed.
        """
        passed_over = ("unlink", "a request") if self.how == "disk" else ()

        def step(*arguments: Any, **named: Any) -> Any:
            if name not in passed_over and writes(*arguments, **named):
                self.taken += 1
                if self.taken == self.at and self.how == "kill":
                    os.kill(os.getpid(), signal.SIGKILL)
                if self.taken == self.at and self.how == "disk":
                    raise OSError(errno.ENOSPC if self.at % 2 else errno.EIO, f"a fault at {name}")
            return doing(*arguments, **named)

        return step


def run(job: dict[str, Any], told: int) -> None:
    """Run one command; what it came to is written to the pipe."""
    steps = Steps(job["how"], job["at"])
    if job["how"] == "size":
        resource.setrlimit(resource.RLIMIT_FSIZE, (job["at"], job["at"]))
    for module in (pushing, suggesting):
        module.BATCH = 2
    adjudicating.BATCH = 1
    for name in DISK:
        setattr(os, name, steps.around(name, getattr(os, name)))
    os.mkdir = steps.around("mkdir", os.mkdir, lambda path, *_, **__: not os.path.isdir(path))
    os.open = steps.around("open", os.open, lambda _, flags, *__, **___: flags & os.O_CREAT)  # type: ignore[assignment]
    send = steps.around("a request", httpx.Client.send, lambda _, request, **__: request.method != "GET")
    httpx.Client.send = send  # type: ignore[method-assign]
    said = ""
    try:
        COMMANDS[job["command"]](Path(job["folder"]))
    except CurateError as error:
        said = error.message
    os.write(told, json.dumps({"steps": steps.taken, "said": said}).encode())


def main() -> None:
    """Answer jobs until there are none."""
    sys.dont_write_bytecode = True
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
