"""The chain behind every row of a release: article, tasks, annotations, decisions, row, each by its hash."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

import msgspec

from curate.damage import decode
from curate.errors import CurateError
from curate.records import Annotation, Article, Decision, Record, digest, json_lines, plain

NAME = "provenance.jsonl"


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """An annotation behind a row: its id, the hash of its row in the release, the hash of what the server said.

    ``task`` is the SHA-256 of the server's answer that held the annotation, as it is kept under exports/raw;
    null where it isn't there.
    """

    id: str
    task: str | None
    row: str


class Decided(msgspec.Struct, frozen=True, kw_only=True):
    """How the readings became one: by which rule, in how many decisions, and their hash as JSON lines."""

    rule: str | None
    number: int
    sha256: str


class Chain(msgspec.Struct, frozen=True, kw_only=True):
    """Where a row comes from, in the order in which it came about; all hashes are SHA-256 of canonical JSON."""

    id: str
    split: str
    group: str
    text_sha256: str
    article: str
    annotations: list[Source]
    decisions: Decided
    row: str


def article_digest(record: Record) -> str:
    """Hash the article of a record, as it stands in articles.jsonl."""
    return digest(Article(**{name: getattr(record, name) for name in Article.__struct_fields__}))


def decided(decisions: Sequence[Decision]) -> Decided:
    """Sum up the decisions on an article."""
    rule = next((one.rule for one in decisions if one.about == "article"), None)
    content = json_lines(list(decisions))
    return Decided(rule=rule, number=len(decisions), sha256=hashlib.sha256(content).hexdigest())


def sources(annotations: Sequence[tuple[Annotation, str]], tasks: Mapping[tuple[int, str], bytes]) -> list[Source]:
    """Tell of annotations, each with the hash of its row; ``tasks`` hashes answers by task and article."""
    found = []
    for one, row in annotations:
        task = tasks.get((one.task_id, one.article_id))
        found.append(Source(id=one.id, task=task.hex() if task else None, row=row))
    return found


def read(folder: Path) -> Iterator[Chain]:
    """Read the chains of a release folder, in the order of its rows. Raises CurateError if they can't be read."""
    decoder = msgspec.json.Decoder(Chain)
    fix = "Delete that release's folder, then: curate release VERSION"
    try:
        with (folder / NAME).open("rb") as stream:
            for number, line in enumerate(stream, 1):
                yield decode(decoder.decode, line, partial("{}:{}".format, folder / NAME, number), fix)
    except OSError as error:
        raise CurateError(f"{folder / NAME} can't be read: {error.strerror}.", fix) from error


def line(chain: Chain) -> bytes:
    """Write a chain as its line, keys in the order in which things came about."""
    return msgspec.json.encode(plain(chain)) + b"\n"
