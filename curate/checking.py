"""What was pulled becomes annotations, findings, what is held, and the books (pure)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from heapq import merge
from itertools import groupby
from operator import itemgetter
from typing import Any, TypeAlias

import msgspec

from curate.answers import Pulled
from curate.assembly import lift
from curate.authorship import annotator_of, other_hands
from curate.books import Ledger
from curate.findings import level
from curate.labelstudio.contents import Problem
from curate.labelstudio.origins import mark_changed
from curate.labelstudio.results import count_items, read_stamp
from curate.labelstudio.rounds import purpose_of, shown_to
from curate.labelstudio.stamps import read_by_stamp
from curate.labelstudio.tasks import ADJUDICATE, AGAIN, QUALIFY
from curate.records import Adjudication, Annotation, Article, Finding, Item, plain
from curate.schema.model import EventSchema
from curate.text import text_sha256

REREAD, QUALIFICATION = "reread", "qualification"
"""Lines of the books: what somebody read a second time, and what they were tried out with."""


Age: TypeAlias = tuple[str, int, str, str]
"""When an annotation was made, its number, when it was changed, and where it comes from."""


@dataclass(frozen=True)
class Checked:
    """What one check makes of all that was pulled; annotations, adjudications and held readings by article."""

    annotations: Collection[Annotation]
    rereadings: Collection[Annotation]
    adjudications: Collection[Adjudication]
    findings: Collection[Finding]
    held: Collection[dict[str, Any]]
    books: dict[str, Any]


@dataclass
class Part:
    """What a check makes of one article, or of what belongs to none; each list is in its final order."""

    annotations: list[Annotation] = field(default_factory=list)
    rereadings: list[Annotation] = field(default_factory=list)
    adjudications: list[Adjudication] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    held: list[dict[str, Any]] = field(default_factory=list)
    books: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Context:
    """What readings are checked against. ``schemas`` holds the schemas of earlier stamps as well."""

    schema: EventSchema
    schemas: Mapping[str, EventSchema]
    articles: Mapping[str, Article]
    annotator: Callable[[Any], str]
    check_annotation: Callable[[Annotation, Article], Iterable[Finding]]


@dataclass
class _Books:
    ledger: Ledger = field(default_factory=Ledger)
    seen: dict[str, int] = field(default_factory=lambda: {"articles": 0, "annotations": 0, "items": 0})

    def take_in(self, items: list[Item]) -> None:
        self.seen["annotations"] += 1
        self.seen["items"] += len(items)

    def enter(self, name: str, fate: str, items: Iterable[str]) -> None:
        self.ledger.enter("annotations", (name,), fate)
        for item in items:
            self.ledger.enter("items", (name, item), fate)


def check(pulled: Pulled, context: Context) -> Iterator[Part]:
    """Translate and check every annotation, an article at a time; nothing comes in that doesn't stand in the books.

    The articles of ``context`` and the tasks are in the order of the articles' ids, and so are the parts.
    """
    for task, annotation in pulled.deleted:
        # Another server may use the same numbers, so what is gone is named with the project it was in.
        name = f"deleted annotation {annotation['id']} of {task.get('source', 'here')}"
        yield _excluded(name, annotation.get("result"), "deleted")
    for draft in pulled.drafts:
        yield _excluded(f"draft {draft['id']}", draft.get("result"), "draft")
    for draft in pulled.lost_drafts:
        yield _excluded(
            f"draft {draft['id']} on a deleted task of {draft.get('source', 'here')}", draft.get("result"), "deleted"
        )
    known = ((name, None) for name in context.articles)
    shown = ((_article(task), task) for task in pulled.tasks)
    for name, met in groupby(merge(known, shown, key=itemgetter(0)), key=itemgetter(0)):
        yield _check_article(name, [task for _, task in met if task], context)


def _check_article(name: str, tasks: list[dict[str, Any]], context: Context) -> Part:
    """Check all that was drawn on an article, in whichever tasks."""
    part, books = Part(), _Books()
    article = context.articles.get(name)
    latest = _latest(tasks, context)
    for task in tasks:
        _check_task(task, latest, article, context, part, books)
    for readings in (part.annotations, part.rereadings):
        readings.sort(key=lambda annotation: (annotation.task_id, annotation.id))
    part.adjudications.sort(key=lambda one: one.annotation.annotator)
    part.findings.sort(key=lambda found: (found.place, found.code, found.message))
    if article is not None:
        books.seen["articles"] += 1
        fate = "accepted" if part.annotations else "held" if part.held else "waiting"
        books.ledger.enter("articles", (name,), fate)
    part.books = books.ledger.balance(books.seen)
    return part


def _excluded(name: str, result: Any, why: str) -> Part:
    books = _Books()
    _exclude(books, name, result, why)
    return Part(books=books.ledger.balance(books.seen))


def _article(task: dict[str, Any]) -> str:
    return str((task.get("data") or {}).get("article_id"))


def _exclude(books: _Books, name: str, result: Any, why: str) -> None:
    items = count_items(result)
    books.take_in(items)
    books.enter(name, why, [item.id for item in items])


def _version(task: dict[str, Any]) -> tuple[str, ...]:
    """Name the article version a task shows, and what for."""
    data = task.get("data") or {}
    return purpose_of(task), str(data.get("article_id")), str(data.get("text_sha256"))


def _age(task: dict[str, Any], annotation: dict[str, Any]) -> Age:
    """Tell which annotation is later; the same one may be known from a server and from a file."""
    times = (str(annotation.get(key) or "") for key in ("created_at", "updated_at"))
    return next(times), annotation["id"], next(times), str(task.get("source"))


def _latest(tasks: Iterable[dict[str, Any]], context: Context) -> dict[tuple[str, ...], Age]:
    """Find the last annotation of each person for each version of an article, in whichever task it was made."""
    last: dict[tuple[str, ...], Age] = {}
    for task in tasks:
        version = _version(task)
        for annotation in task.get("annotations") or []:
            if not annotation.get("was_cancelled"):
                key = (*version, annotator_of(annotation, context.annotator))
                last[key] = max(last.get(key, ("", 0, "", "")), _age(task, annotation))
    return last


def _check_task(
    task: dict[str, Any],
    latest: dict[tuple[str, ...], Age],
    article: Article | None,
    context: Context,
    part: Part,
    books: _Books,
) -> None:
    version = _version(task)
    outdated = article is not None and (task.get("data") or {}).get("text_sha256") != article.text_sha256
    for annotation in sorted(task.get("annotations") or [], key=lambda one: _age(task, one)):
        name, who = _name(task, annotation), annotator_of(annotation, context.annotator)
        last, age = latest.get((*version, who)), _age(task, annotation)
        if annotation.get("was_cancelled"):
            _exclude(books, name, annotation.get("result"), "skipped")
        elif version[0] == QUALIFY:
            _exclude(books, name, annotation.get("result"), QUALIFICATION)
        elif outdated or last is None or last != age:
            _exclude(books, name, annotation.get("result"), "superseded")
            why = f"{who} annotated the article again."
            if outdated:
                why = "It was made on another version of the text."
            elif last and last[1] == annotation["id"]:
                why = f"It is known from {last[3]} as well."
            problem = Problem("annotation-superseded", "", f"{why} It doesn't count.")
            part.findings.append(_finding(problem, task, annotation, who))
        else:
            _check_annotation(task, annotation, who, article, context, part, books)


def _name(task: dict[str, Any], annotation: dict[str, Any]) -> str:
    """Name an annotation in the books: what comes from elsewhere may have the same number."""
    return f"annotation {annotation['id']} of {task.get('source')}"


def _check_annotation(
    task: dict[str, Any],
    annotation: dict[str, Any],
    who: str,
    article: Article | None,
    context: Context,
    part: Part,
    books: _Books,
) -> None:
    name, result = _name(task, annotation), mark_changed(annotation, task)
    trouble = _trouble(task, article)
    if article is None or trouble:
        problem = trouble or Problem("annotation-orphan", "", "Add its article with `curate add`, or delete the task.")
        items = count_items(result)
        books.take_in(items)
        _hold(part, books, task, annotation, who, [_finding(problem, task, annotation, who)], items)
        return
    translation, schema, doubts = read_by_stamp(result, article, context.schema, context.schemas)
    reading = translation.reading if schema is context.schema else lift(translation.reading, context.schema)
    problems = [*doubts, *other_hands(annotation, who, context.annotator), *translation.problems]
    if not translation.items:
        told = "Nothing is marked or set; see that there is nothing to mark."
        problems.append(Problem("annotation-empty", "", told))
    made = Annotation(
        id=str(annotation["id"]),
        task_id=task["id"],
        article_id=article.id,
        text_sha256=article.text_sha256,
        annotator=who,
        schema=read_stamp(result),
        created_at=annotation.get("created_at") or "",
        updated_at=annotation.get("updated_at") or "",
        lead_time=annotation.get("lead_time"),
        events=reading.events,
        clusters=reading.clusters,
        links=reading.links,
        attributes=reading.attributes,
        items=[item for item in translation.items if item.id not in translation.duplicates],
        notes=translation.notes,
    )
    findings = [_finding(problem, task, annotation, who) for problem in problems]
    if not any(found.level == "error" for found in findings):
        findings += [
            msgspec.structs.replace(
                found,
                place=f"annotation {made.id} · {found.place}",
                article_id=article.id,
                annotation_id=made.id,
                annotator=who,
                link=_link(task),
            )
            for found in context.check_annotation(made, article)
        ]
    books.take_in(translation.items)
    if any(found.level == "error" for found in findings):
        _hold(part, books, task, annotation, who, findings, translation.items)
        return
    part.findings += findings
    purpose = purpose_of(task)
    if purpose == ADJUDICATE:
        part.adjudications.append(
            Adjudication(annotation=made, shown=shown_to(task, made.updated_at), reasons=translation.reasons)
        )
    else:
        (part.rereadings if purpose == AGAIN else part.annotations).append(made)
    # Nobody is two annotators: what somebody reads again is no reading more of the article.
    books.enter(name, REREAD if purpose == AGAIN else "accepted", [item.id for item in made.items])
    for item in sorted(translation.duplicates):
        books.ledger.enter("items", (name, item), "duplicate")


def _trouble(task: dict[str, Any], article: Article | None) -> Problem | None:
    """Say whether somebody changed the task's text on the server after it was pushed."""
    text = (task.get("data") or {}).get("text")
    if article is not None and (not isinstance(text, str) or text_sha256(text) != article.text_sha256):
        return Problem("text-changed", "", "The task's text was edited on the server; its offsets mean nothing now.")
    return None


def _hold(
    part: Part,
    books: _Books,
    task: dict[str, Any],
    annotation: dict[str, Any],
    who: str,
    findings: list[Finding],
    items: list[Item],
) -> None:
    part.findings += findings
    part.held.append(
        {
            "annotation_id": str(annotation["id"]),
            "article_id": _article(task),
            "annotator": who,
            "task_id": task["id"],
            "codes": sorted({found.code for found in findings if found.level == "error"}),
            "items": [plain(item) for item in items],
        }
    )
    books.enter(_name(task, annotation), "held", [item.id for item in items])


def _link(task: dict[str, Any]) -> str | None:
    return f"/projects/{task['project']}/data?task={task['id']}" if task.get("project") else None


def _finding(problem: Problem, task: dict[str, Any], annotation: dict[str, Any], who: str) -> Finding:
    place = f"annotation {annotation['id']}" + (f" · {problem.where}" if problem.where else "")
    return Finding(
        code=problem.code,
        level=level(problem.code),
        place=place,
        message=problem.message,
        article_id=_article(task),
        annotation_id=str(annotation["id"]),
        annotator=who,
        link=_link(task),
    )
