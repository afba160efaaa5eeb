"""Two people differ, a third settles it at the page in a real Chromium, and it stays settled."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser
from typer.testing import CliRunner

from curate import api
from curate.cli.app import app
from curate.demo import annotators
from curate.labelstudio import client, server
from curate.labelstudio.cases import CasePlan
from curate.labelstudio.writing import result_of
from curate.markup import parse, to_reading
from curate.records import Adjudication, Article, Decision, Record
from curate.schema.hotkeys import assign
from curate.settings import label_studio_credentials, read_settings
from curate.text import text_sha256
from curate.workspace import Workspace, read_lines, write_lines
from live.browsing import Desk

ANA = "[Rebels](actor>1) [struck](Attack#1) [the depot](target>1) in [Osk](place>1). [Shells](instrument>1) fell."
BEN = "[Rebels](actor>1) [struck](Intercept#1) [the depot](target>1) in Osk. Shells fell."
BOTH = "Envoys [met](Agree#1) in [Velmark](place>1)."
LATER = "[Rebels](actor>1) [struck](Attack#1) [the depot](target>1) in [Osk](place>1). Shells [fell](Attack#2)."


@dataclass
class Desks:
    """A project in which two people read two articles and differ on one, and a third who settles."""

    folder: Path
    people: dict[str, annotators.Annotator]
    url: str
    numbers: dict[str, int] = field(default_factory=dict)

    def read(self, who: str, article: str, marked: str) -> int:
        """Submit a reading in somebody's own session; give its id."""
        schema = api.load_schema(read_settings(self.folder))
        number = int(str(api.push(self.folder, dry_run=True).plan.project))
        task = annotators.tasks_of(self.people[who], self.url, number)[article]
        return annotators.submit(self.people[who], self.url, task, result_of(to_reading(parse(marked), schema), schema))

    def change(self, number: int, marked: str) -> None:
        """Let the server hold another reading under an annotation, as after an update."""
        schema = api.load_schema(read_settings(self.folder))
        with client.connected(label_studio_credentials(read_settings(self.folder))) as connection:
            result = result_of(to_reading(parse(marked), schema), schema)
            connection.sdk.annotations.update(id=number, result=result)

    def plan(self) -> CasePlan:
        """Adjudicate and bring what is open to people; give what there was to do."""
        plan = api.adjudicate("agree", self.folder, push=True).plan
        assert plan
        return plan

    def sit_down(self, browser: Browser, who: str) -> Desk:
        """Open the one task of the adjudication project in somebody's window."""
        settings = read_settings(self.folder)
        self.plan()
        project = self.plan().project
        assert project
        with client.connected(label_studio_credentials(settings)) as connection:
            (task,) = client.submitted_tasks(connection, project)
        desk = Desk.of(browser, self.people[who], self.url, project, assign(api.load_schema(settings)))
        desk.open(int(task["id"]))
        return desk


@pytest.fixture
def desks(
    tmp_path: Path,
    new_project: Callable[[Path], AbstractContextManager[Path]],
    label_studio: server.RunningServer,
) -> Any:
    with new_project(tmp_path / "project") as folder:
        articles = [
            Article(id=name, text=parse(marked).text, text_sha256=text_sha256(parse(marked).text))
            for name, marked in (("depot", ANA), ("envoys", BOTH))
        ]
        write_lines(Workspace(folder).articles, articles)
        api.push(folder)
        invite = str(label_studio.invite_url)
        people = {
            name: annotators.sign_up(invite, f"{name}-{text_sha256(str(tmp_path))[:10]}@example.org")
            for name in ("ana", "ben", "joy")
        }
        yield Desks(folder, people, label_studio.url)
        for person in people.values():
            person.session.close()


@pytest.fixture
def differing(desks: Desks) -> Desks:
    """Both have read both articles, and it is pulled."""
    for who, marked in (("ana", ANA), ("ben", BEN)):
        desks.numbers[who] = desks.read(who, "depot", marked)
        desks.read(who, "envoys", BOTH)
    api.pull(desks.folder)
    return desks


def record(folder: Path, article: str) -> Record:
    found = read_lines(Workspace(folder).export("adjudicated.jsonl"), Record)
    return next(one for one in found if one.id == article)


def settle(desk: Desk) -> None:
    """Delete the instrument, say why people differ on the event, submit."""
    regions = {str(one["labels"][0]): str(one["id"]) for one in desk.screen.regions()}
    desk.delete(regions["instrument"])
    desk.unselect()
    desk.select(regions["Attack"])
    desk.page.locator("label").filter(has_text="guideline-gap").locator("visible=true").click()
    desk.screen.until(lambda: "guideline-gap" in str(desk.screen.values("disagreement")), "the reason is set")
    desk.submit()


