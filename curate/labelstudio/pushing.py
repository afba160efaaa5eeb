"""Push: the server is the record of what was pushed, so it begins by asking it."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from curate.labelstudio import client, revisions
from curate.labelstudio.desks import Desk, desks
from curate.labelstudio.projects import Own, own_projects, wanted_settings
from curate.labelstudio.revisions import TaskStep
from curate.labelstudio.tasks import Plan, ProjectPlan, plan_push, task_data
from curate.records import Article
from curate.schema.model import EventSchema
from curate.settings import Settings
from curate.workspace import Workspace, account_names, read_assignments, read_withdrawn

BATCH = 500
BATCH_CHARACTERS = 20_000_000  # the server takes up to 250 MB, and a character may take four bytes

Progress = Callable[[str], None]


def plan(
    connection: client.Connection,
    settings: Settings,
    workspace: Workspace,
    schema: EventSchema,
    articles: Mapping[str, Article],
    *,
    tasks: bool = True,
) -> Plan:
    """Find out what a push has to do, project by project. Nothing is written.

    Without ``tasks`` those that are there are not asked for, and every task that there is to be counts as missing.
    """
    there = own_projects(connection, settings, workspace)
    assignments = read_assignments(workspace)
    names = {} if assignments is None else account_names(workspace)
    withdrawn = read_withdrawn(workspace)
    plans = []
    for desk in desks(articles, assignments, there, settings.overlap, names):
        own = there.get((desk.purpose, desk.annotator))
        wanted = wanted_settings(settings, schema, own.project if own else None, desk)
        listed = client.task_keys(connection, int(own.project["id"])) if own and tasks else []
        plans.append(_plan_desk(connection, desk, own, wanted, listed, articles, withdrawn))
    return Plan(plans)


def _plan_desk(
    connection: client.Connection,
    desk: Desk,
    own: Own | None,
    settings: Mapping[str, Any],
    listed: list[dict[str, Any]],
    articles: Mapping[str, Article],
    withdrawn: Container[str],
) -> ProjectPlan:
    """Compare one project and its tasks with what is to be read in it."""
    elsewhere = {task["id"] for task in listed if desk.gave_up(str(task["data"].get("article_id")), articles)}
    tasks = [task for task in listed if task["id"] not in elsewhere]
    wanted = {name: article for name, article in desk.articles.items() if name not in withdrawn}
    outdated = {
        task["id"]: client.task(connection, task["id"]) for task in tasks if revisions.is_outdated(task, wanted)
    }
    steps = revisions.plan_task_steps(wanted, tasks, outdated, desk.overlap)
    open_ones = [task["id"] for task in listed if task["id"] in elsewhere and not task.get("total_annotations")]
    steps += revisions.plan_unassigned(client.task(connection, number) for number in open_ones)
    made = plan_push(desk.articles, own.project if own else None, tasks, settings, withdrawn)
    seconds = own.others if own else []
    notices = [f"project {number}: a second project of this workspace; delete one" for number in seconds]
    return replace(made, tasks=steps, notices=made.notices + notices, annotator=desk.annotator, purpose=desk.purpose)


def apply(connection: client.Connection, made: Plan, progress: Progress) -> list[int]:
    """Carry out a plan; give the projects' ids. Each batch is sent once and never repeated blindly."""
    total, pushed, projects = len(made.create), 0, []
    for one in made.projects:
        project = one.project
        if project is None:
            project = int(client.create_project(connection, **one.settings)["id"])
        elif one.settings:
            client.update_project(connection, project, **one.settings)
        projects.append(project)
        for batch in _batches(one.create):
            client.import_tasks(connection, project, [{"data": task_data(article)} for article in batch])
            pushed += len(batch)
            progress(f"pushed {pushed} of {total} tasks")
        _change_tasks(connection, one.tasks, progress)
    return projects


def _change_tasks(connection: client.Connection, steps: Iterable[TaskStep], progress: Progress) -> None:
    for step in steps:
        # Somebody may have begun on it since the plan was made, and work is never deleted.
        if step.action != "delete":
            client.change_task(connection, step.task, step.fields)
        elif revisions.worked_on(client.task(connection, step.task)):
            progress(f"task {step.task} of {step.article_id}: somebody began on it just now; kept. Push again.")
        else:
            client.delete_task(connection, step.task)


def _batches(articles: Sequence[Article]) -> Iterator[list[Article]]:
    """Give the articles in turn, as many at a time as one request may hold."""
    batch: list[Article] = []
    size = 0
    for article in articles:
        if batch and (len(batch) == BATCH or size + len(article.text) > BATCH_CHARACTERS):
            yield batch
            batch, size = [], 0
        batch.append(article)
        size += len(article.text)
    if batch:
        yield batch
