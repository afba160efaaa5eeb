"""A Label Studio result sorted by kind: regions, arrows, attribute values, notes, the stamp.

Label Studio stores whatever it is sent, so nothing is taken for granted here. What can't be read becomes a
``Problem``; it never raises.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from typing import Any

from curate.labelstudio.contents import (
    DIRECTIONS,
    ORIGINS,
    PREDICTED,
    Arrow,
    Blank,
    Contents,
    Region,
    SetValue,
    Words,
    written,
)
from curate.labelstudio.controls import ARTICLE_REASON, LABEL, NOTE, REASON, SCHEMA, TEXT
from curate.labelstudio.piece_faults import arrow_fault, find_span, region_fault, tell_foreign, tell_keys
from curate.labelstudio.values import STRINGS, TYPES, is_whole, joined, parse
from curate.records import REASON_CODES, Article, Item
from curate.schema.model import EventSchema
from curate.spans import Span, cuts_word, trim_suffix

CONFLICT = "CONFLICT "
"""What a line begins with that curate leaves on a region for an adjudicator; such a line is no note."""

KINDS = {NOTE: "note", REASON: "reason", ARTICLE_REASON: "reason"}
"""The kinds of items by their controls; those of other controls are attributes."""

ARROW_KEYS = frozenset({"type", "from_id", "to_id", "direction", "labels", "origin", "meta"})
KEYS = frozenset({"id", "type", "from_name", "to_name", "value", "origin", "parentID", "meta", "score"})
VALUE_KEYS = frozenset({"start", "end", "text", "labels", "choices", "number"})
"""The keys that the page writes; others are told and not read."""


def read_stamp(result: Any) -> str | None:
    """Find the schema stamp in a result; None when there is none."""
    for entry in result if isinstance(result, list) else []:
        if isinstance(entry, dict) and entry.get("from_name") == SCHEMA:
            value = entry.get("value")
            choices = value.get("choices") if isinstance(value, dict) else None
            if isinstance(choices, list) and choices and isinstance(choices[0], str) and is_whole(choices[0]):
                return choices[0]
    return None


def count_items(result: Any) -> list[Item]:
    """List the items of a result that is not read further, such as a draft's; they state nothing."""
    contents = Contents()
    for _ in _pieces(contents, result if isinstance(result, list) else [result]):
        pass
    return [Item(item, kind, []) for item, kind in contents.kinds.items()]


def read_contents(result: Any, article: Article, schema: EventSchema, dropped: Container[str] = ()) -> Contents:
    """Sort a result by kind, checking each piece by itself; the items ``dropped`` are counted and not read."""
    contents = Contents()
    if not isinstance(result, list):
        contents.count("unknown", "result")
        contents.report("result-malformed", "result", "The result is not a list; annotate the article again.")
        return contents
    text = article.text
    for kind, item, position, entry in _pieces(contents, result):
        if item in dropped:
            if isinstance(entry, dict) and entry.get("from_name") == LABEL:
                _leave_blank(contents, item, position, entry, schema)
        elif kind == "region":
            if not _read_region(contents, item, position, entry, text, schema):
                _leave_blank(contents, item, position, entry, schema)
        elif kind == "relation":
            _read_arrow(contents, item, position, entry)
        elif kind == "attribute":
            _read_value(contents, item, position, entry, schema)
        elif kind == "note":
            _read_note(contents, item, position, entry)
        elif kind == "reason":
            _read_reason(contents, item, position, entry)
        else:
            contents.report("result-malformed", f"result[{position}]", "This piece is not an object; delete it.", item)
    return contents


def _pieces(contents: Contents, result: list[Any]) -> Iterator[tuple[str, str, int, Any]]:
    """Count every piece but the stamp as an item; give the item's kind and id, the piece's position and the piece."""
    for position, entry in enumerate(result):
        if not isinstance(entry, dict):
            kind, name = "unknown", f"result:{position}"
        elif (control := entry.get("from_name")) == SCHEMA:
            continue
        elif entry.get("type") == "relation":
            kind, name = "relation", f"relation:{entry.get('from_id')}>{entry.get('to_id')}"
        elif control == LABEL:
            kind, name = "region", f"region:{entry.get('id')}"
        else:
            kind = KINDS.get(control, "attribute") if isinstance(control, str) else "attribute"
            name = f"{control}:{entry.get('id')}"
        item = contents.count(kind, name)
        if kind == "region" and entry.get("meta") and _meta_note(entry):
            contents.own_notes[item] = contents.count("note", f"note:{entry.get('id')}:meta")
        yield kind, item, position, entry


