"""What can't be read, told with its place and the way out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import msgspec

from curate.errors import InputError

UNREADABLE = (msgspec.DecodeError, ValueError, RecursionError)
"""What reading damaged JSON raises: cut off, of another form, bytes that are no UTF-8, nested beyond measure."""

RAW_FIX = "Restore it from a copy, or delete it with .curate/cursor.json and pull again."

MAKERS = {
    "check": ("annotations", "findings", "held", "rereadings", "adjudications"),
    "adjudicate": ("adjudicated", "decisions"),
}
"""The files of exports, by the command that makes them."""

Read = TypeVar("Read")


def decode(read: Callable[[bytes], Read], content: bytes, place: Callable[[], str], fix: str) -> Read:
    """Read JSON text by a function. Raises InputError naming the place where it is damaged."""
    try:
        return read(content)
    except UNREADABLE as error:
        raise InputError(f"{place()}: damaged ({error}).", fix) from error


def fix_of(path: Path) -> str:
    """Say how to come by a file of a project again."""
    made = (command for command, names in MAKERS.items() if path.stem in names and path.suffix == ".jsonl")
    return next((f"Make it again: curate {command}" for command in made), "Restore it from a copy.")
