"""Which projects there have to be for reading, and what a task is for by the marker pulled with it."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from checking_answers import check_pulled, replay
from curate.checking import Checked
from curate.labelstudio.desks import LONGEST, desks, qualification_desk
from curate.labelstudio.tasks import AGAIN, ANNOTATE, Marker, find_projects
from curate.records import Article, Assignment
from curate.text import text_sha256
from test_checking import CONTEXT, GOOD, annotation, task

ARTICLES = {name: Article(id=name, text=name, text_sha256=text_sha256(name)) for name in ("a", "b", "c")}


def marker(purpose: str, annotator: str = "") -> str:
    return Marker("ws-1", purpose, annotator, "small@1.0.0#abc").write()


def pulled(purpose: str, *annotations: dict[str, Any], annotator: str = "person-1", number: int = 7) -> list[Any]:
    return [{"marker": marker(purpose, annotator)}, task(*annotations, number=number)]


def checked(*projects: list[Any]) -> Checked:
    return check_pulled(replay(*projects), CONTEXT)


def test_without_assignments_everybody_reads_everything_in_one_project() -> None:
    """One desk, nobody's own, with the overlap of the settings."""
    [desk] = desks(ARTICLES, None, [(ANNOTATE, ""), (ANNOTATE, "ana")], 2, {})
    assert (desk.annotator, list(desk.articles), desk.overlap, desk.ending) == ("", ["a", "b", "c"], 2, "")


def test_everybody_has_a_desk_of_their_own() -> None:
    """In the articles' order, a second reading apart from the first, and a desk without work as long as it is there."""
    rows = [
        Assignment(article_id="c", annotator="ana"),
        Assignment(article_id="a", annotator="ana"),
        Assignment(article_id="a", annotator="ana", again=True),
    ]
    made = desks(ARTICLES, rows, [(ANNOTATE, "ben"), ("adjudicate", "")], 2, {"ana": "ana@example.org"})
    assert [(one.annotator, one.purpose, list(one.articles), one.overlap) for one in made] == [
        ("ana", ANNOTATE, ["a", "c"], 1),
        ("ana", AGAIN, ["a"], 1),
        ("ben", ANNOTATE, [], 1),
    ]
    assert [one.ending for one in made] == [" · ana@example.org", " · again · ana@example.org", " · ben"]
    assert made[0].gave_up("b", ARTICLES)
    assert not made[0].gave_up("elsewhere", ARTICLES)


@given(
    st.sets(
        st.from_regex(
            r"(ana|annotation\.team|annotators-of-the-desk)[0-3a]{0,9}(@example(-news)?\.org)?", fullmatch=True
        )
    )
)
def test_no_two_people_have_titles_alike(accounts: set[str]) -> None:
    """However long their accounts are, and where they differ at the end: a title holds 50 characters."""
    names = {f"annotator-{number:010d}": account for number, account in enumerate(sorted(accounts))}
    rows = [Assignment(article_id="a", annotator=who, again=again) for who in names for again in (False, True)]
    endings = [one.ending for one in desks(ARTICLES, rows, [], 2, names)]
    endings += [qualification_desk(who, ARTICLES, names).ending for who in names]
    assert len(set(endings)) == 3 * len(names)
    assert all(len(one) <= LONGEST for one in endings)


def test_an_account_that_fits_is_told_whole() -> None:
    """Else without its domain, if that is enough to tell people apart."""
    names = {"annotator-1": "ana@example.org", "annotator-2": "ana.reed@newsroom.example.org"}
    endings = [qualification_desk(who, ARTICLES, names).ending for who in names]
    assert endings == [" · qualification · ana@example.org", " · qualification · ana.reed"]


def test_projects_are_told_apart_by_purpose_and_person() -> None:
    """The oldest of each comes first; other workspaces and other projects don't count."""
    projects = [
        {"id": 9, "description": marker(ANNOTATE, "ana")},
        {"id": 4, "description": marker(ANNOTATE, "ana")},
        {"id": 5, "description": marker(ANNOTATE)},
        {"id": 6, "description": "somebody's own"},
        {"id": 7, "description": marker(ANNOTATE).replace("ws-1", "ws-2")},
    ]
    found = find_projects(projects, "ws-1")
    assert {place: [one["id"] for one in those] for place, those in found.items()} == {
        (ANNOTATE, "ana"): [4, 9],
        (ANNOTATE, ""): [5],
    }


