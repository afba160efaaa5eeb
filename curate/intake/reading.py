"""Paths and addresses as articles: every file by the reader of its format; what fails is named, the rest goes on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from curate.intake.files import Source, find_files
from curate.intake.mapping import Mapped, make_article
from curate.intake.readers import READERS
from curate.intake.rows import Found, Note, Refusal, Row, UnreadableError

SUFFIXES = frozenset(READERS)


@dataclass(frozen=True)
class Request:
    """How to read: columns by field, the encoding named, the project's languages, whether to keep other columns.

    ``token`` and ``endpoint`` are for the Hub.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    encoding: str | None = None
    languages: tuple[str, ...] = ()
    meta: bool = True
    token: str | None = field(default=None, repr=False)
    endpoint: str | None = None


def read_articles(paths: Iterable[str], request: Request) -> Iterator[Mapped | Refusal | Note]:
    """Read files, folders and ``hf://datasets/`` addresses in the order given, folders by name."""
    like = Source(Path(), "", "", request.encoding, request.languages)
    for path in paths:
        if path.startswith("hf://"):
            from curate.hub.reading import read_address

            found = read_address(path, like, request.token, request.endpoint)
        else:
            found = find_files(Path(path), SUFFIXES, like)
        for one in found:
            if isinstance(one, Source):
                yield from _mapped(read_file(one), one.shown, request)
            else:
                yield from _mapped([one], path, request)


def read_file(source: Source) -> Iterator[Found]:
    """Read one file; where its reader stops, the rest of it is refused, and so is a file that holds nothing."""
    empty = True
    try:
        for one in READERS[source.path.suffix.lower()](source):
            empty = empty and isinstance(one, Note)
            yield one
        if empty:
            yield Refusal(source.shown, "no article in it", "Give a file that holds some, or leave it out.")
    except UnreadableError as error:
        yield Refusal(f"{source.shown}{error.place}", error.why, error.fix)


def _mapped(found: Iterable[Found], file: str, request: Request) -> Iterator[Mapped | Refusal | Note]:
    """Make articles of rows; tell once for each file which columns were taken for which field, and what is kept."""
    told: set[str] = set()
    for one in found:
        if not isinstance(one, Row):
            yield one
            continue
        made = make_article(one, request.columns, meta=request.meta)
        if isinstance(made, Mapped):
            for text in _about_columns(made, request):
                if text not in told:
                    told.add(text)
                    yield Note(file, text)
        yield made


def _about_columns(made: Mapped, request: Request) -> Iterator[str]:
    renamed = made.columns.renamed
    if renamed:
        yield "read " + ", ".join(f"{column} as {name}" for name, column in sorted(renamed.items()))
    if made.columns.others:
        kept = "kept as meta, which is published too" if request.meta else "left out"
        yield f"{kept}: {', '.join(made.columns.others)}"
