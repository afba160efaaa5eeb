"""A release folder: what goes in comes out of `load_dataset`, the same bytes each time, whole or not."""

from __future__ import annotations

import hashlib
import json
import re
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.errors import CurateError, UsageError
from curate.hub import chains, features, manifest
from curate.hub.earlier import Changes, previous_release
from curate.hub.parquet import TableWriter
from curate.hub.release import ReleaseReport
from curate.records import (
    Annotation,
    Argument,
    Cluster,
    Event,
    Item,
    Link,
    Note,
    Provenance,
    Record,
    Span,
    canonical_json,
    digest,
    plain,
)
from curate.schema.model import Attribute, EventSchema, EventType, LinkType, Role, RoleUse
from sample_release import build_release, described

TEXT = "Forces 🚀 struck the base; the strike killed two."
SPLITS = {"train": 0.5, "test": 0.5}
NOTHING: frozenset[str] = frozenset()


def attribute(name: str, on: str, kind: str = "choice", level: str = "mention") -> Attribute:
    """An attribute asked of everything on its level, with the choices a and b."""
    return Attribute(name, on, level, kind, "Which | one?", {"a": "A.", "b": "B."}, {}, None, NOTHING)


def make_schema(*attributes: Attribute) -> EventSchema:
    """A schema of one type, one role and one link, with these attributes."""
    attack = EventType("Attack", "Force.", "", None, None, (), (), {"target": RoleUse("target")}, {})
    return EventSchema(
        name="tiny",
        version="1.0.0",
        title="Tiny",
        description="The smallest there is.",
        language="en",
        event_types={"Attack": attack},
        roles={"target": Role("target", "What is hit.", None, None)},
        attributes={one.name: one for one in attributes},
        links={"part_of": LinkType("part_of", "Part.", False, False, NOTHING, NOTHING)},
        default_link="same_event",
        selection="word",
        trim=(),
        attach="order",
        guidelines="",
    )


FULL = make_schema(
    attribute("modality", "trigger"),
    attribute("count", "trigger", kind="integer"),
    attribute("verification", "trigger", level="event"),
    attribute("certainty", "argument"),
    attribute("topics", "article", kind="choices"),
)


def make_record(identifier: str, text: str = TEXT, group: str = "", **changed: Any) -> Record:
    """A record of two events of one cluster under the full schema."""
    target = Argument(
        id="Attack@9-15/target/20-24",
        role="target",
        start=20,
        end=24,
        text="base",
        event_id=None,
        attributes={"certainty": None},
    )
    first = Event(
        id="Attack@9-15",
        type="Attack",
        trigger=Span(start=9, end=15, text="struck"),
        arguments=[target],
        attributes={"modality": "a", "count": 2},
    )
    second = Event(
        id="Attack@30-36",
        type="Attack",
        trigger=Span(start=30, end=36, text="strike"),
        arguments=[],
        attributes={"modality": None, "count": None},
    )
    record = Record(
        id=identifier,
        text=text,
        text_sha256=hashlib.sha256(text.encode()).hexdigest(),
        title="A title",
        url=None,
        publisher=None,
        published_at="2024-01-20",
        language="en",
        licence="CC-BY-4.0",
        meta='{"page":1}',
        events=[first, second],
        clusters=[Cluster(id=first.id, events=[first.id, second.id], attributes={"verification": "b"})],
        links=[Link(type="part_of", source=second.id, target=first.id)],
        provenance=Provenance(
            schema="tiny@1.0.0",
            schema_digest=FULL.digest,
            annotators=["p1", "p2"],
            adjudicated=True,
            suggestions="none",
            split_group=group or identifier,
        ),
        attributes={"topics": ["a", "b"]},
    )
    return msgspec.structs.replace(record, **changed)


