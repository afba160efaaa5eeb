"""A text that changes after it was pushed, on a real Label Studio: the new version is annotated, nothing is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from curate import api
from curate.demo import annotators
from curate.demo.running import BUNDLED, marked_result
from curate.labelstudio import client, server
from curate.labelstudio.revisions import RETIRED
from curate.labelstudio.tasks import Plan
from curate.records import Article, json_lines
from curate.settings import label_studio_credentials, read_settings
from curate.workspace import Workspace, read_articles

WORKED_ON, BEGUN, UNTOUCHED, RETITLED = "tarsin-drones", "velmark-warning", "selva-refinery", "hallow-pullback"


@pytest.fixture
def project(tmp_path: Path, new_project: Callable[[Path], AbstractContextManager[Path]]) -> Iterator[Path]:
    """A project with the bundled articles pushed."""
    with new_project(tmp_path / "airbase") as folder:
        api.add([BUNDLED / "articles.jsonl"], folder)
        api.push(folder)
        yield folder


@pytest.fixture(scope="module")
def annotator(label_studio: server.RunningServer) -> Iterator[annotators.Annotator]:
    """Somebody with a session of their own."""
    found = annotators.sign_up(str(label_studio.invite_url), "rhea@example.org")
    yield found
    found.session.close()


def post(annotator: annotators.Annotator, url: str, path: str, body: dict[str, Any]) -> Any:
    """Send what the page sends, in the annotator's session."""
    headers = {"X-CSRFToken": annotator.session.cookies["csrftoken"], "Referer": url}
    answer = annotator.session.post(f"{url}{path}", json=body, headers=headers)
    assert answer.status_code == 201, answer.text[:200]
    return answer.json()


def draft(annotator: annotators.Annotator, folder: Path, task: int, result: Sequence[dict[str, Any]] = ()) -> None:
    """Begin on a task without submitting."""
    url = label_studio_credentials(read_settings(folder)).url
    post(annotator, url, f"/api/tasks/{task}/drafts", {"result": list(result), "lead_time": 1})


def annotate(annotator: annotators.Annotator, folder: Path, article: str) -> None:
    """Submit a bundled reading."""
    settings = read_settings(folder)
    known = read_articles(Workspace(folder))[article]
    result = marked_result(BUNDLED / "readings" / "ana" / f"{article}.txt", known, api.load_schema(settings))
    url = label_studio_credentials(settings).url
    annotators.submit(annotator, url, tasks(folder)[article][0]["id"], result)


def tasks(folder: Path) -> dict[str, list[dict[str, Any]]]:
    """The tasks on the server by article, older versions first."""
    found: dict[str, list[dict[str, Any]]] = {}
    with client.connected(label_studio_credentials(read_settings(folder))) as connection:
        number = int(str(api.push(folder, dry_run=True).plan.project))
        for task in sorted(client.task_keys(connection, number), key=lambda task: int(task["id"])):
            found.setdefault(task["data"]["article_id"], []).append(client.task(connection, task["id"]))
    return found


def revise(folder: Path, **changes: dict[str, str]) -> None:
    """Give articles other data, as a newsroom's next export would."""
    known = read_articles(Workspace(folder))
    fields = ("id", "text", "title", "url", "publisher", "published_at", "language", "licence")
    rows = [
        {**{name: getattr(known[article], name) for name in fields}, **change}
        for article, change in ((name.replace("_", "-"), change) for name, change in changes.items())
    ]
    path = folder / "revised.jsonl"
    path.write_bytes(json_lines(rows))
    added = api.add([path], folder, revise=True)
    assert [entry.outcome for entry in added.entries] == ["revised"] * len(rows), added.entries


def longer(article: Article) -> dict[str, str]:
    return {"text": f"{article.text}\n\nThe ministry corrected the toll on Sunday."}


def actions(plan: Plan) -> list[tuple[str, str]]:
    return sorted((step.action, step.article_id) for step in plan.tasks)


def test_a_revision_makes_a_new_task_and_retires_the_old_one(project: Path, annotator: annotators.Annotator) -> None:
    """Old tasks go where nobody worked, else they stay with a message and are given to nobody; books count them."""
    known = read_articles(Workspace(project))
    annotate(annotator, project, WORKED_ON)
    draft(annotator, project, tasks(project)[BEGUN][0]["id"])
    assert len(api.pull(project)[1].annotations) == 1
    revise(
        project,
        **{name.replace("-", "_"): longer(known[name]) for name in (WORKED_ON, BEGUN, UNTOUCHED)},
        **{RETITLED.replace("-", "_"): {"title": "A better title"}},
    )
    planned = api.push(project, dry_run=True).plan
    expected = [("delete", UNTOUCHED), ("retire", WORKED_ON), ("retire", BEGUN), ("update", RETITLED)]
    assert actions(planned) == sorted(expected)
    assert {article.id for article in planned.create} == {WORKED_ON, BEGUN, UNTOUCHED}
    assert all(step.reason for step in planned.steps)
    assert not [step for step in planned.steps if "was deleted on the server" in step.reason]

    api.push(project)
    there = tasks(project)
    assert [task["data"].get("message") for task in there[WORKED_ON]] == [RETIRED, None]
    assert [task["data"].get("message") for task in there[BEGUN]] == [RETIRED, None]
    assert there[BEGUN][0]["draft_exists"]
    assert [task["data"]["text"] for task in there[UNTOUCHED]] == [longer(known[UNTOUCHED])["text"]]
    assert [task["data"]["title"] for task in there[RETITLED]] == ["A better title"]
    assert api.push(project).plan.changes == 0

    url = label_studio_credentials(read_settings(project)).url
    given = annotator.session.get(f"{url}/api/projects/{planned.project}/next").json()["id"]
    assert given not in [task["id"] for task in (there[WORKED_ON][0], there[BEGUN][0])]

    _, checked = api.pull(project)
    assert checked.books["annotations"]["excluded"] == {"draft": 1, "superseded": 1}
    assert checked.books["items"]["excluded"]["superseded"] > 0
    assert list(checked.annotations) == []
    assert {found.code for found in checked.findings} == {"annotation-superseded"}


