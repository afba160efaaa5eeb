"""Several readings of an article become one record."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from curate.api.project import (
    Progress,
    keep_schema,
    load_schema,
    pulled_adjudications,
    pulled_annotations,
    silent,
    write_books,
)
from curate.errors import UsageError
from curate.files import check_writable
from curate.lock import locked
from curate.records import Annotation, Article, Finding, Record
from curate.settings import Settings, read_settings
from curate.workspace import Workspace, pseudonym_key, read_articles, read_withdrawn, write_lines

if TYPE_CHECKING:
    from curate.adjudication.policies import Policy
    from curate.adjudication.settling import Outcome
    from curate.labelstudio.cases import CasePlan
    from curate.schema.model import EventSchema


@dataclass(frozen=True)
class Adjudicated:
    """What adjudication came to; ``plan`` is what bringing open articles to people does, where that was asked for."""

    outcome: Outcome
    waiting: list[str]
    plan: CasePlan | None = None
    applied: bool = False
    url: str | None = None


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

    ``push`` brings what is open to an adjudication project in Label Studio: plan, show through ``confirm``, apply.
    ``dry_run`` writes nothing, here or there.
    """
    from curate.adjudication.settling import adjudicate as settle
    from curate.schema.compiling import record_schema
    from curate.shapes import compile_validator
    from curate.validation import check_record

    settings = read_settings(project)
    workspace = Workspace(settings.folder)
    wanted = _policy(policy)
    check_writable(workspace.exports)
    with locked(workspace):
        annotations = pulled_annotations(workspace)
        wanted = _named(wanted, {annotation.annotator for annotation in annotations}, workspace)
        articles = read_articles(workspace)
        schema = load_schema(settings)
        adjudications = pulled_adjudications(workspace)
        _refuse_stale([*annotations, *(one.annotation for one in adjudications)], articles, schema)
        validator = compile_validator(record_schema(schema))

        def findings(record: Record) -> Iterable[Finding]:
            return check_record(record, schema, validator)

        outcome = settle(articles, annotations, schema, wanted, settings.assignment.readers_of, findings, adjudications)
        if not dry_run:
            write_lines(workspace.export("adjudicated.jsonl"), outcome.records)
            write_lines(workspace.export("decisions.jsonl"), outcome.decisions)
            write_books(workspace, "adjudication", {"policy": wanted.name})
        made = Adjudicated(outcome, sorted(set(articles) - set(outcome.open) - set(outcome.rules)))
        if push:
            made = _push(made, settings, workspace, schema, articles, None if dry_run else confirm, progress)
    return made


def _push(
    made: Adjudicated,
    settings: Settings,
    workspace: Workspace,
    schema: EventSchema,
    articles: Mapping[str, Article],
    confirm: Callable[[CasePlan], bool] | None,
    progress: Progress,
) -> Adjudicated:
    """Bring what is open to people, but for withdrawn articles; without ``confirm`` only plan it."""
    from curate.labelstudio import adjudicating, client
    from curate.labelstudio.cases import case_task, settled_task
    from curate.pseudonyms import pseudonym
    from curate.settings import label_studio_credentials

    key, withdrawn = pseudonym_key(workspace), read_withdrawn(workspace)
    cases = [
        case_task(case, lambda who, name=name: pseudonym(key, f"{name} {who}"), schema)  # type: ignore[misc]
        for name, case in made.outcome.cases.items()
        if name not in withdrawn
    ]
    settled = [settled_task(record, articles[record.id], schema) for record in made.outcome.records]
    with client.connected(label_studio_credentials(settings)) as connection:
        plan = adjudicating.plan(connection, settings, workspace, schema, cases, settled)
        number, applied = plan.project, False
        if plan.changes and confirm is not None and confirm(plan):
            number, applied = adjudicating.apply(connection, plan, progress), True
            keep_schema(workspace, settings, schema)
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


def _named(policy: Policy, names: set[str], workspace: Workspace) -> Policy:
    """Find the annotator that a policy names by pseudonym or account."""
    from curate.pseudonyms import pseudonym

    if not policy.annotator or policy.annotator in names:
        return policy
    found = pseudonym(pseudonym_key(workspace), policy.annotator)
    if found not in names:
        raise UsageError(f"no reading of {policy.annotator}.", f"Annotators: {', '.join(sorted(names))}.")
    return replace(policy, annotator=found)


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