def make_annotation(identifier: str, record: Record, **changed: Any) -> Annotation:
    """A reading of a record's text with everything an annotation can say."""
    events = [
        msgspec.structs.replace(
            event,
            origin="manual",
            attributes={**event.attributes, "verification": None},
            arguments=[
                msgspec.structs.replace(argument, origin="prediction", attached_by="nesting")
                for argument in event.arguments
            ],
        )
        for event in record.events
    ]
    annotation = Annotation(
        id=identifier,
        task_id=987654,
        article_id=record.id,
        text_sha256=record.text_sha256,
        annotator="p1",
        schema="tiny@1.0.0#0",
        created_at="2031-01-01T00:00:00Z",
        updated_at="2032-01-01T00:00:00Z",
        lead_time=12345.5,
        events=events,
        clusters=record.clusters,
        links=record.links,
        items=[Item(id="i", kind="region", states=["secret statement"])],
        notes=[Note(about=None, text="Unsure.")],
        attributes={"topics": None},
    )
    return msgspec.structs.replace(annotation, **changed)


def text_of(number: int) -> str:
    """A text unlike the others, with the usual one at its start."""
    return " ".join([TEXT, *(f"word{number}x{place}" for place in range(40))])


RECORDS = [make_record(f"article-{number}", text_of(number)) for number in range(12)]
ANNOTATIONS = [make_annotation(f"{number}", record) for number, record in enumerate(RECORDS)]


def build_tiny(releases: Path, version: str = "1.0.0", **changed: Any) -> ReleaseReport:
    """Build the usual release with some arguments changed."""
    arguments: dict[str, Any] = {
        "records": RECORDS,
        "annotations": ANNOTATIONS,
        "schema": FULL,
        "texts": {"schema.yaml": b"name: tiny\n", "record.schema.json": b"{}"},
        "metadata": described(),
        "books": {},
        "shares": SPLITS,
    }
    return build_release(releases, version, **(arguments | changed))


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, hidden ones too."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def load(folder: Path, cache: Path, config: str | None = None) -> dict[str, list[dict[str, Any]]]:
    """Load a config as a user would: rows by split, checked by `datasets` against the card."""
    from datasets import load_dataset

    loaded = load_dataset(str(folder), config, cache_dir=str(cache))
    return {split: part.to_list() for split, part in loaded.items()}


def test_load_dataset_gives_back_every_row(tmp_path: Path) -> None:
    """Each config loads with its rows as they were, `gold` by default, under the card's own verification."""
    report = build_tiny(tmp_path / "releases")
    gold = load(report.folder, tmp_path / "cache")
    assert {row["id"]: row for part in gold.values() for row in part} == {
        record.id: plain(record) for record in RECORDS
    }
    read = load(report.folder, tmp_path / "cache", "annotations")
    columns = features.annotation_features(FULL)
    expected = {one.id: features.annotation_row(one, columns) for one in ANNOTATIONS}
    assert {row["id"]: row for part in read.values() for row in part} == expected
    assert {split: len(part) for split, part in gold.items()} == report.rows["gold"]


def test_annotations_stand_in_the_split_of_their_article(tmp_path: Path) -> None:
    """No article has its text in one split and its annotations in another, nor a group's articles in two."""
    records = [
        make_record(f"{number}", text_of(number), meta=f'{{"story":"story-{number % 5}"}}') for number in range(20)
    ]
    annotations = [make_annotation(f"a{record.id}", record) for record in records]
    report = build_tiny(tmp_path / "releases", records=records, annotations=annotations)
    gold = load(report.folder, tmp_path / "cache")
    read = load(report.folder, tmp_path / "cache", "annotations")
    assert set(gold) == set(SPLITS)
    for split, part in gold.items():
        assert {row["id"] for row in part} == {row["article_id"] for row in read[split]}
    groups = [{row["provenance"]["split_group"] for row in part} for part in gold.values()]
    assert not groups[0] & groups[1]


