"""The commands together, and how errors leave the program."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from curate.cli.output import INTERRUPTED, Output, show_error
from curate.errors import CurateError

EXAMPLES = """\
From news articles to a published training set of events, by way of Label Studio.

\b
curate demo                          the whole way, from nothing to a loaded dataset
curate init && curate server start   a project of your own
curate add news/ && curate push      articles to the annotators
"""


SHARED = {"--json", "--quiet", "-q", "--verbose", "-v"}


class Group(TyperGroup):
    """A group whose commands leave with message, fix and exit code where the world is broken."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command; a CurateError becomes at most four lines on stderr."""
        try:
            return super().invoke(ctx)
        except CurateError as error:
            show_error(error)
            raise typer.Exit(error.exit_code) from None
        except KeyboardInterrupt:
            typer.echo("Interrupted. Run the same command again to go on.", err=True)
            raise typer.Exit(INTERRUPTED) from None


class Root(Group):
    """The whole command line, whose shared options may also stand after the command."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the shared options first, up to a ``--``."""
        shared: list[str] = []
        others: list[str] = []
        words = iter(args)
        for word in words:
            if word == "--":
                others += [word, *words]
            elif word == "--project":
                shared += [word, *itertools.islice(words, 1)]
            else:
                (shared if word in SHARED or word.startswith("--project=") else others).append(word)
        return super().parse_args(ctx, shared + others)


app = typer.Typer(
    cls=Root,
    help=EXAMPLES,
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def _version(wanted: bool) -> None:
    if wanted:
        from curate import __version__

        typer.echo(f"curate {__version__}")
        raise typer.Exit


@app.callback()
def options(
    context: typer.Context,
    project: Annotated[Path | None, typer.Option(help="The project folder, if not this one.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but results and errors.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Name every finding.")] = False,
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Show it.")] = False,
) -> None:
    """Take the options that every command shares."""
    context.obj = Output(project, json, quiet, verbose)


from curate.cli import agreeing, annotating, articles, overview, publishing, reporting, schemas, servers  # noqa: E402

overview.register(app)
articles.register(app)
annotating.register(app)
agreeing.register(app)
reporting.register(app)
publishing.register(app)
app.add_typer(schemas.app, name="schema", cls=Group)
app.add_typer(servers.app, name="server", cls=Group)
