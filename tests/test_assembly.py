"""Attributes, clusters, fillers and order: the rules every way to a reading shares."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.assembly import (
    argument_order,
    canonical_links,
    cluster_values,
    clusters_of,
    fill,
    filling_events,
)
from curate.records import Argument, Event, Link, Span, Value, event_id, event_place
from curate.schema.model import Attribute, EventSchema, LinkType, RoleUse

PLACES = st.tuples(st.sampled_from(["Attack", "Threaten"]), st.integers(0, 30), st.integers(1, 9))
EVENT_IDS = st.lists(
    PLACES.map(lambda place: event_id(place[0], place[1], place[1] + place[2])), unique=True, min_size=1
)


def attribute(
    name: str,
    kind: str = "choice",
    default: Value = None,
    on: str = "trigger",
    level: str = "mention",
    **rest: set[str],
) -> Attribute:
    """An attribute with the choices a, b and c, asked of what ``applies_to`` names."""
    return Attribute(
        name=name,
        on=on,
        level=level,
        kind=kind,
        definition="",
        values=dict.fromkeys("abc", "") if kind.startswith("choice") else {},
        hotkeys={},
        default=default,
        applies_to=frozenset(rest.get("applies_to", set())),
    )


def schema(*attributes: Attribute, links: tuple[LinkType, ...] = ()) -> EventSchema:
    """A schema with nothing but these attributes and links."""
    return EventSchema(
        name="test",
        version="1.0.0",
        title="",
        description="",
        language="en",
        event_types={},
        roles={},
        attributes={one.name: one for one in attributes},
        links={one.name: one for one in links},
        default_link="same_event",
        selection="word",
        trim=(),
        attach="order",
        guidelines="",
    )


def event(type_name: str, start: int, end: int, **attributes: Value) -> Event:
    """An event without arguments."""
    trigger = Span(start=start, end=end, text="x" * (end - start))
    return Event(
        id=event_id(type_name, start, end),
        type=type_name,
        trigger=trigger,
        arguments=[],
        attributes=attributes,
    )


def test_fill_takes_what_was_set_else_the_default_else_null() -> None:
    """Every key is there; an attribute that isn't asked of the label is null even where it has a default."""
    attributes = [
        attribute("set", default="a"),
        attribute("unset", default="a"),
        attribute("open"),
        attribute("elsewhere", default="a", applies_to={"Threaten"}),
        attribute("number", kind="integer"),
    ]
    values: dict[str, Value] = {"set": "b", "unset": None, "elsewhere": "b", "number": 0, "event_level": "c"}
    filled = fill(schema(*attributes), "trigger", "Attack", values)
    assert filled == {"set": "b", "unset": "a", "open": None, "elsewhere": None, "number": 0}


@given(st.lists(st.sampled_from("abc")))
def test_fill_orders_choices_by_the_schema(chosen: list[str]) -> None:
    """However several choices were clicked, they come in schema order, once each; none at all is unset."""
    several = attribute("several", kind="choices", default=["c", "a"])
    filled = fill(schema(several), "trigger", "Attack", {"several": list(chosen)})
    assert filled == {"several": sorted(set(chosen)) or ["a", "c"]}


@given(EVENT_IDS, st.data())
def test_clusters_are_the_closure_of_the_pairs(identifiers: list[str], data: st.DataObject) -> None:
    """Two events share a cluster exactly if a chain of pairs leads from one to the other; all is in order."""
    ends = st.sampled_from(identifiers)
    pairs = data.draw(st.lists(st.tuples(ends, ends)))
    reached = {one: {one} for one in identifiers}
    for _ in identifiers:
        for one, other in pairs:
            joined = reached[one] | reached[other]
            for member in joined:
                reached[member] = joined
    clusters = clusters_of(identifiers, pairs)
    assert sorted(member for cluster in clusters for member in cluster) == sorted(identifiers)
    assert all(set(cluster) == reached[member] for cluster in clusters for member in cluster)
    assert all(cluster == sorted(cluster, key=event_place) for cluster in clusters)
    assert all(event_place(one[0]) < event_place(other[0]) for one, other in pairwise(clusters))