def test_the_manifest_tells_the_truth(tmp_path: Path) -> None:
    """Hashes, sizes, rows and counts of the manifest are those of the files and the records."""
    folder = build_tiny(tmp_path).folder
    told = manifest.read(folder)
    files = contents(folder)
    assert {entry["path"] for entry in told["files"]} == files.keys() - {manifest.NAME}
    for entry in told["files"]:
        content = files[entry["path"]]
        assert (entry["size"], entry["sha256"]) == (len(content), hashlib.sha256(content).hexdigest())
    told_of = {chain.id: chain for chain in chains.read(folder)}
    assert {name: chain.row for name, chain in told_of.items()} == {record.id: digest(record) for record in RECORDS}
    assert {name: chain.text_sha256 for name, chain in told_of.items()} == {one.id: one.text_sha256 for one in RECORDS}
    gold = told["configs"]["gold"].values()
    assert sum(split["rows"] for split in gold) == 12
    assert sum(split["event_types"]["Attack"] for split in gold) == 24
    assert sum(split["roles"]["target"] for split in gold) == 12
    assert sum(split["link_types"]["part_of"] for split in gold) == 12
    assert (told["schema"], told["schema_digest"]) == (FULL.stamp, FULL.digest)


def test_the_order_of_the_input_does_not_count(tmp_path: Path) -> None:
    """The same records and annotations in another order give the same bytes."""
    forth = build_tiny(tmp_path / "forth").folder
    back = build_tiny(tmp_path / "back", records=RECORDS[::-1], annotations=ANNOTATIONS[::-1]).folder
    assert contents(forth) == contents(back)


@given(
    st.dictionaries(st.text(min_size=1), st.text(), min_size=1, max_size=4),
    st.tuples(st.integers(0, 2**31 - 1), st.integers(0, 2**31 - 1)),
    st.none() | st.lists(st.text(), max_size=3),
)
@settings(max_examples=60, deadline=None)
def test_rows_survive_parquet(texts: dict[str, str], place: tuple[int, int], topics: list[str] | None) -> None:
    """Any ids, texts, offsets and values are read back as they were written, and hash to the same."""
    trigger = Span(start=place[0], end=place[1], text="…")
    event = Event(id="e", type="Attack", trigger=trigger, arguments=[], attributes={"modality": "a", "count": 1})
    records = [make_record(key, text, events=[event], attributes={"topics": topics}) for key, text in texts.items()]
    rows = read_back(records)
    assert rows == [plain(record) for record in records]
    assert [digest(row) for row in rows] == [digest(record) for record in records]


def test_who_has_no_attributes_has_none_of_them_empty() -> None:
    """None at all, each absent, or some: a row is read back as it was hashed."""
    event = RECORDS[0].events[1]
    attributes: list[dict[str, Any]] = [{}, {"modality": None, "count": None}, {"count": 2}]
    events = [msgspec.structs.replace(event, attributes=one) for one in attributes]
    records = [make_record("none", events=events, attributes={}), *RECORDS]
    rows = read_back(records)
    columns = features.record_features(FULL)
    assert rows == [features.record_row(one, columns) for one in records]
    assert rows[0]["attributes"] is rows[0]["events"][0]["attributes"] is None
    assert set(rows[0]["events"][1]["attributes"].values()) == {None}


def read_back(records: Sequence[Record]) -> list[dict[str, Any]]:
    """Write records as a table and read its rows."""
    import pyarrow.parquet as pq

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.parquet"
        columns = features.record_features(FULL)
        with TableWriter(path, columns) as writer:
            for record in records:
                writer.add(canonical_json(features.record_row(record, columns)))
        assert writer.table().rows == len(records)
        rows: list[dict[str, Any]] = pq.read_table(path).to_pylist()  # type: ignore[no-untyped-call]
        return rows


def test_a_page_is_found_without_reading_the_whole_table(tmp_path: Path) -> None:
    """A group of rows for each thousand; smallest and largest values of the columns that rows are looked for by."""
    import pyarrow.parquet as pq

    path = tmp_path / "rows.parquet"
    row = canonical_json(features.record_row(RECORDS[0], features.record_features(FULL)))
    with TableWriter(path, features.record_features(FULL)) as writer:
        for _ in range(2001):
            writer.add(row)
    told = pq.ParquetFile(path).metadata  # type: ignore[no-untyped-call]
    groups = [told.row_group(number) for number in range(told.num_row_groups)]
    assert [group.num_rows for group in groups] == [1000, 1000, 1]
    columns = [groups[0].column(number) for number in range(groups[0].num_columns)]
    assert {one.path_in_schema for one in columns if one.is_stats_set} == {
        *("id", "text_sha256", "title", "url", "publisher", "published_at", "language", "licence")
    }
    assert all(one.has_offset_index for one in columns)


