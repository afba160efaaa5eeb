"""What the last check made of each article, so that the next one does again only what has changed.

A private note beside the files that a check writes: for each subject the mark of all it was made from, the size of its
part of each file, and its sums for the books. Nothing in it is an answer of its own: a part is taken from the files
themselves, and only while they are, byte for byte, what that check wrote.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO, Self

import msgspec

from curate.books import Counts
from curate.checking import Part, Subject
from curate.damage import UNREADABLE
from curate.records import canonical_json, json_lines
from curate.rewriting import Rewritten, hash_of

NOTE = "checked.jsonl"
"""The note's name in the private folder."""


class Made(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True, kw_only=True):
    """What a check made of a subject: its part of each file in bytes and lines, and its sums for the books.

    ``people`` are the names it asked for, with what it was told.
    """

    order: tuple[int, str]
    mark: str
    people: dict[str, str] = {}
    sizes: dict[str, tuple[int, int]] = {}
    counts: Counts = Counts()


class _End(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the note ends with: what all subjects depend on, and the hash of each file; null where there was none."""

    ground: str
    files: dict[str, str | None]


_MADE = msgspec.json.Decoder(Made)


class Recheck:
    """The files that a check writes, of the parts that the last check made, where those still hold, and of new ones.

    ``ground`` stands for all that no subject's mark is of: code, schemas, settings. Where it is another, or the note or
    a file is not what the last check left, all is made anew.
    """

    def __init__(self, note: Path, ground: str, files: Mapping[str, Path]) -> None:
        self._note, self._ground = note, ground
        end, lines = _read_end(note)
        hashes = {name: hash_of(path) for name, path in files.items()}
        known = end is not None and end.ground == ground and end.files == hashes
        self._left = lines if known else 0
        self.files = {name: Rewritten(path, fresh=not known, before=hashes[name]) for name, path in files.items()}
        self._made = Rewritten(note, fresh=not known, private=True)
        self._stream: BinaryIO | None = None
        self._line = b""
        self._next: Made | None = None

    def __enter__(self) -> Self:
        for one in (*self.files.values(), self._made):
            one.__enter__()
        if self._left:
            self._stream = self._note.open("rb")
            self._read()
        return self

    def __exit__(self, *_: object) -> None:
        for one in (*self.files.values(), self._made):
            one.__exit__()
        if self._stream:
            self._stream.close()

    def known(self, subject: Subject, name_of: Callable[[str], str]) -> Counts | None:
        """Take the part that the last check made of a subject, if it holds; give its sums. Subjects come in order."""
        while self._next and self._next.order < subject.order:
            self._leave_out(self._next)
        if self._next is None or self._next.order != subject.order:
            return None
        made = self._next
        if made.mark != subject.mark.hex() or any(name_of(user) != name for user, name in made.people.items()):
            self._leave_out(made)
            return None
        for name, (size, lines) in made.sizes.items():
            self.files[name].keep(size, lines)
        self._made.keep(len(self._line), 1)
        self._read()
        return made.counts

    def add(self, subject: Subject, part: Part, counts: Counts, people: Mapping[str, str]) -> None:
        """Take a part that was made anew, with its sums for the books and the names that were asked for."""
        sizes = {}
        for name, file in self.files.items():
            if lines := getattr(part, name):
                content = json_lines(lines)
                file.add(content, len(lines))
                sizes[name] = (len(content), len(lines))
        made = Made(order=subject.order, mark=subject.mark.hex(), people=dict(people), sizes=sizes, counts=counts)
        self._made.add(canonical_json(made) + b"\n", 1)

    def finish(self) -> None:
        """Leave out what the last check made of subjects that are no more."""
        while self._next:
            self._leave_out(self._next)

    def commit(self) -> None:
        """Note what was made, when the files are in their place."""
        if self._made.untouched:
            return
        hashes = {name: file.hash() if file.path.is_file() else None for name, file in self.files.items()}
        self._made.add(canonical_json(_End(ground=self._ground, files=hashes)) + b"\n", 1)
        self._made.add(str(self._made.hash()).encode() + b"\n", 1)
        self._made.commit()

    def _leave_out(self, made: Made) -> None:
        for name, (size, _) in made.sizes.items():
            self.files[name].leave_out(size)
        self._made.leave_out(len(self._line))
        self._read()

    def _read(self) -> None:
        """Go on to what the last check made next."""
        stream: Any = self._stream
        self._line = stream.readline() if self._left else b""
        self._next = _MADE.decode(self._line) if self._left else None
        self._left -= bool(self._left)


def _read_end(note: Path) -> tuple[_End | None, int]:
    """Read what a note ends with, and how many lines come before; None where it is not whole."""
    if not note.is_file():
        return None, 0
    hashed, before, last, lines = hashlib.sha256(), b"", b"", 0
    with note.open("rb") as stream:
        for line in stream:
            hashed.update(last)
            before, last = last, line
            lines += 1
    if last != hashed.hexdigest().encode() + b"\n":
        return None, 0
    try:
        return msgspec.json.decode(before, type=_End), lines - 2
    except UNREADABLE:
        return None, 0
