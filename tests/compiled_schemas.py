"""Every JSON Schema that is compiled from a shipped event schema or one with everything or nothing; its keywords."""

from __future__ import annotations

from typing import Any

from curate.schema.compiling import annotation_schema, record_schema
from event_schemas import BARE_SCHEMA, COMPANY_NEWS, CONFLICT_NEWS, SMALL_SCHEMA

COMPILED = [
    make(schema)
    for make in (record_schema, annotation_schema)
    for schema in (BARE_SCHEMA, SMALL_SCHEMA, CONFLICT_NEWS, COMPANY_NEWS)
]


def subschemas(schema: Any) -> list[Any]:
    """List a schema and every schema in it, and not what stands where names and values do."""
    if isinstance(schema, list):
        return [inner for part in schema for inner in subschemas(part)]
    if not isinstance(schema, dict):
        return [schema] if isinstance(schema, bool) else []
    found = [schema]
    for keyword, part in schema.items():
        if keyword in ("properties", "patternProperties", "dependentSchemas", "$defs"):
            found += subschemas(list(part.values()))
        elif keyword not in ("enum", "const", "required", "uniqueItems"):
            found += subschemas(part)
    return found


def keywords(schema: Any) -> set[str]:
    """Name every keyword in a schema."""
    return {keyword for one in subschemas(schema) if isinstance(one, dict) for keyword in one}
