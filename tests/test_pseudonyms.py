"""The key behind the pseudonyms: kept, missed when it is gone, and never told."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from curate import api
from curate.cli.app import app
from curate.pseudonyms import fingerprint, pseudonym
from curate.records import Annotation
from curate.workspace import Workspace, read_lines
from sample_project import pulled


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose annotations were pulled and checked."""
    return pulled(tmp_path_factory.mktemp("pseudonyms") / "project")


def annotators(folder: Path) -> set[str]:
    return {one.annotator for one in read_lines(Workspace(folder).export("annotations.jsonl"), Annotation)}


def test_an_account_has_one_pseudonym() -> None:
    """Case doesn't count, the key does, and neither can be told from what is written."""
    key, other = b"k" * 64, b"o" * 64
    assert pseudonym(key, "Ana@Example.org ") == pseudonym(key, "ana@example.org")
    assert pseudonym(key, "ana@example.org") != pseudonym(other, "ana@example.org")
    assert fingerprint(key) != fingerprint(other)
    assert "ana" not in pseudonym(key, "ana@example.org")


@pytest.mark.parametrize("loss", ["gone", "another", "cut"])
def test_a_lost_key_is_noticed(project: Path, loss: str) -> None:
    """Without the key, or with another, nothing is checked under new names, and the way out is told."""
    path = project / ".curate" / "pseudonym.key"
    kept, before = path.read_bytes(), (project / "exports" / "annotations.jsonl").read_bytes()
    try:
        if loss == "gone":
            path.unlink()
        else:
            path.write_bytes(b"0" * 64 if loss == "another" else kept[:10])
        done = CliRunner().invoke(app, ["--project", str(project), "check"])
        assert done.exit_code == 3
        assert "pseudonym.key" in done.stderr
        assert "Restore it" in done.stderr
        assert len(done.stderr.splitlines()) <= 4
        assert (project / "exports" / "annotations.jsonl").read_bytes() == before
    finally:
        path.write_bytes(kept)


def test_a_key_that_is_lost_for_good(project: Path) -> None:
    """As told, the project goes on with a new key once the fingerprint is deleted; everybody is somebody else."""
    before = annotators(project)
    (project / ".curate" / "pseudonym.key").unlink()
    (project / "exports" / "pseudonyms.json").unlink()
    api.check(project)
    after = annotators(project)
    assert len(after) == len(before) == 2
    assert not after & before
