"""A project with hidden texts, by the commands: given out, read, followed, and nothing else of it changes."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from curate import api
from curate.accounts import account_names
from curate.api.answering import GOLD, given_answers, gold_articles, read_answers, read_gold_answers
from curate.cli.app import app
from curate.errors import InputError
from curate.gold import SHOWN
from curate.labelstudio.tasks import ANNOTATE, QUALIFY, Marker, task_data
from curate.labelstudio.writing import result_of
from curate.markup import parse, to_reading
from curate.records import canonical_json
from curate.settings import read_settings
from curate.starting import init
from curate.workspace import Workspace, read_articles, read_gold, write_lines, write_private
from sample_project import PEOPLE, annotation, pulled
from test_gold import article

MILL = "[Rebels](actor>1) [shelled](Attack#1) [the mill](target>1)."
ROAD = "Envoys [met](Agree#1) in [Velmark](place>1)."


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with hidden texts, which nobody was given yet."""
    return hidden(tmp_path / "airbase")


def hidden(folder: Path) -> Path:
    """Put the bundled articles and readings of two people who go on into a folder, and two hidden texts."""
    pulled(folder)
    workspace = Workspace(folder)
    write_private(workspace, "annotators.json", dict.fromkeys(account_names(workspace), "active"))
    with (folder / "curate.toml").open("a", encoding="utf-8") as written:
        written.write("\n[gold]\nevery = 3\n")
    articles = read_articles(workspace)
    like = next(iter(articles.values()))
    shown = {key: value for key in SHOWN if (value := getattr(like, key))}
    # Not in the order of their ids: any text may stand among them.
    new = [article(f"Unread {number}.", **shown) for number in reversed(range(12))]
    write_lines(workspace.articles, [*articles.values(), *new])
    for name, marked in (("mill", MILL), ("road", ROAD)):
        path = folder / "gold" / f"{name}.txt"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"{marked}\n", encoding="utf-8")
        path.with_suffix(".json").write_text(json.dumps(shown), encoding="utf-8")
    return folder


def run(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["--project", str(folder), *arguments])


def answer(folder: Path, readings: dict[str, str]) -> str:
    """Let Ana read hidden texts in her project; give her pseudonym."""
    schema = api.load_schema(read_settings(folder))
    made = {
        name: [annotation(number, 11, result_of(to_reading(parse(marked), schema), schema))]
        for number, (name, marked) in enumerate(readings.items(), 900)
    }
    return tell(folder, made)


def tell(folder: Path, made: dict[str, list[dict[str, Any]]], **changed: str) -> str:
    """Pull what was made of hidden texts in Ana's project, as the server would tell it; give her pseudonym."""
    workspace, schema = Workspace(folder), api.load_schema(read_settings(folder))
    who = next(name for name, account in account_names(workspace).items() if account == PEOPLE["11"])
    texts = gold_articles(workspace, schema)
    lines: list[Any] = [{"marker": Marker("w", ANNOTATE, who, schema.stamp).write()}]
    for number, (name, submitted) in enumerate(made.items(), 900):
        told = {"annotations": submitted, "drafts": [], "predictions": []}
        lines.append({"id": number, "project": 2, "data": task_data(texts[name]) | changed, **told})
    raw = workspace.raw / "project-2-20260101"
    raw.mkdir(exist_ok=True)
    (raw / "000001.jsonl").write_bytes(b"".join(canonical_json(line) + b"\n" for line in lines))
    return who


