"""An annotator at the labelling page, with the real mouse and keyboard of a real Chromium.

Scripts only look (``looking.js``). Every wait is for something the editor shows or the server says. An action is a key
press, a click, a drag or a double-click.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Browser, Locator, Page, ViewportSize

from curate.demo.annotators import Annotator
from curate.schema.hotkeys import Hotkeys
from live.chromium import LAPTOP, open_window
from live.screen import Screen


@dataclass
class Desk:
    """One annotator at work in a window of their own. Regions are named by the id that the editor gives them.

    ``actions`` counts what the hands did; ``task`` and ``text`` are the article that is open.
    """

    screen: Screen
    annotator: Annotator
    url: str
    project: int
    keys: Hotkeys
    actions: int = 0
    task: int = 0
    text: str = ""

    # Coming and going

    @classmethod
    def of(
        cls, browser: Browser, annotator: Annotator, url: str, project: int, keys: Hotkeys, size: ViewportSize = LAPTOP
    ) -> Desk:
        """Give somebody who signed up a desk of their own."""
        return cls(Screen(open_window(browser, annotator, url, size)), annotator, url, project, keys)

    @property
    def page(self) -> Page:
        """The window."""
        return self.screen.page

    def close(self) -> None:
        """Close the window and sign off."""
        self.page.context.close()
        self.annotator.session.close()

    def expect_no_complaints(self) -> None:
        """Fail if page or console complained since the last time."""
        complaints, self.screen.errors[:] = self.screen.errors[:], []
        assert not complaints, complaints

    def open(self, task: int) -> None:
        """Open a task in the quick view."""
        self.page.goto(f"{self.url}/projects/{self.project}/data?task={task}")
        self._until_open(task)

    def open_stream(self) -> int:
        """Open the label stream, close the instructions, and give the task it shows."""
        self.page.goto(f"{self.url}/projects/{self.project}/data?labeling=1")
        self._until_open(None)
        instructions = self.page.locator(".lsf-modal-ls_visible")
        instructions.wait_for()
        self.page.keyboard.press("Escape")
        instructions.wait_for(state="hidden")
        return self.task

    def shown(self) -> int:
        """Wait for the next task of the label stream and name it."""
        before = self.task
        self.screen.until(lambda: self.screen.look("task")["task"] != before, "the stream goes on")
        self._until_open(None)
        return self.task

    def _until_open(self, task: int | None) -> None:
        def is_open() -> bool:
            shown = self.screen.look("task")
            return bool(shown["ready"]) and task in (None, shown["task"])

        self.screen.until(is_open, f"task {task} is open")
        # Once its list has come, the task manager puts the page up anew.
        self.page.wait_for_load_state("networkidle")
        self.screen.until(is_open, f"task {task} is open")
        self.task = int(self.screen.look("task")["task"])
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
        begin, stop = self.screen.find("ends", start, end - 1)
        self._drag(begin, stop)

    def double_click(self, offset: int) -> None:
        """Double-click the word that the character at ``offset`` belongs to."""
        self.page.mouse.dblclick(*self.screen.find("middle", offset))
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
        before = {region["id"] for region in self.screen.regions()}
        if not self.screen.selected():
            self.press(self._key(label))
            self.screen.until(lambda: label in self.screen.look("labels"), f"{label} is chosen")
        if by_double_click:
            self.double_click(start)
        else:
            self.drag(start, end)

        def new() -> list[str]:
            return [region["id"] for region in self.screen.regions() if region["id"] not in before]

        self.screen.until(
            lambda: self.screen.selected() == new() != [], f"a region on {start}-{end} is drawn and selected"
        )
        region = new()[0]
        if self.screen.region(region)["labels"] != [label]:
            self.relabel(region, label)
        return region

    def relabel(self, region: str, label: str) -> None:
        """Give a region another label by its key."""
        self.select(region)
        self.press(self._key(label))
        self.screen.until(lambda: self.screen.region(region)["labels"] == [label], f"{region} is a {label}")

    def stretch(self, region: str, words: str) -> None:
        """Drag the handles at the ends of a region until it covers these words."""
        self.select(region)
        spot = self.span(words)
        for end, wanted in zip(("start", "end"), spot, strict=True):
            if self.screen.region(region)[end] != wanted:
                self._stretch_end(region, end, spot)

    def _stretch_end(self, region: str, end: str, spot: tuple[int, int]) -> None:
        start, stop = spot
        points = self.screen.find("ends", start, stop - 1)
        # The editor takes a first movement for the beginning and only the next ones for the way.
        self._drag(self.screen.find("handle", end), points[0 if end == "start" else 1], steps=12)
        wanted = start if end == "start" else stop
        self.screen.until(lambda: self.screen.region(region)[end] == wanted, f"{region} has its {end} at {wanted}")

    def _key(self, label: str) -> str:
        key = self.keys.types.get(label) or self.keys.roles.get(label)
        assert key, f"{label} has no key"
        return key

    def set(self, attribute: str, value: str) -> None:
        """Set an attribute of what is selected, or of the article, to a choice by its key."""
        key = self.keys.choices[attribute][value]
        assert key, f"{attribute}={value} has no key"
        self.press(key)
        self.screen.until(lambda: value in self.screen.values(attribute), f"{attribute} is {value}")

    def count(self, attribute: str, number: int) -> None:
        """Press the key of an integer attribute so many times."""
        key = self.keys.integers[attribute]
        assert key, f"{attribute} has no key"
        for _ in range(number):
            self.press(key)
        self.screen.until(lambda: self.screen.values(attribute) == [number], f"{attribute} is {number}")

    def write(self, control: str, words: str) -> None:
        """Write words into a text box of what is selected, or of the article."""
        box = self.page.locator(f'textarea[name="{control}"], input[name="{control}"]').first
        box.click()
        self.page.keyboard.type(words)
        self.page.keyboard.press("Enter")
        self.actions += 2 + len(words)
        self.screen.until(lambda: words in str(self.screen.values(control)), f"{control} is {words}")

    def select(self, region: str) -> None:
        """Click a region in the text where it is the one to be hit, else its row in the Regions list."""
        if self.screen.selected() == [region]:
            return
        place = self.screen.look("place", region)
        for _ in range(2):  # after drawing over a region the editor swallows the next click on one
            self.click(*(place or self._row(region)))
            if self.screen.until(lambda: self.screen.selected() == [region], "", patience=2):
                return
        raise AssertionError(f"{region} can't be selected")

    def unselect(self) -> None:
        """Press Escape if anything is selected."""
        if self.screen.selected():
            self.press("escape")
            self.screen.until(lambda: not self.screen.selected(), "nothing is selected")

    def connect(self, source: str, target: str) -> None:
        """Draw an arrow from one region to another."""
        arrows = len(self.screen.arrows())
        self.select(source)
        self.press("alt+r")
        place = self.screen.look("place", target) or self._row(target)
        self.click(*place)
        if not self.screen.until(lambda: len(self.screen.arrows()) > arrows, "", patience=2):
            self.click(*place)
            self.screen.until(lambda: len(self.screen.arrows()) > arrows, f"an arrow {source} > {target} is drawn")

    def label_arrow(self, source: str, target: str, label: str) -> None:
        """Give an arrow a label in the Relations tab."""
        number, row = self._arrow(source, target)
        row.hover()
        row.get_by_role("button", name="Show Relation Labels").click()
        row.get_by_test_id("select-trigger").click()
        self.page.get_by_role("option", name=label, exact=True).click()
        self.page.get_by_role("option").first.wait_for(
            state="detached"
        )  # as long as the list is there it takes the keys
        self.actions += 3
        self.screen.until(lambda: self.screen.arrows()[number].get("labels") == [label], f"the arrow is a {label}")

    def turn_arrow(self, source: str, target: str) -> None:
        """Click the arrow's sign in the Relations tab: right, then both ways, then left."""
        number, row = self._arrow(source, target)
        before = self.screen.arrows()[number]["direction"]
        row.locator(".lsf-relations__icon").click()
        self.actions += 1
        self.screen.until(lambda: self.screen.arrows()[number]["direction"] != before, "the arrow is turned")

    def delete_arrow(self, source: str, target: str) -> None:
        """Delete an arrow in the Relations tab."""
        before = len(self.screen.arrows())
        _, row = self._arrow(source, target)
        row.hover()
        row.get_by_role("button", name="Delete Relation").click()
        self.actions += 1
        self.screen.until(lambda: len(self.screen.arrows()) < before, "the arrow is deleted")

    def _arrow(self, source: str, target: str) -> tuple[int, Locator]:
        """Find an arrow's place in the result, and its row in the Relations tab."""
        number = [(arrow["from_id"], arrow["to_id"]) for arrow in self.screen.arrows()].index((source, target))
        self._open_tab("Relations")
        return number, self.page.locator(".lsf-relations__item").nth(number)

    def nest(self, region: str, parent: str) -> None:
        """Drag a region's row onto another's in the Regions list."""
        self._drag(self._row(region), self._row(parent), steps=12)
        self.screen.until(
            lambda: self.screen.entry(region).get("parentID") == parent, f"{region} is nested under {parent}"
        )

    def delete(self, region: str) -> None:
        """Delete a region with Backspace."""
        self.select(region)
        self.press("backspace")
        self.screen.until(lambda: region not in {one["id"] for one in self.screen.regions()}, f"{region} is deleted")

    def undo(self) -> None:
        """Take back the last step with Ctrl+Z."""
        before = self.screen.result()
        self.press("ctrl+z")
        self.screen.until(lambda: self.screen.result() != before, "the last step is undone")

    def duplicate(self, region: str) -> str:
        """Copy a region with Ctrl+D; name the copy."""
        before = {one["id"] for one in self.screen.regions()}
        self.select(region)
        self.press("ctrl+d")
        self.screen.until(lambda: len(self.screen.regions()) > len(before), f"{region} is copied")
        return next(one["id"] for one in self.screen.regions() if one["id"] not in before)

    # Finishing

    def submit(self) -> dict[str, Any]:
        """Submit with Ctrl+Enter; give the annotation as the server has it."""
        known = {one["id"] for one in self.saved()}
        self.press("ctrl+enter")
        self.screen.until(lambda: {one["id"] for one in self.saved()} - known, "the annotation is saved")
        return next(one for one in self.saved() if one["id"] not in known)

    def update(self) -> dict[str, Any]:
        """Click Update; give the annotation as the server has it."""
        known = {one["id"]: one["updated_at"] for one in self.saved()}

        def changed() -> list[dict[str, Any]]:
            return [one for one in self.saved() if known.get(one["id"]) != one["updated_at"]]

        self.page.get_by_test_id("bottombar-update-button").click()
        self.actions += 1
        self.screen.until(changed, "the annotation is updated")
        return changed()[0]

    def skip(self) -> dict[str, Any]:
        """Skip the article with Ctrl+Space; give the annotation as the server has it."""
        known = {one["id"] for one in self.saved()}
        self.press("ctrl+space")
        self.screen.until(lambda: {one["id"] for one in self.saved()} - known, "the article is skipped")
        return next(one for one in self.saved() if one["id"] not in known)

    # Looking

    def saved(self) -> list[dict[str, Any]]:
        """Ask the server for the task's annotations, skipped ones as well."""
        found: list[dict[str, Any]] = self._ask(f"/api/tasks/{self.task}/")["annotations"]
        return found

    def _ask(self, path: str) -> Any:
        answer = self.annotator.session.get(self.url + path)
        answer.raise_for_status()
        return answer.json()

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
            if self.screen.look("row", region) is None:  # only the rows in view are there
                rows.hover()
                bottom = rows.evaluate("list => list.scrollTop + list.clientHeight >= list.scrollHeight - 1")
                self.page.mouse.wheel(0, -10_000 if bottom else 100)
            return self.screen.look("row", region) is not None

        self.screen.until(seen, f"the row of {region} is to be seen")
        place: tuple[float, float] = self.screen.look("row", region)
        return place
