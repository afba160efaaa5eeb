"""What was submitted: whose it is, what it is a reading of, and whether it counts beside what else they made (pure)."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable
from typing import Any, NamedTuple, TypeAlias

import msgspec

from curate.answers import IMPORTED
from curate.authorship import annotator_of
from curate.labelstudio.contents import Problem
from curate.labelstudio.rounds import purpose_of, reader_of
from curate.labelstudio.tasks import QUALIFY
from curate.records import Article

QUALIFICATION, GOLD, SUPERSEDED = "qualification", "gold", "superseded"
"""Lines of the books: read to be tried out, with its answers known, and before what counts now."""

Age: TypeAlias = tuple[bool, str, int, str, tuple[bool, str], int]
"""Whether an annotation was made where it was asked for, when, its number, when changed, its source and its task.

Of one that is known from a server and from a file what the server said counts: it says more.
"""


class Asked(NamedTuple):
    """What a task asks, and of whom: the last that they made of it counts."""

    purpose: str
    article_id: str
    text_sha256: str
    who: str


class Submitted(msgspec.Struct, frozen=True, gc=False):
    """An annotation, the task it was made for, whose it is, and how it stands to others of theirs.

    ``name`` is that of the books: what comes from elsewhere may have the same number.
    """

    task: dict[str, Any]
    annotation: dict[str, Any]
    who: str
    asked: Asked
    age: Age
    name: str


def submitted(task: dict[str, Any], annotator: Callable[[Any], str]) -> list[Submitted]:
    """List the annotations of a task, the oldest first."""
    data, purpose, reader, source = task.get("data") or {}, purpose_of(task), reader_of(task), task.get("source")
    article, shown = str(data.get("article_id")), str(data.get("text_sha256"))
    from_where = not str(source).endswith(IMPORTED), str(source)
    found = []
    for annotation in task.get("annotations") or []:
        who = annotator_of(annotation, annotator)
        made, changed = str(annotation.get("created_at") or ""), str(annotation.get("updated_at") or "")
        age = reader in ("", who), made, annotation["id"], changed, from_where, task["id"]
        name = f"annotation {annotation['id']} of task {task['id']} of {source}"
        found.append(Submitted(task, annotation, who, Asked(purpose, article, shown, who), age, name))
    return sorted(found, key=lambda one: one.age[1:])


def latest(made: Iterable[Submitted]) -> dict[Asked, Age]:
    """Find the last annotation of each person for each version of an article, in whichever task it was made.

    The one in their own project counts, made later or not.
    """
    last: dict[Asked, Age] = {}
    for one in made:
        if not one.annotation.get("was_cancelled"):
            last[one.asked] = max(last.get(one.asked, one.age), one.age)
    return last


def why_excluded(one: Submitted, last: Age | None, article: Article | None, gold: Container[str]) -> str:
    """Say why an annotation is counted and not read; empty when it is read."""
    if one.annotation.get("was_cancelled"):
        return "skipped"
    if one.asked.purpose == QUALIFY:
        return QUALIFICATION
    if article is None and one.asked.article_id in gold:
        return GOLD
    return SUPERSEDED if last != one.age or _is_outdated(one, article) else ""


def _is_outdated(one: Submitted, article: Article | None) -> bool:
    return article is not None and one.asked.text_sha256 != article.text_sha256


def superseded(one: Submitted, last: Age | None, article: Article | None) -> Problem:
    """Say why an annotation doesn't count beside the last one of the same person."""
    why = f"{one.who} annotated the article again."
    if _is_outdated(one, article):
        why = "It was made on another version of the text."
    elif last and last[2] == one.annotation["id"]:
        # The same one may be known from a server and from a file.
        why = f"It is known from {last[4][1]} as well."
    elif last and last[0] and not one.age[0]:
        why = f"{one.who} annotated the article in their own project as well."
    return Problem("annotation-superseded", "", f"{why} It doesn't count.")
