"""Loading schema files: what a good one says, and every problem of a bad one with its line."""

from __future__ import annotations

import pytest

from curate.errors import SchemaError, UsageError
from curate.schema.loading import load, problems
from curate.schema.shipped import metaschema_path, shipped_names, shipped_schema
from curate.schema.source import parse
from small_schema import SCHEMA, YAML

MINIMAL = """\
name: least
version: 0.1.0
title: Least
description: The least a schema can say.
language: en
event_types:
  Attack:
    definition: Force is used.
"""


def found(text: str) -> list[tuple[int, str]]:
    """Give line and message of every problem."""
    return [(problem.line, problem.message) for problem in problems(parse(text, "x.yaml"))]


def test_minimal() -> None:
    """What a file leaves out has its default."""
    schema = load(MINIMAL, "x.yaml")
    attack = schema.event_types["Attack"]
    assert (schema.default_link, schema.selection, schema.attach, schema.trim) == (
        "same_event",
        "word",
        "order",
        (),
    )
    assert (schema.roles, schema.attributes, schema.links, schema.guidelines) == ({}, {}, {}, "")
    assert (attack.hotkey, attack.colour, attack.group, attack.roles, attack.maps) == (None, None, "", {}, {})


def test_everything_is_kept() -> None:
    """What a file says is in the schema, in the order of the file."""
    attack, threaten = SCHEMA.event_types["Attack"], SCHEMA.event_types["Threaten"]
    assert list(SCHEMA.event_types) == ["Attack", "Threaten", "Deploy"]
    assert (attack.hotkey, attack.colour, attack.trigger_words) == ("shift+a", "#cf222e", ("struck",))
    assert attack.maps == {"ACE": ("Conflict.Attack",), "CAMEO": ("18", "19")}
    assert attack.roles["target"].expected
    assert attack.roles["time"].maximum == 1
    content, condition = threaten.roles["content"], threaten.roles["condition"]
    assert (content.span_filler, content.event_fillers) == (False, frozenset({"Attack", "Threaten"}))
    assert (condition.span_filler, condition.event_fillers) == (True, frozenset(SCHEMA.event_types))
    modality = SCHEMA.attributes["modality"]
    assert modality.values == {"asserted": "It did.", "hypothetical": "It might."}
    assert modality.hotkeys == {"hypothetical": "2"}
    assert SCHEMA.attributes["verification"].applies_to == {"Attack", "Deploy"}
    assert SCHEMA.attributes["certainty"].applies_to == {"target", "speaker"}
    assert SCHEMA.links["response_to"].sources == {"Deploy"}
    assert SCHEMA.links["part_of"].transitive


def test_comments_do_not_count() -> None:
    """Comments and layout change neither the schema nor its digest; a definition does."""
    assert load("# a comment\n" + MINIMAL, "y.yaml") == load(MINIMAL, "x.yaml")
    assert load(MINIMAL.replace("Force", "Might"), "x.yaml").digest != load(MINIMAL, "x.yaml").digest


