"""Near-duplicate articles: wire copy, rewrites and revisions, found by the shingles that two texts share.

A shingle is three words in a row, or five characters where the script sets no spaces between words. The
similarity of two texts is the Jaccard index of their sets of shingles, always computed exactly: MinHash and
banding (Leskovec, Rajaraman and Ullman, "Mining of Massive Datasets", chapter 3) only propose the pairs to
look at. A pair of similarity s is proposed with probability 1 - (1 - s**4)**48: 0.71 at 0.4, 0.95 at 0.5,
0.99 at 0.55, above 0.9999 from 0.7 on.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rensa import RMinHash

THRESHOLD = 0.4
"""From this similarity on, two articles are near-duplicates. Unrelated news hardly ever shares a tenth."""

BANDS, ROWS, SEED = 48, 4, 1
BATCH = 1000

WORDS, CHARACTERS = 3, 5
# Han, kana, Thai, Lao, Burmese and Khmer: a character is a token, for want of a word.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
# What \w leaves out and words are yet written with: vowel signs and other marks on letters.
_MARKS = "".join(chr(code) for code in range(0x300, 0x2000) if unicodedata.category(chr(code)) in ("Mn", "Mc"))
_HAS_UNSPACED = re.compile(f"[{_UNSPACED}]")
_WORD = re.compile(rf"[\w{_MARKS}]+")
_TOKEN = re.compile(rf"[{_UNSPACED}]|(?:(?![{_UNSPACED}])[\w{_MARKS}])+")


@dataclass(frozen=True, order=True)
class Pair:
    """Two articles by id, ``first`` before ``second`` in the order given, and their shingles: common, and in all."""

    first: str
    second: str
    shared: int
    total: int

    @property
    def similarity(self) -> float:
        """The Jaccard index of the two sets of shingles, from 0 to 1."""
        return self.shared / self.total


def shingles(text: str) -> list[str]:
    """Give the shingles of a text in order, repeats included; never none.

    Case, punctuation, white space and Unicode compatibility forms don't count. A text shorter than a shingle
    is one shingle.
    """
    folded = text.casefold() if text.isascii() else unicodedata.normalize("NFKC", text).casefold()
    if text.isascii() or not _HAS_UNSPACED.search(folded):
        words = _WORD.findall(folded)
        if len(words) >= WORDS:
            return list(map(" ".join, zip(words, words[1:], words[2:], strict=False)))
        return [" ".join(words) or folded.strip()]
    tokens = _TOKEN.findall(folded)
    lengths = [CHARACTERS if _HAS_UNSPACED.match(token) else WORDS for token in tokens]
    found = [
        " ".join(tokens[start : start + length])
        for start, length in enumerate(lengths)
        if start + length <= len(tokens)
    ]
    return found or [" ".join(tokens)]


def compare(first: str, second: str, texts: Mapping[str, str]) -> Pair:
    """Compare two texts by their ids, exactly."""
    return _pair(first, second, frozenset(shingles(texts[first])), frozenset(shingles(texts[second])))


def near_duplicates(
    texts: Mapping[str, str],
    wanted: Callable[[str, str], bool] | None = None,
    threshold: float = THRESHOLD,
) -> Iterator[Pair]:
    """Yield each pair of articles that are near-duplicates, once, in the order of ``texts`` (text by id).

    ``texts`` is gone through once; then only the texts of likely pairs are asked for again, so that a mapping
    that reads from a file needs little memory. ``wanted`` is asked for each likely pair before its texts are
    compared, and may go by the pairs that came before. What is yielded has at least the similarity
    ``threshold``; a pair that was never proposed is missed, as the module says how often.
    """
    kept = lru_cache(maxsize=BATCH)(lambda name: frozenset(shingles(texts[name])))
    for first, second in _likely(texts):
        if wanted is None or wanted(first, second):
            pair = _pair(first, second, kept(first), kept(second))
            if pair.similarity >= threshold:
                yield pair


def near_duplicates_of(
    new: Mapping[str, str], known: Mapping[str, str], threshold: float = THRESHOLD
) -> Iterator[Pair]:
    """Yield the near-duplicates among new articles, and of new ones with known ones, as ``near_duplicates`` does.

    The ids of ``new`` and ``known`` are apart; pairs of known articles aren't looked at.
    """
    yield from near_duplicates(_Joined(known, new), lambda first, second: second in new, threshold)


class Clusters:
    """Sets of ids that grow together: all ids that some chain of ``join`` connects are one cluster."""

    def __init__(self) -> None:
        self._parents: dict[str, str] = {}

    def of(self, name: str) -> str:
        """Name the cluster of an id: by its least id, so by itself while nothing is joined to it."""
        root = name
        while (parent := self._parents.get(root, root)) != root:
            root = parent
        while (parent := self._parents.get(name, name)) != root:
            self._parents[name], name = root, parent
        return root

    def apart(self, first: str, second: str) -> bool:
        """Tell whether two ids are in different clusters."""
        return self.of(first) != self.of(second)

    def join(self, first: str, second: str) -> None:
        """Make the clusters of two ids one."""
        least, other = sorted((self.of(first), self.of(second)))
        self._parents[other] = least


def cluster(texts: Mapping[str, str], threshold: float = THRESHOLD) -> Clusters:
    """Join all near-duplicates, also over several steps, without comparing what is joined already."""
    clusters = Clusters()
    for pair in near_duplicates(texts, clusters.apart, threshold):
        clusters.join(pair.first, pair.second)
    return clusters


def _pair(first: str, second: str, one: frozenset[str], other: frozenset[str]) -> Pair:
    shared = len(one & other)
    return Pair(first, second, shared, len(one) + len(other) - shared)


def _likely(texts: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Propose pairs of ids: those whose MinHashes agree in a whole band.

    Two steps keep the memory small: the compact sketches of all articles tell which of them are in any pair at
    all, and only those few go into an index that can be asked for their partners.
    """
    from rensa import RMinHash, RMinHashLSH

    slots = BANDS * ROWS
    index = RMinHashLSH(threshold=THRESHOLD, num_perm=slots, num_bands=BANDS)
    names = list(texts)
    matrix = RMinHash.digest_matrix_from_token_sets(_Shingled(texts, names), slots, SEED)
    flags = index.query_duplicate_flags_matrix_one_shot(matrix)
    del matrix
    flagged = [name for name, flag in zip(names, flags, strict=True) if flag]
    for number, sketch in enumerate(_sketches(texts, flagged, slots)):
        for partner in sorted(index.query(sketch)):
            yield flagged[partner], flagged[number]
        index.insert(number, sketch)


def _sketches(texts: Mapping[str, str], names: Iterable[str], slots: int) -> Iterator[RMinHash]:
    """Sketch the named texts in order, some at a time."""
    from rensa import RMinHash

    left = iter(names)
    while batch := list(islice(left, BATCH)):
        yield from RMinHash.from_token_sets([shingles(texts[name]) for name in batch], slots, SEED)


class _Shingled:
    """The shingles of each text in turn, of known number: the matrix of their sketches then has its size at once."""

    def __init__(self, texts: Mapping[str, str], names: list[str]) -> None:
        self._texts, self._names = texts, names

    def __len__(self) -> int:
        return len(self._names)

    def __iter__(self) -> Iterator[list[str]]:
        return (shingles(self._texts[name]) for name in self._names)


class _Joined(Mapping[str, str]):
    """Two mappings as one, the first one's ids before the second one's, without copying either."""

    def __init__(self, first: Mapping[str, str], second: Mapping[str, str]) -> None:
        self._first, self._second = first, second

    def __getitem__(self, name: str) -> str:
        return self._second[name] if name in self._second else self._first[name]

    def __iter__(self) -> Iterator[str]:
        yield from self._first
        yield from self._second

    def __len__(self) -> int:
        return len(self._first) + len(self._second)
