"""What one Label Studio result holds, sorted by kind: regions, arrows, attribute values, notes; and what is wrong."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from curate.records import Item, Value
from curate.schema.model import Attribute, RoleUse

PREDICTED = ("prediction", "prediction-changed")
"""The origins of what was not drawn by hand."""


class Problem(msgspec.Struct, frozen=True, gc=False):
    """Something wrong or worth saying about one piece: a code, where, what to do, and the items it is about."""

    code: str
    where: str
    message: str
    items: tuple[str, ...] = ()


class Region(msgspec.Struct, frozen=True, gc=False):
    """One labelled span, in code points, after trimming; ``order`` is its position in the result."""

    id: str
    order: int
    label: str
    is_trigger: bool
    """Whether the label is an event type, not a role."""
    takes: dict[str, RoleUse]
    """The roles that it takes as a trigger; an argument takes none."""
    start: int
    end: int
    text: str
    origin: str
    parent: str | None
    item: Item

    @property
    def where(self) -> str:
        """Name the region for a person."""
        return f'region {self.id} ({self.label} "{self.text[:40]}")'


class Arrow(msgspec.Struct, frozen=True, gc=False):
    """One relation as drawn: from one region to another; ``direction`` is right, left or bi."""

    item: Item
    source: str
    target: str
    direction: str
    labels: Sequence[str]

    @property
    def where(self) -> str:
        """Name the arrow for a person."""
        return f"arrow {self.source} > {self.target}"


class SetValue(msgspec.Struct, frozen=True, gc=False):
    """An attribute value set on a region, or on the article when ``region`` is None."""

    item: Item
    region: str | None
    attribute: Attribute
    value: Value


class Words(msgspec.Struct, frozen=True, gc=False):
    """A note left on a region, or on the article when ``region`` is None."""

    item: Item
    region: str | None
    text: str


class Blank(msgspec.Struct, frozen=True, gc=False):
    """A region that may be a trigger and can't be read; ``span`` is where it lies as far as that is known."""

    order: int
    item: Item
    span: tuple[int, int] | None
    by_hand: bool


class Contents(msgspec.Struct):
    """All that one result holds; ``items`` by id, in the order of the result, each with what it states so far."""

    regions: dict[str, Region] = {}
    arrows: list[Arrow] = []
    set_values: dict[tuple[str | None, str], SetValue] = {}
    """By region and name; no region is the article."""
    words: list[Words] = []
    reasons: list[Words] = []
    items: dict[str, Item] = {}
    problems: list[Problem] = []
    unknown: list[str] = []
    """The controls, types and keys that the page doesn't have: ``control mood``, ``type brush``, ``key colour``."""
    strange: dict[int, list[str]] = {}
    """The keys of a piece that nothing reads, by its position."""
    unreadable: dict[str, str] = {}
    """The items of regions that are there and can't be read, by region id; what hangs on them is not told again."""
    blanks: list[Blank] = []
    hanging: dict[str, str] = {}
    """Items that can't stand without another, which is not read: that one by this one."""
    own_notes: dict[str, Item] = {}
    """The notes that regions carry themselves, by the id of the region's item."""
    _met: dict[str, int] = {}

    def report(self, code: str, where: str, message: str, *items: Item) -> None:
        """Add a problem; ``items`` are the pieces that would have to go for it to be gone."""
        self.problems.append(Problem(code, written(where), written(message), tuple(item.id for item in items)))

    def count(self, kind: str, name: str) -> Item:
        """Register an item under a name that is unique in this result."""
        if name not in self.items and name.isascii():
            item = self.items[name] = Item(name, kind, [])
            return item
        free = name = written(name)
        number = self._met.get(name, 1)
        while free in self.items:
            number += 1
            free = f"{name}~{number}"
        if number > 1:
            self._met[name] = number
        item = self.items[free] = Item(free, kind, [])
        return item


def written(text: str) -> str:
    """Give a text as UTF-8 can hold it: half a surrogate pair, which JSON can, becomes its escape."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
