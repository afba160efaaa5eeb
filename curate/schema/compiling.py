"""From an event schema to what checks and stores records: JSON Schemas and the fields of a table (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from curate.schema.model import DATE, INTEGER_RANGE, Attribute, EventSchema, EventType, RoleUse

JsonSchema: TypeAlias = dict[str, Any]

_Answers: TypeAlias = list[tuple[Attribute, JsonSchema]]

ORIGINS = ("manual", "prediction", "prediction-changed")
"""Where a region can come from: drawn by hand, suggested, suggested and then changed."""

ATTACHMENTS = ("arrow", "nesting", "order")
"""How an argument can have been attached to its event."""

_ABOUT_ARTICLE = ("title", "url", "publisher", "published_at", "language", "licence", "meta")
_NULL: JsonSchema = {"type": "null"}
_TEXT: JsonSchema = {"type": "string", "minLength": 1}
_TEXT_OR_NULL: JsonSchema = {"type": ["string", "null"]}
_OFFSET: JsonSchema = {"type": "integer", "minimum": 0, "maximum": INTEGER_RANGE.stop - 1}
_OFFSET_OR_NULL: JsonSchema = _OFFSET | {"type": ["integer", "null"]}
_DATE = f"^{DATE}$"
_PLACE = "@(0|[1-9][0-9]{0,9})-[1-9][0-9]{0,9}"


def record_schema(schema: EventSchema) -> JsonSchema:
    """Compile the JSON Schema (draft 2020-12) of the records of a release.

    It says which keys, values, roles and fillers there can be; whether offsets, ids and texts fit together is
    for ``curate.meaning``. Its patterns mean the same to every engine.
    """
    properties: JsonSchema = {
        "id": _TEXT,
        "text": _TEXT,
        "text_sha256": _one_line("^[0-9a-f]{64}$"),
        **dict.fromkeys(_ABOUT_ARTICLE, _TEXT_OR_NULL),
        **_reading(schema),
        "provenance": _closed(
            {
                "schema": _TEXT,
                "schema_digest": _one_line("^[0-9a-f]{64}$"),
                "annotators": _listed(_TEXT, uniqueItems=True),
                "adjudicated": {"type": "boolean"},
                "suggestions": _TEXT,
                "split_group": _TEXT,
            }
        ),
    }
    return _document(schema, "record", properties, _definitions(schema, annotated=False))


def annotation_schema(schema: EventSchema) -> JsonSchema:
    """Compile the JSON Schema (draft 2020-12) of annotations: readings with their origin, and no text."""
    properties: JsonSchema = {
        **_frame(),
        **_reading(schema),
        "items": _listed(_closed({"id": _TEXT, "kind": _TEXT, "states": _listed(_TEXT)})),
        "notes": _listed(_closed({"about": _TEXT_OR_NULL, "text": _TEXT})),
    }
    compiled = _document(schema, "annotation", properties, _definitions(schema, annotated=True))
    compiled["properties"] |= {"suggestions": _TEXT, "removed": _listed(_TEXT)}
    return compiled


def frame_schema() -> JsonSchema:
    """Give the JSON Schema (draft 2020-12) of an annotation without what was read from its result."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **_closed(_frame())}


def _frame() -> JsonSchema:
    return {
        "id": _TEXT,
        "task_id": {"type": "integer"},
        "article_id": _TEXT,
        "text_sha256": _one_line("^[0-9a-f]{64}$"),
        "annotator": _TEXT,
        "schema": _TEXT_OR_NULL,
        "created_at": _TEXT,
        "updated_at": _TEXT,
        "lead_time": {"type": ["number", "null"]},
    }


def _document(schema: EventSchema, what: str, properties: JsonSchema, definitions: JsonSchema) -> JsonSchema:
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:curate:{what}:{schema.name}@{schema.version}",
        "title": f"{schema.title}: {what}",
        **_closed(properties),
        "$defs": definitions,
    }


