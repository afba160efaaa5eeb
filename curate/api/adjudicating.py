"""Several readings of an article become one record."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from curate.api.project import load_schema, pulled_annotations, write_books
from curate.errors import UsageError
from curate.records import Annotation, Article, Finding, Record
from curate.settings import read_settings
from curate.workspace import Workspace, check_writable, locked, pseudonym_key, read_articles, write_lines

if TYPE_CHECKING:
    from curate.adjudication.policies import Policy
    from curate.adjudication.settling import Outcome
    from curate.schema.model import EventSchema


@dataclass(frozen=True)
class Adjudicated:
    """What adjudication came to."""

    outcome: Outcome
    waiting: list[str]


def adjudicate(policy: str = "agree", project: Path | None = None) -> Adjudicated:
    """Make records of the articles on which the readings agree, or which ``policy`` settles; log every decision."""
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
        _refuse_stale(annotations, articles, schema)
        validator = compile_validator(record_schema(schema))

        def findings(record: Record) -> Iterable[Finding]:
            return check_record(record, schema, validator)

        outcome = settle(articles, annotations, schema, wanted, settings.overlap, findings)
        write_lines(workspace.export("adjudicated.jsonl"), outcome.records)
        write_lines(workspace.export("decisions.jsonl"), outcome.decisions)
        write_books(workspace, "adjudication", {"policy": wanted.name})
    seen = {annotation.article_id for annotation in annotations}
    return Adjudicated(outcome, sorted(set(articles) - seen))


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
