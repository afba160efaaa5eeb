"""Label Studio: where it is, whether it takes the key, what it holds, and who may do what there."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from curate.errors import CurateError
from curate.health.environment import tested_label_studio
from curate.health.points import DOUBTFUL, FINE, UNSEEN, WRONG, Point, looked
from curate.settings import Credentials, Settings, label_studio_credentials
from curate.wording import counted
from curate.workspace import Workspace, read_articles

if TYPE_CHECKING:
    from curate.labelstudio.client import Connection
    from curate.labelstudio.tasks import Plan

AREA = "Label Studio"
PATIENCE = 15.0
LISTED = 2000
"""Up to so many tasks each is held against its article; above, they are only counted."""
FREEDOM = "in the free edition whoever is signed in can open, change and delete every project"


def server(settings: Settings, show: Callable[[str], str]) -> Iterator[Point]:
    """Look at the project's Label Studio; ``show`` says how an account's name is written."""
    workspace = Workspace(settings.folder)
    try:
        credentials = label_studio_credentials(settings)
    except CurateError as error:
        yield Point(AREA, "address", DOUBTFUL, error.message, error.fix)
        yield _unseen()
        return
    local = credentials.source == str(workspace.private / "credentials.json")
    yield Point(AREA, "address", FINE, f"{credentials.url} ({'a local server' if local else 'elsewhere'})")
    if local:
        yield from _local(workspace.private)
        from curate.labelstudio.folder import running

        if running(workspace.private) is None:
            yield _unseen()
            return
    yield from _answers(settings, workspace, credentials, show, workspace.private if local else None)


def _unseen() -> Point:
    message = "key, version, project, page, tasks, accounts: there is no server to ask"
    return Point(AREA, "what it holds", UNSEEN, message, "curate server start")


def _local(folder: Path) -> Iterator[Point]:
    """Look at the server that is the project's own without asking it."""
    from curate.labelstudio.folder import running
    from curate.labelstudio.listening import LOOPBACK, exposure
    from curate.labelstudio.versions import installed_version, last_used

    up = running(folder)
    used, installed = last_used(folder), installed_version()
    if used and installed and used != installed:
        message = f"last used with Label Studio {used}, and {installed} is installed"
        yield Point(AREA, "data", DOUBTFUL, message, "The next start copies the data first.")
    if up is None:
        yield Point(AREA, "running", DOUBTFUL, "it is not up", "curate server start")
        return
    yield Point(AREA, "running", FINE, f"it is up (process {up.pid})")
    from curate.labelstudio.folder import read_credentials

    own = read_credentials(folder)
    exposed = exposure(up.host or LOOPBACK, own.public_url if own else "")
    if exposed:
        yield Point(AREA, "listening", DOUBTFUL, "; ".join(exposed), "To close it: curate server stop, then start")
    else:
        yield Point(AREA, "listening", FINE, f"on {up.host or LOOPBACK}: this machine only")


def _answers(
    settings: Settings,
    workspace: Workspace,
    credentials: Credentials,
    show: Callable[[str], str],
    folder: Path | None,
) -> Iterator[Point]:
    """Ask the server; what can't be asked is one point."""
    from curate.labelstudio import client

    asked = "key"
    try:
        with client.connected(credentials, timeout=PATIENCE) as connection:
            account = show(str(connection.user["email"]))
            yield Point(AREA, "key", FINE, f"taken as {account}, from {credentials.source}")
            asked = "answers"
            yield looked(AREA, "version", lambda: _version(connection))
            yield from _project(connection, settings, workspace)
            yield from _people(connection, show, folder)
    except CurateError as error:
        yield Point(AREA, asked, WRONG, error.message, error.fix)


def _version(connection: Connection) -> Point:
    from curate.labelstudio import client

    told = client.version(connection)
    release, edition = str(told.get("release")), str(told.get("edition", "unknown"))
    tested = tested_label_studio()
    if release == tested:
        return Point(AREA, "version", FINE, f"{release} ({edition}), as tested")
    fix = "Try the loop on a copy first; the tests ran with the other."
    return Point(AREA, "version", DOUBTFUL, f"{release} ({edition}), tested with {tested}", fix)


