"""A marked-up example as annotators read it: drawn as on the labelling page, with the labels raised (pure)."""

from __future__ import annotations

from collections.abc import Callable

from curate.markup import Marked, MarkedArgument, MarkedTrigger, MarkupError, parse
from curate.spans import Span


def drawn_example(example: str, escaped: Callable[[str], str]) -> str:
    """Write an example as HTML on one line: triggers bold, arguments underlined, and behind each what it is.

    ``escaped`` makes words safe for where the HTML will stand. Numbers tell several events apart. What can't be
    read as mark-up is written as it stands.
    """
    words = " ".join(example.split())
    try:
        marked = parse(words)
    except MarkupError:
        return escaped(words)
    pieces, position = [], 0
    for place, tag in _tags(marked, escaped):
        pieces += [escaped(marked.text[position:place]), tag]
        position = place
    links = "; ".join(f"{link.type} {link.source} → {link.target}" for link in marked.links)
    return "".join([*pieces, escaped(marked.text[position:]), f" ({escaped(links)})" if links else ""])


def _tags(marked: Marked, escaped: Callable[[str], str]) -> list[tuple[int, str]]:
    """List the opening and closing tags of all spans with their places, in the order in which they are written."""
    bold = {(trigger.start, trigger.end) for trigger in marked.triggers}
    placed: list[tuple[tuple[int, int, int], str]] = []
    for (start, end), label in _labels(marked).items():
        tag = "b" if (start, end) in bold else "u"
        # Where spans meet, those that end come before those that begin; of spans in spans the inner ends first.
        placed.append(((start, 1, -end), f"<{tag}>"))
        placed.append(((end, 0, -start), f"</{tag}><sup>{escaped(label)}</sup>"))
    return [(place, tag) for (place, _, _), tag in sorted(placed)]


def _labels(marked: Marked) -> dict[Span, str]:
    """Say of every span all that it is: types and roles, the events' numbers where several, attribute values."""
    said: dict[Span, list[str]] = {}
    parts: list[MarkedTrigger | MarkedArgument] = [*marked.triggers, *marked.arguments]
    for part in parts:
        name, event = (part.type, part.number) if isinstance(part, MarkedTrigger) else (part.role, part.event)
        values = ", ".join(value for given in part.attributes.values() for value in given)
        label = f"{name} {event}" if len(marked.triggers) > 1 else name
        said.setdefault((part.start, part.end), []).append(f"{label}: {values}" if values else label)
    return {span: ", ".join(labels) for span, labels in said.items()}
