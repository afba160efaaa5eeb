"""A release: a folder that is a ready dataset repository; the same bytes for the same input."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from curate.errors import CurateError
from curate.grouping import LeftOut, Placement
from curate.hub import chains, features, manifest, texts
from curate.hub.card import card
from curate.hub.croissant import croissant
from curate.hub.earlier import Changes, Earlier, compare
from curate.hub.metadata import Metadata
from curate.hub.parquet import data_path
from curate.hub.writing import Material, Written, write_tables
from curate.records import plain
from curate.splits import Rule

if TYPE_CHECKING:
    from datasets import Features


@dataclass(frozen=True)
class ReleaseReport:
    """What a build came to.

    ``created`` is False if the same release was there already. ``rows`` counts by config and split; ``books`` are
    those of pull, adjudication and release; ``left_out`` are the articles that no split can take, ``unread`` the
    annotations of articles, or of versions of them, that aren't released; ``changes`` is against the release before,
    ``previous`` (None for the first).
    """

    folder: Path
    version: str
    created: bool
    rows: dict[str, dict[str, int]]
    books: Mapping[str, Any]
    left_out: tuple[LeftOut, ...]
    unread: tuple[str, ...]
    changes: Changes
    previous: str | None = None


def build(
    folder: Path,
    version: str,
    material: Material,
    placement: Placement,
    rule: Rule,
    metadata: Metadata,
    books: Mapping[str, Any],
    earlier: Earlier,
    withdrawn: frozenset[str] = frozenset(),
) -> ReleaseReport:
    """Write a release into an empty folder.

    Articles go where ``placement``, made by ``rule``, puts them, annotations with their article. ``earlier`` is
    the release before, for the changelog, which names those of its articles that are ``withdrawn`` since. Raises
    CurateError if there is nothing to release or if rows don't fit the schema; UsageError for what is no version.
    """
    manifest.version_key(version)
    if not placement.homes:
        raise CurateError("There is no record to release.", "Run `curate adjudicate` first.")
    columns = {
        "gold": features.record_features(material.schema),
        "annotations": features.annotation_features(material.schema),
    }
    written = write_tables(folder, material, placement.homes, rule.names, columns)
    changes = compare(earlier, placement.homes, written.rows)
    told = {
        "name": metadata.name,
        "version": version,
        "previous": earlier.named(),
        "metadata": plain(metadata),
        "schema": material.schema.stamp,
        "schema_digest": material.schema.digest,
        "splits": {
            **rule.described(),
            "left_out": [plain(one) for one in placement.left_out],
            "closest_across": [
                {"ids": [pair.first, pair.second], "shared": pair.shared, "total": pair.total}
                for pair in placement.across
            ],
        },
        "agreement": dict(material.agreement),
        "books": dict(books),
        "configs": written.counts,
        "former": earlier.former(placement.homes),
        "withdrawn": sorted(withdrawn & earlier.homes.keys()),
        "tools": manifest.tool_versions(),
    }
    write_texts(folder, told, material, metadata, written, columns, earlier, changes)
    return ReleaseReport(
        folder=folder,
        version=version,
        created=True,
        rows={config: {split: table.rows for split, table in part.items()} for config, part in written.tables.items()},
        books=books,
        left_out=tuple(placement.left_out),
        unread=tuple(sorted(written.unread)),
        changes=changes,
        previous=earlier.told["version"] if earlier.told else None,
    )


def write_texts(
    folder: Path,
    told: dict[str, Any],
    material: Material,
    metadata: Metadata,
    written: Written,
    columns: Mapping[str, Features],
    earlier: Earlier,
    changes: Changes,
) -> None:
    """Write every file but the tables, the manifest last."""
    paths = {
        data_path(config, split): table for config, part in written.tables.items() for split, table in part.items()
    }
    entries = {path: manifest.file_entry(folder, path, table.rows) for path, table in paths.items()}
    files = {
        **material.texts,
        "LICENSE": texts.licence(metadata, written.licences),
        "CITATION.cff": texts.citation(metadata, told["version"]),
        "CHANGELOG.md": texts.changelog(told, earlier, changes),
        "README.md": card(metadata, material.schema, told, written, columns),
        "croissant.json": croissant(metadata, material.schema, told, entries, columns),
    }
    for path, content in files.items():
        (folder / path).write_bytes(content)
    entries |= {path: manifest.file_entry(folder, path) for path in (*files, chains.NAME)}
    whole = {**told, "files": [entries[path] for path in sorted(entries)]}
    (folder / manifest.NAME).write_bytes(manifest.pretty_json(whole))


@contextmanager
def staged(folder: Path) -> Iterator[Path]:
    """Give a folder beside ``folder`` to write into; it is gone at the end, unless it was moved.

    Raises CurateError where something can't be written.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        for cut_off in folder.parent.glob(f".{folder.name}.*"):
            shutil.rmtree(cut_off)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}.") as temporary:
            made = Path(temporary) / folder.name
            made.mkdir()
            yield made
    except OSError as error:
        fix = "Make the folder writable or free some space, then run `curate release` again."
        raise CurateError(f"{folder} can't be written: {error.strerror or error}.", fix) from error


def put(
    report: ReleaseReport, folder: Path, first: Callable[[ReleaseReport], object] = lambda _: None
) -> ReleaseReport:
    """Move a release to its place, or leave what is there if it says the same; give the report of what is there.

    What goes with a release is written by ``first``, before it is moved: where there is a release, that is there too.
    Raises CurateError if it is there with other content; then ``first`` isn't called.
    """
    made = report.folder
    if not folder.exists():
        first(report)
        made.rename(folder)
        return replace(report, folder=folder)
    fix = "Choose a new version. If this one was never published, you can delete its folder and build it again."
    there = manifest.read(folder)
    if damaged := damaged_files(folder, there):
        raise CurateError(f"{folder / damaged[0]} is no longer as it was built.", fix)
    if different := manifest.differences(there, manifest.read(made)):
        raise CurateError(f"{folder} holds another release {folder.name}; other than now: {different}.", fix)
    same = replace(report, folder=folder, created=False)
    first(same)
    return same


def damaged_files(folder: Path, there: manifest.Manifest) -> list[str]:
    """List the files of a release folder that are gone or aren't what its manifest says."""
    return [
        entry["path"]
        for entry in there["files"]
        if not (folder / entry["path"]).is_file() or manifest.file_digest(folder / entry["path"]) != entry["sha256"]
    ]
