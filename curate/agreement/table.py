"""The readings to compare as columns of numbers, one row for each event, argument, cluster, link or value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from curate.schema.model import Attribute

Integers: TypeAlias = npt.NDArray[np.int64]
Amounts: TypeAlias = npt.NDArray[np.float64]
Answer: TypeAlias = "str | int | tuple[str, ...] | None"


@dataclass(frozen=True)
class Readings:
    """One row a reading, by article, then annotator. ``rank`` numbers the readings of an article from 0."""

    article: Integers
    annotator: Integers
    rank: Integers


@dataclass(frozen=True)
class Events:
    """One row an event: offsets of the trigger, end exclusive; ``cluster`` is a row of the clusters."""

    reading: Integers
    start: Integers
    end: Integers
    type: Integers
    cluster: Integers


@dataclass(frozen=True)
class Arguments:
    """One row an argument: offsets of the filler, those of its trigger where an event fills the role.

    ``filler`` is that event's row, -1 for a span.
    """

    event: Integers
    role: Integers
    start: Integers
    end: Integers
    filler: Integers


@dataclass(frozen=True)
class Links:
    """One row a link between two rows of the events."""

    type: Integers
    source: Integers
    target: Integers


@dataclass(frozen=True)
class Values:
    """The answers to one attribute: on which row (event, argument, cluster or reading), and which answer."""

    attribute: Attribute
    owner: Integers
    answer: Integers
    answers: tuple[Answer, ...]


@dataclass(frozen=True)
class Table:
    """Readings of articles that have enough of them, with the names that the numbers stand for.

    ``first_event`` names the first event, by place, of each cluster; ``most`` is the largest number of readings
    an article has; ``alone`` the number of articles left out because too few people read them.
    """

    articles: tuple[str, ...]
    annotators: tuple[str, ...]
    types: tuple[str, ...]
    roles: tuple[str, ...]
    link_types: tuple[str, ...]
    symmetric: frozenset[str]
    readings: Readings
    events: Events
    arguments: Arguments
    first_event: Integers
    links: Links
    values: tuple[Values, ...]
    most: int
    alone: int
