"""From raw answers to annotations, findings, held readings and balanced books."""

from __future__ import annotations

import copy
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace as replace_article

from checking_answers import check_all, check_parts, replay
from curate.books import Ledger, UnbalancedBooksError, release_balance, verify
from curate.checking import NONE, Checked, check, subjects
from curate.judging import Context
from curate.labelstudio.origins import mark_changed
from curate.labelstudio.pieces import Labels
from curate.labelstudio.writing import result_of, stamp_result
from curate.markup import parse, to_reading
from curate.pseudonyms import pseudonym
from curate.records import Article
from curate.schema.compiling import annotation_schema
from curate.schema.loading import load
from curate.shapes import compile_validator
from curate.text import text_sha256
from curate.validation import check_annotation
from event_schemas import SMALL, SMALL_SCHEMA

WHO_STANDS_BY_IT = SMALL[SMALL.index("  verification:") : SMALL.index("  count:")]
TEXT = "Drones hit the base."
MARKED = parse("[Drones](actor>1) [hit](Attack#1) [the base](target>1).")
GOOD = result_of(to_reading(MARKED, SMALL_SCHEMA), SMALL_SCHEMA)
LOOSE = [stamp_result(SMALL_SCHEMA.stamp), *[entry | {"parentID": "gone"} for entry in GOOD[2:]]]
ARTICLE = Article(id="a", text=TEXT, text_sha256=text_sha256(TEXT))
CONTEXT = Context(
    SMALL_SCHEMA,
    {SMALL_SCHEMA.stamp: SMALL_SCHEMA},
    {"a": ARTICLE},
    lambda user: f"person-{user}",
    lambda annotation, article: [],
)


def annotation(number: int, result: Any = GOOD, user: int = 1, **more: Any) -> dict[str, Any]:
    entry = {
        "id": number,
        "completed_by": user,
        "result": result,
        "created_at": f"2024-01-{number:02d}T00:00:00Z",
    }
    return entry | {"updated_at": "2024-02-01T00:00:00Z", "lead_time": 1.0, "was_cancelled": False} | more


def task(*annotations: dict[str, Any], number: int = 7, text: str = TEXT, **more: Any) -> dict[str, Any]:
    data = {"article_id": "a", "text": text, "text_sha256": text_sha256(text)}
    return {"id": number, "project": 3, "data": data, "annotations": list(annotations), "drafts": []} | more


def checked(*answers: dict[str, Any]) -> Checked:
    return check_all(answers, CONTEXT)


def test_a_good_annotation_is_accepted() -> None:
    """All three regions of a sound reading are accepted, under the annotator's pseudonym."""
    made = checked(task(annotation(1)))
    assert [one.annotator for one in made.annotations] == ["person-1"]
    assert made.books["items"] == {"seen": 3, "accepted": 3, "held": 0, "excluded": {}}
    assert made.books["articles"] == {"seen": 1, "accepted": 1, "held": 0, "waiting": 0, "excluded": {}}
    assert made.findings == []


def test_an_error_holds_the_whole_reading() -> None:
    """One error holds back every item, with its code, a message and a link to the task."""
    made = checked(task(annotation(1, LOOSE)))
    assert made.annotations == []
    assert made.held[0]["codes"] == ["parent-invalid"]
    assert made.books["items"] == {"seen": 2, "accepted": 0, "held": 2, "excluded": {}}
    assert made.findings[0].link == "/projects/3/data?task=7"
    assert made.findings[0].place == 'annotation 1 · region a1 (actor "Drones")'


