"""What was pulled, checked: all of it comes out, and only what changed since the last check is done again."""

from __future__ import annotations

import importlib.metadata
import sys
from collections.abc import Mapping
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

import curate
from curate.api.project import (
    annotator_names,
    kept_schemas,
    load_schema,
    open_pulled,
    shared_number,
    write_books,
)
from curate.collecting import collecting_seldom
from curate.errors import UsageError
from curate.raw import forget_checked, note_checked, raw_folders
from curate.records import Adjudication, Annotation, Article, Finding
from curate.settings import Settings
from curate.stored import Lines, Stored, View
from curate.workspace import Workspace, read_gold

if TYPE_CHECKING:
    from curate.checking import Checked
    from curate.judging import Context
    from curate.rewriting import Rewritten
    from curate.schema.model import EventSchema

CHECKED: dict[str, Any] = {
    "annotations": Annotation,
    "rereadings": Annotation,
    "adjudications": Adjudication,
    "findings": Finding,
    "held": dict[str, Any],
}
"""What a check writes, each a file of lines of one type."""

RARE = ("rereadings", "adjudications")
"""Files that most projects never have: they are made when there is something for them."""

LIBRARIES = ("jsonschema-rs", "msgspec", "PyYAML")
"""What decides what a check finds and how it is written, beside our own code and Python."""


class _Numbered(msgspec.Struct):
    id: str
    article_id: str


class _Adjudicated(msgspec.Struct):
    annotation: _Numbered


_NUMBERED, _ADJUDICATED = msgspec.json.Decoder(_Numbered), msgspec.json.Decoder(_Adjudicated)


@collecting_seldom()
def check_pulled(settings: Settings, workspace: Workspace, schema: EventSchema | None = None) -> Checked:
    """Check all that was pulled and write what comes of it; no file is replaced before all are whole.

    ``schema`` is the project's, where it was read already. Raises UsageError when nothing was pulled yet, and for
    annotations of two Label Studios that have one number; then every file stays what the last check made it.
    """
    from curate.books import Ledger
    from curate.checking import Checked, subjects
    from curate.lastcheck import NOTE, Recheck

    files = {name: workspace.export(f"{name}.jsonl") for name in CHECKED}
    with Stored(workspace.articles, Article, marked=True) as versions, open_pulled(workspace) as pulled:
        if pulled is None:
            raise UsageError(f"{workspace.raw}: nothing was pulled yet.", "Pull first: curate pull")
        context = context_of(settings, workspace, View(versions, lambda read: read[-1]), schema)
        name_of, asked, ledger = context.annotator, dict[str, str](), Ledger()

        def noted(user: Any) -> str:
            return asked.setdefault(str(user), name_of(user))

        noting = replace(context, annotator=noted)
        with Recheck(workspace.private / NOTE, ground_of(settings, workspace), files) as recheck:
            for subject in subjects(pulled, context, versions.mark):
                counts = recheck.known(subject, name_of)
                if counts is None:
                    asked.clear()
                    own = Ledger()
                    part = subject.check(noting, own)
                    counts = own.counts()
                    recheck.add(subject, part, counts, asked)
                ledger.add(counts)
            recheck.finish()
            books, written = ledger.balance(), recheck.files
            if len(raw_folders(workspace)) > 1:
                _refuse_shared_numbers(workspace, written)
            _replace(workspace, {name: file for name, file in written.items() if name not in RARE or _is_due(file)})
            write_books(workspace, **books)
            note_checked(workspace)
            recheck.commit()
    return Checked(
        **{name: Lines(files[name], kind, written[name].lines) for name, kind in CHECKED.items()},
        books=books["pull"],
        finer_books=books["check"],
    )


def _is_due(file: Rewritten) -> bool:
    return bool(file.lines) or file.path.is_file()


def _replace(workspace: Workspace, files: Mapping[str, Rewritten]) -> None:
    """Put the files that changed in their place.

    Whatever stops this, nothing is released of files that don't belong together: records made from other annotations
    are gone before, and until the books are written nothing counts as checked.
    """
    changed = {name for name, file in files.items() if file.changes()}
    if changed & {"annotations", "adjudications"}:
        workspace.export("adjudicated.jsonl").unlink(missing_ok=True)
    if changed:
        forget_checked(workspace)
    for file in files.values():
        file.commit()


def _refuse_shared_numbers(workspace: Workspace, files: Mapping[str, Rewritten]) -> None:
    """Raise UsageError for two annotations of one number, as adjudicating them would."""
    adjudicated = (one.annotation for one in map(_ADJUDICATED.decode, files["adjudications"].content()))
    met = set[str]()
    for one in chain(adjudicated, map(_NUMBERED.decode, files["annotations"].content())):
        if one.id in met:
            raise shared_number(workspace, one.id, one.article_id)
        met.add(one.id)


def context_of(
    settings: Settings,
    workspace: Workspace,
    articles: Mapping[str, Article],
    schema: EventSchema | None = None,
    *,
    make: bool = True,
) -> Context:
    """Give what readings of some articles are checked against; without ``make`` no key of pseudonyms is made."""
    from curate.judging import Context
    from curate.validation import annotation_checker

    schema = schema or load_schema(settings)
    schemas = {schema.stamp: schema}
    for kept in kept_schemas(workspace, settings.schema):
        schemas.setdefault(kept.stamp, kept)

    check = annotation_checker(schema)
    gold = frozenset(one.article_id for one in read_gold(workspace))
    names = annotator_names(workspace, make=make)
    return Context(schema, schemas, articles, names, check, settings.accepted, gold)


def ground_of(settings: Settings, workspace: Workspace) -> str:
    """Hash what a check depends on for every article alike: code, libraries, schemas and what is accepted."""
    from curate.answers import mark_of

    package = Path(curate.__file__).parent
    parts = [sys.version, *(f"{name} {importlib.metadata.version(name)}" for name in LIBRARIES)]
    told: list[bytes | str] = [*parts, *sorted(settings.accepted)]
    schemas = [settings.schema, *sorted((workspace.raw / "schemas").glob("*.yaml"))]
    code = sorted(package.rglob("*.py"))
    for path in (*schemas, *code):
        told += [path.name, path.read_bytes()]
    return mark_of(*told).hex()
