"""A reading drawn over its text in HTML: nothing of the text is lost, and every span is one line from end to end."""

from __future__ import annotations

import re
from html import unescape

from hypothesis import given
from hypothesis import strategies as st

from adjudicating import annotation
from curate.reporting.annotated import LONGEST, Mark, draw_marks, pieces
from curate.reporting.differing import differences
from curate.reporting.html import element, escaped, visible
from event_schemas import SMALL_SCHEMA
from report_contents import READINGS

ANY = st.characters(exclude_categories=("Cs",))
PIECE = re.compile(r"<(/?)(\w+)([^>]*)>|([^<]+)")


def lines(drawn: str) -> tuple[str, dict[str, list[str]]]:
    """Give the text that is drawn, without labels, and what each lane's spans hold."""
    text, lanes, opened, label = "", {}, [], False
    for closing, tag, attributes, words in PIECE.findall(drawn):
        if tag == "b":
            label = not closing
        elif tag and closing:
            opened.pop()
        elif tag:
            opened.append((re.findall(r"lane\d+", attributes) or [""])[0])
        elif not label:
            text += unescape(words)
            for lane in filter(None, opened):
                lanes.setdefault(lane, []).append(unescape(words))
    return text, lanes


@given(st.text(ANY, min_size=1, max_size=40).filter(lambda text: "\n" not in text), st.data())
def test_the_whole_text_is_drawn_once(text: str, data: st.DataObject) -> None:
    """Whatever spans nest, cross or coincide, the words come once and in order, each lane's in pieces of its spans."""
    place = st.tuples(st.integers(0, len(text) - 1), st.integers(1, len(text))).filter(lambda one: one[0] < one[1])
    spans = data.draw(st.lists(place, max_size=6))
    marks = [Mark(*span, "argument", f"{number}:a", False) for number, span in enumerate(spans)]
    drawn, lanes = lines(draw_marks(text, marks, [(0, len(text))]))
    assert drawn == visible(text)
    held = sum(len("".join(words)) for words in lanes.values())
    assert held == sum(len(visible(text[start:end])) for start, end in spans)


@given(st.text(max_size=60))
def test_text_stays_text(text: str) -> None:
    """No text ends an element or an attribute, and what it says comes back."""
    made = element("p", text, title=text)
    found = re.fullmatch(r'<p title="([^"<>]*)">([^<>]*)</p>', made)
    assert found
    assert unescape(found[1]) == unescape(found[2]) == unescape(escaped(text))


def test_a_long_text_is_cut_to_what_is_marked() -> None:
    """Around the marks whole words stay; what is left out is counted."""
    text = "word " * LONGEST
    mark = Mark(9000, 9004, "trigger", "1 Attack", True)
    shown = pieces(text, [mark])
    (start, end) = shown[0]
    assert start <= mark.start < mark.end <= end
    assert end - start < 1000
    drawn = draw_marks(text, [mark], shown)
    assert f"… {start} characters without marks …" in drawn
    assert f"… {len(text) - end} characters without marks …" in drawn


def test_the_richest_text_has_an_end() -> None:
    """However much is marked in a long text, no more than so many characters are drawn."""
    text = "word " * LONGEST * 4
    marks = [Mark(place, place + 4, "trigger", "1 Attack", True) for place in range(0, len(text), 500)]
    assert sum(end - start for start, end in pieces(text, marks)) <= LONGEST


def test_no_answer_differs_from_an_answer() -> None:
    """Where one gives no answer to what both were asked, that is a difference; what one wasn't asked is none."""
    marked = "They [hit](Attack#1{count=%s}) men."
    ana, ben = annotation("ana", marked % 3), annotation("ben", "They [hit](Attack#1) men.")
    assert [(one.about, one.said) for one in differences([ana, ben], SMALL_SCHEMA)] == [
        ("“hit”: count", ("3", "nothing"))
    ]


def test_differences_are_told_by_place() -> None:
    """An event of another type is one row, an argument that one lacks another; what is the same is none."""
    ana, ben = (annotation(who, marked, article) for article, who, marked in READINGS[:2])
    assert [(one.about, one.said) for one in differences([ana, ben], SMALL_SCHEMA)] == [
        ("“struck”", ("Attack", "Deploy")),
        ("“struck” and “the depot”", ("place", None)),
        ("“struck” and “depot”", ("target", None)),
    ]
    assert differences([ana, ana], SMALL_SCHEMA) == []
