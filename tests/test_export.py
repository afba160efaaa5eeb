"""Label Studio exports: read in pieces as they are read whole, kept once, and refused where they are none."""

from __future__ import annotations

import io
import json
import shutil
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from curate import api
from curate.api.project import annotator_names
from curate.cli.app import app
from curate.errors import InputError, UsageError
from curate.labelstudio.contents import written
from curate.labelstudio.export import elements
from curate.labelstudio.surrogates import ReadableStream
from curate.raw import imported_folder
from curate.settings import read_settings
from curate.workspace import Workspace, read_private
from sample_project import pulled

JSON = st.recursive(
    st.none() | st.integers() | st.text(st.sampled_from('a"\\{}[],: \né'), max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "x", '{"id"']), inner, max_size=3)
    ),
    max_leaves=8,
)
TASKS = st.lists(
    st.builds(lambda number, inner, rest: {"id": number, "annotations": inner, "data": rest}, st.integers(), JSON, JSON)
)


@given(TASKS, st.integers(1, 60), st.sampled_from([None, 1]), st.booleans(), st.sampled_from([b"", b"\xef\xbb\xbf\n "]))
def test_an_array_in_pieces_is_the_array(
    tasks: list[Any], window: int, indent: int | None, ascii_only: bool, before: bytes
) -> None:
    """However small the window, every element comes, whole and in order."""
    text = json.dumps(tasks, indent=indent, ensure_ascii=ascii_only)
    stream = io.BytesIO(before + text.encode() + b"\n")
    assert [msgspec.json.decode(one) for one in elements(stream, Path("export.json"), window)] == tasks


@given(TASKS.filter(bool), st.integers(1, 60), st.data())
def test_a_cut_array_is_refused(tasks: list[Any], window: int, data: st.DataObject) -> None:
    """Whatever is missing at the end, the array is not taken for a whole one."""
    text = json.dumps(tasks).encode()
    cut = text[: data.draw(st.integers(0, len(text) - 1))]
    with pytest.raises(InputError, match="export"):
        list(elements(io.BytesIO(cut), Path("export.json"), window))


HALVES = st.text(st.sampled_from(["\\", "u", "d", "8", "0", "a", '"', "é", "😀", "\ud83d", "\ude80", "\udfff", "\n"]))


