"""Rows to Parquet: the same rows give the same bytes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from curate.errors import CurateError

if TYPE_CHECKING:
    from datasets import Features

ROW_GROUP = 500
"""Rows per row group: small enough for the Hub's viewer to show a page without reading the whole file."""


@dataclass(frozen=True)
class Table:
    """Rows as a Parquet file: its bytes, how many rows, and their size in memory in bytes."""

    content: bytes
    rows: int
    memory: int


def encode(rows: Sequence[dict[str, Any]], features: Features) -> Table:
    """Write rows as a Parquet file with the columns of ``features``, in that order.

    Raises CurateError if a value doesn't fit its column.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pa.Table.from_pylist(list(rows), schema=features.arrow_schema)
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError) as error:
        fix = "Run `curate check`: it names the value and its place."
        raise CurateError(f"A value doesn't fit its column: {error}", fix) from error
    sink = pa.BufferOutputStream()
    pq.write_table(  # type: ignore[no-untyped-call]
        table,
        sink,
        row_group_size=ROW_GROUP,
        version="2.6",
        data_page_version="1.0",
        compression="zstd",
        compression_level=9,
        use_dictionary=True,
        write_page_index=True,
    )
    return Table(sink.getvalue().to_pybytes(), table.num_rows, table.nbytes)
