"""Annotators who err at known rates: each reads the truth and gets some of it wrong, by chance that a seed decides."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random

import msgspec

from curate.assembly import argument_order, clusters_of
from curate.records import (
    Annotation,
    Argument,
    Cluster,
    Event,
    Link,
    Reading,
    Span,
    Value,
    argument_id,
    event_id,
    event_place,
)
from curate.text import text_sha256

WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Rates:
    """How often an annotator errs: each is the share of what could go wrong in that way that does.

    ``drop`` misses an event (with its arguments) or an argument, ``shift`` moves one end of a trigger or filler by a
    word, ``retype`` gives an event another type, ``rerole`` an argument another role, ``revalue`` an attribute another
    value, ``part`` leaves a mention out of its cluster.
    """

    drop: float = 0.0
    shift: float = 0.0
    retype: float = 0.0
    rerole: float = 0.0
    revalue: float = 0.0
    part: float = 0.0


@dataclass(frozen=True)
class World:
    """What there is to choose from: the roles of each event type, the values of each attribute."""

    roles: Mapping[str, Sequence[str]]
    values: Mapping[str, Sequence[str]] = field(default_factory=dict)


def misread(truth: Reading, text: str, rates: Rates, world: World, random: Random) -> Reading:
    """Read ``truth`` with errors. What comes out is a proper reading: ids by place, nothing twice, no loose ends.

    An argument whose role the new type of its event lacks goes, as does what refers to an event that was missed.
    """
    named: dict[str, Event] = {}
    for event in truth.events:
        if random.random() < rates.drop:
            continue
        kind = _other(sorted(world.roles), event.type, rates.retype, random)
        start, end = _shifted(text, event.trigger.start, event.trigger.end, rates.shift, random)
        read = Event(
            id=event_id(kind, start, end),
            type=kind,
            trigger=Span(start=start, end=end, text=text[start:end]),
            arguments=[],
            attributes=_revalued(event.attributes, rates, world, random),
        )
        if read.id not in {one.id for one in named.values()}:
            named[event.id] = read
    for event in truth.events:
        if event.id in named:
            read = named[event.id]
            arguments = _arguments(event.arguments, read, text, rates, world, random, named)
            named[event.id] = msgspec.structs.replace(read, arguments=arguments)
    ids = {old: read.id for old, read in named.items()}
    return Reading(
        events=sorted(named.values(), key=lambda event: event_place(event.id)),
        clusters=_clusters(truth.clusters, ids, rates, world, random),
        links=sorted(
            {
                Link(type=link.type, source=ids[link.source], target=ids[link.target])
                for link in truth.links
                if link.source in ids and link.target in ids and random.random() >= rates.drop
            },
            key=lambda link: (link.type, event_place(link.source), event_place(link.target)),
        ),
        attributes=_revalued(truth.attributes, rates, world, random),
    )


def annotation(article_id: str, text: str, annotator: str, reading: Reading) -> Annotation:
    """Make the accepted annotation of a reading."""
    return Annotation(
        id=f"{article_id}-{annotator}",
        task_id=1,
        article_id=article_id,
        text_sha256=text_sha256(text),
        annotator=annotator,
        schema=None,
        created_at="",
        updated_at="",
        lead_time=None,
        events=reading.events,
        clusters=reading.clusters,
        links=reading.links,
        attributes=reading.attributes,
        items=[],
        notes=[],
    )


def _arguments(
    arguments: Sequence[Argument],
    owner: Event,
    text: str,
    rates: Rates,
    world: World,
    random: Random,
    named: Mapping[str, Event],
) -> list[Argument]:
    read: dict[str, Argument] = {}
    for argument in arguments:
        if random.random() < rates.drop:
            continue
        roles = sorted(world.roles[owner.type])
        role = _other(roles, argument.role, rates.rerole, random)
        filler = named.get(argument.event_id) if argument.event_id else None
        if role not in roles or (argument.event_id and (filler is None or filler.id == owner.id)):
            continue
        start, end = None, None
        if filler is None:
            start, end = _shifted(text, argument.start or 0, argument.end or 0, rates.shift, random)
        identifier = argument_id(owner.id, role, filler.id if filler else f"{start}-{end}")
        read[identifier] = msgspec.structs.replace(
            argument,
            id=identifier,
            role=role,
            start=start,
            end=end,
            text=None if filler else text[start:end],
            event_id=filler.id if filler else None,
            attributes=_revalued(argument.attributes, rates, world, random),
        )
    return sorted(read.values(), key=argument_order)


def _clusters(
    clusters: Sequence[Cluster], ids: Mapping[str, str], rates: Rates, world: World, random: Random
) -> list[Cluster]:
    values: dict[str, dict[str, Value]] = {}
    pairs = []
    for cluster in clusters:
        kept = [ids[member] for member in cluster.events if member in ids]
        together = [one for one in kept if random.random() >= rates.part]
        pairs += itertools.pairwise(together)
        values.update(dict.fromkeys(kept, _revalued(cluster.attributes, rates, world, random)))
    return [
        Cluster(id=members[0], events=members, attributes=values.get(members[0], {}))
        for members in clusters_of(ids.values(), pairs)
    ]


def _revalued(values: Mapping[str, Value], rates: Rates, world: World, random: Random) -> dict[str, Value]:
    return {
        name: _other(world.values[name], value, rates.revalue, random)
        if isinstance(value, str) and name in world.values
        else value
        for name, value in values.items()
    }


def _other(choices: Sequence[str], chosen: str, rate: float, random: Random) -> str:
    others = [choice for choice in choices if choice != chosen]
    return random.choice(others) if others and random.random() < rate else chosen


def _shifted(text: str, start: int, end: int, rate: float, random: Random) -> tuple[int, int]:
    """Take one more word in on the right or, as often, on the left; at the edge of the text on the side there is."""
    if random.random() >= rate:
        return start, end
    right = WORD.search(text, end)
    left = next(reversed([*WORD.finditer(text, max(start - 200, 0), start)]), None)
    if right and (not left or random.random() < 1 / 2):
        return start, right.end()
    return (left.start(), end) if left else (start, end)
