"""The tables of a release, written one record at a time with the chain behind each."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from curate.errors import CurateError
from curate.grouping import Home
from curate.hub import chains, features
from curate.hub.counts import Counts
from curate.hub.parquet import Table, TableWriter, data_path
from curate.records import Annotation, Decision, Record, canonical_json
from curate.schema.model import EventSchema

if TYPE_CHECKING:
    from datasets import Features


@dataclass(frozen=True)
class Material:
    """What a release is made of. Each mapping may read from a file whenever a value is asked for.

    ``annotations`` and ``decisions`` are by article; ``tasks`` holds the hash of the server's last answer by the
    number of the task and the id of its article; ``texts`` are the files that go in as they are,
    ``agreement`` the measures of how far the readings agree, as they are shown.
    """

    schema: EventSchema
    records: Mapping[str, Record]
    annotations: Mapping[str, Sequence[Annotation]] = field(default_factory=dict)
    decisions: Mapping[str, Sequence[Decision]] = field(default_factory=dict)
    tasks: Mapping[tuple[int, str], bytes] = field(default_factory=dict)
    texts: Mapping[str, bytes] = field(default_factory=dict)
    agreement: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Written:
    """What writing the tables found: tables and counts by config and split, and what the card and books tell."""

    tables: dict[str, dict[str, Table]] = field(default_factory=dict)
    counts: dict[str, dict[str, Any]] = field(default_factory=dict)
    rows: dict[str, str] = field(default_factory=dict)
    unread: list[str] = field(default_factory=list)
    licences: Counter[str] = field(default_factory=Counter)
    publishers: Counter[str] = field(default_factory=Counter)
    languages: Counter[str] = field(default_factory=Counter)
    days: list[str] = field(default_factory=list)
    annotators: Counter[str] = field(default_factory=Counter)
    suggestions: Counter[str] = field(default_factory=Counter)
    rules: Counter[str] = field(default_factory=Counter)

    def note(self, record: Record, annotations: Sequence[Annotation], chain: chains.Chain) -> None:
        """Take in what a row adds to the account."""
        self.rows[record.id] = chain.row
        self.licences[record.licence or "not given"] += 1
        self.publishers[record.publisher or "not given"] += 1
        self.languages[record.language or "not given"] += 1
        if record.published_at:
            self.days = [min([*self.days, record.published_at]), max([*self.days, record.published_at])]
        self.annotators.update(one.annotator for one in annotations)
        self.suggestions[record.provenance.suggestions] += 1
        self.rules[chain.decisions.rule or "not recorded"] += 1


class SplitTables:
    """The tables of one split, each begun with its first row, so that none is empty; ``stack`` ends them."""

    def __init__(self, folder: Path, split: str, columns: Mapping[str, Features], stack: ExitStack) -> None:
        self._folder, self._split, self._columns, self._stack = folder, split, columns, stack
        self.writers: dict[str, TableWriter] = {}
        self.counts: dict[str, Counts] = defaultdict(Counts)

    def add(self, config: str, row: dict[str, Any]) -> str:
        """Add the row of a record or annotation to a table and give its hash."""
        if config not in self.writers:
            writer = TableWriter(self._folder / data_path(config, self._split), self._columns[config])
            self.writers[config] = self._stack.enter_context(writer)
        line = canonical_json(row)
        self.writers[config].add(line)
        self.counts[config].add(row)
        return hashlib.sha256(line).hexdigest()


def write_tables(
    folder: Path,
    material: Material,
    homes: Mapping[str, Home],
    splits: Sequence[str],
    columns: Mapping[str, Features],
) -> Written:
    """Write the rows of every split and the chain behind each, one record at a time."""
    written = Written()
    by_split: dict[str, list[str]] = defaultdict(list)
    for name in sorted(homes):
        by_split[homes[name].split].append(name)
    with (folder / chains.NAME).open("wb") as stream:
        for split in sorted(by_split, key=lambda split: (split not in splits, [*splits, split].index(split), split)):
            with ExitStack() as stack:
                tables = SplitTables(folder, split, columns, stack)
                for name in by_split[split]:
                    chain = write_article(material.records[name], homes[name], material, columns, tables, written)
                    stream.write(chains.line(chain))
            for config in sorted(tables.writers, key=lambda config: config != "gold"):
                written.tables.setdefault(config, {})[split] = tables.writers[config].table()
                written.counts.setdefault(config, {})[split] = tables.counts[config].told()
    for name in material.annotations:
        if name not in homes:
            written.unread += [one.id for one in material.annotations[name]]
    return written


def write_article(
    record: Record,
    home: Home,
    material: Material,
    columns: Mapping[str, Features],
    tables: SplitTables,
    written: Written,
) -> chains.Chain:
    """Write a record and the annotations of its very text, and give the chain behind the record."""
    record = replace(record, provenance=replace(record.provenance, split_group=home.group))
    told = tables.add("gold", features.record_row(record, columns["gold"]))
    read: list[tuple[Annotation, str]] = []
    for one in sorted(material.annotations.get(record.id, ()), key=lambda one: one.id):
        if one.text_sha256 != record.text_sha256:
            written.unread.append(one.id)
        elif read and read[-1][0].id == one.id:
            raise CurateError(f"The annotation {one.id} is there twice.", "Run `curate check` and `curate adjudicate`.")
        else:
            row = features.annotation_row(one, columns["annotations"])
            read.append((one, tables.add("annotations", row)))
    chain = chains.Chain(
        id=record.id,
        split=home.split,
        group=home.group,
        text_sha256=record.text_sha256,
        article=chains.article_digest(record),
        annotations=chains.sources(read, material.tasks),
        decisions=chains.decided(material.decisions.get(record.id, ())),
        row=told,
    )
    written.note(record, [one for one, _ in read], chain)
    return chain
