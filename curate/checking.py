"""What was pulled becomes annotations, findings, what is held, and the books (pure)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from itertools import chain, groupby
from operator import attrgetter, itemgetter
from typing import Any, NamedTuple

import msgspec

from curate.answers import MARK, Pulled, Told
from curate.authorship import annotator_of, copied, drafter_of, not_asked
from curate.books import Ledger
from curate.findings import ERROR
from curate.judging import Context, article_of, finding, judge
from curate.labelstudio.contents import Problem
from curate.labelstudio.results import count_items
from curate.labelstudio.rounds import shown_to
from curate.labelstudio.tasks import ADJUDICATE, AGAIN
from curate.records import Adjudication, Annotation, Article, Finding, Item, plain
from curate.submissions import SUPERSEDED, Submitted, latest, submitted, superseded, why_excluded
from curate.text import text_sha256

REREAD = "reread"
"""The line of the books for what somebody read a second time."""

NONE, GOLDEN = bytes(MARK), bytes([1] * MARK)
"""In the place of a mark: there is no article, or its text has known answers."""

_NUMBERS, _ADJUDICATOR = attrgetter("task_id", "id"), attrgetter("annotation.annotator")
_PLACE = attrgetter("place", "code", "message")


@dataclass(frozen=True)
class Checked:
    """What one check makes of all that was pulled; annotations, adjudications and held readings by article."""

    annotations: Collection[Annotation]
    rereadings: Collection[Annotation]
    adjudications: Collection[Adjudication]
    findings: Collection[Finding]
    held: Collection[dict[str, Any]]
    books: dict[str, Any]
    finer_books: dict[str, Any]
    """The same for each annotator (``people``), what is held for each reason, and what the page doesn't have."""


class Part(msgspec.Struct, gc=False):
    """What a check makes of one article, or of what belongs to none; each list is in its final order."""

    annotations: list[Annotation] = []
    rereadings: list[Annotation] = []
    adjudications: list[Adjudication] = []
    findings: list[Finding] = []
    held: list[dict[str, Any]] = []


class Subject(NamedTuple):
    """What is checked by itself: an article with all that was drawn on it, or what belongs to none.

    ``order`` is unique, and subjects come by it. What ``check`` makes of it in a context depends on nothing but that
    context (of its articles and hidden texts on nothing at all) and what ``mark`` is of. It enters all in the ledger.
    """

    order: tuple[int, str]
    mark: bytes
    check: Callable[[Context, Ledger], Part]


def check(pulled: Pulled, context: Context, ledger: Ledger) -> Iterator[Part]:
    """Translate and check every annotation, an article at a time; nothing comes in that doesn't stand in the books.

    They are balanced when all parts have come.
    """
    apart = (check_apart(pulled, context, ledger) for check_apart in _APART.values())
    about = (_check_article(name, tasks, context, ledger) for name, tasks in _tasks_by_article(pulled, context))
    for part in chain(apart, about):
        ledger.forget_names()
        yield part


def subjects(pulled: Pulled, context: Context, article_mark: Callable[[str], bytes]) -> Iterator[Subject]:
    """Part what was pulled into what is checked by itself, in order.

    The articles of ``context`` and the tasks are in the order of the articles' ids. ``article_mark`` changes when the
    article does.
    """
    for place, (name, check_apart) in enumerate(_APART.items()):
        yield Subject((place, ""), pulled.marks.get(name, NONE), partial(check_apart, pulled))
    for name, tasks in _tasks_by_article(pulled, context):
        there = article_mark(name) if name in context.articles else NONE
        marks = b"".join((there, GOLDEN if name in context.gold else NONE, *(told.mark for told in tasks)))
        yield Subject((len(_APART), name), sha256(marks).digest(), partial(_check_article, name, tasks))


def _tasks_by_article(pulled: Pulled, context: Context) -> Iterator[tuple[str, list[Told]]]:
    """Give each article with its tasks, in order: those without a task, and those that nobody knows, as well."""
    known = iter(context.articles)
    due = next(known, None)
    for name, told in groupby(pulled.told, key=itemgetter(0)):
        while due is not None and due < name:
            yield due, []
            due = next(known, None)
        if due == name:
            due = next(known, None)
        yield name, list(told)
    while due is not None:
        yield due, []
        due = next(known, None)


def _check_deleted(pulled: Pulled, context: Context, ledger: Ledger) -> Part:
    for task, annotation in pulled.deleted:
        # Another server may use the same numbers, so what is gone is named with the project it was in.
        name = f"deleted annotation {annotation['id']} of {task.get('source', 'here')}"
        _exclude(ledger, name, annotation.get("result"), annotator_of(annotation, context.annotator), "deleted")
    return Part()


def _check_drafts(pulled: Pulled, context: Context, ledger: Ledger) -> Part:
    for draft in pulled.drafts:
        name = f"draft {draft['id']} of {draft.get('source', 'here')}"
        _exclude(ledger, name, draft.get("result"), drafter_of(draft, context.annotator), "draft")
    return Part()


