"""Which articles belong together, and so into one split; nothing that was released ever changes its split."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from heapq import nsmallest
from typing import TypeVar

from curate.duplicates import Clusters, Pair, near_duplicates
from curate.records import Article, Record, canonical_json
from curate.splits import DAY, Rule, draw

Same = TypeVar("Same")

SHOWN = 20
STORY_FIELDS = ("title", "url", "publisher", "published_at", "language", "licence")
TIES, LATER, UNDATED = "ties", "later", "undated"
REASONS = {
    TIES: "resembles, or tells the story of, articles in several splits",
    LATER: "was published after what its group's split is for",
    UNDATED: "has no day of publication, and splits go by time",
}
"""Why an article is left out by the splits."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What decides on an article's split: its text, its story, its labels, the day it was published."""

    text_sha256: str
    story: str | None = None
    labels: tuple[str, ...] = ()
    day: str | None = None


def entry_of(record: Record, group_by: str) -> Entry:
    """Give what decides on a record's split; its labels are its event types."""
    day = (record.published_at or "")[:10]
    return Entry(
        text_sha256=record.text_sha256,
        story=story_of(record, group_by),
        labels=_same(tuple(sorted({event.type for event in record.events}))),
        day=_same(day) if DAY.fullmatch(day) else None,
    )


def story_of(article: Article | Record, group_by: str) -> str | None:
    """Give the story of an article: what it holds under ``group_by``, a field or a key of ``meta``."""
    story = getattr(article, group_by) if group_by in STORY_FIELDS else json.loads(article.meta or "{}").get(group_by)
    return story if story is None or isinstance(story, str) else canonical_json(story).decode()


@cache
def _same(value: Same) -> Same:
    """Give the one object for equal values, since many articles have the same labels and days."""
    return value


