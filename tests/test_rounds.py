"""An adjudicator settles what was there when they submitted, and nothing that came up later."""

from __future__ import annotations

from typing import Any

import pytest

from curate.labelstudio.rounds import is_adjudication, next_rounds, shown_to


def task(rounds: Any) -> dict[str, Any]:
    return {"data": {"article_id": "a", "shown": rounds}}


def test_what_comes_up_before_anybody_submits_is_one_round() -> None:
    """Without an annotation the statements are those of one round, however often they are pushed."""
    rounds = next_rounds(None, ["b", "a"], [])
    assert rounds == [{"after": "", "statements": ["a", "b"]}]
    assert next_rounds(rounds, ["c"], []) == [{"after": "", "statements": ["a", "b", "c"]}]


def test_what_comes_up_later_was_not_seen_before() -> None:
    """After an annotation what is new is a round of its own, which that annotation doesn't settle."""
    rounds = next_rounds(next_rounds(None, ["a"], []), ["a", "b"], ["2026-01-02", "2026-01-01"])
    assert rounds[1:] == [{"after": "2026-01-02", "statements": ["b"]}]
    assert shown_to(task(rounds), "2026-01-02") == ["a"]
    assert shown_to(task(rounds), "2026-01-03") == ["a", "b"]
    assert next_rounds(rounds, ["a", "b"], ["2026-01-03"]) == rounds


@pytest.mark.parametrize("rounds", [None, "a", [1], [{"after": 1, "statements": []}], [{"after": "", "statements": 1}]])
def test_a_task_that_somebody_edited(rounds: Any) -> None:
    """Rounds that can't be read show nothing, and only a list makes a task one of adjudication."""
    assert shown_to(task(rounds), "2026") == []
    assert is_adjudication(task(rounds)) == isinstance(rounds, list)
    assert next_rounds(rounds, ["a"], ["2026"]) == [{"after": "2026", "statements": ["a"]}]
