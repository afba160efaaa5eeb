"""Real servers for the tests: one set-up of Label Studio per run, copied where a test needs its own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from curate.labelstudio import server


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ``.curate`` folder whose server was started once, in an unfriendly environment, and stopped."""
    folder = tmp_path_factory.mktemp("migrated") / ".curate"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LABEL_STUDIO_BASE_DATA_DIR", str(folder.parent / "decoy"))
        patch.setenv("LABEL_STUDIO_DATABASE_NAME", str(folder.parent / "decoy.sqlite3"))
        patch.setenv("HF_TOKEN", "hf_of_the_user")
        patch.setenv("http_proxy", "http://127.0.0.1:9")
        server.start(folder)
    server.stop(folder)
    return folder


@pytest.fixture(scope="session")
def label_studio(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[server.RunningServer]:
    """A server that the tests of the loop share, each with a project of its own."""
    folder = tmp_path_factory.mktemp("shared") / ".curate"
    shutil.copytree(migrated, folder)
    try:
        yield server.start(folder)
    finally:
        server.stop(folder)