@pytest.mark.parametrize(
    ("reason", "answers"),
    [
        ("skipped", [task(annotation(1, was_cancelled=True))]),
        ("draft", [task(), {"drafts_of": 7, "drafts": [{"id": 4, "result": GOOD}]}]),
        ("superseded", [task(), task(annotation(2), text="Another text.", number=8)]),
        ("deleted", [task(annotation(1)), task()]),
        ("deleted", [task(annotation(1)), {"gone_tasks": [7]}]),
        (
            "skipped",
            [
                {"drafts_of": 7, "drafts": [{"id": 4, "result": GOOD}]},
                task(annotation(1, was_cancelled=True)),
                {"drafts_of": 7, "drafts": []},
            ],
        ),
    ],
)
def test_what_is_left_out_is_counted(reason: str, answers: list[dict[str, Any]]) -> None:
    """Whatever doesn't count stands in the books under its reason."""
    assert checked(*answers).books["items"]["excluded"] == {reason: 3}


def test_a_draft_on_a_deleted_task_stays_in_the_books() -> None:
    """It counts as deleted, beside what was submitted there; when the task comes back, it is a draft again."""
    begun = {"drafts_of": 7, "drafts": [{"id": 4, "result": GOOD}]}
    gone = [task(annotation(1)), begun, {"gone_tasks": [7]}]
    assert checked(*gone).books["annotations"]["excluded"] == {"deleted": 2}
    assert checked(*gone).books["items"]["excluded"] == {"deleted": 6}
    assert checked(*gone, task(), begun).books["annotations"]["excluded"] == {"deleted": 1, "draft": 1}


def test_the_later_annotation_of_a_person_counts() -> None:
    """Somebody who annotates twice is heard once, and it is told."""
    made = checked(task(annotation(1), annotation(2), annotation(3, user=2)))
    assert [one.id for one in made.annotations] == ["2", "3"]
    assert made.books["annotations"]["excluded"] == {"superseded": 1}
    assert [found.code for found in made.findings] == ["annotation-superseded"]


def test_two_tasks_of_one_article_are_one() -> None:
    """A person who annotated a doubled task too is heard once, the last time."""
    made = checked(task(annotation(1)), task(annotation(2), number=8))
    assert [one.id for one in made.annotations] == ["2"]
    assert made.books["annotations"]["excluded"] == {"superseded": 1}


def test_annotations_without_an_account_are_nobodys_twice() -> None:
    """Two annotations whose account is gone count as those of two people."""
    made = checked(task(annotation(1, completed_by=None), annotation(2, completed_by=None)))
    assert len({one.annotator for one in made.annotations}) == 2
    assert checked(task(annotation(1, completed_by={"id": 1}))).annotations[0].annotator == "person-1"


def test_an_earlier_schema_is_read_as_it_was() -> None:
    """What was made under an earlier version is read by it, and gets the defaults of what came later."""
    earlier = load(SMALL.replace("version: 1.0.0", "version: 0.9.0").replace(WHO_STANDS_BY_IT, ""), "small.yaml")
    result = result_of(to_reading(MARKED, earlier), earlier)
    validator = compile_validator(annotation_schema(SMALL_SCHEMA))
    context = replace(
        CONTEXT,
        schemas={earlier.stamp: earlier, SMALL_SCHEMA.stamp: SMALL_SCHEMA},
        check_annotation=lambda made, article: check_annotation(made, article, SMALL_SCHEMA, validator),
    )
    made = check_all([task(annotation(1, result))], context)
    assert [found for found in made.findings if found.level == "error"] == []
    assert made.annotations[0].schema == earlier.stamp
    assert made.annotations[0].clusters[0].attributes == {"verification": "reported"}


EARLIER = load(SMALL.replace("version: 1.0.0", "version: 0.9.0").replace("Deploy", "Move"), "small.yaml")
BOTH = replace(CONTEXT, schemas={EARLIER.stamp: EARLIER, SMALL_SCHEMA.stamp: SMALL_SCHEMA})


