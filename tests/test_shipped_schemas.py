"""What is shipped in ``schemas/`` is sound, fresh, and says what it says it does."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from curate import findings
from curate.markup import parse, to_reading
from curate.records import Finding
from curate.schema.compiling import record_schema
from curate.schema.hotkeys import assign
from curate.schema.loading import load
from curate.schema.model import SAME_EVENT
from curate.shapes import compile_validator
from curate.validation import check_record

FOLDER = Path(__file__).parents[1] / "schemas"
NAMES = sorted(path.stem for path in FOLDER.glob("*.yaml"))
SCHEMAS = {name: load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"), name) for name in NAMES}
VALID = sorted((FOLDER / "examples" / "valid").glob("*.json"))
INVALID = sorted((FOLDER / "examples" / "invalid").glob("*.json"))
VALIDATORS = {name: compile_validator(record_schema(schema)) for name, schema in SCHEMAS.items()}


def found_in(path: Path) -> list[Finding]:
    """Check an example by the schema it names."""
    record = json.loads(path.read_text(encoding="utf-8"))
    name = record["provenance"]["schema"].split("@")[0]
    return check_record(record, SCHEMAS[name], VALIDATORS[name])


@pytest.mark.parametrize("name", NAMES)
def test_the_compiled_schema_is_fresh(name: str) -> None:
    """The JSON Schema beside a schema is the one made from it (`curate schema compile`)."""
    compiled = json.loads((FOLDER / f"{name}.record.schema.json").read_text(encoding="utf-8"))
    assert compiled == record_schema(SCHEMAS[name])


@pytest.mark.parametrize(
    ("name", "event_type"), [(name, one) for name, schema in SCHEMAS.items() for one in schema.event_types]
)
def test_the_examples_of_a_type_are_readings(name: str, event_type: str) -> None:
    """Each example sentence is mark-up that the schema reads, and shows its type."""
    examples = SCHEMAS[name].event_types[event_type].examples
    assert examples
    for example in examples:
        assert event_type in {event.type for event in to_reading(parse(example), SCHEMAS[name]).events}


@pytest.mark.parametrize("path", VALID, ids=lambda path: path.stem)
def test_valid_examples_have_no_finding(path: Path) -> None:
    """Records in ``examples/valid`` are right in every respect."""
    assert found_in(path) == []


@pytest.mark.parametrize("path", INVALID, ids=lambda path: path.stem)
def test_invalid_examples_have_exactly_their_finding(path: Path) -> None:
    """A record in ``examples/invalid`` is wrong in just the way its name says."""
    assert {one.code for one in found_in(path)} == {path.stem}
    assert path.stem in findings.CODES


@pytest.mark.parametrize("name", NAMES)
def test_each_schema_has_a_valid_example(name: str) -> None:
    """Some record in ``examples/valid`` was made under the schema."""
    stamps = [json.loads(path.read_text(encoding="utf-8"))["provenance"]["schema"] for path in VALID]
    assert f"{name}@{SCHEMAS[name].version}" in stamps


@pytest.mark.parametrize("name", NAMES)
def test_a_schema_fits_a_page(name: str) -> None:
    """About a dozen types and roles, at most five attributes on triggers, and a key for everything."""
    schema = SCHEMAS[name]
    assert 10 <= len(schema.event_types) <= 14
    assert 10 <= len(schema.roles) <= 14
    assert len(schema.attributes_on("trigger")) <= 5
    keys = assign(schema)
    assert None not in [*keys.types.values(), *keys.roles.values()]


def test_conflict_news_is_mapped() -> None:
    """Types stand beside their likes in four other schemes wherever there is a match."""
    maps = [set(event_type.maps) for event_type in SCHEMAS["conflict-news"].event_types.values()]
    assert set().union(*maps) == {"ACE", "PLOVER", "ACLED", "CAMEO"}
    assert sum(bool(one) for one in maps) >= 10


def test_the_shipped_schemas_use_the_whole_format() -> None:
    """Between them they use every kind of attribute and every choice that a schema has."""
    attributes = [attribute for schema in SCHEMAS.values() for attribute in schema.attributes.values()]
    uses = [use for schema in SCHEMAS.values() for one in schema.event_types.values() for use in one.roles.values()]
    links = [link for schema in SCHEMAS.values() for link in schema.links.values()]
    assert {attribute.kind for attribute in attributes} == {"choice", "choices", "text", "integer", "date"}
    assert {(a.on, a.level) for a in attributes} == {
        *(("trigger", "mention"), ("trigger", "event"), ("argument", "mention"), ("article", "mention")),
    }
    assert {schema.selection for schema in SCHEMAS.values()} == {"word", "symbol"}
    assert {schema.attach for schema in SCHEMAS.values()} == {"order", "explicit"}
    assert {schema.default_link == SAME_EVENT for schema in SCHEMAS.values()} == {True, False}
    assert {bool(schema.trim) for schema in SCHEMAS.values()} == {True, False}
    assert any(use.required for use in uses)
    assert any(use.maximum for use in uses)
    assert any(not use.span_filler for use in uses)
    assert any(link.symmetric for link in links)
    assert any(link.transitive for link in links)
