"""What an annotation was begun from, and which suggested regions the annotator changed or deleted (pure).

Label Studio says ``prediction-changed`` of a suggested region whose label, span or given value was changed, but still
``prediction`` when a value was added to it. As unset means the default, that is a change as well. So is another place
in the Regions list, which makes it the argument of another event.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from curate.labelstudio.controls import LABEL, SCHEMA
from curate.labelstudio.pieces import Held, Labels, Result, as_result, part
from curate.labelstudio.stamps import read_by_stamp
from curate.migration import migrate, renaming
from curate.records import Article
from curate.schema.model import EventSchema


def mark_changed(annotation: Mapping[str, Any], task: Mapping[str, Any]) -> Result:
    """Give an annotation's result with every changed suggestion marked as such; anything odd stays as it is."""
    result = as_result(annotation.get("result"))
    suggested = _suggested(annotation, task)
    if not suggested:
        return result
    suggestion = as_result(suggested.get("result"))
    if not result.is_list or not suggestion.is_list:
        return result
    before, now = _said(suggestion), _said(result)
    marked = [
        replace(piece, origin="prediction-changed")
        if _is_suggested(piece) and now[piece.id] != before.get(piece.id)
        else piece
        for piece in result.pieces
    ]
    return replace(result, pieces=marked)


def begun_from(
    annotation: Mapping[str, Any],
    task: Mapping[str, Any],
    article: Article,
    current: EventSchema,
    schemas: Mapping[str, EventSchema],
) -> tuple[str | None, list[str]]:
    """Name the version of what an annotation was begun from, and the events and arguments that were deleted of it.

    None where it was begun from nothing, or from a prediction that is gone.
    """
    suggested = _suggested(annotation, task)
    if not suggested:
        return None, []
    pieces = as_result(annotation.get("result")).pieces
    left = {f"region:{part(one, 'id')}" for one in pieces if part(one, "from_name") == LABEL}
    read, schema, _ = read_by_stamp(suggested.get("result"), article, current, schemas)
    gone = {state for item in read.items if item.kind == "region" and item.id not in left for state in item.states}
    if schema is not current:
        gone = set(map(migrate(read.reading, renaming(schema, current)).restated, gone))
    return str(suggested.get("model_version") or "") or "unnamed", sorted(gone)


def _suggested(annotation: Mapping[str, Any], task: Mapping[str, Any]) -> Mapping[str, Any]:
    """Find the prediction that an annotation was begun from; empty when there is none."""
    number = annotation.get("parent_prediction")
    if number is not None:
        for prediction in task.get("predictions") or []:
            if isinstance(prediction, dict) and prediction.get("id") == number:
                return prediction
    return {}


def _is_suggested(piece: Any) -> bool:
    return isinstance(piece, Labels) and piece.origin == "prediction"


def _said(result: Result) -> dict[str, dict[str, Any]]:
    """Collect what is said of each region: by its id, its parent and the value of every control."""
    found: dict[str, dict[str, Any]] = {}
    for piece in result.pieces:
        control, value = part(piece, "from_name"), part(piece, "value")
        if control in (None, SCHEMA):
            continue
        said = found.setdefault(str(part(piece, "id")), {})
        if control == LABEL:
            said[LABEL] = part(piece, "parentID") or None
        elif isinstance(value, Held):
            # The span and its words are repeated in every value of a region; a text box holds a list.
            words = None if isinstance(value.text, str) else value.text
            said[str(control)] = replace(value, start=None, end=None, text=words)
        else:
            said[str(control)] = value
    return found
