"""How far everybody is with what they were given, and how far people agree with themselves."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from curate import api
from curate.accounts import account_names
from curate.cli.app import app
from curate.demo.running import BUNDLED, marked_result
from curate.labelstudio.tasks import AGAIN, ANNOTATE, Marker
from curate.records import Annotation, Article, Assignment, canonical_json
from curate.settings import read_settings
from curate.starting import init
from curate.working import BEGUN, DONE, HELD, SKIPPED, Progress, Work, progress_of, work_of
from curate.workspace import Workspace, read_articles, read_lines, write_lines, write_private
from sample_project import annotation

ANA, BEN = "ana.reed@example.org", "ben.stone@example.org"
DRONES, WARNING, REFINERY = "tarsin-drones", "velmark-warning", "selva-refinery"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Two people with projects of their own: Ana read two articles and one of them again, Ben has begun one."""
    folder = init(tmp_path / "airbase")
    api.add([BUNDLED / "articles.jsonl"], folder)
    workspace = Workspace(folder)
    write_private(workspace, "people.json", {"11": ANA, "12": BEN})
    ana, ben = (pseudonym_of(folder, account) for account in (ANA, BEN))
    write_private(workspace, "annotators.json", {ana: "active", ben: "active"})
    given = [Assignment(article_id=name, annotator=who) for name in (DRONES, REFINERY, WARNING) for who in (ana, ben)]
    write_lines(workspace.assignments, [*given, Assignment(article_id=DRONES, annotator=ana, again=True)])
    read = [task(folder, 1, DRONES, "11", "ana"), task(folder, 2, WARNING, "11", "ana"), task(folder, 3, REFINERY)]
    say(workspace, 1, ANNOTATE, ana, read)
    say(workspace, 2, AGAIN, ana, [task(folder, 4, DRONES, "11", "ben")])
    draft = {"id": 1, "annotation": None, "user": 12, "created_at": "2026-01-02", "updated_at": "", "result": []}
    theirs = [task(folder, 5, DRONES), task(folder, 6, WARNING), {"drafts_of": 6, "drafts": [draft]}]
    say(workspace, 3, ANNOTATE, ben, theirs)
    api.check(folder)
    return folder


def pseudonym_of(folder: Path, account: str) -> str:
    return next(who for who, one in account_names(Workspace(folder)).items() if one == account)


def task(folder: Path, number: int, name: str, user: str = "", reading: str = "") -> dict[str, Any]:
    article = read_articles(Workspace(folder))[name]
    data = {"article_id": name, "text": article.text, "text_sha256": article.text_sha256}
    made = []
    if reading:
        schema = api.load_schema(read_settings(folder))
        made = [
            annotation(
                number, int(user), marked_result(BUNDLED / "readings" / reading / f"{name}.txt", article, schema)
            )
        ]
    return {"id": number, "project": 1, "data": data, "annotations": made, "predictions": []}


def say(workspace: Workspace, number: int, purpose: str, who: str, answers: list[dict[str, Any]]) -> None:
    """Lay answers of a project into the raw folder."""
    folder = workspace.raw / f"project-{number}-20260101"
    folder.mkdir(parents=True)
    marker = {"marker": Marker("ws", purpose, who, "s@1#d").write()}
    (folder / "000001.jsonl").write_bytes(b"".join(canonical_json(one) + b"\n" for one in (marker, *answers)))


def run(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["--project", str(folder), *arguments])


def test_status_says_how_far_everybody_is(project: Path) -> None:
    """By what they were given: done, begun and left add up, and so it says to who reads it."""
    ana, ben = (pseudonym_of(project, account) for account in (ANA, BEN))
    reached = api.status(project).reached
    assert reached[ana] == Progress(assigned=4, begun=0, done=3, held=0, skipped=0, left=1, again=1)
    assert reached[ben] == Progress(assigned=3, begun=1, done=0, held=0, skipped=0, left=2, again=0)
    told = run(project, "status").stdout
    assert "4 assigned = 3 done + 0 begun + 0 skipped + 1 left (1 to read again)" in told
    assert ANA not in told
    assert json.loads(run(project, "status", "--json").stdout)["assigned"][ben]["begun"] == 1
    assert f"{ana}  active  4 assigned" in run(project, "people", "list").stdout
    assert ANA in run(project, "people", "list", "--names").stdout


