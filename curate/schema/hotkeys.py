"""Keys for everything on the labelling page that can be chosen: one key, one meaning."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from curate.schema.model import EventSchema

EDITOR_KEYS = frozenset(
    {
        *("u", "enter", "escape", "backspace", "delete", "tab", "space"),
        *("alt+.", "alt+enter", "alt+h", "alt+l", "alt+m", "alt+r"),
        *("shift+f", "shift+.", "shift+down", "shift+left", "shift+right", "shift+up"),
    }
)
"""Keys that already do something in the editor or its task list; so does everything with ctrl or command."""

# Annotators like r for drawing arrows; the others open a browser's menus or address bar.
_LEFT_ALONE = frozenset({"r", "alt+d", "alt+e", "alt+f"})

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_DIGITS = "1234567890"
_NAMES = {"option": "alt", "control": "ctrl", "esc": "escape", "del": "delete", "return": "enter"}
_MODIFIERS = ("alt", "command", "ctrl", "shift")

# Each kind of thing has keys of its own. When they run out it takes the others', so that a thing is left
# without one only when none is left at all: otherwise Label Studio picks one, and another after a change.
_FOR_TYPES = ("shift+a", "alt+shift+a", "shift+1", "alt+1", "alt+a", "1", "a")
_FOR_ROLES = ("a", "alt+a", "alt+shift+a", "alt+1", "1", "shift+1", "shift+a")
_FOR_CHOICES = ("1", "a", "shift+1", "alt+1", "alt+a", "alt+shift+a", "shift+a")


@dataclass(frozen=True)
class Hotkeys:
    """The key of every type, role, choice (by attribute and value) and integer attribute.

    None stands where no key is left. The key of an integer attribute counts it up.
    """

    types: dict[str, str | None]
    roles: dict[str, str | None]
    choices: dict[str, dict[str, str | None]]
    integers: dict[str, str | None]

    def all(self) -> list[str]:
        """List every key given, in the order of the page."""
        groups = (self.types, self.roles, *self.choices.values(), self.integers)
        return [key for group in groups for key in group.values() if key]


def assign(schema: EventSchema) -> Hotkeys:
    """Give keys: those the schema declares, and in schema order a mnemonic free one to everything else.

    No key is given twice and none that the editor uses. A declared key that would break this is not used; the
    check of schema files refuses it.
    """
    wishes: dict[tuple[str, str], str | None] = {}
    kinds: dict[tuple[str, str], tuple[str, ...]] = {}
    for event_type in schema.event_types.values():
        wishes["type", event_type.name] = event_type.hotkey
        kinds["type", event_type.name] = _FOR_TYPES
    for role in schema.roles.values():
        wishes["role", role.name] = role.hotkey
        kinds["role", role.name] = _FOR_ROLES
    for attribute in schema.attributes.values():
        names = [attribute.name] if attribute.kind == "integer" else attribute.values
        for name in names:
            wishes[_owner(attribute.name), name] = attribute.hotkeys.get(name)
            kinds[_owner(attribute.name), name] = _FOR_CHOICES
    given = _declared(wishes)
    taken = set(given.values())
    for thing, families in kinds.items():
        if thing not in given:
            key = next((key for key in _candidates(thing[1], families) if key not in taken), None)
            if key:
                given[thing] = key
                taken.add(key)
    return Hotkeys(
        {name: given.get(("type", name)) for name in schema.event_types},
        {name: given.get(("role", name)) for name in schema.roles},
        {
            a.name: {value: given.get((_owner(a.name), value)) for value in a.values}
            for a in schema.attributes.values()
            if a.kind in ("choice", "choices")
        },
        {a.name: given.get((_owner(a.name), a.name)) for a in schema.attributes.values() if a.kind == "integer"},
    )


def canonical(key: str) -> str:
    """Write a key in the one form in which keys can be compared: ``Shift + A`` is ``shift+a``."""
    parts = [_NAMES.get(part, part) for part in key.lower().replace(" ", "").split("+")]
    return "+".join([*(name for name in _MODIFIERS if name in parts[:-1]), parts[-1]])


def is_reserved(key: str) -> bool:
    """Tell whether the editor uses the key itself."""
    key = canonical(key)
    return key in EDITOR_KEYS or any(modifier in key.split("+") for modifier in ("ctrl", "command"))


def shown(key: str | None) -> str:
    """Write a key as people see it: ``⇧A``, ``alt+1``; nothing when there is none."""
    if not key:
        return ""
    *modifiers, letter = key.split("+")
    if "shift" not in modifiers:
        return key
    return "+".join([*(name for name in modifiers if name != "shift"), "⇧" + letter.upper()])


def _owner(attribute: str) -> str:
    return f"value of {attribute}"


def _declared(wishes: dict[tuple[str, str], str | None]) -> dict[tuple[str, str], str]:
    given: dict[tuple[str, str], str] = {}
    for thing, wish in wishes.items():
        if wish and not is_reserved(wish) and canonical(wish) not in given.values():
            given[thing] = canonical(wish)
    return given


def _candidates(name: str, families: Iterable[str]) -> Iterator[str]:
    initials = list(dict.fromkeys(letter for letter in name.lower() if letter in _LETTERS))
    letters = [*initials, *(letter for letter in _LETTERS if letter not in initials)]
    for family in families:
        prefix, last = family[:-1], family[-1]
        for letter in _DIGITS if last == "1" else letters:
            key = prefix + letter
            if key not in EDITOR_KEYS and key not in _LEFT_ALONE:
                yield key
