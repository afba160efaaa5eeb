"""The files that paths stand for, each once and in a fixed order, and their bytes."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from curate.intake.rows import Note, Refusal, UnreadableError

MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Source:
    """One file to read: where it lies, what messages call it, and the id its document gets if it brings none.

    ``encoding`` is the one the user named. ``languages`` are the project's; they settle which of several
    possible encodings is meant.
    """

    path: Path
    shown: str
    name: str
    encoding: str | None = None
    languages: tuple[str, ...] = ()


def find_files(path: Path, suffixes: frozenset[str], like: Source) -> Iterator[Source | Refusal | Note]:
    """Give the file at a path, or those in a folder and its folders whose ending is read.

    Hidden files and folders are left out, and so is what has another ending; that is told. Links are followed,
    but no folder is entered within itself. ``like`` brings what is the same for all files.
    """
    if path.is_dir():
        yield from _find_in_folder(path, suffixes, like)
    elif path.is_file():
        if path.suffix.lower() in suffixes:
            yield replace(like, path=path, shown=str(path), name=path.stem)
        else:
            ending = path.suffix or "a file without ending"
            yield Refusal(str(path), f"{ending} is not read", f"Give one of: {', '.join(sorted(suffixes))}.")
    elif path.is_symlink():
        yield Refusal(str(path), "a link that leads nowhere", "Mend or delete it.")
    elif path.exists():
        yield Refusal(str(path), "neither a file nor a folder", "Name a file or a folder.")
    else:
        yield Refusal(str(path), "no such file", "Check the path.")


def _find_in_folder(folder: Path, suffixes: frozenset[str], like: Source) -> Iterator[Source | Refusal | Note]:
    refused: list[Refusal] = []
    found = False
    others: Counter[str] = Counter()
    above: dict[str, tuple[tuple[int, int], ...]] = {str(folder): (_identity(folder),)}

    def refuse(error: OSError) -> None:
        refused.append(Refusal(str(error.filename), f"can't be read ({error.strerror})", "Check its permissions."))

    for place, folders, names in os.walk(folder, followlinks=True, onerror=refuse):
        entered = []
        for name in sorted(name for name in folders if not name.startswith(".")):
            inner = Path(place, name)
            identity = _identity(inner)
            if identity in above[place]:
                yield Note(str(inner), "leads back to a folder above; not entered")
            else:
                above[str(inner)] = (*above[place], identity)
                entered.append(name)
        folders[:] = entered
        for name in sorted(names):
            path = Path(place, name)
            if name.startswith("."):
                continue
            if path.suffix.lower() not in suffixes:
                others[path.suffix.lower() or "no ending"] += 1
                continue
            found = True
            for one in find_files(path, suffixes, like):
                inside = path.relative_to(folder).with_suffix("").as_posix()
                yield replace(one, name=inside) if isinstance(one, Source) else one
    yield from refused
    if others:
        kinds = ", ".join(f"{count} {ending}" for ending, count in sorted(others.items()))
        yield Note(str(folder), f"left out, as their endings are not read: {kinds}")
    if not found and not refused:
        yield Refusal(str(folder), "no file in this folder that is read", f"Read are: {', '.join(sorted(suffixes))}.")


def _identity(folder: Path) -> tuple[int, int]:
    try:
        status = folder.stat()
    except OSError:
        return (-1, hash(str(folder)))
    return (status.st_dev, status.st_ino)


def read_content(source: Source, limit: int) -> bytes:
    """Read a file whole. Raises UnreadableError where it can't be read or holds more than ``limit`` bytes."""
    try:
        size = source.path.stat().st_size
        if size > limit:
            raise UnreadableError(
                f"{size // MEGABYTE} MB are too much for this kind of file (up to {limit // MEGABYTE} MB)",
                "Split it, or give the articles as .jsonl or .parquet.",
            )
        return source.path.read_bytes()
    except OSError as error:
        raise unreadable(error) from error


def unreadable(error: OSError) -> UnreadableError:
    """Say why the system doesn't give a file."""
    return UnreadableError(f"can't be read ({error.strerror or error})", "Check the file and its permissions.")
