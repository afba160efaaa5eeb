"""JSON-lines files of any size, read value by value: where each line starts is all that is kept."""

from __future__ import annotations

import hashlib
import sys
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import partial
from itertools import groupby, pairwise, starmap
from operator import gt
from pathlib import Path
from typing import Any, BinaryIO, Generic, Self, TypeVar

import msgspec

from curate.answers import MARK, Answer, Head
from curate.damage import RAW_FIX, decode, fix_of
from curate.errors import InputError
from curate.labelstudio.reading_answers import read_answer, read_bare
from curate.records import Annotation, Article, Decision, Record

OPEN_FILES = 100
"""How many files of raw answers are open at a time."""

Line = TypeVar("Line", Article, Annotation, Decision, Record)
Kept = TypeVar("Kept")


class Stored(Mapping[str, list[Line]], Generic[Line]):
    """The values of a JSON-lines file by a key that several may share: keys sorted, values as in the file.

    A missing file is empty. Values are read when they are asked for, until the ``with`` block ends; those of the key
    asked for last are at hand. There are marks only when it is ``marked``. Raises InputError naming file and line for
    what can't be read.
    """

    def __init__(self, path: Path, kind: type[Line], key: str = "id", *, marked: bool = False) -> None:
        self._path, self._marked, self._fix = path, marked, fix_of(path)
        self._key = msgspec.json.Decoder(msgspec.defstruct("Key", [("value", str, msgspec.field(name=key))]))
        self._value: msgspec.json.Decoder[Line] = msgspec.json.Decoder(kind)
        # One for each line, sorted by name: a dict of the names would take twice the memory.
        self._names: list[str] = []
        self._starts = array("Q")
        self._marks = bytearray()
        self._first = 0
        self._stream: BinaryIO | None = None
        self._last: tuple[str, list[Line]] | None = None

    def __enter__(self) -> Self:
        if self._path.is_file():
            self._stream = self._path.open("rb")
            try:
                self._index(self._stream)
            except InputError:
                self._stream.close()
                raise
        if any(starmap(gt, pairwise(self._names))):
            self._sort()
        return self

    def __exit__(self, *_: object) -> None:
        if self._stream:
            self._stream.close()

    def _index(self, stream: BinaryIO) -> None:
        start = 0
        for line in stream:
            self._starts.append(start)
            self._names.append(sys.intern(self._decode(self._key, line, start).value))
            if self._marked:
                self._marks += hashlib.sha256(line.rstrip(b"\n")).digest()
            start += len(line)

    def _sort(self) -> None:
        order = sorted(range(len(self._names)), key=self._names.__getitem__)
        self._names = [self._names[line] for line in order]
        self._starts = array("Q", (self._starts[line] for line in order))
        marks = (self._marks[line * MARK : (line + 1) * MARK] for line in order)
        self._marks = bytearray().join(marks)

    def mark(self, name: str) -> bytes:
        """Give the hash of a key's last line (SHA-256)."""
        line = self._lines(name)[-1]
        return bytes(self._marks[line * MARK : (line + 1) * MARK])

    def _lines(self, name: object) -> range:
        """Find the lines of a key: most often those of the last one asked for, or the ones after them."""
        if not isinstance(name, str):
            return range(0)
        names, first = self._names, self._first
        if name not in names[first : first + 1]:
            first += 1
            if name not in names[first : first + 1]:
                first = bisect_left(names, name)
        end = first
        while name in names[end : end + 1]:
            end += 1
        if end > first:
            self._first = first
        return range(first, end)

    def _decode(self, decoder: msgspec.json.Decoder[Any], line: bytes, start: int) -> Any:
        return decode(decoder.decode, line, partial(_place, self._path, start), self._fix)

    def __getitem__(self, name: str) -> list[Line]:
        if self._last is None or name != self._last[0]:
            lines = self._lines(name)
            if not lines:
                raise KeyError(name)
            self._last = (name, [self._read(start) for start in self._starts[lines.start : lines.stop]])
        return self._last[1].copy()

    def _read(self, start: int) -> Line:
        stream: Any = self._stream
        stream.seek(start)
        line: Line = self._decode(self._value, stream.readline(), start)
        return line

    def __iter__(self) -> Iterator[str]:
        return (name for name, _ in groupby(self._names))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __contains__(self, name: object) -> bool:
        return bool(self._lines(name))