@given(EVENT_IDS, st.data())
def test_clusters_do_not_depend_on_the_order_they_are_told_in(identifiers: list[str], data: st.DataObject) -> None:
    """Events and pairs in any order and direction give the same clusters."""
    ends = st.sampled_from(identifiers)
    pairs = data.draw(st.lists(st.tuples(ends, ends)))
    turned = [pair[::-1] for pair in data.draw(st.permutations(pairs))]
    assert clusters_of(data.draw(st.permutations(identifiers)), turned) == clusters_of(identifiers, pairs)


def test_a_pair_with_an_unknown_event_is_refused() -> None:
    """An event no one declared is never made up."""
    with pytest.raises(KeyError, match="Attack@9-10"):
        clusters_of(["Attack@1-2"], [("Attack@1-2", "Attack@9-10")])


@given(st.lists(st.sampled_from([None, "a", "b", "c"]), min_size=1))
def test_cluster_values_are_the_one_non_default_value(set_on_members: list[str | None]) -> None:
    """Default and unset mentions have no say; two different other values are a conflict, never a choice."""
    members = [event("Attack", place, place + 1, known=value) for place, value in enumerate(set_on_members)]
    values, conflicts = cluster_values(schema(attribute("known", default="a", level="event")), members)
    others = list(dict.fromkeys(value for value in set_on_members if value not in (None, "a")))
    assert values == {"known": others[0] if len(others) == 1 else "a"}
    assert conflicts == ({"known": others} if len(others) > 1 else {})


def test_cluster_values_ask_only_the_types_concerned() -> None:
    """A value on a mention that isn't asked doesn't count, and an attribute no member is asked is null."""
    rules = schema(
        attribute("some", default="a", level="event", applies_to={"Attack"}),
        attribute("none", default="a", level="event", applies_to={"Deploy"}),
        attribute("mention", default="a"),
    )
    members = [event("Threaten", 0, 1, some="c"), event("Attack", 2, 3, some="b", none="b", mention="b")]
    assert cluster_values(rules, members) == ({"some": "b", "none": None}, {})


def test_filling_events_stand_on_the_span_and_are_of_an_admitted_type() -> None:
    """The owner, another span and a type the role doesn't admit are passed over; several come by place."""
    use = RoleUse("content", event_fillers=frozenset({"Threaten", "Attack"}))
    events = [
        event("Threaten", 3, 5),
        event("Attack", 3, 5),
        event("Deploy", 3, 5),
        event("Attack", 3, 6),
        event("Attack", 1, 2),
    ]
    assert filling_events(use, "Attack@1-2", (3, 5), events) == ["Attack@3-5", "Threaten@3-5"]
    assert filling_events(use, "Attack@3-5", (3, 5), events) == ["Threaten@3-5"]
    assert filling_events(use, "Attack@1-2", (1, 2), events) == []
    assert filling_events(RoleUse("target"), "Attack@1-2", (3, 5), events) == []


def test_arguments_are_ordered_by_role_then_place() -> None:
    """Places count as numbers, and an event stands where its trigger is."""

    def argument(role: str, start: int | None, filler: str | None = None) -> Argument:
        end = None if start is None else start + 1
        name = f"x/{role}/{filler or start}"
        return Argument(id=name, role=role, start=start, end=end, text="x", event_id=filler)

    mixed = [argument("b", 100), argument("b", None, "Attack@20-21"), argument("a", 100), argument("b", 9)]
    assert sorted(mixed, key=argument_order) == [mixed[2], mixed[3], mixed[1], mixed[0]]


def test_links_are_sorted_once_each_and_symmetric_ones_start_early() -> None:
    """The direction of a symmetric link says nothing, that of any other one is kept."""
    rules = schema(
        links=(
            LinkType("beside", "", True, False, frozenset(), frozenset()),
            LinkType("after", "", False, False, frozenset(), frozenset()),
        )
    )
    early, late = "Attack@9-10", "Attack@10-11"
    links = [
        Link(type="beside", source=late, target=early),
        Link(type="beside", source=early, target=late),
        Link(type="after", source=late, target=early),
        Link(type="after", source=early, target=late),
        Link(type="after", source=late, target=early),
    ]
    assert canonical_links(rules, links) == [
        Link(type="after", source=early, target=late),
        Link(type="after", source=late, target=early),
        Link(type="beside", source=early, target=late),
    ]
