"""The command line: parse, call, show. Data go to stdout, talk to stderr."""

from __future__ import annotations


def main() -> None:
    """Run the command line."""
    try:
        from curate.cli.app import app

        app()
    except KeyboardInterrupt:
        raise SystemExit(130) from None
