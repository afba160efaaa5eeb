"""Which events, arguments and clusters of two readings are meant to be the same, whatever they are called."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from curate.agreement.matching import (
    THOUSAND,
    Booleans,
    Comparison,
    Edges,
    Touching,
    first_of_each,
    one_to_one,
    pack,
    touching,
)
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


@dataclass(frozen=True)
class Meetings:
    """What all comparing starts from: whose spans meet whose, and which rows say the same.

    ``event_key`` numbers the events by article, type and trigger, ``argument_key`` the arguments by event, role and
    filler: what their ids say.
    """

    events: Touching
    arguments: Touching
    event_key: Integers
    argument_key: Integers
    argument_reading: Integers


def meet(table: Table, comparison: Comparison) -> Meetings:
    """Find out which triggers and which fillers meet."""
    events, arguments = table.events, table.arguments
    article = table.readings.article[events.reading]
    event_key = np.unique(pack(article, events.type, events.start, events.end), return_inverse=True)[1]
    kind = np.append(events.type + 1, 0)[arguments.filler]
    reading = events.reading[arguments.event]
    return Meetings(
        events=touching(events.start, events.end, events.reading, comparison),
        arguments=touching(arguments.start, arguments.end, reading, comparison),
        event_key=event_key,
        argument_key=pack(event_key[arguments.event], arguments.role, kind, arguments.start, arguments.end),
        argument_reading=reading,
    )


def align_table(table: Table, comparison: Comparison, meetings: Meetings) -> Alignment:
    """Align every two readings of one article.

    Events with the same type and trigger go together. The others are paired one to one among those whose triggers
    share a code point, by the largest sum of overlaps; where that leaves a choice by type, then by arguments in
    common. Arguments are aligned within aligned events: those with the same id first, then by overlap, then by
    role. Clusters with the same first event go together, the others by the aligned mentions they share.
    """
    reading, found = table.events.reading, meetings.events
    same_events = _same(found.edges, meetings.event_key, reading)
    labels = found.edges.alike(table.events.type)
    weight = found.overlap * OVERLAP + labels * LABEL + _common_arguments(table, meetings) + 1
    events = one_to_one(same_events, found.edges, weight, reading, comparison)
    return Alignment(
        same_events,
        events,
        _arguments(table, comparison, meetings, events),
        _clusters(table, comparison, same_events, events),
    )


def partners(edges: Edges, reading: Integers, comparison: Comparison) -> Integers:
    """Lay the edges out as a table: the partner of each row in the reading of each rank, -1 for none."""
    laid = np.full(len(reading) * comparison.most, -1, np.int64)
    rank = comparison.readings.rank
    laid[edges.one * comparison.most + rank[reading[edges.other]]] = edges.other
    laid[edges.other * comparison.most + rank[reading[edges.one]]] = edges.one
    return laid.reshape(len(reading), comparison.most)


def _same(edges: Edges, key: Integers, reading: Integers) -> Edges:
    """Keep the edges between rows with one key, the first of those that one reading has."""
    kept = first_of_each(key, reading)
    return edges.only(edges.alike(key) & kept[edges.one] & kept[edges.other])


def _common_arguments(table: Table, meetings: Meetings) -> Integers:
    """Measure how many of the arguments of two events that meet have one role and meet, too, in thousandths."""
    arguments, size, pairs = table.arguments, len(table.events.reading), meetings.events.edges
    found = meetings.arguments.edges
    found = found.only(found.alike(arguments.role))
    coded, counts = np.unique(arguments.event[found.one] * size + arguments.event[found.other], return_counts=True)
    wanted = pairs.one * size + pairs.other
    place = np.minimum(np.searchsorted(coded, wanted), max(len(coded) - 1, 0))
    shared = np.where(coded[place] == wanted, counts[place], 0) if len(coded) else np.zeros_like(wanted)
    number = np.bincount(arguments.event, minlength=size)
    fewer, both = np.minimum(number[pairs.one], number[pairs.other]), number[pairs.one] + number[pairs.other]
    measured: Integers = 2 * THOUSAND * np.minimum(shared, fewer) // np.maximum(both, 1)
    return measured


def _arguments(table: Table, comparison: Comparison, meetings: Meetings, events: Edges) -> Edges:
    arguments, reading = table.arguments, meetings.argument_reading
    partner = partners(events, table.events.reading, comparison)
    edges = meetings.arguments.edges
    rank = comparison.readings.rank[reading[edges.other]]
    found = meetings.arguments.only(partner[arguments.event[edges.one], rank] == arguments.event[edges.other])
    weight = found.overlap * OVERLAP + found.edges.alike(arguments.role) * LABEL + 1
    certain = _same(found.edges, meetings.argument_key, reading)
    return one_to_one(certain, found.edges, weight, reading, comparison)


def _clusters(table: Table, comparison: Comparison, same_events: Edges, events: Edges) -> Edges:
    """Align clusters; an edge joins rows of the clusters."""
    reading, cluster = table.events.reading[table.first_event], table.events.cluster
    size = max(len(reading), 1)
    first = np.zeros(len(cluster), np.bool_)
    first[table.first_event] = True
    certain = same_events.only(first[same_events.one] & first[same_events.other])
    certain = Edges(cluster[certain.one], cluster[certain.other], certain.comparison)
    coded, at, shared = np.unique(
        cluster[events.one] * size + cluster[events.other], return_index=True, return_counts=True
    )
    possible = Edges(coded // size, coded % size, events.comparison[at])
    number = np.bincount(cluster, minlength=size)
    weight = 2 * THOUSAND * shared // np.maximum(number[possible.one] + number[possible.other], 1) * LABEL + 1
    return one_to_one(certain, possible, weight, reading, comparison)


def units(keys: Integers, edges: Edges, reading: Integers, comparison: Comparison) -> Integers:
    """Number the things that the rows of all readings stand for: rows with one key, and those that edges join.

    No unit ever holds two rows of one reading: edges are followed in order of their rows' keys, and one that would
    bring two together is left.
    """
    nodes = np.unique(keys, return_inverse=True)[1]
    size = int(nodes.max(initial=-1)) + 1
    joining = edges.only(~edges.alike(nodes))
    ends = nodes[joining.one], nodes[joining.other]
    joints = np.unique(np.minimum(*ends) * size + np.maximum(*ends))
    root = np.arange(size)
    first, second = joints // max(size, 1), joints % max(size, 1)
    degree = np.bincount(np.concatenate((first, second)), minlength=size)
    simple = (degree[first] == 1) & (degree[second] == 1)
    rank = comparison.readings.rank[reading]
    apart = _apart(first[simple], second[simple], nodes, rank, comparison.most)
    root[second[simple][apart]] = first[simple][apart]
    _join(root, joints[~simple], nodes, rank)
    return root[nodes]


def _apart(first: Integers, second: Integers, nodes: Integers, rank: Integers, most: int) -> Booleans:
    """Tell which pairs of nodes have no reading in common; no node is in two pairs."""
    pair = np.full(len(nodes) + 1, -1, np.int64)
    pair[first] = pair[second] = np.arange(len(first))
    own = pair[nodes]
    held = np.sort(own[own >= 0] * most + rank[own >= 0])
    apart = np.ones(len(first), np.bool_)
    apart[held[1:][np.diff(held) == 0] // max(most, 1)] = False
    return apart


def _join(root: Integers, joints: Integers, nodes: Integers, rank: Integers) -> None:
    """Join nodes that are in several pairs, pair by pair, where that brings no reading together with itself."""
    size = len(root)
    touched = np.zeros(size, np.bool_)
    touched[joints // max(size, 1)] = touched[joints % max(size, 1)] = True
    rows = np.flatnonzero(touched[nodes])
    held: dict[int, set[int]] = {}
    for node, one in zip(nodes[rows].tolist(), rank[rows].tolist(), strict=True):
        held.setdefault(node, set()).add(one)
    above = {node: node for node in held}
    for joint in joints.tolist():
        kept, gone = sorted((_root(above, joint // size), _root(above, joint % size)))
        if kept != gone and not held[kept] & held[gone]:
            above[gone] = kept
            held[kept] |= held[gone]
    for node in held:
        root[node] = _root(above, node)


def _root(above: dict[int, int], node: int) -> int:
    while above[node] != node:
        above[node] = above[above[node]]
        node = above[node]
    return node
