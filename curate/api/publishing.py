"""From records to the Hub: release, publish."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from curate.api.guarding import refuse_leaks
from curate.api.project import Progress, load_schema, pulled_annotations, read_books, silent, write_books
from curate.errors import CurateError, InputError, UsageError
from curate.records import Record, plain
from curate.settings import read_settings
from curate.workspace import Workspace, check_writable, locked, read_lines, read_withdrawn

if TYPE_CHECKING:
    from curate.hub.publish import PublishReport
    from curate.hub.release import ReleaseReport

SPLITS = {"train": 0.8, "validation": 0.1, "test": 0.1}


def release(version: str, project: Path | None = None) -> ReleaseReport:
    """Write the adjudicated records as a dataset repository folder under ``exports/releases/``."""
    from curate.adjudication.fates import item_fates
    from curate.books import release_balance
    from curate.hub import card
    from curate.hub.manifest import version_key
    from curate.hub.release import build, previous_release
    from curate.schema.compiling import record_schema
    from curate.shapes import compile_validator
    from curate.validation import check_record

    settings = read_settings(project)
    workspace = Workspace(settings.folder)
    schema = load_schema(settings)
    version_key(version)
    check_writable(workspace.exports / "releases")
    dataset = dict(settings.dataset)
    splits, seed = dataset.pop("splits", SPLITS), dataset.pop("seed", settings.workspace)
    metadata = card.read_metadata(dataset)
    with locked(workspace):
        if not workspace.export("adjudicated.jsonl").is_file():
            raise UsageError(
                f"{workspace.exports}: nothing is adjudicated since the annotations last changed.",
                "Run: curate adjudicate",
            )
        records = read_lines(workspace.export("adjudicated.jsonl"), Record)
        annotations = pulled_annotations(workspace)
        if not records:
            raise UsageError("There is no record to release: every article is open.", "See why: curate adjudicate")
        json_schema = record_schema(schema)
        validator = compile_validator(json_schema)
        for record in records:
            for found in check_record(plain(record), schema, validator):
                if found.level == "error":
                    raise InputError(
                        f"record {record.id} · {found.place}: {found.message} ({found.code})",
                        "Run `curate check` and `curate adjudicate` again.",
                    )
        withdrawn = read_withdrawn(workspace)
        kept = [record for record in records if record.id not in withdrawn]
        if not kept:
            raise UsageError(
                "There is no record to release: every one is withdrawn.", "Let one back in: curate withdraw --undo ID"
            )
        fates = item_fates(annotations, records, {record.id for record in kept}, schema)
        books = release_balance(fates, sum(len(annotation.items) for annotation in annotations))
        pulled = read_books(workspace).get("pull", {})
        if pulled.get("items", {}).get("accepted") != books["accepted"]:
            raise CurateError("The books of the pull and of the release don't meet.", "Run: curate check")
        releases = workspace.exports / "releases"
        _refuse_older(releases, version)
        report = build(
            releases,
            version,
            records=kept,
            annotations=[one for one in annotations if one.article_id not in withdrawn],
            withdrawn=frozenset(withdrawn),
            schema=schema,
            schema_text=settings.schema.read_text(encoding="utf-8"),
            record_json_schema=json_schema,
            metadata=metadata,
            books={"pull": pulled, "release": books},
            splits=splits,
            seed=seed,
            previous=previous_release(releases, version),
        )
        write_books(workspace, "release", books)
    return report


def _refuse_older(releases: Path, version: str) -> None:
    """A new release below one that is there would change what that one was made after."""
    from curate.hub.manifest import is_version, version_key

    there = [path.name for path in releases.glob("*") if path.is_dir() and is_version(path.name)]
    if version not in there and any(version_key(one) > version_key(version) for one in there):
        highest = max(there, key=version_key)
        raise UsageError(f"{releases}: release {highest} is there already.", f"Choose a version above {highest}.")


def publish(
    repository: str,
    version: str | None = None,
    project: Path | None = None,
    *,
    private: bool = True,
    pull_request: bool = False,
    dry_run: bool = False,
    progress: Progress = silent,
) -> PublishReport:
    """Bring a release (the highest version unless named) to the Hugging Face Hub and read it back."""
    from curate.hub.manifest import is_version, version_key
    from curate.hub.publish import publish as publish_folder
    from curate.settings import hub_endpoint, hub_token

    settings = read_settings(project)
    releases = Workspace(settings.folder).exports / "releases"
    versions = [path.name for path in releases.glob("*") if path.is_dir() and is_version(path.name)]
    if version is None and versions:
        version = max(versions, key=version_key)
    if version not in versions:
        wanted = f"release {version}" if version else "a release"
        raise UsageError(f"{releases}: {wanted} is not there.", "Make one: curate release 1.0.0")
    progress(f"Searching {version} for what must not be published")
    refuse_leaks(releases / version, settings)
    return publish_folder(
        releases / version,
        repository,
        token=hub_token(),
        endpoint=hub_endpoint(),
        private=private,
        pull_request=pull_request,
        dry_run=dry_run,
        progress=progress,
    )
