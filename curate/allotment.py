"""Who reads what: every article its readers, everybody their share, and what was begun stays where it is (pure).

A reading is one person on one article. What somebody began or finished is never moved; of the rest a new plan keeps
whatever it can.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from curate.errors import UsageError
from curate.levelling import Readers, fair_shares
from curate.records import Assignment
from curate.wording import counted
from curate.working import BEGUN, DONE, HELD, Work

WHOLE = 1 << 64


@dataclass(frozen=True)
class Rules:
    """How work is shared out, as ``[assignment]`` in curate.toml says.

    ``overlap`` people read each article of the share ``double``, one person reads the others. Articles come in
    batches of ``batch`` (0: all in one), of which the first ``open`` are given out (None: all). ``weights`` says how
    large somebody's share is beside others' 1, ``most`` how many articles they read at all. Of everybody's readings
    the share ``again`` is read once more by the same person, after ``after`` others. ``seed`` decides every draw.
    """

    overlap: int
    double: Fraction = Fraction(1)
    batch: int = 0
    open: int | None = None
    weights: Mapping[str, Fraction] = field(default_factory=dict)
    most: Mapping[str, int] = field(default_factory=dict)
    again: Fraction = Fraction(0)
    after: int = 20
    seed: str = ""

    def readers_of(self, article: str) -> int:
        """Tell how many people read an article; more articles change nothing about it."""
        return self.overlap if drawn(self.double, self.seed, "double", article) else 1

    def described(self) -> str:
        """Say how many readings are asked of the articles."""
        asked = counted(self.overlap, "reading is asked", "readings are asked")
        if self.double == 1:
            return f"{asked} of each"
        return f"{asked} of {float(self.double):.0%} of them and one of the others"

    def given_out(self, articles: Sequence[str]) -> Sequence[str]:
        """Give the articles of the batches that are open, of all there are in the order they came."""
        return articles if not self.batch or self.open is None else articles[: self.batch * self.open]


@dataclass(frozen=True)
class Allotment:
    """Who reads what. ``missing`` counts the readers that an article lacks because nobody is left to read it."""

    assignments: list[Assignment]
    missing: dict[str, int]
    shares: dict[str, Fraction]


RULE_KEYS = ("double", "batch", "open", "again", "after", "seed", "people")
FIX = "Mend [assignment] in curate.toml; docs/people.md of curate shows what may stand there."


def read_rules(table: Mapping[str, Any], overlap: int) -> Rules:
    """Read the ``[assignment]`` table of curate.toml. Raises UsageError naming the key that is wrong."""
    for key in table:
        if key not in RULE_KEYS:
            raise UsageError(f"assignment.{key} is not understood; known are {', '.join(RULE_KEYS)}.", FIX)
    people = table.get("people", {})
    if not isinstance(people, dict) or not all(isinstance(one, dict) for one in people.values()):
        raise UsageError("assignment.people must name people, each with weight, most or both.", FIX)
    for who, limits in people.items():
        for key in set(limits) - {"weight", "most"}:
            raise UsageError(f"assignment.people.{who}.{key} is not understood; known are weight and most.", FIX)
    if not isinstance(table.get("seed", ""), str):
        raise UsageError("assignment.seed must be text in quotes.", FIX)
    return Rules(
        overlap=overlap,
        double=_share(table, "double", 1),
        batch=_count(table, "batch", 0, "assignment."),
        open=_count(table, "open", 0, "assignment.") if "open" in table else None,
        weights={who: _weight(one["weight"], who) for who, one in people.items() if "weight" in one},
        most={who: _count(one, "most", 0, f"assignment.people.{who}.") for who, one in people.items() if "most" in one},
        again=_share(table, "again", 0),
        after=_count(table, "after", 20, "assignment."),
        seed=table.get("seed", ""),
    )


def _share(table: Mapping[str, Any], key: str, default: int) -> Fraction:
    share = _amount(table.get(key, default), key)
    if share > 1:
        raise UsageError(f"assignment.{key} is a share, from 0 to 1, not {table[key]}.", FIX)
    return share


def _amount(value: Any, key: str) -> Fraction:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < WHOLE:
        raise UsageError(f"assignment.{key} must be a number, 0 or more.", FIX)
    return Fraction(str(value))


def _weight(value: Any, who: str) -> Fraction:
    if not (weight := _amount(value, f"people.{who}.weight")):
        raise UsageError(f"assignment.people.{who}.weight must be more than 0; most = 0 gives them nothing.", FIX)
    return weight


def _count(table: Mapping[str, Any], key: str, default: int, where: str) -> int:
    value = table.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise UsageError(f"{where}{key} must be a whole number, 0 or more.", FIX)
    return value


def drawn(share: Fraction, *parts: str) -> bool:
    """Tell whether a thing is drawn into a share, by the SHA-256 of its name; each is drawn by itself."""
    code = hashlib.sha256("\n".join(parts).encode()).digest()[:8]
    return int.from_bytes(code) < share * WHOLE


def allot(
    articles: Sequence[str],
    annotators: Collection[str],
    before: Iterable[Assignment],
    work: Iterable[Work],
    rules: Rules,
    withdrawn: Collection[str] = (),
) -> Allotment:
    """Plan who reads what. ``articles`` are all there are, in the order they came; ``annotators`` those who go on.

    Every article gets as many different readers as the rules ask for, as far as there are people; loads, which count
    what everybody has read so far, come as close to the shares as that lets them. What was begun or done stays;
    what ``before`` gave to somebody who goes on stays unless the shares demand another reader.
    """
    wanted = [name for name in rules.given_out(articles) if name not in withdrawn]
    before, work = list(before), list(work)
    first = [one for one in work if not one.again]
    known = {(one.article_id, one.annotator) for one in first}
    fixed = {
        (one.article_id, one.annotator)
        for one in first
        if one.state == DONE or (one.state in (BEGUN, HELD) and one.annotator in annotators)
    }
    taken = Counter(article for article, _ in fixed)
    readers = Readers(
        places={name: place for place, name in enumerate(wanted)},
        needs={name: max(0, rules.readers_of(name) - taken[name]) for name in wanted},
        barred=known,
        loads={who: sum(one == who for _, one in fixed) for who in annotators},
        order=lambda name, who: hashlib.sha256(f"{rules.seed}\n{name}\n{who}".encode()).digest(),
    )
    most = {who: rules.most[who] for who in annotators if who in rules.most}
    shares = fair_shares(readers, rules.weights, most)
    for name, who in fixed:
        readers.meet(name, who)
    readers.keep((one.article_id, one.annotator) for one in before if not one.again)
    readers.fill(shares, most)
    readers.level(shares)
    kept = {(one.article_id, one.annotator) for one in first if one.own}
    rows = [Assignment(article_id=name, annotator=who) for name, who in kept | readers.given()]
    rows += _again(annotators, before, work, rules, set(wanted))
    rows.sort(key=lambda one: (one.article_id, one.annotator, one.again))
    return Allotment(rows, readers.missing(), shares)


def _again(
    annotators: Collection[str],
    before: Iterable[Assignment],
    work: Iterable[Work],
    rules: Rules,
    wanted: Collection[str],
) -> list[Assignment]:
    """Give out second readings: those that were begun or given out before, and those that have become due."""
    work = list(work)
    found = {(one.article_id, one.annotator) for one in work if one.again and one.own}
    due = {(one.article_id, one.annotator) for one in before if one.again}
    for who in annotators:
        done = sorted(
            (one for one in work if one.annotator == who and one.state == DONE and not one.again), key=_moment
        )
        due |= {(one.article_id, who) for one in done[: max(0, len(done) - rules.after)]}
    found |= {
        (name, who)
        for name, who in due
        if who in annotators and name in wanted and drawn(rules.again, rules.seed, "again", name, who)
    }
    return [Assignment(article_id=name, annotator=who, again=True) for name, who in found]


def _moment(work: Work) -> tuple[str, str]:
    return work.at, work.article_id
