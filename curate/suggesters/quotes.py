"""Quotes laid over the text they were taken from: to the very code points, or not at all (pure)."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from curate.spans import Span, contains, cuts_word
from curate.text import sentence_around

NOT_THERE = "quote-not-in-text"
AMBIGUOUS = "quote-ambiguous"


@dataclass(frozen=True)
class Quote:
    """Words of a text, and more of the text around them that tells which of several places is meant."""

    words: str
    context: str = ""


def occurrences(text: str, words: str) -> list[Span]:
    """Find every place where the words stand as whole words, overlapping ones as well.

    Every character counts, but white space is any white space, and none at the ends.
    """
    return [span for span in _matches(text, words) if not cuts_word(text, *span)]


def place(text: str, quote: Quote, near: int | None = None) -> Span | str:
    """Find the one place a quote is from, or say why not: ``quote-not-in-text`` or ``quote-ambiguous``.

    Of several places the one in the context counts, then the one in the sentence of the offset ``near``. What leaves
    none of them doesn't help; where several are left, nothing is guessed.
    """
    return _only(_candidates(text, quote, near))


def place_all(text: str, quotes: Sequence[Quote]) -> list[Span | str]:
    """Find the places of quotes that were listed in the order of the text, or say why not.

    Where as many quotes as there are places left could be from any of these, the first quote is from the first
    place, and so on.
    """
    candidates = [_candidates(text, quote) for quote in quotes]
    placed = [_only(found) for found in candidates]
    undecided: dict[tuple[Span, ...], list[int]] = defaultdict(list)
    for number, found in enumerate(candidates):
        if len(found) > 1:
            undecided[tuple(found)].append(number)
    decided = {span for span in placed if not isinstance(span, str)}
    for spans, numbers in undecided.items():
        free = [span for span in spans if span not in decided]
        if len(free) == len(numbers):
            for number, span in zip(numbers, free, strict=True):
                placed[number] = span
    return placed


def _only(found: Sequence[Span]) -> Span | str:
    if not found:
        return NOT_THERE
    return found[0] if len(found) == 1 else AMBIGUOUS


def _candidates(text: str, quote: Quote, near: int | None = None) -> list[Span]:
    found = occurrences(text, quote.words)
    if len(found) > 1 and quote.context:
        around = _matches(text, quote.context)
        found = [one for one in found if any(contains(context, one) for context in around)] or found
    if len(found) > 1 and near is not None:
        begin, end = sentence_around(text, near)
        found = [one for one in found if begin <= one[0] < end] or found
    return found


def _matches(text: str, words: str) -> list[Span]:
    pattern = re.compile(r"\s+".join(map(re.escape, words.split())))
    found: list[Span] = []
    position = 0
    while pattern.pattern and (match := pattern.search(text, position)):
        found.append(match.span())
        position = match.start() + 1
    return found
