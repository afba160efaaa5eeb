"""Records and annotations to Parquet, some at a time: the same ones give the same bytes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from curate.errors import CurateError

if TYPE_CHECKING:
    from datasets import Features

ROW_GROUP = 1000
"""Rows per row group: small enough for the Hub's viewer to show a page without reading the whole file."""

BATCH = 100
"""So many rows are in memory at once as Python knows them."""

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


class TableWriter:
    """Writes rows as a Parquet file with the columns of ``features``, in that order, a row group at a time.

    ``add`` and the end of the ``with`` block raise CurateError if a value doesn't fit its column.
    """

    def __init__(self, path: Path, features: Features) -> None:
        self._path, self._schema = path, features.arrow_schema
        self._waiting: list[Mapping[str, Any]] = []
        self._group: list[Any] = []
        self._rows = self._memory = 0

    def __enter__(self) -> Self:
        import pyarrow.parquet as pq

        self._path.parent.mkdir(parents=True, exist_ok=True)
        how = options(self._schema)
        self._writer: Any = pq.ParquetWriter(self._path, self._schema, **how)  # type: ignore[no-untyped-call]
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None:
                self._take_in()
                self._write()
        finally:
            self._writer.close()

    def add(self, row: Mapping[str, Any]) -> None:
        """Take in a row, as ``curate.hub.features`` makes it of a record or annotation."""
        self._waiting.append(row)
        if len(self._waiting) == BATCH:
            self._take_in()
            if len(self._group) * BATCH == ROW_GROUP:
                self._write()

    def _take_in(self) -> None:
        import pyarrow as pa

        from curate.hub.columns import table_of

        try:
            self._group.append(table_of(self._waiting, self._schema))
        except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError) as error:
            fix = "Run `curate check`: it names the value and its place."
            raise CurateError(f"A value doesn't fit its column: {error}", fix) from error
        self._waiting = []

    def _write(self) -> None:
        import pyarrow as pa

        group = pa.concat_tables(self._group).combine_chunks()
        if group.num_rows:
            self._writer.write_table(group, row_group_size=ROW_GROUP)
        self._rows += group.num_rows
        self._memory += group.nbytes
        self._group = []

    def table(self) -> Table:
        """Describe what was written, after the end of the ``with`` block."""
        return Table(self._rows, self._memory, self._path.stat().st_size)
