"""Readings of earlier schema versions under the names of today: what is renamed lifts, the rest is told."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import fromstring

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from checking_answers import check_all
from curate.cli.app import app
from curate.errors import SchemaError
from curate.labelstudio.origins import begun_from
from curate.labelstudio.page import labelling_page
from curate.labelstudio.writing import stamp_result
from curate.markup import parse, to_reading
from curate.migration import migrate, renaming
from curate.records import plain
from curate.schema.compiling import annotation_schema
from curate.schema.loading import load
from curate.schema.model import EventSchema, version_order
from curate.shapes import compile_validator
from curate.starting import init
from curate.validation import check_annotation
from event_schemas import SMALL, SMALL_SCHEMA
from test_accepting import ARTICLE, CONTEXT
from test_reading import ACTOR, HIT, PIECES, SENT, STRIKES, TEXT, THREAT, arrow, choice, region

FIRST = (
    SMALL.replace("version: 1.0.0", "version: 0.8.0")
    .replace("Deploy", "Send")
    .replace("target", "goal")
    .replace("near", "beside")
    .replace("modality", "stance")
    .replace("hypothetical", "maybe")
    .replace("certainty", "sure")
)
SECOND = FIRST.replace("0.8.0", "0.9.0").replace("Send", "Move").replace("stance", "mode")
RENAMED = """\
renamed:
  0.9.0:
    event_types: {Send: Move}
    attributes: {stance: mode}
  1.0.0:
    event_types: {Move: Deploy}
    roles: {goal: target}
    links: {beside: near}
    attributes: {mode: modality, sure: certainty}
    values:
      modality: {maybe: hypothetical}
