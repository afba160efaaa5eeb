"""Tasks whose article was revised: what a push does about them (pure)."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from curate.labelstudio.tasks import task_data
from curate.records import Article

RETIRED = (
    "**The text of this article was revised.** Work on this version no longer counts; "
    "the new version is a task of its own."
)
DOUBLED = (
    "**This article has another task.** What was submitted here counts; nothing more is to be done here, "
    "go on in the other one."
)


@dataclass(frozen=True)
class TaskStep:
    """One planned change of a task that is there: ``action`` is delete, retire or update.

    ``fields`` are what the task gets: data whole, and whether and to how many people it is still given. ``before``
    are the data it was planned for.
    """

    action: str
    task: int
    article_id: str
    reason: str
    fields: dict[str, Any] = field(default_factory=dict)
    before: Mapping[str, Any] = field(default_factory=dict)


def is_outdated(task: Mapping[str, Any], articles: Mapping[str, Article]) -> bool:
    """Tell whether a task shows an older version of an article."""
    article = articles.get(str(task["data"].get("article_id")))
    return article is not None and task["data"].get("text_sha256") != article.text_sha256


def worked_on(task: Mapping[str, Any]) -> bool:
    """Tell whether anybody left anything on a task, listed or told in full: annotations, skips, drafts.

    The drafts listed are only those of the account that asks, but ``draft_exists`` counts everybody's.
    """
    left = ("annotations", "total_annotations", "cancelled_annotations", "drafts", "draft_exists")
    return any(task.get(name) for name in left)


def plan_task_steps(
    articles: Mapping[str, Article],
    tasks: Iterable[Mapping[str, Any]],
    outdated: Mapping[int, Mapping[str, Any]],
    overlap: int,
) -> list[TaskStep]:
    """Plan what becomes of the tasks that are there; ``outdated`` holds those of older versions in full, by id."""
    steps = []
    for task in tasks:
        full = outdated.get(task["id"])
        article = articles.get(str(task["data"].get("article_id")))
        if article is not None:
            step = _renew(task, article, overlap) if full is None else _retire(full, article)
            steps += [step] if step else []
    return steps


def plan_unassigned(
    articles: Mapping[str, Article], tasks: Iterable[Mapping[str, Any]], outdated: Mapping[int, Mapping[str, Any]]
) -> list[TaskStep]:
    """Plan what becomes of tasks that nobody is to read there any more: they go unless somebody began.

    ``outdated`` holds those of older versions of ``articles`` in full, by id; they are retired as they are elsewhere.
    """
    why = "no longer to be read by them; nobody began on it"
    steps = []
    for task in tasks:
        name, full = str(task["data"].get("article_id")), outdated.get(task["id"])
        if full is not None:
            step = _retire(full, articles[name])
            steps += [step] if step else []
        elif not worked_on(task):
            steps.append(TaskStep("delete", task["id"], name, why))
    return steps


def plan_returns(tasks: Iterable[Mapping[str, Any]], reader: Container[int]) -> list[TaskStep]:
    """Give tasks back to their reader that only others have read, for whom they weren't meant: they count as done.

    ``tasks`` come with whose annotations they have, ``reader`` holds the numbers of the reader's accounts.
    """
    steps = []
    for task in tasks:
        done = task.get("total_annotations") or 0
        theirs = any(one["completed_by"] in reader for one in task.get("annotations") or [])
        if done and not theirs and task["overlap"] <= done:
            fields = {"overlap": done + 1, "is_labeled": False}
            why = "only others have read it; their own reading is still asked for"
            steps.append(TaskStep("update", task["id"], task["data"]["article_id"], why, fields, task["data"]))
    return steps


def _retire(task: Mapping[str, Any], article: Article) -> TaskStep | None:
    """Delete a task of an older version; one that people worked on stays, says so, and is given to nobody else."""
    why = "the text was revised"
    if not worked_on(task):
        return TaskStep("delete", task["id"], article.id, f"{why}; nobody worked on it")
    if task["data"].get("message") == RETIRED:
        return None
    done = sum(not annotation.get("was_cancelled") for annotation in task.get("annotations") or [])
    # With `is_labeled` the label stream gives it to nobody; the overlap keeps the server from taking that back.
    fields = {"data": {**task["data"], "message": RETIRED}, "overlap": max(done, 1), "is_labeled": True}
    return TaskStep("retire", task["id"], article.id, f"{why}; work on it stays, superseded", fields)


def _renew(task: Mapping[str, Any], article: Article, overlap: int) -> TaskStep | None:
    """Bring a task's title and other data up to date; take it back into use where its text counts again."""
    data, wanted = task["data"], task_data(article)
    if data.get("text") != article.text:
        return None  # edited on the server: whoever annotated that text must be told, not given another one
    changed = sorted(name for name, value in wanted.items() if data.get(name) != value)
    if data.get("message") in (RETIRED, DOUBLED):
        kept = {name: value for name, value in data.items() if name != "message"}
        done = task.get("total_annotations") or 0
        fields = {"data": {**kept, **wanted}, "overlap": overlap, "is_labeled": done >= overlap}
        why = "its text counts again" if data["message"] == RETIRED else "its other task is gone"
        return TaskStep("update", task["id"], article.id, why, fields)
    if changed:
        return TaskStep(
            "update", task["id"], article.id, f"changed: {', '.join(changed)}", {"data": {**data, **wanted}}
        )
    return None
