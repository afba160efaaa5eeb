"""JSON: one object on each line (.jsonl), or one object or a list of them (.json)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from curate.intake.decoding import mark_of, python_name, read_text, shown_name
from curate.intake.files import MEGABYTE, Source, unreadable
from curate.intake.rows import Found, Note, Refusal, Row, UnreadableError

LONGEST_LINE = 16 * MEGABYTE
LARGEST = 300 * MEGABYTE
LINE = 'Write {"id": "...", "text": "..."} on each line.'
_ESCAPED_BYTE = re.compile("[\udc80-\udcff]")


def read_lines(source: Source) -> Iterator[Found]:
    """Give the object of each line; a line that is none is refused by its number. Reads a line at a time."""
    encoding = python_name(source.encoding) if source.encoding else mark_of(source) or "utf-8"
    if not encoding.startswith("utf-8"):
        yield Note(source.shown, shown_name(encoding))
    for number, line in _lines(source, encoding):
        where = f"{source.shown}:{number}"
        if line is None:
            yield Refusal(where, f"a line of more than {LONGEST_LINE:,} characters", "Write one article on each line.")
        elif broken := _ESCAPED_BYTE.search(line):
            why = f"no UTF-8 at column {broken.start() + 1}"
            yield Refusal(where, why, "Say what it is: --encoding NAME, or save it as UTF-8.")
        elif line.strip():
            yield from _parsed(line, where, LINE)


def read_document(source: Source) -> Iterator[Found]:
    """Give the objects of a JSON text: of a list, of the one list in an object, or the object itself."""
    text, told = read_text(source, LARGEST)
    yield from told
    try:
        value = json.loads(text, object_pairs_hook=_object)
    except json.JSONDecodeError as error:
        if error.msg == "Extra data" and text[: error.pos].count("\n") <= 1:
            for number, line in enumerate(text.split("\n"), 1):
                if line.strip():
                    yield from _parsed(line, f"{source.shown}:{number}", LINE)
            return
        raise UnreadableError(f"no JSON: {error.msg}", "Mend it there.", f":{error.lineno}:{error.colno}") from error
    except (RecursionError, ValueError) as error:
        raise UnreadableError(f"no JSON that can be read ({_short(error)})", "Mend the file.") from error
    if isinstance(value, dict):
        lists = [inner for inner in value.values() if isinstance(inner, list) and inner and isinstance(inner[0], dict)]
        if "text" not in value and len(lists) == 1:
            value = lists[0]
        else:
            yield Row(source.shown, value, source.name)
            return
    if not isinstance(value, list):
        raise UnreadableError("neither an object nor a list of objects", 'Write [{"id": "...", "text": "..."}, ...].')
    for number, item in enumerate(value):
        yield _row(item, f"{source.shown}[{number}]", 'Write {"id": "...", "text": "..."} for each.')


def _lines(source: Source, encoding: str) -> Iterator[tuple[int, str | None]]:
    """Give the lines by number, None for one that is too long to be an article."""
    number = 0
    try:
        with source.path.open(encoding=encoding, errors="surrogateescape", newline="\n") as stream:
            while line := stream.readline(LONGEST_LINE):
                number += 1
                if len(line) == LONGEST_LINE and not line.endswith("\n"):
                    while (rest := stream.readline(LONGEST_LINE)) and not rest.endswith("\n"):
                        pass
                    yield number, None
                else:
                    yield number, line
    except OSError as error:
        raise unreadable(error) from error
    except UnicodeError as error:
        why = f"no {shown_name(encoding)} from here on"
        raise UnreadableError(why, "Say what it is: --encoding NAME, or save it as UTF-8.", f":{number + 1}") from error


def _parsed(line: str, where: str, fix: str) -> Iterator[Found]:
    try:
        yield _row(json.loads(line, object_pairs_hook=_object), where, fix)
    except json.JSONDecodeError as error:
        yield Refusal(where, f"not JSON: {error.msg} at column {error.colno}", "Mend the line.")
    except (RecursionError, ValueError) as error:
        yield Refusal(where, f"no JSON that can be read ({_short(error)})", "Mend the line.")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make an object, of which nothing may go in silence. Raises ValueError for a key that is said twice."""
    made = dict(pairs)
    if len(made) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"the key {next(name for name in names if names.count(name) > 1)!r} is said twice")
    return made


def _row(value: Any, where: str, fix: str) -> Row | Refusal:
    return Row(where, value) if isinstance(value, dict) else Refusal(where, "not a JSON object", fix)


def _short(error: Exception) -> str:
    return "nested too deeply" if isinstance(error, RecursionError) else str(error)[:80]
