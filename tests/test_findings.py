"""The catalogue of finding codes: its page, and what `curate explain` says."""

from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner

from curate.cli.app import app
from curate.findings import CODES

PAGE = Path(__file__).parents[1] / "docs" / "findings.md"


def test_the_page_is_fresh() -> None:
    """docs/findings.md is what `curate explain` prints, and has a section for every code."""
    page = PAGE.read_text(encoding="utf-8")
    assert CliRunner().invoke(app, ["explain"]).stdout == page
    assert [line[4:] for line in page.splitlines() if line.startswith("### ")] == list(CODES)


def test_one_code_is_explained() -> None:
    """Meaning, example and advice are told; a code that is none gets the nearest one."""
    told = CliRunner().invoke(app, ["explain", "label-unknown"]).stdout
    kind = CODES["label-unknown"]
    assert all(part in told for part in (kind.meaning, kind.example, kind.advice, "Error"))
    assert json.loads(CliRunner().invoke(app, ["--json", "explain", "shape"]).stdout)["shape"]["level"] == "error"
    wrong = CliRunner().invoke(app, ["explain", "label-unkown"])
    assert (wrong.exit_code, "label-unknown" in wrong.stderr) == (2, True)


def test_every_code_is_told_whole() -> None:
    """Meanings are phrases, examples and advice sentences."""
    for kind in CODES.values():
        assert (kind.meaning[0].islower(), kind.meaning[-1] != ".") == (True, True)
        assert kind.example[-1] == kind.advice[-1] == "."
