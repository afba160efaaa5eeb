"""The files of a project, and the only place that writes them: whole, through a temporary file and a rename."""

from __future__ import annotations

import contextlib
import fcntl
import filecmp
import hashlib
import json
import os
import secrets
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self, TypeVar

import msgspec

from curate.errors import CurateError, InputError
from curate.pseudonyms import fingerprint
from curate.records import (
    Adjudication,
    Annotation,
    Article,
    Assignment,
    Decision,
    Finding,
    Record,
    Withdrawal,
    canonical_json,
    json_lines,
)

KEY_BYTES = 64
PART = ".part"
"""How the name of a file in the making ends; before that stands which process makes it."""

IMPORTED = "-file"
"""How the names of folders end whose raw answers came from files."""

Line = TypeVar("Line", Adjudication, Article, Annotation, Assignment, Finding, Decision, Record, Withdrawal)


@dataclass(frozen=True)
class Workspace:
    """A project folder by its files."""

    folder: Path

    @property
    def articles(self) -> Path:
        """The canonical articles."""
        return self.folder / "articles.jsonl"

    @property
    def withdrawn(self) -> Path:
        """The articles that were taken back."""
        return self.folder / "withdrawn.jsonl"

    @property
    def assignments(self) -> Path:
        """Who reads what."""
        return self.folder / "assignment.jsonl"

    @property
    def gold(self) -> Path:
        """Whom texts with known answers are given to among their articles."""
        return self.folder / "gold.jsonl"

    @property
    def exports(self) -> Path:
        """The folder of all that is written for others."""
        return self.folder / "exports"

    @property
    def raw(self) -> Path:
        """What the server said, untouched."""
        return self.exports / "raw"

    @property
    def private(self) -> Path:
        """Cursor, key, credentials and server data; never shared."""
        return self.folder / ".curate"

    def kept(self, version: str) -> Path:
        """Name the folder of what a release was made from, beside the raw answers."""
        return self.raw / "releases" / version

    def raw_files(self) -> list[Path]:
        """List the files of raw answers, and the schemas that they are read by."""
        return sorted(path for kind in ("project-*/*.jsonl", "schemas/*.yaml") for path in self.raw.glob(kind))

    def export(self, name: str) -> Path:
        """Name a file of the exports folder."""
        return self.exports / name


