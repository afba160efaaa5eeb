"""Suggestions as predictions, and the plan of bringing them to the tasks."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace as changed

from curate.errors import UsageError
from curate.labelstudio.reading import translate
from curate.labelstudio.suggestions import (
    AS_PUSHED,
    LEAST_SURE,
    Prediction,
    ProjectState,
    ProjectSuggestions,
    TaskState,
    digest_of,
    plan_project,
    prediction_of,
    told_digest,
    version_of,
)
from curate.records import Article
from curate.suggesters.options import Options, read_options
from curate.suggesters.suggestion import Suggestion, read_suggestion
from curate.text import text_sha256
from event_schemas import SMALL_SCHEMA

TEXT = "Rebels struck the base and warned of raids."
MARKED = (
    "[Rebels](actor>1, actor>2{certainty=alleged}) [struck](Attack#1{modality=hypothetical}) the [base](target>1) and "
    "[warned](Threaten#2) of [raids](Attack#3, content>2).{{same_event 1=3}}"
)
VERSION = version_of("words@1", SMALL_SCHEMA)


def article(name: str) -> Article:
    return Article(id=name, text=TEXT, text_sha256=text_sha256(TEXT))


@pytest.mark.parametrize("suggester", ["my tagger@1", "tagger@", "@1", "tagger@1 beta", "tagger\u00a0@1", "tagger"])
def test_a_version_that_is_not_known_again_is_refused(suggester: str) -> None:
    """Its suggestions would be laid beside the last ones at each run."""
    with pytest.raises(ValueError, match="NAME@VERSION"):
        version_of(suggester, SMALL_SCHEMA)


def test_a_prediction_reads_back_as_it_was_meant() -> None:
    """Everything is nested under its trigger, stamped with the schema, and leaves its origin to the page."""
    suggestion = read_suggestion(MARKED, article("a"), SMALL_SCHEMA)
    written, dropped = prediction_of(suggestion, article("a"), SMALL_SCHEMA)
    result = json.loads(written)["result"]
    assert dropped == []
    assert result[0]["value"] == {"choices": [SMALL_SCHEMA.stamp]}
    assert not any("origin" in entry for entry in result)
    assert [entry["parentID"] for entry in result if entry.get("value", {}).get("labels") == ["actor"]] == ["t1", "t2"]
    back = translate([{**entry, "origin": "prediction"} for entry in result], article("a"), SMALL_SCHEMA)
    assert back.problems == []
    assert [event.id for event in back.reading.events] == [event.id for event in suggestion.reading.events]
    assert back.reading.clusters == suggestion.reading.clusters
    assert digest_of(written) == told_digest({"result": result, "score": None, "id": 7})


def test_what_our_rules_refuse_does_not_reach_the_page() -> None:
    """A reading with an error is dropped event by event for that error, and an empty prediction is left."""
    reading = read_suggestion(MARKED, article("a"), SMALL_SCHEMA).reading
    event = reading.events[0]
    wrong = changed(reading, events=[changed(event, trigger=changed(event.trigger, text="hit")), *reading.events[1:]])
    written, dropped = prediction_of(Suggestion(wrong, score=0.5), article("a"), SMALL_SCHEMA)
    assert {one.reason for one in dropped} == {"span-text-mismatch"}
    assert len(dropped) == len(reading.events)
    assert [entry["from_name"] for entry in json.loads(written)["result"]] == ["schema"]


def test_a_role_that_people_have_to_add_is_no_reason_to_refuse() -> None:
    """Trigger words alone leave required roles open."""
    types = dict(SMALL_SCHEMA.event_types)
    roles = {**types["Attack"].roles, "target": replace(types["Attack"].roles["target"], required=True)}
    schema = replace(SMALL_SCHEMA, event_types={**types, "Attack": replace(types["Attack"], roles=roles)})
    suggestion = read_suggestion([{"type": "Attack", "trigger": {"start": 7, "end": 13}}], article("a"), schema)
    assert prediction_of(suggestion, article("a"), schema)[1] == []


SAID = b'{"result":[],"score":null}'
OURS = Prediction(1, VERSION, digest_of(SAID))
EARLIER = Prediction(2, version_of("words@0", SMALL_SCHEMA), digest_of(SAID))
OTHERWISE = Prediction(3, VERSION, "other")
FOREIGN = Prediction(4, "some model", digest_of(SAID))
PROJECT = {"id": 5, "sampling": AS_PUSHED, "model_version": VERSION}


def plan(*tasks: TaskState, version: str | None = VERSION, **more: Any) -> ProjectSuggestions:
    """Plan for these tasks; every article but those called unasked has the same suggestion."""
    articles = {task.article_id: article(task.article_id) for task in tasks}
    predictions = {name: SAID for name in articles if not name.startswith("unasked")}
    state = ProjectState(("annotate", ""), more.pop("project", PROJECT), list(tasks))
    return plan_project(state, version, predictions, articles, lambda name: name.startswith("held"), **more)


def task(name: str, *predictions: Prediction, begun: bool = False, number: int = 1) -> TaskState:
    return TaskState(number, name, text_sha256(TEXT), begun, predictions)


@pytest.mark.parametrize(
    ("state", "action", "removed"),
    [
        (task("a"), "create", ()),
        (task("a", FOREIGN), "create", ()),
        (task("a", OURS), None, ()),
        (task("a", EARLIER), "update", (2,)),
        (task("a", OTHERWISE), "update", (3,)),
        (task("a", OURS, replace(OURS, id=6)), "remove", (6,)),
        (task("a", OURS, EARLIER, FOREIGN), "remove", (2,)),
        (task("a", OTHERWISE, OTHERWISE), "update", (3, 3)),
        (task("held", OURS), "remove", (1,)),
        (task("held", FOREIGN), None, ()),
        (task("held"), None, ()),
        (task("unasked", EARLIER), None, ()),
        (task("a", EARLIER, begun=True), None, ()),
        (task("held", OURS, begun=True), None, ()),
        (replace(task("a", EARLIER), text_sha256="another text"), None, ()),
    ],
)
def test_what_becomes_of_a_task(state: TaskState, action: str | None, removed: tuple[int, ...]) -> None:
    """Made, renewed or taken back where nobody has begun; never what somebody else made."""
    changes = plan(state).changes
    assert [change.step.action for change in changes] == ([action] if action else [])
    for change in changes:
        assert change.remove == removed
        assert change.whole == (len(removed) == len(state.predictions))
        assert (change.article_id is not None) == (action in ("create", "update"))


def test_taking_back() -> None:
    """Without a version ours go, where nobody has begun."""
    made = plan(task("a", OURS, FOREIGN), task("b", OURS, begun=True), task("c"), version=None)
    assert [(one.step.action, one.remove, one.whole) for one in made.changes] == [("remove", (1,), False)]


def test_taking_back_asks_for_no_article() -> None:
    """Whatever text a task shows, and whether it is still known: nothing stays but where somebody began."""
    states = [task("gone", OURS), task("begun", OURS, begun=True, number=2)]
    state = ProjectState(("annotate", ""), PROJECT, states)
    made = plan_project(state, None, {}, {}, lambda _: False)
    assert [(change.task, change.remove) for change in made.changes] == [(1, (1,))]


def test_which_suggestions_the_stream_shows() -> None:
    """The project names their version, once there are any, and the order of work; else nothing is touched."""
    other = {**PROJECT, "model_version": "some model"}
    assert plan(task("a"), project=other).settings == {"model_version": VERSION}
    assert plan(task("held"), project=other).settings == {}
    assert plan(task("a", OURS, begun=True), project=other).settings == {"model_version": VERSION}
    assert plan(task("a", EARLIER, begun=True), project=other).settings == {}
    assert plan(task("a", OURS)).settings == {}
    assert plan(task("a", OURS), by_score=True).settings == {"sampling": LEAST_SURE}
    assert plan(task("a", OURS), project={**PROJECT, "sampling": LEAST_SURE}).settings == {"sampling": AS_PUSHED}
    assert plan(task("a", OURS), project={**PROJECT, "sampling": "Uniform sampling"}).settings == {}


def test_what_is_told() -> None:
    """Predictions of others, and suggestions that the stream will not show any more, are named."""
    notices = plan(task("a", FOREIGN), task("b", EARLIER, begun=True), task("unasked", EARLIER)).notices
    assert [notice.partition(";")[0] for notice in notices] == [
        "project 5: tasks with predictions that curate didn't make: 1",
        "project 5: tasks begun with suggestions of another version, which they keep: 1",
        "project 5: tasks that got nothing now and keep what another version suggested: 1",
    ]


STATES = st.lists(st.lists(st.sampled_from([OURS, EARLIER, OTHERWISE, FOREIGN]), max_size=4), max_size=4)


@given(STATES, st.sampled_from(["a", "held", "unasked"]), st.booleans())
def test_carried_out_nothing_is_left_to_do(states: list[list[Prediction]], name: str, begun: bool) -> None:
    """After a plan is carried out the next one is empty, and no task has two of ours."""
    tasks = [
        task(
            name, *(replace(one, id=10 * number + place) for place, one in enumerate(there)), begun=begun, number=number
        )
        for number, there in enumerate(states)
    ]
    made = {change.task: change for change in plan(*tasks).changes}
    after = []
    for one in tasks:
        change = made.get(one.id)
        left = tuple(there for there in one.predictions if change is None or there.id not in change.remove)
        new = (replace(OURS, id=99),) if change and change.article_id else ()
        after.append(replace(one, predictions=left + new))
        assert begun <= (change is None)
        assert [there for there in left if not there.ours] == [there for there in one.predictions if not there.ours]
        assert begun or name == "unasked" or sum(there.ours for there in left + new) == (name == "a")
    assert plan(*after).changes == []


@given(st.sets(st.text(max_size=8), max_size=30), st.floats(0, 1), st.floats(0, 1), st.text(max_size=4))
def test_what_is_held_out_does_not_depend_on_others(names: set[str], one: float, other: float, seed: str) -> None:
    """Each article is decided by itself; a larger share holds out the same ones and more."""
    small, large = (Options("words", share, seed, by_score=False) for share in sorted((one, other)))
    assert {name for name in names if small.held_out(name)} <= {name for name in names if large.held_out(name)}
    assert not any(Options("words", 0, seed, by_score=False).held_out(name) for name in names)
    assert all(Options("words", 1, seed, by_score=False).held_out(name) for name in names)


def test_about_the_share_is_held_out() -> None:
    """Of many articles about the share asked for is held out, other ones by another seed."""
    names = [f"article-{number}" for number in range(2000)]
    held = [{name for name in names if Options("words", 0.2, seed, by_score=False).held_out(name)} for seed in "ab"]
    assert all(340 < len(one) < 460 for one in held)
    assert len(held[0] & held[1]) < 130


@pytest.mark.parametrize(
    "table",
    [
        {"hold_out": 2},
        {"hold_out": "0.1"},
        {"hold_out": True},
        {"order": "best"},
        {"concurrency": 0},
        {"timeout": 0},
        {"hold-out": 0.1},
        {"by": "model"},
        {"by": "model", "url": "http://127.0.0.1:1/v1"},
        {"url": "http://me:secret@127.0.0.1/v1"},
        {"url": "127.0.0.1"},
        {"options": "none"},
    ],
)
def test_wrong_settings_are_named(table: dict[str, Any]) -> None:
    """Each key of [suggest] that can't be is told with what it must be."""
    with pytest.raises(UsageError) as told:
        read_options(table, "w")
    assert any(key in told.value.message for key in [*table, "model", "url"])
    assert "secret" not in told.value.message


def test_who_suggests() -> None:
    """The command's word counts, then the settings', then it is words."""
    assert read_options({}, "w").by == "words"
    assert read_options({"by": "mine:events"}, "w").by == "mine:events"
    assert read_options({"by": "mine:events"}, "w", "none").by == "none"
    assert read_options({}, "w").seed == "w"