def test_a_second_reading_is_nobody_else() -> None:
    """What somebody reads again stands apart, supersedes nothing and has a line of its own in the books."""
    made = checked(pulled(ANNOTATE, annotation(1)), pulled(AGAIN, annotation(2), number=8))
    assert [one.id for one in made.annotations] == ["1"]
    assert [one.id for one in made.rereadings] == ["2"]
    assert made.findings == []
    assert made.books["annotations"] == {"seen": 2, "accepted": 1, "held": 0, "excluded": {"reread": 1}}


def test_what_people_are_tried_out_with_is_no_reading() -> None:
    """An annotation of a qualification project stands in the books as such and comes into nothing."""
    made = checked(pulled("qualify", annotation(1)))
    assert (made.annotations, made.held) == ([], [])
    assert made.books["annotations"]["excluded"] == {"qualification": 1}


def codes(made: Checked) -> list[tuple[str, str | None]]:
    return [(found.code, found.annotation_id) for found in made.findings]


def test_work_in_the_project_of_another_is_told_and_counts() -> None:
    """Who wasn't asked is named, and the reading is theirs."""
    made = checked(pulled(ANNOTATE, annotation(1), annotation(2, user=2)))
    assert codes(made) == [("annotation-unassigned", "2")]
    assert [one.annotator for one in made.annotations] == ["person-1", "person-2"]
    assert "person-1" in made.findings[0].message


def test_what_somebody_read_in_their_own_project_counts_before_what_they_read_elsewhere() -> None:
    """The later one, in the project of another, is superseded."""
    made = checked(pulled(ANNOTATE, annotation(1)), pulled(ANNOTATE, annotation(2), annotator="person-2", number=8))
    assert [one.id for one in made.annotations] == ["1"]
    assert codes(made) == [("annotation-superseded", "2")]


def as_drawn(letter: str) -> list[dict[str, Any]]:
    """The good result with names for its regions as the page makes them up."""
    renamed = {entry["id"]: f"{letter}{entry['id']}9XzQ" for entry in GOOD if "id" in entry and entry["id"] != "schema"}
    return [
        {key: renamed.get(value, value) if key in ("id", "parentID") else value for key, value in entry.items()}
        for entry in GOOD
    ]


def test_a_copied_annotation_is_told() -> None:
    """By the names of its regions, or as the page notes it; the earlier one is the original."""
    mine, others = as_drawn("A"), as_drawn("B")
    one, two = pulled(ANNOTATE, annotation(1, mine)), annotation(2, mine, user=2)
    made = checked(one, pulled(ANNOTATE, two, annotator="person-2", number=8))
    assert codes(made) == [("annotation-copied", "2")]
    assert "3 of its 3 regions are those of person-1's annotation 1" in made.findings[0].message
    noted = annotation(2, others, user=2, parent_annotation=1)
    assert codes(checked(pulled(ANNOTATE, annotation(1, mine), noted, annotator=""))) == [("annotation-copied", "2")]
    odd = annotation(2, others, user=2, parent_annotation={"id": 1})
    assert codes(checked(pulled(ANNOTATE, annotation(1, mine), odd, annotator=""))) == []
    assert codes(checked(pulled(ANNOTATE, annotation(1, mine), annotation(2, others, user=2), annotator=""))) == []


def test_what_was_suggested_to_both_is_no_copy() -> None:
    """Regions that came from one prediction, and those that curate names, are alike without anybody copying."""
    mine = as_drawn("A")
    both = (annotation(1, mine), annotation(2, mine, user=2))
    suggested = [{"marker": marker(ANNOTATE)}, task(*both, predictions=[{"id": 5, "result": mine}])]
    assert codes(checked(suggested)) == []
    assert codes(checked(pulled(ANNOTATE, annotation(1), annotation(2, user=2), annotator=""))) == []


def test_a_second_reading_copied_from_the_first_is_told() -> None:
    """Or it would say that somebody is steadier than they are."""
    mine = as_drawn("A")
    made = checked(pulled(ANNOTATE, annotation(1, mine)), pulled(AGAIN, annotation(2, mine), number=8))
    assert codes(made) == [("annotation-copied", "2")]
    assert "their own annotation 1" in made.findings[0].message
