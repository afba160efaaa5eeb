"""The tabs over a project's list of tasks, which are the same for everybody."""

from __future__ import annotations

from typing import Any

from curate.labelstudio.connection import Connection, change, errors_told, read


def tabs_of(connection: Connection, project: int) -> list[dict[str, Any]]:
    """List the tabs of a project from left to right."""
    with errors_told(connection.url, what=f"project {project}"):
        return list(read(connection, "api/dm/views", project=project))


def create_tab(connection: Connection, project: int, data: dict[str, Any]) -> None:
    """Add a tab, right of all others."""
    with errors_told(connection.url, what=f"project {project}"):
        change(connection, "POST", "api/dm/views/", {"project": project, "data": data})


def order_tabs(connection: Connection, project: int, numbers: list[int]) -> None:
    """Put the tabs into an order, from left to right."""
    with errors_told(connection.url, what=f"project {project}"):
        change(connection, "POST", "api/dm/views/order/", {"project": project, "ids": numbers})


def delete_tab(connection: Connection, number: int) -> None:
    """Take a tab away; the tasks it lists stay."""
    with errors_told(connection.url, what=f"tab {number}"):
        change(connection, "DELETE", f"api/dm/views/{number}/")
