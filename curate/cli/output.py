"""How commands speak."""

from __future__ import annotations

import json as json_format
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from curate.errors import CurateError, UsageError
from curate.wording import counted

if TYPE_CHECKING:
    from curate.api import HeldBack
    from curate.labelstudio.tasks import Step
    from curate.qualification import Followed
    from curate.working import Progress

INTERRUPTED = 130
SHOWN = 10
"""How many of a list are named; the rest is counted."""
KINDS = {
    "annotate": "of articles",
    "again": "to read again",
    "gold": "with known answers",
    "qualify": "for qualification",
    "adjudicate": "for adjudication",
    "other": "of other texts",
}
"""What tasks are for, as `curate/labelstudio/tasks.py` calls it, in words."""
NAMED = 3
"""How many are named where they stand in one line."""


@dataclass(frozen=True)
class Output:
    """The shared options of one run."""

    project: Path | None
    json: bool
    quiet: bool
    verbose: bool

    def say(self, text: str) -> None:
        """Tell the person something, on stderr."""
        if not self.quiet:
            typer.echo(text, err=True)

    def unscored(self, told: Iterable[str]) -> None:
        """Name the texts with known answers that are broken, on stderr."""
        for one in told:
            typer.echo(f"Nobody is scored on texts with known answers: {one}", err=True)

    def result(self, data: Any, lines: list[str]) -> None:
        """Give the result on stdout: as JSON when asked for, else as lines."""
        if self.json:
            typer.echo(json_format.dumps(data, ensure_ascii=False, sort_keys=True))
        else:
            for line in lines:
                typer.echo(line)

    def ask(self, question: str, yes: bool) -> bool:
        """Ask before something is changed; without a terminal ``--yes`` has to say it."""
        if yes:
            return True
        if not sys.stdin.isatty():
            raise UsageError("This would change something, and there is no terminal to ask on.", "Add --yes.")
        try:
            return typer.confirm(question, default=True, err=True)
        except typer.Abort:
            raise typer.Exit(INTERRUPTED) from None


def reached_line(reached: Progress) -> str:
    """Say how far somebody is with what they were given to read."""
    counted = {"done": reached.done, "begun": reached.begun, "skipped": reached.skipped, "left": reached.left}
    told = f"{reached.assigned} assigned = " + " + ".join(f"{number} {what}" for what, number in counted.items())
    notes = [f"{reached.held} held back"] * bool(reached.held) + [f"{reached.again} to read again"] * bool(
        reached.again
    )
    return told + (f" ({', '.join(notes)})" if notes else "")


def gold_line(followed: Followed) -> str:
    """Say how somebody does on the texts with known answers in their work, group after group."""
    from curate.qualification import course_of

    told = f"{followed.answered} of {followed.hidden} answered"
    if followed.answered:
        told += "".join(f", {name} {course_of(followed, name)}" for name in followed.scores)
    told += f" (below its mark: {', '.join(followed.below)})" if followed.below else ""
    return told + (f"; {followed.gone} given that are not in the folder any more" if followed.gone else "")


def gold_counts(followed: Followed) -> dict[str, Any]:
    """Give the same as data, without what differs text by text."""
    return {key: value for key, value in asdict(followed).items() if key not in ("annotator", "feedback")}


def held_line(held: HeldBack) -> str:
    """Say how many readings are held back, and which articles wait for one of them."""
    told = f"{counted(held.readings, 'reading')} held back by errors"
    if held.articles:
        more = f" and {len(held.articles) - NAMED} more" if len(held.articles) > NAMED else ""
        lacking = counted(len(held.articles), "article")
        told += f"; {lacking} can't be adjudicated without: {', '.join(held.articles[:NAMED])}{more}"
    return f"{told}."


def kinds_told(kinds: Mapping[str, int], by: str = ", ") -> str:
    """Say how many tasks there are for what, where some are for something else than reading articles; else nothing."""
    if not any(number for kind, number in kinds.items() if kind != "annotate"):
        return ""
    return by.join(f"{kinds[kind]} {word}" for kind, word in KINDS.items() if kinds.get(kind))


def step_lines(steps: Sequence[Step]) -> list[str]:
    """List the first steps of a plan and count the rest."""
    lines = [f"  {step.action:6} {step.what} ({step.reason})" for step in steps[:SHOWN]]
    return lines + ([f"  ... and {len(steps) - SHOWN} more"] if len(steps) > SHOWN else [])


def show_error(error: CurateError) -> None:
    """Print what is wrong and what to do about it, on stderr."""
    typer.echo(f"Error: {error.message}", err=True)
    if error.fix:
        typer.echo(f"Fix: {error.fix}", err=True)
