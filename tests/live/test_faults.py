"""Every kind of request meets every fault on a real server; one plain command later all is there once, and right."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from curate import api
from curate.errors import CurateError
from curate.labelstudio import connection, server
from curate.records import Annotation, Article
from curate.settings import read_settings
from curate.text import text_sha256
from curate.workspace import Workspace, read_articles, read_lines, write_lines
from live.faults import PATIENCE, Call, Proxy, proxy_to

FAULTS = (
    "cut before", "cut after", "delay", "twice", "409", "429", "500", "500 after", "truncated", "404", "refused",
)  # fmt: skip
TASKS = r"^/api/tasks/?\?"
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
    ("import", "500 after"),
    ("import, second batch", "twice"),
    ("create project", "cut after"),
    ("create project", "twice"),
    ("update a task", "truncated"),
    ("delete a task", "delay"),
    ("list tasks", "429"),
    ("list tasks, later page", "404"),
    ("list tasks, first page", "truncated"),
    ("read drafts", "500"),
    ("read changed tasks", "truncated"),
}
"""The ones tried always; CURATE_ALL_FAULTS tries all."""


def chosen(calls: tuple[Call, ...]) -> list[Any]:
    """Give the pairs to try."""
    everything = bool(os.environ.get("CURATE_ALL_FAULTS"))
    return [
        pytest.param(call, fault, id=f"{call.name}, {fault}")
        for call in calls
        for fault in FAULTS
        if everything or (call.name, fault) in CHOSEN
    ]


@dataclass
class Room:
    """A project behind the proxy, and what was put on the server past it: the text of each article, by annotation."""

    folder: Path
    proxy: Proxy
    direct: str
    posted: dict[int, str] = field(default_factory=dict)

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Ask the server past the proxy and past curate."""
        headers = {"Authorization": f"Token {os.environ['LABEL_STUDIO_API_KEY']}"}
        answer = httpx.request(method, f"{self.direct}{path}", json=body, headers=headers, timeout=60, trust_env=False)
        assert answer.status_code < 300, (method, path, answer.status_code, answer.text[:200])
        return answer.json() if answer.content else None

    def projects(self) -> list[int]:
        """List the projects of this workspace."""
        mark = f"curate:workspace={read_settings(self.folder).workspace} "
        return [
            one["id"] for one in self.ask("GET", "/api/projects?page_size=100")["results"] if mark in one["description"]
        ]

    def tasks(self) -> list[dict[str, Any]]:
        """List the tasks of all its projects."""
        path = "/api/tasks?fields=all&include=id,data,total_annotations&page_size=500&project="
        return [task for number in self.projects() for task in self.ask("GET", f"{path}{number}")["tasks"]]

    def annotate(self, article: str) -> None:
        """Put an empty reading on an article and remember its number."""
        [task] = [one["id"] for one in self.tasks() if one["data"]["article_id"] == article]
        made = self.ask("POST", f"/api/tasks/{task}/annotations/", {"result": [], "was_cancelled": False})
        self.posted[made["id"]] = article

    def write(self, texts: dict[str, str], title: str = "") -> None:
        """Set the project's articles."""
        made = [Article(id=name, text=text, text_sha256=text_sha256(text), title=title) for name, text in texts.items()]
        write_lines(Workspace(self.folder).articles, made)

    def whole(self) -> str:
        """Say what is not as it should be on the server, whoever is asked; empty when all is there once and right."""
        wanted = {name: one.text for name, one in read_articles(Workspace(self.folder)).items()}
        live = Counter(task["data"]["article_id"] for task in self.tasks() if not task["data"].get("message"))
        told = [f"{name} {live[name]} times" for name in {*wanted, *live} if live[name] != 1]
        told += [
            f"{task['data']['article_id']} has another text"
            for task in self.tasks()
            if not task["data"].get("message") and task["data"]["text"] != wanted.get(task["data"]["article_id"])
        ]
        there = sum(task["total_annotations"] for task in self.tasks())
        return ", ".join(told + ([f"{there} annotations of {len(self.posted)}"] if there != len(self.posted) else []))


