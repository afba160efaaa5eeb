"""What stands next in a project, and what is held back of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from curate.api.annotating import server_url
from curate.api.answering import unless_broken
from curate.api.people import ACTIVE, is_given_out, register
from curate.api.project import read_books
from curate.api.qualifying import states
from curate.api.released import next_version
from curate.findings import LEADS
from curate.nextstep import Ahead
from curate.records import Assignment
from curate.settings import Settings, read_settings
from curate.workspace import Workspace, read_articles, read_assignments, read_withdrawn, stream_lines

if TYPE_CHECKING:
    from curate.outgoing import Lacking
    from curate.standing import Standing
    from curate.working import Work


@dataclass(frozen=True)
class HeldBack:
    """How many readings an error holds back, and the articles that lack one of them to be adjudicated.

    ``to_mend`` tells whether there is one that annotators can mend.
    """

    readings: int
    articles: list[str]
    to_mend: bool


@dataclass(frozen=True)
class Out:
    """What is done: held back readings ``returned``, all that is open given for ``settling``, records ``released``."""

    returned: bool
    settling: bool
    released: bool


class _Held(msgspec.Struct):
    article_id: str
    codes: frozenset[str]


class _Reading(msgspec.Struct):
    article_id: str
    annotator: str


class _Adjudicated(msgspec.Struct):
    annotation: _Reading


def held_back(project: Path | None = None) -> HeldBack:
    """Tell what the last check holds back, and what waits for it."""
    from curate.standing import kept_back

    settings = read_settings(project)
    workspace = Workspace(settings.folder)
    held = list(stream_lines(workspace.export("held.jsonl"), _Held))
    if not held:
        return HeldBack(0, [], to_mend=False)
    names = {one.article_id for one in held if "annotation-orphan" not in one.codes}
    readers: dict[str, set[str]] = {}
    for one in stream_lines(workspace.export("annotations.jsonl"), _Reading):
        readers.setdefault(one.article_id, set()).add(one.annotator)
    done, asked = _adjudicated(workspace) | read_withdrawn(workspace).keys(), settings.assignment.readers_of
    return HeldBack(
        len(held),
        kept_back(names, readers, asked, done),
        to_mend=any(not one.codes <= LEADS for one in held),
    )


def _adjudicated(workspace: Workspace) -> set[str]:
    """Name the articles that a person settled."""
    read: Iterable[_Adjudicated] = stream_lines(workspace.export("adjudications.jsonl"), _Adjudicated)
    return {one.annotation.article_id for one in read}


def look_ahead(standing: Standing, settings: Settings, out: Out, work: Iterable[Work]) -> Ahead:
    """Find out what decides on the next step; ``work`` is what people have made of each article."""
    from curate.outgoing import is_unpushed, wanted_tasks

    workspace = Workspace(settings.folder)
    books, withdrawn = read_books(workspace), read_withdrawn(workspace).keys()
    assignments = read_assignments(workspace)
    lack = _lacking(standing, settings, assignments, work)
    wanted = wanted_tasks(read_articles(workspace), assignments, withdrawn)
    return Ahead(
        articles=standing.articles,
        unassigned=lack.plan,
        unpushed=is_unpushed(wanted, standing.placed, standing.stages),
        unmanned=lack.people and not lack.left,
        kept=standing.kept,
        mendable=bool(standing.kept) and held_back(settings.folder).to_mend,
        reachable=bool(server_url(settings.folder)),
        returned=out.returned,
        settling=out.settling,
        released=out.released,
        policy=books.get("adjudication", {}).get("policy", "agree"),
        version=next_version(settings.folder),
        repository=str(settings.dataset.get("repository") or ""),
    )


def _lacking(
    standing: Standing, settings: Settings, assignments: list[Assignment] | None, work: Iterable[Work]
) -> Lacking:
    """Find out who is to read what lacks readings; nobody in particular where nothing is given to people."""
    from curate.outgoing import Lacking, lacking
    from curate.qualification import PASSED

    workspace = Workspace(settings.folder)
    if not is_given_out(workspace):
        return Lacking()
    active = {who for who, state in register(workspace).items() if state == ACTIVE}
    if settings.qualification.required:
        tried, _ = unless_broken(states, settings, workspace)
        active = {who for who in active if tried.get(who) == PASSED}
    return lacking(
        standing.stages,
        assignments or (),
        work,
        settings.assignment,
        active,
        read_withdrawn(workspace).keys(),
    )
