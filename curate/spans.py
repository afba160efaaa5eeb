"""Span arithmetic: how pieces of one text lie to each other. A span is (start, end), never empty."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

Span = tuple[int, int]
"""Start and end in code points, end exclusive, start < end."""

# Scripts written without spaces between words: Thai, Lao, Myanmar, Khmer, kana, Han.
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)


def overlaps(one: Span, other: Span) -> bool:
    """Whether the two spans share at least one code point."""
    return one[0] < other[1] and other[0] < one[1]


def contains(outer: Span, inner: Span) -> bool:
    """Whether every code point of ``inner`` is in ``outer``; equal spans contain each other."""
    return outer[0] <= inner[0] and inner[1] <= outer[1]


def crosses(one: Span, other: Span) -> bool:
    """Whether the two spans overlap and neither contains the other."""
    return overlaps(one, other) and not contains(one, other) and not contains(other, one)


def trim_suffix(text: str, start: int, end: int, suffixes: Iterable[str]) -> int:
    """The end of the span ``text[start:end]`` once the longest fitting one of ``suffixes`` is cut off.

    One suffix is cut, once. A suffix that would leave nothing but white space does not fit; where none
    fits, ``end`` comes back.
    """
    suffixes = tuple(suffixes)
    if not text.endswith(suffixes, start, end):
        return end
    piece = text[start:end]
    fitting = (
        len(suffix) for suffix in suffixes if piece.endswith(suffix) and piece[: len(piece) - len(suffix)].strip()
    )
    return end - max(fitting, default=0)


def cuts_word(text: str, start: int, end: int) -> bool:
    """Whether the start or the end of the span lies inside a word of ``text``.

    An end lies inside a word when there are word characters (letters, digits, underscore) on both sides of
    it, or a combining mark after it. Between letters of a script written without spaces nothing is cut.
    """
    return _inside_word(text, start) or _inside_word(text, end)


def is_wordless(text: str) -> bool:
    """Whether the text is nothing but white space, punctuation and what can't be seen."""
    return all(unicodedata.category(character)[0] in "ZPC" for character in text)


def layers(spans: Iterable[Span]) -> list[list[Span]]:
    """The spans in as many layers as it takes greedily for no two spans of one layer to cross.

    Spans are taken by start, longer ones first, each into the first layer where it crosses nothing; every
    layer is in that order, and a span given twice stands twice.
    """
    result: list[list[Span]] = []
    open_ends: list[list[int]] = []  # per layer the ends of the spans around the current place, innermost last
    for span in sorted(spans, key=lambda span: (span[0], -span[1])):
        for layer, ends in zip(result, open_ends, strict=True):
            while ends and ends[-1] <= span[0]:
                ends.pop()
            if not ends or span[1] <= ends[-1]:
                layer.append(span)
                ends.append(span[1])
                break
        else:
            result.append([span])
            open_ends.append([span[1]])
    return result


def _inside_word(text: str, offset: int) -> bool:
    if not 0 < offset < len(text):
        return False
    before, after = text[offset - 1], text[offset]
    if _is_mark(after):
        return not before.isspace()
    if _UNSPACED.match(before) and _UNSPACED.match(after):
        return False
    return _is_word_character(before) and _is_word_character(after)


def _is_word_character(character: str) -> bool:
    return character.isalnum() or character == "_" or _is_mark(character)


def _is_mark(character: str) -> bool:
    return unicodedata.category(character).startswith("M")
