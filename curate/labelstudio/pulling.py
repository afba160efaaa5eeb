"""Pull: what the server says is kept untouched, and only what is new."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Container, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from curate.accounts import keep_people
from curate.answers import IMPORTED
from curate.labelstudio import client
from curate.labelstudio.cursor import changed_since, cursor_at, read_cursor
from curate.labelstudio.fetching import Progress, fetch_all, fetch_changed, fetch_missed
from curate.labelstudio.known import read_known
from curate.labelstudio.projects import folder_name, own_among
from curate.labelstudio.tasks import ADJUDICATE, ANNOTATE, GOLD, marker_of
from curate.raw import add_raw, raw_folders
from curate.settings import Settings
from curate.workspace import Workspace, read_gold, read_private, write_private

CURSOR = "cursor.json"
DRAFT = ("id", "annotation", "created_at", "updated_at", "result")


@dataclass(frozen=True)
class Pull:
    """What one pull brought: tasks looked at, answers that were new, tasks that are gone.

    ``kinds`` counts those looked at by what they are for, as far as that is known.
    """

    tasks: int
    new: int
    gone: int
    full: bool
    kinds: Counter[str] = field(default_factory=Counter, compare=False)


def pull(
    connection: client.Connection, settings: Settings, workspace: Workspace, *, full: bool, progress: Progress
) -> Pull | None:
    """Fetch what changed into the raw folder; None when there is no project yet.

    A task is stored only when the server says something new about it. The cursor moves when all is stored, to the
    moment when we began: what changes while we read comes with the next pull.
    """
    there = client.projects(connection, client.PULLING)
    own = own_among(there, settings, workspace)
    if all(purpose == ADJUDICATE for purpose, _ in own):
        return None
    cursor: dict[str, Any] = read_private(workspace, CURSOR) or {}
    people = client.users(connection)
    # Before their work is stored: whoever reads it must know whose it is.
    keep_people(workspace, people)
    pulls: list[Pull] = []
    hidden = {one.article_id for one in read_gold(workspace)}
    for one in (one for place in sorted(own) for one in (own[place].project, *own[place].seconds)):
        folder = workspace.raw / folder_name(one)
        since = None if full else changed_since(read_cursor(cursor.get(folder.name)), connection.met)
        pulls.append(_pull_project(connection, one, folder, since, people, hidden, progress, full=full))
        cursor[folder.name] = cursor_at(connection.met)
    gone = sum(one.gone for one in pulls) + _forget_deleted(there, workspace)
    write_private(workspace, CURSOR, cursor)
    return Pull(
        sum(one.tasks for one in pulls),
        sum(one.new for one in pulls),
        gone,
        all(one.full for one in pulls),
        sum((one.kinds for one in pulls), Counter()),
    )


def _pull_project(
    connection: client.Connection,
    project: Mapping[str, Any],
    folder: Path,
    since: str | None,
    people: list[dict[str, Any]],
    hidden: Container[str],
    progress: Progress,
    *,
    full: bool,
) -> Pull:
    """Fetch what changed in one project since a moment; without one, every task is looked at."""
    number = int(project["id"])
    # A draft changes no task's updated_at, so all are read each time; before the tasks, because one that is
    # submitted meanwhile is better met twice than never.
    with ThreadPoolExecutor(1) as beside:
        asked = beside.submit(client.drafts, connection, number)
        known = read_known(folder)
        before, drafts = set(known.tasks), _drafts(asked.result(), people)
    listed, new, whole = set[int](), 0, False
    if since and before:
        listed, new, whole = fetch_changed(connection, project, folder, since, known)
        if not whole:
            progress("the project counts others than are known; looking at every task")
    if swept := not whole:
        fetch = fetch_all if full or not before else fetch_missed
        listed, more = fetch(connection, number, folder, known, progress)
        new += more
    gone = sorted(before - listed) if swept else []
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
    purpose = marker.purpose if marker else ANNOTATE
    kinds = Counter(
        GOLD if purpose == ANNOTATE and task in known.tasks and known.tasks[task].article in hidden else purpose
        for task in listed
    )
    return Pull(len(listed), new, len(gone), swept, kinds)


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


def _forget_deleted(there: Sequence[Mapping[str, Any]], workspace: Workspace) -> int:
    """Note the tasks of projects that are no longer on the server as gone; give their number."""
    names, gone = {folder_name(one) for one in there}, 0
    for other in raw_folders(workspace):
        if other.name.endswith(IMPORTED):
            continue
        if other.name not in names and (left := sorted(read_known(other).tasks)):
            add_raw(other, [json.dumps({"gone_tasks": left}).encode()])
            gone += len(left)
    return gone
