"""Keys: one meaning each over the whole page, and none of the editor's."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.schema.hotkeys import EDITOR_KEYS, Hotkeys, assign, canonical, is_reserved, shown
from curate.schema.model import Attribute, EventSchema, EventType, Role

EMPTY = EventSchema(
    name="small",
    version="1.0.0",
    title="Small",
    description="",
    language="en",
    event_types={},
    roles={},
    attributes={},
    links={},
    default_link="same_event",
    selection="word",
    trim=(),
    attach="order",
    guidelines="",
)


def event_type(name: str, hotkey: str | None = None) -> EventType:
    """Build an event type of which only name and key matter."""
    return EventType(name, "", "", hotkey, None, (), (), {}, {})


def choice(name: str, values: list[str], hotkeys: dict[str, str] | None = None) -> Attribute:
    """Build a choice of which only names and keys matter."""
    meanings = dict.fromkeys(values, "")
    return Attribute(name, "trigger", "mention", "choice", "", meanings, hotkeys or {}, None, frozenset())


def schema(
    types: dict[str, str | None] | None = None,
    roles: dict[str, str | None] | None = None,
    attributes: list[Attribute] | None = None,
) -> EventSchema:
    """Build a schema from names and the keys they declare."""
    return replace(
        EMPTY,
        event_types={name: event_type(name, key) for name, key in (types or {}).items()},
        roles={name: Role(name, "", key, None) for name, key in (roles or {}).items()},
        attributes={attribute.name: attribute for attribute in attributes or []},
    )


def test_mnemonic_keys() -> None:
    """A type takes shift and a letter of its name, a role a letter of its own, a choice the next digit."""
    keys = assign(
        schema({"Attack": None, "Agree": None}, {"actor": None, "agent": None}, [choice("mode", ["air", "sea"])])
    )
    assert keys == Hotkeys(
        {"Attack": "shift+a", "Agree": "shift+g"},
        {"actor": "a", "agent": "g"},
        {"mode": {"air": "1", "sea": "2"}},
        {},
    )


def test_declared_keys_are_kept() -> None:
    """A declared key goes to who declares it, also when somebody earlier in the schema would like it."""
    keys = assign(
        schema(
            {"Attack": None, "Agree": "shift+a"},
            {"actor": None, "target": "a"},
            [choice("mode", ["air", "sea"], {"sea": "1"})],
        )
    )
    assert keys.types == {"Attack": "shift+t", "Agree": "shift+a"}
    assert keys.roles == {"actor": "c", "target": "a"}
    assert keys.choices == {"mode": {"air": "2", "sea": "1"}}


def test_choices_after_the_digits() -> None:
    """The eleventh choice takes a letter that no role has."""
    keys = assign(schema({}, {"kind": None}, [choice("mode", [f"k{n}" for n in range(11)])]))
    assert keys.choices["mode"]["k9"] == "0"
    assert keys.choices["mode"]["k10"] == "a"


def test_integers_have_a_key() -> None:
    """An integer attribute has a key, or Label Studio would choose one."""
    count = Attribute("count", "trigger", "mention", "integer", "", {}, {}, None, frozenset())
    assert assign(schema(attributes=[count])).integers == {"count": "1"}


@pytest.mark.parametrize("declared", ["u", "escape", "alt+r", "Option+R", "ctrl+a", "shift+f"])
def test_the_editors_keys_stay_its_own(declared: str) -> None:
    """A key the editor uses is never given, even when it is declared."""
    assert assign(schema({"Attack": declared})).types == {"Attack": "shift+a"}


def test_a_key_declared_twice() -> None:
    """Of two that declare one key in different spellings the first gets it."""
    keys = assign(schema({"Attack": "shift+k", "Agree": "Shift + K"}))
    assert keys.types == {"Attack": "shift+k", "Agree": "shift+a"}


def test_keys_run_out() -> None:
    """With more choices than keys the last have none, and the keys Label Studio would give are all in use."""
    keys = assign(schema({"Attack": None}, {"actor": None}, [choice("mode", [f"v{n}" for n in range(200)])]))
    assert keys.choices["mode"]["v199"] is None
    assert set("1234567890qwetasdfgzxcvbyiopjklnm") <= set(keys.all())


@given(
    st.lists(st.from_regex(r"[A-Z][A-Za-z0-9_]{0,6}", fullmatch=True), max_size=40, unique=True),
    st.lists(st.from_regex(r"[a-z][a-z0-9_]{0,6}", fullmatch=True), max_size=40, unique=True),
    st.lists(st.text(min_size=1, max_size=4), max_size=60, unique=True),
    st.sampled_from([None, "a", "1", "shift+a", "alt+1", "u", "ctrl+x"]),
)
def test_never_two_alike(types: list[str], roles: list[str], values: list[str], key: str | None) -> None:
    """Whatever is declared, all keys differ, none is the editor's, and a second run gives the same."""
    hotkeys = dict.fromkeys(values[:1], key) if key else {}
    attribute = choice("mode", values, hotkeys)
    made = schema(dict.fromkeys(types, key), dict.fromkeys(roles, key), [attribute])
    keys = assign(made)
    given_keys = keys.all()
    assert len(given_keys) == len(set(given_keys))
    assert not [key for key in given_keys if is_reserved(key)]
    assert assign(made) == keys


@pytest.mark.parametrize(
    ("written", "one_form"),
    [
        ("Shift + A", "shift+a"),
        ("shift+alt+a", "alt+shift+a"),
        ("Option+1", "alt+1"),
        ("Q", "q"),
        ("Esc", "escape"),
    ],
)
def test_one_form(written: str, one_form: str) -> None:
    """Spellings of one key are recognised as one."""
    assert canonical(written) == one_form


def test_the_editors_keys_are_in_that_form() -> None:
    """The list of the editor's keys can be compared with any canonical key."""
    assert {canonical(key) for key in EDITOR_KEYS} == EDITOR_KEYS


@pytest.mark.parametrize(
    ("key", "text"),
    [("shift+a", "⇧A"), ("a", "a"), ("alt+1", "alt+1"), ("alt+shift+a", "alt+⇧A"), (None, "")],
)
def test_shown(key: str | None, text: str) -> None:
    """Keys are shown short, and nothing where there is none."""
    assert shown(key) == text
