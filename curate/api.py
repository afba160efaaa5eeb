"""The verbs of the loop: what the commands call, and what ``import curate`` offers under the same names.

Each opens the project, asks the edges for what it needs, and writes its own files; run again it changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from curate.errors import CurateError, InputError, UsageError
from curate.records import Annotation, Article, Finding, Record, canonical_json, json_lines, plain
from curate.settings import Settings, read_settings
from curate.workspace import (
    Workspace,
    check_writable,
    locked,
    pseudonym_key,
    raw_folders,
    read_articles,
    read_json,
    read_lines,
    read_private,
    read_raw,
    write_atomic,
    write_lines,
)

if TYPE_CHECKING:
    from curate.adjudication import Outcome
    from curate.checking import Checked
    from curate.hub.publish import PublishReport
    from curate.hub.release import ReleaseReport
    from curate.intake.reading import Added
    from curate.labelstudio.sync import Pull
    from curate.labelstudio.tasks import Plan
    from curate.schema.model import EventSchema

Progress = Callable[[str], None]
SPLITS = {"train": 0.8, "validation": 0.1, "test": 0.1}


def _silent(_: str) -> None:
    """Tell nobody."""


@dataclass(frozen=True)
class Pushed:
    """What a push planned and did; ``url`` leads to the project's page once it exists."""

    plan: Plan
    applied: bool
    url: str | None


@dataclass(frozen=True)
class Adjudicated:
    """What adjudication came to."""

    outcome: Outcome
    waiting: list[str]


def load_schema(settings: Settings) -> EventSchema:
    """Read and check the project's event schema."""
    return read_schema(settings.schema)


def read_schema(path: Path) -> EventSchema:
    """Read and check an event schema file. Raises SchemaError naming the lines that are wrong."""
    from curate.schema.loading import load

    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise UsageError(
            f"{path}: the schema can't be read ({why}).", "Check the path, or `schema` in curate.toml."
        ) from None
    return load(text, str(path))


def add(paths: Iterable[Path], project: Path | None = None) -> Added:
    """Add articles from files and folders; what is refused is named and the rest goes in."""
    from curate.intake.reading import merge

    settings = read_settings(project)
    workspace = Workspace(settings.folder)
    with locked(workspace):
        known = read_articles(workspace)
        added = merge(known, list(paths))
        if added.articles:
            write_lines(workspace.articles, [*known.values(), *added.articles])
    return added


def push(
    project: Path | None = None,
    *,
    dry_run: bool = False,
    confirm: Callable[[Plan], bool] = lambda _: True,
    progress: Progress = _silent,
) -> Pushed:
    """Bring the articles and the labelling page to Label Studio: plan, show through ``confirm``, apply."""
    from curate.labelstudio import client, sync
    from curate.settings import label_studio_credentials

    settings = read_settings(project)
    workspace = Workspace(settings.folder)
    schema = load_schema(settings)
    articles = read_articles(workspace)
    if not articles:
        raise UsageError(f"{workspace.articles}: there are no articles yet.", "Add some: curate add FILE_OR_FOLDER")
    credentials = label_studio_credentials(settings)
    with locked(workspace), client.connected(credentials) as connection:
        plan = sync.plan(connection, settings, workspace, schema, articles)
        number = plan.project
        if not plan.changes and not dry_run:
            _keep_schema(workspace, settings, schema)
        if not plan.changes or dry_run or not confirm(plan):
            return Pushed(plan, False, f"{connection.url}/projects/{number}/data" if number else None)
        number = sync.apply(connection, plan, progress)
        _keep_schema(workspace, settings, schema)
    return Pushed(plan, True, f"{connection.url}/projects/{number}/data")


def server_url(project: Path | None = None) -> str:
    """Say where the project's Label Studio is, for links; empty where none is set up."""
    from curate.settings import label_studio_credentials

    try:
        return label_studio_credentials(read_settings(project)).url
    except CurateError:
        return ""


