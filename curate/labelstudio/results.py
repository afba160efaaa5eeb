"""What stands in a Label Studio result, sorted by kind: regions, arrows, attribute values, notes, the stamp.

Label Studio stores whatever it is sent, so nothing is taken for granted here. What can't be read becomes a
``Problem``; it never raises.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from curate.records import REASON_CODES, Article, Item, Value
from curate.schema.model import DATE, Attribute, EventSchema
from curate.spans import cuts_word, trim_suffix

PREDICTED = frozenset({"prediction", "prediction-changed"})
ORIGINS = PREDICTED | {"manual"}
REASON, ARTICLE_REASON = "disagreement", "article_disagreement"
"""The controls by which an adjudicator says why readings differ, of a region and of the article."""

CONFLICT = "CONFLICT "
"""What a line begins with that curate leaves on a region for an adjudicator; such a line is no note."""


@dataclass(frozen=True)
class Problem:
    """Something wrong or worth saying about one piece: a code, where, and what to do."""

    code: str
    where: str
    message: str


@dataclass(frozen=True)
class Region:
    """One labelled span, in code points, after trimming; ``order`` is its position in the result."""

    id: str
    order: int
    label: str
    start: int
    end: int
    text: str
    origin: str
    parent: str | None

    @property
    def where(self) -> str:
        """Name the region for a person."""
        return f'region {self.id} ({self.label} "{self.text[:40]}")'


@dataclass(frozen=True)
class Arrow:
    """One relation as drawn: from one region to another; ``direction`` is right, left or bi."""

    item: str
    source: str
    target: str
    direction: str
    labels: tuple[str, ...]


@dataclass(frozen=True)
class SetValue:
    """An attribute value set on a region, or on the article when ``region`` is None."""

    item: str
    region: str | None
    attribute: Attribute
    value: Value


@dataclass(frozen=True)
class Words:
    """A note left on a region, or on the article when ``region`` is None."""

    item: str
    region: str | None
    text: str


@dataclass
class Contents:
    """All that one result holds. ``kinds`` names the kind of every item, in the order of the result."""

    regions: dict[str, Region] = field(default_factory=dict)
    arrows: list[Arrow] = field(default_factory=list)
    values: list[SetValue] = field(default_factory=list)
    words: list[Words] = field(default_factory=list)
    reasons: list[Words] = field(default_factory=list)
    kinds: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    unreadable: set[str] = field(default_factory=set)
    """Ids of regions that are there and told as wrong; what hangs on them is not told again."""

    def report(self, code: str, where: str, message: str) -> None:
        """Add a problem."""
        self.problems.append(Problem(code, where, message))

    def count(self, kind: str, name: str) -> str:
        """Register an item under a name that is unique in this result."""
        item = name
        number = 2
        while item in self.kinds:
            item = f"{name}~{number}"
            number += 1
        self.kinds[item] = kind
        return item


def read_stamp(result: Any) -> str | None:
    """Find the schema stamp in a result; None when there is none."""
    for entry in result if isinstance(result, list) else []:
        if isinstance(entry, dict) and entry.get("from_name") == "schema":
            value = entry.get("value")
            choices = value.get("choices") if isinstance(value, dict) else None
            if isinstance(choices, list) and choices and isinstance(choices[0], str):
                return choices[0]
    return None


def count_items(result: Any) -> list[Item]:
    """List the items of a result that is not read further, such as a draft's; they state nothing."""
    contents = Contents()
    for position, entry in enumerate(result if isinstance(result, list) else [result]):
        if isinstance(entry, dict) and entry.get("from_name") == "schema":
            continue
        _register(contents, position, entry)
    return [Item(id=item, kind=kind, states=[]) for item, kind in contents.kinds.items()]


def read_contents(result: Any, article: Article, schema: EventSchema) -> Contents:
    """Sort a result by kind, checking each piece by itself."""
    contents = Contents()
    if not isinstance(result, list):
        contents.count("unknown", "result")
        contents.report("result-malformed", "result", "The result is not a list; annotate the article again.")
        return contents
    for position, entry in enumerate(result):
        if isinstance(entry, dict) and entry.get("from_name") == "schema":
            continue
        item = _register(contents, position, entry)
        if not isinstance(entry, dict):
            contents.report("result-malformed", f"result[{position}]", "This piece is not an object; delete it.")
        elif entry.get("type") == "relation":
            _read_arrow(contents, item, position, entry)
        elif entry.get("from_name") == "label":
            _read_region(contents, position, entry, article, schema)
            if isinstance(entry.get("id"), str) and entry["id"] not in contents.regions:
                contents.unreadable.add(entry["id"])
        elif entry.get("from_name") == "note":
            _read_note(contents, item, position, entry)
        elif entry.get("from_name") in (REASON, ARTICLE_REASON):
            _read_reason(contents, item, position, entry)
        else:
            _read_value(contents, item, position, entry, schema)
    return contents


