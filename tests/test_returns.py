"""Work that is sent back: its message is the record of what is out, and nothing else of the task changes."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from curate.findings import CODES
from curate.labelstudio.returns import (
    Returned,
    count_returned,
    plan_return,
    point_of,
    read_message,
    returned,
    write_message,
)
from curate.labelstudio.revisions import RETIRED
from curate.records import Finding

NOW, LATER = "2026-05-04 09:30", "2026-05-05 11:00"
DATA = {"article_id": "a", "text": "Rebels took the mill.", "text_sha256": "5e", "title": ""}
HELD = {"41": "2026-05-04T09:00:00Z", "42": "2026-05-04T09:10:00Z"}


def finding(
    code: str = "role-missing", annotation: str = "41", place: str = "", message: str = "Add it.", level: str = "error"
) -> Finding:
    return Finding(
        code=code,
        level=level,
        place=f"annotation {annotation}" + (f" · {place}" if place else ""),
        message=message,
        article_id="a",
        annotation_id=annotation,
        annotator="annotator-1",
    )


def task(message: str | None = None, **moments: str) -> dict[str, Any]:
    """Give a task as the server tells it in full; ``moments`` are those of annotations ``a41``, ``a42``."""
    there = HELD | {name.removeprefix("a"): moment for name, moment in moments.items()}
    data = DATA if message is None else {**DATA, "message": message}
    return {"id": 7, "data": data, "annotations": [{"id": int(one), "updated_at": at} for one, at in there.items()]}


FINDINGS = st.lists(
    st.builds(
        finding,
        st.sampled_from(sorted(CODES)),
        st.sampled_from(["41", "42"]),
        st.text(),
        st.text(),
    ),
    max_size=6,
)


@given(FINDINGS)
def test_the_message_tells_what_is_out_whatever_it_quotes(findings: list[Finding]) -> None:
    """What was sent back can be read from the message, and it is a line for each finding."""
    message = write_message(NOW, findings)
    assert read_message(message) == Returned(NOW, frozenset(point_of(one) for one in findings))
    assert len(message.split("\n")) == 2 + len(findings)


@given(FINDINGS, st.sets(st.integers(0, 5)), st.sets(st.integers(0, 5)))
def test_sending_back_twice_changes_nothing(findings: list[Finding], first: set[int], second: set[int]) -> None:
    """After what was planned is done there is nothing to do; all but the message is as it was; what was out stays."""
    chosen = {point_of(findings[place]) for place in first if place < len(findings)}
    other = {point_of(findings[place]) for place in second if place < len(findings)}
    step = plan_return(task(), HELD, findings, chosen, NOW)
    after = {**task(), "data": step.fields.get("data", DATA)}
    assert {name: value for name, value in after["data"].items() if name != "message"} == DATA
    out = returned(after)
    assert (out.points if out else frozenset()) == chosen
    assert plan_return(after, HELD, findings, chosen, LATER).fields == {}
    grown = plan_return(after, HELD, findings, other, LATER).fields.get("data", after["data"])
    more = returned({"data": grown})
    assert (more.points if more else frozenset()) == chosen | other
    assert more is None or out is None or more.since == NOW
    mended = plan_return(after, HELD, [], set(), LATER)
    assert mended.fields == ({"data": DATA} if chosen else {})


def test_what_is_mended_goes_and_what_is_left_stays_since_when_it_was() -> None:
    """Of two findings the one that is still there stays, with the moment of the first time."""
    both = [finding(), finding("argument-unattached", "42")]
    sent = plan_return(task(), HELD, both, {point_of(one) for one in both}, NOW)
    assert (sent.action, sent.reason) == ("send", "argument-unattached, role-missing")
    step = plan_return(task(sent.fields["data"]["message"]), HELD, both[1:], set(), LATER)
    assert (step.action, step.reason) == ("renew", "argument-unattached")
    assert step.fields["data"]["message"] == write_message(NOW, both[1:])
    last = plan_return(task(step.fields["data"]["message"]), HELD, [], set(), LATER)
    assert (last.action, last.fields) == ("clear", {"data": DATA})


def test_what_is_accepted_is_no_more_to_mend() -> None:
    """The message is taken away, or renewed without it; it is not sent back, and not counted as out."""
    both = [finding(), finding("argument-unattached", "42")]
    message = plan_return(task(), HELD, both, {point_of(one) for one in both}, NOW).fields["data"]["message"]
    accepted = [finding(level="warning"), both[1]]
    step = plan_return(task(message), HELD, accepted, set(), LATER)
    assert (step.action, step.fields["data"]["message"]) == ("renew", write_message(NOW, both[1:]))
    last = plan_return(task(write_message(NOW, both[:1])), HELD, accepted, set(), LATER)
    assert (last.action, last.reason, last.fields) == ("clear", "accepted", {"data": DATA})
    assert plan_return(task(), HELD, accepted, {point_of(accepted[0])}, NOW).fields == {}
    assert count_returned([task(write_message(NOW, both[:1]))], accepted)["mended"] == 1
    warning = finding("span-cuts-word", level="warning")
    assert plan_return(task(), HELD, [warning], {point_of(warning)}, NOW).action == "send"


def test_what_changed_since_the_pull_is_left() -> None:
    """Somebody may have mended it by now, or deleted it; another annotation's change is no reason."""
    chosen = {point_of(finding())}
    assert plan_return(task(a41="2026-05-05T00:00:00Z"), HELD, [finding()], chosen, NOW).action == "leave"
    assert plan_return({**task(), "annotations": []}, HELD, [finding()], chosen, NOW).action == "leave"
    assert plan_return(task(a42="2026-05-05T00:00:00Z"), HELD, [finding()], chosen, NOW).action == "send"


def test_a_message_of_another_kind_stays() -> None:
    """What push says of a revised text, or what somebody wrote there, is not written over."""
    for message in (RETIRED, "Have a look, please"):
        assert plan_return(task(message), HELD, [finding()], {point_of(finding())}, NOW).action == "leave"


def test_an_annotator_reads_words_and_no_numbers_of_regions() -> None:
    """The place is the words that are marked; what Markdown would make of them is marked off."""
    message = write_message(
        NOW,
        [
            finding(
                "argument-unattached",
                place='region f4x (target "the *old* mill")',
                message='The trigger drawn before it, region t1 (Attack "took (again)"), stands elsewhere.',
            )
        ],
    )
    assert message.splitlines()[2] == (
        '- Annotation 41, target "the \\*old\\* mill": The trigger drawn before it, Attack "took (again)", stands '
        "elsewhere. (`argument-unattached`)"
    )


def test_what_is_out_is_counted() -> None:
    """Tasks with a message of this kind, those of them in which nothing of it is found any more, and the oldest."""
    tasks = [
        task(write_message(LATER, [finding()])),
        task(write_message(NOW, [finding("role-maximum", "42")])),
        task("Have a look, please"),
        task(),
    ]
    assert count_returned(tasks, [finding()]) == {"tasks": 2, "mended": 1, "since": NOW}
    assert count_returned([], []) == {"tasks": 0, "mended": 0, "since": None}
