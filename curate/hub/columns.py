"""Rows as the columns of a table: one list for each leaf."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate, chain
from operator import itemgetter
from typing import Any


def table_of(rows: Sequence[Mapping[str, Any]], schema: Any) -> Any:
    """Make an Arrow table with the columns of an Arrow schema; a key without a column is left out.

    Raises pyarrow's errors for what doesn't fit its column.
    """
    import pyarrow as pa

    return pa.table(_fields(rows, schema), schema)


def _array(values: Sequence[Any], kind: Any) -> Any:
    import pyarrow as pa

    if pa.types.is_list(kind):
        if strange := [one for one in values if one is not None and not isinstance(one, list)]:
            raise pa.ArrowTypeError(f"{strange[0]!r} is no list")
        lists = [one or () for one in values]
        ends = pa.array([0, *accumulate(map(len, lists))], pa.int32())
        inner = _array([*chain.from_iterable(lists)], kind.value_type)
        return pa.ListArray.from_arrays(ends, inner, type=kind, mask=_absent(values))
    if pa.types.is_struct(kind):
        # An owner without any attribute has none, which is not the same as having each of them empty.
        return pa.StructArray.from_arrays(_fields(values, kind), fields=[*kind], mask=_absent(values))
    return pa.array(values, kind)


def _absent(values: Sequence[Any]) -> Any:
    import pyarrow as pa

    return pa.array([one is None for one in values]) if None in values else None


def _fields(values: Sequence[Mapping[str, Any] | None], fields: Any) -> list[Any]:
    """Make the column of each field."""
    rows = [one or {} for one in values] if None in values else values
    return [_array(_read(rows, field.name), field.type) for field in fields]


def _read(rows: Sequence[Any], name: str) -> list[Any]:
    try:
        return [*map(itemgetter(name), rows)]
    except KeyError:
        return [one.get(name) for one in rows]
