"""What is proved of a published release, one check at a time, from nothing but its files.

A check is a function that takes the release and yields what it finds wrong; its first line says what holds. A new
one is added to the table ``PROOFS``.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath

from curate.hub import chains, manifest
from curate.hub.contents import Release, Seen
from curate.hub.parquet import data_path
from curate.hub.statements import card, described
from curate.records import digest

BESIDE = {".gitattributes", ".gitignore", ".cache", ".huggingface", ".git"}
"""What the Hub, its client and git put beside a dataset's files."""

ALWAYS = (
    "CHANGELOG.md",
    "CITATION.cff",
    "LICENSE",
    "README.md",
    "croissant.json",
    "provenance.jsonl",
    "record.schema.json",
    "schema.yaml",
)
"""What every release has beside its tables."""

PSEUDONYM = re.compile(r"annotator-[0-9a-f]{10}")


def files(release: Release) -> Iterator[str]:
    """Every file is there with the size and SHA-256 of the manifest."""
    named = Counter(entry["path"] for entry in release.told["files"])
    yield from (f"{path} is not named in the manifest" for path in ALWAYS if path not in named)
    yield from (f"{path} is named {number} times in the manifest" for path, number in named.items() if number > 1)
    for entry in release.told["files"]:
        path = release.folder / entry["path"]
        if entry["path"].startswith("/") or ".." in PurePosixPath(entry["path"]).parts or path.is_symlink():
            yield f"{entry['path']} is no file of this folder"
        elif not path.is_file():
            yield f"{entry['path']} is missing"
        elif path.stat().st_size != entry["size"]:
            yield f"{entry['path']} has {path.stat().st_size} bytes, not {entry['size']}"
        elif manifest.file_digest(path) != entry["sha256"]:
            yield f"{entry['path']} has other content (SHA-256)"


def nothing_else(release: Release) -> Iterator[str]:
    """No file is there that the manifest doesn't name."""
    known = {entry["path"] for entry in release.told["files"]} | {manifest.NAME}
    for path in sorted(release.folder.rglob("*")):
        name = path.relative_to(release.folder)
        if path.is_file() and name.as_posix() not in known and name.parts[0] not in BESIDE:
            yield f"{name.as_posix()} is in no release of ours"


def event_schema(release: Release) -> Iterator[str]:
    """The event schema is the one the release names, and the record's JSON Schema is made from it."""
    from curate.schema.compiling import record_schema

    schema = release.schema
    if schema is None:
        yield "schema.yaml can't be read; see: curate schema check schema.yaml"
        return
    if (schema.stamp, schema.digest) != (release.told["schema"], release.told["schema_digest"]):
        yield f"schema.yaml is {schema.stamp}, the release was made under {release.told['schema']}"
    path = release.folder / "record.schema.json"
    if not path.is_file() or path.read_bytes() != manifest.pretty_json(record_schema(schema)):
        yield "record.schema.json is not what schema.yaml makes"


def tables(release: Release) -> Iterator[str]:
    """Every table can be read and has the columns of the schema, its rows are in order and as many as told."""
    yield from release.seen.unread
    yield from release.seen.disorder
    due = {entry["path"]: entry["rows"] for entry in release.told["files"]}
    counted = {data_path(config, split) for config, split in release.tables}
    for path, count in due.items():
        if path not in counted and (count is not None or path.startswith("data/")):
            yield f"{path} belongs to no config that the manifest counts"
    for config, split in release.tables:
        path, count = data_path(config, split), release.seen.counts[config][split]["rows"]
        if count != due.get(path):
            yield f"{path} has {count} rows, not {due.get(path)}"
        elif not _columns_fit(release, config, path):
            yield f"{path} has other columns than schema.yaml makes"


