"""Every key of an event schema file for people: Markdown made from the metaschema (pure)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

_HEAD = """\
# Every key of an event schema file

Made from `schemas/event-schema.schema.json` by `curate schema reference`. How to write a schema is told in
[schema-howto.md](schema-howto.md), the mark-up of examples in [markup.md](markup.md).

A schema file is YAML, of which `true` and `false` are the only truth values, and `null` or nothing is null; `yes`,
`on`, dates and `1.0` are text. Whole numbers are numbers, so text that is one needs quotes; so does text with `: `,
` #`, or a sign such as `*`, `&`, `@`, `[` or `{` at its beginning. Anchors, aliases and tags are not read.
"""

_PARTS = {
    "event_type": "An event type",
    "role_use": "A role in an event type",
    "role": "A role",
    "attribute": "An attribute",
    "choice": "A value of an attribute",
    "link": "A link",
    "renames": "What a version renamed",
}
_KINDS = {"boolean": "`true` or `false`", "string": "text", "integer": "a whole number", "null": "nothing"}


def reference_markdown(metaschema: Mapping[str, Any]) -> str:
    """Write the reference: a table of keys for the file and for each thing that is declared in it."""
    parts = metaschema["$defs"]
    blocks = [_HEAD.strip(), "## The file", _table(metaschema, parts)]
    for name, title in _PARTS.items():
        blocks += [f"## {title}", f"{parts[name]['description']}", _table(parts[name], parts)]
    return "\n\n".join(blocks) + "\n"


def _table(part: Mapping[str, Any], parts: Mapping[str, Any]) -> str:
    required = part.get("required", ())
    rows = ["| key | holds | |", "|---|---|---|"]
    for key, told in part["properties"].items():
        mark = " (required)" if key in required else ""
        rows.append(f"| `{key}`{mark} | {_cell(_form(told, parts))} | {_plain(told.get('description', ''))} |")
    return "\n".join(rows)


def _form(told: Mapping[str, Any], parts: Mapping[str, Any]) -> str:
    """Say what a key holds: its alternatives, joined by ``or``."""
    if "$ref" in told:
        name = told["$ref"].rpartition("/")[2]
        if name in _PARTS:
            return f"[{_PARTS[name].lower()}](#{_PARTS[name].lower().replace(' ', '-')})"
        part = parts[name]
        return part["description"] if "pattern" in part else _form(part, parts)
    if "enum" in told:
        return ", ".join(f"`{value}`" for value in told["enum"])
    kinds = told["type"] if isinstance(told["type"], list) else [told["type"]]
    return " or ".join(_alternatives(kinds, told, parts))


def _alternatives(kinds: list[str], told: Mapping[str, Any], parts: Mapping[str, Any]) -> Iterator[str]:
    for kind in kinds:
        if kind == "array":
            yield f"a list of {_form(told['items'], parts)}"
        elif kind == "object":
            names = _form(told["propertyNames"], parts) if "propertyNames" in told else "text"
            yield f"names ({names}), under each {_form(told['additionalProperties'], parts)}"
        else:
            yield _KINDS[kind] + (f", {told['minimum']} or more" if "minimum" in told else "")


def _plain(text: str) -> str:
    return _cell(text).replace("[", "\\[").replace("]", "\\]")


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
