"""A backup of a running server, its folder lost, and the way back: nothing lost, links and sessions still good."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from curate import api
from curate.cli.app import app
from curate.demo import annotators
from curate.demo.running import BUNDLED, marked_result
from curate.errors import ServerError
from curate.labelstudio import server
from curate.labelstudio.folder import write_note
from curate.labelstudio.versions import installed_version, last_used
from curate.settings import read_settings
from curate.starting import init
from curate.workspace import Workspace, read_articles


@pytest.fixture(scope="module")
def project(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A project with a server of its own and the bundled articles pushed."""
    folder = init(tmp_path_factory.mktemp("backup") / "airbase")
    shutil.copytree(migrated, folder / ".curate", dirs_exist_ok=True)
    server.start(folder / ".curate")
    api.add([BUNDLED / "articles.jsonl"], folder)
    api.push(folder)
    yield folder
    server.stop(folder / ".curate")


def run(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["--project", str(folder), *arguments])


def submit(folder: Path, person: annotators.Annotator, url: str, *articles: str) -> None:
    """Submit bundled readings in an annotator's own session."""
    schema, known = api.load_schema(read_settings(folder)), read_articles(Workspace(folder))
    number = int(str(api.push(folder, dry_run=True).plan.project))
    tasks = annotators.tasks_of(person, url, number)
    for article in articles:
        path = BUNDLED / "readings" / "ana" / f"{article}.txt"
        annotators.submit(person, url, tasks[article], marked_result(path, known[article], schema))


def test_a_lost_folder_comes_back_whole(project: Path, tmp_path: Path) -> None:
    """After the loss of ``.curate``, a restore brings annotations, accounts, sessions, links and pseudonyms back."""
    private = project / ".curate"
    before = server.status(private)
    person = annotators.sign_up(str(before.invite_url), "ana@example.org")
    submit(project, person, str(before.url), "tarsin-drones", "velmark-warning")
    api.pull(project)
    exported = (project / "exports" / "annotations.jsonl").read_bytes()

    file = tmp_path / "airbase.tar.gz"
    done = run(project, "server", "backup", str(file), "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["counts"]["annotations"] == 2
    with pytest.raises(ServerError, match="is up"):
        api.restore(file, project)
    server.stop(private)
    shutil.rmtree(private)

    assert run(project, "server", "restore", str(file)).exit_code == 2
    assert run(project, "server", "restore", str(file), "--yes").exit_code == 0
    after = server.start(private)
    assert (after.url, after.invite_url, after.email) == (before.url, before.invite_url, before.email)
    assert api.push(project).plan.changes == 0
    assert api.pull(project)[0].new == 0
    assert (project / "exports" / "annotations.jsonl").read_bytes() == exported
    submit(project, person, after.url, "selva-refinery")
    person.session.close()
    assert api.pull(project)[0].new == 1


def test_another_label_studio_starts_on_a_copied_database(project: Path) -> None:
    """Data last used with another version is copied before the start, which says so, and once only."""
    private = project / ".curate"
    server.stop(private)
    write_note(private / "server" / "version.json", {"label_studio": "1.22.0"})
    first = run(project, "server", "start")
    assert "last used with Label Studio 1.22.0" in first.stderr
    (copied,) = (private / "backups").glob("*-before-label-studio-*.tar.gz")
    assert str(copied) in first.stderr
    assert last_used(private) == installed_version()
    server.stop(private)
    assert "last used" not in run(project, "server", "start").stderr
    assert list((private / "backups").glob("*-before-label-studio-*.tar.gz")) == [copied]
