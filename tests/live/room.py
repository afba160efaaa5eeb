"""A project on a real server, what was put there past curate, and what is amiss with it."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from curate.errors import CurateError
from curate.labelstudio import connection
from curate.records import Annotation, Article
from curate.settings import read_settings
from curate.text import text_sha256
from curate.workspace import Workspace, read_articles, read_lines, write_lines
from live.faults import PATIENCE, Call, Proxy
from live.table import CUT, Damage, compared


@dataclass
class Room:
    """A project behind the proxy, and what was put on the server past it: the text of each article, by annotation."""

    folder: Path
    proxy: Proxy
    direct: str
    posted: dict[int, str] = field(default_factory=dict)

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Ask the server past the proxy and past curate."""
        headers = {"Authorization": f"Token {os.environ['LABEL_STUDIO_API_KEY']}"}
        answer = httpx.request(method, f"{self.direct}{path}", json=body, headers=headers, timeout=60, trust_env=False)
        assert answer.status_code < 300, (method, path, answer.status_code, answer.text[:200])
        return answer.json() if answer.content else None

    def projects(self) -> list[int]:
        """List the projects of this workspace."""
        mark = f"curate:workspace={read_settings(self.folder).workspace} "
        return [
            one["id"] for one in self.ask("GET", "/api/projects?page_size=100")["results"] if mark in one["description"]
        ]

    def clear(self) -> None:
        """Delete them, so that those who come later needn't look through them."""
        for number in self.projects():
            self.ask("DELETE", f"/api/projects/{number}/")

    def tasks(self) -> list[dict[str, Any]]:
        """List the tasks of all its projects."""
        path = "/api/tasks?fields=all&include=id,project,data,annotations&page_size=500&project="
        return [task for number in self.projects() for task in self.ask("GET", f"{path}{number}")["tasks"]]

    def annotate(self, article: str, result: Sequence[Any] = ()) -> int:
        """Put a reading, empty unless told, on an article, remember its number and give it."""
        [task] = [one["id"] for one in self.tasks() if one["data"]["article_id"] == article]
        made = self.ask("POST", f"/api/tasks/{task}/annotations/", {"result": list(result), "was_cancelled": False})
        self.posted[made["id"]] = article
        return int(made["id"])

    def read(self) -> None:
        """Read two of the articles, and begin another."""
        for name in ("tree", "roof"):
            self.annotate(name)
        [task] = [one["id"] for one in self.tasks() if one["data"]["article_id"] == "wall"]
        self.begin(task)

    def begin(self, task: int) -> None:
        """Begin on a task without submitting."""
        self.ask("POST", f"/api/tasks/{task}/drafts", {"result": [], "lead_time": 1})

    def add(self, project: int, *data: dict[str, Any]) -> list[int]:
        """Put tasks with these data into a project; give their numbers."""
        before = self.numbers(project)
        self.ask("POST", f"/api/projects/{project}/import", [{"data": one} for one in data])
        return sorted(self.numbers(project) - before)

    def numbers(self, project: int) -> set[int]:
        """List the numbers of a project's tasks."""
        found = self.ask("GET", f"/api/tasks?fields=all&include=id&page_size=500&project={project}")
        return {one["id"] for one in found["tasks"]}

    def double(self, project: int, data: dict[str, Any]) -> tuple[int, int]:
        """Make a second project that claims to be the same one, with a task; give their numbers."""
        told = self.ask("GET", f"/api/projects/{project}/")
        made = {key: told[key] for key in ("title", "description", "label_config")}
        number = int(self.ask("POST", "/api/projects/", made)["id"])
        [task] = self.add(number, data)
        return number, task

    def write(self, texts: dict[str, str], title: str = "") -> None:
        """Set the project's articles."""
        made = [Article(id=name, text=text, text_sha256=text_sha256(text), title=title) for name, text in texts.items()]
        write_lines(Workspace(self.folder).articles, made)

    def damage(self) -> Damage:
        """Say what is not as it should be on the server, whoever is asked; empty when all is there once and right."""
        wanted = {name: one.text for name, one in read_articles(Workspace(self.folder)).items()}
        tasks = self.tasks()
        live = [task["data"] for task in tasks if not task["data"].get("message")]
        found = compared(wanted, [data["article_id"] for data in live])
        found += [
            ("wrong", f"the text of {data['article_id']}")
            for data in live
            if data["text"] != wanted.get(data["article_id"])
        ]
        return found + compared(self.posted, [one["id"] for task in tasks for one in task["annotations"]])

    def missed(self) -> Damage:
        """Say which annotations were not pulled, or not as they are."""
        read = read_lines(Workspace(self.folder).export("annotations.jsonl"), Annotation)
        return compared(self.posted.items(), [(int(one.id), one.article_id) for one in read])


@contextmanager
def suffering(room: Room, call: Call, fault: str, patch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let a fault befall a call while something is done; a server that is down is an address where none listens."""
    if fault == "refused":
        with patch.context() as gone:
            gone.setenv("LABEL_STUDIO_URL", "http://127.0.0.1:9")
            yield
        return
    room.proxy.arm(call, fault)
    with patch.context() as impatient:
        if fault == "delay":  # the others are to be met, on a slow machine too
            impatient.setattr(connection, "TIMEOUT", PATIENCE)
        yield
    assert room.proxy.hit == 1, room.proxy.seen
    room.proxy.disarm()


def attempt(command: Callable[[], object], fault: str) -> str:
    """Run a command that may meet a fault, and give what it said then: what happened, and what to do."""
    said: CurateError | None = None
    try:
        command()
    except CurateError as error:
        said = error
    if said is None:
        return "nothing"
    assert said.fix, said.message
    assert len(f"{said.message}\n{said.fix}".splitlines()) <= 4, said.message
    assert ("can't be reached" in said.message) == (fault == "refused"), said.message
    # An answer without a body is cut before it has come, which the system may call reset rather than closed.
    assert fault not in CUT or re.search("(closed|broke off) the connection", said.message), said.message
    return said.message.split(": ", 1)[-1]
