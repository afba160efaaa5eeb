"""The report's section on how often each type, role, link and answer is used."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from curate.reporting.contents import Contents
from curate.reporting.html import Html, element, fragment
from curate.reporting.tables import bar, share, table

MOST_ANSWERS = 20


def balance(contents: Contents) -> Html:
    """Count what the accepted readings mark, and what the records hold that were settled, in order of the schema."""
    read, settled, schema = contents.read, contents.settled, contents.schema
    unused = [name for name in schema.event_types if not read.types[name]]
    return fragment(
        element(
            "p",
            f"{read.readings} accepted readings and {settled.readings} settled records; an article that two people "
            f"read counts twice among the readings. ",
            f"Never marked: {', '.join(unused)}." if unused else "Every event type was marked.",
        ),
        element(
            "div",
            _counts("Event types", "type", schema.event_types, read.types, settled.types),
            _counts("Roles", "role", schema.roles, read.roles, settled.roles),
            class_="beside",
        ),
        _counts("Links", "link", schema.links, read.links, settled.links) if schema.links else None,
        element("h3", "Attributes") if schema.attributes else None,
        [
            element(
                "details",
                element("summary", f"{name} ({attribute.kind}, on {attribute.on})"),
                _counts(name, "answer", attribute.values, read.values[name], settled.values[name]),
            )
            for name, attribute in schema.attributes.items()
        ],
    )


def _counts(caption: str, kind: str, known: Iterable[str], read: Counter[str], settled: Counter[str]) -> Html:
    """Make a table of all that is known, used or not, and of what else was given, most first."""
    others = sorted((set(read) | set(settled)) - set(known), key=lambda name: (-read[name], -settled[name], name))
    names, rest = [*known, *others[:MOST_ANSWERS]], others[MOST_ANSWERS:]
    most, whole = max(read.values(), default=0), sum(read.values())
    rows = [(name, read[name], bar(read[name], most), share(read[name], whole), settled[name]) for name in names]
    if rest:
        left = sum(read[name] for name in rest)
        told = f"{len(rest)} more"
        rows.append((told, left, bar(0, most), share(left, whole), sum(settled[name] for name in rest)))
    return table(caption, (kind, "in readings", "", "share", "in records"), rows)
