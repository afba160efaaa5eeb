"""A Label Studio result sorted by kind: regions, arrows, attribute values, notes, the stamp.

Label Studio stores whatever it is sent, so nothing is taken for granted here. What can't be read becomes a
``Problem``; it never raises.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from curate.labelstudio.contents import PREDICTED, Arrow, Blank, Contents, Region, SetValue, Words, written
from curate.labelstudio.controls import ARTICLE_REASON, LABEL, NOTE, REASON, SCHEMA
from curate.labelstudio.piece_faults import find_span, tell_fault, tell_keys
from curate.labelstudio.pieces import Choices, Control, Labels, Relation, Result, Textarea, as_result, part, sent
from curate.labelstudio.values import TYPES, is_whole, joined, parse
from curate.records import REASON_CODES, Article, Item
from curate.schema.model import EventSchema
from curate.spans import Span, cuts_word, trim_suffix

CONFLICT = "CONFLICT "
"""What a line begins with that curate leaves on a region for an adjudicator; such a line is no note."""

KINDS = {NOTE: "note", REASON: "reason", ARTICLE_REASON: "reason"}
"""The kinds of items by their controls; those of other controls are attributes."""


def read_stamp(drawn: Any) -> str | None:
    """Find the schema stamp in a result; None when there is none."""
    result = as_result(drawn)
    for piece in result.pieces if result.is_list else ():
        if part(piece, "from_name") == SCHEMA:
            choices = part(part(piece, "value"), "choices")
            if isinstance(choices, list) and choices and isinstance(choices[0], str) and is_whole(choices[0]):
                return choices[0]
    return None


def count_items(drawn: Any) -> list[Item]:
    """List the items of a result that is not read further, such as a draft's; they state nothing."""
    contents = Contents()
    for position, piece in enumerate(as_result(drawn).pieces):
        _count(contents, position, piece)
    return [*contents.items.values()]


def read_contents(result: Result, article: Article, schema: EventSchema, dropped: Collection[str] = ()) -> Contents:
    """Sort a result by kind, checking each piece by itself; the items ``dropped`` are counted and not read."""
    contents = Contents(strange=result.strange)
    if not result.is_list:
        contents.count("unknown", "result")
        contents.report("result-malformed", "result", "The result is not a list; annotate the article again.")
        return contents
    text = article.text
    for position, piece in enumerate(result.pieces):
        item = _count(contents, position, piece)
        if item is None:
            continue
        kind = type(piece)
        if dropped and item.id in dropped:
            is_read = False
        elif kind is Labels:
            is_read = _read_region(contents, item, position, piece, text, schema)
        elif kind is Relation:
            is_read = _read_arrow(contents, item, position, piece)
        elif isinstance(piece, Control):
            is_read = _read_control(contents, item, position, piece, schema)
        else:
            is_read = False
            tell_fault(contents, item, position, piece, schema)
        if not is_read and item.kind == "region":
            _leave_blank(contents, item, position, sent(piece), schema)
    return contents


def _count(contents: Contents, position: int, piece: Any) -> Item | None:
    """Count a piece as an item; the stamp is none."""
    kind = type(piece)
    if kind is Labels:
        item = contents.count("region", f"region:{piece.id}")
        if piece.meta:
            _count_note(contents, item, piece)
        return item
    if kind is Relation:
        return contents.count("relation", f"relation:{piece.from_id}>{piece.to_id}")
    control: Any
    if isinstance(piece, Control):
        control, identifier = piece.from_name, piece.id
    elif isinstance(piece, dict):
        control, identifier = piece.get("from_name"), piece.get("id")
    else:
        return contents.count("unknown", f"result:{position}")
    if control == SCHEMA:
        return None
    if part(piece, "type") == "relation":
        return contents.count("relation", f"relation:{part(piece, 'from_id')}>{part(piece, 'to_id')}")
    if control == LABEL:
        item = contents.count("region", f"region:{identifier}")
        _count_note(contents, item, piece)
        return item
    known = KINDS.get(control, "attribute") if isinstance(control, str) else "attribute"
    return contents.count(known, f"{control}:{identifier}")


def _count_note(contents: Contents, region: Item, piece: Any) -> None:
    """Count the note that a region carries itself, if it does."""
    if _meta_note(piece):
        contents.own_notes[region.id] = contents.count("note", f"note:{part(piece, 'id')}:meta")


def _leave_blank(contents: Contents, item: Item, position: int, piece: dict[str, Any], schema: EventSchema) -> None:
    """Note a region that is there and not read, so that nothing is taken from it to be another's."""
    if item.id in contents.own_notes:
        contents.hanging[contents.own_notes[item.id].id] = item.id
    identifier, value = piece.get("id"), piece.get("value")
    if isinstance(identifier, str) and identifier not in contents.regions:
        contents.unreadable.setdefault(identifier, item.id)
    labels, start, end = part(value, "labels"), part(value, "start"), part(value, "end")
    if not isinstance(labels, list) or not all(isinstance(one, str) and one in schema.roles for one in labels):
        place = (start, end) if type(start) is int and type(end) is int else None
        contents.blanks.append(Blank(position, item, place, piece.get("origin") not in PREDICTED))


