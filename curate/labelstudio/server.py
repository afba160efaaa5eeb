"""A Label Studio of a project's own: the pip package on SQLite, listening on this machine only.

What belongs to it stands in the project's ``.curate`` folder: ``server/data`` (database, media),
``server/server.log`` and the log of the run before, ``server/process.json`` while it is up, and
``credentials.json`` (0600).
A server counts as ours when its process is the one we started and its address knows our token.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from http.client import HTTPException
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urljoin
from urllib.request import ProxyHandler, Request, build_opener

from curate.errors import ServerError, UsageError
from curate.labelstudio.processes import Process, began_at, end, lives

HOST = "127.0.0.1"
PORTS = range(20000, 32000)
PORT_PATIENCE = 30
EMAIL = "curate@localhost"
READY_SECONDS = 300.0
ANSWER_SECONDS = 60.0

# The last two decide whether the same interpreter finds the packages that we found.
_PASSED_ON = ("PATH", "HOME", "LANG", "TMPDIR", "TZ", "VIRTUAL_ENV", "PYTHONPATH", "LD_LIBRARY_PATH")
_COMMAND = (sys.executable, "-P", "-m", "label_studio.server", "start", "--no-browser")
_LISTENING = re.compile(r"Starting development server at (http://127\.0\.0\.1:\d+)/")
_LOCAL_URL = re.compile(r"http://127\.0\.0\.1:(\d+)")
_MIGRATING = "Initializing database"


@dataclass(frozen=True)
class Credentials:
    """The account that curate itself uses; ``url`` is empty until the server was up once."""

    url: str
    email: str
    password: str = field(repr=False)
    api_key: str = field(repr=False)


@dataclass(frozen=True)
class RunningServer:
    """A server that is up and ours; ``started`` is False when it was up already."""

    url: str
    pid: int
    email: str
    invite_url: str | None
    log: Path
    started: bool


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


def start(folder: Path, *, port: int = 0, progress: Callable[[str], None] = lambda _: None) -> RunningServer:
    """Start the project's server, wait until it answers, and return it; one that is up is left as it is.

    ``folder`` is the project's ``.curate`` folder. Port 0 is the port of the last time, else a free one.
    Two starts at once give one server. Raises UsageError for an impossible port, and ServerError when
    Label Studio isn't installed, the port is taken, or the server ends or gives no answer in time;
    then nothing is left running.
    """
    if not 0 <= port <= 65535:
        raise UsageError(f"port {port} does not exist", "choose one from 1024 to 65535, or none")
    if find_spec("label_studio") is None:
        raise ServerError("Label Studio is not installed", "pip install 'curate-events[server]'")
    if began_at(os.getpid()) is None:
        raise ServerError("the command ps here does not tell start times", "install procps")
    with _locked(folder, progress):
        running = _running(folder)
        if running is not None:
            return _already_up(folder, running)
        _end_leftover(folder)
        credentials = _credentials_for_start(folder)
        return _launch(folder, credentials, _choose_port(port, credentials.url), progress)


def stop(folder: Path) -> bool:
    """Stop the project's server; False when none was running. Data and credentials stay.

    Only a process that has both the pid and the start time we wrote down gets a signal.
    Raises ServerError when it can't be ended.
    """
    if not _server(folder).is_dir():
        return False
    with _locked(folder, lambda _: None):
        running = _running(folder)
        if running is not None:
            end(running)
        _process_file(folder).unlink(missing_ok=True)
        _end_leftover(folder)
    return running is not None


def status(folder: Path) -> ServerStatus:
    """Tell whether the project's server runs and where, changing nothing.

    Raises ServerError when ``credentials.json`` can't be read.
    """
    log = _server(folder) / "server.log"
    credentials = read_credentials(folder)
    email = credentials.email if credentials else None
    running = _running(folder)
    if running is None:
        return ServerStatus(False, None, None, email, None, log)
    invite_url = _invite_url(running.url, credentials.api_key) if credentials else None
    return ServerStatus(True, running.url, running.pid, email, invite_url, log)


def read_credentials(folder: Path) -> Credentials | None:
    """Read ``credentials.json``; None when there is none. Raises ServerError when it can't be read."""
    path = folder / "credentials.json"
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return Credentials(*(str(found[name]) for name in ("url", "email", "password", "api_key")))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ServerError(
            f"can't read {path}: {type(error).__name__}", "restore it from a backup of the project"
        ) from error


