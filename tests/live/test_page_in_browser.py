"""What somebody means is what is pulled: annotated by mouse and keys in a real Chromium, then compared whole.

``pytest tests/live/test_page_in_browser.py -s`` prints the table: case, intended, pulled, equal, actions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from curate import api
from curate.checking import Checked
from curate.demo import annotators
from curate.labelstudio import server
from curate.records import Annotation, Article
from curate.schema.hotkeys import assign
from curate.schema.model import EventSchema
from curate.settings import read_settings
from curate.text import text_sha256
from curate.workspace import Workspace, write_lines
from live.browsing import Desk
from live.intentions import Case, difference, pulled_reading, table_row

CASES: list[Case] = []


def case(name: str, intended: str, **more: object) -> Callable[[Callable[[Desk], None]], Callable[[Desk], None]]:
    """Enter a case into the table; the function under it does the work."""

    def enter(work: Callable[[Desk], None]) -> Callable[[Desk], None]:
        CASES.append(Case(name, intended, work, **more))
        return work

    return enter


@case("possessive", "Rockets [hit](Attack#1) [[Iraq](place>1)’s airbase](target>1).", told=("span-trimmed",))
def possessive(desk: Desk) -> None:
    desk.draw("hit", "Attack")
    desk.draw("Iraq", "place")
    desk.draw("Iraq’s airbase", "target")


@case(
    "two roles, event by role span",
    "[Velmark](source>1, actor>2) [warned](Threaten#1) of [strikes](Attack#2{modality=hypothetical, "
    "verification=not_applicable}, content>1) on [Osk](target>2).",
)
def two_roles(desk: Desk) -> None:
    desk.draw("strikes", "Attack")
    desk.set("modality", "hypothetical")
    desk.set("verification", "not_applicable")
    desk.draw("Velmark", "actor")
    desk.draw("Osk", "target")
    desk.draw("warned", "Threaten")
    desk.draw("Velmark", "source")
    desk.draw("strikes", "content")


@dataclass(frozen=True)
class Newsroom:
    """A project with every case's article pushed, and who annotates them."""

    folder: Path
    schema: EventSchema
    desk: Desk
    tasks: dict[str, int]


@pytest.fixture(scope="module")
def newsroom(
    tmp_path_factory: pytest.TempPathFactory,
    new_project: Callable[[Path], AbstractContextManager[Path]],
    label_studio: server.RunningServer,
    browser: Browser,
) -> Iterator[Newsroom]:
    with new_project(tmp_path_factory.mktemp("browser") / "newsroom") as folder:
        articles = [Article(id=one.name, text=one.text, text_sha256=text_sha256(one.text)) for one in CASES]
        write_lines(Workspace(folder).articles, articles)
        pushed = api.push(folder)
        project = int(str(pushed.url).split("/projects/")[1].split("/")[0])
        schema = api.load_schema(read_settings(folder))
        annotator = annotators.sign_up(str(label_studio.invite_url), "cleo@example.org")
        desk = Desk.of(browser, annotator, label_studio.url, project, assign(schema))
        yield Newsroom(folder, schema, desk, annotators.tasks_of(annotator, label_studio.url, project))
        annotator.session.close()


@pytest.fixture
def desk(newsroom: Newsroom) -> Iterator[Desk]:
    """The annotator's desk; whatever page and console complained of fails the test."""
    newsroom.desk.actions = 0
    yield newsroom.desk
    complaints, newsroom.desk.errors[:] = newsroom.desk.errors[:], []
    assert complaints == []


def pull(newsroom: Newsroom, name: str) -> tuple[Annotation | None, list[str], Checked]:
    """Pull; give the article's annotation, the codes of what was found in it, and all the rest."""
    _, checked = api.pull(newsroom.folder)
    found = [one for one in checked.annotations if one.article_id == name]
    codes = sorted({one.code for one in checked.findings if one.article_id == name})
    return (found[0] if found else None), codes, checked


@pytest.mark.parametrize("one", CASES, ids=lambda one: one.name)
def test_what_was_meant_is_what_is_pulled(newsroom: Newsroom, desk: Desk, one: Case) -> None:
    """Every slice, arrow end, role, value, cluster, link, origin and way of attaching comes out as intended."""
    intended = one.reading(newsroom.schema)
    desk.open(newsroom.tasks[one.name])
    one.work(desk)
    desk.submit()
    annotation, codes, _ = pull(newsroom, one.name)
    pulled = pulled_reading(annotation) if annotation else None
    print(table_row(one, pulled, newsroom.schema, pulled == intended, desk.actions))
    assert annotation is not None, codes
    assert difference(intended, pulled_reading(annotation)) == {}
    assert annotation.schema == newsroom.schema.stamp
    assert annotation.notes == list(one.notes)
    assert tuple(codes) == one.told
