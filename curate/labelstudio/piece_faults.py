"""What is wrong with a piece of a result that isn't as the page writes it, and what to do about it."""

from __future__ import annotations

from typing import Any, get_args

from curate.labelstudio.contents import Contents
from curate.labelstudio.controls import TEXT
from curate.labelstudio.offsets import recount, same_words
from curate.labelstudio.pieces import Direction, Labels, Origin, part
from curate.labelstudio.values import TYPES, joined
from curate.records import REASON_CODES, Item
from curate.schema.model import EventSchema
from curate.spans import Span

DUE = {"region": "labels", "note": "textarea", "reason": "choices"}
"""The types of pieces by the kinds of items; that of an attribute hangs on what the attribute is."""


def tell_keys(contents: Contents, item: Item, position: int) -> None:
    """Tell the keys of a piece that nothing reads."""
    keys = contents.strange[position]
    contents.unknown += [f"key {key}" for key in keys]
    contents.report("key-unknown", f"result[{position}]", f"Nothing reads {', '.join(keys)} of this piece.", item)


def tell_fault(contents: Contents, item: Item, position: int, piece: Any, schema: EventSchema) -> None:
    """Tell the first thing that makes a piece unreadable, as it was sent."""
    where = f"result[{position}]"
    if item.kind == "unknown":
        contents.report("result-malformed", where, "This piece is not an object; delete it.", item)
        return
    fault = None if item.kind == "relation" else _lack(contents, item, piece, schema)
    if fault is None and position in contents.strange:
        tell_keys(contents, item, position)
    if item.kind == "relation":
        fault = _arrow_fault(piece)
    elif fault is None:
        fault = _misplacement(contents, item, piece, schema)
    if fault is None and item.kind == "region":
        fault, where = _region_fault(contents, piece, schema), f"region {piece['id']}"
    code, told = fault or ("result-malformed", f"The value of {piece['from_name']} names no region; delete it.")
    contents.report(code, where, told, item)


def _lack(contents: Contents, item: Item, piece: dict[str, Any], schema: EventSchema) -> tuple[str, str] | None:
    """Find what a piece lacks to be read at all: its code and what to say."""
    name, identifier, value = piece.get("from_name"), piece.get("id"), piece.get("value")
    if item.kind == "region":
        if not isinstance(identifier, str) or not identifier or not isinstance(value, dict):
            return "result-malformed", "This region lacks its id or its value; delete it and draw it again."
    elif item.kind == "note":
        if joined(part(value, "text")) is None or not isinstance(identifier, str):
            return "result-malformed", "This note has no text or no region."
    elif item.kind == "reason":
        chosen = part(value, "choices")
        one = chosen[0] if isinstance(chosen, list) and len(chosen) == 1 else None
        if not isinstance(one, str) or one not in REASON_CODES:
            return "attribute-value", f"{chosen!r} is no reason; choose one of {', '.join(REASON_CODES)}."
    elif not isinstance(name, str) or name not in schema.attributes:
        contents.unknown.append(f"control {name}")
        return "control-unknown", f"{schema.stamp} has no attribute {name!r}; delete the value."
    elif not isinstance(value, dict):
        return "result-malformed", f"The value of {name} is not an object; set it again."
    return None


def _misplacement(contents: Contents, item: Item, piece: dict[str, Any], schema: EventSchema) -> tuple[str, str] | None:
    """Find whether a piece is of another type than its control sets, or else not on the page's text."""
    name, kind = piece["from_name"], piece.get("type")
    due = DUE.get(item.kind) or TYPES[schema.attributes[name].kind].__struct_config__.tag
    if kind != due:
        contents.unknown.append(f"type {kind}")
        told = f"{name} holds {due}, this is of type {kind!r}; delete it and set it on the page."
        return "type-unexpected", told
    if (text := piece.get("to_name", TEXT)) != TEXT:
        return "object-unknown", f"It belongs to {text!r}, which is not on the page; delete it and draw it there."
    return None


def _arrow_fault(piece: dict[str, Any]) -> tuple[str, str]:
    """Find the first thing that makes an arrow unreadable; at last it is the labels."""
    if not isinstance(piece.get("from_id"), str) or not isinstance(piece.get("to_id"), str):
        return "arrow-dangling", "This arrow lacks an end; delete it and draw it again."
    if (direction := piece.get("direction", "right")) not in get_args(Direction):
        return "arrow-direction", f"The direction {direction!r} is none of right, left, bi."
    return "result-malformed", "The labels of this arrow are not a list of names."


def _region_fault(contents: Contents, piece: dict[str, Any], schema: EventSchema) -> tuple[str, str]:
    """Find the first thing but its span that makes a region unreadable; at last it is what it is nested under."""
    value = piece["value"]
    labels, start, end = value.get("labels"), value.get("start"), value.get("end")
    if piece["id"] in contents.regions or piece["id"] in contents.unreadable:
        return "region-id-repeated", "Two regions share this id; delete both and draw them again."
    if not isinstance(labels, list) or len(labels) != 1 or not isinstance(labels[0], str):
        return "region-labels", f"A region takes exactly one label, this has {labels!r}; relabel it."
    if labels[0] not in schema.event_types and labels[0] not in schema.roles:
        return "label-unknown", f"{labels[0]!r} is no type or role of {schema.stamp}; relabel it."
    if type(start) is not int or type(end) is not int:
        return "span-not-integer", f"The offsets {start!r}, {end!r} are not whole numbers; draw it again."
    if (origin := piece.get("origin", "manual")) not in get_args(Origin):
        return "origin-unknown", f"The origin {origin!r} is unknown; draw the region again."
    return "parent-invalid", "Its parent is no region; nest it again."


def find_span(contents: Contents, item: Item, piece: Labels, text: str) -> Span | None:
    """Give where a region lies; what was counted in another way is counted again, when only one way fits."""
    start, end, said, where = piece.value.start, piece.value.end, piece.value.text, f"region {piece.id}"
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
