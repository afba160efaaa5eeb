"""Bringing suggestions to the projects in which articles are read: listed, planned, and written without repeating."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence

from curate.errors import ServerError, UsageError
from curate.labelstudio import client
from curate.labelstudio.projects import own_projects
from curate.labelstudio.pushing import Progress
from curate.labelstudio.suggestions import Change, Prediction, ProjectState, ProjectSuggestions, TaskState, told_digest
from curate.labelstudio.tasks import ANNOTATE, read_marker
from curate.schema.model import EventSchema
from curate.settings import Settings
from curate.workspace import Workspace

BATCH = 2000
"""For each request with predictions the server counts all of a project's tasks anew, so few and large ones pay."""
BATCH_CHARACTERS = 50_000_000
REMOVED_AT_ONCE = 100
"""While the server deletes, one that keeps its data in a single file (SQLite) lets nobody else save anything."""


def survey(
    connection: client.Connection, settings: Settings, workspace: Workspace, schema: EventSchema
) -> list[ProjectState]:
    """List the projects for first readings and what their tasks have.

    For second readings, by which people are compared with themselves, nothing is suggested. Raises UsageError where
    there is no project, or where the labelling page is of another schema.
    """
    found = []
    for place, own in sorted(own_projects(connection, settings, workspace).items()):
        if place[0] != ANNOTATE:
            continue
        marker = read_marker(own.project.get("description"))
        if marker is None or marker.schema != schema.stamp:
            raise UsageError(
                f"project {own.project['id']}: its page is not of {schema.stamp}.", "Push first: curate push"
            )
        found.append(ProjectState(place, own.project, list(_tasks(connection, int(own.project["id"])))))
    if not found:
        raise UsageError(f"{connection.url}: no project of this workspace there yet.", "Push first: curate push")
    return found


def _tasks(connection: client.Connection, project: int) -> Iterator[TaskState]:
    begun = client.begun_tasks(connection, project)
    for task in client.predicted_tasks(connection, project):
        predictions = tuple(
            Prediction(int(one["id"]), str(one.get("model_version") or ""), told_digest(one))
            for one in sorted(task.get("predictions") or [], key=lambda one: int(one["id"]))
        )
        data = task["data"]
        yield TaskState(
            task["id"], str(data.get("article_id")), str(data.get("text_sha256")), task["id"] in begun, predictions
        )


def apply(
    connection: client.Connection,
    plans: Iterable[ProjectSuggestions],
    version: str | None,
    predictions: Mapping[str, bytes],
    progress: Progress,
) -> int:
    """Carry out the plans; give how many tasks were left because somebody began on them meanwhile.

    What is replaced goes first. Killed half-way, the next plan finds what is missing.
    """
    plans = list(plans)
    total, done, left = sum(len(plan.changes) for plan in plans), 0, 0
    for plan in plans:
        settings, there = plan.settings, plan.there
        for batch in _batches(plan.changes, predictions):
            still = _remove(connection, plan.project, batch)
            there += _create(connection, plan.project, still, version, predictions)
            if there and settings:
                # The stream lays before people what the project names, and only what is there can be named.
                client.update_project(connection, plan.project, **settings)
                settings = {}
            done, left = done + len(batch), left + len(batch) - len(still)
            progress(f"suggested for {done} of {total} tasks")
        if left_over := {key: value for key, value in settings.items() if there or key != "model_version"}:
            client.update_project(connection, plan.project, **left_over)
    return left


def _remove(connection: client.Connection, project: int, batch: Sequence[Change]) -> list[Change]:
    """Remove what is replaced or taken back; give the changes of the tasks that nobody has begun meanwhile."""
    still: list[Change] = []
    step = REMOVED_AT_ONCE if any(change.remove for change in batch) else len(batch)
    for begin in range(0, len(batch), step):
        begun = client.begun_tasks(connection, project)
        part = [change for change in batch[begin : begin + step] if change.task not in begun]
        if whole := [change.task for change in part if change.remove and change.whole]:
            client.delete_predictions(connection, project, whole)
        for number in (number for change in part if not change.whole for number in change.remove):
            client.delete_prediction(connection, number)
        still += part
    return still


def _create(
    connection: client.Connection,
    project: int,
    changes: Iterable[Change],
    version: str | None,
    predictions: Mapping[str, bytes],
) -> int:
    new = [
        {"task": change.task, "model_version": version, **json.loads(predictions[change.article_id])}
        for change in changes
        if change.article_id is not None
    ]
    if not new:
        return 0
    taken = client.import_predictions(connection, project, new)
    if taken != len(new):
        raise ServerError(
            f"{connection.url}: took {taken} of {len(new)} suggestions for project {project}.",
            "Its page may have been changed by hand: run curate push, then curate suggest again.",
        )
    return taken


def _batches(changes: Iterable[Change], predictions: Mapping[str, bytes]) -> Iterator[list[Change]]:
    batch: list[Change] = []
    size = 0
    for change in changes:
        new = len(predictions[change.article_id]) if change.article_id is not None else 0
        if batch and (len(batch) == BATCH or size + new > BATCH_CHARACTERS):
            yield batch
            batch, size = [], 0
        batch.append(change)
        size += new
    if batch:
        yield batch
