"""What holds for every test: the environment of a new user, and ``live`` for all of ``tests/live``."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

LIVE = Path(__file__).parent / "live"
# The user's own servers, tokens and proxies, and what decides colours and the width of tables.
FOREIGN = ("LABEL_STUDIO_", "HF_", "HUGGING_FACE_", "XDG_")
FOREIGN_NAMES = {
    "ALL_PROXY",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "FORCE_COLOR",
    "CLICOLOR_FORCE",
    "PY_COLORS",
    "GITHUB_ACTIONS",
    "TERMINAL_WIDTH",
}

# A slow machine is no failing test. Given the current profile, Hypothesis's own for CI stays in force.
settings.register_profile("curate", settings.default, deadline=None)
settings.load_profile("curate")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what stands in ``tests/live``."""
    for item in items:
        if LIVE in item.path.parents:
            item.add_marker(pytest.mark.live)


@pytest.fixture(autouse=True)
def no_label_studio(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the server that live tests share, and name for the session, from all other tests."""
    if request.node.get_closest_marker("live") is None:
        for name in ("LABEL_STUDIO_URL", "LABEL_STUDIO_API_KEY"):
            monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session", autouse=True)
def clean_environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Give all tests an empty home and none of the user's settings; a test sets what it needs.

    For the session, because servers that live longer than one test must see it too.
    """
    with pytest.MonkeyPatch.context() as environment:
        for name in list(os.environ):
            if name.upper().startswith(FOREIGN) or name.upper() in FOREIGN_NAMES:
                environment.delenv(name)
        environment.setenv("HOME", str(tmp_path_factory.mktemp("home")))
        environment.setenv("NO_COLOR", "1")
        environment.setenv("COLUMNS", "80")
        environment.setenv("NO_PROXY", "127.0.0.1,localhost")
        yield
