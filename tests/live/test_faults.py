"""Every kind of request meets every fault on a real server; one plain command later all is there once, and right."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import pytest

from curate import api
from curate.errors import CurateError
from curate.records import Annotation
from curate.workspace import Workspace, read_articles, read_lines
from live.faults import Call
from live.room import Room, attempt, suffering
from live.table import EVERY, TASKS, Row, chosen, told

PUSHING = (
    Call("list projects", "GET", r"^/api/projects\?"),
    Call("list tasks", "GET", TASKS),
    Call("import", "POST", r"/import"),
    Call("import, second batch", "POST", r"/import", nth=2),
    Call("create project", "POST", r"^/api/projects/?$"),
    Call("update project", "PATCH", r"^/api/projects/\d+/?$"),
    Call("read a task", "GET", r"^/api/tasks/\d+/?$"),
    Call("update a task", "PATCH", r"^/api/tasks/\d+/?$"),
    Call("delete a task", "DELETE", r"^/api/tasks/\d+/?$"),
)
PULLING = (
    Call("list people", "GET", r"^/api/users"),
    Call("list tasks, first page", "GET", TASKS + ".*annotations"),
    Call("list tasks, later page", "GET", TASKS + ".*annotations", nth=2),
    Call("list drafts", "GET", TASKS + ".*draft_exists"),
    Call("read drafts", "GET", r"^/api/tasks/\d+/drafts"),
    Call("count tasks", "GET", r"^/api/projects/\d+"),
)
CATCHING_UP = (
    Call("list changes", "GET", TASKS + ".*tasks%3Aupdated_at"),
    Call("read changed tasks", "GET", TASKS + ".*in_list"),
)
CHOSEN = {
    ("import", "cut after"),
    ("import, second batch", "twice"),
    ("create project", "cut after"),
    ("update a task", "truncated"),
    ("delete a task", "delay"),
    ("list tasks, later page", "404"),
    ("list changes", "shortened"),
    ("read changed tasks", "truncated"),
}
"""The ones tried always."""


def prepare(room: Room, call: Call) -> None:
    """Bring the server to where a push makes this call."""
    if call.name in ("create project", "list projects") or call.name.startswith("import"):
        return
    api.push(room.folder)
    room.annotate("tree")
    texts = {name: one.text for name, one in read_articles(Workspace(room.folder)).items()}
    if call.name == "update project":
        path = room.folder / "schema.yaml"
        path.write_text(path.read_text(encoding="utf-8").replace("version: 1.", "version: 9.", 1), encoding="utf-8")
    elif call.name in ("update a task", "read a task", "list tasks"):
        room.write(texts, "A title")
    elif call.name == "delete a task":
        room.write(texts | {name: f"A {name} fell on the town, it is said." for name in ("tree", "wall")})


@pytest.mark.parametrize(("call", "fault"), chosen(PUSHING, CHOSEN))
def test_a_push_after_a_fault_ends_well(room: Room, call: Call, fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """One live task of each article, with its text; no annotation lost; and then nothing is left to push."""
    prepare(room, call)
    with suffering(room, call, fault, monkeypatch):
        met = attempt(lambda: api.push(room.folder), fault)
    api.push(room.folder)
    told(Row("push", call.name, fault, met, room.damage()))
    assert api.push(room.folder).plan.changes == 0


@pytest.fixture
def annotated(room: Room) -> Room:
    """The same pushed, two articles read, one begun, and all of it pulled once."""
    api.push(room.folder)
    room.read()
    return room


def pulled(room: Room) -> Counter[str]:
    """Count the readings that came, by article, and the drafts."""
    read = read_lines(Workspace(room.folder).export("annotations.jsonl"), Annotation)
    assert {int(one.id): one.article_id for one in read} == room.posted
    return Counter(one.article_id for one in read)


@pytest.mark.parametrize(("call", "fault"), chosen(PULLING, CHOSEN))
def test_a_pull_after_a_fault_misses_nothing(
    annotated: Room, call: Call, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every annotation that was posted is there once, and the draft in the books."""
    with suffering(annotated, call, fault, monkeypatch):
        met = attempt(lambda: api.pull(annotated.folder), fault)
    _, checked = api.pull(annotated.folder)
    damage = annotated.missed()
    if checked.books["annotations"]["excluded"] != {"draft": 1}:
        damage.append(("lost", "the draft"))
    told(Row("pull", call.name, fault, met, damage))
    assert api.pull(annotated.folder)[0].new == 0