def test_what_is_private_stays_out(tmp_path: Path) -> None:
    """The numbers and times of the server and the pieces of the page are in no file of a release."""
    folder = build_tiny(tmp_path / "releases").folder
    rows = [row for part in load(folder, tmp_path / "cache", "annotations").values() for row in part]
    assert not set(features.PRIVATE) & {key for row in rows for key in row}
    told = json.dumps(rows) + "".join(
        content.decode() for path, content in contents(folder).items() if not path.endswith(".parquet")
    )
    for secret in ("987654", "2031-01", "2032-01", "12345.5", "secret statement"):
        assert secret not in told


def test_a_reading_begun_from_suggestions_is_released(tmp_path: Path) -> None:
    """What an annotator made of suggestions stays in the project; the reading goes out as any other."""
    read = [msgspec.structs.replace(one, suggestions="model-1", removed=["Attack@1-2"]) for one in ANNOTATIONS]
    with_suggestions = build_tiny(tmp_path / "with", annotations=read).folder
    without = build_tiny(tmp_path / "without").folder
    told = {path: content for path, content in contents(with_suggestions).items() if path.startswith("data/annot")}
    assert told == {path: content for path, content in contents(without).items() if path.startswith("data/annot")}
    assert told


def test_annotations_of_what_is_not_released_are_left_out(tmp_path: Path) -> None:
    """Readings of another article, or of another text of a released one, are left out and named."""
    stray = make_annotation("stray", make_record("elsewhere"))
    outdated = make_annotation("outdated", RECORDS[0], text_sha256="0" * 64)
    report = build_tiny(tmp_path, annotations=[*ANNOTATIONS, stray, outdated])
    assert report.unread == ("outdated", "stray")
    read = {source.id for chain in chains.read(report.folder) for source in chain.annotations}
    assert read == {one.id for one in ANNOTATIONS}


def test_a_schema_without_attributes_or_annotations_loads(tmp_path: Path) -> None:
    """A level without attributes has no column, and nobody's readings make no config."""
    bare = make_record("only", events=[], clusters=[], links=[], attributes={})
    report = build_tiny(tmp_path / "releases", records=[bare], annotations=[], schema=make_schema())
    assert report.rows.keys() == {"gold"}
    assert [row for part in load(report.folder, tmp_path / "cache").values() for row in part] == [plain(bare)]


def test_an_empty_split_is_left_out(tmp_path: Path) -> None:
    """One article makes one split, and the whole dataset still loads."""
    report = build_tiny(tmp_path / "releases", records=RECORDS[:1], annotations=ANNOTATIONS[:1])
    assert len(load(report.folder, tmp_path / "cache")) == 1
    assert len(report.rows["gold"]) == len(report.rows["annotations"]) == 1


def test_the_second_build_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same release is left as it is, also when only the tools have other versions by now."""
    first = build_tiny(tmp_path)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    assert first.created
    assert not build_tiny(tmp_path).created
    monkeypatch.setattr(manifest, "tool_versions", lambda: {"pyarrow": "99"})
    assert not build_tiny(tmp_path).created
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before


@pytest.mark.parametrize(
    "changed",
    [
        {"records": RECORDS[1:]},
        {"annotations": ANNOTATIONS[1:]},
        {"texts": {"schema.yaml": b"name: other\n"}},
        {"seed": "another"},
        {"books": {"release": {"accepted": 1}}},
        {"metadata": described(licence="mit")},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_a_version_never_changes(tmp_path: Path, changed: dict[str, Any]) -> None:
    """Other content under a version that is there is refused, and what is there stays."""
    build_tiny(tmp_path)
    before = contents(tmp_path)
    with pytest.raises(CurateError) as caught:
        build_tiny(tmp_path, **changed)
    assert "new version" in caught.value.fix
    assert contents(tmp_path) == before


def test_a_release_that_was_touched_is_refused(tmp_path: Path) -> None:
    """A file that isn't as it was built is named, not passed over."""
    folder = build_tiny(tmp_path).folder
    (folder / "README.md").write_text("My own words")
    with pytest.raises(CurateError, match=r"README\.md"):
        build_tiny(tmp_path)


