"""The compiled JSON Schemas: what they admit, what they refuse, and that every engine agrees."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import jsonschema
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.records import Annotation, Record, plain
from curate.schema.compiling import annotation_schema, record_schema
from curate.schema.loading import load
from curate.shapes import compile_validator
from event_schemas import BARE_SCHEMA
from small_schema import SCHEMA, STRIKE, STRUCK, THREAT, YAML, annotation, record

COMPILED = {"record": record_schema(SCHEMA), "annotation": annotation_schema(SCHEMA)}
FAST = {name: compile_validator(compiled) for name, compiled in COMPILED.items()}
REFERENCE = {name: jsonschema.Draft202012Validator(compiled) for name, compiled in COMPILED.items()}
MADE = {"record": record, "annotation": annotation}

POOL: list[Any] = [
    *[None, True, 0, 7, -1, 2**31, 2**40, "", "x", "Attack", "Threaten", "Deploy", "target", "content"],
    *["condition", "asserted", "claimed", "confirmed", "drone", STRUCK, STRUCK + "\n", STRIKE, THREAT],
    *["Attack@07-13", "Boom@7-13", "2023-10-21", "2023-10-21\n", "2023-13-01", "a" * 64],
    *[[], ["drone"], ["drone", "drone"], {}, {"start": 1}],
]


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """List the paths to everything in a value but the value itself."""
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place for step, inner in steps for place in ((*path, step), *places(inner, (*path, step)))]


def owner(value: Any, path: tuple[Any, ...]) -> Any:
    """Give what the last step of the path is in."""
    for step in path[:-1]:
        value = value[step]
    return value


@st.composite
def mutated(draw: st.DrawFn, name: str) -> dict[str, Any]:
    """Make a record or annotation with one to three things replaced, deleted or added."""
    instance = MADE[name]()
    for _ in range(draw(st.integers(1, 3))):
        path = draw(st.sampled_from(places(instance)))
        holder = owner(instance, path)
        action = draw(st.sampled_from(["replace", "replace", "delete", "add"]))
        if action == "replace":
            holder[path[-1]] = copy.deepcopy(draw(st.sampled_from(POOL)))
        elif action == "delete":
            del holder[path[-1]]
        elif isinstance(holder, dict):
            holder[draw(st.sampled_from(["extra", "origin", "attached_by", "attributes"]))] = "manual"
        else:
            holder.append(copy.deepcopy(draw(st.sampled_from(POOL))))
    return instance


@pytest.mark.parametrize("name", ["record", "annotation"])
@settings(max_examples=400, deadline=None)
@given(data=st.data())
def test_engines_agree(name: str, data: st.DataObject) -> None:
    """Two independent engines give the same verdict and the same places of error."""
    instance = data.draw(mutated(name))
    fast = {tuple(error.instance_path) for error in FAST[name].iter_errors(instance)}
    reference = {tuple(error.absolute_path) for error in REFERENCE[name].iter_errors(instance)}
    assert fast == reference


@pytest.mark.parametrize("name", ["record", "annotation"])
def test_schema_is_a_schema(name: str) -> None:
    """What is compiled is a JSON Schema of its draft, closed at the top, with an id and a title."""
    jsonschema.Draft202012Validator.check_schema(COMPILED[name])
    assert COMPILED[name]["$id"] == f"urn:curate:{name}:small@1.0.0"
    assert COMPILED[name]["title"] == f"Small: {name}"
    assert COMPILED[name]["additionalProperties"] is False


@pytest.mark.parametrize(("name", "kind"), [("record", Record), ("annotation", Annotation)])
def test_the_data_types_fit(name: str, kind: type) -> None:
    """What the data types encode is what the schema admits."""
    encoded = plain(msgspec.convert(MADE[name](), kind))
    assert encoded == MADE[name]()
    assert FAST[name].is_valid(encoded)


def test_bare_schema() -> None:
    """Without attributes no level has the key, without links and roles there are none."""
    validator = compile_validator(record_schema(BARE_SCHEMA))
    whole = record()
    bare = {key: value for key, value in whole.items() if key != "attributes"} | {"links": []}
    bare["events"] = [{key: value for key, value in whole["events"][0].items() if key != "attributes"}]
    bare["events"][0]["arguments"] = []
    bare["clusters"] = [{"id": STRUCK, "events": [STRUCK]}]
    assert validator.is_valid(bare)
    assert not validator.is_valid(bare | {"attributes": {}})
    assert not validator.is_valid(bare | {"links": whole["links"]})
    assert not validator.is_valid(bare | {"events": [whole["events"][0]]})


def change(*path: Any, to: Any) -> Callable[[dict[str, Any]], None]:
    """Make a function that sets what is at the path."""

    def apply(instance: dict[str, Any]) -> None:
        owner(instance, path)[path[-1]] = to

    return apply


SPEAKER = ("events", 2, "arguments", 0)
CONTENT = ("events", 2, "arguments", 1)
REFUSED: dict[str, Callable[[dict[str, Any]], object]] = {
    "role of another type": change("events", 0, "arguments", 0, "role", to="speaker"),
    "argument of a type without roles": lambda r: r["events"][3]["arguments"].append(r["events"][0]["arguments"][0]),
    "event where only spans may be": lambda r: r["events"][0]["arguments"][0].update(
        start=None, end=None, text=None, event_id=STRIKE
    ),
    "span where only events may be": lambda r: r["events"][2]["arguments"][1].update(
        start=0, end=1, text="D", event_id=None
    ),
    "event of a type that may not fill": change(*CONTENT, "event_id", to="Deploy@81-85"),
    "both fillers": change(*CONTENT, "text", to="strike"),
    "no filler": lambda r: r["events"][2]["arguments"][0].update(start=None, end=None, text=None),
    "unknown value": change("events", 0, "attributes", "modality", to="perhaps"),
    "null despite default": change("events", 0, "attributes", "modality", to=None),
    "value where it isn't asked": change("events", 2, "attributes", "means", to=["gun"]),
    "event-level value on the mention": change("events", 0, "attributes", "verification", to="confirmed"),
    "value of a cluster not asked": change("clusters", 1, "attributes", "verification", to="reported"),
    "null of a cluster asked": change("clusters", 0, "attributes", "verification", to=None),
    "value of a role not asked": change("events", 0, "arguments", 1, "attributes", "certainty", to="stated"),
    "value twice": change("events", 0, "attributes", "means", to=["gun", "gun"]),
    "no values": change("events", 0, "attributes", "means", to=[]),
    "too large": change(*SPEAKER, "attributes", "count", to=2**31),
    "no date": change("attributes", "dateline", to="Saturday"),
    "id with a line end": change("events", 0, "id", to=STRUCK + "\n"),
    "id with leading zero": change("events", 0, "id", to="Attack@07-13"),
    "id of no type": change("events", 0, "id", to="Boom@7-13"),
    "unknown link": change("links", 0, "type", to="same_event"),
    "origin": change("events", 0, "origin", to="manual"),
    "empty cluster": change("clusters", 0, "events", to=[]),
    "unknown key": change("notes", to=[]),
    "missing key": lambda r: r.pop("provenance"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(case: str) -> None:
    """One thing the schema rules out makes a good record a bad one."""
    instance = record()
    REFUSED[case](instance)
    assert not FAST["record"].is_valid(instance)


ADMITTED: dict[str, Callable[[dict[str, Any]], object]] = {
    "span or event": lambda r: r["events"][2]["arguments"][1].update(role="condition"),
    "several values": change("events", 0, "attributes", "means", to=["drone", "gun"]),
    "number": change(*SPEAKER, "attributes", "count", to=-3),
    "no default, no value": change("attributes", "dateline", to=None),
}


@pytest.mark.parametrize("case", ADMITTED)
def test_admitted(case: str) -> None:
    """What the schema allows is admitted."""
    instance = record()
    instance["events"][2]["arguments"][1]["attributes"] = {"certainty": None, "count": None}
    ADMITTED[case](instance)
    assert FAST["record"].is_valid(instance)


@pytest.mark.parametrize(
    ("path", "value", "valid"),
    [
        (("events", 0, "attributes", "verification"), None, True),
        (("events", 0, "attributes", "verification"), "reported", True),
        (("events", 2, "attributes", "verification"), "reported", False),
        (("events", 0, "origin"), "prediction-changed", True),
        (("events", 0, "origin"), "drawn", False),
        (("events", 0, "arguments", 0, "attached_by"), "nesting", True),
        (("events", 0, "arguments", 0, "attached_by"), "guess", False),
        (("lead_time",), None, True),
        (("text",), "the text", False),
    ],
)
def test_annotation(path: tuple[Any, ...], value: object, valid: bool) -> None:
    """An annotation tells origins, and event-level values on mentions; it has no text."""
    instance = annotation()
    change(*path, to=value)(instance)
    assert FAST["annotation"].is_valid(instance) is valid


def test_choices_may_default_to_none_of_them() -> None:
    """Where none is the default of several choices, the empty list is an answer."""
    schema = load(YAML.replace("    types: [Attack]\n", "    default: []\n"), "x.yaml")
    compiled = record_schema(schema)["$defs"]["event"]["properties"]["attributes"]["properties"]["means"]
    validator = compile_validator(compiled)
    assert validator.is_valid([])
    assert not validator.is_valid(None)
