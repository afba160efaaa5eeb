"""A release: a folder that is a ready dataset repository; the same bytes for the same input."""

from __future__ import annotations

import hashlib
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from curate.errors import CurateError
from curate.hub import card, features, manifest, parquet
from curate.records import Annotation, Record, plain
from curate.schema.model import EventSchema
from curate.splits import assign

if TYPE_CHECKING:
    from datasets import Features

Rows = dict[str, dict[str, list[dict[str, Any]]]]
"""Rows by config and split, sorted by id; no split is empty."""


@dataclass(frozen=True)
class ReleaseReport:
    """What a build came to.

    ``created`` is False if the same release was there already. ``rows`` counts by config and split;
    ``left_out`` names the annotations of articles, or of versions of them, that aren't released; ``changes``
    is against the previous release.
    """

    folder: Path
    version: str
    created: bool
    rows: dict[str, dict[str, int]]
    left_out: tuple[str, ...]
    changes: manifest.Changes


def build(
    releases: Path,
    version: str,
    *,
    records: Sequence[Record],
    annotations: Sequence[Annotation],
    schema: EventSchema,
    schema_text: str,
    record_json_schema: Mapping[str, Any],
    metadata: card.Metadata,
    books: Mapping[str, Any],
    splits: Mapping[str, float],
    seed: str,
    previous: Path | None = None,
    withdrawn: frozenset[str] = frozenset(),
) -> ReleaseReport:
    """Write the release ``releases/<version>``, or find it there with the same content and leave it.

    Articles go to ``splits`` (name to share) by their split group and ``seed``, annotations with their
    article. ``previous`` is the folder of the release before, for the changelog, which names those of its
    articles that are ``withdrawn`` since. Raises CurateError if that version is there with other content, if
    there is nothing to release, if rows don't fit the schema, or if the folder can't be written; UsageError
    for a version or splits that can't be used.
    """
    manifest.version_key(version)
    released = {record.id: record for record in records}
    check_ids("record", [record.id for record in records])
    check_ids("annotation", [annotation.id for annotation in annotations])
    if not released:
        raise CurateError("There is no record to release.", "Run `curate adjudicate` first.")
    kept = [annotation for annotation in annotations if is_of(annotation, released)]
    columns = {"gold": features.record_features(schema), "annotations": features.annotation_features(schema)}
    rows = split_rows(released, kept, columns, splits, seed)
    facts = {
        "name": metadata.name,
        "version": version,
        "metadata": plain(metadata),
        "schema": schema.stamp,
        "schema_digest": schema.digest,
        "splits": {"rule": manifest.SPLIT_RULE, "ratios": dict(splits), "seed": seed},
        "books": dict(books),
    }
    texts = {
        "schema.yaml": schema_text.encode(),
        "record.schema.json": manifest.pretty_json(record_json_schema),
        "LICENSE": card.licence_text(metadata, [record.licence for record in released.values()]),
    }
    files, changes = compose(facts, rows, columns, texts, schema, metadata, previous, withdrawn)
    return ReleaseReport(
        folder=releases / version,
        version=version,
        created=put(releases / version, files),
        rows={config: {split: len(part) for split, part in parts.items()} for config, parts in rows.items()},
        left_out=tuple(sorted({a.id for a in annotations} - {a.id for a in kept})),
        changes=changes,
    )


def previous_release(releases: Path, version: str) -> Path | None:
    """Find the folder of the highest version below this one. Raises UsageError if ``version`` is none."""
    below = manifest.version_key(version)
    found = [path.parent for path in releases.glob(f"[0-9]*/{manifest.NAME}")]
    versions = {manifest.version_key(path.name): path for path in found if manifest.is_version(path.name)}
    older = [key for key in versions if key < below]
    return versions[max(older)] if older else None


def check_ids(kind: str, ids: Sequence[str]) -> None:
    """Raise CurateError if an id occurs twice."""
    if twice := [one for one, number in Counter(ids).items() if number > 1]:
        raise CurateError(f"The {kind} {twice[0]} is there twice.", "Run `curate check` and `curate adjudicate`.")


def is_of(annotation: Annotation, released: Mapping[str, Record]) -> bool:
    """Tell whether an annotation reads the very text that is released."""
    record = released.get(annotation.article_id)
    return record is not None and record.text_sha256 == annotation.text_sha256