def test_who_reads_again_is_no_second_annotator(project: Path) -> None:
    """The second reading stands apart, in the books and in the files; nothing but self-agreement is made of it."""
    workspace = Workspace(project)
    again = read_lines(workspace.export("rereadings.jsonl"), Annotation)
    assert [(one.article_id, one.id) for one in again] == [(DRONES, "4")]
    assert {one.id for one in read_lines(workspace.export("annotations.jsonl"), Annotation)} == {"1", "2"}
    assert api.read_books(workspace)["pull"]["annotations"]["excluded"] == {"draft": 1, "reread": 1}
    assert api.agree(project, samples=0).articles == 0
    assert api.adjudicate("agree", project).open[DRONES] == "1 of 2 readings"
    measured = api.agree_again(project, samples=0)
    assert measured is not None
    assert (measured.articles, measured.pairs) == (1, 1)
    [pair] = measured.people_pairs
    assert pair.one == pseudonym_of(project, ANA)
    assert (measured.overall["exact"]["tri_c"].value, measured.overall["exact"]["tri_c"].stated) == (1.0, 10.0)
    told = run(project, "agree", "--samples", "0").stdout
    assert "1 article read again by the same person" in told
    assert json.loads(run(project, "agree", "--samples", "0", "--json").stdout)["again"]["articles"] == 1


def test_a_person_who_leaves_keeps_what_they_did(project: Path) -> None:
    """What Ben began counts as nothing once he left, what Ana did stays, and nobody is told who is not there."""
    ana, ben = (pseudonym_of(project, account) for account in (ANA, BEN))
    removed = run(project, "people", "remove", BEN)
    assert removed.exit_code == 0
    assert ben in removed.stdout
    assert "accounts stay" in removed.stderr
    made = api.assign(project, refresh=False)
    assert {one.annotator for one in made.taken} == {ben}
    assert {(one.article_id, one.annotator) for one in made.allotment.assignments if one.annotator == ben} == {
        (WARNING, ben)
    }
    assert all(made.allotment.missing[name] == 1 for name in (DRONES, WARNING, REFINERY))
    assert {one.article_id for one in made.allotment.assignments if one.annotator == ana} == set(
        read_articles(Workspace(project))
    )
    assert api.assign(project, refresh=False).changes == 0
    assert run(project, "people", "remove", "nobody@example.org").exit_code == 2


def test_what_counts_for_more_is_what_somebody_did() -> None:
    """A reading counts before a draft, a draft before a skip; work on an older text and of nobody known doesn't."""
    article = Article(id="a", text="x", text_sha256="1")
    marker = Marker("ws", ANNOTATE, "p1", "s@1#d").write()
    data = {"article_id": "a", "text_sha256": "1"}

    def one(number: int, made: list[tuple[int, int, bool]], **changed: str) -> dict[str, Any]:
        annotations = [{"id": i, "completed_by": who, "was_cancelled": skipped} for i, who, skipped in made]
        return {"id": number, "marker": marker, "data": data | changed, "annotations": annotations}

    tasks = [
        one(1, [(1, 1, True), (2, 1, False), (3, 2, True), (4, 4, False)]),
        one(2, [(9, 5, False)], text_sha256="0"),
    ]
    drafts = [{"id": 1, "task": 1, "user": 2}, {"id": 2, "task": 1, "user": None}, {"id": 3, "task": 8, "user": 3}]
    found = work_of(tasks, drafts, {"a": article}, lambda user: f"p{user}", {"4"})
    assert [(work.annotator, work.state, work.own) for work in found] == [
        ("p1", DONE, True),
        ("p2", BEGUN, False),
        ("p4", HELD, False),
    ]


def test_progress_counts_each_assignment_once() -> None:
    """Whatever is done outside what somebody was given doesn't count for it."""
    given = [Assignment(article_id=name, annotator="p1") for name in ("a", "b", "c")]
    work = [Work("p1", "a", HELD), Work("p1", "b", SKIPPED), Work("p1", "z", DONE), Work("p1", "c", DONE, again=True)]
    assert progress_of(given, work) == {"p1": Progress(3, 0, 1, 1, 1, 1, 0)}
