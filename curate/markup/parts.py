"""The parts of a marked-up text, and the one way it can be wrong."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

Values = dict[str, tuple[str, ...]]
"""Attributes as written: name to one value, or several choices. What they mean is for the schema to say."""


@dataclass(frozen=True)
class MarkedTrigger:
    """The trigger of event ``number``, on the code points ``start`` to ``end`` of the text."""

    number: int
    type: str
    start: int
    end: int
    attributes: Values = field(default_factory=dict)


@dataclass(frozen=True)
class MarkedArgument:
    """What fills ``role`` in the event with the number ``event``."""

    role: str
    event: int
    start: int
    end: int
    attributes: Values = field(default_factory=dict)


@dataclass(frozen=True)
class MarkedLink:
    """A link, ``same_event`` included, between two events by their numbers."""

    type: str
    source: int
    target: int


@dataclass(frozen=True)
class Marked:
    """A text and what is marked in it; offsets are code points into ``text``, end exclusive.

    ``parse`` gives triggers by place and number, arguments by place, role and event, links by type, source
    and target. ``attributes`` are the article's.
    """

    text: str
    triggers: tuple[MarkedTrigger, ...] = ()
    arguments: tuple[MarkedArgument, ...] = ()
    links: tuple[MarkedLink, ...] = ()
    attributes: Values = field(default_factory=dict)


class MarkupError(ValueError):
    """The marked-up text breaks the rules. ``position`` counts code points from 0, ``line`` from 1.

    Both are of the string that was read; of the text itself when parts are rendered or made a reading. ``problem``
    is what is wrong without its place, ``excerpt`` what stands there.
    """

    def __init__(self, problem: str, text: str, position: int) -> None:
        self.problem = problem
        self.position = position
        self.excerpt = text[position : position + 30].split("\n", maxsplit=1)[0]
        self.line = text.count("\n", 0, position) + 1
        column = position - (text.rfind("\n", 0, position) + 1) + 1
        super().__init__(f"line {self.line}, column {column}: {problem}")


def ordered(marked: Marked) -> Marked:
    """The same parts in the order of ``parse``."""
    return replace(
        marked,
        triggers=tuple(sorted(marked.triggers, key=lambda one: (one.start, one.end, one.number))),
        arguments=tuple(sorted(marked.arguments, key=lambda one: (one.start, one.end, one.role, one.event))),
        links=tuple(sorted(marked.links, key=lambda one: (one.type, one.source, one.target))),
    )
