"""The report: everything measured and counted, on one page for the team."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from curate.api.agreeing import agree
from curate.api.project import load_schema, read_books, stream_annotations
from curate.api.standing import status
from curate.files import write_atomic
from curate.lock import locked
from curate.records import Annotation, Finding, Record
from curate.settings import read_settings
from curate.workspace import Workspace, read_articles, stream_lines

if TYPE_CHECKING:
    from curate.agreement import Agreement
    from curate.reporting.contents import Contents, Disagreed

MOST_DISAGREED = 10


@dataclass(frozen=True)
class Reported:
    """Where the report was written, and whether it says anything new."""

    path: Path
    changed: bool
    contents: Contents


def report(project: Path | None = None, *, output: Path | None = None) -> Reported:
    """Write everything that was measured and counted to one HTML file, ``exports/report.html`` unless named.

    Raises UsageError when nothing was pulled, or when what was pulled is not of the articles as they are.
    """
    from curate.reporting.page import page

    workspace = Workspace(read_settings(project).folder)
    path = output or workspace.export("report.html")
    with locked(workspace):
        contents = _gather(project)
        changed = write_atomic(path, page(contents).encode())
    return Reported(path, changed, contents)


def _gather(project: Path | None) -> Contents:
    from curate.reporting.contents import Contents
    from curate.reporting.tallying import by_rule, survey, tally

    settings = read_settings(project)
    workspace, schema = Workspace(settings.folder), load_schema(settings)
    agreement = agree(project)
    stood = status(project)
    surveyed = survey(stream_annotations(workspace), schema)
    findings = workspace.export("findings.jsonl")
    faults: dict[str, Counter[str]] = {}
    for finding in stream_lines(findings, Finding):
        faults.setdefault(finding.annotator or "", Counter())[finding.level] += 1
    return Contents(
        title=str(settings.dataset.get("pretty_name") or schema.title),
        schema=schema,
        asked=settings.assignment.described(),
        latest=surveyed.latest,
        standing=stood.standing,
        release=stood.release,
        released=stood.released,
        agreement=agreement,
        disagreed=_disagreed(workspace, agreement),
        differing=sum(1 for one in agreement.by_article if one.differences),
        workloads=surveyed.people,
        faults=faults,
        findings=by_rule(stream_lines(findings, Finding)),
        read=surveyed.tally,
        settled=tally(stream_lines(workspace.export("adjudicated.jsonl"), Record), schema),
        books=read_books(workspace),
        misfits=stood.disagreements,
        gold=stood.gold,
        unscored=stood.unscored,
    )


def _disagreed(workspace: Workspace, agreement: Agreement) -> list[Disagreed]:
    """Find the articles on which readings differ most, with their readings by annotator."""
    from curate.reporting.contents import Disagreed

    worst = sorted(agreement.by_article, key=lambda one: (-one.differences, one.article_id))[:MOST_DISAGREED]
    counts = {one.article_id: one.differences for one in worst if one.differences}
    readings: dict[str, list[Annotation]] = {name: [] for name in counts}
    for annotation in _of(counts, stream_annotations(workspace)):
        readings[annotation.article_id].append(annotation)
    articles = read_articles(workspace)
    return [
        Disagreed(articles[name], sorted(readings[name], key=lambda one: (one.annotator, one.id)), count)
        for name, count in counts.items()
    ]


def _of(names: dict[str, int], annotations: Iterator[Annotation]) -> Iterator[Annotation]:
    return (annotation for annotation in annotations if annotation.article_id in names)
