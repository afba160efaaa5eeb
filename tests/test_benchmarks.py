"""Every benchmark that needs no server still runs, at the smallest size that shows it; how fast is not asked here."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[1] / "benchmarks"
WHOLE = bool(os.environ.get("CURATE_BENCHMARKS"))
"""Whether those are run to their end that load large libraries many times over; else only what makes their project."""

DOCUMENT = "DOCUMENT"
"""Stands for a file with one document."""
SMALL: dict[str, tuple[list[str], list[str]]] = {
    "add_articles": (["3"], ["3 articles", "add a .jsonl", "add it again", "add a folder of .txt"]),
    "adjudication": ([DOCUMENT, "1"], ["2 annotators", "3 annotators", "5 annotators", "  majority:2"]),
    "adjudication_speed": (["2", "majority"], ["reading", "majority"]),
    "agreement": (["2", "1"], ["2 articles x 3", "load", "measures", "bootstrap", "sets", "all measures :"]),
    "agreement_simulated": ([DOCUMENT], ["1 documents, 2 events", "drop 0.2", "all", " " * 12 + " largest difference"]),
    "check": (["2"], ["2 tasks", "floor", "obvious", "curate", "unchecked", "command", "the obvious way"]),
    "duplicates": (["30"], ["30 articles, 3 of them copies", "CPU seconds", "memory added", "precision", "recall"]),
    "release": (["3"], ["records", "rows", f"{'verdicts that failed':44}none", "CPU seconds, bare write"]),
    "report": (["2"], ["2 articles, 3 people", "status", "agree", "report", "file"]),
    "suggest": (["2"], ["2 articles", "find ", "word by word", "suggest, write and check"]),
}
"""What each is asked, and how lines begin that it must print."""
MAKING = {
    "release": (["3", "make", "FOLDER"], "exports/annotations.jsonl"),
    "report": (["--build", "FOLDER", "2"], "exports/annotations.jsonl"),
}
"""What makes the project of a large one, and a file that is then there."""
ON_A_SERVER = {"sync"}
MODULES = {"corpus", "floor", "label_studio_export"}


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of all of them: what one compiles the next finds, outside of the folder they lie in."""
    told = {**os.environ, "PYTHONPYCACHEPREFIX": str(tmp_path_factory.mktemp("compiled"))}
    told.pop("PYTHONDONTWRITEBYTECODE", None)
    return told


def run(name: str, asked: list[str], environment: dict[str, str], folder: Path) -> list[str]:
    """Run a benchmark as by hand, and give the lines it prints."""
    document = folder / "document.jsonl"
    document.write_text(json.dumps(a_document()) + "\n", encoding="utf-8")
    stand_ins = {DOCUMENT: str(document), "FOLDER": str(folder / "project")}
    command = [sys.executable, str(FOLDER / f"{name}.py"), *(stand_ins.get(word, word) for word in asked)]
    kept = {path: path.read_bytes() for path in FOLDER.rglob("*") if path.is_file()}
    done = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert {path: path.read_bytes() for path in FOLDER.rglob("*") if path.is_file()} == kept
    return done.stdout.splitlines()


def a_document() -> dict[str, object]:
    """Two events, of two types and with two roles, in a text of one sentence."""
    text = "Rebels struck the old mill, and the army moved two guns to the ford."

    def span(words: str) -> dict[str, object]:
        return {"start": text.index(words), "end": text.index(words) + len(words), "text": words}

    attack = [{"role": "attacker", **span("Rebels")}, {"role": "target", **span("the old mill")}]
    move = [{"role": "attacker", **span("the army")}, {"role": "target", **span("the ford")}]
    return {
        "id": "mill",
        "text": text,
        "events": [
            {"type": "Attack", "trigger": span("struck"), "arguments": attack},
            {"type": "Deploy", "trigger": span("moved"), "arguments": move},
        ],
    }


@pytest.mark.parametrize("name", sorted(SMALL if WHOLE else SMALL.keys() - MAKING.keys()))
def test_a_benchmark_runs(name: str, environment: dict[str, str], tmp_path: Path) -> None:
    """It ends well, prints its rows, and leaves the figures that are kept as they are."""
    asked, rows = SMALL[name]
    lines = run(name, asked, environment, tmp_path)
    assert [row for row in rows if not any(line.startswith(row) for line in lines)] == []


@pytest.mark.parametrize("name", sorted(MAKING))
def test_what_a_large_benchmark_runs_on_is_made(name: str, environment: dict[str, str], tmp_path: Path) -> None:
    """The project that it measures can be made; what is measured are commands, which have tests of their own."""
    asked, made = MAKING[name]
    run(name, asked, environment, tmp_path)
    assert (tmp_path / "project" / made).stat().st_size > 0


def test_no_benchmark_is_forgotten() -> None:
    """Whatever lies beside them is run here, needs a server, or is part of others."""
    assert {path.stem for path in FOLDER.glob("*.py")} == SMALL.keys() | ON_A_SERVER | MODULES
