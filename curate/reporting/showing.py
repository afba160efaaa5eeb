"""One article as it was read: every annotation of it, and the record if there is one."""

from __future__ import annotations

import difflib
import shutil
from pathlib import Path
from typing import Any

import msgspec

from curate.errors import UsageError
from curate.records import Annotation, Record, plain
from curate.reporting.drawing import draw
from curate.settings import read_settings
from curate.workspace import Workspace, read_articles, read_lines, stream_lines

WIDEST = 100


class _Held(msgspec.Struct):
    article_id: str
    annotator: str
    codes: list[str]


def show_article(
    project: Path | None, article_id: str, annotator: str | None = None
) -> list[tuple[str, list[str], dict[str, Any]]]:
    """Give title, drawing and data of the record of an article and of each accepted reading.

    Raises UsageError when the article, or a reading by ``annotator``, isn't there.
    """
    from curate.api import load_schema

    settings = read_settings(project)
    workspace = Workspace(settings.folder)
    articles = read_articles(workspace)
    if article_id not in articles:
        alike = difflib.get_close_matches(article_id, articles, n=1)
        fix = f"Did you mean {alike[0]!r}?" if alike else "The ids stand in that file."
        raise UsageError(f"{workspace.articles}: no article {article_id!r}.", fix)
    schema = load_schema(settings)
    width = min(WIDEST, shutil.get_terminal_size().columns)
    text = articles[article_id].text
    records = read_lines(workspace.export("adjudicated.jsonl"), Record)
    annotations = read_lines(workspace.export("annotations.jsonl"), Annotation)
    shown: list[tuple[str, Record | Annotation]] = []
    if annotator is None:
        shown += [(f"{article_id}: adjudicated", record) for record in records if record.id == article_id]
    shown += [
        (f"{article_id}: {annotation.annotator} (annotation {annotation.id})", annotation)
        for annotation in annotations
        if annotation.article_id == article_id and annotator in (None, annotation.annotator)
    ]
    if not shown:
        _refuse_held(workspace, article_id, annotator)
    if annotator and not shown and any(one.article_id == article_id for one in annotations):
        names = sorted({one.annotator for one in annotations if one.article_id == article_id})
        raise UsageError(f"{article_id}: no reading by {annotator}.", f"There are readings by {', '.join(names)}.")
    if not shown:
        raise UsageError(f"{article_id}: nobody's reading was pulled yet.", "Pull first: curate pull")
    return [(title, draw(text, reading, width=width, schema=schema), plain(reading)) for title, reading in shown]


def _refuse_held(workspace: Workspace, article_id: str, annotator: str | None) -> None:
    """Raise UsageError where what is asked for is held back, saying for what."""
    held = [
        one
        for one in stream_lines(workspace.export("held.jsonl"), _Held)
        if one.article_id == article_id and annotator in (None, one.annotator)
    ]
    if held:
        people, codes = sorted({one.annotator for one in held}), sorted({code for one in held for code in one.codes})
        raise UsageError(
            f"{article_id}: the reading by {', '.join(people)} is held back by errors: {', '.join(codes)}.",
            f"Each with its place: curate check --verbose; what it means: curate explain {codes[0]}",
        )