def _register(contents: Contents, position: int, entry: Any) -> str:
    if not isinstance(entry, dict):
        return contents.count("unknown", f"result:{position}")
    if entry.get("type") == "relation":
        return contents.count("relation", f"relation:{entry.get('from_id')}>{entry.get('to_id')}")
    if entry.get("from_name") == "label":
        item = contents.count("region", f"region:{entry.get('id')}")
        if _meta_note(entry):
            contents.count("note", f"note:{entry.get('id')}:meta")
        return item
    kind = {"note": "note", REASON: "reason", ARTICLE_REASON: "reason"}.get(str(entry.get("from_name")), "attribute")
    return contents.count(kind, f"{entry.get('from_name')}:{entry.get('id')}")


def _read_arrow(contents: Contents, item: str, position: int, entry: dict[str, Any]) -> None:
    where = f"result[{position}]"
    source, target = entry.get("from_id"), entry.get("to_id")
    direction = entry.get("direction", "right")
    labels = entry.get("labels") or []
    if not isinstance(source, str) or not isinstance(target, str):
        contents.report("arrow-dangling", where, "This arrow lacks an end; delete it and draw it again.")
    elif direction not in ("right", "left", "bi"):
        contents.report("arrow-direction", where, f"The direction {direction!r} is none of right, left, bi.")
    elif not isinstance(labels, list) or not all(isinstance(label, str) for label in labels):
        contents.report("result-malformed", where, "The labels of this arrow are not a list of names.")
    else:
        contents.arrows.append(Arrow(item, source, target, direction, tuple(labels)))


def _read_region(
    contents: Contents, position: int, entry: dict[str, Any], article: Article, schema: EventSchema
) -> None:
    identifier, value = entry.get("id"), entry.get("value")
    where = f"result[{position}]"
    if not isinstance(identifier, str) or not identifier or not isinstance(value, dict):
        contents.report("result-malformed", where, "This region lacks its id or its value; draw it again.")
        return
    where = f"region {identifier}"
    if fault := _region_fault(contents, entry, value, article, schema):
        contents.report(fault[0], where, fault[1])
        return
    label, start, origin = value["labels"][0], value["start"], entry.get("origin", "manual")
    _compare_text(contents, where, value.get("text"), article.text[start : value["end"]])
    end = _trimmed(contents, where, origin, (start, value["end"]), article.text, schema)
    contents.regions[identifier] = Region(
        identifier, position, label, start, end, article.text[start:end], origin, entry.get("parentID") or None
    )
    if note := _meta_note(entry):
        contents.words.append(Words(f"note:{identifier}:meta", identifier, note))


def _region_fault(
    contents: Contents, entry: dict[str, Any], value: dict[str, Any], article: Article, schema: EventSchema
) -> tuple[str, str] | None:
    """Find the first thing that makes a region unreadable: its code and what to say."""
    labels, start, end = value.get("labels"), value.get("start"), value.get("end")
    origin, parent = entry.get("origin", "manual"), entry.get("parentID")
    if entry["id"] in contents.regions:
        return "region-id-repeated", "Two regions share this id; delete both and draw them again."
    if not isinstance(labels, list) or len(labels) != 1 or not isinstance(labels[0], str):
        return "region-labels", f"A region takes exactly one label, this has {labels!r}."
    if labels[0] not in schema.event_types and labels[0] not in schema.roles:
        return "label-unknown", f"{labels[0]!r} is no type or role of {schema.stamp}; relabel it."
    if type(start) is not int or type(end) is not int:
        return "span-not-integer", f"The offsets {start!r}, {end!r} are not whole numbers; draw it again."
    if not 0 <= start < end <= len(article.text):
        size = len(article.text)
        return "span-out-of-range", f"{start}-{end} is no span of a text of {size} characters; draw it again."
    if not isinstance(origin, str) or origin not in ORIGINS:
        return "origin-unknown", f"The origin {origin!r} is unknown; draw the region again."
    if parent and not isinstance(parent, str):
        return "parent-invalid", "Its parent is no region; nest it again."
    return None


def _trimmed(contents: Contents, where: str, origin: str, span: tuple[int, int], text: str, schema: EventSchema) -> int:
    """Cut the endings that the schema names from a span drawn by hand; give where it ends."""
    start, end = span
    if origin == "manual" and schema.selection == "word" and schema.trim:
        shorter = trim_suffix(text, start, end, schema.trim)
        if shorter != end:
            contents.report("span-trimmed", where, f'The ending "{text[shorter:end]}" was cut off, as the schema asks.')
        end = shorter
    if schema.selection == "symbol" and cuts_word(text, start, end):
        contents.report("span-cuts-word", where, f'"{text[start:end]}" begins or ends inside a word.')
    return end


