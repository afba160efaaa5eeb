"""Under another schema: every kind of attribute in the label stream, and annotations begun under an earlier one."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from playwright.sync_api import Browser

from curate.labelstudio import server
from event_schemas import SMALL
from live.browsing import Desk
from live.chromium import DESKTOP
from live.intentions import Case, print_row
from live.newsroom import open_newsroom

NewProject = Callable[..., AbstractContextManager[Path]]

LATER = (
    SMALL.replace("version: 1.0.0", "version: 1.1.0")
    .replace("roles:\n  actor:", "  Flee:\n    definition: People flee.\n    roles: {actor: {}}\nroles:\n  actor:")
    .replace(
        "links:\n",
        "  scale:\n    on: trigger\n    kind: choice\n    definition: How big?\n"
        "    values: {small: It is., big: It is.}\n"
        "    default: small\nlinks:\n",
    )
)


def _kinds(desk: Desk) -> None:
    desk.draw("raided", "Attack")
    desk.set("modality", "hypothetical")
    desk.set("means", "drone")
    desk.set("means", "gun")
    desk.count("count", 3)
    desk.write("day", "2024-05")
    desk.draw("Ana’s", "actor")
    desk.set("certainty", "alleged")
    desk.draw("mill", "target")
    desk.unselect()
    desk.set("relevance", "irrelevant")


KINDS = Case(
    "every kind of attribute",
    "[Ana](actor>1{certainty=alleged})’s men may have [raided](Attack#1{modality=hypothetical, means=drone|gun, "
    'count=3, day="2024-05"}) the [mill](target>1).{{relevance=irrelevant}}',
    _kinds,
    told=("span-trimmed",),
)
SKIPPED = Case("skipped", "Nothing [happened](Attack#1).", lambda desk: desk.draw("happened", "Attack"))
PLAIN = Case("the next in the stream", "They [went](Deploy#1) home.", lambda desk: desk.draw("went", "Deploy"))


def test_the_stream_goes_from_article_to_article(
    tmp_path: Path,
    new_project: NewProject,
    label_studio: server.RunningServer,
    browser: Browser,
) -> None:
    """Submitting or skipping brings the next article; all three stand in the books."""
    schema = tmp_path / "small.yaml"
    schema.write_text(SMALL, encoding="utf-8")
    with (
        new_project(tmp_path / "dora", str(schema)) as folder,
        open_newsroom(folder, label_studio, browser, [KINDS, SKIPPED, PLAIN], DESKTOP) as room,
    ):
        desk = room.desk
        assert desk.open_stream() == room.tasks[KINDS.name]
        KINDS.work(desk)
        room.compare(KINDS, desk.submit()["id"])
        assert desk.shown() == room.tasks[SKIPPED.name]
        desk.actions = 0
        SKIPPED.work(desk)
        skipped = desk.skip()
        made, _, checked = room.pull(skipped["id"])
        print_row(SKIPPED, None, None, room.schema, desk.actions)
        assert (skipped["was_cancelled"], made) == (True, None)
        assert checked.books["annotations"]["excluded"] == {"skipped": 1}
        assert desk.shown() == room.tasks[PLAIN.name]
        desk.actions = 0
        PLAIN.work(desk)
        room.compare(PLAIN, desk.submit()["id"])
        desk.expect_no_complaints()


def test_an_annotation_of_an_earlier_schema_is_updated(
    tmp_path: Path,
    new_project: NewProject,
    label_studio: server.RunningServer,
    browser: Browser,
) -> None:
    """On the later page it keeps its stamp; what is new reads by the later schema, with a warning if it needs that."""
    plain = Case("update under a later schema", "[Bo](actor>1) [raided](Attack#1) the [mill](target>1).", None)
    new = Case(
        "update with a type of the later schema",
        "[Bo](actor>1) [raided](Attack#1) the [mill](target>1). [Cy](actor>2) [fled](Flee#2{scale=big}).",
        None,
        told=("stamp-outdated",),
    )
    schema = tmp_path / "small.yaml"
    schema.write_text(SMALL, encoding="utf-8")
    with (
        new_project(tmp_path / "erik", str(schema)) as folder,
        open_newsroom(folder, label_studio, browser, [plain, new]) as room,
    ):
        desk, before = room.desk, room.schema.stamp
        for case in (plain, new):
            desk.open(room.tasks[case.name])
            desk.draw("raided", "Attack")
            desk.draw("Bo", "actor")
            desk.submit()
        room.revise(LATER)
        assert room.schema.stamp != before
        for case in (plain, new):
            desk.actions = 0
            desk.open(room.tasks[case.name])
            desk.draw("mill", "target")
            if case is new:
                desk.draw("fled", "Flee")
                desk.set("scale", "big")
                desk.draw("Cy", "actor")
            room.compare(case, desk.update()["id"], before)
        desk.expect_no_complaints()