"""
NOW = load(SMALL + RENAMED, "small.yaml")
OLD = [load(FIRST, "first.yaml"), load(SECOND, "second.yaml")]
DRAWN = [
    HIT, ACTOR, region("b", "target", "Iraq’s base", parentID="hit"), choice("hit", "modality", "hypothetical"),
    choice("d", "certainty", "alleged"), STRIKES, arrow("strikes", "hit", "near"), SENT, THREAT,
    region("c", "content", "strikes"), arrow("sent", "hit", "response_to"),
    choice("strikes", "verification", "claimed"),
    {"id": "hit", "type": "textarea", "from_name": "note", "to_name": "text", "value": {"text": ["look"]}},
]  # fmt: skip


def under(schema: EventSchema, pieces: list[Any]) -> list[Any]:
    """Give the pieces by the names that an earlier version had."""
    names = {now: old for section in ("event_types", "roles", "links", "attributes") for old, now in
             renaming(schema, NOW).names[section].items()} | {"hypothetical": "maybe"}  # fmt: skip

    def old(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: one if key in ("text", "id") else old(one) for key, one in value.items()}
        return [old(one) for one in value] if isinstance(value, list) else names.get(value, value)

    return [stamp_result(schema.stamp), *(old(piece) for piece in pieces)]


def checked(result: list[Any], now: EventSchema = NOW, accepted: frozenset[str] = frozenset()) -> Any:
    validator = compile_validator(annotation_schema(now))
    context = replace(
        CONTEXT,
        schema=now,
        schemas={one.stamp: one for one in (*OLD, APART, now)},
        check_annotation=lambda made, article: check_annotation(made, article, now, validator),
        accepted=accepted,
    )
    made = {"id": 1, "completed_by": 1, "created_at": "2024-01-01", "updated_at": "2024-01-01", "result": result}
    data = {"article_id": "a", "text": TEXT, "text_sha256": ARTICLE.text_sha256}
    return check_all([{"id": 7, "project": 3, "data": data, "annotations": [made]}], context)


@pytest.mark.parametrize("schema", OLD, ids=lambda schema: schema.version)
def test_what_was_renamed_lifts_without_a_finding(schema: EventSchema) -> None:
    """Over one version or two, types, roles, links, attributes and values read as if they were made today."""
    today = checked([stamp_result(NOW.stamp), *DRAWN])
    lifted = checked(under(schema, DRAWN))
    told = [(found.code, found.level) for found in today.findings]
    assert [(found.code, found.level) for found in lifted.findings] == told
    assert all(level != "error" for _, level in told)
    (made,), (wanted,) = lifted.annotations, today.annotations
    assert made.schema == schema.stamp
    bare = [
        {key: value for key, value in plain(one).items() if key not in ("schema", "items")} for one in (made, wanted)
    ]
    assert bare[0] == bare[1]
    states = [sorted((item.kind, item.states) for item in one.items) for one in (made, wanted)]
    assert states[0] == states[1]


@pytest.mark.parametrize("schema", OLD, ids=lambda schema: schema.version)
def test_suggestions_deleted_under_an_earlier_version_are_named_as_today(schema: EventSchema) -> None:
    """Or what became of suggestions would be counted for types that are no more."""
    prediction = {"id": 4, "model_version": "m", "result": under(schema, [SENT, ACTOR, HIT])}
    begun = {"result": under(schema, [HIT]), "parent_prediction": 4}
    named = begun_from(begun, {"predictions": [prediction]}, ARTICLE, NOW, {one.stamp: one for one in OLD})
    assert named == ("m", ["Deploy@63-67"])


def test_the_rules_are_no_new_schema() -> None:
    """What names were before changes nothing about what is asked: the stamp stays."""
    assert NOW.stamp == SMALL_SCHEMA.stamp


GONE = load(SMALL.replace("  near: {definition: Close to each other., symmetric: true}\n", ""), "small.yaml")


@pytest.mark.parametrize(
    ("pieces", "where", "what"),
    [
        ([HIT, SENT], "Send@63-67", "The event type Send"),
        ([HIT, region("b", "target", "base")], "Attack@7-10/goal/18-22", "The role goal"),
        ([HIT, STRIKES, arrow("strikes", "hit", "near")], "beside(Attack@7-10,Attack@42-49)", "The link beside"),
        ([HIT, choice("hit", "modality", "hypothetical")], "Attack@7-10#stance", "The attribute stance"),
        ([HIT, ACTOR, choice("d", "certainty", "alleged")], "Attack@7-10/actor/0-6#sure", "The attribute sure"),
    ],
)
def test_what_has_no_rule_is_told_and_kept(pieces: list[Any], where: str, what: str) -> None:
    """Without a rule the reading is held; the finding names what it is, and once accepted only that goes."""
    result = under(OLD[0], pieces)
    held = checked(result, SMALL_SCHEMA)
    (told,) = [found for found in held.findings if found.level == "error"]
    assert (told.code, told.place) == ("migration-missing", f"annotation 1 · {where}")
    assert (told.message.startswith(what), OLD[0].stamp in told.message) == (True, True)
    assert held.books["items"]["held"] == len(pieces)
    left = checked(result, SMALL_SCHEMA, frozenset({"migration-missing"}))
    assert left.books["items"]["excluded"] == {"dropped: migration-missing": 1}
    assert len(left.annotations) == 1


def test_a_value_without_a_rule_is_told() -> None:
    """A value that is no more is told with the attribute, also where it was only the default."""
    now = load(SMALL + RENAMED.replace("      modality: {maybe: hypothetical}\n", "").replace("    values:\n", ""), "s")
    result = under(OLD[1], [HIT, choice("hit", "modality", "hypothetical")])
    assert [
        found.message.split(" of small")[0] for found in checked(result, now).findings if found.level == "error"
    ] == ["Maybe of mode"]


def test_an_attribute_that_was_never_set_goes() -> None:
    """An attribute that is asked no more and was left at its default says nothing."""
    made = checked(under(OLD[0], [HIT]), SMALL_SCHEMA)
    assert [found for found in made.findings if found.level == "error"] == []
    assert "stance" not in made.annotations[0].events[0].attributes


def test_old_and_new_names_in_one_reading() -> None:
    """What was begun under an earlier version and added to on the page of today reads as today's, with a warning."""
    made = checked([*under(OLD[1], [HIT, ACTOR]), SENT, region("b", "target", "Iraq’s base", parentID="hit")])
    assert [found.code for found in made.findings if found.code != "role-missing"] == ["stamp-outdated"]
    assert [event.type for event in made.annotations[0].events] == ["Attack", "Deploy"]


