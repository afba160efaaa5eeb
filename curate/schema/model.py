"""The event schema as data: what a checked schema file says, ready to be compiled."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property

from curate.records import Value, digest

SAME_EVENT = "same_event"
"""The built-in link whose arrows make clusters."""

INTEGER_RANGE = range(-(2**31), 2**31)
"""What an integer attribute can hold."""

DATE = "[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?"
"""How a date is written, as far as the text tells it: 2024, 2024-05 or 2024-05-31 (ISO 8601)."""

_DATE = re.compile(DATE)


def is_date(text: str) -> bool:
    """Tell whether the text is a year, month or day of the calendar, such as 2023, 2023-10 or 2023-10-21."""
    try:
        return bool(_DATE.fullmatch(text)) and bool(datetime.date.fromisoformat(f"{text}-01-01"[:10]))
    except ValueError:
        return False


@dataclass(frozen=True)
class RoleUse:
    """A role as one event type uses it. ``event_fillers`` names event types; ``maximum`` None is no limit."""

    role: str
    span_filler: bool = True
    event_fillers: frozenset[str] = frozenset()
    expected: bool = False
    required: bool = False
    maximum: int | None = None


@dataclass(frozen=True)
class EventType:
    """One event type with its roles in schema order."""

    name: str
    definition: str
    group: str
    hotkey: str | None
    colour: str | None
    examples: tuple[str, ...]
    trigger_words: tuple[str, ...]
    roles: dict[str, RoleUse]
    maps: dict[str, tuple[str, ...]]


@dataclass(frozen=True)
class Role:
    """One word of the shared role vocabulary."""

    name: str
    definition: str
    hotkey: str | None
    colour: str | None


@dataclass(frozen=True)
class Attribute:
    """A question asked of triggers, arguments or the article.

    ``on`` is trigger, argument or article; ``level`` mention or event; ``kind`` choice, choices, text, integer or
    date. ``values`` maps each choice to its definition. ``applies_to`` names types (trigger) or roles (argument);
    empty means all. An unset attribute holds ``default``. ``scale`` says how agreement compares answers: nominal,
    ordinal or interval.
    """

    name: str
    on: str
    level: str
    kind: str
    definition: str
    values: dict[str, str]
    hotkeys: dict[str, str]
    default: Value
    applies_to: frozenset[str]
    scale: str = "nominal"

    def applies(self, label: str) -> bool:
        """Tell whether the attribute is asked of this event type or role."""
        return not self.applies_to or label in self.applies_to

    def held(self, label: str, value: Value) -> Value:
        """Give what it holds on an event type or role: what was set, else its default, null where it isn't asked.

        Several choices come in schema order, each once.
        """
        if self.applies_to and label not in self.applies_to:
            return None
        if value is not None and not isinstance(value, list):
            return value
        value = value or self.default
        if not isinstance(value, list):
            return value
        rank = {choice: place for place, choice in enumerate(self.values)}
        return sorted(set(value), key=lambda choice: (rank.get(choice, len(rank)), choice))


@dataclass(frozen=True)
class LinkType:
    """A typed connection; empty ``sources`` or ``targets`` admit every event type."""

    name: str
    definition: str
    symmetric: bool
    transitive: bool
    sources: frozenset[str]
    targets: frozenset[str]

    def joins(self, source: str, target: str) -> bool:
        """Tell whether the link may go from one event type to the other."""

        def one_way(first: str, second: str) -> bool:
            return (not self.sources or first in self.sources) and (not self.targets or second in self.targets)

        return one_way(source, target) or (self.symmetric and one_way(target, source))


@dataclass(frozen=True)
class Renames:
    """What one version of a schema renamed, old names to new; ``values`` by the attribute's name in that version."""

    version: str
    event_types: dict[str, str] = field(default_factory=dict)
    roles: dict[str, str] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    attributes: dict[str, str] = field(default_factory=dict)
    values: dict[str, dict[str, str]] = field(default_factory=dict)


def followed(name: str, rules: Iterable[Mapping[str, str]]) -> str:
    """Follow a name through the renames of one version after the other."""
    for rule in rules:
        name = rule.get(name, name)
    return name


