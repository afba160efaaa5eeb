"""What became of every accepted item at a release (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from curate.adjudication.statements import Statements, statements_of
from curate.records import Annotation, Record
from curate.schema.model import EventSchema


def item_fates(
    annotations: Sequence[Annotation],
    records: Sequence[Record],
    released: set[str],
    schema: EventSchema,
    adjudications: Iterable[Annotation] = (),
) -> dict[tuple[str, str, str], str]:
    """Say what became of every accepted item at a release, by annotator, annotation and item.

    ``chosen`` when the record holds what the item states and this reading is the first to state it, ``same`` for
    the later ones (an adjudicator's come after all annotators'), ``outvoted`` when the record says otherwise,
    ``open`` without a record, ``left out`` when the record is not in the release.
    """
    said = {record.id: statements_of(record, schema) for record in records}
    claimed: dict[tuple[str, str], tuple[str, str]] = {}
    fates: dict[tuple[str, str, str], str] = {}
    by_person = [sorted(part, key=lambda one: (one.article_id, one.annotator)) for part in (annotations, adjudications)]
    for annotation in (*by_person[0], *by_person[1]):
        own, reader = statements_of(annotation, schema), (annotation.annotator, annotation.id)
        for item in annotation.items:
            name = (annotation.annotator, f"annotation {annotation.id}", item.id)
            if annotation.article_id not in said:
                fates[name] = "open"
            elif annotation.article_id not in released:
                fates[name] = "left out"
            else:
                final = said[annotation.article_id]
                held_up = [state for state in item.states if _holds(state, own, final)]
                if item.kind in ("note", "reason") and not item.states:
                    held_up = [f"{item.kind} {item.id} of {annotation.id}"]
                first = [
                    state for state in held_up if claimed.setdefault((annotation.article_id, state), reader) == reader
                ]
                fates[name] = "chosen" if first else "same" if held_up else "outvoted"
    return fates


def _holds(state: str, own: Statements, final: Statements) -> bool:
    if "#" in state:
        return state in final.values and final.values[state] == own.values.get(state)
    return state in final.present()
