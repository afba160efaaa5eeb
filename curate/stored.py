"""JSON-lines files of any size, read value by value: an index of where each line starts is all that is kept."""

from __future__ import annotations

import sys
from array import array
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO, Generic, Self, TypeVar

import msgspec

from curate.errors import InputError
from curate.records import Annotation, Article, Decision, Record

Line = TypeVar("Line", Article, Annotation, Decision, Record)
Kept = TypeVar("Kept")


class Stored(Mapping[str, list[Line]], Generic[Line]):
    """The values of a JSON-lines file by a key that several may share: keys sorted, values as in the file.

    A missing file is empty. Each value is read anew whenever it is asked for, until the ``with`` block ends.
    Raises InputError naming file and line for what can't be read.
    """

    def __init__(self, path: Path, kind: type[Line], key: str = "id") -> None:
        self._path = path
        self._key = msgspec.json.Decoder(msgspec.defstruct("Key", [("value", str, msgspec.field(name=key))]))
        self._value: msgspec.json.Decoder[Line] = msgspec.json.Decoder(kind)
        self._starts = array("Q")
        self._numbers: dict[str, int | list[int]] = {}
        self._stream: BinaryIO | None = None

    def __enter__(self) -> Self:
        if self._path.is_file():
            self._stream = self._path.open("rb")
            try:
                self._index(self._stream)
            except InputError:
                self._stream.close()
                raise
        if (names := list(self._numbers)) != sorted(names):
            self._numbers = {name: self._numbers[name] for name in sorted(names)}
        return self

    def __exit__(self, *_: object) -> None:
        if self._stream:
            self._stream.close()

    def _index(self, stream: BinaryIO) -> None:
        start = 0
        for number, line in enumerate(stream):
            self._starts.append(start)
            start += len(line)
            name = sys.intern(self._decode(self._key, line, number).value)
            before = self._numbers.setdefault(name, number)
            if isinstance(before, list):
                before.append(number)
            elif before != number:
                self._numbers[name] = [before, number]

    def _decode(self, decoder: msgspec.json.Decoder[Any], line: bytes, number: int) -> Any:
        try:
            return decoder.decode(line)
        except msgspec.DecodeError as error:
            fix = "Restore the file or make it again."
            raise InputError(f"{self._path}:{number + 1}: {error}.", fix) from error

    def __getitem__(self, name: str) -> list[Line]:
        numbers = self._numbers[name]
        found = []
        for number in numbers if isinstance(numbers, list) else [numbers]:
            stream: Any = self._stream
            stream.seek(self._starts[number])
            found.append(self._decode(self._value, stream.readline(), number))
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._numbers)

    def __len__(self) -> int:
        return len(self._numbers)

    def __contains__(self, name: object) -> bool:
        return name in self._numbers


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
