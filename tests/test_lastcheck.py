"""A check that takes over what the last one made writes, byte for byte, what a check from nothing does."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from curate import api
from curate.api import checking
from curate.files import Replacement
from curate.judging import judge
from curate.labelstudio.tasks import AGAIN, ANNOTATE, Marker
from curate.labelstudio.writing import result_of
from curate.lastcheck import NOTE
from curate.markup import parse, to_reading
from curate.raw import add_raw
from curate.records import Article, Assignment, canonical_json
from curate.schema.loading import load
from curate.settings import read_settings
from curate.text import text_sha256
from curate.workspace import Workspace, write_lines, write_private
from event_schemas import SMALL, SMALL_SCHEMA

SENTENCE = "[Drones](actor>1) [hit](Attack#1) [the base](target>1)."
RESULT = result_of(to_reading(parse(SENTENCE), SMALL_SCHEMA), SMALL_SCHEMA)
LOOSE = [entry | {"parentID": "gone"} if "parentID" in entry else entry for entry in RESULT]
NAMED = [entry | {"id": entry["id"].upper()} if "id" in entry else entry for entry in RESULT]
RESULTS = [RESULT, LOOSE, NAMED, [], RESULT[:2], "no list", [{"type": "sticker", "id": "x"}]]
EXAMPLES = int(os.environ.get("CURATE_EXAMPLES", "0"))
NAMES = ("a", "b", "c", "d")
SOURCES = ("project-1-20260101", "project-2-20260101", "project-2-file")


class Room:
    """A project of a few short articles, and what a server would say of them."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.workspace, self.number = folder, Workspace(folder), 0
        self.tasks: dict[tuple[str, str], dict[str, Any]] = {}
        (folder / "curate.toml").write_text('workspace = "w"\nschema = "schema.yaml"\n')
        (folder / "schema.yaml").write_text(SMALL)
        for name in NAMES[:3]:
            self.tell(name, "")
        self.annotate(SOURCES[0], "a", 1, 0)

    def tell(self, name: str, more: str) -> None:
        """Add an article or a revision of one."""
        text = parse(SENTENCE).text + more
        article = Article(id=name, text=text, text_sha256=text_sha256(text))
        with self.workspace.articles.open("ab") as stream:
            stream.write(canonical_json(article) + b"\n")

    def say(self, source: str, answer: dict[str, Any]) -> None:
        """Keep an answer of the server."""
        (self.workspace.raw / source).mkdir(parents=True, exist_ok=True)
        add_raw(self.workspace.raw / source, [canonical_json(answer)])

    def annotate(self, source: str, name: str, user: int, result: int, **more: Any) -> None:
        """Let somebody annotate an article, or change what they made of it."""
        self.number += 1
        text = parse(SENTENCE).text
        data = {"article_id": name, "text": text, "text_sha256": text_sha256(text)}
        new = {"id": 1 + len(self.tasks), "project": 1, "data": data, "annotations": [], "predictions": []}
        task = self.tasks.setdefault((source, name), new)
        kept = [one for one in task["annotations"] if one["completed_by"] != user or self.number % 3]
        at = f"2026-01-01T00:{self.number:02d}:00.000000Z"
        made = {"id": self.number, "completed_by": user, "created_at": at, "updated_at": at, "was_cancelled": False}
        task["annotations"] = [*kept, made | {"result": RESULTS[result % len(RESULTS)], **more}]
        self.say(source, task)

    def written(self) -> dict[str, bytes]:
        """Read what a check writes."""
        return {path.name: path.read_bytes() for path in sorted(self.workspace.exports.glob("*.json*"))}

    @property
    def note(self) -> Path:
        """The note of the last check."""
        return self.workspace.private / NOTE


def annotate(room: Room, one: int, other: int, **more: Any) -> None:
    """Let one of two people annotate one of four articles on one of three servers."""
    room.annotate(SOURCES[other % 3], NAMES[one % 4], 1 + other % 2, one, **more)


def task_of(room: Room, one: int) -> tuple[str, dict[str, Any]]:
    """Give one of the tasks there were, with its server."""
    key = sorted(room.tasks)[one % len(room.tasks)]
    return key[0], room.tasks[key]


def delete_annotation(room: Room, one: int, other: int) -> None:
    """Delete the oldest annotation of a task."""
    source, task = task_of(room, one)
    task["annotations"] = task["annotations"][1:]
    room.say(source, task)


def delete_task(room: Room, one: int, other: int) -> None:
    """Delete a task; when it is told of again, it is back."""
    source, task = task_of(room, one)
    room.say(source, {"gone_tasks": [task["id"]]})


def edit_text(room: Room, one: int, other: int) -> None:
    """Change a task's text on the server."""
    source, task = task_of(room, one)
    task["data"] = task["data"] | {"text": "Another text."}
    room.say(source, task)


