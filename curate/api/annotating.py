"""From articles to checked annotations: push, pull, check."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from curate.api.project import (
    Progress,
    annotator_names,
    keep_schema,
    kept_schemas,
    load_schema,
    open_pulled,
    silent,
    write_books,
)
from curate.errors import CurateError, UsageError
from curate.files import Replacement, check_writable, write_atomic
from curate.lock import locked
from curate.records import Adjudication, Annotation, Article, Finding, json_lines
from curate.settings import FILE, Settings, read_settings, with_accepted
from curate.stored import Lines, Stored, View
from curate.workspace import Workspace, read_articles, read_gold, write_private

if TYPE_CHECKING:
    from curate.books import Ledger
    from curate.checking import Checked, Part
    from curate.judging import Context
    from curate.labelstudio.pulling import Pull
    from curate.labelstudio.tasks import Plan

CHECKED: dict[str, Any] = {
    "annotations": Annotation,
    "rereadings": Annotation,
    "adjudications": Adjudication,
    "findings": Finding,
    "held": dict[str, Any],
}
"""What a check writes, each a file of lines of one type."""

PULLED = "pulled.json"
"""The private note of when the server was last asked."""


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
        if not plan.changes or dry_run or not confirm(plan):
            there = [one.project for one in plan.projects if one.project is not None]
            return Pushed(plan, False, _page(credentials.public_url, there))
        made = pushing.apply(connection, plan, progress)
        keep_schema(workspace, settings, schema)
    return Pushed(plan, True, _page(credentials.public_url, made))


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
            return taken, _check(settings, workspace)
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
        pulled = pulling.pull(connection, settings, workspace, full=full, progress=progress)
        if pulled is None:
            return None
        write_private(workspace, PULLED, {"at": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"})
        return pulled, _check(settings, workspace)


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
        return _check(settings, workspace)


def _check(settings: Settings, workspace: Workspace) -> Checked:
    from curate.books import Ledger
    from curate.checking import check as check_pulled

    with Stored(workspace.articles, Article) as versions, open_pulled(workspace) as pulled:
        if pulled is None:
            raise UsageError(f"{workspace.raw}: nothing was pulled yet.", "Pull first: curate pull")
        articles = View(versions, lambda read: read[-1])
        context = context_of(settings, workspace, articles)
        ledger = Ledger()
        return _write_checked(workspace, check_pulled(pulled, context, ledger), ledger)


def context_of(settings: Settings, workspace: Workspace, articles: Mapping[str, Article]) -> Context:
    """Give what readings of some articles are checked against."""
    from curate.judging import Context
    from curate.validation import annotation_checker

    schema = load_schema(settings)
    schemas = {schema.stamp: schema}
    for kept in kept_schemas(workspace):
        schemas.setdefault(kept.stamp, kept)

    check = annotation_checker(schema)
    gold = frozenset(one.article_id for one in read_gold(workspace))
    return Context(schema, schemas, articles, annotator_names(workspace), check, settings.accepted, gold)


def _write_checked(workspace: Workspace, parts: Iterable[Part], ledger: Ledger) -> Checked:
    """Write what a check makes, part by part, into the files that hold it; none is replaced before all are whole."""
    from curate.checking import Checked

    written = dict.fromkeys(CHECKED, 0)
    with ExitStack() as stack:
        files = {name: stack.enter_context(Replacement(workspace.export(f"{name}.jsonl"))) for name in CHECKED}
        for part in parts:
            for name, file in files.items():
                if lines := getattr(part, name):
                    file.write(json_lines(lines))
                    written[name] += len(lines)
        books = ledger.balance()
        for name in ("rereadings", "adjudications"):
            if not written[name] and not workspace.export(f"{name}.jsonl").is_file():
                del files[name]  # most projects never have any
        if any(files[name].changes() for name in ("annotations", "adjudications") if name in files):
            # Records made from other annotations must not be released, whatever happens next.
            workspace.export("adjudicated.jsonl").unlink(missing_ok=True)
        for file in files.values():
            file.commit()
    write_books(workspace, "pull", books["pull"])
    write_books(workspace, "check", books["check"])
    return Checked(
        **{name: Lines(workspace.export(f"{name}.jsonl"), kind, written[name]) for name, kind in CHECKED.items()},
        books=books["pull"],
        finer_books=books["check"],
    )
