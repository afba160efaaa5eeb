"""What a project keeps of its own server, in ``.curate``: where it stands, and who may change it.

``server/data`` (database, media), ``server/server.log`` and the log of the run before, ``server/process.json`` while
it is up, ``server/version.json`` (which Label Studio the data was last used with), and ``credentials.json``.
"""

from __future__ import annotations

import fcntl
import json
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from curate.errors import ServerError
from curate.files import write_atomic
from curate.labelstudio.processes import Process, lives

EMAIL = "curate@localhost"


@dataclass(frozen=True)
class Credentials:
    """The account that curate itself uses; ``url`` is empty until the server was up once.

    ``public_url`` is what people open, where that isn't ``url``.
    """

    url: str
    email: str
    password: str = field(repr=False)
    api_key: str = field(repr=False)
    public_url: str = ""


def server_folder(folder: Path) -> Path:
    """Name the server's own folder in ``.curate``."""
    return folder.absolute() / "server"


def database(folder: Path) -> Path:
    """Name the server's SQLite database."""
    return server_folder(folder) / "data" / "label_studio.sqlite3"


def log_file(folder: Path) -> Path:
    """Name the server's log."""
    return server_folder(folder) / "server.log"


def process_file(folder: Path) -> Path:
    """Name the note of the running server."""
    return server_folder(folder) / "process.json"


def starting_file(folder: Path) -> Path:
    """Name the note of a server that isn't ready yet."""
    return server_folder(folder) / "starting.json"


def write_note(path: Path, content: Mapping[str, Any]) -> None:
    """Put JSON at ``path`` whole or not at all, readable by its owner alone from the first byte on."""
    write_atomic(path, (json.dumps(content, indent=2) + "\n").encode(), private=True)


def read_process(path: Path) -> Process | None:
    """Read the note of a process; None when there is none, or none that can be read."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return Process(int(found["pid"]), str(found["began"]), str(found["url"]), str(found.get("host", "")))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def running(folder: Path) -> Process | None:
    """Tell the server's process if it is up: the one we started, by pid and start time."""
    noted = read_process(process_file(folder))
    return noted if noted is not None and lives(noted) else None


@contextmanager
def locked(folder: Path, progress: Callable[[str], None] = lambda _: None) -> Iterator[None]:
    """Keep other starts and stops of this folder waiting; the kernel lets go when we die."""
    for place in (folder, server_folder(folder)):  # one by one: parents would be open to others
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
    with open(server_folder(folder) / "lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress("another command is at work on this server: waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def read_credentials(folder: Path) -> Credentials | None:
    """Read ``credentials.json``; None when there is none. Raises ServerError when it can't be read."""
    path = folder / "credentials.json"
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        url, email, password, api_key = (str(found[name]) for name in ("url", "email", "password", "api_key"))
        return Credentials(url, email, password, api_key, str(found.get("public_url", "")))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ServerError(
            f"can't read {path}: {type(error).__name__}", "restore it from a backup: curate server restore FILE"
        ) from error


def keep_credentials(folder: Path, credentials: Credentials) -> None:
    """Write ``credentials.json``."""
    write_note(folder / "credentials.json", asdict(credentials))


def credentials_for_start(folder: Path) -> Credentials:
    """Give the project's credentials, made up at the first start and written before the server learns them.

    Raises ServerError where they belong to a server elsewhere, or are gone while the database is there.
    """
    credentials = read_credentials(folder)
    if credentials is not None:
        if credentials.email != EMAIL and urlsplit(credentials.url).hostname != "127.0.0.1":
            raise ServerError(
                f"{folder / 'credentials.json'} belongs to {credentials.url}, not to a local server",
                "move it away to begin with a server of the project's own",
            )
        return credentials
    data = database(folder)
    if data.exists():
        raise ServerError(
            f"{data} is there, but {folder / 'credentials.json'} with its password is gone",
            f"curate server restore FILE, or move {data.parent} away to begin with an empty server",
        )
    # Label Studio keeps at most 40 characters of a token.
    credentials = Credentials("", EMAIL, secrets.token_urlsafe(18), secrets.token_hex(20))
    keep_credentials(folder, credentials)
    return credentials
