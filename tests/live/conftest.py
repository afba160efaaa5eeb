"""Real servers for the tests: one set-up of Label Studio per run, copied where a test needs its own."""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from curate.demo.running import describe_dataset
from curate.labelstudio import server
from curate.labelstudio.folder import keep_credentials, read_credentials
from curate.starting import init
from live import chromium, table
from live.browsing import Desk
from live.cases import CASES
from live.faults import proxy_to
from live.newsroom import Newsroom, open_newsroom
from live.room import Room

NewProject = Callable[..., AbstractContextManager[Path]]


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A ``.curate`` folder whose server was started once, in an unfriendly environment, and stopped.

    All processes of a run share it, to be copied: the first that needs it makes it, which takes half a minute.
    """
    own = tmp_path_factory.getbasetemp()
    shared = own if worker_id == "master" else own.parent
    done = shared / "prepared"
    with open(shared / "prepared.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            made = tmp_path_factory.mktemp("preparing")
            with pytest.MonkeyPatch.context() as patch:
                patch.setenv("LABEL_STUDIO_BASE_DATA_DIR", str(made / "decoy"))
                patch.setenv("LABEL_STUDIO_DATABASE_NAME", str(made / "decoy.sqlite3"))
                patch.setenv("HF_TOKEN", "hf_of_the_user")
                patch.setenv("http_proxy", "http://127.0.0.1:9")
                server.start(made / ".curate")
            server.stop(made / ".curate")
            credentials = read_credentials(made / ".curate")
            assert credentials
            # Copies that start at the same moment must not all want the port of this one.
            keep_credentials(made / ".curate", replace(credentials, url=""))
            made.rename(done)
    return done / ".curate"


@pytest.fixture(scope="session")
def label_studio(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[server.RunningServer]:
    """A server that the tests of the loop share, each with a project of its own."""
    folder = tmp_path_factory.mktemp("shared") / ".curate"
    shutil.copytree(migrated, folder)
    try:
        yield server.start(folder)
    finally:
        server.stop(folder)


@pytest.fixture(scope="session")
def new_project(label_studio: server.RunningServer) -> NewProject:
    """Make a new project in a folder, under a schema, that uses the shared Label Studio, found by the environment."""
    credentials = read_credentials(Path(label_studio.log).parents[1])
    assert credentials

    @contextmanager
    def make(folder: Path, schema: str = "conflict-news") -> Iterator[Path]:
        with pytest.MonkeyPatch.context() as environment:
            environment.setenv("LABEL_STUDIO_URL", label_studio.url)
            environment.setenv("LABEL_STUDIO_API_KEY", credentials.api_key)
            made = init(folder, schema)
            describe_dataset(made)
            yield made

    return make


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium, which tests share, each annotator with a window of their own."""
    with chromium.started() as started:
        yield started


@pytest.fixture(scope="session")
def newsroom(
    tmp_path_factory: pytest.TempPathFactory,
    new_project: NewProject,
    label_studio: server.RunningServer,
    browser: Browser,
) -> Iterator[Newsroom]:
    """A project with the articles of all cases pushed, and somebody at the desk."""
    with (
        new_project(tmp_path_factory.mktemp("newsroom") / "cleo") as folder,
        open_newsroom(folder, label_studio, browser, CASES) as room,
    ):
        yield room


@pytest.fixture
def desk(newsroom: Newsroom) -> Iterator[Desk]:
    """The newsroom's desk; whatever page and console complained of fails the test."""
    newsroom.desk.actions = 0
    yield newsroom.desk
    newsroom.desk.expect_no_complaints()


@pytest.fixture
def room(tmp_path: Path, new_project: NewProject, label_studio: server.RunningServer) -> Iterator[Room]:
    """A project of four short articles, nothing pushed yet, that reaches the server through the proxy."""
    with (
        new_project(tmp_path / "faulty") as folder,
        proxy_to(label_studio.url) as proxy,
        pytest.MonkeyPatch.context() as environment,
    ):
        environment.setenv("LABEL_STUDIO_URL", proxy.address)
        environment.setattr("curate.labelstudio.pushing.BATCH", 2)
        environment.setattr("curate.labelstudio.listing.PAGE", 2)
        made = Room(folder, proxy, label_studio.url)
        made.write({name: f"A {name} fell on the town." for name in ("tree", "wall", "mast", "roof")})
        yield made
        made.clear()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the table of the faults that were tried, and how it ended."""
    for line in table.summary():
        terminalreporter.write_line(line)
