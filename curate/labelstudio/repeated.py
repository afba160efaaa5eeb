"""Whether an export says of a task what the server said of it already (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from curate.authorship import annotator_of

SAID = (
    "created_at",
    "updated_at",
    "was_cancelled",
    "lead_time",
    "updated_by",
    "parent_annotation",
    "parent_prediction",
    "result",
)
"""What is asked of an annotation anywhere, beside its number and whose it is."""


def is_repeated(task: Mapping[str, Any], told: Mapping[str, Any], drafts: Iterable[Mapping[str, Any]]) -> bool:
    """Tell whether a task of an export holds nothing but what a server told of it last, or an older state of that.

    ``told`` is the server's answer about the task of that number, ``drafts`` are those on it. A task with an annotation
    or a draft that isn't among them, or with other data that is not known to be older, says something of its own.
    """
    data, before = task["data"], told.get("data") or {}
    is_older = str(task.get("updated_at") or "") < str(told.get("updated_at") or "")
    if data != before and not (is_older and data.get("article_id") == before.get("article_id")):
        return False
    known = {one["id"]: one for one in told.get("annotations") or ()}
    begun = {one["id"] for one in drafts}
    return all(
        one["id"] in known and _is_same_or_older(one, known[one["id"]]) for one in task["annotations"]
    ) and begun.issuperset(one["id"] if isinstance(one, dict) else one for one in task.get("drafts") or ())


def _is_same_or_older(one: Mapping[str, Any], known: Mapping[str, Any]) -> bool:
    if annotator_of(one, str) != annotator_of(known, str) or one.get("created_at") != known.get("created_at"):
        return False
    is_older = str(one.get("updated_at") or "") < str(known.get("updated_at") or "")
    return is_older or all(one.get(key) == known.get(key) for key in SAID)
