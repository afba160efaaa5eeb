"""What `curate doctor` finds: each fault of machine or project by name, with what to do; and it mends nothing."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner, Result

from curate import api
from curate.cli.app import app
from curate.health import environment, files
from curate.health.points import DOUBTFUL, FINE, UNSEEN, WRONG, Point, exit_code
from sample_project import pulled


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The bundled articles with their readings, checked; no server."""
    return pulled(tmp_path / "airbase")


def run(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["--project", str(folder), *arguments])


def verdicts(folder: Path) -> dict[str, str]:
    """The verdict of each point, by its name."""
    return {point.name: point.verdict for point in api.doctor(folder)}


def point(folder: Path, name: str) -> Point:
    return next(point for point in api.doctor(folder) if point.name == name)


def test_a_sound_project_is_fine(project: Path) -> None:
    """Every point of the files is fine but the backup, and what needs a server says so."""
    found = verdicts(project)
    names = ("Python", "packages", "Label Studio", "curate.toml", "schema", "dataset", "articles", "raw answers")
    assert {found[name] for name in (*names, "books", "permissions", "pseudonyms")} == {FINE}
    assert found["backup"] == DOUBTFUL
    assert found["what it holds"] == UNSEEN
    assert run(project, "doctor").exit_code == 0


def test_it_mends_nothing(project: Path) -> None:
    """Every file is as it was, the lost key not made anew."""
    (project / ".curate" / "pseudonym.key").unlink()
    before = {path: path.read_bytes() for path in project.rglob("*") if path.is_file()}
    run(project, "doctor")
    assert {path: path.read_bytes() for path in project.rglob("*") if path.is_file()} == before


def test_without_a_project_it_says_what_it_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine is looked at all the same."""
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, ["doctor", "--json"])
    assert done.exit_code == 0
    points = json.loads(done.stdout)["points"]
    assert points[-1]["verdict"] == UNSEEN
    assert points[-1]["fix"] == "Start one: curate init"
    assert {"Python", "packages", "disk"} <= {point["name"] for point in points}


def break_settings(project: Path) -> None:
    (project / "curate.toml").write_text("workspace = ")


def break_schema(project: Path) -> None:
    (project / "schema.yaml").write_text("name: [")


def break_dataset(project: Path) -> None:
    path = project / "curate.toml"
    path.write_text(path.read_text().replace('licence = "cc-by-4.0"', "licence = 4"))


def edit_an_article(project: Path) -> None:
    path = project / "articles.jsonl"
    path.write_text(path.read_text().replace("drones", "planes"))


def break_a_raw_answer(project: Path) -> None:
    with next((project / "exports" / "raw").glob("project-*/000001.jsonl")).open("a") as raw:
        raw.write('{"id": 1,\n')


def edit_the_books(project: Path) -> None:
    path = project / "exports" / "books.json"
    books = json.loads(path.read_text())
    books["pull"]["annotations"]["accepted"] += 1
    path.write_text(json.dumps(books))


def open_the_folder(project: Path) -> None:
    (project / ".curate").chmod(0o755)


def open_the_key(project: Path) -> None:
    (project / ".curate" / "pseudonym.key").chmod(0o640)


def open_a_login(project: Path) -> None:
    path = project / ".curate" / "logins" / "annotator-0.txt"
    path.parent.mkdir(mode=0o700)
    path.write_text("Password: word")
    path.chmod(0o644)


def lose_the_key(project: Path) -> None:
    (project / ".curate" / "pseudonym.key").unlink()


def change_the_key(project: Path) -> None:
    (project / ".curate" / "pseudonym.key").write_text("k" * 64)


def cut_the_key(project: Path) -> None:
    (project / ".curate" / "pseudonym.key").write_text("short")


@pytest.mark.parametrize(
    ("fault", "name", "told"),
    [
        (break_settings, "curate.toml", "not readable as TOML"),
        (break_schema, "schema", "schema.yaml"),
        (break_dataset, "dataset", "licence"),
        (edit_an_article, "articles", "not the text"),
        (break_a_raw_answer, "raw answers", "damaged"),
        (edit_the_books, "books", "annotations accepted"),
        (open_the_folder, "permissions", "755"),
        (open_the_key, "permissions", "pseudonym.key"),
        (open_a_login, "permissions", "logins/annotator-0.txt"),
        (lose_the_key, "pseudonyms", "is gone"),
        (change_the_key, "pseudonyms", "not the key"),
        (cut_the_key, "pseudonyms", "damaged"),
    ],
)
def test_each_fault_of_the_project_is_named(project: Path, fault: Callable[[Path], None], name: str, told: str) -> None:
    """The point is wrong, says what and what to do, and the exit code is 1."""
    fault(project)
    found = point(project, name)
    assert found.verdict == WRONG
    assert told in found.message
    assert found.fix
    done = run(project, "doctor")
    assert done.exit_code == 1
    assert found.message in done.stdout


def test_the_backup_is_looked_after(project: Path, tmp_path: Path) -> None:
    """Fine once it lies elsewhere with the key in it; doubtful where it doesn't, or is gone."""
    api.backup(None, project)
    assert "lies in the folder" in point(project, "backup").message
    made = api.backup(tmp_path / "copy.tar.gz", project)
    assert point(project, "backup").verdict == FINE
    made.file.rename(tmp_path / "elsewhere.tar.gz")
    assert "is not at" in point(project, "backup").message
    (project / ".curate" / "pseudonym.key").write_text("k" * 64)
    assert "lacks the key" in point(project, "backup").message


