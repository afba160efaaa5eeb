"""Tasks of revised articles: what a push plans for each, from what the server tells."""

from __future__ import annotations

from typing import Any

import pytest

from curate.labelstudio.revisions import RETIRED, is_outdated, plan_returns, plan_task_steps, plan_unassigned
from curate.labelstudio.tasks import task_data
from curate.records import Article
from curate.text import text_sha256


def article(text: str, **data: str) -> Article:
    return Article(id="a", text=text, text_sha256=text_sha256(text), **data)


OLD, NEW = article("Old."), article("New.", title="T")


def task(shown: Article, **more: Any) -> dict[str, Any]:
    """A task as the server lists it."""
    data = {**task_data(shown), **more.pop("data", {})}
    return {"id": 1, "data": data, "total_annotations": 0, "annotations": [], **more}


def steps(one: dict[str, Any], counts: Article = NEW) -> list[tuple[str, dict[str, Any]]]:
    known = {counts.id: counts}
    full = {1: one} if is_outdated(one, known) else {}
    return [(step.action, step.fields) for step in plan_task_steps(known, [one], full, overlap=2)]


def test_an_old_version_nobody_touched_is_deleted() -> None:
    """There is nothing on it that could be lost."""
    assert steps(task(OLD)) == [("delete", {})]


@pytest.mark.parametrize(
    ("left", "overlap"),
    [
        ({"annotations": [{"was_cancelled": False}] * 3}, 3),
        ({"annotations": [{"was_cancelled": True}]}, 1),
        ({"draft_exists": True}, 1),
        ({"drafts": [{"id": 1}]}, 1),
    ],
)
def test_an_old_version_with_work_is_retired_once(left: dict[str, Any], overlap: int) -> None:
    """It keeps its data, says that it was revised, is given to nobody else, and is then left alone."""
    [(action, fields)] = steps(task(OLD, data={"message": "Please look again.", "other": 1}, **left))
    assert action == "retire"
    assert fields["data"] == {**task_data(OLD), "message": RETIRED, "other": 1}
    assert (fields["overlap"], fields["is_labeled"]) == (overlap, True)
    assert steps(task(OLD, data=fields["data"], **left)) == []


def test_a_version_that_counts_again_is_taken_back() -> None:
    """The message goes, and people are given the task again if it has too few readings."""
    [(action, fields)] = steps(task(NEW, data={"message": RETIRED}, total_annotations=1))
    assert (action, fields) == ("update", {"data": task_data(NEW), "overlap": 2, "is_labeled": False})


def test_other_data_is_brought_up_to_date() -> None:
    """A new title reaches the page; messages and other data of the task stay."""
    [(action, fields)] = steps(task(NEW, data={"title": "Old", "message": "Look again."}))
    assert (action, fields) == ("update", {"data": {**task_data(NEW), "message": "Look again."}})
    assert steps(task(NEW, data={"message": "Look again."})) == []


def test_what_is_not_ours_to_mend_is_left_alone() -> None:
    """A task of an unknown article and a text edited on the server are told elsewhere, and never written over."""
    assert steps(task(NEW, data={"article_id": "b"})) == []
    assert steps(task(NEW, data={"text": "Edited.", "title": "Old"})) == []


@pytest.mark.parametrize(
    ("by", "overlap", "fields"),
    [
        ([], 1, None),  # nobody read it
        ([7], 1, {"overlap": 2, "is_labeled": False}),  # somebody else did
        ([7], 2, None),  # and it was given back already
        ([7, 8], 2, {"overlap": 3, "is_labeled": False}),
        ([7, 5], 2, None),  # their reader did, too
    ],
)
def test_what_only_others_read_is_given_back(by: list[int], overlap: int, fields: dict[str, Any] | None) -> None:
    """A task in somebody's own project is asked of them until they have read it themselves."""
    made = [{"completed_by": who} for who in by]
    one = {"id": 1, "data": {"article_id": "a"}, "total_annotations": len(by), "annotations": made, "overlap": overlap}
    assert [step.fields for step in plan_returns([one], {5, 6})] == ([fields] if fields else [])


def test_only_what_nobody_began_is_taken_out() -> None:
    """A reading, a skip or a draft keeps a task that its reader is not to read any more."""
    kept = [{"total_annotations": 1}, {"cancelled_annotations": 1}, {"draft_exists": True}]
    tasks = [{"id": number, "data": {"article_id": "a"}} | more for number, more in enumerate([{}, *kept])]
    assert [(step.action, step.task) for step in plan_unassigned({}, tasks, {})] == [("delete", 0)]


@pytest.mark.parametrize(
    ("left", "action"), [({"annotations": [{"was_cancelled": False}]}, "retire"), ({}, "delete"), (None, None)]
)
def test_an_old_version_is_retired_where_it_is_not_read_any_more(left: Any, action: str | None) -> None:
    """Whoever worked on it is told, whether the new version is theirs to read or not; told once, it is left alone."""
    one = task(OLD, data={"message": RETIRED}, draft_exists=True) if left is None else task(OLD, **left)
    assert [step.action for step in plan_unassigned({"a": NEW}, [one], {1: one})] == ([action] if action else [])
