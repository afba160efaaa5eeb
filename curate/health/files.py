"""The project's files: settings, schema, articles, raw answers, books, and what is private."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from curate.health.points import DOUBTFUL, FINE, UNSEEN, WRONG, Point, looked
from curate.raw import raw_folders
from curate.settings import Settings
from curate.wording import counted
from curate.workspace import Workspace, pseudonym_key

AREA = "project"
PRIVATE = ("*.json", "*.key", "logins/*", "backups/*", "server/*.json", "server/*.log", "server/data/.env")


def files(settings: Settings) -> Iterator[Point]:
    """Look at the files of a project whose settings can be read."""
    workspace = Workspace(settings.folder)
    checks: dict[str, Callable[[], Point]] = {
        "schema": lambda: _schema(settings),
        "dataset": lambda: _dataset(settings),
        "articles": lambda: _articles(workspace),
        "folders": lambda: _folders(workspace),
        "raw answers": lambda: _raw(workspace),
        "books": lambda: _books(settings.folder, workspace),
        "permissions": lambda: _permissions(workspace),
        "pseudonyms": lambda: _key(workspace),
        "backup": lambda: _backup(workspace),
    }
    for name, look in checks.items():
        yield looked(AREA, name, look)


def _schema(settings: Settings) -> Point:
    from curate.api.project import load_schema

    schema = load_schema(settings)
    told = f"{counted(len(schema.event_types), 'event type')}, {counted(len(schema.roles), 'role')}"
    return Point(AREA, "schema", FINE, f"{settings.schema.name}: {schema.name}@{schema.version}, {told}")


def _dataset(settings: Settings) -> Point:
    from curate.hub.metadata import missing, read_metadata
    from curate.splits import read_rule

    read_rule(settings.dataset, settings.workspace)
    if lacking := missing(settings.dataset):
        message = f"to be filled in before a release: {', '.join(lacking)}"
        return Point(AREA, "dataset", DOUBTFUL, message, "Answer it in curate.toml.")
    metadata = read_metadata(settings.dataset)
    return Point(AREA, "dataset", FINE, f"{metadata.name}, licence {metadata.licence}")


def _articles(workspace: Workspace) -> Point:
    from curate.text import text_sha256
    from curate.workspace import read_articles

    articles = read_articles(workspace).values()
    changed = [article.id for article in articles if text_sha256(article.text) != article.text_sha256]
    if changed:
        message = f"not the text they were added as: {counted(len(changed), 'article')}, first {changed[0]}"
        return Point(AREA, "articles", WRONG, message, f"Restore {workspace.articles} from a copy.")
    if not articles:
        return Point(AREA, "articles", DOUBTFUL, "none yet", "curate add FILE_OR_FOLDER")
    return Point(AREA, "articles", FINE, f"{len(articles)}, their texts as they were added")


def _folders(workspace: Workspace) -> Point:
    """Ask whether commands can write; nothing is written to find out."""
    wanted = (workspace.folder, workspace.private, workspace.exports, workspace.raw, *raw_folders(workspace))
    there = [folder for folder in wanted if folder.exists()]
    for folder in there:
        if not folder.is_dir():
            fix = f"Move {folder} away and make it a folder."
            return Point(AREA, "folders", WRONG, f"{folder} is no folder: nothing can be pulled", fix)
        if not os.access(folder, os.W_OK | os.X_OK):
            message = f"{folder} can't be written: nothing can be pulled, checked or released"
            return Point(AREA, "folders", WRONG, message, f"Make it yours to write to: chmod u+wx {folder}")
    return Point(AREA, "folders", FINE, f"{workspace.folder} and what commands write to in it can be written")


def _raw(workspace: Workspace) -> Point:
    from curate.api.project import open_pulled

    with open_pulled(workspace) as pulled:
        if pulled is None:
            return Point(AREA, "raw answers", UNSEEN, "nothing was pulled yet", "curate pull")
        return Point(AREA, "raw answers", FINE, f"readable: {counted(sum(1 for _ in pulled.tasks), 'task')}")


def _books(folder: Path, workspace: Workspace) -> Point:
    from curate.api.project import read_books
    from curate.api.standing import status

    if "pull" not in read_books(workspace):
        return Point(AREA, "books", UNSEEN, "nothing was checked yet", "curate pull")
    found = status(folder).disagreements
    if found:
        return Point(AREA, "books", WRONG, f"out of step: {'; '.join(found)}", "curate check")
    return Point(AREA, "books", FINE, "balanced, and they say what the files say")


def _permissions(workspace: Workspace) -> Point:
    private = workspace.private
    if not private.is_dir():
        return Point(AREA, "permissions", WRONG, f"{private} is not there", f"mkdir -m 700 {private}")
    if private.stat().st_mode & 0o077:
        mode = f"{private.stat().st_mode & 0o777:o}"
        return Point(AREA, "permissions", WRONG, f"{private} is open to others ({mode})", f"chmod 700 {private}")
    found = sorted({path for pattern in PRIVATE for path in private.glob(pattern) if path.is_file()})
    wide = [path for path in found if path.stat().st_mode & 0o077]
    if wide:
        names = ", ".join(str(path.relative_to(private)) for path in wide)
        fix = f"chmod 600 {' '.join(str(path) for path in wide[:3])}"
        return Point(AREA, "permissions", WRONG, f"open to others: {names}", fix)
    return Point(
        AREA, "permissions", FINE, f"{private} and {counted(len(found), 'private file')} are for their owner alone"
    )


def _key(workspace: Workspace) -> Point:
    if not workspace.export("pseudonyms.json").is_file():
        return Point(AREA, "pseudonyms", UNSEEN, "nobody is named yet; the first pull makes the key")
    # Once people are named it makes nothing: it refuses a key that is gone, damaged or another.
    pseudonym_key(workspace, make=False)
    return Point(AREA, "pseudonyms", FINE, "the key is there, the one that people are named by")


def _backup(workspace: Workspace) -> Point:
    from curate.labelstudio.backup import NOTE

    fix = "curate server backup FOLDER, on another disk"
    try:
        noted = json.loads((workspace.private / NOTE).read_bytes())
        file, made_at, kept = Path(noted["file"]), noted["made_at"], noted["pseudonym_key_sha256"]
    except (OSError, ValueError, KeyError, TypeError):
        return Point(AREA, "backup", DOUBTFUL, "none was made", fix)
    key = workspace.private / "pseudonym.key"
    if key.is_file() and hashlib.sha256(key.read_bytes()).hexdigest() != kept:
        return Point(AREA, "backup", DOUBTFUL, f"that of {made_at} lacks the key of the pseudonyms", fix)
    if not file.is_file():
        return Point(AREA, "backup", DOUBTFUL, f"that of {made_at} is not at {file} now", fix)
    if file.resolve().is_relative_to(workspace.private.resolve()):
        return Point(AREA, "backup", DOUBTFUL, f"that of {made_at} lies in the folder that it is to save", fix)
    return Point(AREA, "backup", FINE, f"{made_at}: {file}")