def test_what_is_accepted_goes_by_the_names_it_was_read_under() -> None:
    """Without what is given up the earlier schema may find no more errors than today's; today's stays the one."""
    pieces = [
        region("h", "Attack", "hit it"),
        region("far", "goal", "Iraq’s base"),
        choice("far", "sure", "alleged"),
        region("d", "actor", "Drones"),
        choice("d", "certainty", "alleged"),
    ]
    result = [stamp_result(OLD[1].stamp), *pieces]
    assert {found.code for found in checked(result).findings} == {"stamp-outdated", "argument-unattached"}
    made = checked(result, accepted=frozenset({"argument-unattached"}))
    assert [item.id for one in made.annotations for item in one.items] == ["region:h"]
    assert made.books["items"]["excluded"] == {"dropped: argument-unattached": 4}


def test_what_is_wrong_on_the_page_of_today_is_wrong_alone() -> None:
    """A wrong piece in a reading of old and new names is what is told, and dropped where that is accepted."""
    result = [*under(OLD[1], [HIT, ACTOR]), SENT, region("x", "Parade", "strikes")]
    held = checked(result)
    assert {found.code for found in held.findings if found.level == "error"} == {"label-unknown"}
    left = checked(result, accepted=frozenset({"label-unknown"}))
    assert left.books["items"]["excluded"] == {"dropped: label-unknown": 1}
    assert [event.type for event in left.annotations[0].events] == ["Attack", "Deploy"]


JOINED = load(
    SMALL
    + RENAMED.replace("{Move: Deploy}", "{Move: Deploy, Fly: Deploy}")
    .replace("{goal: target}", "{goal: target, aim: target}")
    .replace("{mode: modality, ", "{mode: modality, tone: modality, "),
    "small.yaml",
)
TONE = """\
  tone:
    on: trigger
    kind: choice
    definition: How is it said?
    values: {asserted: As a fact., asked: As a question.}
"""
APART = load(
    FIRST.replace("  Threaten:", "  Fly:\n    definition: By air.\n  Threaten:", 1)
    .replace("      goal: {expected: true}\n", "      goal: {}\n      aim: {}\n", 1)
    .replace("  place: {definition", "  aim: {definition: What it is for.}\n  place: {definition", 1)
    .replace("  verification:\n", f"{TONE}  verification:\n", 1),
    "apart.yaml",
)
GOAL, AIM = (region(role, role, "Iraq’s base", parentID="hit") for role in ("goal", "aim"))
SEND, FLY = (region(name, name, "sent") for name in ("Send", "Fly"))
MAYBE, ASSERTED = choice("hit", "stance", "maybe"), choice("hit", "tone", "asserted")


@pytest.mark.parametrize(
    ("pieces", "place", "told", "left"),
    [
        ([SEND, FLY], "Send@63-67", "Fly and Send are both Deploy now", {"region:Fly"}),
        ([HIT, GOAL, AIM], "Attack@7-10/goal/11-22", "aim and goal are both target now", {"region:hit", "region:aim"}),
        (
            [HIT, MAYBE, ASSERTED],
            "Attack@7-10#tone",
            "stance and tone are both modality now",
            {"region:hit", "stance:hit"},
        ),
    ],
)
def test_two_names_become_one(pieces: list[Any], place: str, told: str, left: set[str]) -> None:
    """What two old names say of one thing in two ways is one finding, which can be accepted; nothing is lost."""
    result = [stamp_result(APART.stamp), *pieces]
    (found,) = (one for one in checked(result, JOINED).findings if one.level == "error")
    assert (found.code, found.place) == ("migration-clash", f"annotation 1 · {place}")
    assert found.message.startswith(told)
    assert checked(result, JOINED).books["items"]["held"] == len(pieces)
    made = checked(result, JOINED, frozenset({"migration-clash"}))
    assert {item.id for item in made.annotations[0].items} == left
    assert made.books["items"]["excluded"] == {"dropped: migration-clash": 1}