def _server(folder: Path) -> Path:
    return folder.absolute() / "server"


def _process_file(folder: Path) -> Path:
    return _server(folder) / "process.json"


def _starting_file(folder: Path) -> Path:
    return _server(folder) / "starting.json"


def _write(path: Path, content: Mapping[str, Any]) -> None:
    """Put JSON at ``path`` whole or not at all, readable by its owner alone from the first byte on."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    temporary.unlink(missing_ok=True)
    try:
        with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
            out.write(json.dumps(content, indent=2) + "\n")
            out.flush()
            os.fsync(out.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def _locked(folder: Path, progress: Callable[[str], None]) -> Iterator[None]:
    """Keep other starts and stops of this folder waiting; the kernel lets go when we die."""
    _server(folder).mkdir(mode=0o700, parents=True, exist_ok=True)
    with open(_server(folder) / "lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress("another start or stop of this server is under way: waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _running(folder: Path) -> Process | None:
    noted = _noted(_process_file(folder))
    return noted if noted is not None and lives(noted) else None


def _noted(path: Path) -> Process | None:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return Process(int(found["pid"]), str(found["began"]), str(found["url"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _end_leftover(folder: Path) -> None:
    """Clear what a start left that was itself killed: its notes, and a half-started server on our data."""
    starting = _noted(_starting_file(folder))
    if starting is not None:
        end(starting)
    _starting_file(folder).unlink(missing_ok=True)
    _process_file(folder).unlink(missing_ok=True)


def _already_up(folder: Path, running: Process) -> RunningServer:
    credentials = read_credentials(folder)
    trouble = _not_ours(running.url, credentials) if credentials else "credentials.json is gone"
    if credentials is None or trouble:
        raise ServerError(
            f"the server at {running.url} (pid {running.pid}) runs, but {trouble}",
            "curate server stop, then curate server start",
        )
    invite_url = _invite_url(running.url, credentials.api_key)
    log = _server(folder) / "server.log"
    return RunningServer(running.url, running.pid, credentials.email, invite_url, log, started=False)


def _credentials_for_start(folder: Path) -> Credentials:
    """The project's credentials, made up at the first start and written before the server learns them."""
    credentials = read_credentials(folder)
    if credentials is not None:
        if credentials.url and not _LOCAL_URL.fullmatch(credentials.url):
            raise ServerError(
                f"{folder / 'credentials.json'} belongs to {credentials.url}, not to a local server",
                "move it away to begin with a server of the project's own",
            )
        return credentials
    data = _server(folder) / "data"
    if (data / "label_studio.sqlite3").exists():
        raise ServerError(
            f"{data} holds a database, but {folder / 'credentials.json'} with its password is gone",
            f"restore credentials.json from a backup, or move {data} away to begin with an empty server",
        )
    # Label Studio keeps at most 40 characters of a token.
    credentials = Credentials("", EMAIL, secrets.token_urlsafe(18), secrets.token_hex(20))
    _keep(folder, credentials)
    return credentials


def _keep(folder: Path, credentials: Credentials) -> None:
    names = ("url", "email", "password", "api_key")
    _write(folder / "credentials.json", {name: getattr(credentials, name) for name in names})


def _choose_port(asked: int, last_url: str) -> int:
    """The port asked for, else the last one so that links stay good, else any free one."""
    if asked:
        if not _is_free(asked):
            raise ServerError(
                f"port {asked} on {HOST} is taken or not allowed",
                "choose another port, or none to get a free one",
            )
        return asked
    last = _LOCAL_URL.fullmatch(last_url)
    # A server that was just killed lets go of its port a moment after it counts as dead.
    for _ in range(PORT_PATIENCE if last else 0):
        if last and _is_free(int(last[1])):
            return int(last[1])
        time.sleep(0.1)
    # Below the range from which outgoing connections get theirs, so that the port is still free next time.
    for _ in range(100):
        port = PORTS[secrets.randbelow(len(PORTS))]
        if _is_free(port):
            return port
    raise ServerError(f"no free port found on {HOST}", "name one: curate server start --port 8080")


