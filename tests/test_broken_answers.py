"""A text with known answers that is broken stops only what needs it; everything else works and names the file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from curate.api.people import ACTIVE, REGISTER
from curate.cli.app import app
from curate.records import Assignment
from curate.workspace import Workspace, write_lines, write_private
from sample_project import pulled

TOLD = "Nobody is scored on texts with known answers: "


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Readings of a few people, who were given a hidden text that is broken."""
    folder = pulled(tmp_path / "airbase")
    workspace = Workspace(folder)
    write_private(workspace, REGISTER, {"reader-1": ACTIVE})
    write_lines(workspace.gold, [Assignment(article_id="mill", annotator="reader-1")])
    broken(folder, "gold")
    return folder


def broken(folder: Path, name: str) -> Path:
    path = folder / name / "mill.txt"
    path.parent.mkdir(exist_ok=True)
    path.write_text("[Rebels](actor>2) [shelled](Attack#1) the mill.\n", encoding="utf-8")
    return path


def run(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["--project", str(folder), *arguments])


def test_the_status_is_told_without_the_scores(project: Path) -> None:
    """It names the file and what to do in one line; as data, too."""
    done = run(project, "status")
    assert done.exit_code == 0, done.stderr
    assert "annotations" in done.stdout
    line, following = done.stderr.splitlines()
    assert following.startswith("Next: ")
    assert line.startswith(f"{TOLD}{project / 'gold' / 'mill.txt'}: ")
    assert line.endswith("Mend the mark-up: docs/markup.md of curate tells its rules.")
    told = json.loads(run(project, "--json", "status").stdout)
    assert told["gold"] == {}
    assert [TOLD + one for one in told["unscored"]] == [line]


def test_people_are_listed_without_their_scores(project: Path) -> None:
    """Whether the text is one of those they are tried out with or one hidden in their work: each file is named once."""
    broken(project, "qualification")
    done = run(project, "people", "list")
    assert done.exit_code == 0, done.stderr
    assert done.stdout.splitlines()[-1].startswith("reader-1  active")
    assert [line.split(": ")[1] for line in done.stderr.splitlines()] == [
        str(project / name / "mill.txt") for name in ("qualification", "gold")
    ]
    [told] = [one for one in json.loads(run(project, "--json", "people", "list").stdout) if one["state"] == ACTIVE]
    assert len(told["unscored"]) == 2
    assert run(project, "people", "remove", "reader-1").exit_code == 0


def test_the_report_is_written_without_the_scores(project: Path) -> None:
    """Its page says that they are missing, and not where the project lies."""
    done = run(project, "report")
    assert done.exit_code == 0, done.stderr
    assert f"{TOLD}{project / 'gold' / 'mill.txt'}: " in done.stderr
    page = (project / "exports" / "report.html").read_text(encoding="utf-8")
    assert "so nobody is scored" in page
    assert str(project) not in page


def test_what_scores_people_stops(project: Path) -> None:
    """As wrong input, with the file, also where that can't be read at all."""
    done = run(project, "people", "follow")
    assert (done.exit_code, "mill.txt: " in done.stderr) == (1, True)
    (project / "gold" / "ford.txt").mkdir()
    done = run(project, "people", "follow")
    assert (done.exit_code, "ford.txt: can't be read (Is a directory)." in done.stderr) == (1, True)