@dataclass(frozen=True, slots=True)
class Home:
    """The split and group of an article, and the text it was released with."""

    split: str
    group: str
    text_sha256: str


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An article that no split can take: the reason (see ``REASONS``) and an article of each split it ties."""

    id: str
    reason: str
    between: tuple[str, ...] = ()


@dataclass
class Placement:
    """Where every article goes. ``across`` are the pairs in two splits that are most alike, the closest first."""

    homes: dict[str, Home] = field(default_factory=dict)
    left_out: list[LeftOut] = field(default_factory=list)
    across: list[Pair] = field(default_factory=list)


def place(
    entries: Mapping[str, Entry],
    texts: Mapping[str, str],
    earlier: Mapping[str, Home],
    rule: Rule,
    former: Mapping[str, str] | None = None,
) -> Placement:
    """Give every article a split together with all that it resembles and all of its story.

    ``texts`` holds the text of every entry, and of articles of ``earlier`` releases that are none now but whose
    place still counts; ``former`` the story of these, where they have one. A released article keeps split and
    group. A new one joins the split of what it belongs to; if that is in several splits it is left out of all, and
    so is a released one whose text was changed and now belongs elsewhere as well. All other groups are drawn
    (``splits.draw``), or go by their latest day.
    """
    stories = dict(former or {})
    stories |= {name: entry.story for name, entry in entries.items() if entry.story is not None}
    clusters, compared = _relate(stories, texts, rule.threshold)
    members: dict[str, list[str]] = defaultdict(list)
    for name in sorted(texts):
        members[clusters.of(name)].append(name)
    made, waiting = Placement(), []
    while members:
        _, names = members.popitem()
        splits = {earlier[name].split for name in names if name in earlier}
        if len(splits) > 1:
            parts, pairs = _untie(names, entries, stories, texts, earlier, rule.threshold, made.left_out)
            compared += pairs
        else:
            parts = [names]
        for part in parts:
            known = [earlier[name] for name in part if name in earlier]
            new = [name for name in part if name in entries and name not in earlier]
            made.homes |= {
                name: Home(earlier[name].split, earlier[name].group, entries[name].text_sha256)
                for name in part
                if name in entries and name in earlier
            }
            if rule.cutoffs:
                new = _timely(new, known, entries, rule, made.left_out)
            if known:
                home = min(known, key=lambda one: one.group)
                made.homes |= {name: Home(home.split, home.group, entries[name].text_sha256) for name in new}
            elif new:
                waiting.append(new)
    _draw_rest(waiting, entries, rule, made)
    made.left_out.sort(key=lambda one: one.id)
    made.across = nsmallest(SHOWN, _across(compared, made.homes), key=lambda pair: (-pair.similarity, pair))
    return made


def _relate(stories: Mapping[str, str], texts: Mapping[str, str], threshold: float) -> tuple[Clusters, list[Pair]]:
    """Join stories and near-duplicates, and give the pairs that were compared and found too different."""
    clusters = Clusters()
    first: dict[str, str] = {}
    for name in sorted(stories):
        clusters.join(first.setdefault(stories[name], name), name)
    different = []
    for pair in near_duplicates(texts, clusters.apart, threshold=0):
        if pair.similarity >= threshold:
            clusters.join(pair.first, pair.second)
        else:
            different.append(pair)
    return clusters, different


def _untie(
    names: list[str],
    entries: Mapping[str, Entry],
    stories: Mapping[str, str],
    texts: Mapping[str, str],
    earlier: Mapping[str, Home],
    threshold: float,
    left_out: list[LeftOut],
) -> tuple[list[list[str]], list[Pair]]:
    """Take a cluster that reaches into several splits apart: leave out what ties them, add it to ``left_out``.

    What was released with the text it has now stays whatever happens; then come those with a changed text, then
    the new ones, by id. Gives the parts that are left, each of one split or of none yet, and all similar pairs.
    """

    def rank(name: str) -> tuple[int, str]:
        if name not in earlier:
            return 2, name
        stays = name not in entries or entries[name].text_sha256 == earlier[name].text_sha256
        return (0 if stays else 1), name

    pairs = list(near_duplicates({name: texts[name] for name in names}, threshold=threshold))
    related: dict[str, set[str]] = defaultdict(set)
    for pair in pairs:
        related[pair.first].add(pair.second)
        related[pair.second].add(pair.first)
    parts = Clusters()
    splits: dict[str, str] = {}
    kept: set[str] = set()
    told: dict[str | None, set[str]] = defaultdict(set)
    for name in sorted(names, key=rank):
        story = stories.get(name)
        near = sorted((related[name] & kept) | told[story])
        own = earlier[name].split if name in earlier else None
        found = {splits[parts.of(one)]: one for one in reversed(near) if parts.of(one) in splits}
        if rank(name)[0] == 0:
            near = [one for one in near if splits.get(parts.of(one)) == own]
        elif len({*found, *([own] if own else [])}) > 1:
            left_out.append(LeftOut(name, TIES, tuple(sorted(found.values()))))
            continue
        for one in near:
            parts.join(one, name)
        kept.add(name)
        if story is not None:
            told[story].add(name)
        if split := own or next(iter(found), None):
            splits[parts.of(name)] = split
    gathered: dict[str, list[str]] = defaultdict(list)
    for name in sorted(kept):
        gathered[parts.of(name)].append(name)
    return list(gathered.values()), pairs


def _timely(
    new: list[str], known: list[Home], entries: Mapping[str, Entry], rule: Rule, left_out: list[LeftOut]
) -> list[str]:
    """Give the new articles of a group that time lets in; the others are added to ``left_out``."""
    order = {split: place for place, split in enumerate(rule.names)}
    kept = []
    for name in new:
        day = entries[name].day
        if day is None:
            left_out.append(LeftOut(name, UNDATED))
        elif known and order[rule.split_of(day)] > min(order.get(one.split, 0) for one in known):
            left_out.append(LeftOut(name, LATER))
        else:
            kept.append(name)
    return kept


def _draw_rest(waiting: list[list[str]], entries: Mapping[str, Entry], rule: Rule, made: Placement) -> None:
    """Give the groups that nothing released belongs to their splits. A group is called by its least id."""
    groups = {min(names): names for names in waiting}
    if rule.cutoffs:
        drawn = {group: rule.split_of(max(entries[name].day or "" for name in groups[group])) for group in groups}
    else:
        placed: dict[str, list[tuple[str, ...]]] = defaultdict(list)
        for name, home in made.homes.items():
            placed[home.split].append(entries[name].labels)
        drawn = draw({group: [entries[name].labels for name in groups[group]] for group in groups}, placed, rule)
    for group, names in groups.items():
        made.homes |= {name: Home(drawn[group], group, entries[name].text_sha256) for name in names}


def _across(pairs: Iterable[Pair], homes: Mapping[str, Home]) -> set[Pair]:
    """Keep the pairs that are in two splits."""
    return {
        pair
        for pair in pairs
        if pair.first in homes and pair.second in homes and homes[pair.first].split != homes[pair.second].split
    }
