"""Commands for event schema files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from curate.cli.output import Output

if TYPE_CHECKING:
    from curate.schema.model import EventSchema

app = typer.Typer(help="Check and look at event schemas.", no_args_is_help=True, rich_markup_mode=None)

File = Annotated[Path | None, typer.Argument(help="A schema file; the project's own if left out.")]


def _read(context: typer.Context, file: Path | None) -> EventSchema:
    from curate.api import load_schema, read_schema
    from curate.settings import read_settings

    output: Output = context.obj
    return read_schema(file) if file else load_schema(read_settings(output.project))


@app.command()
def check(context: typer.Context, file: File = None) -> None:
    """Check a schema file; every fault is named with its line."""
    schema = _read(context, file)
    line = (
        f"{schema.stamp}: fine. {len(schema.event_types)} event types, {len(schema.roles)} roles, "
        f"{len(schema.attributes)} attributes, {len(schema.links)} links."
    )
    context.obj.result({"stamp": schema.stamp, "digest": schema.digest}, [line])


@app.command("compile")
def compile_(context: typer.Context, file: File = None) -> None:
    """Print the JSON Schema of a record."""
    from curate.schema.compiling import record_schema

    typer.echo(json.dumps(record_schema(_read(context, file)), indent=2, ensure_ascii=False))


@app.command()
def show(context: typer.Context, file: File = None) -> None:
    """Print the guidelines made from the schema, as Markdown."""
    from curate.schema.instructions import guidelines_markdown

    typer.echo(guidelines_markdown(_read(context, file)))


@app.command()
def page(context: typer.Context, file: File = None) -> None:
    """Print the labelling page, as Label Studio takes it."""
    from curate.labelstudio.page import labelling_page

    typer.echo(labelling_page(_read(context, file)))