def test_wrong_packages_are_the_environments_fault(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package out of range, or missing, is named, and the exit code is 3 whatever else is wrong."""
    real = environment.version
    monkeypatch.setattr(environment, "version", lambda name: "1.0" if name == "pyarrow" else real(name))
    assert "pyarrow 1.0 is outside >=24" in point(project, "packages").message
    break_schema(project)
    assert run(project, "doctor").exit_code == 3


def test_label_studio_is_only_needed_here(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the package it is wrong, but not where Label Studio runs elsewhere."""
    real = environment.version

    def version(name: str) -> str:
        if name == "label-studio":
            raise environment.PackageNotFoundError
        return real(name)

    monkeypatch.setattr(environment, "version", version)
    found = point(project, "Label Studio")
    assert (found.verdict, found.fix) == (WRONG, "pip install 'curate-events[server]'")
    monkeypatch.setenv("LABEL_STUDIO_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("LABEL_STUDIO_API_KEY", "k" * 40)
    assert verdicts(project)["Label Studio"] == FINE
    assert point(project, "key").verdict == WRONG
    assert run(project, "doctor").exit_code == 3


@pytest.mark.parametrize(("free", "verdict"), [(10**10, FINE), (5 * 10**8, DOUBTFUL), (10**7, WRONG)])
def test_a_full_disk_is_told(project: Path, monkeypatch: pytest.MonkeyPatch, free: int, verdict: str) -> None:
    """Below a gigabyte it is doubtful, below a hundred megabytes wrong."""
    monkeypatch.setattr(environment.shutil, "disk_usage", lambda _: SimpleNamespace(free=free))
    assert point(project, "disk").verdict == verdict


@pytest.mark.parametrize("name", ["exports", "exports/raw", ".curate", "."])
def test_a_folder_that_cannot_be_written_is_wrong(project: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Nothing could be pulled; whoever may write everywhere, as an administrator, is refused by a stand-in."""
    assert point(project, "folders").verdict == FINE
    real, closed = os.access, (project / name).resolve()

    def access(path: Path, mode: int) -> bool:
        return real(path, mode) and not (mode & os.W_OK and Path(path).resolve() == closed)

    monkeypatch.setattr(files.os, "access", access)
    found = point(project, "folders")
    assert found.verdict == WRONG
    assert "can't be written: nothing can be pulled" in found.message
    assert run(project, "doctor").exit_code == 1


def test_a_file_in_the_place_of_a_folder_is_wrong(project: Path) -> None:
    """It is named, and so is what to do."""
    shutil.rmtree(project / "exports")
    (project / "exports").write_text("in the way")
    found = point(project, "folders")
    assert (found.verdict, "is no folder" in found.message) == (WRONG, True)


def test_tokens_are_never_shown(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A token is there or it isn't."""
    assert verdicts(project)["token"] == DOUBTFUL
    monkeypatch.setenv("HF_TOKEN", "hf_" + "s" * 30)
    assert verdicts(project)["token"] == FINE
    assert "sss" not in run(project, "doctor").stdout + run(project, "doctor", "--json").stdout


def test_exit_codes() -> None:
    """3 where the world is wrong, 1 where only the project is, 0 for anything less."""
    fine, doubtful = Point("project", "a", FINE, ""), Point("environment", "b", DOUBTFUL, "")
    project, world = Point("project", "c", WRONG, ""), Point("Label Studio", "d", WRONG, "")
    assert exit_code([fine, doubtful]) == 0
    assert exit_code([fine, project]) == 1
    assert exit_code([project, world]) == 3
