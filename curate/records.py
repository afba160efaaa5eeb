"""The data types of the project and their one canonical JSON form.

Spans are code-point offsets into ``Article.text``, end exclusive. Fields with a default are left out of the JSON
form while they hold it; all others are always written, ``null`` included. None ever holds itself, so that the garbage
collector, to which a reading would be some hundred objects, need not look at them.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import Any, TypeAlias

import msgspec

Value: TypeAlias = str | int | list[str] | None
"""What an attribute can hold: one value, several (``choices``), or nothing."""


class Article(msgspec.Struct, frozen=True, gc=False, kw_only=True, forbid_unknown_fields=True):
    """One document. ``meta`` is canonical JSON text, so that its keys never shape a table."""

    id: str
    text: str
    text_sha256: str
    title: str | None = None
    url: str | None = None
    publisher: str | None = None
    published_at: str | None = None
    language: str | None = None
    licence: str | None = None
    meta: str | None = None


class Span(msgspec.Struct, frozen=True, gc=False, kw_only=True, forbid_unknown_fields=True):
    """A piece of the text: ``text == article.text[start:end]``."""

    start: int
    end: int
    text: str


class Argument(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """A span, or another event, in a role; the keys of the other kind of filler are null.

    ``origin`` and ``attached_by`` are kept in annotations only.
    """

    id: str
    role: str
    start: int | None
    end: int | None
    text: str | None
    event_id: str | None
    attributes: dict[str, Value] = {}
    origin: str | None = None
    attached_by: str | None = None


class Event(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """One mention of something that happens. ``origin`` is kept in annotations only.

    In a record ``attributes`` holds the mention-level ones; in an annotation also what was set here of the
    event-level ones, null where nothing was set.
    """

    id: str
    type: str
    trigger: Span
    arguments: list[Argument]
    attributes: dict[str, Value] = {}
    origin: str | None = None


class Cluster(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """The mentions that are one and the same happening, with its event-level attributes."""

    id: str
    events: list[str]
    attributes: dict[str, Value] = {}


class Link(msgspec.Struct, frozen=True, gc=False, kw_only=True, forbid_unknown_fields=True):
    """A typed connection from one event to another."""

    type: str
    source: str
    target: str


class Item(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """The unit of the books: one region, relation or attribute value, and the statements it makes.

    ``id`` is unique in its annotation; ``states`` names what it stands for (see ``statements``), and grows while a
    result is read.
    """

    id: str
    kind: str
    states: list[str]


class Note(msgspec.Struct, frozen=True, gc=False, kw_only=True, forbid_unknown_fields=True):
    """Free words an annotator left, on a region (``about`` is its statement) or on the article (null)."""

    about: str | None
    text: str


class Reading(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """What one reading says of an article, whoever made it."""

    events: list[Event]
    clusters: list[Cluster]
    links: list[Link]
    attributes: dict[str, Value] = {}


class Annotation(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """One annotator's accepted reading of one article version.

    ``annotator`` is a pseudonym; times are as the server gave them; ``items`` are the pieces it was read from.
    ``suggestions`` is the ``model_version`` of the prediction that it was begun from, null if it was begun from
    nothing; ``removed`` are the ids of the suggested events and arguments that were deleted.
    """

    id: str
    task_id: int
    article_id: str
    text_sha256: str
    annotator: str
    schema: str | None
    created_at: str
    updated_at: str
    lead_time: float | None
    events: list[Event]
    clusters: list[Cluster]
    links: list[Link]
    items: list[Item]
    notes: list[Note]
    attributes: dict[str, Value] = {}
    suggestions: str | None = None
    removed: list[str] = []


class Finding(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """One thing wrong, doubtful or repaired: a stable code, a place, a message with what to do."""

    code: str
    level: str
    place: str
    message: str
    article_id: str | None = None
    annotation_id: str | None = None
    annotator: str | None = None
    link: str | None = None


class Provenance(msgspec.Struct, frozen=True, gc=False, kw_only=True, forbid_unknown_fields=True):
    """Where a record comes from."""

    schema: str
    schema_digest: str
    annotators: list[str]
    adjudicated: bool
    suggestions: str
    split_group: str


class Record(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """One row of a release: an article with its adjudicated reading."""

    id: str
    text: str
    text_sha256: str
    title: str | None
    url: str | None
    publisher: str | None
    published_at: str | None
    language: str | None
    licence: str | None
    meta: str | None
    events: list[Event]
    clusters: list[Cluster]
    links: list[Link]
    provenance: Provenance
    attributes: dict[str, Value] = {}


class Assignment(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """Somebody is to read an article; ``again`` when they have read it and are to read it once more."""

    article_id: str
    annotator: str
    again: bool = False


class Withdrawal(msgspec.Struct, frozen=True, gc=False, kw_only=True, forbid_unknown_fields=True):
    """An article that no release may hold any more; ``reason`` stays in the project and is never published."""

    id: str
    reason: str


class Candidate(msgspec.Struct, frozen=True, gc=False, kw_only=True, forbid_unknown_fields=True):
    """One of the answers a decision chose from, and who gave it; ``value`` is canonical JSON text."""

    value: str
    annotators: list[str]


class Decision(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """One adjudicated choice.

    ``chosen`` is the value that was chosen, null while it is open: a candidate's, or another that an adjudicator
    gave. ``rule`` is the policy, ``agreement``, ``adjudicator`` or ``open``; ``adjudicators`` are the pseudonyms of
    the people who chose, and ``code`` is the reason they gave (see ``REASON_CODES``).
    """

    article_id: str
    about: str
    candidates: list[Candidate]
    chosen: str | None
    rule: str
    reason: str
    adjudicators: list[str] = []
    code: str | None = None


REASON_CODES = {
    "ambiguous-text": "The text can be read both ways.",
    "guideline-gap": "The guidelines don't say.",
    "slip": "Somebody slipped.",
    "edge-case": "It lies at the edge of a definition.",
    "true-disagreement": "People see it differently for good reasons.",
}
"""Why readings differed, as an adjudicator sees it."""


class Adjudication(msgspec.Struct, frozen=True, gc=False, kw_only=True, forbid_unknown_fields=True):
    """What an adjudicator made of an article.

    ``shown`` are the statements of the readings that were before them; ``reasons`` are notes that hold codes of
    ``REASON_CODES``.
    """

    annotation: Annotation
    shown: list[str]
    reasons: list[Note]


def event_id(type_name: str, start: int, end: int) -> str:
    """Name an event by type and place: ``Attack@28-35``."""
    return f"{type_name}@{start}-{end}"


def argument_id(owner: str, role: str, filler: str) -> str:
    """Name an argument by its event, role and filler: a span ``39-58`` or another event's id."""
    return f"{owner}/{role}/{filler}"


@lru_cache(maxsize=1024)
def event_place(identifier: str) -> tuple[int, int, str]:
    """Give the sort key of an event id: start, end, type."""
    type_name, _, place = identifier.rpartition("@")
    start, _, end = place.partition("-")
    return int(start), int(end), type_name


def plain(value: Any) -> Any:
    """Turn any data type of this module into dicts, lists, strings and numbers."""
    return msgspec.to_builtins(value)


_CANONICAL = msgspec.json.Encoder(order="sorted")


def canonical_json(value: Any) -> bytes:
    """Encode as the project's one JSON form: keys sorted, no white space, UTF-8, non-ASCII as it is.

    The same bytes as ``json.dumps(plain, sort_keys=True, ensure_ascii=False, separators=(",", ":"))`` as long as
    no float needs an exponent.
    """
    return _CANONICAL.encode(value)


def json_lines(values: list[Any]) -> bytes:
    """Encode each value canonically on a line of its own."""
    return _CANONICAL.encode_lines(values)


def digest(value: Any) -> str:
    """Hash a value's canonical JSON: SHA-256, hexadecimal."""
    return hashlib.sha256(canonical_json(value)).hexdigest()
