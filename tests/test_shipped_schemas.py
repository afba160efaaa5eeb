"""What is shipped in ``schemas/`` is sound, fresh, and says what it says it does."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from curate import findings
from curate.markup import parse, to_reading
from curate.schema.compiling import record_schema
from curate.schema.loading import load
from curate.shapes import compile_validator
from curate.validation import check_record

FOLDER = Path(__file__).parents[1] / "schemas"
NAMES = sorted(path.stem for path in FOLDER.glob("*.yaml"))
SCHEMAS = {name: load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"), name) for name in NAMES}
VALID = sorted((FOLDER / "examples" / "valid").glob("*.json"))
INVALID = sorted((FOLDER / "examples" / "invalid").glob("*.json"))
SCHEMA = SCHEMAS["conflict-news"]
VALIDATOR = compile_validator(record_schema(SCHEMA))


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
    assert check_record(json.loads(path.read_text(encoding="utf-8")), SCHEMA, VALIDATOR) == []


@pytest.mark.parametrize("path", INVALID, ids=lambda path: path.stem)
def test_invalid_examples_have_exactly_their_finding(path: Path) -> None:
    """A record in ``examples/invalid`` is wrong in just the way its name says."""
    found = check_record(json.loads(path.read_text(encoding="utf-8")), SCHEMA, VALIDATOR)
    assert {one.code for one in found} == {path.stem}
    assert path.stem in {**findings.ERRORS, **findings.WARNINGS}


def test_conflict_news_fits_a_page() -> None:
    """About a dozen types and roles, at most five attributes on triggers, types mapped to where there is a match."""
    assert 10 <= len(SCHEMA.event_types) <= 14
    assert 10 <= len(SCHEMA.roles) <= 14
    assert len(SCHEMA.attributes_on("trigger")) <= 5
    maps = [set(event_type.maps) for event_type in SCHEMA.event_types.values()]
    assert set().union(*maps) == {"ACE", "PLOVER", "ACLED", "CAMEO"}
    assert sum(bool(one) for one in maps) >= 10
