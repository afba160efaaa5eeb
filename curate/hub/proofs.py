"""What is proved of a published release, one check at a time, from nothing but its files.

A check is a function that takes the release and yields what it finds wrong; its first line says what holds. A new
one is added to the table ``PROOFS``.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, TypeAlias

from curate.errors import CurateError
from curate.hub import chains, manifest
from curate.hub.parquet import data_path
from curate.records import Finding, digest
from curate.schema.model import EventSchema

BESIDE = {".gitattributes", ".gitignore", ".cache", ".huggingface", ".git"}
"""What the Hub, its client and git put beside a dataset's files."""

PSEUDONYM = re.compile(r"annotator-[0-9a-f]{10}")

Row: TypeAlias = dict[str, Any]


@dataclass
class Release:
    """A release folder, read as far as it can be; ``records`` is what reading its rows once has shown."""

    folder: Path
    told: Mapping[str, Any]
    schema: EventSchema | None = None

    @property
    def tables(self) -> list[tuple[str, str]]:
        """Every config and split that the manifest counts, in its order."""
        return [(config, split) for config, parts in self.told.get("configs", {}).items() for split in parts]

    def read(self, config: str, split: str) -> Iterator[Row]:
        """Read the rows of a table, a row group at a time. Raises CurateError where it can't be read."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        path = self.folder / data_path(config, split)
        try:
            with pq.ParquetFile(path) as file:  # type: ignore[no-untyped-call]
                for number in range(file.num_row_groups):
                    yield from file.read_row_group(number).to_pylist()
        except (OSError, pa.ArrowException) as error:
            raise CurateError(f"{data_path(config, split)} can't be read: {error}") from error

    @cached_property
    def seen(self) -> Seen:
        """What one pass over all rows shows."""
        return look_through(self)


@dataclass
class Seen:
    """What reading every row once has shown: counts, hashes, places and findings."""

    counts: dict[str, dict[str, Any]] = field(default_factory=dict)
    digests: dict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))
    splits: dict[str, dict[str, list[str]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(list)))
    groups: dict[str, str] = field(default_factory=dict)
    article_of: dict[str, str] = field(default_factory=dict)
    annotators: Counter[str] = field(default_factory=Counter)
    texts: dict[str, str] = field(default_factory=dict)
    findings: list[tuple[str, Finding]] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    disorder: list[str] = field(default_factory=list)


def look_through(release: Release) -> Seen:
    """Read every row once and note what the checks need of it."""
    from curate.hub.counts import Counts

    seen, check = Seen(), _checker(release)
    for config, split in release.tables:
        counted, last = Counts(), ("", "")
        try:
            for row in release.read(config, split):
                _note(seen, config, split, row)
                counted.add(row)
                place = (row.get("article_id", ""), row["id"])
                if place <= last:
                    seen.disorder.append(f"{data_path(config, split)}: {row['id']} comes after {last[1]}")
                last = place
                seen.findings += [(row["id"], found) for found in check(config, row, seen)]
        except (CurateError, KeyError, TypeError) as error:
            told = error.message if isinstance(error, CurateError) else f"{data_path(config, split)}: no {error}"
            seen.unread.append(told)
        seen.counts.setdefault(config, {})[split] = counted.told()
    return seen


def _note(seen: Seen, config: str, split: str, row: Row) -> None:
    seen.digests[config][row["id"]] = digest(row)
    seen.splits[config][row["id"]].append(split)
    if config == "gold":
        seen.texts[row["id"]] = row["text"]
        seen.groups[row["id"]] = row["provenance"]["split_group"]
        seen.annotators.update(row["provenance"]["annotators"])
    else:
        seen.article_of[row["id"]] = row["article_id"]
        seen.annotators[row["annotator"]] += 1


def _checker(release: Release) -> Callable[[str, Row, Seen], list[Finding]]:
    """Make what checks a row against the schema; without a schema nothing can be said."""
    from curate.schema.compiling import record_schema
    from curate.shapes import compile_validator
    from curate.validation import check_record, meaning_findings

    schema = release.schema
    if schema is None:
        return lambda config, row, seen: []
    validator = compile_validator(record_schema(schema))

    def check(config: str, row: Row, seen: Seen) -> list[Finding]:
        if config == "gold":
            found = check_record(row, schema, validator)
        else:
            text = seen.texts.get(row["article_id"])
            found = [] if text is None else meaning_findings(row | {"text": text}, schema)
        return [one for one in found if one.level == "error"]

    return check


def files(release: Release) -> Iterator[str]:
    """Every file is there with the size and SHA-256 of the manifest."""
    for entry in release.told["files"]:
        path = release.folder / entry["path"]
        if not path.is_file():
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
    """Every table can be read, its rows are in order and as many as the manifest says."""
    yield from release.seen.unread
    yield from release.seen.disorder
    due = {entry["path"]: entry["rows"] for entry in release.told["files"]}
    for config, split in release.tables:
        path, count = data_path(config, split), release.seen.counts[config][split]["rows"]
        if count != due.get(path):
            yield f"{path} has {count} rows, not {due.get(path)}"


def shapes(release: Release) -> Iterator[str]:
    """Every record has the form its JSON Schema asks for."""
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
    behind = {chain.id: chain for chain in chains.read(release.folder)}
    for name in sorted(behind.keys() - seen.groups.keys()):
        yield f"the row of {name} is missing"
    for name, group in seen.groups.items():
        chain = behind.get(name)
        if chain is None:
            yield f"the row of {name} was added"
        elif seen.digests["gold"][name] != chain.row:
            yield f"the row of {name} was changed"
        elif seen.splits["gold"][name] != [chain.split] or group != chain.group:
            yield f"{name} belongs into {chain.split}, with the group {chain.group}"
    due = {source.id: source.row for chain in behind.values() for source in chain.annotations}
    for name in sorted(due.keys() - seen.article_of.keys()):
        yield f"annotation {name} is missing"
    for name in seen.article_of:
        if due.get(name) != seen.digests["annotations"][name]:
            yield f"annotation {name} was {'changed' if name in due else 'added'}"


def counts(release: Release) -> Iterator[str]:
    """What the manifest counts is what is there."""
    for config, split in release.tables:
        there, told = release.seen.counts[config][split], release.told["configs"][config][split]
        for key in sorted(there.keys() | told.keys()):
            if there.get(key) != told.get(key):
                yield f"{config}/{split}: {key} are {there.get(key)}, the manifest says {told.get(key)}"


def splits(release: Release) -> Iterator[str]:
    """Every article is in one split with its whole group and its annotations, as the rule says."""
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


def leakage(release: Release) -> Iterator[str]:
    """No two articles of different splits are near-duplicates."""
    from curate.duplicates import near_duplicates

    threshold = float(release.told["splits"]["threshold"])
    split_of = {name: at[0] for name, at in release.seen.splits["gold"].items()}
    for pair in near_duplicates(release.seen.texts, threshold=threshold):
        if split_of[pair.first] != split_of[pair.second]:
            yield (
                f"{pair.first} ({split_of[pair.first]}) and {pair.second} ({split_of[pair.second]}) share "
                f"{pair.shared} of {pair.total} shingles"
            )


def books(release: Release) -> Iterator[str]:
    """Both balances add up."""
    told = release.told["books"]
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


def card(release: Release) -> Iterator[str]:
    """The card names this version, its tables and rows, and counts what is there."""
    import yaml

    from curate.hub.card import contents

    text = (release.folder / "README.md").read_text("utf-8")
    head = yaml.safe_load(text.split("---\n")[1])
    infos = head["dataset_info"]
    told = {info["config_name"]: info for info in (infos if isinstance(infos, list) else [infos])}
    for config, parts in release.seen.counts.items():
        said = {one["name"]: one["num_examples"] for one in told.get(config, {}).get("splits", [])}
        there = {split: counted["rows"] for split, counted in parts.items()}
        if said != there:
            yield f"README.md says {config} has {said} rows, there are {there}"
    if release.told["version"] not in text.split("\n# ", 1)[-1].split("\n", 1)[0]:
        yield f"README.md is not that of {release.told['version']}"
    if release.schema is not None:
        # The manifest sorts its keys; the head of the card lists the splits as they are shown.
        shown = {one["config_name"]: [part["split"] for part in one["data_files"]] for one in head["configs"]}
        counted = {
            config: {split: parts[split] for split in shown[config] if split in parts}
            for config, parts in sorted(release.seen.counts.items(), key=lambda item: item[0] != "gold")
        }
        for part in contents(release.schema, counted):
            if part not in text:
                lines = [line for line in part.splitlines() if line not in text]
                yield f"README.md counts otherwise than the data: {lines[0] if lines else part.splitlines()[0]}"


def described(release: Release) -> Iterator[str]:
    """croissant.json and CITATION.cff are of this version and name the tables with their hashes."""
    told = json.loads((release.folder / "croissant.json").read_bytes())
    hashed = {entry["path"]: entry["sha256"] for entry in release.told["files"] if entry["rows"] is not None}
    if told["version"] != release.told["version"]:
        yield f"croissant.json is of {told['version']}"
    there = {one["contentUrl"]: one["sha256"] for one in told["distribution"]}
    for path in sorted(hashed.keys() | there.keys()):
        if hashed.get(path) != there.get(path):
            yield f"croissant.json names another {path}"
    if f"version: {json.dumps(release.told['version'])}" not in (release.folder / "CITATION.cff").read_text("utf-8"):
        yield f"CITATION.cff is not of {release.told['version']}"


def privacy(release: Release) -> Iterator[str]:
    """Annotators go by pseudonyms, nothing looks like a person's address or a secret, what was withdrawn is gone."""
    from curate.hub.privacy import leaks

    for name in release.seen.annotators:
        if not PSEUDONYM.fullmatch(name):
            yield f"an annotator goes by {name[:3]}…, which is no pseudonym"
    for leak in leaks(release.folder, ()):
        yield f"{leak.path}, {leak.place}: {leak.what} ({leak.shown})"
    yield from (f"{name} was withdrawn" for name in release.told["withdrawn"] if name in release.seen.texts)


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
