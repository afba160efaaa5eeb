"""What adjudicators submit, from the raw answers to the books of a release, without a server."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from curate import api
from curate.cli import publishing
from curate.cli.app import app
from curate.demo.running import BUNDLED, marked_result
from curate.errors import UsageError
from curate.labelstudio.controls import ARTICLE_REASON, REASON
from curate.records import Adjudication, Annotation, Decision, Record, canonical_json
from curate.settings import read_settings
from curate.workspace import Workspace, read_articles, read_lines, write_private
from sample_project import PEOPLE, annotation, pulled

ARTICLE = "selva-refinery"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return pulled(tmp_path / "project")


def adjudicated(folder: Path, *results: list[dict[str, Any]], article_id: str = ARTICLE) -> None:
    """Lay the answer of an adjudication project into the raw folder, with one annotation for each result."""
    workspace = Workspace(folder)
    article = read_articles(workspace)[article_id]
    data = {"article_id": article.id, "text": article.text, "text_sha256": article.text_sha256, "shown": []}
    made = [annotation(9000 + number, 21 + number, result) for number, result in enumerate(results)]
    task = {"id": 900, "project": 2, "data": data, "annotations": made, "drafts": [], "predictions": []}
    raw = workspace.raw / "project-2-20260102"
    raw.mkdir(parents=True, exist_ok=True)
    (raw / "000001.jsonl").write_bytes(canonical_json(task) + b"\n")
    write_private(workspace, "people.json", {**PEOPLE, "21": "joy@example.org", "22": "kim@example.org"})


def reading(folder: Path, name: str = "ben", article_id: str = ARTICLE) -> list[dict[str, Any]]:
    settings = read_settings(folder)
    article = read_articles(Workspace(folder))[article_id]
    return marked_result(BUNDLED / "readings" / name / f"{article_id}.txt", article, api.load_schema(settings))


def test_an_adjudication_is_read_apart(project: Path) -> None:
    """What an adjudicator submitted is in a file of its own, is no third reading, and stands in the books."""
    before = api.check(project)
    kept = list(before.annotations)
    adjudicated(project, reading(project))
    checked = api.check(project)
    workspace = Workspace(project)
    (made,) = read_lines(workspace.export("adjudications.jsonl"), Adjudication)
    assert made.annotation.article_id == ARTICLE
    assert list(checked.annotations) == kept
    items = len(made.annotation.items)
    assert checked.books["items"]["accepted"] == before.books["items"]["accepted"] + items
    assert checked.books["annotations"]["accepted"] == before.books["annotations"]["accepted"] + 1
    standing = api.status(project)
    assert standing.disagreements == []
    assert (standing.standing.tasks, standing.standing.other_tasks) == (10, {"adjudicate": 1})
    told = CliRunner().invoke(app, ["--project", str(project), "status"]).stdout
    assert "11 = 10 of articles + 1 for adjudication\n" in told


def test_a_settled_article_is_released(project: Path) -> None:
    """The record is what was settled, and every item of the adjudicator stands in the books of the release."""
    assert ARTICLE in api.adjudicate("intersection", project).open
    adjudicated(project, reading(project))
    api.check(project)
    made = api.adjudicate("intersection", project)
    assert made.decided[ARTICLE] == "adjudicator"
    records = {one.id: one for one in read_lines(Workspace(project).export("adjudicated.jsonl"), Record)}
    (settled,) = api.pulled_adjudications(Workspace(project))
    assert [one.id for one in records[ARTICLE].events] == [one.id for one in settled.annotation.events]
    report = api.release("1.0.0", project)
    books = json.loads((project / "exports" / "books.json").read_text())
    assert books["release"]["accepted"] == books["pull"]["items"]["accepted"]
    read = [one for one in api.pulled_annotations(Workspace(project)) if one.article_id in records]
    assert sum(report.rows["annotations"].values()) == len(read)


def test_an_adjudication_with_an_error_is_held(project: Path) -> None:
    """What an adjudicator submitted is checked like any reading: an error holds it, and the article stays open."""
    adjudicated(project, [entry for entry in reading(project) if entry.get("type") != "labels"])
    checked = api.check(project)
    assert list(checked.adjudications) == []
    assert {entry["task_id"] for entry in checked.held} >= {900}
    assert ARTICLE in api.adjudicate("intersection", project).open


def test_a_reader_may_settle_too(project: Path) -> None:
    """Who read an article and settles it has said two things, and neither takes the other's place."""
    adjudicated(project, reading(project))
    write_private(Workspace(project), "people.json", {**PEOPLE, "21": PEOPLE["11"]})
    checked = api.check(project)
    assert "superseded" not in checked.books["annotations"]["excluded"]
    api.adjudicate("intersection", project)
    api.release("1.0.0", project)


