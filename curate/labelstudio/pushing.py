"""Push: the server is the record of what was pushed, so it begins by asking it."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from curate.accounts import account_names, account_numbers
from curate.labelstudio import client, revisions
from curate.labelstudio.desks import Desk, desks, with_gold
from curate.labelstudio.known import read_known
from curate.labelstudio.projects import Own, folder_name, lost_project, own_projects, wanted_settings
from curate.labelstudio.repairs import gone_tasks, plan_repairs
from curate.labelstudio.revisions import TaskStep
from curate.labelstudio.tasks import Plan, ProjectPlan, plan_push, task_data
from curate.records import Article, Assignment
from curate.schema.model import EventSchema
from curate.settings import Settings
from curate.workspace import Workspace, read_article_versions, read_assignments, read_gold, read_withdrawn

BATCH = 500
BATCH_CHARACTERS = 20_000_000  # the server takes up to 250 MB, and a character may take four bytes

Progress = Callable[[str], None]


def plan(
    connection: client.Connection,
    settings: Settings,
    workspace: Workspace,
    schema: EventSchema,
    articles: Mapping[str, Article],
    gold: Mapping[str, Article],
    *,
    tasks: bool = True,
) -> Plan:
    """Find out what a push has to do, project by project. Nothing is written.

    ``gold`` are the texts with known answers, which come up among the articles of whom they are given to. Without
    ``tasks`` those that are there are not asked for, and every task that there is to be counts as missing.
    """
    there = own_projects(connection, settings, workspace)
    assignments = read_assignments(workspace)
    names = {} if assignments is None else account_names(workspace)
    given = read_gold(workspace)
    wanted = [
        with_gold(desk, gold, given, settings.gold)
        for desk in desks(articles, assignments, there, settings.overlap, names)
    ]
    texts = {**articles, **gold}
    versions = [*read_article_versions(workspace), *gold.values()]
    made = plan_desks(connection, settings, workspace, schema, wanted, texts, versions, tasks=tasks)
    withdrawn = read_withdrawn(workspace)
    projects = [
        replace(one, gold=sum(name in gold and name not in withdrawn for name in desk.articles))
        for one, desk in zip(made.projects, wanted, strict=True)
    ]
    unassigned = _unassigned(settings, articles, assignments, withdrawn)
    return replace(made, projects=projects, unassigned=unassigned, idle=0 if given else len(gold))


def _unassigned(
    settings: Settings,
    articles: Mapping[str, Article],
    assignments: Iterable[Assignment] | None,
    withdrawn: Container[str],
) -> int:
    """Count the articles that are to be given out by now and that nobody was given."""
    if assignments is None:
        return 0
    given = {one.article_id for one in assignments}
    due = settings.assignment.given_out(list(articles))
    return sum(name not in given and name not in withdrawn for name in due)


def plan_desks(
    connection: client.Connection,
    settings: Settings,
    workspace: Workspace,
    schema: EventSchema,
    wanted: Iterable[Desk],
    articles: Mapping[str, Article],
    versions: Iterable[Article],
    *,
    tasks: bool = True,
) -> Plan:
    """Find out what it takes for some desks to be as they should; ``versions`` are all that the articles ever were."""
    there = own_projects(connection, settings, workspace)
    known = {(article.id, article.text_sha256) for article in versions}
    withdrawn = read_withdrawn(workspace)
    plans = []
    for desk in wanted:
        own = there.get((desk.purpose, desk.annotator))
        asked = wanted_settings(settings, schema, own.project if own else None, desk)
        listed = _listed(connection, int(own.project["id"]), desk) if own and tasks else []
        made = _plan_desk(connection, desk, own, asked, listed, articles, withdrawn, known)
        if desk.annotator:
            made = _given_back(made, desk, listed, account_numbers(workspace).get(desk.annotator, set()))
        plans.append(_told_by_history(made, workspace, own, {task["id"] for task in listed}))
    return Plan(plans)


def _given_back(
    made: ProjectPlan, desk: Desk, listed: Iterable[Mapping[str, Any]], reader: Container[int]
) -> ProjectPlan:
    """Add what gives tasks back to their reader that others have read, but for tasks that change anyway."""
    changing = {step.task for step in made.tasks}
    asked = [task for task in listed if task["id"] not in changing and task["data"].get("article_id") in desk.articles]
    return replace(made, tasks=made.tasks + revisions.plan_returns(asked, reader))


def _listed(connection: client.Connection, project: int, desk: Desk) -> list[dict[str, Any]]:
    """List the tasks with what says whether anybody worked on them, and in somebody's own project who."""
    listed = client.task_keys(connection, project, readers=bool(desk.annotator))
    begun = set(client.tasks_with_drafts(connection, project))
    return [task | {"draft_exists": task["id"] in begun} for task in listed]


