"""The command that writes the report."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from curate.cli.output import Output


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(report)


def report(
    context: typer.Context,
    output: Annotated[Path | None, typer.Option(help="The file to write, if not exports/report.html.")] = None,
) -> None:
    """Write all that is counted to one HTML file for the team.

    Progress, agreement, differences and books.
    """
    from curate import api

    shared: Output = context.obj
    made = api.report(shared.project, output=output)
    shared.result(
        {"path": str(made.path), "changed": made.changed},
        [f"{made.path}: {'written' if made.changed else 'unchanged'}."],
    )
    shared.unscored(made.contents.unscored)
    shared.say("Open it in a browser; it needs no network.")
