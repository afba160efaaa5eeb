"""What stands next: every command names the one that brings the project on, whatever was done before."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from curate import api
from curate.api.annotating import PULLED
from curate.api.people import REGISTER
from curate.api.returning import RETURNED
from curate.cli.app import app
from curate.demo.running import BUNDLED, marked_result, with_slips
from curate.labelstudio.returning import ReturnPlan
from curate.labelstudio.revisions import TaskStep
from curate.labelstudio.tasks import AGAIN, Plan, ProjectPlan, Step
from curate.nextstep import Ahead, next_step
from curate.records import canonical_json
from curate.settings import read_settings
from curate.standing import STAGES
from curate.starting import init
from curate.workspace import Workspace, read_articles, write_private
from sample_project import annotation, pulled

SLIPS = json.loads((BUNDLED / "plan.json").read_text(encoding="utf-8"))["slips"]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The bundled articles with their readings, checked; nothing is held back."""
    return pulled(tmp_path / "airbase")


def run(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["--project", str(folder), *arguments])


def slip(project: Path, *, edited: bool = False) -> str:
    """Let one reading of an article have errors, or none by an edit of the task; give the article's name."""
    workspace, name = Workspace(project), str(SLIPS["article"])
    schema, article = api.load_schema(read_settings(project)), read_articles(workspace)[name]
    raw = next(workspace.raw.glob("project-*"))
    tasks = [json.loads(line) for line in (raw / "000001.jsonl").read_bytes().splitlines()]
    task: dict[str, Any] = next(one for one in tasks if one["data"]["article_id"] == name)
    ana, ben = task["annotations"]
    result = marked_result(BUNDLED / "readings" / SLIPS["annotator"] / f"{name}.txt", article, schema)
    task["annotations"] = [ana, annotation(ben["id"], 12, with_slips(result, SLIPS))]
    if edited:
        task["data"]["text"] += "More."
    (raw / "000009.jsonl").write_bytes(canonical_json(task) + b"\n")
    return name


def spoken(done: Result) -> list[str]:
    """What a check says after the findings, without the books."""
    lines = done.stderr.splitlines()
    return lines[next(n for n, line in enumerate(lines) if line.startswith("What a code means")) :]


