"""Releases built from records at hand, described as a project would."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from curate.grouping import entry_of, place
from curate.hub.earlier import read_earlier
from curate.hub.metadata import ASKED, Metadata
from curate.hub.release import ReleaseReport, build, put, staged
from curate.hub.writing import Material
from curate.records import Annotation, Record
from curate.schema.model import EventSchema
from curate.splits import Rule


def described(**changed: Any) -> Metadata:
    """Describe a dataset, every question answered."""
    told: dict[str, Any] = {
        "name": "tiny",
        "licence": "cc-by-4.0",
        "text_licence": "They are the authors' own.",
        "authors": ("Ada Reed",),
        "card": {key: f"What is said of {key}." for key in ASKED},
    }
    return Metadata(**(told | changed))


def build_release(
    releases: Path,
    version: str,
    records: Sequence[Record],
    annotations: Sequence[Annotation],
    schema: EventSchema,
    *,
    metadata: Metadata,
    shares: Mapping[str, float],
    seed: str = "seed",
    books: Mapping[str, Any] | None = None,
    texts: Mapping[str, bytes] | None = None,
    previous: Path | None = None,
) -> ReleaseReport:
    """Place the records and build a release of them."""
    by_article: dict[str, list[Annotation]] = {}
    for annotation in annotations:
        by_article.setdefault(annotation.article_id, []).append(annotation)
    kept = {record.id: record for record in records}
    rule, earlier = Rule(seed=seed, shares=shares), read_earlier(previous)
    entries = {name: entry_of(record, rule.group_by) for name, record in kept.items()}
    placement = place(entries, {name: record.text for name, record in kept.items()}, earlier.homes, rule)
    material = Material(schema=schema, records=kept, annotations=by_article, texts=texts or {})
    with staged(releases / version) as folder:
        made = build(folder, version, material, placement, rule, metadata, books or {}, earlier)
        return put(made, releases / version)
