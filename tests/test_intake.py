"""Files become articles once: what is wrong is named, the rest goes in, and again adds nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from curate import api
from curate.cli.app import app
from curate.errors import UsageError
from curate.settings import read_settings
from curate.starting import init
from curate.workspace import Workspace, add_raw, read_articles, read_raw


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A new project."""
    return init(tmp_path / "project")


def put(path: Path, content: str | bytes) -> Path:
    """Write a file and name it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_text_files_and_folders(project: Path, tmp_path: Path) -> None:
    """A text file is an article named like it; in a folder its place is part of the name."""
    put(tmp_path / "news" / "one.txt", "First\r\nline.")
    put(tmp_path / "news" / "more" / "two.txt", "Second.")
    added = api.add([tmp_path / "news"], project)
    articles = read_articles(Workspace(project))
    assert {name: article.text for name, article in articles.items()} == {"one": "First\nline.", "more/two": "Second."}
    assert added.refused == []
    before = (project / "articles.jsonl").read_bytes()
    again = api.add([tmp_path / "news"], project)
    assert (again.articles, sorted(again.unchanged)) == ([], ["more/two", "one"])
    assert (project / "articles.jsonl").read_bytes() == before


def test_json_lines_keep_their_fields(project: Path, tmp_path: Path) -> None:
    """Known keys become fields, the others canonical JSON in `meta`, and that is told."""
    line = {"id": "a", "text": "Text.", "title": "T", "publisher": None, "section": "world", "page": 3}
    added = api.add([put(tmp_path / "a.jsonl", json.dumps(line))], project)
    article = read_articles(Workspace(project))["a"]
    assert (article.title, article.publisher, article.meta) == ("T", None, '{"page":3,"section":"world"}')
    assert added.notices == ["kept as meta, which is published too: page, section"]


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("empty.txt", "", "the text is empty"),
        ("blank.txt", " \n\t", "the text is empty"),
        ("latin.txt", "Stra\xdfe".encode("latin-1"), "not UTF-8"),
        ("bad.jsonl", '{"id": "x",', "not JSON"),
        ("list.jsonl", "[1]", "not a JSON object"),
        ("no-id.jsonl", '{"text": "Text."}', "the id is missing"),
        ("no-text.jsonl", '{"id": "x"}', "the text is empty"),
        ("title.jsonl", '{"id": "x", "text": "Text.", "title": 5}', "title is no text"),
        ("half.jsonl", '{"id": "x", "text": "a \\ud800 b"}', "U+D800"),
        ("title-half.jsonl", '{"id": "x", "text": "Text.", "title": "\\ud800"}', "half a character"),
        ("long.jsonl", json.dumps({"id": "x" * 300, "text": "Text."}), "too long"),
        ("news.pdf", "Text.", ".pdf is not read"),
    ],
)
def test_a_bad_file_is_named_and_the_rest_goes_in(
    project: Path, tmp_path: Path, name: str, content: str | bytes, told: str
) -> None:
    """Each refusal names file and reason; the exit code says that something was refused."""
    good = put(tmp_path / "good.txt", "Good.")
    bad = put(tmp_path / name, content)
    done = CliRunner().invoke(app, ["--project", str(project), "add", str(bad), str(good)])
    assert done.exit_code == 1
    assert str(bad) in done.stderr
    assert told in done.stderr
    assert list(read_articles(Workspace(project))) == ["good"]


def test_another_text_under_a_known_id_is_refused(project: Path, tmp_path: Path) -> None:
    """The text of an article never changes; the same text under two ids is told."""
    api.add([put(tmp_path / "a.txt", "One.")], project)
    added = api.add([put(tmp_path / "a.txt", "Two."), put(tmp_path / "b.txt", "One.")], project)
    assert [refusal.where for refusal in added.refused] == ["article a"]
    assert added.notices == ["article b: the same text as a"]
    assert read_articles(Workspace(project))["a"].text == "One."


def test_a_missing_path_is_refused(project: Path, tmp_path: Path) -> None:
    """A path that isn't there is named."""
    assert api.add([tmp_path / "nowhere"], project).refused[0].why == "no such file"


def test_other_data_under_a_known_text_is_told(project: Path, tmp_path: Path) -> None:
    """A corrected title is not taken over in silence, nor dropped in silence."""
    api.add([put(tmp_path / "a.jsonl", '{"id": "a", "text": "One.", "title": "Old"}')], project)
    added = api.add([put(tmp_path / "a.jsonl", '{"id": "a", "text": "One.", "title": "New"}')], project)
    assert added.notices == ["article a: only title, url or other data differ; kept as they were"]


def test_a_new_project_spares_what_is_there(tmp_path: Path) -> None:
    """Starting a project writes over nobody's schema, takes any folder name, and hides its secrets from git."""
    folder = tmp_path / 'my "news"'
    init(folder)
    assert read_settings(folder).dataset["name"] == 'my "news"'
    assert (folder / ".curate" / ".gitignore").read_text() == "*\n"
    other = put(tmp_path / "other" / "schema.yaml", "mine").parent
    with pytest.raises(UsageError, match="a file of this name"):
        init(other)
    assert (other / "schema.yaml").read_text() == "mine"


def test_raw_answers_are_never_written_over(tmp_path: Path) -> None:
    """A new answer gets a new file, also where an old file was taken away."""
    for answer in (b"1", b"2"):
        add_raw(tmp_path, [answer])
    (tmp_path / "000001.jsonl").unlink()
    add_raw(tmp_path, [b"3"])
    assert read_raw(tmp_path) == [b"2", b"3"]
