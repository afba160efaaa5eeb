"""From the parts to the marked-up string that reads back as them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from curate.markup.parsing import BARE_VALUE, parse
from curate.markup.parts import Marked, MarkupError, ordered
from curate.schema.model import SAME_EVENT
from curate.spans import Span


def render(marked: Marked) -> str:
    """Write the mark-up that ``parse`` reads back as ``marked``, its parts in order.

    Raises MarkupError where two spans cross, naming both, or where a part can't be written: a span that is
    empty or outside the text, a name or number against the rules, anything ``parse`` refuses.
    """
    text = marked.text
    tags = _tags_by_span(marked)
    for start, end in tags:
        if not 0 <= start < end <= len(text):
            place = min(max(start, 0), len(text))
            raise MarkupError(f"the span {start}-{end} is empty or outside the text", text, place)
    rendered = _bracketed(text, tags) + _ending(marked)
    if parse(rendered) != ordered(marked):
        raise MarkupError("a name, number or value can't be written as mark-up", rendered, 0)
    return rendered


def _bracketed(text: str, tags: Mapping[Span, Sequence[str]]) -> str:
    pieces: list[str] = []
    done = 0
    around: list[Span] = []
    for span in [*sorted(tags, key=lambda span: (span[0], -span[1])), (len(text), len(text))]:
        while around and around[-1][1] <= span[0]:
            inner = around.pop()
            pieces += [_escaped(text[done : inner[1]]), f"]({', '.join(tags[inner])})"]
            done = inner[1]
        if around and around[-1][1] < span[1]:
            names = " and ".join(_described(text, one, tags[one]) for one in (around[-1], span))
            raise MarkupError(f"{names} cross; mark-up can only nest spans", text, span[0])
        pieces.append(_escaped(text[done : span[0]]))
        done = span[0]
        if span in tags:
            pieces.append("[")
            around.append(span)
    return "".join(pieces)


def _tags_by_span(marked: Marked) -> dict[Span, list[str]]:
    """The tags of each span as they are written, triggers first."""
    parts = ordered(marked)
    tags: dict[Span, list[str]] = {}
    for trigger in parts.triggers:
        tag = f"{trigger.type}#{trigger.number}{_braces(trigger.attributes)}"
        tags.setdefault((trigger.start, trigger.end), []).append(tag)
    for argument in parts.arguments:
        tag = f"{argument.role}>{argument.event}{_braces(argument.attributes)}"
        tags.setdefault((argument.start, argument.end), []).append(tag)
    return tags


def _ending(marked: Marked) -> str:
    entries = [
        f"{link.type} {link.source}{'=' if link.type == SAME_EVENT else '>'}{link.target}"
        for link in ordered(marked).links
    ]
    entries += _assignments(marked.attributes)
    return f"{{{{{'; '.join(entries)}}}}}" if entries else ""


def _braces(attributes: Mapping[str, Sequence[str]]) -> str:
    return f"{{{', '.join(_assignments(attributes))}}}" if attributes else ""


def _assignments(attributes: Mapping[str, Sequence[str]]) -> list[str]:
    return [f"{name}={'|'.join(map(_written, values))}" for name, values in sorted(attributes.items())]


def _written(value: str) -> str:
    if re.fullmatch(BARE_VALUE, value):
        return value
    return '"' + re.sub(r'(["\\])', r"\\\1", value) + '"'


def _escaped(text: str) -> str:
    return re.sub(r"([\[\]\\{])", r"\\\1", text)


def _described(text: str, span: Span, tags: Iterable[str]) -> str:
    return f"{', '.join(tags)} on {span[0]}-{span[1]} “{text[span[0] : span[1]]}”"
