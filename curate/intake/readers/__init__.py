"""The formats articles come in: a reader each, in a file of its own, and its row in this table."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from curate.intake.files import Source
from curate.intake.readers import delimited, markdown, objects, parquet, plain, web
from curate.intake.rows import Found

Reader = Callable[[Source], Iterator[Found]]

READERS: Mapping[str, Reader] = {
    ".csv": delimited.read,
    ".htm": web.read,
    ".html": web.read,
    ".json": objects.read_document,
    ".jsonl": objects.read_lines,
    ".markdown": markdown.read,
    ".md": markdown.read,
    ".ndjson": objects.read_lines,
    ".parquet": parquet.read,
    ".tsv": delimited.read,
    ".txt": plain.read,
}
"""By the ending of a file, in lower case."""
