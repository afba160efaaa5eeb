"""Pull misses nothing, whatever the clocks do, and reads again only what may have changed."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.labelstudio import client, pulling
from curate.labelstudio.connection import _dated
from curate.labelstudio.cursor import OVERLAP, TOLERANCE, Clocks, Cursor, changed_since
from curate.labelstudio.known import read_known
from curate.labelstudio.tasks import ANNOTATE, Marker
from curate.records import Assignment
from curate.settings import Settings
from curate.workspace import Workspace, read_private, write_lines

EXAMPLES = int(os.environ.get("CURATE_EXAMPLES", "0"))
MOMENT = "%Y-%m-%dT%H:%M:%S.%fZ"
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
PROJECT = {"id": 1, "created_at": "2026-01-01T00:00:00Z", "description": Marker("ws", ANNOTATE, "", "s@1").write()}


class Server:
    """Tasks with annotations, each change dated by the server's clock; ``asked`` lists the tasks read in full.

    ``behind`` holds those that changed last under a clock more than five minutes behind what the last pull was told,
    until a pull can see that a clock was set back.
    """

    def __init__(self, tasks: int = 0) -> None:
        self.server, self.here = NOON, NOON + timedelta(hours=3)
        self.tasks: dict[int, dict[str, Any]] = {}
        self.number = 0
        self.asked: list[int] = []
        self.met: Clocks | None = None
        self.behind: set[int] = set()
        self.drafts: dict[int, list[dict[str, Any]]] = {}
        self.meanwhile: Callable[[], object] = lambda: None
        for _ in range(tasks):
            self.create()

    def dated(self, slow: int = 0) -> str:
        """Give the moment by the server's clock; no two changes have the same, and a slow one has an earlier."""
        self.number += 1
        self.server += timedelta(microseconds=1)
        return (self.server - timedelta(seconds=slow)).strftime(MOMENT)

    def set_clocks(self, forward: timedelta) -> None:
        """Set its clock and ours, both."""
        self.server, self.here = self.server + forward, self.here + forward

    def create(self) -> None:
        """Add a task."""
        at = self.dated()
        self.tasks[self.number] = {"id": self.number, "data": {}}
        self.change(self.number, [], at)

    def annotate(self, task: int, slow: int = 0) -> None:
        """Annotate or skip a task; ``slow`` seconds later it can be seen."""
        at = self.dated(slow)
        made = {"id": self.number, "updated_at": at, "result": [], "was_cancelled": bool(self.number % 2)}
        self.change(task, [*self.tasks[task]["annotations"], made], at)

    def edit(self, task: int, slow: int = 0) -> None:
        """Change what is annotated on a task."""
        at = self.dated(slow)
        self.change(task, [one | {"result": [at], "updated_at": at} for one in self.tasks[task]["annotations"]], at)

    def change(self, task: int, annotations: list[dict[str, Any]], at: str) -> None:
        """Set what is annotated on a task."""
        self.tasks[task] = self.tasks[task] | {"annotations": annotations, "updated_at": at}
        self.behind.discard(task)
        if self.met and self.met.server and at < (self.met.server - timedelta(minutes=5)).strftime(MOMENT):
            self.behind.add(task)

    def project(self, *_: Any) -> dict[str, Any]:
        """Tell of the project, with its counts."""
        skipped = [one["was_cancelled"] for task in self.tasks.values() for one in task["annotations"]]
        counted = {"task_number": len(self.tasks), "skipped_annotations_number": sum(skipped)}
        return PROJECT | counted | {"total_annotations_number": len(skipped) - sum(skipped)}

    def changes(self, _: Any, __: int, since: str | None) -> dict[int, str]:
        """List what changed; somebody may do something before that is read."""
        listed = {number: task["updated_at"] for number, task in self.tasks.items()}
        self.meanwhile()
        return {number: at for number, at in listed.items() if since is None or at >= since}

    def read(self, _: Any, __: int, numbers: list[int] | None = None) -> Iterator[bytes]:
        """Give tasks in full, all of them or some."""
        wanted = [number for number in sorted(self.tasks) if numbers is None or number in numbers]
        for number in wanted:
            if number in self.tasks:
                self.asked.append(number)
                yield json.dumps(self.tasks[number]).encode()
        self.meanwhile()

    def connection(self) -> client.Connection:
        """Answer for the first time; dates are told in whole seconds."""
        at = self.server.replace(microsecond=0)
        if self.met and self.met.server:
            passed = at - self.met.server
            if passed < timedelta() or self.here - self.met.here - passed > timedelta(minutes=1):
                self.behind.clear()
        self.met = Clocks(at, self.here)
        return client.Connection("http://127.0.0.1:9", None, {}, self.met, "")  # type: ignore[arg-type]