@pytest.mark.parametrize("failing", ["write_bytes", "rename"])
def test_a_build_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str) -> None:
    """When the disk gives out half way, there is no release and nothing of it beside."""

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, failing, fail)
    with pytest.raises(CurateError, match="No space left") as caught:
        build_tiny(tmp_path)
    assert caught.value.fix
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """Where no folder can be made, the message names it."""
    (tmp_path / "releases").write_text("a file")
    with pytest.raises(CurateError, match=r"releases/1\.0\.0"):
        build_tiny(tmp_path / "releases")


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"attributes": {"topics": None, "mood": "good"}}, "record a: the schema has no mood."),
        ({"attributes": {"topics": [1]}}, "row a, attributes: "),
        ({"attributes": {"topics": "war"}}, "row a, attributes: "),
        ({"events": [msgspec.structs.replace(RECORDS[0].events[0], attributes={"count": 2**63})]}, "row a, events: "),
    ],
    ids=["unknown attribute", "another kind", "text for a list", "too large"],
)
def test_records_that_would_be_changed_are_refused(tmp_path: Path, changed: dict[str, Any], told: str) -> None:
    """No record is cut or converted in silence: it is named, and there is no release."""
    records = [*RECORDS, make_record("a", text_of(99), **changed)]
    with pytest.raises(CurateError, match=re.escape(told)):
        build_tiny(tmp_path, records=records, annotations=[])
    assert list(tmp_path.iterdir()) == []


def test_a_release_of_nothing_is_refused(tmp_path: Path) -> None:
    """Without a record there is no release."""
    with pytest.raises(CurateError):
        build_tiny(tmp_path, records=[], annotations=[])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("where", ["article", "event", "argument", "cluster"])
def test_what_has_no_column_is_told_with_whose_it_is(tmp_path: Path, where: str) -> None:
    """Arrow would leave it out without a word, however deep it is, in a record or in an annotation."""
    strange = {"mood": "good"}
    [event, other], [cluster] = RECORDS[0].events, RECORDS[0].clusters
    changed: dict[str, Any] = {
        "article": {"attributes": strange},
        "event": {"events": [event, msgspec.structs.replace(other, attributes=strange)]},
        "argument": {"events": [replace_argument(event, attributes=strange), other]},
        "cluster": {"clusters": [msgspec.structs.replace(cluster, attributes=strange)]},
    }[where]
    record = make_record("a", **changed)
    with pytest.raises(CurateError, match=r"record a: the schema has no mood\."):
        build_tiny(tmp_path, records=[record, RECORDS[1]], annotations=[])
    read = make_annotation("7", RECORDS[0], **changed)
    with pytest.raises(CurateError, match=r"annotation 7: the schema has no mood\."):
        build_tiny(tmp_path, annotations=[read])
    assert contents(tmp_path) == {}


def replace_argument(event: Event, **changed: Any) -> Event:
    [argument] = event.arguments
    return msgspec.structs.replace(event, arguments=[msgspec.structs.replace(argument, **changed)])


def test_annotations_are_never_merged(tmp_path: Path) -> None:
    """Two annotations of one id are refused, not counted as one."""
    with pytest.raises(CurateError, match="annotation 0 is there twice"):
        build_tiny(tmp_path, annotations=[*ANNOTATIONS, ANNOTATIONS[0]])


@pytest.mark.parametrize("version", ["v1.0.0", "1.0", "../1.0.0", "1.0.0-rc1", "01.0.0", "1.0.0\n", ""])
def test_only_three_numbers_make_a_version(tmp_path: Path, version: str) -> None:
    """A version that isn't three numbers is a mistake of the request, before anything is written."""
    with pytest.raises(UsageError):
        build_tiny(tmp_path, version)
    assert list(tmp_path.iterdir()) == []