@contextmanager
def suffering(room: Room, call: Call, fault: str, patch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let a fault befall a call while something is done; a server that is down is an address where none listens."""
    if fault == "refused":
        with patch.context() as gone:
            gone.setenv("LABEL_STUDIO_URL", "http://127.0.0.1:9")
            yield
        return
    room.proxy.arm(call, fault)
    with patch.context() as impatient:
        if fault == "delay":  # the others are to be met, on a slow machine too
            impatient.setattr(connection, "TIMEOUT", PATIENCE)
        yield
    room.proxy.disarm()


@pytest.fixture
def room(
    tmp_path: Path, new_project: Callable[..., AbstractContextManager[Path]], label_studio: server.RunningServer
) -> Iterator[Room]:
    """A project of four short articles, nothing pushed yet, that reaches the server through the proxy."""
    with (
        new_project(tmp_path / "faulty") as folder,
        proxy_to(label_studio.url) as proxy,
        pytest.MonkeyPatch.context() as environment,
    ):
        environment.setenv("LABEL_STUDIO_URL", proxy.address)
        environment.setattr("curate.labelstudio.pushing.BATCH", 2)
        environment.setattr("curate.labelstudio.listing.PAGE", 2)
        made = Room(folder, proxy, label_studio.url)
        made.write({name: f"A {name} fell on the town." for name in ("tree", "wall", "mast", "roof")})
        yield made


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


def told(row: str, call: Call, fault: str, seconds: float, met: str, end: str) -> None:
    """Print a line of the table."""
    sys.stdout.write(f"{row:5} {call.name:24} {fault:12} {seconds:5.1f} s  {met:58.58} {end}\n")


def attempt(command: Callable[[Path], object], folder: Path) -> str:
    """Run a command that may meet a fault, and give what it said then; it must say what to do."""
    try:
        command(folder)
    except CurateError as error:
        return error.message.split(": ", 1)[-1] if error.fix else "no way out told"
    return "nothing"


@pytest.mark.parametrize(("call", "fault"), chosen(PUSHING))
def test_a_push_after_a_fault_ends_well(room: Room, call: Call, fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """One live task of each article, with its text; no annotation lost; and then nothing is left to push."""
    prepare(room, call)
    began = time.monotonic()
    with suffering(room, call, fault, monkeypatch):
        met = attempt(api.push, room.folder)
    assert fault == "refused" or room.proxy.hit == 1, room.proxy.seen
    seconds = time.monotonic() - began
    api.push(room.folder)
    end = room.whole()
    told("push", call, fault, seconds, met, end or "whole")
    assert not end
    assert api.push(room.folder).plan.changes == 0


@pytest.fixture
def annotated(room: Room) -> Room:
    """The same pushed, two articles read, one begun, and all of it pulled once."""
    api.push(room.folder)
    for name in ("tree", "roof"):
        room.annotate(name)
    [task] = [one["id"] for one in room.tasks() if one["data"]["article_id"] == "wall"]
    room.ask("POST", f"/api/tasks/{task}/drafts", {"result": [], "lead_time": 1})
    return room


def pulled(room: Room) -> Counter[str]:
    """Count the readings that came, by article, and the drafts."""
    read = read_lines(Workspace(room.folder).export("annotations.jsonl"), Annotation)
    assert {int(one.id): one.article_id for one in read} == room.posted
    return Counter(one.article_id for one in read)


@pytest.mark.parametrize(("call", "fault"), chosen(PULLING))
def test_a_pull_after_a_fault_misses_nothing(
    annotated: Room, call: Call, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every annotation that was posted is there once, and the draft in the books."""
    began = time.monotonic()
    with suffering(annotated, call, fault, monkeypatch):
        met = attempt(api.pull, annotated.folder)
    assert fault == "refused" or annotated.proxy.hit == 1, annotated.proxy.seen
    seconds = time.monotonic() - began
    _, checked = api.pull(annotated.folder)
    assert pulled(annotated) == {"tree": 1, "roof": 1}
    assert checked.books["annotations"]["excluded"] == {"draft": 1}
    told("pull", call, fault, seconds, met, "whole")
    assert api.pull(annotated.folder)[0].new == 0


@pytest.mark.parametrize(("call", "fault"), chosen(CATCHING_UP))
def test_a_pull_of_what_changed_misses_nothing_after_a_fault(
    annotated: Room, call: Call, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor does it where the rest was pulled before."""
    api.pull(annotated.folder)
    annotated.annotate("mast")
    began = time.monotonic()
    with suffering(annotated, call, fault, monkeypatch):
        met = attempt(api.pull, annotated.folder)
    assert fault == "refused" or annotated.proxy.hit == 1, annotated.proxy.seen
    seconds = time.monotonic() - began
    api.pull(annotated.folder)
    assert pulled(annotated) == {"tree": 1, "roof": 1, "mast": 1}
    told("again", call, fault, seconds, met, "whole")


@pytest.mark.parametrize(
    "call", [call for call in (*PULLING, CATCHING_UP[1]) if call.name != "read drafts"], ids=lambda call: call.name
)
def test_what_is_saved_during_a_pull_comes_with_the_next(annotated: Room, call: Call) -> None:
    """Wherever the listing was: a page read already, or one to come."""
    api.pull(annotated.folder)
    names = ["wall", "mast"]
    if again := call in CATCHING_UP:
        annotated.annotate(names.pop())
    annotated.proxy.before = lambda: [annotated.annotate(name) for name in names]
    annotated.proxy.arm(call, "meanwhile")
    with suppress(AssertionError):
        api.pull(annotated.folder, full=not again)
        pulled(annotated)
    assert annotated.proxy.hit == 1
    annotated.proxy.disarm()
    api.pull(annotated.folder)
    assert sorted(pulled(annotated)) == ["mast", "roof", "tree", "wall"]


def test_tasks_that_come_and_go_during_a_pull_hide_none(annotated: Room) -> None:
    """One is deleted that was listed, which shifts all pages after it; the rest is there, the deleted in the books."""
    [gone] = [one["id"] for one in annotated.tasks() if one["data"]["article_id"] == "tree"]
    annotated.proxy.before = lambda: annotated.ask("DELETE", f"/api/tasks/{gone}/")
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
    room.proxy.before = lambda: api.push(other)
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
    assert not room.whole()
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
    room.proxy.before = lambda: api.push(other)
    room.proxy.arm(PUSHING[2], "meanwhile")
    api.push(room.folder)
    room.proxy.disarm()
    doubled = [one for one in room.tasks() if one["data"]["article_id"] == "wall"]
    assert len(doubled) == 2
    made = room.ask("POST", f"/api/tasks/{max(one['id'] for one in doubled)}/annotations/", {"result": []})
    room.posted[made["id"]] = "wall"
    planned = api.push(room.folder, dry_run=True).plan
    assert [(step.action, step.reason.endswith("nobody worked on it")) for step in planned.tasks] == [
        ("delete", True)
    ] * 4
    api.push(room.folder)
    assert not room.whole()


def test_a_second_push_on_this_machine_waits_for_the_first(room: Room) -> None:
    """It ends at once and says what is going on."""
    refused: list[str] = []

    def second() -> None:
        with pytest.raises(CurateError) as caught:
            api.push(room.folder)
        refused.append(caught.value.message)

    room.proxy.before = second
    room.proxy.arm(PUSHING[2], "meanwhile")
    api.push(room.folder)
    room.proxy.disarm()
    assert len(refused) == 1
    assert "another curate command is at work here" in refused[0]
    assert not room.whole()


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
    assert not room.whole()
    assert api.push(room.folder).plan.changes == 0
    room.ask("DELETE", f"/api/projects/{project}/")
    assert f"project {project}, pulled before, is not on this server" in api.push(room.folder).plan.steps[0].reason
    room.posted.clear()
    assert not room.whole()


def test_a_task_deleted_between_plan_and_change_is_told(room: Room) -> None:
    """The others are changed, and the next push makes it again."""
    api.push(room.folder)
    texts = {name: one.text for name, one in read_articles(Workspace(room.folder)).items()}
    room.write(texts, "A title")
    [gone] = [one["id"] for one in room.tasks() if one["data"]["article_id"] == "tree"]
    lines: list[str] = []
    room.proxy.before = lambda: room.ask("DELETE", f"/api/tasks/{gone}/")
    room.proxy.arm(PUSHING[6], "meanwhile")
    api.push(room.folder, progress=lines.append)
    room.proxy.disarm()
    assert any(f"task {gone} of tree: somebody deleted it" in line for line in lines)
    api.push(room.folder)
    assert not room.whole()
    assert {one["data"]["title"] for one in room.tasks()} == {"A title"}