def _keep_schema(workspace: Workspace, settings: Settings, schema: EventSchema) -> None:
    """Keep each schema that annotations may be made under, so that they can be read by it later."""
    name = f"{schema.name}-{schema.version}-{schema.digest[:12]}.yaml"
    write_atomic(workspace.raw / "schemas" / name, settings.schema.read_bytes())


def pull(project: Path | None = None, *, full: bool = False, progress: Progress = _silent) -> tuple[Pull, Checked]:
    """Fetch what people did since the last pull (or everything, ``full``) and check it."""
    from curate.labelstudio import client, sync
    from curate.settings import label_studio_credentials

    settings = read_settings(project)
    workspace = Workspace(settings.folder)
    check_writable(workspace.raw)
    credentials = label_studio_credentials(settings)
    with locked(workspace), client.connected(credentials) as connection:
        pulled = sync.pull(connection, settings, workspace, full=full, progress=progress)
        if pulled is None:
            raise UsageError(f"{connection.url}: no project of this workspace there yet.", "Push first: curate push")
        return pulled, _check(settings, workspace)


def check(project: Path | None = None) -> Checked:
    """Translate and check again what was pulled, without a server; write annotations, findings, held, books."""
    settings = read_settings(project)
    workspace = Workspace(settings.folder)
    check_writable(workspace.exports)
    with locked(workspace):
        return _check(settings, workspace)


def _check(settings: Settings, workspace: Workspace) -> Checked:
    from curate.checking import Context, Pulled, state_of
    from curate.checking import check as check_pulled
    from curate.pseudonyms import pseudonym
    from curate.schema.compiling import annotation_schema
    from curate.shapes import compile_validator
    from curate.validation import check_annotation

    schema = load_schema(settings)
    key = pseudonym_key(workspace)
    people = read_private(workspace, "people.json") or {}
    validator = compile_validator(annotation_schema(schema))
    schemas = {schema.stamp: schema}
    for path in sorted((workspace.raw / "schemas").glob("*.yaml")):
        kept = read_schema(path)
        schemas.setdefault(kept.stamp, kept)

    def annotator(user: Any) -> str:
        return pseudonym(key, people.get(str(user), f"user {user}"))

    def findings(annotation: Annotation, article: Article) -> Iterable[Finding]:
        return check_annotation(annotation, article, schema, validator)

    context = Context(schema, schemas, read_articles(workspace), annotator, findings)
    states = [
        state_of({**read_json(answer, folder), "source": folder.name} for answer in read_raw(folder))
        for folder in raw_folders(workspace)
    ]
    if not states:
        raise UsageError(f"{workspace.raw}: nothing was pulled yet.", "Pull first: curate pull")
    checked = check_pulled(
        Pulled(
            [task for state in states for task in state.tasks],
            [gone for state in states for gone in state.deleted],
        ),
        context,
    )
    annotations = workspace.export("annotations.jsonl")
    if not annotations.is_file() or annotations.read_bytes() != json_lines(checked.annotations):
        # Records made from other annotations must not be released, whatever happens next.
        workspace.export("adjudicated.jsonl").unlink(missing_ok=True)
    write_lines(annotations, checked.annotations)
    write_lines(workspace.export("findings.jsonl"), checked.findings)
    write_lines(workspace.export("held.jsonl"), checked.held)
    write_books(workspace, "pull", checked.books)
    return checked


def write_books(workspace: Workspace, part: str, balance: Any) -> None:
    """Write one part of the books; a new pull makes the part about the release out of date and drops it."""
    books = read_books(workspace)
    if part == "pull" and books.get("pull") != balance:
        books = {}
    write_atomic(workspace.export("books.json"), canonical_json({**books, part: balance}) + b"\n")


def read_books(workspace: Workspace) -> dict[str, Any]:
    """Read the books; empty when nothing was pulled yet."""
    path = workspace.export("books.json")
    return dict(read_json(path.read_bytes(), path)) if path.is_file() else {}


