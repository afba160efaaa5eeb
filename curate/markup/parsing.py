"""From a marked-up string to its parts."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator
from typing import NamedTuple

from curate.markup.parts import (
    Marked,
    MarkedArgument,
    MarkedLink,
    MarkedTrigger,
    MarkupError,
    Values,
    ordered,
)
from curate.schema.model import SAME_EVENT
from curate.spans import Span


class _Tag(NamedTuple):
    """One tag as read, on the text's ``span``; ``place`` is where it stands in the marked-up string."""

    place: int
    span: Span
    name: str
    mark: str
    number: int
    attributes: Values


_NAME = "[A-Za-z][A-Za-z0-9_]*"
_NUMBER = "[1-9][0-9]{0,8}"
BARE_VALUE = "[A-Za-z0-9_-]+"
_ONE_VALUE = rf'{BARE_VALUE}|"(?:[^"\\]|\\["\\])*"'
_PIECE = re.compile(
    r"(?P<plain>[^\[\]\\{]+)|\\(?P<escaped>[\[\](){}\\])|(?P<brace>\{(?!\{))"
    r"|(?P<opening>\[)|(?P<closing>\]\()|(?P<ending>\{\{)"
)
_TAG = re.compile(rf"\s*(?P<name>{_NAME})(?P<mark>[#>])(?P<number>{_NUMBER})(?![0-9])")
_ATTRIBUTE = re.compile(
    rf"\s*(?P<name>{_NAME})\s*=\s*(?P<values>(?:{_ONE_VALUE})(?:\|(?:{_ONE_VALUE}))*)(?![A-Za-z0-9_\"-])"
)
_LINK = re.compile(rf"\s*(?P<type>{_NAME})\s+(?P<source>{_NUMBER})\s*(?P<arrow>[>=])\s*(?P<target>{_NUMBER})(?![0-9])")


def parse(marked: str) -> Marked:
    """Read a marked-up string. Raises MarkupError naming what is wrong and where."""
    text, tags, ending = _read_text(marked)
    links, attributes = _read_ending(marked, ending)
    triggers = _triggers(marked, tags)
    arguments = _arguments(marked, tags, triggers)
    for place, link in links:
        for number in (link.source, link.target):
            if number not in triggers:
                raise MarkupError(f"{link.type} names event {number}, which has no trigger", marked, place)
    known = tuple(link for _, link in links)
    return ordered(Marked(text, tuple(triggers.values()), tuple(arguments), known, attributes))


def _triggers(marked: str, tags: Iterable[_Tag]) -> dict[int, MarkedTrigger]:
    triggers: dict[int, MarkedTrigger] = {}
    for tag in tags:
        if tag.mark != "#":
            continue
        if tag.number in triggers:
            raise MarkupError(f"number {tag.number} is used for two triggers", marked, tag.place)
        triggers[tag.number] = MarkedTrigger(tag.number, tag.name, *tag.span, tag.attributes)
    return triggers


def _arguments(marked: str, tags: Iterable[_Tag], triggers: Container[int]) -> Iterable[MarkedArgument]:
    arguments: dict[tuple[str, int, Span], MarkedArgument] = {}
    for tag in tags:
        if tag.mark != ">":
            continue
        if tag.number not in triggers:
            problem = f"`{tag.name}>{tag.number}` belongs to event {tag.number}, which has no trigger"
            raise MarkupError(problem, marked, tag.place)
        key = (tag.name, tag.number, tag.span)
        if key in arguments:
            raise MarkupError(f"`{tag.name}>{tag.number}` stands twice on one span", marked, tag.place)
        arguments[key] = MarkedArgument(tag.name, tag.number, *tag.span, tag.attributes)
    return arguments.values()


