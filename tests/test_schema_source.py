"""Reading schema files: the scalars of YAML 1.2, lines, and errors that say where."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from curate.errors import SchemaError
from curate.schema.source import parse

KEYS = st.text("abcxyz", min_size=1, max_size=4)
PLAIN = st.one_of(st.booleans(), st.none(), st.integers(-(10**17), 10**17), st.text(max_size=8))
TREES = st.dictionaries(
    KEYS,
    st.recursive(PLAIN, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3)),
)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("true", True),
        ("false", False),
        ("True", "True"),
        ("on", "on"),
        ("no", "no"),
        ("n", "n"),
        ("yes", "yes"),
        ("null", None),
        ("~", None),
        ("", None),
        ("12", 12),
        ("-3", -3),
        ("012", "012"),
        ("1.0", "1.0"),
        ("1:30", "1:30"),
        ("0x1f", "0x1f"),
        ("1_000", "1_000"),
        ("9" * 5000, "9" * 5000),
        ("2023-10-21", "2023-10-21"),
        ('"12"', "12"),
        ("'true'", "true"),
        ("|\n  null", "null"),
    ],
)
def test_scalar(written: str, value: object) -> None:
    """Only true, false, null and decimal digits are anything but text, and only unquoted."""
    read = parse(f"key: {written}", "x.yaml").mapping["key"]
    assert (read, type(read)) == (value, type(value))


@pytest.mark.parametrize("key", ["on", "1", "null", "true", "2023-10-21"])
def test_keys_are_text(key: str) -> None:
    """A key is the text that is written, whatever it looks like."""
    assert parse(f"{key}: a", "x.yaml").mapping == {key: "a"}


@given(TREES)
def test_reads_what_yaml_writes(tree: dict[str, object]) -> None:
    """Any mapping of plain values that PyYAML writes in quotes comes back as it was."""
    text = yaml.safe_dump(tree, allow_unicode=False, default_style=None, sort_keys=False)
    assert parse(text, "x.yaml").mapping == tree


def test_lines() -> None:
    """Keys and list items know their line; what is missing has the line of what it is missing in."""
    source = parse("a: 1\nb:\n  - x\n  - c: y\n    d: z\n", "x.yaml")
    assert source.line_of(("b",)) == 2
    assert source.line_of(("b", 1)) == 4
    assert source.line_of(("b", 1, "d")) == 5
    assert source.line_of(("b", 1, "missing", "deep")) == 4
    assert source.line_of(()) == 1
    assert source.line_of(("missing",)) == 1


@pytest.mark.parametrize(
    ("text", "message", "fix"),
    [
        ("a: 1\nb: [1\n", "2: the bracket or brace opened here is not closed", "Close it"),
        ("a: 'b\nc: 1\n", "1: the quotes opened here are never closed", "Close them"),
        ("a:\n\t- 1\n", "2: a tab in the indentation", "spaces, not tabs"),
        ("a: b: c\n", "1: a second `: ` in one line", "in quotes"),
        ("a: {b: is it?}\n", "1: a `?` inside braces", "in quotes"),
        ("a: *b\n", "1: a text begins with `*`", "in quotes"),
        ("a: 1\n---\nb: 1\n", "2: a second document begins", "one schema per file"),
        ("a: 1\n  b: 2\n", "2: indented deeper than line 1", "alike"),
        ("a: 1\nb\nc: 1\n", "2: here is a line without `key: `", "`key: value`"),
        ("a: %b\n", "1: a text begins with a character that has a meaning in YAML", "in quotes"),
        ("a: 1\nb: \x01\n", "2: character U+0001 is not allowed", "Delete the character"),
        ("%x\n", "2: not YAML: ", "Check indentation"),
        ("- a\n", "1: no mapping", "name: my-schema"),
        ("", "1: the file is empty", "name: my-schema"),
        ("[" * 5000, "1: nested too deeply", "Flatten"),
    ],
)
def test_refused(text: str, message: str, fix: str) -> None:
    """What can't be read is refused with file, line and a way out."""
    with pytest.raises(SchemaError) as caught:
        parse(text, "s/x.yaml")
    assert caught.value.message.startswith(f"s/x.yaml:{message}")
    assert fix in caught.value.fix


@pytest.mark.parametrize(
    ("text", "line", "message", "fix"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, "'a' is said twice, first on line 1", "Delete one"),
        ("a:\n  b: 1\n  b: 2\n", 3, "'b' is said twice, first on line 2", "Delete one"),
        ("a: &x 1\nb: *x\n", 2, "anchors and aliases (& and *) are not read", "both places"),
        ("a: &x [*x]\n", 1, "anchors and aliases (& and *) are not read", "both places"),
        ("a: !!python/name:os.system x\n", 1, "the tag !!python/name:os.system is not read", "Delete the tag"),
        ("? [a]\n: 1\n", 1, "a key is a list or a mapping", "one word"),
    ],
)
def test_noted(text: str, line: int, message: str, fix: str) -> None:
    """What YAML admits and a schema doesn't is noted, and the rest is read on."""
    (problem,) = parse(f"{text}last: 1\n", "s/x.yaml").problems
    assert (problem.line, problem.message) == (line, message)
    assert fix in problem.fix
    assert parse(f"{text}last: 1\n", "s/x.yaml").mapping["last"] == 1
