"""Articles taken back: out of the next release, named in its changelog, counted in the books."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner, Result

from curate import api
from curate.cli.app import app
from curate.errors import HubError
from curate.hub import chains, manifest
from curate.labelstudio.tasks import plan_push, task_data
from curate.records import Article
from curate.text import text_sha256
from curate.workspace import Workspace, read_articles
from sample_project import pulled

WITHDRAWN = "tarsin-drones"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project whose articles are adjudicated and released as 1.0.0."""
    folder = pulled(tmp_path / "project")
    api.adjudicate("intersection", folder)
    api.release("1.0.0", folder)
    return folder


def run(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["--project", str(folder), *arguments])


def released(folder: Path, version: str) -> manifest.Manifest:
    return manifest.read(folder / "exports" / "releases" / version)


def rows(folder: Path, version: str) -> dict[str, chains.Chain]:
    return {chain.id: chain for chain in chains.read(folder / "exports" / "releases" / version)}


def spoken(release: Path) -> str:
    """All that a release says: every file of text, every row of every table."""
    said = ""
    for path in (path for path in release.rglob("*") if path.is_file()):
        is_table = path.suffix == ".parquet"
        said += str(pq.read_table(path).to_pylist()) if is_table else path.read_text("utf-8")  # type: ignore[no-untyped-call]
    return said


def readings(folder: Path, version: str) -> int:
    return sum(len(chain.annotations) for chain in rows(folder, version).values())


def test_a_withdrawn_article_is_out_of_the_next_release(project: Path) -> None:
    """Neither its record nor a reading of it, nor a word of its text, is in any file; the changelog names it."""
    done = run(project, "--json", "withdraw", WITHDRAWN, "--reason", "the publisher asked")
    assert json.loads(done.stdout) == {"changed": [WITHDRAWN], "unchanged": [], "releases": ["1.0.0"]}
    report = api.release("1.1.0", project)
    after = released(project, "1.1.0")
    assert WITHDRAWN in rows(project, "1.0.0")
    assert WITHDRAWN not in rows(project, "1.1.0")
    assert after["withdrawn"] == [WITHDRAWN]
    assert f"Withdrawn: {WITHDRAWN}." in (report.folder / "CHANGELOG.md").read_text(encoding="utf-8")
    assert readings(project, "1.1.0") == readings(project, "1.0.0") - 2
    words = read_articles(Workspace(project))[WITHDRAWN].text[:60]
    assert words in spoken(project / "exports" / "releases" / "1.0.0")
    assert words not in spoken(report.folder)
    assert "the publisher asked" not in spoken(report.folder)


def test_a_release_that_holds_it_is_no_longer_published(project: Path) -> None:
    """A release made before it was withdrawn doesn't leave the machine any more; let back in, it may."""
    api.withdraw([WITHDRAWN], project)
    done = run(project, "publish", "demo/airbase", "--version", "1.0.0", "--yes")
    assert (done.exit_code, done.stdout) == (2, "")
    assert f"withdrawn since: {WITHDRAWN}" in done.stderr
    assert "curate release VERSION" in done.stderr
    api.withdraw([WITHDRAWN], project, undo=True)
    with pytest.raises(HubError, match="no token"):
        api.publish("demo/airbase", "1.0.0", project)


def test_its_items_are_counted_as_left_out(project: Path) -> None:
    """The books of the release still add up, with the items of both readings in one line."""
    before = api.read_books(Workspace(project))["release"]
    api.withdraw([WITHDRAWN], project)
    api.release("1.1.0", project)
    after = api.read_books(Workspace(project))["release"]
    items = sum(
        len(annotation.items)
        for annotation in api.pulled_annotations(Workspace(project))
        if annotation.article_id == WITHDRAWN
    )
    assert (before["left out"], after["left out"]) == (0, items)
    assert after["accepted"] == before["accepted"]


