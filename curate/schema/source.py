"""An event schema file as read: plain values, and the line each of them stands on."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, TypeAlias

import yaml

from curate.errors import SchemaError

Path: TypeAlias = tuple[str | int, ...]
"""Keys and list positions from the top of the file down to a value."""

_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")
_CONSTANTS = {"true": True, "false": False, "null": None, "~": None, "": None}
_TAGS = {f"tag:yaml.org,2002:{kind}" for kind in ("str", "map", "seq")} | {"!"}


@dataclass(frozen=True)
class Source:
    """A schema file: its name, what it says, and the line of every key and list item, counted from 1."""

    name: str
    mapping: dict[str, Any]
    lines: dict[Path, int]

    def line_of(self, path: Path) -> int:
        """Give the line of a key or list item; of what it should stand in, where there is none."""
        while path not in self.lines:
            path = path[:-1]
        return self.lines[path]


def parse(text: str, name: str) -> Source:
    """Read YAML with the scalars of YAML 1.2; ``name`` is what messages call the file.

    ``true`` and ``false`` alone are truth values, ``null``, ``~`` and nothing are null, decimal digits are
    whole numbers; ``on``, ``no``, ``1.0``, ``012``, dates and every key are strings. Raises SchemaError,
    naming file and line, where the text is no YAML mapping, says a key twice, or uses aliases or tags.
    """
    try:
        root = yaml.compose(text, Loader=yaml.BaseLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        told = ", ".join(filter(None, (error.context, error.problem)))
        raise _broken(name, line, f"not YAML: {told}", _syntax_fix(error)) from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        fix = "delete the character, or write it as an escape in double quotes"
        raise _broken(name, line, f"character U+{error.character:04X} is not allowed", fix) from error
    except RecursionError as error:
        raise _broken(name, 1, "nested too deeply to be read", "flatten the file") from error
    if not isinstance(root, yaml.MappingNode):
        fix = "start the file with `name: my-schema`; `curate init` writes a working example"
        raise _broken(name, 1, "no mapping of keys to values", fix)
    lines: dict[Path, int] = {(): 1}
    return Source(name, _value(root, (), name, lines, set()), lines)


def _value(node: yaml.Node, path: Path, name: str, lines: dict[Path, int], met: set[int]) -> Any:
    """Make the plain value of a node, noting the line of everything below it."""
    line = node.start_mark.line + 1
    if id(node) in met:
        fix = "write the value out in both places"
        raise _broken(name, lines.get(path, line), "anchors and aliases (& and *) are not read", fix)
    met.add(id(node))
    if node.tag not in _TAGS:
        raise _broken(name, line, f"the tag {node.tag} is not read", "delete the tag")
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, path, name, lines, met)
    if isinstance(node, yaml.ScalarNode):
        return _scalar(node)
    for index, item in enumerate(node.value):
        lines[*path, index] = item.start_mark.line + 1
    return [_value(item, (*path, index), name, lines, met) for index, item in enumerate(node.value)]


def _mapping(node: yaml.MappingNode, path: Path, name: str, lines: dict[Path, int], met: set[int]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            raise _broken(name, line, "a key is a list or a mapping", "write the key as one word")
        key = str(key_node.value)
        if key in result:
            first = lines[*path, key]
            fix = f"delete one of the two, or put what they say under one {key!r}"
            raise _broken(name, line, f"key {key!r} is said twice, first on line {first}", fix)
        lines[*path, key] = line
        result[key] = _value(value_node, (*path, key), name, lines, met)
    return result


def _scalar(node: yaml.ScalarNode) -> str | int | bool | None:
    text = str(node.value)
    if node.style is not None:  # quoted or block text is text, whatever it looks like
        return text
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    return int(text) if _INTEGER.fullmatch(text) else text


def _syntax_fix(error: yaml.MarkedYAMLError) -> str:
    problem = f"{error.context or ''} {error.problem or ''}"
    if "\\t" in problem:
        return "indent with spaces, not tabs"
    if "mapping values are not allowed" in problem:
        return "put text that holds `: ` in quotes, or check the indentation"
    if "undefined alias" in problem:
        return "put text that begins with `*` in quotes"
    if "got '?'" in problem:
        return "put text that holds `?` in quotes"
    if "single document" in problem:
        return "keep one schema per file, without `---` inside"
    return "check indentation, quotes and brackets on this line and the one before"


def _broken(name: str, line: int, message: str, fix: str) -> SchemaError:
    return SchemaError(f"{name}:{line}: {message}", fix)
