"""Records and annotations as the columns of a table: one list for each leaf, and no row in between."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import suppress
from functools import cache
from itertools import accumulate, chain
from operator import attrgetter, itemgetter
from typing import Any

import msgspec

from curate.errors import CurateError
from curate.hub.features import FIX, PRIVATE
from curate.records import Annotation, Record


def table_of(values: Sequence[Record | Annotation], schema: Any) -> Any:
    """Make an Arrow table with the columns of an Arrow schema, a row for each value, without what is private.

    Raises CurateError for what has no column, and pyarrow's errors for what doesn't fit its column.
    """
    import pyarrow as pa

    return pa.table(_fields(values, schema, PRIVATE), schema)


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
        present = [one or None for one in values]
        return pa.StructArray.from_arrays(_fields(values, kind), fields=[*kind], mask=_absent(present))
    return pa.array(values, kind)


def _absent(values: Sequence[Any]) -> Any:
    import pyarrow as pa

    return pa.array([one is None for one in values]) if None in values else None


def _fields(values: Sequence[Any], fields: Any, private: Collection[str] = ()) -> list[Any]:
    """Make the column of each field; attributes come as dicts, all else as structs."""
    names = [field.name for field in fields]
    if values and isinstance(values[0], msgspec.Struct):
        _refuse_structs(values, {*names, *private})
        columns = [_read(values, name) for name in names]
    else:
        columns = _entries(values, names)
    return [_array(column, field.type) for column, field in zip(columns, fields, strict=True)]


def _read(values: Sequence[Any], name: str) -> list[Any]:
    return [*map(attrgetter(name), values)]


def _entries(values: Sequence[dict[str, Any]], names: Sequence[str]) -> list[list[Any]]:
    if all(map(len(names).__eq__, map(len, values))):
        with suppress(KeyError):
            return [[*map(itemgetter(name), values)] for name in names]
    _refuse_keys(values, frozenset(names))
    return [[one.get(name) for one in values] for name in names]


def _refuse_keys(values: Sequence[dict[str, Any]], names: frozenset[str]) -> None:
    """Arrow would drop a key without a column and say nothing."""
    if not all(map(names.issuperset, values)):
        _refuse({key for one in values for key in one.keys() - names})


def _refuse_structs(values: Sequence[Any], names: Collection[str]) -> None:
    strange = {name: default for name, default in _defaults(values[0].__class__).items() if name not in names}
    _refuse({name for name, default in strange.items() if any(held != default for held in _read(values, name))})


@cache
def _defaults(kind: type[msgspec.Struct]) -> dict[str, Any]:
    """Give what each field of a data type holds when nothing else is said."""
    told = msgspec.structs.fields(kind)
    return {one.name: made() if callable(made := one.default_factory) else one.default for one in told}


def _refuse(strange: Collection[str]) -> None:
    if strange:
        raise CurateError(f"The schema has no {', '.join(sorted(strange))}.", FIX)
