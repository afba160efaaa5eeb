"""Files become articles once: what is wrong is named, the rest goes in, and again adds nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from curate import api
from curate.cli.app import app
from curate.errors import UsageError
from curate.intake.merging import Added, difference
from curate.raw import add_raw, read_raw
from curate.records import Article
from curate.settings import read_settings
from curate.starting import init
from curate.workspace import Workspace, read_article_versions, read_articles

OLD, NEW = "The bridge fell at dawn.\nNobody was hurt.", "The bridge fell at noon.\nNobody was hurt."


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A new project."""
    return init(tmp_path / "project")


def put(path: Path, content: str | bytes) -> Path:
    """Write a file and name it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def lines(path: Path, *values: dict[str, Any]) -> Path:
    """Write a JSON-lines file and name it."""
    return put(path, "".join(json.dumps(value) + "\n" for value in values))


def run(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["--project", str(folder), "add", *arguments])


def known(folder: Path) -> dict[str, Article]:
    return read_articles(Workspace(folder))


def outcomes(added: Added) -> list[tuple[str | None, str]]:
    return [(entry.id, entry.outcome) for entry in added.entries]


def test_text_files_and_folders(project: Path, tmp_path: Path) -> None:
    """A text file is an article named like it; in a folder its place is part of the name."""
    put(tmp_path / "news" / "one.txt", "First\r\nline.")
    put(tmp_path / "news" / "more" / "two.txt", "Second.")
    added = api.add([tmp_path / "news"], project)
    assert {name: article.text for name, article in known(project).items()} == {
        "one": "First\nline.",
        "more/two": "Second.",
    }
    assert added.refused == []
    before = (project / "articles.jsonl").read_bytes()
    again = api.add([tmp_path / "news"], project)
    assert again.articles == []
    assert outcomes(again) == [("one", "unchanged"), ("more/two", "unchanged")]
    assert (project / "articles.jsonl").read_bytes() == before


def test_json_lines_keep_their_fields(project: Path, tmp_path: Path) -> None:
    """Known keys become fields, the others canonical JSON in `meta`, and that is told."""
    line = {"id": "a", "text": "Text.", "title": "T", "publisher": None, "section": "world", "page": 3}
    added = api.add([lines(tmp_path / "a.jsonl", line)], project)
    article = known(project)["a"]
    assert (article.title, article.publisher, article.meta) == ("T", None, '{"page":3,"section":"world"}')
    assert [note.text for note in added.notes] == ["kept as meta, which is published too: page, section"]
    assert api.add([lines(tmp_path / "b.jsonl", {**line, "id": "b", "text": "B."})], project, meta=False)
    assert known(project)["b"].meta is None


def test_what_json_cannot_tell_is_told(project: Path, tmp_path: Path) -> None:
    """A column that holds, however deep, what JSON has no words for is left out whole, and named."""
    path = tmp_path / "a.jsonl"
    path.write_text('{"id": "a", "text": "Text.", "weight": 1e999, "parts": [{"x": [Infinity, 1]}], "page": 3}')
    added = api.add([path], project)
    assert known(project)["a"].meta == '{"page":3}'
    assert [entry.notes for entry in added.entries] == [("not kept, as JSON has no such values: parts, weight",)]


def test_a_language_that_is_none_stops_nothing(project: Path, tmp_path: Path) -> None:
    """What settings say of the dataset wrongly is for the release to refuse, not for add to trip over."""
    settings = project / "curate.toml"
    settings.write_text(settings.read_text().replace('language = ["en"]', "language = 5"))
    assert "language = 5" in settings.read_text()
    assert run(project, str(put(tmp_path / "a.txt", "Text."))).exit_code == 0


def test_columns_are_found_by_other_names_and_by_map(project: Path, tmp_path: Path) -> None:
    """Usual names are found by themselves and told; --map names the others, and wins over them."""
    row = {"Doc ID": 7, "headline": "Strike", "body": "Text.", "Date": "2024-01-02", "source": "The Lantern"}
    added = api.add([lines(tmp_path / "a.jsonl", row)], project)
    article = known(project)["7"]
    assert (article.title, article.text, article.published_at) == ("Strike", "Text.", "2024-01-02")
    assert (article.publisher, article.meta) == ("The Lantern", None)
    assert "Doc ID as id" in added.notes[0].text
    other = lines(tmp_path / "b.jsonl", {"id": "b", "text": "Short.", "Volltext": "The whole.", "title": "T"})
    assert run(project, str(other), "--map", "text=Volltext").exit_code == 0
    assert known(project)["b"].text == "The whole."
    assert known(project)["b"].meta == '{"text":"Short."}'


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--map", "body=text"], "'body' is no field"),
        (["--map", "text"], "not FIELD=COLUMN"),
        (["--encoding", "klingon"], "no encoding 'klingon'"),
        (["--encoding", "rot13"], "no encoding 'rot13'"),
    ],
)
def test_wrong_options_are_usage_errors(project: Path, tmp_path: Path, options: list[str], told: str) -> None:
    """What can't be meant is refused before anything is read."""
    done = run(project, str(put(tmp_path / "a.txt", "Text.")), *options)
    assert done.exit_code == 2
    assert told in done.stderr
    assert "Fix:" in done.stderr