def _leave_blank(contents: Contents, item: str, position: int, entry: dict[str, Any], schema: EventSchema) -> None:
    """Note a region that is there and not read, so that nothing is taken from it to be another's."""
    identifier, value = entry.get("id"), entry.get("value")
    if item in contents.own_notes:
        contents.hanging[contents.own_notes[item]] = item
    if isinstance(identifier, str) and identifier not in contents.regions:
        contents.unreadable.setdefault(identifier, item)
    value = value if isinstance(value, dict) else {}
    labels, span = value.get("labels"), (value.get("start"), value.get("end"))
    if not isinstance(labels, list) or not all(isinstance(one, str) and one in schema.roles for one in labels):
        place = (span[0], span[1]) if type(span[0]) is int and type(span[1]) is int else None
        by_hand = entry.get("origin") not in PREDICTED
        contents.blanks.append(Blank(position, item, place, by_hand))


def _is_the_pages(
    contents: Contents, item: str, position: int, entry: dict[str, Any], due: str, value: dict[str, Any]
) -> bool:
    """Tell whether a piece is what its control writes; keys that nothing reads are told."""
    if not (KEYS.issuperset(entry) and VALUE_KEYS.issuperset(value)):
        tell_keys(contents, item, position, [*(entry.keys() - KEYS), *(value.keys() - VALUE_KEYS)])
    if entry.get("type") == due and entry.get("to_name", TEXT) == TEXT:
        return True
    tell_foreign(contents, item, position, entry, due)
    return False


def _read_arrow(contents: Contents, item: str, position: int, entry: dict[str, Any]) -> None:
    if not ARROW_KEYS.issuperset(entry):
        tell_keys(contents, item, position, [*(entry.keys() - ARROW_KEYS)])
    source, target = entry.get("from_id"), entry.get("to_id")
    direction = entry.get("direction", "right")  # as the editor reads it
    labels = entry.get("labels") or []
    if (
        isinstance(source, str)
        and isinstance(target, str)
        and direction in DIRECTIONS
        and (not labels or (isinstance(labels, list) and STRINGS.issuperset(map(type, labels))))
    ):
        contents.arrows.append(Arrow(item, source, target, direction, tuple(labels)))
    else:
        code, told = arrow_fault(source, target, direction)
        contents.report(code, f"result[{position}]", told, item)


def _read_region(
    contents: Contents, item: str, position: int, entry: dict[str, Any], text: str, schema: EventSchema
) -> bool:
    """Read a labelled span; tell whether it could be read."""
    identifier, value = entry.get("id"), entry.get("value")
    if not isinstance(identifier, str) or not identifier or not isinstance(value, dict):
        message = "This region lacks its id or its value; delete it and draw it again."
        contents.report("result-malformed", f"result[{position}]", message, item)
        return False
    if not _is_the_pages(contents, item, position, entry, "labels", value):
        return False
    labels, start, end = value.get("labels"), value.get("start"), value.get("end")
    origin, parent = entry.get("origin", "manual"), entry.get("parentID") or None
    if not (
        isinstance(labels, list)
        and len(labels) == 1
        and isinstance(labels[0], str)
        and ((event_type := schema.event_types.get(labels[0])) or labels[0] in schema.roles)
        and type(start) is int
        and type(end) is int
        and origin in ORIGINS
        and (parent is None or isinstance(parent, str))
        and identifier not in contents.regions
        and identifier not in contents.unreadable
    ):
        code, told = region_fault(contents, entry, value, schema)
        contents.report(code, f"region {identifier}", told, item)
        return False
    words = text[start:end]
    if not (0 <= start < end <= len(text) and value.get("text") == words):
        span = find_span(contents, item, entry, text)
        if span is None:
            return False
        start, end = span
        words = text[start:end]
    if schema.selection == "symbol":
        if cuts_word(text, start, end):
            told = f'"{words}" begins or ends inside a word.'
            contents.report("span-cuts-word", f"region {identifier}", told, item)
    elif origin == "manual" and words.endswith(schema.trim):
        end = _trim(contents, item, identifier, (start, end), text, schema.trim)
        words = text[start:end]
    contents.regions[identifier] = Region(
        identifier,
        position,
        labels[0],
        event_type is not None,
        event_type.roles if event_type else {},
        start,
        end,
        words,
        origin,
        parent,
        item,
    )
    if item in contents.own_notes:
        contents.words.append(Words(contents.own_notes[item], identifier, written(_meta_note(entry))))
    return True


