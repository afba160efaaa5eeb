"""`curate agree`: a screen of numbers, a threshold that fails, and what to do when there is nothing to compare."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

import curate
from curate.cli.app import app
from curate.records import Annotation
from curate.workspace import read_lines, write_lines
from sample_project import pulled


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return pulled(tmp_path_factory.mktemp("agree"))


def run(project: Path, *words: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, ["--project", str(project), *words])
    return done.exit_code, done.stdout, done.stderr


def test_the_numbers_fit_on_a_screen(project: Path) -> None:
    """Every measure and attribute is told in 24 lines of 100 characters, and nothing is written."""
    before = {path: path.read_bytes() for path in project.rglob("*.json*")}
    code, shown, _ = run(project, "agree", "--samples", "100")
    assert code == 0
    assert len(shown.splitlines()) <= 24
    for name in ("Tri-I", "Tri-C", "Arg-I", "Arg-C", "Arg-I+", "Arg-C+", "Links", "Clusters", "modality", "relevance"):
        assert any(line.split()[:1] == [name] for line in shown.splitlines()), name
    assert {path: path.read_bytes() for path in project.rglob("*.json*")} == before
    assert run(project, "agree", "--samples", "100")[1] == shown


def test_verbose_tells_everything(project: Path) -> None:
    """Each breakdown has its section."""
    _, shown, _ = run(project, "agree", "--verbose", "--samples", "0", "--by", "publisher")
    for title in (
        "Event types",
        "Roles",
        "Pairs of people",
        "People against all others",
        "Batches",
        "Attributes by pair of people",
        "Attributes by person against all others",
        "Attributes by batch",
        "Most differences",
    ):
        assert title in shown.splitlines()
    assert "The Hallow Post" in shown


def test_json_is_what_python_gives(project: Path) -> None:
    """The same numbers either way, with intervals that hold them."""
    found = curate.agree(project, samples=50)
    told = json.loads(run(project, "agree", "--json", "--samples", "50")[1])
    assert told["overall"]["exact"]["arg_c"]["value"] == found.overall["exact"]["arg_c"].value
    read = [one.article_id for one in read_lines(project / "exports" / "annotations.jsonl", Annotation)]
    assert told["articles"] == found.articles == len(read) - len(set(read))
    for score in told["overall"]["exact"].values():
        assert score["low"] <= score["value"] <= score["high"]


@pytest.mark.parametrize(
    ("least", "code", "said"),
    [
        ("arg_c=0.5", 0, ""),
        ("Arg-C+=1", 1, "Too low: Arg-C+ (exact) is 0."),
        ("relaxed.tri_c=1.1", 1, "below 1.1"),
        ("verification=0.99", 1, "verification (exact)"),
        ("nothing=0.5", 2, "no measure or attribute 'nothing'"),
        ("relaxed.relevance=0.5", 2, "no measure or attribute 'relaxed.relevance'"),
        ("arg_c", 2, "not NAME=NUMBER"),
        ("arg_c=nan", 2, "not a number"),
    ],
)
def test_a_threshold_decides_the_exit_code(project: Path, least: str, code: int, said: str) -> None:
    """Too low is 1 with the number, a name that is none is 2."""
    exit_code, _, told = run(project, "agree", "--samples", "0", "--min", least)
    assert exit_code == code
    assert said in told


def test_one_reading_each_is_nothing_to_compare(tmp_path: Path) -> None:
    """It says so, and a threshold is not met by nothing."""
    project = pulled(tmp_path)
    path = project / "exports" / "annotations.jsonl"
    kept = {one.article_id: one for one in read_lines(path, Annotation)}
    write_lines(path, kept.values())
    code, shown, told = run(project, "agree")
    assert (code, shown.strip()) == (0, "")
    assert f"No article has readings by two people; {len(kept)} have one" in told
    assert run(project, "agree", "--min", "tri_c=0.1")[0] == 1


def test_nothing_pulled_is_told(tmp_path: Path) -> None:
    """Before the first pull there is nothing to read."""
    curate.init(tmp_path)
    code, _, told = run(tmp_path, "agree")
    assert code == 2
    assert "curate pull" in told
