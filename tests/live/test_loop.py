"""The loop on a real Label Studio and a real Hub client: nothing doubled, nothing lost, the same bytes twice."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from curate import api
from curate.cli.app import app
from curate.demo import annotators, loopback_hub
from curate.demo.running import BUNDLED, marked_result
from curate.labelstudio import client, server
from curate.records import Annotation
from curate.settings import label_studio_credentials, read_settings
from curate.workspace import Workspace, read_articles, read_lines

READ = ("tarsin-drones", "velmark-warning", "hallow-pullback", "selva-refinery")


@pytest.fixture
def project(tmp_path: Path, new_project: Callable[..., AbstractContextManager[Path]]) -> Iterator[Path]:
    """A new project that uses the shared Label Studio."""
    with new_project(tmp_path / "airbase") as folder:
        yield folder


@pytest.fixture
def pushed(project: Path) -> Path:
    """The same with the bundled articles pushed."""
    api.add([BUNDLED / "articles.jsonl"], project)
    api.push(project)
    return project


@pytest.fixture(scope="session")
def people(label_studio: server.RunningServer) -> Iterator[dict[str, annotators.Annotator]]:
    """Two annotators with sessions of their own."""
    invite = str(label_studio.invite_url)
    found = {name: annotators.sign_up(invite, f"{name}@example.org") for name in ("ana", "ben")}
    yield found
    for annotator in found.values():
        annotator.session.close()


def project_id(folder: Path) -> int:
    return int(str(api.push(folder, dry_run=True).plan.project))


def annotate(folder: Path, people: dict[str, annotators.Annotator], *articles: str) -> None:
    """Submit the bundled readings of some articles, each in its annotator's session."""
    settings = read_settings(folder)
    schema, known = api.load_schema(settings), read_articles(Workspace(folder))
    url = label_studio_credentials(settings).url
    for name, annotator in people.items():
        tasks = annotators.tasks_of(annotator, url, project_id(folder))
        for article in articles:
            result = marked_result(BUNDLED / "readings" / name / f"{article}.txt", known[article], schema)
            annotators.submit(annotator, url, tasks[article], result)


def run(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["--project", str(folder), *arguments])


