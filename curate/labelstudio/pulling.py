"""Pull: what the server says is kept untouched, and only what is new."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from curate.errors import ServerError
from curate.labelstudio import client
from curate.labelstudio.projects import folder_name, own_projects
from curate.labelstudio.tasks import ADJUDICATE, read_marker
from curate.records import digest
from curate.settings import Settings
from curate.workspace import (
    IMPORTED,
    Workspace,
    add_raw,
    keep_people,
    raw_folders,
    read_json,
    read_private,
    read_raw,
    write_private,
)

ATTEMPTS = 5
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


@dataclass
class _Known:
    """What is stored of the tasks of a project: the digest of each, the drafts on it, and the project's marker."""

    tasks: dict[int, str] = field(default_factory=dict)
    drafts: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    marker: str = ""


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
    pulls: list[Pull] = []
    cursors: dict[str, str] = {}
    for one in (there[place].project for place in sorted(there)):
        folder = workspace.raw / folder_name(one)
        pulled, latest = _pull_project(
            connection, one, folder, None if full else cursor.get(folder.name), people, progress
        )
        pulls.append(pulled)
        cursors |= {folder.name: latest} if latest else {}
    gone = sum(one.gone for one in pulls) + _forget_deleted(connection, workspace)
    keep_people(workspace, people)
    if cursors:
        write_private(workspace, "cursor.json", cursors)
    return Pull(sum(one.tasks for one in pulls), sum(one.new for one in pulls), gone, all(one.full for one in pulls))


def _pull_project(
    connection: client.Connection,
    project: Mapping[str, Any],
    folder: Path,
    cursor: str | None,
    people: list[dict[str, Any]],
    progress: Progress,
) -> tuple[Pull, str]:
    """Fetch what changed in one project since ``cursor``; give the moment up to which all is stored."""
    number, known = int(project["id"]), _known(folder)
    seen_until = cursor if known.tasks else None
    since = _overlapping(seen_until) if seen_until else None
    # A draft changes no task's updated_at, so all are read each time; before the tasks, because one that is
    # submitted meanwhile is better met twice than never.
    drafts = _drafts(client.drafts(connection, number), people)
    listed, latest, answers = _listing(connection, number, since, known.tasks, progress)
    new, gone = len(answers), sorted(set(known.tasks) - listed) if since is None else []
    for task in sorted({*drafts, *known.drafts}):
        if drafts.get(task, []) != known.drafts.get(task, []):
            answers.append(json.dumps({"drafts_of": task, "drafts": drafts.get(task, [])}).encode())
    if gone:
        answers.append(json.dumps({"gone_tasks": gone}).encode())
    marker = str(project.get("description") or "")
    if marker != known.marker and read_marker(marker):
        answers.insert(0, json.dumps({"marker": marker}).encode())
    add_raw(folder, answers)
    return Pull(len(listed), new, len(gone), since is None), max(latest, seen_until or "")


def _listing(
    connection: client.Connection, project: int, since: str | None, known: Mapping[int, str], progress: Progress
) -> tuple[set[int], str, list[bytes]]:
    """List the tasks, again where they changed meanwhile; give their ids, the latest change and what is new."""
    for _ in range(ATTEMPTS):
        listed: set[int] = set()
        latest, answers = "", []
        try:
            for answer in client.tasks(connection, project, since):
                task = json.loads(answer)
                listed.add(task["id"])
                latest = max(latest, task["updated_at"])
                if known.get(task["id"]) != content_digest(task):
                    answers.append(answer)
                if len(listed) % 1000 == 0:
                    progress(f"pulled {len(listed)} tasks")
        except client.ListingChangedError:
            progress("tasks changed while they were listed; listing again")
            continue
        return listed, latest, answers
    raise ServerError(f"{connection.url}: the tasks keep changing.", "Run the command again in a while.")


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
        if other.name not in there and (left := sorted(_known(other).tasks)):
            add_raw(other, [json.dumps({"gone_tasks": left}).encode()])
            gone += len(left)
    return gone


def content_digest(task: Mapping[str, Any]) -> str:
    """Hash what a task says, leaving out how long ago a prediction was made."""
    made = task.get("predictions") or []
    dated = [{key: value for key, value in one.items() if key != "created_ago"} for one in made]
    return digest({**task, "predictions": dated})


def _known(folder: Path) -> _Known:
    """Read what the answers stored last say of every task that is not gone."""
    known = _Known()
    for content in read_raw(folder):
        answer = read_json(content, folder)
        for task_id in answer.get("gone_tasks", []):
            known.tasks.pop(task_id, None)
            known.drafts.pop(task_id, None)
        known.marker = answer.get("marker", known.marker)
        if "drafts_of" in answer:
            known.drafts[answer["drafts_of"]] = answer["drafts"]
        if "id" in answer:
            known.tasks[answer["id"]] = content_digest(answer)
    return known
