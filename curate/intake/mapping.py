"""Rows as articles: which column is which field, and what an article has to be (pure)."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from curate.intake.rows import Refusal, Row
from curate.records import Article, canonical_json
from curate.text import Change, canonical_text, text_sha256

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
    if columns.rivals:
        which = ", ".join(columns.rivals)
        return Refusal(
            row.where, f"several columns may be the text: {which}", f"Say which: --map text={columns.rivals[0]}"
        )
    values = {name: _value(row.values[column]) for name, column in columns.fields.items()}
    if "text" not in columns.fields:
        there = ", ".join(sorted(row.values)) or "nothing"
        return Refusal(row.where, f"no text; there is: {there[:200]}", "Say which column it is: --map text=COLUMN")
    if isinstance(values.get("id"), int):
        values["id"] = str(values["id"])
    wrong = next((name for name in FIELDS if not isinstance(values.get(name), str | None)), None)
    if wrong:
        return Refusal(row.where, f"the {wrong} is no text", f"Put {wrong} in quotes, or map another column to it.")
    raw = values.get("text") or ""
    if len(raw) > 2 * LONGEST_TEXT:
        return _too_long(row, raw)
    try:
        made = canonical_text(raw)
    except ValueError as error:
        return Refusal(row.where, f"half a character in the text ({error})", "Mend the text.")
    if not made.text.strip():
        return Refusal(row.where, "the text is empty", "Give it a text, or leave it out.")
    if len(made.text) > LONGEST_TEXT:
        return _too_long(row, made.text)
    digest = text_sha256(made.text)
    identifier = unicodedata.normalize("NFC", (values.get("id") or "").strip() or row.name or _made_id(values, digest))
    if not identifier.isprintable() or len(identifier) > LONGEST_ID:
        return Refusal(
            row.where, f"the id {identifier[:40]!r} is too long or unprintable", f"Up to {LONGEST_ID} characters."
        )
    about = {name: _tidy(values.get(name)) for name in FIELDS[2:]}
    try:
        extra = {name: _value(row.values[name]) for name in columns.others} if meta else {}
        unfit = sorted(name for name, value in extra.items() if value is _UNFIT)
        extra = {name: value for name, value in extra.items() if value is not None and value is not _UNFIT}
        kept = canonical_json(extra).decode() if extra else None
        canonical_json([identifier, about])
    except (UnicodeEncodeError, OverflowError, RecursionError, ValueError, TypeError) as error:
        half = isinstance(error, UnicodeEncodeError)
        why = "half a character" if half else "something nested too deeply to be kept"
        return Refusal(
            row.where, f"{why} in a column beside the text", "Mend the row, or leave its columns out: --no-meta"
        )
    article = Article(id=identifier, text=made.text, text_sha256=digest, **about, meta=kept)
    return Mapped(row.where, article, made.changes, columns, _notes(made.text, unfit))


def _too_long(row: Row, text: str) -> Refusal:
    why = f"{len(text):,} characters are more than can be annotated on one page (up to {LONGEST_TEXT:,})"
    return Refusal(row.where, why, "Split it into articles.")


class _Unfit:
    """What can't be told in JSON, such as bytes."""


_UNFIT = _Unfit()


def _value(value: Any) -> Any:
    """Give a cell as JSON has it: dates in ISO form, NaN (which is how tables say that there is nothing) as None."""
    if isinstance(value, str | bool | int | None):
        return value
    if isinstance(value, float):
        return value if value == value else None
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): inner for key, item in value.items() if (inner := _value(item)) is not _UNFIT}
    if isinstance(value, list | tuple):
        return [inner for item in value if (inner := _value(item)) is not _UNFIT]
    return _UNFIT


def _tidy(value: str | None) -> str | None:
    """Give a title, name or date in one line and form NFC; None where it is empty."""
    return unicodedata.normalize("NFC", " ".join(value.split())) or None if value else None


def _made_id(values: Mapping[str, Any], digest: str) -> str:
    """Make an id that is the same whenever the same article comes again, wherever it stands in a file."""
    url = _tidy(values.get("url"))
    return f"url-{hashlib.sha256(url.encode()).hexdigest()[:16]}" if url else f"text-{digest[:16]}"


def _notes(text: str, unfit: list[str]) -> tuple[str, ...]:
    damaged = text.count("\ufffd")
    return (
        *([f"{damaged} U+FFFD: characters that were lost before this file was made"] if damaged else []),
        *([f"not kept, as JSON has no such values: {', '.join(unfit)}"] if unfit else []),
    )


def _plain_name(name: str) -> str:
    return re.sub(r"[\W_]", "", name).casefold()
