"""Articles from datasets on the Hub, by the real clients over HTTP, each command in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from curate.demo.loopback_hub import LoopbackHub, start
from curate.starting import init
from curate.workspace import Workspace, read_articles

UPLOAD = """
import io
import pyarrow as pa
import pyarrow.parquet as pq
from huggingface_hub import CommitOperationAdd, HfApi

def parquet(*rows):
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(list(rows)), sink)
    return sink.getvalue()

def commit(name, message, files):
    operations = [CommitOperationAdd(path, content) for path, content in files.items()]
    api.create_commit(name, operations, commit_message=message, repo_type="dataset")

api = HfApi()
api.create_repo("demo/news", repo_type="dataset", private=True)
commit("demo/news", "first", {
    "data/train-00000-of-00001.parquet": parquet(
        {"doc_id": "a", "body": "One.", "date": "2024-01-01", "label": 1},
        {"doc_id": "b", "body": "Two.", "date": None, "label": 2},
    ),
    "data/test-00000-of-00001.parquet": parquet({"doc_id": "c", "body": "Three.", "date": None, "label": 3}),
    "notes/one.md": b"# Heading\\n\\nText *of* one.\\n",
    "notes/deep/two.txt": "Café.".encode("utf-16"),
    "notes/three.pdf": b"%PDF",
})
api.create_tag("demo/news", tag="1.0.0", repo_type="dataset")
commit("demo/news", "second", {
    "data/test-00000-of-00001.parquet": parquet({"doc_id": "c", "body": "Three, changed.", "date": None, "label": 3}),
})
"""


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[LoopbackHub, dict[str, str]]]:
    """A Hub with a dataset of two splits and some files, in two commits, and the environment to reach it."""
    with start() as server:
        home = tmp_path_factory.mktemp("home")
        names = {"HF_ENDPOINT": server.url, "HF_TOKEN": server.token, "HF_HOME": str(home), "HF_HUB_DISABLE_XET": "1"}
        environment = {**os.environ, **names}
        subprocess.run([sys.executable, "-c", UPLOAD], env=environment, check=True)
        yield server, environment


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A new project."""
    return init(tmp_path / "project")


def add(
    project: Path, hub: tuple[LoopbackHub, dict[str, str]], *arguments: str, code: int = 0, **more: str
) -> tuple[dict[str, Any], str]:
    """Run `curate add` and give what it printed, and what it said."""
    command = [str(Path(sys.executable).with_name("curate")), "--project", str(project), "--json", "add", *arguments]
    done = subprocess.run(command, env={**hub[1], **more}, capture_output=True, text=True)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    return json.loads(done.stdout or "{}"), done.stderr


def texts(project: Path) -> dict[str, str]:
    return {name: article.text for name, article in read_articles(Workspace(project)).items()}


def test_rows_of_a_dataset_are_articles(project: Path, hub: tuple[LoopbackHub, dict[str, str]]) -> None:
    """Columns are found as in any table; all splits, or one; a revision by tag; again adds nothing."""
    told, said = add(project, hub, "hf://datasets/demo/news@1.0.0")
    assert texts(project) == {"a": "One.", "b": "Two.", "c": "Three."}
    assert read_articles(Workspace(project))["a"].published_at == "2024-01-01"
    assert read_articles(Workspace(project))["a"].meta == '{"label":1}'
    assert "body as text" in said
    assert all("@" in entry["where"] and "?split=" in entry["where"] for entry in told["entries"])
    again, _ = add(project, hub, "hf://datasets/demo/news@1.0.0?split=train")
    assert (again["unchanged"], again["added"]) == (["a", "b"], [])
    changed, _ = add(project, hub, "hf://datasets/demo/news?split=test", "--revise")
    assert changed["revised"] == ["c"]
    assert texts(project)["c"] == "Three, changed."


def test_files_of_a_dataset_are_read_as_files(project: Path, hub: tuple[LoopbackHub, dict[str, str]]) -> None:
    """A path names a file or a folder; what has another ending is told."""
    told, said = add(project, hub, "hf://datasets/demo/news/notes")
    assert texts(project) == {"one": "Heading\n\nText of one.", "deep/two": "Café."}
    assert "utf-16, by its mark" in said
    assert any("three.pdf" in note["note"] for note in told["notes"])
    add(project, hub, "hf://datasets/demo/news@1.0.0/data/test-00000-of-00001.parquet")
    assert texts(project)["c"] == "Three."


@pytest.mark.parametrize(
    ("address", "code", "told"),
    [
        ("hf://datasets/demo/news?split=dev", 1, "no split 'dev'"),
        ("hf://datasets/demo/news?config=other", 1, "other"),
        ("hf://datasets/demo/news?splits=dev", 1, "no address of a dataset"),
        ("hf://demo/news", 1, "no address of a dataset"),
        ("hf://datasets/demo/news/notes/three.pdf", 1, "no file there that is read"),
        ("hf://datasets/demo/nowhere", 3, "no dataset demo/nowhere"),
        ("hf://datasets/demo/news@9.9.9", 3, "no revision '9.9.9'"),
        ("hf://datasets/demo/news/nothing", 3, "no 'nothing'"),
    ],
)
def test_what_is_not_there_is_named(
    project: Path, hub: tuple[LoopbackHub, dict[str, str]], address: str, code: int, told: str
) -> None:
    """A wrong split, config, form, name, revision or path: one message, and nothing is written."""
    _, said = add(project, hub, address, code=code)
    assert told in said
    assert not (project / "articles.jsonl").exists()


def test_a_hub_that_is_away_or_refuses(project: Path, hub: tuple[LoopbackHub, dict[str, str]]) -> None:
    """A wrong token and a Hub that can't be reached are told with the way out, without the token."""
    _, said = add(project, hub, "hf://datasets/demo/news", code=3, HF_TOKEN="hf_wrong")
    assert "hf_wrong" not in said
    assert "Fix:" in said
    _, said = add(project, hub, "hf://datasets/demo/news", code=3, HF_ENDPOINT="http://127.0.0.1:9")
    assert "can't be reached" in said