CASES = {
    "unknown key": (
        "    maps: {ACE",
        "    map: {ACE",
        17,
        "unknown key 'map' in event_types.Attack; did you mean 'maps'?",
    ),
    "missing key": ("title: Small\n", "", 1, "key 'title' is missing in the file"),
    "number for text": (
        'hotkey: "2"',
        "hotkey: 2",
        37,
        "attributes.modality.values.hypothetical.hotkey is 2, not text",
    ),
    "nothing": ("language: en", "language:", 5, "language is nothing, not text"),
    "version": ("1.0.0", "1.0", 2, "version is '1.0', which has the wrong form"),
    "type name": (
        "    definition: Forces are moved.\n",
        "    definition: Forces are moved.\n  2nd: {definition: Again.}\n",
        26,
        "name '2nd' in event_types is not allowed",
    ),
    "value name": ("{drone:", '{"a, b":', 43, "name 'a, b' in attributes.means.values is not allowed"),
    "line end in name": ("{drone:", '{"a\\n":', 43, "name 'a\\n' in attributes.means.values is not allowed"),
    "line end in word": ("version: 1.0.0", 'version: "1.0.0\\n"', 2, "version is '1.0.0\\n', which has the wrong form"),
    "listed": (
        "on: article",
        "on: artcle",
        61,
        "attributes.dateline.on is 'artcle'; did you mean 'article'?",
    ),
    "truth": (
        "expected: true",
        'expected: "yes"',
        15,
        "event_types.Attack.roles.target.expected is 'yes', not true or false",
    ),
    "colour": ("#cf222e", "red", 10, "event_types.Attack.colour is 'red', which has the wrong form"),
    "minimum": ("max: 1", "max: 0", 16, "event_types.Attack.roles.time.max is 0, which is too small"),
    "repeated": (
        "[Attack, Threaten]",
        "[Attack, Attack]",
        22,
        "event_types.Threaten.roles.content.fillers says the same thing twice",
    ),
    "empty text": ("title: Small", 'title: ""', 3, "title is empty"),
    "empty ending": ("links:\n", 'trim: [""]\nlinks:\n', 62, "trim.0 is empty"),
    "role": (
        "      speaker: {r",
        "      speakr: {r",
        21,
        "role 'speakr' of Threaten is not declared; did you mean 'speaker'?",
    ),
    "filler": (
        "[Attack, Threaten]",
        "[Atack, Threaten]",
        22,
        "filler 'Atack' of content in Threaten is not declared; did you mean 'Attack'?",
    ),
    "type of attribute": (
        "types: [Attack]",
        "types: [Atack]",
        44,
        "event type 'Atack' of means is not declared; did you mean 'Attack'?",
    ),
    "role of attribute": (
        "[target, speaker]",
        "[target, speker]",
        59,
        "role 'speker' of certainty is not declared; did you mean 'speaker'?",
    ),
    "roles on trigger": (
        "    types: [Attack]\n",
        "    roles: [target]\n",
        44,
        "attribute 'means' is on trigger and can't be limited by roles",
    ),
    "types on argument": (
        "    roles: [target, speaker]",
        "    types: [Attack]",
        59,
        "attribute 'certainty' is on argument and can't be limited by types",
    ),
    "link end": (
        "from: [Deploy]",
        "from: [Depoly]",
        63,
        "event type 'Depoly' of response_to is not declared; did you mean 'Deploy'?",
    ),
    "default link": (
        "links:\n",
        "default_link: part\nlinks:\n",
        62,
        "link 'part' of default_link is not declared; did you mean 'part_of'?",
    ),
    "clash": ("  near: {", "  target: {", 65, "name 'target' in links is taken by roles"),
    "same_event": (
        "  near: {",
        "  same_event: {",
        65,
        "name 'same_event' in links is taken by the built-in link",
    ),
    "control name": ("  count: {", "  note: {", 60, "attribute name 'note' is taken by the page itself"),
    "hotkey twice": ("hotkey: m", "hotkey: t", 28, "hotkey 't' of role 'time' is taken by role 'target'"),
    "hotkey of value": (
        'hotkey: "2"',
        'hotkey: "t"',
        37,
        "hotkey 't' of value 'hypothetical' of 'modality' is taken by role 'target'",
    ),
    "hotkey of the editor": (
        "hotkey: m",
        "hotkey: u",
        28,
        "hotkey 'u' of role 'time' is one of the editor's own",
    ),
    "default": (
        "default: stated",
        "default: statd",
        58,
        "default of 'certainty' is 'statd', which is not among its values; did you mean 'stated'?",
    ),
    "default of choices": (
        "    types: [Attack]\n",
        "    types: [Attack]\n    default: drone\n",
        45,
        "default of 'means' is 'drone', not a list",
    ),
    "default of integer": (
        "kind: integer,",
        "kind: integer, default: many,",
        60,
        "default of 'count' is 'many', not a whole number of at most 32 bits",
    ),
    "default of date": (
        "kind: date,",
        "kind: date, default: 2023-02-30,",
        61,
        "default of 'dateline' is '2023-02-30', not a date",
    ),
    "level": (
        "kind: date,",
        "kind: date, level: event,",
        61,
        "attribute 'dateline' is on article, so its level can't be event",
    ),
    "no values": ("kind: integer", "kind: choice", 60, "attribute 'count' has no values to choose from"),
    "needless values": (
        "    kind: choices\n",
        "    kind: text\n",
        43,
        "attribute 'means' has values although its kind is text",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_problem(case: str) -> None:
    """One fault in a good file is one problem, with its line and what is wrong."""
    old, new, line, message = CASES[case]
    assert YAML.count(old) == 1 or case in ("version", "line end in word")
    assert found(YAML.replace(old, new, 1)) == [(line, message)]


def test_all_problems_at_once() -> None:
    """All problems are told in one go, by line, each with its fix."""
    text = YAML.replace("1.0.0", "1.0").replace("hotkey: m", "hotkey: u").replace("on: article", "on: artcle")
    with pytest.raises(SchemaError) as caught:
        load(text, "schemas/x.yaml")
    assert caught.value.message.splitlines() == [
        "3 problems in schemas/x.yaml",
        "schemas/x.yaml:2: version is '1.0', which has the wrong form",
        "    Write three numbers such as 1.0.0.",
        "schemas/x.yaml:28: hotkey 'u' of role 'time' is one of the editor's own",
        "    Choose another, or none.",
        "schemas/x.yaml:61: attributes.dateline.on is 'artcle'; did you mean 'article'?",
        "    Write one of trigger, argument, article.",
    ]
    assert caught.value.fix == "Mend these, then: curate schema check schemas/x.yaml"


@pytest.mark.parametrize("section", ["event_types", "roles", "attributes", "links", "default_link", "trim"])
@pytest.mark.parametrize("wrong", ["3", "[]", "{}", "[1, [2]]", "{a: 1}", "{A: {roles: [x]}}", "{a: {values: 1}}"])
def test_wrong_shapes_never_crash(section: str, wrong: str) -> None:
    """Whatever stands under a key, the outcome is a schema or a list of problems."""
    mapping = "\n".join(line for line in MINIMAL.splitlines() if not line.startswith(("event_types", " ")))
    text = f"{mapping}\n{section}: {wrong}\n"
    assert all(problem.message and problem.fix for problem in problems(parse(text, "x.yaml")))


def test_every_problem_has_a_fix() -> None:
    """Every kind of problem says what to do."""
    for old, new, _, _ in CASES.values():
        assert all(problem.fix for problem in problems(parse(YAML.replace(old, new, 1), "x.yaml")))


@pytest.mark.parametrize("name", shipped_names())
def test_shipped_schemas_load(name: str) -> None:
    """Every shipped schema is a good one and called like its file."""
    path = shipped_schema(name)
    assert load(path.read_text(encoding="utf-8"), path.name).name == name


def test_shipped_files() -> None:
    """Shipped files are found by name; others are refused with what there is."""
    assert metaschema_path().is_file()
    with pytest.raises(UsageError, match="No event schema named"):
        shipped_schema("../pyproject.toml")
