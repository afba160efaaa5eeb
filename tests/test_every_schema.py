"""What is generated from an event schema, for every shipped one alike."""

from __future__ import annotations

import json
import tempfile
from html import unescape
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import fromstring

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.hub import features
from curate.hub.manifest import pretty_json
from curate.hub.parquet import TableWriter
from curate.labelstudio.page import labelling_page
from curate.labelstudio.reading import translate
from curate.labelstudio.writing import result_of
from curate.markup import from_reading, parse, render, to_reading
from curate.records import Article, Provenance, Reading, Record, canonical_json, plain
from curate.reporting.drawing import draw
from curate.schema.compiling import record_schema
from curate.schema.hotkeys import assign
from curate.schema.instructions import guidelines_markdown, instructions_html
from curate.schema.loading import load
from curate.schema.model import SAME_EVENT, EventSchema
from curate.schema.shipped import shipped_names, shipped_schema
from curate.shapes import compile_validator
from curate.text import text_sha256
from curate.validation import check_record
from sample_release import build_release, described
from schema_readings import TEXT, readings

TEXTS = {name: shipped_schema(name).read_text(encoding="utf-8") for name in shipped_names()}
SCHEMAS = {name: load(text, name) for name, text in TEXTS.items()}
COMPILED = {name: record_schema(schema) for name, schema in SCHEMAS.items()}
VALIDATORS = {name: compile_validator(compiled) for name, compiled in COMPILED.items()}

every_schema = pytest.mark.parametrize("name", SCHEMAS)


def made_record(reading: Reading, schema: EventSchema, identifier: str = "a1", text: str = TEXT) -> Record:
    """Put a reading of the text into a record."""
    provenance = Provenance(
        schema=f"{schema.name}@{schema.version}",
        schema_digest=schema.digest,
        annotators=["p1"],
        adjudicated=True,
        suggestions="none",
        split_group=identifier,
    )
    return Record(
        id=identifier,
        text=text,
        text_sha256=text_sha256(text),
        **dict.fromkeys(("title", "url", "publisher", "published_at", "language", "licence", "meta")),
        **{key: getattr(reading, key) for key in ("events", "clusters", "links", "attributes")},
        provenance=provenance,
    )


def labels(schema: EventSchema) -> set[str]:
    """Give every name that an annotator can choose."""
    values = {value for attribute in schema.attributes.values() for value in attribute.values}
    return {*schema.event_types, *schema.roles, *schema.links, SAME_EVENT, *values}


@every_schema
def test_the_page_offers_everything(name: str) -> None:
    """Every type, role, link, attribute and value stands on the page once, and no key does two things."""
    schema = SCHEMAS[name]
    page = fromstring(labelling_page(schema))
    offered = [one.get("value") for tag in ("Label", "Relation", "Choice") for one in page.iter(tag)]
    assert labels(schema) <= set(offered)
    assert set(schema.attributes) <= {one.get("name") for one in page.iter()}
    hotkeys = [one.get("hotkey") for one in page.iter() if one.get("hotkey")]
    assert len(hotkeys) == len(set(hotkeys))
    assert set(assign(schema).all()) <= set(hotkeys)


@every_schema
def test_everything_is_explained(name: str) -> None:
    """Annotators read of every name and definition, in the instructions and in the guidelines."""
    schema = SCHEMAS[name]
    parts = (schema.event_types, schema.roles, schema.attributes, schema.links)
    words = {*labels(schema), *(" ".join(one.definition.split()) for part in parts for one in part.values())}
    for told in (unescape(instructions_html(schema)), guidelines_markdown(schema).replace("\\", "")):
        assert not [one for one in words if one not in told]


@every_schema
def test_the_record_schema_is_a_schema(name: str) -> None:
    """What is compiled is a JSON Schema of its draft, named after the event schema."""
    jsonschema.Draft202012Validator.check_schema(COMPILED[name])
    assert COMPILED[name]["$id"] == f"urn:curate:record:{name}@{SCHEMAS[name].version}"


