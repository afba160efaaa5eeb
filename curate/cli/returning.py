"""The command that sends work back."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Annotated

import typer

from curate.cli.output import Output, step_lines
from curate.nextstep import MENDED

if TYPE_CHECKING:
    from curate.labelstudio.returning import ReturnPlan


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(name="send-back")(send_back)


def send_back(
    context: typer.Context,
    code: Annotated[list[str] | None, typer.Option(help="Only findings of this code, whatever its level.")] = None,
    article: Annotated[list[str] | None, typer.Option(help="Only of this article.")] = None,
    person: Annotated[list[str] | None, typer.Option(help="Only of this account or pseudonym.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the plan and change nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Don't ask.")] = False,
) -> None:
    """Bring findings to those who can mend them.

    Errors go back, with what to do beside the text. What is mended by the last pull, or accepted, is taken away.
    """
    from curate import api
    from curate.labelstudio.returns import told_by_code

    output: Output = context.obj

    def confirm(plan: ReturnPlan) -> bool:
        for line in step_lines(plan.steps):
            output.say(line)
        return output.ask("Apply?", yes)

    sent = api.send_back(
        output.project,
        codes=code or (),
        articles=article or (),
        people=person or (),
        dry_run=dry_run,
        confirm=confirm,
        progress=output.say,
    )
    plan = sent.plan
    for notice in plan.notices:
        output.say(f"note: {notice}")
    if sent.leads:
        output.say(f"note: no annotator can mend these, look yourself: {', '.join(told_by_code(sent.leads))}")
    if dry_run and not output.json:
        for line in step_lines(plan.steps):
            typer.echo(line)
    counts = Counter(step.action for step in plan.tasks)
    to = "to be " if plan.changes and not sent.applied else ""
    told = [(counts["send"], "sent back"), (counts["renew"], "renewed"), (counts["clear"], "taken away")]
    line = f"{', '.join(f'{number} {to}{what}' for number, what in told)}, {plan.keep} unchanged: {plan.out} out."
    if plan.changes and not sent.applied and not dry_run:
        line = "Nothing was done: nothing is sent back, and nothing taken away."
    output.result(
        {
            "applied": sent.applied,
            "tasks": [
                {"action": one.action, "task": one.task, "article": one.article_id, "reason": one.reason}
                for one in plan.tasks
            ],
            "unchanged": plan.keep,
            "out": plan.out,
            "notices": plan.notices,
        },
        [line],
    )
    if plan.out and not dry_run and (sent.applied or not plan.changes):
        output.say(f"Next: {MENDED}")
