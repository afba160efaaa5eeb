"""A reading in the making: what every item of a result stands for, and what hangs on what (pure)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from curate.assembly import fill
from curate.labelstudio.contents import Contents, Region, SetValue, Words
from curate.records import Event, Item, Note, Value
from curate.schema.model import EventSchema


class Draft(msgspec.Struct):
    """The reading in the making."""

    contents: Contents
    schema: EventSchema
    values: dict[str, dict[str, Value]] = {}
    """What was set, by region; ``""`` is the article."""
    limited: dict[str, list[SetValue]] = {}
    """By region the values set on an argument that only some roles are asked for."""
    event_of: dict[str, Event] = {}
    """The events by the regions of their triggers."""
    triggers: dict[str, Region] = {}
    events: dict[str, Event] = {}
    """The events by id, whose lists of arguments grow."""
    duplicates: set[str] = set()
    twins: dict[str, int] = {}
    """How many of a region's statements were made before."""


def attribute_statement(owner: str | None, name: str) -> str:
    """Name an attribute value: ``Attack@28-35#modality``, ``#relevance`` for the article's own."""
    return f"{owner or ''}#{name}"


def link_statement(link_type: str, source: str, target: str) -> str:
    """Name a link: ``response_to(Deploy@156-164,Attack@28-35)``."""
    return f"{link_type}({source},{target})"


def _same_values(draft: Draft, first: Region, second: Region, on: str) -> bool:
    one, other = (fill(draft.schema, on, region.label, draft.values.get(region.id, {})) for region in (first, second))
    return one == other


def duplicate(draft: Draft, kept: Region, twin: Region, on: str) -> None:
    """Tell that a region states what another did before, as trigger or as argument."""
    same = _same_values(draft, kept, twin, on)
    draft.contents.report(
        "duplicate-region" if same else "duplicate-region-differs",
        twin.where,
        "The same thing is drawn twice; one is kept."
        if same
        else "The same thing is drawn twice with different attributes; delete one.",
        twin.item,
    )
    draft.twins[twin.id] = draft.twins.get(twin.id, 0) + 1


def repeat(draft: Draft, arrow: Item) -> None:
    """Leave out an arrow that says again what was said before."""
    draft.duplicates.add(arrow.id)
    draft.contents.report("arrow-repeated", arrow.id, "It says what is said already; one of the two is kept.", arrow)


def exclude_twins(draft: Draft) -> None:
    """Leave out the regions that say nothing but what others said before, with all that hangs on them."""
    for region, repeated in draft.twins.items():
        item = draft.contents.regions[region].item
        if repeated < len(item.states):
            continue
        draft.duplicates.add(item.id)
        draft.duplicates.update(value.item.id for value in draft.contents.set_values.values() if value.region == region)
        told = (*draft.contents.words, *draft.contents.reasons)
        draft.duplicates.update(words.item.id for words in told if words.region == region)


def leave_hanging(contents: Contents) -> None:
    """Note the values and words of regions that can't be read, or can't stand without one that can't be."""
    if not contents.unreadable and not contents.hanging:
        return
    pieces: list[SetValue | Words] = [*contents.set_values.values(), *contents.words, *contents.reasons]
    for told in pieces:
        region = contents.regions.get(told.region or "")
        if told.region in contents.unreadable:
            contents.hanging[told.item.id] = contents.unreadable[told.region]
        elif region is not None and region.item.id in contents.hanging:
            contents.hanging[told.item.id] = region.item.id


def setting(draft: Draft, name: str, events: Sequence[str]) -> Iterator[Item]:
    """Give the items that set an attribute on the triggers of some events."""
    regions = {draft.triggers[event].id for event in events}
    return (
        one.item for one in draft.contents.set_values.values() if one.attribute.name == name and one.region in regions
    )


def state_values(draft: Draft) -> None:
    """Say for every set value and note whose it is; what a region states is known by now."""
    regions = draft.contents.regions
    for value in draft.contents.set_values.values():
        name = value.attribute.name
        if value.region is None:
            value.item.states.append(attribute_statement(None, name))
        elif value.region in regions:
            value.item.states.extend([attribute_statement(owner, name) for owner in regions[value.region].item.states])
    for words in (*draft.contents.words, *draft.contents.reasons):
        known = words.region in draft.contents.regions or words.region in draft.contents.unreadable
        if words.region and not known:
            told = "Its region is missing; it is kept as a note on the article."
            draft.contents.report("note-orphan", f"note of region {words.region}", told, words.item)
        words.item.states.extend(_stated(draft, words.region))


def _stated(draft: Draft, region: str | None) -> list[str]:
    """List what a region states."""
    found = draft.contents.regions.get(region or "")
    return found.item.states if found else []


def items(draft: Draft) -> list[Item]:
    """Give every item with what it states, put in order, in the order of the result."""
    for item in draft.contents.items.values():
        if len(item.states) > 1:
            item.states.sort()
    return [*draft.contents.items.values()]


def notes(draft: Draft, told: list[Words]) -> list[Note]:
    """Give what was noted with what it is about."""
    notes = []
    for words in told:
        about = _stated(draft, words.region)
        notes.append(Note(about=about[0] if about else None, text=words.text))
    return notes
