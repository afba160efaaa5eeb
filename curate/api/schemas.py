"""Verbs on event schema files: begin one, check one."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from curate.api.project import kept_schemas, read_schema, read_schema_text
from curate.errors import UsageError
from curate.files import check_writable, write_atomic
from curate.schema.shipped import METASCHEMA, metaschema_path, shipped_schema
from curate.settings import read_settings
from curate.workspace import Workspace

if TYPE_CHECKING:
    from curate.migration import Renaming
    from curate.schema.model import EventSchema
    from curate.schema.source import Problem

_NAME = re.compile("[a-z][a-z0-9-]*")


def new_schema(name: str, folder: Path | None = None, *, template: str | None = None) -> Path:
    """Begin an event schema: write ``name``.yaml into ``folder``, and beside it what editors check it by.

    It is a small working example, or a copy of the shipped schema ``template``. Raises UsageError for a name that
    schemas can't have, an unknown template, or a schema file that is there already; the one for editors is renewed.
    """
    if not _NAME.fullmatch(name):
        guess = re.sub("[^a-z0-9]+", "-", name.lower()).strip("-0123456789")
        fix = f"Write small letters, digits and hyphens, such as {guess or 'my-schema'!r}."
        raise UsageError(f"{name!r} can't be the name of a schema.", fix)
    folder = folder or Path()
    path = folder / f"{name}.yaml"
    if path.exists() or path.is_symlink():
        fix = f"Choose another name, or go on with it: curate schema check {path}"
        raise UsageError(f"{path}: there is a file of this name.", fix)
    source = shipped_schema(template) if template else Path(__file__).parents[1] / "schema" / "template.yaml"
    text = source.read_text(encoding="utf-8")
    if template:
        text = re.sub(r"^version:.*", "version: 0.1.0", text, count=1, flags=re.MULTILINE)
    else:
        text = text.replace("my-schema", name)
    text = re.sub(r"^name:.*", f"name: {name}", text, count=1, flags=re.MULTILINE)
    check_writable(folder)
    write_atomic(folder / METASCHEMA, metaschema_path().read_bytes())
    write_atomic(path, text.encode())
    return path


def check_schema(path: Path | None = None, project: Path | None = None) -> tuple[EventSchema, list[Problem]]:
    """Read and check an event schema file, and list what is legal but unwise in it, by line.

    It is the project's own if no ``path`` is given; that one is held against the versions that were used there too.
    Raises UsageError where there is no such file to read, SchemaError naming the lines that are wrong.
    """
    from curate.schema.advice import warnings
    from curate.schema.loading import load
    from curate.schema.source import parse

    earlier: list[EventSchema] = []
    if path is None:
        settings = read_settings(project)
        path, earlier = settings.schema, kept_schemas(Workspace(settings.folder))
    text = read_schema_text(path)
    schema = load(text, str(path))
    return schema, warnings(schema, parse(text, str(path)), earlier)


def migrate_schema(
    path: Path | None = None, project: Path | None = None, *, earlier: Path | None = None
) -> list[Renaming]:
    """Tell for each earlier version of a schema what became of its names, by the rules under ``renamed``.

    The schema is the project's own if no ``path`` is given, the earlier ones those that the project used if no
    ``earlier`` one is. Nothing is changed: readings are brought to the names of today whenever they are checked.
    """
    from curate.migration import renaming

    new = read_schema(path or read_settings(project).schema)
    known = [read_schema(earlier)] if earlier else kept_schemas(Workspace(read_settings(project).folder))
    return [renaming(old, new) for old in known if old.stamp != new.stamp and old.name == new.name]
