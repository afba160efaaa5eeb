"""The shape of an event schema file, by the metaschema, and its faults in the words of the file."""

from __future__ import annotations

import copy
import difflib
import itertools
import json
import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Any, NamedTuple

from curate.schema.shipped import metaschema_path
from curate.schema.source import Path
from curate.shapes import compile_validator

_WORD = re.compile(r"[\w-]+")
_KINDS = {
    "string": "text",
    "integer": "a whole number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping of keys to values",
    "null": "nothing",
}


class Fault(NamedTuple):
    """One thing wrong in a schema file.

    ``readable`` where what stands there can be used all the same; ``section`` where a name is looked for in vain.
    """

    path: Path
    message: str
    fix: str
    readable: bool = False
    section: str = ""


def shape_faults(mapping: dict[str, Any]) -> list[Fault]:
    """List where the mapping breaks the metaschema, each fault once."""
    if _is_sound(mapping):
        return []
    faults: dict[Fault, None] = {}
    for error in _validator().iter_errors(mapping):
        path = tuple(error.absolute_path)
        if "propertyNames" in error.absolute_schema_path:
            path = (*path, error.instance)
        faults.update(dict.fromkeys(_WORDINGS.get(error.validator, _other)(path, error)))
    return list(faults)


def without(mapping: dict[str, Any], faults: Iterable[Fault]) -> dict[str, Any]:
    """Copy the mapping without the values at fault, so that they are not found wrong a second time.

    A value in a list goes with its list.
    """
    result = copy.deepcopy(mapping)
    for fault in faults:
        if not fault.readable:
            path = tuple(itertools.takewhile(lambda step: isinstance(step, str), fault.path))
            owner: Any = result
            for step in path[:-1]:
                owner = owner.get(step, {})
            owner.pop(path[-1], None)
    return result


def sections_at_fault(paths: Iterable[Path]) -> set[str]:
    """Name the sections in which no name can be looked for, since they or an entry's name are at fault."""
    known = _metaschema()["properties"]
    found = {str(path[0]) for path in paths if len(path) in (1, 2)}
    return found | {_meant(section, known) for section in found}


def place(path: Path) -> str:
    """Write a path as people say it: ``event_types.Attack.roles``."""
    return ".".join(str(step) for step in path) or "the file"


def guess(name: str, candidates: Iterable[str]) -> str:
    """Name the candidate that is probably meant, as the tail of a message; nothing where none is near."""
    near = _meant(name, candidates)
    return f"; did you mean {near!r}?" if near else ""


def undeclared(what: str, name: str, of: str, path: Path, known: Iterable[str], section: str) -> Iterator[Fault]:
    """Say of a name that it is not among those ``known``, which stand in a section of the file."""
    known = list(known)
    if name not in known:
        message = f"{what} {name!r} {of} is not declared{guess(name, known)}"
        yield Fault(path, message, f"correct the name, or declare it under {section}", section=section)


def _meant(name: str, candidates: Iterable[str]) -> str:
    return next(iter(difflib.get_close_matches(name, list(candidates), 1)), "")


def _is_sound(mapping: dict[str, Any]) -> bool:
    """Tell whether there is any fault; the engine whose faults are explained takes long to load."""
    try:
        return compile_validator(_metaschema()).is_valid(mapping)
    except ValueError:  # it holds what JSON can't
        return False


@cache
def _metaschema() -> dict[str, Any]:
    told: dict[str, Any] = json.loads(metaschema_path().read_text(encoding="utf-8"))
    return told


@cache
def _validator() -> Any:
    import jsonschema

    return jsonschema.Draft202012Validator(_metaschema())


def _unknown_keys(path: Path, error: Any) -> Iterator[Fault]:
    known = list(error.schema["properties"])
    for key in error.instance:
        if key not in known:
            message = f"unknown key {key!r} in {place(path)}{guess(key, known)}"
            homes = _homes(key)
            fix = f"the keys here are {', '.join(known)}"
            if meant := _meant(key, known):
                fix = f"write `{meant}:`"
            elif not _WORD.fullmatch(key):
                fix = "put text that holds a comma in quotes"
            elif homes:
                fix = f"`{key}` stands in {' or '.join(homes)}: check the indentation"
            yield Fault((*path, key), message, fix)


