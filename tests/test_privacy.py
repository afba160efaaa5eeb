"""What would give somebody away is found wherever it stands in a release, and nothing else is."""

from __future__ import annotations

import json
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
from curate.errors import InputError
from curate.hub.identities import Identity, Leak, Person, identities_of
from curate.hub.privacy import BLOCK, leaks
from sample_project import pulled

PEOPLE = [
    Person("ana.reed@example.org", "Ana", "Reed-Øster", "ana.reed"),
    Person("ben@example.org", "Ben", "Stone", "ben"),
    Person("zoë.quill@example.org", "Zoë", "Quill", "zquill"),
]
TOKEN = "5f2c9d71e04b8a36c1d7f09b2e8a4c6d13579bdf"
KNOWN = [
    *identities_of(PEOPLE),
    Identity(TOKEN, "the key of Label Studio"),
    Identity("labels.newsroom.example:8080", "the address of Label Studio"),
    Identity("/home/ana/airbase", "a folder of this machine"),
]
TABLE = "data/gold/train-00000-of-00001.parquet"


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The release of the bundled articles."""
    folder = pulled(tmp_path_factory.mktemp("privacy") / "project")
    api.adjudicate("union", folder)
    return api.release("1.0.0", folder).folder


@pytest.fixture
def release(released: Path, tmp_path: Path) -> Path:
    """A copy of it to be spoilt."""
    return shutil.copytree(released, tmp_path / "1.0.0")


def table_of(release: Path) -> Path:
    """A table that holds events, whatever split it is."""
    return largest(release / "data" / "gold")


def largest(folder: Path) -> Path:
    return max(folder.glob("*.parquet"), key=lambda path: path.stat().st_size)


def append(name: str, text: str) -> Callable[[Path], str]:
    def plant(release: Path) -> str:
        path = release / name
        path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")
        return name

    return plant


def rename(name: str) -> Callable[[Path], str]:
    def plant(release: Path) -> str:
        path = release / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("nothing", encoding="utf-8")
        return name

    return plant


def rows(change: Callable[[dict[str, Any]], object]) -> Callable[[Path], str]:
    """Change the first row of a table that has arguments."""

    def plant(release: Path) -> str:
        path = table_of(release)
        table = pq.read_table(path)  # type: ignore[no-untyped-call]
        values = table.to_pylist()
        change(next(row for row in values if any(event["arguments"] for event in row["events"])))
        pq.write_table(pa.Table.from_pylist(values, schema=table.schema), path)  # type: ignore[no-untyped-call]
        return path.relative_to(release).as_posix()

    return plant


def metadata(key: str, value: str) -> Callable[[Path], str]:
    def plant(release: Path) -> str:
        path = table_of(release)
        table = pq.read_table(path)  # type: ignore[no-untyped-call]
        told = {**(table.schema.metadata or {}), key.encode(): value.encode()}
        pq.write_table(table.replace_schema_metadata(told), path)  # type: ignore[no-untyped-call]
        return path.relative_to(release).as_posix()

    return plant


def column(name: str) -> Callable[[Path], str]:
    def plant(release: Path) -> str:
        path = table_of(release)
        table = pq.read_table(path)  # type: ignore[no-untyped-call]
        pq.write_table(table.append_column(name, pa.array([None] * len(table), pa.string())), path)  # type: ignore[no-untyped-call]
        return path.relative_to(release).as_posix()

    return plant


def notes(text: str) -> Callable[[Path], str]:
    def plant(release: Path) -> str:
        path = largest(release / "data" / "annotations")
        table = pq.read_table(path)  # type: ignore[no-untyped-call]
        values = table.to_pylist()
        values[0]["notes"] = [{"about": None, "text": text}]
        pq.write_table(pa.Table.from_pylist(values, schema=table.schema), path)  # type: ignore[no-untyped-call]
        return path.relative_to(release).as_posix()

    return plant


def argument(row: dict[str, Any]) -> dict[str, Any]:
    return next(event["arguments"][0] for event in row["events"] if event["arguments"])


PLANTED: dict[str, Callable[[Path], str]] = {
    "card, an address": append("README.md", "\nAsk ana.reed@example.org.\n"),
    "card, an address in capitals": append("README.md", "\nAsk ANA.REED@EXAMPLE.ORG.\n"),
    "card, an address in a link": append("README.md", "\n[mail](https://x.example/?to=ana.reed%40example.org)\n"),
    "card, a full name": append("README.md", "\nAnnotated by Ben Stone.\n"),
    "card, a name turned round": append("README.md", "\nAnnotated by Stone, Ben.\n"),
    "card, a name in another Unicode form": append("README.md", "\nThanks to Zoe\u0308 Quill.\n"),
    "card, the server": append("README.md", "\nSee http://labels.newsroom.example:8080/projects/3.\n"),
    "card, a local server": append("README.md", "\nSee http://127.0.0.1:20411/projects/3.\n"),
    "card, a private address": append("README.md", "\nSee http://192.168.1.7:8080.\n"),
    "changelog, an account": append("CHANGELOG.md", "\nCorrected by ana.reed.\n"),
    "changelog, somebody's address": append("CHANGELOG.md", "\nReported by reader@elsewhere.example.\n"),
    "manifest, the key": append("manifest.json", f'\n{{"key": "{TOKEN}"}}\n'),
    "manifest, a folder": append("manifest.json", '\n{"folder": "/home/ana/airbase/exports"}\n'),
    "manifest, an escaped name": append("manifest.json", "\n" + json.dumps({"by": "Zoë Quill"}) + "\n"),
    "manifest, a key that is a name": append("manifest.json", '\n{"ana.reed@example.org": 12}\n'),
    "manifest, a person's number": append("manifest.json", '\n{"completed_by": 12}\n'),
    "schema, a comment": append("schema.yaml", "\n# ask Ana Reed-Øster\n"),
    "licence, a token of the Hub": append("LICENSE", "\nhf_abcdefGHIJKL0123456789\n"),
    "licence, a web token": append("LICENSE", "\neyJhbGciOiJIUzI1NiJ9.eyJ1c2VyX2lkIjoxMn0.c2ln\n"),
    "a file's name": rename("notes-ana.reed.txt"),
    "a folder's name": rename("ben stone/readme.txt"),
    "article meta": rows(lambda row: row.update(meta='{"editor":"ana.reed@example.org"}')),
    "article meta, somebody's address": rows(lambda row: row.update(meta='{"editor":"desk@elsewhere.example"}')),
    "article text": rows(lambda row: row.update(text=row["text"] + " Ana Reed-Øster reported.")),
    "article url": rows(lambda row: row.update(url="http://labels.newsroom.example:8080/data/3.txt")),
    "an argument": rows(lambda row: argument(row).update(text="Ben Stone")),
    "a pseudonym that is none": rows(lambda row: row["provenance"].update(annotators=["ben@example.org"])),
    "a note, a name": notes("Ask Ben Stone about this one"),
    "a note, an address": notes("see mail from press@ministry.example"),
    "Parquet metadata": metadata("author", "Ana Reed-Øster"),
    "Parquet metadata, a key": metadata("ana.reed@example.org", "1"),
    "a column's name": column("completed_by: 12"),
}


def hidden(change: Callable[[pa.Table], pa.Table]) -> Callable[[Path], str]:
    """Change a table as an Arrow table."""

    def plant(release: Path) -> str:
        path = table_of(release)
        pq.write_table(change(pq.read_table(path)), path)  # type: ignore[no-untyped-call]
        return path.relative_to(release).as_posix()

    return plant


def beside(values: Callable[[int], pa.Array]) -> Callable[[Path], str]:
    """Add a column of another kind."""
    return hidden(lambda table: table.append_column("more", values(len(table))))


def behind_the_table(release: Path) -> str:
    """Bytes that no reader shows: between the table's data and its footer."""
    path = table_of(release)
    content = path.read_bytes()
    size = int.from_bytes(content[-8:-4], "little") + 8
    path.write_bytes(content[:-size] + b"ana.reed@example.org" + content[-size:])
    return path.relative_to(release).as_posix()


