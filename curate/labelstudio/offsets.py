"""Offsets that another program counted in another way, told by the words that came with them (pure).

Label Studio's page counts code points. A client that counts UTF-16 units, reads a file with other line ends, or is off
by one leaves offsets that look right. The words it noted tell: a way of counting fits if it leads exactly to them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from curate.spans import Span

WIDE, LINES = "UTF-16 units", "line ends as two characters"
SHIFTS = [(start, end) for start in (-1, 0, 1) for end in (-1, 0, 1) if (start, end) != (0, 0)]
SHOWN = 60


@dataclass(frozen=True)
class Recount:
    """What other ways of counting make of a span: ``span`` where exactly one reading fits, and the evidence."""

    span: Span | None
    told: str


def same_words(said: str, is_there: str) -> bool:
    """Tell whether the page's copy of a span's words is the article's; in white space it differs by nature."""
    return said == is_there or _bare(said) == _bare(is_there)


def recount(text: str, span: Span, said: object) -> Recount:
    """Look for the one place where ``said`` stands if the offsets were counted in another way."""
    shown = f'the page noted "{said[:SHOWN]}"' if isinstance(said, str) else "no words were noted with it"
    if not isinstance(said, str) or not said.strip():
        return Recount(None, shown)
    fitting: dict[Span, list[str]] = {}
    for way, found in _ways(text, span):
        if found is not None and _as_noted(text[slice(*found)], said):
            fitting.setdefault(found, []).append(way)
    told = " or ".join(f"{start}-{end} (counted with {' or '.join(ways)})" for (start, end), ways in fitting.items())
    if len(fitting) == 1:
        return Recount(next(iter(fitting)), f"{shown}, which stands at {told}")
    return Recount(None, f"{shown}, which could be {told}" if fitting else f"{shown}; no way of counting leads there")


def _ways(text: str, span: Span) -> list[tuple[str, Span | None]]:
    """Give every way of counting with the span in code points that it leads to, None where it leads nowhere."""
    shifted = [(f"{start:+d} and {end:+d}", (span[0] + start, span[1] + end)) for start, end in SHIFTS]
    broken = text.replace("\n", "\r\n")
    return [
        (WIDE, _sound(text, [_from_wide(text, one) for one in span])),
        (LINES, _sound(text, [_from_lines(broken, one) for one in span])),
        (f"{WIDE} and {LINES}", _sound(text, [_from_lines(broken, _from_wide(broken, one)) for one in span])),
        *((f"{way} on its offsets", _sound(text, list(one))) for way, one in shifted),
    ]


def _sound(text: str, ends: list[int | None]) -> Span | None:
    start, end = ends
    return (start, end) if start is not None and end is not None and 0 <= start < end <= len(text) else None


def _from_wide(text: str, offset: int) -> int | None:
    """Turn an offset in UTF-16 units into code points; None inside a pair of units or beyond the text."""
    units = text.encode("utf-16-le", "surrogatepass")
    if not 0 <= 2 * offset <= len(units):
        return None
    try:
        return len(units[: 2 * offset].decode("utf-16-le"))
    except UnicodeDecodeError:
        return None


def _from_lines(broken: str, offset: int | None) -> int | None:
    """Turn an offset into a text with CRLF into one with LF; None inside a line end or beyond the text."""
    if offset is None or not 0 <= offset <= len(broken) or broken[offset - 1 : offset + 1] == "\r\n":
        return None
    return offset - broken.count("\r\n", 0, offset)


def _as_noted(words: str, said: str) -> bool:
    """Tell whether the page would note exactly ``said`` for a span of these words."""
    return said in (words, re.sub(r"[ \t]+", " ", words).replace("\n", "\\n"))


def _bare(text: str) -> str:
    return re.sub(r"\s+", "", text.replace("\\n", ""))
