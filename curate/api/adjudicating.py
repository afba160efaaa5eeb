"""Several readings of an article become one record."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from curate.api.annotating import PULLED
from curate.api.project import (
    Progress,
    annotations_file,
    keep_schema,
    load_schema,
    pulled_adjudications,
    read_books,
    shared_number,
    silent,
    stream_annotations,
    write_books,
)
from curate.errors import UsageError
from curate.files import Replacement, check_writable
from curate.lock import locked
from curate.records import Adjudication, Annotation, Article, Finding, Record, json_lines
from curate.settings import Settings, read_settings
from curate.stored import Stored, View
from curate.workspace import Workspace, pseudonym_key, read_private, read_withdrawn, write_private

if TYPE_CHECKING:
    from curate.adjudication.policies import Policy
    from curate.adjudication.settling import Case, Settlement
    from curate.labelstudio.cases import CasePlan, CaseTask
    from curate.schema.model import EventSchema

SETTLING = "settling.json"
"""The private note of the articles that people were given to settle, and of the pull after which they were."""


@dataclass(frozen=True)
class Adjudicated:
    """What adjudication came to; the records and decisions themselves stand in the files of the exports.

    ``decided`` holds the rule by which each article got its record, ``open`` why the others have none, ``to_settle``
    the open ones that people can settle, ``waiting`` the articles without a reading that counts; withdrawn articles are
    in ``withdrawn`` alone. ``plan`` is what bringing open articles to people does, where that was asked for.
    """

    decided: dict[str, str] = field(default_factory=dict)
    open: dict[str, str] = field(default_factory=dict)
    to_settle: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    withdrawn: list[str] = field(default_factory=list)
    plan: CasePlan | None = None
    applied: bool = False
    url: str | None = None


@dataclass(frozen=True)
class _Material:
    """The articles, and what was read and settled of each; all but what people settled is read when it is asked for."""

    schema: EventSchema
    articles: Mapping[str, Article]
    annotations: Mapping[str, Sequence[Annotation]]
    adjudications: Mapping[str, Sequence[Adjudication]]


def adjudicate(
    policy: str = "agree",
    project: Path | None = None,
    *,
    push: bool = False,
    dry_run: bool = False,
    confirm: Callable[[CasePlan], bool] = lambda _: True,
    progress: Progress = silent,
) -> Adjudicated:
    """Make records of the articles on which the readings agree, or which people or ``policy`` settle; log decisions.

    Readings are read some articles at a time. ``push`` brings what is open to an adjudication project in Label Studio:
    plan, show through ``confirm``, apply. ``dry_run`` writes nothing, here or there.
    """
    settings = read_settings(project)
    workspace = Workspace(settings.folder)
    wanted = _policy(policy)
    check_writable(workspace.exports)
    with locked(workspace), ExitStack() as stack:
        material = _opened(workspace, load_schema(settings), stack)
        wanted = _named(wanted, workspace)
        records, decisions = (
            stack.enter_context(Replacement(workspace.export(f"{name}.jsonl"))) for name in ("adjudicated", "decisions")
        )
        withdrawn = read_withdrawn(workspace)
        made = Adjudicated(withdrawn=sorted(material.articles.keys() & withdrawn.keys()))
        tasks: list[CaseTask] = []
        to_task = _to_task(workspace, material.schema) if push else None
        for one in _settled(material, wanted, settings):
            decisions.write(json_lines(one.decisions))
            if one.record is not None:
                records.write(json_lines([one.record]))
            if one.article_id in withdrawn:  # it is in the records and decisions what it was, and nobody's concern
                continue
            if one.record is not None:
                made.decided[one.article_id] = one.rule
            else:
                made.open[one.article_id] = one.open
            if one.case is not None:
                made.to_settle.append(one.article_id)
                tasks += [to_task(one.case)] if to_task else []
        made.waiting.extend(sorted(set(material.articles) - {*made.open, *made.decided, *made.withdrawn}))
        if not dry_run:
            _keep(workspace, records, decisions, wanted)
        if push:
            settled = _settled_tasks(records.lines(), material)
            made = _push(made, settings, material.schema, tasks, settled, None if dry_run else confirm, progress)
    return made


def _keep(workspace: Workspace, records: Replacement, decisions: Replacement, policy: Policy) -> None:
    """Put all that was made in its place, or leave it there where nothing changed.

    The records go first and come last: whatever stops this, none are there beside decisions or a policy that are not
    theirs.
    """
    books = {"policy": policy.name}
    changes = [records.changes(), decisions.changes(), read_books(workspace).get("adjudication") != books]
    if any(changes):
        workspace.export("adjudicated.jsonl").unlink(missing_ok=True)
        decisions.commit()
        write_books(workspace, adjudication=books)
        records.commit()


def _opened(workspace: Workspace, schema: EventSchema, stack: ExitStack) -> _Material:
    """Open what was read and settled of each article, to be read once. Raises UsageError when nothing was pulled yet.

    A reading has to be one of the articles and the schema as they are now, and the only one of its number; asking for
    another raises UsageError.
    """
    from curate.schema.compiling import annotation_schema
    from curate.shapes import compile_validator
    from curate.validation import check_annotation

    validator = compile_validator(annotation_schema(schema))
    articles = View(stack.enter_context(Stored(workspace.articles, Article)), lambda versions: versions[-1])

    met: set[str] = set()

    def checked(readings: Sequence[Annotation]) -> Sequence[Annotation]:
        for one in readings:
            if one.id in met:
                raise shared_number(workspace, one.id, one.article_id)
            met.add(one.id)
            article = articles.get(one.article_id)
            found = check_annotation(one, article, schema, validator) if article else None
            if found is None or any(each.level == "error" for each in found):
                raise UsageError(
                    f"annotation {one.id}: checked under another schema or other articles.", "Run: curate check"
                )
        return readings

    annotations = stack.enter_context(Stored(annotations_file(workspace), Annotation, "article_id"))
    adjudications: dict[str, list[Adjudication]] = {}
    for one in pulled_adjudications(workspace):
        checked([one.annotation])
        adjudications.setdefault(one.annotation.article_id, []).append(one)
    return _Material(schema, articles, View(annotations, checked), adjudications)


def _settled(material: _Material, policy: Policy, settings: Settings) -> Iterator[Settlement]:
    """Decide article by article, every record checked."""
    from curate.adjudication.settling import settle
    from curate.schema.compiling import record_schema
    from curate.shapes import compile_validator
    from curate.validation import check_record

    validator = compile_validator(record_schema(material.schema))

    def findings(record: Record) -> Iterable[Finding]:
        return check_record(record, material.schema, validator)

    return settle(
        material.articles,
        material.annotations,
        material.schema,
        policy,
        settings.assignment.readers_of,
        findings,
        material.adjudications,
    )


def _to_task(workspace: Workspace, schema: EventSchema) -> Callable[[Case], CaseTask]:
    """Give what makes of a case the task that people settle it in."""
    from curate.labelstudio.cases import case_task
    from curate.pseudonyms import pseudonym

    key = pseudonym_key(workspace)

    def task(case: Case) -> CaseTask:
        return case_task(case, lambda who: pseudonym(key, f"{case.article.id} {who}"), schema)

    return task


def _settled_tasks(lines: Iterable[bytes], material: _Material) -> Iterator[CaseTask]:
    """Give for each record what tells people that nothing is left to settle there."""
    from curate.labelstudio.cases import settled_task

    for line in lines:
        record = msgspec.json.decode(line, type=Record)
        yield settled_task(record, material.articles[record.id], material.schema)


def _push(
    made: Adjudicated,
    settings: Settings,
    schema: EventSchema,
    tasks: Iterable[CaseTask],
    settled: Iterable[CaseTask],
    confirm: Callable[[CasePlan], bool] | None,
    progress: Progress,
) -> Adjudicated:
    """Bring what is open to people; without ``confirm`` only plan it."""
    from curate.labelstudio import adjudicating, client
    from curate.settings import label_studio_credentials

    workspace = Workspace(settings.folder)
    with client.connected(label_studio_credentials(settings)) as connection:
        plan = adjudicating.plan(connection, settings, workspace, schema, tasks, settled)
        number, applied = plan.project, False
        if plan.changes and confirm is not None and confirm(plan):
            number, applied = adjudicating.apply(connection, plan, progress), True
            keep_schema(workspace, settings, schema)
        if applied or (not plan.changes and confirm is not None):
            after = (read_private(workspace, PULLED) or {}).get("at")
            write_private(workspace, SETTLING, {"after": after, "articles": made.to_settle})
        url = f"{connection.url}/projects/{number}/data" if number else None
    return replace(made, plan=plan, applied=applied, url=url)


def _policy(text: str) -> Policy:
    from curate.adjudication.policies import POLICIES, read_policy

    policy = read_policy(text)
    if policy is None:
        raise UsageError(
            f"unknown policy {text!r}.", f"Use one of: {', '.join(POLICIES)}, majority:NUMBER, annotator:NAME."
        )
    return policy


def _named(policy: Policy, workspace: Workspace) -> Policy:
    """Find the annotator that a policy names by pseudonym or account."""
    from curate.pseudonyms import pseudonym

    if not policy.annotator:
        return policy
    names = {annotation.annotator for annotation in stream_annotations(workspace)}
    if policy.annotator in names:
        return policy
    found = pseudonym(pseudonym_key(workspace), policy.annotator)
    if found not in names:
        raise UsageError(f"no reading of {policy.annotator}.", f"Annotators: {', '.join(sorted(names))}.")
    return replace(policy, annotator=found)