ADDRESS = "ana.reed@example.org"
PLANTED |= {
    "card, an invisible joiner": append("README.md", "\nAsk ana.\u200breed@exam\u00adple.org.\n"),
    "card, HTML escapes": append("README.md", "\nAsk ana.reed&#64;example&#x2e;org.\n"),
    "card, every letter escaped": append("README.md", "\n" + "".join(f"%{ord(one):02x}" for one in ADDRESS) + "\n"),
    "card, a name over two lines": append("README.md", "\nThis was annotated by Ben\n  Stone.\n"),
    "card, a name with two spaces": append("README.md", "\nThis was annotated by Ben \u00a0Stone.\n"),
    "JSON Lines, escaped": append("provenance.jsonl", '{"by": "Zo\\u00eb Quill"}\n'),
    "JSON, escaped slashes": append("manifest.json", '\n{"folder": "\\/home\\/ana\\/airbase"}\n'),
    "changelog, somebody's escaped address": append("CHANGELOG.md", "\nReported by reader&#64;elsewhere.example.\n"),
    "a map": beside(lambda n: pa.array([[("a", ADDRESS)]] * n, pa.map_(pa.string(), pa.string()))),
    "a key of a map": beside(lambda n: pa.array([[(ADDRESS, "a")]] * n, pa.map_(pa.string(), pa.string()))),
    "a list of fixed length": beside(lambda n: pa.array([[ADDRESS, "b"]] * n, pa.list_(pa.string(), 2))),
    "a large list": beside(lambda n: pa.array([[ADDRESS]] * n, pa.large_list(pa.large_string()))),
    "bytes": beside(lambda n: pa.array([ADDRESS.encode()] * n, pa.binary())),
    "a dictionary": beside(lambda n: pa.array([ADDRESS] * n).dictionary_encode()),
    "metadata of an inner field": hidden(
        lambda table: table.append_column(
            pa.field("more", pa.struct([pa.field("a", pa.string(), metadata={"by": ADDRESS})])),
            pa.array([{"a": "b"}] * len(table)),
        )
    ),
    "bytes behind the table": behind_the_table,
}


