"""`curate doctor` and `curate status` beside a real Label Studio."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from curate import api
from curate.cli.app import app
from curate.demo import annotators
from curate.demo.running import BUNDLED
from curate.health.points import DOUBTFUL, FINE, UNSEEN, WRONG, Point
from curate.labelstudio import client, server
from curate.labelstudio.folder import database, read_credentials
from curate.settings import label_studio_credentials, read_settings
from curate.starting import init


@pytest.fixture(scope="module")
def project(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A project with a server of its own, an annotator, and the bundled articles pushed and pulled."""
    folder = init(tmp_path_factory.mktemp("doctor") / "airbase")
    shutil.copytree(migrated, folder / ".curate", dirs_exist_ok=True)
    running = server.start(folder / ".curate")
    annotators.sign_up(str(running.invite_url), "ana@example.org").session.close()
    api.add([BUNDLED / "articles.jsonl"], folder)
    api.push(folder)
    api.pull(folder)
    yield folder
    server.stop(folder / ".curate")


def points(folder: Path) -> dict[str, Point]:
    return {point.name: point for point in api.doctor(folder) if point.area == "Label Studio"}


def run(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["--project", str(folder), *arguments])


def test_a_pushed_project_is_fine(project: Path) -> None:
    """Everything on the server is as a push would leave it; the free edition's freedom is said."""
    found = points(project)
    names = ("address", "running", "listening", "key", "version", "project", "page and settings", "tasks", "rights")
    assert {name: found[name].verdict for name in names} == dict.fromkeys(names, FINE)
    assert found["separation"].verdict == DOUBTFUL
    assert "delete every project" in found["separation"].message
    assert run(project, "doctor").exit_code == 0


def test_names_are_for_the_terminal(project: Path) -> None:
    """Accounts by name on the terminal, by pseudonym in JSON, and the key nowhere."""
    told, data = run(project, "doctor").stdout, run(project, "doctor", "--json").stdout
    assert "ana@example.org" in told
    assert "ana@example.org" not in data
    assert "annotator-" in data
    credentials = read_credentials(project / ".curate")
    assert credentials is not None
    assert credentials.api_key not in told + data


def test_what_a_push_would_change_is_told(project: Path, tmp_path: Path) -> None:
    """An edited schema, a new article, a setting changed on the server."""
    schema = project / "schema.yaml"
    before, articles = schema.read_text(), (project / "articles.jsonl").read_text()
    (tmp_path / "new.txt").write_text("The ministry said nothing.")
    try:
        schema.write_text(before.replace("title: ", "title: Other ", 1))
        api.add([tmp_path / "new.txt"], project)
        found = points(project)
    finally:
        schema.write_text(before)
        (project / "articles.jsonl").write_text(articles)
    assert found["page and settings"].verdict == DOUBTFUL
    assert "title" in found["page and settings"].message
    assert found["tasks"].message.startswith("1 article without a task")
    with client.connected(label_studio_credentials(read_settings(project))) as connection:
        client.update_project(connection, 1, maximum_annotations=7)
    assert "maximum_annotations" in points(project)["page and settings"].message
    api.push(project)
    assert points(project)["page and settings"].verdict == FINE


def test_people_with_more_rights_than_they_need(project: Path) -> None:
    """An administrator besides curate's own account is named."""
    with closing(sqlite3.connect(database(project / ".curate"))) as opened:
        opened.execute("UPDATE htx_user SET is_superuser = 1 WHERE email = 'ana@example.org'")
        opened.commit()
    found = points(project)["rights"]
    assert found.verdict == DOUBTFUL
    assert "annotator-" in found.message


def test_a_key_that_is_refused(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says where the key came from, not what it is."""
    url = str(server.status(project / ".curate").url)
    monkeypatch.setenv("LABEL_STUDIO_URL", url)
    monkeypatch.setenv("LABEL_STUDIO_API_KEY", "f" * 40)
    done = run(project, "doctor")
    assert done.exit_code == 3
    assert "from LABEL_STUDIO_API_KEY" in done.stdout
    assert "fff" not in done.stdout
    credentials = read_credentials(project / ".curate")
    assert credentials is not None
    monkeypatch.setenv("LABEL_STUDIO_API_KEY", credentials.api_key)
    found = points(project)
    assert found["key"].verdict == FINE
    assert found["rights"].verdict == UNSEEN


def test_status_asks_first_when_told_to(project: Path) -> None:
    """A skip made since the pull is counted after --refresh and not before."""
    with client.connected(label_studio_credentials(read_settings(project))) as connection:
        task = client.task_keys(connection, 1)[0]["id"]
        connection.sdk.annotations.create(id=task, result=[], was_cancelled=True)
    before = json.loads(run(project, "status", "--json").stdout)
    after = json.loads(run(project, "status", "--refresh", "--json").stdout)
    assert (before["annotations"]["skipped"], after["annotations"]["skipped"]) == (0, 1)
    assert before["pulled_at"] <= after["pulled_at"]
    assert after["disagreements"] == []


def test_a_stopped_server_is_said_to_be_down(project: Path) -> None:
    """What can't be looked at without it is one point, and nothing is wrong."""
    server.stop(project / ".curate")
    found = points(project)
    assert found["running"].verdict == DOUBTFUL
    assert found["what it holds"].verdict == UNSEEN
    assert not [point for point in found.values() if point.verdict == WRONG]
