"""The small files of a release for people: the licence, how to cite, what changed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from curate.hub.counts import TOTALS
from curate.hub.earlier import Changes, Earlier
from curate.hub.manifest import Manifest
from curate.hub.metadata import Metadata

SPDX = {"apache-2.0": "Apache-2.0", "mit": "MIT", "odbl": "ODbL-1.0", "pddl": "PDDL-1.0"}
NAMED = 100
"""So many articles are named in an entry of the changelog; provenance.jsonl has them all."""


def licence(metadata: Metadata, licences: Mapping[str, int]) -> bytes:
    """Write LICENSE: the licences by name, and how many articles come under which; no legal text of ours."""
    listed = "\n".join(f"- {name}: {number}" for name, number in sorted(licences.items()))
    parts = [metadata.title, licence_sentence(metadata), f"Articles by licence:\n{listed}\n"]
    return "\n\n".join(parts).encode()


def licence_sentence(metadata: Metadata) -> str:
    """Name the licence of the annotations and the terms of the texts."""
    return (
        f"The annotations are released under the licence {metadata.licence_shown}. For the articles' texts: "
        f"{metadata.text_licence.strip()} The field `licence` tells it for each row."
    )


def citation(metadata: Metadata, version: str) -> bytes:
    """Write CITATION.cff (Citation File Format 1.2.0), as YAML whose texts are JSON strings."""
    url = f"https://huggingface.co/datasets/{metadata.repository}" if metadata.repository else ""
    lines = [
        "cff-version: 1.2.0",
        f"message: {quoted('If you use this dataset, please cite it as below.')}",
        "type: dataset",
        f"title: {quoted(metadata.title)}",
        f"version: {quoted(version)}",
        "authors:",
        *(f"  - name: {quoted(author)}" for author in metadata.authors),
        f"abstract: {quoted(metadata.description)}" if metadata.description else "",
        f"license: {quoted(spdx)}" if (spdx := spdx_name(metadata.licence)) else "",
        f"license-url: {quoted(metadata.licence_link)}" if metadata.licence_link else "",
        f"repository: {quoted(url)}" if url else "",
    ]
    return ("\n".join(line for line in lines if line) + "\n").encode()


def spdx_name(licence: str) -> str:
    """Give the SPDX name of a licence that the Hub knows, empty where it isn't certain."""
    return licence.upper() if licence.startswith("cc") else SPDX.get(licence, "")


def quoted(text: str) -> str:
    """Quote a text for YAML."""
    return json.dumps(text, ensure_ascii=False)


def changelog(told: Manifest, earlier: Earlier, changes: Changes) -> bytes:
    """Write CHANGELOG.md: what this version adds, drops and changes, above the entries of earlier ones."""
    if earlier.told is None:
        lines = [f"First release: {len(changes.added)} records."]
    else:
        lines = list(entry(told, earlier.told, changes))
    parts = ["# Changelog", f"## {told['version']}\n\n" + "\n".join(f"- {line}" for line in lines)]
    entries = earlier.changelog.partition("\n## ")[2]
    return "\n\n".join([*parts, *([f"## {entries.strip()}"] if entries else [])]).encode() + b"\n"


def entry(told: Manifest, before: Manifest, changes: Changes) -> Iterator[str]:
    """Tell what changed, a line each: counts, articles, totals, rules."""
    counted = [("added", changes.added), ("removed", changes.removed), ("changed", changes.changed)]
    numbers = ", ".join(f"{len(ids)} {word}" for word, ids in counted)
    yield f"Records against {before['version']}: {numbers}."
    withdrawn = sorted(set(told["withdrawn"]) & set(changes.removed))
    readings = sorted(set(changes.changed) - set(changes.revised))
    others = sorted(set(changes.removed) - set(withdrawn))
    for title, ids in (
        ("Added", changes.added),
        ("Text revised", changes.revised),
        ("Annotation or metadata changed", readings),
        ("Withdrawn", withdrawn),
        ("No longer released", others),
    ):
        if ids:
            yield f"{title}: {named(ids)}."
    for name in TOTALS:
        was, now = (sum(part[name] for part in one["configs"]["gold"].values()) for one in (before, told))
        if was != now:
            yield f"{name.capitalize()}: {was} before, {now} now."
    for title, key in (("The event schema", "schema"), ("The rule for splits", "splits")):
        if rule(before[key]) != rule(told[key]):
            yield f"{title} changed."


def named(ids: Sequence[str]) -> str:
    """List ids, the first ones only if there are many."""
    rest = f" and {len(ids) - NAMED} more" if len(ids) > NAMED else ""
    return ", ".join(ids[:NAMED]) + rest


def rule(told: Any) -> Any:
    """Give what was decided beforehand of a part of the manifest, without what came of it."""
    if not isinstance(told, Mapping):
        return told
    return {key: value for key, value in told.items() if key not in ("left_out", "closest_across")}
