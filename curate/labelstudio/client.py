"""What is asked of Label Studio over its API, and what is changed there.

No write is ever repeated here: one that failed may have been carried out, so the caller lists again.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from typing import Any, cast
from urllib.parse import urljoin

from curate.errors import ServerError
from curate.labelstudio.connection import (
    Connection,
    GoneError,
    connected,
    errors_told,
    read,
)
from curate.labelstudio.listing import ATTEMPTS, Condition, listed_tasks

__all__ = ["Connection", "GoneError", "connected"]

# `include` also filters what is nested, so the names of nested keys stand here too; left out are those that
# change by themselves, such as created_ago.
INCLUDE = (
    "id,project,data,annotations,predictions,created_at,updated_at,result,completed_by,was_cancelled,"
    "lead_time,ground_truth,parent_prediction,parent_annotation,updated_by,import_id,model_version,score"
)


def version(connection: Connection) -> dict[str, Any]:
    """Tell which Label Studio it is: ``release``, ``edition``."""
    with errors_told(connection.url):
        return dict(read(connection, "api/version"))


PULLING = "id,created_at,description,label_config,task_number,total_annotations_number,skipped_annotations_number"
"""What a pull has to know of a project; to count the rest takes the server most of a second for 10,000 tasks."""


def projects(connection: Connection, include: str | None = None) -> list[dict[str, Any]]:
    """List every project by its number, with all that the server tells of it or what to ``include``.

    Raises ServerError where the list is cut short or won't hold still.
    """
    asked = {"include": include} if include else {}
    for _ in range(ATTEMPTS):
        found: dict[int, dict[str, Any]] = {}
        number, counts = 1, set()
        # A page past the end is none: projects were deleted meanwhile, or the page before was cut short.
        with contextlib.suppress(GoneError), errors_told(connection.url, what="a page of the projects"):
            while True:
                page = read(connection, "api/projects", page=number, page_size=100, ordering="id", **asked)
                found |= {int(one["id"]): one for one in page["results"]}
                counts.add(page["count"])
                if len(found) >= page["count"] or not page["results"]:
                    break
                number += 1
        if counts == {len(found)}:
            return list(found.values())
    raise ServerError(f"{connection.url}: a list of projects cut short.", "Run the command again.")


def project(connection: Connection, project_id: int, include: str | None = None) -> dict[str, Any]:
    """Read one project, or what to ``include`` of it. Raises GoneError when it isn't there."""
    with errors_told(connection.url, what=f"project {project_id}"):
        asked = {"include": include} if include else {}
        return dict(read(connection, f"api/projects/{project_id}", **asked))


def users(connection: Connection) -> list[dict[str, Any]]:
    """List the people of the organization."""
    with errors_told(connection.url):
        found = read(connection, "api/users")
        return found if isinstance(found, list) else list(found["results"])


def invitation(connection: Connection) -> str:
    """Give the address at which people sign up, as curate reaches it."""
    with errors_told(connection.url):
        return urljoin(connection.url, str(read(connection, "api/invite")["invite_url"]))


def create_project(connection: Connection, **settings: Any) -> dict[str, Any]:
    """Create a project and give it as the server tells it."""
    with errors_told(connection.url):
        number = connection.sdk.projects.create(**settings).id
    return project(connection, int(number or 0))


def update_project(connection: Connection, project_id: int, **settings: Any) -> None:
    """Change settings of a project; the page is validated against its annotations first."""
    what = f"project {project_id}"
    if page := settings.get("label_config"):
        fix = "Annotations use what is no more: write its new name under `renamed` in the schema, or put it back."
        with errors_told(connection.url, what=what, refused=fix):
            connection.sdk.projects.validate_label_config(id=project_id, label_config=page)
    with errors_told(connection.url, what=what):
        connection.sdk.projects.update(id=project_id, **settings)


def import_tasks(connection: Connection, project_id: int, tasks: list[dict[str, Any]]) -> None:
    """Import tasks in one request, which is never repeated: the server may have carried it out all the same.

    Each task holds its ``data`` and, if it has any, its ``predictions``.
    """
    with errors_told(connection.url, what=f"project {project_id}"):
        connection.sdk.projects.import_tasks(
            id=project_id,
            # Not as the type that the SDK asks for: that one demands each prediction's task, before there is one.
            request=cast(Any, tasks),
            request_options={"max_retries": 0},
        )


def task_keys(connection: Connection, project_id: int, *, readers: bool = False) -> list[dict[str, Any]]:
    """List every task of a project with its id, data and the numbers of its annotations and skips.

    With ``readers`` also whose they are, and how many people the task is given to.
    """
    keys = "id,data,total_annotations,cancelled_annotations"
    return _listed(connection, project_id, keys + ",overlap,annotations,completed_by" * readers)


def submitted_tasks(connection: Connection, project_id: int) -> list[dict[str, Any]]:
    """List every task of a project: id, data, predictions, and when annotations changed last: all, and submitted."""
    tasks = _listed(
        connection, project_id, "id,data,annotations,updated_at,was_cancelled,predictions,result,model_version"
    )
    return [
        {
            "id": task["id"],
            "data": task["data"],
            "predictions": task.get("predictions") or [],
            "annotations": [one["updated_at"] for one in task.get("annotations") or []],
            "submitted": [one["updated_at"] for one in task.get("annotations") or [] if not one.get("was_cancelled")],
        }
        for task in tasks
    ]


