"""The tasks of one project, fetched into its raw folder: all of them, or those that changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from curate.errors import ServerError
from curate.labelstudio import client
from curate.labelstudio.known import Known
from curate.raw import add_raw

ATTEMPTS = 5
CHUNK = 16_000_000  # bytes of answers held before they are stored
BATCH = 100
"""Tasks asked for by their numbers at a time; those stand in the address, which must not get too long."""

Progress = Callable[[str], None]


class _Numbered(msgspec.Struct):
    id: int


def fetch_all(
    connection: client.Connection, number: int, folder: Path, known: Known, progress: Progress
) -> tuple[set[int], int]:
    """Read every task and store what says something new, some at a time; give the tasks, and how many had news.

    ``known`` learns what is stored. Raises ServerError when the project goes on counting more tasks.
    """
    listed: set[int] = set()
    new = 0
    for _ in range(ATTEMPTS):
        new += _store(folder, client.tasks(connection, number), known, listed, progress)
        if _counted(client.project(connection, number, client.PULLING))[0] <= len(listed):
            return listed, new
        progress("tasks were added while they were listed; listing again")
    raise _short(connection, number, len(listed))


def fetch_changed(
    connection: client.Connection, project: Mapping[str, Any], folder: Path, since: str, known: Known
) -> tuple[set[int], int, bool]:
    """Read the tasks that changed at or after ``since``, as far as another state of them is held.

    Gives those that changed, how many had news, and whether that is all. It isn't where the project counts other
    tasks or annotations than are known then: some were deleted, or changed at a moment that seemed past. ``project``
    is what the server said of it before; what came since is looked for again, once.
    """
    number = int(project["id"])
    listed, new = _fetch_stale(connection, number, folder, since, known)
    if _counted(project) != _held(known):
        project = client.project(connection, number, client.PULLING)
        more, newer = _fetch_stale(connection, number, folder, since, known)
        listed, new = listed | more, new + newer
    return listed, new, _counted(project) == _held(known)


def fetch_missed(
    connection: client.Connection, number: int, folder: Path, known: Known, progress: Progress
) -> tuple[set[int], int]:
    """Look at when each task changed, and read those of which another state is held; otherwise like ``fetch_all``."""
    new = 0
    for _ in range(ATTEMPTS):
        listed, newer = _fetch_stale(connection, number, folder, None, known)
        new += newer
        if _counted(client.project(connection, number, client.PULLING))[0] <= len(listed):
            return listed, new
        progress("tasks were added while they were listed; listing again")
    raise _short(connection, number, len(listed))


def _fetch_stale(
    connection: client.Connection, number: int, folder: Path, since: str | None, known: Known
) -> tuple[set[int], int]:
    """List tasks with when they changed, and read those that are not known as of then."""
    listed = client.changes(connection, number, since)
    stale = [task for task, moment in listed.items() if not known.is_as_of(task, moment)]
    new = 0
    for begin in range(0, len(stale), BATCH):
        answers = client.tasks_numbered(connection, number, stale[begin : begin + BATCH])
        new += _store(folder, answers, known, set(), lambda _: None)
    return set(listed), new


def _store(folder: Path, answers: Iterable[bytes], known: Known, listed: set[int], progress: Progress) -> int:
    """Store the answers that say something new; give their number."""
    kept: list[bytes] = []
    size = new = 0
    for answer in answers:
        task = msgspec.json.decode(answer, type=_Numbered).id
        if task not in listed and len(listed) % 1000 == 999:
            progress(f"pulled {len(listed) + 1} tasks")
        listed.add(task)
        if not known.says(task, answer):
            kept.append(answer)
            size += len(answer)
            new += 1
        if size >= CHUNK:
            _keep(folder, kept, known)
            size = 0
    _keep(folder, kept, known)
    return new


def _keep(folder: Path, answers: list[bytes], known: Known) -> None:
    """Store answers and let go of them."""
    if answers:
        known.read(add_raw(folder, answers))
        answers.clear()


def _counted(project: Mapping[str, Any]) -> tuple[int, int]:
    """Tell how many tasks and annotations the server counts in a project; it counts skips apart."""
    annotations = int(project["total_annotations_number"]) + int(project["skipped_annotations_number"])
    return int(project["task_number"]), annotations


def _held(known: Known) -> tuple[int, int]:
    return len(known.tasks), known.annotations


def _short(connection: client.Connection, number: int, listed: int) -> ServerError:
    fix = "Run the command again in a while."
    return ServerError(f"{connection.url}: project {number} counts more tasks than it lists ({listed}).", fix)
