"""The columns of a release: what an event schema makes of records and annotations as `datasets.Features`.

Structs stand in flat lists, enumerations are strings, offsets int32. A level without attributes has no
`attributes` column, because Parquet can't hold an empty struct. `None` stands for what is absent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from curate.errors import CurateError
from curate.records import Annotation, Record, plain
from curate.schema.model import Attribute, EventSchema

if TYPE_CHECKING:
    from datasets import Features

PRIVATE = ("task_id", "created_at", "updated_at", "lead_time", "items", "suggestions", "removed")
"""What an annotation keeps to itself: the server's numbering, when and how fast a person worked, and what they made of
suggestions; what a record's readings were begun from, its provenance tells."""

FIX = "Run `curate schema migrate` for work done under an earlier schema, then `curate check`."


def record_features(schema: EventSchema) -> Features:
    """Give the columns of the records made under a schema, in fixed order."""
    from datasets import Features, List, Value

    text = (
        "id",
        "text",
        "text_sha256",
        "title",
        "url",
        "publisher",
        "published_at",
        "language",
        "licence",
        "meta",
    )
    provenance = {name: Value("string") for name in ("schema", "schema_digest")}
    provenance |= {"annotators": List(Value("string")), "adjudicated": Value("bool")}
    provenance |= {name: Value("string") for name in ("suggestions", "split_group")}
    return Features(
        {
            **{name: Value("string") for name in text},
            "events": List(event_fields(schema, schema.attributes_on("trigger", "mention"), {})),
            **reading_fields(schema),
            "provenance": provenance,
        }
    )


def annotation_features(schema: EventSchema) -> Features:
    """Give the columns of the annotations made under a schema, in fixed order, without what is private."""
    from datasets import Features, List, Value

    origin = {"origin": Value("string")}
    return Features(
        {
            **{name: Value("string") for name in ("id", "article_id", "text_sha256", "annotator", "schema")},
            "events": List(event_fields(schema, schema.attributes_on("trigger"), origin)),
            **reading_fields(schema),
            "notes": List({"about": Value("string"), "text": Value("string")}),
        }
    )


def released_annotation_schema(schema: EventSchema) -> dict[str, Any]:
    """Compile the JSON Schema (draft 2020-12) of the annotations of a release: without what is private."""
    from curate.schema.compiling import annotation_schema

    compiled = annotation_schema(schema)
    properties = {name: part for name, part in compiled["properties"].items() if name not in PRIVATE}
    return {**compiled, "properties": properties, "required": sorted(properties)}


def event_fields(schema: EventSchema, attributes: Sequence[Attribute], origin: dict[str, Any]) -> dict[str, Any]:
    """Give the columns of an event with these attributes; ``origin`` is what annotations add to it."""
    from datasets import List, Value

    span: dict[str, Any] = {"start": Value("int32"), "end": Value("int32"), "text": Value("string")}
    argument = {
        **{name: Value("string") for name in ("id", "role")},
        **span,
        "event_id": Value("string"),
        **attribute_fields(schema.attributes_on("argument")),
        **origin,
        **({"attached_by": Value("string")} if origin else {}),
    }
    return {
        **{name: Value("string") for name in ("id", "type")},
        "trigger": span,
        "arguments": List(argument),
        **attribute_fields(attributes),
        **origin,
    }


def reading_fields(schema: EventSchema) -> dict[str, Any]:
    """Give the columns of what a reading says beside its events: clusters, links, article attributes."""
    from datasets import List, Value

    clusters = {
        "id": Value("string"),
        "events": List(Value("string")),
        **attribute_fields(schema.attributes_on("trigger", "event")),
    }
    return {
        "clusters": List(clusters),
        "links": List({name: Value("string") for name in ("type", "source", "target")}),
        **attribute_fields(schema.attributes_on("article")),
    }


def attribute_fields(attributes: Sequence[Attribute]) -> dict[str, Any]:
    """Give the `attributes` column with one field for each attribute, or no column if there are none."""
    from datasets import List, Value

    kinds = {"choices": List(Value("string")), "integer": Value("int64")}
    fields: dict[str, Any] = {attribute.name: kinds.get(attribute.kind, Value("string")) for attribute in attributes}
    return {"attributes": fields} if fields else {}


def record_row(record: Record, features: Features) -> dict[str, Any]:
    """Turn a record into a row with every column. Raises CurateError if a value has no column."""
    row: dict[str, Any] = plain(record)
    complete(row, features, f"record {record.id}")
    return row


def annotation_row(annotation: Annotation, features: Features) -> dict[str, Any]:
    """Turn an annotation into a row with every column. Raises CurateError if a value has no column."""
    row: dict[str, Any] = plain(annotation)
    for name in PRIVATE:
        row.pop(name, None)
    complete(row, features, f"annotation {annotation.id}")
    return row


def complete(value: dict[str, Any], columns: Mapping[str, Any], place: str) -> None:
    """Fill in None for each absent column, all the way down.

    Raises CurateError for a key without a column: Arrow would drop it without a word.
    """
    if value.keys() != columns.keys():
        if strange := sorted(value.keys() - columns.keys()):
            raise CurateError(f"{place}: the schema has no {', '.join(strange)}.", FIX)
        for name in columns.keys() - value.keys():
            value[name] = None
    for name, inner in value.items():
        kind = type(inner)
        if kind is dict:
            complete(inner, columns[name], place)
        elif kind is list and inner and type(inner[0]) is dict:
            below = columns[name].feature
            for one in inner:
                complete(one, below, place)
