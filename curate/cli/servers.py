"""Commands for the project's own Label Studio."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from curate.cli.output import Output

if TYPE_CHECKING:
    from curate.labelstudio.backup import Backup

app = typer.Typer(help="Run a local Label Studio for this project.", no_args_is_help=True, rich_markup_mode=None)


@app.command()
def start(
    context: typer.Context,
    port: Annotated[int, typer.Option(help="The port; a free one if left out.")] = 0,
    host: Annotated[str, typer.Option(help="The address of this machine to listen on; not remembered.")] = "",
    public_url: Annotated[str, typer.Option(help="What annotators open, where a name or a proxy is between.")] = "",
) -> None:
    """Start it on this machine, or say that it is up."""
    from curate import api
    from curate.labelstudio.listening import exposure
    from curate.labelstudio.server import start as start_server
    from curate.settings import find_project

    output: Output = context.obj
    folder = find_project(output.project) / ".curate"
    server = start_server(folder, port=port, host=host or None, public_url=public_url, progress=output.say)
    output.result(
        {
            "url": server.url,
            "host": server.host,
            "public_url": server.public_url or server.url,
            "pid": server.pid,
            "invite_url": server.invite_url,
            "started": server.started,
        },
        [
            f"Label Studio {'is up' if server.started else 'was up already'}: {server.public_url or server.url}",
            f"You sign in as {server.email}; the password is in {folder / 'credentials.json'}",
            f"Annotators sign up at {server.invite_url}",
        ],
    )
    for line in exposure(server.host, server.public_url):
        typer.echo(f"Warning: {line}.", err=True)
    output.say(f"Next: {api.next_step(output.project)}")


@app.command()
def stop(context: typer.Context) -> None:
    """Stop it; data and accounts stay."""
    from curate.labelstudio.server import stop as stop_server
    from curate.settings import find_project

    output: Output = context.obj
    stopped = stop_server(find_project(output.project) / ".curate")
    output.result({"stopped": stopped}, ["Stopped." if stopped else "It wasn't up."])


@app.command()
def status(context: typer.Context) -> None:
    """Say whether it is up, and where."""
    from curate.labelstudio.listening import exposure
    from curate.labelstudio.server import status as server_status
    from curate.settings import find_project

    output: Output = context.obj
    found = server_status(find_project(output.project) / ".curate")
    lines = ["not up: curate server start"]
    if found.running:
        lines = [f"up: {found.public_url or found.url} (process {found.pid}, listening on {found.host})"]
        lines += [f"Annotators sign up at {found.invite_url}"] if found.invite_url else []
        lines += [f"Warning: {line}." for line in exposure(found.host, found.public_url)]
    output.result(
        {
            "running": found.running,
            "url": found.url,
            "host": found.host if found.running else None,
            "public_url": found.public_url or found.url,
            "pid": found.pid,
            "invite_url": found.invite_url,
        },
        lines,
    )


@app.command()
def backup(
    context: typer.Context,
    file: Annotated[
        Path | None, typer.Argument(help="A new .tar.gz, or a folder; .curate/backups if left out.")
    ] = None,
) -> None:
    """Copy database, media, credentials and private files to one file; the server may run."""
    from curate import api

    output: Output = context.obj
    made = api.backup(file, output.project)
    output.result(
        {"file": str(made.file), "made_at": made.made_at, "label_studio": made.label_studio, "counts": made.counts},
        [f"{made.file}: {_contents(made)}."],
    )
    output.say("It holds passwords and the key of the pseudonyms: keep it as safe as .curate, and on another disk.")


@app.command()
def restore(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A file that backup wrote.")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Don't ask.")] = False,
) -> None:
    """Put a backup back over a stopped server; what it replaces is kept."""
    from curate import api

    output: Output = context.obj

    def confirm(found: Backup) -> bool:
        output.say(f"{found.file}, made {found.made_at}: {_contents(found)}.")
        return output.ask("Put it in the place of what is there?", yes)

    done = api.restore(file, output.project, confirm=confirm)
    kept = str(done.replaced) if done and done.replaced else None
    output.result(
        {"restored": done is not None, "replaced": kept},
        (["Restored."] + ([f"What was there before is in {kept}"] if kept else [])) if done else ["Nothing changed."],
    )
    if done:
        output.say("Next: curate server start, then curate pull")


def _contents(backup: Backup) -> str:
    """Say in a few words what a backup holds."""
    if not backup.counts:
        return "the private files of a project without a server of its own"
    counted = ", ".join(f"{number} {what}" for what, number in backup.counts.items())
    return f"{counted} (Label Studio {backup.label_studio or 'of unknown version'})"
