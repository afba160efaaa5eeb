"""Which events, arguments and clusters of two readings are meant to be the same, whatever they are called."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from curate.agreement.matching import THOUSAND, Comparison, Edges, one_to_one, overlap, overlapping, pack, same
from curate.agreement.table import Integers, Table

# Weights are compared overlap first, then type or role, then arguments; no sum of a later one reaches an earlier one
# while fewer than ten thousand events of a reading compete.
OVERLAP, LABEL = 10**13, 10**8


@dataclass(frozen=True)
class Alignment:
    """Edges between rows of the same kind in two readings, each row in at most one for every two readings.

    ``same_events`` are those with one id; ``events`` has these and the aligned others.
    """

    same_events: Edges
    events: Edges
    arguments: Edges
    clusters: Edges


def align_table(table: Table, comparison: Comparison) -> Alignment:
    """Align every two readings of one article.

    Events with the same type and trigger go together. The others are paired one to one among those whose triggers
    share a code point, by the largest sum of overlaps; where that leaves a choice by type, then by arguments in
    common. Arguments are aligned within aligned events: those with the same id first, then by overlap, then by
    role. Clusters with the same first event go together, the others by the aligned mentions they share.
    """
    same_events = _same_events(table, comparison)
    events = _events(table, comparison, same_events)
    return Alignment(
        same_events,
        events,
        _arguments(table, comparison, events),
        _clusters(table, comparison, events),
    )


def partners(edges: Edges, reading: Integers, comparison: Comparison) -> Integers:
    """Lay the edges out as a table: the partner of each row in the reading of each rank, -1 for none."""
    laid = np.full(len(reading) * comparison.most, -1, np.int64)
    rank = comparison.readings.rank
    laid[edges.one * comparison.most + rank[reading[edges.other]]] = edges.other
    laid[edges.other * comparison.most + rank[reading[edges.one]]] = edges.one
    return laid.reshape(len(reading), comparison.most) if comparison.most else laid.reshape(0, 0)


def event_keys(table: Table) -> Integers:
    """Number the events by article, type and trigger: what an event's id says."""
    events = table.events
    return pack(table.readings.article[events.reading], events.type, events.start, events.end)


def argument_keys(table: Table) -> Integers:
    """Number the arguments by event, role and filler, a span or an event: what an argument's id says."""
    arguments = table.arguments
    kind = np.append(table.events.type + 1, 0)[arguments.filler]
    return pack(event_keys(table)[arguments.event], arguments.role, kind, arguments.start, arguments.end)


def _same_events(table: Table, comparison: Comparison) -> Edges:
    return same(event_keys(table), table.events.reading, comparison)


def _events(table: Table, comparison: Comparison, certain: Edges) -> Edges:
    events = table.events
    article = table.readings.article[events.reading]
    possible = overlapping(article, events.start, events.end, events.reading, comparison)
    labels = events.type[possible.one] == events.type[possible.other]
    weight = overlap(events.start, events.end, possible) * OVERLAP + labels * LABEL
    weight += _common_arguments(table, comparison, possible) + 1
    return one_to_one(certain, possible, weight, events.reading, comparison)


def _common_arguments(table: Table, comparison: Comparison, pairs: Edges) -> Integers:
    """Measure how many of the arguments of two events have the same role and overlap, in thousandths."""
    arguments, size = table.arguments, len(table.events.reading)
    reading = table.events.reading[arguments.event]
    group = pack(table.readings.article[reading], arguments.role)
    touching = overlapping(group, arguments.start, arguments.end, reading, comparison)
    coded, counts = np.unique(
        arguments.event[touching.one] * size + arguments.event[touching.other], return_counts=True
    )
    wanted = pairs.one * size + pairs.other
    place = np.minimum(np.searchsorted(coded, wanted), max(len(coded) - 1, 0))
    shared = np.where(coded[place] == wanted, counts[place], 0) if len(coded) else np.zeros_like(wanted)
    number = np.bincount(arguments.event, minlength=size)
    fewer = np.minimum(number[pairs.one], number[pairs.other])
    measured: Integers = (
        2 * THOUSAND * np.minimum(shared, fewer) // np.maximum(number[pairs.one] + number[pairs.other], 1)
    )
    return measured


def _arguments(table: Table, comparison: Comparison, events: Edges) -> Edges:
    arguments = table.arguments
    reading = table.events.reading[arguments.event]
    partner = partners(events, table.events.reading, comparison)
    article = table.readings.article[reading]
    touching = overlapping(article, arguments.start, arguments.end, reading, comparison)
    rank = comparison.readings.rank[reading[touching.other]]
    possible = touching.only(partner[arguments.event[touching.one], rank] == arguments.event[touching.other])
    labels = arguments.role[possible.one] == arguments.role[possible.other]
    weight = overlap(arguments.start, arguments.end, possible) * OVERLAP + labels * LABEL + 1
    certain = same(argument_keys(table), reading, comparison)
    return one_to_one(certain, possible, weight, reading, comparison)


def _clusters(table: Table, comparison: Comparison, events: Edges) -> Edges:
    reading = table.events.reading[table.first_event]
    size = len(reading)
    first = event_keys(table)[table.first_event]
    certain = same(first, reading, comparison)
    cluster = table.events.cluster
    coded, shared = np.unique(cluster[events.one] * size + cluster[events.other], return_counts=True)
    possible = Edges(coded // max(size, 1), coded % max(size, 1))
    number = np.bincount(cluster, minlength=size)
    weight = 2 * THOUSAND * shared // np.maximum(number[possible.one] + number[possible.other], 1) * LABEL + 1
    return one_to_one(certain, possible, weight, reading, comparison)


def units(keys: Integers, edges: Edges, reading: Integers, comparison: Comparison) -> Integers:
    """Number the things that the rows of all readings stand for: rows with one key, and those that edges join.

    No unit ever holds two rows of one reading: edges are followed in order of their rows' keys, and one that would
    bring two together is left.
    """
    nodes = np.unique(keys, return_inverse=True)[1]
    joining = nodes[edges.one] != nodes[edges.other]
    ends = np.unique(
        np.stack((np.minimum(nodes[edges.one], nodes[edges.other]), np.maximum(nodes[edges.one], nodes[edges.other])))[
            :, joining
        ],
        axis=1,
    )
    rank = comparison.readings.rank[reading]
    touched = np.isin(nodes, ends)
    held: dict[int, set[int]] = {}
    for node, one in zip(nodes[touched].tolist(), rank[touched].tolist(), strict=True):
        held.setdefault(node, set()).add(one)
    root = {node: node for node in held}
    for one, other in ends.T.tolist():
        kept, gone = sorted((_root(root, one), _root(root, other)))
        if kept != gone and not held[kept] & held[gone]:
            root[gone] = kept
            held[kept] |= held[gone]
    renamed = np.arange(int(nodes.max(initial=-1)) + 1)
    for node in held:
        renamed[node] = _root(root, node)
    return renamed[nodes]


def _root(root: dict[int, int], node: int) -> int:
    while root[node] != node:
        root[node] = root[root[node]]
        node = root[node]
    return node
