"""No Python knows a shipped schema: its names are in no code, and other names give the same in all else."""

from __future__ import annotations

import ast
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import curate
from curate.labelstudio.page import labelling_page
from curate.labelstudio.reading import translate
from curate.labelstudio.writing import result_of
from curate.markup import Marked, Values, from_reading, render, to_reading
from curate.records import Article, Value, canonical_json
from curate.reporting.drawing import draw
from curate.schema.compiling import annotation_schema, record_schema
from curate.schema.instructions import guidelines_markdown, instructions_html
from curate.schema.loading import load
from curate.schema.model import SAME_EVENT, EventSchema
from curate.schema.shipped import default_name, shipped_names, shipped_schema
from curate.text import text_sha256
from schema_readings import TEXT, readings

SCHEMAS = {name: load(shipped_schema(name).read_text(encoding="utf-8"), name) for name in shipped_names()}
FILES = sorted(Path(curate.__file__).parent.rglob("*.py"))
OTHER = "0"
"""What makes a name another one and leaves its letters, and its place among names in order, as they are."""


def names(schema: EventSchema) -> set[str]:
    """Give every name the schema makes up."""
    values = {value for attribute in schema.attributes.values() for value in attribute.values}
    return {*schema.event_types, *schema.roles, *schema.links, *schema.attributes, *values}


def strings_in_code(path: Path) -> list[str]:
    """Give every string in a file but its docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    told = {id(one.value) for one in ast.walk(tree) if isinstance(one, ast.Expr)}
    strings = [one for one in ast.walk(tree) if isinstance(one, ast.Constant) and id(one) not in told]
    return [one.value for one in strings if isinstance(one.value, str)]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_no_code_has_a_name_of_a_schema(path: Path) -> None:
    """A schema's own name stands nowhere, and of its types, roles and the rest none in a string that is no plain word.

    Plain words (`time`, or `Close` at the head of a sentence) may mean something else in code; that they do is for
    the tests below to show.
    """
    source = path.read_text(encoding="utf-8")
    assert not [one for schema in SCHEMAS.values() for one in (schema.name, schema.title) if one in source]
    known = {one for schema in SCHEMAS.values() for one in names(schema)}
    compound = {one for one in known if not one.isalpha() or not one[1:].islower()}
    assert len(compound) > 15
    strings = strings_in_code(path)
    assert not compound & {word for one in strings for word in re.findall(r"\w+", one)}
    assert not {one for one in known if one[0].isupper()} & set(strings)


def test_the_default_is_shipped() -> None:
    """A new project's schema, named in a file beside the schemas, is one of them."""
    assert default_name() in shipped_names()


def renamed(schema: EventSchema) -> EventSchema:
    """Give the schema with every name that it makes up replaced by another; what people read stays."""

    def other(known: frozenset[str]) -> frozenset[str]:
        return frozenset(name + OTHER for name in known)

    def value(default: Value, choice: bool) -> Value:
        if isinstance(default, list):
            return [one + OTHER for one in default]
        return default + OTHER if choice and isinstance(default, str) else default

    types = {
        name + OTHER: replace(
            one,
            name=name + OTHER,
            roles={
                role + OTHER: replace(use, role=role + OTHER, event_fillers=other(use.event_fillers))
                for role, use in one.roles.items()
            },
        )
        for name, one in schema.event_types.items()
    }
    attributes = {
        name + OTHER: replace(
            one,
            name=name + OTHER,
            values={key + OTHER: told for key, told in one.values.items()},
            hotkeys={key + OTHER: hotkey for key, hotkey in one.hotkeys.items()},
            default=value(one.default, bool(one.values)),
            applies_to=other(one.applies_to),
        )
        for name, one in schema.attributes.items()
    }
    links = {
        name + OTHER: replace(one, name=name + OTHER, sources=other(one.sources), targets=other(one.targets))
        for name, one in schema.links.items()
    }
    return replace(
        schema,
        event_types=types,
        roles={name + OTHER: replace(one, name=name + OTHER) for name, one in schema.roles.items()},
        attributes=attributes,
        links=links,
        default_link=schema.default_link + ("" if schema.default_link == SAME_EVENT else OTHER),
    )


def back(text: str, schema: EventSchema) -> str:
    """Put the schema's own names for the others."""
    known = "|".join(sorted(names(schema), key=len, reverse=True)).replace("_", r"\\?_")  # Markdown escapes it
    text = text.replace(renamed(schema).stamp, schema.stamp)
    return re.sub(rf"(?<!\w)({known}){OTHER}(?!\w)", r"\1", text)


def remarked(marked: Marked, schema: EventSchema) -> Marked:
    """Give marks in the schema's words in the other words."""

    def told(values: Values) -> Values:
        return {
            name + OTHER: tuple(one + OTHER for one in value) if schema.attributes[name].values else value
            for name, value in values.items()
        }

    return Marked(
        marked.text,
        tuple(replace(one, type=one.type + OTHER, attributes=told(one.attributes)) for one in marked.triggers),
        tuple(replace(one, role=one.role + OTHER, attributes=told(one.attributes)) for one in marked.arguments),
        tuple(one if one.type == SAME_EVENT else replace(one, type=one.type + OTHER) for one in marked.links),
        told(marked.attributes),
    )


MADE = {
    "page": labelling_page,
    "record schema": lambda schema: canonical_json(record_schema(schema)).decode(),
    "annotation schema": lambda schema: canonical_json(annotation_schema(schema)).decode(),
    "instructions": instructions_html,
    "guidelines": guidelines_markdown,
}


@pytest.mark.parametrize("made", MADE)
@pytest.mark.parametrize("name", SCHEMAS)
def test_other_names_make_the_same(name: str, made: str) -> None:
    """What is generated differs in the names alone."""
    schema = SCHEMAS[name]
    assert names(renamed(schema)) == {one + OTHER for one in names(schema)}
    assert back(MADE[made](renamed(schema)), schema) == MADE[made](schema)


@pytest.mark.parametrize("name", SCHEMAS)
@settings(max_examples=40)
@given(data=st.data())
def test_other_names_are_read_the_same(name: str, data: st.DataObject) -> None:
    """A reading in other words goes over the page, is read and drawn, as it is in the schema's own."""
    schema = SCHEMAS[name]
    other = renamed(schema)
    reading = data.draw(readings(schema))
    marked = remarked(from_reading(TEXT, reading, schema), schema)
    translated = to_reading(marked, other)
    article = Article(id="a1", text=TEXT, text_sha256=text_sha256(TEXT))
    read = translate(result_of(translated, other), article, other)
    due = translate(result_of(reading, schema), article, schema)
    assert [one.code for one in read.problems] == [one.code for one in due.problems]
    assert read.items != [] or not reading.events
    assert back(render(from_reading(TEXT, read.reading, other)), schema) == render(
        from_reading(TEXT, due.reading, schema)
    )
    assert back("\n".join(draw(TEXT, translated, width=2000, schema=other)), schema).split() == (
        "\n".join(draw(TEXT, reading, width=2000, schema=schema)).split()
    )