@pytest.mark.parametrize(
    ("label", "codes", "accepted"),
    [
        ("Attack", [], True),
        ("Deploy", ["stamp-outdated"], True),
        ("Move", ["migration-missing"], False),
        ("Fly", ["label-unknown"], False),
    ],
)
def test_what_was_changed_on_a_later_page(label: str, codes: list[str], accepted: bool) -> None:
    """The stamp tells where an annotation was begun; what only today's schema can read was changed on its page."""
    hit = GOOD[1] | {"value": GOOD[1]["value"] | {"labels": [label]}}
    made = check_all([task(annotation(1, [stamp_result(EARLIER.stamp), hit]))], BOTH)
    assert [found.code for found in made.findings] == codes
    assert [event.type for one in made.annotations for event in one.events] == ([label] if accepted else [])


def test_the_defaults_are_those_of_the_schema_it_is_read_by() -> None:
    """Unset means the default of the page it was made on: the stamp's, unless it was changed on today's page."""
    text = SMALL.replace("version: 1.0.0", "version: 0.9.0").replace("default: asserted", "default: hypothetical")
    earlier = load(text.replace("Deploy", "Move"), "small.yaml")
    both = replace(CONTEXT, schemas={earlier.stamp: earlier, SMALL_SCHEMA.stamp: SMALL_SCHEMA})
    for label, default in (("Attack", "hypothetical"), ("Deploy", "asserted")):
        hit = GOOD[1] | {"value": GOOD[1]["value"] | {"labels": [label]}}
        made = check_all([task(annotation(1, [stamp_result(earlier.stamp), hit]))], both)
        assert made.annotations[0].events[0].attributes["modality"] == default


SET = GOOD[1] | {"type": "choices", "from_name": "modality", "value": {"start": 7, "end": 10, "text": "hit"}}
MEANT = SET | {"value": SET["value"] | {"choices": ["hypothetical"]}}


@pytest.mark.parametrize(
    ("suggested", "submitted", "origin"),
    [
        (GOOD, GOOD, "prediction"),
        ([*GOOD, MEANT], [*GOOD, MEANT], "prediction"),
        (GOOD, [*GOOD, MEANT], "prediction-changed"),
        ([*GOOD, MEANT], GOOD, "prediction-changed"),
        ("nonsense", [*GOOD, MEANT], "prediction"),
    ],
)
def test_a_value_added_to_a_suggestion_changes_it(suggested: Any, submitted: list[Any], origin: str) -> None:
    """A suggested trigger whose attributes are not those suggested was changed, whatever Label Studio says."""
    accepted = [entry | {"origin": "prediction"} for entry in submitted]
    made = checked(
        task(annotation(1, accepted, parent_prediction=5), predictions=[{"id": 4}, {"id": 5, "result": suggested}])
    )
    (event,) = made.annotations[0].events
    assert [event.origin, *(one.origin for one in event.arguments)] == [origin, "prediction", "prediction"]


def test_a_suggestion_nested_elsewhere_is_changed() -> None:
    """A suggested argument that was moved under another trigger was changed; one left in its place was not."""
    accepted = [entry | {"origin": "prediction"} for entry in GOOD]
    moved = [entry | ({"parentID": "t9"} if entry["id"] == "a1" else {}) for entry in accepted]
    result = mark_changed(
        annotation(1, moved, parent_prediction=5), task(annotation(1), predictions=[{"id": 5, "result": GOOD}])
    )
    assert {piece.id: piece.origin for piece in result.pieces if isinstance(piece, Labels)} == {
        "t1": "prediction",
        "a1": "prediction-changed",
        "a2": "prediction",
    }


@pytest.mark.parametrize(("changed_by", "told"), [(2, True), (1, False), (None, False), ({"id": 1}, False)])
def test_a_reading_that_another_changed_is_told(changed_by: Any, told: bool) -> None:
    """It counts as its annotator's, with a warning that names who changed it."""
    found = checked(task(annotation(1, updated_by=changed_by)))
    assert [one.annotator for one in found.annotations] == ["person-1"]
    assert [(one.code, "person-2" in one.message) for one in found.findings] == (
        [("annotation-changed-by-another", True)] if told else []
    )