class Replacement:
    """A file in the making: written beside the one it is to replace, which it does whole or not at all.

    What ends the ``with`` block without ``commit`` leaves everything as it was. ``private`` files get mode 0600.
    Raises CurateError when the place can't be written.
    """

    def __init__(self, path: Path, *, private: bool = False) -> None:
        self._path, self._private = path, private
        self._name: str | None = None

    def __enter__(self) -> Self:
        with self._writable():
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700 if self._private else 0o777)
            handle, self._name = tempfile.mkstemp(PART, f".{self._path.name}.{os.getpid()}.", self._path.parent)
            self._stream = os.fdopen(handle, "wb")
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._stream.close()
        if self._name is not None:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self._name)

    def write(self, content: bytes) -> None:
        """Add to what will be the file's content."""
        with self._writable():
            self._stream.write(content)

    def changes(self) -> bool:
        """Tell whether the content differs from the file that is there."""
        with self._writable():
            self._stream.flush()
            return not self._path.is_file() or not filecmp.cmp(str(self._name), self._path, shallow=False)

    def commit(self) -> bool:
        """Put the file in its place, and tell whether that changed anything."""
        if not self.changes():
            return False
        with self._writable():
            os.fsync(self._stream.fileno())
            if not self._private:
                os.chmod(str(self._name), 0o666 & ~_umask())
            os.replace(str(self._name), self._path)
            self._name = None
        return True

    @contextlib.contextmanager
    def _writable(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise CurateError(
                f"{self._path}: can't be written ({error.strerror or error}).",
                "Make the folder writable or free some space.",
            ) from error


def write_atomic(path: Path, content: bytes, *, private: bool = False) -> bool:
    """Write a file whole or not at all; tell whether anything changed. ``private`` files get mode 0600.

    Raises CurateError when the place can't be written.
    """
    with contextlib.suppress(OSError):
        if path.is_file() and path.read_bytes() == content:
            return False
    with Replacement(path, private=private) as replacement:
        replacement.write(content)
        return replacement.commit()


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def check_writable(folder: Path) -> None:
    """Raise CurateError unless files can be made in the folder, before any work is done for it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise CurateError(
            f"{folder}: can't be written ({error.strerror or error}).",
            "Make it a folder that you can write to.",
        ) from error


@contextlib.contextmanager
def locked(workspace: Workspace) -> Iterator[None]:
    """Keep a second command from changing the project at the same time."""
    path = workspace.private / "lock"
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        opened = path.open("w")
    except OSError as error:
        raise CurateError(
            f"{path.parent}: can't be used ({error.strerror}).", "Make it a folder that you can write to."
        ) from error
    with opened as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise CurateError(
                f"{workspace.folder}: another curate command is at work here.", "Wait until it has ended."
            ) from error
        _remove_leftovers(workspace)
        yield


def _remove_leftovers(workspace: Workspace) -> None:
    """Remove what processes that were killed left half-written."""
    folders = (workspace.folder, workspace.private, workspace.exports, *workspace.raw.glob("**/"))
    for path in (path for folder in folders for path in folder.glob(f".*{PART}")):
        maker = path.name.removesuffix(PART).rsplit(".", 2)[-2]
        if maker.isdigit() and not _runs(int(maker)):
            with contextlib.suppress(OSError):
                path.unlink()


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True


def read_lines(path: Path, kind: type[Line]) -> list[Line]:
    """Read a JSON-lines file of one data type; a missing file is empty. Raises InputError with file and line."""
    return list(stream_lines(path, kind))


def stream_lines(path: Path, kind: type[Line]) -> Iterator[Line]:
    """Read a JSON-lines file of one data type line by line, holding one at a time; see ``read_lines``."""
    if not path.is_file():
        return
    decoder = msgspec.json.Decoder(kind)
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            try:
                yield decoder.decode(line)
            except msgspec.DecodeError as error:
                raise InputError(f"{path}:{number}: {error}.", "Restore the file or make it again.") from error


def write_lines(path: Path, values: Iterable[Any]) -> bool:
    """Write values as canonical JSON lines; tell whether the file changed."""
    return write_atomic(path, json_lines(list(values)))


def read_article_versions(workspace: Workspace) -> list[Article]:
    """Read every version of the articles in the order they came; of those with one id the last counts."""
    return read_lines(workspace.articles, Article)


def read_articles(workspace: Workspace) -> dict[str, Article]:
    """Read the articles by id, each in the version that counts."""
    return {article.id: article for article in read_article_versions(workspace)}


def read_withdrawn(workspace: Workspace) -> dict[str, Withdrawal]:
    """Read the withdrawn articles by id."""
    return {withdrawal.id: withdrawal for withdrawal in read_lines(workspace.withdrawn, Withdrawal)}


def read_assignments(workspace: Workspace) -> list[Assignment] | None:
    """Read who reads what; None while everybody reads in one project."""
    return read_lines(workspace.assignments, Assignment) if workspace.assignments.is_file() else None


def read_gold(workspace: Workspace) -> list[Assignment]:
    """Read whom texts with known answers are given to, everybody's in the order they come up."""
    return read_lines(workspace.gold, Assignment) if workspace.gold.is_file() else []


def read_private(workspace: Workspace, name: str) -> Any:
    """Read a JSON file of the private folder; None when it isn't there."""
    path = workspace.private / name
    return read_json(path.read_bytes(), path) if path.is_file() else None


def read_json(content: bytes, path: Path) -> Any:
    """Read JSON, naming the file it came from where it is damaged."""
    try:
        return json.loads(content)
    except ValueError as error:
        raise InputError(
            f"{path}: damaged ({error}).", "Restore it from a copy; cursor.json may be deleted."
        ) from error


def write_private(workspace: Workspace, name: str, value: Any) -> None:
    """Write a JSON file of the private folder, readable by its owner only."""
    write_atomic(workspace.private / name, canonical_json(value), private=True)


def pseudonym_key(workspace: Workspace, *, make: bool = True) -> bytes:
    """Give the key of the project's pseudonyms, making it the first time; without ``make`` nothing is written.

    ``exports/pseudonyms.json`` holds the fingerprint of the key that the annotations were made with. Raises
    CurateError when that key is gone or is another: everybody would silently become somebody else.
    """
    path, mark = workspace.private / "pseudonym.key", workspace.export("pseudonyms.json")
    fix = f"Restore it: curate server restore FILE. If it is lost: delete {mark}, and everybody gets a new pseudonym."
    if not path.is_file():
        if mark.is_file():
            raise CurateError(f"{path}: the key of the pseudonyms is gone.", fix)
        if not make:
            return bytes(KEY_BYTES)
        write_atomic(path, secrets.token_hex(KEY_BYTES // 2).encode(), private=True)
    key = path.read_bytes()
    if len(key) < KEY_BYTES:
        raise CurateError(f"{path}: too short for a key; it is damaged.", fix)
    content = canonical_json({"key": fingerprint(key)}) + b"\n"
    if mark.is_file() and mark.read_bytes() != content:
        raise CurateError(f"{path}: not the key that the pseudonyms here were made with.", fix)
    if make:
        write_atomic(mark, content)
    return key


def raw_folders(workspace: Workspace) -> list[Path]:
    """List the folders of raw answers, one for each Label Studio project that was pulled."""
    return sorted(path for path in workspace.raw.glob("project-*") if path.is_dir())


def imported_folder(workspace: Workspace, project: int) -> Path:
    """Name the folder of raw answers about a Label Studio project that came from files and not from a server."""
    return workspace.raw / f"project-{project}{IMPORTED}"


def read_raw(folder: Path) -> Iterator[bytes]:
    """Give the raw answers of one project in the order they came, one JSON text each and one at a time."""
    for path in sorted(folder.glob("*.jsonl")):
        with path.open("rb") as lines:
            yield from filter(None, (line.rstrip(b"\n") for line in lines))


def raw_tasks(workspace: Workspace) -> dict[tuple[int, str], bytes]:
    """Hash the last answer about each task (SHA-256), by the task's number and its article's id."""
    found = {}
    for path in (path for folder in raw_folders(workspace) for path in sorted(folder.glob("*.jsonl"))):
        with path.open("rb") as stream:
            for line in stream:
                task = _raw_task.decode(line)
                if task.id is not None and task.data:
                    name = sys.intern(str(task.data.article_id))
                    found[task.id, name] = hashlib.sha256(line.rstrip(b"\n")).digest()
    return found


class _RawData(msgspec.Struct):
    article_id: str | int | None = None


class _RawTask(msgspec.Struct):
    id: int | None = None
    data: _RawData | None = None


_raw_task = msgspec.json.Decoder(_RawTask)


def next_raw(folder: Path) -> Path:
    """Name the next file of raw answers, numbered after those that are there."""
    number = max((int(path.stem) for path in folder.glob("[0-9]*.jsonl")), default=0) + 1
    return folder / f"{number:06d}.jsonl"


def add_raw(folder: Path, answers: list[bytes]) -> None:
    """Keep new raw answers in a file of their own."""
    if answers:
        write_atomic(next_raw(folder), b"".join(answer + b"\n" for answer in answers))
