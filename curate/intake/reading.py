"""Text files and JSON lines as articles. A file is read whole or refused by name; the others go on."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from curate.records import Article, canonical_json
from curate.text import canonical_text, text_sha256

FIELDS = ("title", "url", "publisher", "published_at", "language", "licence")
LONGEST_ID = 200
FORMATS = (".txt", ".jsonl")


@dataclass(frozen=True)
class Refusal:
    """A file, or a line of one, that gives no article: where, why, and what to do."""

    where: str
    why: str
    fix: str


@dataclass
class Added:
    """What `add` did: the articles that are new, ids that were there with the same text, what was refused."""

    articles: list[Article] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)


def read_articles(paths: list[Path]) -> Iterator[Article | Refusal | str]:
    """Read files and folders in a fixed order; a string is a notice about the text that follows."""
    for path in paths:
        if path.is_dir():
            files = sorted(file for file in path.rglob("*") if file.suffix.lower() in FORMATS and file.is_file())
            if not files:
                yield Refusal(str(path), "no .txt or .jsonl file in this folder", "Name another folder.")
            for file in files:
                yield from _read_file(file, file.relative_to(path).with_suffix("").as_posix())
        elif not path.is_file():
            yield Refusal(str(path), "no such file", "Check the path.")
        else:
            yield from _read_file(path, path.stem)


def _read_file(path: Path, name: str) -> Iterator[Article | Refusal | str]:
    try:
        content = path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        yield Refusal(str(path), f"byte {error.start} is not UTF-8", "Save the file as UTF-8.")
        return
    except OSError as error:
        yield Refusal(str(path), f"can't be read ({error.strerror})", "Check its permissions.")
        return
    if path.suffix.lower() == ".txt":
        yield from _article({"id": name, "text": content}, str(path))
    elif path.suffix.lower() == ".jsonl":
        for number, line in enumerate(content.split("\n"), 1):
            if line.strip():
                yield from _read_line(line, f"{path}:{number}")
    else:
        yield Refusal(str(path), f"{path.suffix or 'a file without ending'} is not read", "Give .txt or .jsonl.")


def _read_line(line: str, where: str) -> Iterator[Article | Refusal | str]:
    try:
        found = json.loads(line)
        canonical_json(found)
    except UnicodeEncodeError as error:
        yield Refusal(where, f"half a character (U+{ord(error.object[error.start]):04X})", "Mend the line.")
        return
    except json.JSONDecodeError as error:
        yield Refusal(where, f"not JSON: {error.msg} at column {error.colno}", "Mend the line.")
        return
    if not isinstance(found, dict):
        yield Refusal(where, "not a JSON object", 'Write {"id": "...", "text": "..."} on each line.')
        return
    yield from _article(found, where)


def _article(found: Mapping[str, Any], where: str) -> Iterator[Article | Refusal | str]:
    identifier, raw = found.get("id"), found.get("text")
    if not isinstance(identifier, str) or not identifier.strip():
        yield Refusal(where, "the id is missing or no text", 'Give each article an "id".')
        return
    if not identifier.isprintable() or len(identifier) > LONGEST_ID:
        yield Refusal(
            where, f"the id {identifier[:40]!r} is too long or unprintable", f"Up to {LONGEST_ID} characters."
        )
        return
    if not isinstance(raw, str) or not raw.strip():
        yield Refusal(where, f"article {identifier}: the text is empty", 'Give it a "text", or leave it out.')
        return
    wrong = next((key for key in FIELDS if not isinstance(found.get(key), str | None)), None)
    if wrong:
        yield Refusal(where, f"article {identifier}: {wrong} is no text", f"Put {wrong} in quotes.")
        return
    try:
        text = canonical_text(raw)
    except ValueError as error:
        yield Refusal(where, f"article {identifier}: {error}", "Mend the text.")
        return
    if not text.text.strip():
        yield Refusal(where, f"article {identifier}: nothing is left of the text", "Leave it out.")
        return
    if text.changes:
        yield f"{where}: {', '.join(text.changes)}"
    extra = {key: value for key, value in found.items() if key not in ("id", "text", *FIELDS)}
    if extra:
        yield f"kept as meta, which is published too: {', '.join(sorted(extra))}"
    yield Article(
        id=identifier.strip(),
        text=text.text,
        text_sha256=text_sha256(text.text),
        **{key: found.get(key) for key in FIELDS},
        meta=canonical_json(extra).decode() if extra else None,
    )


def merge(known: Mapping[str, Article], paths: list[Path]) -> Added:
    """Read the paths and compare with the articles that are known.

    The same id with the same text is unchanged; with another text it is refused.
    """
    added = Added()
    by_id = dict(known)
    by_text = {article.text_sha256: article.id for article in known.values()}
    for found in read_articles(paths):
        if isinstance(found, str):
            if found not in added.notices:
                added.notices.append(found)
        elif isinstance(found, Refusal):
            added.refused.append(found)
        elif found.id not in by_id:
            twin = by_text.setdefault(found.text_sha256, found.id)
            if twin != found.id:
                added.notices.append(f"article {found.id}: the same text as {twin}")
            by_id[found.id] = found
            added.articles.append(found)
        elif by_id[found.id].text_sha256 == found.text_sha256:
            added.unchanged.append(found.id)
            if by_id[found.id] != found:
                added.notices.append(f"article {found.id}: only title, url or other data differ; kept as they were")
        else:
            added.refused.append(
                Refusal(
                    f"article {found.id}",
                    "the id is known with another text",
                    "Give the new text its own id.",
                )
            )
    return added
