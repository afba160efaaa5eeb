"""Records and annotations to Parquet, some at a time: the same ones give the same bytes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import msgspec

from curate.errors import CurateError
from curate.records import canonical_json

if TYPE_CHECKING:
    from datasets import Features

ROW_GROUP = 1000
"""Rows per row group: small enough for the Hub's viewer to show a page without reading the whole file."""

BATCH = 100
"""So many rows are in memory at once as Python knows them."""

BLOCK = 1_000_000
"""As soon as lines have so many bytes, Arrow makes a table of them."""

UNSEARCHED = ("text", "meta")
"""Columns whose smallest and largest value help nobody to find a row; like those of nested ones they would only make
the file larger."""


def data_path(config: str, split: str) -> str:
    """Name the file of a split in a release."""
    return f"data/{config}/{split}-00000-of-00001.parquet"


def options(schema: Any) -> dict[str, Any]:
    """Say how a table with the columns of an Arrow schema is written."""
    import pyarrow as pa

    plain = [field.name for field in schema if not pa.types.is_nested(field.type)]
    return {
        "version": "2.6",
        "data_page_version": "1.0",
        "compression": "zstd",
        "compression_level": 9,
        "use_dictionary": True,
        "write_page_index": True,
        "write_statistics": [name for name in plain if name not in UNSEARCHED],
    }


@dataclass(frozen=True)
class Table:
    """A Parquet file that was written: how many rows, and their size in memory and on disk in bytes."""

    rows: int
    memory: int
    size: int


def open_table(path: Path) -> Any:
    """Open a table to be read some rows at a time (``batches``): without reading ahead, which takes memory."""
    import pyarrow.parquet as pq

    return pq.ParquetFile(path, pre_buffer=False)  # type: ignore[no-untyped-call]


def batches(table: Any) -> Iterator[Any]:
    """Give the rows of an open table, ``BATCH`` of them at a time."""
    yield from table.iter_batches(BATCH, use_threads=False)


def table_of(lines: Sequence[bytes], schema: Any) -> Any:
    """Make a table with the columns of an Arrow schema of rows as JSON; what a row doesn't name, it has as null.

    Raises pyarrow's ArrowInvalid for a value of another kind than its column, and for a key that has none.
    """
    import pyarrow as pa
    from pyarrow.json import ParseOptions, ReadOptions, read_json  # type: ignore[attr-defined]

    content = b"\n".join(lines)
    return read_json(
        pa.BufferReader(content),
        read_options=ReadOptions(use_threads=False, block_size=len(content) + 1),
        parse_options=ParseOptions(explicit_schema=schema, unexpected_field_behavior="error"),
    )


def misfits(lines: Sequence[bytes], schema: Any) -> Iterator[str]:
    """Name each row and column whose value is refused: Arrow counts rows by block, and may not name the column."""
    import pyarrow as pa

    for line in lines:
        row = msgspec.json.decode(line)
        for name, value in row.items():
            column = pa.schema([field for field in schema if field.name == name])
            try:
                table_of([canonical_json({name: value})], column)
            except pa.ArrowInvalid as error:
                said = str(error).removeprefix("JSON parse error: ").removesuffix(" in row 0")
                yield f"row {row.get('id')}, {name}: {said}"


class TableWriter:
    """Writes rows as a Parquet file with the columns of ``features``, in that order, a row group at a time.

    ``add`` and the end of the ``with`` block raise CurateError if a value doesn't fit its column, or has none.
    """

    def __init__(self, path: Path, features: Features) -> None:
        self._path, self._schema = path, features.arrow_schema
        self._lines: list[bytes] = []
        self._group: list[Any] = []
        self._rows = self._waiting = self._memory = 0

    def __enter__(self) -> Self:
        import pyarrow.parquet as pq

        self._path.parent.mkdir(parents=True, exist_ok=True)
        how = options(self._schema)
        self._writer: Any = pq.ParquetWriter(self._path, self._schema, **how)  # type: ignore[no-untyped-call]
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None:
                self._write()
        finally:
            self._writer.close()

    def add(self, line: bytes) -> None:
        """Take in the canonical JSON of a row, as ``curate.hub.features`` makes it of a record or annotation."""
        self._lines.append(line)
        self._waiting += len(line)
        self._rows += 1
        if self._rows % ROW_GROUP == 0:
            self._write()
        elif self._waiting >= BLOCK:
            self._take_in()

    def _take_in(self) -> None:
        import pyarrow as pa

        try:
            self._group.append(table_of(self._lines, self._schema))
        except pa.ArrowInvalid as error:
            where = next(misfits(self._lines, self._schema), str(error))
            fix = "Run `curate check`: it names the value and its place."
            raise CurateError(f"A value doesn't fit its column: {where}", fix) from error
        self._lines, self._waiting = [], 0

    def _write(self) -> None:
        import pyarrow as pa

        if self._lines:
            self._take_in()
        if self._group:
            group = pa.concat_tables(self._group).combine_chunks()
            self._writer.write_table(group, row_group_size=ROW_GROUP)
            self._memory += group.nbytes
        self._group = []

    def table(self) -> Table:
        """Describe what was written, after the end of the ``with`` block."""
        return Table(self._rows, self._memory, self._path.stat().st_size)