def _missing_keys(path: Path, error: Any) -> Iterator[Fault]:
    known = error.schema["properties"]
    misspelt = {_meant(key, known) for key in error.instance if key not in known}
    for key in error.validator_value:
        if key not in error.instance and key not in misspelt:
            fix = f"add `{key}:`. {known[key].get('description', '')}".strip()
            yield Fault(path, f"key {key!r} is missing in {place(path)}", fix, readable=True)


def _homes(key: str) -> list[str]:
    """Name the parts of a schema file that have the key."""
    metaschema = _metaschema()
    parts = [
        ("the top level", metaschema),
        *((name.replace("_", " "), part) for name, part in metaschema["$defs"].items()),
    ]
    return [
        f"a {name}" if part is not metaschema else name for name, part in parts if key in part.get("properties", {})
    ]


def _wrong_type(path: Path, error: Any) -> Iterator[Fault]:
    kinds = [error.validator_value] if isinstance(error.validator_value, str) else error.validator_value
    expected = " or ".join(_KINDS[kind] for kind in kinds if kind != "null")
    value = error.instance
    message = f"{place(path)} is {_shown(value)}, not {expected}"
    if "string" in kinds and isinstance(value, bool | int):
        fix = f'write it in quotes: "{str(value).lower()}"'
    elif value is None:
        fix = "write a value after the colon, or delete the key"
    elif kinds == ["boolean"]:
        fix = "write true or false, without quotes"
    elif "object" in kinds and isinstance(value, list):
        fix = "write each entry as a key of its own on a line of its own, `name:`, without `- ` or brackets"
    elif "object" in kinds and "definition" in error.schema.get("properties", {}):
        fix = "put the text below it, indented, as `definition: …`"
    elif kinds == ["array"] and isinstance(value, str):
        fix = f"write it in brackets: [{value}]" if "," not in value else "write it in brackets, each entry in quotes"
    else:
        fix = f"write {expected}"
    yield Fault(path, message, fix)


def _not_listed(path: Path, error: Any) -> Iterator[Fault]:
    allowed = ", ".join(map(str, error.validator_value))
    hint = guess(str(error.instance), error.validator_value)
    yield Fault(path, f"{place(path)} is {_shown(error.instance)}{hint}", f"write one of {allowed}")


def _wrong_form(path: Path, error: Any) -> Iterator[Fault]:
    form = error.schema["description"]
    if "propertyNames" in error.absolute_schema_path:
        message = f"name {error.instance!r} in {place(path[:-1])} is not allowed"
        yield Fault(path, message, f"write {form}", readable=True)
    else:
        yield Fault(path, f"{place(path)} is {_shown(error.instance)}, which has the wrong form", f"write {form}")


def _empty(path: Path, error: Any) -> Iterator[Fault]:
    yield Fault(path, f"{place(path)} is empty", "write at least one value, or delete the key")


def _repeated(path: Path, error: Any) -> Iterator[Fault]:
    yield Fault(path, f"{place(path)} says the same thing twice", "delete one of the two")


def _too_small(path: Path, error: Any) -> Iterator[Fault]:
    message = f"{place(path)} is {error.instance}, which is too small"
    yield Fault(path, message, f"write {error.validator_value} or more, or delete the key")


def _other(path: Path, error: Any) -> Iterator[Fault]:
    yield Fault(path, f"{place(path)}: {error.message}", "see event-schema.schema.json")


_WORDINGS: dict[str, Callable[[Path, Any], Iterator[Fault]]] = {
    "additionalProperties": _unknown_keys,
    "required": _missing_keys,
    "type": _wrong_type,
    "enum": _not_listed,
    "pattern": _wrong_form,
    "not": _wrong_form,
    "minLength": _empty,
    "minItems": _empty,
    "minProperties": _empty,
    "uniqueItems": _repeated,
    "minimum": _too_small,
}


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    if value is None:
        return "nothing"
    return repr(value) if isinstance(value, str) else str(value).lower()