def _told_by_history(made: ProjectPlan, workspace: Workspace, own: Own | None, listed: Container[int]) -> ProjectPlan:
    """Say of what is to be made that it was there before, as far as it was pulled, and is not ``listed`` now."""
    if own is None:
        if lost := lost_project(workspace, (made.purpose, made.annotator)):
            step = replace(made.project_step, reason=f"project {lost}, pulled before, is not on this server any more")
            return replace(made, project_step=step)
        return made
    if not made.create:
        return made
    known: dict[str, list[int]] = {}
    for number, place in read_known(workspace.raw / folder_name(own.project)).tasks.items():
        if number not in listed:
            known.setdefault(place.article, []).append(number)
    return replace(made, reasons=gone_tasks([article.id for article in made.create], known))


def _plan_desk(
    connection: client.Connection,
    desk: Desk,
    own: Own | None,
    settings: Mapping[str, Any],
    listed: list[dict[str, Any]],
    articles: Mapping[str, Article],
    withdrawn: Container[str],
    versions: Container[tuple[str, str]],
) -> ProjectPlan:
    """Compare one project and its tasks with what is to be read in it."""
    elsewhere = [task for task in listed if desk.gave_up(str(task["data"].get("article_id")), articles)]
    given_up = {task["id"] for task in elsewhere}
    wanted = {name: article for name, article in desk.articles.items() if name not in withdrawn}
    repairs = plan_repairs([task for task in listed if task["id"] not in given_up], wanted, versions)
    tasks = repairs.tasks
    older = [task["id"] for task in tasks if revisions.is_outdated(task, wanted)]
    older += [task["id"] for task in elsewhere if revisions.is_outdated(task, articles)]
    outdated = {number: client.task(connection, number) for number in older}
    renewed = revisions.plan_task_steps(wanted, tasks, outdated, desk.overlap)
    # What renews a task holds all its data, put back as they are to be.
    twice = {step.task for step in renewed}
    steps = [step for step in repairs.steps if step.task not in twice] + renewed
    steps += revisions.plan_unassigned(articles, elsewhere, outdated)
    made = plan_push(desk.articles, own.project if own else None, tasks, settings, withdrawn)
    data = {task["id"]: task["data"] for task in listed}
    remove = [number for number in (own.others if own else []) if _is_spare(connection, number, articles)]
    notices = [
        f"project {number}: a second project of this workspace with work in it; it is pulled too. Delete one"
        for number in (own.others if own else [])
        if number not in remove
    ]
    return replace(
        made,
        tasks=[replace(step, before=data[step.task]) for step in steps],
        notices=made.notices + repairs.notices + notices,
        annotator=desk.annotator,
        purpose=desk.purpose,
        remove=remove,
    )


def _is_spare(connection: client.Connection, project: int, articles: Mapping[str, Article]) -> bool:
    """Tell whether a project holds nothing but what a push would make again: no work, no other texts."""
    if client.begun_tasks(connection, project):
        return False
    texts = {article.text for article in articles.values()}
    return all(task["data"].get("text") in texts for task in client.task_keys(connection, project))


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
        for number in one.remove:
            if client.begun_tasks(connection, number):
                progress(f"project {number}: somebody began in it just now; kept. Push again.")
            else:
                client.delete_project(connection, number)
        for batch in _batches(one.create):
            client.import_tasks(connection, project, [{"data": task_data(article)} for article in batch])
            pushed += len(batch)
            progress(f"pushed {pushed} of {total} tasks")
        _change_tasks(connection, one.tasks, progress)
    return projects


def _change_tasks(connection: client.Connection, steps: Iterable[TaskStep], progress: Progress) -> None:
    """Change tasks, each only as it was planned for; work that began since the plan was made is never deleted."""
    for step in steps:
        what = f"task {step.task} of {step.article_id}"
        try:
            now = client.task(connection, step.task)
            if now["data"] != step.before:
                progress(f"{what}: somebody changed it just now; left so. Push again.")
            elif step.action != "delete":
                client.change_task(connection, step.task, step.fields)
            elif revisions.worked_on(now):
                progress(f"{what}: somebody began on it just now; kept. Push again.")
            else:
                client.delete_task(connection, step.task)
        except client.GoneError:
            progress(f"{what}: somebody deleted it just now. Push again.")


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
