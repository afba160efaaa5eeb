"""Commands for event schema files."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from curate.cli.output import Output
from curate.wording import counted

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
    schema, warnings = check_schema(file, output.project)
    for warning in warnings:
        output.say(f"{path}:{warning.line}: warning: {warning.message}\n    {warning.fix}")
    parts = {
        "event type": len(schema.event_types),
        "role": len(schema.roles),
        "attribute": len(schema.attributes),
        "link": len(schema.links),
    }
    line = f"{schema.stamp}: fine. {', '.join(counted(number, name) for name, number in parts.items())}."
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
def show(
    context: typer.Context,
    file: File = None,
    html: Annotated[bool, typer.Option("--html", help="As the instructions, one HTML page to print.")] = False,
) -> None:
    """Print the guidelines made from the schema, as Markdown."""
    from curate.schema.instructions import guidelines_markdown
    from curate.schema.printing import printable_page

    schema = _read(context, file)
    typer.echo(printable_page(schema) if html else guidelines_markdown(schema))


@app.command()
def page(context: typer.Context, file: File = None) -> None:
    """Print the labelling page, as Label Studio takes it."""
    from curate.labelstudio.page import labelling_page

    typer.echo(labelling_page(_read(context, file)))


@app.command()
def migrate(
    context: typer.Context,
    file: File = None,
    earlier: Annotated[
        Path | None, typer.Option("--from", help="An earlier version; those that the project used if left out.")
    ] = None,
) -> None:
    """Show what became of the names of earlier versions, and write the rules that are missing.

    Changes nothing: annotations are brought to the names of today whenever they are checked.
    """
    from curate.api import migrate_schema

    output: Output = context.obj
    ways = migrate_schema(file, output.project, earlier=earlier)
    lines: list[str] = []
    for way in ways:
        lines.append(f"{way.old.stamp} to {way.new.stamp}:")
        changed = way.changed()
        lines += [
            f"  {section}: {old} is now {new}" for section, pairs in changed.items() for old, new in pairs.items()
        ]
        lines += [f"  {section}: {name} is no more" for section, names in way.gone().items() for name in names]
        if not changed and not way.gone():
            lines.append("  every name is there")
    if not ways:
        lines.append("There is no earlier version.")
    told = [{"from": way.old.stamp, "to": way.new.stamp, "renamed": way.changed(), "gone": way.gone()} for way in ways]
    output.result(told, lines)
    lacking = [way for way in ways if way.gone()]
    if lacking:
        output.say("What is no more holds back the annotations that use it. What is called otherwise now is written")
        output.say("into the schema; what is really gone: curate check --accept migration-missing")
        output.say("\n".join(lacking[-1].proposal()))
