"""What somebody means to annotate, written down first; what was pulled, in the same form; the table of both."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from curate.markup import from_reading, parse, render, to_reading
from curate.records import Argument, Event, Note, Reading, plain
from curate.schema.model import EventSchema


@dataclass(frozen=True)
class Case:
    """An article and how it is meant to be read: the mark-up holds both, and is written before anything is drawn.

    ``work`` draws it, given somebody at their desk. ``ways`` says how arguments are attached, where not by ``way``,
    and ``origins`` where the pieces come from, where not by hand. Both name an argument ``trigger/role/filler`` by
    its words, ``origins`` also an event by its trigger's. ``told`` lists the codes of the findings.
    """

    name: str
    intended: str
    work: Callable[..., Any]
    way: str = "order"
    ways: Mapping[str, str] = field(default_factory=dict)
    origin: str = "manual"
    origins: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()
    told: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The article."""
        return parse(self.intended).text

    def reading(self, schema: EventSchema) -> Reading:
        """What is meant, as an annotation should hold it."""
        marked = parse(self.intended)
        reading = to_reading(marked, schema)
        written = {(one.type, one.start, one.end): one.attributes for one in marked.triggers}
        words = {event.id: event.trigger.text for event in reading.events}
        shared = [attribute.name for attribute in schema.attributes_on("trigger", "event")]

        def argument(event: Event, one: Argument) -> Argument:
            name = f"{event.trigger.text}/{one.role}/{one.text or words[str(one.event_id)]}"
            named.add(name)
            return msgspec.structs.replace(
                one, origin=self.origins.get(name, self.origin), attached_by=self.ways.get(name, self.way)
            )

        def whole(event: Event) -> Event:
            named.add(event.trigger.text)
            here = written[event.type, event.trigger.start, event.trigger.end]
            return msgspec.structs.replace(
                event,
                origin=self.origins.get(event.trigger.text, self.origin),
                attributes=event.attributes | {name: here[name][0] if name in here else None for name in shared},
                arguments=[argument(event, one) for one in event.arguments],
            )

        named: set[str] = set()
        meant = msgspec.structs.replace(reading, events=[whole(event) for event in reading.events])
        assert named >= {*self.ways, *self.origins}, f"{self.name} speaks of what it doesn't draw"
        return meant


def print_row(case: Case, intended: Reading | None, pulled: Reading | None, schema: EventSchema, actions: int) -> None:
    """Print a line of the table: case, intended, pulled, equal, actions."""

    def shown(reading: Reading | None) -> str:
        if reading is None:
            return "nothing"
        marked = render(from_reading(case.text, reading, schema)).replace("\r", "␍").replace("\n", "␊")
        start = max(0, marked.find("[") - 40) if len(marked) > 600 else 0
        return ("… " if start else "") + marked[start : start + 600] + (" …" if start + 600 < len(marked) else "")

    equal = "yes" if intended == pulled else "NO"
    print(f"{case.name} | {shown(intended)} | {shown(pulled)} | {equal} | {actions}")


def difference(intended: Reading, pulled: Reading) -> dict[str, tuple[Any, Any]]:
    """Name the parts in which two readings differ."""
    one, other = plain(intended), plain(pulled)
    return {key: (one.get(key), other.get(key)) for key in one.keys() | other.keys() if one.get(key) != other.get(key)}
