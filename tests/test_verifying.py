"""A published release is verified from its files alone, and whatever was tampered with is named."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from curate import api
from curate.cli.app import app
from curate.errors import CurateError, UsageError
from curate.hub.proofs import PROOFS
from curate.hub.verify import verify
from sample_project import pulled

Tamper = Callable[[Path], object]


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The release of the bundled articles."""
    folder = pulled(tmp_path_factory.mktemp("verifying") / "project")
    api.adjudicate("union", folder)
    return api.release("1.0.0", folder).folder


@pytest.fixture
def release(released: Path, tmp_path: Path) -> Path:
    """A copy of it to be tampered with."""
    return shutil.copytree(released, tmp_path / "1.0.0")


def wrong(folder: Path) -> dict[str, tuple[str, ...]]:
    """What each check that fails says."""
    return {verdict.check: verdict.wrong for verdict in verify(folder) if verdict.wrong}


def tables(release: Path, config: str) -> list[Path]:
    return sorted((release / "data" / config).glob("*.parquet"))


def edit(name: str, before: str, after: str) -> Tamper:
    """Replace the first match of a pattern in a text file."""

    def tamper(release: Path) -> None:
        path = release / name
        text = path.read_text(encoding="utf-8")
        changed = re.sub(before, after, text, count=1)
        assert changed != text
        path.write_text(changed, encoding="utf-8")

    return tamper


def rows(change: Callable[[list[dict[str, Any]]], object], config: str = "gold") -> Tamper:
    """Change the rows of the table that has the most."""

    def tamper(release: Path) -> None:
        path = max(tables(release, config), key=lambda one: int(pq.read_metadata(one).num_rows))  # type: ignore[no-untyped-call]
        table = pq.read_table(path)  # type: ignore[no-untyped-call]
        values = table.to_pylist()
        change(values)
        pq.write_table(pa.Table.from_pylist(values, schema=table.schema), path)  # type: ignore[no-untyped-call]

    return tamper


def manifest(change: Callable[[dict[str, Any]], object]) -> Tamper:
    def tamper(release: Path) -> None:
        path = release / "manifest.json"
        told = json.loads(path.read_bytes())
        change(told)
        path.write_text(json.dumps(told), encoding="utf-8")

    return tamper


