"""From adjudicated records to a dataset repository folder."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from curate.api.guarding import refuse_leaks
from curate.api.project import load_schema, pulled_adjudications, read_books, write_books
from curate.api.released import note_released, told_books
from curate.collecting import collecting_seldom
from curate.errors import CurateError, InputError, UsageError
from curate.files import check_writable, copy_atomic, write_atomic
from curate.lock import locked
from curate.raw import is_checked, raw_tasks
from curate.records import Annotation, Article, Decision, Record, canonical_json, plain
from curate.settings import FILE, Settings, read_settings
from curate.stored import Stored, View
from curate.workspace import Workspace, read_json, read_withdrawn

if TYPE_CHECKING:
    from curate.grouping import Entry, Home, Placement
    from curate.hub.metadata import Metadata
    from curate.hub.release import ReleaseReport
    from curate.schema.model import EventSchema
    from curate.splits import Rule

INPUTS = "inputs.json"
MEASURED = 1000
"""Articles whose readings are compared at a time."""

AGAIN = "Run: curate check && curate adjudicate"


@dataclass(frozen=True)
class Settled:
    """The files of a project that a release is made from, open to be read value by value."""

    records: Mapping[str, Record]
    annotations: Mapping[str, Sequence[Annotation]]
    decisions: Mapping[str, Sequence[Decision]]
    people: Mapping[str, Sequence[Annotation]]
    """What adjudicators submitted for each article."""


def release(version: str, project: Path | None = None) -> ReleaseReport:
    """Write the adjudicated records as a dataset repository folder under ``exports/releases/``.

    Records are read one at a time, so that memory grows with their number and not with their size.
    """
    from curate.hub.manifest import version_key
    from curate.hub.metadata import read_metadata
    from curate.hub.release import put, staged
    from curate.splits import read_rule

    settings = read_settings(project)
    workspace = Workspace(settings.folder)
    releases = workspace.exports / "releases"
    schema = load_schema(settings)
    version_key(version)
    check_writable(releases)
    if not workspace.export("annotations.jsonl").is_file():
        from curate.api.standing import next_step

        told = f"{workspace.exports}: nothing was pulled yet, so there is nothing to release."
        raise UsageError(told, next_step(project))
    if not workspace.export("adjudicated.jsonl").is_file():
        raise UsageError(
            f"{workspace.exports}: no adjudication was finished since the annotations last changed.",
            "Run: curate adjudicate",
        )
    rule = read_rule(settings.dataset, settings.workspace)
    metadata = read_metadata(settings.dataset)
    with locked(workspace):
        _refuse_older(releases, version)
        with staged(releases / version) as folder:
            # What a release is made from is let go of before it is searched: both need memory.
            made, people = _built(folder, version, settings, schema, rule, metadata)
            refuse_leaks(folder, settings)

            def note(report: ReleaseReport) -> None:
                _keep_inputs(settings, workspace, report)
                write_books(workspace, release=report.books["release"], release_people=people)
                note_released(workspace, version)

            return put(made, releases / version, note)


@collecting_seldom()
def _built(
    folder: Path, version: str, settings: Settings, schema: EventSchema, rule: Rule, metadata: Metadata
) -> tuple[ReleaseReport, dict[str, dict[str, int]]]:
    """Write the release into a folder, from the files that adjudication left; give each person's books with it."""
    from curate.hub.earlier import previous_release, read_earlier
    from curate.hub.manifest import pretty_json
    from curate.hub.release import build
    from curate.hub.writing import Material
    from curate.schema.compiling import record_schema

    workspace = Workspace(settings.folder)
    with ExitStack() as stack:
        settled = _settled(workspace, stack)
        withdrawn = frozenset(read_withdrawn(workspace))
        earlier = read_earlier(previous_release(workspace.exports / "releases", version))
        with Stored(workspace.articles, Article) as stored:
            articles = View(stored, lambda versions: versions[-1])
            entries = _checked_entries(settled.records, articles, schema, rule, withdrawn)
            placement = _placed(articles, entries, earlier.homes, rule)
        # Of 100,000 articles, what splits were decided by and where they stand in the file are 50 MB.
        del stored, articles, entries
        material = Material(
            schema=schema,
            records=settled.records,
            annotations=settled.annotations,
            decisions=settled.decisions,
            tasks=raw_tasks(workspace),
            agreement=_agreement(settled, placement, schema),
            texts={
                "schema.yaml": settings.schema.read_bytes(),
                "record.schema.json": pretty_json(record_schema(schema)),
            },
        )
        books, people = _balanced(settled, placement, withdrawn, schema, read_books(workspace))
        return build(folder, version, material, placement, rule, metadata, books, earlier, withdrawn), people


