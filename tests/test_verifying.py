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


def edit_bytes(name: str) -> Tamper:
    """Put a byte into a text file that is no UTF-8."""

    def tamper(release: Path) -> None:
        path = release / name
        path.write_bytes(path.read_bytes() + b"\xff")

    return tamper


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


def retell_an_origin(values: list[dict[str, Any]]) -> None:
    next(row for row in values if row["events"])["events"][0]["origin"] = "import"


def shift_a_reading(values: list[dict[str, Any]]) -> None:
    for row in values:
        for event in row["events"]:
            event["trigger"]["start"] += 1


def exchange_files(release: Path) -> None:
    """Let the card load each split from the table of another."""
    path = release / "README.md"
    text = path.read_text(encoding="utf-8")
    first, second = (f"data/gold/{table.name}" for table in tables(release, "gold")[:2])
    head = text.split("---\n")[1]
    swapped = head.replace(first, "X").replace(second, first).replace("X", second)
    path.write_text(text.replace(head, swapped, 1), encoding="utf-8")


def hide_the_counts(release: Path) -> None:
    """Keep the true table in a comment and show another."""
    path = release / "README.md"
    text = path.read_text(encoding="utf-8")
    found = re.search(r"(?m)^\| split \| rows.*\n(?:\|.*\n)+", text)
    assert found
    false = re.sub(r"\d+", "99", found[0])
    path.write_text(text.replace(found[0], f"<!--\n{found[0]}-->\n{false}", 1), encoding="utf-8")


def count_twice(release: Path) -> None:
    path = release / "README.md"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("## Contents", "## Contents\n\n| split | rows |\n| --- | --- |\n| all | 999 |", 1))


def hide_a_table(release: Path) -> None:
    """A table that no config counts, named in the manifest all the same."""
    path = tables(release, "gold")[0]
    extra = path.with_name("extra-00000-of-00001.parquet")
    shutil.copyfile(path, extra)

    def name_it(told: dict[str, Any]) -> None:
        like = next(one for one in told["files"] if one["path"].endswith(path.name) and "/gold/" in one["path"])
        told["files"].append({**like, "path": f"data/gold/{extra.name}"})

    manifest(name_it)(release)


def widen_a_column(release: Path) -> None:
    path = tables(release, "gold")[0]
    table = pq.read_table(path)  # type: ignore[no-untyped-call]
    pq.write_table(table.append_column("split", pa.array(["test"] * len(table))), path)  # type: ignore[no-untyped-call]


def chain(change: Callable[[list[dict[str, Any]]], object]) -> Tamper:
    """Change the lines of provenance.jsonl."""

    def tamper(release: Path) -> None:
        path = release / "provenance.jsonl"
        lines = [json.loads(line) for line in path.read_bytes().splitlines()]
        change(lines)
        path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")

    return tamper


def exchange_readings(lines: list[dict[str, Any]]) -> None:
    first, second = [line for line in lines if line["annotations"]][:2]
    first["annotations"], second["annotations"] = second["annotations"], first["annotations"]


def make_up_a_pair(release: Path) -> None:
    """Say of two articles in different splits that they are more alike than they are."""
    ids = [pq.read_table(path).to_pylist()[0]["id"] for path in tables(release, "gold")[:2]]  # type: ignore[no-untyped-call]
    pair = {"ids": ids, "shared": 1, "total": 2}
    manifest(lambda told: told["splits"]["closest_across"].append(pair))(release)


def forget(name: str) -> Tamper:
    """Take a file out of the folder and out of the manifest."""

    def tamper(release: Path) -> None:
        (release / name).unlink()
        manifest(lambda told: told.update(files=[one for one in told["files"] if one["path"] != name]))(release)

    return tamper