class View(Mapping[str, Kept], Generic[Kept]):
    """What a function makes of each value of a mapping, made anew whenever it is asked for."""

    def __init__(self, values: Mapping[str, Any], make: Callable[[Any], Kept]) -> None:
        self._values, self._make = values, make

    def __getitem__(self, name: str) -> Kept:
        return self._make(self._values[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __contains__(self, name: object) -> bool:
        return name in self._values


class Lines(Collection[Kept], Generic[Kept]):
    """The values of a JSON-lines file whose number is known, read from it again whenever they are asked for."""

    def __init__(self, path: Path, kind: type[Kept], number: int) -> None:
        self._path, self._number = path, number
        self._value: msgspec.json.Decoder[Kept] = msgspec.json.Decoder(kind)

    def __iter__(self) -> Iterator[Kept]:
        if self._number:
            with self._path.open("rb") as stream:
                yield from map(self._value.decode, stream)

    def __len__(self) -> int:
        return self._number

    def __contains__(self, value: object) -> bool:
        return any(one == value for one in self)


class RawAnswers:
    """The raw answers in some folders, by number in the order they came, one folder after the other.

    Each is read anew whenever it is asked for, until the ``with`` block ends. Raises InputError naming file and line
    for what is no answer of Label Studio.
    """

    def __init__(self, folders: Sequence[Path]) -> None:
        self._files = [(folder.name, path) for folder in folders for path in sorted(folder.glob("*.jsonl"))]
        self._first = array("Q")
        self._starts = array("Q")
        self._streams: dict[Path, BinaryIO] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for stream in self._streams.values():
            stream.close()
        self._streams.clear()

    def heads(self) -> Iterator[tuple[str, Head, bytes]]:
        """Give the head of each answer with the folder it stands in and its mark, once; then answers can be read."""
        decoder = msgspec.json.Decoder(Head)
        for source, path in self._files:
            self._first.append(len(self._starts))
            start = 0
            with path.open("rb") as stream:
                for line in stream:
                    if line != b"\n":
                        self._starts.append(start)
                        head: Head = self._decoded(decoder.decode, line, path, start)
                        if head.data and isinstance(head.data.article_id, str):
                            head.data.article_id = sys.intern(head.data.article_id)
                        yield source, head, hashlib.sha256(line.rstrip(b"\n")).digest()
                    start += len(line)

    def line(self, number: int) -> bytes:
        """Read an answer as it stands there, without the line end."""
        return self._line(number)[1].removesuffix(b"\n")

    def read(self, number: int) -> Answer:
        """Read an answer, with the folder it stands in as its ``source``."""
        return self._read(number, read_answer)

    def read_bare(self, number: int) -> Answer:
        """Read a task without its text and what was drawn in it, with the folder it stands in as its ``source``."""
        return self._read(number, read_bare)

    def _read(self, number: int, read: Callable[[bytes], Answer]) -> Answer:
        source, line, path = self._line(number)
        answer: Answer = self._decoded(read, line, path, self._starts[number])
        answer["source"] = source
        return answer

    def _line(self, number: int) -> tuple[str, bytes, Path]:
        source, path = self._files[bisect_right(self._first, number) - 1]
        stream = self._streams.get(path)
        if stream is None:
            if len(self._streams) == OPEN_FILES:
                self.__exit__()
            stream = self._streams[path] = path.open("rb")
        stream.seek(self._starts[number])
        return source, stream.readline(), path

    def _decoded(self, read: Callable[[bytes], Any], line: bytes, path: Path, start: int) -> Any:
        return decode(read, line, partial(_place, path, start), RAW_FIX)


def _place(path: Path, start: int) -> str:
    """Name the line of a file that starts at a byte."""
    with path.open("rb") as stream:
        before = stream.read(start).count(b"\n")
    return f"{path}:{before + 1}"