def replace_predictions(connection: Connection, task: int, predictions: list[dict[str, Any]]) -> None:
    """Put predictions in the place of those a task has; annotations made from them stay as they are."""
    with errors_told(connection.url, what=f"task {task}"):
        there = connection.sdk.predictions.list(task=task)
    for old in there:
        delete_prediction(connection, int(old.id))
    with errors_told(connection.url, what=f"task {task}"):
        for new in predictions:
            connection.sdk.predictions.create(task=task, **new, request_options={"max_retries": 0})


def predicted_tasks(connection: Connection, project_id: int) -> Iterator[dict[str, Any]]:
    """Give every task with its id, data and predictions, one at a time."""
    for task in listed_tasks(connection, project_id, "id,data,predictions,result,model_version,score"):
        yield json.loads(task)


def begun_tasks(connection: Connection, project_id: int) -> set[int]:
    """Name the tasks on which anybody left anything: an annotation, a skip, a draft."""
    left: list[Condition] = [
        ("total_annotations", "greater", "Number", 0),
        ("cancelled_annotations", "greater", "Number", 0),
        ("draft_exists", "equal", "Boolean", True),
    ]
    return {int(task["id"]) for one in left for task in _listed(connection, project_id, "id", one)}


def import_predictions(connection: Connection, project_id: int, predictions: list[dict[str, Any]]) -> int:
    """Add predictions to tasks in one request, which is never repeated; give how many the server took.

    It passes over those that don't fit the project's page.
    """
    with errors_told(connection.url, what=f"project {project_id}"):
        answer = connection.sdk.projects.import_predictions(
            id=project_id, request=cast(Any, predictions), request_options={"max_retries": 0}
        )
        return int(answer.created or 0)


def delete_predictions(connection: Connection, project_id: int, tasks: list[int]) -> None:
    """Delete every prediction of these tasks; annotations made from them stay as they are."""
    with errors_told(connection.url):
        connection.sdk.actions.create(
            id="delete_tasks_predictions",
            project=project_id,
            selected_items=cast(Any, {"all": False, "included": tasks}),
            request_options={"max_retries": 0},
        )


def delete_prediction(connection: Connection, number: int) -> None:
    """Delete one prediction, unless somebody else just did."""
    with contextlib.suppress(GoneError), errors_told(connection.url, what=f"prediction {number}"):
        connection.sdk.predictions.delete(id=number, request_options={"max_retries": 0})


def _listed(connection: Connection, project_id: int, include: str, *where: Condition) -> list[dict[str, Any]]:
    return [json.loads(task) for task in listed_tasks(connection, project_id, include, *where)]


def task(connection: Connection, task_id: int) -> dict[str, Any]:
    """Read one task in full: data, annotations, the drafts of the account that asks."""
    with errors_told(connection.url, what=f"task {task_id}"):
        return dict(read(connection, f"api/tasks/{task_id}/"))


def delete_project(connection: Connection, project_id: int) -> None:
    """Delete a project with everything in it."""
    with errors_told(connection.url, what=f"project {project_id}"):
        connection.sdk.projects.delete(id=project_id, request_options={"max_retries": 0})


def change_task(connection: Connection, task_id: int, fields: dict[str, Any]) -> None:
    """Set fields of a task; ``data`` is replaced whole."""
    with errors_told(connection.url, what=f"task {task_id}"):
        connection.sdk.tasks.update(
            str(task_id), request_options={"max_retries": 0, "additional_body_parameters": fields}
        )


def delete_task(connection: Connection, task_id: int) -> None:
    """Delete a task with everything on it."""
    with errors_told(connection.url, what=f"task {task_id}"):
        connection.sdk.tasks.delete(str(task_id), request_options={"max_retries": 0})


def tasks(connection: Connection, project_id: int) -> Iterator[bytes]:
    """Give every task as the very bytes the server sent."""
    return listed_tasks(connection, project_id, INCLUDE)


def tasks_numbered(connection: Connection, project_id: int, numbers: list[int]) -> Iterator[bytes]:
    """Give the tasks of these numbers, as far as they are there; about a hundred can be asked for."""
    return listed_tasks(connection, project_id, INCLUDE, ("id", "in_list", "List", numbers))


def changes(connection: Connection, project_id: int, since: str | None) -> dict[int, str]:
    """List when each task changed last: all, or those changed at or after ``since``."""
    after: Condition = ("updated_at", "greater_or_equal", "Datetime", since)
    tasks = _listed(connection, project_id, "id,updated_at", *([after] if since else []))
    return {int(task["id"]): str(task["updated_at"]) for task in tasks}


def tasks_with_drafts(connection: Connection, project_id: int) -> list[int]:
    """List the tasks that somebody began and has not submitted, whoever that is."""
    return [one["id"] for one in _listed(connection, project_id, "id", ("draft_exists", "equal", "Boolean", True))]


def drafts(connection: Connection, project_id: int) -> dict[int, list[dict[str, Any]]]:
    """Read everybody's drafts, by task; ``user`` is the name of an account.

    The drafts in the listing of tasks are only those of the account that asks.
    """
    found = {}
    for number in tasks_with_drafts(connection, project_id):
        # One that was deleted since has none.
        with contextlib.suppress(GoneError), errors_told(connection.url, what=f"task {number}"):
            found[number] = list(read(connection, f"api/tasks/{number}/drafts"))
    return found
