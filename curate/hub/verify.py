"""Whether a published dataset is what it says it is, for somebody who has nothing else."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from curate.errors import CurateError, SchemaError, UsageError, told
from curate.hub import manifest, remote
from curate.hub.contents import KeptTexts, Release
from curate.hub.proofs import PROOFS
from curate.schema.loading import load
from curate.schema.model import EventSchema


@dataclass(frozen=True)
class Verdict:
    """The outcome of one check: what it proves, and what it found wrong; nothing means that it holds."""

    check: str
    proves: str
    wrong: tuple[str, ...]


def verify(folder: Path, tag: str | None = None) -> list[Verdict]:
    """Check a release folder by every proof there is; ``tag`` is under which the Hub has it.

    Raises CurateError where there is no manifest to go by.
    """
    verdicts = []
    with KeptTexts() as texts:
        release = Release(folder, manifest.read(folder), texts, _schema(folder), tag)
        for name, proof in PROOFS.items():
            try:
                wrong = tuple(_one_line(found) for found in proof(release))
            except Exception as error:  # noqa: BLE001  # whatever is in the files: what can't be checked has failed
                why = error.message if isinstance(error, CurateError) else told(error)
                wrong = (_one_line(f"can't be checked: {why}"),)
            verdicts.append(Verdict(name, str(proof.__doc__), wrong))
    return verdicts


def _one_line(text: str) -> str:
    """Fit what was found into a line: whatever an id holds, it moves no cursor and hides no verdict."""
    return "".join(one if one.isprintable() else "?" for one in " ".join(text.split()))


def _schema(folder: Path) -> EventSchema | None:
    try:
        return load((folder / "schema.yaml").read_text(encoding="utf-8"), "schema.yaml")
    except (OSError, UnicodeDecodeError, SchemaError):
        return None


@contextmanager
def fetched(name: str, token: str | None, endpoint: str | None) -> Iterator[tuple[Path, str | None]]:
    """Give the folder that ``name`` means: one on this machine, or ``OWNER/NAME@TAG`` from the Hub for a while.

    With a folder from the Hub comes its tag.

    What is fetched is fetched past every cache. Raises UsageError for a name that is neither, HubError where the
    Hub doesn't give it.
    """
    if Path(name).is_dir():
        yield Path(name), None
        return
    repository, mark, tag = name.partition("@")
    if not mark or repository.count("/") != 1 or not tag:
        raise UsageError(
            f"{name}: neither a folder nor a dataset on the Hub.",
            "Check the path (releases are in exports/releases), or write OWNER/NAME@1.0.0.",
        )
    api = remote.reader(token, endpoint)
    with tempfile.TemporaryDirectory() as fresh:
        with remote.asking(api, repository):
            commit = api.dataset_info(repository, revision=tag).sha
            api.snapshot_download(repository, repo_type="dataset", revision=commit, local_dir=fresh)
        yield Path(fresh), tag