def test_what_counts_is_somebodys_own_last_answer_to_the_text_as_it_is(project: Path) -> None:
    """Wherever it stands; a skip is no answer, nor is what another submits there, nor one to other words."""
    settings, workspace = read_settings(project), Workspace(project)
    schema = api.load_schema(settings)
    answers = read_answers(workspace, GOLD, schema)

    def made(second: int, kind: str, user: int = 11, **more: Any) -> dict[str, Any]:
        marked = ROAD.replace("Agree", kind)
        return annotation(second, user, result_of(to_reading(parse(marked), schema), schema)) | more

    def counted(*submitted: dict[str, Any], **changed: str) -> list[tuple[str, str]]:
        who = tell(project, {"road": list(submitted)}, **changed)
        given_ = given_answers(settings, workspace, answers, ANNOTATE)
        assert given_.keys() <= {who}
        return [(name, one.events[0].type) for name, one in given_.get(who, {}).items()]

    first, last = made(1, "Agree"), made(2, "Clash")
    assert counted(first) == [("road", "Agree")]
    assert counted(first, last) == counted(last, first) == [("road", "Clash")]
    skipped, by_another = made(3, "Clash", was_cancelled=True), made(3, "Clash", user=12)
    assert counted(first, skipped) == counted(first, by_another) == [("road", "Agree")]
    assert given_answers(settings, workspace, answers, QUALIFY) == {}
    assert counted(skipped) == counted(by_another) == []
    assert counted(first, text="Other words.") == []


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def released(folder: Path) -> dict[str, bytes]:
    api.adjudicate("union", folder)
    api.release("1.0.0", folder)
    return files(Workspace(folder).exports / "releases" / "1.0.0")


def test_their_tasks_are_counted_apart(project: Path) -> None:
    """Status names what it counts, and pull the same: what is hidden is no article."""
    api.assign(project, refresh=False)
    answer(project, {"mill": MILL, "road": ROAD})
    api.check(project)
    assert api.status(project).standing.other_tasks == {"gold": 2}
    assert "10 of articles + 2 with known answers" in run(project, "status").stdout


def test_nothing_of_it_reaches_agreement_or_a_release(project: Path, tmp_path: Path) -> None:
    """Given out, read and pulled, it changes the books alone: the release is the same to the byte, and rebuilt so."""
    api.assign(project, refresh=False)
    api.check(project)
    without = Path(shutil.copytree(project, tmp_path / "without"))
    agreed, before = api.agree(project, samples=0), files(Workspace(project).exports)
    answer(project, {"mill": MILL, "road": ROAD.replace("Agree", "Clash")})
    told = api.check(project)
    after = files(Workspace(project).exports)
    assert {name for name in after if before.get(name) != after[name]} == {
        "books.json",
        "raw/checked.json",
        "raw/project-2-20260101/000001.jsonl",
    }
    assert told.books["annotations"]["excluded"]["gold"] == 2
    assert api.agree(project, samples=0) == agreed
    stood = api.status(project)
    assert (stood.disagreements, stood.standing.annotations["gold"]) == ([], 2)
    assert sum(stood.standing.articles.values()) == 22
    with_it = released(project)
    assert api.rebuild("1.0.0", project).files == len(with_it)
    assert with_it == released(without)


def test_people_are_given_and_followed(project: Path) -> None:
    """By the commands: given once, told by list, status and report, with feedback; nobody changes by running twice."""
    given_ = run(project, "assign", "--yes", "--no-refresh")
    assert "4 new texts with known answers besides" in given_.stdout, given_.output
    assert "due and that are not there: 2" in given_.stderr
    rows = read_gold(Workspace(project))
    assert {one.article_id for one in rows} == {"mill", "road"}
    assert run(project, "people", "follow").stdout.count("0 of 2 answered") == 2
    who = answer(project, {"road": ROAD.replace("Agree", "Clash"), "mill": MILL})
    api.check(project)
    before = files(project)
    assert api.assign(project, refresh=False).changes == 0
    assert files(project) == before
    told = {one["annotator"]: one for one in json.loads(run(project, "people", "follow", "--json").stdout)}[who]
    assert (told["hidden"], told["answered"], told["below"]) == (2, 2, ["tri_c"])
    assert told["course"] == [told["scores"]] == [{"tri_c": 0.5, "arg_c": pytest.approx(2 / 3)}]
    feedback = (Workspace(project).export("gold") / f"{who}.md").read_text(encoding="utf-8")
    assert feedback.index("## road") < feedback.index("## mill")
    assert "not Clash" in feedback
    assert "gold 2 of 2 answered, tri_c 0.50" in run(project, "people", "list").stdout
    assert "below its mark: tri_c" in run(project, "status").stdout
    api.report(project)
    page = Workspace(project).export("report.html").read_text(encoding="utf-8")
    assert "Texts with known answers in the work" in page
    assert ">mill<" not in page


