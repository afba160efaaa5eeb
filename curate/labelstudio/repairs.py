"""Tasks that were edited by hand, and tasks that are there twice: what a push does about them (pure)."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from curate.labelstudio.revisions import DOUBLED, TaskStep, worked_on
from curate.labelstudio.tasks import task_data
from curate.records import Article

Task = Mapping[str, Any]


@dataclass(frozen=True)
class Repairs:
    """What is to be done, and ``tasks`` as they are afterwards: one of each article version that counts."""

    tasks: list[Task]
    steps: list[TaskStep] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)


def plan_repairs(
    tasks: Collection[Task], articles: Mapping[str, Article], versions: Container[tuple[str, str]]
) -> Repairs:
    """Plan what brings every article back to one task with its own text, without touching what people did.

    ``versions`` holds id and hash of every version that an article ever had: a task of an older one is no edit.
    """
    put_back, whole = _put_back(tasks, articles, versions)
    kept, steps, notices = [], list(put_back), []
    groups: dict[tuple[str, str], list[Task]] = {}
    for task in whole:
        groups.setdefault(_key(task), []).append(task)
    for (name, text_hash), group in groups.items():
        article = articles.get(name)
        if article is None or article.text_sha256 != text_hash or len(group) == 1:
            kept += group
            continue
        first, *others = sorted(group, key=_preferred)
        kept.append(first)
        for other in others:
            steps += _remove(other, name, first["id"])
            if worked_on(other):
                notices.append(f"task {other['id']}: a second one of {name} beside task {first['id']}; both count")
    gone = {step.task for step in steps if step.action == "delete"}
    return Repairs(kept, [step for step in steps if step.action == "delete" or step.task not in gone], notices)


def _key(task: Task) -> tuple[str, str]:
    return str(task["data"].get("article_id")), str(task["data"].get("text_sha256"))


def _preferred(task: Task) -> tuple[bool, bool, int]:
    """Sort first what people worked on, then what isn't laid aside, then the oldest."""
    return not worked_on(task), task["data"].get("message") == DOUBLED, int(task["id"])


def _remove(task: Task, name: str, first: int) -> list[TaskStep]:
    why = f"a second task of the article beside {first}"
    if not worked_on(task):
        return [TaskStep("delete", task["id"], name, f"{why}; nobody worked on it")]
    if task["data"].get("message") == DOUBLED:
        return []
    done = task.get("total_annotations") or 0
    fields = {"data": {**task["data"], "message": DOUBLED}, "overlap": max(done, 1), "is_labeled": True}
    return [TaskStep("retire", task["id"], name, f"{why}; work on both counts", fields)]


def _put_back(
    tasks: Collection[Task], articles: Mapping[str, Article], versions: Container[tuple[str, str]]
) -> tuple[list[TaskStep], list[Task]]:
    """Undo edits of texts that nobody read yet, and of the names of articles whose text is untouched."""
    there = {_key(task) for task in tasks}
    missing: dict[str, list[Article]] = {}
    for article in articles.values():
        if (article.id, article.text_sha256) not in there:
            missing.setdefault(article.text, []).append(article)
    steps: list[TaskStep] = []
    whole: list[Task] = []
    for task in tasks:
        home, why = _home(task, articles, versions, missing)
        if home is not None:
            fields = {"data": {**task["data"], **task_data(home)}}
            steps.append(TaskStep("update", task["id"], home.id, why, fields))
            missing.pop(home.text, None)
            whole.append({**task, **fields})
        else:
            whole.append(task)
    return steps, whole


def _home(
    task: Task,
    articles: Mapping[str, Article],
    versions: Container[tuple[str, str]],
    missing: Mapping[str, list[Article]],
) -> tuple[Article | None, str]:
    """Say which article an edited task belongs to, and why; None where it wasn't edited or people must look."""
    (name, text_hash), text = _key(task), task["data"].get("text")
    named = articles.get(name)
    if named is not None and named.text_sha256 == text_hash:
        if text == named.text or worked_on(task):
            return None, ""
        return named, "its text was edited on the server; nobody worked on it"
    found = missing.get(text, []) if isinstance(text, str) and (name, text_hash) not in versions else []
    if len(found) != 1:
        return None, ""
    what = "text_sha256" if name == found[0].id else f"article_id ({name!r})"
    return found[0], f"its {what} was edited on the server; its text is this article's"


def gone_tasks(missing: Iterable[str], known: Mapping[str, list[int]]) -> dict[str, str]:
    """Say of articles without a task that had one when it was pulled last why they get another.

    ``known`` holds the tasks of each article that were there.
    """
    return {
        name: f"its task ({', '.join(map(str, sorted(known[name])))}) was deleted on the server"
        for name in missing
        if name in known
    }
