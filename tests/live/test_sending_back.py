"""Findings go back to the people who can mend them, on a real Label Studio, and come away when they are mended."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from curate import api
from curate.accounts import account_names
from curate.cli.app import app
from curate.demo import annotators
from curate.labelstudio import client, returning, server
from curate.labelstudio.returns import MARK
from curate.labelstudio.writing import result_of
from curate.markup import parse, to_reading
from curate.records import Article, Assignment
from curate.settings import label_studio_credentials, read_settings
from curate.text import text_sha256
from curate.workspace import Workspace, write_lines

MARKED = "[Rebels](actor>1) [shelled](Attack#1) the *mill*. The [town](target>1) was quiet."
TEXT = parse(MARKED).text
ARTICLES = ("mill-1", "mill-2", "mill-3")


@dataclass
class Team:
    """A project in which people read, each in a session of their own."""

    folder: Path
    people: dict[str, annotators.Annotator]
    url: str

    def result(self, *, nested: bool) -> list[dict[str, Any]]:
        """Give a reading as the page would send it; not nested, its target is attached to nothing."""
        schema = api.load_schema(read_settings(self.folder))
        result = result_of(to_reading(parse(MARKED), schema), schema)
        return [{key: value for key, value in one.items() if nested or key != "parentID"} for one in result]

    def read(self, who: str, article: str, project: int, *, nested: bool) -> int:
        """Submit a reading; give its number."""
        task = annotators.tasks_of(self.people[who], self.url, project)[article]
        return annotators.submit(self.people[who], self.url, task, self.result(nested=nested))

    def mend(self, who: str, number: int) -> None:
        """Update an annotation as the page does, in its annotator's session."""
        session = self.people[who].session
        answer = session.patch(
            f"{self.url}/api/annotations/{number}/",
            json={"result": self.result(nested=True), "was_cancelled": False},
            headers={"X-CSRFToken": session.cookies["csrftoken"], "Referer": self.url},
        )
        answer.raise_for_status()

    def stream(self, who: str, project: int) -> int:
        """Tell what the label stream answers somebody: 404 when it has nothing for them."""
        return self.people[who].session.get(f"{self.url}/api/projects/{project}/next").status_code

    def listed(self, who: str, project: int) -> list[str]:
        """List the articles under the tab of what is sent back, as somebody sees it; none without the tab."""
        session = self.people[who].session
        tabs = session.get(f"{self.url}/api/dm/views", params={"project": project}).json()
        if not tabs or tabs[0]["data"]["title"] != returning.TITLE:
            return []
        query: dict[str, Any] = {"project": project, "view": tabs[0]["id"], "include": "id,data"}
        tasks = session.get(f"{self.url}/api/tasks", params=query).json()["tasks"]
        return sorted(task["data"]["article_id"] for task in tasks)

    def tasks(self) -> list[dict[str, Any]]:
        """List the tasks of all projects as the server has them."""
        plan = api.push(self.folder, dry_run=True).plan
        with client.connected(label_studio_credentials(read_settings(self.folder))) as connection:
            numbers = [one.project for one in plan.projects if one.project]
            listed = [task for number in numbers for task in client.task_keys(connection, number)]
            return [client.task(connection, task["id"]) for task in listed]

    def run(self, *arguments: str) -> Result:
        """Run a command in the project's folder."""
        return CliRunner().invoke(app, ["--project", str(self.folder), *arguments])


@pytest.fixture
def team(
    tmp_path: Path, new_project: Callable[[Path], AbstractContextManager[Path]], label_studio: server.RunningServer
) -> Iterator[Team]:
    """Three articles pushed for two people."""
    with new_project(tmp_path / "mill") as folder:
        known = [Article(id=name, text=TEXT, text_sha256=text_sha256(TEXT)) for name in ARTICLES]
        write_lines(Workspace(folder).articles, known)
        tag = text_sha256(str(folder))[:10]
        people = {
            who: annotators.sign_up(str(label_studio.invite_url), f"{who}-{tag}@example.org") for who in ("lia", "max")
        }
        api.push(folder)
        yield Team(folder, people, label_studio.url)
        for person in people.values():
            person.session.close()


def bare(task: dict[str, Any]) -> dict[str, Any]:
    """Give the data of a task but for the message."""
    return {name: value for name, value in task["data"].items() if name != "message"}


