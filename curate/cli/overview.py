"""Commands that look and change nothing: doctor, status."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from datetime import UTC, datetime
from itertools import groupby
from typing import TYPE_CHECKING, Annotated, Any

import typer

from curate.cli.output import Output, gold_counts, gold_line, kinds_told, reached_line
from curate.cli.suggesting import accepted_lines
from curate.errors import UsageError
from curate.wording import counted

if TYPE_CHECKING:
    from curate.api import Status
    from curate.health.points import Point

WORDS = {
    "not pushed": "without a task",
    "unread": "without a reading",
    "waiting": "waiting for another reading",
    "undecided": "to adjudicate",
    "open": "open (readings differ)",
}


def register(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (doctor, status):
        app.command()(command)


def doctor(context: typer.Context) -> None:
    """Check packages, project and Label Studio; say what to do."""
    from curate import api
    from curate.health.points import DOUBTFUL, VERDICTS, WRONG, exit_code

    output: Output = context.obj
    points = api.doctor(output.project, names=not output.json)
    counted = Counter(point.verdict for point in points)
    lines: list[str] = []
    for area, found in groupby(points, key=lambda point: point.area):
        lines += [area, *(line for point in found for line in _point_lines(point))]
    output.result(
        {"points": [asdict(point) for point in points], "counts": {verdict: counted[verdict] for verdict in VERDICTS}},
        [*lines, ", ".join(f"{counted[verdict]} {verdict}" for verdict in VERDICTS)],
    )
    if counted[DOUBTFUL] and not counted[WRONG]:
        output.say("What is doubtful stops nothing.")
    if code := exit_code(points):
        raise typer.Exit(code)


def _point_lines(point: Point) -> list[str]:
    found = f"  {point.verdict:13} {point.name}: {point.message}"
    return [found, f"  {'':13} -> {point.fix}"] if point.fix else [found]


def status(
    context: typer.Context,
    refresh: Annotated[bool, typer.Option("--refresh", help="Pull first.")] = False,
    names: Annotated[bool, typer.Option("--names", help="Show account names, on the terminal only.")] = False,
) -> None:
    """Say where the work stands: articles, annotations, each person."""
    from curate import api

    output: Output = context.obj
    if names and output.json:
        raise UsageError("--names with --json: account names are for the terminal only.", "Leave one of them out.")
    found = api.status(output.project, refresh=refresh, progress=output.say)
    standing = found.standing
    output.result(
        {
            "pulled_at": found.pulled_at,
            "tasks": standing.tasks,
            "other_tasks": standing.other_tasks,
            "articles": {"total": sum(standing.articles.values()), **standing.articles},
            "withdrawn": sum(standing.withdrawn.values()),
            "annotations": {"total": sum(standing.annotations.values()), **standing.annotations},
            "people": {who: {"total": sum(counted.values()), **counted} for who, counted in standing.people.items()},
            "assigned": {who: asdict(one) for who, one in found.reached.items()},
            "gold": {who: gold_counts(one) for who, one in found.gold.items()},
            "unscored": found.unscored,
            "release": found.release,
            "released": found.released,
            "sent_back": {**found.sent_back, "changed_since_pull": found.returned},
            "disagreements": found.disagreements,
            "suggestions": asdict(found.accepted),
            "next": found.next_step,
        },
        _lines(found, names),
    )
    output.unscored(found.unscored)
    for line in found.disagreements:
        typer.echo(f"The books don't fit: {line}. Run: curate check", err=True)
    if found.disagreements:
        raise typer.Exit(1)
    output.say(f"Next: {found.next_step}")


def _lines(found: Status, names: bool) -> list[str]:
    standing = found.standing
    told = {who: found.names.get(who, who) if names else who for who in sorted(standing.people | found.reached)}
    width = max(map(len, ["annotations", *told.values()]))
    lines = [_age(found.pulled_at, found.pushed_at)]
    withdrawn = counted(sum(standing.withdrawn.values()), "article")
    taken_back = [f"{'withdrawn':{width}}  {withdrawn}, in no release from now on"] if standing.withdrawn else []
    if found.pulled_at is None and found.pushed_at is None and not standing.tasks:  # so nobody knows which are pushed
        return [*lines, *taken_back, f"articles  {sum(standing.articles.values())}"]
    kinds = {"annotate": standing.tasks, **standing.other_tasks}
    parts = kinds_told(kinds, " + ")
    lines += [f"{'tasks':{width}}  {sum(kinds.values())}" + (f" = {parts}" if parts else "")]
    lines += [_row("articles", standing.articles, width), *taken_back]
    lines += [_row("annotations", standing.annotations, width)]
    released = f" (in {found.release}" + ", nothing new to release" * found.up_to_date + ")" if found.release else ""
    lines += [f"{'released':{width}}  {found.released}{released}"]
    if found.sent_back["tasks"] or found.returned:
        lines += [f"{'sent back':{width}}  {_sent_back(found.sent_back, found.returned)}"]
    for who, name in told.items():
        reached = found.reached.get(who)
        line = _row(name, standing.people.get(who, {}), width) + (f"; {reached_line(reached)}" if reached else "")
        lines.append(line + (f"; gold {gold_line(found.gold[who])}" if who in found.gold else ""))
    return lines + list(accepted_lines(found.accepted))


def _sent_back(sent: dict[str, Any], changed: bool) -> str:
    told = f"{counted(sent['tasks'], 'task')} as of that pull"
    told += f", the oldest since the pull of {sent['since']} UTC" if sent["tasks"] else ""
    told += f", {sent['mended']} mended or accepted (curate send-back takes them away)" if sent["mended"] else ""
    return told + "; curate send-back was at work since (curate status --refresh counts again)" * changed


def _row(name: str, counts: dict[str, int], width: int) -> str:
    parts = [_told(number, what) for what, number in counts.items() if number]
    return f"{name:{width}}  {sum(counts.values())}" + (f" = {' + '.join(parts)}" if parts else "")


def _told(number: int, what: str) -> str:
    return counted(number, what) if what == "draft" else f"{number} {WORDS.get(what, what)}"


def _age(pulled_at: str | None, pushed_at: str | None) -> str:
    if pulled_at is None and pushed_at is None:
        return "No Label Studio was asked yet: what it holds is not known (curate status --refresh asks)."
    if pulled_at is None:
        return f"Pushed {_ago(pushed_at or '')}; nothing was pulled yet (curate status --refresh pulls)."
    pushed = f" Pushed since, {_ago(pushed_at)}." if pushed_at else ""
    return f"As pulled {_ago(pulled_at)} (curate status --refresh asks again)." + pushed


def _ago(moment: str) -> str:
    """Say how long ago a moment (UTC) was, and which."""
    minutes = int((datetime.now(UTC) - datetime.fromisoformat(moment)).total_seconds() // 60)
    for size, unit in ((1440, "days"), (60, "hours"), (1, "minutes")):
        if minutes >= 2 * size:
            return f"{minutes // size} {unit} ago, {moment}"
    return f"just now, {moment}"
