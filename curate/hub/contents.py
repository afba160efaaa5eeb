"""What a published release holds, found out by reading every row once."""

from __future__ import annotations

import sys
import tempfile
from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import IO, Any, Self, TypeAlias

import msgspec

from curate.errors import CurateError
from curate.hub.parquet import batches, data_path, open_table
from curate.records import Article, Finding, Reading, digest
from curate.schema.model import EventSchema

Row: TypeAlias = dict[str, Any]
ARTICLE = Article.__struct_fields__


class KeptTexts(Mapping[str, str]):
    """Texts by id, kept in a temporary file, so that memory grows with their number and not with their length."""

    def __init__(self) -> None:
        self._stream: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  # closed when the block ends
        self._starts, self._ends = array("Q"), array("Q")
        self._places: dict[str, int] = {}
        self._end = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()

    def add(self, name: str, text: str) -> None:
        """Keep a text; of several under one id the last."""
        content = text.encode("utf-8", "surrogatepass")
        self._stream.seek(self._end)
        self._stream.write(content)
        self._places[name] = len(self._starts)
        self._starts.append(self._end)
        self._end += len(content)
        self._ends.append(self._end)

    def __getitem__(self, name: str) -> str:
        start, end = self._starts[self._places[name]], self._ends[self._places[name]]
        self._stream.seek(start)
        return self._stream.read(end - start).decode("utf-8", "surrogatepass")

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    def __contains__(self, name: object) -> bool:
        return name in self._places


@dataclass
class Release:
    """A release folder, read as far as it can be; ``tag`` is under which it was asked for on the Hub."""

    folder: Path
    told: Mapping[str, Any]
    texts: KeptTexts
    schema: EventSchema | None = None
    tag: str | None = None

    @property
    def tables(self) -> list[tuple[str, str]]:
        """Every config and split that the manifest counts; `gold` first, since its texts are what others point at."""
        configs = sorted(self.told.get("configs", {}).items(), key=lambda item: item[0] != "gold")
        return [(config, split) for config, parts in configs for split in parts]

    def read(self, config: str, split: str) -> Iterator[Row]:
        """Read the rows of a table, some at a time. Raises CurateError where it can't be read."""
        import pyarrow as pa

        path = self.folder / data_path(config, split)
        try:
            with open_table(path) as table:
                for batch in batches(table):
                    yield from batch.to_pylist()
        except (OSError, pa.ArrowException) as error:
            raise CurateError(f"{data_path(config, split)} can't be read: {error}") from error

    @cached_property
    def seen(self) -> Seen:
        """What one pass over all rows shows."""
        return look_through(self)


@dataclass
class Seen:
    """What reading every row once has shown: counts, hashes, places and findings.

    ``articles`` holds for each id one hash of those of text and article, ``article_of`` the article of each annotation.
    Of equal ids one text is kept: a large release has several of each.
    """

    counts: dict[str, dict[str, Any]] = field(default_factory=dict)
    digests: dict[str, dict[str, bytes]] = field(default_factory=lambda: defaultdict(dict))
    splits: dict[str, dict[str, tuple[str, ...]]] = field(default_factory=lambda: defaultdict(dict))
    groups: dict[str, str] = field(default_factory=dict)
    articles: dict[str, bytes] = field(default_factory=dict)
    licences: Counter[str] = field(default_factory=Counter)
    article_of: dict[str, str] = field(default_factory=dict)
    annotators: Counter[str] = field(default_factory=Counter)
    readings: Counter[str] = field(default_factory=Counter)
    findings: list[tuple[str, Finding]] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    disorder: list[str] = field(default_factory=list)


def look_through(release: Release) -> Seen:
    """Read every row once and note what the checks need of it."""
    from curate.hub.counts import Counts

    seen, check = Seen(), _checker(release)
    for config, split in release.tables:
        counted, last = Counts(), ("", "")
        try:
            for row in release.read(config, split):
                _note(release, seen, config, split, row)
                counted.add(row)
                place = (row.get("article_id", ""), row["id"])
                if place <= last:
                    seen.disorder.append(f"{data_path(config, split)}: {row['id']} comes after {last[1]}")
                last = place
                seen.findings += [(row["id"], found) for found in check(config, row)]
        except (CurateError, KeyError, TypeError, msgspec.ValidationError) as error:
            told = error.message if isinstance(error, CurateError) else f"{data_path(config, split)}: no {error}"
            seen.unread.append(told)
        seen.counts.setdefault(config, {})[split] = counted.told()
    return seen


def _note(release: Release, seen: Seen, config: str, split: str, row: Row) -> None:
    name = sys.intern(row["id"])
    seen.digests[config][name] = bytes.fromhex(digest(row))
    seen.splits[config][name] = _same((*seen.splits[config].get(name, ()), split))
    if config == "gold":
        release.texts.add(name, row["text"])
        article = digest({key: row[key] for key in ARTICLE})
        seen.articles[name] = bytes.fromhex(digest([row["text_sha256"], article]))
        seen.groups[name] = sys.intern(row["provenance"]["split_group"])
        seen.licences[row["licence"] or "not given"] += 1
        seen.annotators.update(row["provenance"]["annotators"])
    else:
        seen.article_of[name] = sys.intern(row["article_id"])
        seen.readings[row["annotator"]] += 1


@cache
def _same(splits: tuple[str, ...]) -> tuple[str, ...]:
    """Give the one object for equal values: nearly all rows are in one split."""
    return splits


def _checker(release: Release) -> Callable[[str, Row], list[Finding]]:
    """Make what checks a row against the schema; without a schema nothing can be said."""
    from curate.hub.features import released_annotation_schema
    from curate.schema.compiling import record_schema
    from curate.shapes import compile_validator, shape_findings
    from curate.validation import check_record

    schema = release.schema
    if schema is None:
        return lambda config, row: []
    records = compile_validator(record_schema(schema))
    annotations = compile_validator(released_annotation_schema(schema))

    def check(config: str, row: Row) -> list[Finding]:
        if config == "gold":
            found = check_record(row, schema, records)
        else:
            text = release.texts.get(row["article_id"])
            found = shape_findings(row, annotations)
            found = found or ([] if text is None else _wrong_in(row, text, schema))
        return [one for one in found if one.level == "error"]

    return check


def _wrong_in(row: Row, text: str, schema: EventSchema) -> list[Finding]:
    """List what is wrong with a released annotation, of which only the reading is told in full."""
    from curate.meaning import meaning_findings
    from curate.validation import hash_findings

    reading = msgspec.convert({name: row[name] for name in Reading.__struct_fields__ if name in row}, Reading)
    return hash_findings(text, row["text_sha256"]) + meaning_findings(reading, text, schema)
