"""What marks mean under a schema, and how a reading is marked."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.markup import (
    Marked,
    MarkedArgument,
    MarkedLink,
    MarkedTrigger,
    MarkupError,
    Values,
    from_reading,
    parse,
    render,
    to_reading,
)
from curate.records import Argument, Cluster, Event, Link, Reading, Span, Value
from curate.schema.model import Attribute, EventSchema, EventType, LinkType, RoleUse


def choices(name: str, on: str = "trigger", level: str = "mention", **more: object) -> Attribute:
    """An attribute with the choices yes, no and maybe and the default no, ``more`` changing that."""
    fields: dict[str, object] = {
        "kind": "choice",
        "definition": "",
        "values": dict.fromkeys(("yes", "no", "maybe"), ""),
        "hotkeys": {},
        "default": "no",
        "applies_to": frozenset(),
    }
    return Attribute(name=name, on=on, level=level, **{**fields, **more})  # type: ignore[arg-type]


def event_type(name: str, *roles: RoleUse) -> EventType:
    """An event type with these roles."""
    return EventType(name, "", "", None, None, (), (), {use.role: use for use in roles}, {})


SCHEMA = EventSchema(
    name="test",
    version="1.0.0",
    title="",
    description="",
    language="en",
    event_types={
        "Attack": event_type("Attack", RoleUse("target"), RoleUse("place")),
        "Injure": event_type("Injure", RoleUse("cause", False, frozenset({"Attack"}))),
        "Threaten": event_type("Threaten", RoleUse("content", True, frozenset({"Attack", "Injure"}))),
    },
    roles={},
    attributes={
        one.name: one
        for one in (
            choices("denied"),
            choices("hits", kind="integer", default=None, applies_to=frozenset({"Attack"})),
            choices("ways", kind="choices", default=None),
            choices("known", level="event"),
            choices("certain", on="argument", default="yes", applies_to=frozenset({"target"})),
            choices("relevant", on="article", default="yes"),
            choices("remark", on="article", kind="text", default=None),
        )
    },
    links={
        "response_to": LinkType("response_to", "", False, False, frozenset(), frozenset()),
        "beside": LinkType("beside", "", True, False, frozenset(), frozenset()),
    },
    default_link="same_event",
    selection="word",
    trim=(),
    attach="order",
    guidelines="",
)

ARTICLE = (
    "[They](place>2) [warned](Threaten#5) of [attacks](Attack#2{hits=3, ways=maybe|yes}, content>5) on "
    "[the base](target>9{certain=maybe}, target>2). It was [hit](Attack#9{known=maybe})."
    '{{same_event 9=2; beside 9>5; remark="not \\"sure\\""}}'
)


def article_reading() -> Reading:
    """What ``ARTICLE`` says, written out."""
    attack, threat, hit = "Attack@15-22", "Threaten@5-11", "Attack@43-46"
    plain: dict[str, Value] = {"denied": "no", "hits": None, "ways": None}

    def filler(owner: str, role: str, start: int, end: int, text: str, certain: Value) -> Argument:
        identifier = f"{owner}/{role}/{start}-{end}"
        return Argument(
            id=identifier,
            role=role,
            start=start,
            end=end,
            text=text,
            event_id=None,
            attributes={"certain": certain},
        )

    return Reading(
        events=[
            Event(
                id=threat,
                type="Threaten",
                trigger=Span(start=5, end=11, text="warned"),
                arguments=[
                    Argument(
                        id=f"{threat}/content/{attack}",
                        role="content",
                        start=None,
                        end=None,
                        text=None,
                        event_id=attack,
                        attributes={"certain": None},
                    )
                ],
                attributes=plain,
            ),
            Event(
                id=attack,
                type="Attack",
                trigger=Span(start=15, end=22, text="attacks"),
                arguments=[
                    filler(attack, "place", 0, 4, "They", None),
                    filler(attack, "target", 26, 34, "the base", "yes"),
                ],
                attributes={"denied": "no", "hits": 3, "ways": ["yes", "maybe"]},
            ),
            Event(
                id=hit,
                type="Attack",
                trigger=Span(start=43, end=46, text="hit"),
                arguments=[filler(hit, "target", 26, 34, "the base", "maybe")],
                attributes=plain,
            ),
        ],
        clusters=[
            Cluster(id=threat, events=[threat], attributes={"known": "no"}),
            Cluster(id=attack, events=[attack, hit], attributes={"known": "maybe"}),
        ],
        links=[Link(type="beside", source=threat, target=hit)],
        attributes={"relevant": "yes", "remark": 'not "sure"'},
    )


def test_marks_become_a_canonical_reading() -> None:
    """Defaults are filled in, an argument on an event's trigger is that event, and everything is in order."""
    assert to_reading(parse(ARTICLE), SCHEMA) == article_reading()


def test_a_reading_is_marked_with_what_differs_from_the_defaults() -> None:
    """Under its schema a reading is written as briefly as a person would."""
    text = parse(ARTICLE).text
    assert render(from_reading(text, article_reading(), SCHEMA)) == (
        "[They](place>2) [warned](Threaten#1) of [attacks](Attack#2{hits=3, known=maybe, ways=yes|maybe}, "
        "content>1) on [the base](target>2, target>3{certain=maybe}). It was [hit](Attack#3)."
        '{{beside 1>3; same_event 2=3; remark="not \\"sure\\""}}'
    )