def value_followed(attribute: str, value: str, blocks: Iterable[Renames]) -> str:
    """Follow a value, and the attribute that it is one of, through the renames of one version after the other."""
    for block in blocks:
        attribute = block.attributes.get(attribute, attribute)
        value = block.values.get(attribute, {}).get(value, value)
    return value


def is_version(text: str) -> bool:
    """Tell whether a text is a version such as 1.2.0 or 2.0.0-draft."""
    return bool(re.fullmatch(r"\d+[.]\d+[.]\d+(-[0-9A-Za-z.-]+)?", text))


def version_order(version: str) -> tuple[tuple[int, ...], bool, str]:
    """Give the sort key of a version such as 1.2.0 or 2.0.0-draft, which comes before 2.0.0."""
    numbers, _, draft = version.partition("-")
    return tuple(int(number) for number in numbers.split(".")), not draft, draft


@dataclass(frozen=True)
class EventSchema:
    """Everything one schema file says. Mappings keep the order of the file."""

    name: str
    version: str
    title: str
    description: str
    language: str
    event_types: dict[str, EventType]
    roles: dict[str, Role]
    attributes: dict[str, Attribute]
    links: dict[str, LinkType]
    default_link: str
    selection: str
    trim: tuple[str, ...]
    attach: str
    guidelines: str
    renamed: tuple[Renames, ...] = ()
    """In the order of the versions."""

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the schema's content, hexadecimal; comments and layout of the file don't count."""
        content = {one.name: getattr(self, one.name) for one in fields(self) if one.name != "renamed"}
        # What names were before, and how answers are compared, changes nothing about what is said now.
        content["attributes"] = {
            name: {key: value for key, value in vars(one).items() if key != "scale"}
            for name, one in self.attributes.items()
        }
        return digest(content)

    @cached_property
    def stamp(self) -> str:
        """The name under which annotations are stamped: ``name@version#`` and 12 digits of the digest."""
        return f"{self.name}@{self.version}#{self.digest[:12]}"

    @cached_property
    def counted_roles(self) -> dict[str, tuple[RoleUse, ...]]:
        """By event type the roles that have to be there, or can be there too often."""
        return {
            name: tuple(use for use in one.roles.values() if use.required or use.expected or use.maximum is not None)
            for name, one in self.event_types.items()
        }

    def attributes_on(self, on: str, level: str | None = None) -> Sequence[Attribute]:
        """List the attributes of triggers, arguments or the article, of one level or both, in schema order."""
        return self._asked_of.get((on, level), ())

    @cached_property
    def unset_event(self) -> dict[str, dict[str, Value]]:
        """By type what an event of an annotation holds where nothing was set, null for the event level; copy it."""
        nothing: dict[str, Value] = {one.name: None for one in self.attributes_on("trigger", "event")}
        return {label: self.unset("trigger", "mention", label) | nothing for label in self.event_types}

    @cached_property
    def unset_argument(self) -> dict[str, dict[str, Value]]:
        """By role what an argument holds where nothing was set; copy it."""
        return {role: self.unset("argument", None, role) for role in self.roles}

    def unset(self, on: str, level: str | None, label: str) -> dict[str, Value]:
        """Give what the attributes hold where nothing was set, on an event type, a role, or ``""`` for the article."""
        known = self._unset.get((on, level, label))
        if known is None:
            known = {one.name: one.held(label, None) for one in self.attributes_on(on, level)}
            self._unset[on, level, label] = known
        return known.copy()

    @cached_property
    def _unset(self) -> dict[tuple[str, str | None, str], dict[str, Value]]:
        """What was asked of ``unset`` before, because every argument of every reading asks."""
        return {}

    @cached_property
    def _asked_of(self) -> dict[tuple[str, str | None], tuple[Attribute, ...]]:
        """The attributes by what they are asked of, because every argument of every reading asks."""
        found: dict[tuple[str, str | None], tuple[Attribute, ...]] = {}
        for one in self.attributes.values():
            for key in ((one.on, one.level), (one.on, None)):
                found[key] = (*found.get(key, ()), one)
        return found
