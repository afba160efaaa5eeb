"""Suggestions on a real Label Studio: brought, renewed, taken back, and never touched once somebody has begun."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from curate import api
from curate.cli.app import app
from curate.demo import annotators
from curate.errors import UsageError
from curate.labelstudio import client, server
from curate.labelstudio.suggestions import LEAST_SURE
from curate.records import Article
from curate.settings import label_studio_credentials, read_settings
from curate.text import text_sha256
from curate.workspace import Workspace, read_articles, write_lines
from live.conftest import NewProject
from loopback_model import Says, serving

TEXTS = {
    "raid": "Rebels led a raid on Osk. The siege of Velm went on.",
    "siege": "The siege of Osk began in May.",
    "quiet": "The river was calm.",
    "truce": "A truce was signed. The raid was forgotten.",
    "late": "A raid at dawn.",
}

MARKING = """\
def mark(article):
    if "raid" not in article.text:
        return {"events": [], "score": 0.5}
    dawn = {"role": "time", "quote": "dawn"}
    return {"events": [{"type": "Attack", "trigger": {"quote": "raid"}, "arguments": [dawn]}], "score": 0.25}
"""

SLOW = """\
from pathlib import Path

from curate import api

def mark(article):
    api.add([{revised!r}], Path({folder!r}), revise=True)
    return [{{"type": "Campaign", "trigger": {{"quote": "siege"}}}}] if article.id == "siege" else []
"""

USELESS = """\
def mark(article):
    return [{"kind": "Attack", "words": "raid"}]
"""

SURE = """\
def mark(article):
    return {"events": [], "score": {"quiet": 0.9, "siege": 0.5}.get(article.id, 0.1)}
