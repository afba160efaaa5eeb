"""Tasks edited by hand or there twice: what a push plans for each, from what the server lists."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from curate.labelstudio.projects import lost_project
from curate.labelstudio.repairs import gone_tasks, plan_repairs
from curate.labelstudio.revisions import DOUBLED, plan_task_steps
from curate.labelstudio.tasks import (
    ADJUDICATE,
    ANNOTATE,
    QUALIFY,
    Marker,
    find_projects,
    plan_push,
    task_data,
)
from curate.raw import add_raw
from curate.records import Article
from curate.text import text_sha256
from curate.workspace import Workspace


def article(name: str, text: str) -> Article:
    return Article(id=name, text=text, text_sha256=text_sha256(text))


A, B, OLD = article("a", "Drones struck."), article("b", "Talks began."), article("a", "Drones hit.")
KNOWN = {"a": A, "b": B}
VERSIONS = {(one.id, one.text_sha256) for one in (A, B, OLD)}
WORK = {"total_annotations": 2}


def task(number: int, shown: Article, work: dict[str, Any] | None = None, **data: Any) -> dict[str, Any]:
    """A task as the server lists it."""
    nothing = {"total_annotations": 0, "cancelled_annotations": 0, "draft_exists": False}
    return {"id": number, "data": {**task_data(shown), **data}, **nothing, **(work or {})}


def planned(*tasks: dict[str, Any]) -> tuple[list[int], list[tuple[str, int]]]:
    """The tasks that are left for the articles, and the steps."""
    made = plan_repairs(tasks, KNOWN, VERSIONS)
    return [one["id"] for one in made.tasks], [(step.action, step.task) for step in made.steps]


def test_what_is_as_it_should_be_is_left() -> None:
    """One task of each article, and one of an older version."""
    assert planned(task(1, A), task(2, B), task(3, OLD)) == ([1, 2, 3], [])


@pytest.mark.parametrize("work", [WORK, {"cancelled_annotations": 1}, {"draft_exists": True}])
def test_of_doubles_the_one_with_work_stays(work: dict[str, Any]) -> None:
    """Else the oldest; the empty ones go."""
    assert planned(task(1, A), task(2, A, work), task(3, A)) == ([2], [("delete", 1), ("delete", 3)])
    assert planned(task(2, A), task(1, A), task(3, B)) == ([1, 3], [("delete", 2)])


def test_an_edited_double_goes_at_once() -> None:
    """It is not put back first: whoever deletes looks whether the task is still as it was listed."""
    assert planned(task(1, A), task(2, A, text="Edited."), task(3, B)) == ([1, 3], [("delete", 2)])
    assert planned(task(1, A, text="Edited."), task(2, A), task(3, B)) == ([1, 3], [("update", 1), ("delete", 2)])


def test_doubles_with_work_are_laid_aside_and_named() -> None:
    """Nothing on them is lost: nobody else is given the second one, and it says where to go on."""
    made = plan_repairs([task(1, A, WORK), task(2, A, WORK)], KNOWN, VERSIONS)
    [step] = made.steps
    assert (step.action, step.task, step.fields["overlap"], step.fields["is_labeled"]) == ("retire", 2, 2, True)
    assert step.fields["data"] == {**task_data(A), "message": DOUBLED}
    assert "task 2" in made.notices[0]
    again = plan_repairs([task(1, A, WORK), task(2, A, WORK, message=DOUBLED)], KNOWN, VERSIONS)
    assert (again.steps, len(again.notices)) == ([], 1)


def test_one_laid_aside_comes_back_when_the_other_is_gone() -> None:
    """Its message goes, and people are given it again if it has too few readings."""
    left = plan_repairs([task(2, A, WORK, message=DOUBLED)], {"a": A}, VERSIONS).tasks
    [step] = plan_task_steps({"a": A}, left, {}, overlap=3)
    assert (step.action, step.fields["data"], step.fields["is_labeled"]) == ("update", task_data(A), False)


def test_an_edited_text_is_put_back_unless_somebody_read_it() -> None:
    """Whoever annotated another text must be told, and nobody's offsets are moved."""
    made = plan_repairs([task(1, A, text="Other words.")], KNOWN, VERSIONS)
    [step] = made.steps
    assert (step.action, step.fields["data"]) == ("update", task_data(A))
    assert "text was edited" in step.reason
    worked = plan_repairs([task(1, A, WORK, text="Other words."), task(2, B)], KNOWN, VERSIONS)
    assert worked.steps == []
    pushed = plan_push(KNOWN, None, worked.tasks, {"title": "T"})
    assert "text was edited" in pushed.notices[0]
    assert pushed.create == []