class Place:
    """A workspace that pulls from the server."""

    def __init__(self, folder: Path, server: Server) -> None:
        self.workspace, self.server = Workspace(folder), server
        self.settings = Settings(folder, "ws", folder / "schema.yaml", 1, None)

    def pull(self, *, full: bool = False) -> pulling.Pull:
        """Pull once."""
        self.server.asked.clear()
        connection, said = self.server.connection(), list[str]()
        pulled = pulling.pull(connection, self.settings, self.workspace, full=full, progress=said.append)
        assert pulled is not None
        return pulled

    def held(self) -> dict[int, Any]:
        """Read what is held of each task."""
        [folder] = self.workspace.raw.iterdir()
        found = {}
        for number, place in read_known(folder).tasks.items():
            with place.path.open("rb") as stream:
                stream.seek(place.start)
                found[number] = json.loads(stream.read(place.length))
        return found


@contextmanager
def placed(server: Server) -> Iterator[Place]:
    """Let what is asked of Label Studio be answered by a server."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(client, "projects", lambda *_: [server.project()])
        patch.setattr(client, "project", server.project)
        patch.setattr(client, "users", lambda _: [])
        patch.setattr(client, "drafts", lambda *_: server.drafts)
        patch.setattr(client, "changes", server.changes)
        patch.setattr(client, "tasks", server.read)
        patch.setattr(client, "tasks_numbered", server.read)
        yield Place(Path(folder), server)


def counted(tasks: dict[int, Any]) -> tuple[int, int]:
    """Count tasks and annotations."""
    return len(tasks), sum(len(task["annotations"]) for task in tasks.values())


def act(server: Server, step: tuple[str, int, int]) -> None:
    """Carry out a step: somebody does something, or time passes."""
    what, which, seconds = step
    tasks = sorted(server.tasks)
    task = tasks[which % len(tasks)] if tasks else None
    if what == "wait":
        server.server += timedelta(seconds=seconds * 7)
        server.here += timedelta(seconds=seconds * 7)
    elif what == "server's clock":
        server.server += timedelta(seconds=(seconds - 200) * 20)
    elif what == "our clock":
        server.here += timedelta(seconds=(seconds - 200) * 20)
    elif what == "create":
        server.create()
    elif task and what == "delete":
        del server.tasks[task]
    elif task and what == "annotate":
        server.annotate(task, slow=seconds % 200)
    elif task and what == "edit":
        server.edit(task, slow=seconds % 200)
    elif task and what == "take away":
        server.change(task, server.tasks[task]["annotations"][1:], server.dated())


DONE = st.sampled_from(["wait", "server's clock", "our clock", "create", "delete", "annotate", "edit", "take away"])
STEPS = st.lists(st.tuples(DONE, st.integers(0, 9), st.integers(0, 400)), max_size=4)


@settings(max_examples=EXAMPLES or 40, deadline=None)
@given(st.lists(st.tuples(STEPS, STEPS, st.integers(0, 3)), min_size=1, max_size=5))
def test_nothing_is_missed_whatever_happens_between_and_during_pulls(rounds: list[tuple[Any, Any, int]]) -> None:
    """After a pull in peace the server's state is held: work is slow, clocks jump, tasks come and go meanwhile.

    What changed under a clock too far behind, unseen, may be missed where as many are counted as before, until all is
    read: docs/server.md says so.
    """
    server = Server(3)
    with placed(server) as place:
        for before, during, at in rounds:
            for step in before:
                act(server, step)
            left = [step for step in during if "clock" not in step[0]]
            calls = 0

            def meanwhile(left: list[Any] = left, at: int = at) -> None:
                nonlocal calls
                calls += 1
                while calls > at and left:
                    act(server, left.pop())

            server.meanwhile = meanwhile
            place.pull()
        server.meanwhile = lambda: None
        for _ in range(2):
            place.pull()
        held = place.held()
        assert {number for number, task in server.tasks.items() if held.get(number) != task} <= server.behind
        assert counted(held) == counted(server.tasks)
        place.pull(full=True)
        assert place.held() == server.tasks


def test_what_comes_after_the_counting_needs_no_look_at_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    """The project is counted once more, and what came since is looked for."""
    server = Server(5)
    with placed(server) as place:
        place.pull()
        monkeypatch.setattr(client, "users", lambda _: server.annotate(2) or [])
        assert place.pull() == pulling.Pull(5, 1, 0, False)
        assert place.held() == server.tasks


def test_whose_work_it_is_is_known_before_it_is_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pull that is stopped among the answers leaves none whose author has no account."""
    server = Server(3)

    def stop() -> None:
        raise KeyboardInterrupt

    with placed(server) as place:
        monkeypatch.setattr(client, "users", lambda _: [{"id": 7, "email": "ana@example.org"}])
        monkeypatch.setattr("curate.labelstudio.fetching.CHUNK", 1)
        server.meanwhile = stop
        with pytest.raises(KeyboardInterrupt):
            place.pull()
        assert place.held() == server.tasks
        assert read_private(place.workspace, "people.json") == {"7": "ana@example.org"}


