"""Rows as articles: which column is which field, and what an article has to be (pure)."""

from __future__ import annotations

import hashlib
import math
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from curate.intake.rows import Refusal, Row, UnreadableError
from curate.records import Article, canonical_json
from curate.text import CanonicalText, Change, canonical_text, text_sha256

LONGEST_ID = 200
LONGEST_TEXT = 1_000_000
FIELDS = ("id", "text", "title", "url", "publisher", "published_at", "language", "licence")
# Names under which files bring the fields, compared without case and signs; the first that is there counts.
ALIASES: Mapping[str, tuple[str, ...]] = {
    "id": ("id", "articleid", "docid", "documentid", "docno", "uuid", "guid"),
    "text": ("text", "body", "content", "articletext", "articlebody", "fulltext", "maintext", "article", "document"),
    "title": ("title", "headline"),
    "url": ("url", "link", "sourceurl", "permalink", "canonicalurl"),
    "publisher": ("publisher", "source", "outlet", "publication", "newspaper", "sitename", "site"),
    "published_at": (
        *("publishedat", "published", "date", "publishdate", "publicationdate", "datepublished"),
        *("publisheddate", "pubdate", "datetime", "timestamp"),
    ),
    "language": ("language", "lang", "languagecode"),
    "licence": ("licence", "license"),
}


@dataclass(frozen=True)
class Columns:
    """Which column each field is read from, those left for meta, and texts that are as likely as the one found."""

    fields: Mapping[str, str]
    others: tuple[str, ...]
    rivals: tuple[str, ...] = ()

    @property
    def renamed(self) -> dict[str, str]:
        """Give the fields that are read from a column of another name."""
        return {name: column for name, column in self.fields.items() if name != column}


@dataclass(frozen=True)
class Mapped:
    """An article, where it was read, and what was done to make it one."""

    where: str
    article: Article
    changes: tuple[Change, ...]
    columns: Columns
    notes: tuple[str, ...] = field(default=())


def find_columns(names: tuple[str, ...], wanted: Mapping[str, str]) -> Columns:
    """Find the fields among the columns of a row: as ``wanted`` (field to column), by name, by alias."""
    plain: dict[str, list[str]] = {}
    for name in names:
        plain.setdefault(_plain_name(name), []).append(name)
    fields: dict[str, str] = {name: column for name, column in wanted.items() if column in names}
    rivals: tuple[str, ...] = ()
    for name in FIELDS:
        if name in wanted:
            continue
        exact = [name] if name in names else []
        found = exact or [column for alias in ALIASES[name] for column in plain.get(alias, ())]
        found = [column for column in found if column not in wanted.values()]
        if found:
            fields[name] = found[0]
            rivals = tuple(found) if name == "text" and len(found) > 1 else rivals
    taken = set(fields.values())
    return Columns(fields, tuple(sorted(name for name in names if name not in taken)), rivals)


def make_article(row: Row, wanted: Mapping[str, str], *, meta: bool = True) -> Mapped | Refusal:
    """Make an article of a row, or say why it can't be one.

    The id is the row's, else the name of its file, else made from the url, else from the text. With ``meta``
    false only the known fields are kept.
    """
    columns = find_columns(tuple(row.values), wanted)
    try:
        values = _field_values(row, columns)
        made = _text(values.get("text") or "")
        digest = text_sha256(made.text)
        about = {name: _tidy(values.get(name)) for name in FIELDS[2:]}
        identifier = _checked_id((values.get("id") or "").strip() or row.name or _made_id(about["url"], digest))
        kept, unfit = _meta(row, columns) if meta else (None, [])
    except UnreadableError as error:
        return Refusal(row.where, error.why, error.fix)
    article = Article(id=identifier, text=made.text, text_sha256=digest, **about, meta=kept)
    return Mapped(row.where, article, made.changes, columns, _notes(made.text, unfit))


