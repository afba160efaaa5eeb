"""What becomes of the hidden schema stamp when the schema changes, as docs/page.md tells it, in a real Chromium."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser

from curate import api
from curate.labelstudio import server
from curate.labelstudio.client import connected
from curate.labelstudio.results import read_stamp
from curate.labelstudio.writing import result_of
from curate.markup import parse, to_reading
from curate.settings import label_studio_credentials, read_settings
from live.browsing import Desk
from live.conftest import NewProject
from live.intentions import Case
from live.newsroom import Newsroom, open_newsroom

MARKED = "Rebels [hit](Attack#1) [Osk](place>1)."
NAMES = ("updated", "resumed", "copied", "suggested", "suggested without", "updated without", "begun later")


@pytest.fixture(scope="module")
def room(
    tmp_path_factory: pytest.TempPathFactory,
    new_project: NewProject,
    label_studio: server.RunningServer,
    browser: Browser,
) -> Iterator[Newsroom]:
    """A project in which work was begun and suggested, before its schema changed."""
    cases = [Case(name, MARKED, None) for name in NAMES]
    with (
        new_project(tmp_path_factory.mktemp("stamps") / "emil") as folder,
        open_newsroom(folder, label_studio, browser, cases) as opened,
    ):
        for name in ("updated", "copied"):
            opened.desk.open(opened.tasks[name])
            opened.desk.draw("hit", "Attack")
            opened.desk.submit()
        _begin_draft(opened)
        _send(opened, "suggested", with_stamp=True)
        _send(opened, "suggested without", with_stamp=False)
        _annotate_without(opened, "updated without")
        settings = read_settings(folder)
        text = settings.schema.read_text(encoding="utf-8")
        settings.schema.write_text(text.replace("version: 1.", "version: 2.", 1), encoding="utf-8")
        api.push(folder)
        yield opened


def _begin_draft(room: Newsroom) -> None:
    desk = room.desk
    desk.open(room.tasks["resumed"])
    desk.draw("hit", "Attack")
    drafts = f"{desk.url}/api/tasks/{desk.task}/drafts"
    desk.screen.until(lambda: desk.annotator.session.get(drafts).json(), "the draft is saved")


def _result(room: Newsroom) -> list[dict[str, object]]:
    return result_of(to_reading(parse(MARKED), room.schema), room.schema)


def _send(room: Newsroom, name: str, *, with_stamp: bool) -> None:
    result = _result(room) if with_stamp else _result(room)[1:]
    with connected(label_studio_credentials(read_settings(room.folder))) as connection:
        connection.sdk.predictions.create(task=room.tasks[name], result=result, model_version="test")


def _annotate_without(room: Newsroom, name: str) -> None:
    with connected(label_studio_credentials(read_settings(room.folder))) as connection:
        connection.sdk.annotations.create(id=room.tasks[name], result=_result(room)[1:])


def _update(desk: Desk) -> dict[str, object]:
    desk.select(desk.screen.regions()[0]["id"])
    desk.set("modality", "denied")
    return desk.update()


def _draw_and_submit(desk: Desk) -> dict[str, object]:
    desk.draw("hit", "Attack")
    return desk.submit()


def _copy(desk: Desk) -> dict[str, object]:
    tab = desk.page.locator(".lsf-annotation-button_selected")
    tab.hover()
    tab.locator("[class*=trigger]").first.click()
    desk.page.get_by_text("Duplicate").first.click()
    desk.screen.until(desk.screen.regions, "the copy is open")
    desk.draw("Osk", "target")
    return desk.submit()


WAYS: dict[str, tuple[Callable[[Desk], dict[str, object]], str | None]] = {
    "updated": (_update, "1"),
    "resumed": (Desk.submit, "1"),
    "copied": (_copy, "1"),
    "suggested": (Desk.submit, "1"),
    "suggested without": (Desk.submit, None),
    "updated without": (_update, None),
    "begun later": (_draw_and_submit, "2"),
}


@pytest.mark.parametrize("name", NAMES)
def test_the_stamp_tells_where_work_was_begun(room: Newsroom, name: str) -> None:
    """Only what is begun on the new page has its stamp; everything else keeps its own, or none, and is accepted."""
    work, version = WAYS[name]
    room.desk.open(room.tasks[name])
    made = work(room.desk)
    stamp = read_stamp(made["result"])
    assert (stamp.split("@")[1].split(".")[0] if stamp else None) == version
    _, checked = api.pull(room.folder)
    assert str(made["id"]) in {one.id for one in checked.annotations}
    told = {one.code for one in checked.findings if one.annotation_id == str(made["id"])}
    assert ("stamp-missing" in told) == (version is None)