@given(st.lists(HALVES), st.integers(1, 40))
def test_half_a_surrogate_pair_becomes_its_escape(texts: list[str], size: int) -> None:
    """However the text is cut, what UTF-8 can't hold is written out, and all else stays as it was."""
    content = json.dumps(texts)
    stream, found = ReadableStream(io.BytesIO(content.encode())), b""
    while more := stream.read(size):
        found += more
    assert msgspec.json.decode(found) == [written(text) for text in json.loads(content)]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project whose work was pulled from a server."""
    return pulled(tmp_path / "project")


def tasks_of(project: Path) -> list[dict[str, Any]]:
    """Give the tasks of the project as an export has them."""
    lines = next((project / "exports/raw").glob("project-1-2*/*.jsonl")).read_bytes().splitlines()
    return [json.loads(line) | {"updated_at": "2026-01-02T00:00:00Z"} for line in lines]


def write(project: Path, tasks: Any) -> Path:
    path = project.parent / "export.json"
    path.write_text(json.dumps(tasks, ensure_ascii=False, indent=1), encoding="utf-8")
    return path


def exports(project: Path) -> dict[str, bytes]:
    return {str(path.relative_to(project)): path.read_bytes() for path in (project / "exports").rglob("*.json*")}


def forget_server(project: Path) -> None:
    for folder in (project / "exports/raw").glob("project-*"):
        shutil.rmtree(folder)


def test_a_file_comes_to_the_same_as_the_server(project: Path) -> None:
    """What is read from an export is accepted, held and counted as what was pulled; the second time is no news."""
    path, due = write(project, tasks_of(project)), exports(project)
    forget_server(project)
    told, checked = api.pull(project, from_file=path)
    assert (told.tasks, told.new, told.gone) == (len(tasks_of_file(path)), len(tasks_of_file(path)), 0)
    made = exports(project)
    assert {name: content for name, content in made.items() if "/raw/" not in name} == {
        name: content for name, content in due.items() if "/raw/" not in name
    }
    assert len(checked.annotations) > 0
    told, _ = api.pull(project, from_file=path)
    assert (told.new, told.gone) == (0, 0)
    assert exports(project) == made


def tasks_of_file(path: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(path.read_bytes())
    return found


def test_what_the_server_said_too_counts_once(project: Path) -> None:
    """The same annotations from server and file are counted once, and the books and the status balance."""
    before = list(api.check(project).annotations)
    tasks = tasks_of(project)
    for annotation in (one for task in tasks for one in task["annotations"]):
        annotation["lead_time"] = 4321.0  # what the server said counts
    _, checked = api.pull(project, from_file=write(project, tasks))
    assert list(checked.annotations) == before
    assert checked.books["annotations"]["excluded"]["superseded"] >= len(before)
    assert {found.code for found in checked.findings} >= {"annotation-superseded"}
    assert api.status(project).disagreements == []


def told(project: Path, path: Path) -> tuple[int, list[str], dict[str, Any]]:
    """Take a file; give how many tasks were new, what was said, and the books of the annotations."""
    said: list[str] = []
    taken, checked = api.pull(project, from_file=path, progress=said.append)
    return taken.new, said, checked.books["annotations"]


def test_what_the_server_said_in_the_same_words_is_not_seen_twice(project: Path) -> None:
    """Tasks that hold nothing the server didn't tell are passed over and counted; what is their own is taken."""
    raw = next((project / "exports/raw").glob("project-*"))
    tasks = tasks_of(project)
    (raw / "000001.jsonl").write_text("".join(json.dumps(task) + "\n" for task in tasks))
    draft = {"id": 5, "result": [], "user": 1}
    (raw / "000002.jsonl").write_text(json.dumps({"drafts_of": tasks[0]["id"], "drafts": [draft]}) + "\n")
    due, before = api.check(project).books["annotations"], exports(project)
    tasks[0]["drafts"] = [5]
    known = f"passed over, being known from the server as they are there or later: {len(tasks)} tasks"
    assert told(project, write(project, tasks)) == (0, [known], due)
    earlier = [task | {"updated_at": "2025-12-01T00:00:00Z"} for task in tasks]
    earlier[0]["annotations"] = [earlier[0]["annotations"][0] | {"updated_at": "2025-12-01T00:00:00Z", "result": []}]
    assert told(project, write(project, earlier)) == (0, [known], due)
    assert exports(project) == before
    tasks[0] |= {"drafts": [5, 6], "updated_at": "2026-03-01T00:00:00Z"}
    tasks[1]["annotations"][0]["lead_time"] = 1.0
    tasks[2] |= {"id": 9_000, "annotations": []}
    new, _, books = told(project, write(project, tasks))
    assert new == 3
    assert books["excluded"]["draft"] == 3
    assert books["excluded"]["superseded"] == len(tasks[0]["annotations"]) + len(tasks[1]["annotations"])
    assert api.status(project).disagreements == []


def test_tasks_that_show_something_else_are_told(project: Path) -> None:
    """How many show no article of here, or another text, is said each time, whether anything is drawn there or not."""
    tasks = tasks_of(project)
    forget_server(project)
    tasks[0] |= {"annotations": [], "data": {"text": "Of nothing here."}}
    tasks[1]["data"]["article_id"] = ["elsewhere"]
    tasks[2]["data"]["text_sha256"] = "0" * 64
    tasks[3]["data"]["text"] += " More."
    tasks[4]["data"]["text"] = None
    path, said = write(project, tasks), "; what is drawn there doesn't count"
    lines = [
        f"showing no article that is here: 2 tasks{said}",
        f"showing another text than their article has here: 3 tasks{said}",
    ]
    assert told(project, path)[1] == lines
    assert told(project, path)[:2] == (0, lines)


def test_what_changed_is_added_and_what_is_older_is_not(project: Path) -> None:
    """A later export adds what it changes, an earlier one nothing; only a full one forgets tasks."""
    forget_server(project)
    tasks = tasks_of(pulled(project.parent / "other"))
    annotated = next(place for place, one in enumerate(tasks) if one["annotations"])
    api.pull(project, from_file=write(project, tasks))
    later = [{**one} for one in tasks]
    later[annotated] |= {"annotations": [], "updated_at": "2026-03-01T00:00:00Z"}
    told, checked = api.pull(project, from_file=write(project, later))
    assert (told.new, told.gone) == (1, 0)
    assert checked.books["annotations"]["excluded"]["deleted"] == len(tasks[annotated]["annotations"])
    told, _ = api.pull(project, from_file=write(project, tasks))
    assert told.new == 0
    told, _ = api.pull(project, from_file=write(project, later[1:]))
    assert (told.new, told.gone) == (0, 0)
    told, _ = api.pull(project, full=True, from_file=write(project, later[1:]))
    assert (told.new, told.gone) == (0, 1)
    assert api.status(project).disagreements == []


