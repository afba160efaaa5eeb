"""Where the work stands: status."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from curate import nextstep
from curate.api.adjudicating import SETTLING
from curate.api.ahead import Out, look_ahead
from curate.api.annotating import PULLED, PUSHED, pull
from curate.api.answering import unless_broken
from curate.api.following import followed
from curate.api.people import is_given_out, work_done
from curate.api.project import Progress, annotator_names, open_pulled, pulled_adjudications, read_books, silent
from curate.api.released import is_released
from curate.api.returning import RETURNED
from curate.errors import CurateError
from curate.raw import is_checked
from curate.records import Annotation, Finding, Record
from curate.settings import read_settings
from curate.workspace import (
    Workspace,
    read_articles,
    read_assignments,
    read_gold,
    read_json,
    read_private,
    read_withdrawn,
    stream_lines,
)

if TYPE_CHECKING:
    from curate.acceptance import Accepted
    from curate.qualification import Followed
    from curate.standing import Read, Standing
    from curate.working import Progress as Reached


LARGE = 10_000_000
"""Bytes of articles from which on it takes a second and more to see what stands next."""


@dataclass(frozen=True)
class Status:
    """Where the work stands, as of ``pulled_at`` (UTC; None while nothing was pulled).

    ``released`` counts the articles in the newest release, ``release``; ``disagreements`` names the lines of
    ``books.json`` that say something else; ``reached`` tells how far everybody is with what they were given to read,
    where there is an assignment. ``sent_back`` counts the ``tasks`` that were sent back as of that pull and how many
    of them are ``mended``; ``since`` is the moment (UTC) of the pull that the oldest goes back to; ``returned`` tells
    whether work was sent back or taken away after that pull. ``accepted`` tells what became of suggestions, ``gold``
    how people do on the texts hidden in their work, ``unscored`` what must be mended before that is told.
    ``next_step`` names the command that brings the project on, ``ready_step`` what can be done with the articles that
    have their readings; ``up_to_date`` tells whether the newest release holds the very records that there are.
    ``names`` tells the accounts behind pseudonyms and is for the eyes of the lead alone.
    """

    standing: Standing
    pulled_at: str | None
    release: str | None
    released: int
    disagreements: list[str]
    sent_back: dict[str, Any]
    returned: bool
    accepted: Accepted
    next_step: str
    names: dict[str, str] = field(repr=False)
    reached: dict[str, Reached] = field(default_factory=dict)
    gold: dict[str, Followed] = field(default_factory=dict)
    unscored: list[str] = field(default_factory=list)
    pushed_at: str | None = None
    ready_step: str = ""
    up_to_date: bool = False


def status(project: Path | None = None, *, refresh: bool = False, progress: Progress = silent) -> Status:
    """Count where articles and annotations stand, from what was pulled and checked last; ``refresh`` pulls first.

    Without ``refresh`` nothing is written and no server is asked.
    """
    from curate.acceptance import accepted
    from curate.answers import Pulled
    from curate.labelstudio.returns import count_returned
    from curate.standing import stand
    from curate.suggesters.options import read_options
    from curate.working import progress_of

    settings = read_settings(project)
    if refresh:
        pull(project, progress=progress)
    workspace = Workspace(settings.folder)
    articles = read_articles(workspace)
    pulled_at = (read_private(workspace, PULLED) or {}).get("at")
    pushed = _since(workspace, PUSHED, pulled_at)
    since = {tuple(task) for task in pushed.get("tasks", ())}
    with open_pulled(workspace) as pulled:
        name_of = annotator_names(workspace, make=False) if pulled else str
        read, asked = _read(workspace), settings.assignment.readers_of
        standing = stand(articles, pulled or Pulled([], []), read, asked, name_of, since)
        findings = stream_lines(workspace.export("findings.jsonl"), Finding)
        sent_back = count_returned(pulled.bare_tasks if pulled else (), findings)
    books, assignments = read_books(workspace), read_assignments(workspace)
    release, records = _newest_release(workspace)
    people = (read_private(workspace, "people.json") or {}) if pulled else {}
    returned = pulled_at is not None and bool(_since(workspace, RETURNED, pulled_at))
    settling = standing.settling.union(read.withdrawn, _since(workspace, SETTLING, pulled_at).get("articles", ()))
    out = Out(
        returned=returned or sent_back["tasks"] - sent_back["mended"] >= standing.kept,
        settling=settling.issuperset(name for name, stage in standing.stages.items() if stage == "open"),
        released=is_released(workspace),
    )
    work = work_done(workspace) if is_given_out(workspace) else []
    ahead = look_ahead(standing, settings, out, work)
    return Status(
        standing,
        pulled_at,
        release,
        len(records & set(articles)),
        _misfits(workspace, standing, books) if pulled else [],
        sent_back,
        returned,
        accepted(
            stream_lines(workspace.export("annotations.jsonl"), Annotation),
            read_options(settings.suggest, settings.workspace).held_out,
        ),
        nextstep.next_step(ahead),
        {name_of(number): account for number, account in people.items()},
        progress_of(assignments, work) if assignments is not None else {},
        *unless_broken(followed, settings, workspace),
        pushed.get("at"),
        nextstep.ready_step(ahead),
        out.released,
    )


def _since(workspace: Workspace, name: str, pulled_at: str | None) -> dict[str, Any]:
    """Read the private note of what was done after the last pull; empty where that was done before it."""
    note: dict[str, Any] = read_private(workspace, name) or {}
    return note if note.get("after") == pulled_at else {}


def next_step(project: Path | None = None) -> str:
    """Name the command that brings the project on, as ``status`` does; where a file is damaged, what finds it.

    Of a ``LARGE`` project that is ``status`` itself: what everybody waits for is not made to take a part longer.
    """
    try:
        articles = Workspace(read_settings(project).folder).articles
        if articles.is_file() and articles.stat().st_size > LARGE:
            return "curate status, which tells what stands next"
        return status(project).next_step
    except CurateError:
        return "curate doctor"


def _misfits(workspace: Workspace, standing: Standing, books: dict[str, Any]) -> list[str]:
    """Say what of all that was pulled the books don't tell, or tell otherwise."""
    from curate.standing import disagreements

    if "pull" not in books:
        return ["nothing was checked yet"]
    return disagreements(standing, books) or ["what was pulled is not all checked"] * (not is_checked(workspace))


