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
    changed on the current page.
    """
    result = as_result(drawn)
    stamp = read_stamp(result)
    schema = schemas.get(stamp or "", current)
    translation = translate(result, article, schema, dropped)
    if stamp is None:
        problem = Problem("stamp-missing", "", f"No schema stamp; counted as {current.stamp}.")
    elif stamp not in schemas:
        problem = Problem("stamp-unknown", "", f"Made under {stamp}, which is not kept here; read as {current.stamp}.")
    elif schema.stamp == current.stamp or not (faults := _errors(translation)):
        return translation, schema, []
    else:
        lifted = translate(rename_pieces(result, renaming(schema, current)), article, current, dropped)
        if _errors(lifted) >= faults:
            return translation, schema, []
        translation, schema = lifted, current
        problem = Problem(
            "stamp-outdated",
            "",
            f"Begun under {stamp} and changed on the page of {current.stamp}, so it is read as that: "
            "see that the defaults of today suit what is unset.",
        )
    return translation, schema, [problem]


def _errors(translation: Translation) -> int:
    return sum(level(problem.code) == "error" for problem in translation.problems)