def test_pushing_shows_its_plan_and_twice_does_nothing(differing: Desks) -> None:
    """A dry run writes nothing here or there, without a terminal `--yes` is needed, and a second push keeps all."""
    arguments = ["--project", str(differing.folder), "adjudicate", "--push"]
    shown = CliRunner().invoke(app, [*arguments, "--dry-run"])
    assert "task depot (3 things to settle)" in shown.stdout
    assert not Workspace(differing.folder).export("decisions.jsonl").exists()
    assert CliRunner().invoke(app, arguments).exit_code == 2
    pushed = CliRunner().invoke(app, ["--json", *arguments, "--yes"])
    assert pushed.exit_code == 0
    assert json.loads(pushed.stdout)["adjudication"]["create"] == ["depot"]
    again = differing.plan()
    assert (again.changes, again.keep) == (0, 1)


def test_what_is_withdrawn_is_brought_to_nobody(differing: Desks) -> None:
    """An article that is taken back makes no task; one that is there stays, is not doubled, and goes on when let in."""
    api.withdraw(["depot"], differing.folder)
    assert differing.plan().changes == 0
    api.withdraw(["depot"], differing.folder, undo=True)
    assert [case.article.id for case in differing.plan().create] == ["depot"]
    api.withdraw(["depot"], differing.folder)
    assert differing.plan().changes == 0
    api.withdraw(["depot"], differing.folder, undo=True)
    assert (differing.plan().changes, differing.plan().keep) == (0, 1)


def test_a_push_that_was_cut_off_goes_on(differing: Desks, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed between project and tasks, or in a refresh, the next push does what is left and doubles nothing."""
    with monkeypatch.context() as patch:
        patch.setattr(client, "import_tasks", cut_off)
        with pytest.raises(KeyboardInterrupt):
            differing.plan()
    assert [step.action for step in differing.plan().steps] == ["update", "create"]
    assert differing.plan().changes == 0
    differing.change(differing.numbers["ana"], LATER)
    api.pull(differing.folder)
    with monkeypatch.context() as patch:
        patch.setattr(client, "change_task", cut_off)
        with pytest.raises(KeyboardInterrupt):
            differing.plan()
    assert [step.action for step in differing.plan().steps] == ["update"]
    assert differing.plan().changes == 0
    project = differing.plan().project
    with client.connected(label_studio_credentials(read_settings(differing.folder))) as connection:
        (task,) = client.submitted_tasks(connection, int(str(project)))
        predictions = connection.sdk.predictions.list(task=task["id"])
    assert sorted(str(one.model_version) for one in predictions) == ["merged", "reading A", "reading B"]


def cut_off(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_difference_is_settled_at_the_page(differing: Desks, browser: Browser) -> None:
    """The questions and the readings are at the page without a name; what is settled there is the record."""
    folder = differing.folder
    desk = differing.sit_down(browser, "joy")
    told = desk.page.locator(".fix").inner_text()
    assert "3 things to settle" in told
    assert "On struck: " in told
    assert [desk.page.get_by_text(name, exact=True).count() for name in ("merged", "reading A", "reading B")] == [1] * 3
    assert {one["labels"][0] for one in desk.screen.regions()} == {"Attack", "actor", "target", "place", "instrument"}
    page = desk.page.content()
    assert not any(differing.people[who].email in page for who in ("ana", "ben"))
    settle(desk)
    desk.expect_no_complaints()
    _, checked = api.pull(folder)
    assert list(checked.held) == []
    (settled,) = read_lines(Workspace(folder).export("adjudications.jsonl"), Adjudication)
    assert settled.annotation.notes == []
    assert [reason.text for reason in settled.reasons] == ["guideline-gap"]
    made = api.adjudicate("agree", folder, push=True)
    assert made.decided == {"depot": "adjudicator", "envoys": "agreement"}
    assert differing.plan().changes == 0
    (event,) = record(folder, "depot").events
    assert event.type == "Attack"
    assert [one.role for one in event.arguments] == ["actor", "place", "target"]
    decisions = read_lines(Workspace(folder).export("decisions.jsonl"), Decision)
    assert {one.about: one.code for one in decisions}["Attack@7-13"] == "guideline-gap"
    api.release("1.0.0", folder)


def test_what_is_new_comes_back_and_work_stays(differing: Desks, browser: Browser) -> None:
    """When a reading changes after it was settled, only what is new is asked, and what was submitted is as it was."""
    folder = differing.folder
    desk = differing.sit_down(browser, "joy")
    settle(desk)
    api.pull(folder)
    before = desk.saved()
    differing.change(differing.numbers["ana"], LATER)
    api.pull(folder)
    assert [step.reason for step in differing.plan().steps] == ["1 thing to settle"]
    assert differing.plan().changes == 0
    assert [(one["id"], one["result"], one["updated_at"]) for one in desk.saved()] == [
        (one["id"], one["result"], one["updated_at"]) for one in before
    ]
    api.pull(folder)
    assert api.adjudicate("agree", folder).open == {"depot": "1 difference, first: Attack@39-43"}
    desk.open(desk.task)
    assert "1 thing to settle since this was settled" in desk.page.locator(".fix").inner_text()
    desk.draw("fell", "Attack")
    desk.update()
    api.pull(folder)
    assert api.adjudicate("agree", folder).decided["depot"] == "adjudicator"
    assert [event.id for event in record(folder, "depot").events] == ["Attack@7-13", "Attack@39-43"]
