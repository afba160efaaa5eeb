"""From when on changes are asked for: when the last pull began, by the server's own clock (pure)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

OVERLAP = timedelta(minutes=5)
"""A change may be stored under a moment that has passed: it took its time, or another machine told us the moment."""

TOLERANCE = timedelta(minutes=1)
"""How much less time may have passed on the server than here, before its clock counts as set back."""


@dataclass(frozen=True)
class Clocks:
    """One moment by two clocks: the server's (null where it doesn't tell) and ours, both UTC."""

    server: datetime | None
    here: datetime


class Cursor(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When the last pull of a project began, by the server's clock and by ours."""

    server: datetime
    here: datetime


def read_cursor(told: Any) -> Cursor | None:
    """Read what was kept of the last pull; None where nothing was, or nothing that says enough."""
    try:
        return msgspec.convert(told, Cursor)
    except msgspec.ValidationError:
        return None


def cursor_at(met: Clocks) -> dict[str, Any] | None:
    """Give what is to be kept of a pull that began at a moment; None where the server doesn't tell the time."""
    if met.server is None:
        return None
    made: dict[str, Any] = msgspec.to_builtins(Cursor(server=met.server, here=met.here))
    return made


def changed_since(cursor: Cursor | None, met: Clocks) -> str | None:
    """Say from which moment on to ask for changes, inclusive; None where only a look at everything is sure.

    That is so when the server's clock was set back, which may have dated changes before the last pull.
    """
    if cursor is None or met.server is None:
        return None
    passed = met.server - cursor.server
    if passed < timedelta() or met.here - cursor.here - passed > TOLERANCE:
        return None
    return (cursor.server - OVERLAP).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
