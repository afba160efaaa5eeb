"""Examples as annotators read them: every word kept, every span with what it is."""

from __future__ import annotations

import re
from html import escape, unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.markup import MarkupError, parse
from curate.schema.examples import drawn_example


@pytest.mark.parametrize(
    ("example", "drawn"),
    [
        ("[They](actor>1) [struck](Attack#1).", "<u>They</u><sup>actor</sup> <b>struck</b><sup>Attack</sup>."),
        ("[hit](Attack#1{mode=drone, means=a|b})", "<b>hit</b><sup>Attack: drone, a, b</sup>"),
        ("[to [it](a>1)](b>1) [go](Go#1)", "<u>to <u>it</u><sup>a</sup></u><sup>b</sup> <b>go</b><sup>Go</sup>"),
        ("[[x](a>1) y](b>1)[z](Go#1)", "<u><u>x</u><sup>a</sup> y</u><sup>b</sup><b>z</b><sup>Go</sup>"),
        (
            "[Said](Say#1) [shot](Hit#2, what>1).{{causes 1>2}}",
            "<b>Said</b><sup>Say 1</sup> <b>shot</b><sup>Hit 2, what 1</sup>. (causes 1 → 2)",
        ),
        ("a [b](Hit#1) < c", "a <b>b</b><sup>Hit</sup> &lt; c"),
        ("no [markup < here", "no [markup &lt; here"),
    ],
)
def test_drawn(example: str, drawn: str) -> None:
    """Triggers are bold, arguments underlined, labels raised; numbers only where there are several events."""
    assert drawn_example(example, escape) == drawn


LETTERS = st.text(st.sampled_from("ab <&"), min_size=1, max_size=6)


@given(st.lists(st.tuples(LETTERS, st.sampled_from(["", "who>1", "Hit#1"])), min_size=1, max_size=6))
def test_no_word_is_lost(pieces: list[tuple[str, str]]) -> None:
    """Without the tags and what is raised, the text of the example is left."""
    example = "".join(f"[{words}]({tag})" if tag else words for words, tag in pieces)
    drawn = drawn_example(example, escape)
    bare = unescape(re.sub("<[^>]*>", "", re.sub("<sup>.*?</sup>", "", drawn)))
    words = " ".join(example.split())
    try:
        words = parse(words).text
    except MarkupError:
        assert drawn == escape(words)
    assert bare == words