def _check_lost_drafts(pulled: Pulled, context: Context, ledger: Ledger) -> Part:
    for draft in pulled.lost_drafts:
        name = f"draft {draft['id']} on a deleted task of {draft.get('source', 'here')}"
        _exclude(ledger, name, draft.get("result"), drafter_of(draft, context.annotator), "deleted")
    return Part()


_APART: dict[str, Callable[[Pulled, Context, Ledger], Part]] = {
    "deleted": _check_deleted,
    "drafts": _check_drafts,
    "lost_drafts": _check_lost_drafts,
}
"""What belongs to no article, by its name in ``Pulled.marks``."""


def _check_article(name: str, told: Sequence[Told], context: Context, ledger: Ledger) -> Part:
    """Check all that was drawn on an article, in whichever tasks."""
    part = Part()
    article, tasks = context.articles.get(name), [one.read() for one in told]
    made = [one for task in tasks for one in submitted(task, context.annotator)]
    lasts, copies = latest(made), copied(tasks, context.annotator) if len(made) > 1 else {}
    for one in made:
        last = lasts.get(one.asked)
        if why := why_excluded(one, last, article, context.gold):
            _exclude(ledger, one.name, one.annotation.get("result"), one.who, why)
            if why == SUPERSEDED:
                part.findings.append(_told(one, superseded(one, last, article)))
            continue
        if not one.age[0]:  # it was made where another was asked
            part.findings += [_told(one, problem) for problem in not_asked(one.task, one.who)]
        if copy := copies.get(one.annotation["id"]):
            part.findings.append(_told(one, copy))
        _check_annotation(one, article, context, part, ledger)
    part.annotations.sort(key=_NUMBERS)
    part.rereadings.sort(key=_NUMBERS)
    part.adjudications.sort(key=_ADJUDICATOR)
    part.findings.sort(key=_PLACE)
    if article is not None:
        ledger.take_in_article()
        fate = "accepted" if part.annotations else "held" if part.held else "waiting"
        ledger.enter("articles", (name,), fate)
    return part


def _exclude(ledger: Ledger, name: str, result: Any, who: str, why: str) -> None:
    items = count_items(result)
    ledger.take_in(name, len(items), who)
    ledger.enter_annotation(name, why, [item.id for item in items])


def _told(one: Submitted, problem: Problem) -> Finding:
    return finding(problem, one.task, one.annotation, one.who)


def _check_annotation(one: Submitted, article: Article | None, context: Context, part: Part, ledger: Ledger) -> None:
    trouble = _trouble(one.task, article)
    if article is None or trouble:
        problem = trouble or Problem("annotation-orphan", "", "Add its article with `curate add`, or delete the task.")
        items = count_items(one.annotation.get("result"))
        ledger.take_in(one.name, len(items), one.who)
        _hold(part, ledger, one, [_told(one, problem)], items)
        return
    judged = judge(one.task, one.annotation, one.who, article, context)
    ledger.take_in(one.name, len(judged.items), one.who)
    ledger.note_unknown(judged.unknown)
    if judged.is_held:
        _hold(part, ledger, one, judged.findings, judged.items)
        return
    part.findings += judged.findings
    made, purpose = judged.annotation, one.asked.purpose
    if purpose == ADJUDICATE:
        shown = shown_to(one.task, made.updated_at)
        part.adjudications.append(Adjudication(annotation=made, shown=shown, reasons=judged.reasons))
    else:
        (part.rereadings if purpose == AGAIN else part.annotations).append(made)
    # Nobody is two annotators: what somebody reads again is no reading more of the article.
    fate = REREAD if purpose == AGAIN else "accepted"
    ledger.enter_annotation(one.name, fate, [item.id for item in made.items])
    for item in judged.duplicates:
        ledger.enter("items", (one.name, item), "duplicate")
    for item, code in judged.dropped.items():
        ledger.enter("items", (one.name, item), f"dropped: {code}")


def _trouble(task: dict[str, Any], article: Article | None) -> Problem | None:
    """Say whether somebody changed the task's text on the server after it was pushed."""
    text = (task.get("data") or {}).get("text")
    if article is None or text == article.text:
        return None
    if not isinstance(text, str) or text_sha256(text) != article.text_sha256:
        return Problem("text-changed", "", "The task's text was edited on the server; its offsets mean nothing now.")
    return None


def _hold(part: Part, ledger: Ledger, one: Submitted, findings: list[Finding], items: list[Item]) -> None:
    part.findings += findings
    codes = [found.code for found in findings if found.level == ERROR]
    part.held.append(
        {
            "annotation_id": str(one.annotation["id"]),
            "article_id": article_of(one.task),
            "annotator": one.who,
            "task_id": one.task["id"],
            "codes": sorted(set(codes)),
            "items": [plain(item) for item in items],
        }
    )
    ledger.enter_annotation(one.name, "held", [item.id for item in items], codes[0])