def _project(connection: Connection, settings: Settings, workspace: Workspace) -> Iterator[Point]:
    """Hold project, page, settings and tasks against schema and articles, as a push would."""
    from curate.api.answering import gold_articles
    from curate.api.project import load_schema
    from curate.labelstudio import pushing
    from curate.labelstudio.projects import own_projects
    from curate.labelstudio.tasks import AGAIN, ANNOTATE

    try:
        schema = load_schema(settings)
    except CurateError:
        yield Point(AREA, "project", UNSEEN, "the schema can't be read", "Mend it first: curate schema check")
        return
    there = own_projects(connection, settings, workspace)
    if not there:
        yield Point(AREA, "project", DOUBTFUL, "none of this workspace yet", "curate push makes it")
        return
    numbers = ", ".join(str(own.project["id"]) for own in there.values())
    if others := [number for own in there.values() for number in own.others]:
        yield Point(
            AREA, "project", DOUBTFUL, f"number {numbers}, and others have its marker: {others}", "Delete them."
        )
    else:
        yield Point(AREA, "project", FINE, f"number {numbers}, found by its marker")
    articles = read_articles(workspace)
    reading = [own for (purpose, _), own in there.items() if purpose in (ANNOTATE, AGAIN)]
    listed = sum(int(own.project.get("task_number") or 0) for own in reading)
    try:
        gold = gold_articles(workspace, schema)
    except CurateError as error:
        yield Point(AREA, "tasks", UNSEEN, error.message, error.fix)
        return
    made = pushing.plan(connection, settings, workspace, schema, articles, gold, tasks=listed <= LISTED)
    if changes := sorted({key for one in made.projects for key in one.settings}):
        yield Point(AREA, "page and settings", DOUBTFUL, f"push would change: {', '.join(changes)}", "curate push")
    else:
        yield Point(AREA, "page and settings", FINE, f"those of {schema.name}@{schema.version}")
    yield _tasks(made, listed, len(made.create) + made.keep)


def _tasks(made: Plan, there: int, wanted: int) -> Point:
    if there > LISTED:
        verdict = FINE if there == wanted else DOUBTFUL
        message = f"{counted(there, 'task')}, {wanted} wanted (counted, not compared)"
        return Point(AREA, "tasks", verdict, message, "" if verdict == FINE else "curate push --dry-run compares them")
    if made.create or made.notices:
        parts = [f"{counted(len(made.create), 'article')} without a task"] if made.create else []
        return Point(AREA, "tasks", DOUBTFUL, "; ".join([*parts, *made.notices[:3]]), "curate push --dry-run")
    return Point(AREA, "tasks", FINE, f"{there}, every article has one")


def _people(connection: Connection, show: Callable[[str], str], folder: Path | None) -> Iterator[Point]:
    """Say who has an account, and what each of them can do."""
    from curate.labelstudio import client

    emails = sorted(str(user["email"]) for user in client.users(connection))
    own = str(connection.user["email"])
    others = [email for email in emails if email != own]
    names = ", ".join(show(email) for email in others[:20]) + (", ..." if len(others) > 20 else "")
    yield Point(AREA, "accounts", FINE, f"{len(emails)}: curate's own" + (f", {names}" if others else " only"))
    verdict = DOUBTFUL if others else FINE
    fix = "Give the invitation to people you trust; make backups." if others else ""
    yield Point(AREA, "separation", verdict, f"{FREEDOM}; {len(others)} besides curate", fix)
    if folder is None:
        yield Point(AREA, "rights", UNSEEN, "who is an administrator there is not told over the API")
        return
    administrators = [email for email in _administrators(folder) if email != own]
    if administrators:
        named = ", ".join(show(email) for email in administrators)
        fix = "Take it from them at /admin/users/user, or give them another account by the invitation."
        yield Point(AREA, "rights", DOUBTFUL, f"administrators who need not be: {named}", fix)
    else:
        yield Point(AREA, "rights", FINE, "curate's own account is the only administrator")


def _administrators(folder: Path) -> list[Any]:
    from curate.labelstudio.folder import database

    try:
        with closing(sqlite3.connect(f"file:{quote(str(database(folder)))}?mode=ro", uri=True, timeout=5)) as opened:
            rows = opened.execute("SELECT email FROM htx_user WHERE is_superuser OR is_staff ORDER BY email")
            return [email for (email,) in rows]
    except sqlite3.Error as error:
        raise CurateError(f"{database(folder)}: can't be read ({error}).", "Run the command again.") from error
