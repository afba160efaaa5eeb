"""Articles as tasks, a project's marker, and the plan of a push (pure)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias

from curate.records import Article
from curate.wording import counted

if TYPE_CHECKING:
    from curate.labelstudio.revisions import TaskStep

MARKER = re.compile(r"curate:workspace=(\S+) purpose=(\S+) annotator=(\S*) schema=(\S+)")
ANNOTATE, AGAIN, ADJUDICATE, QUALIFY = "annotate", "again", "adjudicate", "qualify"
"""What a project is for: reading, the same person's second reading, settling, and trying people out."""
GOLD, OTHER = "gold", "other"
"""What a task may be for beside that: a text with known answers among the articles, one that nobody is to read."""
Place: TypeAlias = tuple[str, str]
"""What a project is for and whose it is, empty for everybody's."""


@dataclass(frozen=True)
class Marker:
    """What says in a project's description whose it is and what it is for."""

    workspace: str
    purpose: str
    annotator: str
    schema: str

    @property
    def place(self) -> Place:
        """Say what the project is for and whose it is."""
        return self.purpose, self.annotator

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
class ProjectPlan:
    """What a push would do to one project. ``project`` is None when it has to be made first.

    ``annotator`` is whose it is, empty where everybody reads in it; ``purpose`` what it is for. ``remove`` numbers
    other projects that claim to be the same one and in which nobody worked; ``reasons`` tells why an article gets
    its task where it had one before. ``gold`` counts the tasks, made and kept, of texts with known answers.
    """

    project: int | None
    project_step: Step
    settings: dict[str, Any]
    create: list[Article] = field(default_factory=list)
    tasks: list[TaskStep] = field(default_factory=list)
    keep: int = 0
    notices: list[str] = field(default_factory=list)
    annotator: str = ""
    purpose: str = ANNOTATE
    remove: list[int] = field(default_factory=list)
    reasons: Mapping[str, str] = field(default_factory=dict)
    gold: int = 0

    @property
    def changes(self) -> int:
        """Count what would be written."""
        return len(self.create) + len(self.tasks) + len(self.remove) + (self.project_step.action != "keep")

    @property
    def steps(self) -> list[Step]:
        """List every step that changes something, the project first."""
        first = [self.project_step] if self.project_step.action != "keep" else []
        whose = f" for {self.annotator}" if self.annotator else ""
        create = [
            Step("create", f"task {article.id}{whose}", self.reasons.get(article.id, "not on the server yet"))
            for article in self.create
        ]
        why = "a second project of this workspace; nobody worked in it"
        return (
            first
            + [Step("delete", f"project {number}", why) for number in self.remove]
            + create
            + [Step(one.action, f"task {one.task} of {one.article_id}{whose}", one.reason) for one in self.tasks]
        )


@dataclass(frozen=True)
class Plan:
    """What a push would do, project by project.

    ``unassigned`` counts the articles that nobody is given to read, ``idle`` the texts with known answers where
    nobody is given any.
    """

    projects: list[ProjectPlan]
    unassigned: int = 0
    idle: int = 0

    @property
    def project(self) -> int | None:
        """Give the number of the first project; None when it has to be made."""
        return self.projects[0].project if self.projects else None

    @property
    def create(self) -> list[Article]:
        """List the articles that get a task, as often as they get one."""
        return [article for one in self.projects for article in one.create]

    @property
    def tasks(self) -> list[TaskStep]:
        """List the changes of tasks that are there."""
        return [step for one in self.projects for step in one.tasks]

    @property
    def keep(self) -> int:
        """Count the tasks that are there and wanted."""
        return sum(one.keep for one in self.projects)

    @property
    def kinds(self) -> Counter[str]:
        """Count the tasks that are made and kept by what they are for."""
        counts: Counter[str] = Counter()
        for one in self.projects:
            counts[GOLD] += one.gold
            counts[one.purpose] += len(one.create) + one.keep - one.gold
        return counts

    @property
    def notices(self) -> list[str]:
        """List what is worth telling."""
        told = f"given to nobody yet: {counted(self.unassigned, 'article')}; curate assign plans who reads what"
        texts = counted(self.idle, "text")
        hidden = f"given to nobody yet: {texts} with known answers; curate assign gives them out as articles come"
        notices = [notice for one in self.projects for notice in one.notices]
        return notices + [told] * bool(self.unassigned) + [hidden] * bool(self.idle)

    @property
    def changes(self) -> int:
        """Count what would be written."""
        return sum(one.changes for one in self.projects)

    @property
    def steps(self) -> list[Step]:
        """List every step that changes something, each project before its tasks."""
        return [step for one in self.projects for step in one.steps]


