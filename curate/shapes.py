"""Whether a record or annotation has the shape its JSON Schema asks for, told in the words of the record."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from curate.records import Finding

if TYPE_CHECKING:
    import jsonschema_rs

    Validator: TypeAlias = jsonschema_rs.Draft202012Validator

JsonPath: TypeAlias = tuple[str | int, ...]

_TYPES_IN_PATTERN = re.compile(r"\^\(([A-Za-z0-9_|]+)\)@")
_NAMES = {
    "null": "null",
    "object": "an object",
    "array": "a list",
    "string": "text",
    "integer": "a whole number",
}


def compile_validator(json_schema: dict[str, Any]) -> Validator:
    """Make a validator of a JSON Schema (draft 2020-12), to be used many times."""
    import jsonschema_rs

    return jsonschema_rs.Draft202012Validator(json_schema)


def shape_errors(validator: Validator, instance: dict[str, Any]) -> list[tuple[str, str]]:
    """List where the instance breaks the schema: JSON path and message, sorted by path, then keyword."""
    found = list(validator.iter_errors(instance))
    if not found:
        return []
    errors = []
    for error in found:
        path = tuple(error.instance_path)
        message = _message(error.kind.name, error.kind.as_dict(), path, instance, error.message)
        errors.append((_order(path), error.kind.name, json_path(path), message))
    return list(dict.fromkeys((path, message) for _, _, path, message in sorted(errors)))


def shape_findings(instance: dict[str, Any], validator: Validator) -> list[Finding]:
    """List where a record or annotation breaks its schema, as findings with the code ``shape``."""
    return [
        Finding(code="shape", level="error", place=path, message=message)
        for path, message in shape_errors(validator, instance)
    ]


def json_path(path: JsonPath) -> str:
    """Write a path as ``$.events[2].trigger``; keys that are no plain words stand in brackets."""
    written = "$"
    for step in path:
        if isinstance(step, int):
            written += f"[{step}]"
        else:
            written += f".{step}" if step.isidentifier() else f"[{step!r}]"
    return written


def _order(path: JsonPath) -> list[tuple[int, str]]:
    return [(step, "") if isinstance(step, int) else (-1, step) for step in path]


def _message(keyword: str, told: Mapping[str, Any], path: JsonPath, instance: Any, fallback: str) -> str:
    if keyword == "required":
        return f"key {told['property']!r} is missing"
    if keyword == "additionalProperties":
        return f"unknown key {', '.join(map(repr, sorted(told['unexpected'])))}"
    owners = _along(instance, path)
    value = owners.pop()
    wordings: tuple[Callable[..., str | None], ...] = (_role, _filler, _no_arguments, _answer, _plain)
    worded = (wording(keyword, told, path, value, owners) for wording in wordings)
    return next(filter(None, worded), fallback)


def _role(keyword: str, told: Mapping[str, Any], path: JsonPath, value: Any, owners: list[Any]) -> str | None:
    if keyword == "enum" and path[-1:] == ("role",):
        return f"{_shown(value)} is not a role of {owners[2]['type']}; one of {_listed(told['options'])}"
    return None


def _filler(keyword: str, told: Mapping[str, Any], path: JsonPath, value: Any, owners: list[Any]) -> str | None:
    if path[-1:] != ("event_id",) or not isinstance(value, str | None):
        return None
    role = f"role {owners[-1].get('role')!r} of {owners[2].get('type')}"
    if keyword == "type":
        return f"{role} is filled by {'an event, not by a span' if value is None else 'a span, not by an event'}"
    types = _TYPES_IN_PATTERN.match(told.get("pattern", ""))
    return f"{role} takes no {_shown(value)}; events of type {types[1].replace('|', ', ')}" if types else None


def _no_arguments(keyword: str, told: Mapping[str, Any], path: JsonPath, value: Any, owners: list[Any]) -> str | None:
    if keyword == "maxItems" and path[-1:] == ("arguments",):
        return f"{owners[-1]['type']} has no roles, so it takes no arguments"
    return "the schema has no links" if keyword == "maxItems" else None


def _answer(keyword: str, told: Mapping[str, Any], path: JsonPath, value: Any, owners: list[Any]) -> str | None:
    if path[-2:-1] != ("attributes",):
        return None
    if keyword == "type" and told["types"] == ["null"]:
        label = owners[-2].get("role") or owners[-2].get("type") or owners[-2].get("id")
        return f"attribute {path[-1]!r} is not asked of {label} and must be null"
    if value is None:
        return f"attribute {path[-1]!r} has a default, so it can't be null"
    return None


def _plain(keyword: str, told: Mapping[str, Any], path: JsonPath, value: Any, owners: list[Any]) -> str | None:
    if keyword == "type":
        kinds = sorted(told["types"], key=lambda kind: (kind == "null", kind))
        return f"{_shown(value)} is not {' or '.join(_NAMES.get(kind, kind) for kind in kinds)}"
    if keyword in ("enum", "const"):
        options = told.get("options", [told.get("expected_value")])
        return f"{_shown(value)} is not one of {_listed(options)}"
    if keyword == "pattern":
        return f"{_shown(value)} does not have the form {told['pattern']}"
    fixed = {
        "not": f"{_shown(value)} holds a line end",
        "minLength": "the text is empty",
        "minItems": "the list is empty",
        "uniqueItems": "the list says something twice",
        "minimum": f"{_shown(value)} is too small",
        "maximum": f"{_shown(value)} is too large",
    }
    return fixed.get(keyword)


def _along(instance: Any, path: JsonPath) -> list[Any]:
    """Give every value on the way down the path, the instance first."""
    values = [instance]
    for step in path:
        values.append(values[-1][step])
    return values


def _shown(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return str(value).lower().replace("none", "null")
    shown = "an object" if isinstance(value, dict) else "a list" if isinstance(value, list) else repr(value)
    return shown if len(shown) <= 60 else f"{shown[:57]}..."


def _listed(options: list[Any]) -> str:
    return ", ".join("null" if option is None else str(option) for option in options)