def test_a_draft_goes_with_its_task() -> None:
    """Nothing is kept of it again when the task is gone."""
    server = Server(3)
    server.drafts = {2: [dict.fromkeys(pulling.DRAFT, "") | {"id": 5, "user": "ana@example.org"}]}
    with placed(server) as place:
        place.pull()
        del server.tasks[2]
        server.drafts = {}
        place.pull()
        [folder] = place.workspace.raw.iterdir()
        before = sorted(path.name for path in folder.iterdir())
        place.pull()
        assert sorted(path.name for path in folder.iterdir()) == before
        assert read_known(folder).drafts == {}


def test_only_what_changed_is_read() -> None:
    """Minutes after an import everything still stands within the overlap, and is not read again."""
    server = Server(250)
    with placed(server) as place:
        assert place.pull() == pulling.Pull(250, 250, 0, True)
        assert place.pull() == pulling.Pull(250, 0, 0, False)
        assert server.asked == []
        server.annotate(7)
        assert place.pull().new == 1
        assert server.asked == [7]
        act(server, ("wait", 0, 60))
        place.pull()
        act(server, ("wait", 0, 60))
        assert place.pull() == pulling.Pull(0, 0, 0, False)
        server.edit(7)
        assert place.pull() == pulling.Pull(1, 1, 0, False)
        assert place.pull(full=True) == pulling.Pull(250, 0, 0, True)
        assert len(server.asked) == 250


def test_tasks_are_counted_by_what_they_are_for() -> None:
    """Those whose answers are known are no articles."""
    server = Server(3)
    server.tasks[2]["data"] = {"article_id": "mill"}
    with placed(server) as place:
        write_lines(place.workspace.gold, [Assignment(article_id="mill", annotator="ana")])
        assert place.pull().kinds == {"annotate": 2, "gold": 1}
        assert place.pull().kinds == {"annotate": 2, "gold": 1}


def test_a_deleted_task_is_noticed_without_reading_the_rest() -> None:
    """The project counts one less than is held: all are looked at, none but what changed is read."""
    server = Server(5)
    with placed(server) as place:
        place.pull()
        act(server, ("wait", 0, 400))
        del server.tasks[3]
        assert place.pull() == pulling.Pull(4, 0, 1, True)
        assert server.asked == []


def test_work_under_a_clock_that_was_set_back_is_found() -> None:
    """Even where both clocks went back together, and caught up since: the project counts more than is held."""
    server = Server(5)
    with placed(server) as place:
        place.pull()
        server.set_clocks(timedelta(hours=-2))
        server.annotate(2)
        server.set_clocks(timedelta(hours=3))
        assert place.pull() == pulling.Pull(5, 1, 0, True)
        assert place.held() == server.tasks


def test_only_a_full_pull_finds_what_changed_under_a_clock_that_was_set_back() -> None:
    """Both clocks went back and caught up, and as many are counted as before: docs/server.md says so."""
    server = Server(5)
    server.annotate(2)
    with placed(server) as place:
        place.pull()
        server.set_clocks(timedelta(hours=-2))
        server.edit(2)
        server.set_clocks(timedelta(hours=3))
        assert place.pull() == pulling.Pull(4, 0, 0, False)
        assert place.held() != server.tasks
        assert place.pull(full=True) == pulling.Pull(5, 1, 0, True)
        assert place.held() == server.tasks


@pytest.mark.parametrize(
    ("server", "here", "sure"),
    [(60, 60, True), (0, 0, True), (3600, 60, True), (60, 110, True), (60, 130, False), (-60, -60, False)],
)
def test_the_cursor_is_trusted_while_the_servers_clock_went_on(server: int, here: int, sure: bool) -> None:
    """It may run ahead; where less time passed there than here, or none, everything is looked at."""
    met = Clocks(NOON + timedelta(seconds=server), NOON + timedelta(seconds=here))
    since = changed_since(Cursor(server=NOON, here=NOON), met)
    assert since == ("2026-01-01T11:55:00.000000Z" if sure else None)
    assert OVERLAP > TOLERANCE
    assert changed_since(None, met) is changed_since(Cursor(server=NOON, here=NOON), Clocks(None, NOON)) is None


@pytest.mark.parametrize("told", ["2026-01-01T12:00:00.000Z", {"server": "noon", "here": "noon"}, {"server": None}, 3])
def test_a_cursor_that_says_too_little_is_none(told: Any) -> None:
    """What an earlier version kept, or nobody: everything is looked at once, and nothing read twice."""
    server = Server(3)
    with placed(server) as place:
        place.pull()
        [folder] = place.workspace.raw.iterdir()
        (place.workspace.private / pulling.CURSOR).write_text(json.dumps({folder.name: told}))
        assert place.pull() == pulling.Pull(3, 0, 0, True)
        assert server.asked == []


def test_the_earliest_date_of_an_answer_counts() -> None:
    """A proxy may add its own; what is no date tells nothing."""
    noon, later = "Thu, 01 Jan 2026 12:00:00 GMT", "Thu, 01 Jan 2026 12:09:00 GMT"
    assert _dated([later, noon]) == NOON
    assert _dated([]) is None
    assert _dated([noon, "yesterday"]) is None
