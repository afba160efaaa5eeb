"""Plain text: the whole file is one article, named like the file."""

from __future__ import annotations

from collections.abc import Iterator

from curate.intake.decoding import read_text
from curate.intake.files import Source
from curate.intake.rows import Found, Row


def read(source: Source) -> Iterator[Found]:
    """Give the file as one row."""
    text, told = read_text(source)
    yield from told
    yield Row(source.shown, {"text": text}, source.name)