def copy_a_text(release: Path) -> None:
    """Put a row of one split into another under another id, chain and all, and call nothing alike."""
    first, second = tables(release, "gold")[:2]
    one, other = pq.read_table(first), pq.read_table(second)  # type: ignore[no-untyped-call]
    copied = {**one.to_pylist()[0], "id": "zzz-another"}
    pq.write_table(pa.Table.from_pylist([*other.to_pylist(), copied], schema=other.schema), second)  # type: ignore[no-untyped-call]
    manifest(lambda told: told["splits"].update(threshold="1.5"))(release)


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
TAMPERED |= {
    "a moved span of a reading": (rows(shift_a_reading, "annotations"), "spans", "says"),
    "an origin that no page writes": (rows(retell_an_origin, "annotations"), "shapes", "import"),
    "splits loaded from each other's files": (exchange_files, "card", "other files"),
    "another config in the card": (edit("README.md", "config_name: annotations", "config_name: more"), "card", "more"),
    "the true counts in a comment": (hide_the_counts, "card", "counts otherwise"),
    "a second table of counts": (count_twice, "card", "a second time"),
    "a version that ends like ours": (edit("README.md", r"(?m)^# (.*) 1\.0\.0$", r"# \1 11.0.0"), "card", "1.0.0"),
    "a byte that is no UTF-8": (edit_bytes("README.md"), "card", "can't be checked: UnicodeDecodeError: 'utf-8' codec"),
    "a head that is no YAML": (edit("README.md", "configs:", "configs: ]"), "card", "can't be checked"),
    "another licence in the card": (edit("README.md", "license: .*", "license: mit"), "card", "licence"),
    "another licence": (
        edit("LICENSE", "under the licence \\S+", "under the licence WTFPL"),
        "descriptions",
        "LICENSE",
    ),
    "other authors": (edit("CITATION.cff", "- name: .*", '- name: "Somebody"'), "descriptions", "authors"),
    "a changelog of another version": (edit("CHANGELOG.md", "## 1.0.0", "## 0.9.0"), "descriptions", "CHANGELOG.md"),
    "a softened answer": (edit("README.md", "(?s)## Limits.*?##", "## Limits\n\nNone.\n\n##"), "card", "otherwise"),
    "a hidden table": (hide_a_table, "tables", "no config"),
    "a column too many": (widen_a_column, "tables", "other columns"),
    "another article in the chain": (chain(lambda lines: lines[0].update(article="0" * 64)), "rows", "is another"),
    "another text in the chain": (chain(lambda lines: lines[0].update(text_sha256="0" * 64)), "rows", "is another"),
    "a chain twice": (chain(lambda lines: lines.append(lines[0])), "rows", "twice"),
    "readings of other articles": (chain(exchange_readings), "rows", "not of"),
    "no licence at all": (forget("LICENSE"), "files", "LICENSE is not named"),
    "a copy across splits, called unlike": (copy_a_text, "leakage", "shingles"),
    "a file of another folder": (
        manifest(lambda told: told["files"][0].update(path="../1.0.0/README.md")),
        "files",
        "no file of this folder",
    ),
    "books that are gone": (manifest(lambda told: told.update(books={})), "books", "missing"),
    "a closest pair made up": (make_up_a_pair, "leakage", "tells otherwise"),
    "a closest pair that isn't there": (
        manifest(lambda told: told["splits"]["closest_across"].append({"ids": ["a", "b"], "shared": 1, "total": 2})),
        "leakage",
        "not both there",
    ),
    "a released article called gone": (
        manifest(lambda told: told["former"].update({"tarsin-drones": {}})),
        "splits",
        "no longer released",
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


def test_a_release_under_another_tag_is_named(released: Path) -> None:
    """Whoever asked for 1.0.1 must not get 1.0.0 and be content; a branch is no version."""
    assert [one.check for one in verify(released, "1.0.1") if one.wrong] == ["descriptions"]
    assert [one.check for one in verify(released, "main") if one.wrong] == []


def test_what_stands_in_a_release_moves_no_cursor(release: Path) -> None:
    """An id of line ends and control characters makes one printable line like any other."""
    rows(lambda values: values[-1].update(id="zzz\x1b[2K\n\nfine   rows"))(release)
    told = [line for lines in wrong(release).values() for line in lines]
    assert any("zzz?[2K fine rows" in line for line in told)
    assert all(line.isprintable() for line in told)


def test_a_clone_is_no_leak(release: Path) -> None:
    """What git keeps beside the files, such as who cloned them, is no part of the release."""
    (release / ".git").mkdir()
    (release / ".git" / "log").write_text("Ana <ana@elsewhere.example>")
    assert wrong(release) == {}


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
