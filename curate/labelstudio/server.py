"""A Label Studio of a project's own: the pip package on SQLite, on this machine only unless asked otherwise.

A server counts as ours when its process is the one we started and its address knows our token.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path

from curate.errors import ServerError, UsageError
from curate.labelstudio.answering import invite_url, not_ours
from curate.labelstudio.folder import (
    Credentials,
    credentials_for_start,
    keep_credentials,
    locked,
    log_file,
    process_file,
    read_credentials,
    read_process,
    running,
    server_folder,
    starting_file,
    write_note,
)
from curate.labelstudio.listening import LOOPBACK, Listening, choose_port, environment, listening
from curate.labelstudio.processes import Process, began_at, end
from curate.labelstudio.upgrading import copy_before_change
from curate.labelstudio.versions import note_used

READY_SECONDS = 300.0
ANSWER_SECONDS = 60.0
ENDING_PATIENCE = 20
"""How often, every tenth of a second, we look whether a server that doesn't answer is gone."""

_COMMAND = (sys.executable, "-P", "-m", "label_studio.server", "start", "--no-browser")
_LISTENING = re.compile(r"Starting development server at http://[0-9.]+:(\d+)/")
_MIGRATING = "Initializing database"

Progress = Callable[[str], None]


@dataclass(frozen=True)
class RunningServer:
    """A server that is up and ours; ``started`` is False when it was up already.

    ``host`` is the address it listens on, ``public_url`` what people open where that isn't ``url`` (else empty).
    """

    url: str
    pid: int
    email: str
    invite_url: str | None
    log: Path
    started: bool
    host: str = LOOPBACK
    public_url: str = ""


@dataclass(frozen=True)
class ServerStatus:
    """What is known of a project's server; url, pid and invite_url are None when it is down.

    ``invite_url`` is None too while a running server gives no answer.
    """

    running: bool
    url: str | None
    pid: int | None
    email: str | None
    invite_url: str | None
    log: Path
    host: str = LOOPBACK
    public_url: str = ""


def start(
    folder: Path,
    *,
    port: int = 0,
    host: str | None = None,
    public_url: str = "",
    progress: Progress = lambda _: None,
) -> RunningServer:
    """Start the project's server, wait until it answers, and return it; one that is up is left as it is.

    ``folder`` is the project's ``.curate`` folder. Port 0 is the port of the last time, else a free one. ``host`` is
    the address of this machine to listen on, ``public_url`` what people open where that is another; neither is
    remembered, so that a server is open to others only where this start asks for it.
    Two starts at once give one server. Raises UsageError for an impossible port, host or public URL, and ServerError
    when Label Studio isn't installed, the port is taken, the server is up elsewhere than asked, or it ends or gives
    no answer in time; then nothing is left running.
    """
    if not 0 <= port <= 65535:
        raise UsageError(f"port {port} does not exist", "choose one from 1024 to 65535, or none")
    where = listening(host or LOOPBACK, public_url)
    if find_spec("label_studio") is None:
        raise ServerError("Label Studio is not installed", "pip install 'curate-events[server]'")
    if began_at(os.getpid()) is None:
        raise ServerError("the command ps here does not tell start times", "install procps")
    with locked(folder, progress):
        up = running(folder)
        if up is not None and not _is_ending(folder, up):
            return _already_up(folder, up, where if host or public_url else None)
        _end_leftover(folder)
        credentials = replace(credentials_for_start(folder), public_url=where.public_url)
        copy_before_change(folder, progress)
        return _launch(folder, credentials, where, choose_port(port, credentials.url, where.host), progress)


def stop(folder: Path) -> bool:
    """Stop the project's server; False when none was running. Data and credentials stay.

    Only a process that has both the pid and the start time we wrote down gets a signal.
    Raises ServerError when it can't be ended.
    """
    if not server_folder(folder).is_dir():
        return False
    with locked(folder):
        up = running(folder)
        if up is not None:
            end(up)
        process_file(folder).unlink(missing_ok=True)
        _end_leftover(folder)
    return up is not None


def status(folder: Path) -> ServerStatus:
    """Tell whether the project's server runs and where, changing nothing.

    Raises ServerError when ``credentials.json`` can't be read.
    """
    log = log_file(folder)
    credentials = read_credentials(folder)
    email = credentials.email if credentials else None
    up = running(folder)
    if up is None:
        return ServerStatus(False, None, None, email, None, log)
    invite = invite_url(up.url, credentials) if credentials else None
    public = credentials.public_url if credentials else ""
    return ServerStatus(True, up.url, up.pid, email, invite, log, up.host or LOOPBACK, public)


