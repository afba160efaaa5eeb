"""Rows as a table: whatever fits its column is kept as it is, whatever doesn't is refused by name."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from unittest.mock import patch

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from curate.errors import CurateError
from curate.hub import parquet
from curate.hub.parquet import Table, TableWriter
from curate.records import canonical_json

STRUCT = pa.struct([("start", pa.int32()), ("attributes", pa.struct([("count", pa.int64()), ("kind", pa.string())]))])
SCHEMA = pa.schema(
    [
        ("id", pa.string()),
        ("sure", pa.bool_()),
        ("start", pa.int32()),
        ("count", pa.int64()),
        ("topics", pa.list_(pa.string())),
        ("trigger", STRUCT),
        ("events", pa.list_(pa.struct([("words", pa.list_(pa.string())), ("trigger", STRUCT)]))),
        ("attributes", pa.struct([("topics", pa.list_(pa.string()))])),
    ]
)
"""Every kind of column that a release has, in an order that isn't the alphabet's."""
COUNTS = {pa.int32(): st.integers(-(2**31), 2**31 - 1), pa.int64(): st.integers(-(2**63), 2**63 - 1)}


def values(kind: Any) -> st.SearchStrategy[Any]:
    """Whatever a column can hold: nothing, some, all."""
    if pa.types.is_struct(kind):
        made: st.SearchStrategy[Any] = st.fixed_dictionaries({}, optional={one.name: values(one.type) for one in kind})
    elif pa.types.is_list(kind):
        made = st.lists(values(kind.value_type), max_size=3)
    else:
        made = {pa.string(): st.text(), pa.bool_(): st.booleans(), **COUNTS}[kind]
    return st.none() | made


ROWS = st.lists(
    st.fixed_dictionaries(
        {"id": st.text()}, optional={one.name: values(one.type) for one in SCHEMA if one.name != "id"}
    )
)


def write(path: Path, rows: Sequence[dict[str, Any]]) -> Table:
    """Write rows with the columns above."""
    with TableWriter(path, cast("Any", SimpleNamespace(arrow_schema=SCHEMA))) as writer:
        for row in rows:
            writer.add(canonical_json(row))
    return writer.table()


@given(ROWS, st.sampled_from([1, 200, 10**6]), st.sampled_from([1, 2, 1000]))
@example([{"id": "\0"}, {"id": "a\nb\r\n\u2028\x85"}, {"id": "🚀", "count": -(2**63), "start": 2**31 - 1}], 1, 1000)
@example(
    [{"id": "a", "trigger": None}, {"id": "b", "trigger": {}}, {"id": "c", "trigger": {"attributes": {}}}], 1, 1000
)
@settings(max_examples=100, deadline=None)
def test_a_table_holds_what_its_rows_do(rows: list[dict[str, Any]], block: int, group: int) -> None:
    """The same file, to the byte, as Arrow makes of the rows as Python knows them, however many are read at once."""
    expected = pa.Table.from_pylist(rows, schema=SCHEMA)
    with tempfile.TemporaryDirectory() as folder:
        path, other = Path(folder) / "rows.parquet", Path(folder) / "other.parquet"
        with patch.multiple(parquet, BLOCK=block, ROW_GROUP=group):
            table = write(path, rows)
        with pq.ParquetWriter(other, SCHEMA, **parquet.options(SCHEMA)) as writer:
            for start in range(0, len(rows), group):
                writer.write_table(expected[start : start + group].combine_chunks())
        assert path.read_bytes() == other.read_bytes()
        assert (table.rows, table.size) == (len(rows), path.stat().st_size)
        assert pq.read_table(path).equals(expected)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("sure", 1),
        ("sure", "true"),
        ("start", 2**31),
        ("start", -(2**31) - 1),
        ("start", 1.0),
        ("start", "1"),
        ("start", True),
        ("count", 2**63),
        ("count", 2**64),
        ("count", 1e300),
        ("topics", "war"),
        ("topics", [1]),
        ("topics", [["war"]]),
        ("topics", {"war": None}),
        ("trigger", []),
        ("trigger", "struck"),
        ("trigger", {"start": "9"}),
        ("trigger", {"attributes": {"count": 2**63}}),
        ("trigger", {"attributes": {"mood": "good"}}),
        ("events", {}),
        ("events", [{"trigger": {"start": 1.5}}]),
        ("events", [{"words": [None, 1]}]),
        ("events", [{}, {"mood": None}]),
        ("mood", "good"),
        ("mood", None),
    ],
)
def test_a_value_that_does_not_fit_is_told_with_its_row(tmp_path: Path, column: str, value: object) -> None:
    """Nothing is cut, rounded, turned into words or left out; of many rows the first at fault is named."""
    right: list[dict[str, Any]] = [{"id": f"right-{number}", "start": number} for number in range(150)]
    wrong: list[dict[str, Any]] = [{"id": "wrong", column: value}, {"id": "later", column: value}]
    with pytest.raises(CurateError, match=rf"^A value doesn't fit its column: row wrong, {column}: \S") as caught:
        write(tmp_path / "rows.parquet", right + wrong + right)
    assert not re.search(r" in row \d", str(caught.value))
    assert "curate check" in caught.value.fix
