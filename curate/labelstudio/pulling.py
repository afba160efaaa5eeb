"""Pull: what the server says is kept untouched, and only what is new."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from curate.accounts import keep_people
from curate.errors import ServerError
from curate.labelstudio import client
from curate.labelstudio.known import Known, read_known
from curate.labelstudio.projects import folder_name, own_projects
from curate.labelstudio.tasks import ADJUDICATE, marker_of
from curate.raw import IMPORTED, add_raw, raw_folders
from curate.settings import Settings
from curate.workspace import Workspace, read_private, write_private

ATTEMPTS = 5
CHUNK = 16_000_000  # bytes of answers held before they are stored
OVERLAP = timedelta(minutes=5)
DRAFT = ("id", "annotation", "created_at", "updated_at", "result")

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Pull:
    """What one pull brought: tasks looked at, answers that were new, tasks that are gone."""

    tasks: int
    new: int
    gone: int
    full: bool


class _Numbered(msgspec.Struct):
    id: int


def pull(
    connection: client.Connection, settings: Settings, workspace: Workspace, *, full: bool, progress: Progress
) -> Pull | None:
    """Fetch what changed into the raw folder; None when there is no project yet.

    A task is stored only when the server says something new about it. The cursor moves when all is stored.
    """
    there = own_projects(connection, settings, workspace)
    if all(purpose == ADJUDICATE for purpose, _ in there):
        return None
    cursor: dict[str, str] = read_private(workspace, "cursor.json") or {}
    people = client.users(connection)
    # Before their work is stored: whoever reads it must know whose it is.
    keep_people(workspace, people)
    pulls: list[Pull] = []
    for one in (one for place in sorted(there) for one in (there[place].project, *there[place].seconds)):
        folder = workspace.raw / folder_name(one)
        since = None if full else cursor.get(folder.name)
        pulled, latest = _pull_project(connection, one, folder, since, people, progress)
        pulls.append(pulled)
        if latest:
            cursor[folder.name] = latest
    gone = sum(one.gone for one in pulls) + _forget_deleted(connection, workspace)
    write_private(workspace, "cursor.json", cursor)
    return Pull(sum(one.tasks for one in pulls), sum(one.new for one in pulls), gone, all(one.full for one in pulls))


def _pull_project(
    connection: client.Connection,
    project: Mapping[str, Any],
    folder: Path,
    cursor: str | None,
    people: list[dict[str, Any]],
    progress: Progress,
) -> tuple[Pull, str]:
    """Fetch what changed in one project since ``cursor``; give the moment up to which all is stored.

    Where the project then counts other tasks than are known, some were deleted, or missed: all are looked at.
    """
    number, known = int(project["id"]), read_known(folder)
    # What changes while the rest is read has a later moment, and comes with the next pull.
    latest = client.last_change(connection, number)
    # A draft changes no task's updated_at, so all are read each time; before the tasks, because one that is
    # submitted meanwhile is better met twice than never.
    drafts = _drafts(client.drafts(connection, number), people)
    since = _overlapping(cursor) if cursor and known.tasks else None
    listed, new = _store_tasks(connection, number, folder, since, known, progress)
    if since and _count(connection, number) != len(listed | set(known.tasks)):
        progress("tasks were deleted; looking at every one")
        listed, more = _store_tasks(connection, number, folder, None, read_known(folder), progress)
        since, new = None, new + more
    gone = sorted(set(known.tasks) - listed) if since is None else []
    marker = marker_of(project)
    answers = [json.dumps({"marker": marker.write()}).encode()] if marker and marker.write() != known.marker else []
    answers += [
        json.dumps({"drafts_of": task, "drafts": drafts.get(task, [])}).encode()
        for task in sorted({*drafts, *known.drafts})
        if drafts.get(task, []) != known.drafts.get(task, []) and task not in gone
    ]
    if gone:
        answers.append(json.dumps({"gone_tasks": gone}).encode())
    add_raw(folder, answers)
    return Pull(len(listed), new, len(gone), since is None), max(latest, cursor or "")


def _store_tasks(
    connection: client.Connection, number: int, folder: Path, since: str | None, known: Known, progress: Progress
) -> tuple[set[int], int]:
    """List the tasks and store the answers that say something new, some at a time; give the tasks, and how many had.

    Raises ServerError when all were asked for and the project goes on counting more.
    """
    listed: set[int] = set()
    new = 0
    for _ in range(ATTEMPTS):
        kept: list[bytes] = []
        size = 0
        for answer in client.tasks(connection, number, since):
            task = msgspec.json.decode(answer, type=_Numbered).id
            if task not in listed and len(listed) % 1000 == 999:
                progress(f"pulled {len(listed) + 1} tasks")
            listed.add(task)
            if not known.says(task, answer):
                kept.append(answer)
                size += len(answer)
            if size >= CHUNK:
                new += _keep(folder, kept)
                size = 0
        new += _keep(folder, kept)
        if since or _count(connection, number) <= len(listed):
            return listed, new
        progress("tasks were added while they were listed; listing again")
        known = read_known(folder)
    fix = "Run the command again in a while."
    raise ServerError(f"{connection.url}: project {number} counts more tasks than it lists ({len(listed)}).", fix)


def _keep(folder: Path, answers: list[bytes]) -> int:
    """Store answers and let go of them; give their number."""
    add_raw(folder, answers)
    stored = len(answers)
    answers.clear()
    return stored


def _count(connection: client.Connection, number: int) -> int:
    return int(client.project(connection, number)["task_number"])


def _overlapping(moment: str) -> str:
    """Step back a little: a slow change may be stored under a moment that has passed already."""
    return (datetime.fromisoformat(moment) - OVERLAP).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _drafts(found: Mapping[int, list[dict[str, Any]]], people: list[dict[str, Any]]) -> dict[int, list[dict[str, Any]]]:
    """Give drafts without what changes by itself, whose they are by number as annotations have it."""
    numbers = {person["email"]: person["id"] for person in people}
    return {
        task: [
            {key: one[key] for key in DRAFT} | {"user": numbers.get(one["user"])}
            for one in sorted(drafts, key=lambda one: int(one["id"]))
        ]
        for task, drafts in found.items()
    }


def _forget_deleted(connection: client.Connection, workspace: Workspace) -> int:
    """Note the tasks of projects that are no longer on the server as gone; give their number."""
    there, gone = {folder_name(one) for one in client.projects(connection)}, 0
    for other in raw_folders(workspace):
        if other.name.endswith(IMPORTED):
            continue
        if other.name not in there and (left := sorted(read_known(other).tasks)):
            add_raw(other, [json.dumps({"gone_tasks": left}).encode()])
            gone += len(left)
    return gone
