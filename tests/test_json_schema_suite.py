"""The official cases for every keyword that compiled schemas use: both engines give the verdict and the same places.

Where they don't, the case stands in ``DIFFERING`` with what the reference, jsonschema, does otherwise there; compiled
schemas hold nothing of the kind, which is tested too.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from compiled_schemas import COMPILED, keywords, subschemas
from curate.shapes import compile_validator

SUITE = Path(__file__).parent / "json_schema_suite" / "draft2020-12"
CASES = [
    (path.stem, group["schema"], group["description"], case)
    for path in sorted(SUITE.rglob("*.json"))
    for group in json.loads(path.read_bytes())
    for case in group["tests"]
]
ASSERTS_NOTHING = {"title"}
"""Keywords that no instance can break."""

AT_THE_OWNER = "jsonschema puts what a schema that is false forbids at the place of its owner"
UNICODE = r"jsonschema reads patterns as Python's re does, where \d, \w and \s go by Unicode and not by ECMA 262"
UNREAD = r"jsonschema reads patterns as Python's re does, which has no \c and no \p and raises"
DIFFERING = {
    AT_THE_OWNER: {
        "items with boolean schema (false)": ["any non-empty array is invalid"],
        "items and subitems": ["too many items", "too many sub-items"],
        "prefixItems with no additional items allowed": ["additional items are not permitted"],
        "items with heterogeneous array": ["heterogeneous invalid instance"],
        "properties with boolean schema": [
            "only 'false' property present is invalid",
            "both properties present is invalid",
        ],
        "uniqueItems with an array of items and additionalItems=false": ["extra items are invalid even if unique"],
        "uniqueItems=false with an array of items and additionalItems=false": [
            "extra items are invalid even if unique"
        ],
    },
    UNREAD: {
        r"ECMA 262 regex escapes control codes with \c and upper letter": ["does not match", "matches"],
        r"ECMA 262 regex escapes control codes with \c and lower letter": ["does not match", "matches"],
        "patterns always use unicode semantics with pattern": [
            "ascii character in json string",
            "literal unicode character in json string",
            "unicode character in hex format in string",
            "unicode matching is case-sensitive",
        ],
        "pattern with non-ASCII digits": [
            "ascii digits",
            "ascii non-digits",
            "non-ascii digits (BENGALI DIGIT FOUR, BENGALI DIGIT TWO)",
        ],
        "patterns always use unicode semantics with patternProperties": [
            "ascii character in json string",
            "literal unicode character in json string",
            "unicode character in hex format in string",
            "unicode matching is case-sensitive",
        ],
        "patternProperties with non-ASCII digits": [
            "ascii digits",
            "ascii non-digits",
            "non-ascii digits (BENGALI DIGIT FOUR, BENGALI DIGIT TWO)",
        ],
    },
    UNICODE: {
        r"ECMA 262 \d matches ascii digits only": [
            "NKO DIGIT ZERO does not match (unlike e.g. Python)",
            r"NKO DIGIT ZERO (as \u escape) does not match",
        ],
        r"ECMA 262 \D matches everything but ascii digits": [
            "NKO DIGIT ZERO matches (unlike e.g. Python)",
            r"NKO DIGIT ZERO (as \u escape) matches",
        ],
        r"ECMA 262 \w matches ascii letters only": ["latin-1 e-acute does not match (unlike e.g. Python)"],
        r"ECMA 262 \W matches everything but ascii letters": ["latin-1 e-acute matches (unlike e.g. Python)"],
        r"ECMA 262 \s matches whitespace": ["zero-width whitespace matches"],
        r"ECMA 262 \S matches everything but whitespace": ["zero-width whitespace does not match"],
        r"\w in patterns matches [A-Za-z0-9_], not unicode letters": [
            "literal unicode character in json string",
            "unicode character in hex format in string",
        ],
        r"\d in pattern matches [0-9], not unicode digits": [
            "non-ascii digits (BENGALI DIGIT FOUR, BENGALI DIGIT TWO)"
        ],
        r"\w in patternProperties matches [A-Za-z0-9_], not unicode letters": [
            "literal unicode character in json string",
            "unicode character in hex format in string",
        ],
        r"\d in patternProperties matches [0-9], not unicode digits": [
            "non-ascii digits (BENGALI DIGIT FOUR, BENGALI DIGIT TWO)"
        ],
    },
}
"""By reason and group, the cases."""

REASONS = {
    (group, case): reason for reason, by_group in DIFFERING.items() for group in by_group for case in by_group[group]
}


def judged(validator: Any, path: str, instance: Any) -> tuple[bool, set[tuple[Any, ...]]] | None:
    """Give an engine's verdict and the places of what it finds; None where it can't read a pattern."""
    try:
        return validator.is_valid(instance), {tuple(getattr(one, path)) for one in validator.iter_errors(instance)}
    except re.error:
        return None


def test_every_keyword_has_official_cases() -> None:
    """What the compiler writes stands in a schema of the suite, or can't be broken."""
    assert keywords(COMPILED) - keywords([schema for _, schema, *_ in CASES]) == ASSERTS_NOTHING


def test_what_differs_is_a_case() -> None:
    """The list of differences names cases that are there."""
    assert set(REASONS) <= {(group, case["description"]) for *_, group, case in CASES}


@pytest.mark.parametrize(
    ("schema", "group", "case"),
    [each[1:] for each in CASES],
    ids=[f"{file}-{number}" for number, (file, *_) in enumerate(CASES)],
)
def test_official_case(schema: Any, group: str, case: dict[str, Any]) -> None:
    """The engine in use gives the verdict of the suite; the reference gives the same, and the same places."""
    valid = case["valid"]
    fast = judged(compile_validator(schema), "instance_path", case["data"])
    reference = judged(jsonschema.Draft202012Validator(schema), "absolute_path", case["data"])
    assert fast is not None
    assert (fast[0], not fast[1]) == (valid, valid)
    reason = REASONS.get((group, case["description"]))
    assert (reference == fast, reference is None) == (reason is None, reason == UNREAD)
    if reason == AT_THE_OWNER:
        assert reference is not None
        assert reference[0] == valid


def test_compiled_schemas_keep_clear_of_what_differs() -> None:
    """Only what an object may hold beside its properties is said by ``false``, and no pattern has a class by letter."""
    parts = subschemas(COMPILED)
    objects = [part for part in parts if isinstance(part, dict)]
    closed = [part for part in objects if part.get("additionalProperties") is False]
    assert len(closed) == len(parts) - len(objects)
    assert not [part for part in objects if re.search(r"\\[a-zA-Z]", part.get("pattern", ""))]
