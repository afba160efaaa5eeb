"""Run commands in processes of their own that die, or whose disk fails, at a chosen step; a program for tests.

Reads jobs as JSON lines: ``command`` (push or pull), ``folder``, ``how`` (count, kill, disk or size) and ``at``, the
step at which that happens, or the size that no file may exceed. Answers each with how the process ended, how many
steps it took, and what it said.
"""

from __future__ import annotations

import errno
import json
import os
import resource
import signal
import sys
from pathlib import Path
from typing import Any

import httpx
import label_studio_sdk.client  # noqa: F401

from curate import api
from curate.errors import CurateError


class Steps:
    """Counts what a process does to disk and server, and lets one of the steps go wrong."""

    def __init__(self, how: str, at: int) -> None:
        self.how, self.at, self.taken = how, at, 0

    def around(self, name: str, doing: Any, *, disk: bool) -> Any:
        """Let something go wrong before a step, or, for every other number, after it."""

        def step(*arguments: Any, **named: Any) -> Any:
            if self.how == "disk" and not disk:
                return doing(*arguments, **named)
            self.taken += 1
            if self.taken == self.at and self.how == "kill":
                os.kill(os.getpid(), signal.SIGKILL)
            if self.taken == self.at and self.how == "disk":
                raise OSError(errno.ENOSPC if self.at % 2 else errno.EIO, f"a fault at {name}")
            done = doing(*arguments, **named)
            self.taken += self.how != "disk"
            if self.taken == self.at and self.how == "kill":
                os.kill(os.getpid(), signal.SIGKILL)
            return done

        return step


def run(job: dict[str, Any], told: int) -> None:
    """Run one command; what it came to is written to the pipe."""
    steps = Steps(job["how"], job["at"])
    if job["how"] == "size":
        resource.setrlimit(resource.RLIMIT_FSIZE, (job["at"], job["at"]))
    for name in ("replace", "fsync", "unlink"):
        setattr(os, name, steps.around(name, getattr(os, name), disk=name != "unlink"))
    httpx.Client.send = steps.around("a request", httpx.Client.send, disk=False)  # type: ignore[method-assign]
    said = ""
    try:
        getattr(api, job["command"])(Path(job["folder"]))
    except CurateError as error:
        said = error.message
    os.write(told, json.dumps({"steps": steps.taken, "said": said}).encode())


def main() -> None:
    """Answer jobs until there are none."""
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
