"""The files that come with the package: event schemas and the metaschema that checks them."""

from __future__ import annotations

import difflib
from pathlib import Path

from curate.errors import UsageError

METASCHEMA = "event-schema.schema.json"
"""The JSON Schema of event schema files."""


def shipped_names() -> tuple[str, ...]:
    """List the names of the shipped event schemas, sorted."""
    return tuple(sorted(path.stem for path in _folder().glob("*.yaml")))


def default_name() -> str:
    """Give the name of the event schema that a new project has unless it asks for another."""
    return (_folder() / "default.txt").read_text(encoding="utf-8").strip()


def shipped_schema(name: str) -> Path:
    """Find the file of a shipped event schema. Raises UsageError where none has the name."""
    names = shipped_names()
    if name in names:
        return _folder() / f"{name}.yaml"
    guess = difflib.get_close_matches(name, names, 1)
    fix = f"Did you mean {guess[0]!r}?" if guess else f"The shipped ones are: {', '.join(names)}."
    raise UsageError(f"No event schema named {name!r} is shipped.", fix)


def metaschema_path() -> Path:
    """Find the JSON Schema of event schema files."""
    return _folder() / METASCHEMA


def _folder() -> Path:
    """Find the folder: inside the installed package, or beside the package in a checkout."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "schemas"
    return installed if installed.is_dir() else package.parent / "schemas"
