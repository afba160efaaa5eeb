"""Listing tasks: complete whatever changes meanwhile, or told that it is not."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from label_studio_sdk.core.api_error import ApiError

from curate.errors import ServerError
from curate.labelstudio import client, fetching, listing
from curate.labelstudio.known import content_digest, read_known

CONNECTION = client.Connection("http://127.0.0.1:9", None, {}, None, "")  # type: ignore[arg-type]


class Tasks:
    """A server's tasks by number; ``between`` happens before each page but the first."""

    def __init__(self, *numbers: int, between: Callable[[set[int]], None] = lambda _: None) -> None:
        self.there, self.between, self.asked = set(numbers), between, 0

    def answer(self, *_: Any, query: str, page_size: int, **__: Any) -> bytes:
        """Give what comes after the number asked for."""
        if self.asked:
            self.between(self.there)
        self.asked += 1
        items = json.loads(query)["filters"]["items"]
        [after] = [item["value"] for item in items if item["filter"] == "filter:tasks:id"]
        left = sorted(number for number in self.there if number > after)
        return page(len(left), left[:page_size])


def page(total: int, numbers: list[int]) -> bytes:
    return json.dumps({"total": total, "tasks": [{"id": number, "data": {}} for number in numbers]}).encode()


def listed(monkeypatch: pytest.MonkeyPatch, answer: Callable[..., bytes]) -> list[int]:
    """List tasks of a server that answers so, two to a page."""
    monkeypatch.setattr(listing, "PAGE", 2)
    monkeypatch.setattr(listing, "read_bytes", answer)
    return [json.loads(task)["id"] for task in client.tasks(CONNECTION, 1)]


@pytest.mark.parametrize("numbers", [[], [1], [1, 2], [3, 5, 8], list(range(1, 12))])
def test_pages_are_put_together(monkeypatch: pytest.MonkeyPatch, numbers: list[int]) -> None:
    """Every task of every page comes once."""
    assert listed(monkeypatch, Tasks(*numbers).answer) == numbers


def test_nothing_is_missed_while_tasks_come_and_go(monkeypatch: pytest.MonkeyPatch) -> None:
    """One deleted that was listed, and one added, leave the count as it was and would shift every later page."""

    def change(there: set[int]) -> None:
        there.discard(min(there))
        there.add(max(there) + 1)

    found = listed(monkeypatch, Tasks(*range(1, 8), between=change).answer)
    assert set(range(1, 8)) <= set(found)


@pytest.mark.parametrize(
    ("total", "numbers"), [(3, [1]), (2, []), (5, [2, 1]), (2, [1, 1])], ids=["short", "empty", "order", "twice"]
)
def test_a_listing_that_is_not_whole_is_recognised(
    monkeypatch: pytest.MonkeyPatch, total: int, numbers: list[int]
) -> None:
    """Fewer tasks than are counted, or in another order: an error, never a short list."""
    with pytest.raises(ServerError, match="a listing"):
        listed(monkeypatch, lambda *_, **__: page(total, numbers))


def test_one_deleted_between_counting_and_listing_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """The page is asked for again."""
    answers = iter([page(2, [1]), page(1, [1])])
    assert listed(monkeypatch, lambda *_, **__: next(answers)) == [1]


def test_a_task_over_which_the_server_breaks_down_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Smaller and smaller pages lead to it; the way out is told."""
    server = Tasks(*range(1, 30))

    def answer(*_: Any, query: str, page_size: int, include: str, **__: Any) -> bytes:
        told = server.answer(query=query, page_size=page_size)
        if include != "id" and 17 in {task["id"] for task in json.loads(told)["tasks"]}:
            raise ApiError(status_code=500, headers={}, body=None)
        return told

    monkeypatch.setattr(listing, "PAGE", 10)
    monkeypatch.setattr(listing, "read_bytes", answer)
    with pytest.raises(ServerError, match="task 17 of project 1") as caught:
        list(client.tasks(CONNECTION, 1))
    assert "delete" in caught.value.fix


def test_a_server_that_broke_down_once_is_asked_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every task comes all the same."""
    server, failed = Tasks(*range(1, 30)), []

    def answer(*_: Any, query: str, page_size: int, **__: Any) -> bytes:
        if not failed:
            failed.append(page_size)
            raise ApiError(status_code=500, headers={}, body=None)
        return server.answer(query=query, page_size=page_size)

    assert listed(monkeypatch, answer) == list(range(1, 30))


