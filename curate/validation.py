"""Whether records and annotations are right: their shape first, then hash and meaning."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import msgspec

from curate.meaning import meaning_findings
from curate.records import Annotation, Article, Finding, Record, plain
from curate.schema.compiling import annotation_schema, frame_schema
from curate.schema.model import EventSchema
from curate.shapes import compile_validator, shape_findings
from curate.text import text_sha256

if TYPE_CHECKING:
    from curate.shapes import Validator

FRAME = ("id", "task_id", "article_id", "text_sha256", "annotator", "schema", "created_at", "updated_at", "lead_time")
"""What of an annotation is not read from its result."""
_FRAME_OF = attrgetter(*FRAME)


def check_record(record: Record | dict[str, Any], schema: EventSchema, validator: Validator) -> list[Finding]:
    """List what is wrong with a record; ``validator`` is made of the schema's record schema.

    Where the shape is wrong, only that is told: the checks of meaning rely on it.
    """
    told: dict[str, Any] = plain(record)
    findings = shape_findings(told, validator)
    if not findings:
        made = record if isinstance(record, Record) else msgspec.convert(record, Record)
        findings = hash_findings(made.text, made.text_sha256) + meaning_findings(made, made.text, schema)
    return [_about(finding, article_id=told.get("id")) for finding in findings]


def check_annotation(
    annotation: Annotation | dict[str, Any], article: Article, schema: EventSchema, validator: Validator
) -> list[Finding]:
    """List what is wrong with an annotation of the article.

    ``validator`` is made of the schema's annotation schema. Where the shape is wrong, only that is told.
    """
    told: dict[str, Any] = plain(annotation)
    findings = shape_findings(told, validator)
    if not findings:
        made = annotation if isinstance(annotation, Annotation) else msgspec.convert(annotation, Annotation)
        findings = hash_findings(article.text, made.text_sha256) + meaning_findings(made, article.text, schema)
    return _about_annotation(findings, told, article)


def check_translation(
    annotation: Annotation, article: Article, schema: EventSchema, validator: Validator
) -> list[Finding]:
    """List what is wrong with an annotation that was read from a result, without an error, under this very schema.

    Such a reading has the shape that the schema asks for, and what ``meaning.HOLDS_IN_TRANSLATIONS``, by the way it is
    made; that is not looked at again. ``validator`` is made of the schema for the rest of an annotation, its frame.
    """
    frame = dict(zip(FRAME, _FRAME_OF(annotation), strict=True))
    findings = shape_findings(frame, validator)
    if not findings:
        findings = hash_findings(article.text, annotation.text_sha256)
        findings += meaning_findings(annotation, article.text, schema, translated=True)
    return _about_annotation(findings, frame, article)


def annotation_checker(schema: EventSchema) -> Callable[[Annotation, Article], list[Finding]]:
    """Give what checks an annotation that was read from a result, whichever schema it was made under."""
    whole, frame = compile_validator(annotation_schema(schema)), compile_validator(frame_schema())

    def check(annotation: Annotation, article: Article) -> list[Finding]:
        if annotation.schema == schema.stamp:
            return check_translation(annotation, article, schema, frame)
        return check_annotation(annotation, article, schema, whole)

    return check


def _about_annotation(findings: Sequence[Finding], annotation: Mapping[str, Any], article: Article) -> list[Finding]:
    annotator, identifier = annotation.get("annotator"), annotation.get("id")
    about = {"article_id": article.id, "annotation_id": identifier, "annotator": annotator}
    return [_about(finding, **about) for finding in findings]


def hash_findings(text: str, said: str) -> list[Finding]:
    """Say when a text is not the one that its hash was taken of."""
    if text_sha256(text) == said:
        return []
    message = "the text's SHA-256 is another; take text and hash from one article version"
    return [Finding(code="text-hash-mismatch", level="error", place="$.text_sha256", message=message)]


def _about(finding: Finding, **about: Any) -> Finding:
    """Say what the finding is about, as far as that is known."""
    return msgspec.structs.replace(finding, **{key: value for key, value in about.items() if isinstance(value, str)})
