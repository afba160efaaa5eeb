"""What Label Studio takes and shouldn't: every bad result it was seen to store, and what the check says of it.

Each row is one way to be wrong, found by sending it to the server or drawing it on the page. It gives exactly these
findings, each with its level and place, and the books say what became of every piece.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, replace
from typing import Any

import pytest

from checking_answers import check_all
from curate.findings import level
from curate.labelstudio.writing import stamp_result
from curate.records import Article
from curate.text import text_sha256
from event_schemas import SMALL_SCHEMA
from test_accepting import ARTICLE, CONTEXT
from test_reading import ACTOR, HIT, SENT, STRIKES, TEXT, THREAT, arrow, choice, region

BASE = region("b", "target", "Iraq’s base")
"""Without a target the attack would have a warning of its own."""

ANNOTATION = {"id": 1, "completed_by": 1, "created_at": "2024-01-01", "updated_at": "2024-01-01"}
GOOD = [HIT, ACTOR, BASE]


@dataclass(frozen=True)
class Row:
    """One bad result: the pieces, and each finding as code and place."""

    name: str
    result: Any
    found: tuple[tuple[str, str], ...]


def row(name: str, pieces: list[Any], *found: tuple[str, str]) -> Row:
    return Row(name, [stamp_result(SMALL_SCHEMA.stamp), *pieces], found)


def with_value(entry: dict[str, Any], **value: Any) -> dict[str, Any]:
    """Copy an entry with parts of its value changed, or left out where None."""
    made = copy.deepcopy(entry)
    made["value"] |= value
    made["value"] = {key: part for key, part in made["value"].items() if part is not None}
    return made


def without(entry: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in entry.items() if name != key}


def instead(entry: dict[str, Any]) -> list[Any]:
    """Give the sound pieces with one of them changed."""
    return [entry if one["id"] == entry.get("id") else one for one in GOOD]


def also(*pieces: Any) -> list[Any]:
    return [*GOOD, *pieces]


def text_box(name: str, control: str, text: Any) -> dict[str, Any]:
    return choice(name, control) | {"type": "textarea", "value": {"text": text}}


def number(value: Any) -> dict[str, Any]:
    return choice("hit", "count") | {"type": "number", "value": {"number": value}}


PLAIN = region("p", "place", "the base", parentID="hit")
WHOLE = {"start": 0, "end": len(TEXT), "text": TEXT}

ROWS = [
    # What the API stores of results, predictions and annotations alike.
    row("unknown label", also(region("x", "Parade", "strikes")), ("label-unknown", "region x")),
    row("no labels key", instead(with_value(BASE, labels=None)), ("region-labels", "region b")),
    row("missing from_name", also(without(PLAIN, "from_name")), ("control-unknown", "result[4]")),
    row("unknown from_name", also(PLAIN | {"from_name": "spans"}), ("control-unknown", "result[4]")),
    row("unknown to_name", also(PLAIN | {"to_name": "image"}), ("object-unknown", "result[4]")),
    row("wrong type", also(PLAIN | {"type": "choices"}), ("type-unexpected", "result[4]")),
    row("bad choice", also(choice("hit", "modality", "maybe")), ("attribute-value", "result[4] (modality)")),
    row("choices as str", also(with_value(choice("hit", "modality"), choices="asserted")),
        ("attribute-value", "result[4] (modality)")),
    row("textarea int", also(text_box("hit", "day", 2024)), ("attribute-value", "result[4] (day)")),
    row("textarea str", also(text_box("hit", "day", "2024"))),
    row("note of no text", also(text_box("hit", "note", {"a": 1})), ("result-malformed", "result[4]")),
    row("taxonomy", also(choice("hit", "kind") | {"type": "taxonomy", "value": {"taxonomy": [["a", ["b"]]]}}),
        ("control-unknown", "result[4]")),
    row("record of unknown type", also(PLAIN | {"type": "brushlabels"}), ("type-unexpected", "result[4]")),
    row("duplicate region id", also(region("hit", "Attack", "strikes")), ("region-id-repeated", "region hit")),
    row("relation from unknown id", also(arrow("gone", "hit")), ("arrow-dangling", "arrow gone > hit")),
    row("relation to unknown id", also(arrow("hit", "gone")), ("arrow-dangling", "arrow hit > gone")),
    row("relation without an end", also(without(arrow("hit", "d"), "to_id")), ("arrow-dangling", "result[4]")),
    row("no direction", also(without(arrow("hit", "d"), "direction"))),
    row("bad direction", also(arrow("hit", "d", direction="up")), ("arrow-direction", "result[4]")),
    row("offsets beyond the text", instead(with_value(BASE, start=900, end=950)), ("span-out-of-range", "region b")),
    row("negative offsets", instead(with_value(BASE, start=-11, end=-1)), ("span-out-of-range", "region b")),
    row("end before start", instead(with_value(BASE, start=22, end=11)), ("span-out-of-range", "region b")),
    row("end at start", instead(with_value(BASE, end=11)), ("span-out-of-range", "region b")),
    row("offsets as str", instead(with_value(BASE, start="11", end="22")), ("span-not-integer", "region b")),
    row("offsets as float", instead(with_value(BASE, start=11.5, end=22.0)), ("span-not-integer", "region b")),
    row("no offsets", instead(with_value(BASE, start=None, end=None)), ("span-not-integer", "region b")),
    row("wrong text", instead(with_value(BASE, text="BANANA")), ("span-text-differs", "region b")),
    row("text is a list", instead(with_value(BASE, text=["n1"])), ("span-text-differs", "region b")),
    row("no text", instead(with_value(BASE, text=None))),
    row("two labels", instead(with_value(BASE, labels=["target", "place"])), ("region-labels", "region b")),
    row("empty labels", instead(with_value(BASE, labels=[])), ("region-labels", "region b")),
    row("missing region id", also(without(PLAIN, "id")), ("result-malformed", "result[4]")),
    row("relation to self", also(arrow("hit", "hit")), ("arrow-self", "arrow hit > hit")),
    row("relation with undeclared label", also(arrow("hit", "d", "unheard_of")), ("arrow-label", "arrow hit > d")),
    row("relation with no labels", also(arrow("hit", "d"))),
    row("duplicate relation", also(arrow("hit", "d"), arrow("hit", "d")), ("arrow-repeated", "relation:hit>d~2")),
    row("value on a ghost region", also(choice("ghost", "modality", "asserted")),
        ("attribute-orphan", "modality of region ghost")),
    row("note on a ghost region", also(text_box("ghost", "note", ["?"])), ("note-orphan", "note of region ghost")),
    row("whenLabelValue violated", also(choice("d", "modality", "asserted")),
        ("attribute-not-applicable", 'region d (actor "Drones")')),
    row("two choices of one", also(choice("hit", "modality", "asserted", "hypothetical")),
        ("attribute-value", "result[4] (modality)")),
    row("datetime: no date", also(text_box("hit", "day", ["not a date"])), ("attribute-value", "result[4] (day)")),
    row("datetime: no such month", also(text_box("hit", "day", ["2024-13-45"])),
        ("attribute-value", "result[4] (day)")),
    row("datetime: no such day", also(text_box("hit", "day", ["2023-02-29"])), ("attribute-value", "result[4] (day)")),
    row("number as str", also(number("3")), ("attribute-value", "result[4] (count)")),
    row("number too large", also(number(10**12)), ("attribute-value", "result[4] (count)")),
    row("a value twice", also(choice("hit", "modality", "asserted"), choice("hit", "modality", "asserted")),
        ("attribute-repeated", "result[5] (modality)")),
    row("extra keys", also(PLAIN | {"colour": "red"}), ("key-unknown", "result[4]")),
    row("extra keys in a value", instead(with_value(BASE, rating=3)), ("key-unknown", "result[3]")),
    row("extra keys of a relation", also(arrow("hit", "d") | {"weight": 1}), ("key-unknown", "result[4]")),
    row("unknown origin", also(PLAIN | {"origin": "import"}), ("origin-unknown", "region p")),
    row("empty result", [], ("annotation-empty", "")),
    Row("result = dict", {"id": "x"}, (("stamp-missing", ""), ("result-malformed", "result"))),
    Row("result = None", None, (("stamp-missing", ""), ("result-malformed", "result"))),
    Row("result = JSON string", "[]", (("stamp-missing", ""), ("result-malformed", "result"))),
    row('result = ["x"]', ["x"], ("result-malformed", "result[1]")),
    # What annotators can submit on the page.
    row("argument with no relation", [BASE], ("argument-unattached", 'region b (target "Iraq’s base")')),
    row("argument in another sentence", also(region("r", "actor", "Rebels")),
        ("argument-unattached", 'region r (actor "Rebels")')),
    row("both directions", also(arrow("hit", "d"), arrow("d", "hit")), ("arrow-repeated", "relation:d>hit")),
    row("trigger to trigger of another type", also(SENT, arrow("hit", "sent")),
        ("cluster-types", "arrow hit > sent")),
    row("argument to argument", also(arrow("d", "b")), ("arrow-between-arguments", "arrow d > b")),
    row("two-way link", also(SENT, arrow("sent", "hit", "response_to", direction="bi")),
        ("arrow-direction", "arrow sent > hit")),
    row("relation with two labels", also(STRIKES, arrow("hit", "strikes", "near", "same_event")),
        ("arrow-labels", "arrow hit > strikes")),
    row("labels of a relation as str", also(arrow("hit", "d") | {"labels": "actor"}),
        ("result-malformed", "result[4]")),
    row("trigger and argument on one region", also(with_value(HIT, labels=["target"])),
        ("region-id-repeated", "region hit")),
    row("exact duplicate", also(region("again", "Attack", "hit")), ("duplicate-region", 'region again (Attack "hit")')),
    row("duplicate that differs", also(region("again", "Attack", "hit"), choice("again", "modality", "hypothetical")),
        ("duplicate-region-differs", 'region again (Attack "hit")')),
    row("overlapping triggers", also(region("more", "Deploy", "hit Iraq’s")),
        ("triggers-overlap", "$.events[1].trigger")),
    row("whole text as a span", also(PLAIN | {"value": WHOLE | {"labels": ["place"]}}),
        ("span-whole-text", "$.events[0].arguments[1]")),
    row("white space only", also(with_value(PLAIN, start=6, end=7, text=" ")),
        ("span-without-words", "$.events[0].arguments[1]")),
    row("punctuation only", also(with_value(PLAIN, start=22, end=24, text=". ")),
        ("span-without-words", "$.events[0].arguments[1]")),
    row("edges with space", also(with_value(PLAIN, start=70, text=" the base")),
        ("span-edge-space", "$.events[0].arguments[1]")),
    row("role illegal for the type", also(SENT, region("t", "target", "Troops", parentID="sent")),
        ("role-not-allowed", 'region t (target "Troops")')),
    row("expected role missing", [HIT, ACTOR], ("role-missing", "$.events[0]")),
    row("nested under no trigger", instead(BASE | {"parentID": "d"}),
        ("parent-invalid", 'region b (target "Iraq’s base")')),
    row("words where an event belongs", also(THREAT, region("c", "content", "strikes")),
        ("filler-not-allowed", 'region c (content "strikes")')),
    row("a suffix the schema cuts", also(region("p", "place", "Iraq’s")), ("span-trimmed", "region p")),
    Row("no stamp", GOOD, (("stamp-missing", ""),)),
    Row("stamp that is not kept", [stamp_result("small@9.0.0#ffff"), *GOOD], (("stamp-unknown", ""),)),
    Row("stamp that is none", [stamp_result("x") | {"value": {"choices": [{}]}}, *GOOD], (("stamp-missing", ""),)),
]  # fmt: skip

IMPOSSIBLE = {
    "required document choice absent": "The page requires nothing: unset is the default, which pull fills in.",
    "attribute missing": "The same; an attribute without a default may be null.",
    "taxonomy path or nesting": "The page has no taxonomy: types are labels. A taxonomy is `control-unknown` above.",
    "reversed relation": "Between a trigger and an argument an arrow's direction means nothing; so `left` and `bi`.",
    "relation without labels": "Its role is the span's; between two triggers it is the schema's default link.",
    "span over line ends whose text differs": "The page writes a line end as two characters; that is no difference.",
    "text missing": "`text` is never read but to be compared: the offsets say what the words are.",
    "two label groups on one region": "The page has one `Labels` control, so that a second label is a second region.",
    "HyperText or Paragraphs offsets": "The page has one `Text`; other results are `type-unexpected` above.",
}
"""Rows of what was measured that can't be wrong here, and why."""