def _read_arrow(contents: Contents, item: Item, position: int, piece: Relation) -> bool:
    if position in contents.strange:
        tell_keys(contents, item, position)
    contents.arrows.append(Arrow(item, piece.from_id, piece.to_id, piece.direction, piece.labels or ()))
    return True


def _read_region(contents: Contents, item: Item, position: int, piece: Labels, text: str, schema: EventSchema) -> bool:
    """Read a labelled span; tell whether it could be read."""
    identifier, value, regions = piece.id, piece.value, contents.regions
    label, start, end = value.labels[0], value.start, value.end
    event_type = schema.event_types.get(label)
    if (event_type is None and label not in schema.roles) or identifier in regions or identifier in contents.unreadable:
        tell_fault(contents, item, position, sent(piece), schema)
        return False
    if position in contents.strange:
        tell_keys(contents, item, position)
    words = text[start:end]
    if not (0 <= start < end <= len(text) and value.text == words):
        span = find_span(contents, item, piece, text)
        if span is None:
            return False
        start, end = span
        words = text[start:end]
    if schema.selection == "symbol":
        if cuts_word(text, start, end):
            told = f'"{words}" begins or ends inside a word.'
            contents.report("span-cuts-word", f"region {identifier}", told, item)
    elif piece.origin == "manual" and words.endswith(schema.trim):
        end = _trim(contents, item, identifier, (start, end), text, schema.trim)
        words = text[start:end]
    regions[identifier] = Region(
        identifier,
        position,
        label,
        event_type is not None,
        event_type.roles if event_type else {},
        start,
        end,
        words,
        piece.origin,
        piece.parentID or None,
        item,
    )
    if item.id in contents.own_notes:
        contents.words.append(Words(contents.own_notes[item.id], identifier, written(_meta_note(piece))))
    return True


def _trim(contents: Contents, item: Item, identifier: str, span: Span, text: str, endings: tuple[str, ...]) -> int:
    """Cut the endings that the schema names from a span drawn by hand; give where it ends."""
    start, end = span
    shorter = trim_suffix(text, start, end, endings)
    if shorter != end:
        told = f'The ending "{text[shorter:end]}" was cut off, as the schema asks.'
        contents.report("span-trimmed", f"region {identifier}", told, item)
    return shorter


def _meta_note(piece: Any) -> str:
    """Give the note that a region carries itself, without what curate wrote there; empty when there is none."""
    meta = part(piece, "meta")
    text = joined(meta["text"]) if isinstance(meta, dict) and meta.get("text") else None
    return "\n".join(line for line in (text or "").split("\n") if not line.startswith(CONFLICT)).strip()


def _read_control(contents: Contents, item: Item, position: int, piece: Control, schema: EventSchema) -> bool:
    """Read what was set with a control; tell whether it is what the control sets."""
    if item.kind == "attribute":
        is_read = _read_value(contents, item, position, piece, schema)
    elif item.kind == "note":
        is_read = _read_note(contents, item, piece)
    elif item.kind == "reason":
        is_read = _read_reason(contents, item, piece)
    else:
        is_read = False
    if not is_read:
        tell_fault(contents, item, position, sent(piece), schema)
    elif position in contents.strange:
        tell_keys(contents, item, position)
    return is_read


def _read_note(contents: Contents, item: Item, piece: Control) -> bool:
    text = joined(piece.value.text)
    if text is None or not isinstance(piece.id, str) or type(piece) is not Textarea:
        return False
    if text.strip():
        contents.words.append(Words(item, piece.id, written(text)))
    return True


def _read_reason(contents: Contents, item: Item, piece: Control) -> bool:
    chosen, region = piece.value.choices, piece.id if piece.from_name == REASON else None
    if not isinstance(chosen, list) or len(chosen) != 1 or type(piece) is not Choices:
        return False
    if not isinstance(chosen[0], str) or chosen[0] not in REASON_CODES:
        return False
    contents.reasons.append(Words(item, region if isinstance(region, str) else None, chosen[0]))
    return True


def _read_value(contents: Contents, item: Item, position: int, piece: Control, schema: EventSchema) -> bool:
    name, region = piece.from_name, piece.id
    attribute = schema.attributes.get(name)
    if attribute is None or type(piece) is not TYPES[attribute.kind]:
        return False
    if attribute.on == "article":
        region = None
    elif not isinstance(region, str):
        return False
    read, complaint = parse(attribute, piece.value)
    if complaint:
        contents.report("attribute-value", f"result[{position}] ({name})", f"{complaint} Set it again.", item)
    elif read not in ("", []):  # emptied again on the page, which means the default
        found = SetValue(item, region, attribute, read)
        if contents.set_values.setdefault((region, name), found) is not found:
            message = f"{name} is set twice; leave one value."
            contents.report("attribute-repeated", f"result[{position}] ({name})", message, item)
    return True