def test_reasons_are_read(project: Path) -> None:
    """A reason given on a region or for the article is logged with the choices it is about."""
    region = {"id": "t1", "type": "choices", "from_name": REASON, "to_name": "text", "value": {"choices": ["slip"]}}
    whole = {"id": "x", "type": "choices", "from_name": ARTICLE_REASON, "value": {"choices": ["guideline-gap"]}}
    adjudicated(project, [*reading(project), region, whole])
    api.check(project)
    api.adjudicate("agree", project)
    decisions = read_lines(Workspace(project).export("decisions.jsonl"), Decision)
    codes = {one.about: one.code for one in decisions if one.adjudicators}
    assert set(codes.values()) == {"slip", "guideline-gap"}
    api.release("1.0.0", project)
    wrong = {**region, "value": {"choices": ["whim"]}}
    adjudicated(project, [*reading(project), wrong])
    assert {found.code for found in api.check(project).findings} >= {"attribute-value"}


def test_the_next_command_keeps_the_policy(project: Path) -> None:
    """Going on with another policy than one began with would settle the articles otherwise."""
    told = CliRunner().invoke(app, ["--project", str(project), "adjudicate", "--policy", "union"]).stderr
    assert "Next: curate adjudicate --policy union --push" in told
    told = CliRunner().invoke(app, ["--project", str(project), "adjudicate"]).stderr
    assert "Next: curate adjudicate --push" in told
    assert "or curate release 1.0.0" in told


def test_the_next_command_names_a_version_that_is_free(project: Path) -> None:
    """One above the highest there is, by numbers; what is no version doesn't count."""
    for name in ("1.9.3", "1.10.1", "later"):
        (project / "exports/releases" / name).mkdir(parents=True)
    told = CliRunner().invoke(app, ["--project", str(project), "adjudicate"]).stderr
    assert "or curate release 1.11.0" in told


def test_a_long_list_of_open_articles_is_cut(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is open beyond a screen is counted, and listed where one asks for it."""
    monkeypatch.setattr(publishing, "OPEN_SHOWN", 2)
    number = len(api.adjudicate(project=project).open)
    told = CliRunner().invoke(app, ["--project", str(project), "adjudicate"]).stderr.splitlines()
    assert sum(line.startswith("open: ") for line in told) == 3
    assert f"open: {number - 2} more: --verbose, or exports/decisions.jsonl" in told
    told = CliRunner().invoke(app, ["--verbose", "--project", str(project), "adjudicate"]).stderr.splitlines()
    assert sum(line.startswith("open: ") for line in told) == number > 3


def test_two_label_studios_that_count_alike_are_told_apart(project: Path) -> None:
    """Where an annotation of another server has the number of one that is there, nothing is made of either.

    The check says so at once, every time, and leaves what it made before; nothing is adjudicated meanwhile.
    """
    workspace = Workspace(project)
    first, second, *_ = read_lines(workspace.export("annotations.jsonl"), Annotation)
    article = read_articles(workspace)[second.article_id]
    data = {"article_id": article.id, "text": article.text, "text_sha256": article.text_sha256}
    other = annotation(int(first.id), 31, reading(project, article_id=article.id))
    task = {"id": 5, "project": 9, "data": data, "annotations": [other], "drafts": [], "predictions": []}
    raw = workspace.raw / "project-9-file"
    raw.mkdir()
    (raw / "000001.jsonl").write_bytes(canonical_json(task) + b"\n")
    before = {path.name: path.read_bytes() for path in workspace.exports.glob("*.json*")}
    for _ in range(2):
        with pytest.raises(UsageError, match=f"two annotations have the number {first.id}, the second of {article.id}"):
            api.check(project)
    for verb in (partial(api.adjudicate, "union"), api.agree, api.report):
        with pytest.raises(UsageError, match="not all checked"):
            verb(project=project)
    assert api.status(project).disagreements != []
    assert {path.name: path.read_bytes() for path in workspace.exports.glob("*.json*")} == before
