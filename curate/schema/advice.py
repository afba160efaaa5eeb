"""What is legal in an event schema but will be regretted: for annotators, and for what is learnt from their work."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from curate.markup import MarkupError, parse, to_reading
from curate.meaning import meaning_findings
from curate.schema.history import never_named
from curate.schema.hotkeys import assign
from curate.schema.model import EventSchema
from curate.schema.shape import Fault
from curate.schema.source import Path, Problem, Source

MOST_LABELS = 16
"""Rows of types or roles that leave room for the attributes below them on a screen of 1366x768."""

MOST_TRIGGER_ATTRIBUTES = 5
MOST_VALUES = 10
FEWEST_WORDS = 2

_SECTIONS = {"event_types": "event type", "roles": "role", "attributes": "attribute", "links": "link"}
_CUT = re.compile(r"^\s*(?:- )?(?:title|description|definition)\s*:\s+[^\"'>|\s].*? (#\S.*)$")


def warnings(schema: EventSchema, source: Source, earlier: Iterable[EventSchema] = ()) -> list[Problem]:
    """List what is unwise in a schema file that is right, by line; ``source`` is the file it was read from.

    ``earlier`` are the versions of it that were used before.
    """
    faults = [*(one for rule in RULES for one in rule(schema)), *never_named(schema, earlier)]
    found = [Problem(source.line_of(one.path), one.path, one.message, one.fix) for one in faults]
    return sorted([*found, *_cut_texts(source)], key=lambda problem: (problem.line, problem.message))


def size(schema: EventSchema) -> Iterator[Fault]:
    """Labels and attributes fit the page."""
    for section, what, entries in (
        ("event_types", "event types", schema.event_types),
        ("roles", "roles", schema.roles),
    ):
        if len(entries) > MOST_LABELS:
            fix = f"Join or drop what is rare until {MOST_LABELS} are left, or make two schemas."
            yield Fault((section,), f"{len(entries)} {what} don't fit the page without scrolling", fix)
    for name in schema.event_types:
        count = sum(attribute.applies(name) for attribute in schema.attributes_on("trigger"))
        if count > MOST_TRIGGER_ATTRIBUTES:
            fix = f"Each is read at every event: keep {MOST_TRIGGER_ATTRIBUTES}, limit others with `types:`."
            yield Fault(("attributes",), f"{count} attributes are asked of every {name}", fix)
            return


def values(schema: EventSchema) -> Iterator[Fault]:
    """There is something to choose, not too much, and a key for it."""
    keys = assign(schema)
    for attribute in schema.attributes.values():
        path: Path = ("attributes", attribute.name, "values")
        count = len(attribute.values)
        without = [value for value, key in keys.choices.get(attribute.name, {}).items() if not key]
        if attribute.kind == "choice" and count == 1:
            yield Fault(path, f"{attribute.name!r} has a single value", "Add another, or drop the attribute.")
        if count > MOST_VALUES:
            fix = "Ten have a digit each: join the rare ones as `other`, or divide the question in two."
            yield Fault(path, f"{attribute.name!r} has {count} values to read through each time", fix)
        elif without:
            fix = "Declare fewer labels and values: they can then only be clicked."
            yield Fault(path, f"no key is left for {_listed(without)} of {attribute.name!r}", fix)
    labels = [name for name, key in (*keys.types.items(), *keys.roles.items()) if not key]
    if labels:
        yield Fault(("event_types",), f"no key is left for {_listed(labels)}", "Declare fewer types and roles.")


def lessons(schema: EventSchema) -> Iterator[Fault]:
    """Every type shows what it looks like."""
    for key, what, fix in (
        ("examples", "no examples", 'Add two sentences each: examples: ["[struck](Type#1) [the base](role>1)"].'),
        ("trigger_words", "no trigger words", "Add words that often name the event: trigger_words: [struck, hit]."),
    ):
        bare = [one.name for one in schema.event_types.values() if not getattr(one, key)]
        if bare:
            yield Fault(("event_types", bare[0]), f"{_listed(bare)}: {what}", fix)


def uses(schema: EventSchema) -> Iterator[Fault]:
    """Every role is played in some event."""
    played = {role for event_type in schema.event_types.values() for role in event_type.roles}
    idle = [role for role in schema.roles if role not in played]
    if idle:
        yield Fault(
            ("roles", idle[0]), f"no event type uses {_listed(idle)}", "Add it to a type's `roles:`, or delete it."
        )


def definitions(schema: EventSchema) -> Iterator[Fault]:
    """Definitions say more than the name."""
    for section, what in _SECTIONS.items():
        for name, entry in getattr(schema, section).items():
            if len(entry.definition.split()) < FEWEST_WORDS:
                message = f"{what} {name!r} is defined as {entry.definition!r} only"
                yield Fault((section, name), message, "Say what counts and what does not: annotators go by it.")


def examples(schema: EventSchema) -> Iterator[Fault]:
    """An example stands there once, shows its type, and keeps the rules it illustrates."""
    told = [
        (("event_types", name, "examples", index), name, example)
        for name, event_type in schema.event_types.items()
        for index, example in enumerate(event_type.examples)
    ]
    counts = Counter(example for _, _, example in told)
    for path, name, example in told:
        if counts[example] > 1:
            counts[example] = 0
            yield Fault(path, "the same example stands here twice", "Replace one: each should show something new.")
        try:
            marked = parse(example)
            reading = to_reading(marked, schema)
        except MarkupError:
            continue
        if name not in {event.type for event in reading.events}:
            fix = f"Mark its trigger: [words]({name}#1)."
            yield Fault(path, f"an example of {name} without an event of this type", fix)
        for finding in meaning_findings(reading, marked.text, schema):
            if finding.level == "error":
                yield Fault(path, f"an example would be held back: {finding.message}", "Mend it, or relax the rule.")


RULES: tuple[Callable[[EventSchema], Iterator[Fault]], ...] = (size, values, lessons, uses, definitions, examples)


def _cut_texts(source: Source) -> Iterator[Problem]:
    for line, row in enumerate(source.rows, 1):
        if cut := _CUT.match(row):
            fix = "Put the text in quotes; a comment would begin with `# `."
            yield Problem(line, (), f"the text ends before `{cut[1]}`: ` #` begins a comment", fix)


def _listed(names: list[str]) -> str:
    shown = ", ".join(names[:5])
    return shown if len(names) <= 5 else f"{shown} and {len(names) - 5} more"
