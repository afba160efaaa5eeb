"""The same faults where suggestions and adjudication tasks are written: nothing doubled, lost or wrong afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from curate.labelstudio import server
from live.faults import Call, proxy_to
from live.predicting import Adjudicating, Suggesting
from live.room import Room, attempt, suffering
from live.table import TASKS, Row, chosen, told

SUGGESTING = (
    Call("list projects", "GET", r"^/api/projects\?"),
    Call("list begun tasks", "GET", TASKS + ".*total_annotations"),
    Call("list predictions", "GET", TASKS + ".*predictions"),
    Call("list predictions, later page", "GET", TASKS + ".*predictions", nth=2),
    Call("delete predictions", "POST", r"^/api/dm/actions"),
    Call("delete one prediction", "DELETE", r"^/api/predictions/\d+"),
    Call("import predictions", "POST", r"/import/predictions"),
    Call("import predictions, second batch", "POST", r"/import/predictions", nth=2),
    Call("update project", "PATCH", r"^/api/projects/\d+/?$"),
)
BEGINNING = (
    Call("create project", "POST", r"^/api/projects/?$"),
    Call("import", "POST", r"/import"),
    Call("import, second batch", "POST", r"/import", nth=2),
    Call("update project", "PATCH", r"^/api/projects/\d+/?$"),
)
GOING_ON = (
    Call("list projects", "GET", r"^/api/projects\?"),
    Call("list tasks", "GET", TASKS),
    Call("read a task", "GET", r"^/api/tasks/\d+/?$"),
    Call("delete a task", "DELETE", r"^/api/tasks/\d+/?$"),
    Call("list predictions", "GET", r"^/api/predictions"),
    Call("delete a prediction", "DELETE", r"^/api/predictions/\d+"),
    Call("create a prediction", "POST", r"^/api/predictions/?$"),
    Call("create a prediction, the last", "POST", r"^/api/predictions/?$", nth=3),
    Call("update a task", "PATCH", r"^/api/tasks/\d+/?$"),
)
CHOSEN = {("import predictions", "cut after"), ("create a prediction", "twice")}
"""The ones tried always."""

NewProject = Callable[..., AbstractContextManager[Path]]


@contextmanager
def behind_a_proxy(
    folder: Path, new_project: NewProject, running: server.RunningServer, patch: pytest.MonkeyPatch
) -> Iterator[Room]:
    """A project of four short articles that reaches the server through the proxy, small batch by small batch."""
    with new_project(folder) as made, proxy_to(running.url) as proxy:
        patch.setenv("LABEL_STUDIO_URL", proxy.address)
        patch.setattr("curate.labelstudio.suggesting.BATCH", 2)
        patch.setattr("curate.labelstudio.adjudicating.BATCH", 1)
        patch.setattr("curate.labelstudio.listing.PAGE", 2)
        room = Room(made, proxy, running.url)
        room.write({name: f"A {name} fell on the town." for name in ("tree", "wall", "mast", "roof")})
        yield room


@pytest.fixture(scope="module")
def suggesting(
    tmp_path_factory: pytest.TempPathFactory, new_project: NewProject, label_studio: server.RunningServer
) -> Iterator[Suggesting]:
    """A project in which suggestions of one version are there, and another is to come."""
    folder = tmp_path_factory.mktemp("suggesting") / "faulty"
    with pytest.MonkeyPatch.context() as patch, behind_a_proxy(folder, new_project, label_studio, patch) as room:
        yield Suggesting.of(room)


@pytest.fixture(scope="module")
def adjudicating(
    tmp_path_factory: pytest.TempPathFactory, new_project: NewProject, label_studio: server.RunningServer
) -> Iterator[Adjudicating]:
    """A project in which two people differ about two articles."""
    folder = tmp_path_factory.mktemp("adjudicating") / "faulty"
    with pytest.MonkeyPatch.context() as patch, behind_a_proxy(folder, new_project, label_studio, patch) as room:
        yield Adjudicating.of(room)


@pytest.mark.parametrize(("call", "fault"), chosen(SUGGESTING, CHOSEN))
def test_suggesting_after_a_fault_ends_well(
    suggesting: Suggesting, call: Call, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One suggestion on each task that nobody has begun; what others made and what is begun keeps its very own."""
    suggesting.reset()
    with suffering(suggesting.room, call, fault, monkeypatch):
        met = attempt(suggesting.run, fault)
    suggesting.run()
    told(Row("suggest", call.name, fault, met, suggesting.damage()))
    assert suggesting.run().changes == 0


@pytest.mark.parametrize(("call", "fault"), chosen((*BEGINNING, *GOING_ON), CHOSEN))
def test_bringing_what_is_open_after_a_fault_ends_well(
    adjudicating: Adjudicating, call: Call, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From nothing, or from a task that is there twice and one that shows something older, and was answered.

    Of each article there is one task then, with every reading and the start put together from them, and the answer.
    """
    if call in BEGINNING:
        adjudicating.forget()
    else:
        adjudicating.disturb()
    with suffering(adjudicating.room, call, fault, monkeypatch):
        met = attempt(adjudicating.run, fault)
    adjudicating.run()
    told(Row("adjudicate", call.name, fault, met, adjudicating.damage()))
    assert len(adjudicating.room.projects()) == 2
    plan = adjudicating.run().plan
    assert plan
    assert plan.changes == 0