def test_what_is_held_back_is_to_be_sent_back(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A check that holds a reading back names the article that waits for it, and the command that gives it back."""
    monkeypatch.setenv("LABEL_STUDIO_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("LABEL_STUDIO_API_KEY", "secret")
    name = slip(project)
    told = spoken(run(project, "check"))
    assert len(told) == 3
    assert f"1 article can't be adjudicated without: {name}." in told[1]
    assert told[2].startswith("Next: curate send-back")
    assert "curate adjudicate" in told[2]
    assert f"can't be adjudicated without: {name}." in run(project, "adjudicate").stderr
    assert "Next: curate send-back" in run(project, "status").stderr


def test_without_a_server_nothing_is_sent_back(project: Path) -> None:
    """Where no Label Studio is set up, the command that needs one is not named."""
    slip(project)
    told = spoken(run(project, "check"))
    assert "send-back" not in told[2]
    assert "mended in Label Studio" in told[2]


def test_what_no_annotator_can_mend_is_not_to_be_sent_back(project: Path) -> None:
    """An edited task is for the lead to look at."""
    slip(project, edited=True)
    told = spoken(run(project, "check"))
    assert "2 readings held back" in told[1]
    assert "look at the tasks yourself" in told[2]


def test_an_article_that_has_its_readings_waits_for_none(project: Path) -> None:
    """A reading more than is asked for keeps nothing back, nor one of a withdrawn article."""
    name = slip(project)
    settings = project / "curate.toml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace("overlap = 2", "overlap = 1"), encoding="utf-8")
    assert spoken(run(project, "check"))[1] == "1 reading held back by errors."
    settings.write_text(text, encoding="utf-8")
    assert api.held_back(project).articles == [name]
    api.withdraw([name], project)
    assert api.held_back(project).articles == []
    assert api.status(project).standing.kept == 0


def test_adding_again_names_what_stands_next(tmp_path: Path, project: Path) -> None:
    """As the first time while nothing was pushed; later what the work has come to."""
    articles = str(BUNDLED / "articles.jsonl")
    new = init(tmp_path / "new")
    first, again = run(new, "add", articles), run(new, "add", articles)
    assert [one.stderr for one in (first, again)] == ["Next: curate push\n", "Next: curate push\n"]
    assert "Next: annotate, then curate pull; or go on with the rest: curate adjudicate\n" in (
        run(project, "add", articles).stderr
    )
    api.adjudicate("union", project)
    assert "Next: annotate, then curate pull; or go on with the rest: curate adjudicate --policy union" in (
        run(project, "add", articles).stderr
    )
    assert "Next" not in run(new, "add", articles, "--dry-run").stderr
    write_private(Workspace(new), REGISTER, {"annotator-1": "active"})
    assert run(new, "add", articles).stderr == "Next: curate assign, then curate push\n"


def test_a_check_names_what_status_names(project: Path, tmp_path: Path) -> None:
    """Adjudicating comes next where nothing is left to read; else it is what one may go on with."""
    lacking = next(name for name, stage in api.status(project).standing.stages.items() if stage == "waiting")
    told = "Next: annotate, then curate pull; or go on with the rest: curate adjudicate\n"
    assert run(project, "check").stderr == run(project, "status").stderr == told
    api.withdraw([lacking], project)
    assert run(project, "check").stderr == run(project, "status").stderr == "Next: curate adjudicate\n"
    (tmp_path / "new.txt").write_text("The ministry said nothing.")
    api.add([tmp_path / "new.txt"], project)
    assert run(project, "check").stderr == run(project, "status").stderr == "Next: curate push\n"


def test_a_check_knows_what_is_sent_back(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sending back again would change nothing: what is out is waited for."""
    monkeypatch.setenv("LABEL_STUDIO_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("LABEL_STUDIO_API_KEY", "secret")
    slip(project)
    assert "Next: curate send-back" in run(project, "check").stderr
    write_private(Workspace(project), PULLED, {"at": "2026-01-02T00:00:00Z"})
    write_private(Workspace(project), RETURNED, {"after": "2026-01-02T00:00:00Z"})
    assert "Next: once what was sent back is mended, curate pull" in run(project, "check").stderr


def test_a_damaged_project_goes_to_the_doctor(project: Path) -> None:
    """What can't be read stops no command that doesn't need it."""
    (project / "exports" / "held.jsonl").write_text("{\n")
    done = run(project, "add", str(BUNDLED / "articles.jsonl"))
    assert (done.exit_code, done.stderr) == (0, "Next: curate doctor\n")


def test_what_was_sent_back_since_the_last_pull_is_told(project: Path) -> None:
    """Status counts what the last pull saw, says so, and says when that is not all any more."""
    slip(project)
    api.check(project)
    workspace = Workspace(project)
    write_private(workspace, PULLED, {"at": "2026-01-02T00:00:00Z"})
    assert "sent back" not in run(project, "status").stdout
    write_private(workspace, RETURNED, {"after": "2026-01-02T00:00:00Z"})
    done = run(project, "status")
    assert "0 tasks as of that pull; curate send-back was at work since" in done.stdout
    assert done.stderr.startswith("Next: once what was sent back is mended, curate pull")
    write_private(workspace, PULLED, {"at": "2026-01-03T00:00:00Z"})
    assert "sent back" not in run(project, "status").stdout


def test_publish_asks_for_the_repository(project: Path) -> None:
    """With what the project knows of it, in an example that can be typed."""
    named = 'repository = "demo/airbase-events"\n'
    settings = project / "curate.toml"
    done = run(project, "publish")
    assert (done.exit_code, len(done.stderr.splitlines())) == (2, 2)
    assert "curate publish demo/airbase-events --dry-run" in done.stderr
    settings.write_text(settings.read_text(encoding="utf-8").replace(named, ""))
    done = run(project, "publish")
    name = read_settings(project).dataset["name"]
    assert (done.exit_code, len(done.stderr.splitlines())) == (2, 2)
    assert f"curate publish OWNER/{name} --dry-run" in done.stderr
    assert "Fix: curate release 1.0.0\n" in run(project, "release").stderr


def test_a_release_goes_to_where_the_settings_say(project: Path) -> None:
    """The next command names the repository, as status does from then on."""
    api.adjudicate("union", project)
    assert run(project, "release", "1.0.0").stderr.endswith("Next: curate publish demo/airbase-events\n")
    assert run(project, "status").stderr.endswith("; or curate publish demo/airbase-events\n")


def test_a_release_of_a_new_project_says_what_is_first(tmp_path: Path) -> None:
    """Nothing was ever pulled, so no adjudication is missing."""
    done = run(init(tmp_path / "new"), "release", "1.0.0")
    assert "nothing was pulled yet, so there is nothing to release" in done.stderr
    assert "Fix: curate add FILE_OR_FOLDER" in done.stderr


def test_a_reading_that_is_held_is_not_shown(project: Path) -> None:
    """It is told for what, and where it stands; another's reading of the article is shown."""
    name = slip(project)
    checked = api.check(project)
    [one] = {(found.annotator, found.article_id) for found in checked.findings if found.level == "error"}
    codes = {found.code for found in checked.findings if found.level == "error"}
    told = run(project, "show", name, "--annotator", str(one[0])).stderr
    assert f"{name}: the reading by {one[0]} is held back by errors: {', '.join(sorted(codes))}." in told
    assert "curate check --verbose" in told
    assert run(project, "show", name).exit_code == 0


def test_who_says_no_to_sending_back_is_told_that_nothing_was_done(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And no number of what would be out."""
    step = TaskStep("send", 7, "a", "shape", {"data": {}})
    monkeypatch.setattr(api, "send_back", lambda *_, **__: api.SentBack(ReturnPlan([step], out=1), False, []))
    assert run(project, "send-back").stdout == "Nothing was done: nothing is sent back, and nothing taken away.\n"
    assert run(project, "send-back", "--dry-run").stdout.endswith(
        "1 to be sent back, 0 to be renewed, 0 to be taken away, 0 unchanged: 1 out.\n"
    )


def test_nothing_new_is_to_be_released(project: Path) -> None:
    """Status and adjudicate name no release that would hold the same records; one that is made all the same says so."""
    api.adjudicate("agree", project)
    assert run(project, "release", "1.0.0").stderr.startswith("Next: curate publish")
    assert "(in 1.0.0, nothing new to release)" in run(project, "status").stdout
    for command in ("status", "adjudicate"):
        told = run(project, command).stderr
        assert "curate adjudicate --push brings what is open to people; or curate publish demo/airbase-events" in told
        assert "curate release" not in told
    told = run(project, "release", "1.1.0").stderr
    assert told.startswith("It holds the very same records as 1.0.0.\n")
    api.adjudicate("union", project)
    told = run(project, "status")
    assert "nothing new" not in told.stdout
    assert "curate release 1.2.0" in told.stderr
    assert "same records" not in run(project, "release", "1.2.0").stderr


def test_a_withdrawn_record_is_news(project: Path) -> None:
    """The next release drops it."""
    api.adjudicate("union", project)
    api.release("1.0.0", project)
    api.withdraw(
        [next(name for name, stage in api.status(project).standing.stages.items() if stage == "settled")], project
    )
    assert "curate release 1.1.0" in run(project, "status").stderr


def test_what_was_only_shown_is_to_be_done(project: Path) -> None:
    """After a dry run nothing can be released yet."""
    assert run(project, "adjudicate", "--dry-run").stderr.endswith("Next: the same without --dry-run\n")


def test_a_push_says_what_it_counts_and_what_follows(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where there is nothing to push: that is no end."""
    keep = Step("keep", "project 1", "as it should be")
    plan = Plan([ProjectPlan(1, keep, {}, keep=3, gold=1), ProjectPlan(2, keep, {}, keep=1, purpose=AGAIN)])
    monkeypatch.setattr(api, "push", lambda *_, **__: api.Pushed(plan, False, "http://here/projects"))
    done = run(project, "push")
    told = "2 of articles, 1 to read again, 1 with known answers"
    assert done.stdout == f"0 to push, 4 unchanged. 4 tasks: {told}. http://here/projects\n"
    assert done.stderr.startswith("Next: annotate there, then curate pull")


def test_one_of_a_thing_is_told_as_one(project: Path) -> None:
    """Whatever a command counts, one of it has no plural."""
    name = slip(project)
    raw = next(Workspace(project).raw.glob("project-*"))
    draft = {"drafts_of": 1, "drafts": [{"id": 5, "user": 12, "result": []}]}
    (raw / "000010.jsonl").write_bytes(canonical_json(draft) + b"\n")
    check, status = run(project, "check").output, run(project, "status").output
    assert re.search(r"findings: 3 errors, \d+ warnings?, \d+ infos?\n", check)
    assert "1 reading held back" in check
    assert "1 draft\n" in status
    others = [("adjudicate",), ("show", name), ("schema", "check"), ("doctor",), ("agree",)]
    told = "\n".join([check, status, *(run(project, *arguments).output for arguments in others)])
    things = "error|warning|info|item|time|draft|task|article|reading|pair|file|row|change|link|role|attribute|type"
    assert not re.findall(rf"\b1 (?:more )?(?:{things})s\b.*", told)


def ahead(**changed: Any) -> Ahead:
    stages = dict.fromkeys(STAGES, 0) | {name: n for name, n in changed.items() if name in STAGES}
    stages |= {"not pushed": changed.get("new", 0)}
    others = {name: value for name, value in changed.items() if name in Ahead.__dataclass_fields__}
    known = dict.fromkeys(("unassigned", "unpushed", "unmanned", "returned", "settling", "released"), False)
    known |= {"kept": 0, "mendable": True, "reachable": True}
    return Ahead(**{"articles": stages, "policy": "agree", "version": "1.1.0", "repository": "", **known, **others})


@pytest.mark.parametrize(
    ("state", "told"),
    [
        (ahead(), "curate add"),
        (ahead(new=1, unpushed=True), "curate push"),
        (ahead(new=1, unpushed=True, unassigned=True), "curate assign, then curate push"),
        (ahead(new=1, unpushed=True, held=1, kept=1), "curate push"),
        (ahead(new=1, unread=1, unassigned=True, settled=1), "curate assign, then curate push"),
        (ahead(new=1, unread=1), "annotate, then curate pull"),
        (ahead(new=1, settled=1), "give out the next batch"),
        (ahead(waiting=1, unmanned=True), "nobody is left who can read what lacks readings: curate people add"),
        (ahead(waiting=1, undecided=1, kept=1), "curate send-back"),
        (ahead(waiting=1, kept=1, returned=True), "once what was sent back is mended, curate pull"),
        (ahead(waiting=1, kept=1, mendable=False), "look at the tasks yourself"),
        (ahead(waiting=1, kept=1, reachable=False), "have the errors mended in Label Studio"),
        (ahead(waiting=1, undecided=1), "annotate, then curate pull; or go on with the rest: curate adjudicate"),
        (ahead(undecided=1, open=1), "curate adjudicate"),
        (ahead(unread=1), "annotate, then curate pull"),
        (ahead(open=1, settled=1, policy="majority"), "curate adjudicate --policy majority --push"),
        (ahead(open=1, settled=1, settling=True), "once what is open is settled in Label Studio, curate pull, then"),
        (ahead(settled=1), "curate release 1.1.0"),
        (ahead(settled=1, waiting=1), "annotate, then curate pull; or go on with the rest: curate release 1.1.0"),
        (ahead(settled=1, released=True), "curate publish OWNER/NAME"),
        (
            ahead(open=1, settled=1, released=True, repository="me/events"),
            "curate adjudicate --push brings what is open to people; or curate publish me/events",
        ),
    ],
)
def test_the_step_that_stands_next(state: Ahead, told: str) -> None:
    """Each state of a project has one."""
    assert next_step(state).startswith(told)


def test_a_large_project_is_not_counted_for_the_last_line(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands that end with what stands next name what tells it, where to find out takes long."""
    assert api.next_step(project) == api.status(project).next_step
    monkeypatch.setattr("curate.api.standing.LARGE", 100)
    assert api.next_step(project).startswith("curate status, ")
    assert run(project, "check").stderr.splitlines()[-1] == f"Next: {api.next_step(project)}"
    assert "curate adjudicate" in api.status(project).next_step
