"""The files of a project by name, and reading and writing them."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from curate.damage import decode, fix_of
from curate.errors import CurateError
from curate.files import write_atomic
from curate.pseudonyms import fingerprint
from curate.records import (
    Article,
    Assignment,
    Withdrawal,
    canonical_json,
    json_lines,
)

KEY_BYTES = 64
Line = TypeVar("Line", bound=msgspec.Struct)


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


def read_lines(path: Path, kind: type[Line]) -> list[Line]:
    """Read a JSON-lines file of one data type; a missing file is empty. Raises InputError with file and line."""
    return list(stream_lines(path, kind))


def stream_lines(path: Path, kind: type[Line]) -> Iterator[Line]:
    """Read a JSON-lines file of one data type line by line, holding one at a time; see ``read_lines``."""
    if not path.is_file():
        return
    decoder, fix = msgspec.json.Decoder(kind), fix_of(path)
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            yield decode(decoder.decode, line, partial("{}:{}".format, path, number), fix)


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
    """Read whom texts with known answers are given to, everybody's in the order they come up.

    A line that is there again, as two copies of a file laid together leave it, says nothing more.
    """
    return list(dict.fromkeys(read_lines(workspace.gold, Assignment)))


def read_private(workspace: Workspace, name: str) -> Any:
    """Read a JSON file of the private folder; None when it isn't there."""
    path = workspace.private / name
    return read_json(path.read_bytes(), path) if path.is_file() else None


def read_json(content: bytes, path: Path) -> Any:
    """Read JSON, naming the file it came from where it is damaged."""
    fix = "Restore it from a copy; cursor.json may be deleted." if path.suffix == ".json" else fix_of(path)
    return decode(json.loads, content, lambda: str(path), fix)


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
