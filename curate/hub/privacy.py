"""What must not leave the machine: every file of a release searched for people, servers and secrets.

Two searches. What is known of this project (accounts, names, keys, addresses, folders) may stand nowhere at all.
What merely looks like it (somebody's e-mail address, a token, an address inside a network) may stand nowhere but in
the words of an article and in what the lead wrote for the card.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from curate.hub.identities import EMAIL, LOOKS_LIKE, SEAM, Identity, Leak, Search, masked
from curate.hub.parquet import batches, open_table

CHUNK = 1 << 20
BLOCK = 1 << 16
"""About so many characters are looked through at once: most hold nothing, and one long look is a quick one."""
BETWEEN = "\0"
"""Stands between values that are looked through together: part of no word, no space, and of nothing that is escaped."""

ARTICLE_COLUMNS = ("text", "title", "url", "publisher")
"""The columns, at whatever depth, that hold words of the article."""

WRITTEN_BY_THE_LEAD = ("README.md", "CITATION.cff", "LICENSE", "croissant.json", "schema.yaml", "manifest.json")


def leaks(
    folder: Path, known: Sequence[Identity], allowed: Iterable[str] = (), beside: Collection[str] = ()
) -> list[Leak]:
    """Search every file of a release, its name included, but for what is ``beside`` it at the top.

    ``allowed`` texts are meant to be public. Upper and lower case are one, and so are the ways of writing a letter
    in Unicode, a URL, JSON and HTML; characters that nobody sees don't count.
    """
    search = Search(known, allowed)
    found: list[Leak] = []
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.relative_to(folder).parts[0] in beside:
            continue
        found += search.all_in(name, name, "the file's name")
        if path.is_file():
            found += _parquet(path, name, search) if path.suffix == ".parquet" else _text(path, name, search)
    return list(dict.fromkeys(found))


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


def _text(path: Path, name: str, search: Search) -> Iterator[Leak]:
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
    lines: Iterable[str], ended: int, before: str, name: str, search: Search, but: Collection[str]
) -> Iterator[Leak]:
    """Search line by line, and over the ends of lines; ``ended`` are those up to the one ``before``."""
    for number, line in enumerate(lines, ended + 1):
        yield from search.all_in(line, name, f"line {number}", but)
        yield from search.across(before, line, name, f"line {number}")
        before = line


def _parquet(path: Path, name: str, search: Search) -> Iterator[Leak]:
    """Search a table: what is said about it, the names of its columns, every text in it, and its very bytes."""
    found = list(_table(path, name, search))
    yield from found or _bytes(path, name, search)


def _bytes(path: Path, name: str, search: Search) -> Iterator[Leak]:
    """Search what no reader of the table shows: between and behind its parts, statistics, values of no row."""
    before = b""
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            joined = (before + chunk).lower()
            for match in search.raw.finditer(joined) if search.first.search(joined) else ():
                text = match[0].decode()
                yield Leak(name, "the file's bytes", search.what[text], masked(text))
            before = chunk[-SEAM:]


def _table(path: Path, name: str, search: Search) -> Iterator[Leak]:
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


def _array(array: Any, path: str, column: str, search: Search) -> Iterator[Leak]:
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
