"""Files that were damaged: each is named with its place, and with what makes it again."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from curate import api
from curate.cli.app import app
from curate.damage import RAW_FIX
from curate.errors import InputError
from curate.hub import chains
from curate.labelstudio.known import read_known
from curate.raw import next_raw, raw_tasks
from curate.records import Annotation, Article
from curate.stored import RawAnswers, Stored
from curate.workspace import Workspace, read_article_versions, read_articles, read_lines
from sample_project import pulled

COPY = "Restore it from a copy."
CHECK, ADJUDICATE = "Make it again: curate check", "Make it again: curate adjudicate"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that is adjudicated."""
    folder = pulled(tmp_path_factory.mktemp("damage") / "project")
    api.adjudicate("union", folder)
    return folder


@pytest.fixture
def project(made: Path, tmp_path: Path) -> Path:
    """A copy of that project."""
    return Path(shutil.copytree(made, tmp_path / "project"))


def stored(path: Path, kind: type[Any], key: str) -> list[Any]:
    with Stored(path, kind, key) as values:
        return list(values.values())


def raw(path: Path) -> list[Any]:
    with RawAnswers([path.parent]) as answers:
        return list(answers.heads())


READERS: dict[str, tuple[str, Callable[[Path], Any], str]] = {
    "articles by id": ("articles.jsonl", lambda path: stored(path, Article, "id"), COPY),
    "articles": ("articles.jsonl", lambda path: read_lines(path, Article), COPY),
    "annotations": ("annotations.jsonl", lambda path: stored(path, Annotation, "article_id"), CHECK),
    "annotations in order": ("annotations.jsonl", lambda path: read_lines(path, Annotation), CHECK),
    "decisions": ("decisions.jsonl", lambda path: read_lines(path, Annotation), ADJUDICATE),
    "records": ("adjudicated.jsonl", lambda path: stored(path, Article, "id"), ADJUDICATE),
    "raw answers": ("project-1/000001.jsonl", raw, RAW_FIX),
    "last answers": ("project-1/000001.jsonl", lambda path: read_known(path.parent), RAW_FIX),
    "hashes of answers": (
        "exports/raw/project-1/000001.jsonl",
        lambda path: raw_tasks(Workspace(path.parents[3])),
        RAW_FIX,
    ),
    "chains": (
        chains.NAME,
        lambda path: list(chains.read(path.parent)),
        "Delete that release's folder, then: curate release VERSION",
    ),
}

DAMAGE = {
    "bytes that are no UTF-8": b'{"id":"\xff","article_id":"\xff","data":{"article_id":"\xff"}}',
    "cut off": b'{"id":',
    "a list": b"[]",
    "nested without end": b'{"id":' + b"[" * 5000 + b"]" * 5000 + b"}",
}


@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.parametrize("reader", READERS)
def test_a_damaged_file_is_named_by_whoever_reads_it(reader: str, damage: str, tmp_path: Path) -> None:
    """Whatever is wrong with its bytes."""
    name, read, fix = READERS[reader]
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(DAMAGE[damage] + b"\n")
    with pytest.raises(InputError, match=r"damaged \(") as told:
        read(path)
    assert str(path) in told.value.message
    assert told.value.fix == fix


def commands() -> Iterable[tuple[str, str, list[str], str]]:
    for line in ("check", "status", "agree", "adjudicate --policy union", "release 1.0.0", "people list"):
        yield "articles.jsonl", '"text":"', line.split(), COPY
    for line in ("agree", "adjudicate --policy union", "release 1.0.0"):
        yield "exports/annotations.jsonl", '"created_at":"', line.split(), CHECK
    yield "exports/adjudicated.jsonl", '"text":"', ["release", "1.0.0"], ADJUDICATE


@pytest.mark.parametrize(("name", "before", "command", "fix"), list(commands()))
def test_a_command_says_which_byte_is_wrong(
    name: str, before: str, command: list[str], fix: str, project: Path
) -> None:
    """A byte that is no UTF-8, within one of the texts, ends no command in a traceback."""
    path = project / name
    path.write_bytes(path.read_bytes().replace(before.encode(), before.encode() + b"\xff", 1))
    done = CliRunner().invoke(app, ["--project", str(project), *command])
    assert done.exit_code == 1
    assert f"{name}:1: damaged" in done.stderr.replace("\n", "")
    assert fix in done.stderr


@pytest.mark.parametrize("name", ["annotations", "findings", "held", "adjudicated", "decisions"])
def test_what_is_told_to_make_a_file_again_does(name: str, project: Path) -> None:
    """The command that the message names leaves the file as it was."""
    path = project / "exports" / f"{name}.jsonl"
    whole = path.read_bytes()
    path.write_bytes(b"\xff" + whole)
    api.check(project)
    api.adjudicate("union", project)
    assert path.read_bytes() == whole


def test_a_record_that_stands_there_twice_is_told_of_its_file(project: Path) -> None:
    """And the command that is named makes it right."""
    path = project / "exports" / "adjudicated.jsonl"
    whole = path.read_bytes()
    path.write_bytes(whole + whole.splitlines(keepends=True)[0])
    with pytest.raises(InputError, match=r"adjudicated\.jsonl: the record .* is there twice") as told:
        api.release("1.0.0", project)
    assert told.value.fix == "Make that file again: curate adjudicate"
    api.adjudicate("union", project)
    assert path.read_bytes() == whole


def test_an_article_that_was_revised_is_released_in_its_last_version(project: Path, tmp_path: Path) -> None:
    """Its versions before stay among the articles, as for every other command."""
    workspace = Workspace(project)
    first = next(iter(read_articles(workspace).values()))
    given = tmp_path / f"{first.id}.txt"
    for text in (f"{first.text} And then?", first.text):
        given.write_text(text, encoding="utf-8")
        api.add([given], project, revise=True)
    assert len(read_article_versions(workspace)) > len(read_articles(workspace))
    api.check(project)
    api.adjudicate("union", project)
    released = api.release("1.0.0", project).folder
    assert first.id in {chain.id for chain in chains.read(released)}


def test_a_file_that_was_copied_by_hand_is_no_number(tmp_path: Path) -> None:
    """The next raw answers get the number after those that curate wrote."""
    for name in ("000001.jsonl", "1 copy.jsonl", "7b.jsonl"):
        (tmp_path / name).touch()
    assert next_raw(tmp_path).name == "000002.jsonl"
