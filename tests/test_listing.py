"""Listing tasks page by page: complete, or told that it may not be."""

from __future__ import annotations

import json
from typing import Any

import pytest

from curate.labelstudio import client
from curate.labelstudio.pulling import content_digest

CONNECTION = client.Connection("http://127.0.0.1:9", None, {})  # type: ignore[arg-type]


def listing(monkeypatch: pytest.MonkeyPatch, *pages: tuple[int, list[int]]) -> list[int]:
    """List tasks of a server that answers with these pages, each a total and ids."""
    answers = iter(pages)

    def answer(*_: Any, **__: Any) -> bytes:
        total, ids = next(answers)
        return json.dumps({"total": total, "tasks": [{"id": one, "data": {}} for one in ids]}).encode()

    monkeypatch.setattr(client, "read_bytes", answer)
    return [json.loads(task)["id"] for task in client.tasks(CONNECTION, 1)]


def test_pages_are_put_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every task of every page comes once."""
    assert listing(monkeypatch, (3, [1, 2]), (3, [3])) == [1, 2, 3]
    assert listing(monkeypatch, (0, [])) == []


@pytest.mark.parametrize(
    "pages",
    [
        [(3, [1, 2]), (2, [3])],
        [(3, [1, 2]), (4, [3, 4])],
        [(3, [1, 2]), (3, [2, 3])],
        [(3, [1, 2]), (3, [])],
    ],
)
def test_a_listing_that_moved_is_recognised(
    monkeypatch: pytest.MonkeyPatch, pages: list[tuple[int, list[int]]]
) -> None:
    """When a task left, came or moved between two pages, one may have been missed, and that is said."""
    with pytest.raises(client.ListingChangedError):
        listing(monkeypatch, *pages)


def test_how_long_ago_is_no_change() -> None:
    """The same prediction seen a minute later is nothing new; another result is."""

    def seen(ago: str, *result: str) -> str:
        return content_digest({"id": 1, "predictions": [{"id": 5, "created_ago": ago, "result": list(result)}]})

    assert seen("0 minutes", "a") == seen("1 minute", "a") != seen("1 minute", "b")