def test_a_restored_annotation_is_not_deleted() -> None:
    """An annotation that is gone from one answer and back in the next counts again."""
    made = checked(task(annotation(1)), task(), task(annotation(1)))
    assert [one.id for one in made.annotations] == ["1"]
    assert made.books["items"]["excluded"] == {}


def test_an_edited_task_is_held() -> None:
    """Offsets into a text that somebody edited on the server are not trusted."""
    edited = task(annotation(1))
    edited["data"]["text"] = "Drones hit the bases."
    assert checked(edited).held[0]["codes"] == ["text-changed"]


def test_an_unknown_article_is_held() -> None:
    """An annotation of an article that isn't here is held, not lost."""
    stray = task(annotation(1))
    stray["data"]["article_id"] = "b"
    assert checked(stray).held[0]["codes"] == ["annotation-orphan"]


@pytest.mark.parametrize(("stamp", "code"), [(None, "stamp-missing"), ("small@0.9.0#ffff", "stamp-unknown")])
def test_a_doubtful_stamp_is_a_warning(stamp: str | None, code: str) -> None:
    """Without a stamp that is known the current schema counts, with a warning."""
    made = checked(task(annotation(1, ([stamp_result(stamp)] if stamp else []) + GOOD[1:])))
    assert [(found.code, found.level) for found in made.findings] == [(code, "warning")]
    assert len(made.annotations) == 1


@given(
    st.lists(
        st.tuples(
            st.integers(1, 4),
            st.lists(
                st.tuples(
                    st.integers(1, 5),
                    st.sampled_from([GOOD, LOOSE, [], None]),
                    st.integers(1, 3),
                    st.booleans(),
                ),
                max_size=4,
                unique_by=lambda made: made[0],
            ),
        ),
        max_size=6,
    )
)
def test_the_books_always_balance(answers: list[tuple[int, list[tuple[int, Any, int, bool]]]]) -> None:
    """Whatever the server says and in whatever order, every annotation it ever had is in exactly one line.

    What was submitted to settle an article (tasks with even numbers) counts like any reading, and is kept apart.
    """
    said = [
        task(
            *[annotation(10 * number + n, result, user, was_cancelled=skip) for n, result, user, skip in given],
            number=number,
        )
        for number, given in answers
    ]
    for one in said:
        if one["id"] % 2 == 0:
            one["data"]["shown"] = []
    made = checked(*said)
    books, settled = made.books, [one.annotation for one in made.adjudications]
    assert all(one.task_id % 2 == 1 for one in made.annotations)
    assert all(one.task_id % 2 == 0 for one in settled)
    accepted = [*made.annotations, *settled]
    assert books["annotations"]["accepted"] == len(accepted)
    assert books["items"]["accepted"] == sum(len(one.items) for one in accepted)
    names = {one["id"] for answer in said for one in answer["annotations"]}
    assert books["annotations"]["seen"] == len(names)
    for line in books.values():
        left = line["accepted"] + line["held"] + line.get("waiting", 0) + sum(line["excluded"].values())
        assert left == line["seen"]


def test_subject_by_subject_it_is_the_same() -> None:
    """Each with a ledger of its own, they come in order to the parts and books of one check of everything."""
    articles = {name: replace_article(ARTICLE, id=name) for name in ("a", "b", "d")}
    shown = {"article_id": "c", "text": TEXT, "text_sha256": ARTICLE.text_sha256}
    answers = [
        task(annotation(1), annotation(2, user=2), annotation(3, user=3)),
        task(annotation(1), annotation(4, user=2, was_cancelled=True)),
        task(annotation(5), annotation(7, LOOSE, 2), number=8),
        task(annotation(6), number=9) | {"data": shown},
        {"drafts_of": 9, "drafts": [{"id": 1, "user": 1, "result": GOOD}]},
    ]
    state, context = replay(answers), replace(CONTEXT, articles=articles)
    together, apart = Ledger(), Ledger()
    parts = list(check(state, context, together))
    met = list(subjects(state, context, lambda _: NONE))
    for subject, part in zip(met, parts, strict=True):
        own = Ledger()
        assert subject.check(context, own) == part
        apart.add(own.counts())
    assert apart.balance() == together.balance()
    assert [subject.order[1] for subject in met] == ["", "", "", "a", "b", "c", "d"]
    lines = together.balance()["pull"]
    assert lines["articles"] == {"seen": 3, "accepted": 1, "held": 0, "waiting": 2, "excluded": {}}
    assert lines["annotations"]["excluded"] == {"deleted": 2, "draft": 1, "skipped": 1, "superseded": 1}


