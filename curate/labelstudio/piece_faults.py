"""What is wrong with a piece of a result that can't be read as the page writes it, and what to do about it."""

from __future__ import annotations

from typing import Any

from curate.labelstudio.contents import DIRECTIONS, ORIGINS, Contents
from curate.labelstudio.offsets import recount, same_words
from curate.schema.model import EventSchema
from curate.spans import Span


def tell_keys(contents: Contents, item: str, position: int, keys: list[str]) -> None:
    """Tell the keys of a piece that nothing reads."""
    named = sorted(keys)
    contents.unknown += [f"key {key}" for key in named]
    contents.report("key-unknown", f"result[{position}]", f"Nothing reads {', '.join(named)} of this piece.", item)


def tell_foreign(contents: Contents, item: str, position: int, entry: dict[str, Any], due: str) -> None:
    """Tell of a piece that is not of the type ``due``, or else not on the page's text."""
    kind = entry.get("type")
    if kind != due:
        contents.unknown.append(f"type {kind}")
        message = f"{entry['from_name']} holds {due}, this is of type {kind!r}; delete it and set it on the page."
        contents.report("type-unexpected", f"result[{position}]", message, item)
    else:
        message = f"It belongs to {entry['to_name']!r}, which is not on the page; delete it and draw it there."
        contents.report("object-unknown", f"result[{position}]", message, item)


def arrow_fault(source: Any, target: Any, direction: Any) -> tuple[str, str]:
    """Find the first thing that makes an arrow unreadable: its code and what to say; at last it is the labels."""
    if not isinstance(source, str) or not isinstance(target, str):
        return "arrow-dangling", "This arrow lacks an end; delete it and draw it again."
    if direction not in DIRECTIONS:
        return "arrow-direction", f"The direction {direction!r} is none of right, left, bi."
    return "result-malformed", "The labels of this arrow are not a list of names."


def region_fault(
    contents: Contents, entry: dict[str, Any], value: dict[str, Any], schema: EventSchema
) -> tuple[str, str]:
    """Find the first thing but its span that makes a region unreadable; at last it is what it is nested under."""
    labels, start, end, origin = value.get("labels"), value.get("start"), value.get("end"), entry.get("origin")
    if entry["id"] in contents.regions or entry["id"] in contents.unreadable:
        return "region-id-repeated", "Two regions share this id; delete both and draw them again."
    if not isinstance(labels, list) or len(labels) != 1 or not isinstance(labels[0], str):
        return "region-labels", f"A region takes exactly one label, this has {labels!r}; relabel it."
    if labels[0] not in schema.event_types and labels[0] not in schema.roles:
        return "label-unknown", f"{labels[0]!r} is no type or role of {schema.stamp}; relabel it."
    if type(start) is not int or type(end) is not int:
        return "span-not-integer", f"The offsets {start!r}, {end!r} are not whole numbers; draw it again."
    if "origin" in entry and origin not in ORIGINS:
        return "origin-unknown", f"The origin {origin!r} is unknown; draw the region again."
    return "parent-invalid", "Its parent is no region; nest it again."


def find_span(contents: Contents, item: str, entry: dict[str, Any], text: str) -> Span | None:
    """Give where a region lies; what was counted in another way is counted again, when only one way fits."""
    value, where = entry["value"], f"region {entry['id']}"
    start, end, said = value["start"], value["end"], value.get("text")
    fits = 0 <= start < end <= len(text)
    words = text[start:end] if fits else ""
    if fits and (said is None or (isinstance(said, str) and same_words(said, words))):
        return start, end
    if fits:
        code, fault = "span-text-differs", f'{start}-{end} is "{words[:60]}" in the article'
    else:
        code, fault = "span-out-of-range", f"{start}-{end} is no span of a text of {len(text)} characters"
    other = recount(text, (start, end), said)
    if other.span is None:
        contents.report(code, where, f"{fault}; {other.told}. Draw it again.", item)
    else:
        contents.report("span-repaired", where, f"{fault}; {other.told}. It is read so; see that it is right.", item)
    return other.span