def _field_values(row: Row, columns: Columns) -> dict[str, str | None]:
    """Give the fields as text. Raises UnreadableError where the text is in doubt or missing, or a field is no text."""
    if columns.rivals:
        why = f"several columns may be the text: {', '.join(columns.rivals)}"
        raise UnreadableError(why, f"Say which: --map text={columns.rivals[0]}")
    if "text" not in columns.fields:
        there = ", ".join(sorted(row.values)) or "nothing"
        raise UnreadableError(f"no text; there is: {there[:200]}", "Say which column it is: --map text=COLUMN")
    values: dict[str, str | None] = {}
    for name, column in columns.fields.items():
        value = _value(row.values[column])
        if name == "id" and isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if not isinstance(value, str | None):
            raise UnreadableError(f"the {name} is no text", f"Put {name} in quotes, or map another column to it.")
        values[name] = value
    return values


def _text(raw: str) -> CanonicalText:
    """Make the canonical text. Raises UnreadableError where there is none, too much of it, or half a character."""
    made = _canonical(raw) if len(raw) <= 2 * LONGEST_TEXT else CanonicalText(raw, ())
    if not made.text.strip():
        raise UnreadableError("the text is empty", "Give it a text, or leave it out.")
    if len(made.text) > LONGEST_TEXT:
        why = f"{len(made.text):,} characters are more than can be annotated on one page (up to {LONGEST_TEXT:,})"
        raise UnreadableError(why, "Split it into articles.")
    return made


def _canonical(raw: str) -> CanonicalText:
    try:
        return canonical_text(raw)
    except ValueError as error:
        raise UnreadableError(f"half a character ({error})", "Mend it there.") from error


def _tidy(value: str | None) -> str | None:
    """Give a title, name or date canonical and in one line; None where it is empty."""
    return " ".join(_canonical(value).text.split()) or None if value else None


def _checked_id(identifier: str) -> str:
    identifier = unicodedata.normalize("NFC", identifier)
    if not identifier.isprintable() or len(identifier) > LONGEST_ID:
        why = f"the id {identifier[:40]!r} is too long or unprintable"
        raise UnreadableError(why, f"Up to {LONGEST_ID} characters.")
    return identifier


def _made_id(url: str | None, digest: str) -> str:
    """Make an id that is the same whenever the same article comes again, wherever it stands in a file."""
    return f"url-{hashlib.sha256(url.encode()).hexdigest()[:16]}" if url else f"text-{digest[:16]}"


def _meta(row: Row, columns: Columns) -> tuple[str | None, list[str]]:
    """Give the other columns as canonical JSON, and the names of those that JSON can't tell."""
    try:
        extra = {name: _value(row.values[name]) for name in columns.others}
        unfit = sorted(name for name, value in extra.items() if value is _UNFIT)
        extra = {name: value for name, value in extra.items() if value is not None and value is not _UNFIT}
        return canonical_json(extra).decode() if extra else None, unfit
    except (UnicodeEncodeError, RecursionError) as error:
        why = "half a character" if isinstance(error, UnicodeEncodeError) else "something nested too deeply"
        fix = "Mend the row, or leave its columns out: --no-meta"
        raise UnreadableError(f"{why} in a column beside the text", fix) from error


class _Unfit:
    """What can't be told in JSON, such as bytes."""


_UNFIT = _Unfit()


def _value(value: Any) -> Any:
    """Give a cell as JSON has it: dates in ISO form, NaN (which is how tables say that there is nothing) as None.

    What holds anything that JSON can't tell is unfit as a whole, so that no part of it goes in silence.
    """
    if isinstance(value, str | bool | int | None):
        return value
    if isinstance(value, float):
        return None if math.isnan(value) else _UNFIT if math.isinf(value) else value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Mapping):
        made = {str(key): _value(item) for key, item in value.items()}
        return _UNFIT if _UNFIT in made.values() else made
    if isinstance(value, list | tuple):
        listed = [_value(item) for item in value]
        return _UNFIT if _UNFIT in listed else listed
    return _UNFIT


def _notes(text: str, unfit: list[str]) -> tuple[str, ...]:
    damaged = text.count("\ufffd")
    return (
        *([f"{damaged} U+FFFD: characters that were lost before this file was made"] if damaged else []),
        *([f"not kept, as JSON has no such values: {', '.join(unfit)}"] if unfit else []),
    )


def _plain_name(name: str) -> str:
    return re.sub(r"[\W_]", "", name).casefold()