def test_the_changelog_counts_against_the_release_before(tmp_path: Path) -> None:
    """What was added, removed and changed is found by id and hash; earlier entries stay below."""
    first = build_tiny(tmp_path, "1.2.0").folder
    records = [
        make_record("article-0", text_of(0), title="Mended"),
        make_record("article-2", text_of(2) + " Corrected."),
        *RECORDS[3:],
        make_record("new-1", text_of(101)),
        make_record("new-2", text_of(102)),
    ]
    report = build_tiny(tmp_path, "1.10.0", records=records, previous=first, seed="another")
    assert report.changes == Changes(
        added=("new-1", "new-2"),
        removed=("article-1",),
        changed=("article-0", "article-2"),
        revised=("article-2",),
    )
    told = (report.folder / "CHANGELOG.md").read_text()
    assert told == (
        "# Changelog\n\n## 1.10.0\n\n- Records against 1.2.0: 2 added, 1 removed, 2 changed.\n"
        "- Added: new-1, new-2.\n- Text revised: article-2.\n- Annotation or metadata changed: article-0.\n"
        "- No longer released: article-1.\n- Rows: 12 before, 13 now.\n- Events: 24 before, 26 now.\n"
        "- Arguments: 12 before, 13 now.\n- Clusters: 12 before, 13 now.\n- Links: 12 before, 13 now.\n"
        "- The rule for splits changed.\n\n## 1.2.0\n\n- First release: 12 records.\n"
    )
    third = build_tiny(tmp_path, "2.0.0", previous=report.folder)
    assert [line for line in (third.folder / "CHANGELOG.md").read_text().splitlines() if line[:3] == "## "] == [
        "## 2.0.0",
        "## 1.10.0",
        "## 1.2.0",
    ]


@pytest.mark.parametrize(
    ("version", "before"),
    [("1.2.0", None), ("1.2.1", "1.2.0"), ("1.10.0", "1.2.0"), ("2.0.0", "1.10.0")],
)
def test_the_release_before_is_found_by_number(tmp_path: Path, version: str, before: str | None) -> None:
    """Versions are compared as numbers; what is no release doesn't count."""
    for name in ("1.2.0", "1.10.0", "1.x"):
        (tmp_path / name).mkdir()
        (tmp_path / name / manifest.NAME).touch()
    (tmp_path / "1.11.0").mkdir()
    assert previous_release(tmp_path, version) == (before and tmp_path / before)


def test_the_card_counts_the_rows(tmp_path: Path) -> None:
    """The card's tables hold the counts of the splits, and its example loads this very version."""
    metadata = described(repository="owner/tiny")
    report = build_tiny(tmp_path, metadata=metadata)
    told = (report.folder / "README.md").read_text()
    for split, rows in report.rows["gold"].items():
        assert f"| {split} | {rows} | {2 * rows} | {rows} | {rows} | {rows} |" in told
    counts = " | ".join(str(2 * rows) for rows in report.rows["gold"].values())
    assert f"| `Attack` | {counts} |" in told
    assert 'load_dataset("owner/tiny", revision="1.0.0")' in told
    assert r"Which \| one?" in told
    assert "More Information Needed" not in told


def test_the_licence_is_named_and_not_made_up(tmp_path: Path) -> None:
    """LICENSE names the licence of the annotations and counts those of the articles."""
    records = [make_record("a"), make_record("b", licence=None), make_record("c")]
    metadata = described(licence="other", licence_name="House Licence", licence_link="https://example.org/l")
    report = build_tiny(tmp_path, records=records, annotations=[], metadata=metadata)
    told = (report.folder / "LICENSE").read_text()
    assert "House Licence (https://example.org/l)" in told
    assert "- CC-BY-4.0: 2\n- not given: 1\n" in told


@pytest.mark.parametrize("damage", [Path.unlink, lambda path: path.write_text("{}"), lambda path: path.write_text("[")])
def test_a_folder_without_a_manifest_is_no_release(tmp_path: Path, damage: Callable[[Path], object]) -> None:
    """A manifest that is gone, of another kind or cut off is told as that."""
    folder = build_tiny(tmp_path).folder
    damage(folder / manifest.NAME)
    with pytest.raises(CurateError, match=r"manifest"):
        manifest.read(folder)
