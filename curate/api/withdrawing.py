"""Articles taken back: out of every release from the next on."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from curate.errors import UsageError
from curate.lock import locked
from curate.records import Withdrawal
from curate.settings import read_settings
from curate.workspace import Workspace, read_articles, read_withdrawn, write_lines


@dataclass(frozen=True)
class Withdrawn:
    """What changed: ids withdrawn (or let back in) now, ids that were so before, and releases that hold one."""

    changed: tuple[str, ...]
    unchanged: tuple[str, ...]
    releases: tuple[str, ...]


def withdraw(
    articles: Sequence[str], project: Path | None = None, *, reason: str = "", undo: bool = False
) -> Withdrawn:
    """Keep articles out of every release from the next on, or let them back in (``undo``).

    The article, its task and its annotations stay in the project; the next release counts their items as left
    out. Raises UsageError for an id that is no article of the project.
    """
    settings = read_settings(project)
    workspace = Workspace(settings.folder)
    with locked(workspace):
        there = read_withdrawn(workspace)
        _refuse_unknown(articles, {*read_articles(workspace), *there})
        wanted = dict.fromkeys(articles)
        changed = [one for one in wanted if (one in there) == undo]
        for one in changed:
            if undo:
                del there[one]
            else:
                there[one] = Withdrawal(id=one, reason=reason)
        if changed:
            write_lines(workspace.withdrawn, [there[one] for one in sorted(there)])
    unchanged = tuple(one for one in wanted if one not in changed)
    return Withdrawn(tuple(changed), unchanged, _releases_with(workspace, set(changed)))


def _refuse_unknown(articles: Iterable[str], known: set[str]) -> None:
    for one in articles:
        if one not in known:
            near = difflib.get_close_matches(one, known, 1)
            hint = f"Did you mean {near[0]}?" if near else "The ids are those of articles.jsonl."
            raise UsageError(f"{one}: no article of this project.", hint)


def _releases_with(workspace: Workspace, articles: set[str]) -> tuple[str, ...]:
    """Name the releases of the project that hold one of the articles, the oldest first."""
    from curate.hub import chains, manifest

    paths = [
        path for path in workspace.exports.glob(f"releases/*/{manifest.NAME}") if manifest.is_version(path.parent.name)
    ]
    found = [path.parent.name for path in paths if any(one.id in articles for one in chains.read(path.parent))]
    return tuple(sorted(found, key=manifest.version_key))