def _settled(workspace: Workspace, stack: ExitStack) -> Settled:
    """Open what adjudication left. Raises UsageError where there is no record, or raw answers that weren't checked."""
    if not is_checked(workspace):
        raise UsageError(f"{workspace.raw}: what was pulled is not all checked.", AGAIN)
    records = stack.enter_context(Stored(workspace.export("adjudicated.jsonl"), Record))
    if not records:
        raise UsageError("There is no record to release: every article is open.", "See why: curate adjudicate")
    people: dict[str, list[Annotation]] = {}
    for one in pulled_adjudications(workspace):
        people.setdefault(one.annotation.article_id, []).append(one.annotation)
    return Settled(
        records=View(records, _single),
        annotations=stack.enter_context(Stored(workspace.export("annotations.jsonl"), Annotation, "article_id")),
        decisions=stack.enter_context(Stored(workspace.export("decisions.jsonl"), Decision, "article_id")),
        people=people,
    )


def _single(records: Sequence[Record]) -> Record:
    """Give the one record of an article."""
    if len(records) > 1:
        fix = "Make that file again: curate adjudicate"
        raise InputError(f"adjudicated.jsonl: the record {records[0].id} is there twice.", fix)
    return records[0]


def _checked_entries(
    records: Mapping[str, Record],
    articles: Mapping[str, Article],
    schema: EventSchema,
    rule: Rule,
    withdrawn: Iterable[str],
) -> dict[str, Entry]:
    """Check every record, and give what decides on the splits of those that are to be released."""
    from curate.grouping import entry_of
    from curate.schema.compiling import record_schema
    from curate.shapes import compile_validator
    from curate.validation import check_record

    validator = compile_validator(record_schema(schema))
    entries = {}
    for name, record in records.items():
        for found in check_record(plain(record), schema, validator):
            if found.level == "error":
                raise InputError(f"record {name} · {found.place}: {found.message} ({found.code})", AGAIN)
        article = articles.get(name)
        if article is None or any(getattr(article, key) != getattr(record, key) for key in Article.__struct_fields__):
            raise InputError(f"record {name}: its article was changed since it was adjudicated.", AGAIN)
        if name not in withdrawn:
            entries[name] = entry_of(record, rule.group_by)
    if not entries:
        raise UsageError(
            "There is no record to release: every one is withdrawn.", "Let one back in: curate withdraw --undo ID"
        )
    return entries


def _placed(
    articles: Mapping[str, Article], entries: Mapping[str, Entry], earlier: Mapping[str, Home], rule: Rule
) -> Placement:
    """Find the split of every record, beside all that was released before and is still an article here."""
    from curate.grouping import place, story_of

    former = sorted(name for name in earlier if name not in entries and name in articles)
    texts = View({name: name for name in (*entries, *former)}, lambda name: articles[name].text)
    stories = {name: story_of(articles[name], rule.group_by) for name in former}
    told = {name: story for name, story in stories.items() if story is not None}
    placement = place(entries, texts, earlier, rule, told)
    if not placement.homes:
        raise UsageError(
            "There is no record to release: the splits leave every one out.", "Look at [dataset] splits or cutoffs."
        )
    return placement