def _compare_text(contents: Contents, where: str, said: Any, is_there: str) -> None:
    """Warn when the page's own copy of the words is another; it differs in white space by nature."""

    def bare(text: str) -> str:
        return re.sub(r"\s+", "", text.replace("\\n", ""))

    if isinstance(said, str) and bare(said) != bare(is_there):
        contents.report(
            "span-text-differs",
            where,
            f'The page noted "{said[:60]}", the article has "{is_there[:60]}" there.',
        )


def _joined(value: Any) -> str:
    return "\n".join(str(part) for part in value) if isinstance(value, list) else str(value)


def _read_note(contents: Contents, item: str, position: int, entry: dict[str, Any]) -> None:
    value = entry.get("value")
    if not isinstance(value, dict) or "text" not in value:
        contents.report("result-malformed", f"result[{position}]", "This note has no text.")
        return
    if not _joined(value["text"]).strip():
        return
    contents.words.append(Words(item, entry.get("id"), _joined(value["text"])))


def _meta_note(entry: dict[str, Any]) -> str:
    """Give the note that a region carries itself, without what curate wrote there; empty when there is none."""
    meta = entry.get("meta")
    text = _joined(meta["text"]) if isinstance(meta, dict) and meta.get("text") else ""
    return "\n".join(line for line in text.split("\n") if not line.startswith(CONFLICT)).strip()


def _read_reason(contents: Contents, item: str, position: int, entry: dict[str, Any]) -> None:
    where, value = f"result[{position}]", entry.get("value")
    region = entry.get("id") if entry.get("from_name") == REASON else None
    chosen = value.get("choices") if isinstance(value, dict) else None
    if not isinstance(chosen, list) or len(chosen) != 1 or chosen[0] not in REASON_CODES:
        contents.report("attribute-value", where, f"{chosen!r} is no reason; choose one of {', '.join(REASON_CODES)}.")
        return
    contents.reasons.append(Words(item, region if isinstance(region, str) else None, chosen[0]))


def _read_value(contents: Contents, item: str, position: int, entry: dict[str, Any], schema: EventSchema) -> None:
    name, value = entry.get("from_name"), entry.get("value")
    where = f"result[{position}]"
    attribute = schema.attributes.get(name) if isinstance(name, str) else None
    if attribute is None:
        contents.report("control-unknown", where, f"{schema.stamp} has no attribute {name!r}; delete the value.")
        return
    if not isinstance(value, dict):
        contents.report("result-malformed", where, f"The value of {name} is not an object.")
        return
    region = None if attribute.on == "article" else entry.get("id")
    if region is not None and not isinstance(region, str):
        contents.report("result-malformed", where, f"The value of {name} names no region.")
        return
    read, complaint = _parse(attribute, value)
    if read in ("", []) and not complaint:
        return  # emptied again on the page, which means the default
    if complaint:
        contents.report("attribute-value", f"{where} ({name})", complaint)
        return
    if any(other.region == region and other.attribute is attribute for other in contents.values):
        contents.report("attribute-repeated", f"{where} ({name})", f"{name} is set twice; leave one value.")
        return
    contents.values.append(SetValue(item, region, attribute, read))


def _parse(attribute: Attribute, value: dict[str, Any]) -> tuple[Value, str]:
    """Read a value by the attribute's kind; a complaint comes back as the second part."""
    if attribute.kind in ("choice", "choices"):
        chosen = value.get("choices")
        if not isinstance(chosen, list) or not chosen or not all(isinstance(one, str) for one in chosen):
            return None, f"{chosen!r} is no list of choices."
        unknown = [one for one in chosen if one not in attribute.values]
        if unknown:
            return None, f"{unknown[0]!r} is none of {', '.join(attribute.values)}."
        if attribute.kind == "choices":
            return sorted(set(chosen), key=list(attribute.values).index), ""
        return (chosen[0], "") if len(chosen) == 1 else (None, f"One choice is allowed, {len(chosen)} are set.")
    if attribute.kind == "integer":
        number = value.get("number")
        if isinstance(number, float) and number.is_integer():
            number = int(number)
        return (number, "") if type(number) is int else (None, f"{number!r} is no whole number.")
    text = _joined(value.get("datetime") if "datetime" in value else value.get("text", ""))
    if attribute.kind == "date" and text and not re.fullmatch(DATE, text):
        return None, f"{text!r} is no date like 2024, 2024-05 or 2024-05-31."
    return text, ""
