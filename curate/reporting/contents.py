"""What a report tells, as plain data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from curate.agreement import Agreement
    from curate.qualification import Followed
    from curate.records import Annotation, Article
    from curate.reporting.tallying import Found, Tally, Workload
    from curate.schema.model import EventSchema
    from curate.standing import Standing


@dataclass(frozen=True)
class Disagreed:
    """An article with its readings and the number of events and arguments that only one of two readings states."""

    article: Article
    readings: Sequence[Annotation]
    count: int


@dataclass(frozen=True)
class Contents:
    """All that stands in a report.

    ``latest`` is when the newest accepted reading was last changed, as the server said; ``released`` counts the
    articles in the newest release, ``release``. ``settled`` counts what the adjudicated records hold. Of each person
    ``workloads`` has what was accepted and ``faults`` the findings by level. ``misfits`` names what the books say
    otherwise than the files beside them; ``gold`` tells how people do on the texts hidden in their work, ``unscored``
    what must be mended before that can be told.
    """

    title: str
    schema: EventSchema
    asked: str
    latest: str | None
    standing: Standing
    release: str | None
    released: int
    agreement: Agreement
    disagreed: Sequence[Disagreed]
    differing: int
    workloads: Mapping[str, Workload]
    faults: Mapping[str, Counter[str]]
    findings: Sequence[Found]
    read: Tally
    settled: Tally
    books: Mapping[str, Any]
    misfits: Sequence[str]
    gold: Mapping[str, Followed]
    unscored: Sequence[str] = ()
