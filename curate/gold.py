"""Gold: texts with known answers, hidden in people's work where nobody can tell them from their articles (pure)."""

from __future__ import annotations

import hashlib
import re
from bisect import bisect
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from curate.errors import UsageError
from curate.records import Article, Assignment

SHOWN = ("title", "url", "publisher", "published_at")
"""What a page tells of an article beside its text."""


@dataclass(frozen=True)
class Mixing:
    """How gold is mixed into the work: one text among every ``every`` articles; ``seed`` decides which and where."""

    every: int = 10
    seed: str = ""


def read_mixing(table: Mapping[str, object], seed: str) -> Mixing:
    """Read the ``[gold]`` table of curate.toml. Raises UsageError naming the key that is wrong."""
    for key in table:
        if key != "every":
            raise UsageError(f"gold.{key} is not understood; known is every.", "Mend it there.")
    every = table.get("every", Mixing().every)
    if type(every) is not int or every < 1:
        raise UsageError("gold.every must be a whole number, 1 or more.", "Mend it there.")
    return Mixing(every, seed)


def give(
    texts: Collection[str],
    reads: Mapping[str, Sequence[str]],
    shown: Mapping[str, Collection[str]],
    before: Iterable[Assignment],
    mixing: Mixing,
) -> list[Assignment]:
    """Say whom each text is given to, everybody's in the order they come up.

    ``reads`` names the articles that each person who goes on has to read, in their order, ``shown`` those of them that
    people see already. What was given ``before`` stays, whatever became of the articles; a person gets no text twice,
    another one for one that is not among the ``texts`` any more, and none that its place would give away: fewer, then,
    than are due.
    """
    given: dict[str, list[str]] = {}
    for one in before:
        given.setdefault(one.annotator, []).append(one.article_id)
    for who, names in reads.items():
        own = given.setdefault(who, [])
        lacking = len(names) // mixing.every - sum(name in texts for name in own)
        if lacking > 0:
            others = _unseen(set(texts) - set(own), names, shown.get(who, ()))
            own += sorted(others, key=lambda name: _draw(mixing, "which", who, name))[:lacking]
    return [Assignment(article_id=name, annotator=who) for who in sorted(given) for name in given[who]]


def _unseen(texts: Iterable[str], names: Sequence[str], shown: Collection[str]) -> Iterable[str]:
    """Leave out what would stand out of order, or at an end, where articles come in the order of their ids.

    What comes up now comes after all that is ``shown``.
    """
    keys = [_counting(name) for name in names]
    if not _in_order(keys):
        return texts
    last = max((place for place, name in enumerate(names) if name in shown), default=0)
    return [name for name in texts if keys[last] < _counting(name) < keys[-1]]


def due(gold: Sequence[str], load: int, mixing: Mixing) -> Sequence[str]:
    """Say which of somebody's texts come up among ``load`` articles: who has fewer than before meets fewer texts."""
    return gold[: load // mixing.every]


def mixed(names: Sequence[str], gold: Sequence[str], annotator: str, mixing: Mixing) -> list[str]:
    """Put somebody's gold among their articles: the first text among the first ``every``, and so on.

    Where the articles come in the order of their ids, which the list of tasks shows, a text stands where its id
    belongs, at an end if it lies beyond theirs. More articles in that order, or out of it as those before were, change
    nothing about what comes before them, but for a text that lay beyond.
    """
    keys = [_counting(name) for name in names]
    in_order = _in_order(keys)
    places = []
    for number, name in enumerate(gold):
        drawn = number * mixing.every + _draw(mixing, "where", annotator, str(number)) % mixing.every
        place = bisect(keys, _counting(name)) if in_order else min(len(names), drawn)
        places.append((place, _counting(name), name))
    ordered = list(names)
    for place, _, name in sorted(places, reverse=True):
        ordered.insert(place, name)
    return ordered


def telltale(text: Article, articles: Collection[Article]) -> str:
    """Name what every article has and a text has not, or the other way round, by which people can tell it apart.

    An id does where all articles' are made alike (``n0417``: a letter, then digits) and its own is not; the length of
    the text where it is less than half or more than twice that of any article's. Empty when there is no such thing.
    """
    for made in (_shape, _beginning, len) if len(articles) > 1 else (_shape,):
        alike = {made(article.id) for article in articles}
        if len(alike) == 1 and made(text.id) not in alike:
            return "id"
    lengths = [len(article.text) for article in articles]
    if lengths and not min(lengths) <= 2 * len(text.text) <= 4 * max(lengths):
        return "length"
    for key in SHOWN:
        filled = {bool(getattr(article, key)) for article in articles}
        if filled and bool(getattr(text, key)) not in filled:
            return key
    return ""


def _shape(name: str) -> str:
    return re.sub(r"[^\W\d_]+", "a", re.sub(r"\d+", "0", name))


def _beginning(name: str) -> str:
    return re.split(r"[\W\d_]", name, maxsplit=1)[0]


def _counting(name: str) -> list[Any]:
    """Give what names are put in order by, as people count: ``n9`` before ``n10``."""
    return [int(part) if part.isdecimal() else part for part in re.split(r"(\d+)", name)]


def _in_order(keys: Sequence[list[Any]]) -> bool:
    return all(one < other for one, other in pairwise(keys))


def _draw(mixing: Mixing, *parts: str) -> int:
    return int.from_bytes(hashlib.sha256("\n".join((mixing.seed, "gold", *parts)).encode()).digest()[:8])
