"""A room in which findings go back to where people mend them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from curate import api
from curate.labelstudio.returning import TITLE
from curate.labelstudio.returns import returned
from curate.labelstudio.writing import result_of
from curate.markup import parse, to_reading
from curate.settings import read_settings
from live.room import Room
from live.table import Damage, compared

MARKED = "[Rebels](actor>1) [shelled](Attack#1) the {name}. The [town](target>1) was quiet."
NAMES = ("tree", "wall", "mast", "roof")
OUT = ("tree", "roof", "mast")
"""What is sent back in the end: the last is new, and the wall was mended."""


@dataclass
class Returning:
    """A pushed project in which the argument of three readings is attached to nothing; a fourth was so and was mended.

    ``data`` is what the tasks hold, by number, before it is sent back again.
    """

    room: Room
    project: int
    data: dict[int, dict[str, Any]] = field(default_factory=dict)

    @classmethod
    def of(cls, room: Room) -> Returning:
        """Push, read, send back, mend one, read another and pull."""
        room.write({name: parse(MARKED.format(name=name)).text for name in NAMES})
        api.push(room.folder)
        [project] = room.projects()
        made = cls(room, project)
        numbers = {name: room.annotate(name, made.result(name, loose=True)) for name in ("tree", "roof", "wall")}
        api.pull(room.folder)
        api.send_back(room.folder)
        room.ask("PATCH", f"/api/annotations/{numbers['wall']}/", {"result": made.result("wall", loose=False)})
        room.annotate("mast", made.result("mast", loose=True))
        api.pull(room.folder)
        made.data = {task["id"]: task["data"] for task in room.tasks()}
        return made

    def result(self, name: str, *, loose: bool) -> list[dict[str, Any]]:
        """Give a reading as the page would send it; where it is loose, its argument is attached to nothing."""
        schema = api.load_schema(read_settings(self.room.folder))
        made = result_of(to_reading(parse(MARKED.format(name=name)), schema), schema)
        return [{key: value for key, value in one.items() if not loose or key != "parentID"} for one in made]

    def reset(self) -> None:
        """Let every task say what it did, and the project have no tab."""
        for number, data in self.data.items():
            self.room.ask("PATCH", f"/api/tasks/{number}/", {"data": data})
        for tab in self.tabs():
            self.room.ask("DELETE", f"/api/dm/views/{tab['id']}/")

    def tabs(self) -> list[dict[str, Any]]:
        """List the tabs of the project from left to right."""
        return list(self.room.ask("GET", f"/api/dm/views?project={self.project}"))

    def damage(self) -> Damage:
        """Say what is amiss with tasks, annotations and the tab."""
        tasks = self.room.tasks()
        found = compared(self.data, [task["id"] for task in tasks])
        found += compared(self.room.posted, [one["id"] for task in tasks for one in task["annotations"]])
        out = {task["data"]["article_id"]: told.points for task in tasks if (told := returned(task))}
        found += compared(OUT, list(out))
        found += [("wrong", f"what is sent back of {name}") for name, points in out.items() if len(points) != 1]
        found += [
            ("wrong", f"the data of task {task['id']}")
            for task in tasks
            if _bare(task["data"]) != _bare(self.data[task["id"]])
        ]
        titles = [tab["data"]["title"] for tab in self.tabs()]
        return found + [("wrong", f"the tabs {titles}")] * (titles != [TITLE, "Default"])


def _bare(data: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in data.items() if name != "message"}