def test_two_attributes_become_one_without_a_clash() -> None:
    """Of two attributes that are one today the one that was set counts, whichever it is."""
    for piece, value in ((MAYBE, "hypothetical"), (ASSERTED, "asserted")):
        made = checked([stamp_result(APART.stamp), HIT, piece], JOINED)
        assert made.annotations[0].events[0].attributes["modality"] == value


def test_a_name_that_never_was_is_warned_of(tmp_path: Path) -> None:
    """A rule for a name that no version used in the project had is told with its line, and what was meant."""
    rules = RENAMED.replace("goal:", "gaol:").replace("Send:", "Sent:").replace("maybe:", "may be:")
    (tmp_path / "small.yaml").write_text(SMALL + rules, encoding="utf-8")
    init(tmp_path, str(tmp_path / "small.yaml"))

    def warned() -> list[str]:
        told = CliRunner().invoke(app, ["--json", "--project", str(tmp_path), "schema", "check"]).stdout
        return [one["message"] for one in json.loads(told)["warnings"] if one["path"][0] == "renamed"]

    assert warned() == []
    kept = tmp_path / "exports" / "raw" / "schemas"
    kept.mkdir(parents=True)
    (kept / "first.yaml").write_text(FIRST, encoding="utf-8")
    assert warned() == [
        "no earlier version that was used here has the event type 'Sent' (did you mean 'Send'?)",
        "no earlier version that was used here has the event type 'Move'",
        "no earlier version that was used here has the role 'gaol' (did you mean 'goal'?)",
        "no earlier version that was used here has the value of modality 'may be' (did you mean 'maybe'?)",
    ]
    (tmp_path / "schema.yaml").write_text(SMALL + RENAMED, encoding="utf-8")
    assert warned() == []


@given(st.lists(st.sampled_from([piece for piece in PIECES if isinstance(piece, dict)]), max_size=10))
def test_any_reading_lifts_as_it_reads_today(pieces: list[Any]) -> None:
    """Whatever is drawn, an earlier version's reading has the findings and the books of one made today."""
    today = checked([stamp_result(NOW.stamp), *pieces])
    lifted = checked(under(OLD[0], pieces))
    assert sorted(found.code for found in lifted.findings) == sorted(found.code for found in today.findings)
    assert lifted.books == today.books


def test_what_is_gone_is_listed() -> None:
    """By section, what has no name in the new version."""
    assert renaming(OLD[0], NOW).gone() == {}
    assert renaming(OLD[0], SMALL_SCHEMA).gone() == {
        "event_types": ["Send"],
        "roles": ["goal"],
        "links": ["beside"],
        "attributes": ["stance", "sure"],
    }
    assert renaming(SMALL_SCHEMA, GONE).gone() == {"links": ["near"]}


WRONG = [
    ("  2.0.0:\n    roles: {goal: target}\n", "version 2.0.0, and this is version 1.0.0", "raise `version`"),
    ("  1.0.0:\n    roles: {goal: tarjet}\n", "'tarjet' of goal is not declared; did you mean 'target'?", "it"),
    ("  1.0.0:\n    roles: {actor: target}\n", "'actor' is renamed in 1.0.0 and still declared under roles", "Delete"),
    ("  1.0.0:\n    values:\n      mode: {a: b}\n", "attribute 'mode' in renamed 1.0.0 is not declared", "declare it"),
    ("  1.0.0:\n    values:\n      modality: {maybe: asked}\n", "new name 'asked' of maybe is not declared", "Correct"),
    ("  1.0:\n    roles: {goal: target}\n", "name '1.0' in renamed is not allowed", "three numbers"),
    ("  1.0.0:\n    types: {Move: Deploy}\n", "unknown key 'types' in renamed.1.0.0", "event_types"),
    ("  1.0.0: {}\n", "renamed.1.0.0 is empty", "Write at least one"),
]  # fmt: skip


