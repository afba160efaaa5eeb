"""Writing files whole or not at all, through a temporary file and a rename."""

from __future__ import annotations

import contextlib
import filecmp
import os
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Self

from curate.errors import CurateError

PART = ".part"
"""How the name of a file in the making ends; before that stands which process makes it."""
BUFFER = 65_536
"""Bytes that are written at a time."""


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
            self._stream = os.fdopen(handle, "wb", BUFFER)
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

    def lines(self) -> Iterator[bytes]:
        """Give what was written, line by line."""
        with self._writable():
            if not self._stream.closed:
                self._stream.flush()
            with open(self._name or self._path, "rb") as stream:
                yield from stream

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


def copy_atomic(source: Path, path: Path) -> bool:
    """Copy a file of any size whole or not at all; see ``write_atomic``."""
    with source.open("rb") as stream, Replacement(path) as replacement:
        for part in iter(partial(stream.read, BUFFER), b""):
            replacement.write(part)
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
