"""Push: the server is the record of what was pushed, so it begins by asking it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from curate.labelstudio import client, revisions
from curate.labelstudio.projects import own_project, wanted_settings
from curate.labelstudio.tasks import Plan, plan_push, task_data
from curate.records import Article
from curate.schema.model import EventSchema
from curate.settings import Settings
from curate.workspace import Workspace, read_withdrawn

BATCH = 500
BATCH_CHARACTERS = 20_000_000  # the server takes up to 250 MB, and a character may take four bytes

Progress = Callable[[str], None]


def plan(
    connection: client.Connection,
    settings: Settings,
    workspace: Workspace,
    schema: EventSchema,
    articles: Mapping[str, Article],
) -> Plan:
    """Find out what a push has to do. Nothing is written."""
    project, others = own_project(connection, settings, workspace)
    tasks = client.task_keys(connection, int(project["id"])) if project else []
    withdrawn = read_withdrawn(workspace)
    wanted = {name: article for name, article in articles.items() if name not in withdrawn}
    outdated = {
        task["id"]: client.task(connection, task["id"]) for task in tasks if revisions.is_outdated(task, wanted)
    }
    steps = revisions.plan_task_steps(wanted, tasks, outdated, settings.overlap)
    made = plan_push(articles, project, tasks, wanted_settings(settings, schema, project), withdrawn)
    notices = [f"project {number}: a second project of this workspace; delete one" for number in others]
    return replace(made, tasks=steps, notices=made.notices + notices)


def apply(connection: client.Connection, made: Plan, progress: Progress) -> int:
    """Carry out a plan; give the project's id. Each batch is sent once and never repeated blindly."""
    project = made.project
    if project is None:
        project = int(client.create_project(connection, **made.settings)["id"])
    elif made.settings:
        client.update_project(connection, project, **made.settings)
    pushed = 0
    for batch in _batches(made.create):
        client.import_tasks(connection, project, [{"data": task_data(article)} for article in batch])
        pushed += len(batch)
        progress(f"pushed {pushed} of {len(made.create)} tasks")
    for step in made.tasks:
        # Somebody may have begun on it since the plan was made, and work is never deleted.
        if step.action != "delete":
            client.change_task(connection, step.task, step.fields)
        elif revisions.worked_on(client.task(connection, step.task)):
            progress(f"task {step.task} of {step.article_id}: somebody began on it just now; kept. Push again.")
        else:
            client.delete_task(connection, step.task)
    return project


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