def findings_of(row: Row, **more: Any) -> tuple[Any, list[tuple[str, str, str]]]:
    annotation = ANNOTATION | {"result": row.result} | more
    data = {"article_id": "a", "text": TEXT, "text_sha256": ARTICLE.text_sha256}
    made = check_all([{"id": 7, "project": 3, "data": data, "annotations": [annotation]}], CONTEXT)
    found = [(one.code, one.level, bare(one.place)) for one in made.findings]
    return made, found


def bare(place: str) -> str:
    """Give a place without its annotation, and a path without the words that stand there."""
    place = place.removeprefix("annotation 1").removeprefix(" · ")
    return place.split(" (")[0] if place.startswith("$") else place


@pytest.mark.parametrize("row", ROWS, ids=[row.name for row in ROWS])
def test_row(row: Row) -> None:
    """The row gives exactly its findings, of their level and at their place, and every piece stands in the books."""
    made, found = findings_of(row)
    trimmed = [("span-trimmed", "info", "region more")] * (row.name == "overlapping triggers")
    wanted = [(code, "warning" if code == "role-missing" else level(code), place) for code, place in row.found]
    assert sorted(found) == sorted([*wanted, *trimmed])
    is_held = any(severity == "error" for _, severity, _ in found)
    assert (len(made.held), len(made.annotations)) == ((1, 0) if is_held else (0, 1))
    pieces = len(row.result) - 1 if isinstance(row.result, list) and row.name != "no stamp" else 1
    assert made.books["items"]["seen"] == (3 if row.name == "no stamp" else pieces)


