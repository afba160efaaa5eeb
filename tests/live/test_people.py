"""Accounts on a real Label Studio: made once, whoever is interrupted, and never under somebody else's name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from curate import api
from curate.accounts import account_names
from curate.cli.app import app
from curate.demo.annotators import sign_up, tasks_of
from curate.demo.running import BUNDLED, marked_result
from curate.labelstudio import accounts, server
from curate.pseudonyms import pseudonym
from curate.settings import label_studio_credentials, read_settings
from curate.text import text_sha256
from curate.workspace import Workspace, pseudonym_key, read_articles
from live.conftest import NewProject
from live.test_team import signed_in

DRONES = "tarsin-drones"


@pytest.fixture
def project(tmp_path: Path, new_project: NewProject) -> Iterator[Path]:
    """A new project without people."""
    with new_project(tmp_path / "desk") as folder:
        yield folder


def address(folder: Path, name: str) -> str:
    return f"{name}-{text_sha256(str(folder))[:10]}@example.org"


def run(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["--project", str(folder), *arguments])


def test_an_interrupted_account_is_made_with_the_password_that_was_handed_out(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed before the server answers, the next run signs up with what stands in the file, and once."""
    account = address(project, "Rhea")

    def killed(*_: str) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(accounts, "sign_up", killed)
        assert run(project, "people", "add", account).exit_code == 130
    [login] = (project / ".curate" / "logins").iterdir()
    written = login.read_text(encoding="utf-8")
    again = run(project, "people", "add", account, account.lower())
    assert again.exit_code == 0
    assert login.read_text(encoding="utf-8") == written
    told = dict(re.findall(r"^(.+?): (.+)$", written, re.MULTILINE))
    signed_in(told["Label Studio"], account, told["Password"]).session.close()
    assert [one.state for one in api.list_people(project)] == ["active"]
    refused = run(project, "people", "add", "nobody")
    assert (refused.exit_code, "no e-mail address" in refused.stderr) == (2, True)


def test_nothing_stays_of_an_address_that_is_refused(project: Path) -> None:
    """Label Studio's reason is told as wrong input; a password handed out before is not thrown away."""
    logins = project / ".curate" / "logins"
    refused = run(project, "people", "add", "nobody@y")
    assert (refused.exit_code, refused.stderr.splitlines()[0]) == (
        1,
        "Error: nobody@y could not sign up: Enter a valid email address.",
    )
    assert [*logins.iterdir()] == []
    assert api.list_people(project) == []
    kept = logins / f"{pseudonym(pseudonym_key(Workspace(project)), 'nobody@y')}.txt"
    kept.write_text("Password: of-an-earlier-run\n", encoding="utf-8")
    assert run(project, "people", "add", "nobody@y").exit_code == 1
    assert "of-an-earlier-run" in kept.read_text(encoding="utf-8")


def test_somebody_with_an_account_keeps_it(project: Path, label_studio: server.RunningServer) -> None:
    """No password is made up for them; gone and back they are the same person."""
    account = address(project, "otto")
    sign_up(str(label_studio.invite_url), account).session.close()
    added = run(project, "people", "add", account)
    assert "has an account already" in added.stdout
    assert not (project / ".curate" / "logins").exists()
    assert run(project, "people", "remove", account).exit_code == 0
    run(project, "people", "add", account)
    assert [(one.account, one.state) for one in api.list_people(project)] == [(account, "active")]


def test_a_duplicated_annotation_is_told(project: Path, label_studio: server.RunningServer) -> None:
    """Submitted as the page submits what somebody duplicated, it is found at the next pull, and whose it was."""
    api.add([BUNDLED / "articles.jsonl"], project)
    number = int(str(api.push(project).url).split("/projects/")[1].split("/")[0])
    settings, article = read_settings(project), read_articles(Workspace(project))[DRONES]
    url = label_studio_credentials(settings).url
    body = {"result": marked_result(BUNDLED / "readings" / "ana" / f"{DRONES}.txt", article, api.load_schema(settings))}
    with ExitStack() as sessions:
        made: list[int] = []
        for name in ("ana", "ben"):
            person = sign_up(str(label_studio.invite_url), address(project, name))
            sessions.callback(person.session.close)
            task = tasks_of(person, url, number)[DRONES]
            headers = {"X-CSRFToken": person.session.cookies["csrftoken"], "Referer": url}
            sent = body | ({"parent_annotation": made[0]} if made else {})
            answer = person.session.post(f"{url}/api/tasks/{task}/annotations/", json=sent, headers=headers)
            made.append(answer.json()["id"])
    _, checked = api.pull(project)
    [found] = [found for found in checked.findings if found.code == "annotation-copied"]
    assert found.annotation_id == str(made[1])
    [ana] = [who for who, account in account_names(Workspace(project)).items() if account == address(project, "ana")]
    assert f"{ana}'s annotation {made[0]}" in found.message
