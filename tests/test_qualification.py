"""Trying people out: what passes, what is told in words, and that known answers are right themselves."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate import api
from curate.api.answering import read_answers
from curate.errors import InputError, UsageError
from curate.labelstudio.writing import result_of
from curate.markup import parse, to_reading
from curate.passmarks import PassMarks, read_pass_marks
from curate.qualification import FAILED, KEY, PASSED, PENDING, assess, differences, feedback_markdown
from curate.records import Annotation
from curate.settings import read_settings
from curate.starting import init
from curate.workspace import Workspace
from event_schemas import SMALL_SCHEMA
from test_checking import annotation, checked, task

TEXT = "Drones hit the base."
KNOWN = "[Drones](actor>1) [hit](Attack#1) [the base](target>1)."
READINGS = (
    KNOWN,
    "[Drones](actor>1) [hit](Attack#1) the base.",
    "[Drones](target>1) [hit](Attack#1) [the base](target>1).",
    "Drones [hit](Attack#1) the [base](Attack#2).",
    "Drones hit the base.",
)


def reading(marked: str, who: str = "ana") -> Annotation:
    """Give a reading as the check makes it."""
    result = result_of(to_reading(parse(marked), SMALL_SCHEMA), SMALL_SCHEMA)
    [made] = checked(task(annotation(1, result))).annotations
    return Annotation(**{name: getattr(made, name) for name in made.__struct_fields__} | {"annotator": who})


ANSWERS = {"a": reading(KNOWN, KEY)}


@given(st.sampled_from(READINGS), st.floats(0, 1), st.floats(0, 1))
def test_who_reads_as_is_known_passes_and_is_told_nothing(marked: str, tri_c: float, arg_c: float) -> None:
    """The same reading is 1 by every measure; another passes exactly where no score is below its mark."""
    marks = PassMarks({"tri_c": tri_c, "arg_c": arg_c})
    made = assess("ana", ANSWERS, {"a": reading(marked)}, marks, SMALL_SCHEMA)
    assert (made.feedback["a"] == []) == (marked == KNOWN)
    if marked == KNOWN:
        assert (made.state, set(made.scores.values())) == (PASSED, {1.0})
    reached = (made.scores["tri_c"] or 0) >= tri_c and (made.scores["arg_c"] or 0) >= arg_c
    assert made.state == (PASSED if reached else FAILED)


def test_it_is_pending_until_all_is_answered() -> None:
    """However good what was answered is."""
    known = {**ANSWERS, "b": ANSWERS["a"]}
    made = assess("ana", known, {"a": reading(KNOWN)}, PassMarks(), SMALL_SCHEMA)
    assert (made.state, made.answered, made.of) == (PENDING, 1, 2)
    nothing = assess("ana", known, {}, PassMarks(), SMALL_SCHEMA)
    assert (nothing.state, nothing.answered, set(nothing.scores.values())) == (PENDING, 0, {None})


@pytest.mark.parametrize(
    ("marked", "told"),
    [
        (READINGS[1], ["Attack “hit”: its target “the base” is missing."]),
        (READINGS[2], ["Attack “hit”: “Drones” is its actor, not target. actor: "]),
        (
            READINGS[3],
            [
                "Attack “base” is too much. Attack: ",
                "Attack “hit”: its actor “Drones” is missing.",
                "Attack “hit”: its target “the base” is missing.",
            ],
        ),
        (READINGS[4], ["Attack “hit” is missing. Attack: "]),
    ],
)
def test_what_differs_is_told_in_words(marked: str, told: list[str]) -> None:
    """What is missing, too much or called otherwise, with the rule it is about."""
    found = differences(ANSWERS["a"], reading(marked), SMALL_SCHEMA)
    assert len(found) == len(told)
    assert all(line.startswith(begin) for line, begin in zip(sorted(found), told, strict=True)), found


def read(marked: str, who: str = "ana") -> Annotation:
    """Give a reading of any text, as it is marked."""
    made, bare = to_reading(parse(marked), SMALL_SCHEMA), reading(KNOWN, who)
    return msgspec.structs.replace(bare, events=made.events, clusters=made.clusters, links=made.links)


RULE = "actor: Who does it."


@pytest.mark.parametrize(
    ("known", "marked", "told"),
    [
        (
            "[Rebels](actor>1) [shelled](Attack#1) a mill; Rebels and Rebels.",
            "Rebels [shelled](Attack#1) a mill; [Rebels](actor>1) and [Rebels](actor>1).",
            ["actor “Rebels” is too much.", "its actor “Rebels” is marked at another mention."],
        ),
        (
            "Rebels [shelled](Attack#1) a mill; Rebels and Rebels.",
            "Rebels [shelled](Attack#1) a mill; [Rebels](actor>1) and [Rebels](target>1).",
            ["actor “Rebels” is too much.", "target “Rebels” is too much."],
        ),
        (
            "[Rebels](actor>1) [shelled](Attack#1) a mill; Rebels and Rebels.",
            "[Rebels](target>1) [shelled](Attack#1) a mill; Rebels and [Rebels](place>1).",
            ["place “Rebels” is too much.", f"“Rebels” is its actor, not target. {RULE}"],
        ),
        (
            "[Rebels](actor>1) [shelled](Attack#1) a mill; Rebels and Rebels.",
            "Rebels [shelled](Attack#1) a mill; Rebels and [Rebels](target>1).",
            [f"“Rebels” is its actor, not target. {RULE}"],
        ),
    ],
)
def test_fillers_of_the_same_words_are_told_apart(known: str, marked: str, told: list[str]) -> None:
    """What stands at the same place is compared first, then the same words in the same role, then in another one."""
    found = differences(read(known, KEY), read(marked), SMALL_SCHEMA)
    assert found == [f"Attack “shelled”: {line}" for line in told]


@pytest.mark.parametrize(
    ("role", "marked", "instead"),
    [("topic", "topic>1", "the words alone"), ("content", "Deploy#2, content>1", "the event Deploy")],
)
def test_an_event_in_a_role_is_held_against_what_was_marked_there(role: str, marked: str, instead: str) -> None:
    """The words at its place are no other mention of it."""
    known = read(f"They [warned](Threaten#1) of [attacks](Attack#2, {role}>1).", KEY)
    found = differences(known, read(f"They [warned](Threaten#1) of [attacks]({marked})."), SMALL_SCHEMA)
    assert f"Threaten “warned”: its {role} “attacks” is the event Attack, not {instead}." in found
    assert len(found) == 2


def test_each_event_at_one_place_is_told() -> None:
    """One of them stands for the one that is missing there, the others are too much."""
    found = differences(ANSWERS["a"], read("Drones [hit](Deploy#1, Threaten#2) the base."), SMALL_SCHEMA)
    assert [line.partition(".")[0] for line in found] == [
        "Attack “hit”, not Deploy",
        "Threaten “hit” is too much",
    ]


FILLERS = st.sets(st.tuples(st.sampled_from(["actor", "target", "place"]), st.integers(0, 4)), max_size=6)


@given(FILLERS, FILLERS)
def test_every_filler_that_differs_is_told_once(right: set[tuple[str, int]], theirs: set[tuple[str, int]]) -> None:
    """One by one where it is missing or too much, two at a time where one was marked for another."""

    def marked(fillers: set[tuple[str, int]], who: str) -> Annotation:
        words = ["Rebels", "rebels", "Rebels", "guards", "Rebels"]
        for role, number in sorted(fillers):
            words[number] += f"|{role}>1"
        spans = [f"[{word}]({', '.join(tags)})" if tags else word for word, *tags in (one.split("|") for one in words)]
        return read(f"{' '.join(spans)} [hit](Attack#1).", who)

    lines = differences(marked(right, KEY), marked(theirs, "ana"), SMALL_SCHEMA)
    alone = [line for line in lines if line.endswith((" is missing.", " is too much."))]
    assert len(alone) + 2 * (len(lines) - len(alone)) == len(right ^ theirs)


def test_an_attribute_is_told_where_it_is_not_what_it_should_be() -> None:
    """Of an event that both mark."""
    marked = KNOWN.replace("(Attack#1)", "(Attack#1{modality=hypothetical})")
    assert differences(ANSWERS["a"], reading(marked), SMALL_SCHEMA) == [
        "Attack “hit”: modality is asserted, not hypothetical."
    ]


def test_the_feedback_names_scores_marks_and_texts() -> None:
    """Each measure beside what was needed, then text by text."""
    made = assess("ana", ANSWERS, {"a": reading(READINGS[1])}, PassMarks({"arg_c": 0.9}), SMALL_SCHEMA)
    written = feedback_markdown(made, PassMarks({"arg_c": 0.9}))
    assert written.startswith("# ana: failed\n")
    assert "- Arg-C: 0.67, needed 0.90\n" in written
    assert "## a\n\n- Attack “hit”: its target “the base” is missing.\n" in written


def test_pass_marks_are_measures_from_0_to_1() -> None:
    """Anything else is refused by name."""
    assert read_pass_marks({}) == PassMarks()
    assert read_pass_marks({"arg_c": 0.6, "required": True}) == PassMarks({"arg_c": 0.6}, required=True)
    for table in ({"arg": 0.6}, {"arg_c": 60}, {"arg_c": "0.6"}, {"arg_c": True}, {"required": 1}):
        with pytest.raises(UsageError, match=next(iter(table))):
            read_pass_marks(table)


def test_known_answers_are_checked_themselves(tmp_path: Path) -> None:
    """Mark-up that can't be read, a rule that is broken, and the name of an article are told with the file."""
    folder = init(tmp_path / "airbase")
    workspace, schema = Workspace(folder), api.load_schema(read_settings(folder))
    assert read_answers(workspace, "qualification", schema) == {}
    with pytest.raises(UsageError, match="no texts with known answers"):
        api.qualify(folder)
    path = folder / "qualification" / "mill.txt"
    path.parent.mkdir()
    path.write_text("[Rebels](actor>1) [shelled](Attack#1) the mill.\n", encoding="utf-8")
    article, answer = read_answers(workspace, "qualification", schema)["mill"]
    assert (article.text, answer.events[0].type) == ("Rebels shelled the mill.", "Attack")
    for wrong in ("[Rebels](actor>2) [shelled](Attack#1).", "[shelled](Atack#1)."):
        path.write_text(wrong, encoding="utf-8")
        with pytest.raises(InputError, match="mill"):
            read_answers(workspace, "qualification", schema)