def test_a_text_waits_until_its_id_lies_among_those_to_come(tmp_path: Path) -> None:
    """Articles in the order of their ids: what lies beyond, or among what people see already, would stand out."""
    folder = init(tmp_path / "airbase")
    workspace = Workspace(folder)
    write_private(workspace, "annotators.json", {"annotator-1": "active"})
    with (folder / "curate.toml").open("a", encoding="utf-8") as written:
        written.write("\n[gold]\nevery = 2\n")
    first, later = ([article(f"n{number:04}") for number in range(*span)] for span in ((1, 7), (401, 407)))
    write_lines(workspace.articles, [one for one in first if one.id not in ("n0002", "n0005")])
    (folder / "gold").mkdir()
    for name, words in (("n0005", "mill"), ("n0403", "weir")):
        (folder / "gold" / f"{name}.txt").write_text(f"[Hit](Attack#1) {words}.\n", encoding="utf-8")
    done = run(folder, "assign", "--yes", "--no-refresh")
    assert [one.article_id for one in read_gold(workspace)] == ["n0005"], done.output
    assert "due and that are not there: 1" in done.stderr
    assert "whose id lies among those to come" in done.stderr

    marker = {"marker": Marker("w", ANNOTATE, "annotator-1", "x@1").write()}
    tasks = [{"id": number, "project": 2, "data": task_data(one)} for number, one in enumerate(first, 1)]
    (workspace.raw / "project-2-20260101").mkdir(parents=True)
    raw = workspace.raw / "project-2-20260101" / "000001.jsonl"
    raw.write_bytes(b"".join(canonical_json(line) + b"\n" for line in [marker, *tasks]))
    write_lines(workspace.articles, [one for one in [*first, *later] if one.id not in ("n0002", "n0005", "n0403")])
    (folder / "gold" / "n0002.txt").write_text("[Hit](Attack#1) road.\n", encoding="utf-8")
    run(folder, "assign", "--yes", "--no-refresh")
    assert [one.article_id for one in read_gold(workspace)] == ["n0005", "n0403"]


def test_texts_that_give_themselves_away_are_refused(project: Path) -> None:
    """One that is an article already, is called like one, lacks what all show, or tells what no article does."""
    workspace, schema = Workspace(project), api.load_schema(read_settings(project))
    assert set(read_gold_answers(workspace, schema)) == {"mill", "road"}
    beside = project / "gold" / "mill.json"
    kept = beside.read_text(encoding="utf-8")
    half = json.dumps(json.loads(kept) | {"title": "\ud800"})
    for wrong in ("{}", '{"headline": "x"}', "[]", "{", half):
        beside.write_text(wrong, encoding="utf-8")
        with pytest.raises(InputError, match="mill"):
            read_gold_answers(workspace, schema)
    beside.write_text(kept, encoding="utf-8")
    for folder in ("gold", "qualification"):
        twin = project / folder / "weir.txt"
        twin.parent.mkdir(exist_ok=True)
        twin.write_bytes(b"\xef\xbb\xbf" + MILL.encode() + b" \r\n\r\n")
        with pytest.raises(InputError, match=r"weir|mill"):
            read_gold_answers(workspace, schema)
        twin.unlink()
    like = next(iter(read_articles(workspace).values()))
    (project / "gold" / f"{like.id}.txt").write_text("Nothing.\n", encoding="utf-8")
    assert run(project, "assign", "--yes", "--no-refresh").exit_code == 1


def test_a_type_that_is_no_more_is_told_without_its_definition(project: Path) -> None:
    """Somebody marked it, the schema lost it by no rule: every command that scores people goes on."""
    api.assign(project, refresh=False)
    who = answer(project, {"mill": "[Rebels](actor>1) [shelled](Attack#1) the [mill](Clash#2)."})
    path = read_settings(project).schema
    schema = path.read_text(encoding="utf-8")
    earlier = Workspace(project).raw / "schemas" / "earlier.yaml"
    earlier.parent.mkdir(exist_ok=True)
    earlier.write_text(schema, encoding="utf-8")
    path.write_text(schema.replace("Clash", "Melee"), encoding="utf-8")
    api.check(project)
    for command in (["people", "follow"], ["people", "list"], ["status"]):
        done = run(project, *command)
        assert done.exit_code == 0, done.output
    feedback = (Workspace(project).export("gold") / f"{who}.md").read_text(encoding="utf-8")
    assert "- Clash “mill” is too much. Clash is no type of the schema any more.\n" in feedback