def _read_text(marked: str) -> tuple[str, list[_Tag], int]:
    """Read the text, the tags on its spans, and where the links begin (the end where there are none)."""
    pieces: list[str] = []
    length = position = 0
    open_brackets: list[tuple[int, int]] = []
    tags: list[_Tag] = []
    while position < len(marked):
        found = _PIECE.match(marked, position)
        if not found:
            raise MarkupError(_stray(marked[position]), marked, position)
        kind = found.lastgroup
        if kind == "opening":
            open_brackets.append((position, length))
        elif kind == "closing":
            if not open_brackets:
                raise MarkupError("unbalanced `]`: no bracket is open here", marked, position)
            place, start = open_brackets.pop()
            if start == length:
                raise MarkupError("the brackets hold no text", marked, place)
            read, position = _read_tags(marked, found.end(), (start, length))
            tags += read
            continue
        elif kind == "ending":
            break
        else:
            pieces.append(found["escaped"] or found[0])
            length += len(pieces[-1])
        position = found.end()
    if open_brackets:
        raise MarkupError("unbalanced `[`: the bracket is never closed", marked, open_brackets[-1][0])
    return "".join(pieces), tags, position


def _read_tags(marked: str, position: int, span: Span) -> tuple[list[_Tag], int]:
    tags = []
    closed = False
    while not closed:
        found = _TAG.match(marked, position)
        if not found:
            problem = f"unknown tag {_excerpt(marked, position)}"
            advice = "write `Type#1` for a trigger, `role>1` for an argument"
            raise MarkupError(f"{problem}: {advice}", marked, position)
        attributes: Values = {}
        position = found.end()
        if marked.startswith("{", position):
            attributes, position = _read_braces(marked, position + 1)
        tags.append(_Tag(found.start("name"), span, found["name"], found["mark"], int(found["number"]), attributes))
        position, closed = _read_separator(marked, position, ",", ")")
    return tags, position


def _read_braces(marked: str, position: int) -> tuple[Values, int]:
    attributes: Values = {}
    closed = False
    while not closed:
        position = _read_attribute(marked, position, attributes)
        position, closed = _read_separator(marked, position, ",", "}")
    return attributes, position


def _read_ending(marked: str, position: int) -> tuple[list[tuple[int, MarkedLink]], Values]:
    """Read the links, each with its place, and the article's attributes."""
    links: list[tuple[int, MarkedLink]] = []
    attributes: Values = {}
    closed = position == len(marked)
    position += len("{{")
    while not closed:
        if found := _LINK.match(marked, position):
            link = MarkedLink(found["type"], int(found["source"]), int(found["target"]))
            if (link.type == SAME_EVENT) != (found["arrow"] == "="):
                problem = "write `same_event 2=1`, and any other link as `link 2>1`"
                raise MarkupError(problem, marked, found.start("arrow"))
            if any(link == other for _, other in links):
                raise MarkupError(f"the link `{found[0].strip()}` stands twice", marked, position)
            links.append((position, link))
            position = found.end()
        else:
            position = _read_attribute(marked, position, attributes)
        position, closed = _read_separator(marked, position, ";", "}}")
    if marked[position:].strip():
        raise MarkupError("text after the links: `{{…}}` stands at the very end", marked, position)
    return links, attributes


def _read_attribute(marked: str, position: int, attributes: Values) -> int:
    found = _ATTRIBUTE.match(marked, position)
    if not found:
        problem = f'can\'t read {_excerpt(marked, position)}: write `name=value` or `name="a value"`'
        raise MarkupError(problem, marked, position)
    if found["name"] in attributes:
        raise MarkupError(f"{found['name']} is given twice", marked, found.start("name"))
    attributes[found["name"]] = tuple(_values(found["values"]))
    return found.end()


def _values(written: str) -> Iterator[str]:
    for value in re.findall(_ONE_VALUE, written):
        yield re.sub(r"\\(.)", r"\1", value[1:-1]) if value.startswith('"') else value


def _read_separator(marked: str, position: int, separator: str, closing: str) -> tuple[int, bool]:
    """Step over the separator or the closing mark; tells which by whether the list is closed."""
    while position < len(marked) and marked[position].isspace():
        position += 1
    for mark in (separator, closing):
        if marked.startswith(mark, position):
            return position + len(mark), mark == closing
    problem = f"expected `{separator}` or `{closing}`, found {_excerpt(marked, position)}"
    raise MarkupError(problem, marked, position)


def _stray(character: str) -> str:
    if character == "]":
        return "`]` without tags: write `](Type#1)` after a span, `\\]` for a bracket of the text"
    return "stray backslash: write `\\\\` for a backslash of the text"


def _excerpt(marked: str, position: int) -> str:
    return f"`{marked[position : position + 20]}`" if position < len(marked) else "the end"