def _trim(contents: Contents, item: str, identifier: str, span: Span, text: str, endings: tuple[str, ...]) -> int:
    """Cut the endings that the schema names from a span drawn by hand; give where it ends."""
    start, end = span
    shorter = trim_suffix(text, start, end, endings)
    if shorter != end:
        told = f'The ending "{text[shorter:end]}" was cut off, as the schema asks.'
        contents.report("span-trimmed", f"region {identifier}", told, item)
    return shorter


def _read_note(contents: Contents, item: str, position: int, entry: dict[str, Any]) -> None:
    value = entry.get("value")
    text = joined(value.get("text")) if isinstance(value, dict) else None
    if not isinstance(value, dict) or text is None or not isinstance(entry.get("id"), str):
        contents.report("result-malformed", f"result[{position}]", "This note has no text or no region.", item)
    elif _is_the_pages(contents, item, position, entry, "textarea", value) and text.strip():
        contents.words.append(Words(item, entry["id"], written(text)))


def _meta_note(entry: dict[str, Any]) -> str:
    """Give the note that a region carries itself, without what curate wrote there; empty when there is none."""
    meta = entry.get("meta")
    text = joined(meta["text"]) if isinstance(meta, dict) and meta.get("text") else None
    return "\n".join(line for line in (text or "").split("\n") if not line.startswith(CONFLICT)).strip()


def _read_reason(contents: Contents, item: str, position: int, entry: dict[str, Any]) -> None:
    where, value = f"result[{position}]", entry.get("value")
    region = entry.get("id") if entry.get("from_name") == REASON else None
    chosen = value.get("choices") if isinstance(value, dict) else None
    one = chosen[0] if isinstance(chosen, list) and len(chosen) == 1 else None
    if not isinstance(value, dict) or not isinstance(one, str) or one not in REASON_CODES:
        told = f"{chosen!r} is no reason; choose one of {', '.join(REASON_CODES)}."
        contents.report("attribute-value", where, told, item)
    elif _is_the_pages(contents, item, position, entry, "choices", value):
        contents.reasons.append(Words(item, region if isinstance(region, str) else None, one))


def _read_value(contents: Contents, item: str, position: int, entry: dict[str, Any], schema: EventSchema) -> None:
    name, value = entry.get("from_name"), entry.get("value")
    attribute = schema.attributes.get(name) if isinstance(name, str) else None
    if attribute is None:
        contents.unknown.append(f"control {name}")
        message = f"{schema.stamp} has no attribute {name!r}; delete the value."
        contents.report("control-unknown", f"result[{position}]", message, item)
        return
    if not isinstance(value, dict):
        message = f"The value of {name} is not an object; set it again."
        contents.report("result-malformed", f"result[{position}]", message, item)
        return
    if not _is_the_pages(contents, item, position, entry, TYPES[attribute.kind], value):
        return
    region = None if attribute.on == "article" else entry.get("id")
    if not isinstance(region, str) and attribute.on != "article":
        message = f"The value of {name} names no region; delete it."
        contents.report("result-malformed", f"result[{position}]", message, item)
        return
    read, complaint = parse(attribute, value)
    if complaint:
        contents.report("attribute-value", f"result[{position}] ({name})", f"{complaint} Set it again.", item)
    elif read not in ("", []):  # emptied again on the page, which means the default
        found = SetValue(item, region, attribute, read)
        if contents.set_values.setdefault((region, attribute.name), found) is not found:
            message = f"{name} is set twice; leave one value."
            contents.report("attribute-repeated", f"result[{position}] ({name})", message, item)
