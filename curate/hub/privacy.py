"""What must not leave the machine: every file of a release searched for people, servers and secrets.

Two searches. What is known of this project (accounts, names, keys, addresses, folders) may stand nowhere at all.
What merely looks like it (somebody's e-mail address, a token, an address inside a network) may stand nowhere but in
the words of an article and in what the lead wrote for the card.
"""

from __future__ import annotations

import html
import json
import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus, unquote

from curate.hub.parquet import batches, open_table

CHUNK = 1 << 20
BLOCK = 1 << 16
"""About so many characters are looked through at once: most hold nothing, and one long look is a quick one."""
SEAM = 200
"""So many characters on either side of a line's end, or a chunk's, are looked at together."""
BETWEEN = "\0"
"""Stands between values that are looked through together: part of no word, no space, and of nothing that is escaped."""
SHORTEST = 5
"""Fewer characters are no identity: they stand in other words."""

ARTICLE_COLUMNS = ("text", "title", "url", "publisher")
"""The columns, at whatever depth, that hold words of the article."""

WRITTEN_BY_THE_LEAD = ("README.md", "CITATION.cff", "LICENSE", "croissant.json", "schema.yaml", "manifest.json")
EMAIL = "an e-mail address"
LOOKS_LIKE = {
    EMAIL: (r"@[\w-]+\.", r"[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.[^\W\d_]{2,}\b"),
    "a token of the Hub": (r"hf_", r"\bhf_[a-z0-9]{16,}"),
    "a web token": (r"\.eyj", r"\beyj[\w-]{8,}\.eyj[\w-]{8,}"),
    "an API token": (r"token", r"\btoken\s+[0-9a-f]{40}\b"),
    "an address inside a network": (
        r"http",
        r"\bhttps?://(?:localhost|[\w.-]+\.(?:local|internal|lan)"
        r"|127\.[\d.]+|10\.[\d.]+|192\.168\.[\d.]+|172\.(?:1[6-9]|2\d|3[01])\.[\d.]+|\[::1\])(?:[:/]|\b)",
    ),
    "a person's number on the server": (
        r"_(?:by|id|user)",
        r"""["']?\b(?:completed_by|updated_by|created_by|user_id|created_username)\b["']?\s*[:=]\s*["']?\w""",
    ),
}
"""What it is: what must be there for it, quickly found, and its pattern; both of text in small letters."""
CERTAIN = 8
"""Fewer bytes come about by chance in what is compressed."""

# What shows nothing where it stands: joiners, marks of direction, soft hyphens, variation selectors.
INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]"
)
JSON_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")
WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class Identity:
    """A text that would give somebody or something away, and what it is."""

    text: str
    what: str


@dataclass(frozen=True)
class Leak:
    """A place in a release where something stands that must not; ``shown`` gives enough of it to find it."""

    path: str
    place: str
    what: str
    shown: str


@dataclass(frozen=True)
class Person:
    """An account of the server by everything it is called; any of it may be empty."""

    email: str
    first_name: str = ""
    last_name: str = ""
    username: str = ""


def identities_of(people: Iterable[Person]) -> Iterator[Identity]:
    """Give all that names a person: address, full name in either order, and account names that are no plain word."""
    for person in people:
        local = person.email.partition("@")[0]
        names = (person.first_name.strip(), person.last_name.strip())
        if person.email:
            yield Identity(person.email, "the e-mail address of an account")
        for name in dict.fromkeys((local, person.username)):
            if re.search(r"[\d._+-]", name):
                yield Identity(name, "the name of an account")
        if all(names):
            for written in (" ".join(names), " ".join(reversed(names)), ", ".join(reversed(names))):
                yield Identity(written, "the name of a person")


def leaks(
    folder: Path, known: Sequence[Identity], allowed: Iterable[str] = (), beside: Collection[str] = ()
) -> list[Leak]:
    """Search every file of a release, its name included, but for what is ``beside`` it at the top.

    ``allowed`` texts are meant to be public. Upper and lower case are one, and so are the ways of writing a letter
    in Unicode, a URL, JSON and HTML; characters that nobody sees don't count.
    """
    search = _Search(known, allowed)
    found: list[Leak] = []
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.relative_to(folder).parts[0] in beside:
            continue
        found += search.all_in(name, name, "the file's name")
        if path.is_file():
            found += _parquet(path, name, search) if path.suffix == ".parquet" else _text(path, name, search)
    return list(dict.fromkeys(found))


