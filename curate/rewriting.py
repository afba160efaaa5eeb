"""Files made anew from what they held and from what is new; untouched where all of it stays."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Self

from curate.errors import CurateError
from curate.files import Replacement

BLOCK = 1_000_000
"""Bytes that are copied at a time."""


class Rewritten:
    """A file in the making of which most may stay: it is not even opened as long as everything does.

    Pieces of the file that is there come in order, each kept or left out; with ``fresh`` there are none. ``before`` is
    the hash of what is there, null where nothing is, or where it isn't known.
    """

    def __init__(self, path: Path, *, fresh: bool, before: str | None = None, private: bool = False) -> None:
        self.path, self.lines = path, 0
        self._fresh, self._before, self._private = fresh, before, private
        self._new: Replacement | None = None
        self._old: BinaryIO | None = None
        self._hash = hashlib.sha256()
        self._copied = self._kept = 0

    def __enter__(self) -> Self:
        if self._fresh:
            self._open()
        return self

    def __exit__(self, *_: object) -> None:
        if self._new:
            self._new.__exit__()
        if self._old:
            self._old.close()

    def keep(self, size: int, lines: int) -> None:
        """Take the next bytes of the file as they are."""
        self._kept += size
        self.lines += lines

    def leave_out(self, size: int) -> None:
        """Pass over the next bytes of the file."""
        if size:
            self._copy()
            self._kept += size
            self._copied = self._kept

    def add(self, content: bytes, lines: int) -> None:
        """Put in what is new."""
        if content:
            self._copy()
            self._write(content)
            self.lines += lines

    def changes(self) -> bool:
        """Tell whether the content differs from the file that is there."""
        if self._new is None:
            return False
        return self.hash() != self._before if self._before else self._new.changes()

    def commit(self) -> None:
        """Put the file in its place, if anything changed."""
        if self._new is not None and self.changes():
            self._new.commit()

    @property
    def untouched(self) -> bool:
        """Whether everything so far stays as it is."""
        return self._new is None

    def hash(self) -> str | None:
        """Hash all that is in it so far."""
        if self._new is None:
            return self._before
        self._copy()
        return self._hash.hexdigest()

    def content(self) -> Iterator[bytes]:
        """Give the lines of all that is in it so far."""
        if self._new is not None:
            self._copy()
            yield from self._new.lines()
        elif self.path.is_file():
            with self.path.open("rb") as stream:
                yield from stream

    def _open(self) -> Replacement:
        if self._new is None:
            self._new = Replacement(self.path, private=self._private).__enter__()
        return self._new

    def _write(self, content: bytes) -> None:
        self._open().write(content)
        self._hash.update(content)

    def _copy(self) -> None:
        """Copy what is to be kept and was not copied yet."""
        self._open()
        if self._copied == self._kept:
            return
        if self._old is None:
            self._old = self.path.open("rb")
        self._old.seek(self._copied)
        while self._copied < self._kept:
            block = self._old.read(min(BLOCK, self._kept - self._copied))
            if not block:
                raise CurateError(f"{self.path}: it was cut off meanwhile.", "Run the command again.")
            self._write(block)
            self._copied += len(block)


def hash_of(path: Path) -> str | None:
    """Hash what a file holds: SHA-256, hexadecimal; None where it isn't there."""
    if not path.is_file():
        return None
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
