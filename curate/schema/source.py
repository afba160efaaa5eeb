"""An event schema file as read: plain values, and the line each of them stands on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import yaml

from curate.errors import SchemaError

Path: TypeAlias = tuple[str | int, ...]
"""Keys and list positions from the top of the file down to a value."""

_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")
_QUOTED = re.compile(r"""\s*(?:- |[\w-]+:\s+)(?P<quote>["'])(?P<rest>.*)""")
_CONSTANTS = {"true": True, "false": False, "null": None, "~": None, "": None}
_TAGS = {f"tag:yaml.org,2002:{kind}" for kind in ("str", "map", "seq")} | {"!"}


@dataclass(frozen=True)
class Problem:
    """One thing wrong in a schema file; ``line`` counts from 1."""

    line: int
    path: Path
    message: str
    fix: str


@dataclass(frozen=True)
class Source:
    """A schema file: its name, what it says, and the line of every key and list item, counted from 1.

    ``rows`` are the lines themselves. ``problems`` are those of its YAML that did not keep it from being read.
    """

    name: str
    mapping: dict[str, Any]
    lines: dict[Path, int]
    rows: tuple[str, ...]
    problems: tuple[Problem, ...]

    def line_of(self, path: Path) -> int:
        """Give the line of a key or list item; of what it should stand in, where there is none."""
        while path not in self.lines:
            path = path[:-1]
        return self.lines[path]


def parse(text: str, name: str) -> Source:
    """Read YAML with the scalars of YAML 1.2; ``name`` is what messages call the file.

    ``true`` and ``false`` alone are truth values, ``null``, ``~`` and nothing are null, decimal digits are
    whole numbers; ``on``, ``no``, ``1.0``, ``012``, dates and every key are strings. A key said twice counts the
    first time, an alias not at all, and both are problems, as are tags. Raises SchemaError, naming file and line,
    where the text is no YAML mapping.
    """
    try:
        root = yaml.compose(text, Loader=yaml.BaseLoader)
    except yaml.MarkedYAMLError as error:
        problem = _syntax_problem(error, text.splitlines())
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        fix = "Delete the character, or write it as an escape in double quotes."
        problem = Problem(line, (), f"character U+{error.character:04X} is not allowed", fix)
    except RecursionError:
        problem = Problem(1, (), "nested too deeply to be read", "Flatten the file.")
    else:
        if isinstance(root, yaml.MappingNode):
            reader = _Reader()
            mapping = reader.value(root, ())
            return Source(name, mapping, reader.lines, tuple(text.splitlines()), tuple(reader.problems))
        what = "the file is empty" if root is None else "no mapping of keys to values"
        fix = "Start it with `name: my-schema`; `curate schema new NAME` writes a working one."
        problem = Problem(1, (), what, fix)
    raise schema_error(name, [problem], text.splitlines())


def schema_error(name: str, problems: Sequence[Problem], rows: Sequence[str]) -> SchemaError:
    """Put problems into words: one with the line it is on, several with the fix of each."""
    places = [f"{name}:{one.line}: {one.message}" for one in problems]
    if len(problems) > 1:
        told = [f"{place}\n    {one.fix}" for place, one in zip(places, problems, strict=True)]
        fix = f"Mend these, then: curate schema check {name}"
        return SchemaError("\n".join([f"{len(problems)} problems in {name}", *told]), fix)
    row = rows[problems[0].line - 1].strip() if problems[0].line <= len(rows) else ""
    return SchemaError("\n".join([places[0], *([f"    {_short(row)}"] if row else [])]), problems[0].fix)


class _Reader:
    """Makes plain values of nodes, noting the line of everything and what YAML admits but a schema does not."""

    def __init__(self) -> None:
        self.lines: dict[Path, int] = {(): 1}
        self.problems: list[Problem] = []
        self._met: set[int] = set()

    def value(self, node: yaml.Node, path: Path) -> Any:
        """Make the plain value of a node, all the way down."""
        line = node.start_mark.line + 1
        if id(node) in self._met:
            self._note(self.lines.get(path, line), path, "anchors and aliases (& and *) are not read", _WRITE_OUT)
            return None
        self._met.add(id(node))
        if node.tag not in _TAGS:
            self._note(line, path, f"the tag {_tag(node.tag)} is not read", "Delete the tag.")
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.ScalarNode):
            return _scalar(node)
        for index, item in enumerate(node.value):
            self.lines[*path, index] = self.lines[path] if id(item) in self._met else item.start_mark.line + 1
        return [self.value(item, (*path, index)) for index, item in enumerate(node.value)]

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                self._note(line, path, "a key is a list or a mapping", "Write the key as one word.")
                continue
            key = str(key_node.value)
            if key in result:
                fix = f"Delete one of the two, or put what they say under one `{key}:`."
                self._note(line, (*path, key), f"{key!r} is said twice, first on line {self.lines[*path, key]}", fix)
                continue
            self.lines[*path, key] = line
            result[key] = self.value(value_node, (*path, key))
        return result

    def _note(self, line: int, path: Path, message: str, fix: str) -> None:
        self.problems.append(Problem(line, path, message, fix))


