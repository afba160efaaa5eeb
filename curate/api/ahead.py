"""What stands next in a project, and what is held back of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from curate.api.people import is_given_out
from curate.api.project import read_books
from curate.api.releasing import is_released, next_version
from curate.findings import LEADS
from curate.nextstep import Ahead, next_step
from curate.settings import Settings, read_settings
from curate.workspace import Workspace, read_withdrawn, stream_lines

if TYPE_CHECKING:
    from curate.standing import Standing


@dataclass(frozen=True)
class HeldBack:
    """How many readings an error holds back, and the articles that lack one of them to be adjudicated.

    Where there are any, ``to_mend`` tells whether annotators can mend one, ``others`` whether articles have all their
    readings and no decision of a person.
    """

    readings: int
    articles: list[str]
    to_mend: bool
    others: bool


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
        return HeldBack(0, [], to_mend=False, others=False)
    names = {one.article_id for one in held if "annotation-orphan" not in one.codes}
    readers: dict[str, set[str]] = {}
    for one in stream_lines(workspace.export("annotations.jsonl"), _Reading):
        readers.setdefault(one.article_id, set()).add(one.annotator)
    done, asked = _adjudicated(workspace) | read_withdrawn(workspace).keys(), settings.assignment.readers_of
    return HeldBack(
        len(held),
        kept_back(names, readers, asked, done),
        to_mend=any(not one.codes <= LEADS for one in held),
        others=any(len(read) >= asked(name) for name, read in readers.items() if name not in done),
    )


def _adjudicated(workspace: Workspace) -> set[str]:
    """Name the articles that a person settled."""
    read: Iterable[_Adjudicated] = stream_lines(workspace.export("adjudications.jsonl"), _Adjudicated)
    return {one.annotation.article_id for one in read}


def step_after(standing: Standing, settings: Settings, *, pulled: bool, returned: bool) -> str:
    """Name what stands next where the work stands as it does."""
    workspace = Workspace(settings.folder)
    books = read_books(workspace)
    return next_step(
        Ahead(
            articles=standing.articles,
            kept=standing.kept,
            returned=returned,
            pushed=any((workspace.raw / "schemas").glob("*.yaml")),
            pulled=pulled,
            assigned=is_given_out(workspace),
            released=is_released(workspace),
            policy=books.get("adjudication", {}).get("policy", "agree"),
            version=next_version(settings.folder),
            repository=str(settings.dataset.get("repository") or ""),
        )
    )
