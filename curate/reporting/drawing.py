"""A reading drawn in the terminal: its events over the text, then as a list."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from rich.cells import cell_len

from curate.assembly import AnyReading
from curate.markup import from_reading
from curate.records import Argument, Value, event_place
from curate.schema.model import EventSchema
from curate.spans import Span

Style = Callable[[str, str], str]
"""Dresses a piece, given its kind (text, trigger, argument, event, cluster, link, article) and itself."""

_NARROWEST = 20
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_TURNS_THE_LINE = frozenset({"R", "AL", "AN", "RLE", "RLO", "RLI", "LRE", "LRO", "LRI", "FSI", "PDF", "PDI"})


class _Mark(NamedTuple):
    """What is drawn on one span: its label, and whether it is a trigger or an argument."""

    start: int
    end: int
    label: str
    kind: str


class _Piece(NamedTuple):
    """Something drawn in one row, from the cell ``left`` on."""

    left: int
    drawn: str
    kind: str


def _plain(_kind: str, piece: str) -> str:
    """Leave a piece of the drawing as it is."""
    return piece


def draw(text: str, reading: AnyReading, *, width: int, schema: EventSchema, style: Style = _plain) -> list[str]:
    """Draw what ``reading`` says of ``text`` in lines of at most ``width`` terminal cells.

    The text comes first, wrapped; under each of its lines stand the spans in it, each a bar with a label
    (``Attack#1`` a trigger, ``1:target`` an argument), no two overlapping ones in one row. Terminals disagree
    on where right-to-left letters go, so under a line with such letters the spans are quoted instead. Then
    come the events by number, clusters of several mentions, links and the article's attributes in the order
    of ``schema``; nulls aren't shown. Below 20 cells ``width`` counts as 20.
    """
    width = max(width, _NARROWEST)
    return [
        *_drawn_text(text, _marks(text, reading), width, style),
        "",
        *_listed(reading, schema, width, style),
    ]


def _marks(text: str, reading: AnyReading) -> list[_Mark]:
    """The spans of the reading by place, shorter ones first, each with all that stands on it."""
    marked = from_reading(text, reading)
    labels: dict[Span, list[str]] = {}
    for trigger in marked.triggers:
        labels.setdefault((trigger.start, trigger.end), []).append(f"{trigger.type}#{trigger.number}")
    triggers = set(labels)
    for argument in marked.arguments:
        labels.setdefault((argument.start, argument.end), []).append(f"{argument.event}:{argument.role}")
    return [
        _Mark(*span, ", ".join(labels[span]), "trigger" if span in triggers else "argument") for span in sorted(labels)
    ]


def _drawn_text(text: str, marks: Iterable[_Mark], width: int, style: Style) -> Iterator[str]:
    shown = _shown(text)
    lines = _wrapped(text, width)
    on_line: list[list[_Mark]] = [[] for _ in lines]
    for mark in marks:
        touched = [i for i, line in enumerate(lines) if line[0] < mark.end and mark.start < line[1]]
        nearest = [i for i, line in enumerate(lines) if line[0] <= mark.start][-1:]
        for index in touched or nearest:
            on_line[index].append(mark)
    for line, there in zip(lines, on_line, strict=True):
        yield style("text", shown[line[0] : line[1]])
        turned = any(unicodedata.bidirectional(character) in _TURNS_THE_LINE for character in text[slice(*line)])
        yield from (_quotes if turned else _bars)(shown, line, there, width, style)


def _quotes(shown: str, line: Span, marks: Iterable[_Mark], width: int, style: Style) -> Iterator[str]:
    for mark in marks:
        piece = shown[max(line[0], mark.start) : min(line[1], mark.end)]
        for drawn in _hanging(f"╰─ {mark.label} “{piece}”", width, ""):
            yield style(mark.kind, drawn)


def _bars(shown: str, line: Span, marks: Iterable[_Mark], width: int, style: Style) -> Iterator[str]:
    rows: list[list[_Piece]] = []
    for mark in marks:
        _place(rows, _bar(shown, line, mark, width))
    for row in rows:
        drawn = ""
        reached = 0
        for piece in sorted(row):
            drawn += " " * (piece.left - reached) + style(piece.kind, piece.drawn)
            reached = piece.left + cell_len(piece.drawn)
        yield drawn


def _bar(shown: str, line: Span, mark: _Mark, width: int) -> list[_Piece]:
    """Draw a mark's bar and label: one piece where they fit beside or into each other, else one per row."""
    start, end = max(line[0], mark.start), min(line[1], mark.end)
    left = min(cell_len(shown[line[0] : start]), width - 1)
    right = max(cell_len(shown[line[0] : end]), left + 1)
    first = "┄" if shown[mark.start : line[0]].strip() else "╰"
    last = "┄" if shown[line[1] : mark.end].strip() else "╯"
    room = cell_len(mark.label)
    bar = first + "─" * (right - left - 2) + last
    if right - left == 1:
        bar = "╵" if (first, last) == ("╰", "╯") else "┄"
    if right + 1 + room <= width:
        return [_Piece(left, f"{bar} {mark.label}", mark.kind)]
    if room + 1 <= left:
        return [_Piece(left - room - 1, f"{mark.label} {bar}", mark.kind)]
    if room + 4 <= right - left:
        dashes = "─" * (right - left - room - 5)
        return [_Piece(left, f"{first}─ {mark.label} {dashes}{last}", mark.kind)]
    beneath = _hanging(mark.label, width, "")
    return [
        _Piece(left, bar, mark.kind),
        *(_Piece(min(left, width - cell_len(label)), label, mark.kind) for label in beneath),
    ]


def _place(rows: list[list[_Piece]], pieces: list[_Piece]) -> None:
    """Put the pieces into the first rows, one under the other, where they touch nothing."""
    top = 0
    while any(
        piece.left <= other.left + cell_len(other.drawn) and other.left <= piece.left + cell_len(piece.drawn)
        for row, piece in zip(rows[top:], pieces, strict=False)
        for other in row
    ):
        top += 1
    for index, piece in enumerate(pieces, start=top):
        if index == len(rows):
            rows.append([])
        rows[index].append(piece)


def _listed(reading: AnyReading, schema: EventSchema, width: int, style: Style) -> Iterator[str]:
    events = sorted(reading.events, key=lambda event: event_place(event.id))
    numbers = {event.id: number for number, event in enumerate(events, start=1)}
    names = {event.id: f"{numbers[event.id]} {event.type} “{event.trigger.text}”" for event in events}
    alone = {cluster.id: cluster.attributes for cluster in reading.clusters if len(cluster.events) == 1}
    for event in events:
        values = {**alone.get(event.id, {}), **_without_nulls(event.attributes)}
        yield from _styled(style, "event", names[event.id] + _values(values, schema), width, "  ")
        for argument in event.arguments:
            entry = f"  {argument.role} {_filler(argument, names)}{_values(argument.attributes, schema)}"
            yield from _styled(style, "argument", entry, width, "    ")
    for cluster in reading.clusters:
        if len(cluster.events) > 1:
            same = " = ".join(str(numbers[member]) for member in cluster.events)
            yield from _styled(
                style, "cluster", f"same event: {same}{_values(cluster.attributes, schema)}", width, "  "
            )
    for link in reading.links:
        entry = f"link: {numbers[link.source]} {link.type} {numbers[link.target]}"
        yield from _styled(style, "link", entry, width, "  ")
    if _without_nulls(reading.attributes):
        yield from _styled(style, "article", f"article{_values(reading.attributes, schema)}", width, "  ")


def _styled(style: Style, kind: str, entry: str, width: int, indent: str) -> Iterator[str]:
    for line in _hanging(_shown(entry), width, indent):
        yield style(kind, line)


def _filler(argument: Argument, names: Mapping[str, str]) -> str:
    return f"“{argument.text}”" if argument.event_id is None else names[argument.event_id]


def _values(values: Mapping[str, Value], schema: EventSchema) -> str:
    rank = {name: place for place, name in enumerate(schema.attributes)}
    ordered = sorted(_without_nulls(values).items(), key=lambda item: (rank.get(item[0], len(rank)), item[0]))
    return "".join(f" · {name} {', '.join(value) if isinstance(value, list) else value}" for name, value in ordered)


def _without_nulls(values: Mapping[str, Value]) -> dict[str, Value]:
    return {name: value for name, value in values.items() if value is not None}


def _hanging(entry: str, width: int, indent: str) -> list[str]:
    """Wrap one entry, its later lines indented."""
    first, *_ = _wrapped(entry, width)
    rest = entry[first[1] :].lstrip()
    later = _wrapped(rest, width - len(indent)) if rest else []
    return [entry[slice(*first)], *(indent + rest[slice(*line)] for line in later)]


def _wrapped(text: str, width: int) -> list[Span]:
    """The lines of the text when none is wider than ``width`` cells, white space at their ends left out."""
    lines: list[Span] = []
    start = 0
    for paragraph in text.split("\n"):
        end = start + len(paragraph)
        if not paragraph:
            lines.append((start, end))
        while start < end:
            fit = _fitting(text, start, end, width)
            lines.append((start, start + len(text[start:fit].rstrip())))
            start = fit
        start = end + 1
    return lines


def _fitting(text: str, start: int, end: int, width: int) -> int:
    """Where the next line begins: after the last words that fit, inside a word only if it fills the line."""
    fit = start + 1
    shown = _shown(text[start:end])
    while fit < end and cell_len(shown[: fit + 1 - start]) <= width:
        fit += 1
    if fit == end:
        return end
    if text[fit].isspace():
        return fit + len(text[fit:end]) - len(text[fit:end].lstrip())
    spaces = [offset for offset in range(start + 1, fit) if text[offset].isspace()]
    return spaces[-1] + 1 if spaces else fit


def _shown(text: str) -> str:
    """The text as a terminal can show it: a space for each control character, tab and line end."""
    return _UNPRINTABLE.sub(" ", text)
