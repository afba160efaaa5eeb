"""A release built again from its raw answers: the same bytes, or what differs is named."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from curate import api
from curate.cli.app import app
from curate.errors import InputError, UsageError
from curate.hub import manifest
from growing_project import SECOND, Growing


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with two releases, grown and corrected since, under another policy and description."""
    growing = Growing(tmp_path_factory.mktemp("rebuild") / "project")
    for number in range(4):
        growing.tell(f"first-{number}", number, number + 100)
    growing.release("1.0.0")
    growing.tell("more", "more")
    growing.read("first-1", 12, SECOND)
    api.withdraw(["first-2"], growing.folder)
    growing.release("1.1.0", "union")
    growing.read("first-0", 12, SECOND)
    api.withdraw(["first-3"], growing.folder)
    settings = growing.folder / "curate.toml"
    settings.write_text(settings.read_text().replace("Ten invented", "Other"))
    api.check(growing.folder)
    api.adjudicate("intersection", growing.folder)
    return growing.folder


@pytest.fixture
def project(made: Path, tmp_path: Path) -> Path:
    """A copy of that project."""
    return Path(shutil.copytree(made, tmp_path / "project"))


def run(project: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["--project", str(project), *arguments])


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("version", ["1.0.0", "1.1.0"])
def test_a_release_is_built_again_byte_for_byte(project: Path, version: str) -> None:
    """Whatever happened to the project since, and without changing anything in it."""
    before = contents(project)
    done = run(project, "--json", "release", "--rebuild", version)
    assert done.exit_code == 0
    folder = project / "exports" / "releases" / version
    assert json.loads(done.stdout) == {"folder": str(folder), "files": len(contents(folder))}
    assert contents(project) == before


def test_a_version_made_anew_is_built_again_from_what_it_was_made_from_then(project: Path) -> None:
    """A release that was deleted and made otherwise takes the place of the first one, what it came from included."""
    folder = project / "exports" / "releases"
    for version in ("1.0.0", "1.1.0"):
        shutil.rmtree(folder / version)
    api.withdraw(["first-3"], project, undo=True)
    assert api.release("1.0.0", project).created
    api.withdraw(["first-0"], project)
    assert api.rebuild("1.0.0", project).folder == folder / "1.0.0"


def test_a_changed_file_is_named(project: Path) -> None:
    """What is not as it comes out again is told by its path, tables and books alike."""
    folder = project / "exports" / "releases" / "1.1.0"
    (folder / "README.md").write_text("My own words")
    (folder / "extra.txt").write_text("")
    done = run(project, "release", "--rebuild", "1.1.0")
    assert done.exit_code == 1
    assert "README.md, extra.txt." in done.stderr
    assert len(done.stderr.splitlines()) <= 4


def test_other_tools_are_named(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the versions differ, that is the first thing to mend."""
    monkeypatch.setattr(manifest, "tool_versions", lambda: {"pyarrow": "99.0.0"})
    with pytest.raises(InputError, match=r"manifest\.json") as caught:
        api.rebuild("1.0.0", project)
    assert re.search(r"pyarrow [\d.]+ \(here 99\.0\.0\)", caught.value.fix)


def test_a_changed_raw_answer_is_named(project: Path) -> None:
    """The raw answers have to be those that were there, to the byte."""
    raw = min((project / "exports" / "raw").glob("project-*/*.jsonl"))
    raw.write_bytes(raw.read_bytes() + b"\n")
    with pytest.raises(InputError, match=raw.name):
        api.rebuild("1.0.0", project)


def test_the_release_before_is_needed(project: Path) -> None:
    """Splits and changelog hang on it, so that another in its place is refused."""
    path = project / "exports" / "releases" / "1.0.0" / manifest.NAME
    path.write_text(path.read_text() + " ")
    with pytest.raises(InputError, match=r"releases/1\.0\.0"):
        api.rebuild("1.1.0", project)


def test_what_was_never_made_here_is_refused(project: Path) -> None:
    """Only a release of this project can be made again."""
    with pytest.raises(UsageError):
        api.rebuild("2.0.0", project)
    assert run(project, "release", "--rebuild", "2.0.0").exit_code == 2
