"""The least that turning an export into the table of its annotations takes: no checks, columns made directly.

It reads what ``label_studio_export.py`` writes and nothing worse.
"""

from __future__ import annotations

import json
import mmap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from curate.hub.parquet import ROW_GROUP, options


class Value(msgspec.Struct):
    """The value of a piece."""

    start: int = 0
    end: int = 0
    text: str = ""
    labels: list[str] = []
    choices: list[str] = []


class Piece(msgspec.Struct):
    """A piece of a result."""

    type: str
    id: str = ""
    from_name: str = ""
    value: Value | None = None
    from_id: str = ""
    to_id: str = ""
    labels: list[str] = []


class Annotation(msgspec.Struct):
    """An annotation."""

    id: int
    completed_by: int
    result: list[Piece]


class Data(msgspec.Struct):
    """What a task shows."""

    article_id: str
    text: str
    text_sha256: str


class Task(msgspec.Struct):
    """A task."""

    data: Data
    annotations: list[Annotation]


class Columns:
    """The leaves of the table, as lists, and where the lists in it end."""

    def __init__(self, schema: pa.Schema, known: dict[str, Any]) -> None:
        self.schema, self.known = schema, known
        self.clear()

    def clear(self) -> None:
        """Begin anew."""
        self.leaves: dict[tuple[str, ...], list[Any]] = {}
        self.ends: dict[tuple[str, ...], list[int]] = {}
        for field in self.schema:
            self._prepare((field.name,), field.type)

    def _prepare(self, path: tuple[str, ...], kind: pa.DataType) -> None:
        if pa.types.is_list(kind):
            self.ends[path] = [0]
            self._prepare(path, kind.value_type)
        elif pa.types.is_struct(kind):
            for field in kind:
                self._prepare((*path, field.name), field.type)
        else:
            self.leaves[path] = []

    def batch(self) -> pa.Table:
        """Make a table of the columns."""
        return pa.table([self._array((field.name,), field.type) for field in self.schema], self.schema)

    def _array(self, path: tuple[str, ...], kind: pa.DataType) -> pa.Array:
        if pa.types.is_list(kind):
            inner = self._array(path, kind.value_type)
            return pa.ListArray.from_arrays(pa.array(self.ends[path], pa.int32()), inner, type=kind)
        if pa.types.is_struct(kind):
            arrays = [self._array((*path, field.name), field.type) for field in kind]
            return pa.StructArray.from_arrays(arrays, fields=list(kind))
        return pa.array(self.leaves[path], kind)


def read_tasks(path: Path) -> Iterator[Task]:
    """Decode the tasks of an export."""
    decoder = msgspec.json.Decoder(Task)
    with path.open("rb") as stream:
        content = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
        for raw in msgspec.json.decode(content, type=list[msgspec.Raw]):
            yield decoder.decode(raw)


def write_table(export: Path, columns: Path, path: Path) -> int:
    """Write the table of an export's annotations; give their number."""
    schema = pa.ipc.read_schema(pa.BufferReader(columns.read_bytes()))
    made = Columns(schema, json.loads(columns.with_suffix(".json").read_bytes()))
    rows = number = 0
    with pq.ParquetWriter(path, schema, **options(schema)) as writer:
        add = adding(made)
        for task in read_tasks(export):
            for annotation in task.annotations:
                add(task.data, annotation)
                rows += 1
                if rows == ROW_GROUP:
                    writer.write_table(made.batch(), row_group_size=ROW_GROUP)
                    number, rows = number + rows, 0
                    made.clear()
                    add = adding(made)
        writer.write_table(made.batch(), row_group_size=ROW_GROUP)
    return number + rows


