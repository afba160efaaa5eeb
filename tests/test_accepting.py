"""What is accepted as it is: which pieces go, what can't stand without them, and what the books say."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from checking_answers import check_all
from curate import api
from curate.checking import Checked
from curate.cli.app import app
from curate.errors import UsageError
from curate.findings import CODES, ERROR, WHOLE
from curate.judging import Context
from curate.labelstudio.writing import stamp_result
from curate.records import Article, json_lines
from curate.schema.compiling import annotation_schema
from curate.settings import read_settings, with_accepted
from curate.shapes import compile_validator
from curate.text import text_sha256
from curate.validation import check_annotation
from curate.workspace import Workspace
from event_schemas import SMALL_SCHEMA
from sample_project import pulled
from test_reading import ACTOR, HIT, PIECES, SENT, STRIKES, TEXT, THREAT, arrow, choice, region

VALIDATOR = compile_validator(annotation_schema(SMALL_SCHEMA))
ARTICLE = Article(id="a", text=TEXT, text_sha256=text_sha256(TEXT))
CONTEXT = Context(
    SMALL_SCHEMA,
    {SMALL_SCHEMA.stamp: SMALL_SCHEMA},
    {"a": ARTICLE},
    lambda user: f"person-{user}",
    lambda made, article: check_annotation(made, article, SMALL_SCHEMA, VALIDATOR),
)
ALL = frozenset(code for code, kind in CODES.items() if kind.level == ERROR) - WHOLE


def checked(entries: list[Any], accepted: frozenset[str] = ALL) -> Checked:
    annotation = {"id": 1, "completed_by": 1, "created_at": "2024-01-01", "updated_at": "2024-01-01"}
    annotation["result"] = [stamp_result(SMALL_SCHEMA.stamp), *entries]
    data = {"article_id": "a", "text": TEXT, "text_sha256": ARTICLE.text_sha256}
    task = {"id": 7, "project": 3, "data": data, "annotations": [annotation]}
    return check_all([task], replace(CONTEXT, accepted=accepted))


PARADE = region("x", "Parade", "threatened")
"""A trigger of an unknown type, in the sentence of the rebels."""

CASES: list[tuple[str, list[Any], set[str]]] = [
    # An unreadable trigger takes what was drawn after it, nested under it or joined to it, with its values.
    ("label-unknown", [HIT, PARADE, region("r", "actor", "Rebels")], {"region:x", "region:r"}),
    ("label-unknown", [HIT, PARADE, region("b", "place", "the base", parentID="x")], {"region:x", "region:b"}),
    ("label-unknown", [HIT, PARADE, region("b", "place", "the base"), arrow("b", "x")],
     {"region:x", "region:b", "relation:b>x"}),
    ("label-unknown", [HIT, PARADE, choice("x", "modality", "hypothetical")], {"region:x", "modality:x"}),
    ("label-unknown", [HIT, PARADE, arrow("hit", "x")], {"region:x", "relation:hit>x"}),
    # What has another trigger stays, and so does what was drawn before.
    ("label-unknown", [HIT, ACTOR, PARADE, region("b", "place", "the base"), arrow("b", "x"), arrow("b", "hit")],
     {"region:x", "relation:b>x"}),
    # An unreadable argument takes nothing but its values.
    ("span-out-of-range", [HIT, ACTOR | {"value": {"start": 900, "end": 5, "labels": ["actor"]}},
                           choice("d", "certainty", "alleged"), region("b", "target", "base")],
     {"region:d", "certainty:d"}),
    # A wrong arrow takes the argument that it was to attach.
    ("role-not-allowed", [HIT, SENT, region("t", "target", "Troops"), arrow("sent", "t")],
     {"relation:sent>t", "region:t"}),
    ("arrow-self", [HIT, arrow("hit", "hit")], {"relation:hit>hit"}),
    ("attribute-value", [HIT, choice("hit", "modality", "maybe")], {"modality:hit"}),
    ("argument-unattached", [HIT, region("r", "actor", "Rebels"), choice("r", "certainty", "alleged")],
     {"region:r", "certainty:r"}),
    ("event-attribute-conflict",
     [HIT, STRIKES, arrow("hit", "strikes"), choice("hit", "verification", "claimed"),
      choice("strikes", "verification", "confirmed")],
     {"verification:hit", "verification:strikes"}),
    # An event that filled a role takes the argument with it, which would read as plain words else.
    ("region-labels", [STRIKES | {"value": STRIKES["value"] | {"labels": ["Attack", "Deploy"]}}, THREAT,
                       region("c", "topic", "strikes")], {"region:strikes", "region:c"}),
]  # fmt: skip


@pytest.mark.parametrize(("code", "entries", "gone"), CASES)
def test_what_goes(code: str, entries: list[Any], gone: set[str]) -> None:
    """The pieces named go with what can't stand without them, each counted; the rest is accepted, with a warning."""
    made = checked(entries, frozenset({code}))
    (annotation,) = made.annotations
    assert {item.id for item in annotation.items} == {item.id for item in named(entries)} - gone
    assert made.books["items"]["excluded"] == {f"dropped: {code}": len(gone)}
    (told,) = [found for found in made.findings if found.code == code]
    assert (told.level, "Accepted" in told.message) == ("warning", True)
    held = checked(entries, frozenset())
    assert (held.books["items"]["held"], len(held.annotations)) == (len(entries), 0)


