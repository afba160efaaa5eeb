"""Commands up to the checked annotations: init, push, pull, check, show."""

from __future__ import annotations

import shlex
from collections import Counter
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from curate.cli.output import SHOWN, Output, held_line, kinds_told, step_lines
from curate.nextstep import LOOK
from curate.wording import counted

if TYPE_CHECKING:
    from curate.checking import Checked
    from curate.labelstudio.tasks import Plan, ProjectPlan


def register(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (init, push, pull, check, explain, show):
        app.command()(command)


def init(
    context: typer.Context,
    folder: Annotated[Path | None, typer.Argument(help="The new project's folder; this one if left out.")] = None,
    schema: Annotated[str | None, typer.Option(help="A shipped schema's name, or a file.")] = None,
    overlap: Annotated[int, typer.Option(min=1, help="How many people read each article.")] = 2,
) -> None:
    """Start a project: settings and an event schema."""
    from curate.starting import init as start

    output: Output = context.obj
    made = start(folder or output.project or Path.cwd(), schema, overlap=overlap)
    output.result({"folder": str(made)}, [f"{made}: curate.toml and schema.yaml written."])
    people = "one person" if overlap == 1 else f"{overlap} people"
    output.say(f"Each article is to be read by {people}; overlap in curate.toml changes that.")
    there = "" if made.resolve() == Path.cwd() else f"cd {shlex.quote(str(made))}, then "
    output.say(f"Next: {there}curate server start, then curate add FILE_OR_FOLDER")


def push(
    context: typer.Context,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the plan and change nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Don't ask.")] = False,
) -> None:
    """Bring articles and labelling page to Label Studio.

    Shows the plan and asks first. Pushing again changes nothing.
    """
    from curate import api

    output: Output = context.obj

    def confirm(plan: Plan) -> bool:
        for line in _plan_lines(plan):
            output.say(line)
        return output.ask("Apply?", yes)

    pushed = api.push(output.project, dry_run=dry_run, confirm=confirm, progress=output.say)
    plan = pushed.plan
    for notice in plan.notices:
        output.say(f"note: {notice}")
    if dry_run and not output.json:
        for line in _plan_lines(plan):
            typer.echo(line)
    done = "pushed" if pushed.applied else "to push"
    counts = Counter(step.action for step in plan.tasks)
    changed = "".join(f"{number} to {action}, " for action, number in sorted(counts.items()))
    if pushed.applied:
        changed = "".join(f"{number} {action.rstrip('e')}ed, " for action, number in sorted(counts.items()))
    page = f" {pushed.url}" if pushed.url else ""
    kinds = kinds_told(plan.kinds)
    kinds = f" {counted(plan.kinds.total(), 'task')}: {kinds}." if kinds else ""
    output.result(
        {
            "applied": pushed.applied,
            "url": pushed.url,
            "create": [article.id for article in plan.create],
            "tasks": [{"action": step.action, "task": step.task, "article": step.article_id} for step in plan.tasks],
            "unchanged": plan.keep,
            "projects": [_told(one) for one in plan.projects],
            "notices": plan.notices,
        },
        [f"{len(plan.create)} {done}, {changed}{plan.keep} unchanged.{kinds}{page}"],
    )
    if pushed.applied:
        output.say("Next: annotate there, beginning with Label All Tasks, then curate pull")
    elif pushed.url and not plan.changes:
        output.say("Next: annotate there, then curate pull; how far the work is: curate status")


def _plan_lines(plan: Plan) -> list[str]:
    """Say what each project gets, where several people have one of their own, and the first steps."""
    if len(plan.projects) == 1:
        return step_lines(plan.steps)
    return [f"  {_whose(one)}: {_counted(one)}" for one in plan.projects if one.changes] + step_lines(plan.steps)


def _whose(plan: ProjectPlan) -> str:
    return plan.annotator + (", again" if plan.purpose == "again" else "") if plan.annotator else "everybody's"


def _counted(plan: ProjectPlan) -> str:
    counts = {"create": len(plan.create), **Counter(step.action for step in plan.tasks), "keep": plan.keep}
    return ", ".join(f"{number} to {action}" for action, number in counts.items() if number)


def _told(plan: ProjectPlan) -> dict[str, Any]:
    return {
        "project": plan.project,
        "action": plan.project_step.action,
        "annotator": plan.annotator,
        "purpose": plan.purpose,
        "create": len(plan.create),
        "change": len(plan.tasks),
        "keep": plan.keep,
    }


def pull(
    context: typer.Context,
    full: Annotated[bool, typer.Option("--full", help="Ask for every task, and notice deleted ones.")] = False,
    from_file: Annotated[
        Path | None, typer.Option(help="Read a JSON export of Label Studio instead of asking the server.")
    ] = None,
) -> None:
    """Fetch what people did, and check it."""
    from curate import api

    output: Output = context.obj
    pulled, checked = api.pull(output.project, full=full, from_file=from_file, progress=output.say)
    kinds = kinds_told(pulled.kinds)
    looked = counted(pulled.tasks, "task") + (f" ({kinds})" if kinds else "")
    output.say(f"{looked} looked at, {pulled.new} with news, {pulled.gone} gone.")
    _show_checked(output, checked)


def check(
    context: typer.Context,
    accept: Annotated[
        list[str] | None,
        typer.Option(metavar="CODE", help="Drop what findings of this code name, now and later; may be repeated."),
    ] = None,
) -> None:
    """Check again what was pulled, without a server.

    What is accepted is kept in curate.toml; delete it there to have it held back again.
    """
    from curate import api

    _show_checked(context.obj, api.check(context.obj.project, accept=accept or ()))


def explain(
    context: typer.Context,
    code: Annotated[str | None, typer.Argument(help="A finding's code; a list of them if left out.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Say all of every code, as one page.")] = False,
) -> None:
    """Say what a finding means, with an example and what to do."""
    from curate.errors import UsageError
    from curate.findings import CODES, acceptance_fault
    from curate.reporting.catalogue import catalogue, explanation, table

    output: Output = context.obj
    if code is not None and code not in CODES:
        raise UsageError(f"{acceptance_fault(code)}.", "List them: curate explain")
    wanted = [code] if code is not None else list(CODES)
    if output.json:
        output.result({name: CODES[name]._asdict() for name in wanted}, [])
    elif code is not None or everything:
        typer.echo(explanation(code) if code is not None else catalogue(), nl=False)
    else:
        output.result(None, table())
        output.say("One of them with an example and what to do: curate explain CODE; all of them: curate explain --all")


def _show_checked(output: Output, checked: Checked) -> None:
    from curate.api import server_url
    from curate.records import plain

    server = server_url(output.project)

    levels = Counter(found.level for found in checked.findings)
    shown = [] if output.verbose else list(islice((one for one in checked.findings if one.level == "error"), SHOWN))
    for found in checked.findings if output.verbose else shown:
        output.say(f"{found.level} {found.code}: {found.article_id} · {found.place} ({found.annotator})")
        output.say(f"  {found.message}" + (f" {server}{found.link}" if found.link else ""))
    if not output.verbose and levels["error"] > len(shown):
        output.say(f"... and {counted(levels['error'] - len(shown), 'more error')}: exports/findings.jsonl")
    finer = checked.finer_books
    lines = [_books_line(kind, counts) for kind, counts in checked.books.items()]
    lines += [f"held for {code}: {counted(number, 'item')}" for code, number in finer["held_for"]["items"].items()]
    lines += [f"not of the page: {what}, {counted(number, 'time')}" for what, number in finer["unknown"].items()]
    if output.verbose:
        people = finer["people"].items()
        lines += [_books_line(f"{kind} of {who}", counts) for who, own in people for kind, counts in own.items()]
    lines.append(f"findings: {', '.join(counted(levels[level], level) for level in ('error', 'warning', 'info'))}")
    findings = [plain(found) for found in checked.findings] if output.json else []
    output.result({"books": checked.books, "finer_books": finer, "findings": findings}, lines)
    if shown:
        output.say(f"What a code means and what to do: curate explain {shown[0].code}")
    _say_next(output)
    if levels["error"]:
        raise typer.Exit(1)


def _say_next(output: Output) -> None:
    """Name what is held back and what waits for it, and the next command as status does."""
    from curate import api

    held = api.held_back(output.project)
    if held.readings:
        output.say(held_line(held) + ("" if held.to_mend or held.articles else f" {LOOK[0].upper()}{LOOK[1:]}."))
    output.say(f"Next: {api.next_step(output.project)}")


def _books_line(kind: str, counts: dict[str, Any]) -> str:
    parts = [f"{counts['accepted']} accepted", f"{counts['held']} held"]
    if "waiting" in counts:
        parts.append(f"{counts['waiting']} waiting")
    parts += [f"{number} {reason}" for reason, number in counts["excluded"].items()]
    return f"{kind}: {counts['seen']} seen = {' + '.join(parts)}"


def show(
    context: typer.Context,
    article: Annotated[str, typer.Argument(help="The article's id.")],
    annotator: Annotated[str | None, typer.Option(help="Only this annotator's reading.")] = None,
) -> None:
    """Draw an article's events over its text.

    Every reading is drawn, and the record if there is one.
    """
    from curate.reporting.showing import show_article

    output: Output = context.obj
    drawn = show_article(output.project, article, annotator)
    for title, lines, _ in drawn if not output.json else []:
        typer.echo(title)
        for line in lines:
            typer.echo(line)
    if output.json:
        output.result([{"title": title, "reading": data} for title, _, data in drawn], [])
