"""A model asked over HTTP: patiently, each question once, and every way of not answering counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from curate.errors import ServerError
from curate.records import Article
from curate.suggesters.asking import Asking
from curate.suggesters.endpoint import GIVE_UP, TRIES, Endpoint
from curate.suggesters.making import Made, ask_each
from curate.text import text_sha256
from curate.workspace import Workspace
from event_schemas import SMALL_SCHEMA
from loopback_model import Model, Says, serving


def article(words: str) -> Article:
    text = f"Rebels struck the base. {words} They struck again."
    return Article(id=words, text=text, text_sha256=text_sha256(text))


def event(context: str, **more: Any) -> dict[str, Any]:
    return {"type": "Attack", "trigger": {"quote": "struck", "context": context}, "arguments": [], **more}


GOOD = {"events": [event("Rebels struck", arguments=[{"role": "target", "quote": "base", "context": "the base"}])]}
BUSY = Says(status=503)


def run(model: Model, folder: Path, names: Sequence[str], **more: Any) -> Made:
    """Ask about the articles of these names, with no time to lose."""
    made = Made(SMALL_SCHEMA)
    ways = {name: more.pop(name) for name in ("again", "dry_run") if name in more}
    endpoint = replace(Endpoint(model.url, "m", timeout=5.0, pause=0.01), **more)
    asking = Asking("m", {}, SMALL_SCHEMA)
    how = {"again": False, "dry_run": False, **ways}
    ask_each(endpoint, asking, map(article, names), made, Workspace(folder), progress=lambda _: None, **how)
    return made


def test_what_an_unruly_model_comes_to(tmp_path: Path) -> None:
    """Of slow, busy, broken and lying answers what can be used is used, the rest is dropped and counted."""
    absent = event(
        "", trigger={"quote": "fled", "context": ""}, arguments=[{"role": "actor", "quote": "x", "context": ""}]
    )
    answers = {
        "good.": [Says(GOOD)],
        "slow.": [Says(GOOD, after=0.2)],
        "limited.": [Says(status=429, headers={"Retry-After": "0.05"})] * 3 + [Says(GOOD)],
        "flaky.": [BUSY, Says(GOOD, hangs_up=True), Says(GOOD)],
        "broken.": [Says('{"events": [{"type": "Att')],
        "prose.": [Says("Here are the events you asked for.")],
        "absent.": [Says({"events": [absent, *GOOD["events"]]})],
        "tenfold.": [Says({"events": [event("")] * 10})],
        "twice.": [Says({"events": [event("They struck")] * 10})],
        "refusing.": [Says(refusal="I can't help with that.")],
        "filtered.": [Says(status=400, error={"message": "no", "code": "content_filter"})],
        "long.": [Says(status=400, error={"message": "no", "code": "context_length_exceeded"})],
        "cut.": [Says('{"events": [', finish="length")],
        "silent.": [Says(GOOD, after=0.6)],
        "never.": [Says(status=429)],
        "down.": [BUSY],
        "patient.": [Says(status=429, headers={"Retry-After": "86400"})],
    }
    with serving(answers) as model:
        silent = run(model, tmp_path, ["silent."], timeout=0.2)
        made = run(model, tmp_path, [name for name in answers if name != "silent."])
        asked = dict(model.asked)
    assert silent.failed == {"timeout": 1}
    assert (made.events, made.arguments) == (6, 5)
    assert made.dropped == {
        "quote-not-in-text": 1,
        "event-dropped": 1,
        "quote-ambiguous": 10,
        "repeated": 9,
    }
    assert made.failed == {
        "broken-json": 2,
        "refused": 2,
        "too-long": 1,
        "cut-short": 1,
        "rate-limited": 2,
        "server-error": 1,
    }
    assert len(made.predictions) + made.failed.total() == len(answers) - 1
    assert {name: number for name, number in asked.items() if number > 1} == {
        "limited.": 4,
        "flaky.": 3,
        "silent.": TRIES,
        "never.": TRIES,
        "down.": TRIES,
    }


def test_no_question_is_asked_twice(tmp_path: Path) -> None:
    """A second run asks nothing that was answered, well or badly, and comes to the same bytes."""
    answers = {"good.": [Says(GOOD)], "broken.": [Says("{"), Says(GOOD)], "down.": [BUSY] * TRIES + [Says(GOOD)]}
    with serving(answers) as model:
        first = run(model, tmp_path, list(answers))
        asked = Counter(model.asked)
        assert first.failed == {"broken-json": 1, "server-error": 1}
        dry = run(model, tmp_path, list(answers), dry_run=True)
        assert (dry.answered, dry.to_ask, model.asked) == (2, 1, asked)
        second = run(model, tmp_path, list(answers))
        assert (second.answered, second.failed, model.asked - asked) == (2, {"broken-json": 1}, {"down.": 1})
        assert second.predictions["good."] == first.predictions["good."]
        third = run(model, tmp_path, list(answers), again=True)
        assert (third.failed, model.asked["broken."]) == ({}, 2)
        assert third.predictions == run(model, tmp_path, list(answers)).predictions
        assert model.asked.total() == asked.total() + 2
    for path in (tmp_path / ".curate" / "answers").iterdir():
        assert path.stat().st_mode & 0o777 == 0o600


def test_what_was_answered_before_it_was_killed_is_kept(tmp_path: Path) -> None:
    """A run that ends half-way costs no more than the questions that were open."""
    names = [f"number {number}." for number in range(30)]
    answers = {name: [Says(GOOD)] for name in names}

    def stop(told: str) -> None:
        if told.startswith("asked about 10 "):
            raise KeyboardInterrupt

    with serving(answers) as model:
        endpoint, asking = Endpoint(model.url, "m", concurrency=2), Asking("m", {}, SMALL_SCHEMA)
        workspace = Workspace(tmp_path)
        with pytest.raises(KeyboardInterrupt):
            ask_each(
                endpoint, asking, map(article, names), Made(SMALL_SCHEMA), workspace,
                again=False, dry_run=False, progress=stop,
            )  # fmt: skip
        asked = model.asked.total()
        assert asked < 20
        made = run(model, tmp_path, names)
        assert (made.answered, len(made.predictions)) == (10, 30)
        assert model.asked.total() - asked == 20


def test_only_so_many_questions_are_open_at_once(tmp_path: Path) -> None:
    """``concurrency`` is kept, and used."""
    names = [f"number {number}." for number in range(8)]
    with serving({name: [Says(GOOD, after=0.1)] for name in names}) as model:
        run(model, tmp_path, names, concurrency=3)
    assert model.most == 3


def test_the_key_goes_into_the_header_and_nowhere_else(tmp_path: Path) -> None:
    """The key is sent as a bearer token; the answers kept and the endpoint shown don't hold it."""
    with serving({"good.": [Says(GOOD)]}) as model:
        run(model, tmp_path, ["good."], key="sesame")
    headers, question = model.questions[0]
    assert headers["Authorization"] == "Bearer sesame"
    assert question["response_format"]["json_schema"]["strict"] is True
    assert "sesame" not in repr(Endpoint("u", "m", "sesame"))
    assert not any(b"sesame" in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())