@pytest.mark.parametrize("schema", [SCHEMA, None])
def test_a_reading_survives_being_marked(schema: EventSchema | None) -> None:
    """With or without the defaults written out, the marks say the same."""
    marked = from_reading(parse(ARTICLE).text, article_reading(), schema)
    assert parse(render(marked)) == marked
    assert to_reading(marked, SCHEMA) == article_reading()


SET_ON_ATTACK: st.SearchStrategy[Values] = st.fixed_dictionaries(
    {},
    optional={
        "denied": st.sampled_from([("yes",), ("no",)]),
        "hits": st.integers(-5, 5).map(lambda number: (str(number),)),
        "ways": st.sampled_from([("maybe", "yes"), ("no",)]),
        "known": st.sampled_from([("no",), ("yes",)]),
    },
)
SET_ON_TARGET: st.SearchStrategy[Values] = st.fixed_dictionaries(
    {}, optional={"certain": st.sampled_from([("yes",), ("maybe",)])}
)


@st.composite
def attacks(draw: st.DrawFn) -> Marked:
    """A text with attacks, their targets and links, such as ``SCHEMA`` has words for."""
    text = draw(st.text(st.characters(codec="utf-8"), min_size=1, max_size=20))
    spans = st.integers(0, len(text) - 1).flatmap(
        lambda start: st.tuples(st.just(start), st.integers(start + 1, len(text)))
    )
    places = draw(st.lists(spans, unique=True, min_size=1, max_size=5))
    triggers = [
        MarkedTrigger(number, "Attack", *span, draw(SET_ON_ATTACK)) for number, span in enumerate(places, start=3)
    ]
    numbers = st.sampled_from([trigger.number for trigger in triggers])
    arguments = [
        MarkedArgument("target", owner, *span, draw(SET_ON_TARGET))
        for owner, span in draw(st.lists(st.tuples(numbers, spans), unique=True, max_size=5))
    ]
    kinds = st.sampled_from(["same_event", "response_to", "beside"])
    links = [MarkedLink(*link) for link in draw(st.lists(st.tuples(kinds, numbers, numbers), max_size=5))]
    return Marked(text, tuple(triggers), tuple(arguments), tuple(links))


@given(attacks())
def test_any_reading_survives_being_marked(marked: Marked) -> None:
    """Reading, marking and reading again changes nothing, crossing spans included; slices are exact."""
    reading = to_reading(marked, SCHEMA)
    assert to_reading(from_reading(marked.text, reading), SCHEMA) == reading
    assert to_reading(from_reading(marked.text, reading, SCHEMA), SCHEMA) == reading
    for event in reading.events:
        assert event.trigger.text == marked.text[event.trigger.start : event.trigger.end]
        assert all(one.text == marked.text[one.start : one.end] for one in event.arguments)


@pytest.mark.parametrize(
    ("marked", "said"),
    [
        ("x [a](Deploy#1)", "unknown event type Deploy"),
        ("x [a](Attack#1, content>1)", "Attack has no role content"),
        ("x [a](Attack#1){{subevent_of 1>1}}", "unknown link subevent_of"),
        ("x [a](Attack#1{certain=yes})", "Attack has no attribute certain"),
        ("x [a](Threaten#1{hits=1})", "Threaten has no attribute hits"),
        ("x [a](Attack#1{denied=never})", "denied can't be 'never': it is one of yes, no, maybe"),
        ("x [a](Attack#1{denied=yes|no})", "denied takes one value, not 2"),
        ("x [a](Attack#1{hits=many})", "hits is an integer, not 'many'"),
        ("x [a](Attack#1){{denied=yes}}", "the article has no attribute denied"),
        ("x [a](Attack#1, Attack#2)", "Attack@2-3 is marked twice"),
        ("x [a](Injure#1) [b](cause>1)", "cause of Injure takes events only (Attack)"),
        ("x [a](Attack#1, Injure#2, content>3) [b](Threaten#3)", "any of the events Attack@2-3, Injure@2-3"),
        (
            "x [a](Attack#1{known=yes}) [b](Attack#2{known=maybe}){{same_event 2=1}}",
            "Attack@2-3, Attack@4-5 are one event, but known is yes and maybe",
        ),
    ],
)
def test_what_the_schema_has_no_words_for_is_refused(marked: str, said: str) -> None:
    """The message names the mark and what it may be instead."""
    with pytest.raises(MarkupError) as caught:
        to_reading(parse(marked), SCHEMA)
    assert said in str(caught.value)


def test_an_own_trigger_and_a_foreign_type_fill_no_role() -> None:
    """A span on a trigger the role doesn't admit is an ordinary span."""
    reading = to_reading(parse("[a](Attack#1, target>1) [b](Threaten#2, target>1)"), SCHEMA)
    assert [argument.id for argument in reading.events[0].arguments] == [
        "Attack@0-1/target/0-1",
        "Attack@0-1/target/2-3",
    ]


def test_levels_without_attributes_stay_empty() -> None:
    """A schema without attributes leaves no keys behind."""
    reading = to_reading(parse("[a](Attack#1, place>1)"), replace(SCHEMA, attributes={}))
    values: list[dict[str, Value] | Values] = [reading.attributes, reading.clusters[0].attributes]
    assert [*values, reading.events[0].attributes, reading.events[0].arguments[0].attributes] == [{}] * 4
