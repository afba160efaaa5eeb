"""What real folders hold: each thing that is no article is named with a way out, and the rest goes in."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from curate import api
from curate.cli.app import app
from curate.errors import CurateError
from curate.intake.mapping import LONGEST_TEXT
from curate.intake.readers import objects
from curate.starting import init
from curate.workspace import Workspace, read_articles


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A new project."""
    return init(tmp_path / "project")


@pytest.fixture
def news(tmp_path: Path) -> Path:
    """A folder with one good article."""
    folder = tmp_path / "news"
    folder.mkdir()
    (folder / "good.txt").write_text("Good.")
    return folder


def names(project: Path) -> list[str]:
    return list(read_articles(Workspace(project)))


HALF = '{"id": "x", "text": "a \\ud800 b"}'
FILES = [
    ("empty.txt", b"", "the text is empty"),
    ("blank.txt", b" \n\t", "the text is empty"),
    ("invisible.txt", "\ufeff\u00ad\u200b\n".encode(), "the text is empty"),
    ("archive.txt", b"PK\x03\x04\x14\x00\x00\x00", "a zip archive"),
    ("binary.txt", bytes(range(32)) * 20, "binary data"),
    ("cut.txt", "Жизнь и судьба".encode()[:-1], "UTF-8 but for 1 bytes"),
    ("bad.jsonl", b'{"id": "x",', "not JSON"),
    ("list.jsonl", b"[1]", "not a JSON object"),
    ("no-text.jsonl", b'{"id": "x"}', "no text; there is: id"),
    ("null-text.jsonl", b'{"id": "x", "text": null}', "the text is empty"),
    ("number-text.jsonl", b'{"id": "x", "text": 5}', "the text is no text"),
    ("title.jsonl", b'{"id": "x", "text": "Text.", "title": 5}', "the title is no text"),
    ("flag.jsonl", b'{"id": "x", "text": "Text.", "lang": ["en"]}', "the language is no text"),
    ("true-id.jsonl", b'{"id": true, "text": "Text."}', "the id is no text"),
    ("twice.jsonl", b'{"id": "x", "text": "Text.", "id": "y"}', "the key 'id' is said twice"),
    ("twice.json", b'[{"id": "x", "text": "Text.", "more": {"a": 1, "a": 2}}]', "the key 'a' is said twice"),
    ("nothing.jsonl", b"", "no article in it"),
    ("nothing.json", b"[]", "no article in it"),
    ("header.csv", b"id,text\n", "no article in it"),
    ("half.jsonl", HALF.encode(), "U+D800"),
    ("half-title.jsonl", b'{"id": "x", "text": "Text.", "title": "\\ud800"}', "half a character"),
    ("half-id.jsonl", b'{"id": "\\ud800", "text": "Text."}', "unprintable"),
    ("half-meta.jsonl", b'{"id": "x", "text": "Text.", "more": {"\\ud800": 1}}', "half a character"),
    ("deep-meta.json", b'{"text": "Text.", "more": ' + b"[" * 900 + b"]" * 900 + b"}", ""),
    ("long-id.jsonl", json.dumps({"id": "x" * 300, "text": "Text."}).encode(), "too long"),
    ("line-id.jsonl", b'{"id": "a\\nb", "text": "Text."}', "unprintable"),
    ("long.txt", b"word " * (LONGEST_TEXT // 5 + 2), "more than can be annotated"),
    ("columns.csv", b"name,place\nx,y\n", "no text; there is: name, place"),
    ("menu.html", b"<html><body><a href='/'>Home</a></body></html>", "no main text"),
    ("broken.parquet", b"PAR1 and nothing more", "no Parquet file"),
    ("matter.md", b"---\ntitle: 'open\n---\nText.", "front matter that can't be read"),
]


@pytest.mark.parametrize(("name", "content", "told"), FILES, ids=[name for name, _, _ in FILES])
def test_a_bad_file_is_named_and_the_rest_goes_in(
    project: Path, news: Path, name: str, content: bytes, told: str
) -> None:
    """Each refusal names file, reason and fix; the exit code says that something was refused."""
    (news / name).write_bytes(content)
    done = CliRunner().invoke(app, ["--project", str(project), "add", str(news)])
    if not told:  # kept or refused, but never a traceback
        assert done.exit_code in (0, 1), done.exception
        return
    assert done.exit_code == 1, done.exception
    refused = [line for line in done.stderr.splitlines() if line.startswith("Refused:")]
    assert len(refused) == 1
    assert str(news / name) in refused[0]
    assert told in refused[0]
    assert names(project) == ["good"]


def test_all_of_them_at_once(project: Path, news: Path) -> None:
    """One run names each of them, and the second run says the same and writes nothing."""
    for name, content, _ in FILES:
        (news / name).write_bytes(content)
    added = api.add([news], project)
    assert {entry.where.split("/")[-1].split(":")[0].split("[")[0] for entry in added.refused} >= {
        name for name, _, told in FILES if told
    }
    before = (project / "articles.jsonl").read_bytes()
    again = api.add([news], project)
    assert ([entry.why for entry in again.refused], again.articles) == ([entry.why for entry in added.refused], [])
    assert (project / "articles.jsonl").read_bytes() == before


def test_a_few_nul_bytes_are_dropped_and_told(project: Path, news: Path) -> None:
    """A text with a stray NUL is a text."""
    (news / "nul.txt").write_bytes(b"A text long enough to hold a stray byte. " * 4 + b"And\x00 here it is.")
    added = api.add([news], project)
    assert added.refused == []
    [entry] = [one for one in added.entries if one.id == "nul"]
    assert ("control characters dropped", 1) in [(change.what, change.count) for change in entry.changes]


def test_lines_too_long_to_be_an_article(project: Path, news: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A monstrous line is skipped by number without being parsed, and the lines after it are read."""
    monkeypatch.setattr(objects, "LONGEST_LINE", 1000)
    rows = ['{"id": "a", "text": "A."}', '{"id": "b", "text": "' + "b" * 5000 + '"}', '{"id": "c", "text": "C."}']
    (news / "lines.jsonl").write_text("\n".join(rows))
    added = api.add([news], project)
    assert [(entry.where, "more than 1,000 characters" in entry.why) for entry in added.refused] == [
        (f"{news / 'lines.jsonl'}:2", True)
    ]
    assert names(project) == ["good", "a", "c"]


def test_files_too_large_to_be_an_article_are_not_read(project: Path, news: Path) -> None:
    """The size of a file is asked before it is opened."""
    with (news / "huge.txt").open("wb") as stream:
        stream.truncate(10**9)
    [refused] = api.add([news], project).refused
    assert "1000 MB are too much" in refused.why
    assert names(project) == ["good"]


def test_links_loops_and_hidden_files(project: Path, news: Path, tmp_path: Path) -> None:
    """Links are followed; a folder within itself, a dead link and other endings are told; hidden files are no news."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "linked.txt").write_text("Linked.")
    (news / "more").symlink_to(elsewhere, target_is_directory=True)
    (elsewhere / "loop").symlink_to(news, target_is_directory=True)
    (news / "file.txt").symlink_to(elsewhere / "linked.txt")
    (news / "dead.txt").symlink_to(tmp_path / "nowhere.txt")
    (news / ".hidden.txt").write_text("Hidden.")
    (news / ".git").mkdir()
    (news / ".git" / "text.txt").write_text("Hidden.")
    (news / "scan.pdf").write_bytes(b"%PDF")
    (news / "README").write_text("No ending.")
    added = api.add([news], project)
    assert [(entry.where, entry.why) for entry in added.refused] == [
        (str(news / "dead.txt"), "a link that leads nowhere")
    ]
    told = {note.text for note in added.notes}
    assert "leads back to a folder above; not entered" in told
    assert "left out, as their endings are not read: 1 .pdf, 1 no ending" in told
    assert names(project) == ["file", "good"]
    assert [entry.id for entry in added.of("duplicate")] == ["more/linked"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_files_that_may_not_be_read(project: Path, news: Path) -> None:
    """A file and a folder without permission are refused by name."""
    (news / "closed.txt").write_text("Closed.")
    (news / "closed.txt").chmod(0)
    (news / "closed").mkdir(mode=0)
    assert sorted(Path(entry.where).name for entry in api.add([news], project).refused) == ["closed", "closed.txt"]


def test_a_system_that_gives_no_file(project: Path, news: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the system says when a file is read becomes a refusal of that file alone."""
    (news / "closed.txt").write_text("Closed.")
    (news / "closed.jsonl").write_text("{}")
    read = Path.read_bytes

    def refusing(path: Path) -> bytes:
        if path.name == "closed.txt":
            raise PermissionError(13, "Permission denied")
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", refusing)
    [refused] = [entry for entry in api.add([news], project).refused if "closed.txt" in entry.where]
    assert refused.why == "can't be read (Permission denied)"
    assert names(project) == ["good"]


def test_paths_that_are_no_files(project: Path, tmp_path: Path) -> None:
    """A missing path, a device, a pipe, an empty folder and an unknown ending are each refused by name."""
    os.mkfifo(tmp_path / "pipe.txt")
    (tmp_path / "empty").mkdir()
    (tmp_path / "news.pdf").write_bytes(b"%PDF")
    paths = [
        tmp_path / "nowhere.txt",
        Path("/dev/null"),
        tmp_path / "pipe.txt",
        tmp_path / "empty",
        tmp_path / "news.pdf",
    ]
    assert [entry.why for entry in api.add(paths, project).refused] == [
        "no such file",
        "neither a file nor a folder",
        "neither a file nor a folder",
        "no file in this folder that is read",
        ".pdf is not read",
    ]


def test_nothing_is_half_written(project: Path, news: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the disk is full the articles are what they were, and no scraps are left."""
    api.add([news], project)
    before = (project / "articles.jsonl").read_bytes()
    (news / "new.txt").write_text("New.")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(CurateError, match="No space left"):
        api.add([news], project)
    assert (project / "articles.jsonl").read_bytes() == before
    assert [path.name for path in project.glob(".articles*")] == []


def test_many_refusals_of_one_kind_are_told_in_short(project: Path, news: Path) -> None:
    """A file of a thousand bad rows doesn't scroll the screen away; --verbose and --json name them all."""
    (news / "rows.jsonl").write_text('{"id": "x"}\n' * 1000)
    done = CliRunner().invoke(app, ["--project", str(project), "add", str(news)])
    refused = [line for line in done.stderr.splitlines() if line.startswith("Refused:")]
    assert len(refused) == 11
    assert "990 more like that" in refused[-1]
    told = json.loads(CliRunner().invoke(app, ["--project", str(project), "--json", "add", str(news)]).stdout)
    assert len(told["refused"]) == 1000


@pytest.mark.parametrize("changed", ["text", "title"])
def test_many_changed_articles_are_one_reason(tmp_path: Path, changed: str) -> None:
    """Each is refused for its own id and words; the reason is the same, and only the first few are named."""
    project, file = init(tmp_path / "project"), tmp_path / "many.jsonl"
    rows = [{"id": f"a-{n}", "text": f"Convoy {n} left the port.", "title": f"Of {n}"} for n in range(300)]
    file.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    api.add([file], project)
    other = [row | {changed: f"Other words, {row['id']}."} for row in rows]
    file.write_text("".join(f"{json.dumps(row)}\n" for row in other))
    done = CliRunner().invoke(app, ["--project", str(project), "add", str(file)])
    refused = [line for line in done.stderr.splitlines() if line.startswith("Refused:")]
    assert done.exit_code == 1
    assert len(refused) == 11
    assert "290 more like that" in refused[-1]
