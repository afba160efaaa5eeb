"""From articles to checked annotations: push, pull, check."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from curate.api.checking import check_pulled
from curate.api.project import (
    Progress,
    keep_schema,
    load_schema,
    silent,
)
from curate.errors import CurateError, UsageError
from curate.files import check_writable, write_atomic
from curate.lock import locked
from curate.records import Article
from curate.settings import FILE, Settings, read_settings, with_accepted
from curate.workspace import (
    Workspace,
    read_articles,
    read_assignments,
    read_private,
    read_withdrawn,
    write_private,
)

if TYPE_CHECKING:
    from curate.checking import Checked
    from curate.labelstudio.pulling import Pull
    from curate.labelstudio.tasks import Plan

PULLED = "pulled.json"
"""The private note of when the server was last asked."""
PUSHED = "pushed.json"
"""The private note of the last push: when it was, after which pull, and the tasks for reading that there were then."""


@dataclass(frozen=True)
class Pushed:
    """What a push planned and did; ``url`` leads to the project's page once it exists, or to the list of several."""

    plan: Plan
    applied: bool
    url: str | None


def push(
    project: Path | None = None,
    *,
    dry_run: bool = False,
    confirm: Callable[[Plan], bool] = lambda _: True,
    progress: Progress = silent,
) -> Pushed:
    """Bring the articles and the labelling page to Label Studio: plan, show through ``confirm``, apply."""
    from curate.api.answering import gold_articles
    from curate.labelstudio import client, pushing
    from curate.settings import label_studio_credentials

    settings = read_settings(project)
    workspace = Workspace(settings.folder)
    schema = load_schema(settings)
    articles = read_articles(workspace)
    if not articles:
        raise UsageError(f"{workspace.articles}: there are no articles yet.", "Add some: curate add FILE_OR_FOLDER")
    credentials = label_studio_credentials(settings)
    with locked(workspace), client.connected(credentials) as connection:
        gold = gold_articles(workspace, schema)
        plan = pushing.plan(connection, settings, workspace, schema, articles, gold)
        if not plan.changes and not dry_run:
            keep_schema(workspace, settings, schema)
            _note_push(workspace, articles)
        if not plan.changes or dry_run or not confirm(plan):
            there = [one.project for one in plan.projects if one.project is not None]
            return Pushed(plan, False, _page(credentials.public_url, there))
        made = pushing.apply(connection, plan, progress)
        keep_schema(workspace, settings, schema)
        _note_push(workspace, articles)
    return Pushed(plan, True, _page(credentials.public_url, made))


def _note_push(workspace: Workspace, articles: Mapping[str, Article]) -> None:
    """Note which tasks there are, so that until the next pull it is known without asking; the same again is no news."""
    from curate.outgoing import wanted_tasks

    wanted = wanted_tasks(articles, read_assignments(workspace), read_withdrawn(workspace).keys())
    note = {
        "after": (read_private(workspace, PULLED) or {}).get("at"),
        "tasks": [list(task) for task in sorted(wanted)],
    }
    known = read_private(workspace, PUSHED) or {}
    if {key: value for key, value in known.items() if key != "at"} != note:
        write_private(workspace, PUSHED, note | {"at": _now()})


def _now() -> str:
    return f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _page(url: str, projects: list[int]) -> str | None:
    """Give the page of the project, or the list of them where there are several."""
    if not projects:
        return None
    return f"{url}/projects/{projects[0]}/data" if len(projects) == 1 else f"{url}/projects"


def server_url(project: Path | None = None) -> str:
    """Say where people open the project's Label Studio, for links; empty where none is set up."""
    from curate.settings import label_studio_credentials

    try:
        return label_studio_credentials(read_settings(project)).public_url
    except CurateError:
        return ""


def pull(
    project: Path | None = None, *, full: bool = False, from_file: Path | None = None, progress: Progress = silent
) -> tuple[Pull, Checked]:
    """Fetch what people did since the last pull (or everything, ``full``) and check it.

    With ``from_file``, a JSON export of Label Studio, no server is asked; ``full`` then says that the file has every
    task of its project.
    """
    settings = read_settings(project)
    workspace = Workspace(settings.folder)
    if from_file is not None:
        from curate.labelstudio.export import take_export

        schema = load_schema(settings)
        check_writable(workspace.raw)
        with locked(workspace):
            taken = take_export(from_file, workspace, full=full, progress=progress)
            keep_schema(workspace, settings, schema)
            return taken, check_pulled(settings, workspace)
    pulled = pull_if_pushed(settings, full=full, progress=progress)
    if pulled is None:
        url = server_url(project)
        raise UsageError(f"{url}: no project of this workspace there yet.", "Push first: curate push")
    return pulled


def pull_if_pushed(
    settings: Settings, *, full: bool = False, progress: Progress = silent
) -> tuple[Pull, Checked] | None:
    """Fetch and check what people did, as ``pull`` does; None when nothing was pushed yet."""
    from curate.labelstudio import client, pulling
    from curate.settings import label_studio_credentials

    workspace = Workspace(settings.folder)
    check_writable(workspace.raw)
    credentials = label_studio_credentials(settings)
    with locked(workspace), client.connected(credentials) as connection:
        with ThreadPoolExecutor(1) as beside:
            # While the server is asked; a fault in it is told after what was pulled is stored.
            schema = beside.submit(load_schema, settings)
            pulled = pulling.pull(connection, settings, workspace, full=full, progress=progress)
        if pulled is None:
            return None
        write_private(workspace, PULLED, {"at": _now()})
        return pulled, check_pulled(settings, workspace, schema.result())


def check(project: Path | None = None, *, accept: Collection[str] = ()) -> Checked:
    """Translate and check again what was pulled, without a server; write annotations, findings, held, books.

    What findings of the codes ``accept`` name is dropped from now on, with what can't stand without it, and counted;
    they are kept in ``curate.toml``, so that every later check does the same. Raises UsageError for other codes than
    those of errors about a part of an annotation.
    """
    settings = read_settings(project)
    workspace = Workspace(settings.folder)
    check_writable(workspace.exports)
    with locked(workspace):
        if accept:
            path = settings.folder / FILE
            text = with_accepted(path.read_text(encoding="utf-8"), accept, path)
            write_atomic(path, text.encode())
            settings = read_settings(settings.folder)
        return check_pulled(settings, workspace)