def draft(room: Room, one: int, other: int) -> None:
    """Begin something on a task, or submit what was begun."""
    source, task = task_of(room, one)
    begun = {"id": 900 + one, "user": 1 + other % 2, "result": RESULTS[one % 2]}
    room.say(source, {"drafts_of": task["id"], "drafts": [begun] * (other % 2)})


def mark(room: Room, one: int, other: int) -> None:
    """Say what a server's project is for, and whose it is."""
    purpose = (ANNOTATE, AGAIN, "qualify")[other % 3]
    room.say(SOURCES[one % 3], {"marker": Marker("w", purpose, "somebody" * (one % 2), "s@1").write()})


def change_schema(room: Room, one: int, other: int) -> None:
    """Put another version of the schema in force, and keep the one there was."""
    _keep_schema(room)
    text = SMALL.replace("version: 1.0.0", f"version: 1.{other % 3}.0")
    (room.folder / "schema.yaml").write_text(text.replace("actor: {}", "actor: {required: true}") if one % 2 else text)


def accept(room: Room, one: int, other: int) -> None:
    """Accept none, one or two codes."""
    codes = json.dumps(["parent-invalid", "argument-unattached"][: other % 3])
    (room.folder / "curate.toml").write_text(f'workspace = "w"\nschema = "schema.yaml"\naccept = {codes}\n')


def name_people(room: Room, one: int, other: int) -> None:
    """Let an account have another address than it had."""
    write_private(room.workspace, "people.json", {str(1 + other % 2): f"p{one % 2}@example.org"})


def hide(room: Room, one: int, other: int) -> None:
    """Make an article one with known answers, or none."""
    write_lines(room.workspace.gold, [Assignment(article_id=NAMES[one % 4], annotator="x")] * (other % 2))


def _keep_schema(room: Room) -> None:
    folder = room.workspace.raw / "schemas"
    folder.mkdir(exist_ok=True)
    content = (room.folder / "schema.yaml").read_bytes()
    (folder / f"small-{hashlib.sha256(content).hexdigest()[:8]}.yaml").write_bytes(content)


def spoil(room: Room, one: int, other: int) -> None:
    """Spoil the note or what a check wrote, as a broken disk, a hand, or a kill between two files would."""
    paths = [room.note, room.note, *sorted(room.workspace.exports.glob("*.jsonl"))]
    path = paths[other % len(paths)]
    content = path.read_bytes() if path.is_file() else b""
    place = other * 37 % max(len(content), 1)
    if one % 3 == 0:
        path.write_bytes(content[:place])
    elif one % 3 == 1:
        path.unlink(missing_ok=True)
    elif content:
        path.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])


ACTS: dict[str, Callable[[Room, int, int], None]] = {
    "annotate": annotate,
    "annotate more": annotate,
    "skip": lambda room, one, other: annotate(room, one, other, was_cancelled=True),
    "by another": lambda room, one, other: annotate(room, one, other, updated_by=2),
    "delete annotation": delete_annotation,
    "delete task": delete_task,
    "edit text": edit_text,
    "draft": draft,
    "article": lambda room, one, other: room.tell(NAMES[one % 4], " Again." * (other % 3)),
    "marker": mark,
    "schema": change_schema,
    "accept": accept,
    "people": name_people,
    "gold": hide,
    "spoil": spoil,
    "spoil more": spoil,
}
STEPS = st.lists(st.tuples(st.sampled_from(list(ACTS)), st.integers(0, 11), st.integers(0, 40)), min_size=1, max_size=3)


