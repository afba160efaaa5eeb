"""How far people agree with themselves: what they read a second time against their first reading."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from msgspec.structs import replace

from curate.agreement.measuring import measure
from curate.agreement.results import Agreement

if TYPE_CHECKING:
    from curate.records import Annotation
    from curate.schema.model import EventSchema

SECOND = ", again"
"""What follows the name of somebody who reads for the second time."""


def measure_again(
    annotations: Iterable[Annotation],
    rereadings: Iterable[Annotation],
    schema: EventSchema,
    *,
    samples: int = 0,
    seed: int = 0,
) -> Agreement:
    """Measure each person's second readings against the first ones of the same text, and nobody against another.

    A pair of the result is one person; an article counts once for each who read it twice.
    """
    second = {(one.article_id, one.text_sha256, one.annotator): one for one in rereadings}

    def pairs() -> Iterable[Annotation]:
        for one in annotations:
            if (other := second.get((one.article_id, one.text_sha256, one.annotator))) is not None:
                name = f"{one.article_id} · {one.annotator}"
                yield replace(one, article_id=name)
                yield replace(other, article_id=name, annotator=one.annotator + SECOND)

    return measure(pairs(), schema, samples=samples, seed=seed)