def split_rows(
    released: Mapping[str, Record],
    annotations: Sequence[Annotation],
    columns: Mapping[str, Features],
    splits: Mapping[str, float],
    seed: str,
) -> Rows:
    """Turn records and annotations into rows, each in the split of its article's group."""
    group_split = assign((record.provenance.split_group for record in released.values()), splits, seed)
    split_of = {record.id: group_split[record.provenance.split_group] for record in released.values()}
    placed = [
        ("gold", split_of[record.id], features.record_row(record, columns["gold"])) for record in released.values()
    ]
    placed += [
        ("annotations", split_of[one.article_id], features.annotation_row(one, columns["annotations"]))
        for one in annotations
    ]
    rows: Rows = {}
    order = list(splits)
    for config, split, row in sorted(placed, key=lambda p: (p[0] != "gold", order.index(p[1]), p[2]["id"])):
        rows.setdefault(config, {}).setdefault(split, []).append(row)
    return rows


def compose(
    facts: Mapping[str, Any],
    rows: Rows,
    columns: Mapping[str, Features],
    texts: Mapping[str, bytes],
    schema: EventSchema,
    metadata: card.Metadata,
    previous: Path | None,
    withdrawn: frozenset[str],
) -> tuple[dict[str, bytes], manifest.Changes]:
    """Make every file of the release: ``{path: content}``, and what changed against the previous release."""
    tables = {
        config: {split: parquet.encode(part, columns[config]) for split, part in parts.items()}
        for config, parts in rows.items()
    }
    whole = {
        **facts,
        "configs": {
            config: {split: manifest.counts(part) for split, part in parts.items()} for config, parts in rows.items()
        },
        **{
            key: manifest.row_digests([row for part in rows.get(config, {}).values() for row in part])
            for key, config in (("records", "gold"), ("annotations", "annotations"))
        },
        "tools": manifest.tool_versions(),
    }
    before, earlier = read_previous(previous)
    changes = manifest.changes(before or {"records": {}}, whole["records"])
    whole["withdrawn"] = manifest.withdrawn(before, withdrawn)
    whole["previous"] = before and {
        "version": before["version"],
        "manifest_sha256": hashlib.sha256(manifest.pretty_json(before)).hexdigest(),
    }
    files = {
        **texts,
        "README.md": card.card(metadata, schema, whole, tables, columns),
        "CHANGELOG.md": card.changelog(whole["version"], whole, before, changes, earlier),
    }
    entries = [manifest.file_entry(path, content) for path, content in files.items()]
    for config, parts in tables.items():
        for split, table in parts.items():
            path = card.data_path(config, split)
            files[path] = table.content
            entries.append(manifest.file_entry(path, table.content, table.rows))
    whole["files"] = sorted(entries, key=lambda entry: entry["path"])
    return {**files, manifest.NAME: manifest.pretty_json(whole)}, changes


def read_previous(previous: Path | None) -> tuple[manifest.Manifest | None, str]:
    """Read manifest and changelog of the previous release. Raises CurateError if they can't be read."""
    if previous is None:
        return None, ""
    try:
        return manifest.read(previous), (previous / "CHANGELOG.md").read_text("utf-8")
    except OSError as error:
        fix = "Build that release again, or remove its folder."
        raise CurateError(f"{previous / 'CHANGELOG.md'} can't be read: {error.strerror}.", fix) from error


def put(folder: Path, files: Mapping[str, bytes]) -> bool:
    """Write the folder in one move, or leave it if it says the same; tell whether it was written.

    Raises CurateError if it is there with other content, or can't be written.
    """
    if folder.exists():
        check_same(folder, files)
        return False
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}.") as temporary:
            staged = Path(temporary) / folder.name
            for path, content in files.items():
                (staged / path).parent.mkdir(parents=True, exist_ok=True)
                (staged / path).write_bytes(content)
            staged.rename(folder)
    except OSError as error:
        fix = "Make the folder writable or free some space, then run `curate release` again."
        raise CurateError(f"{folder} can't be written: {error.strerror or error}.", fix) from error
    return True


def check_same(folder: Path, files: Mapping[str, bytes]) -> None:
    """Raise CurateError unless a release folder is as it was built, and says what ``files`` would say."""
    fix = "Choose a new version. If this one was never published, you can delete its folder and build it again."
    there = manifest.read(folder)
    if damaged := damaged_files(folder, there):
        raise CurateError(f"{folder / damaged[0]} is no longer as it was built.", fix)
    new = manifest.parse(files[manifest.NAME], manifest.NAME)
    if different := manifest.differences(there, new):
        raise CurateError(f"{folder} holds another release {folder.name}; other than now: {different}.", fix)


def damaged_files(folder: Path, there: manifest.Manifest) -> list[str]:
    """List the files of a release folder that are gone or aren't what its manifest says."""
    damaged = []
    for entry in there["files"]:
        path = folder / entry["path"]
        if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != entry["sha256"]:
            damaged.append(entry["path"])
    return damaged