def test_a_key_that_comes_back_with_the_refusal_is_not_shown(tmp_path: Path) -> None:
    """Some servers repeat the key that they refuse."""
    says = Says(status=401, error={"message": "no such key: sesame", "code": "key"})
    with serving({"good.": [says]}) as model, pytest.raises(ServerError, match="no such key: ") as refused:
        run(model, tmp_path, ["good."], key="sesame")
    assert "sesame" not in f"{refused.value.message} {refused.value.fix}"


@pytest.mark.parametrize(
    ("status", "told"), [(401, "refuses to be asked (401"), (404, "(404"), (400, "(400: response_format")]
)
def test_what_would_fail_for_every_article_stops_at_once(tmp_path: Path, status: int, told: str) -> None:
    """A key, a model or a request that is refused is no matter of the article."""
    error = {"message": "response_format is not supported", "code": "unsupported"}
    names = [f"number {number}." for number in range(20)]
    with serving({name: [Says(status=status, error=error)] for name in names}) as model:
        with pytest.raises(ServerError) as refused:
            run(model, tmp_path, names, concurrency=1)
        assert told in refused.value.message
        assert refused.value.fix
        assert model.asked.total() < 4


def test_an_endpoint_that_is_away(tmp_path: Path) -> None:
    """Where nobody listens, nothing is tried again."""
    with serving({}) as model:
        pass
    with pytest.raises(ServerError, match="can't be reached"):
        run(model, tmp_path, ["good."])


def test_an_endpoint_that_answers_nobody_is_given_up(tmp_path: Path) -> None:
    """After so many articles in a row without an answer the rest is not tried."""
    names = [f"number {number}." for number in range(GIVE_UP + 20)]
    with serving({name: [BUSY] for name in names}) as model:
        with pytest.raises(ServerError, match=f"{GIVE_UP} questions in a row"):
            run(model, tmp_path, names, pause=0.001)
        assert model.asked.total() < TRIES * (GIVE_UP + 10)


def test_a_date_to_ask_again_is_understood(tmp_path: Path) -> None:
    """Retry-After may be a date, and one in the past means now."""
    past = format_datetime(datetime.now(UTC) - timedelta(hours=1), usegmt=True)
    later = format_datetime(datetime.now(UTC) + timedelta(days=1), usegmt=True)
    answers = {
        "past.": [Says(status=503, headers={"Retry-After": past}), Says(GOOD)],
        "later.": [Says(status=503, headers={"Retry-After": later})],
        "odd.": [Says(status=503, headers={"Retry-After": "nan"}), Says(GOOD)],
    }
    with serving(answers) as model:
        made = run(model, tmp_path, list(answers))
        assert (sorted(made.predictions), model.asked["later."]) == (["odd.", "past."], 1)
