"""People are tried out on a real Label Studio before they read anything, and nothing of it counts as a reading."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from typer.testing import CliRunner, Result

from curate import api
from curate.accounts import account_names
from curate.cli.app import app
from curate.demo import annotators
from curate.labelstudio import server
from curate.labelstudio.writing import result_of
from curate.markup import parse, to_reading
from curate.records import Article
from curate.settings import read_settings
from curate.text import text_sha256
from curate.workspace import Workspace, read_articles, read_assignments, write_lines

ANSWERS = {
    "mill": "[Rebels](actor>1) [shelled](Attack#1) [the mill](target>1).",
    "envoys": "Envoys [met](Agree#1) in [Velmark](place>1).",
}
GIVEN = {
    "ana": ANSWERS,
    "ben": {"mill": "[Rebels](target>1) [shelled](Attack#1) the mill.", "envoys": "Envoys [met](Clash#1) in Velmark."},
    "cem": {"mill": ANSWERS["mill"]},
}


def test_only_who_passes_is_given_anything_to_read(
    tmp_path: Path, new_project: Callable[[Path], AbstractContextManager[Path]], label_studio: server.RunningServer
) -> None:
    """Three people by commands: one passes, one fails and is told why, one isn't done; the books say qualification."""
    with new_project(tmp_path / "trial") as folder:

        def run(*arguments: str) -> Result:
            return CliRunner().invoke(app, ["--project", str(folder), *arguments])

        workspace, schema = Workspace(folder), api.load_schema(read_settings(folder))
        for name, marked in ANSWERS.items():
            path = folder / "qualification" / f"{name}.txt"
            path.parent.mkdir(exist_ok=True)
            path.write_text(f"{marked}\n", encoding="utf-8")
        with (folder / "curate.toml").open("a", encoding="utf-8") as settings:
            settings.write("\n[qualification]\ntri_c = 0.7\narg_c = 0.5\nrequired = true\n")
        known = [
            Article(id=f"n{number}", text=f"News {number}.", text_sha256=text_sha256(f"News {number}."))
            for number in range(4)
        ]
        write_lines(workspace.articles, known)
        tag = text_sha256(str(folder))[:10]
        people = {who: annotators.sign_up(str(label_studio.invite_url), f"{who}-{tag}@example.org") for who in GIVEN}
        assert run("people", "add", *(one.email for one in people.values())).exit_code == 0
        shown = run("people", "qualify", "--push", "--dry-run")
        assert shown.stdout.count("create task") == 6, shown.output
        pushed = api.qualify(folder, push=True)
        assert [one.state for one in pushed.people] == ["pending"] * 3
        again = api.qualify(folder, push=True)
        assert again.plan
        assert (again.plan.changes, again.applied) == (0, False)

        names = {account: name for name, account in account_names(workspace).items()}
        pseudonym = {who: names[one.email] for who, one in people.items()}
        projects = {one.annotator: int(str(one.project)) for one in again.plan.projects}
        for who, answers in GIVEN.items():
            tasks = annotators.tasks_of(people[who], label_studio.url, projects[pseudonym[who]])
            for name, marked in answers.items():
                result = result_of(to_reading(parse(marked), schema), schema)
                annotators.submit(people[who], label_studio.url, tasks[name], result)
        _, checked = api.pull(folder)
        assert checked.books["annotations"]["seen"] == 5
        assert checked.books["annotations"]["excluded"] == {"qualification": 5}
        assert checked.books["articles"]["waiting"] == 4
        assert list(checked.annotations) == []
        tried = {one.annotator: one for one in api.qualify(folder).people}
        assert {who: tried[pseudonym[who]].state for who in GIVEN} == {
            "ana": "passed",
            "ben": "failed",
            "cem": "pending",
        }
        assert tried[pseudonym["ana"]].scores == {"tri_c": 1.0, "arg_c": 1.0}
        assert tried[pseudonym["ben"]].scores == {"tri_c": 0.5, "arg_c": 0.0}
        feedback = workspace.export("qualification") / f"{pseudonym['ben']}.md"
        assert "“Rebels” is its actor, not target." in feedback.read_text(encoding="utf-8")
        assert "qualification failed" in run("people", "list").stdout
        assert "qualification" in run("status").stdout

        api.assign(folder)
        assert {one.annotator for one in read_assignments(workspace) or ()} == {pseudonym["ana"]}
        api.push(folder)
        assert api.push(folder, dry_run=True).plan.changes == 0
        assert api.qualify(folder, push=True, dry_run=True).plan == again.plan
        assert len(read_articles(workspace)) == 4
        for one in people.values():
            one.session.close()