def _is_free(port: int) -> bool:
    with socket.socket() as attempt:
        # As Label Studio's own server does; else a port just left counts as taken for a minute.
        attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            attempt.bind((HOST, port))
        except OSError:
            return False
        return True


def _environment(folder: Path, credentials: Credentials) -> dict[str, str]:
    """What the server gets to know: the user's basics, our account, and no reason to call anywhere."""
    kept = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    kept |= {name: value for name, value in os.environ.items() if name.startswith("LC_")}
    return kept | {
        "PYTHONUNBUFFERED": "1",
        "PYTHONUTF8": "1",
        "LABEL_STUDIO_BASE_DATA_DIR": str(_server(folder) / "data"),
        "LABEL_STUDIO_USERNAME": credentials.email,
        "LABEL_STUDIO_PASSWORD": credentials.password,
        "LABEL_STUDIO_USER_TOKEN": credentials.api_key,
        # Only heeded when the organization is made, at the first start.
        "LABEL_STUDIO_ENABLE_LEGACY_API_TOKEN": "true",
        "DISABLE_SIGNUP_WITHOUT_LINK": "true",
        "COLLECT_ANALYTICS": "false",
        "LATEST_VERSION_CHECK": "false",
        "SENTRY_DSN": "",
        "FRONTEND_SENTRY_DSN": "",
    }


def _launch(folder: Path, credentials: Credentials, port: int, progress: Callable[[str], None]) -> RunningServer:
    """Run the server, prove that it is ours, and only then write down where it is."""
    log = _server(folder) / "server.log"
    progress(f"starting Label Studio on port {port}")
    with suppress(FileNotFoundError):
        log.replace(log.with_name("server.previous.log"))
    with open(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as out:
        # A session of its own: Ctrl-C in the terminal must not end a server that was to stay.
        child = subprocess.Popen(
            [*_COMMAND, "--internal-host", HOST, "--port", str(port)],
            env=_environment(folder, credentials),
            cwd=_server(folder),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        process = Process(child.pid, began_at(child.pid) or "", "")
        _write(_starting_file(folder), vars(process))
        url = _wait_until_ready(child, log, credentials, progress)
        _keep(folder, replace(credentials, url=url))
        _write(_process_file(folder), vars(replace(process, url=url)))
    except BaseException:
        end(Process(child.pid, began_at(child.pid) or "", ""))
        child.wait()
        _process_file(folder).unlink(missing_ok=True)
        raise
    finally:
        _starting_file(folder).unlink(missing_ok=True)
    child.returncode = 0  # It outlives us on purpose; else Popen would warn that it still runs.
    progress(f"Label Studio is ready at {url}")
    invite_url = _invite_url(url, credentials.api_key)
    return RunningServer(url, child.pid, credentials.email, invite_url, log, started=True)


def _wait_until_ready(
    child: subprocess.Popen[bytes], log: Path, credentials: Credentials, progress: Callable[[str], None]
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
        listening = _LISTENING.search(written)
        if listening:
            if not url:
                deadline = min(deadline, time.monotonic() + ANSWER_SECONDS)
            url = listening[1]
            trouble = _not_ours(url, credentials)
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


def _ask(url: str, path: str, api_key: str) -> dict[str, Any]:
    """GET an object from the server, past any proxy; raises OSError, HTTPException or ValueError."""
    request = Request(urljoin(url, path), headers={"Authorization": f"Token {api_key}"})
    with build_opener(ProxyHandler({})).open(request, timeout=10) as answer:
        found = json.loads(answer.read())
    if not isinstance(found, dict):
        raise ValueError("the answer is no JSON object")
    return found


def _not_ours(url: str, credentials: Credentials) -> str:
    """Why the server at ``url`` doesn't pass for ours; empty when it knows our token as our account."""
    try:
        email = _ask(url, "/api/current-user/whoami", credentials.api_key).get("email")
    except (OSError, HTTPException, ValueError) as error:
        return f"{url} does not take our token ({error})"
    return "" if email == credentials.email else f"{url} takes our token for another account"


def _invite_url(url: str, api_key: str) -> str | None:
    """The link by which annotators sign up; None when the server gives no answer."""
    try:
        path = _ask(url, "/api/invite", api_key).get("invite_url")
    except (OSError, HTTPException, ValueError):
        return None
    return urljoin(url, path) if isinstance(path, str) else None
