"""An annotator's day in a real Chromium, from the login form to what came back and is mended."""

from __future__ import annotations

from pathlib import Path

import httpx
from playwright.sync_api import Browser, Page

from curate import api
from curate.demo.annotators import Annotator
from curate.labelstudio import returning, server
from curate.records import Article
from curate.schema.hotkeys import assign
from curate.settings import read_settings
from curate.text import text_sha256
from curate.workspace import Workspace, write_lines
from live.browsing import Desk
from live.chromium import LAPTOP, SCRIPTS, SETTINGS
from live.conftest import NewProject
from live.screen import Screen

NO_MORE_TASKS = "console: Failed to load resource: the server responded with a status of 404 (Not Found)"
"""How the label stream is told that it has come to its end."""

TEXT = "Rebels led a raid on Osk. The siege of Velm went on."
SUGGESTER = """\
def suggest(article):
    return [
        {"type": "Attack", "trigger": {"quote": "raid"}, "arguments": [
            {"role": "actor", "quote": "Rebels"}, {"role": "target", "quote": "Osk"}]},
        {"type": "Campaign", "trigger": {"quote": "siege"}},
    ]
"""


def test_from_the_login_to_what_came_back(
    tmp_path: Path, new_project: NewProject, label_studio: server.RunningServer, browser: Browser
) -> None:
    """They log in, find their work, read the instructions, accept, correct and skip; one comes back, is mended."""
    with new_project(tmp_path / "day") as folder:
        account, title = _prepare(folder)
        desk = _log_in(folder, browser, label_studio.url, account)
        page, shots = desk.page, tmp_path
        page.screenshot(path=shots / "1-projects.png")
        page.get_by_text(title).click()
        page.get_by_role("button", name="Label All Tasks").click()
        instructions = page.locator(".lsf-modal-ls_visible")
        instructions.wait_for()
        told = instructions.inner_text()
        page.screenshot(path=shots / "2-instructions.png")
        assert "Sent back" in told
        assert all(name in told for name in api.load_schema(read_settings(folder)).event_types)
        page.keyboard.press("Escape")
        instructions.wait_for(state="hidden")

        kept, corrected, skipped = _work(desk, shots)
        desk.expect_no_complaints()
        assert [one["was_cancelled"] for one in (kept, corrected, skipped)] == [False, False, True]
        _, checked = api.pull(folder)
        assert [(one.annotation_id, one.code) for one in checked.findings if one.level == "error"] == [
            (str(corrected["id"]), "argument-unattached")
        ]
        assert api.send_back(folder).plan.out == 1

        _find_again(desk, title, shots)
        message = page.get_by_text("argument-unattached", exact=True)
        message.wait_for()
        page.screenshot(path=shots / "5-back.png")
        assert {one["id"] for one in desk.screen.result()} >= {one["id"] for one in corrected["result"] if "id" in one}
        region = {desk.text[one["start"] : one["end"]]: one["id"] for one in desk.screen.regions()}
        desk.connect(region["Velm"], region["raid"])
        assert desk.update()["id"] == corrected["id"]
        page.screenshot(path=shots / "6-mended.png")
        assert set(desk.screen.errors) <= {NO_MORE_TASKS}

        _, checked = api.pull(folder)
        assert not [one for one in checked.findings if one.level == "error"]
        assert {one.id for one in checked.annotations} == {str(kept["id"]), str(corrected["id"])}
        assert api.send_back(folder).plan.out == 0
        desk.open(desk.task)
        assert page.get_by_text("argument-unattached", exact=True).count() == 0
        page.goto(f"{desk.url}/projects/{desk.project}/data")
        page.get_by_role("button", name="Label All Tasks").wait_for()
        assert page.get_by_text(returning.TITLE, exact=True).count() == 0
        desk.close()


def _prepare(folder: Path) -> tuple[str, str]:
    """Give three articles with suggestions to somebody new; name their account, and the project as it is listed."""
    known = [Article(id=f"n{number}", text=TEXT, text_sha256=text_sha256(TEXT)) for number in range(3)]
    write_lines(Workspace(folder).articles, known)
    (folder / "suggester.py").write_text(SUGGESTER, encoding="utf-8")
    settings = folder / "curate.toml"
    settings.write_text(
        settings.read_text(encoding="utf-8").replace("overlap = 2", "overlap = 1")
        + '\n[suggest]\nby = "suggester:suggest"\n',
        encoding="utf-8",
    )
    account = f"dora-{text_sha256(str(folder))[:6]}@example.org"
    api.add_people([account], folder)
    api.assign(folder)
    pushed = api.push(folder).plan
    api.suggest(None, folder)
    return account, next(str(one.settings["title"]) for one in pushed.projects if one.annotator)


def _log_in(folder: Path, browser: Browser, url: str, account: str) -> Desk:
    """Fill in the login form with what the lead passed on, and give the desk of who is signed in."""
    [login] = (folder / ".curate" / "logins").glob("*.txt")
    password = login.read_text(encoding="utf-8").split("Password: ")[1].strip()
    context = browser.new_context(viewport=LAPTOP)
    context.add_init_script(SETTINGS)
    context.add_init_script(SCRIPTS)
    page: Page = context.new_page()
    page.goto(url)
    page.locator("input[name=email]").fill(account)
    page.locator("input[name=password]").fill(password)
    page.locator("button[type=submit]").click()
    page.get_by_text("Recent Projects").wait_for()
    session = httpx.Client(trust_env=False, timeout=120)
    for cookie in context.cookies():
        session.cookies.set(str(cookie.get("name")), str(cookie.get("value")))
    [number] = {one.project for one in api.push(folder, dry_run=True).plan.projects if one.annotator and one.project}
    keys = assign(api.load_schema(read_settings(folder)))
    return Desk(Screen(page), Annotator(account, session), url, number, keys)


def _work(desk: Desk, shots: Path) -> tuple[dict[str, object], ...]:
    """Accept one suggestion, correct the next, leaving an argument to no trigger, and skip the last."""
    screen, page = desk.screen, desk.page
    desk.shown()
    screen.until(lambda: len(screen.regions()) == 4, "the suggestion is laid before the annotator")
    page.screenshot(path=shots / "3-suggestion.png")
    kept = desk.submit()
    desk.shown()
    screen.until(lambda: len(screen.regions()) == 4, "the next suggestion is laid before the annotator")
    region = {desk.text[one["start"] : one["end"]]: one["id"] for one in screen.regions()}
    desk.delete(region["siege"])
    desk.delete(region["Osk"])
    desk.draw("Velm", "target")
    page.screenshot(path=shots / "4-corrected.png")
    corrected = desk.submit()
    desk.shown()
    return kept, corrected, desk.skip()


def _find_again(desk: Desk, title: str, shots: Path) -> None:
    """Come to the project as annotators do, and open the one task of the tab that stands first."""
    page = desk.page
    page.goto(desk.url)
    page.get_by_text(title).click()
    tab = page.get_by_text(returning.TITLE, exact=True)
    tab.wait_for()
    page.get_by_text("Tasks: 1 / 3").wait_for()
    page.screenshot(path=shots / "5-tab.png")
    page.locator("[class*=row-wrapper]").first.click()
    desk.task = 0
    desk.shown()
