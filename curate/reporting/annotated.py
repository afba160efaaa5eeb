"""A reading drawn over its text in HTML: every span underlined in a lane of its own, its label before it."""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import NamedTuple

from curate.assembly import AnyReading
from curate.records import event_place
from curate.reporting.html import Html, element, escaped, fragment
from curate.spans import overlaps

_BLANK = re.compile(r"\n[ \t]*\n\s*")
LANES = 8
LONGEST = 6000
AROUND = 300


class Mark(NamedTuple):
    """What one statement puts on the text, offsets in code points, end exclusive.

    ``alone`` says that not every other reading makes the statement.
    """

    start: int
    end: int
    kind: str
    label: str
    alone: bool


def marks(reading: AnyReading, shared: Collection[str]) -> list[Mark]:
    """Name what a reading marks, by place: ``1 Attack`` a trigger, ``1:target`` an argument of it.

    ``shared`` holds the ids that every reading of the article has. An event that fills a role is marked at its
    trigger.
    """
    found = []
    triggers = {event.id: event.trigger for event in reading.events}
    for number, event in enumerate(sorted(reading.events, key=lambda event: event_place(event.id)), start=1):
        label = f"{number} {event.type}"
        found.append(Mark(event.trigger.start, event.trigger.end, "trigger", label, event.id not in shared))
        for argument in event.arguments:
            filler = triggers[argument.event_id] if argument.event_id else argument
            label = f"{number}:{argument.role}"
            found.append(Mark(filler.start or 0, filler.end or 0, "argument", label, argument.id not in shared))
    return sorted(found)


def draw_marks(text: str, drawn: Sequence[Mark], pieces: Iterable[tuple[int, int]]) -> Html:
    """Draw the marks over the pieces of the text; what is left out between two pieces is counted.

    A span's line keeps its lane from end to end, whatever begins or ends meanwhile, so that spans that cross can be
    followed. Shorter ones stand nearer to the text; beyond eight on one place lines fall together.
    """
    lane = _lanes(drawn)
    made: list[Html] = []
    reached = 0
    for start, end in pieces:
        made.append(_left_out(start - reached))
        made += _segments(text, start, end, drawn, lane)
        reached = end
    made.append(_left_out(len(text) - reached))
    return element("div", *made, class_="article", dir="auto")


def pieces(text: str, drawn: Iterable[Mark]) -> list[tuple[int, int]]:
    """Choose what to show of a text: all of it, of a long one what lies around the marks as far as there is room."""
    if len(text) <= LONGEST:
        return [(0, len(text))]
    chosen: list[tuple[int, int]] = []
    room = LONGEST
    for mark in sorted(drawn):
        start, end = _to_words(text, mark.start - AROUND, mark.end + AROUND)
        reached = chosen[-1][1] if chosen else 0
        room -= end - max(start, reached)
        if room < 0:
            break
        if chosen and start <= reached:
            chosen[-1] = (chosen[-1][0], max(end, reached))
        else:
            chosen.append((start, end))
    return chosen or [_to_words(text, 0, AROUND)]


def _to_words(text: str, start: int, end: int) -> tuple[int, int]:
    """Widen a piece to whole words, as long as that takes no more than 50 code points."""
    start, end = max(start, 0), min(end, len(text))
    before = next((place for place in range(start, max(start - 50, 0), -1) if text[place - 1].isspace()), start)
    after = next((place for place in range(end, min(end + 50, len(text))) if text[place].isspace()), end)
    return (0 if start <= 50 else before), after


def _lanes(drawn: Sequence[Mark]) -> dict[Mark, int]:
    """Give each mark the lowest lane that no overlapping one has, shorter ones first."""
    lane: dict[Mark, int] = {}
    for mark in sorted(set(drawn), key=lambda mark: (mark.end - mark.start, mark)):
        taken = {lane[other] for other in lane if overlaps(mark[:2], other[:2])}
        lane[mark] = next(number for number in range(1, len(taken) + 2) if number not in taken)
    return lane


def _segments(text: str, start: int, end: int, drawn: Sequence[Mark], lane: dict[Mark, int]) -> Iterator[Html]:
    """Give the text between any two borders, inside the lines of all marks that run there."""
    here = [mark for mark in lane if overlaps(mark[:2], (start, end))]
    borders = sorted({start, end, *(place for mark in here for place in mark[:2] if start < place < end)})
    for left, right in itertools.pairwise(borders):
        running = sorted((mark for mark in here if overlaps(mark[:2], (left, right))), key=lambda mark: -lane[mark])
        begun = [mark for mark in running if mark.start == left]
        inner = fragment(
            *(element("b", mark.label, class_=_kind(mark)) for mark in begun), _paragraphs(text[left:right])
        )
        for mark in reversed(running):
            inner = element("span", inner, class_=f"{_kind(mark)} lane{min(lane[mark], LANES)}")
        yield inner


def _paragraphs(text: str) -> Html:
    """Give the text with a small gap where it has blank lines."""
    paragraphs = [escaped(one) for one in _BLANK.split(text)]
    return fragment(paragraphs[0], *(fragment(element("span", class_="blank"), one) for one in paragraphs[1:]))


def _kind(mark: Mark) -> str:
    return f"{mark.kind} alone" if mark.alone else mark.kind


def _left_out(number: int) -> Html:
    return element("p", f"… {number} characters without marks …", class_="gap") if number > 0 else Html("")
