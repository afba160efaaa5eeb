"""By which schema a result is read, going by its hidden stamp (pure).

The page stamps an annotation when it is begun. From then on Label Studio carries the stamp along unchanged, or its
absence: through drafts, updates, copies and accepted predictions, also when the page has come to ask for another
schema. So the stamp says under which schema an annotation was begun, and not under which it was last changed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from curate.findings import level
from curate.labelstudio.contents import Problem
from curate.labelstudio.pieces import as_result
from curate.labelstudio.reading import Translation, translate
from curate.labelstudio.results import read_stamp
from curate.migration import rename_pieces, renaming
from curate.records import Article
from curate.schema.model import EventSchema


def read_by_stamp(
    drawn: Any,
    article: Article,
    current: EventSchema,
    schemas: Mapping[str, EventSchema],
    dropped: Collection[str] = (),
) -> tuple[Translation, EventSchema, list[Problem]]:
    """Read a result by the schema it was made under; give the reading, that schema, and what is doubtful about it.

    ``schemas`` are those that are kept, by their stamps. Without a stamp, or with one that is not kept, ``current``
    counts. So it does where ``current`` finds fewer errors than the stamp's own schema, because then the result was
    changed on the current page. The items ``dropped`` have no part in that: another schema has other names for them.
    """
    result = as_result(drawn)
    stamp = read_stamp(result)
    schema = schemas.get(stamp or "", current)
    translation, doubts = translate(result, article, schema), []
    if stamp is None:
        doubts = [Problem("stamp-missing", "", f"No schema stamp; counted as {current.stamp}.")]
    elif stamp not in schemas:
        told = f"Made under {stamp}, which is not kept here; read as {current.stamp}."
        doubts = [Problem("stamp-unknown", "", told)]
    elif schema.stamp != current.stamp and (faults := _errors(translation)):
        renamed = rename_pieces(result, renaming(schema, current))
        lifted = translate(renamed, article, current)
        if _errors(lifted) < faults:
            result, translation, schema = renamed, lifted, current
            told = (
                f"Begun under {stamp} and changed on the page of {current.stamp}, so it is read as that: "
                "see that the defaults of today suit what is unset."
            )
            doubts = [Problem("stamp-outdated", "", told)]
    return translate(result, article, schema, dropped) if dropped else translation, schema, doubts


def _errors(translation: Translation) -> int:
    return sum(level(problem.code) == "error" for problem in translation.problems)