def _reading(schema: EventSchema) -> JsonSchema:
    """Say what events, clusters, links and article attributes a reading can have."""
    article = schema.attributes_on("article")
    links = _listed({"$ref": "#/$defs/link"}) if schema.links else {"type": "array", "maxItems": 0}
    return {
        "events": _listed({"$ref": "#/$defs/event"}),
        "clusters": _listed({"$ref": "#/$defs/cluster"}),
        "links": links,
        **({"attributes": _closed({a.name: _answer(a) for a in article})} if article else {}),
    }


def _definitions(schema: EventSchema, annotated: bool) -> JsonSchema:
    event_id = _one_line(f"^{_any_of(schema.event_types)}{_PLACE}$")
    definitions: JsonSchema = {
        "event_id": event_id,
        "span": _closed({"start": _OFFSET, "end": _OFFSET, "text": _TEXT}),
        "event": _event(schema, annotated),
        "argument": _argument(schema, annotated),
        "cluster": _cluster(schema),
    }
    if schema.links:
        reference = {"$ref": "#/$defs/event_id"}
        link = {"type": {"enum": list(schema.links)}, "source": reference, "target": reference}
        definitions["link"] = _closed(link)
    return definitions


def _event(schema: EventSchema, annotated: bool) -> JsonSchema:
    properties: JsonSchema = {
        "id": {"$ref": "#/$defs/event_id"},
        "type": {"enum": list(schema.event_types)},
        "trigger": {"$ref": "#/$defs/span"},
        "arguments": _listed({"$ref": "#/$defs/argument"}),
    }
    attributes = schema.attributes_on("trigger", None if annotated else "mention")
    answers = [(a, _answer(a) if a.level == "mention" else _or_null(_answer(a))) for a in attributes]
    conditions = [_roles_of(event_type) for event_type in schema.event_types.values()]
    conditions += _applicable(answers, "type", list(schema.event_types))
    return _with_attributes(properties, answers, conditions, {"origin": ORIGINS} if annotated else {})


def _argument(schema: EventSchema, annotated: bool) -> JsonSchema:
    properties: JsonSchema = {
        "id": _TEXT,
        "role": {"type": "string"},
        "start": _OFFSET_OR_NULL,
        "end": _OFFSET_OR_NULL,
        "text": {"type": ["string", "null"], "minLength": 1},
        "event_id": _TEXT_OR_NULL,
    }
    span = {key: {"type": kind} for key, kind in (("start", "integer"), ("end", "integer"), ("text", "string"))}
    no_span = {"properties": dict.fromkeys(span, _NULL)}
    conditions = [_when("event_id", _NULL, {"properties": span}) | {"else": no_span}]
    answers = [(a, _answer(a)) for a in schema.attributes_on("argument")]
    conditions += _applicable(answers, "role", list(schema.roles))
    optional = {"origin": ORIGINS, "attached_by": ATTACHMENTS} if annotated else {}
    return _with_attributes(properties, answers, conditions, optional)


def _cluster(schema: EventSchema) -> JsonSchema:
    reference = {"$ref": "#/$defs/event_id"}
    properties: JsonSchema = {"id": reference, "events": _listed(reference, minItems=1)}
    answers = [(a, _answer(a)) for a in schema.attributes_on("trigger", "event")]
    conditions = []
    for attribute, answer in answers:
        if attribute.applies_to:
            asked = {"pattern": f"^{_any_of(sorted(attribute.applies_to))}@"}
            held = _holds(attribute, answer)
            conditions.append(_when("id", asked, held) | {"else": _holds(attribute, _NULL)})
    return _with_attributes(properties, answers, conditions, {})


def _with_attributes(
    properties: JsonSchema,
    answers: _Answers,
    conditions: list[JsonSchema],
    optional: Mapping[str, tuple[str, ...]],
) -> JsonSchema:
    """Close an object over its properties, its attributes (those asked of all say here what they hold)."""
    required = dict(properties)
    if answers:
        held = {a.name: ({} if a.applies_to else answer) for a, answer in answers}
        required["attributes"] = _closed(held)
    result = _closed(required)
    result["properties"] |= {key: {"enum": list(values)} for key, values in optional.items()}
    return result | ({"allOf": conditions} if conditions else {})