def exported(folder: Path) -> dict[str, bytes]:
    """Every file of the exports by its relative name."""
    root = folder / "exports"
    return {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


def server_tasks(folder: Path) -> list[dict[str, Any]]:
    with client.connected(label_studio_credentials(read_settings(folder))) as connection:
        return client.task_keys(connection, project_id(folder))


def test_push_twice_makes_each_task_once(pushed: Path) -> None:
    """A second push plans nothing, and the tasks hold the very texts."""
    again = api.push(pushed)
    assert (again.applied, again.plan.changes, again.plan.keep) == (False, 0, 10)
    articles = read_articles(Workspace(pushed))
    assert {task["data"]["article_id"]: task["data"]["text"] for task in server_tasks(pushed)} == {
        name: article.text for name, article in articles.items()
    }
    assert len(server_tasks(pushed)) == 10


def test_a_dry_run_changes_nothing(project: Path) -> None:
    """`push --dry-run` prints the plan, and no project is there afterwards."""
    api.add([BUNDLED / "articles.jsonl"], project)
    shown = run(project, "--json", "push", "--dry-run")
    assert shown.exit_code == 0
    assert len(json.loads(shown.stdout)["create"]) == 10
    assert api.push(project, dry_run=True).plan.project is None


def test_a_push_without_a_terminal_needs_yes(project: Path) -> None:
    """Without `--yes` and without a terminal nothing is changed, and the message says so."""
    api.add([BUNDLED / "articles.jsonl"], project)
    refused = run(project, "push")
    assert refused.exit_code == 2
    assert "--yes" in refused.stderr
    assert api.push(project, dry_run=True).plan.project is None
    assert run(project, "push", "--yes").exit_code == 0


def test_the_loop_twice_gives_the_same_bytes(pushed: Path, people: dict[str, annotators.Annotator]) -> None:
    """From two people's readings to a release; all of it again changes no byte and no commit."""
    annotate(pushed, people, *READ)
    pulled, checked = api.pull(pushed)
    assert (pulled.tasks, len(checked.annotations), len(checked.held)) == (10, 8, 0)
    assert checked.books["items"]["seen"] == checked.books["items"]["accepted"]
    made = api.adjudicate("intersection", pushed)
    assert sorted(made.decided) == ["hallow-pullback", "tarsin-drones", "velmark-warning"]
    assert list(made.open) == ["selva-refinery"]
    by_ben = api.adjudicate("annotator:Ben@example.org", pushed)
    assert set(by_ben.decided) == set(READ)
    api.adjudicate("intersection", pushed)
    report = api.release("1.0.0", pushed)
    before = exported(pushed)
    again, _ = api.pull(pushed)
    assert (again.new, again.full) == (0, False)
    assert api.pull(pushed, full=True)[0].new == 0
    api.check(pushed)
    api.adjudicate("intersection", pushed)
    assert not api.release("1.0.0", pushed).created
    assert exported(pushed) == before
    with loopback_hub.start() as hub:
        from curate.hub.publish import publish

        first = publish(report.folder, "demo/events", token=hub.token, endpoint=hub.url)
        second = publish(report.folder, "demo/events", token=hub.token, endpoint=hub.url)
    assert (first.changed, second.changed) == (True, False)
    assert first.commit == second.commit


def test_no_name_or_secret_in_what_is_written(pushed: Path, people: dict[str, annotators.Annotator]) -> None:
    """Exports other than the raw answers hold no e-mail and no key; private files are the owner's alone."""
    annotate(pushed, people, "tarsin-drones")
    api.pull(pushed)
    api.adjudicate("union", pushed)
    api.release("1.0.0", pushed)
    secrets = [b"@example.org", b"curate@localhost", os.environ["LABEL_STUDIO_API_KEY"].encode()]
    for name, content in exported(pushed).items():
        if not name.startswith("raw"):
            assert not any(secret in content for secret in secrets), name
    for path in (pushed / ".curate").glob("*.*"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path


def test_changes_are_pulled_and_deletions_counted(pushed: Path, people: dict[str, annotators.Annotator]) -> None:
    """A new annotation comes with the next pull; deleted ones leave and stand in the books."""
    annotate(pushed, people, "tarsin-drones")
    api.pull(pushed)
    annotate(pushed, people, "velmark-warning")
    pulled, checked = api.pull(pushed)
    assert pulled.new == 1
    assert len(checked.annotations) == 4
    gone = next(task for task in server_tasks(pushed) if task["data"]["article_id"] == "tarsin-drones")
    with client.connected(label_studio_credentials(read_settings(pushed))) as connection:
        connection.sdk.annotations.delete(id=int(next(iter(checked.annotations)).id))
        _, checked = api.pull(pushed)
        assert checked.books["annotations"]["excluded"] == {"deleted": 1}
        connection.sdk.tasks.delete(id=str(gone["id"]))
    pulled, checked = api.pull(pushed, full=True)
    assert pulled.gone == 1
    assert checked.books["annotations"] == {"seen": 4, "accepted": 2, "held": 0, "excluded": {"deleted": 2}}


def test_show_draws_what_was_read(pushed: Path, people: dict[str, annotators.Annotator]) -> None:
    """`show` names the events of each reading; an article without one gets a message."""
    annotate(pushed, people, "tarsin-drones")
    api.pull(pushed)
    shown = run(pushed, "show", "tarsin-drones")
    assert shown.exit_code == 0
    assert shown.stdout.count("Attack#1") >= 2
    assert run(pushed, "show", "marjan-outpost").exit_code == 2
    assert run(pushed, "show", "nowhere").exit_code == 2


def test_a_personal_access_token_works_too(
    pushed: Path, people: dict[str, annotators.Annotator], monkeypatch: pytest.MonkeyPatch
) -> None:
    """LABEL_STUDIO_API_KEY may hold a personal access token."""
    annotator = people["ana"]
    url = os.environ["LABEL_STUDIO_URL"]
    headers = {"X-CSRFToken": annotator.session.cookies["csrftoken"], "Referer": url}
    token = annotator.session.post(f"{url}/api/token/", headers=headers).json()["token"]
    monkeypatch.setenv("LABEL_STUDIO_API_KEY", token)
    assert api.push(pushed).plan.keep == 10


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("LABEL_STUDIO_API_KEY", "0" * 40, "refuses the key"),
        ("LABEL_STUDIO_URL", "http://127.0.0.1:9", "can't be reached"),
        ("LABEL_STUDIO_URL", "nonsense", "no web address"),
    ],
)
def test_a_wrong_server_or_key_gets_one_message(
    project: Path, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, told: str
) -> None:
    """Wrong key, server down, no url: one message with a fix, exit code 3, the key not shown."""
    api.add([BUNDLED / "articles.jsonl"], project)
    monkeypatch.setenv(variable, value)
    refused = run(project, "push", "--yes")
    assert refused.exit_code == 3
    assert told in refused.stderr
    assert "Fix:" in refused.stderr
    assert len(refused.stderr.splitlines()) <= 4
    assert os.environ["LABEL_STUDIO_API_KEY"] not in refused.stderr


def test_annotations_keep_what_the_annotator_did(pushed: Path, people: dict[str, annotators.Annotator]) -> None:
    """Submitted through the annotator's own session, a reading is under that annotator's pseudonym."""
    annotate(pushed, people, "tarsin-drones")
    api.pull(pushed)
    found = read_lines(Workspace(pushed).export("annotations.jsonl"), Annotation)
    assert len({annotation.annotator for annotation in found}) == 2
    assert {argument.attached_by for one in found for event in one.events for argument in event.arguments} == {
        "nesting"
    }


def test_a_lost_marker_loses_nothing(pushed: Path, people: dict[str, annotators.Annotator]) -> None:
    """When somebody empties the project's description, it is found again by what was pulled, and mended."""
    annotate(pushed, people, "tarsin-drones")
    api.pull(pushed)
    number = project_id(pushed)
    with client.connected(label_studio_credentials(read_settings(pushed))) as connection:
        client.update_project(connection, number, description="")
    _, checked = api.pull(pushed, full=True)
    assert len(checked.annotations) == 2
    mended = api.push(pushed)
    assert (mended.plan.project, mended.plan.projects[0].project_step.action, mended.plan.create) == (
        number,
        "update",
        [],
    )
    assert api.push(pushed).plan.changes == 0


def test_a_change_the_server_refuses_is_explained(pushed: Path, people: dict[str, annotators.Annotator]) -> None:
    """A type renamed without a rule for it is refused in one message while annotations use it, and the page stays."""
    annotate(pushed, people, "tarsin-drones")
    path = pushed / "schema.yaml"
    before = path.read_text(encoding="utf-8")
    path.write_text(before.replace("Damage", "Harm"), encoding="utf-8")
    refused = run(pushed, "push", "--yes")
    assert refused.exit_code == 3
    assert "Damage" in refused.stderr
    assert "write its new name under `renamed`" in refused.stderr
    path.write_text(before, encoding="utf-8")
    assert api.push(pushed).plan.changes == 0
