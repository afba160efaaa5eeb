"""How far the people who read the same articles agree."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from curate.api.project import load_schema, stream_annotations
from curate.errors import UsageError
from curate.records import Annotation, Article
from curate.settings import read_settings
from curate.workspace import Workspace, read_articles, stream_lines

if TYPE_CHECKING:
    from curate.agreement import Agreement

SAMPLES = 1000
BEGUN_FROM = "suggestions"
"""What names the batches by what the readings of an article were begun from."""


def agree(
    project: Path | None = None, *, samples: int = SAMPLES, seed: int = 0, batches_by: str = "batch"
) -> Agreement:
    """Measure how far the accepted readings agree, article by article, every two by different people.

    ``samples`` bootstrap samples, decided by ``seed``, give the 95 % intervals; 0 leaves them out. ``batches_by``
    names what groups the articles into batches: a field of the article, such as ``publisher``, or a key of its
    ``meta``; ``suggestions`` stands for what its readings were begun from. Raises UsageError when nothing was pulled,
    or when what was pulled is not of the articles as they are.
    """
    from curate.agreement import measure

    settings = read_settings(project)
    workspace = Workspace(settings.folder)
    articles = read_articles(workspace)
    batches = _beginnings(stream_annotations(workspace)) if batches_by == BEGUN_FROM else _batches(articles, batches_by)
    annotations = _current(stream_annotations(workspace), articles)
    return measure(annotations, load_schema(settings), batches, samples=samples, seed=seed)


def agree_again(project: Path | None = None, *, samples: int = SAMPLES, seed: int = 0) -> Agreement | None:
    """Measure how far people agree with themselves where they read an article a second time; None where nobody did.

    Each pair of the result is one person. Raises UsageError as ``agree`` does.
    """
    from curate.agreement.again import measure_again

    settings = read_settings(project)
    workspace = Workspace(settings.folder)
    articles = read_articles(workspace)
    annotations = _current(stream_annotations(workspace), articles)
    rereadings = list(_current(stream_lines(workspace.export("rereadings.jsonl"), Annotation), articles))
    if not rereadings:
        return None
    return measure_again(annotations, rereadings, load_schema(settings), samples=samples, seed=seed)


def _current(annotations: Iterator[Annotation], articles: Mapping[str, Article]) -> Iterator[Annotation]:
    for annotation in annotations:
        article = articles.get(annotation.article_id)
        if article is None or article.text_sha256 != annotation.text_sha256:
            raise UsageError(f"annotation {annotation.id}: checked under other articles.", "Run: curate check")
        yield annotation


def _batches(articles: Mapping[str, Article], by: str) -> dict[str, str]:
    """Name the batch of each article that has one."""
    found: dict[str, str] = {}
    for article in articles.values():
        meta = json.loads(article.meta) if article.meta else {}
        name = getattr(article, by) if by in Article.__struct_fields__ else meta.get(by)
        if name is not None:
            found[article.id] = str(name)
    return found


def _beginnings(annotations: Iterator[Annotation]) -> dict[str, str]:
    """Name for each article what its readings were begun from."""
    found: dict[str, set[str]] = {}
    for annotation in annotations:
        found.setdefault(annotation.article_id, set()).add(annotation.suggestions or "no suggestions")
    return {article: " and ".join(sorted(names)) for article, names in found.items()}