def test_what_differs_in_nothing_but_the_telling_is_no_news(project: Path) -> None:
    """The server says anew how long ago a prediction was made, and may order keys as it likes."""
    forget_server(project)
    tasks = [
        task | {"predictions": [{"id": task["id"], "model_version": "m", "created_ago": "1 minute", "result": []}]}
        for task in tasks_of(pulled(project.parent / "other"))
    ]
    told, _ = api.pull(project, from_file=write(project, tasks))
    assert told.new == len(tasks)
    for task in tasks:
        task["predictions"][0]["created_ago"] = "2 minutes"
    made = exports(project)
    for again in (tasks, [dict(reversed(task.items())) for task in tasks]):
        told, _ = api.pull(project, from_file=write(project, again))
        assert told.new == 0
    assert exports(project) == made


def test_half_a_surrogate_pair_holds_what_it_stands_in(project: Path) -> None:
    """One reading has it in the words of a region, one task in its text: those are held, and all else is taken in."""
    tasks = tasks_of(project)
    whole = {one.id for one in api.check(project).annotations}
    region = next(one for one in tasks[0]["annotations"][0]["result"] if one["type"] == "labels")
    region["value"]["text"] += "\ud83d"
    tasks[1]["data"]["text"] += "\ude80"
    spoilt = {str(tasks[0]["annotations"][0]["id"]), *(str(one["id"]) for one in tasks[1]["annotations"])}
    path = project.parent / "export.json"
    path.write_text(json.dumps(tasks), encoding="utf-8")
    forget_server(project)
    _, checked = api.pull(project, from_file=path)
    assert {one.id for one in checked.annotations} == whole - spoilt
    codes = {found.annotation_id: found.code for found in checked.findings if found.level == "error"}
    assert codes.keys() == spoilt
    assert set(codes.values()) == {"span-text-differs", "text-changed"}
    assert checked.books["items"]["held"] > 0


def test_drafts_in_an_export_are_counted(project: Path) -> None:
    """A draft that the export has stands in the books, and no longer when it is gone."""
    forget_server(project)
    tasks = tasks_of(pulled(project.parent / "other"))
    draft = {"id": 5, "annotation": None, "result": tasks[0]["annotations"][0]["result"], "user": "a@example.org"}
    tasks[0] |= {"drafts": [draft]}
    _, checked = api.pull(project, from_file=write(project, tasks))
    assert checked.books["annotations"]["excluded"]["draft"] == 1
    tasks[0] |= {"drafts": [], "updated_at": "2026-01-03T00:00:00Z"}
    _, checked = api.pull(project, from_file=write(project, tasks))
    assert "draft" not in checked.books["annotations"]["excluded"]


def test_drafts_known_by_their_numbers_are_counted(project: Path) -> None:
    """An export may name drafts without what is in them; they count, beside the server's own of that number."""
    folder = next(iter(Workspace(project).raw.glob("project-*")))
    tasks = tasks_of(project)
    server = {"drafts_of": tasks[0]["id"], "drafts": [{"id": 5, "result": [], "user": 1}]}
    (folder / "000099.jsonl").write_text(json.dumps(server) + "\n")
    tasks[0] |= {"drafts": [5, 6], "updated_at": "2026-01-03T00:00:00Z"}
    _, checked = api.pull(project, from_file=write(project, tasks))
    assert checked.books["annotations"]["excluded"]["draft"] == 3


def test_a_draft_is_its_annotators_by_number_and_account(project: Path) -> None:
    """An export names whoever annotated by number and whoever began a draft by account; both are one."""
    workspace = Workspace(project)
    name = annotator_names(workspace)
    number, account = next(iter(read_private(workspace, "people.json").items()))
    assert name(account) == name(number) != name("somebody@example.org")