def _end_leftover(folder: Path) -> None:
    """Clear what a start left that was itself killed: its notes, and a half-started server on our data."""
    starting = read_process(starting_file(folder))
    if starting is not None:
        end(starting)
    starting_file(folder).unlink(missing_ok=True)
    process_file(folder).unlink(missing_ok=True)


def _is_ending(folder: Path, up: Process) -> bool:
    """Tell whether a server that is there gives no answer because it is on its way out, and wait until it is gone."""
    credentials = read_credentials(folder)
    for _ in range(ENDING_PATIENCE if credentials and not_ours(up.url, credentials) else 0):
        if running(folder) is None:
            return True
        time.sleep(0.1)
    return False


def _already_up(folder: Path, up: Process, asked: Listening | None) -> RunningServer:
    credentials = read_credentials(folder)
    trouble = not_ours(up.url, credentials) if credentials else "credentials.json is gone"
    if credentials is None or trouble:
        raise ServerError(
            f"the server at {up.url} (pid {up.pid}) runs, but {trouble}",
            "curate server stop, then curate server start",
        )
    host = up.host or LOOPBACK
    if asked is not None and asked != Listening(host, credentials.public_url):
        raise ServerError(
            f"the server is up already, on {host}" + (f" as {credentials.public_url}" * bool(credentials.public_url)),
            "curate server stop, then start it as you want it",
        )
    invite = invite_url(up.url, credentials)
    return RunningServer(
        up.url, up.pid, credentials.email, invite, log_file(folder), False, host, credentials.public_url
    )


def _launch(folder: Path, credentials: Credentials, where: Listening, port: int, progress: Progress) -> RunningServer:
    """Run the server, prove that it is ours, and only then write down where it is."""
    log = log_file(folder)
    progress(f"starting Label Studio on port {port}")
    with suppress(FileNotFoundError):
        log.replace(log.with_name("server.previous.log"))
    with open(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as out:
        # A session of its own: Ctrl-C in the terminal must not end a server that was to stay.
        child = subprocess.Popen(
            [*_COMMAND, "--internal-host", where.host, "--port", str(port)],
            env=environment(folder, credentials, where),
            cwd=server_folder(folder),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        process = Process(child.pid, began_at(child.pid) or "", "", where.host)
        write_note(starting_file(folder), vars(process))
        url = _wait_until_ready(child, log, credentials, where, progress)
        keep_credentials(folder, replace(credentials, url=url))
        note_used(folder)
        write_note(process_file(folder), vars(replace(process, url=url)))
    except BaseException:
        end(Process(child.pid, began_at(child.pid) or "", ""))
        child.wait()
        process_file(folder).unlink(missing_ok=True)
        raise
    finally:
        starting_file(folder).unlink(missing_ok=True)
    child.returncode = 0  # It outlives us on purpose; else Popen would warn that it still runs.
    progress(f"Label Studio is ready at {url}")
    invite = invite_url(url, credentials)
    return RunningServer(url, child.pid, credentials.email, invite, log, True, where.host, where.public_url)


def _wait_until_ready(
    child: subprocess.Popen[bytes], log: Path, credentials: Credentials, where: Listening, progress: Progress
) -> str:
    """Wait for the address in the log to answer as ours; return it, or ServerError."""
    deadline = time.monotonic() + READY_SECONDS
    trouble, url, told = "it never said where it listens", "", False
    while time.monotonic() < deadline:
        written = log.read_text(encoding="utf-8", errors="replace")
        if child.poll() is not None:
            raise _failed(f"Label Studio ended with code {child.returncode}", log, credentials)
        if _MIGRATING in written and not told:
            progress("preparing the database: half a minute to two minutes at the first start")
            told = True
        # The port in the log, not the one asked for: Label Studio moves on in silence when that is taken.
        told_port = _LISTENING.search(written)
        if told_port:
            if not url:
                deadline = min(deadline, time.monotonic() + ANSWER_SECONDS)
            url = where.reached_at(int(told_port[1]))
            trouble = not_ours(url, credentials)
            if not trouble and child.poll() is None:
                return url
        time.sleep(0.2)
    raise _failed(f"Label Studio isn't ready: {trouble}", log, credentials)


def _failed(what: str, log: Path, credentials: Credentials) -> ServerError:
    written = log.read_text(encoding="utf-8", errors="replace")
    lines = [line.strip() for line in written.splitlines() if re.search(r"\w", line)]
    last = lines[-1] if lines else "(nothing)"
    for secret in (credentials.password, credentials.api_key):
        last = last.replace(secret, "***")
    return ServerError(f"{what}; the last line of its log: {last}", f"read {log}, then start again")