def test_the_sound_pieces_are_sound() -> None:
    """What the rows begin with has no finding, so that each row shows what it changes."""
    assert findings_of(row("sound", GOOD))[1] == []
    assert len({one.name for one in ROWS} | set(IMPOSSIBLE)) == len(ROWS) + len(IMPOSSIBLE)


@pytest.mark.parametrize(
    ("name", "pieces"),
    [
        ("reversed relation", [HIT, BASE, ACTOR, arrow("d", "hit")]),
        ("left", [HIT, BASE, ACTOR, arrow("hit", "d", direction="left")]),
        ("bi", [HIT, BASE, ACTOR, arrow("d", "hit", direction="bi")]),
        ("relation without labels", [HIT, BASE, STRIKES, region("s", "target", "strikes"), arrow("hit", "strikes")]),
        ("emptied again", also(text_box("hit", "day", []))),
        ("line end in a span", instead(with_value(BASE, text="Iraq’s \\n\\nbase"))),
    ],
)
def test_what_means_nothing_is_no_finding(name: str, pieces: list[Any]) -> None:
    """What the design makes harmless gives no finding."""
    assert findings_of(row(name, pieces))[1] == [], name


def test_skipped_is_excluded() -> None:
    """What was skipped is in the listing, and counted as that."""
    made, found = findings_of(row("skipped", GOOD), was_cancelled=True)
    assert (found, made.books["items"]["excluded"]) == ([], {"skipped": 3})