def adjudicate(policy: str = "agree", project: Path | None = None) -> Adjudicated:
    """Make records of the articles on which the readings agree, or which ``policy`` settles; log every decision."""
    from curate.adjudication import POLICIES
    from curate.adjudication import adjudicate as adjudicate_annotations
    from curate.pseudonyms import pseudonym
    from curate.schema.compiling import record_schema
    from curate.shapes import compile_validator
    from curate.validation import check_record

    settings = read_settings(project)
    workspace = Workspace(settings.folder)
    kind, _, name = policy.partition(":")
    if policy not in POLICIES and not (kind == "annotator" and name):
        raise UsageError(f"unknown policy {policy!r}.", f"Use one of: {', '.join(POLICIES)}, annotator:NAME.")
    check_writable(workspace.exports)
    with locked(workspace):
        annotations = pulled_annotations(workspace)
        names = {annotation.annotator for annotation in annotations}
        if name and name not in names:
            name = pseudonym(pseudonym_key(workspace), name)
            if name not in names:
                raise UsageError(
                    f"no reading of {policy.partition(':')[2]}.", f"Annotators: {', '.join(sorted(names))}."
                )
            policy = f"annotator:{name}"
        articles = read_articles(workspace)
        schema = load_schema(settings)
        _refuse_stale(annotations, articles, schema)
        validator = compile_validator(record_schema(schema))

        def findings(record: Record) -> Iterable[Finding]:
            return check_record(record, schema, validator)

        outcome = adjudicate_annotations(articles, annotations, schema, policy, settings.overlap, findings)
        write_lines(workspace.export("adjudicated.jsonl"), outcome.records)
        write_lines(workspace.export("decisions.jsonl"), outcome.decisions)
    seen = {annotation.article_id for annotation in annotations}
    return Adjudicated(outcome, sorted(set(articles) - seen))


def _refuse_stale(annotations: list[Annotation], articles: dict[str, Article], schema: EventSchema) -> None:
    """Annotations have to be those of the articles and the schema as they are now."""
    from curate.schema.compiling import annotation_schema
    from curate.shapes import compile_validator
    from curate.validation import check_annotation

    validator = compile_validator(annotation_schema(schema))
    for annotation in annotations:
        article = articles.get(annotation.article_id)
        found = check_annotation(annotation, article, schema, validator) if article else None
        if found is None or any(one.level == "error" for one in found):
            raise UsageError(
                f"annotation {annotation.id}: checked under another schema or other articles.", "Run: curate check"
            )


def pulled_annotations(workspace: Workspace) -> list[Annotation]:
    """Read the accepted annotations. Raises UsageError when nothing was pulled yet."""
    if not workspace.export("annotations.jsonl").is_file():
        raise UsageError(f"{workspace.exports}: nothing was pulled yet.", "Pull first: curate pull")
    return read_lines(workspace.export("annotations.jsonl"), Annotation)


def release(version: str, project: Path | None = None) -> ReleaseReport:
    """Write the adjudicated records as a dataset repository folder under ``exports/releases/``."""
    from curate.adjudication import item_fates
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
        fates = item_fates(annotations, records, {record.id for record in records}, schema)
        books = release_balance(fates, sum(len(annotation.items) for annotation in annotations))
        pulled = read_books(workspace).get("pull", {})
        if pulled.get("items", {}).get("accepted") != books["accepted"]:
            raise CurateError("The books of the pull and of the release don't meet.", "Run: curate check")
        releases = workspace.exports / "releases"
        _refuse_older(releases, version)
        report = build(
            releases,
            version,
            records=records,
            annotations=annotations,
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
    dry_run: bool = False,
    progress: Progress = _silent,
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
    return publish_folder(
        releases / version,
        repository,
        token=hub_token(),
        endpoint=hub_endpoint(),
        private=private,
        dry_run=dry_run,
        progress=progress,
    )