class _Search:
    """The texts to be found, as patterns."""

    def __init__(self, known: Sequence[Identity], allowed: Iterable[str]) -> None:
        self.allowed = {_folded(text) for text in allowed}
        self.what: dict[str, str] = {}
        for identity in known:
            if len(identity.text) >= SHORTEST and _folded(identity.text) not in self.allowed:
                self.what.update({_spaced(_folded(way)): identity.what for way in _ways(identity.text)})
        longest = sorted(self.what, key=len, reverse=True)
        self.known = _any_of(longest)
        by_word: dict[str, list[str]] = defaultdict(list)
        for text in longest:
            by_word[max(WORD.findall(text), key=len, default="")].append(text)
        self.by_word = {word: _any_of(texts) for word, texts in by_word.items()}
        raw = b"|".join(re.escape(text.encode()) for text in longest if len(text.encode()) >= CERTAIN) or rb"[^\s\S]"
        self.first = re.compile(raw)
        self.raw = re.compile(rb"(?<![0-9a-z])(?:%b)(?![0-9a-z])" % raw)
        self.looks = {what: tuple(map(re.compile, patterns)) for what, patterns in LOOKS_LIKE.items()}

    def all_in(self, text: str, path: str, place: str, but: Collection[str] = ()) -> Iterator[Leak]:
        """Find what is known, and what looks like something that is not in ``but``."""
        for way in _readings(text):
            if any(word in way and pattern.search(way) for word, pattern in self.by_word.items()):
                for match in self.known.finditer(way):
                    yield Leak(path, place, self.what[_spaced(match[0])], _masked(match[0]))
            for what, (mark, pattern) in self.looks.items():
                if what not in but and mark.search(way):
                    for match in pattern.finditer(way):
                        if match[0] not in self.allowed:
                            yield Leak(path, place, what, _masked(match[0]))

    def across(self, before: str, after: str, path: str, place: str) -> Iterator[Leak]:
        """Find what begins on one line and ends on the next."""
        start, end = _folded(before)[-SEAM:].rstrip(), _folded(after)[:SEAM]
        for match in self.known.finditer(f"{start} {end}"):
            if match.start() < len(start) < match.end():
                yield Leak(path, place, self.what[_spaced(match[0])], _masked(match[0]))


def _any_of(texts: Sequence[str]) -> re.Pattern[str]:
    """Match any of some folded texts, but not inside a word: "ana.reed" is no part of "juliana.reeds"."""
    alternatives = "|".join(re.escape(text).replace(r"\ ", r"\s+") for text in texts) or r"[^\s\S]"
    return re.compile(rf"(?<![^\W_])(?:{alternatives})(?![^\W_])")


def _folded(text: str) -> str:
    """Make one of all the ways to write a letter, and leave out what nobody sees."""
    return (text if text.isascii() else unicodedata.normalize("NFKC", INVISIBLE.sub("", text))).casefold()


def _readings(text: str) -> Iterator[str]:
    """Give a text folded, and, where that is another, with the escapes of JSON, HTML and URLs undone."""
    yield _folded(text)
    plain = text
    if "\\" in plain:
        plain = JSON_ESCAPE.sub(lambda match: chr(int(match[1], 16)), plain).replace("\\/", "/")
    if "&" in plain:
        plain = html.unescape(plain)
    if "%" in plain:
        plain = unquote(plain)
    if plain != text:
        yield _folded(plain)


def _spaced(text: str) -> str:
    """Make one space of all that stands between two words."""
    return re.sub(r"\s+", " ", text)


def _ways(text: str) -> set[str]:
    """Give the ways in which a text may be written: as it is, in a URL, and as JSON escapes it."""
    return {text, quote(text), quote_plus(text), json.dumps(text)[1:-1]}


def _masked(text: str) -> str:
    return f"{text[:3]}…{text[-2:]}" if len(text) > 8 else f"{text[:2]}…"


def _blocks(texts: Iterable[str]) -> Iterator[list[str]]:
    """Gather texts that are looked through together."""
    gathered: list[str] = []
    size = 0
    for text in texts:
        gathered.append(text)
        size += len(text)
        if size >= BLOCK:
            yield gathered
            gathered, size = [], 0
    if gathered:
        yield gathered