def _read(workspace: Workspace) -> Read:
    """Read what the last check and the last adjudication made."""
    from curate.standing import Made, Read

    adjudications = pulled_adjudications(workspace)
    held = workspace.export("held.jsonl")
    adjudicated = workspace.export("adjudicated.jsonl")
    lines = held.read_bytes().splitlines() if held.is_file() else []
    settled = {record.id for record in stream_lines(adjudicated, Record)} if adjudicated.is_file() else None
    return Read(
        list(stream_lines(workspace.export("annotations.jsonl"), Made)),
        [read_json(line, held) for line in lines],
        settled,
        [Made(one.annotation.id, one.annotation.article_id, one.annotation.annotator) for one in adjudications],
        list(stream_lines(workspace.export("rereadings.jsonl"), Made)),
        frozenset(one.article_id for one in read_gold(workspace)),
        read_withdrawn(workspace).keys(),
    )


def _newest_release(workspace: Workspace) -> tuple[str | None, set[str]]:
    """Find the highest release and the ids of its records."""
    from curate.hub import chains, manifest

    folders = [path.parent for path in (workspace.exports / "releases").glob(f"*/{manifest.NAME}")]
    folders = [folder for folder in folders if manifest.is_version(folder.name)]
    if not folders:
        return None, set()
    newest = max(folders, key=lambda folder: manifest.version_key(folder.name))
    return newest.name, {chain.id for chain in chains.read(newest)}
