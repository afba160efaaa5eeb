"""An annotator at the labelling page, with the real mouse and keyboard of a real Chromium.

Scripts only look: where a character stands on the screen, what the editor holds. Every wait is for something the
editor shows or the server says. An action is a key press, a click, a drag or a double-click.
"""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, ViewportSize, sync_playwright

from curate.demo.annotators import Annotator
from curate.schema.hotkeys import Hotkeys

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Nothing leaves this machine, whatever the page would like to load.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)
LAPTOP: ViewportSize = {"width": 1366, "height": 768}
DESKTOP: ViewportSize = {"width": 1920, "height": 1080}
PATIENCE = 60.0  # seconds; a slow machine is no failing test
SCRIPTS = Path(__file__).with_name("looking.js").read_text(encoding="utf-8")

# What the instructions ask of every annotator once: "Select region after creating it".
SETTINGS = """localStorage.getItem("labelStudio:settings")
  || localStorage.setItem("labelStudio:settings", '{"selectAfterCreate": true}')"""


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start the system's Chromium. Without one the tests are skipped, but in CI they fail."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None:
        reason = "no Chromium on the PATH; on Debian: apt-get install chromium"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Desk:
    """One annotator at work in a window of their own. Regions are named by the id that the editor gives them.

    ``actions`` counts what the hands did; ``errors`` is what page and console complained of; ``task`` and ``text``
    are the article that is open.
    """

    page: Page
    annotator: Annotator
    url: str
    project: int
    keys: Hotkeys
    actions: int = 0
    errors: list[str] = field(default_factory=list)
    task: int = 0
    text: str = ""

    def __post_init__(self) -> None:
        def complain(message: ConsoleMessage) -> None:
            if message.type == "error":
                self.errors.append(f"console: {message.text}")

        self.page.on("pageerror", lambda error: self.errors.append(f"page: {error}"))
        self.page.on("console", complain)

    # Opening

    @classmethod
    def of(
        cls, browser: Browser, annotator: Annotator, url: str, project: int, keys: Hotkeys, size: ViewportSize = LAPTOP
    ) -> Desk:
        """Give somebody who signed up a window in which they are signed in."""
        context = browser.new_context(viewport=size)
        context.add_init_script(SETTINGS)
        context.add_init_script(SCRIPTS)
        context.add_cookies(
            [{"name": one.name, "value": str(one.value), "url": url} for one in annotator.session.cookies.jar]
        )
        return cls(context.new_page(), annotator, url, project, keys)

    def open(self, task: int) -> None:
        """Open a task in the quick view."""
        self.page.goto(f"{self.url}/projects/{self.project}/data?task={task}")
        self._until_open(task)

    def open_stream(self) -> int:
        """Open the label stream, close the instructions, and give the task it shows."""
        self.page.goto(f"{self.url}/projects/{self.project}/data?labeling=1")
        self._until_open(None)
        modal = self.page.get_by_role("dialog")
        if modal.is_visible():
            self.page.keyboard.press("Escape")
            modal.wait_for(state="hidden")
        return self.task

    def _until_open(self, task: int | None) -> None:
        def is_open() -> bool:
            shown = self._look("task")
            return bool(shown["ready"]) and task in (None, shown["task"])

        self.until(is_open, f"task {task} is open")
        # Once its list has come, the task manager puts the page up anew.
        self.page.wait_for_load_state("networkidle")
        self.until(is_open, f"task {task} is open")
        self.task = int(self._look("task")["task"])
        self.text = self._ask(f"/api/tasks/{self.task}/")["data"]["text"]

    # Hands

    def press(self, key: str) -> None:
        """Press a key or chord, written as in ``curate.schema.hotkeys``."""
        *modifiers, last = ({"ctrl": "control"}.get(name, name) for name in key.split("+"))
        if len(last) > 1 or "shift" in modifiers:
            last = last.capitalize()
        self.page.keyboard.press("+".join([*(name.capitalize() for name in modifiers), last]))
        self.actions += 1

    def click(self, x: float, y: float) -> None:
        """Click a point of the window."""
        self.page.mouse.click(x, y)
        self.actions += 1

    def drag(self, start: int, end: int) -> None:
        """Drag over the characters from ``start`` to ``end`` (exclusive)."""
        begin, stop = self._find("ends", start, end - 1)
        self._drag(begin, stop)

    def double_click(self, offset: int) -> None:
        """Double-click the word that the character at ``offset`` belongs to."""
        self.page.mouse.dblclick(*self._find("middle", offset))
        self.actions += 1

    def _drag(self, begin: tuple[float, float], stop: tuple[float, float], steps: int = 5) -> None:
        self.page.mouse.move(*begin)
        self.page.mouse.down()
        self.page.mouse.move(*stop, steps=steps)
        self.page.mouse.up()
        self.actions += 1

    # Drawing

    def span(self, words: str, nth: int = 1) -> tuple[int, int]:
        """Find words in the article, or their ``nth`` occurrence."""
        found = [match.span() for match in re.finditer(re.escape(words), self.text)]
        return found[nth - 1]

    def draw(self, words: str | tuple[int, int], label: str, *, nth: int = 1, by_double_click: bool = False) -> str:
        """Draw a span, given as words or as offsets, and give it a label; name the new region.

        With nothing selected the key comes first. Else the new region takes over the selected one's label, and the
        key follows unless that is the label wanted.
        """
        start, end = self.span(words, nth) if isinstance(words, str) else words
        before = {region["id"] for region in self.regions()}
        key = self.keys.types.get(label) or self.keys.roles.get(label)
        assert key, f"{label} has no key"
        if not self.selected():
            self.press(key)
            self.until(lambda: label in self._look("labels"), f"{label} is chosen")
        if by_double_click:
            self.double_click(start)
        else:
            self.drag(start, end)

        def new() -> list[str]:
            return [region["id"] for region in self.regions() if region["id"] not in before]

        self.until(lambda: self.selected() == new() != [], f"a region on {start}-{end} is drawn and selected")
        region = new()[0]
        if self.region(region)["labels"] != [label]:
            self.press(key)
            self.until(lambda: self.region(region)["labels"] == [label], f"{region} is a {label}")
        return region

    def set(self, attribute: str, value: str) -> None:
        """Set an attribute of what is selected, or of the article, to a choice by its key."""
        key = self.keys.choices[attribute][value]
        assert key, f"{attribute}={value} has no key"
        self.press(key)
        self.until(lambda: value in self.values(attribute), f"{attribute} is {value}")

    def write(self, control: str, words: str) -> None:
        """Write words into a text box of what is selected, or of the article."""
        box = self.page.locator(f'textarea[name="{control}"], input[name="{control}"]').first
        box.click()
        self.page.keyboard.type(words)
        self.page.keyboard.press("Enter")
        self.actions += 2 + len(words)
        self.until(lambda: words in str(self.values(control)), f"{control} is {words}")

    def select(self, region: str) -> None:
        """Click a region in the text where it is the one to be hit, else its row in the Regions list."""
        if self.selected() == [region]:
            return
        place = self._look("place", region)
        for _ in range(2):  # after drawing over a region the editor swallows the next click on one
            self.click(*(place or self._row(region)))
            if self.until(lambda: self.selected() == [region], "", patience=2):
                return
        raise AssertionError(f"{region} can't be selected")

    def unselect(self) -> None:
        """Press Escape if anything is selected."""
        if self.selected():
            self.press("escape")
            self.until(lambda: not self.selected(), "nothing is selected")

    def connect(self, source: str, target: str) -> None:
        """Draw an arrow from one region to another."""
        arrows = len(self.arrows())
        self.select(source)
        self.press("alt+r")
        place = self._look("place", target) or self._row(target)
        self.click(*place)
        if not self.until(lambda: len(self.arrows()) > arrows, "", patience=2):
            self.click(*place)
            self.until(lambda: len(self.arrows()) > arrows, f"an arrow {source} > {target} is drawn")

    def label_arrow(self, source: str, target: str, label: str) -> None:
        """Give an arrow a label in the Relations tab."""
        number = [(arrow["from_id"], arrow["to_id"]) for arrow in self.arrows()].index((source, target))
        self._open_tab("Relations")
        row = self.page.locator(".lsf-relations__item").nth(number)
        row.hover()
        row.get_by_role("button", name="Show Relation Labels").click()
        row.get_by_test_id("select-trigger").click()
        self.page.get_by_role("option", name=label, exact=True).click()
        self.actions += 3
        self.until(lambda: self.arrows()[number].get("labels") == [label], f"the arrow is a {label}")

    def turn_arrow(self, source: str, target: str) -> None:
        """Click the arrow's sign in the Relations tab: right, then both ways, then left."""
        number = [(arrow["from_id"], arrow["to_id"]) for arrow in self.arrows()].index((source, target))
        before = self.arrows()[number]["direction"]
        self._open_tab("Relations")
        self.page.locator(".lsf-relations__item").nth(number).locator(".lsf-relations__icon").click()
        self.actions += 1
        self.until(lambda: self.arrows()[number]["direction"] != before, "the arrow is turned")

    def nest(self, region: str, parent: str) -> None:
        """Drag a region's row onto another's in the Regions list."""
        self._drag(self._row(region), self._row(parent), steps=12)
        self.until(lambda: self.entry(region).get("parentID") == parent, f"{region} is nested under {parent}")

    def delete(self, region: str) -> None:
        """Delete a region with Backspace."""
        self.select(region)
        self.press("backspace")
        self.until(lambda: region not in {one["id"] for one in self.regions()}, f"{region} is deleted")

    def undo(self) -> None:
        """Take back the last step with Ctrl+Z."""
        before = self.result()
        self.press("ctrl+z")
        self.until(lambda: self.result() != before, "the last step is undone")

    def duplicate(self, region: str) -> str:
        """Copy a region with Ctrl+D; name the copy."""
        before = {one["id"] for one in self.regions()}
        self.select(region)
        self.press("ctrl+d")
        self.until(lambda: len(self.regions()) > len(before), f"{region} is copied")
        return next(one["id"] for one in self.regions() if one["id"] not in before)

    # Finishing

    def submit(self) -> dict[str, Any]:
        """Submit with Ctrl+Enter; give the annotation as the server has it."""
        known = {one["id"] for one in self.saved()}
        self.press("ctrl+enter")
        self.until(lambda: {one["id"] for one in self.saved()} - known, "the annotation is saved")
        return next(one for one in self.saved() if one["id"] not in known)

    def update(self) -> dict[str, Any]:
        """Click Update; give the annotation as the server has it."""
        known = {one["id"]: one["updated_at"] for one in self.saved()}

        def changed() -> list[dict[str, Any]]:
            return [one for one in self.saved() if known.get(one["id"]) != one["updated_at"]]

        self.page.get_by_test_id("bottombar-update-button").click()
        self.actions += 1
        self.until(changed, "the annotation is updated")
        return changed()[0]

    def skip(self) -> dict[str, Any]:
        """Skip the article with Ctrl+Space; give the annotation as the server has it."""
        known = {one["id"] for one in self.saved()}
        self.press("ctrl+space")
        self.until(lambda: {one["id"] for one in self.saved()} - known, "the article is skipped")
        return next(one for one in self.saved() if one["id"] not in known)

    # Looking

    def saved(self) -> list[dict[str, Any]]:
        """Ask the server for the task's annotations."""
        found: list[dict[str, Any]] = self._ask(f"/api/tasks/{self.task}/annotations/")
        return found

    def _ask(self, path: str) -> Any:
        answer = self.annotator.session.get(self.url + path)
        answer.raise_for_status()
        return answer.json()

    def result(self) -> list[dict[str, Any]]:
        """Give what the editor would send now."""
        found: list[dict[str, Any]] = self._look("result")
        return found

    def regions(self) -> list[dict[str, Any]]:
        """List the regions on the text as id, start, end, labels."""
        found: list[dict[str, Any]] = self._look("regions")
        return found

    def region(self, region: str) -> dict[str, Any]:
        """Find one of the regions by its id."""
        return next(one for one in self.regions() if one["id"] == region)

    def entry(self, region: str) -> dict[str, Any]:
        """Give a region's piece of the result."""
        return next(one for one in self.result() if one.get("id") == region and one["from_name"] == "label")

    def selected(self) -> list[str]:
        """Name the regions that are selected."""
        found: list[str] = self._look("selected")
        return found

    def arrows(self) -> list[dict[str, Any]]:
        """List the arrows as the editor would send them."""
        return [one for one in self.result() if one["type"] == "relation"]

    def values(self, control: str) -> list[Any]:
        """List what a control holds for what is selected, or for the article."""
        chosen = self.selected()
        held = [
            one["value"]
            for one in self.result()
            if one.get("from_name") == control and (not chosen or one["id"] in chosen)
        ]
        return [part for value in held for part in value.get("choices") or value.get("text") or [value.get("number")]]

    def until(self, holds: Callable[[], Any], what: str, patience: float = PATIENCE) -> bool:
        """Wait until something holds. Without ``what`` it may stay away: then the answer is False."""
        deadline = time.monotonic() + patience
        while not holds():
            if time.monotonic() > deadline:
                assert not what, f"not within {patience:.0f} s: {what}; complaints: {self.errors[-3:]}"
                return False
            self.page.wait_for_timeout(30)
        return True

    def _look(self, name: str, *arguments: Any) -> Any:
        return self.page.evaluate("([name, given]) => window.looking[name](...given)", [name, list(arguments)])

    def _find(self, name: str, *arguments: Any) -> Any:
        """Look until there is something to see."""
        found: list[Any] = []

        def seen() -> bool:
            found[:] = [self._look(name, *arguments)]
            return found[0] is not None

        self.until(seen, f"{name} of {arguments} is to be seen")
        return found[0]

    def _open_tab(self, name: str) -> None:
        tab = self.page.locator(
            ".lsf-tabs__tab-container .lsf-panel-tabs__tab:visible", has_text=re.compile(f"^{name}")
        )
        if "_active" not in (tab.get_attribute("class") or ""):
            tab.click()
            self.actions += 1

    def _row(self, region: str) -> tuple[float, float]:
        """Find a region's row in the Regions list, opening the tab and scrolling the list where need be."""
        self._open_tab("Regions")
        rows = self.page.locator(".lsf-tree-list-holder")

        def seen() -> bool:
            if self._look("row", region) is None:  # only the rows in view are there
                rows.hover()
                bottom = rows.evaluate("list => list.scrollTop + list.clientHeight >= list.scrollHeight - 1")
                self.page.mouse.wheel(0, -10_000 if bottom else 100)
            return self._look("row", region) is not None

        self.until(seen, f"the row of {region} is to be seen")
        place: tuple[float, float] = self._look("row", region)
        return place