def test_who_leaves_meets_no_more_of_them(project: Path) -> None:
    """What they answered counts; what they have not begun is theirs no longer, and a text that is gone is told."""
    run(project, "assign", "--yes", "--no-refresh")
    who = answer(project, {"road": ROAD})
    api.check(project)
    left = run(project, "people", "remove", who)
    assert left.exit_code == 0, left.output
    run(project, "assign", "--yes", "--no-refresh")
    for name in ("mill.txt", "mill.json"):
        (project / "gold" / name).unlink()
    followed = {one.annotator: one for one in api.follow(project)}
    assert [(one.hidden, one.answered, one.gone) for one in (followed.pop(who), *followed.values())] == [
        (1, 1, 1),
        (1, 0, 1),
    ]
    assert "1 given that are not in the folder any more" in run(project, "people", "follow").stdout


def test_a_line_that_is_there_twice_says_nothing_more(project: Path) -> None:
    """Nobody is told of texts that are not there, none is given for them, and the next change writes each once."""
    api.assign(project, refresh=False)
    workspace = Workspace(project)
    before, lines = api.follow(project), workspace.gold.read_bytes()
    workspace.gold.write_bytes(lines * 2)
    assert api.follow(project) == before
    assert [one.gone for one in before] == [0, 0]
    assert api.assign(project, refresh=False).changes == 0
    (project / "gold" / "mill.txt").rename(project / "gold" / "weir.txt")
    (project / "gold" / "mill.json").rename(project / "gold" / "weir.json")
    assert len(api.assign(project, refresh=False).gold) == 2
    assert sorted(workspace.gold.read_bytes().splitlines()) == sorted({*workspace.gold.read_bytes().splitlines()})
    assert {*lines.splitlines()} < {*workspace.gold.read_bytes().splitlines()}


@pytest.mark.parametrize("folder", ["gold", "qualification"])
def test_a_name_that_is_no_utf_8_is_refused(project: Path, folder: str) -> None:
    """It would be the text's id, which nothing can write; it is told so that it can be shown."""
    (project / folder).mkdir(exist_ok=True)
    with open(os.fsencode(project / folder) + b"/n\xff.txt", "wb") as written:
        written.write(MILL.replace("mill", "weir").encode())
    done = run(project, "assign", "--yes", "--no-refresh")
    assert done.exit_code == 1, done.output
    assert f"{project / folder}/n\\xff.txt: the file's name is no UTF-8" in done.stderr
    listed = run(project, "--json", "people", "list")
    assert listed.exit_code == 0, listed.output


def test_killed_between_its_two_files_it_goes_on(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next run comes to the same bytes, and until then no text comes up without its articles."""
    whole = Path(shutil.copytree(project, tmp_path / "whole"))
    api.assign(whole, refresh=False)

    def once(path: Path, values: Any) -> bool:
        monkeypatch.undo()
        write_lines(path, values)
        raise KeyboardInterrupt

    monkeypatch.setattr("curate.api.assigning.write_lines", once)
    with pytest.raises(KeyboardInterrupt):
        api.assign(project, refresh=False)
    assert read_gold(Workspace(project))
    assert not Workspace(project).assignments.exists()
    api.assign(project, refresh=False)
    for name in ("gold.jsonl", "assignment.jsonl"):
        assert (project / name).read_bytes() == (whole / name).read_bytes()


def test_nothing_is_followed_where_nothing_is_hidden(tmp_path: Path) -> None:
    """It says what to do."""
    done = run(pulled(tmp_path / "airbase"), "people", "follow")
    assert done.exit_code == 2
    assert "NAME.txt" in done.stderr


def test_looking_at_a_project_without_its_key_makes_none(project: Path) -> None:
    """Where the key of the pseudonyms never came to, nothing is written, and the real one can still be put there."""
    api.assign(project, refresh=False)
    answer(project, {"mill": MILL})
    api.check(project)
    for name in (".curate/pseudonym.key", "exports/pseudonyms.json"):
        (project / name).unlink()
    before = files(project)
    for command in (["status"], ["people", "list"], ["people", "follow"]):
        run(project, *command)
    now = files(project)
    assert {name for name in now if now[name] != before.get(name)} <= {".curate/lock"}
