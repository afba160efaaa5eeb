"""Articles into the project: add."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from curate.api.people import is_given_out
from curate.api.project import Progress, silent
from curate.errors import UsageError
from curate.lock import locked
from curate.records import Article
from curate.settings import Settings, hub_endpoint, hub_token, read_settings
from curate.workspace import Workspace, read_article_versions, write_lines

if TYPE_CHECKING:
    from curate.intake.merging import Added, Near, Prepared

TOLD = 10_000


def add(
    paths: Iterable[Path | str],
    project: Path | None = None,
    *,
    columns: Mapping[str, str] | None = None,
    encoding: str | None = None,
    meta: bool = True,
    revise: bool = False,
    keep_copies: bool = False,
    dry_run: bool = False,
    progress: Progress = silent,
) -> Added:
    """Add articles from files, folders and ``hf://datasets/`` addresses; what is refused is named, the rest goes in.

    ``columns`` says which column of a file is which field of an article, where their names don't. ``meta`` false
    leaves other columns out. ``revise`` lets another text, or other data, under a known id take the place of the
    known one; ``keep_copies`` adds a text again that is known under another id. ``dry_run`` writes nothing.
    Raises UsageError for an unknown field or encoding.
    """
    from curate.intake.mapping import FIELDS
    from curate.intake.merging import merge
    from curate.intake.reading import Request, read_articles

    settings = read_settings(project)
    workspace = Workspace(settings.folder)
    named = [str(path) for path in paths]
    wrong = next((name for name in columns or {} if name not in FIELDS), None)
    if wrong is not None:
        raise UsageError(f"{wrong!r} is no field of an article.", f"Fields: {', '.join(FIELDS)}.")
    _check_encoding(encoding)
    remote = any(path.startswith("hf://") for path in named)
    request = Request(
        dict(columns or {}),
        encoding,
        _languages(settings),
        meta,
        hub_token() if remote else None,
        hub_endpoint() if remote else None,
    )
    with locked(workspace):
        versions = read_article_versions(workspace)
        found = _counted(read_articles(named, request), progress)
        added = merge(versions, found, revise=revise, keep_copies=keep_copies)
        added.near = _near(versions, added.articles)
        added.assigned = is_given_out(workspace)
        if added.articles and not dry_run:
            if added.of("revised"):
                # Records made from what was revised must not be released.
                workspace.export("adjudicated.jsonl").unlink(missing_ok=True)
            write_lines(workspace.articles, added.versions)
    return added


def _counted(found: Iterable[Prepared], progress: Progress) -> Iterator[Prepared]:
    """Tell now and then how far the reading is."""
    for number, one in enumerate(found, 1):
        if number % TOLD == 0:
            progress(f"read {number} articles")
        yield one


def _check_encoding(encoding: str | None) -> None:
    from curate.intake.decoding import python_name
    from curate.intake.rows import UnreadableError

    try:
        if encoding is not None:
            python_name(encoding)
    except UnreadableError as error:
        raise UsageError(f"{error.why[0].upper()}{error.why[1:]}.", error.fix) from None


def _languages(settings: Settings) -> tuple[str, ...]:
    """Give the languages that the dataset is declared to be in."""
    named = settings.dataset.get("language") or []
    return tuple(str(one) for one in (named if isinstance(named, list) else [named]))


def _near(versions: list[Article], articles: list[Article]) -> list[Near]:
    """Find the new articles that look like others: wire copy, rewrites, updates of the same report."""
    from curate.duplicates import near_duplicates_of
    from curate.intake.merging import Near

    if not articles:
        return []
    new = {article.id: article.text for article in articles}
    known = {article.id: article.text for article in versions if article.id not in new}
    pairs = near_duplicates_of(new, known)
    return [
        Near(pair.second, pair.first, int(100 * pair.similarity))
        for pair in pairs
        if new.get(pair.first) != new[pair.second]
    ]
