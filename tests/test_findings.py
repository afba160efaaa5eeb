"""The catalogue of finding codes: its page, and what `curate explain` says."""

from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner

from curate.cli.app import app
from curate.findings import CODES

PAGE = Path(__file__).parents[1] / "docs" / "findings.md"


def test_the_page_is_fresh() -> None:
    """docs/findings.md is what `curate explain --all` prints, and has a section for every code."""
    page = PAGE.read_text(encoding="utf-8")
    assert CliRunner().invoke(app, ["explain", "--all"]).stdout == page
    assert [line[4:] for line in page.splitlines() if line.startswith("### ")] == list(CODES)


def test_the_codes_are_listed() -> None:
    """Without a code each has one line, and the next command is named; a nearest one ends as a sentence does."""
    done = CliRunner().invoke(app, ["explain"])
    lines = done.stdout.splitlines()
    assert sorted(line.split()[1] for line in lines) == sorted(CODES)
    assert all(kind.meaning in done.stdout for kind in CODES.values())
    assert "curate explain CODE" in done.stderr
    wrong = CliRunner().invoke(app, ["explain", "span-whole-txt"]).stderr
    assert "(did you mean 'span-whole-text'?).\n" in wrong


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