def _columns_fit(release: Release, config: str, path: str) -> bool:
    """Tell whether a table has the columns, and loads as the features, that the schema makes; without one it may."""
    import pyarrow.parquet as pq
    from datasets import Features

    from curate.hub.features import annotation_features, record_features

    if release.schema is None:
        return True
    due = (record_features if config == "gold" else annotation_features)(release.schema)
    there = pq.read_schema(release.folder / path)  # type: ignore[no-untyped-call]
    return bool(Features.from_arrow_schema(there) == due)


def shapes(release: Release) -> Iterator[str]:
    """Every record and every annotation has the form its JSON Schema asks for."""
    yield from _found(release, lambda code: code == "shape")


def spans(release: Release) -> Iterator[str]:
    """Every span says what stands in the text there, and every text is the one its hash was taken of."""
    yield from _found(release, lambda code: code.startswith(("span-", "text-")))


def ids(release: Release) -> Iterator[str]:
    """Ids are made of type and place, unique, and lead to something; roles, links and clusters are allowed."""
    for config, by_id in release.seen.splits.items():
        yield from (f"{config}: {name} is there {len(at)} times" for name, at in by_id.items() if len(at) > 1)
    yield from _found(release, lambda code: code != "shape" and not code.startswith(("span-", "text-")))


def _found(release: Release, wanted: Callable[[str], bool]) -> Iterator[str]:
    for name, found in release.seen.findings:
        if wanted(found.code):
            yield f"{name} · {found.place}: {found.message}"


def rows(release: Release) -> Iterator[str]:
    """Every row has the hash, the split and the group that provenance.jsonl keeps, and there is a chain behind each."""
    seen = release.seen
    named: set[str] = set()
    readings: set[str] = set()
    for chain in chains.read(release.folder):
        if chain.id in named:
            yield f"the chain of {chain.id} is there twice"
        yield from _row(seen, chain)
        yield from _readings(seen, chain)
        named.add(chain.id)
        readings.update(source.id for source in chain.annotations)
    yield from (f"the row of {name} was added" for name in seen.groups if name not in named)
    yield from (f"annotation {name} was added" for name in seen.article_of if name not in readings)


def _row(seen: Seen, chain: chains.Chain) -> Iterator[str]:
    """Hold a row against its chain."""
    if chain.id not in seen.groups:
        yield f"the row of {chain.id} is missing"
    elif seen.digests["gold"][chain.id].hex() != chain.row:
        yield f"the row of {chain.id} was changed"
    elif seen.splits["gold"][chain.id] != (chain.split,) or seen.groups[chain.id] != chain.group:
        yield f"{chain.id} belongs into {chain.split}, with the group {chain.group}"
    elif seen.articles[chain.id].hex() != digest([chain.text_sha256, chain.article]):
        yield f"the article of {chain.id} is another than in provenance.jsonl"


def _readings(seen: Seen, chain: chains.Chain) -> Iterator[str]:
    """Hold the annotations that a chain names against those that are there."""
    for source in chain.annotations:
        if source.id not in seen.article_of:
            yield f"annotation {source.id} is missing"
        elif seen.digests["annotations"][source.id].hex() != source.row:
            yield f"annotation {source.id} was changed"
        elif seen.article_of[source.id] != chain.id:
            yield f"annotation {source.id} is of {seen.article_of[source.id]}, not of {chain.id}"


def counts(release: Release) -> Iterator[str]:
    """What the manifest counts is what is there."""
    for config, split in release.tables:
        there, told = release.seen.counts[config][split], release.told["configs"][config][split]
        for key in sorted(there.keys() | told.keys()):
            if there.get(key) != told.get(key):
                yield f"{config}/{split}: {key} are {there.get(key)}, the manifest says {told.get(key)}"