def test_nobody_is_given_a_withdrawn_article() -> None:
    """A push makes no task for it, and names the task that is there: nothing is deleted that people worked on."""
    articles = {name: Article(id=name, text=f"{name}.", text_sha256=text_sha256(f"{name}.")) for name in "abc"}
    there = [{"id": 7, "data": task_data(articles["b"])}, {"id": 8, "data": task_data(articles["c"])}]
    made = plan_push(articles, None, there, {"title": "Events"}, withdrawn={"a", "b"})
    assert (made.create, made.keep, made.tasks) == ([], 1, [])
    [notice] = made.notices
    assert "task 7" in notice
    assert "'b' is withdrawn" in notice
    assert [one.id for one in plan_push(articles, None, there, {"title": "Events"}).create] == ["a"]


def test_twice_is_as_once_and_can_be_undone(project: Path) -> None:
    """A second time changes nothing; undone, the next release is as if nothing had been withdrawn."""
    assert api.withdraw([WITHDRAWN], project).changed == (WITHDRAWN,)
    content = (project / "withdrawn.jsonl").read_bytes()
    again = api.withdraw([WITHDRAWN], project, reason="another")
    assert (again.changed, again.unchanged) == ((), (WITHDRAWN,))
    assert (project / "withdrawn.jsonl").read_bytes() == content
    assert run(project, "withdraw", "--undo", WITHDRAWN).exit_code == 0
    api.release("1.1.0", project)
    assert rows(project, "1.1.0") == rows(project, "1.0.0")
    assert released(project, "1.1.0")["withdrawn"] == []


def test_an_article_that_was_never_released_is_not_named(tmp_path: Path) -> None:
    """What was withdrawn before it was out stays unmentioned."""
    folder = pulled(tmp_path / "project")
    api.adjudicate("intersection", folder)
    api.withdraw([WITHDRAWN], folder)
    report = api.release("1.0.0", folder)
    assert released(folder, "1.0.0")["withdrawn"] == []
    assert all(WITHDRAWN.encode() not in path.read_bytes() for path in report.folder.rglob("*.*") if path.is_file())


def test_a_wrong_id_is_refused_with_the_nearest(project: Path) -> None:
    """Nothing is withdrawn when one of the ids is unknown."""
    done = run(project, "withdraw", WITHDRAWN, "selva-refinary")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "Did you mean selva-refinery?" in done.stderr
    assert not (project / "withdrawn.jsonl").exists()


def test_a_release_of_nothing_is_refused(project: Path) -> None:
    """When every record is withdrawn there is a message and no folder."""
    api.withdraw(list(rows(project, "1.0.0")), project)
    done = run(project, "release", "1.1.0")
    assert done.exit_code == 2
    assert "every one is withdrawn" in done.stderr
    assert not (project / "exports" / "releases" / "1.1.0").exists()


def test_it_is_nobodys_work_any_more(tmp_path: Path) -> None:
    """Neither to be settled nor counted among the articles, open or settled, and the books still say the same."""
    folder = pulled(tmp_path / "project")
    opened = next(iter(api.adjudicate("agree", folder).open))
    settled = next(iter(api.adjudicate("agree", folder).decided))
    records = Workspace(folder).export("adjudicated.jsonl").read_bytes()
    before = json.loads(run(folder, "status", "--json").stdout)["articles"]
    api.withdraw([opened, settled], folder)
    told = json.loads(run(folder, "adjudicate", "--json").stdout)
    assert told["withdrawn"] == sorted([opened, settled])
    assert not {opened, settled} & {*told["open"], *told["decided"], *told["waiting"]}
    assert opened not in run(folder, "adjudicate").stderr
    assert Workspace(folder).export("adjudicated.jsonl").read_bytes() == records
    after = json.loads(run(folder, "status", "--json").stdout)
    assert after["articles"] == before | {name: before[name] - 1 for name in ("open", "settled")} | {"total": 8}
    assert (after["withdrawn"], after["disagreements"]) == (2, [])
    api.check(folder)
    assert api.status(folder).disagreements == []
    assert "2 articles" in run(folder, "status").stdout
    assert "2 more are withdrawn." in api.report(folder).path.read_text(encoding="utf-8")
