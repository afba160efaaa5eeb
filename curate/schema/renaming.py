"""The rules for what a schema file says under ``renamed``: old names lead, version by version, to those of today."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from curate.schema.model import followed, is_version, version_order
from curate.schema.shape import Fault, undeclared
from curate.schema.source import Path

Blocks = list[tuple[str, dict[str, Any]]]


def renamed_names(mapping: dict[str, Any]) -> Iterator[Fault]:
    """No version is after the file's own; each new name is declared, or renamed later; each old one is gone."""
    current, blocks = mapping.get("version", ""), _blocks(mapping)
    for place, (version, block) in enumerate(blocks):
        if is_version(current) and version_order(version) > version_order(current):
            message = f"renamed names version {version}, and this is version {current}"
            yield Fault(("renamed", version), message, "correct it, or raise `version`")
        for section in ("event_types", "roles", "links", "attributes"):
            later = [one.get(section, {}) for _, one in blocks[place + 1 :]]
            path: Path = ("renamed", version, section)
            yield from _faults(path, block.get(section, {}), later, mapping.get(section, {}), section)


def renamed_values(mapping: dict[str, Any]) -> Iterator[Fault]:
    """The same for the values of each attribute."""
    blocks, declared = _blocks(mapping), mapping.get("attributes", {})
    for place, (version, block) in enumerate(blocks):
        for attribute, values in block.get("values", {}).items():
            path: Path = ("renamed", version, "values", attribute)
            name, later = attribute, []
            for _, one in blocks[place + 1 :]:
                name = one.get("attributes", {}).get(name, name)
                later.append(one.get("values", {}).get(name, {}))
            if name in declared:
                yield from _faults(path, values, later, declared[name].get("values", {}), "attributes")
            else:
                yield from undeclared("attribute", name, f"in renamed {version}", path, declared, "attributes")


def _blocks(mapping: dict[str, Any]) -> Blocks:
    blocks = mapping.get("renamed", {})
    return [(version, blocks[version]) for version in sorted(filter(is_version, blocks), key=version_order)]


def _faults(
    path: Path, names: dict[str, str], later: list[dict[str, str]], declared: dict[str, Any], section: str
) -> Iterator[Fault]:
    for old, new in names.items():
        now = followed(new, later)
        yield from undeclared("new name", now, f"of {old}", (*path, old), declared, section)
        if old in declared and not any(old in rule.values() for rule in later):
            message = f"{old!r} is renamed in {path[1]} and still declared under {section}"
            yield Fault((*path, old), message, "delete this line, or the old name there")
