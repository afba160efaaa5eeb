"""What one Label Studio result holds, sorted by kind: regions, arrows, attribute values, notes; and what is wrong."""

from __future__ import annotations

from dataclasses import dataclass, field

from curate.records import Value
from curate.schema.model import Attribute


@dataclass(frozen=True)
class Problem:
    """Something wrong or worth saying about one piece: a code, where, what to do, and the items it is about."""

    code: str
    where: str
    message: str
    items: tuple[str, ...] = ()


@dataclass(frozen=True)
class Region:
    """One labelled span, in code points, after trimming; ``order`` is its position in the result."""

    id: str
    order: int
    label: str
    start: int
    end: int
    text: str
    origin: str
    parent: str | None
    item: str

    @property
    def where(self) -> str:
        """Name the region for a person."""
        return f'region {self.id} ({self.label} "{self.text[:40]}")'


@dataclass(frozen=True)
class Arrow:
    """One relation as drawn: from one region to another; ``direction`` is right, left or bi."""

    item: str
    source: str
    target: str
    direction: str
    labels: tuple[str, ...]


@dataclass(frozen=True)
class SetValue:
    """An attribute value set on a region, or on the article when ``region`` is None."""

    item: str
    region: str | None
    attribute: Attribute
    value: Value


@dataclass(frozen=True)
class Words:
    """A note left on a region, or on the article when ``region`` is None."""

    item: str
    region: str | None
    text: str


@dataclass(frozen=True)
class Blank:
    """A region that may be a trigger and can't be read; ``span`` is where it lies as far as that is known."""

    order: int
    item: str
    span: tuple[int, int] | None
    by_hand: bool


@dataclass
class Contents:
    """All that one result holds. ``kinds`` names the kind of every item, in the order of the result."""

    regions: dict[str, Region] = field(default_factory=dict)
    arrows: list[Arrow] = field(default_factory=list)
    values: list[SetValue] = field(default_factory=list)
    words: list[Words] = field(default_factory=list)
    reasons: list[Words] = field(default_factory=list)
    kinds: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    """The controls, types and keys that the page doesn't have: ``control mood``, ``type brush``, ``key colour``."""
    unreadable: dict[str, str] = field(default_factory=dict)
    """The items of regions that are there and can't be read, by region id; what hangs on them is not told again."""
    blanks: list[Blank] = field(default_factory=list)
    hanging: dict[str, str] = field(default_factory=dict)
    """Items that can't stand without another, which is not read: that one by this one."""
    own_notes: dict[str, str] = field(default_factory=dict)
    """The items of the notes that regions carry themselves, by the region's item."""
    _met: dict[str, int] = field(default_factory=dict)

    def report(self, code: str, where: str, message: str, *items: str) -> None:
        """Add a problem; ``items`` are the pieces that would have to go for it to be gone."""
        self.problems.append(Problem(code, written(where), written(message), items))

    def count(self, kind: str, name: str) -> str:
        """Register an item under a name that is unique in this result."""
        item = name = name if name.isascii() else written(name)
        number = self._met.get(name, 1)
        while item in self.kinds:
            number += 1
            item = f"{name}~{number}"
        if number > 1:
            self._met[name] = number
        self.kinds[item] = kind
        return item


def written(text: str) -> str:
    """Give a text as UTF-8 can hold it: half a surrogate pair, which JSON can, becomes its escape."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
