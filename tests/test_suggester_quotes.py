"""Quotes laid over the text."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from curate.spans import cuts_word
from curate.suggesters.quotes import AMBIGUOUS, NOT_THERE, Quote, occurrences, place, place_all

TEXT = "Rebels struck the base on Monday.\nThe base burned. They struck again, and the war\nroom was hit."


def words_at(placed: object) -> str:
    return TEXT[slice(*placed)] if isinstance(placed, tuple) else str(placed)


def test_a_quote_is_found_to_the_character_or_not_at_all() -> None:
    """Only white space may differ; another case, another dash or half a word is not in the text."""
    assert place(TEXT, Quote(" Monday. The  base ")) == (26, 42)
    assert words_at(place(TEXT, Quote("war room"))) == "war\nroom"
    for wrong in ("monday", "base—on", "ebels", "Rebels strike", ""):
        assert place(TEXT, Quote(wrong)) == NOT_THERE


def test_context_tells_which_place_is_meant() -> None:
    """The context may begin in the middle of a word; one that isn't in the text doesn't help."""
    assert place(TEXT, Quote("struck", "hey struck aga")) == (56, 62)
    assert place(TEXT, Quote("struck", "struck hard")) == AMBIGUOUS
    assert place(TEXT, Quote("struck", TEXT)) == AMBIGUOUS


def test_the_sentence_tells_where_the_context_does_not() -> None:
    """Of several places the one in the sentence that is spoken of counts, unless there are several or none."""
    assert place(TEXT, Quote("base"), near=7) == (18, 22)
    assert place(TEXT, Quote("base"), near=38) == (38, 42)
    assert place(TEXT, Quote("base"), near=56) == AMBIGUOUS
    assert place(TEXT, Quote("the"), near=56) == (74, 77)
    assert place("It hit and hit.", Quote("hit"), near=0) == AMBIGUOUS


def test_the_order_tells_where_quotes_and_places_are_as_many() -> None:
    """Two quotes for two places go one to one; three or one are not guessed at."""
    struck = Quote("struck")
    assert [words_at(one) for one in place_all(TEXT, [struck, Quote("hit"), struck])] == ["struck", "hit", "struck"]
    assert place_all(TEXT, [struck, struck]) == [(7, 13), (56, 62)]
    assert place_all(TEXT, [struck]) == [AMBIGUOUS]
    assert place_all(TEXT, [struck] * 10) == [AMBIGUOUS] * 10
    assert place_all(TEXT, [Quote("hit")] * 10) == [(91, 94)] * 10


def test_what_a_context_decided_is_no_place_for_others() -> None:
    """One of two is told by its context, so the other one is what is left."""
    assert place_all(TEXT, [Quote("struck", "They struck"), Quote("struck")]) == [(56, 62), (7, 13)]


@given(st.text("ab \n字’", max_size=60), st.data())
def test_what_stands_in_the_text_is_found_there(text: str, data: st.DataObject) -> None:
    """Every piece of whole words is among its occurrences; with all the text before and after it, alone."""
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    piece = text[start:end]
    if piece.strip() != piece or not piece or cuts_word(text, start, end):
        return
    found = occurrences(text, piece)
    assert (start, end) in found
    for one in found:
        assert text[slice(*one)].split() == piece.split()
        assert not cuts_word(text, *one)
    marked = f"{text[:start]}«{piece}»{text[end:]}"
    assert place(marked, Quote(piece, f"«{piece}»")) == (start + 1, end + 1)


@given(st.text("ab ", max_size=40), st.lists(st.sampled_from(["a", "b", "a b", "ab", "c"]), max_size=6))
def test_places_are_true_and_never_shared_by_guess(text: str, words: list[str]) -> None:
    """A place given shows the words; two quotes share one only if it is the only one there is."""
    placed = place_all(text, [Quote(one) for one in words])
    for one, span in zip(words, placed, strict=True):
        if isinstance(span, str):
            assert (span == NOT_THERE) == (not occurrences(text, one))
        else:
            assert text[slice(*span)].split() == one.split()
            assert placed.count(span) == 1 or len(occurrences(text, one)) == 1