WIDE = "💥 " * 12 + "\n\nRebels 😀 hit\nthe old base near the old mill.\nThey left."


@pytest.mark.parametrize(
    ("words", "start", "end", "way"),
    [
        ("hit", lambda t, s: len(t[:s].encode("utf-16-le")) // 2, lambda t, e: len(t[:e].encode("utf-16-le")) // 2,
         "UTF-16"),
        ("They", lambda t, s: s + t[:s].count("\n"), lambda t, e: e + t[:e].count("\n"), "line ends"),
        ("left", lambda t, s: len(t[:s].replace("\n", "\r\n").encode("utf-16-le")) // 2,
         lambda t, e: len(t[:e].replace("\n", "\r\n").encode("utf-16-le")) // 2, "UTF-16 units and line ends"),
        ("base", lambda t, s: s + 1, lambda t, e: e + 1, "-1 and -1"),
        ("base", lambda t, s: s, lambda t, e: e - 1, "+0 and +1"),
        ("Rebels", lambda t, s: s + 1, lambda t, e: e, "-1 and +0"),
    ],
)  # fmt: skip
def test_what_was_counted_otherwise_is_counted_again(words: str, start: Any, end: Any, way: str) -> None:
    """Where exactly one way of counting leads to the words noted, the span is read so, with a warning that says how."""
    at = WIDE.index(words)
    value = {"start": start(WIDE, at), "end": end(WIDE, at + len(words)), "text": words, "labels": ["Deploy"]}
    made = wide(value)
    assert [(found.code, found.level) for found in made.findings] == [("span-repaired", "warning")]
    assert way in made.findings[0].message
    trigger = made.annotations[0].events[0].trigger
    assert (trigger.start, trigger.text) == (at, words)


def wide(value: dict[str, Any]) -> Any:
    article = Article(id="a", text=WIDE, text_sha256=text_sha256(WIDE))
    entry = HIT | {"value": value}
    data = {"article_id": "a", "text": WIDE, "text_sha256": article.text_sha256}
    annotation = ANNOTATION | {"result": [stamp_result(SMALL_SCHEMA.stamp), entry]}
    context = replace(CONTEXT, articles={"a": article})
    return check_all([{"id": 7, "data": data, "annotations": [annotation]}], context)


@pytest.mark.parametrize(
    ("value", "code", "evidence"),
    [
        ({"start": 900, "end": 904, "text": "mill"}, "span-out-of-range", "no way of counting"),
        ({"start": 900, "end": 904}, "span-out-of-range", "no words were noted"),
        ({"start": 0, "end": 3, "text": "mill"}, "span-text-differs", "no way of counting"),
        # Both one to the right and one to the left stand the words that were noted.
        ({"start": 1, "end": 4, "text": "💥 💥"}, "span-text-differs", "which could be 0-3"),
    ],
)
def test_what_fits_no_one_way_is_held_with_the_evidence(value: dict[str, Any], code: str, evidence: str) -> None:
    """Nothing is guessed: where no way or several lead to the words, the reading is held and the message says which."""
    made = wide(value | {"labels": ["Deploy"]})
    assert [found.code for found in made.findings] == [code]
    assert evidence in made.findings[0].message
    assert made.annotations == []
