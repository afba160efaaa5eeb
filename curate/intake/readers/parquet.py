"""Parquet files: each row is an article."""

from __future__ import annotations

from collections.abc import Iterator

from curate.intake.files import Source, unreadable
from curate.intake.rows import Found, Row, UnreadableError

BATCH = 256


def read(source: Source) -> Iterator[Found]:
    """Give each row, some at a time. Raises UnreadableError where the file is damaged."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    number = 0
    try:
        with pq.ParquetFile(source.path) as file:  # type: ignore[no-untyped-call]
            for batch in file.iter_batches(batch_size=BATCH):
                for values in batch.to_pylist():
                    yield Row(f"{source.shown}[{number}]", values)
                    number += 1
    except (pa.ArrowException, UnicodeDecodeError) as error:
        why = f"no Parquet file that can be read ({str(error).splitlines()[0][:100]})"
        raise UnreadableError(why, "Get the file again.", f"[{number}]" if number else "") from error
    except OSError as error:
        if error.errno is None:
            raise UnreadableError("a damaged Parquet file", "Get the file again.", f"[{number}]") from error
        raise unreadable(error) from error
