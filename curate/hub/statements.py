"""What is proved of the files that tell people of a release: card, Croissant, citation, licence, changelog."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from curate.hub import manifest
from curate.hub.contents import Release
from curate.hub.metadata import Metadata
from curate.hub.parquet import data_path

COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)


def card(release: Release) -> Iterator[str]:
    """The card is of this version, loads each split from its own table, and tells what is there and in the manifest."""
    import yaml

    text = (release.folder / "README.md").read_text("utf-8")
    head = yaml.safe_load(text.split("---\n")[1])
    yield from _loading(release, head)
    body = COMMENT.sub("", text.split("---\n", 2)[2])
    title = body.strip().split("\n", 1)[0]
    if title.rpartition(" ")[2] != release.told["version"]:
        yield f"README.md is not that of {release.told['version']}"
    if head["license"] != release.told["metadata"]["licence"]:
        yield f"README.md names the licence {head['license']}, the manifest {release.told['metadata']['licence']}"
    rest = body
    for part in _told(release, head):
        if part not in rest:
            missing = [line for line in part.splitlines() if line not in body] or part.splitlines()
            yield f"README.md counts otherwise, or says otherwise, than data and manifest: {missing[0]}"
        rest = rest.replace(part, "", 1)
    for line in re.findall(r"(?m)^\| *(?:split|event type|role|link) *\| *(?!definition).*", rest):
        yield f"README.md counts a second time: {line}"


def _loading(release: Release, head: Mapping[str, Any]) -> Iterator[str]:
    """Hold the card's head against the tables: which file is which split, and how many rows it has."""
    infos = head["dataset_info"]
    told = {info["config_name"]: info for info in (infos if isinstance(infos, list) else [infos])}
    files = {one["config_name"]: one["data_files"] for one in head["configs"]}
    for config in sorted((told.keys() | files.keys()) - release.seen.counts.keys()):
        yield f"README.md has a config {config} that is not in the manifest"
    for config, parts in release.seen.counts.items():
        said = {one["name"]: one["num_examples"] for one in told.get(config, {}).get("splits", [])}
        there = {split: counted["rows"] for split, counted in parts.items()}
        if said != there:
            yield f"README.md says {config} has {said} rows, there are {there}"
        loaded = sorted((one["split"], one["path"]) for one in files.get(config, []))
        if loaded != sorted((split, data_path(config, split)) for split in parts):
            yield f"README.md loads {config} from other files than its tables: {loaded}"


def _told(release: Release, head: Mapping[str, Any]) -> Iterator[str]:
    """Give what the card has to say, made anew from the data and the manifest."""
    from curate.hub.card import agreement, books, contents, splits, vocabulary

    if release.schema is not None:
        # The manifest sorts its keys; the head of the card lists the splits as they are shown.
        shown = {one["config_name"]: [part["split"] for part in one["data_files"]] for one in head["configs"]}
        counted = {
            config: {split: parts[split] for split in shown.get(config, []) if split in parts}
            for config, parts in release.seen.counts.items()
        }
        yield from contents(release.schema, counted)
        yield from vocabulary(release.schema)
    yield from (part for part in list(splits(release.told))[1:] if part)
    # The manifest doesn't keep the order of lines.
    for part in (*books(release.told), *agreement(release.told)):
        yield from (line for line in part.splitlines() if not line.startswith("| ---"))
    yield from (answer.strip() for answer in release.told["metadata"]["card"].values())


def described(release: Release) -> Iterator[str]:
    """Manifest, croissant.json, CITATION.cff, LICENSE and CHANGELOG.md are of this version and agree."""
    version, metadata = release.told["version"], msgspec.convert(release.told["metadata"], Metadata)
    if release.tag and manifest.is_version(release.tag) and release.tag != version:
        yield f"what the Hub has as {release.tag} is {version}"
    told = json.loads((release.folder / "croissant.json").read_bytes())
    hashed = {entry["path"]: entry["sha256"] for entry in release.told["files"] if entry["rows"] is not None}
    if told["version"] != version:
        yield f"croissant.json is of {told['version']}"
    there = {one["contentUrl"]: one["sha256"] for one in told["distribution"]}
    for path in sorted(hashed.keys() | there.keys()):
        if hashed.get(path) != there.get(path):
            yield f"croissant.json names another {path}"
    yield from _cited(release, metadata)
    terms, _, listed = (release.folder / "LICENSE").read_text("utf-8").rpartition("\nArticles by licence:\n")
    counted = sorted(f"- {name}: {number}" for name, number in release.seen.licences.items())
    if metadata.licence_shown not in terms:
        yield f"LICENSE doesn't name {metadata.licence_shown}"
    if sorted(listed.splitlines()) != counted:
        yield f"LICENSE counts otherwise than the data: {', '.join(counted)}"
    newest = re.search(r"(?m)^## (.*)", (release.folder / "CHANGELOG.md").read_text("utf-8"))
    if newest is None or newest[1] != version:
        yield f"CHANGELOG.md doesn't begin with {version}"


def _cited(release: Release, metadata: Metadata) -> Iterator[str]:
    """Hold CITATION.cff against the manifest."""
    import yaml

    from curate.hub.texts import spdx_name

    cited: dict[str, Any] = yaml.safe_load((release.folder / "CITATION.cff").read_text("utf-8"))
    if cited["version"] != release.told["version"]:
        yield f"CITATION.cff is not of {release.told['version']}"
    due = {
        "title": metadata.title,
        "authors": [{"name": author} for author in metadata.authors],
        "license": spdx_name(metadata.licence) or None,
    }
    for key, wanted in due.items():
        if cited.get(key) != wanted:
            yield f"CITATION.cff has another {key} than the manifest"
