"""Articles as tasks, a project's marker, and the plan of a push (pure)."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from curate.records import Article

if TYPE_CHECKING:
    from curate.labelstudio.revisions import TaskStep

MARKER = re.compile(r"curate:workspace=(\S+) purpose=(\S+) annotator=(\S*) schema=(\S+)")


@dataclass(frozen=True)
class Marker:
    """What says in a project's description whose it is and what it is for."""

    workspace: str
    purpose: str
    annotator: str
    schema: str

    def write(self) -> str:
        """Write it as it stands in the description."""
        return (
            f"curate:workspace={self.workspace} purpose={self.purpose} annotator={self.annotator} schema={self.schema}"
        )


@dataclass(frozen=True)
class Step:
    """One planned change of the server: ``action`` is create, update or keep."""

    action: str
    what: str
    reason: str


@dataclass(frozen=True)
class Plan:
    """What a push would do. ``project`` is None when it has to be made first."""

    project: int | None
    project_step: Step
    settings: dict[str, Any]
    create: list[Article] = field(default_factory=list)
    tasks: list[TaskStep] = field(default_factory=list)
    keep: int = 0
    notices: list[str] = field(default_factory=list)

    @property
    def changes(self) -> int:
        """Count what would be written."""
        return len(self.create) + len(self.tasks) + (self.project_step.action != "keep")

    @property
    def steps(self) -> list[Step]:
        """List every step that changes something, the project first."""
        first = [self.project_step] if self.project_step.action != "keep" else []
        create = [Step("create", f"task {article.id}", "not on the server yet") for article in self.create]
        return (
            first
            + create
            + [Step(one.action, f"task {one.task} of {one.article_id}", one.reason) for one in self.tasks]
        )


def read_marker(description: str | None) -> Marker | None:
    """Find the marker in a project's description."""
    found = MARKER.search(description or "")
    return Marker(*found.groups()) if found else None


def find_project(
    projects: Iterable[Mapping[str, Any]], workspace: str, purpose: str = "annotate"
) -> tuple[Mapping[str, Any] | None, list[int]]:
    """Find this workspace's project of a purpose; of several the oldest, with the ids of the others."""
    found = []
    for project in projects:
        marker = read_marker(project.get("description"))
        if marker and marker.workspace == workspace and marker.purpose == purpose:
            found.append(project)
    found.sort(key=lambda project: int(project["id"]))
    return (found[0], [int(project["id"]) for project in found[1:]]) if found else (None, [])


def task_data(article: Article) -> dict[str, Any]:
    """Make the task's data: what the page shows, and the key by which the task is found again."""
    return {
        "article_id": article.id,
        "text": article.text,
        "text_sha256": article.text_sha256,
        "title": article.title or "",
        "url": article.url or "",
        "publisher": article.publisher or "",
        "published_at": article.published_at or "",
    }


def plan_push(
    articles: Mapping[str, Article],
    project: Mapping[str, Any] | None,
    tasks: Iterable[Mapping[str, Any]],
    settings: Mapping[str, Any],
    withdrawn: Container[str] = frozenset(),
) -> Plan:
    """Compare the articles and the wanted settings with what the server holds.

    No task is made for an article that is ``withdrawn``; one that is there stays, with a notice: there may be work
    on it.
    """
    there: dict[tuple[str, str], list[int]] = {}
    notices = []
    for task in tasks:
        data = task["data"]
        key = (str(data.get("article_id")), str(data.get("text_sha256")))
        there.setdefault(key, []).append(task["id"])
        article = articles.get(key[0])
        if key[0] in withdrawn:
            fix = "delete it in Label Studio if nobody may read it any more"
            notices.append(f"task {task['id']}: its article {key[0]!r} is withdrawn; {fix}")
        elif article is None:
            notices.append(f"task {task['id']}: its article {key[0]!r} is not in articles.jsonl")
        elif key[1] == article.text_sha256 and data.get("text") != article.text:
            notices.append(f"task {task['id']}: its text was edited on the server; annotations of it will be held")
    notices += [f"article {key[0]}: more than one task ({ids})" for key, ids in there.items() if len(ids) > 1]
    wanted = [article for article in articles.values() if article.id not in withdrawn]
    create = [article for article in wanted if (article.id, article.text_sha256) not in there]
    changed = {key: value for key, value in settings.items() if project is None or project.get(key) != value}
    if project is None:
        step = Step("create", f"project {settings['title']}", "no project of this workspace yet")
    elif changed:
        step = Step("update", f"project {project['id']}", f"changed: {', '.join(sorted(changed))}")
    else:
        step = Step("keep", f"project {project['id']}", "as it should be")
    return Plan(
        project=int(project["id"]) if project else None,
        project_step=step,
        settings=changed,
        create=create,
        keep=len(wanted) - len(create),
        notices=notices,
    )
