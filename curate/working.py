"""What people have made of what they were given to read, as the raw answers tell it (pure)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from curate.authorship import annotator_of
from curate.labelstudio.rounds import purpose_of, reader_of
from curate.labelstudio.tasks import AGAIN, ANNOTATE
from curate.records import Article, Assignment

BEGUN, DONE, HELD, SKIPPED = "begun", "done", "held", "skipped"
"""What somebody has made of an article: a draft, a reading, a reading that is held back, or nothing on purpose."""
STATES = (SKIPPED, BEGUN, HELD, DONE)
"""What counts for more comes later."""


@dataclass(frozen=True)
class Work:
    """What somebody made of an article, in its version that counts; ``at`` is the moment of it as the server tells it.

    ``own`` when they made it in their own project, ``again`` when it is their second reading.
    """

    annotator: str
    article_id: str
    state: str
    at: str = ""
    own: bool = True
    again: bool = False


@dataclass(frozen=True)
class Progress:
    """How many articles somebody was given, and how many of those they have begun, done, skipped and not touched.

    ``held`` are those done that are held back. ``again`` tells how many of those given are second readings.
    """

    assigned: int
    begun: int
    done: int
    held: int
    skipped: int
    left: int
    again: int


def work_of(
    tasks: Iterable[Mapping[str, Any]],
    drafts: Iterable[Mapping[str, Any]],
    articles: Mapping[str, Article],
    annotator: Callable[[Any], str],
    held: Collection[str],
) -> list[Work]:
    """Say what everybody has made of each article; ``held`` are the ids of annotations that are held back."""
    found: dict[tuple[str, str, bool], Work] = {}
    shown = {(task.get("source"), task["id"]): task for task in tasks if _current(task, articles)}
    for task, state, who, at in _traces(shown, drafts, annotator, held):
        again, name = purpose_of(task) == AGAIN, task["data"]["article_id"]
        one = Work(who, name, state, at, who == reader_of(task), again)
        known = found.setdefault((who, name, again), one)
        if (STATES.index(one.state), one.own, one.at) > (STATES.index(known.state), known.own, known.at):
            found[who, name, again] = one
    return [found[key] for key in sorted(found)]


def _current(task: Mapping[str, Any], articles: Mapping[str, Article]) -> bool:
    data = task.get("data") or {}
    article = articles.get(str(data.get("article_id")))
    current = article is not None and data.get("text_sha256") == article.text_sha256
    return current and purpose_of(task) in (ANNOTATE, AGAIN)


def _traces(
    tasks: Mapping[tuple[str | None, int], Mapping[str, Any]],
    drafts: Iterable[Mapping[str, Any]],
    annotator: Callable[[Any], str],
    held: Collection[str],
) -> Iterator[tuple[Mapping[str, Any], str, str, str]]:
    for task in tasks.values():
        for made in task.get("annotations") or []:
            state = SKIPPED if made.get("was_cancelled") else HELD if str(made["id"]) in held else DONE
            yield task, state, annotator_of(made, annotator), str(made.get("created_at") or "")
    for draft in drafts:
        begun = tasks.get((draft.get("source"), draft["task"]))
        if begun is not None and draft.get("user") is not None:
            yield begun, BEGUN, annotator(draft["user"]), str(draft.get("created_at") or "")


def progress_of(assignments: Iterable[Assignment], work: Iterable[Work]) -> dict[str, Progress]:
    """Count for everybody how far they are with what they were given."""
    states = {(one.annotator, one.article_id, one.again): one.state for one in work}
    counts: dict[str, Counter[str]] = {}
    for one in assignments:
        counted = counts.setdefault(one.annotator, Counter())
        counted.update(
            ["assigned", states.get((one.annotator, one.article_id, one.again), "left"), *["again"] * one.again]
        )
    return {
        who: Progress(
            assigned=counted["assigned"],
            begun=counted[BEGUN],
            done=counted[DONE] + counted[HELD],
            held=counted[HELD],
            skipped=counted[SKIPPED],
            left=counted["left"],
            again=counted["again"],
        )
        for who, counted in sorted(counts.items())
    }