def test_two_columns_that_may_be_the_text_are_refused(project: Path, tmp_path: Path) -> None:
    """The text is never guessed."""
    done = run(project, str(lines(tmp_path / "a.jsonl", {"id": "a", "body": "One.", "content": "Two."})))
    assert done.exit_code == 1
    assert "--map text=body" in done.stderr


def test_ids_are_made_of_the_url_or_the_text(project: Path, tmp_path: Path) -> None:
    """Rows without an id get one that is the same wherever they stand; a text that changed under a url is noticed."""
    first, second = {"text": "One.", "url": "http://example.org/1"}, {"text": "Two."}
    api.add([lines(tmp_path / "a.jsonl", first, second)], project)
    assert sorted(name.split("-")[0] for name in known(project)) == ["text", "url"]
    again = api.add([lines(tmp_path / "b.jsonl", second, first)], project)
    assert [entry.outcome for entry in again.entries] == ["unchanged", "unchanged"]
    changed = api.add([lines(tmp_path / "c.jsonl", {**first, "text": "One, changed."})], project)
    assert "another text than the known 'url-" in changed.refused[0].why


def test_another_text_under_a_known_id_is_refused_with_the_place(project: Path, tmp_path: Path) -> None:
    """Nothing changes, and the message says where the texts part and how to take the new one."""
    api.add([put(tmp_path / "a.txt", OLD)], project)
    before = (project / "articles.jsonl").read_bytes()
    done = run(project, str(put(tmp_path / "a.txt", NEW)))
    assert done.exit_code == 1
    assert "from character 19 (line 1) 'dawn.' became 'noon.'" in done.stderr
    assert "--revise" in done.stderr
    assert (project / "articles.jsonl").read_bytes() == before


def test_a_revision_is_a_version_of_its_own(project: Path, tmp_path: Path) -> None:
    """With --revise both texts are kept, the last counts; records made of the old one are not released."""
    api.add([put(tmp_path / "a.txt", OLD), put(tmp_path / "b.txt", "Other.")], project)
    adjudicated = put(project / "exports" / "adjudicated.jsonl", "")
    assert run(project, str(put(tmp_path / "a.txt", NEW)), "--revise").exit_code == 0
    assert known(project)["a"].text == NEW
    assert [article.text for article in read_article_versions(Workspace(project))] == [OLD, "Other.", NEW]
    assert not adjudicated.exists()
    assert outcomes(api.add([tmp_path / "a.txt"], project, revise=True)) == [("a", "unchanged")]
    api.add([put(tmp_path / "a.txt", OLD)], project, revise=True)
    assert [article.text for article in read_article_versions(Workspace(project))] == ["Other.", NEW, OLD]


