"""The command that takes articles in: add."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Annotated, Any

import typer

from curate.cli.output import Output
from curate.errors import UsageError
from curate.nextstep import push_step
from curate.wording import counted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from curate.intake.merging import Added, Entry

SHOWN = 10
PLACE = re.compile(r"(?::\d+|\[\d+\])+$")
PARTICULARS = re.compile(r"'[^']*'|:.*", re.DOTALL)
"""What of a reason differs from entry to entry."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(add)


def add(
    context: typer.Context,
    paths: Annotated[
        list[str],
        typer.Argument(help="Files or folders (.txt .md .html .csv .tsv .json .jsonl .parquet), or hf://datasets/..."),
    ],
    columns: Annotated[
        list[str] | None,
        typer.Option("--map", metavar="FIELD=COLUMN", help="Which column is which field, as in: text=body"),
    ] = None,
    encoding: Annotated[str | None, typer.Option(help="The files' encoding, such as windows-1252.")] = None,
    no_meta: Annotated[bool, typer.Option("--no-meta", help="Leave out columns that are no field.")] = False,
    revise: Annotated[
        bool, typer.Option("--revise", help="Let a changed text or title replace the known one.")
    ] = False,
    keep_copies: Annotated[bool, typer.Option("--keep-copies", help="Add a text that another id has.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and change nothing.")] = False,
) -> None:
    """Add articles; adding them again adds nothing."""
    from curate import api

    output: Output = context.obj
    added = api.add(
        paths,
        output.project,
        columns=_columns(columns or []),
        encoding=encoding,
        meta=not no_meta,
        revise=revise,
        keep_copies=keep_copies,
        dry_run=dry_run,
        progress=output.say,
    )
    for line in _told(added, everything=output.verbose):
        output.say(line)
    for line in _shortened(added.refused, everything=output.verbose):
        typer.echo(f"Refused: {line}", err=True)
    output.result(_as_json(added, dry_run), [_totals(added, dry_run)])
    if added.articles and dry_run:
        output.say("Next: the same without --dry-run")
    elif added.articles:
        output.say(f"Next: {push_step(added.assigned)}")
    elif not dry_run and not added.refused:
        output.say(f"Next: {api.next_step(output.project)}")
    if added.refused:
        raise typer.Exit(1)


def _columns(given: list[str]) -> dict[str, str]:
    columns: dict[str, str] = {}
    for one in given:
        name, sign, column = one.partition("=")
        if not (name and sign and column):
            raise UsageError(f"--map {one}: not FIELD=COLUMN.", "Write it as in: --map text=body")
        if columns.setdefault(name.strip(), column.strip()) != column.strip():
            told = f"--map {name.strip()}: both {columns[name.strip()]} and {column.strip()}."
            raise UsageError(told, "A field is read from one column: leave one out.")
    return columns


def _told(added: Added, *, everything: bool) -> Iterable[str]:
    """Give a line for each file with something to tell, then what was done to texts, and what looks alike."""
    by_file: dict[str, list[str]] = {}
    for note in added.notes if added.articles else []:
        by_file.setdefault(note.where, []).append(note.text)
    for entry in added.entries:
        for text in entry.notes:
            by_file.setdefault(entry.where, []).append(text)
    for file, texts in by_file.items():
        yield f"{file}: {'; '.join(texts)}"
    for outcome, word in (("revised", "Revised"), ("duplicate", "Left out")):
        for line in _shortened(added.of(outcome), everything=everything):
            yield f"{word}: {line}"
    copies = [f"{entry.where}: {entry.why}" for entry in added.of("added") if entry.why]
    yield from copies if everything else copies[:SHOWN]
    near = [f"Alike: {one.article} and {one.other}, {one.similarity} % the same" for one in added.near]
    yield from near if everything else near[:SHOWN]
    if not everything and len(near) > SHOWN:
        yield f"... and {counted(len(near) - SHOWN, 'more pair')} alike: --verbose"
    changes: Counter[str] = Counter()
    touched = [entry for entry in added.entries if entry.changes and entry.outcome in ("added", "revised")]
    for entry in touched:
        for change in entry.changes:
            changes[change.what] += change.count
        if everything:
            yield f"{entry.where}: " + ", ".join(f"{change.count} {change.what}" for change in entry.changes)
    if changes:
        done = ", ".join(f"{what} ({count})" for what, count in sorted(changes.items()))
        yield f"Texts made canonical, {len(touched)} of {len(added.articles)} (see docs/articles.md of curate): {done}"


def _shortened(entries: list[Entry], *, everything: bool) -> list[str]:
    """Write entries as lines, of many with the same reason in one file only the first few."""
    counts: Counter[tuple[str, str]] = Counter()
    lines = []
    for entry in entries:
        why = PARTICULARS.sub("…", entry.why) if entry.outcome == "refused" else entry.outcome
        kind = (PLACE.sub("", entry.where), why)
        counts[kind] += 1
        if everything or counts[kind] <= SHOWN:
            name = f" ({entry.id})" if entry.outcome == "duplicate" else ""
            lines.append(f"{entry.where}{name}: {entry.why}." + (f" {entry.fix}" if entry.fix else ""))
    for (file, why), count in counts.items():
        if not everything and count > SHOWN:
            lines.append(f"{file}: {count - SHOWN} more like that ({why}): --verbose")
    return lines


def _totals(added: Added, dry_run: bool) -> str:
    parts = [f"{len(added.of('added'))} {'to add' if dry_run else 'added'}"]
    if revised := added.of("revised"):
        parts.append(f"{len(revised)} {'to revise' if dry_run else 'revised'}")
    parts.append(f"{len(added.of('unchanged'))} unchanged")
    if copies := added.of("duplicate"):
        parts.append(f"{len(copies)} left out as copies")
    return ", ".join([*parts, f"{len(added.refused)} refused"]) + "."


def _as_json(added: Added, dry_run: bool) -> dict[str, Any]:
    """Give everything: what became of each file or row, what was told of files, which articles are alike."""
    from curate.records import plain

    entries = []
    for entry in added.entries:
        told: dict[str, Any] = {
            "where": entry.where,
            "outcome": entry.outcome,
            "id": entry.id,
            "why": entry.why,
            "fix": entry.fix,
        }
        told |= {"changes": {change.what: change.count for change in entry.changes}, "notes": list(entry.notes)}
        entries.append({key: value for key, value in told.items() if value})
    return {
        "dry_run": dry_run,
        "entries": entries,
        "notes": [{"file": note.where, "note": note.text} for note in added.notes],
        "alike": [plain(one) for one in added.near],
        "added": [entry.id for entry in added.of("added")],
        "revised": [entry.id for entry in added.of("revised")],
        "unchanged": [entry.id for entry in added.of("unchanged")],
        "duplicates": [entry.id for entry in added.of("duplicate")],
        "refused": [{"where": entry.where, "why": entry.why, "fix": entry.fix} for entry in added.refused],
    }