@lru_cache(maxsize=64)  # every task of a project asks for the same one
def read_marker(text: str | None) -> Marker | None:
    """Find the marker in a project's description, or in its page."""
    found = MARKER.search(text or "")
    return Marker(*found.groups()) if found else None


def marker_of(project: Mapping[str, Any]) -> Marker | None:
    """Find a project's marker, which stands in its description and, if somebody wrote another, in its page."""
    return read_marker(project.get("description")) or read_marker(project.get("label_config"))


def find_projects(projects: Iterable[Mapping[str, Any]], workspace: str) -> dict[Place, list[Mapping[str, Any]]]:
    """Find this workspace's projects by what they are for and whose they are.

    Of each the one to use comes first: that which people worked in, else the oldest.
    """
    found: dict[Place, list[Mapping[str, Any]]] = {}
    for project in sorted(projects, key=lambda project: (not has_work(project), int(project["id"]))):
        marker = marker_of(project)
        if marker and marker.workspace == workspace:
            found.setdefault(marker.place, []).append(project)
    return found


def has_work(project: Mapping[str, Any]) -> bool:
    """Tell whether anybody submitted or skipped anything in a project."""
    return any(project.get(f"{kind}_annotations_number") for kind in ("total", "skipped"))


def _why_changed(project: Mapping[str, Any], changed: Mapping[str, Any]) -> str:
    """Say what became of a project's settings: another schema, a lost marker, a page edited by hand."""
    why, told = [], set()
    wanted, found = read_marker(changed.get("description")), read_marker(project.get("description"))
    if wanted and found is None:
        why.append("its marker was lost")
        told.add("description")
    elif wanted and found and found.schema != wanted.schema:
        why.append(f"the schema changed, from {found.schema} to {wanted.schema}")
        told |= {"description", "label_config", "expert_instruction", "title"}
    elif "label_config" in changed:
        why.append("its page was edited, or made otherwise")
        told.add("label_config")
    if rest := sorted(set(changed) - told):
        why.append(f"changed: {', '.join(rest)}")
    return "; ".join(why)


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
) -> ProjectPlan:
    """Compare the articles and the wanted settings with what the server holds.

    No task is made for an article that is ``withdrawn``; one that is there stays, with a notice: there may be work
    on it.
    """
    there = set()
    notices = []
    for task in tasks:
        data = task["data"]
        key = (str(data.get("article_id")), str(data.get("text_sha256")))
        there.add(key)
        article = articles.get(key[0])
        if key[0] in withdrawn:
            fix = "delete it in Label Studio if nobody may read it any more"
            notices.append(f"task {task['id']}: its article {key[0]!r} is withdrawn; {fix}")
        elif article is None:
            notices.append(f"task {task['id']}: its article {key[0]!r} is not in articles.jsonl")
        elif key[1] == article.text_sha256 and data.get("text") != article.text:
            fix = "put it back there, or delete the task and push again"
            notices.append(f"task {task['id']}: its text was edited; annotations of it will be held: {fix}")
    wanted = [article for article in articles.values() if article.id not in withdrawn]
    create = [article for article in wanted if (article.id, article.text_sha256) not in there]
    changed = {key: value for key, value in settings.items() if project is None or project.get(key) != value}
    if project is None:
        marker = read_marker(settings.get("description"))
        whose = f"of {marker.annotator}" if marker and marker.annotator else settings["title"]
        step = Step("create", f"project {whose}", "no project of this workspace yet")
    elif changed:
        step = Step("update", f"project {project['id']}", _why_changed(project, changed))
    else:
        step = Step("keep", f"project {project['id']}", "as it should be")
    return ProjectPlan(
        project=int(project["id"]) if project else None,
        project_step=step,
        settings=changed,
        create=create,
        keep=len(wanted) - len(create),
        notices=notices,
    )
