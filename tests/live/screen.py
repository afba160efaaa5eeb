"""What stands on an annotator's screen, and waiting until it does."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import ConsoleMessage, Page

PATIENCE = 60.0  # seconds; a slow machine is no failing test


@dataclass
class Screen:
    """The labelling page as the editor shows it; ``errors`` is what page and console complained of."""

    page: Page
    errors: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        def complain(message: ConsoleMessage) -> None:
            if message.type == "error":
                self.errors.append(f"console: {message.text}")

        self.page.on("pageerror", lambda error: self.errors.append(f"page: {error}"))
        self.page.on("console", complain)

    def result(self) -> list[dict[str, Any]]:
        """Give what the editor would send now."""
        found: list[dict[str, Any]] = self.look("result")
        return found

    def regions(self) -> list[dict[str, Any]]:
        """List the regions on the text as id, start, end, labels."""
        found: list[dict[str, Any]] = self.look("regions")
        return found

    def region(self, region: str) -> dict[str, Any]:
        """Find one of the regions by its id."""
        return next(one for one in self.regions() if one["id"] == region)

    def entry(self, region: str) -> dict[str, Any]:
        """Give a region's piece of the result."""
        return next(one for one in self.result() if one.get("id") == region and one["from_name"] == "label")

    def selected(self) -> list[str]:
        """Name the regions that are selected."""
        found: list[str] = self.look("selected")
        return found

    def arrows(self) -> list[dict[str, Any]]:
        """List the arrows as the editor would send them."""
        return [one for one in self.result() if one["type"] == "relation"]

    def values(self, control: str) -> list[Any]:
        """List what a control holds for what is selected, or for the article."""
        chosen = self.selected()
        held: list[Any] = []
        for one in self.result():
            if one.get("from_name") == control and (not chosen or one["id"] in chosen):
                value = one["value"][{"textarea": "text"}.get(one["type"], one["type"])]
                held += value if isinstance(value, list) else [value]
        return held

    def until(self, holds: Callable[[], Any], what: str, patience: float = PATIENCE) -> bool:
        """Wait until something holds. Without ``what`` it may stay away: then the answer is False."""
        deadline = time.monotonic() + patience
        while not holds():
            if time.monotonic() > deadline:
                assert not what, f"not within {patience:.0f} s: {what}; complaints: {self.errors[-3:]}"
                return False
            self.page.wait_for_timeout(30)
        return True

    def look(self, name: str, *arguments: Any) -> Any:
        """Ask one of the functions of ``looking.js``."""
        return self.page.evaluate("([name, given]) => window.looking[name](...given)", [name, list(arguments)])

    def find(self, name: str, *arguments: Any) -> Any:
        """Look until there is something to see."""
        found: list[Any] = []

        def seen() -> bool:
            found[:] = [self.look(name, *arguments)]
            return found[0] is not None

        self.until(seen, f"{name} of {arguments} is to be seen")
        return found[0]