def test_books_that_are_off_by_one_are_refused() -> None:
    """A missing or doubled entry is a bug that stops the command."""
    ledger = Ledger()
    ledger.take_in("annotation 1", 2, "ana")
    ledger.enter_annotation("annotation 1", "accepted", ["region:x"])
    with pytest.raises(UnbalancedBooksError, match="2 items, 1 in the books"):
        ledger.balance()
    with pytest.raises(UnbalancedBooksError, match="twice"):
        ledger.enter("items", ("annotation 1", "region:x"), "held")
    with pytest.raises(UnbalancedBooksError):
        release_balance(Counter(["chosen"]), 2)


def numbers(part: Any, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """List the paths of all numbers in the books."""
    if not isinstance(part, dict):
        return [path]
    return [one for name, value in part.items() for one in numbers(value, (*path, name))]


FULL = check_parts(
    [
        {"drafts_of": 7, "drafts": [{"id": 4, "user": 2, "result": GOOD}]},
        task(annotation(1), annotation(2, LOOSE, user=2), annotation(3, user=3, was_cancelled=True)),
    ],
    CONTEXT,
)


@pytest.mark.parametrize("by", [1, -1])
@pytest.mark.parametrize("path", [path for path in numbers(FULL) if "unknown" not in path], ids=".".join)
def test_no_sum_may_be_off_by_one(path: tuple[str, ...], by: int) -> None:
    """Whichever number is one off, in all, of a person or for a reason, the books are refused."""
    books = copy.deepcopy(FULL)
    verify(books)
    part = books
    for step in path[:-1]:
        part = part[step]
    part[path[-1]] += by
    with pytest.raises(UnbalancedBooksError):
        verify(books)


def test_the_books_tell_who_and_why() -> None:
    """Each person's annotations and items, and what is held by its first error, stand in the books."""
    people = FULL["check"]["people"]
    assert people["person-1"]["items"] == {"seen": 3, "accepted": 3, "held": 0, "excluded": {}}
    assert people["person-2"]["items"] == {"seen": 5, "accepted": 0, "held": 2, "excluded": {"draft": 3}}
    assert people["person-3"]["annotations"] == {"seen": 1, "accepted": 0, "held": 0, "excluded": {"skipped": 1}}
    assert FULL["check"]["held_for"] == {"annotations": {"parent-invalid": 1}, "items": {"parent-invalid": 2}}


def test_what_the_page_does_not_have_is_counted() -> None:
    """Unknown controls, types and keys have their numbers in the books, whatever becomes of the reading."""
    strange = [
        GOOD[1] | {"id": "t9", "type": "brushlabels"},
        SET | {"from_name": "mood"},
        SET | {"from_name": "mood", "id": "t2"},
        GOOD[2] | {"colour": "red", "id": "a9"},
    ]
    made = checked(task(annotation(1, [*GOOD, *strange])))
    assert made.finer_books["unknown"] == {"control mood": 2, "key colour": 1, "type brushlabels": 1}


@given(st.binary(min_size=16), st.emails())
def test_pseudonyms_are_stable_and_hide_the_account(key: bytes, email: str) -> None:
    """One account has one name under one key, whatever its letters' case, and another under another key."""
    name = pseudonym(key, email)
    assert name == pseudonym(key, f" {email.lower()} ") or email.lower() != email.casefold()
    assert name != pseudonym(key + b"x", email)
    assert name.startswith("annotator-")
    assert len(name) == 20
