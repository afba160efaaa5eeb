"""Which projects there have to be for reading, and what a task is for by the marker pulled with it."""

from __future__ import annotations

from typing import Any

from checking_answers import check_pulled, replay
from curate.checking import Checked
from curate.labelstudio.desks import desks
from curate.labelstudio.tasks import AGAIN, ANNOTATE, Marker, find_projects
from curate.records import Article, Assignment
from curate.text import text_sha256
from test_checking import CONTEXT, annotation, task

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
    given = [
        Assignment(article_id="c", annotator="ana"),
        Assignment(article_id="a", annotator="ana"),
        Assignment(article_id="a", annotator="ana", again=True),
    ]
    made = desks(ARTICLES, given, [(ANNOTATE, "ben"), ("adjudicate", "")], 2, {"ana": "ana@example.org"})
    assert [(one.annotator, one.purpose, list(one.articles), one.overlap) for one in made] == [
        ("ana", ANNOTATE, ["a", "c"], 1),
        ("ana", AGAIN, ["a"], 1),
        ("ben", ANNOTATE, [], 1),
    ]
    assert [one.ending for one in made] == [" · ana@example.org", " · again · ana@example.org", " · ben"]
    assert made[0].gave_up("b", ARTICLES)
    assert not made[0].gave_up("elsewhere", ARTICLES)


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