@every_schema
@settings(max_examples=40)
@given(data=st.data())
def test_right_readings_are_found_right(name: str, data: st.DataObject) -> None:
    """A record of whatever the schema has words for passes every check, by both engines."""
    record = made_record(data.draw(readings(SCHEMAS[name])), SCHEMAS[name])
    found = check_record(record, SCHEMAS[name], VALIDATORS[name])
    assert [one for one in found if one.level == "error"] == []
    assert jsonschema.Draft202012Validator(COMPILED[name]).is_valid(plain(record))


@every_schema
@settings(max_examples=40)
@given(data=st.data())
def test_readings_survive_mark_up(name: str, data: st.DataObject) -> None:
    """A reading written as mark-up is read back the same."""
    reading = data.draw(readings(SCHEMAS[name]))
    marked = render(from_reading(TEXT, reading, SCHEMAS[name]))
    assert to_reading(parse(marked), SCHEMAS[name]) == reading


@every_schema
@settings(max_examples=40)
@given(data=st.data())
def test_readings_survive_the_page(name: str, data: st.DataObject) -> None:
    """A reading written as a Label Studio result is read back the same, and nothing is found wrong with it."""
    schema = SCHEMAS[name]
    reading = data.draw(readings(schema))
    article = Article(id="a1", text=TEXT, text_sha256=text_sha256(TEXT))
    read = translate(result_of(reading, schema), article, schema)
    assert [problem for problem in read.problems if problem.code != "span-cuts-word"] == []
    assert bare(read.reading) == bare(reading)


def bare(reading: Reading) -> dict[str, Any]:
    """Give a reading without what only annotations hold: origins, and event-level values on mentions."""
    told: dict[str, Any] = plain(reading)
    shared = {name for cluster in told["clusters"] for name in cluster.get("attributes", {})}
    for event in told["events"]:
        event.pop("origin", None)
        if "attributes" in event:
            event["attributes"] = {key: value for key, value in event["attributes"].items() if key not in shared}
        for argument in event["arguments"]:
            argument.pop("origin", None)
            argument.pop("attached_by", None)
    return told


@every_schema
@settings(max_examples=10)
@given(data=st.data())
def test_readings_survive_parquet(name: str, data: st.DataObject) -> None:
    """A record stored in the columns made from the schema is read back the same."""
    import pyarrow.parquet as pq

    schema = SCHEMAS[name]
    record = made_record(data.draw(readings(schema)), schema)
    columns = features.record_features(schema)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.parquet"
        with TableWriter(path, columns) as writer:
            writer.add(canonical_json(features.record_row(record, columns)))
        assert pq.read_table(path).to_pylist() == [plain(record)]  # type: ignore[no-untyped-call]


@every_schema
@settings(max_examples=10)
@given(data=st.data())
def test_readings_are_drawn(name: str, data: st.DataObject) -> None:
    """The drawing names every event and every link of a reading."""
    schema = SCHEMAS[name]
    reading = data.draw(readings(schema))
    drawn = "\n".join(draw(TEXT, reading, width=100, schema=schema))
    for number, event in enumerate(reading.events, 1):
        assert f"{event.type}#{number}" in drawn
    assert all(link.type in drawn for link in reading.links)


@every_schema
def test_a_release_of_the_examples_loads(name: str, tmp_path: Path) -> None:
    """The example sentences make a release whose card explains every name, and which loads as it was written."""
    from datasets import load_dataset

    schema = SCHEMAS[name]
    marked = [parse(example) for one in schema.event_types.values() for example in one.examples]
    records = [
        made_record(to_reading(one, schema), schema, f"example-{number}", one.text)
        for number, one in enumerate(marked, 1)
    ]
    report = build_release(
        tmp_path,
        "1.0.0",
        records,
        [],
        schema,
        metadata=described(),
        shares={"train": 1.0},
        texts={"schema.yaml": TEXTS[name].encode(), "record.schema.json": pretty_json(COMPILED[name])},
    )
    card = (report.folder / "README.md").read_text(encoding="utf-8").replace("\\", "")
    assert not [one for one in labels(schema) - {SAME_EVENT} if one not in card]
    assert json.loads((report.folder / "record.schema.json").read_bytes()) == COMPILED[name]
    loaded = load_dataset(str(report.folder), cache_dir=str(tmp_path / "cache"))["train"].to_list()
    assert {row["id"]: row for row in loaded} == {record.id: plain(record) for record in records}