def test_a_draft_in_an_export_is_its_annotators(project: Path) -> None:
    """From a file alone too: the name for people ends with the number that annotations have, however it begins."""
    forget_server(project)
    (project / ".curate" / "people.json").unlink()
    tasks = tasks_of(pulled(project.parent / "other"))
    user, account = tasks[0]["annotations"][0]["completed_by"], "ana.reed@example.org"
    named = {
        6: f"{account}, {user}",
        7: f"Ana, 3 Reed {account}, {user}",
        8: f"x{account}, {user}",
        9: f"{account}, ten",
    }
    tasks[0]["drafts"] = [
        {"id": number, "result": [], "user": account, "created_username": name} for number, name in named.items()
    ]
    api.pull(project, from_file=write(project, tasks))
    name = annotator_names(Workspace(project))
    people = api.status(project).standing.people
    assert people[name(user)]["draft"] == 2
    assert people[name(account)]["draft"] == 2


def test_predictions_named_by_number_are_read_twice(project: Path) -> None:
    """An export may name predictions by their numbers alone; a later one is held against it all the same."""
    forget_server(project)
    tasks = tasks_of(pulled(project.parent / "other"))
    tasks[0]["predictions"] = [7]
    assert api.pull(project, from_file=write(project, tasks))[0].new == len(tasks)
    tasks[0] |= {"updated_at": "2026-01-03T00:00:00Z", "predictions": [7, 8]}
    assert api.pull(project, from_file=write(project, tasks))[0].new == 1


def test_an_annotation_met_in_two_exports_counts_once(project: Path) -> None:
    """The same number in another task of the article, in a later export, is no second reading."""
    forget_server(project)
    tasks = [one for one in tasks_of(pulled(project.parent / "other")) if one["annotations"]]
    _, before = api.pull(project, from_file=write(project, tasks))
    again = [tasks[0] | {"id": 9_000}]
    _, checked = api.pull(project, from_file=write(project, again))
    assert len(checked.annotations) == len(before.annotations)
    assert "annotation-superseded" in {found.code for found in checked.findings}


def test_exports_of_several_servers_are_told_apart(project: Path) -> None:
    """A task that shows another article than the one of that number did is refused, and nothing is overwritten."""
    forget_server(project)
    tasks = tasks_of(pulled(project.parent / "other"))
    api.pull(project, from_file=write(project, tasks))
    before = exports(project)
    tasks[0] = tasks[0] | {"data": tasks[0]["data"] | {"article_id": "elsewhere"}}
    with pytest.raises(InputError, match="shows article 'elsewhere'") as told:
        api.pull(project, from_file=write(project, tasks))
    assert "project of its own" in str(told.value.fix)
    assert exports(project) == before


def stranger(project: Path) -> list[dict[str, Any]]:
    """Give a task as another Label Studio has it: an article of here, read by another, under a number of here."""
    task = next(one for one in tasks_of(project) if one["annotations"])
    reading = task["annotations"][0] | {"completed_by": 99, "created_at": "2026-01-05T00:00:00.000000Z"}
    return [task | {"id": 9_000, "project": 50, "annotations": [reading]}]


def test_an_annotation_of_another_server_is_refused_whole(project: Path) -> None:
    """Where the number is that of another annotation here, file and number are told and nothing is kept."""
    before, theirs = exports(project), stranger(project)
    with pytest.raises(
        InputError, match=r"export\.json: its annotation \d+ is not the one that project-1-2026"
    ) as told:
        api.pull(project, from_file=write(project, theirs))
    assert "project of its own" in str(told.value.fix)
    assert exports(project) == before
    api.adjudicate(project=project)
    again = [theirs[0] | {"id": 9_001, "project": 51}]
    with pytest.raises(InputError, match="is there twice"):
        api.pull(project, from_file=write(project, theirs + again))


def test_two_servers_that_were_mixed_can_be_parted(project: Path) -> None:
    """The check names the folder that came from a file and leaves what it made before; without that it is fine."""
    before = {name: content for name, content in exports(project).items() if "/raw/" not in name}
    folder = imported_folder(Workspace(project), 50)
    folder.mkdir()
    (folder / "000001.jsonl").write_text(json.dumps(stranger(project)[0]) + "\n")
    with pytest.raises(UsageError, match="of two Label Studios") as told:
        api.check(project)
    assert told.value.fix == f"Delete {folder}, which came from a file; then: curate check"
    assert {name: content for name, content in exports(project).items() if "/raw/" not in name} == before
    shutil.rmtree(folder)
    api.check(project)
    assert {name: content for name, content in exports(project).items() if "/raw/" not in name} == before
    api.adjudicate(project=project)


