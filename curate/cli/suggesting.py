"""The command that lays suggestions before annotators: suggest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from curate.cli.output import Output, step_lines
from curate.wording import counted

if TYPE_CHECKING:
    from curate.acceptance import Accepted, Begun
    from curate.api import Suggested


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(suggest)


def suggest(
    context: typer.Context,
    by: Annotated[
        str | None,
        typer.Argument(help="words, model, none, module:function or an entry point; else as curate.toml says."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the plan; write nothing, ask no model.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Don't ask.")] = False,
    keep_going: Annotated[
        bool, typer.Option("--keep-going", help="Count an article on which the suggester fails, and go on.")
    ] = False,
    again: Annotated[
        bool, typer.Option("--again", help="Ask a model once more where its answer was of no use.")
    ] = False,
) -> None:
    """Give annotators something to begin with: suggested events.

    Tasks that somebody has begun keep what they have. Shows the plan and asks first; suggesting again changes nothing.
    """
    from curate import api

    output: Output = context.obj

    def confirm(suggested: Suggested) -> bool:
        for line in [*_made_lines(suggested), *_plan_lines(suggested)]:
            output.say(line)
        return output.ask("Apply?", yes)

    suggested = api.suggest(
        by,
        output.project,
        dry_run=dry_run,
        keep_going=keep_going,
        again=again,
        confirm=confirm,
        progress=output.say,
    )
    if not suggested.applied:
        for line in _made_lines(suggested):
            output.say(line)
    for notice in [notice for plan in suggested.plans for notice in plan.notices]:
        output.say(f"note: {notice}")
    lines = [*_plan_lines(suggested), _summary(suggested)] if dry_run else [_summary(suggested)]
    output.result(_told(suggested), lines)
    if suggested.left:
        output.say(f"begun just now, so left with what they have: {counted(suggested.left, 'task')}")
    if suggested.made.dropped and not suggested.made.events:
        output.say(
            "Nothing of what was suggested could be used; docs/suggestions.md of curate says what it may look like."
        )
    if (suggested.made.failed or suggested.made.dropped) and not dry_run:
        output.say("What came of each article: exports/suggestions.jsonl")


def _made_lines(suggested: Suggested) -> list[str]:
    """Say what was suggested, and what wasn't, by reason."""
    made = suggested.made
    articles = counted(len(made.predictions), "article")
    lines = [f"{counted(made.events, 'event')} with {counted(made.arguments, 'argument')} for {articles}"]
    if made.to_ask:
        lines.append(f"{counted(made.to_ask, 'article')} to ask the model about")
    lines += [f"dropped: {_counted(made.dropped)}"] if made.dropped else []
    return lines + ([f"no suggestion: {_counted(made.failed)}"] if made.failed else [])


def _plan_lines(suggested: Suggested) -> list[str]:
    lines = []
    for plan in suggested.plans:
        if plan.annotator and plan.steps:
            counts = Counter(step.action for step in plan.steps)
            lines.append(f"  project {plan.project} of {plan.annotator}: {_counted(counts)}")
    lines += step_lines([step for plan in suggested.plans for step in plan.steps])
    if any(change.remove for plan in suggested.plans for change in plan.changes):
        lines.append("Who has one of these tasks open just now has to open it again to submit it.")
    return lines


def _counted(counts: Counter[str]) -> str:
    return ", ".join(f"{number} {what}" for what, number in sorted(counts.items()))


def _counts(suggested: Suggested) -> dict[str, int]:
    done = Counter(change.step.action for plan in suggested.plans for change in plan.changes)
    kept = {
        name: sum(getattr(plan, name) for plan in suggested.plans) for name in ("keep", "begun", "held_out", "unasked")
    }
    return {**{name: done[name] for name in ("create", "update", "remove")}, **kept}


def _summary(suggested: Suggested) -> str:
    words = {
        "create": "new" if suggested.applied else "to come",
        "update": "renewed" if suggested.applied else "to renew",
        "remove": "taken back" if suggested.applied else "to take back",
        "keep": "unchanged",
        "begun": "begun by people",
        "held_out": "held out",
        "unasked": "without",
    }
    counts = _counts(suggested)
    parts = [f"{counts[name]} {told}" for name, told in words.items() if counts[name]]
    return f"{suggested.version or 'no suggestions'}; tasks: {', '.join(parts) or 'none'}."


def _told(suggested: Suggested) -> dict[str, Any]:
    made = suggested.made
    return {
        "applied": suggested.applied,
        "version": suggested.version,
        "articles": len(made.predictions),
        "events": made.events,
        "arguments": made.arguments,
        "dropped": dict(sorted(made.dropped.items())),
        "failed": dict(sorted(made.failed.items())),
        "answered_before": made.answered,
        "to_ask": made.to_ask,
        "tasks": _counts(suggested),
        "left": suggested.left,
        "notices": [notice for plan in suggested.plans for notice in plan.notices],
    }


def accepted_lines(accepted: Accepted) -> Iterator[str]:
    """Say what became of suggestions, and what people draw with them and without."""
    for version, found in accepted.versions.items():
        yield f"suggested by {version}"
        for label, fates in [*found.types.items(), *found.roles.items()]:
            suggested = sum(fates.values()) - fates["added"]
            parts = [f"{fates[fate]} {fate}" for fate in ("kept", "changed", "removed")]
            yield f"  {label:18} {suggested:4} = {' + '.join(parts)}, beside {fates['added']} added"
        yield _begun_line("with suggestions", found.begun)
    for name, one in (("held out", accepted.held_out), ("without any", accepted.without)):
        if accepted.versions and one.readings:
            yield _begun_line(name, one)


def _begun_line(name: str, one: Begun) -> str:
    events, arguments = one.events / one.readings, one.arguments / one.readings
    return f"  {name}: {counted(one.readings, 'reading')}, {events:.1f} events and {arguments:.1f} arguments in each"