def test_other_data_under_a_known_text(project: Path, tmp_path: Path) -> None:
    """A corrected title is refused, or taken with --revise in the place of the old one."""
    api.add([lines(tmp_path / "a.jsonl", {"id": "a", "text": "One.", "title": "Old"})], project)
    other = lines(tmp_path / "a.jsonl", {"id": "a", "text": "One.", "title": "New"})
    assert "another title" in api.add([other], project).refused[0].why
    assert known(project)["a"].title == "Old"
    assert outcomes(api.add([other], project, revise=True)) == [("a", "revised")]
    assert [article.title for article in read_article_versions(Workspace(project))] == ["New"]


def test_ids_that_clash_within_one_run(project: Path, tmp_path: Path) -> None:
    """The second file with an id is refused and both are named, also with --revise; other case is told."""
    put(tmp_path / "news" / "a.txt", "One.")
    put(tmp_path / "news" / "a.md", "Two.")
    put(tmp_path / "news" / "A.html.txt", "Three.")
    put(tmp_path / "news" / "B.txt", "Four.")
    put(tmp_path / "news" / "b.txt", "Five.")
    added = api.add([tmp_path / "news"], project, revise=True)
    assert [entry.where for entry in added.refused] == [str(tmp_path / "news" / "a.txt")]
    assert str(tmp_path / "news" / "a.md") in added.refused[0].why
    assert [entry.notes for entry in added.entries if entry.id == "b"] == [("its id differs from 'B' in case only",)]


def test_exact_copies_are_named_and_left_out(project: Path, tmp_path: Path) -> None:
    """The same text under another id is left out, unless it is wanted."""
    api.add([put(tmp_path / "a.txt", "One.\n")], project)
    copy = put(tmp_path / "b.txt", "One.\r\n\r\n")
    done = run(project, str(copy))
    assert done.exit_code == 0
    assert "the same text as a" in done.stderr
    assert "1 left out as copies" in done.stdout
    assert list(known(project)) == ["a"]
    assert outcomes(api.add([copy], project, keep_copies=True)) == [("b", "added")]


def test_articles_that_look_alike_are_told(project: Path, tmp_path: Path) -> None:
    """New articles are compared with known ones and with each other; exact copies are no news here."""
    story = "Two armed drones struck the Tarsin airbase in Lask province early on Saturday, the coalition said."
    api.add([put(tmp_path / "a.txt", story)], project)
    added = api.add(
        [
            put(tmp_path / "b.txt", story.replace("Saturday", "Sunday")),
            put(tmp_path / "c.txt", story + " It gave no toll."),
            put(tmp_path / "d.txt", "Talks resumed in Velmark after a pause of three weeks, mediators said."),
        ],
        project,
    )
    assert {(near.article, near.other) for near in added.near} == {("b", "a"), ("c", "a"), ("c", "b")}
    assert all(50 < near.similarity < 100 for near in added.near)


def test_a_dry_run_writes_nothing(project: Path, tmp_path: Path) -> None:
    """What would be done is told in full, and no file changes."""
    path = put(tmp_path / "a.txt", "Caf\xe9\r\n".encode("utf-16"))
    done = run(project, str(path), "--dry-run", "--json")
    told = json.loads(done.stdout)
    assert (told["dry_run"], told["added"], told["refused"]) == (True, ["a"], [])
    assert told["notes"] == [{"file": str(path), "note": "utf-16, by its mark"}]
    assert told["entries"][0]["changes"]["line ends (CRLF or CR) made a newline"] == 1
    assert not (project / "articles.jsonl").exists()


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("at dawn.", "at noon.", "from character 3 (line 1) 'dawn.' became 'noon.'"),
        ("one three", "one two three", "from character 4 (line 1) 'three' became 'two three'"),
        ("one\ntwo three", "one\ntwo", "from character 4 (line 2) 'two three' became 'two'"),
        ("air field", "airfield", "from character 0 (line 1) 'air field' became 'airfield'"),
    ],
)
def test_difference_tells_the_place(old: str, new: str, told: str) -> None:
    """The first place where two texts part, and what stands there in each."""
    assert difference(old, new) == told


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
    assert list(read_raw(tmp_path)) == [b"2", b"3"]