def splits(release: Release) -> Iterator[str]:
    """Every article is in one split with its whole group and its annotations; none that was left out is there."""
    split_of = release.seen.splits["gold"]
    by_group: dict[str, set[str]] = defaultdict(set)
    for name, at in split_of.items():
        by_group[release.seen.groups[name]].update(at)
    for group, parts in by_group.items():
        if len(parts) > 1:
            yield f"the group {group} is in {' and '.join(sorted(parts))}"
    for name, article in release.seen.article_of.items():
        if release.seen.splits["annotations"][name] != split_of.get(article):
            yield f"annotation {name} is not in the split of {article}"
    for one in release.told["splits"]["left_out"]:
        if one["id"] in split_of:
            yield f"{one['id']} was left out by the splits and is there"
    for name in sorted(release.told.get("former", {}).keys() & split_of.keys()):
        yield f"{name} is said to be no longer released and is there"


def leakage(release: Release) -> Iterator[str]:
    """No two articles of different splits are near-duplicates, and those named as the closest are as alike as told."""
    from curate.duplicates import THRESHOLD, compare, near_duplicates

    threshold = float(release.told["splits"]["threshold"])
    if not 0 < threshold <= THRESHOLD:
        yield f"the manifest calls articles alike from {threshold} on only, not from {THRESHOLD}"
        threshold = THRESHOLD
    split_of = {name: at[0] for name, at in release.seen.splits["gold"].items()}
    for told in release.told["splits"]["closest_across"]:
        first, second = told["ids"]
        if not {first, second} <= split_of.keys():
            yield f"{first} and {second} are named as the closest and are not both there"
            continue
        pair = compare(first, second, release.texts)
        if (pair.shared, pair.total) != (told["shared"], told["total"]):
            yield f"{first} and {second} share {pair.shared} of {pair.total} shingles, the manifest tells otherwise"

    def apart(first: str, second: str) -> bool:
        return split_of[first] != split_of[second]

    for pair in near_duplicates(release.texts, apart, threshold):
        yield (
            f"{pair.first} ({split_of[pair.first]}) and {pair.second} ({split_of[pair.second]}) share "
            f"{pair.shared} of {pair.total} shingles"
        )


def books(release: Release) -> Iterator[str]:
    """Both balances are there and add up."""
    told = release.told["books"]
    yield from (f"the books of the {name} are missing" for name in ("pull", "release") if not told.get(name))
    for kind, line in told.get("pull", {}).items():
        parts = line["accepted"] + line["held"] + line.get("waiting", 0) + sum(line["excluded"].values())
        if line["seen"] != parts:
            yield f"{line['seen']} {kind} were seen, {parts} are accounted for"
    released = dict(told.get("release", {}))
    accepted = released.pop("accepted", 0)
    if accepted != sum(released.values()):
        yield f"{accepted} items were accepted, {sum(released.values())} are accounted for at the release"
    pulled = told.get("pull", {}).get("items", {}).get("accepted", accepted)
    if pulled != accepted:
        yield f"{pulled} items were accepted at the pull, {accepted} went into the release"


def privacy(release: Release) -> Iterator[str]:
    """Annotators go by pseudonyms, nothing looks like a person's address or a secret, what was withdrawn is gone."""
    from curate.hub.privacy import leaks

    for name in release.seen.annotators | release.seen.readings:
        if not PSEUDONYM.fullmatch(name):
            yield f"an annotator goes by {name[:3]}…, which is no pseudonym"
    for leak in leaks(release.folder, (), beside=BESIDE):
        yield f"{leak.path}, {leak.place}: {leak.what} ({leak.shown})"
    yield from (f"{name} was withdrawn" for name in release.told["withdrawn"] if name in release.texts)


PROOFS: dict[str, Callable[[Release], Iterator[str]]] = {
    "files": files,
    "nothing else": nothing_else,
    "event schema": event_schema,
    "tables": tables,
    "shapes": shapes,
    "spans": spans,
    "ids": ids,
    "rows": rows,
    "counts": counts,
    "splits": splits,
    "leakage": leakage,
    "books": books,
    "card": card,
    "descriptions": described,
    "privacy": privacy,
}
"""Every check by its name, in the order in which they are told."""