def rehash(release: Path) -> None:
    """Make the manifest agree with the files, as somebody does who covers their tracks."""
    path = release / "manifest.json"
    told = json.loads(path.read_bytes())
    for entry in told["files"]:
        file = release / entry["path"]
        if file.is_file():
            content = file.read_bytes()
            entry |= {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
            if entry["rows"] is not None:
                entry["rows"] = pq.read_metadata(file).num_rows  # type: ignore[no-untyped-call]
    path.write_text(json.dumps(told), encoding="utf-8")


def flip_a_byte(release: Path) -> None:
    path = tables(release, "gold")[0]
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def swap_splits(release: Path) -> None:
    first, second = tables(release, "gold")[:2]
    content = first.read_bytes()
    first.write_bytes(second.read_bytes())
    second.write_bytes(content)


def copy_into_another_split(release: Path) -> None:
    first, second = tables(release, "gold")[:2]
    one, other = pq.read_table(first), pq.read_table(second)  # type: ignore[no-untyped-call]
    joined = sorted([*other.to_pylist(), one.to_pylist()[0]], key=lambda row: str(row["id"]))
    pq.write_table(pa.Table.from_pylist(joined, schema=other.schema), second)  # type: ignore[no-untyped-call]


def event_of(values: list[dict[str, Any]]) -> dict[str, Any]:
    return next(row["events"][0] for row in values if row["events"])


def shift_a_span(values: list[dict[str, Any]]) -> None:
    event_of(values)["trigger"]["start"] -= 1


def rename_a_trigger(values: list[dict[str, Any]]) -> None:
    event_of(values)["trigger"]["text"] = "another"


def rename_an_event(values: list[dict[str, Any]]) -> None:
    event_of(values)["id"] = "Attack@0-1"


def retype_an_event(values: list[dict[str, Any]]) -> None:
    event_of(values)["type"] = "Strike"


def edit_a_text(values: list[dict[str, Any]]) -> None:
    values[0]["text"] += " And then?"


def add_a_row(values: list[dict[str, Any]]) -> None:
    values.append({**values[-1], "id": f"{values[-1]['id']}x"})


def drop_a_row(values: list[dict[str, Any]]) -> None:
    values.pop()


def turn_round(values: list[dict[str, Any]]) -> None:
    values.reverse()


def retitle(values: list[dict[str, Any]]) -> None:
    values[0]["title"] = "Another headline"


def unmask(values: list[dict[str, Any]]) -> None:
    values[0]["provenance"]["annotators"] = ["Ana Reed"]


def regroup(values: list[dict[str, Any]]) -> None:
    values[0]["provenance"]["split_group"] = "elsewhere"


def note(values: list[dict[str, Any]]) -> None:
    values[0]["notes"] = [{"about": None, "text": "mail desk@elsewhere.example"}]


# What was done, the check that must name it, and a word that must be said.
TAMPERED: dict[str, tuple[Tamper, str, str]] = {
    "one byte of a table": (flip_a_byte, "files", "other content"),
    "a missing table": (lambda release: tables(release, "gold")[0].unlink(), "files", "is missing"),
    "a missing card": (lambda release: (release / "README.md").unlink(), "files", "README.md is missing"),
    "a file cut short": (lambda release: (release / "LICENSE").write_bytes(b"x"), "files", "bytes"),
    "a file too many": (lambda release: (release / "data" / "x.csv").write_text("x"), "nothing else", "x.csv"),
    "another schema": (edit("schema.yaml", "version: 1.0.0", "version: 1.0.1"), "event schema", "1.0.1"),
    "a schema that is none": (edit("schema.yaml", "event_types:", "event_tips:"), "event schema", "can't be read"),
    "another JSON Schema": (edit("record.schema.json", '"object"', '"array"'), "event schema", "record.schema.json"),
    "a table that is none": (
        lambda release: tables(release, "gold")[0].write_bytes(b"x"),
        "tables",
        "can't be read",
    ),
    "rows in another order": (rows(turn_round), "tables", "comes after"),
    "a moved span": (rows(shift_a_span), "spans", "says"),
    "other words in a span": (rows(rename_a_trigger), "spans", "says"),
    "an edited text": (rows(edit_a_text), "spans", "SHA-256"),
    "an unknown type": (rows(retype_an_event), "shapes", "Strike"),
    "an id that doesn't fit": (rows(rename_an_event), "ids", "should be"),
    "an edited title": (rows(retitle), "rows", "was changed"),
    "an added row": (rows(add_a_row), "rows", "was added"),
    "a dropped row": (rows(drop_a_row), "rows", "is missing"),
    "an annotation dropped": (rows(drop_a_row, "annotations"), "rows", "is missing"),
    "another group": (rows(regroup), "rows", "was changed"),
    "swapped splits": (swap_splits, "rows", "belongs into"),
    "a row in two splits": (copy_into_another_split, "ids", "2 times"),
    "a copy across splits": (copy_into_another_split, "splits", "is in"),
    "a count in the manifest": (
        manifest(lambda told: told["configs"]["gold"]["train"].update(events=999)),
        "counts",
        "999",
    ),
    "a number of rows in the manifest": (
        manifest(lambda told: next(f for f in told["files"] if f["rows"]).update(rows=999)),
        "tables",
        "999",
    ),
    "a book in the manifest": (
        manifest(lambda told: told["books"]["release"].update(chosen=told["books"]["release"]["chosen"] + 1)),
        "books",
        "accounted for",
    ),
    "a count in the card": (
        edit("README.md", r"\| train \| \d+ \| \d+", "| train | 999 | 999"),
        "card",
        "counts otherwise",
    ),
    "a number of rows in the card": (edit("README.md", r"num_examples: \d+", "num_examples: 999"), "card", "999"),
    "another version in the card": (edit("README.md", r"(?m)^# (.*) 1\.0\.0$", r"# \1 2.0.0"), "card", "1.0.0"),
    "another hash in croissant.json": (
        edit("croissant.json", '"sha256": "[0-9a-f]{4}', '"sha256": "0000'),
        "descriptions",
        "another",
    ),
    "another version to cite": (edit("CITATION.cff", '"1.0.0"', '"1.0.1"'), "descriptions", "CITATION.cff"),
    "a name for a pseudonym": (rows(unmask), "privacy", "no pseudonym"),
    "an address in a note": (rows(note, "annotations"), "privacy", "e-mail"),
    "a withdrawn article": (
        manifest(lambda told: told["withdrawn"].append("tarsin-drones")),
        "privacy",
        "tarsin-drones was withdrawn",
    ),
}
COVERED_UP = sorted(
    name
    for name, (_, check, _) in TAMPERED.items()
    if check not in ("files", "nothing else") and "manifest" not in name and name != "a table that is none"
)


def test_a_release_holds(released: Path) -> None:
    """Nothing is wrong with what was just made, and every check says what it proves."""
    assert wrong(released) == {}
    assert [verdict.check for verdict in verify(released)] == list(PROOFS)
    assert all(verdict.proves.endswith(".") and "\n" not in verdict.proves for verdict in verify(released))


@pytest.mark.parametrize("name", TAMPERED)
def test_what_was_tampered_with_is_named(release: Path, name: str) -> None:
    """The check that it concerns fails and says so; nothing raises."""
    tamper, check, told = TAMPERED[name]
    tamper(release)
    found = wrong(release)
    assert check in found
    assert told in " ".join(found[check])


@pytest.mark.parametrize("name", COVERED_UP)
def test_covering_the_tracks_does_not_help(release: Path, name: str) -> None:
    """With the manifest's hashes made to fit, the files pass and the same check fails all the same."""
    tamper, check, told = TAMPERED[name]
    tamper(release)
    rehash(release)
    found = wrong(release)
    assert "files" not in found
    assert told in " ".join(found[check])


def test_the_command_tells_one_line_a_check(released: Path, release: Path) -> None:
    """A line for each check, exit code 0 for a release that holds and 1 for one that doesn't."""
    fine = CliRunner().invoke(app, ["verify", str(released)])
    assert fine.exit_code == 0
    assert [line.split()[0] for line in fine.stdout.splitlines()] == ["fine"] * len(PROOFS)
    rows(shift_a_span)(release)
    spoilt = CliRunner().invoke(app, ["--json", "verify", str(release)])
    assert spoilt.exit_code == 1
    assert {one["check"] for one in json.loads(spoilt.stdout) if one["wrong"]} >= {"files", "spans", "rows"}


def test_what_is_no_release_is_told(tmp_path: Path) -> None:
    """A folder without a manifest, a damaged manifest, and a name that is nothing at all."""
    with pytest.raises(CurateError, match="no manifest"):
        verify(tmp_path)
    (tmp_path / "manifest.json").write_text("{")
    with pytest.raises(CurateError, match="not JSON"):
        verify(tmp_path)
    with pytest.raises(UsageError, match="neither a folder nor a dataset"):
        api.verify("nowhere")


@pytest.mark.parametrize("content", ['{"name": 1, "version": [], "files": {}, "records": 3}', "[]", "{}", "null"])
def test_a_manifest_of_rubbish_raises_nothing_else(release: Path, content: str) -> None:
    """Whatever a manifest holds, there are verdicts or one message."""
    (release / "manifest.json").write_text(content)
    done = CliRunner().invoke(app, ["verify", str(release)])
    assert done.exit_code in (1, 3)
    assert "WRONG" in done.stdout or "Fix:" in done.stderr