def _balanced(
    settled: Settled, placement: Placement, withdrawn: Iterable[str], schema: EventSchema, books: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, dict[str, int]]]:
    """Account for every accepted item, article by article, and hold the sum against the books of the pull.

    Gives the books, and the lines of the release for each person.
    """
    from curate.adjudication.fates import item_fates
    from curate.books import release_balances

    counted: dict[str, Counter[str]] = defaultdict(Counter)
    accepted: Counter[str] = Counter()
    for name in sorted({*settled.annotations, *settled.people}):
        readings, people = settled.annotations.get(name, []), settled.people.get(name, [])
        records = [settled.records[name]] if name in settled.records else []
        fates = item_fates(readings, records, {name} & placement.homes.keys(), schema, people)
        for (annotator, _, _), fate in fates.items():
            by_split = fate == "left out" and name not in withdrawn
            counted[annotator]["left out by split" if by_split else fate] += 1
        for one in (*readings, *people):
            accepted[one.annotator] += len(one.items)
    balance, by_person = release_balances(counted, accepted)
    pulled = books.get("pull", {})
    if pulled.get("items", {}).get("accepted") != balance["accepted"]:
        raise CurateError("The books of the pull and of the release don't meet.", "Run: curate check")
    return told_books(books, balance), by_person


def _agreement(settled: Settled, placement: Placement, schema: EventSchema) -> dict[str, str]:
    """Measure how far the readings of what is released agree (exact F1), to three places; none where nothing can be.

    What is agreed and what is stated are sums over articles, so that some articles at a time are enough.
    """
    from curate.agreement import measure
    from curate.agreement.results import MEASURES, TITLES

    agreed, stated = dict.fromkeys(MEASURES, 0.0), dict.fromkeys(MEASURES, 0.0)
    names = iter(sorted(placement.homes))
    while batch := list(islice(names, MEASURED)):
        by_article = (settled.annotations.get(name, ()) for name in batch)
        scores = measure((one for own in by_article if len(own) > 1 for one in own), schema).overall["exact"]
        for name in MEASURES:
            agreed[name] += scores[name].agreed
            stated[name] += scores[name].stated
    return {TITLES[name]: f"{agreed[name] / stated[name]:.3f}" for name in MEASURES if stated[name]}


def _keep_inputs(settings: Settings, workspace: Workspace, report: ReleaseReport) -> None:
    """Keep what a release was made from, so that it can be made again; what is kept for that very release stays.

    Raw answers are only ever added to, so that their names and hashes are enough of them.
    """
    from curate.hub.manifest import NAME, file_digest

    folder = workspace.kept(report.version)
    made = file_digest(report.folder / NAME)
    path = folder / INPUTS
    if path.is_file() and read_json(path.read_bytes(), path).get("manifest") == made:
        return
    text = (settings.folder / FILE).read_text(encoding="utf-8")
    write_atomic(
        folder / FILE, re.sub(r"(?m)^[ \t]*schema[ \t]*=.*$", 'schema = "schema.yaml"', text, count=1).encode()
    )
    write_atomic(folder / "schema.yaml", settings.schema.read_bytes())
    for path in (workspace.articles, workspace.withdrawn, workspace.gold):
        if path.is_file():
            copy_atomic(path, folder / path.name)
        else:
            (folder / path.name).unlink(missing_ok=True)
    raw = {str(path.relative_to(workspace.raw)): file_digest(path) for path in workspace.raw_files()}
    policy = read_books(workspace).get("adjudication", {}).get("policy")
    write_atomic(folder / INPUTS, canonical_json({"manifest": made, "policy": policy, "raw": raw}) + b"\n")


def _refuse_older(releases: Path, version: str) -> None:
    """A new release below one that is there would change what that one was made after."""
    from curate.hub.manifest import version_key, versions

    there = versions(releases)
    if there and version not in there and version_key(there[-1]) > version_key(version):
        raise UsageError(f"{releases}: release {there[-1]} is there already.", f"Choose a version above {there[-1]}.")
