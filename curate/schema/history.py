"""What the earlier versions of a schema say of its rules under ``renamed``: an old name that none of them had."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence

from curate.schema.model import EventSchema, Renames, followed, value_followed, version_order
from curate.schema.shape import Fault

SECTIONS = {"event_types": "event type", "roles": "role", "links": "link", "attributes": "attribute"}


def never_named(schema: EventSchema, known: Iterable[EventSchema]) -> Iterator[Fault]:
    """No rule is for a name that none of the ``known`` earlier versions has, as a slip of the pen is.

    Where no version from before the rule is known, nothing can be told of it.
    """
    earlier = [one for one in known if one.name == schema.name and one.stamp != schema.stamp]
    for place, block in enumerate(schema.renamed):
        before = [one for one in earlier if version_order(one.version) <= version_order(block.version)]
        if not before:
            continue
        for section, what in SECTIONS.items():
            names = {name for old in before for name in _names(section, old, schema.renamed[:place])}
            rules: Mapping[str, str] = getattr(block, section)
            yield from _slips(rules, names, what, ("renamed", block.version, section))
        for attribute, rules in block.values.items():
            held = {value for old in before for value in _values(attribute, old, schema.renamed[: place + 1])}
            yield from _slips(rules, held, f"value of {attribute}", ("renamed", block.version, "values", attribute))


def _slips(rules: Mapping[str, str], names: Iterable[str], what: str, path: tuple[str, ...]) -> Iterator[Fault]:
    for old in rules:
        if old not in names:
            near = difflib.get_close_matches(old, sorted(names), 1)
            meant = f" (did you mean {near[0]!r}?)" if near else ""
            fix = "Correct the old name, or delete the rule: it brings nothing to its new name."
            yield Fault((*path, old), f"no earlier version that was used here has the {what} {old!r}{meant}", fix)


def _since(old: EventSchema, blocks: Iterable[Renames]) -> list[Renames]:
    return [block for block in blocks if version_order(block.version) > version_order(old.version)]


def _names(section: str, old: EventSchema, blocks: Sequence[Renames]) -> set[str]:
    """Give what the names of an earlier version had become after some rules."""
    rules = [getattr(block, section) for block in _since(old, blocks)]
    return {followed(name, rules) for name in getattr(old, section)}


def _values(attribute: str, old: EventSchema, blocks: Sequence[Renames]) -> Iterator[str]:
    """Give what values an attribute, by its name after the last rules, had before those renamed any."""
    *before, last = blocks
    since = _since(old, before)
    for name, one in old.attributes.items():
        if followed(name, [block.attributes for block in (*since, last)]) == attribute:
            yield from (value_followed(name, value, since) for value in one.values)
