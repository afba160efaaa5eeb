"""A reading drawn in the terminal: every span where it is, nothing wider than the terminal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from curate.markup import Marked, MarkedArgument, MarkedTrigger, parse, to_reading
from curate.reporting.drawing import draw
from curate.schema.model import Attribute, EventSchema, EventType, LinkType, RoleUse

TYPES = frozenset({"Attack", "Threaten"})
ROLES = {name: RoleUse(name) for name in ("target", "place", "instrument")}


def choice(name: str, on: str, level: str, default: str) -> Attribute:
    """An attribute with two choices."""
    values = {default: "", "other": ""}
    return Attribute(name, on, level, "choice", "", values, {}, default, frozenset())


SCHEMA = EventSchema(
    name="test",
    version="1.0.0",
    title="",
    description="",
    language="en",
    event_types={
        name: EventType(name, "", "", None, None, (), (), {**ROLES, "content": RoleUse("content", True, TYPES)}, {})
        for name in sorted(TYPES)
    },
    roles={},
    attributes={
        "modality": choice("modality", "trigger", "mention", "asserted"),
        "certainty": choice("certainty", "argument", "mention", "stated"),
        "verification": choice("verification", "trigger", "event", "reported"),
        "relevance": choice("relevance", "article", "mention", "relevant"),
    },
    links={"response_to": LinkType("response_to", "", False, False, frozenset(), frozenset())},
    default_link="same_event",
    selection="word",
    trim=(),
    attach="order",
    guidelines="",
)


def drawn(marked: Marked, width: int) -> list[str]:
    """The drawing of what the marks say."""
    return draw(marked.text, to_reading(marked, SCHEMA), width=width, schema=SCHEMA)


def test_a_small_article() -> None:
    """Text, bars, labels, events, cluster, link and article each have their place."""
    marked = parse(
        "[Two drones](instrument>1) [struck](Attack#1{verification=other}) [[Iraq](place>1)’s base](target>1)"
        ", officials said on Saturday.\n\nThe group [warned](Threaten#2) of more "
        "[attacks](Attack#3, content>2), one like the first [strike](Attack#4)."
        "{{response_to 2>1; same_event 4=1}}"
    )
    assert drawn(marked, 60) == [
        "Two drones struck Iraq’s base, officials said on Saturday.",
        "╰────────╯ 1:instrument",
        "           ╰────╯ Attack#1",
        "                  ╰──╯ 1:place",
        "                  ╰─────────╯ 1:target",
        "",
        "The group warned of more attacks, one like the first strike.",
        "          ╰────╯ Threaten#2                 Attack#4 ╰────╯",
        "                         ╰─────╯ Attack#3, 2:content",
        "",
        "1 Attack “struck” · modality asserted",
        "  instrument “Two drones” · certainty stated",
        "  place “Iraq” · certainty stated",
        "  target “Iraq’s base” · certainty stated",
        "2 Threaten “warned” · modality asserted · verification",
        "  reported",
        "  content 3 Attack “attacks” · certainty stated",
        "3 Attack “attacks” · modality asserted · verification",
        "  reported",
        "4 Attack “strike” · modality asserted",
        "same event: 1 = 4 · verification other",
        "link: 2 response_to 1",
        "article · relevance relevant",
    ]


def test_crossing_spans_have_a_row_each() -> None:
    """What no mark-up can nest can still be seen."""
    marked = Marked(
        "The drone strikes on bases in Iraq were denied.",
        (MarkedTrigger(1, "Attack", 4, 17),),
        (MarkedArgument("target", 1, 10, 26), MarkedArgument("place", 1, 21, 34)),
    )
    assert drawn(marked, 60)[:4] == [
        "The drone strikes on bases in Iraq were denied.",
        "    ╰───────────╯ Attack#1",
        "          ╰──────────────╯ 1:target",
        "                     ╰───────────╯ 1:place",
    ]


def test_a_span_over_two_lines_is_drawn_on_both() -> None:
    """An open end shows that the span goes on; labels move to where there is room."""
    marked = parse("They [struck](Attack#1) [the big air base](target>1) twice.")
    assert drawn(marked, 20)[:6] == [
        "They struck the big",
        "     ╰────╯ Attack#1",
        "   1:target ╰─────┄",
        "air base twice.",
        "┄──────╯ 1:target",
        "",
    ]


def test_a_label_goes_into_a_bar_or_beneath_it() -> None:
    """A span as wide as the line holds its label; a short one with no room beside it stands over it."""
    marked = parse("[word [word](Attack#1) worded word](target>1)")
    assert drawn(marked, 20)[:5] == [
        "word word worded",
        "╰─ 1:target ───┄",
        "     ╰──╯ Attack#1",
        "word",
        "┄──╯ 1:target",
    ]
    shared = parse("some more [word](Attack#1, target>1, place>1)")
    assert drawn(shared, 20)[:4] == [
        "some more word",
        "          ╰──╯",
        "  Attack#1, 1:place,",
        "          1:target",
    ]


def test_wide_and_combining_characters_take_their_cells() -> None:
    """Bars stand under an emoji of three code points, under Chinese, and under a letter with its accent."""
    marked = Marked(
        "👩\u200d🚀 漢字 was hit e\u0301e",
        (MarkedTrigger(1, "Attack", 11, 14),),
        (
            MarkedArgument("target", 1, 0, 3),
            MarkedArgument("place", 1, 4, 6),
            MarkedArgument("place", 1, 15, 17),
        ),
    )
    assert drawn(marked, 60)[:4] == [
        "👩\u200d🚀 漢字 was hit e\u0301e",
        "╰╯ 1:target ╰─╯ Attack#1",
        "   ╰──╯ 1:place ╵ 1:place",
        "",
    ]


def test_spans_of_a_right_to_left_line_are_quoted() -> None:
    """Where no column can be trusted the words themselves are shown."""
    marked = parse("[ضرب](Attack#1) المتمردون [القاعدة](target>1)\nThey [struck](Attack#2).")
    assert drawn(marked, 60)[:5] == [
        "ضرب المتمردون القاعدة",
        "╰─ Attack#1 “ضرب”",
        "╰─ 1:target “القاعدة”",
        "They struck.",
        "     ╰────╯ Attack#2",
    ]


def test_only_the_style_dresses_the_lines() -> None:
    """A style is told what each piece is, and what it adds moves nothing."""
    marked = parse("[They](target>1) [struck](Attack#1).")
    dressed = draw(
        marked.text,
        to_reading(marked, SCHEMA),
        width=60,
        schema=SCHEMA,
        style=lambda kind, piece: f"<{kind}>{piece}</>",
    )
    assert dressed[:3] == [
        "<text>They struck.</>",
        "<argument>╰──╯ 1:target</>",
        "     <trigger>╰────╯ Attack#1</>",
    ]
    assert dressed[4].startswith("<event>1 Attack “struck”")


@pytest.mark.parametrize("text", ["", "\n", "No event here."])
def test_a_text_without_events_is_just_shown(text: str) -> None:
    """Nothing is drawn where there is nothing to draw."""
    assert drawn(Marked(text), 60) == [*text.split("\n"), "", "article · relevance relevant"]


@st.composite
def marked_texts(draw: st.DrawFn) -> Marked:
    """Any text, with spans anywhere in it."""
    alphabet = st.one_of(st.sampled_from("ab \n\té👩\u200d🚀\u0301漢🇮🇶ض\ufe0f❤"), st.characters(codec="utf-8"))
    text = draw(st.text(alphabet, min_size=1, max_size=80))
    spans = st.integers(0, len(text) - 1).flatmap(
        lambda start: st.tuples(st.just(start), st.integers(start + 1, len(text)))
    )
    places = draw(st.lists(spans, min_size=1, max_size=4, unique=True))
    arguments = draw(st.lists(st.tuples(st.sampled_from(sorted(ROLES)), spans), max_size=5, unique=True))
    return Marked(
        text,
        tuple(MarkedTrigger(number, "Attack", *span) for number, span in enumerate(places, start=1)),
        tuple(MarkedArgument(role, 1, *span) for role, span in arguments),
    )


@given(marked_texts(), st.integers(1, 60))
def test_everything_is_drawn_and_fits(marked: Marked, width: int) -> None:
    """No line is too wide or broken in two by its text, and each event and argument is labelled."""
    lines = drawn(marked, width)
    assert all(cell_len(line) <= max(width, 20) for line in lines)
    assert not any(character in line for line in lines for character in "\n\t\r\x1b\u2028")
    drawing = " ".join("\n".join(lines).split())
    reading = to_reading(marked, SCHEMA)
    for number, event in enumerate(reading.events, start=1):
        assert f"Attack#{number}" in drawing
        assert all(f"{number}:{argument.role}" in drawing for argument in event.arguments)


@given(st.text(st.one_of(st.sampled_from("ab  \n"), st.characters(codec="utf-8"))), st.integers(20, 40))
def test_wrapping_loses_no_text(text: str, width: int) -> None:
    """All but white space and control characters is shown, in order."""
    shown = "".join(drawn(Marked(text), width)[:-2])

    def visible(piece: str) -> str:
        return "".join(character for character in piece if character.isprintable() and not character.isspace())

    assert visible(shown) == visible(text)
