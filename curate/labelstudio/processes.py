"""Processes that are ours: known by pid and start time together, so that no other is ever taken for one."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from calendar import timegm
from contextlib import suppress
from dataclasses import dataclass

from curate.errors import ServerError

STOP_SECONDS = 10.0


@dataclass(frozen=True)
class Process:
    """A process and when it began (as ``ps`` says, in UTC): together they never mean two processes.

    ``url`` is where this machine reaches it, ``host`` the address it listens on.
    """

    pid: int
    began: str
    url: str
    host: str = ""


def began_at(pid: int) -> str | None:
    """Tell when a process began, such as ``Mon Nov 23 10:53:10 2026`` (UTC); None when it is gone or a zombie."""
    command = ["ps", "-o", "stat=", "-o", "lstart=", "-p", str(pid)]
    environment = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}
    try:
        told = subprocess.run(command, env=environment, capture_output=True, text=True).stdout.split()
    except FileNotFoundError as error:
        raise ServerError("the command ps is missing", "install it (Debian: apt install procps)") from error
    return None if not told or told[0].startswith("Z") else " ".join(told[1:])


def lives(process: Process) -> bool:
    """Tell whether the very process is still there."""
    now = began_at(process.pid) if process.pid > 1 else None
    if now is None:
        return False
    try:
        told, noted = (timegm(time.strptime(text)) for text in (now, process.began))
    except ValueError:
        return False
    # Some versions of ps round the same start time differently from call to call.
    return abs(told - noted) <= 2


def end(process: Process) -> None:
    """End our process and its group: asked first, forced after ten seconds."""
    for sign, patience in ((signal.SIGTERM, STOP_SECONDS), (signal.SIGKILL, STOP_SECONDS)):
        if not lives(process):
            return
        try:
            # It leads a session of its own, so its pid is its group's id.
            os.killpg(process.pid, sign)
        except ProcessLookupError:
            return
        except PermissionError as error:
            raise ServerError(
                f"the server (pid {process.pid}) belongs to another user", "let that user stop it"
            ) from error
        deadline = time.monotonic() + patience
        while lives(process) and time.monotonic() < deadline:
            time.sleep(0.1)
        with suppress(ChildProcessError):
            os.waitpid(process.pid, os.WNOHANG)
    if lives(process):
        raise ServerError(f"the server (pid {process.pid}) can't be ended", f"kill -9 {process.pid}")