@pytest.mark.parametrize(("block", "message", "fix"), WRONG)
def test_a_wrong_rule_is_told(block: str, message: str, fix: str) -> None:
    """Each mistake is told with its line and what to do."""
    with pytest.raises(SchemaError) as told:
        load(f"{SMALL}renamed:\n{block}", "small.yaml")
    said = f"{told.value.message}\n{told.value.fix}"
    line = f"small.yaml:{SMALL.count(chr(10)) + 2}"
    assert (message in said, fix in said) == (True, True), said
    assert line[:-2] in said


def test_earlier_names_stay_on_the_page_out_of_sight() -> None:
    """The server and open annotations find every old control, label and choice; nobody sees them or has a key."""
    page = fromstring(labelling_page(NOW))
    hidden = [one for view in page.iter("View") if view.get("style") == "display:none" for one in view.iter()]
    labels = {one.get("value") for one in page.iter("Label")}
    assert {"Send", "Move", "goal"} <= {one.get("value") for one in hidden if one.tag == "Label"} <= labels
    controls = {one.get("name"): one for one in hidden if one.get("perRegion")}
    assert set(controls) == {"stance", "mode", "sure"}
    assert {one.get("value") for one in controls["stance"]} == {"asserted", "hypothetical", "maybe"}
    (modality,) = [one for one in page.iter("Choices") if one.get("name") == "modality"]
    (old,) = [one for one in modality if one.get("value") == "maybe"]
    assert old.get("style") == "display:none"
    assert all(one.get("hotkey", "∅")[0] == "∅" for one in [*hidden, old])
    assert "beside" in {one.get("value") for one in page.iter("Relation")}
    assert labelling_page(replace(NOW, renamed=())) == labelling_page(SMALL_SCHEMA)


def test_versions_are_in_order() -> None:
    """Numbers count as numbers, and a draft comes before its version."""
    versions = ["1.0.1", "1.0.0", "0.9.0", "1.0.0-draft", "0.10.0"]
    assert sorted(versions, key=version_order) == ["0.9.0", "0.10.0", "1.0.0-draft", "1.0.0", "1.0.1"]


def test_a_reading_of_no_event() -> None:
    """What holds nothing but an article's value migrates as well."""
    reading = to_reading(parse("They hit it.{{relevance=irrelevant}}"), OLD[0])
    assert migrate(reading, renaming(OLD[0], NOW)).reading.attributes == {"relevance": "irrelevant"}


def test_the_command_writes_what_is_missing(tmp_path: Path) -> None:
    """It lists what became of each name, and the rules it proposes make a schema under which all is there."""
    (tmp_path / "old.yaml").write_text(FIRST, encoding="utf-8")
    (tmp_path / "new.yaml").write_text(SMALL, encoding="utf-8")
    words = ["schema", "migrate", str(tmp_path / "new.yaml"), "--from", str(tmp_path / "old.yaml")]
    told = CliRunner().invoke(app, words)
    assert (told.exit_code, "event_types: Send is no more" in told.stdout) == (0, True)
    block = told.stderr[told.stderr.index("renamed:") :]
    for old, new in (("Send", "Deploy"), ("goal", "target"), ("beside", "near"), ("stance", "modality"),
                     ("sure", "certainty")):  # fmt: skip
        block = block.replace(f"{old}: NEW", f"{old}: {new}")
    (tmp_path / "new.yaml").write_text(SMALL + block, encoding="utf-8")
    told = CliRunner().invoke(app, words)
    assert "attributes: stance is now modality" in told.stdout
    assert "values: stance: maybe is no more" in told.stdout
    rest = told.stderr[told.stderr.index("    values:") :].replace("NEW", "hypothetical")
    (tmp_path / "new.yaml").write_text(SMALL + block + rest, encoding="utf-8")
    told = CliRunner().invoke(app, words)
    assert ("is no more" in told.stdout, told.stderr) == (False, "")
    assert json.loads(CliRunner().invoke(app, ["--json", *words]).stdout)[0]["gone"] == {}
