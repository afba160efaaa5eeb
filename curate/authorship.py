"""Who made an annotation, and what speaks against its being theirs alone (pure)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from curate.labelstudio.contents import Problem


def annotator_of(annotation: Mapping[str, Any], annotator: Callable[[Any], str]) -> str:
    """Name the annotator; without an account each annotation is somebody's of its own."""
    user = _user(annotation, "completed_by")
    return annotator(user if user is not None else f"of annotation {annotation['id']}")


def _user(annotation: Mapping[str, Any], key: str) -> Any:
    user = annotation.get(key)
    return user.get("id") if isinstance(user, dict) else user


def other_hands(annotation: Mapping[str, Any], who: str, annotator: Callable[[Any], str]) -> list[Problem]:
    """Say when a reading is not its annotator's alone: a task opened from the list shows the first one there is."""
    other = _user(annotation, "updated_by")
    if other is None or other == _user(annotation, "completed_by"):
        return []
    return [
        Problem(
            "annotation-changed-by-another",
            "",
            f"{annotator(other)} changed it, and it still counts as {who}'s: let both look at it. "
            "Everybody's own annotation begins at Label All Tasks, or with + beside the open one.",
        )
    ]


def drafter_of(draft: Mapping[str, Any], annotator: Callable[[Any], str]) -> str:
    """Name whoever began a draft; without an account each draft is somebody's of its own."""
    user = draft.get("user")
    return annotator(user if user is not None else f"of draft {draft['id']}")
