"""The commands together, and how errors leave the program."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from curate.cli.examples import EXAMPLES
from curate.cli.output import INTERRUPTED, Output, show_error
from curate.errors import CurateError

ABOUT = """\
From news articles to a training set of events, by way of Label Studio.

\b
curate demo                          the whole way, from nothing to a loaded dataset
curate init && curate server start   a project of your own
"""

STAGES = {
    "Set up": ("demo", "init", "schema", "server", "doctor"),
    "Annotate": (
        "add",
        "people",
        "assign",
        "push",
        "suggest",
        "pull",
        "check",
        "explain",
        "send-back",
        "show",
        "status",
    ),
    "Settle differences": ("agree", "report", "adjudicate"),
    "Publish": ("release", "verify", "publish", "withdraw"),
}
"""The commands in the order in which one needs them, as the help lists them."""


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

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """List the commands by stage; one that is in no stage comes last."""
        staged = {name for names in STAGES.values() for name in names}
        others = {"Others": [name for name in self.list_commands(ctx) if name not in staged]}
        longest = max(map(len, self.commands))
        width = formatter.width - longest - 4  # the indent and the gap between the columns, two each
        for title, names in {**STAGES, **others}.items():
            rows = [(name.ljust(longest), self.commands[name].get_short_help_str(width)) for name in names]
            if rows:
                with formatter.section(title):
                    formatter.write_dl(rows)

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
    help=ABOUT,
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


from curate.cli import (  # noqa: E402
    agreeing,
    annotating,
    articles,
    overview,
    people,
    publishing,
    reporting,
    returning,
    schemas,
    servers,
    suggesting,
)

overview.register(app)
articles.register(app)
annotating.register(app)
people.register(app)
suggesting.register(app)
returning.register(app)
agreeing.register(app)
reporting.register(app)
publishing.register(app)
for command in app.registered_commands:
    command.epilog = EXAMPLES.get(getattr(command.callback, "__name__", ""))
app.add_typer(people.app, name="people", cls=Group)
app.add_typer(schemas.app, name="schema", cls=Group)
app.add_typer(servers.app, name="server", cls=Group)