def test_how_long_ago_is_no_change() -> None:
    """The same prediction seen a minute later is nothing new; another result is."""

    def seen(ago: str, *result: str) -> str:
        return content_digest({"id": 1, "predictions": [{"id": 5, "created_ago": ago, "result": list(result)}]})

    assert seen("0 minutes", "a") == seen("1 minute", "a") != seen("1 minute", "b")


def test_answers_are_stored_some_at_a_time(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Each is kept once and in order, in files of about so many bytes, and what was known is not kept again."""
    answers = [answer_of(number) for number in range(1, 8)]
    monkeypatch.setattr(listing, "PAGE", 2)
    monkeypatch.setattr(listing, "read_bytes", Tasks(*range(1, 8)).answer)
    monkeypatch.setattr(client, "project", lambda *_: counting(7))
    monkeypatch.setattr(fetching, "CHUNK", 2 * len(answers[0]))
    for new in (7, 0):
        stored = fetching.fetch_all(CONNECTION, 1, tmp_path, read_known(tmp_path), lambda _: None)
        assert stored == (set(range(1, 8)), new)
    kept = [path.read_bytes().splitlines() for path in sorted(tmp_path.glob("*.jsonl"))]
    assert [len(lines) for lines in kept] == [2, 2, 2, 1]
    assert [line for lines in kept for line in lines] == answers


FETCHES = [fetching.fetch_all, fetching.fetch_missed]


@pytest.mark.parametrize("fetch", FETCHES)
@pytest.mark.parametrize("late", [1, 4])
def test_what_is_counted_and_not_listed_is_listed_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, fetch: Any, late: int
) -> None:
    """Tasks that come while it is listed, some times over, are there in the end."""
    there, said = set(range(1, 4)), list[str]()

    def project(*_: Any) -> dict[str, Any]:
        if len(there) < 3 + late:
            there.add(len(there) + 1)
        return counting(len(there))

    monkeypatch.setattr(client, "tasks", lambda *_: map(answer_of, sorted(there)))
    monkeypatch.setattr(client, "changes", lambda *_: dict.fromkeys(there, ""))
    monkeypatch.setattr(client, "tasks_numbered", lambda _, __, numbers: map(answer_of, numbers))
    monkeypatch.setattr(client, "project", project)
    assert fetch(CONNECTION, 1, tmp_path, read_known(tmp_path), said.append) == (set(range(1, 4 + late)), 3 + late)
    assert len(said) == late


@pytest.mark.parametrize("fetch", FETCHES)
def test_a_project_that_goes_on_counting_more_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, fetch: Any
) -> None:
    """With an error: a short list would count tasks as deleted. What came is kept."""
    monkeypatch.setattr(client, "tasks", lambda *_: map(answer_of, (1, 2)))
    monkeypatch.setattr(client, "changes", lambda *_: {1: "", 2: ""})
    monkeypatch.setattr(client, "tasks_numbered", lambda _, __, numbers: map(answer_of, numbers))
    monkeypatch.setattr(client, "project", lambda *_: counting(3))
    with pytest.raises(ServerError, match=r"counts more tasks than it lists \(2\)"):
        fetch(CONNECTION, 1, tmp_path, read_known(tmp_path), lambda _: None)
    assert set(read_known(tmp_path).tasks) == {1, 2}


def answer_of(number: int) -> bytes:
    return json.dumps({"id": number, "data": {}}).encode()


def counting(tasks: int) -> dict[str, Any]:
    return {"task_number": tasks, "total_annotations_number": 0, "skipped_annotations_number": 0}


def test_a_page_of_projects_past_the_end_is_a_list_cut_short(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server says 404 of it; the list is asked for again, and an error in the end, never a short list."""
    told = {"count": 2, "results": [{"id": 1}]}

    def answer(_: Any, __: str, page: int, **___: Any) -> Any:
        if page > 1:
            raise ApiError(status_code=404, headers={}, body=None)
        return told

    monkeypatch.setattr(client, "read", answer)
    with pytest.raises(ServerError, match="a list of projects cut short"):
        client.projects(CONNECTION)
    told["count"] = 1
    assert client.projects(CONNECTION) == [{"id": 1}]