def test_a_draft_counts_whosever_it_is(project: Path, annotator: annotators.Annotator) -> None:
    """What somebody began after a pull is in the next one's books under their name, until it is submitted."""
    api.pull(project)
    settings, known = read_settings(project), read_articles(Workspace(project))[BEGUN]
    result = marked_result(BUNDLED / "readings" / "ana" / f"{BEGUN}.txt", known, api.load_schema(settings))
    number = tasks(project)[BEGUN][0]["id"]
    draft(annotator, project, number, result)
    pulled, checked = api.pull(project)
    assert not pulled.full
    assert checked.books["annotations"]["excluded"] == {"draft": 1}
    assert checked.books["items"]["excluded"]["draft"] == len(result) - 1  # the stamp is no item
    [(person, counted)] = api.status(project).standing.people.items()
    assert counted["draft"] == 1
    raw = {path: path.read_bytes() for path in Workspace(project).raw.rglob("*.jsonl")}
    assert b"rhea@example.org" not in b"".join(raw.values())
    assert api.pull(project)[0].new == 0
    assert {path: path.read_bytes() for path in Workspace(project).raw.rglob("*.jsonl")} == raw

    url = label_studio_credentials(settings).url
    headers = {"X-CSRFToken": annotator.session.cookies["csrftoken"], "Referer": url}
    [begun] = annotator.session.get(f"{url}/api/tasks/{number}/drafts").json()
    annotators.submit(annotator, url, number, result)
    annotator.session.delete(f"{url}/api/drafts/{begun['id']}/", headers=headers).raise_for_status()
    _, checked = api.pull(project)
    assert checked.books["annotations"]["excluded"] == {}
    assert [one.annotator for one in checked.annotations] == [person]


def test_a_text_that_comes_back_takes_its_task_back(project: Path, annotator: annotators.Annotator) -> None:
    """When the old text counts again, its task and the work on it do, too."""
    known = read_articles(Workspace(project))
    annotate(annotator, project, WORKED_ON)
    revise(project, tarsin_drones=longer(known[WORKED_ON]))
    api.push(project)
    assert list(api.pull(project)[1].annotations) == []
    revise(project, tarsin_drones={"text": known[WORKED_ON].text})
    again = api.push(project).plan
    assert actions(again) == [("delete", WORKED_ON), ("update", WORKED_ON)]
    assert again.create == []
    [task] = tasks(project)[WORKED_ON]
    assert "message" not in task["data"]
    assert (task["overlap"], task["is_labeled"]) == (2, False)
    assert len(api.pull(project)[1].annotations) == 1
    assert api.push(project).plan.changes == 0


def test_work_that_begins_while_the_plan_is_read_is_kept(project: Path, annotator: annotators.Annotator) -> None:
    """Between plan and deletion somebody begins: the task stays, and the next push retires it."""
    revise(project, selva_refinery=longer(read_articles(Workspace(project))[UNTOUCHED]))
    old = tasks(project)[UNTOUCHED][0]["id"]
    told: list[str] = []

    def begin(plan: Plan) -> bool:
        assert actions(plan) == [("delete", UNTOUCHED)]
        draft(annotator, project, old)
        return True

    api.push(project, confirm=begin, progress=told.append)
    assert any("somebody began" in line for line in told)
    assert tasks(project)[UNTOUCHED][0]["id"] == old
    assert actions(api.push(project).plan) == [("retire", UNTOUCHED)]
    assert api.push(project).plan.changes == 0


def test_a_withdrawn_article_gets_no_task(project: Path) -> None:
    """Neither revised nor new; the task that is there is named and stays; let back in, it is pushed."""
    revise(project, tarsin_drones=longer(read_articles(Workspace(project))[WORKED_ON]))
    api.withdraw([WORKED_ON], project)
    held = api.push(project)
    assert (held.plan.create, held.plan.tasks) == ([], [])
    assert any(f"'{WORKED_ON}' is withdrawn" in notice for notice in held.plan.notices)
    api.withdraw([WORKED_ON], project, undo=True)
    assert [article.id for article in api.push(project).plan.create] == [WORKED_ON]
