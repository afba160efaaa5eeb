"""Label Studio over its API: the only module that imports label_studio_sdk.

Nothing is retried here but reading: a write that failed may have been carried out, so the caller lists again.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import msgspec

from curate.errors import ServerError
from curate.settings import Credentials

if TYPE_CHECKING:
    from label_studio_sdk.client import LabelStudio

CHECK_URL = "Check LABEL_STUDIO_URL, or `url` in curate.toml."
PAGE = 500
TIMEOUT = 600.0
# `include` also filters what is nested, so the names of nested keys stand here too; left out are those that
# change by themselves, such as created_ago.
INCLUDE = (
    "id,project,data,annotations,predictions,created_at,updated_at,result,completed_by,was_cancelled,"
    "lead_time,ground_truth,parent_prediction,updated_by,import_id,model_version,score"
)

BY_ID: dict[str, Any] = {"ordering": ["tasks:id"]}


@dataclass(frozen=True)
class Connection:
    """A Label Studio that answered to our key."""

    url: str
    sdk: LabelStudio
    user: dict[str, Any]


class ListingChangedError(Exception):
    """The tasks changed while they were listed page by page, so some may have been missed."""


class _Task(msgspec.Struct):
    id: int


class _Page(msgspec.Struct):
    total: int
    tasks: list[msgspec.Raw]


@contextlib.contextmanager
def _errors_told(url: str, source: str = "the key") -> Iterator[None]:
    """Turn what the SDK and its HTTP client raise into one clear message without headers or tokens."""
    import httpx
    from label_studio_sdk.core.api_error import ApiError

    try:
        yield
    except ApiError as error:
        if error.status_code == 401:
            raise ServerError(
                f"{url}: Label Studio refuses the key (401) from {source}.", "Set the key of an account there."
            ) from None
        if error.status_code == 400:
            raise ServerError(
                f"{url}: Label Studio refuses the change: {_reason(error.body)}",
                "A label that annotations use can't be renamed or removed: undo that in the schema.",
            ) from None
        if error.status_code in (200, 404):
            raise ServerError(f"{url}: this is no Label Studio, or not the one it was.", CHECK_URL) from None
        raise ServerError(
            f"{url}: Label Studio answered {error.status_code}: {_reason(error.body)}",
            "Run the command again.",
        ) from None
    except (KeyError, TypeError, ValueError, msgspec.MsgspecError) as error:
        raise ServerError(f"{url}: an answer that Label Studio doesn't give ({error!r}).", CHECK_URL) from None
    except httpx.TimeoutException:
        raise ServerError(f"{url}: Label Studio didn't answer in time.", "Run the command again.") from None
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise ServerError(
            f"{url}: Label Studio can't be reached ({type(error).__name__}).",
            "Start it: curate server start, or check LABEL_STUDIO_URL.",
        ) from None


def _reason(body: Any) -> str:
    """Say in one short line why the server refused; it may echo whole articles."""
    if isinstance(body, dict):
        said = body.get("validation_errors") or body.get("detail") or "no reason given"
        while isinstance(said, dict | list) and said:
            said = next(iter(said.values())) if isinstance(said, dict) else said[0]
        text = " ".join(str(said).split())
    else:
        text = "an unexpected page instead of an answer"
    return text if len(text) < 160 else text[:157] + "..."


@contextlib.contextmanager
def connected(credentials: Credentials, *, timeout: float = TIMEOUT) -> Iterator[Connection]:
    """Connect for a while and learn who we are; ``timeout`` is for each answer, in seconds.

    Raises ServerError when the server is away, or when the key is refused.
    """
    import httpx
    from label_studio_sdk.client import LabelStudio

    with httpx.Client(timeout=timeout) as http:
        # Around the question alone: what fails while we are connected may be a fault of ours, which is told as it is.
        with _errors_told(credentials.url, credentials.source):
            sdk = LabelStudio(base_url=credentials.url, api_key=credentials.api_key, httpx_client=http, max_retries=0)
            user = _read(Connection(credentials.url, sdk, {}), "api/current-user/whoami")
            if not isinstance(user, dict) or "email" not in user:
                raise ServerError(f"{credentials.url}: this is no Label Studio.", CHECK_URL)
        yield Connection(credentials.url, sdk, user)


def _read_bytes(connection: Connection, path: str, **query: Any) -> bytes:
    from label_studio_sdk.core.api_error import ApiError

    response = connection.sdk._client_wrapper.httpx_client.request(
        path, method="GET", params=query, request_options={"max_retries": 2}
    )
    if response.status_code != 200:
        body = response.json() if "json" in response.headers.get("content-type", "") else None
        raise ApiError(status_code=response.status_code, headers={}, body=body)
    return bytes(response.content)


def _read(connection: Connection, path: str, **query: Any) -> Any:
    try:
        return json.loads(_read_bytes(connection, path, **query))
    except json.JSONDecodeError:
        raise ServerError(f"{connection.url}: this is no Label Studio.", CHECK_URL) from None


def version(connection: Connection) -> dict[str, Any]:
    """Tell which Label Studio it is: ``release``, ``edition``."""
    with _errors_told(connection.url):
        return dict(_read(connection, "api/version"))


def projects(connection: Connection) -> list[dict[str, Any]]:
    """List every project, page by page."""
    found: list[dict[str, Any]] = []
    with _errors_told(connection.url):
        while True:
            page = _read(connection, "api/projects", page=len(found) // 100 + 1, page_size=100)
            found += page["results"]
            if len(found) >= page["count"] or not page["results"]:
                return found


def users(connection: Connection) -> list[dict[str, Any]]:
    """List the people of the organization."""
    with _errors_told(connection.url):
        found = _read(connection, "api/users")
        return found if isinstance(found, list) else list(found["results"])


def create_project(connection: Connection, **settings: Any) -> dict[str, Any]:
    """Create a project and give it as the server tells it."""
    with _errors_told(connection.url):
        return _project(connection, connection.sdk.projects.create(**settings).id)


def update_project(connection: Connection, project_id: int, **settings: Any) -> None:
    """Change settings of a project; the page is validated against its annotations first."""
    with _errors_told(connection.url):
        if "label_config" in settings:
            connection.sdk.projects.validate_label_config(id=project_id, label_config=settings["label_config"])
        connection.sdk.projects.update(id=project_id, **settings)


def _project(connection: Connection, project_id: int | None) -> dict[str, Any]:
    found: dict[str, Any] = _read(connection, f"api/projects/{project_id}")
    return found


def import_tasks(connection: Connection, project_id: int, tasks: list[dict[str, Any]]) -> None:
    """Import tasks in one request, which is never repeated: the server may have carried it out all the same.

    Each task holds its ``data`` and, if it has any, its ``predictions``.
    """
    with _errors_told(connection.url):
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
    with _errors_told(connection.url):
        for old in connection.sdk.predictions.list(task=task):
            connection.sdk.predictions.delete(id=int(old.id))
        for new in predictions:
            connection.sdk.predictions.create(task=task, **new)


def _listed(
    connection: Connection, project_id: int, include: str, query: dict[str, Any] = BY_ID
) -> list[dict[str, Any]]:
    pages = _tasks(connection, project_id, include, query)
    try:
        return [json.loads(bytes(task)) for task in pages]
    except ListingChangedError:
        raise ServerError(
            f"{connection.url}: the tasks changed while they were listed.", "Run the command again."
        ) from None


def task(connection: Connection, task_id: int) -> dict[str, Any]:
    """Read one task in full: data, annotations, the drafts of the account that asks."""
    with _errors_told(connection.url):
        found: dict[str, Any] = _read(connection, f"api/tasks/{task_id}/")
        return found


def change_task(connection: Connection, task_id: int, fields: dict[str, Any]) -> None:
    """Set fields of a task; ``data`` is replaced whole."""
    with _errors_told(connection.url):
        connection.sdk.tasks.update(
            str(task_id), request_options={"max_retries": 0, "additional_body_parameters": fields}
        )


def delete_task(connection: Connection, task_id: int) -> None:
    """Delete a task with everything on it."""
    with _errors_told(connection.url):
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
    with _errors_told(connection.url):
        return {task["id"]: list(_read(connection, f"api/tasks/{task['id']}/drafts")) for task in begun}


def _where(column: str, operator: str, kind: str, value: Any) -> dict[str, Any]:
    item = {"filter": f"filter:tasks:{column}", "operator": operator, "type": kind, "value": value}
    return {"filters": {"conjunction": "and", "items": [item]}}


def _tasks(connection: Connection, project_id: int, include: str, query: dict[str, Any]) -> Iterator[msgspec.Raw]:
    ids: set[int] = set()
    total, number = None, 1
    with _errors_told(connection.url):
        while True:
            body = _read_bytes(
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
