"""What has yet to go out to people: tasks that a push would make, articles that nobody is to read (pure)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from curate.allotment import Rules
from curate.labelstudio.tasks import AGAIN, ANNOTATE
from curate.records import Article, Assignment
from curate.working import BEGUN, DONE, SKIPPED, Work

Placed: TypeAlias = tuple[str, str, str, str]
"""A task for reading: what it is for, whose it is (empty: everybody's), its article and the SHA-256 of the text."""


UNREAD = ("not pushed", "unread", "held", "waiting")
"""The stages of articles that lack readings."""


@dataclass(frozen=True)
class Lacking:
    """Whether articles have fewer readers than they need: ``plan`` where another plan gives some to somebody.

    ``people`` where nobody is left to read one, ``left`` tells whether anybody still has something to read.
    """

    plan: bool = False
    people: bool = False
    left: bool = True


def wanted_tasks(
    articles: Mapping[str, Article], assignments: Iterable[Assignment] | None, withdrawn: Collection[str]
) -> set[Placed]:
    """List the tasks for reading that there are after a push; without ``assignments`` (None) everybody shares one."""
    there = {name: one.text_sha256 for name, one in articles.items() if name not in withdrawn}
    if assignments is None:
        return {(ANNOTATE, "", name, text) for name, text in there.items()}
    rows = [one for one in assignments if one.article_id in there]
    return {(AGAIN if one.again else ANNOTATE, one.annotator, one.article_id, there[one.article_id]) for one in rows}


def is_unpushed(wanted: Iterable[Placed], placed: Collection[Placed], stages: Mapping[str, str]) -> bool:
    """Tell whether a push would make a task that somebody has to read in.

    Without an assignment whoever's project has an article is as good as another. ``stages`` are those of the articles;
    the ones that have all their readings need no task any more.
    """
    texts = {one[2:] for one in placed}
    return any(
        (one[0] == AGAIN or stages.get(one[2]) in UNREAD) and (one not in placed if one[1] else one[2:] not in texts)
        for one in wanted
    )


def lacking(
    stages: Mapping[str, str],
    assignments: Iterable[Assignment],
    work: Iterable[Work],
    rules: Rules,
    active: Collection[str],
    withdrawn: Collection[str] = (),
) -> Lacking:
    """Find out who is to read the articles that lack readings. Counts as ``curate.allotment.allot`` does.

    ``stages`` are those of all articles in the order they came, ``active`` the people who can be given something.
    """
    states = {(one.annotator, one.article_id): one.state for one in work if not one.again}
    given = {(one.annotator, one.article_id) for one in assignments if not one.again}
    met: dict[str, set[str]] = {}
    coming: dict[str, set[str]] = {}
    for who, name in given | states.keys():
        met.setdefault(name, set()).add(who)
        state = states.get((who, name))
        if state != SKIPPED and (state == DONE or who in active):
            coming.setdefault(name, set()).add(who)
    loads = Counter(who for people in coming.values() for who in people)
    free = {who for who in active if who not in rules.most or loads[who] < rules.most[who]}
    short = [
        name
        for name in rules.given_out(list(stages))
        if stages[name] in UNREAD and name not in withdrawn and len(coming.get(name, ())) < rules.readers_of(name)
    ]
    return Lacking(
        plan=any(free - met.get(name, set()) for name in short),
        people=bool(short),
        left=any(states.get(one, BEGUN) == BEGUN for one in given),
    )