def _scalar(node: yaml.ScalarNode) -> str | int | bool | None:
    text = str(node.value)
    if node.style is not None:  # quoted or block text is text, whatever it looks like
        return text
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    return int(text) if _INTEGER.fullmatch(text) else text


def _syntax_problem(error: yaml.MarkedYAMLError, rows: Sequence[str]) -> Problem:
    mark = error.problem_mark or error.context_mark
    line = mark.line + 1 if mark else 1
    begun = error.context_mark.line + 1 if error.context_mark else line
    said = ", ".join(filter(None, (error.context, error.problem)))
    row = rows[line - 1] if line <= len(rows) else ""
    if "\t" in row[: len(row) - len(row.lstrip())]:
        return Problem(line, (), "a tab in the indentation", "Indent with spaces, not tabs.")
    if opened := _open_quotes(rows[: line - 1]):
        return Problem(opened, (), "the quotes opened here are never closed", _CLOSE_QUOTES)
    if "mapping values are not allowed" in said and row.count(": ") + row.rstrip().endswith(":") == 1:
        message = f"indented deeper than line {line - 1}, which has its value already"
        return Problem(line, (), message, "Indent the keys of one mapping alike.")
    for part, message, fix in _SYNTAX:
        if part in said:
            place = begun if "here" in message else line
            return Problem(place, (), message.format(begun=begun, line=line), fix)
    return Problem(line, (), f"not YAML: {said}", "Check indentation, quotes and brackets here and on the line before.")


def _open_quotes(rows: Sequence[str]) -> int:
    """Find the line whose value begins with a quote that the next quoted text closes; 0 where there is none."""
    for line in range(len(rows), 0, -1):
        found = _QUOTED.match(rows[line - 1])
        if found and found["quote"] not in found["rest"]:
            later = sum(row.count(found["quote"]) for row in rows[line:])
            return line if later % 2 == 0 else 0
    return 0


_WRITE_OUT = "Write the value out in both places."
_CLOSE_QUOTES = 'Close them; a quote within double quotes is written \\".'
_QUOTE = "Put the whole text in quotes."
_SYNTAX = (
    ("mapping values are not allowed", "a second `: ` in one line", f"{_QUOTE} Or check the indentation."),
    ("found undefined alias", "a text begins with `*`", _QUOTE),
    ("while scanning an alias", "a text begins with `*`", _QUOTE),
    ("while scanning an anchor", "a text begins with `&`", _QUOTE),
    ("got '?'", "a `?` inside braces or brackets", _QUOTE),
    ("cannot start any token", "a text begins with a character that has a meaning in YAML", _QUOTE),
    ("single document", "a second document begins", "Keep one schema per file, without `---` inside."),
    (
        "while scanning a quoted scalar",
        "the quotes opened here are never closed",
        'Close them; a quote within double quotes is written \\".',
    ),
    (
        "parsing a flow",
        "the bracket or brace opened here is not closed where line {line} begins something else",
        "Close it, put commas between the entries, and text with , [ ] { } in quotes.",
    ),
    (
        "while scanning a simple key, could not find expected ':'",
        "here is a line without `key: `",
        "Write `key: value`; text over several lines follows `key: >-` and is indented.",
    ),
    (
        "parsing a block mapping, expected <block end>, but found '-'",
        "a list begins where the keys begun on line {begun} go on",
        "Put a `key:` before the list, or indent it.",
    ),
    (
        "parsing a block mapping, expected <block end>",
        "this does not line up with the keys begun on line {begun}",
        "Indent the keys of one mapping alike; a text that begins with a quote must end with it.",
    ),
    (
        "parsing a block collection",
        "this does not line up with the list begun on line {begun}",
        "Begin each entry with `- `, all indented alike.",
    ),
    ("unknown escape character", "a backslash in double quotes", "Write \\\\ for a backslash, or use single quotes."),
)


def _tag(tag: str) -> str:
    return tag.replace("tag:yaml.org,2002:", "!!")


def _short(row: str) -> str:
    return row if len(row) <= 100 else row[:99] + "…"
