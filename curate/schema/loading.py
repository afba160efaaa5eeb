"""From the text of an event schema file to a checked event schema."""

from __future__ import annotations

from typing import Any

from curate.schema.example_faults import example_faults
from curate.schema.model import (
    SAME_EVENT,
    Attribute,
    EventSchema,
    EventType,
    LinkType,
    Renames,
    Role,
    RoleUse,
    version_order,
)
from curate.schema.rules import rule_faults
from curate.schema.shape import Fault, sections_at_fault, shape_faults, without
from curate.schema.source import Problem, Source, parse, schema_error


def load(text: str, name: str) -> EventSchema:
    """Read a schema file's text; ``name`` is what messages call the file.

    Raises SchemaError, which tells every problem at once, each on a line with its place in the file.
    """
    source = parse(text, name)
    if found := problems(source):
        raise schema_error(name, found, source.rows)
    return _event_schema(source.mapping)


def problems(source: Source) -> list[Problem]:
    """List everything wrong in a schema file, by line.

    What the example sentences mean is looked at only once there is nothing else.
    """
    shape = shape_faults(source.mapping)
    noted = {problem.path for problem in source.problems}
    told = noted | {fault.path for fault in shape}
    astray = sections_at_fault(told)
    rules = [
        fault
        for fault in rule_faults(without(source.mapping, shape))
        if fault.path not in told and fault.section not in astray
    ]
    faults = [*(fault for fault in shape if fault.path not in noted), *rules]
    if not faults and not noted:
        faults = example_faults(_event_schema(source.mapping))
    found = [_problem(fault, source) for fault in faults]
    return sorted([*source.problems, *found], key=lambda problem: (problem.line, problem.message))


def _problem(fault: Fault, source: Source) -> Problem:
    line = source.line_of(fault.path)
    cut = " is nothing, " in fault.message and " #" in source.rows[line - 1]
    fix = "A # begins a comment: put the value in quotes." if cut else fault.fix[0].upper() + fault.fix[1:]
    return Problem(line, fault.path, fault.message, fix + ("" if fix[-1] in ".:`" else "."))


def _event_schema(mapping: dict[str, Any]) -> EventSchema:
    types = frozenset(mapping["event_types"])
    return EventSchema(
        name=mapping["name"],
        version=mapping["version"],
        title=mapping["title"],
        description=mapping["description"],
        language=mapping["language"],
        event_types={name: _event_type(name, entry, types) for name, entry in mapping["event_types"].items()},
        roles={name: _role(name, entry) for name, entry in mapping.get("roles", {}).items()},
        attributes={name: _attribute(name, entry) for name, entry in mapping.get("attributes", {}).items()},
        links={name: _link(name, entry) for name, entry in mapping.get("links", {}).items()},
        default_link=mapping.get("default_link", SAME_EVENT),
        selection=mapping.get("selection", "word"),
        trim=tuple(mapping.get("trim", ())),
        attach=mapping.get("attach", "order"),
        guidelines=mapping.get("guidelines", ""),
        renamed=_renamed(mapping.get("renamed", {})),
    )


def _renamed(blocks: dict[str, dict[str, Any]]) -> tuple[Renames, ...]:
    return tuple(Renames(version, **blocks[version]) for version in sorted(blocks, key=version_order))


def _event_type(name: str, entry: dict[str, Any], types: frozenset[str]) -> EventType:
    return EventType(
        name=name,
        definition=entry["definition"],
        group=entry.get("group", ""),
        hotkey=entry.get("hotkey"),
        colour=entry.get("colour"),
        examples=tuple(entry.get("examples", ())),
        trigger_words=tuple(entry.get("trigger_words", ())),
        roles={role: _role_use(role, use or {}, types) for role, use in entry.get("roles", {}).items()},
        maps={
            scheme: (codes,) if isinstance(codes, str) else tuple(codes)
            for scheme, codes in entry.get("maps", {}).items()
        },
    )


def _role_use(role: str, use: dict[str, Any], types: frozenset[str]) -> RoleUse:
    fillers = set(use.get("fillers", ["span"]))
    return RoleUse(
        role=role,
        span_filler="span" in fillers,
        event_fillers=types if "event" in fillers else frozenset(fillers - {"span"}),
        expected=use.get("expected", False),
        required=use.get("required", False),
        maximum=use.get("max"),
    )


def _role(name: str, entry: dict[str, Any]) -> Role:
    return Role(name, entry["definition"], entry.get("hotkey"), entry.get("colour"))


def _attribute(name: str, entry: dict[str, Any]) -> Attribute:
    values = {
        value: {"definition": told} if isinstance(told, str) else told
        for value, told in entry.get("values", {}).items()
    }
    return Attribute(
        name=name,
        on=entry["on"],
        level=entry.get("level", "mention"),
        kind=entry["kind"],
        definition=entry["definition"],
        values={value: told["definition"] for value, told in values.items()},
        hotkeys={value: told["hotkey"] for value, told in values.items() if "hotkey" in told},
        default=entry.get("default"),
        applies_to=frozenset(entry.get("types", entry.get("roles", ()))),
        scale=entry.get("scale", "interval" if entry["kind"] == "integer" else "nominal"),
    )


def _link(name: str, entry: dict[str, Any]) -> LinkType:
    return LinkType(
        name=name,
        definition=entry["definition"],
        symmetric=entry.get("symmetric", False),
        transitive=entry.get("transitive", False),
        sources=frozenset(entry.get("from", ())),
        targets=frozenset(entry.get("to", ())),
    )
