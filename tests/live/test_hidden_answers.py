"""Texts with known answers come up among people's articles on a real Label Studio, and only the lead can tell."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from typer.testing import CliRunner, Result

from curate import api
from curate.accounts import account_names
from curate.cli.app import app
from curate.demo import annotators
from curate.labelstudio import client, server
from curate.labelstudio.tasks import ANNOTATE, find_projects
from curate.labelstudio.writing import result_of
from curate.markup import parse, to_reading
from curate.records import Article
from curate.settings import label_studio_credentials, read_settings
from curate.text import text_sha256
from curate.workspace import Workspace, read_articles, read_gold, write_lines

HIDDEN = {
    "n02": "[The mill](target>1) saw an [attack](Attack#1) by [rebels](actor>1).",
    "n05": "Envoys [met](Agree#1) in [Velmark](place>1).",
}
LATER = {"n09": "[A bridge](target>1) saw an [attack](Attack#1) by [guards](actor>1)."}


def news(first: int, last: int) -> list[Article]:
    texts = {f"n{number:02d}": f"Camp {number} saw an attack." for number in range(first, last)}
    texts = {name: text for name, text in texts.items() if name not in HIDDEN | LATER}
    return [Article(id=name, text=text, text_sha256=text_sha256(text)) for name, text in texts.items()]


class Newsroom:
    """A project with people who read what the stream gives them."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder, self.url, self.workspace = folder, url, Workspace(folder)
        self.schema = api.load_schema(read_settings(folder))

    def run(self, *arguments: str) -> Result:
        """Run a command and insist that all is well."""
        done = CliRunner().invoke(app, ["--project", str(self.folder), *arguments])
        assert done.exit_code == 0, done.output
        return done

    def hide(self, texts: dict[str, str]) -> None:
        """Lay texts with known answers into the folder."""
        for name, marked in texts.items():
            path = self.folder / "gold" / f"{name}.txt"
            path.parent.mkdir(exist_ok=True)
            path.write_text(f"{marked}\n", encoding="utf-8")

    def project_of(self, who: str) -> int:
        """The number of somebody's own project."""
        settings = read_settings(self.folder)
        with client.connected(label_studio_credentials(settings)) as connection:
            found = find_projects(client.projects(connection), settings.workspace)
        return int(found[ANNOTATE, who][0]["id"])

    def read_all(self, one: annotators.Annotator, who: str, answers: dict[str, str]) -> list[dict[str, Any]]:
        """Read what Label All Tasks gives until it gives nothing; give the data of the tasks in that order."""
        met = []
        project = self.project_of(who)
        while (told := one.session.get(f"{self.url}/api/projects/{project}/next")).status_code == 200:
            task = told.json()
            name, text = task["data"]["article_id"], task["data"]["text"]
            marked = answers.get(name, text.replace("attack", "[attack](Attack#1)"))
            annotators.submit(one, self.url, task["id"], result_of(to_reading(parse(marked), self.schema), self.schema))
            met.append(task["data"])
        return met


def test_hidden_texts_come_up_among_the_articles(
    tmp_path: Path, new_project: Callable[[Path], AbstractContextManager[Path]], label_studio: server.RunningServer
) -> None:
    """Two people, six articles and two texts each, three articles and one text more; one of the two drifts."""
    with new_project(tmp_path / "hidden") as folder:
        room = Newsroom(folder, label_studio.url)
        settings = folder / "curate.toml"
        with settings.open("a", encoding="utf-8") as written:
            written.write("\n[gold]\nevery = 3\n")
        write_lines(room.workspace.articles, news(0, 8))
        room.hide(HIDDEN)
        tag = text_sha256(str(folder))[:10]
        people = [
            annotators.sign_up(str(label_studio.invite_url), f"{who}-{tag}@example.org") for who in ("ana", "ben")
        ]
        room.run("people", "add", *(one.email for one in people))
        names = {account: name for name, account in account_names(room.workspace).items()}
        ana, ben = (names[one.email] for one in people)
        assert "4 new texts with known answers besides" in room.run("assign", "--yes").stdout
        room.run("push", "--yes")
        assert api.push(folder, dry_run=True).plan.changes == 0
        assert api.assign(folder).changes == 0
        suggested = api.suggest("words", folder)
        assert suggested.applied
        assert "n02" in {change.article_id for plan in suggested.plans for change in plan.changes}
        assert api.suggest("words", folder).changes == 0

        met = [room.read_all(one, who, HIDDEN) for one, who in zip(people, (ana, ben), strict=True)]
        for data in met:
            order = [one["article_id"] for one in data]
            assert order == sorted([*read_articles(room.workspace), *HIDDEN])
            assert [sum(name in HIDDEN for name in order[:4]), sum(name in HIDDEN for name in order[4:])] == [1, 1]
            assert len({tuple(sorted(one)) for one in data}) == 1

        before = room.workspace.gold.read_bytes()
        write_lines(room.workspace.articles, news(0, 12))
        room.hide(LATER)
        assert "2 new texts with known answers besides" in room.run("assign", "--yes").stdout
        room.run("push", "--yes")
        assert api.push(folder, dry_run=True).plan.changes == 0
        rows = read_gold(room.workspace)
        assert {row for row in rows if row.article_id in LATER} == set(rows[2::3])
        assert len(room.workspace.gold.read_bytes()) > len(before)
        drifted = {"n09": "A bridge saw an [attack](Clash#1) by guards."}
        met = [
            room.read_all(one, who, told) for one, who, told in zip(people, (ana, ben), (LATER, drifted), strict=True)
        ]
        for data in met:
            assert [one["article_id"] for one in data] == ["n08", "n09", "n10", "n11"]

        _, checked = api.pull(folder)
        assert checked.books["annotations"] == {"seen": 24, "accepted": 18, "held": 0, "excluded": {"gold": 6}}
        assert checked.books["articles"]["accepted"] == 9
        assert list(checked.held) == []
        assert api.agree(folder, samples=0).articles == 9
        followed = {one.annotator: one for one in api.follow(folder)}
        assert (followed[ana].answered, followed[ana].scores) == (3, {"tri_c": 1.0, "arg_c": 1.0})
        assert [*followed[ben].feedback][-1] == "n09"
        assert round(followed[ben].scores["tri_c"] or 0, 2) == 0.67
        stood = api.status(folder)
        assert (stood.disagreements, stood.standing.annotations["gold"]) == ([], 6)
        assert "3 of 3 answered" in room.run("people", "list").stdout
        for one in people:
            one.session.close()