@pytest.mark.parametrize("name", PLANTED)
def test_what_is_planted_is_found(release: Path, name: str) -> None:
    """Each is found in its file, told without being shown whole."""
    path = PLANTED[name](release)
    found = leaks(release, KNOWN)
    assert {leak.path.split("/")[0] for leak in found} == {path.split("/")[0]}
    told = " ".join(f"{leak.place} {leak.what} {leak.shown}" for leak in found)
    assert not any(identity.text in told for identity in KNOWN)


def test_nothing_is_found_where_nothing_is(released: Path) -> None:
    """The release of the bundled articles raises no alarm, not even for the words that names are made of."""
    assert leaks(released, KNOWN) == []


def test_what_is_meant_to_be_public_is_let_through(release: Path) -> None:
    """A contact that the lead allows may stand in the card."""
    append("README.md", "\nAsk ana.reed@example.org.\n")(release)
    assert leaks(release, KNOWN)
    assert leaks(release, KNOWN, allowed=["Ana.Reed@example.org", "ana.reed"]) == []


def test_an_article_may_hold_addresses_of_its_own(release: Path) -> None:
    """What is no secret of ours may stand in the words of an article."""
    rows(lambda row: row.update(text=row["text"] + " Write to press@ministry.example, or see http://10.0.0.1/."))(
        release
    )
    assert leaks(release, KNOWN) == []


def test_a_name_is_no_part_of_a_word(release: Path) -> None:
    """Only whole words count."""
    append("README.md", "\nBen Stoneham and juliana.reedy agree.\n")(release)
    assert leaks(release, KNOWN) == []


def test_short_and_plain_names_are_no_identities() -> None:
    """An account name that is a plain word would be found in every article."""
    texts = [identity.text for identity in identities_of([Person("ben@example.org", "Ben", "", "ben")])]
    assert texts == ["ben@example.org"]


def test_a_leak_is_told_once(release: Path) -> None:
    """The same thing in the same place is one leak."""
    append("README.md", "\nana.reed@example.org ana.reed@example.org\n")(release)
    found = leaks(release, KNOWN)
    assert found == [Leak("README.md", found[0].place, "the e-mail address of an account", "ana…rg")]


def test_the_line_is_told_however_long_the_file(release: Path) -> None:
    """Long files are looked through many lines at a time, and what stands where two such blocks meet is found."""
    line = "x" * 99 + "\n"
    before = line * (BLOCK // len(line))
    (release / "long.txt").write_text(f"{before}by Ben\nStone{line}{before}{before}See ana.reed.", encoding="utf-8")
    at = len(before.splitlines())
    assert [leak.place for leak in leaks(release, KNOWN)] == [f"line {3 * at + 3}"]
    (release / "long.txt").write_text(f"{before}by Ben\nStone.\n{before}{before}See ana.reed.", encoding="utf-8")
    assert [leak.place for leak in leaks(release, KNOWN)] == [f"line {at + 2}", f"line {3 * at + 3}"]


def test_what_only_several_lines_show_is_found(release: Path) -> None:
    """A token with a line's end in it, and a name that is escaped besides."""
    append("LICENSE", f"\nToken\n{TOKEN[::-1]}\n")(release)
    append("provenance.jsonl", "Zo&euml;\n Quill\n")(release)
    found = leaks(release, KNOWN)
    assert [(leak.path, leak.what) for leak in found] == [
        ("LICENSE", "an API token"),
        ("provenance.jsonl", "the name of a person"),
    ]
    assert all(leak.place.startswith("lines ") for leak in found)


def test_each_value_of_a_column_stands_by_itself(release: Path) -> None:
    """Values are looked through together, yet no two of them make up what neither says."""
    change = beside(lambda n: pa.array([["Ben", "Stone", "user_id", ": 12"]] * n, pa.list_(pa.string())))
    change(release)
    assert leaks(release, KNOWN) == []


def test_a_release_that_gives_somebody_away_is_refused(tmp_path: Path) -> None:
    """Neither `release` nor `publish` goes on; what and where is said, and how to allow it; nothing is left behind."""
    folder = pulled(tmp_path / "project")
    api.adjudicate("union", folder)
    settings = folder / "curate.toml"
    text = settings.read_text(encoding="utf-8").replace("uses = ", 'uses = "Ask Ben.Stone@example.org." # ', 1)
    settings.write_text(text, encoding="utf-8")
    done = CliRunner().invoke(app, ["--project", str(folder), "release", "1.0.0"])
    assert (done.exit_code, done.stdout) == (1, "")
    assert "README.md" in done.stderr
    assert "the e-mail address of an account" in done.stderr
    assert "public = [" in done.stderr
    assert "stone" not in done.stderr.casefold()
    assert len(done.stderr.splitlines()) <= 4
    assert list((folder / "exports" / "releases").iterdir()) == []
    settings.write_text(f'public = ["ben.stone@example.org", "ben.stone"]\n{text}', encoding="utf-8")
    api.release("1.0.0", folder)
    settings.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="must not be published"):
        api.publish("demo/events", "1.0.0", folder)
