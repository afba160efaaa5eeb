"""A Label Studio result sorted by kind: regions, arrows, attribute values, notes, the stamp.

Label Studio stores whatever it is sent, so nothing is taken for granted here. What can't be read becomes a
``Problem``; it never raises.
"""

from __future__ import annotations

from collections.abc import Container
from typing import Any

from curate.labelstudio.contents import Arrow, Blank, Contents, Region, SetValue, Words, written
from curate.labelstudio.controls import ARTICLE_REASON, LABEL, NOTE, REASON, SCHEMA, TEXT
from curate.labelstudio.offsets import recount, same_words
from curate.labelstudio.values import TYPES, is_whole, joined, parse
from curate.records import REASON_CODES, Article, Item
from curate.schema.model import EventSchema
from curate.spans import cuts_word, trim_suffix

PREDICTED = frozenset({"prediction", "prediction-changed"})
ORIGINS = PREDICTED | {"manual"}
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
    for position, entry in enumerate(result if isinstance(result, list) else [result]):
        if isinstance(entry, dict) and entry.get("from_name") == SCHEMA:
            continue
        _register(contents, position, entry)
    return [Item(id=item, kind=kind, states=[]) for item, kind in contents.kinds.items()]


def read_contents(result: Any, article: Article, schema: EventSchema, dropped: Container[str] = ()) -> Contents:
    """Sort a result by kind, checking each piece by itself; the items ``dropped`` are counted and not read."""
    contents = Contents()
    if not isinstance(result, list):
        contents.count("unknown", "result")
        contents.report("result-malformed", "result", "The result is not a list; annotate the article again.")
        return contents
    for position, entry in enumerate(result):
        control = entry.get("from_name") if isinstance(entry, dict) else None
        if control == SCHEMA:
            continue
        kind, item = _register(contents, position, entry)
        if item in dropped:
            if control == LABEL:
                _leave_blank(contents, item, position, entry, schema)
        elif kind == "region":
            if not _read_region(contents, item, position, entry, article, schema):
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


def _register(contents: Contents, position: int, entry: Any) -> tuple[str, str]:
    """Count an entry as an item; give the item's kind and its name."""
    if not isinstance(entry, dict):
        kind, name = "unknown", f"result:{position}"
    elif entry.get("type") == "relation":
        kind, name = "relation", f"relation:{entry.get('from_id')}>{entry.get('to_id')}"
    else:
        control, identifier = entry.get("from_name"), entry.get("id")
        if control == LABEL:
            item = contents.count("region", f"region:{identifier}")
            if entry.get("meta") and _meta_note(entry):
                contents.own_notes[item] = contents.count("note", f"note:{identifier}:meta")
            return "region", item
        kind, name = KINDS.get(str(control), "attribute"), f"{control}:{identifier}"
    return kind, contents.count(kind, name)


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
        by_hand = entry.get("origin") not in ("prediction", "prediction-changed")
        contents.blanks.append(Blank(position, item, place, by_hand))


def _is_the_pages(
    contents: Contents, item: str, position: int, entry: dict[str, Any], due: str, value: dict[str, Any]
) -> bool:
    """Tell whether a piece is what its control writes; keys that nothing reads are told."""
    if not (KEYS.issuperset(entry) and VALUE_KEYS.issuperset(value)):
        _tell_keys(contents, item, position, [*(entry.keys() - KEYS), *(value.keys() - VALUE_KEYS)])
    kind, belongs = entry.get("type"), entry.get("to_name", TEXT)
    if kind != due:
        contents.unknown.append(f"type {kind}")
        message = f"{entry['from_name']} holds {due}, this is of type {kind!r}; delete it and set it on the page."
        contents.report("type-unexpected", f"result[{position}]", message, item)
        return False
    if belongs != TEXT:
        message = f"It belongs to {belongs!r}, which is not on the page; delete it and draw it there."
        contents.report("object-unknown", f"result[{position}]", message, item)
        return False
    return True


def _tell_keys(contents: Contents, item: str, position: int, keys: list[str]) -> None:
    named = sorted(keys)
    contents.unknown += [f"key {key}" for key in named]
    contents.report("key-unknown", f"result[{position}]", f"Nothing reads {', '.join(named)} of this piece.", item)


def _read_arrow(contents: Contents, item: str, position: int, entry: dict[str, Any]) -> None:
    if not ARROW_KEYS.issuperset(entry):
        _tell_keys(contents, item, position, [*(entry.keys() - ARROW_KEYS)])
    source, target = entry.get("from_id"), entry.get("to_id")
    direction = entry.get("direction", "right")  # as the editor reads it
    labels = entry.get("labels") or []
    if not isinstance(source, str) or not isinstance(target, str):
        told = "This arrow lacks an end; delete it and draw it again."
        contents.report("arrow-dangling", f"result[{position}]", told, item)
    elif direction not in ("right", "left", "bi"):
        told = f"The direction {direction!r} is none of right, left, bi."
        contents.report("arrow-direction", f"result[{position}]", told, item)
    elif not isinstance(labels, list) or not {str}.issuperset(map(type, labels)):
        told = "The labels of this arrow are not a list of names."
        contents.report("result-malformed", f"result[{position}]", told, item)
    else:
        contents.arrows.append(Arrow(item, source, target, direction, tuple(labels)))