@pytest.mark.parametrize(("call", "fault"), chosen(CATCHING_UP, CHOSEN))
def test_a_pull_of_what_changed_misses_nothing_after_a_fault(
    annotated: Room, call: Call, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor does it where the rest was pulled before."""
    api.pull(annotated.folder)
    annotated.annotate("mast")
    with suffering(annotated, call, fault, monkeypatch):
        met = attempt(lambda: api.pull(annotated.folder), fault)
    api.pull(annotated.folder)
    told(Row("pull", call.name, fault, met, annotated.missed()))


@pytest.mark.parametrize("call", (*PULLING, *CATCHING_UP) if EVERY else CATCHING_UP[1:], ids=lambda call: call.name)
def test_what_is_saved_during_a_pull_comes_with_the_next(annotated: Room, call: Call) -> None:
    """Wherever the listing was, of all or of what changed: a page read already, or one to come."""
    api.pull(annotated.folder)
    names = ["wall", "mast"]
    if again := call in CATCHING_UP:
        annotated.annotate(names.pop())
    annotated.proxy.meanwhile = lambda: [annotated.annotate(name) for name in names]
    annotated.proxy.arm(call, "meanwhile")
    api.pull(annotated.folder, full=not again)
    assert annotated.proxy.hit == 1
    annotated.proxy.disarm()
    api.pull(annotated.folder)
    told(Row("pull", call.name, "saved", "saved meanwhile", annotated.missed()))
    assert len(annotated.posted) == 4


def test_tasks_that_come_and_go_during_a_pull_hide_none(annotated: Room) -> None:
    """One is deleted that was listed, which shifts all pages after it; the rest is there, the deleted in the books."""
    [gone] = [one["id"] for one in annotated.tasks() if one["data"]["article_id"] == "tree"]
    annotated.proxy.meanwhile = lambda: annotated.ask("DELETE", f"/api/tasks/{gone}/")
    annotated.proxy.arm(PULLING[2], "meanwhile")
    api.pull(annotated.folder)
    annotated.proxy.disarm()
    _, checked = api.pull(annotated.folder)
    assert checked.books["annotations"] == {"seen": 3, "accepted": 1, "held": 0, "excluded": {"deleted": 1, "draft": 1}}


def test_a_reading_waits_as_long_as_it_is_asked_to(annotated: Room) -> None:
    """After 429 with Retry-After the same is asked again, not before the time; a write is sent once only."""
    annotated.proxy.arm(PULLING[0], "429")
    api.pull(annotated.folder)
    asked = [moment for moment, method, path in annotated.proxy.seen if PULLING[0].meets(method, path)]
    assert len(asked) >= 2
    assert asked[1] - asked[0] >= 1
    texts = {name: one.text for name, one in read_articles(Workspace(annotated.folder)).items()}
    annotated.write({**texts, "dam": "A dam broke."})
    annotated.proxy.arm(PUSHING[2], "429")
    with pytest.raises(CurateError, match="429"):
        api.push(annotated.folder)
    assert sum(PUSHING[2].meets(method, path) for _, method, path in annotated.proxy.seen) == 1


def test_two_machines_that_push_at_once_are_set_right(room: Room, tmp_path: Path) -> None:
    """Two folders of one workspace make two projects; the next push keeps what people worked on, and names the rest."""
    other = tmp_path / "other"
    shutil.copytree(room.folder, other)
    room.proxy.meanwhile = lambda: api.push(other)
    room.proxy.arm(PUSHING[4], "meanwhile")
    api.push(room.folder)
    room.proxy.disarm()
    _, second = sorted(room.projects())
    task = max(one["id"] for one in room.tasks() if one["data"]["article_id"] == "tree")
    assert room.ask("GET", f"/api/tasks/{task}/")["project"] == second
    made = room.ask("POST", f"/api/tasks/{task}/annotations/", {"result": []})
    room.posted[made["id"]] = "tree"
    planned = api.push(room.folder, dry_run=True).plan
    assert ["a second project" in step.reason for step in planned.steps] == [True]
    assert planned.project == second
    api.push(room.folder)
    assert not room.damage()
    assert room.projects() == [second]
    api.pull(other)
    assert pulled(Room(other, room.proxy, room.direct, room.posted)) == {"tree": 1}


def test_two_imports_at_once_are_set_right(room: Room, tmp_path: Path) -> None:
    """Two machines put the same articles into one project: of each, one task stays, that with work on it."""
    texts = {name: one.text for name, one in read_articles(Workspace(room.folder)).items()}
    room.write({"dam": "A dam broke."})
    api.push(room.folder)
    room.write({"dam": "A dam broke.", **texts})
    other = tmp_path / "other"
    shutil.copytree(room.folder, other)
    room.proxy.meanwhile = lambda: api.push(other)
    room.proxy.arm(PUSHING[2], "meanwhile")
    api.push(room.folder)
    room.proxy.disarm()
    doubled: dict[str, list[int]] = {}
    for one in room.tasks():
        doubled.setdefault(one["data"]["article_id"], []).append(one["id"])
    assert {name: len(tasks) for name, tasks in doubled.items()} == {**dict.fromkeys(texts, 2), "dam": 1}
    worked_on = {"wall": doubled["wall"][1:], "mast": doubled["mast"]}
    for name, task in ((name, task) for name, tasks in worked_on.items() for task in tasks):
        made = room.ask("POST", f"/api/tasks/{task}/annotations/", {"result": []})
        room.posted[made["id"]] = name
    plan = api.push(room.folder).plan
    kept, laid_aside = doubled["mast"]
    assert {(step.action, step.task) for step in plan.tasks} == {
        ("delete", doubled["tree"][1]),
        ("delete", doubled["roof"][1]),
        ("delete", doubled["wall"][0]),
        ("retire", laid_aside),
    }
    assert plan.notices == [f"task {laid_aside}: a second one of mast beside task {kept}; both count"]
    assert not room.damage()
    assert {one["id"] for one in room.tasks()} >= {*worked_on["wall"], kept, laid_aside}
    assert api.push(room.folder).plan.changes == 0


def test_a_second_push_on_this_machine_is_refused(room: Room) -> None:
    """While the first is at work it ends at once and says so; the first goes on undisturbed."""
    refused: list[str] = []

    def second() -> None:
        with pytest.raises(CurateError) as caught:
            api.push(room.folder)
        refused.append(caught.value.message)

    room.proxy.meanwhile = second
    room.proxy.arm(PUSHING[2], "meanwhile")
    api.push(room.folder)
    room.proxy.disarm()
    assert len(refused) == 1
    assert "another curate command is at work here" in refused[0]
    assert not room.damage()


def test_what_hands_did_is_named_and_set_right(room: Room) -> None:
    """Deleted, edited and doubled tasks, a project without its marker, a deleted project: each step says why."""
    api.push(room.folder)
    room.annotate("roof")
    api.pull(room.folder)
    [project] = room.projects()
    tasks = {one["data"]["article_id"]: one for one in room.tasks()}
    room.ask("DELETE", f"/api/tasks/{tasks['tree']['id']}/")
    for name, change in (("wall", {"text": "Other words."}), ("roof", {"article_id": "hut"})):
        room.ask("PATCH", f"/api/tasks/{tasks[name]['id']}/", {"data": {**tasks[name]["data"], **change}})
    room.ask("POST", f"/api/projects/{project}/import", [{"data": tasks["mast"]["data"]}])
    room.ask("PATCH", f"/api/projects/{project}/", {"description": "Ours"})
    plan = api.push(room.folder, dry_run=True).plan
    reasons = {(step.action, step.what.split(" of ")[-1].split()[-1]): step.reason for step in plan.steps}
    assert reasons == {
        ("update", str(project)): "its marker was lost",
        ("create", "tree"): f"its task ({tasks['tree']['id']}) was deleted on the server",
        ("update", "wall"): "its text was edited on the server; nobody worked on it",
        ("update", "roof"): "its article_id ('hut') was edited on the server; its text is this article's",
        ("delete", "mast"): f"a second task of the article beside {tasks['mast']['id']}; nobody worked on it",
    }
    api.push(room.folder)
    assert not room.damage()
    assert api.push(room.folder).plan.changes == 0
    room.ask("DELETE", f"/api/projects/{project}/")
    assert f"project {project}, pulled before, is not on this server" in api.push(room.folder).plan.steps[0].reason
    room.posted.clear()
    assert not room.damage()


def test_a_task_deleted_between_plan_and_change_is_told(room: Room) -> None:
    """The others are changed, and the next push makes it again."""
    api.push(room.folder)
    texts = {name: one.text for name, one in read_articles(Workspace(room.folder)).items()}
    room.write(texts, "A title")
    [gone] = [one["id"] for one in room.tasks() if one["data"]["article_id"] == "tree"]
    lines: list[str] = []
    room.proxy.meanwhile = lambda: room.ask("DELETE", f"/api/tasks/{gone}/")
    room.proxy.arm(PUSHING[6], "meanwhile")
    api.push(room.folder, progress=lines.append)
    room.proxy.disarm()
    assert any(f"task {gone} of tree: somebody deleted it" in line for line in lines)
    api.push(room.folder)
    assert not room.damage()
    assert {one["data"]["title"] for one in room.tasks()} == {"A title"}
