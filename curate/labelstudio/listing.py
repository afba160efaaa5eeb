"""Listing the tasks of a project: whole whatever changes meanwhile, or told that it is not."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from curate.errors import ServerError
from curate.labelstudio.connection import CHECK_URL, Connection, FailingError, errors_told, read_bytes

PAGE = 500
ATTEMPTS = 6

Condition = tuple[str, str, str, Any]
"""Column, operator, type and value of a filter on tasks."""


class _Task(msgspec.Struct):
    id: int


class Page(msgspec.Struct):
    """Some tasks as the server sent them, of a ``total``."""

    total: int
    tasks: list[msgspec.Raw]


def listed_tasks(connection: Connection, project_id: int, include: str, *where: Condition) -> Iterator[bytes]:
    """Give tasks by their numbers, each page beginning after the last one's end: no change moves any task past it.

    Raises ServerError where a page holds fewer than it counts, again and again: the listing is cut short.
    """
    last, left, size = 0, True, PAGE
    while left:
        for _ in range(ATTEMPTS):
            after: Condition = ("id", "greater", "Number", last)
            try:
                with errors_told(connection.url, what=f"project {project_id}"):
                    page = first_tasks(connection, project_id, include, [*where, after], size)
                    numbers = [msgspec.json.decode(task, type=_Task).id for task in page.tasks]
            except FailingError:
                # One task may be at fault, such as by half a character in it: smaller pages lead to it.
                if size == 1:
                    _blame(connection, project_id, [*where, after])
                    raise
                size = max(size // 8, 1)
                page, numbers = Page(1, []), []
                continue
            # Counted and listed one after the other: somebody may delete one in between.
            if len(numbers) == min(page.total, size):
                break
        else:
            told = f"{connection.url}: a listing cut short, {len(numbers)} of {page.total} tasks after number {last}."
            raise ServerError(told, "Run the command again; what is missing may not be deleted.")
        if [last, *numbers] != sorted({last, *numbers}):
            raise ServerError(f"{connection.url}: a listing that is not by the tasks' numbers.", CHECK_URL)
        for task in page.tasks:
            yield bytes(task)
        last, left = max(numbers, default=last), page.total > size


def _blame(connection: Connection, project_id: int, where: Sequence[Condition]) -> None:
    """Raise ServerError naming the first of the tasks, over which the server breaks down."""
    with errors_told(connection.url, what=f"project {project_id}"):
        first = first_tasks(connection, project_id, "id", where, 1).tasks
    for task in first:
        number = msgspec.json.decode(task, type=_Task).id
        told = f"{connection.url}: task {number} of project {project_id} breaks the server down (500)."
        raise ServerError(told, "Some text in it is broken: delete that annotation, or the task, in Label Studio.")


def first_tasks(
    connection: Connection,
    project_id: int,
    include: str,
    where: Sequence[Condition],
    size: int,
    order: str = "tasks:id",
) -> Page:
    """Give the first of the tasks that meet all conditions, and how many there are."""
    items = [
        {"filter": f"filter:tasks:{column}", "operator": operator, "type": kind, "value": value}
        for column, operator, kind, value in where
    ]
    body = read_bytes(
        connection,
        "api/tasks",
        project=project_id,
        fields="all",
        include=include,
        page=1,
        page_size=size,
        query=json.dumps({"filters": {"conjunction": "and", "items": items}, "ordering": [order]}),
    )
    return msgspec.json.decode(body, type=Page)
