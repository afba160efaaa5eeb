"""The system's Chromium for the tests, kept from the world outside."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from curate.demo.annotators import Annotator

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
SCRIPTS = Path(__file__).with_name("looking.js").read_text(encoding="utf-8")

# What the instructions ask of every annotator once: "Select region after creating it".
SETTINGS = """localStorage.getItem("labelStudio:settings")
  || localStorage.setItem("labelStudio:settings", '{"selectAfterCreate": true}')"""


@contextmanager
def started() -> Iterator[Browser]:
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


def open_window(browser: Browser, annotator: Annotator, url: str, size: ViewportSize) -> Page:
    """Open a window in which somebody who signed up is signed in."""
    context = browser.new_context(viewport=size)
    context.add_init_script(SETTINGS)
    context.add_init_script(SCRIPTS)
    context.add_cookies(
        [{"name": one.name, "value": str(one.value), "url": url} for one in annotator.session.cookies.jar]
    )
    return context.new_page()
