"""Raw answers replayed: what counts is what a plain replay of whole answers finds, read one at a time."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checking_answers import replay
from curate import api
from curate.answers import state_of
from curate.books import Ledger
from curate.checking import check
from curate.errors import CurateError, InputError
from curate.judging import Context
from curate.stored import Lines, RawAnswers
from event_schemas import SMALL_SCHEMA
from sample_project import pulled as pulled_project

TASKS = st.builds(
    lambda number, article, annotations: {
        "id": number,
        "data": {"article_id": article},
        "annotations": [{"id": 10 * number + one} for one in sorted(annotations)],
    },
    st.integers(1, 4),
    st.sampled_from("cab"),
    st.sets(st.integers(1, 4)),
)
DRAFTS = st.builds(
    lambda number, drafts: {"drafts_of": number, "drafts": [{"id": one} for one in drafts]},
    st.integers(1, 4),
    st.lists(st.integers(1, 3), max_size=2),
)
GONE = st.builds(lambda numbers: {"gone_tasks": numbers}, st.lists(st.integers(1, 4), min_size=1, unique=True))
ANSWERS = st.lists(st.one_of(TASKS, TASKS, DRAFTS, GONE), max_size=12)


def replayed(
    answers: list[dict[str, Any]],
) -> tuple[dict[int, Any], set[tuple[int, int]], dict[int, Any], dict[int, Any]]:
    """Replay whole answers: tasks, annotations that are gone with their task, drafts, drafts that are gone."""
    tasks: dict[int, Any] = {}
    deleted: set[tuple[int, int]] = set()
    drafts: dict[int, Any] = {}
    lost: dict[int, Any] = {}
    for answer in answers:
        if "drafts_of" in answer:
            drafts[answer["drafts_of"]] = answer["drafts"]
        for number in answer.get("gone_tasks", [answer.get("id")]):
            there = {one["id"] for one in answer.get("annotations", [])}
            before = {one["id"] for one in tasks.pop(number, {}).get("annotations", [])}
            deleted |= {(number, one) for one in before - there}
            deleted -= {(number, one) for one in there}
            if "gone_tasks" in answer:
                lost |= {number: drafts.pop(number)} if number in drafts else {}
            elif number is not None:
                tasks[number] = answer
                lost.pop(number, None)
    return tasks, deleted, drafts, lost


@given(ANSWERS)
def test_the_same_counts_as_in_a_plain_replay(answers: list[dict[str, Any]]) -> None:
    """The last answer about each task, by article; what is gone with the task it was on; the drafts there are."""
    tasks, deleted, drafts, lost = replayed(answers)
    state = replay(answers)
    by_article = sorted(
        (task | {"marker": ""} for task in tasks.values()), key=lambda task: (task["data"]["article_id"], task["id"])
    )
    assert list(state.tasks) == by_article
    assert len(state.tasks) == len(tasks)
    assert {(task["id"], one["id"]) for task, one in state.deleted} == deleted
    for begun, found in ((drafts, state.drafts), (lost, state.lost_drafts)):
        told = [(number, one["id"]) for number in sorted(begun) for one in begun[number]]
        assert [(one["task"], one["id"]) for one in found] == told


@given(ANSWERS, st.integers(1, 3))
def test_answers_are_read_from_files_as_they_stand(
    tmp_path_factory: pytest.TempPathFactory, answers: list[dict[str, Any]], size: int
) -> None:
    """However the answers are spread over files and servers, each is read with where it came from."""
    folder = tmp_path_factory.mktemp("raw")
    spread = {"project-1-1": answers[::2], "project-2-2": answers[1::2]}
    for name, said in spread.items():
        (folder / name).mkdir()
        for begin in range(0, len(said), size):
            lines = "\n".join(json.dumps(one) for one in said[begin : begin + size])
            (folder / name / f"{begin:06d}.jsonl").write_text(lines)
    with RawAnswers([folder / name for name in spread]) as raw:
        state = state_of(raw.heads(), raw.read)
        found = [task["source"] for task in state.tasks]
        due = {name: replayed(said)[0] for name, said in spread.items()}
        assert sorted(found) == [name for name, tasks in due.items() for _ in tasks]
        for number, said in enumerate(one for name in spread for one in spread[name]):
            assert json.loads(raw.line(number)) == said


def test_one_article_is_read_at_a_time() -> None:
    """When an article has been checked, no task has been read beyond the next one's first."""
    tasks = [{"id": n, "data": {"article_id": f"{n:03d}"}, "annotations": []} for n in range(200)]
    read: list[Any] = []
    state = replay(tasks)
    told = [one._replace(read=lambda one=one: read.append(one) or one.read()) for one in state.told]
    counted = replace(state, told=told)
    context = Context(SMALL_SCHEMA, {}, {}, str, lambda made, article: [])
    for number, _ in enumerate(check(counted, context, Ledger())):
        assert len(read) <= number + 1
    assert len(read) == len(tasks)


def test_a_damaged_answer_is_named(tmp_path: Path) -> None:
    """File and line are told."""
    folder = tmp_path / "project-1-1"
    folder.mkdir()
    (folder / "000001.jsonl").write_bytes(b'{"id": 1}\n\n{"id": "x"}\n')
    with pytest.raises(InputError, match=r"000001\.jsonl:3: damaged"), RawAnswers([folder]) as raw:
        list(raw.heads())


def test_nothing_is_replaced_before_all_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A check that fails half-way leaves every export as it was, and nothing beside them."""
    project = pulled_project(tmp_path / "project")
    api.check(project)
    exports = project / "exports"
    before = {path: path.read_bytes() for path in exports.iterdir() if path.is_file()}
    lines = (project / "articles.jsonl").read_bytes().splitlines()
    (project / "articles.jsonl").write_bytes(b"\n".join([*lines[:-1], b'{"id": "zz", "text": 5}', b""]))
    raw = next((exports / "raw").glob("project-*"))
    task = {"id": 999, "data": {"article_id": "zz"}, "annotations": [{"id": 1, "result": [], "was_cancelled": False}]}
    (raw / "999999.jsonl").write_text(json.dumps(task))
    with pytest.raises(InputError, match=r"articles\.jsonl"):
        api.check(project)
    assert before == {path: path.read_bytes() for path in exports.iterdir() if path.is_file()}
    (project / "articles.jsonl").write_bytes(b"\n".join([*lines, b""]))

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(CurateError, match="No space left"):
        api.check(project)
    assert before == {path: path.read_bytes() for path in exports.iterdir() if path.is_file()}


def test_lines_are_read_again_each_time(tmp_path: Path) -> None:
    """Their number is known, and a file that isn't there is asked for nothing."""
    (tmp_path / "held.jsonl").write_bytes(b'{"a":1}\n{"a":2}\n')
    lines = Lines(tmp_path / "held.jsonl", dict[str, Any], 2)
    assert len(lines) == 2
    assert list(lines) == list(lines) == [{"a": 1}, {"a": 2}]
    assert {"a": 2} in lines
    assert list(Lines(tmp_path / "none.jsonl", dict[str, Any], 0)) == []
