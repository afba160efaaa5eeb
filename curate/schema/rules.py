"""What the metaschema can't say of an event schema file: names that must fit each other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from curate.schema.hotkeys import is_reserved
from curate.schema.model import INTEGER_RANGE, SAME_EVENT, is_date
from curate.schema.renaming import renamed_names, renamed_values
from curate.schema.shape import Fault, guess, undeclared
from curate.schema.source import Path

RESERVED_ATTRIBUTES = frozenset(
    {"label", "text", "schema", "note", "message", "find", "relation", "disagreement", "article_disagreement"}
)
"""Control names the page uses itself."""

_CHOOSING = ("choice", "choices")


def rule_faults(mapping: dict[str, Any]) -> list[Fault]:
    """List where the mapping, sound in shape but perhaps lacking keys, breaks a rule."""
    return [fault for rule in RULES for fault in rule(mapping)]


def role_references(mapping: dict[str, Any]) -> Iterator[Fault]:
    """Every role an event type uses is declared."""
    declared = mapping.get("roles", {})
    for name, event_type in mapping.get("event_types", {}).items():
        path: Path = ("event_types", name, "roles")
        for role in event_type.get("roles", {}):
            yield from undeclared("role", role, f"of {name}", (*path, role), declared, "roles")


def filler_references(mapping: dict[str, Any]) -> Iterator[Fault]:
    """Every filler is ``span``, ``event`` or an event type."""
    declared = mapping.get("event_types", {})
    for name, event_type in declared.items():
        for role, use in event_type.get("roles", {}).items():
            for index, filler in enumerate((use or {}).get("fillers", [])):
                path: Path = ("event_types", name, "roles", role, "fillers", index)
                if filler not in ("span", "event"):
                    known = [*declared, "span", "event"]
                    yield from undeclared("filler", filler, f"of {role} in {name}", path, known, "event_types")


def attribute_references(mapping: dict[str, Any]) -> Iterator[Fault]:
    """``types`` stands on trigger attributes, ``roles`` on argument attributes, and both name what is."""
    for name, attribute in mapping.get("attributes", {}).items():
        for key, on, what, declared in (
            ("types", "trigger", "event type", mapping.get("event_types", {})),
            ("roles", "argument", "role", mapping.get("roles", {})),
        ):
            path: Path = ("attributes", name, key)
            if key in attribute and attribute.get("on", on) != on:
                message = f"attribute {name!r} is on {attribute['on']} and can't be limited by {key}"
                yield Fault(path, message, f"delete `{key}`, or write `on: {on}`")
            for index, reference in enumerate(attribute.get(key, [])):
                section = "event_types" if key == "types" else key
                yield from undeclared(what, reference, f"of {name}", (*path, index), declared, section)


def link_references(mapping: dict[str, Any]) -> Iterator[Fault]:
    """The ends of links are event types, and the default link is a link."""
    links = mapping.get("links", {})
    for name, link in links.items():
        for key in ("from", "to"):
            for index, reference in enumerate(link.get(key, [])):
                path: Path = ("links", name, key, index)
                types = mapping.get("event_types", {})
                yield from undeclared("event type", reference, f"of {name}", path, types, "event_types")
    default = mapping.get("default_link", SAME_EVENT)
    known = [*links, SAME_EVENT]
    yield from undeclared("link", default, "of default_link", ("default_link",), known, "links")


def names(mapping: dict[str, Any]) -> Iterator[Fault]:
    """Event types, roles and links have different names, and none the page needs itself."""
    sections = [(name, section) for section in ("event_types", "roles", "links") for name in mapping.get(section, {})]
    first: dict[str, str] = {SAME_EVENT: "the built-in link"}
    for name, section in sections:
        if name in first:
            message = f"name {name!r} in {section} is taken by {first[name]}"
            yield Fault((section, name), message, "types, roles and links share one page: rename one")
        first.setdefault(name, section)
    for name in mapping.get("attributes", {}):
        if name in RESERVED_ATTRIBUTES:
            message = f"attribute name {name!r} is taken by the page itself"
            yield Fault(("attributes", name), message, f"rename it, for example `{name}_value`")


def hotkeys(mapping: dict[str, Any]) -> Iterator[Fault]:
    """Every declared hotkey does one thing."""
    first: dict[str, str] = {}
    for path, what, hotkey in _hotkeys(mapping):
        if is_reserved(hotkey):
            yield Fault(path, f"hotkey {hotkey!r} of {what} is one of the editor's own", "choose another, or none")
        elif hotkey in first:
            message = f"hotkey {hotkey!r} of {what} is taken by {first[hotkey]}"
            yield Fault(path, message, "choose another, or delete the line to have one assigned")
        first.setdefault(hotkey, what)


def kinds(mapping: dict[str, Any]) -> Iterator[Fault]:
    """Values stand where there is something to choose, and the level ``event`` on triggers."""
    for name, attribute in mapping.get("attributes", {}).items():
        path: Path = ("attributes", name)
        kind = attribute.get("kind")
        if kind in _CHOOSING and "values" not in attribute:
            fix = "add `values:` and below it a line `value: when to choose it` for each"
            yield Fault((*path, "values"), f"attribute {name!r} has no values to choose from", fix)
        if kind not in (*_CHOOSING, None) and "values" in attribute:
            message = f"attribute {name!r} has values although its kind is {kind}"
            yield Fault((*path, "values"), message, "delete them, or write `kind: choice`")
        if attribute.get("level") == "event" and attribute.get("on", "trigger") != "trigger":
            message = f"attribute {name!r} is on {attribute['on']}, so its level can't be event"
            yield Fault((*path, "level"), message, "delete `level`, or write `on: trigger`")
        scaled = {"ordinal": "choice", "interval": "integer"}.get(attribute.get("scale"), kind)
        if kind and scaled != kind:
            message = f"attribute {name!r} can't be {attribute['scale']}: its kind is {kind}, not {scaled}"
            yield Fault((*path, "scale"), message, "delete `scale`")


def defaults(mapping: dict[str, Any]) -> Iterator[Fault]:
    """A default is an answer the attribute takes."""
    for name, attribute in mapping.get("attributes", {}).items():
        if "default" in attribute:
            default, values = attribute["default"], attribute.get("values")
            fault = _default_fault(attribute.get("kind"), default, values)
            if fault:
                yield Fault(("attributes", name, "default"), f"default of {name!r} {fault[0]}", fault[1])


RULES: tuple[Callable[[dict[str, Any]], Iterator[Fault]], ...] = (
    role_references,
    filler_references,
    attribute_references,
    link_references,
    names,
    hotkeys,
    kinds,
    defaults,
    renamed_names,
    renamed_values,
)


def _hotkeys(mapping: dict[str, Any]) -> Iterator[tuple[Path, str, str]]:
    for section, what in (("event_types", "event type"), ("roles", "role")):
        for name, entry in mapping.get(section, {}).items():
            if "hotkey" in entry:
                yield (section, name, "hotkey"), f"{what} {name!r}", entry["hotkey"]
    for name, attribute in mapping.get("attributes", {}).items():
        for value, entry in attribute.get("values", {}).items():
            if isinstance(entry, dict) and "hotkey" in entry:
                path: Path = ("attributes", name, "values", value, "hotkey")
                yield path, f"value {value!r} of {name!r}", entry["hotkey"]


def _default_fault(kind: str | None, default: Any, values: dict[str, Any] | None) -> tuple[str, str] | None:
    if kind == "choices" and not isinstance(default, list):
        return f"is {default!r}, not a list", f"write [{default}]"
    if kind == "choice" and isinstance(default, list):
        return "is a list, but one value is chosen", "write the value alone, or `kind: choices`"
    if kind in _CHOOSING and values is not None:
        chosen = default if kind == "choices" else [default]
        for value in chosen:
            if value not in values:
                hint = guess(str(value), values)
                return (
                    f"is {value!r}, which is not among its values{hint}",
                    f"write one of {', '.join(values)}",
                )
    if kind == "text" and not isinstance(default, str):
        return f"is {default!r}, not text", f'write it in quotes: "{default}"'
    if kind == "integer" and not (isinstance(default, int) and default in INTEGER_RANGE):
        return f"is {default!r}, not a whole number of at most 32 bits", "write digits, without quotes"
    if kind == "date" and not (isinstance(default, str) and is_date(default)):
        return f"is {default!r}, not a date", "write 2023, 2023-10 or 2023-10-21"
    return None