@pytest.mark.parametrize("name", ["elsewhere", "b", None])
def test_an_edited_name_is_put_back_with_its_work(name: str | None) -> None:
    """The text says whose task it is, also where the name is another article's now."""
    edited = task(1, A, WORK, article_id=name)
    made = plan_repairs([edited, task(2, B)], KNOWN, VERSIONS)
    [step] = made.steps
    assert (step.action, step.task, step.fields["data"]["article_id"]) == ("update", 1, "a")
    assert "article_id" in step.reason
    assert [one["data"]["article_id"] for one in made.tasks] == ["a", "b"]


def test_an_edited_hash_is_put_back() -> None:
    """The text is the article's, so the task is."""
    made = plan_repairs([task(1, A, WORK, text_sha256="0"), task(2, B)], KNOWN, VERSIONS)
    assert [step.fields["data"] for step in made.steps] == [task_data(A)]


def test_a_name_that_may_be_either_s_is_left_to_people() -> None:
    """Two articles of one text without a task: nobody can say which the edited one was."""
    twin = article("c", A.text)
    assert plan_repairs([task(1, A, article_id="x")], {**KNOWN, "c": twin}, VERSIONS).steps == []


def test_a_task_deleted_by_hand_is_named_where_it_is_made_again() -> None:
    """Where it was pulled, its number is told."""
    assert gone_tasks(["a", "b"], {"a": [4]}) == {"a": "its task (4) was deleted on the server"}


def test_of_two_projects_the_one_with_work_is_used() -> None:
    """And a marker that was lost from the description is found in the page."""
    marker = "curate:workspace=w purpose=annotate annotator= schema=s@1#2"
    first = {"id": 1, "description": marker}
    second = {"id": 2, "description": "", "label_config": f"<View><!-- {marker} --></View>"}
    place = ("annotate", "")
    assert [one["id"] for one in find_projects([second, first], "w")[place]] == [1, 2]
    worked = second | {"skipped_annotations_number": 1}
    assert [one["id"] for one in find_projects([first, worked], "w")[place]] == [2, 1]


@pytest.mark.parametrize(
    ("project", "told"),
    [
        ({"description": ""}, "its marker was lost"),
        ({"description": "curate:workspace=w purpose=annotate annotator= schema=s@1#0"}, "the schema changed, from"),
        ({"label_config": "<View/>"}, "its page was edited"),
        ({"maximum_annotations": 9}, "changed: maximum_annotations"),
    ],
)
def test_why_a_project_is_changed_is_told(project: dict[str, Any], told: str) -> None:
    """Another schema, a lost marker, an edited page, another setting: each by its name."""
    marker = "curate:workspace=w purpose=annotate annotator= schema=s@1#1"
    wanted = {"description": marker, "label_config": "<View></View>", "maximum_annotations": 2}
    step = plan_push({}, {"id": 3, **wanted, **project}, [], wanted).project_step
    assert step.action == "update"
    assert told in step.reason


def test_a_project_that_is_gone_is_known_by_its_last_marker(tmp_path: Path) -> None:
    """Its raw answers say what it was for; without a marker, its first task does."""
    workspace, marker = Workspace(tmp_path), Marker("w", QUALIFY, "", "s@1.0.0")
    folder = workspace.raw / "project-3-2026"
    add_raw(folder, [b'{"id": 1, "data": {"shown": []}}', b'{"id": 2, "data": {}}'])
    assert (lost_project(workspace, (ADJUDICATE, "")), lost_project(workspace, (ANNOTATE, ""))) == ("3", "")
    for purpose in (ANNOTATE, QUALIFY):
        add_raw(folder, [json.dumps({"marker": replace(marker, purpose=purpose).write()}).encode()])
        assert lost_project(workspace, (purpose, "")) == "3"
    assert lost_project(workspace, (ANNOTATE, "")) == ""
