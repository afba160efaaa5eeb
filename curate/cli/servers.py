"""Commands for the project's own Label Studio."""

from __future__ import annotations

from typing import Annotated

import typer

from curate.cli.output import Output

app = typer.Typer(help="Run a local Label Studio for this project.", no_args_is_help=True, rich_markup_mode=None)


@app.command()
def start(
    context: typer.Context,
    port: Annotated[int, typer.Option(help="The port; a free one if left out.")] = 0,
    host: Annotated[str, typer.Option(help="The address of this machine to listen on; not remembered.")] = "",
    public_url: Annotated[str, typer.Option(help="What annotators open, where a name or a proxy is between.")] = "",
) -> None:
    """Start it on this machine, or say that it is up."""
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
            f"Sign in as {server.email}; the password is in {folder / 'credentials.json'}",
            f"Annotators sign up at {server.invite_url}",
        ],
    )
    for line in exposure(server.host, server.public_url):
        typer.echo(f"Warning: {line}.", err=True)
    output.say("Next: curate add FILE_OR_FOLDER, then curate push")


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