def _read_region(
    contents: Contents, item: str, position: int, entry: dict[str, Any], article: Article, schema: EventSchema
) -> bool:
    """Read a labelled span; tell whether it could be read."""
    identifier, value = entry.get("id"), entry.get("value")
    if not isinstance(identifier, str) or not identifier or not isinstance(value, dict):
        message = "This region lacks its id or its value; delete it and draw it again."
        contents.report("result-malformed", f"result[{position}]", message, item)
        return False
    if not _is_the_pages(contents, item, position, entry, "labels", value):
        return False
    where = f"region {identifier}"
    if fault := _region_fault(contents, entry, value, schema):
        contents.report(fault[0], where, fault[1], item)
        return False
    span = _span(contents, item, where, value, article.text)
    if span is None:
        return False
    origin = entry.get("origin", "manual")
    start, end = span[0], _trimmed(contents, item, where, origin, span, article.text, schema)
    contents.regions[identifier] = Region(
        identifier,
        position,
        value["labels"][0],
        value["labels"][0] in schema.event_types,
        start,
        end,
        article.text[start:end],
        origin,
        entry.get("parentID") or None,
        item,
    )
    if item in contents.own_notes:
        contents.words.append(Words(contents.own_notes[item], identifier, written(_meta_note(entry))))
    return True


def _region_fault(
    contents: Contents, entry: dict[str, Any], value: dict[str, Any], schema: EventSchema
) -> tuple[str, str] | None:
    """Find the first thing but its span that makes a region unreadable: its code and what to say."""
    labels, start, end = value.get("labels"), value.get("start"), value.get("end")
    origin, parent = entry.get("origin", "manual"), entry.get("parentID")
    if entry["id"] in contents.regions or entry["id"] in contents.unreadable:
        return "region-id-repeated", "Two regions share this id; delete both and draw them again."
    if not isinstance(labels, list) or len(labels) != 1 or not isinstance(labels[0], str):
        return "region-labels", f"A region takes exactly one label, this has {labels!r}; relabel it."
    if labels[0] not in schema.event_types and labels[0] not in schema.roles:
        return "label-unknown", f"{labels[0]!r} is no type or role of {schema.stamp}; relabel it."
    if type(start) is not int or type(end) is not int:
        return "span-not-integer", f"The offsets {start!r}, {end!r} are not whole numbers; draw it again."
    if not isinstance(origin, str) or origin not in ORIGINS:
        return "origin-unknown", f"The origin {origin!r} is unknown; draw the region again."
    if parent and not isinstance(parent, str):
        return "parent-invalid", "Its parent is no region; nest it again."
    return None


def _span(contents: Contents, item: str, where: str, value: dict[str, Any], text: str) -> tuple[int, int] | None:
    """Give where a region lies; what was counted in another way is counted again, when only one way fits."""
    start, end, said = value["start"], value["end"], value.get("text")
    fits = 0 <= start < end <= len(text)
    words = text[start:end] if fits else ""
    if fits and (said is None or said == words or (isinstance(said, str) and same_words(said, words))):
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


def _trimmed(
    contents: Contents, item: str, where: str, origin: str, span: tuple[int, int], text: str, schema: EventSchema
) -> int:
    """Cut the endings that the schema names from a span drawn by hand; give where it ends."""
    start, end = span
    if origin == "manual" and schema.selection == "word" and schema.trim:
        shorter = trim_suffix(text, start, end, schema.trim)
        if shorter != end:
            told = f'The ending "{text[shorter:end]}" was cut off, as the schema asks.'
            contents.report("span-trimmed", where, told, item)
        end = shorter
    if schema.selection == "symbol" and cuts_word(text, start, end):
        contents.report("span-cuts-word", where, f'"{text[start:end]}" begins or ends inside a word.', item)
    return end


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
    if attribute.on != "article" and not isinstance(region, str):
        message = f"The value of {name} names no region; delete it."
        contents.report("result-malformed", f"result[{position}]", message, item)
        return
    read, complaint = parse(attribute, value)
    if complaint:
        contents.report("attribute-value", f"result[{position}] ({name})", f"{complaint} Set it again.", item)
    elif read in ("", []):
        pass  # emptied again on the page, which means the default
    elif (region, name) in contents.set_here:
        message = f"{name} is set twice; leave one value."
        contents.report("attribute-repeated", f"result[{position}] ({name})", message, item)
    else:
        contents.set_here.add((region, attribute.name))
        contents.values.append(SetValue(item, region, attribute, read))
