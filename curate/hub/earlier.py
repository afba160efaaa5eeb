"""What the release before a new one fixes for it: where its articles went, its rows, its changelog."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from curate.errors import CurateError
from curate.grouping import Home
from curate.hub import chains, manifest


@dataclass(frozen=True)
class Earlier:
    """A release as the next one sees it; ``told`` is its manifest, None for the first release of all.

    ``homes`` also holds the articles that only releases before it had; ``rows`` are hashes of its rows by id.
    """

    told: manifest.Manifest | None = None
    manifest_sha256: str = ""
    homes: Mapping[str, Home] = field(default_factory=dict)
    rows: Mapping[str, str] = field(default_factory=dict)
    changelog: str = ""

    def named(self) -> dict[str, Any] | None:
        """Name the release as the manifest of the next one does."""
        if self.told is None:
            return None
        return {"version": self.told["version"], "manifest_sha256": self.manifest_sha256}

    def former(self, homes: Mapping[str, Home]) -> dict[str, dict[str, str]]:
        """Tell the homes of the articles that were released once and aren't now, ``homes`` being those that are."""
        return {
            name: {"split": home.split, "group": home.group, "text_sha256": home.text_sha256}
            for name, home in sorted(self.homes.items())
            if name not in homes
        }


@dataclass(frozen=True)
class Changes:
    """The ids of the records that a release adds, drops or changes against the one before, sorted.

    ``revised`` are those of the changed whose text is another one.
    """

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    revised: tuple[str, ...] = ()


def previous_release(releases: Path, version: str) -> Path | None:
    """Find the folder of the highest version below this one. Raises UsageError if ``version`` is none."""
    below = manifest.version_key(version)
    found = [path.parent for path in releases.glob(f"[0-9]*/{manifest.NAME}")]
    versions = {manifest.version_key(path.name): path for path in found if manifest.is_version(path.name)}
    older = [key for key in versions if key < below]
    return versions[max(older)] if older else None


def read_earlier(folder: Path | None) -> Earlier:
    """Read the release before. Raises CurateError if a file of it can't be read."""
    if folder is None:
        return Earlier()
    told = manifest.read(folder)
    homes = {name: Home(**home) for name, home in told.get("former", {}).items()}
    rows = {}
    for chain in chains.read(folder):
        # One object for equal names: an article often gives its group the name, and of 100,000 they are 18 MB.
        name, split, group = map(sys.intern, (chain.id, chain.split, chain.group))
        homes[name] = Home(split, group, chain.text_sha256)
        rows[name] = chain.row
    try:
        changelog = (folder / "CHANGELOG.md").read_text("utf-8")
    except OSError as error:
        fix = "Build that release again, or remove its folder."
        raise CurateError(f"{folder / 'CHANGELOG.md'} can't be read: {error.strerror}.", fix) from error
    return Earlier(told, manifest.file_digest(folder / manifest.NAME), homes, rows, changelog)


def compare(earlier: Earlier, homes: Mapping[str, Home], rows: Mapping[str, str]) -> Changes:
    """Compare the rows of a new release with those of the one before, by id and hash."""
    before = earlier.rows
    changed = sorted(name for name in rows.keys() & before.keys() if rows[name] != before[name])
    return Changes(
        added=tuple(sorted(rows.keys() - before.keys())),
        removed=tuple(sorted(before.keys() - rows.keys())),
        changed=tuple(changed),
        revised=tuple(name for name in changed if homes[name].text_sha256 != earlier.homes[name].text_sha256),
    )