def named(entries: list[Any]) -> list[Any]:
    from curate.labelstudio.results import count_items

    return count_items(entries)


def test_nothing_left_stays_held() -> None:
    """A reading of which nothing would be left is no reading that nothing is there."""
    made = checked([PARADE])
    assert (len(made.annotations), made.books["annotations"]["held"]) == (0, 1)
    assert [found.level for found in made.findings] == ["error"]


def test_another_error_holds_all() -> None:
    """Where another error remains, nothing is dropped."""
    made = checked([HIT, PARADE, arrow("hit", "hit")], frozenset({"label-unknown"}))
    assert made.books["items"] == {"seen": 3, "accepted": 0, "held": 3, "excluded": {}}


@given(st.lists(st.sampled_from([*PIECES, PARADE, arrow("x", "hit"), arrow("hit", "d", "nonsense")]), max_size=10))
def test_what_is_accepted_is_sound(entries: list[Any]) -> None:
    """Whatever is dropped, every item has one line, and what is left has no error."""
    made = checked(entries)
    assert made.books["items"]["seen"] == len(entries)
    levels = Counter(found.level for found in made.findings)
    assert bool(levels["error"]) == bool(made.held)
    for annotation in made.annotations:
        assert [f for f in check_annotation(annotation, ARTICLE, SMALL_SCHEMA, VALIDATOR) if f.level == "error"] == []


TOML = """# mine
workspace = "w"   # the id
schema = "schema.yaml"
overlap = 2

[dataset]
name = "accept = [no]"
"""


def test_settings_are_changed_in_one_line() -> None:
    """The codes are kept above the tables, each once; comments and all else stay."""
    once = with_accepted(TOML, ["label-unknown"], Path("curate.toml"))
    assert once == TOML.replace('"schema.yaml"\n', '"schema.yaml"\naccept = ["label-unknown"]\n')
    twice = with_accepted(once, ["arrow-self", "label-unknown"], Path("curate.toml"))
    assert twice == once.replace('["label-unknown"]', '["arrow-self", "label-unknown"]')
    assert with_accepted(twice, ["arrow-self"], Path("curate.toml")) == twice
    broken = once.replace('["label-unknown"]', '[\n  "label-unknown",\n]')
    assert with_accepted(broken, ["label-unknown"], Path("curate.toml")) == once


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("label-unkown", "did you mean 'label-unknown'"),
        ("span-trimmed", "holds nothing back"),
        ("text-changed", "nothing of it would be left"),
    ],
)
def test_what_cannot_be_accepted(code: str, told: str) -> None:
    """A code that is none, holds nothing back, or is about all of an annotation is refused."""
    with pytest.raises(UsageError, match=told):
        with_accepted(TOML, [code], Path("curate.toml"))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Give a project in one reading of which stands an event of a type that the schema doesn't have."""
    folder = pulled(tmp_path / "project")
    (raw,) = (folder / "exports" / "raw").glob("project-*/000001.jsonl")
    first, *rest = map(json.loads, raw.read_text(encoding="utf-8").splitlines())
    span = {"start": 0, "end": 3, "labels": ["Parade"]}
    piece = {"id": "p", "type": "labels", "from_name": "label", "to_name": "text", "value": span}
    first["annotations"][0]["result"].append(piece)
    raw.write_bytes(json_lines([first, *rest]))
    return folder


def test_it_is_kept_and_done_again(project: Path) -> None:
    """Once accepted, every later check does the same; a release made so is the same when it is built again."""

    def run(*words: str) -> Any:
        return CliRunner().invoke(app, ["--project", str(project), *words])

    held = run("check")
    assert (held.exit_code, "curate explain label-unknown" in held.stderr) == (1, True)
    assert "held for label-unknown: " in held.stdout
    assert "items of annotator-" in run("check", "--verbose").stdout
    assert run("check", "--accept", "label-unknow").exit_code == 2
    accepted = run("check", "--accept", "label-unknown")
    assert (accepted.exit_code, "1 dropped: label-unknown" in accepted.stdout) == (0, True)
    assert read_settings(project).accepted == {"label-unknown"}
    exports = {path: path.read_bytes() for path in (project / "exports").glob("*.json*")}
    settings = (project / "curate.toml").read_bytes()
    assert run("check").exit_code == run("check", "--accept", "label-unknown").exit_code == 0
    assert {path: path.read_bytes() for path in exports} == exports
    assert (project / "curate.toml").read_bytes() == settings
    api.adjudicate("union", project)
    api.release("1.0.0", project)
    assert api.rebuild("1.0.0", project).version == "1.0.0"
    people = api.read_books(Workspace(project))["release_people"]
    release = api.read_books(Workspace(project))["release"]
    assert {line: sum(one[line] for one in people.values()) for line in release} == release
