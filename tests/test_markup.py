"""The mark-up for annotated text: what it says, what it refuses, and that nothing is lost on the way."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.markup import Marked, MarkedArgument, MarkedLink, MarkedTrigger, MarkupError, parse, render
from curate.spans import crosses

NAMES = st.sampled_from(["Attack", "Threaten", "target", "content", "at_2"])
TEXTS = st.text(st.one_of(st.sampled_from('ab [](){}\\\n,;#>=|"é👩\u200d🚀\u0301ض'), st.characters(codec="utf-8")))
VALUES = st.dictionaries(NAMES, st.lists(TEXTS, min_size=1, max_size=3).map(tuple), max_size=2)


@st.composite
def marked_texts(draw: st.DrawFn) -> Marked:
    """Any text with spans that nest, touch and coincide but never cross."""
    text = draw(TEXTS)
    spans: list[tuple[int, int]] = []
    if text:
        for start in draw(st.lists(st.integers(0, len(text) - 1), max_size=6)):
            span = (start, draw(st.integers(start + 1, len(text))))
            if not any(crosses(span, other) for other in spans):
                spans.append(span)
    numbers = draw(st.lists(st.integers(1, 10**9 - 1), min_size=len(spans), max_size=len(spans), unique=True))
    triggers = tuple(
        MarkedTrigger(number, draw(NAMES), *span, draw(VALUES)) for number, span in zip(numbers, spans, strict=True)
    )
    if not spans:
        return Marked(text, attributes=draw(VALUES))
    owners = st.sampled_from(numbers)
    fillers = st.tuples(NAMES, owners, st.sampled_from(spans))
    arguments = tuple(
        MarkedArgument(role, owner, *span, draw(VALUES))
        for role, owner, span in draw(st.lists(fillers, max_size=6, unique=True))
    )
    ends = st.tuples(st.sampled_from(["response_to", "same_event"]), owners, owners)
    links = tuple(MarkedLink(*link) for link in draw(st.lists(ends, max_size=4, unique=True)))
    return Marked(text, triggers, arguments, links, draw(VALUES))


def in_order(marked: Marked) -> Marked:
    """The parts as ``parse`` promises to give them."""
    return replace(
        marked,
        triggers=tuple(sorted(marked.triggers, key=lambda one: (one.start, one.end, one.number))),
        arguments=tuple(sorted(marked.arguments, key=lambda one: (one.start, one.end, one.role, one.event))),
        links=tuple(sorted(marked.links, key=lambda one: (one.type, one.source, one.target))),
    )


@given(marked_texts())
def test_what_is_rendered_parses_back(marked: Marked) -> None:
    """No text, span, number or value changes on the way through the mark-up."""
    assert parse(render(marked)) == in_order(marked)


@given(marked_texts())
def test_the_order_of_the_parts_does_not_show(marked: Marked) -> None:
    """The same parts in another order are written the same."""
    turned = replace(marked, triggers=marked.triggers[::-1], arguments=marked.arguments[::-1], links=marked.links[::-1])
    assert render(turned) == render(marked)


def parsed_or_refused(marked: str) -> Marked | MarkupError:
    """The parts of the string, or why it has none."""
    try:
        return parse(marked)
    except MarkupError as error:
        return error


@given(st.text(st.sampled_from('ab[](){}\\\n#>12=,;|" Attack')))
def test_any_string_is_refused_or_settles(marked: str) -> None:
    """Parsing raises nothing but MarkupError, inside the string; what is rendered once stays as it is."""
    parsed = parsed_or_refused(marked)
    if isinstance(parsed, MarkupError):
        assert 0 <= parsed.position <= len(marked)
        assert parsed.line == marked[: parsed.position].count("\n") + 1
    else:
        rendered = render(parsed)
        assert parse(rendered) == parsed
        assert render(parse(rendered)) == rendered


@given(st.text(st.characters(codec="utf-8", exclude_characters="[]\\{")))
def test_ordinary_text_is_written_as_it_is(text: str) -> None:
    """Only brackets, opening braces and backslashes need escaping."""
    assert render(Marked(text)) == text


def test_a_marked_sentence_is_read() -> None:
    """Nested and coinciding spans, attributes, links and article attributes each come to their part."""
    marked = (
        "[[Iraq](place>1)’s base](target>1) was "
        '[struck](Attack#1{modality=hypothetical, source="a \\"b\\""}) '
        "in [attacks](Attack#2, content>3{certainty=claimed}), they [warned](Threaten#3). \\[sic\\] {x}"
        '{{same_event 2=1; response_to 3>2; relevance=relevant; topics=war|"the talks"}}\n'
    )
    text = "Iraq’s base was struck in attacks, they warned. [sic] {x}"
    assert parse(marked) == Marked(
        text,
        (
            MarkedTrigger(1, "Attack", 16, 22, {"modality": ("hypothetical",), "source": ('a "b"',)}),
            MarkedTrigger(2, "Attack", 26, 33),
            MarkedTrigger(3, "Threaten", 40, 46),
        ),
        (
            MarkedArgument("place", 1, 0, 4),
            MarkedArgument("target", 1, 0, 11),
            MarkedArgument("content", 3, 26, 33, {"certainty": ("claimed",)}),
        ),
        (MarkedLink("response_to", 3, 2), MarkedLink("same_event", 2, 1)),
        {"relevance": ("relevant",), "topics": ("war", "the talks")},
    )


def test_the_example_of_the_documentation_is_read() -> None:
    """What the reference shows is what the parser takes."""
    page = (Path(__file__).parent.parent / "docs" / "markup.md").read_text(encoding="utf-8")
    example = "\n".join(line.removeprefix("    ") for line in page.splitlines() if line.startswith("    "))
    marked = parse(example)
    assert marked.text == "Iraq’s base was struck in attacks\nthey had warned of."
    assert [trigger.type for trigger in marked.triggers] == ["Attack", "Attack", "Threaten"]
    assert marked.attributes == {"relevance": ("relevant",)}


@pytest.mark.parametrize(
    ("marked", "said", "place"),
    [
        ("a [b", "unbalanced `[`", "[b"),
        ("a [b [c](Attack#1)", "unbalanced `[`", "[b"),
        ("a b](Attack#1)", "unbalanced `]`", "]("),
        ("a [b] c", "`]` without tags", "] c"),
        ("a \\b", "stray backslash", "\\b"),
        ("[](Attack#1)", "hold no text", "["),
        ("[a](Attack)", "unknown tag `Attack)`", "Attack"),
        ("[a](https://example.org)", "unknown tag", "https"),
        ("[a](Attack#0)", "unknown tag", "Attack#0"),
        ("[a](Attack#1 [b](target>1)", "expected `,` or `)`", "[b"),
        ("[a](Attack#1", "expected `,` or `)`, found the end", ""),
        ("[a](Attack#1{modality})", "name=value", "modality"),
        ("[a](Attack#1{x=1, x=2})", "x is given twice", "x=2"),
        ("[a](Attack#1{x=1})(b)\n[b](Threaten#1)", "number 1 is used for two triggers", "Threaten"),
        ("[a](target>1)", "`target>1` belongs to event 1, which has no trigger", "target"),
        ("[a](Attack#1, target>1, target>1)", "`target>1` stands twice", "target>1)"),
        (
            "[a](Attack#1){{response_to 1>2}}",
            "response_to names event 2, which has no trigger",
            "response_to",
        ),
        ("[a](Attack#1){{same_event 1>1}}", "write `same_event 2=1`", ">1}}"),
        ("[a](Attack#1){{to 1>1; to 1>1}}", "stands twice", " to 1>1}}"),
        ("a {{x=1}} b", "very end", " b"),
        ("a {{", "can't read the end", ""),
        ("a {{}}", "name=value", "}}"),
    ],
)
def test_wrong_mark_up_is_refused_with_its_place(marked: str, said: str, place: str) -> None:
    """The message says what is wrong, and the position is where it stands."""
    with pytest.raises(MarkupError) as caught:
        parse(marked)
    assert said in str(caught.value)
    assert marked[caught.value.position :].startswith(place)
    assert (place != "") == (caught.value.position < len(marked))


def test_the_line_of_an_error_is_counted_from_one() -> None:
    """Whoever wrote the mark-up finds the place by line and column."""
    with pytest.raises(MarkupError, match="line 3, column 4: unbalanced") as caught:
        parse("one\n\ntwo](Attack#1)")
    assert (caught.value.position, caught.value.line) == (8, 3)


def test_crossing_spans_are_refused_by_name() -> None:
    """Both spans are named, so that one of them can be mended."""
    marked = Marked("abcdef", (MarkedTrigger(1, "Attack", 0, 4),), (MarkedArgument("target", 1, 2, 6),))
    with pytest.raises(MarkupError, match="Attack#1 on 0-4 “abcd” and target>1 on 2-6 “cdef” cross"):
        render(marked)


@pytest.mark.parametrize(
    "marked",
    [
        Marked("ab", (MarkedTrigger(1, "Attack", 1, 1),)),
        Marked("ab", (MarkedTrigger(1, "Attack", 1, 3),)),
        Marked("ab", (MarkedTrigger(1, "Attack", -1, 1),)),
        Marked("ab", (MarkedTrigger(0, "Attack", 0, 1),)),
        Marked("ab", (MarkedTrigger(1, "a](b#1), [c", 0, 1),)),
        Marked("ab", (MarkedTrigger(1, "A#1, B", 0, 1),)),
        Marked("ab", (MarkedTrigger(1, "A", 0, 1), MarkedTrigger(1, "B", 1, 2))),
        Marked("ab", (), (MarkedArgument("target", 1, 0, 1),)),
        Marked("ab", attributes={"x": ()}),
        Marked("ab", attributes={"x=1; y": ("2",)}),
    ],
)
def test_what_cannot_be_written_is_refused(marked: Marked) -> None:
    """Nothing is rendered that would read back as something else."""
    with pytest.raises(MarkupError):
        render(marked)