def adding(made: Columns) -> Any:  # noqa: C901
    """Give the function that adds an annotation to the columns, with the columns at hand."""
    known, leaves, ends = made.known, made.leaves, made.ends
    types, people, attributes = set(known["types"]), known["people"], known["attributes"]
    row = [leaves[name,].append for name in ("id", "article_id", "text_sha256", "text", "annotator", "schema")]
    event = [leaves["events", *path].append for path in (("id",), ("type",), ("origin",))]
    trigger = [leaves["events", "trigger", name].append for name in ("start", "end", "text")]
    event_values = [(name, leaves["events", "attributes", name].append) for name in attributes["trigger"]]
    names = ("id", "role", "start", "end", "text", "event_id", "origin", "attached_by")
    argument = [leaves["events", "arguments", name].append for name in names]
    argument_values = [
        (name, leaves["events", "arguments", "attributes", name].append) for name in attributes["argument"]
    ]
    cluster_id, cluster_events = leaves["clusters", "id"].append, leaves["clusters", "events"]
    cluster_values = [(name, leaves["clusters", "attributes", name].append) for name in attributes["event"]]
    link = [leaves["links", name].append for name in ("type", "source", "target")]
    article_values = [(name, leaves["attributes", name].append) for name in attributes["article"]]
    event_ids, argument_ids = leaves["events", "id"], leaves["events", "arguments", "id"]
    cluster_ids, link_types = leaves["clusters", "id"], leaves["links", "type"]
    defaults, asked = known["defaults"], known["asked"]

    def add(data: Data, annotation: Annotation) -> None:  # noqa: C901
        triggers, spans, values, arrows, stamp = {}, [], {}, [], None
        last: Any = None
        for piece in annotation.result:
            if piece.type == "relation":
                arrows.append(piece)
            elif piece.from_name == "label":
                value = piece.value
                if value.labels[0] in types:
                    name = f"{value.labels[0]}@{value.start}-{value.end}"
                    last = triggers[piece.id] = (
                        value.start,
                        value.end,
                        value.labels[0],
                        name,
                        value.text,
                        piece.id,
                        [],
                    )
                else:
                    spans.append((piece.id, value, last))
            elif piece.from_name == "schema":
                stamp = piece.value.choices[0]
            else:
                values.setdefault(piece.id, {})[piece.from_name] = piece.value.choices[0]
        attached: dict[str, list[Any]] = {}
        same, drawn = {}, []
        for arrow in arrows:
            source, target = triggers.get(arrow.from_id), triggers.get(arrow.to_id)
            if source and target:
                if arrow.labels:
                    drawn.append((arrow.labels[0], source, target))
                else:
                    same[max(source, target)[3]] = min(source, target)
            else:
                attached.setdefault(arrow.to_id if source else arrow.from_id, []).append(source or target)
        for name, value, before in spans:
            owners = attached.get(name)
            for owner in owners or (before,):
                role = value.labels[0]
                made = f"{owner[3]}/{role}/{value.start}-{value.end}"
                owner[6].append((role, value.start, value.end, made, value.text, name, "arrow" if owners else "order"))
        for append, value in zip(
            row,
            (
                str(annotation.id),
                data.article_id,
                data.text_sha256,
                data.text,
                people[str(annotation.completed_by)],
                stamp,
            ),
            strict=True,
        ):
            append(value)
        clusters: dict[str, list[Any]] = {}
        for start, end, kind, name, text, region, arguments in sorted(triggers.values()):
            set_here = values.get(region, {})
            for append, value in zip(event, (name, kind, "manual"), strict=True):
                append(value)
            for append, value in zip(trigger, (start, end, text), strict=True):
                append(value)
            for attribute, append in event_values:
                append(set_here.get(attribute, defaults[attribute] if attribute in known["mention"] else None))
            first = same[name][3] if name in same else name
            members = clusters.setdefault(first, [kind, [], {}])
            members[1].append(name)
            members[2].update({key: value for key, value in set_here.items() if key not in known["mention"]})
            arguments.sort()
            for role, begin, stop, made, said, drawn_as, by in arguments:
                for append, value in zip(argument, (made, role, begin, stop, said, None, "manual", by), strict=True):
                    append(value)
                set_there = values.get(drawn_as, {})
                for attribute, append in argument_values:
                    append(set_there.get(attribute, defaults[attribute]))
            ends["events", "arguments"].append(len(argument_ids))
        ends["events",].append(len(event_ids))
        for name, (kind, members, set_there) in clusters.items():
            cluster_id(name)
            cluster_events.extend(members)
            ends["clusters", "events"].append(len(cluster_events))
            for attribute, append in cluster_values:
                on = asked[attribute]
                append(set_there.get(attribute, defaults[attribute] if not on or kind in on else None))
        ends["clusters",].append(len(cluster_ids))
        for kind, source, target in sorted(drawn):
            for append, value in zip(link, (kind, source[3], target[3]), strict=True):
                append(value)
        ends["links",].append(len(link_types))
        for attribute, append in article_values:
            append(values.get("article", {}).get(attribute, defaults[attribute]))
        ends["notes",].append(0)

    return add