"""


def add(folder: Path, *names: str) -> None:
    known = read_articles(Workspace(folder)).values()
    new = [Article(id=name, text=TEXTS[name], text_sha256=text_sha256(TEXTS[name])) for name in names]
    write_lines(Workspace(folder).articles, [*known, *new])
    api.push(folder)


def configure(folder: Path, table: str) -> None:
    path = folder / "curate.toml"
    kept = path.read_text(encoding="utf-8").partition("\n[suggest]")[0]
    path.write_text(f"{kept}\n[suggest]\n{table}\n", encoding="utf-8")


def held(folder: Path) -> dict[str, list[tuple[str, list[str]]]]:
    """Tell for each article the suggestions its task has: who made it, and what it says of which words."""
    with client.connected(label_studio_credentials(read_settings(folder))) as connection:
        (project,) = [one for one in client.projects(connection) if workspace(folder) in (one["description"] or "")]
        return {
            task["data"]["article_id"]: [
                (
                    one["model_version"].split("@")[0],
                    [entry["value"]["text"] for entry in one["result"] if entry["from_name"] == "label"],
                )
                for one in task["predictions"]
            ]
            for task in client.predicted_tasks(connection, project["id"])
        }


def told(folder: Path) -> dict[str, str]:
    """Tell for each article of which something is written who suggested for it."""
    lines = (folder / "exports" / "suggestions.jsonl").read_text(encoding="utf-8").splitlines()
    return {one["article_id"]: one["version"].split("@")[0] for one in map(json.loads, lines)}


def settings_of(folder: Path) -> tuple[str, str]:
    with client.connected(label_studio_credentials(read_settings(folder))) as connection:
        (project,) = [one for one in client.projects(connection) if workspace(folder) in (one["description"] or "")]
        return project["model_version"].split("@")[0], project["sampling"]


def workspace(folder: Path) -> str:
    return f"workspace={read_settings(folder).workspace} "


def test_brought_renewed_and_taken_back(
    tmp_path: Path, new_project: NewProject, label_studio: server.RunningServer
) -> None:
    """Twice changes nothing; another suggester takes the place of the first but for what somebody has begun."""
    with new_project(tmp_path / "suggesting") as folder:
        with pytest.raises(UsageError, match="no project of this workspace"):
            api.suggest("words", folder)
        add(folder, "raid", "siege", "quiet", "truce")
        dry = api.suggest("words", folder, dry_run=True)
        assert (dry.changes, set(map(tuple, held(folder).values()))) == (5, {()})
        api.suggest("words", folder)
        by_words = {
            "raid": [("words", ["raid", "siege"])],
            "siege": [("words", ["siege"])],
            "quiet": [("words", [])],
            "truce": [("words", ["truce", "raid"])],
        }
        assert held(folder) == by_words
        assert api.suggest("words", folder).changes == 0
        number = int(str(api.push(folder).url).split("/projects/")[1].split("/")[0])
        someone = annotators.sign_up(str(label_studio.invite_url), f"{tmp_path.name}@example.org")
        tasks = annotators.tasks_of(someone, label_studio.url, number)
        annotators.submit(someone, label_studio.url, tasks["raid"], [])
        draft = {"lead_time": 1, "result": [], "project": number}
        answer = someone.session.post(
            f"{label_studio.url}/api/tasks/{tasks['siege']}/drafts?project={number}",
            json=draft,
            headers={"X-CSRFToken": someone.session.cookies["csrftoken"], "Referer": label_studio.url},
        )
        assert answer.status_code == 201
        someone.session.close()
        (folder / "marking.py").write_text(MARKING, encoding="utf-8")
        configure(folder, 'by = "marking:mark"\norder = "score"')
        renewed = api.suggest(None, folder)
        by_mark = {"quiet": [("marking:mark", [])], "truce": [("marking:mark", ["raid"])]}
        assert held(folder) == {**by_words, **by_mark}
        assert renewed.made.dropped == {"quote-not-in-text": 1}
        assert "begun with suggestions of another version, which they keep: 2" in renewed.plans[0].notices[0]
        assert settings_of(folder) == ("marking:mark", LEAST_SURE)
        by = {"raid": "words", "siege": "words", "quiet": "marking:mark", "truce": "marking:mark"}
        assert told(folder) == by
        add(folder, "late")
        assert api.suggest(None, folder).changes == 1
        assert held(folder)["late"] == [("marking:mark", ["raid", "dawn"])]
        api.suggest("none", folder)
        assert held(folder) == {**by_words, "quiet": [], "truce": [], "late": []}
        assert told(folder) == {"raid": "words", "siege": "words"}


def test_held_out_and_put_right(tmp_path: Path, new_project: NewProject) -> None:
    """Some articles get none; what another hand doubled or broke is put right, what it made stays."""
    with new_project(tmp_path / "holding") as folder:
        add(folder, *TEXTS)
        configure(folder, 'hold_out = 0.5\nseed = "e"')
        out = {name for name in TEXTS if not api.suggest("words", folder).made.told.get(name)}
        assert 0 < len(out) < len(TEXTS)
        assert {name for name, there in held(folder).items() if not there} == out
        kept = sorted(set(TEXTS) - out)
        with client.connected(label_studio_credentials(read_settings(folder))) as connection:
            (project,) = [one for one in client.projects(connection) if workspace(folder) in (one["description"] or "")]
            tasks = {task["data"]["article_id"]: task for task in client.predicted_tasks(connection, project["id"])}
            first = tasks[kept[0]]["predictions"][0]
            twice = {"task": tasks[kept[0]]["id"], "result": first["result"], "model_version": first["model_version"]}
            other = {"task": tasks[kept[1]]["id"], "result": first["result"][:1], "model_version": "elsewhere"}
            assert client.import_predictions(connection, project["id"], [twice, other]) == 2
        assert [len(held(folder)[name]) for name in kept[:2]] == [2, 2]
        assert api.suggest("words", folder).changes == 1
        assert [len(held(folder)[name]) for name in kept[:2]] == [1, 2]
        configure(folder, 'hold_out = 1.0\nseed = "e"')
        api.suggest("words", folder)
        assert held(folder) == {name: [("elsewhere", [])] if name == kept[1] else [] for name in TEXTS}


def test_what_is_begun_while_it_is_planned(
    tmp_path: Path, new_project: NewProject, label_studio: server.RunningServer
) -> None:
    """Who begins or skips after the plan was shown keeps what they had; the others get what is new."""
    with new_project(tmp_path / "meanwhile") as folder:
        add(folder, "raid", "siege", "truce")
        api.suggest("words", folder)
        number = int(str(api.push(folder).url).split("/projects/")[1].split("/")[0])
        someone = annotators.sign_up(str(label_studio.invite_url), f"{tmp_path.name}@example.org")
        tasks = annotators.tasks_of(someone, label_studio.url, number)

        def begin(*names: str, skip: bool = False) -> Callable[[Any], bool]:
            def confirm(_: Any) -> bool:
                for name in names:
                    someone.session.post(
                        f"{label_studio.url}/api/tasks/{tasks[name]}/annotations/",
                        json={"result": [], "was_cancelled": skip},
                        headers={"X-CSRFToken": someone.session.cookies["csrftoken"], "Referer": label_studio.url},
                    ).raise_for_status()
                return True

            return confirm

        before = held(folder)
        done = api.suggest("none", folder, confirm=begin("raid", skip=True))
        assert (done.changes, done.left) == (3, 1)
        assert held(folder) == {**before, "siege": [], "truce": []}
        (folder / "sure.py").write_text(SURE, encoding="utf-8")
        done = api.suggest("sure:mark", folder, confirm=begin("siege", "truce"))
        someone.session.close()
        assert (done.applied, done.left) == (True, 2)
        assert held(folder) == {**before, "siege": [], "truce": []}
        assert settings_of(folder)[0] == "words"


def test_others_work_while_it_is_asked(tmp_path: Path, new_project: NewProject) -> None:
    """A function that takes its time holds up nobody; what was changed meanwhile gets a suggestion the next time."""
    with new_project(tmp_path / "apart") as folder:
        add(folder, "raid", "siege")
        revised = tmp_path / "siege.txt"
        revised.write_text("The siege of Osk ended in June.", encoding="utf-8")
        (folder / "slow.py").write_text(SLOW.format(revised=str(revised), folder=str(folder)), encoding="utf-8")
        done = api.suggest("slow:mark", folder)
        assert (done.made.failed, done.changes) == ({}, 2)
        assert held(folder) == {"raid": [("slow:mark", [])], "siege": []}
        assert told(folder) == {"raid": "slow:mark"}
        api.push(folder)
        assert api.suggest("slow:mark", folder).changes == 1
        assert held(folder)["siege"] == [("slow:mark", ["siege"])]
        (folder / "useless.py").write_text(USELESS, encoding="utf-8")
        said = CliRunner().invoke(app, ["--project", str(folder), "suggest", "useless:mark", "--yes"])
        assert "Nothing of what was suggested could be used" in said.stderr, said.output


def test_the_least_sure_come_first(tmp_path: Path, new_project: NewProject, label_studio: server.RunningServer) -> None:
    """The label stream begins with the lowest score, wherever its article was pushed."""
    with new_project(tmp_path / "ordered") as folder:
        add(folder, "quiet", "siege", "truce")
        (folder / "sure.py").write_text(SURE, encoding="utf-8")
        configure(folder, 'by = "sure:mark"\norder = "score"')
        api.suggest(None, folder)
        number = int(str(api.push(folder).url).split("/projects/")[1].split("/")[0])
        someone = annotators.sign_up(str(label_studio.invite_url), f"{tmp_path.name}@example.org")
        tasks = annotators.tasks_of(someone, label_studio.url, number)
        shown = []
        for _ in tasks:
            shown.append(someone.session.get(f"{label_studio.url}/api/projects/{number}/next").json()["id"])
            annotators.submit(someone, label_studio.url, shown[-1], [])
        someone.session.close()
        assert shown == [tasks[name] for name in ("truce", "siege", "quiet")]


def test_a_model_is_asked_once(tmp_path: Path, new_project: NewProject) -> None:
    """What a model says is laid on the tasks; a second run asks nothing and changes nothing, and a dry run neither."""
    raid = {"type": "Attack", "trigger": {"quote": "raid", "context": "led a raid"}, "arguments": []}
    raid["arguments"] = [
        {"role": "target", "quote": "Osk", "context": ""},
        {"role": "actor", "quote": "Ann", "context": ""},
    ]
    answers = {"led a raid": [Says({"events": [raid] * 2})], "calm": [Says("no")], "dawn": [Says(status=429)]}
    with new_project(tmp_path / "asking") as folder, serving(answers) as model:
        add(folder, "raid", "quiet")
        configure(folder, f'by = "model"\nurl = "{model.url}"\nmodel = "small"')
        dry = run(folder, "--dry-run")
        assert (dry["to_ask"], dry["applied"], model.asked.total()) == (2, False, 0)
        done = run(folder, "--yes")
        assert done["version"].startswith("model:small@")
        assert done["dropped"] == {"event-dropped": 2, "quote-not-in-text": 1, "repeated": 1}
        assert (done["events"], done["arguments"], done["failed"]) == (1, 1, {"broken-json": 1})
        assert held(folder) == {"raid": [("model:small", ["raid", "Osk"])], "quiet": []}
        told = (folder / "exports" / "suggestions.jsonl").read_bytes()
        again = run(folder, "--yes")
        assert (again["answered_before"], again["tasks"]["keep"], model.asked.total()) == (2, 1, 2)
        assert (folder / "exports" / "suggestions.jsonl").read_bytes() == told


def run(folder: Path, *arguments: str) -> dict[str, Any]:
    """Run the command, and give what it tells as JSON."""
    done = CliRunner().invoke(app, ["--project", str(folder), "--json", "suggest", *arguments])
    assert done.exit_code == 0, done.output
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def test_a_page_of_another_schema_is_refused(tmp_path: Path, new_project: NewProject) -> None:
    """What the page doesn't know would not be taken; it has to be pushed first."""
    with new_project(tmp_path / "outdated") as folder:
        add(folder, "raid")
        path = read_settings(folder).schema
        path.write_text(path.read_text(encoding="utf-8").replace("trigger_words: [attack,", "trigger_words: [blow,", 1))
        with pytest.raises(UsageError, match="page is not of") as told:
            api.suggest("words", folder)
        assert told.value.fix == "Push first: curate push"
