"""Commands for event schema files."""

from __future__ import annotations

import json
from dataclasses import asdict
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
def new(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Small letters, digits and hyphens; the file is NAME.yaml.")],
    template: Annotated[str | None, typer.Option("--from", help="Copy this shipped schema instead.")] = None,
) -> None:
    """Start a schema: a small working example, with comments, to edit."""
    from curate.api import new_schema

    output: Output = context.obj
    path = new_schema(name, output.project, template=template)
    output.result({"path": str(path)}, [f"{path} written."])
    output.say(f"Next: edit it, then curate schema check {path}")


@app.command()
def check(context: typer.Context, file: File = None) -> None:
    """Check a schema file: every fault, and what is legal but unwise, with its line."""
    from curate.api import check_schema
    from curate.settings import read_settings

    output: Output = context.obj
    path = file or read_settings(output.project).schema
    schema, warnings = check_schema(path)
    for warning in warnings:
        output.say(f"{path}:{warning.line}: warning: {warning.message}\n    {warning.fix}")
    line = (
        f"{schema.stamp}: fine. {len(schema.event_types)} event types, {len(schema.roles)} roles, "
        f"{len(schema.attributes)} attributes, {len(schema.links)} links."
    )
    told = {"stamp": schema.stamp, "digest": schema.digest, "warnings": [asdict(one) for one in warnings]}
    output.result(told, [line])


@app.command()
def reference() -> None:
    """Print what every key of a schema file is, as Markdown."""
    from curate.schema.reference import reference_markdown
    from curate.schema.shipped import metaschema_path

    typer.echo(reference_markdown(json.loads(metaschema_path().read_bytes())), nl=False)


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