def _roles_of(event_type: EventType) -> JsonSchema:
    """Say which roles the arguments of one event type play, and what may fill them."""
    played: JsonSchema = {"maxItems": 0}
    if event_type.roles:
        by_filler: dict[tuple[bool, frozenset[str]], list[str]] = {}
        for use in event_type.roles.values():
            by_filler.setdefault((use.span_filler, use.event_fillers), []).append(use.role)
        fillers = [
            _when("role", {"enum": roles}, {"properties": {"event_id": _filler(event_type.roles[roles[0]])}})
            for roles in by_filler.values()
        ]
        played = {"items": {"properties": {"role": {"enum": list(event_type.roles)}}, "allOf": fillers}}
    return _when("type", {"const": event_type.name}, {"properties": {"arguments": played}})


def _filler(use: RoleUse) -> JsonSchema:
    if not use.event_fillers:
        return _NULL
    named = _one_line(f"^{_any_of(sorted(use.event_fillers))}{_PLACE}$")
    return _or_null(named) if use.span_filler else named


def _applicable(answers: _Answers, key: str, labels: list[str]) -> list[JsonSchema]:
    """Say of each attribute that is not asked of all: what it holds where it is asked, null elsewhere."""
    conditions = []
    for attribute, answer in answers:
        if attribute.applies_to:
            asked = [label for label in labels if attribute.applies(label)]
            others = [label for label in labels if not attribute.applies(label)]
            conditions.append(_when(key, {"enum": asked}, _holds(attribute, answer)))
            if others:
                conditions.append(_when(key, {"enum": others}, _holds(attribute, _NULL)))
    return conditions


def _when(key: str, asked: JsonSchema, then: JsonSchema) -> JsonSchema:
    return {"if": {"required": [key], "properties": {key: asked}}, "then": then}


def _holds(attribute: Attribute, answer: JsonSchema) -> JsonSchema:
    return {"properties": {"attributes": {"properties": {attribute.name: answer}}}}


def _answer(attribute: Attribute) -> JsonSchema:
    """Say what an attribute holds where it is asked: null only where it has no default."""
    if attribute.kind == "choice":
        answer: JsonSchema = {"enum": list(attribute.values)}
    elif attribute.kind == "choices":
        chosen = {"enum": list(attribute.values)}
        answer = _listed(chosen, minItems=0 if attribute.default == [] else 1, uniqueItems=True)
    elif attribute.kind == "integer":
        answer = {"type": "integer", "minimum": INTEGER_RANGE.start, "maximum": INTEGER_RANGE.stop - 1}
    else:
        answer = _one_line(_DATE) if attribute.kind == "date" else _TEXT
    return answer if attribute.default is not None else _or_null(answer)


def _or_null(answer: JsonSchema) -> JsonSchema:
    """Admit null besides; keywords other than ``enum`` say nothing of null."""
    if "enum" in answer:
        return answer if None in answer["enum"] else {"enum": [*answer["enum"], None]}
    kinds = answer["type"] if isinstance(answer["type"], list) else [answer["type"]]
    return answer | {"type": [*kinds, *([] if "null" in kinds else ["null"])]}


def _one_line(pattern: str) -> JsonSchema:
    # `$` matches before a final line end in some engines, so the line end is refused by itself.
    return {"type": "string", "pattern": pattern, "not": {"type": "string", "pattern": "\n"}}


def _any_of(names: Iterable[str]) -> str:
    return f"({'|'.join(names)})"


def _listed(items: JsonSchema, **keywords: Any) -> JsonSchema:
    return {"type": "array", "items": items, **keywords}


def _closed(properties: JsonSchema) -> JsonSchema:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": list(properties),
        "properties": properties,
    }
