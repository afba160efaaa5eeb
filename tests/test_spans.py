"""How spans lie to each other, where they are trimmed, and where they cut a word."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.spans import Span, contains, crosses, cuts_word, layers, overlaps, trim_suffix

SPANS = st.tuples(st.integers(0, 12), st.integers(1, 8)).map(lambda pair: (pair[0], pair[0] + pair[1]))


def places(span: Span) -> set[int]:
    """The code points of a span, as a set."""
    return set(range(*span))


@given(SPANS, SPANS)
def test_overlaps_is_a_shared_code_point(one: Span, other: Span) -> None:
    """Two spans overlap exactly when their code points meet."""
    assert overlaps(one, other) == bool(places(one) & places(other))


@given(SPANS, SPANS)
def test_contains_is_a_subset(outer: Span, inner: Span) -> None:
    """A span contains another exactly when it has all its code points."""
    assert contains(outer, inner) == (places(inner) <= places(outer))


@given(SPANS, SPANS)
def test_crosses_is_overlap_without_nesting(one: Span, other: Span) -> None:
    """Two spans cross exactly when each has code points the other has and some it has not."""
    shared = places(one) & places(other)
    expected = bool(shared) and bool(places(one) - shared) and bool(places(other) - shared)
    assert crosses(one, other) == crosses(other, one) == expected


@pytest.mark.parametrize(
    ("other", "expected"),
    [((4, 8), False), ((2, 6), True), ((0, 4), False), ((1, 2), False), ((4, 5), False)],
)
def test_crosses_at_the_edges(other: Span, expected: bool) -> None:
    """Touching, nested and equal spans do not cross."""
    assert crosses((0, 4), other) is expected


SUFFIXES = ["’s", "'s", "s"]


@pytest.mark.parametrize(
    ("piece", "left"),
    [
        ("the army’s", "the army"),
        ("the army's", "the army"),
        ("the armies", "the armie"),
        ("the army", "the army"),
        ("’s", "’"),
        ("s", "s"),
        (" s", " s"),
        ("boss’s’s", "boss’s"),
    ],
)
def test_trim_suffix_cuts_the_longest_one_once(piece: str, left: str) -> None:
    """The longest suffix that leaves something visible goes, once; else nothing does."""
    text = f"When {piece} came"
    end = 5 + len(piece)
    assert text[5 : trim_suffix(text, 5, end, SUFFIXES)] == left


@given(st.text("ab's’ ", min_size=1, max_size=12), st.lists(st.text("ab's’", max_size=4), max_size=4), st.data())
def test_trim_suffix_cuts_a_suffix_and_never_all(text: str, suffixes: list[str], data: st.DataObject) -> None:
    """What is cut off is one of the suffixes, no longer one would do, and something visible is left."""
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    new_end = trim_suffix(text, start, end, suffixes)
    assert new_end == end or (text[new_end:end] in suffixes and text[start:new_end].strip())
    longer = [suffix for suffix in suffixes if len(suffix) > end - new_end]
    assert not any(text[start:end].endswith(suffix) and text[start : end - len(suffix)].strip() for suffix in longer)


@pytest.mark.parametrize(
    ("text", "piece", "expected"),
    [
        ("two drones struck", "drones", False),
        ("two drones struck", "drone", True),
        ("two drones struck", "rones", True),
        ("two drones struck", "two drones struck", False),
        ("the army’s base", "army", False),
        ("a Iran-backed group", "backed", False),
        ("on 12 May", "1", True),
        ("the cafe\u0301 burnt", "cafe", True),
        ("the cafe\u0301 burnt", "cafe\u0301", False),
        ("قصف الجيش المدينة", "الجيش", False),
        ("قصف الجيش المدينة", "جيش", True),
        ("军队昨天袭击了村庄", "袭击", False),
        ("軍がミサイルを発射した", "発射", False),
        ("กองทัพโจมตีหมู่บ้าน", "โจมตี", False),
    ],
)
def test_cuts_word(text: str, piece: str, expected: bool) -> None:
    """A span cuts a word when a word goes on past one of its ends, not so in scripts without spaces."""
    start = text.index(piece)
    assert cuts_word(text, start, start + len(piece)) is expected


@given(st.lists(st.text("abcé7_", min_size=1, max_size=6), min_size=1, max_size=6), st.data())
def test_cuts_word_where_an_end_is_no_edge_of_a_word(words: list[str], data: st.DataObject) -> None:
    """Over words and spaces, a span cuts one exactly when one of its ends is strictly within a word."""
    text = " ".join(words)
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    inside: set[int] = set()
    offset = 0
    for word in words:
        inside.update(range(offset + 1, offset + len(word)))
        offset += len(word) + 1
    assert cuts_word(text, start, end) == bool(inside & {start, end})


@given(st.lists(SPANS, max_size=12))
def test_layers_hold_every_span_and_no_crossing(spans: list[Span]) -> None:
    """Layers hold every span given, sorted, with no two of one layer crossing, in any input order."""
    result = layers(spans)
    assert sorted(span for layer in result for span in layer) == sorted(spans)
    for layer in result:
        assert layer == sorted(layer, key=lambda span: (span[0], -span[1]))
        assert not any(crosses(one, other) for one in layer for other in layer)
    assert layers(reversed(spans)) == result


@given(st.lists(SPANS, max_size=12))
def test_layers_are_filled_from_the_first(spans: list[Span]) -> None:
    """A span stands below the first layer only because it crosses something in each layer before its own."""
    result = layers(spans)
    for depth, layer in enumerate(result):
        for span in layer:
            assert all(any(crosses(span, other) for other in above) for above in result[:depth])


def test_layers_part_crossing_spans() -> None:
    """Nested and equal spans share a layer, a crossing one gets its own."""
    assert layers([(4, 9), (0, 6), (1, 3), (0, 6)]) == [[(0, 6), (0, 6), (1, 3)], [(4, 9)]]
