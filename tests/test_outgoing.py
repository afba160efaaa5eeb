"""What has yet to go out: after every command, the next one is not the one that was just run."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from curate import api
from curate.allotment import Rules
from curate.api.adjudicating import SETTLING
from curate.api.annotating import PULLED
from curate.api.people import REGISTER
from curate.cli.app import app
from curate.labelstudio import client, pushing
from curate.labelstudio.rounds import awaits_settling
from curate.labelstudio.tasks import Plan, ProjectPlan, Step
from curate.outgoing import Lacking, is_unpushed, lacking, wanted_tasks
from curate.records import Article, Assignment
from curate.starting import init
from curate.text import text_sha256
from curate.working import BEGUN, DONE, SKIPPED, Work
from curate.workspace import Workspace, write_private
from sample_project import pulled

PEOPLE = {"annotator-1": "active", "annotator-2": "active"}
AGREED = "annotate, then curate pull"
TEXTS = ("The ministry said nothing.", "Nobody was hurt at the bridge.", "The road is open again, the mayor said.")
ARTICLES = {name: Article(id=name, text=name, text_sha256=text_sha256(name)) for name in "abc"}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A new project, beside a Label Studio that takes whatever is pushed."""
    monkeypatch.setenv("LABEL_STUDIO_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("LABEL_STUDIO_API_KEY", "secret")

    @contextmanager
    def connected(*_: Any) -> Iterator[None]:
        yield

    monkeypatch.setattr(client, "connected", connected)
    create = ProjectPlan(None, Step("create", "project", "none yet"), {})
    monkeypatch.setattr(pushing, "plan", lambda *_: Plan([create]))
    monkeypatch.setattr(pushing, "apply", lambda *_: [1])
    return init(tmp_path / "room")


def run(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["--project", str(folder), *arguments])


def following(folder: Path, *arguments: str) -> str:
    """What stands next, as a command says it."""
    return run(folder, *(arguments or ("status",))).stderr.split("Next: ")[-1].strip()


def added(project: Path, *texts: str) -> str:
    for text in texts:
        (project / f"{len(text)}.txt").write_text(text)
    return following(project, "add", *(str(project / f"{len(text)}.txt") for text in texts))


def test_an_assignment_is_to_be_pushed_and_what_is_pushed_is_to_be_read(project: Path) -> None:
    """The first time, and once more when articles have come."""
    write_private(Workspace(project), REGISTER, PEOPLE)
    for texts in (TEXTS[:2], TEXTS[2:]):
        assert added(project, *texts) == following(project) == "curate assign, then curate push"
        api.assign(project, refresh=False)
        assert following(project) == "curate push"
        api.push(project)
        assert following(project) == AGREED
        assert added(project, *texts) == AGREED


def test_an_article_that_nobody_can_read_is_told(project: Path) -> None:
    """By assign with what to do, and by status as soon as nobody has anything left to read."""
    write_private(Workspace(project), REGISTER, {"annotator-1": "active"})
    added(project, *TEXTS[:1])
    [name] = api.status(project).standing.stages
    told = run(project, "assign", "--no-refresh", "--yes").stderr
    assert f"{name}: 1 more person must read it, and nobody is left who can.\n" in told
    assert "curate people add" in told
    api.push(project)
    assert following(project) == AGREED


def test_what_is_pushed_is_counted_before_it_is_pulled(project: Path) -> None:
    """Status says when it was pushed, and no article lacks its task."""
    added(project, *TEXTS)
    assert following(project) == "curate push"
    api.push(project)
    told = run(project, "status").stdout
    assert "Pushed just now" in told
    assert "nothing was pulled yet" in told
    assert "tasks        3\n" in told
    assert "articles     3 = 3 without a reading" in told


def test_a_push_is_forgotten_by_the_next_pull(project: Path) -> None:
    """From then on the server's word counts; here it has none of the tasks."""
    added(project, *TEXTS)
    api.push(project)
    write_private(Workspace(project), PULLED, {"at": "2026-01-03T00:00:00Z"})
    assert following(project) == "curate push"


def test_pushing_again_writes_no_note(project: Path) -> None:
    """The note of the same push stays as it is."""
    added(project, *TEXTS)
    api.push(project)
    note = project / ".curate" / "pushed.json"
    note.write_text(json.dumps(json.loads(note.read_text()) | {"at": "2026-01-01T00:00:00Z"}))
    before = note.read_bytes()
    api.push(project)
    assert note.read_bytes() == before
    assert ".curate/pushed.json" not in json.dumps(api.status(project).sent_back)


def test_a_push_that_was_not_wanted_is_none(project: Path) -> None:
    """Whoever looks at a plan, or answers no, has pushed nothing."""
    added(project, *TEXTS)
    api.push(project, dry_run=True)
    api.push(project, confirm=lambda _: False)
    assert following(project) == "curate push"


def test_what_is_withdrawn_is_not_to_be_pushed(project: Path) -> None:
    """Nor is it without a task: letting it back in makes one."""
    added(project, *TEXTS)
    name = next(iter(api.status(project).standing.stages))
    api.withdraw([name], project)
    api.push(project)
    assert following(project) == AGREED
    api.withdraw([name], project, undo=True)
    assert following(project) == "curate push"


ROWS = [Assignment(article_id=name, annotator=who) for name in "ab" for who in ("ana", "ben")]
UNREAD = dict.fromkeys("ab", "unread")


def found(rows: list[Assignment], work: list[Work], **changed: Any) -> Lacking:
    others: dict[str, Any] = {"stages": UNREAD, "rules": Rules(2), "active": ["ana", "ben"], "withdrawn": ()}
    others |= changed
    return lacking(others["stages"], rows, work, others["rules"], others["active"], others["withdrawn"])


def did(state: str, *who: str) -> list[Work]:
    return [Work(one, name, state) for one in who for name in "ab"]


@pytest.mark.parametrize(
    ("made", "plan", "people", "left"),
    [
        (lambda: found(ROWS, []), False, False, True),
        (lambda: found([], []), True, True, False),
        (lambda: found(ROWS[:2], []), True, True, True),
        (lambda: found(ROWS[:2], [], withdrawn=["b"]), False, False, True),
        (lambda: found(ROWS[:2], [], stages={"a": "unread", "b": "settled"}), False, False, True),
        (lambda: found(ROWS, did(DONE, "ana") + did(BEGUN, "ben")), False, False, True),
        (lambda: found(ROWS, did(DONE, "ana") + did(SKIPPED, "ben")), False, True, False),
        (lambda: found(ROWS, did(DONE, "ana") + did(SKIPPED, "ben"), active=["ana", "eve"]), True, True, False),
        (lambda: found(ROWS, did(SKIPPED, "ben"), active=["ana", "ben"]), False, True, True),
        (lambda: found([], [], rules=Rules(2, most={"ana": 0, "ben": 0})), False, True, False),
        (lambda: found([], [], rules=Rules(2, batch=1, open=0)), False, False, False),
    ],
)
def test_who_is_to_read_what_lacks_readings(made: Callable[[], Lacking], plan: bool, people: bool, left: bool) -> None:
    """Another plan where it gives something to somebody; more people where nobody is left."""
    assert made() == Lacking(plan=plan, people=people, left=left)


def test_somebody_who_left_leaves_what_they_have_not_done() -> None:
    """What they did counts; what they were given goes to others."""
    assert found(ROWS, did(DONE, "ben"), active=["ana"]) == Lacking(plan=False, people=False, left=True)
    assert found(ROWS, [], active=["ana", "eve"]).plan


def test_a_task_in_the_project_of_another_is_none_of_ones_own() -> None:
    """With an assignment it counts whose a task is, without one not; an article that has its readings needs none."""
    wanted = wanted_tasks(ARTICLES, ROWS, {"b"})
    assert {one[1:3] for one in wanted} == {("ana", "a"), ("ben", "a")}
    ana = {one for one in wanted if one[1] == "ana"}
    assert is_unpushed(wanted, ana, UNREAD)
    assert not is_unpushed(wanted, ana, {"a": "open"})
    assert not is_unpushed(wanted, wanted, UNREAD)
    assert not is_unpushed(wanted_tasks({"a": ARTICLES["a"]}, None, ()), ana, UNREAD)


def test_an_adjudication_task_waits_until_it_is_submitted() -> None:
    """And again when something new came up in it."""
    data = {"shown": [{"after": "", "statements": ["x"]}, {"after": "2026-01-02T00", "statements": ["y"]}]}
    settled = {"updated_at": "2026-01-02T00"}
    assert awaits_settling({"data": data, "annotations": []})
    assert awaits_settling({"data": data, "annotations": [settled]})
    assert not awaits_settling({"data": {"shown": data["shown"][:1]}, "annotations": [settled]})
    assert awaits_settling({"data": {"shown": data["shown"][:1]}, "annotations": [settled | {"was_cancelled": True}]})


def test_what_people_have_to_settle_is_not_brought_to_them_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Status and adjudicate wait for it, and say so."""
    project = pulled(tmp_path / "airbase")
    made = api.adjudicate("agree", project)
    assert "curate adjudicate --push brings" in following(project)
    write_private(Workspace(project), SETTLING, {"after": None, "articles": made.to_settle})
    for command in ("status", "adjudicate"):
        assert "once what is open is settled in Label Studio, curate pull, then curate adjudicate" in (
            following(project, command)
        )
        assert "--push" not in following(project, command)
    write_private(Workspace(project), SETTLING, {"after": None, "articles": made.to_settle[1:]})
    assert "curate adjudicate --push brings" in following(project)