def test_an_export_is_read_by_the_schema_of_its_day(tmp_path: Path) -> None:
    """A project that never pushed keeps the schema all the same, so that a later one can say what it renamed."""
    project = pulled(tmp_path / "other")
    tasks = tasks_of(project)
    shutil.rmtree(project / "exports" / "raw")
    api.pull(project, from_file=write(project, tasks))
    assert api.migrate_schema(project=project) == []
    schema = read_settings(project).schema
    schema.write_text(schema.read_text().replace("version: 1.0.0", "version: 1.1.0"))
    assert [way.old.version for way in api.migrate_schema(project=project)] == ["1.0.0"]
    checked = api.check(project)
    assert "stamp-unknown" not in {found.code for found in checked.findings}


def test_unknown_articles_are_findings(project: Path) -> None:
    """A task whose article isn't there, or that never was curate's, holds its annotations back with a finding."""
    tasks = [one for one in tasks_of(project) if one["annotations"]][:2]
    tasks[0]["data"]["article_id"] = "elsewhere"
    del tasks[1]["data"]["article_id"]
    forget_server(project)
    _, checked = api.pull(project, from_file=write(project, tasks))
    assert {found.code for found in checked.findings} == {"annotation-orphan"}
    assert {found.article_id for found in checked.findings} == {"elsewhere", "None"}
    assert len(checked.annotations) == 0


WHOLE = {"id": 1, "annotations": [], "data": {}}
RUBBISH = {
    "empty": b"",
    "no JSON": b"\x89PNG\r\n",
    "an object": b'{"id": 1}',
    "cut off": json.dumps([WHOLE, WHOLE]).encode()[:-9],
    "no end": b"[" + json.dumps(WHOLE).encode(),
    "no tasks": b"[1, 2]",
    "JSON-MIN": b'[{"text": "a", "id": 1, "label": [], "annotator": 1, "annotation_id": 1}]',
    "a wrong id": json.dumps([WHOLE | {"id": "x"}]).encode(),
    "a wrong annotation": json.dumps([WHOLE | {"annotations": [5]}]).encode(),
    "a task twice": json.dumps([WHOLE, WHOLE]).encode(),
    "no task at all": b"[]",
    "an annotation twice": json.dumps([WHOLE | {"annotations": [{"id": 1}, {"id": 1}]}]).encode(),
    "an annotation in two tasks": json.dumps(
        [WHOLE | {"id": number, "annotations": [{"id": 1}]} for number in (1, 2)]
    ).encode(),
    "a draft twice": json.dumps([WHOLE | {"drafts": [5, {"id": 5}]}]).encode(),
    "a draft without number": json.dumps([WHOLE | {"drafts": [{"result": []}]}]).encode(),
    "predictions that are none": json.dumps([WHOLE | {"predictions": True}]).encode(),
    "a number beyond all": json.dumps([WHOLE | {"id": 2**63}]).encode(),
    "more after it": json.dumps([WHOLE]).encode() + b" x",
    "not UTF-8": b'[{"id": 1, "annotations": [], "data": {"text": "\xe9"}}]',
    "deep": b'[{"id": 1, "annotations": ' + b"[" * 100_000,
    "no number": b'[{"id": 1, "annotations": [], "data": {"x": NaN}}]',
}


@pytest.mark.parametrize("content", RUBBISH.values(), ids=RUBBISH)
def test_what_is_no_export_is_refused_whole(project: Path, content: bytes) -> None:
    """File and reason are told, and nothing has changed."""
    before = exports(project)
    path = project.parent / "rubbish.json"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"rubbish\.json"):
        api.pull(project, from_file=path)
    assert exports(project) == before
    assert not imported_folder(Workspace(project), 0).exists()


def test_the_command_says_what_is_wrong(project: Path) -> None:
    """A missing file is a wrong use; a good one is read and its books are shown."""
    with pytest.raises(UsageError, match="can't be read"):
        api.pull(project, from_file=project / "none.json")
    path = write(project, tasks_of(project))
    forget_server(project)
    done = CliRunner().invoke(app, ["--project", str(project), "pull", "--from-file", str(path)])
    assert "annotations: " in done.output
    done = CliRunner().invoke(app, ["--project", str(project), "pull", "--from-file", str(project)])
    assert done.exit_code == 2
