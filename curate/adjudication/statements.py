"""A reading taken apart into statements, each under its key (pure).

The keys are: event id; argument id; link type, source and target; pair of events in one cluster; and, of what is
there, each attribute value (``Attack@28-35#modality``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

from curate.assembly import AnyReading
from curate.labelstudio.draft import attribute_statement, link_statement
from curate.records import Argument, Candidate, Event, Link, Value, canonical_json
from curate.schema.model import SAME_EVENT, EventSchema

PRESENT, ABSENT = "true", "false"
FORMS = ("type", "span", "role")
"""What readings may say differently of one event or argument: ``Attack@28-35:type``."""


@dataclass(frozen=True)
class Statements:
    """All that one reading says, each thing under its key."""

    events: dict[str, Event]
    arguments: dict[str, tuple[str, Argument]]
    links: dict[str, Link]
    pairs: dict[str, tuple[str, str]]
    values: dict[str, Value]

    def present(self) -> set[str]:
        """Give the keys of everything that is there or not: all but attribute values."""
        return {*self.events, *self.arguments, *self.links, *self.pairs}


def statements_of(reading: AnyReading, schema: EventSchema) -> Statements:
    """Take a reading apart. Event-level attributes count for every mention of the cluster that carries them.

    Attributes that aren't asked of a type or role are left out, and so are those that a reading holds no value of.
    """
    events = {event.id: event for event in reading.events}
    values: dict[str, Value] = {}
    for event in reading.events:
        for attribute in schema.attributes_on("trigger", "mention"):
            if attribute.applies(event.type) and attribute.name in event.attributes:
                values[attribute_statement(event.id, attribute.name)] = event.attributes[attribute.name]
        for argument in event.arguments:
            for attribute in schema.attributes_on("argument"):
                if attribute.applies(argument.role) and attribute.name in argument.attributes:
                    key = attribute_statement(argument.id, attribute.name)
                    values[key] = argument.attributes[attribute.name]
    for cluster in reading.clusters:
        for attribute in schema.attributes_on("trigger", "event"):
            for member in cluster.events:
                if attribute.applies(events[member].type) and attribute.name in cluster.attributes:
                    values[attribute_statement(member, attribute.name)] = cluster.attributes[attribute.name]
    for name, value in reading.attributes.items():
        values[attribute_statement(None, name)] = value
    pairs = [pair for cluster in reading.clusters for pair in combinations(cluster.events, 2)]
    return Statements(
        events=events,
        arguments={argument.id: (event.id, argument) for event in reading.events for argument in event.arguments},
        links={link_statement(link.type, link.source, link.target): link for link in reading.links},
        pairs={link_statement(SAME_EVENT, *pair): pair for pair in pairs},
        values=values,
    )


def owner_of(about: str) -> str:
    """Name what a value or a form is told of; empty for the article and for what is there or not."""
    if "#" in about:
        return about.rpartition("#")[0]
    owner, _, form = about.rpartition(":")
    return owner if form in FORMS else ""


def is_presence(about: str) -> bool:
    """Tell whether the key is of something that is there or not, rather than of a value or a form."""
    return "#" not in about and not owner_of(about)


def differences(said: Mapping[str, Statements]) -> dict[str, list[Candidate]]:
    """Find every key on which the readings are not of one mind, with who says what.

    On what is there or not everybody has a say, on a value those who have what it is told of.
    """
    found: dict[str, list[Candidate]] = {}
    for key in sorted(set().union(*(statements.present() for statements in said.values()))):
        answers = {who: PRESENT if key in statements.present() else ABSENT for who, statements in said.items()}
        if len(set(answers.values())) > 1:
            found[key] = candidates_of(answers)
    for key in sorted(set().union(*(statements.values for statements in said.values()))):
        given = {who: encoded(statements.values[key]) for who, statements in said.items() if key in statements.values}
        if len(set(given.values())) > 1:
            found[key] = candidates_of(given)
    return found


def candidates_of(answers: Mapping[str, str]) -> list[Candidate]:
    """Gather who gives which answer, in order of the answers."""
    return [
        Candidate(value=value, annotators=sorted(who for who, given in answers.items() if given == value))
        for value in sorted(set(answers.values()))
    ]


def encoded(value: Value) -> str:
    """Write a value as it stands in a candidate."""
    return canonical_json(value).decode()
