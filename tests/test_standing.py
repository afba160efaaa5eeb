"""Where the work stands: every article in one stage, every annotation in one line, and the books say the same."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from curate import api
from curate.answers import Pulled, Told
from curate.cli.app import app
from curate.errors import UsageError
from curate.records import Annotation, Article, canonical_json
from curate.standing import FATES, STAGES, Read, disagreements, stand
from curate.starting import init
from curate.text import text_sha256
from curate.workspace import Workspace
from sample_project import PEOPLE, annotation, pulled


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The bundled articles with their readings, checked."""
    return pulled(tmp_path / "airbase")


def run(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["--project", str(folder), *arguments])


def files(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def answer(project: Path, number: int, **changes: Any) -> None:
    """Let the server have said something newer of a task."""
    raw = next(Workspace(project).raw.glob("project-*"))
    tasks = [json.loads(line) for path in sorted(raw.glob("*.jsonl")) for line in path.read_bytes().splitlines()]
    task = next(task for task in reversed(tasks) if task.get("id") == number)
    made = len(list(raw.glob("*.jsonl"))) + 1
    (raw / f"{made:06d}.jsonl").write_bytes(canonical_json({**task, **changes}) + b"\n")


def test_the_sums_add_up_and_nothing_is_written(project: Path) -> None:
    """Stages add up to the articles, fates and people to the annotations, and status leaves every file as it is."""
    before = files(project)
    done = run(project, "status", "--json")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    articles, annotations, people = told["articles"], told["annotations"], told["people"]
    assert articles["total"] == sum(articles[stage] for stage in STAGES) == 10
    assert annotations["total"] == sum(annotations[fate] for fate in FATES) == 19
    assert {fate: sum(one[fate] for one in people.values()) for fate in FATES} == {
        fate: annotations[fate] for fate in FATES
    }
    books = api.read_books(Workspace(project))["pull"]
    assert articles["undecided"] + articles["waiting"] == books["articles"]["accepted"]
    assert (annotations["accepted"], annotations["held"]) == (
        books["annotations"]["accepted"],
        books["annotations"]["held"],
    )
    assert told["disagreements"] == []
    assert told["pulled_at"] is None
    assert files(project) == before


def test_looking_makes_no_fingerprint(project: Path) -> None:
    """Where the fingerprint of the key is missing, status leaves it so."""
    mark = project / "exports" / "pseudonyms.json"
    content = mark.read_bytes()
    mark.unlink()
    try:
        assert run(project, "status").exit_code == 0
        assert not mark.exists()
    finally:
        mark.write_bytes(content)


def test_articles_move_on(project: Path) -> None:
    """Adjudicated articles are settled or open, and a release is counted."""
    api.adjudicate("agree", project)
    articles = api.status(project).standing.articles
    records = Workspace(project).export("adjudicated.jsonl").read_bytes().splitlines()
    assert articles["settled"] == len(records) > 0
    assert articles["open"] > 0
    assert articles["undecided"] == 0
    assert api.status(project).release is None
    api.release("1.0.0", project)
    told = api.status(project)
    assert (told.release, told.released) == ("1.0.0", len(records))


def test_what_does_not_count_is_named_by_person(project: Path, tmp_path: Path) -> None:
    """Skips, drafts, second readings and deleted annotations stand in lines of their own; a new article is unread."""
    task = json.loads(next(Workspace(project).raw.glob("project-*/000001.jsonl")).read_bytes().splitlines()[0])
    skip = annotation(901, 12, []) | {"was_cancelled": True}
    again = annotation(902, 11, task["annotations"][0]["result"]) | {"created_at": "2026-02-01T00:00:00.000000Z"}
    answer(project, 1, annotations=[task["annotations"][0], again, skip])
    drafts = {"drafts_of": 1, "drafts": [{"id": 5, "user": 12, "result": []}, {"id": 6, "user": None, "result": []}]}
    (next(Workspace(project).raw.glob("project-*")) / "000009.jsonl").write_bytes(canonical_json(drafts) + b"\n")
    (tmp_path / "new.txt").write_text("The ministry said nothing.")
    api.add([tmp_path / "new.txt"], project)
    stale = run(project, "status")
    assert stale.exit_code == 1
    assert "curate check" in stale.stderr
    assert run(project, "check").exit_code == 0
    told = json.loads(run(project, "status", "--json").stdout)
    assert told["disagreements"] == []
    counted = {fate: told["annotations"][fate] for fate in ("skipped", "draft", "superseded", "deleted")}
    assert counted == {"skipped": 1, "draft": 2, "superseded": 1, "deleted": 1}
    assert told["articles"]["not pushed"] == 1
    assert sorted(one["draft"] for one in told["people"].values()) == [0, 1, 1]


def test_account_names_stay_on_the_terminal(project: Path) -> None:
    """Pseudonyms by default, names on request, and never in JSON."""
    plain = run(project, "status")
    named = run(project, "status", "--names")
    for account in PEOPLE.values():
        assert account not in plain.stdout
        assert account in named.stdout
        assert account not in run(project, "status", "--json").stdout
        assert account not in repr(api.status(project))
    assert run(project, "status", "--names", "--json").exit_code == 2


def test_a_new_project_has_a_status(tmp_path: Path) -> None:
    """Before a server was asked, it says so and counts what is there."""
    project = init(tmp_path / "airbase")
    done = run(project, "status")
    assert done.exit_code == 0
    assert "No Label Studio was asked yet" in done.stdout
    assert "not pushed" not in done.stdout
    assert done.stdout.endswith("articles  0\n")
    assert not (project / "exports").exists()


def test_books_that_say_something_else_are_told() -> None:
    """Each line that differs is named with both figures."""
    standing = stand({}, Pulled([]), Read(), lambda _: 2, str)
    nobody = {"articles": {"seen": 0, "accepted": 0, "held": 0, "waiting": 0}, "annotations": {}}
    made = {"seen": 2, "accepted": 1, "held": 0, "excluded": {"skipped": 1}}
    lines = ["annotations seen", "annotations accepted", "annotations skipped"]
    told = disagreements(standing, {"pull": nobody | {"annotations": made}, "check": {"people": {}}})
    assert [line.split(":")[0] for line in told] == lines
    told = disagreements(standing, {"pull": nobody, "check": {"people": {"ana": {"annotations": made}}}})
    assert [line.split(":")[0] for line in told] == [line.replace("s ", "s of ana ") for line in lines]


def test_of_two_people_under_one_number_each_has_their_own(project: Path) -> None:
    """Status and books say the same of both, in all and of each, whichever comes first."""
    raw = next(Workspace(project).raw.glob("project-*"))
    lines = (raw / "000001.jsonl").read_bytes().splitlines()
    task = next(task for task in map(json.loads, lines) if task["annotations"])
    for place, name in enumerate(("project-0-file", "project-9-file")):
        other = task["annotations"][place] | {"completed_by": 90 + place}
        data = task["data"] | {"text": "Another text.", "text_sha256": text_sha256("Another text.")}
        (raw.parent / name).mkdir()
        said = {**task, "id": 9_000 + place, "data": data, "annotations": [other]}
        (raw.parent / name / "000001.jsonl").write_bytes(canonical_json(said) + b"\n")
    people = api.check(project).finer_books["people"]
    stood = api.status(project)
    assert stood.disagreements == []
    assert sorted(one["accepted"] for one in stood.standing.people.values()) == [0, 0, 9, 10]
    for who, counted in stood.standing.people.items():
        assert counted["accepted"] == people[who]["annotations"]["accepted"]
        assert counted["superseded"] == people[who]["annotations"]["excluded"].get("superseded", 0)


def test_nothing_is_made_of_what_is_not_all_checked(project: Path) -> None:
    """An answer was kept and the check of it did not come to an end: whatever reads the annotations says so."""
    api.adjudicate(project=project)
    before = files(project / "exports")
    answer(project, 1, updated_at="2026-02-01T00:00:00Z")
    for verb in (api.adjudicate, api.agree, api.report):
        with pytest.raises(UsageError, match="not all checked") as told:
            verb(project=project)
        assert told.value.fix == "Run: curate check"
    done = run(project, "status")
    assert (done.exit_code, done.stderr.count("not all checked. Run: curate check")) == (1, 1)
    kept = files(project / "exports")
    assert {name: kept[name] for name in before} == before
    api.check(project)
    api.adjudicate(project=project)
    assert run(project, "status").exit_code == 0


TEXT = "Troops crossed the river."


@given(
    st.lists(st.lists(st.tuples(st.integers(1, 3), st.sampled_from(["accepted", "held", "skipped", "other"])))),
    st.integers(1, 3),
)
def test_every_article_and_annotation_stands_once(tasks: list[list[tuple[int, str]]], overlap: int) -> None:
    """Whatever people did, stages add up to the articles and fates to the annotations, in total and by person."""
    articles = {f"a{n}": Article(id=f"a{n}", text=TEXT, text_sha256=text_sha256(TEXT)) for n in range(len(tasks) + 1)}
    accepted, held, listed, number = [], [], [], 0
    for position, made in enumerate(tasks):
        annotations = []
        for user, fate in made:
            number += 1
            annotations.append({"id": number, "completed_by": user, "was_cancelled": fate == "skipped"})
            if fate == "accepted":
                accepted.append(reading(number, f"a{position}", str(user)))
            if fate == "held":
                held.append({"annotation_id": str(number), "article_id": f"a{position}", "annotator": str(user)})
        data = {"article_id": f"a{position}", "text_sha256": text_sha256(TEXT)}
        listed.append({"id": position, "data": data, "annotations": annotations})
    told = [Told("", b"", *[partial(dict, task)] * 2) for task in listed]
    standing = stand(
        articles,
        Pulled(told),
        Read(accepted, held),
        lambda _: overlap,
        str,
    )
    assert sum(standing.articles.values()) == len(articles)
    assert standing.articles["not pushed"] == 1
    assert standing.tasks == len(tasks)
    assert sum(standing.annotations.values()) == number
    assert sum(sum(counted.values()) for counted in standing.people.values()) == number
    assert standing.annotations["accepted"] == len(accepted)


def reading(number: int, article: str, annotator: str) -> Annotation:
    """An accepted annotation without events."""
    return Annotation(
        id=str(number),
        task_id=number,
        article_id=article,
        text_sha256=text_sha256(TEXT),
        annotator=annotator,
        schema=None,
        created_at="",
        updated_at="",
        lead_time=None,
        events=[],
        clusters=[],
        links=[],
        items=[],
        notes=[],
    )
