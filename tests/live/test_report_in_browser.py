"""The report in Chromium: hostile articles do nothing, sizes and colours fit, keyboard and printer reach it all."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, ViewportSize

from curate.reporting.page import page as report
from live.chromium import LAPTOP
from report_contents import contents, with_hostile_words

PHONE: ViewportSize = {"width": 390, "height": 844}
CONTRAST = """selector => {
  const light = colour => colour.match(/[\\d.]+/g).slice(0, 3).map(part => part / 255)
    .map(part => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
    .reduce((sum, part, place) => sum + part * [0.2126, 0.7152, 0.0722][place], 0);
  const behind = node => {
    const colour = getComputedStyle(node).backgroundColor;
    return colour.startsWith("rgba(0, 0, 0, 0") && node.parentElement ? behind(node.parentElement) : colour;
  };
  return [...document.querySelectorAll(selector)].map(node => {
    const style = getComputedStyle(node);
    const [one, other] = [light(node instanceof SVGElement ? style.fill : style.color), light(behind(node))];
    return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
  });
}"""


class Opened:
    """A report in a window of its own, and whatever it did: dialogs, requests, complaints."""

    def __init__(self, browser: Browser, path: Path, size: ViewportSize, colours: Any) -> None:
        self.page: Page = browser.new_context(viewport=size, color_scheme=colours).new_page()
        self.dialogs: list[str] = []
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.page.on("dialog", lambda dialog: (self.dialogs.append(dialog.message), dialog.dismiss()))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.goto(path.as_uri())
        self.page.wait_for_load_state("networkidle")
        self.own = path.as_uri()


@pytest.fixture(params=[(LAPTOP, "light"), (LAPTOP, "dark"), (PHONE, "light"), (PHONE, "dark")], ids=str)
def window(request: pytest.FixtureRequest) -> tuple[ViewportSize, str]:
    return tuple(request.param)


@pytest.fixture
def hostile(browser: Browser, tmp_path: Path, window: tuple[ViewportSize, str]) -> Iterator[Opened]:
    path = tmp_path / "report.html"
    path.write_text(report(with_hostile_words(contents())), encoding="utf-8")
    opened = Opened(browser, path, *window)
    yield opened
    opened.page.context.close()


@pytest.fixture
def tidy(browser: Browser, tmp_path: Path) -> Iterator[Page]:
    path = tmp_path / "report.html"
    path.write_text(report(contents()), encoding="utf-8")
    opened = Opened(browser, path, LAPTOP, "light")
    yield opened.page
    opened.page.context.close()


def test_hostile_articles_do_nothing(hostile: Opened) -> None:
    """No dialog, script, handler, request or complaint; the words stand there; nothing sticks out of the window."""
    for _ in range(12):
        hostile.page.keyboard.press("Tab")
    assert hostile.dialogs == []
    assert hostile.requests == [hostile.own]
    assert hostile.complaints == []
    assert hostile.page.locator("script, img, iframe, object, embed, link, a[href^=javascript]").count() == 0
    assert hostile.page.locator("main > section").count() == 8
    assert "<script>alert('script')</script>" in hostile.page.inner_text("h1")
    wide, window = hostile.page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert wide <= window


def asked(listening: socket.socket) -> bytes:
    """Give what was sent to a socket; for a frame that it won't load Chromium connects and sends nothing."""
    sent = b""
    listening.setblocking(False)
    with contextlib.suppress(BlockingIOError):
        while True:
            connection, _ = listening.accept()
            connection.setblocking(False)
            with connection, contextlib.suppress(BlockingIOError):
                sent += connection.recv(1000)
    return sent


def test_what_slips_through_is_stopped(browser: Browser, tmp_path: Path) -> None:
    """Scripts, handlers, styles and addresses put into the file itself are refused by its policy; nobody is asked."""
    path = tmp_path / "report.html"
    with socket.create_server(("127.0.0.1", 0)) as listening:
        here = f"http://127.0.0.1:{listening.getsockname()[1]}"
        slipped = (
            f"<script>document.title = 'ran'</script><img src='{here}/x' onerror=\"document.title = 'ran'\">"
            "<style>h1 { display: none }</style><p id=styled style='display: none'>-</p>"
            f"<link rel=stylesheet href='{here}/y'><iframe src='{here}/z'></iframe></main>"
        )
        path.write_text(report(contents()).replace("</main>", slipped), encoding="utf-8")
        opened = Opened(browser, path, LAPTOP, "light")
        assert asked(listening) == b""
    assert opened.page.title() == "Small & tidy: report"
    assert opened.page.is_visible("h1")
    assert opened.page.is_visible("#styled")
    assert len([one for one in opened.complaints if "Content Security Policy" in one]) >= 5
    opened.page.context.close()


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_it_can_be_read(browser: Browser, tmp_path: Path, colours: str) -> None:
    """Text, labels and charts stand out from what is behind them by 4.5 to 1 in both colours (WCAG 2.2, 1.4.3)."""
    path = tmp_path / "report.html"
    path.write_text(report(contents()), encoding="utf-8")
    opened = Opened(browser, path, LAPTOP, colours)
    opened.page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    for selector in (
        "h1",
        "header p",
        "main p",
        "th",
        "td",
        "a",
        ".article",
        ".article b",
        ".key",
        ".where",
        "svg text",
    ):
        ratios = opened.page.evaluate(CONTRAST, selector)
        assert ratios, selector
        assert min(ratios) >= 4.5, selector
    assert (opened.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)") == (
        colours == "light"
    )
    opened.page.context.close()


def test_the_keyboard_reaches_everything(tidy: Page) -> None:
    """The first key shows a link past the contents; details open by key, tables take focus, and focus is seen."""
    tidy.keyboard.press("Tab")
    skip = tidy.locator(".skip")
    assert skip.evaluate("node => node === document.activeElement")
    box = skip.bounding_box()
    assert box
    assert box["x"] >= 0
    tidy.keyboard.press("Enter")
    assert tidy.url.endswith("#main")
    reached: set[str] = set()
    for _ in range(80):
        tidy.keyboard.press("Tab")
        kind, outline = tidy.evaluate(
            "[document.activeElement.tagName + ' ' + document.activeElement.className,"
            " getComputedStyle(document.activeElement).outlineStyle]"
        )
        if kind.startswith("BODY"):
            break
        assert outline != "none", kind
        reached.add(kind)
    assert {"SUMMARY ", "DIV scroll"} <= reached
    tidy.locator("summary", has_text="Event types, all against all").focus()
    tidy.keyboard.press("Enter")
    assert tidy.get_by_role("table", name="Event types, all against all").is_visible()


def test_a_screen_reader_is_told(tidy: Page) -> None:
    """Landmarks, named sections, and charts that have a name and a description."""
    for role, name in (("navigation", "Report"), ("region", "Agreement, F1"), ("region", "Most disagreed articles")):
        assert tidy.get_by_role(role, name=name, exact=True).count() == 1  # type: ignore[arg-type]
    chart = tidy.get_by_role("img", name="Agreement by measure, F1 with 95 % intervals")
    assert "The table tells the numbers" in str(chart.locator("desc").text_content())


def test_it_prints_whole(tidy: Page) -> None:
    """On paper the contents are gone, and what is folded up on the screen is there."""
    folded = tidy.get_by_role("table", name="Event types, all against all", include_hidden=True)
    assert not folded.is_visible()
    tidy.emulate_media(media="print", color_scheme="dark")
    assert not tidy.locator("nav").is_visible()
    box = folded.bounding_box()
    assert box
    assert box["height"] > 20
    assert tidy.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