@contextmanager
def roomed() -> Iterator[Room]:
    """Give a project that was checked once; its schemas are not read twice."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        read = cache(lambda content: load(content.decode(), "schema.yaml"))
        patch.setattr(checking, "load_schema", lambda settings: read(settings.schema.read_bytes()))
        patch.setattr("curate.api.project.read_schema", lambda path: read(path.read_bytes()))
        room = Room(Path(folder))
        api.check(room.folder)
        yield room


def from_nothing(room: Room) -> dict[str, bytes]:
    """Check without anything that was made before, and leave the note as it was."""
    note = room.note.read_bytes()
    room.note.unlink()
    api.check(room.folder)
    written = room.written()
    room.note.write_bytes(note)
    return written


@settings(max_examples=EXAMPLES or 8, deadline=None)
@given(st.lists(STEPS, min_size=1, max_size=5))
@example([[("annotate", one, one)] for one in range(8)])
@example([[("annotate", 3, 0)], [("gold", 3, 1)], [("gold", 3, 0)], [("article", 3, 0)]])
@example([[("annotate", 0, 0)], [("marker", 0, 2)], [("marker", 0, 1)]])
@example([[("spoil", 2, 0)], [("spoil", 2, 5)], [("spoil", 0, 0)]])
@example([[("annotate", 1, 1)], [("people", 0, 0)], [("people", 1, 0)]])
@example([[("schema", 1, 1)], [("schema", 0, 0)], [("accept", 0, 2)], [("accept", 0, 0)]])
def test_a_check_comes_to_the_same_as_one_from_nothing(rounds: list[Any]) -> None:
    """Whatever was done since the last one, and whatever befell its files."""
    with roomed() as room:
        for steps in rounds:
            for what, one, other in steps:
                ACTS[what](room, one, other)
            api.check(room.folder)
            written = room.written()
            assert written == from_nothing(room)


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """List of which articles an annotation was judged."""
    found: list[str] = []

    def judging(task: Any, annotation: Any, who: str, article: Article, context: Any) -> Any:
        found.append(article.id)
        return judge(task, annotation, who, article, context)

    monkeypatch.setattr("curate.checking.judge", judging)
    return found


@pytest.mark.parametrize(
    ("change", "again"),
    [
        (lambda room: None, ""),
        (lambda room: room.annotate(SOURCES[0], "b", 2, 0), "b"),
        (lambda room: room.tell("d", ""), ""),
        (lambda room: room.note.unlink(), "abc"),
        (lambda room: room.workspace.export("findings.jsonl").write_bytes(b"{}\n"), "abc"),
        (lambda room: accept(room, 0, 1), "abc"),
        (lambda room: write_private(room.workspace, "people.json", {"9": "new@example.org"}), ""),
        (lambda room: write_private(room.workspace, "people.json", {"3": "new@example.org"}), "c"),
    ],
    ids=["nothing", "annotation", "article", "note", "file", "accept", "stranger", "person"],
)
def test_only_what_changed_is_done_again(judged: list[str], change: Callable[[Room], Any], again: str) -> None:
    """An article when something of its own did, all of them when it was something they share or nothing is sure."""
    with roomed() as room:
        for number, name in enumerate("abc", 1):
            room.annotate(SOURCES[0], name, number, 0)
        api.check(room.folder)
        change(room)
        judged.clear()
        api.check(room.folder)
        assert sorted(set(judged)) == list(again)


def test_nothing_is_written_when_nothing_changed() -> None:
    """Not even a file that is put in the place of its equal."""
    with roomed() as room:
        paths = [room.note, *room.workspace.exports.glob("*.json*")]
        before = [(path.stat().st_ino, path.stat().st_mtime_ns) for path in paths]
        api.check(room.folder)
        assert [(path.stat().st_ino, path.stat().st_mtime_ns) for path in paths] == before


@pytest.mark.parametrize("at", range(1, 5))
def test_a_check_that_is_stopped_between_two_files_is_made_good(at: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next one writes what a check from nothing does."""
    with roomed() as room:
        room.annotate(SOURCES[0], "b", 2, 1)
        room.annotate(SOURCES[0], "c", 2, 0)
        commits = 0

        def commit(self: Replacement) -> bool:
            nonlocal commits
            commits += 1
            if commits == at:
                raise KeyboardInterrupt
            return real(self)

        real = Replacement.commit
        with monkeypatch.context() as stopping:
            stopping.setattr(Replacement, "commit", commit)
            with pytest.raises(KeyboardInterrupt):
                api.check(room.folder)
        api.check(room.folder)
        written = room.written()
        assert written == from_nothing(room)


def test_the_ground_changes_with_what_a_check_depends_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Schemas, what is accepted, Python, the libraries that read, check and write, each file of our own code."""
    package = tmp_path / "curate"
    (package / "labelstudio").mkdir(parents=True)
    for name in ("__init__.py", "books.py", "labelstudio/reading.py"):
        (package / name).write_text("SAID = 1\n")
    monkeypatch.setattr(checking.curate, "__file__", str(package / "__init__.py"))
    versions = {"jsonschema-rs": "1", "msgspec": "1", "PyYAML": "1"}
    monkeypatch.setattr(checking.importlib.metadata, "version", lambda name: versions.get(name, "1"))
    with roomed() as room:

        def ground() -> str:
            return checking.ground_of(read_settings(room.folder), room.workspace)

        grounds = [ground()]
        assert ground() == grounds[0]
        for change, one, other in ((accept, 0, 1), (change_schema, 0, 1), (change_schema, 1, 2)):
            change(room, one, other)
            grounds.append(ground())
        for library in versions:
            versions[library] = "2"
            grounds.append(ground())
        monkeypatch.setattr(checking.sys, "version", "4")
        grounds.append(ground())
        for name in ("labelstudio/reading.py", "books.py", "labelstudio/values.py"):
            (package / name).write_text("SAID = 2\n")
            grounds.append(ground())
        (package / "books.py").unlink()
        grounds.append(ground())
        assert len(set(grounds)) == len(grounds) == 12