def _text(path: Path, name: str, search: _Search) -> Iterator[Leak]:
    """Search a file of text, and tell the line of what is found, or the lines that it stretches over."""
    but = (EMAIL,) if name in WRITTEN_BY_THE_LEAD else ()
    ended, before = 0, ""
    with path.open(encoding="utf-8", errors="replace", newline="\n") as stream:
        for lines in _blocks(stream):
            place = f"lines {max(ended, 1)} to {ended + len(lines)}"
            if found := list(search.all_in("".join([before, *lines]), name, place, but)):
                yield from list(_lines(lines, ended, before, name, search, but)) or found
            ended, before = ended + len(lines), lines[-1]


def _lines(
    lines: Iterable[str], ended: int, before: str, name: str, search: _Search, but: Collection[str]
) -> Iterator[Leak]:
    """Search line by line, and over the ends of lines; ``ended`` are those up to the one ``before``."""
    for number, line in enumerate(lines, ended + 1):
        yield from search.all_in(line, name, f"line {number}", but)
        yield from search.across(before, line, name, f"line {number}")
        before = line


def _parquet(path: Path, name: str, search: _Search) -> Iterator[Leak]:
    """Search a table: what is said about it, the names of its columns, every text in it, and its very bytes."""
    found = list(_table(path, name, search))
    yield from found or _bytes(path, name, search)


def _bytes(path: Path, name: str, search: _Search) -> Iterator[Leak]:
    """Search what no reader of the table shows: between and behind its parts, statistics, values of no row."""
    before = b""
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            joined = (before + chunk).lower()
            for match in search.raw.finditer(joined) if search.first.search(joined) else ():
                text = match[0].decode()
                yield Leak(name, "the file's bytes", search.what[text], _masked(text))
            before = chunk[-SEAM:]


def _table(path: Path, name: str, search: _Search) -> Iterator[Leak]:
    with open_table(path) as file:
        schema = file.schema_arrow
        for told in (schema.metadata, file.metadata.metadata, *(field.metadata for field in _fields(schema))):
            for key, value in (told or {}).items():
                text = f"{key.decode('utf-8', 'replace')}={value.decode('utf-8', 'replace')}"
                yield from search.all_in(text, name, "the table's metadata")
        for number, field in enumerate(schema, 1):
            yield from search.all_in(f"{field.name}: {field.type}", name, f"the names in column {number}")
        for batch in batches(file):
            for column, array in zip(batch.schema.names, batch.columns, strict=True):
                yield from _array(array, name, column, search)


def _fields(parent: Any) -> Iterator[Any]:
    """Give every field of a schema or a type, however deep."""
    for number in range(len(parent) if hasattr(parent, "names") else parent.num_fields):
        field = parent.field(number)
        yield field
        yield from _fields(field.type)


def _array(array: Any, path: str, column: str, search: _Search) -> Iterator[Leak]:
    """Search every text of an Arrow array, however deep it stands."""
    import pyarrow as pa
    import pyarrow.types as types

    kind = array.type
    if isinstance(kind, pa.BaseExtensionType):
        yield from _array(array.storage, path, column, search)
    elif types.is_struct(kind):
        for field, inner in zip(kind, array.flatten(), strict=True):
            yield from _array(inner, path, f"{column}.{field.name}", search)
    elif types.is_map(kind):
        yield from _array(array.keys, path, f"{column}.key", search)
        yield from _array(array.items, path, f"{column}.value", search)
    elif types.is_dictionary(kind):
        yield from _array(array.dictionary, path, column, search)
    elif types.is_nested(kind) and hasattr(array, "flatten"):
        yield from _array(array.flatten(), path, column, search)
    elif _holds_text(kind):
        article = column.rpartition(".")[2] in ARTICLE_COLUMNS and "notes" not in column
        values = (value for value in array.unique().to_pylist() if value)
        texts = (value.decode("utf-8", "replace") if isinstance(value, bytes) else value for value in values)
        for block in _blocks(texts):
            yield from search.all_in(BETWEEN.join(block), path, f"column {column}", LOOKS_LIKE if article else ())


def _holds_text(kind: Any) -> bool:
    """Tell whether values of an Arrow type are texts, or bytes that may be one."""
    import pyarrow.types as types

    texts = (types.is_string, types.is_large_string, types.is_string_view)
    blobs = (types.is_binary, types.is_large_binary, types.is_binary_view, types.is_fixed_size_binary)
    return any(test(kind) for test in (*texts, *blobs))
