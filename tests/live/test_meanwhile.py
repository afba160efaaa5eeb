"""What somebody begins between a plan and its deletions is kept, whatever the plan said, and named by the next one."""

from __future__ import annotations

from typing import Any

import pytest

from curate import api
from curate.labelstudio.cases import CasePlan
from curate.labelstudio.listing import PAGE
from curate.labelstudio.tasks import Plan
from live.predicting import Adjudicating
from live.room import Room

BEGAN = "somebody began"


@pytest.fixture(autouse=True)
def whole_pages(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    """List tasks as many at a time as everywhere; here that is not in question."""
    monkeypatch.setattr("curate.labelstudio.listing.PAGE", PAGE)


def drafts(room: Room, *tasks: int) -> list[int]:
    """Count what was begun on each of some tasks, which are all there."""
    return [len(room.ask("GET", f"/api/tasks/{task}/drafts")) for task in tasks]


def test_a_push_keeps_what_was_begun_meanwhile(room: Room) -> None:
    """A second task and a second project stay where somebody began; so does a project with another text."""
    api.push(room.folder)
    [project] = room.projects()
    there: dict[str, dict[str, Any]] = {one["data"]["article_id"]: one for one in room.tasks()}
    tree, wall = room.add(project, there["tree"]["data"], there["wall"]["data"])
    earlier, begun = room.double(project, there["mast"]["data"])
    room.begin(begun)
    later, found = room.double(project, there["mast"]["data"])
    other, _ = room.double(project, there["mast"]["data"] | {"text": "Nobody has this anywhere else."})
    lines: list[str] = []

    def begin(plan: Plan) -> bool:
        assert [(step.action, step.task) for step in plan.tasks] == [("delete", tree), ("delete", wall)]
        assert [one.remove for one in plan.projects] == [[later]]
        room.begin(wall)
        room.begin(found)
        return True

    api.push(room.folder, confirm=begin, progress=lines.append)
    assert [line.split(": ")[0] for line in lines if BEGAN in line] == [f"project {later}", f"task {wall} of wall"]
    assert sorted(room.projects()) == [project, earlier, later, other]
    assert tree not in room.numbers(project)
    assert drafts(room, wall, begun, found) == [1, 1, 1]
    again = api.push(room.folder).plan
    assert [(step.action, step.task) for step in again.tasks] == [("delete", there["wall"]["id"])]
    assert [notice.split(":")[0] for notice in again.notices] == [f"project {one}" for one in (earlier, later, other)]
    assert drafts(room, wall, begun, found) == [1, 1, 1]


def test_an_adjudication_keeps_what_was_begun_meanwhile(room: Room) -> None:
    """The same where people settle; what was begun before is not planned to go."""
    made = Adjudicating.of(room)
    made.run()
    [project] = set(room.projects()) - {made.first}
    data: dict[str, dict[str, Any]] = {one["data"]["article_id"]: one["data"] for one in made.listed()}
    depot, envoys, third = room.add(project, data["depot"], data["envoys"], data["envoys"])
    room.begin(third)
    earlier, begun = room.double(project, data["depot"])
    room.begin(begun)
    later, found = room.double(project, data["depot"])
    lines: list[str] = []

    def begin(plan: CasePlan) -> bool:
        assert sorted(plan.remove) == [(depot, "depot"), (envoys, "envoys")]
        assert plan.spare == [later]
        room.begin(depot)
        room.begin(found)
        return True

    api.adjudicate("agree", room.folder, push=True, confirm=begin, progress=lines.append)
    assert [line.split(": ")[0] for line in lines if BEGAN in line] == [f"project {later}", f"task {depot} of depot"]
    assert sorted(room.projects()) == [made.first, project, earlier, later]
    assert envoys not in room.numbers(project)
    assert drafts(room, depot, third, begun, found) == [1, 1, 1, 1]
    again = made.run().plan
    assert again
    assert (again.changes, len(again.notices)) == (0, 4)
