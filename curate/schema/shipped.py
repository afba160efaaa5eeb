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


def shipped_path(name: str) -> Path:
    """Find a shipped file by its file name, or a shipped event schema by its name.

    Raises UsageError where there is none.
    """
    folder = _folder()
    for path in (folder / name, folder / f"{name}.yaml"):
        if path.parent == folder and path.is_file():
            return path
    names = shipped_names()
    guess = difflib.get_close_matches(name, names, 1)
    fix = f"did you mean {guess[0]!r}?" if guess else f"the shipped ones are: {', '.join(names) or 'none'}"
    raise UsageError(f"no event schema named {name!r} is shipped", fix)


def _folder() -> Path:
    """Find the folder: inside the installed package, or beside the package in a checkout."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "schemas"
    return installed if installed.is_dir() else package.parent / "schemas"
