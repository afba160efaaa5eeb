"""Send back: findings go to where the people who can mend them work, and come away when they are mended.

The label stream of the free edition never gives anybody a task that they have annotated, whatever the task says. So
a tab of its own, left of all others, lists what is sent back.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from curate.labelstudio import client
from curate.labelstudio.projects import Own, folder_name
from curate.labelstudio.pushing import Progress
from curate.labelstudio.returns import MARK, Point, plan_return, point_of, returned
from curate.labelstudio.revisions import TaskStep
from curate.labelstudio.tabs import create_tab, delete_tab, order_tabs, tabs_of
from curate.labelstudio.tasks import ADJUDICATE, Place, Step
from curate.records import Finding

_Key: TypeAlias = tuple[str, int]
"""Where a task was pulled from, and its number there."""

TITLE = "Sent back"
TAB: dict[str, Any] = {
    "title": TITLE,
    "type": "list",
    "target": "tasks",
    "filters": {
        "conjunction": "and",
        "items": [
            {
                "filter": "filter:tasks:data.message",
                "operator": "contains",
                "type": "String",
                "value": MARK.strip("*"),
            }
        ],
    },
    # What is mended moves to the end.
    "ordering": ["tasks:updated_at"],
}
EVERYTHING: dict[str, Any] = {"title": "Default"}
"""The tab that the browser makes for a project that has none."""


@dataclass(frozen=True)
class TabStep:
    """One change of the tab in a project: ``action`` is add, move (to the left of all others) or delete.

    ``tab`` is its number; 0 while there is none.
    """

    project: int
    action: str
    tab: int = 0


@dataclass(frozen=True)
class ReturnPlan:
    """What sending back would do; ``out`` counts the tasks that are sent back afterwards."""

    tasks: list[TaskStep] = field(default_factory=list)
    tabs: list[TabStep] = field(default_factory=list)
    out: int = 0
    keep: int = 0
    notices: list[str] = field(default_factory=list)

    @property
    def changes(self) -> int:
        """Count what would be written."""
        return len(self.tasks) + len(self.tabs)

    @property
    def steps(self) -> list[Step]:
        """List every step that changes something."""
        steps = [Step(one.action, f"task {one.task} of {one.article_id}", one.reason) for one in self.tasks]
        return steps + [
            Step(one.action, f"tab {TITLE} of project {one.project}", "it lists what is sent back") for one in self.tabs
        ]


def plan(
    connection: client.Connection,
    there: Mapping[Place, Own],
    pulled: Sequence[Mapping[str, Any]],
    findings: Sequence[Finding],
    chosen: Sequence[Finding],
    now: str,
) -> ReturnPlan:
    """Find out what to send back and what to take away. Nothing is written.

    ``pulled`` are the tasks as they were pulled, ``findings`` what was found in them, ``chosen`` those of the
    findings that are to go back. ``now`` is the moment (UTC) of the pull.
    """
    projects = {
        folder_name(own.project): int(own.project["id"]) for place, own in there.items() if place[0] != ADJUDICATE
    }
    here = [task for task in pulled if task.get("source") in projects]
    found, points = _by_task(here, findings, frozenset(chosen))
    made: list[TaskStep] = []
    out = dict.fromkeys(projects.values(), 0)
    for task in here:
        number, key = task["id"], _key(task)
        if key not in points and returned(task) is None:
            continue
        live = _live(connection, number)
        # The number of a task that was deleted goes to the next one, in whichever project.
        if live is None or live["project"] != projects[task["source"]]:
            made.append(TaskStep("leave", number, "", "it is gone: curate pull --full"))
            continue
        known = {str(one["id"]): str(one.get("updated_at")) for one in task.get("annotations") or []}
        step = plan_return(live, known, found.get(key, []), points.get(key, ()), now)
        made.append(step)
        out[projects[task["source"]]] += returned({"data": step.fields.get("data", live["data"])}) is not None
    return ReturnPlan(
        tasks=[step for step in made if step.fields],
        tabs=[step for number, count in out.items() for step in _tab_steps(connection, number, count)],
        out=sum(out.values()),
        keep=sum(step.action == "keep" for step in made),
        notices=[f"task {one.task}: not sent back, {one.reason}" for one in made if one.action == "leave"],
    )


def _live(connection: client.Connection, task: int) -> dict[str, Any] | None:
    """Ask for a task as it is now; None when it is gone."""
    try:
        return client.task(connection, task)
    except client.GoneError:
        return None


def _key(task: Mapping[str, Any]) -> _Key:
    return str(task["source"]), int(task["id"])


def _by_task(
    tasks: Iterable[Mapping[str, Any]], findings: Iterable[Finding], chosen: Container[Finding]
) -> tuple[dict[_Key, list[Finding]], dict[_Key, set[Point]]]:
    """Give the findings in the annotations of each task, and what is chosen of them."""
    holder = {str(one["id"]): task for task in tasks for one in task.get("annotations") or []}
    found: dict[_Key, list[Finding]] = {}
    points: dict[_Key, set[Point]] = {}
    for finding in findings:
        task = holder.get(str(finding.annotation_id))
        # Another server may have used the same numbers.
        if task and finding.article_id == str((task.get("data") or {}).get("article_id")):
            found.setdefault(_key(task), []).append(finding)
            if finding in chosen:
                points.setdefault(_key(task), set()).add(point_of(finding))
    return found, points


def apply(connection: client.Connection, made: ReturnPlan, progress: Progress) -> None:
    """Carry out a plan. Killed half-way, the next one goes on where this one stopped."""
    for number, step in enumerate(made.tasks, start=1):
        client.change_task(connection, step.task, step.fields)
        if number % 50 == 0:
            progress(f"changed {number} of {len(made.tasks)} tasks")
    for tab in made.tabs:
        if tab.action == "delete":
            delete_tab(connection, tab.tab)
        else:
            _put_first(connection, tab)


def _put_first(connection: client.Connection, step: TabStep) -> None:
    """Add the tab, if it isn't there, and put it to the left of all others."""
    if step.action == "add":
        if not tabs_of(connection, step.project):
            # Else ours would be the only one, and the browser makes none beside it.
            create_tab(connection, step.project, EVERYTHING)
        create_tab(connection, step.project, TAB)
    tabs = sorted(tabs_of(connection, step.project), key=lambda tab: not _is_ours(tab))
    order_tabs(connection, step.project, [int(tab["id"]) for tab in tabs])


def _tab_steps(connection: client.Connection, project: int, out: int) -> list[TabStep]:
    """Say how a project comes to have the tab once as long as anything is sent back in it, and not any more then."""
    tabs = tabs_of(connection, project)
    ours = [int(tab["id"]) for tab in tabs if _is_ours(tab)]
    if out and not ours:
        return [TabStep(project, "add")]
    steps = [TabStep(project, "delete", tab) for tab in ours[bool(out) :]]
    if out and not _is_ours(tabs[0]):
        steps.append(TabStep(project, "move", ours[0]))
    return steps


def _is_ours(tab: Mapping[str, Any]) -> bool:
    return bool(tab["data"].get("title") == TITLE)
