"""What an annotation was begun from, and which suggested regions the annotator changed or deleted (pure).

Label Studio says ``prediction-changed`` of a suggested region whose label, span or given value was changed, but still
``prediction`` when a value was added to it. As unset means the default, that is a change as well. So is another place
in the Regions list, which makes it the argument of another event.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from curate.labelstudio.stamps import read_by_stamp
from curate.migration import migrate, renaming
from curate.records import Article
from curate.schema.model import EventSchema


def mark_changed(annotation: Mapping[str, Any], task: Mapping[str, Any]) -> Any:
    """Give an annotation's result with every changed suggestion marked as such; anything odd stays as it is."""
    result, suggestion = annotation.get("result"), _suggested(annotation, task).get("result")
    if not isinstance(result, list) or not isinstance(suggestion, list):
        return result
    before, now = _said(suggestion), _said(result)
    return [
        entry | {"origin": "prediction-changed"}
        if _is_suggested(entry) and now.get(entry["id"]) != before.get(entry["id"])
        else entry
        for entry in result
    ]


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
    result = annotation.get("result")
    entries = result if isinstance(result, list) else []
    left = {f"region:{one.get('id')}" for one in entries if isinstance(one, dict) and one.get("from_name") == "label"}
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


def _is_suggested(entry: Any) -> bool:
    return (
        isinstance(entry, dict)
        and entry.get("from_name") == "label"
        and entry.get("origin") == "prediction"
        and isinstance(entry.get("id"), str)
    )


def _said(result: list[Any]) -> dict[str, dict[str, Any]]:
    """Collect what is said of each region: by its id, its parent and the value of every control."""
    found: dict[str, dict[str, Any]] = {}
    for entry in result:
        if not isinstance(entry, dict) or entry.get("from_name") in (None, "schema"):
            continue
        if entry["from_name"] == "label":
            found.setdefault(str(entry.get("id")), {})["label"] = entry.get("parentID") or None
            continue
        value = entry.get("value")
        # The span and its words are repeated in every value of a region; a text box holds a list.
        set_here = (
            {key: part for key, part in value.items() if key not in ("start", "end") and not isinstance(part, str)}
            if isinstance(value, dict)
            else value
        )
        found.setdefault(str(entry.get("id")), {})[str(entry["from_name"])] = set_here
    return found
