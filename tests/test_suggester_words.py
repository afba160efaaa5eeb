"""Triggers by the schema's trigger words."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.records import Article
from curate.schema.model import EventSchema
from curate.spans import cuts_word
from curate.suggesters.words import TriggerWords
from curate.text import text_sha256
from event_schemas import SMALL_SCHEMA


def schema_of(**words: list[str]) -> EventSchema:
    """Give types of the small schema these trigger words, in this order."""
    types = {name: replace(SMALL_SCHEMA.event_types[name], trigger_words=tuple(words[name])) for name in words}
    return replace(SMALL_SCHEMA, event_types=types)


def found(text: str, **words: list[str]) -> list[tuple[str, str]]:
    """List what is found in a text as type and words."""
    return [(name, text[start:end]) for name, (start, end) in TriggerWords(schema_of(**words)).find(text)]


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        ("STRUCK. They struck, unstruck; striking.", ["struck"], ["STRUCK", "struck"]),
        (
            "It was shot down, shot  \n down, shot downtown.",
            ["shot down", "shot"],
            ["shot down", "shot  \n down", "shot"],
        ),
        ("The counter-attack and attack-ready.", ["attack"], ["attack", "attack"]),
        ("Ardania’s war’s end; wars.", ["war"], ["war"]),
        ("Rebels did not attack.", ["not attack"], ["not attack"]),
        ("xa b c", ["a b", "b c"], ["b c"]),
        ("空袭和袭击", ["空袭", "袭击"], ["空袭", "袭击"]),
        ("U.S. raid", ["u.s."], ["U.S."]),
        ("nothing", [], []),
    ],
)
def test_whole_words_as_listed(text: str, words: list[str], expected: list[str]) -> None:
    """Case and kind of white space don't count, the longer word wins, and no word is cut or bent."""
    assert [piece for _, piece in found(text, Attack=words)] == expected


def test_the_first_type_that_lists_a_word_has_it() -> None:
    """A word of two types is suggested once."""
    assert found("A deal, a raid.", Deploy=["deal"], Attack=["Deal", "raid"]) == [
        ("Deploy", "deal"),
        ("Attack", "raid"),
    ]


def test_an_event_without_arguments_for_each_trigger() -> None:
    """What is suggested of an article are types and offsets."""
    text = "A raid."
    article = Article(id="a", text=text, text_sha256=text_sha256(text))
    suggested = TriggerWords(schema_of(Attack=["raid"]))(article)
    assert suggested == [{"type": "Attack", "trigger": {"start": 2, "end": 6}}]


LETTERS = st.text("ab é字.-’", min_size=1, max_size=5).filter(str.strip)


@given(st.text("abAB  \né字.-’", max_size=40), st.lists(LETTERS, min_size=1, max_size=6))
def test_the_pattern_finds_what_a_plain_search_finds(text: str, words: list[str]) -> None:
    """From left to right, the longest listed word that stands there and cuts nothing, then on behind it."""
    listed = {" ".join(word.split()).casefold() for word in words}
    expected, position = [], 0
    while position < len(text):
        ends = [
            end
            for end in range(len(text), position, -1)
            if text[position:end].strip() == text[position:end]
            and " ".join(text[position:end].split()).casefold() in listed
            and not cuts_word(text, position, end)
        ]
        if ends:
            expected.append((position, ends[0]))
        position = ends[0] if ends else position + 1
    assert [span for _, span in TriggerWords(schema_of(Attack=words)).find(text)] == expected
