"""Every keyword that compiled schemas use, and what two independent engines make of it: the same.

Records are checked by jsonschema_rs because it is fast; jsonschema is the reference. That they agree on broken records
is tested with drawn examples beside the compiler (`test_schema_compiling.py`), and with the official cases in
`test_json_schema_suite.py`; here each keyword stands alone, at the edges where engines are known to differ.
"""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest

from compiled_schemas import COMPILED, keywords
from curate.shapes import compile_validator

Case = tuple[str, dict[str, Any], list[Any], list[Any]]

CASES: list[Case] = [
    # Keyword, schema, what fits, what doesn't.
    ("type", {"type": "integer"}, [0, -1, 2**40, 1.0, -0.0], [1.5, "1", True, None, [], {}]),
    ("type", {"type": ["string", "null"]}, ["", None, "é"], [0, False, [], {}]),
    ("type", {"type": "object"}, [{}, {"a": 1}], [[], None, "{}"]),
    ("type", {"type": "array"}, [[], [[]]], [{}, "[]", None]),
    ("enum", {"enum": ["a", None, 1]}, ["a", None, 1, 1.0], ["A", "", 0, True, False, [], {}]),
    ("enum", {"enum": [0, 1]}, [0, 1, 0.0], [False, True, "0", None]),
    ("enum", {"enum": [["a"], {"b": 0}]}, [["a"], {"b": 0}], [["a", "a"], {"b": False}, {}, []]),
    ("const", {"const": 0}, [0, 0.0], [False, "", None, []]),
    ("const", {"const": None}, [None], [0, "", False]),
    ("const", {"const": "drone attack"}, ["drone attack"], ["drone  attack", "Drone attack", ["drone attack"]]),
    ("const", {"const": {"a": [1]}}, [{"a": [1]}, {"a": [1.0]}], [{"a": [True]}, {"a": [1], "b": 1}, {"a": []}]),
    ("required", {"required": ["a", "b"]}, [{"a": None, "b": 0, "c": 1}, [], "ab", None], [{}, {"a": 1}, {"b": 1}]),
    ("properties", {"properties": {"a": {"type": "string"}}}, [{}, {"a": ""}, {"b": 1}, [1]], [{"a": 1}, {"a": None}]),
    ("properties", {"properties": {"$ref": {"type": "null"}}}, [{"$ref": None}], [{"$ref": "#"}]),
    ("additionalProperties", {"properties": {"a": {}}, "additionalProperties": False}, [{}, {"a": 1}, []],
     [{"b": 1}, {"a": 1, "": 1}, {"A": 1}, {"é": None}]),
    ("items", {"items": {"type": "integer"}}, [[], [1, 2], {}, "x"], [["a"], [1, None], [[1]]]),
    ("items", {"items": {"items": {"minimum": 0}}}, [[[0], []]], [[[0], [1, -1]], [[-1], [-2]]]),
    ("maxItems", {"maxItems": 0}, [[], {}, "", None], [[None], [[]]]),
    ("minItems", {"minItems": 1}, [[None], {}, ""], [[]]),
    ("uniqueItems", {"uniqueItems": True},
     [[], [1, "1"], [0, False], [1, True], [[1], [True]], [{"a": 0}, {"a": False}]],
     [[1, 1], [1, 1.0], [None, None], [{"a": 1, "b": 2}, {"b": 2, "a": 1}], [["x"], ["x"]]]),
    ("minLength", {"minLength": 1}, ["a", " ", "🚀", "\u0000", 0, []], [""]),
    ("minLength", {"minLength": 2}, ["🚀🚀", "e\u0301"], ["🚀", "é"]),
    ("minimum", {"minimum": 0}, [0, 0.0, 2**64, "x", True], [-1, -0.5, -(2**64)]),
    ("maximum", {"maximum": 2**31 - 1}, [2**31 - 1, -(2**40), "9" * 20], [2**31, 2**31 - 0.5, 2**70]),
    ("pattern", {"pattern": "^[0-9a-f]{4}$"}, ["00ff", 12, None], ["00fg", "00FF", "00ff0", "", "é0ff"]),
    ("pattern", {"pattern": "at"}, ["at", "that way"], ["a t", "AT"]),
    ("pattern", {"pattern": "^(Attack|Deploy)@(0|[1-9][0-9]*)-[1-9][0-9]*$"}, ["Attack@0-6", "Deploy@10-20"],
     ["Attack@00-6", "attack@0-6", "Attack@0-0", "xAttack@0-6", "Attack@0-6x"]),
    ("pattern", {"pattern": "^[^,\"'@/#>|\\[\\]()]+$"}, ["drone attack", "naïve"], ["a,b", "a[b", "a)b", ""]),
    ("not", {"not": {"type": "string", "pattern": "\\n"}}, ["", "a b", 3], ["\n", "a\nb", "a\n"]),
    ("not", {"not": {"required": ["a"]}}, [{}, {"b": 1}], [{"a": None}, []]),
    ("allOf", {"allOf": [{"required": ["a"]}, {"properties": {"a": {"minimum": 1}}}]}, [{"a": 1}], [{}, {"a": 0}]),
    ("allOf", {"allOf": [{"properties": {"a": {"enum": [1]}}}, {"properties": {"b": {"enum": [1]}}}]}, [{"a": 1}],
     [{"a": 2, "b": 2}, {"b": 0}]),
    ("if", {"if": {"properties": {"kind": {"const": "a"}}, "required": ["kind"]}, "then": {"required": ["x"]}},
     [{"kind": "a", "x": 1}, {"kind": "b"}, {}], [{"kind": "a"}]),
    ("then", {"if": {"required": ["a"]}, "then": {"properties": {"a": {"type": "null"}}}}, [{}, {"a": None}],
     [{"a": 1}]),
    ("then", {"then": {"required": ["x"]}}, [{}, 1], []),
    ("else", {"if": {"required": ["a"]}, "else": {"properties": {"b": {"type": "null"}}}},
     [{"a": 1, "b": 1}, {"b": None}, {}], [{"b": 1}]),
    ("$ref", {"$defs": {"span": {"required": ["start"]}}, "items": {"$ref": "#/$defs/span"}}, [[{"start": 1}], []],
     [[{}], [{"start": 1}, {"end": 2}]]),
    ("$ref", {"$defs": {"a~b/c": {"type": "integer"}}, "$ref": "#/$defs/a~0b~1c"}, [1], ["1"]),
    ("$ref", {"$defs": {"one": {"minimum": 1}}, "$ref": "#/$defs/one", "maximum": 3}, [1, 3], [0, 4]),
    ("$defs", {"$defs": {"unused": {"const": 1}}}, [2, None], []),
    ("$id", {"$id": "urn:curate:case", "$defs": {"a": {"type": "null"}}, "$ref": "#/$defs/a"}, [None], [0]),
    ("$schema", {"$schema": "https://json-schema.org/draft/2020-12/schema", "minItems": 1}, [[1]], [[]]),
    ("title", {"title": "anything"}, [None, {}], []),
]  # fmt: skip


def test_every_keyword_has_its_cases() -> None:
    """What the compiler writes is all tried here, and nothing else is."""
    assert keywords(COMPILED) == {keyword for keyword, *_ in CASES}


@pytest.mark.parametrize(("keyword", "schema", "fitting", "broken"), CASES)
def test_a_keyword_means_the_same_to_both(keyword: str, schema: Any, fitting: list[Any], broken: list[Any]) -> None:
    """Both engines give the verdict that the standard asks for, and the same places."""
    fast, reference = compile_validator(schema), jsonschema.Draft202012Validator(schema)
    reference.check_schema(schema)
    for instance, is_valid in [*((one, True) for one in fitting), *((one, False) for one in broken)]:
        places = {tuple(error.instance_path) for error in fast.iter_errors(instance)}
        assert (fast.is_valid(instance), not places) == (is_valid, is_valid), (keyword, instance)
        assert {tuple(error.absolute_path) for error in reference.iter_errors(instance)} == places, (keyword, instance)
