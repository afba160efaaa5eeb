"""Tables as text, .csv and .tsv: the first line names the columns, each further row is an article."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from curate.intake.decoding import read_text
from curate.intake.files import MEGABYTE, Source
from curate.intake.rows import Found, Note, Refusal, Row, UnreadableError

LARGEST = 300 * MEGABYTE
SEPARATORS = ",;\t|"
NAMED = {";": "semicolons", "\t": "tabs", "|": "bars"}
QUOTES = 'Write text that holds separators, quotes or line ends in "double quotes", quotes in it doubled.'


def read(source: Source) -> Iterator[Found]:
    """Give each row of the table; rows with more or fewer cells than the header are refused by their line.

    The separator is a tab in .tsv, else whichever of comma, semicolon, tab and bar stands most in the header.
    Raises UnreadableError where quotes don't match or the header names nothing, or a column twice.
    """
    text, told = read_text(source, LARGEST)
    yield from told
    header = text.lstrip().partition("\n")[0]
    separator = "\t" if source.path.suffix.lower() == ".tsv" else max(SEPARATORS, key=header.count)
    if separator in NAMED and source.path.suffix.lower() != ".tsv":
        yield Note(source.shown, f"separated by {NAMED[separator]}")
    csv.field_size_limit(LARGEST)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    names: list[str] | None = None
    line = 0
    try:
        for cells in rows:
            begin, line = line + 1, rows.line_num
            if not any(cell.strip() for cell in cells):
                continue
            if names is None:
                names = _header(cells)
            elif len(cells) != len(names):
                why = f"{len(cells)} cells where the header names {len(names)} columns"
                yield Refusal(f"{source.shown}:{begin}", why, QUOTES)
            else:
                filled = {name: cell for name, cell in zip(names, cells, strict=True) if cell.strip()}
                yield Row(f"{source.shown}:{begin}", {name: filled.get(name) for name in names})
    except csv.Error as error:
        raise UnreadableError(
            f"quotes that don't match, in the row from here ({error})", QUOTES, f":{line + 1}"
        ) from error
    if names is None:
        raise UnreadableError("an empty table", "Name the columns in the first line.")


def _header(cells: list[str]) -> list[str]:
    names = [cell.strip() for cell in cells]
    doubled = sorted({name for name in names if names.count(name) > 1})
    if doubled:
        raise UnreadableError(f"two columns are called {doubled[0]!r}", "Give each column its own name.", ":1")
    return names
