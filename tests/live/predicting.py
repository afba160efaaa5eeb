"""Rooms in which predictions are written: suggestions, and the readings that an adjudicator is shown."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from curate import api
from curate.labelstudio.writing import result_of
from curate.markup import parse, to_reading
from curate.records import Article
from curate.settings import read_settings
from curate.text import text_sha256
from curate.workspace import Workspace, write_lines
from live.room import Room
from live.table import Damage, compared

MARKING = """\
def mark(article):
    return {"events": [{"type": "Attack", "trigger": {"quote": "fell"}, "arguments": []}], "score": 0.5}
"""
READ = {
    "depot": ("Rebels [struck](Attack#1) the depot.", "[Rebels](actor>1) [struck](Intercept#1) the depot."),
    "envoys": ("Envoys [met](Agree#1) in Velmark.", "Envoys [met](Agree#1) in [Velmark](place>1)."),
}
"""What two people read in each article."""
KEYS = "id,data,annotations,predictions,result,model_version,score"
LISTED = f"/api/tasks?fields=all&include={KEYS}&page_size=500&project="
Shown = tuple[str, tuple[str, ...]]
"""A prediction: who made it, and the words it labels."""


def shown(prediction: dict[str, Any]) -> Shown:
    """Tell of a prediction who made it and what it says."""
    words = sorted(one["value"]["text"] for one in prediction["result"] if one["from_name"] == "label")
    return prediction["model_version"].split("@")[0], tuple(words)


@dataclass
class Suggesting:
    """A pushed project in which one task has an older suggestion, one that and a foreign one, one none, one is begun.

    ``kept`` holds the numbers of the predictions that nobody may touch.
    """

    room: Room
    project: int
    tasks: dict[str, int]
    older: dict[str, Any]
    settings: dict[str, Any]
    kept: list[int] = field(default_factory=list)

    @classmethod
    def of(cls, room: Room) -> Suggesting:
        """Push, begin one, and have the first suggestions made."""
        (room.folder / "mark.py").write_text(MARKING, encoding="utf-8")
        api.push(room.folder)
        [project] = room.projects()
        api.suggest("words", room.folder)
        there = room.ask("GET", f"{LISTED}{project}")["tasks"]
        older = {key: there[0]["predictions"][0][key] for key in ("result", "model_version", "score")}
        told = room.ask("GET", f"/api/projects/{project}")
        settings = {key: told[key] for key in ("model_version", "sampling")}
        room.annotate("roof")
        tasks = {task["data"]["article_id"]: task["id"] for task in there}
        return cls(room, project, tasks, older, settings)

    def reset(self) -> None:
        """Bring the server back to what it was before a suggester of another version."""
        everything = {"selectedItems": {"all": True, "excluded": []}}
        self.room.ask("POST", f"/api/dm/actions?id=delete_tasks_predictions&project={self.project}", everything)
        foreign = {"task": self.tasks["wall"], "result": [], "model_version": "elsewhere"}
        new = [{"task": self.tasks[name], **self.older} for name in ("tree", "wall", "roof")]
        self.room.ask("POST", f"/api/projects/{self.project}/import/predictions", [*new, foreign])
        self.room.ask("PATCH", f"/api/projects/{self.project}/", self.settings)
        kept = [("wall", "elsewhere"), ("roof", "words")]
        self.kept = [one["id"] for name, one in self.listed() if (name, shown(one)[0]) in kept]

    def run(self) -> api.Suggested:
        """Suggest, as somebody would at the command line."""
        return api.suggest("mark:mark", self.room.folder)

    def listed(self) -> list[tuple[str, dict[str, Any]]]:
        """List the predictions that are there, with their article."""
        tasks = self.room.ask("GET", f"{LISTED}{self.project}")["tasks"]
        return [(task["data"]["article_id"], one) for task in tasks for one in task["predictions"]]

    def damage(self) -> Damage:
        """Say what is amiss with predictions, tasks and annotations."""
        there = self.listed()
        new = "mark:mark", ("fell",)
        wanted = {("tree", new), ("wall", new), ("mast", new), ("wall", ("elsewhere", ())), ("roof", ("words", ()))}
        found = compared(wanted, [(name, shown(one)) for name, one in there])
        kept = {one["id"] for _, one in there}
        found += [("lost", f"prediction {number}") for number in self.kept if number not in kept]
        return found + self.room.damage()


@dataclass
class Adjudicating:
    """A project in which two people differ about two articles, pulled; ``choice`` is what somebody submitted on one."""

    room: Room
    first: int
    data: dict[str, Any] = field(default_factory=dict)
    choices: list[int] = field(default_factory=list)

    @classmethod
    def of(cls, room: Room) -> Adjudicating:
        """Push, read and pull."""
        texts = {name: parse(marked[0]).text for name, marked in READ.items()}
        articles = [Article(id=name, text=text, text_sha256=text_sha256(text)) for name, text in texts.items()]
        write_lines(Workspace(room.folder).articles, articles)
        api.push(room.folder)
        [project] = room.projects()
        schema = api.load_schema(read_settings(room.folder))
        who = f"second-{text_sha256(str(room.folder))[:10]}@example.org"
        second = room.ask("POST", "/api/users", {"email": who, "username": who[:20]})["id"]
        for task in room.tasks():
            for person, marked in zip((None, second), READ[task["data"]["article_id"]], strict=True):
                result = result_of(to_reading(parse(marked), schema), schema)
                body = {"result": result} | ({"completed_by": person} if person else {})
                made = room.ask("POST", f"/api/tasks/{task['id']}/annotations/", body)
                room.posted[made["id"]] = task["data"]["article_id"]
        api.pull(room.folder)
        return cls(room, project)

    def run(self) -> api.Adjudicated:
        """Settle what can be and bring the rest to people."""
        return api.adjudicate("agree", self.room.folder, push=True)

    def listed(self) -> list[dict[str, Any]]:
        """List the tasks of all adjudication projects."""
        others = [number for number in self.room.projects() if number != self.first]
        return [task for number in others for task in self.room.ask("GET", f"{LISTED}{number}")["tasks"]]

    def forget(self) -> None:
        """Let there be no adjudication project."""
        for number in self.room.projects():
            if number != self.first:
                self.room.ask("DELETE", f"/api/projects/{number}/")
        self.choices.clear()
        self.data.clear()

    def disturb(self) -> None:
        """Let one task show something older, which somebody has answered, and the other be there twice."""
        if not self.choices:
            self.forget()
            self.run()
            [task] = [task["id"] for task in self.listed() if task["data"]["article_id"] == "depot"]
            self.choices.append(self.room.ask("POST", f"/api/tasks/{task}/annotations/", {"result": []})["id"])
            self.data = {task["data"]["article_id"]: task["data"] for task in self.listed()}
        [project] = [number for number in self.room.projects() if number != self.first]
        [task] = [task for task in self.listed() if task["data"]["article_id"] == "depot"]
        self.room.ask("PATCH", f"/api/tasks/{task['id']}/", {"data": task["data"] | {"pushed": "something else"}})
        self.room.ask("POST", f"/api/projects/{project}/import", [{"data": self.data["envoys"]}])

    def damage(self) -> Damage:
        """Say what is amiss with tasks, predictions, what was chosen, and the readings."""
        tasks = self.listed()
        found = compared(READ, [task["data"]["article_id"] for task in tasks])
        for task in tasks:
            name = task["data"]["article_id"]
            there = [shown(one) for one in task["predictions"]]
            found += compared({"reading A", "reading B", "merged"}, [who for who, _ in there])
            read = Counter(words for who, words in there if who.startswith("reading"))
            expected = Counter(tuple(sorted(said(marked))) for marked in READ[name])
            found += [("wrong", f"the readings of {name}")] * (read != expected)
            found += [("wrong", f"the data of {name}")] * (self.data.get(name, task["data"]) != task["data"])
        everywhere = (*tasks, *self.room.ask("GET", f"{LISTED}{self.first}")["tasks"])
        chosen = [one["id"] for task in everywhere for one in task["annotations"]]
        return found + compared([*self.room.posted, *self.choices], chosen)


def said(marked: str) -> list[str]:
    """List the words that a marked text labels."""
    made = parse(marked)
    return [made.text[one.start : one.end] for one in (*made.triggers, *made.arguments)]
