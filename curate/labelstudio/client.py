"""What is asked of Label Studio over its API, and what is changed there.

No write is ever repeated here: one that failed may have been carried out, so the caller lists again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, cast
from urllib.parse import urljoin

import msgspec

from curate.errors import ServerError
from curate.labelstudio.connection import Connection, connected, errors_told, read, read_bytes

__all__ = ["Connection", "connected"]

PAGE = 500
# `include` also filters what is nested, so the names of nested keys stand here too; left out are those that
# change by themselves, such as created_ago.
INCLUDE = (
    "id,project,data,annotations,predictions,created_at,updated_at,result,completed_by,was_cancelled,"
    "lead_time,ground_truth,parent_prediction,updated_by,import_id,model_version,score"
)

BY_ID: dict[str, Any] = {"ordering": ["tasks:id"]}


class ListingChangedError(Exception):
    """The tasks changed while they were listed page by page, so some may have been missed."""


class _Task(msgspec.Struct):
    id: int


class _Page(msgspec.Struct):
    total: int
    tasks: list[msgspec.Raw]


def version(connection: Connection) -> dict[str, Any]:
    """Tell which Label Studio it is: ``release``, ``edition``."""
    with errors_told(connection.url):
        return dict(read(connection, "api/version"))


def projects(connection: Connection) -> list[dict[str, Any]]:
    """List every project, page by page."""
    found: list[dict[str, Any]] = []
    with errors_told(connection.url):
        while True:
            page = read(connection, "api/projects", page=len(found) // 100 + 1, page_size=100)
            found += page["results"]
            if len(found) >= page["count"] or not page["results"]:
                return found


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
        return _project(connection, connection.sdk.projects.create(**settings).id)


def update_project(connection: Connection, project_id: int, **settings: Any) -> None:
    """Change settings of a project; the page is validated against its annotations first."""
    with errors_told(connection.url):
        if "label_config" in settings:
            connection.sdk.projects.validate_label_config(id=project_id, label_config=settings["label_config"])
        connection.sdk.projects.update(id=project_id, **settings)


def _project(connection: Connection, project_id: int | None) -> dict[str, Any]:
    found: dict[str, Any] = read(connection, f"api/projects/{project_id}")
    return found


def import_tasks(connection: Connection, project_id: int, tasks: list[dict[str, Any]]) -> None:
    """Import tasks in one request, which is never repeated: the server may have carried it out all the same.

    Each task holds its ``data`` and, if it has any, its ``predictions``.
    """
    with errors_told(connection.url):
        connection.sdk.projects.import_tasks(
            id=project_id,
            # Not as the type that the SDK asks for: that one demands each prediction's task, before there is one.
            request=cast(Any, tasks),
            request_options={"max_retries": 0},
        )


def task_keys(connection: Connection, project_id: int) -> list[dict[str, Any]]:
    """List every task of a project with its id, data and number of annotations."""
    return _listed(connection, project_id, "id,data,total_annotations")


def submitted_tasks(connection: Connection, project_id: int) -> list[dict[str, Any]]:
    """List every task of a project with its id, data and, as ``submitted``, when its annotations last changed."""
    tasks = _listed(connection, project_id, "id,data,annotations,updated_at,was_cancelled")
    return [
        {
            "id": task["id"],
            "data": task["data"],
            "submitted": [one["updated_at"] for one in task.get("annotations") or [] if not one.get("was_cancelled")],
        }
        for task in tasks
    ]


def replace_predictions(connection: Connection, task: int, predictions: list[dict[str, Any]]) -> None:
    """Put predictions in the place of those a task has; annotations made from them stay as they are."""
    with errors_told(connection.url):
        for old in connection.sdk.predictions.list(task=task):
            connection.sdk.predictions.delete(id=int(old.id))
        for new in predictions:
            connection.sdk.predictions.create(task=task, **new)


def predicted_tasks(connection: Connection, project_id: int) -> Iterator[dict[str, Any]]:
    """Give every task with its id, data and predictions, one at a time."""
    for task in _in_one_piece(connection, project_id, "id,data,predictions,result,model_version,score", BY_ID):
        yield json.loads(bytes(task))


def begun_tasks(connection: Connection, project_id: int) -> set[int]:
    """Name the tasks on which anybody left anything: an annotation, a skip, a draft."""
    left = [
        _item("total_annotations", "greater", "Number", 0),
        _item("cancelled_annotations", "greater", "Number", 0),
        _item("draft_exists", "equal", "Boolean", True),
    ]
    query = {"filters": {"conjunction": "or", "items": left}} | BY_ID
    return {int(task["id"]) for task in _listed(connection, project_id, "id", query)}


def import_predictions(connection: Connection, project_id: int, predictions: list[dict[str, Any]]) -> int:
    """Add predictions to tasks in one request, which is never repeated; give how many the server took.

    It passes over those that don't fit the project's page.
    """
    with errors_told(connection.url):
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
    """Delete one prediction."""
    with errors_told(connection.url):
        connection.sdk.predictions.delete(id=number, request_options={"max_retries": 0})


def _listed(
    connection: Connection, project_id: int, include: str, query: dict[str, Any] = BY_ID
) -> list[dict[str, Any]]:
    return [json.loads(bytes(task)) for task in _in_one_piece(connection, project_id, include, query)]


def _in_one_piece(
    connection: Connection, project_id: int, include: str, query: dict[str, Any]
) -> Iterator[msgspec.Raw]:
    try:
        yield from _tasks(connection, project_id, include, query)
    except ListingChangedError:
        raise ServerError(
            f"{connection.url}: the tasks changed while they were listed.", "Run the command again."
        ) from None


def task(connection: Connection, task_id: int) -> dict[str, Any]:
    """Read one task in full: data, annotations, the drafts of the account that asks."""
    with errors_told(connection.url):
        found: dict[str, Any] = read(connection, f"api/tasks/{task_id}/")
        return found


def change_task(connection: Connection, task_id: int, fields: dict[str, Any]) -> None:
    """Set fields of a task; ``data`` is replaced whole."""
    with errors_told(connection.url):
        connection.sdk.tasks.update(
            str(task_id), request_options={"max_retries": 0, "additional_body_parameters": fields}
        )


def delete_task(connection: Connection, task_id: int) -> None:
    """Delete a task with everything on it."""
    with errors_told(connection.url):
        connection.sdk.tasks.delete(str(task_id), request_options={"max_retries": 0})


def tasks(connection: Connection, project_id: int, since: str | None = None) -> Iterator[bytes]:
    """Give every task, or those changed at or after ``since``, as the very bytes the server sent."""
    query = _where("updated_at", "greater_or_equal", "Datetime", since) | {"ordering": ["tasks:updated_at"]}
    for task in _tasks(connection, project_id, INCLUDE, query if since else BY_ID):
        yield bytes(task)


def drafts(connection: Connection, project_id: int) -> dict[int, list[dict[str, Any]]]:
    """Read everybody's drafts, by task; ``user`` is the name of an account.

    The listing of tasks tells which have any, whosever; the drafts in it are only those of the account that asks.
    """
    begun = _listed(connection, project_id, "id", _where("draft_exists", "equal", "Boolean", True) | BY_ID)
    with errors_told(connection.url):
        return {task["id"]: list(read(connection, f"api/tasks/{task['id']}/drafts")) for task in begun}


def _where(column: str, operator: str, kind: str, value: Any) -> dict[str, Any]:
    return {"filters": {"conjunction": "and", "items": [_item(column, operator, kind, value)]}}


def _item(column: str, operator: str, kind: str, value: Any) -> dict[str, Any]:
    return {"filter": f"filter:tasks:{column}", "operator": operator, "type": kind, "value": value}


def _tasks(connection: Connection, project_id: int, include: str, query: dict[str, Any]) -> Iterator[msgspec.Raw]:
    ids: set[int] = set()
    total, number = None, 1
    with errors_told(connection.url):
        while True:
            body = read_bytes(
                connection,
                "api/tasks",
                project=project_id,
                fields="all",
                include=include,
                page=number,
                page_size=PAGE,
                query=json.dumps(query),
            )
            page = msgspec.json.decode(body, type=_Page)
            numbers = {msgspec.json.decode(task, type=_Task).id for task in page.tasks}
            if page.total != (page.total if total is None else total) or numbers & ids:
                raise ListingChangedError
            yield from page.tasks
            total = page.total
            ids |= numbers
            if len(ids) >= total:
                return
            if not numbers:
                raise ListingChangedError
            number += 1