def test_work_goes_back_and_comes_away_mended(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the shared project: shown first, killed and done again; mended work closes, nothing else moves."""
    project = int(str(api.push(team.folder).plan.project))
    wrong = {name: team.read("lia", name, project, nested=False) for name in ARTICLES}
    right = team.read("max", "mill-1", project, nested=True)
    api.pull(team.folder)
    before = team.tasks()
    shown = team.run("send-back", "--dry-run", "--article", "mill-1", "--article", "mill-2")
    assert (shown.exit_code, shown.stdout.count("argument-unattached")) == (0, 2), shown.output
    assert team.run("send-back", "--article", "mill-1").exit_code == 2  # there is no terminal to ask on
    assert team.tasks() == before

    change, done = client.change_task, []

    def killed(connection: client.Connection, task: int, fields: dict[str, Any]) -> None:
        if done:
            raise KeyboardInterrupt
        done.append(task)
        change(connection, task, fields)

    with monkeypatch.context() as patch:
        patch.setattr(client, "change_task", killed)
        stopped = team.run("send-back", "--yes", "--article", "mill-1", "--article", "mill-2")
    assert stopped.exit_code == 130
    sent = api.send_back(team.folder, articles=["mill-1", "mill-2"])
    assert [step.action for step in sent.plan.tasks] == ["send"]
    again = api.send_back(team.folder, articles=["mill-1", "mill-2"])
    assert (again.plan.changes, again.plan.out, again.applied) == (0, 2, False)

    after = team.tasks()
    assert [bare(task) for task in after] == [task["data"] for task in before]
    assert [task["annotations"] for task in after] == [task["annotations"] for task in before]
    assert [task["data"].get("message", "")[: len(MARK)] for task in after] == [MARK, MARK, ""]
    assert f"Annotation {wrong['mill-1']}," in after[0]["data"]["message"]
    # What is annotated never comes up in the stream again, so the tab has to list it.
    assert team.stream("lia", project) == 404
    assert team.listed("lia", project) == ["mill-1", "mill-2"]
    assert api.push(team.folder).plan.changes == 0

    team.mend("lia", wrong["mill-1"])
    early = api.send_back(team.folder, articles=["mill-1", "mill-2"])
    assert (early.plan.changes, len(early.plan.notices)) == (0, 1)
    _, checked = api.pull(team.folder)
    assert {one.annotation_id for one in checked.findings if one.level == "error"} == {
        str(wrong[name]) for name in ("mill-2", "mill-3")
    }
    accepted = {one.id for one in api.pulled_annotations(Workspace(team.folder))}
    assert accepted == {str(wrong["mill-1"]), str(right)}
    told = api.status(team.folder).sent_back
    assert (told["tasks"], told["mended"]) == (2, 1)
    assert "1 mended" in team.run("status").stdout

    cleared = api.send_back(team.folder, articles=["mill-1"])
    assert [step.action for step in cleared.plan.tasks] == ["clear"]
    assert team.listed("lia", project) == ["mill-2"]
    team.mend("lia", wrong["mill-2"])
    api.pull(team.folder)
    assert api.send_back(team.folder, articles=["mill-2"]).plan.out == 0
    assert team.listed("lia", project) == []
    assert [task["data"] for task in team.tasks()] == [task["data"] for task in before]
    api.pull(team.folder)
    assert api.status(team.folder).sent_back == {"tasks": 0, "mended": 0, "since": None}


def test_everybody_gets_their_own_back(team: Team) -> None:
    """With a project for each person the tab and the message stand in that of the one whose work it is."""
    api.pull(team.folder)
    workspace = Workspace(team.folder)
    names = {account: name for name, account in account_names(workspace).items()}
    who = {short: names[person.email] for short, person in team.people.items()}
    given = [Assignment(article_id=name, annotator=one) for name in ARTICLES for one in sorted(who.values())]
    write_lines(workspace.assignments, given)
    plans = api.push(team.folder).plan.projects
    plans = api.push(team.folder, dry_run=True).plan.projects
    own = {plan.annotator: int(str(plan.project)) for plan in plans if plan.annotator}
    team.read("lia", "mill-1", own[who["lia"]], nested=False)
    team.read("max", "mill-1", own[who["max"]], nested=False)
    team.read("max", "mill-2", own[who["max"]], nested=True)
    api.pull(team.folder)
    assert api.send_back(team.folder, people=[team.people["lia"].email]).plan.out == 1
    assert team.listed("lia", own[who["lia"]]) == ["mill-1"]
    assert team.listed("max", own[who["max"]]) == []
    assert api.send_back(team.folder).plan.out == 2
    assert team.listed("max", own[who["max"]]) == ["mill-1"]


def test_what_is_asked_for_has_to_be_there(team: Team) -> None:
    """A code, an article or a person that is none is told; so is that nothing was pulled."""
    assert "Pull first" in team.run("send-back").stderr
    api.pull(team.folder)
    for option, name in (("--code", "role-mising"), ("--article", "mill-9"), ("--person", "nobody")):
        done = team.run("send-back", option, name)
        assert (done.exit_code, f"{name}: no such {option[2:]}" in done.stderr) == (2, True)
