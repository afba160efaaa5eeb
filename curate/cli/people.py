"""Commands for the people who annotate, and for who reads what."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from curate.cli.output import SHOWN, Output, gold_counts, gold_line, reached_line, step_lines
from curate.errors import UsageError
from curate.wording import counted

if TYPE_CHECKING:
    from curate.api import Assigned, Person
    from curate.labelstudio.tasks import Plan
    from curate.qualification import Tried

app = typer.Typer(help="The people who annotate.", no_args_is_help=True, rich_markup_mode=None)

SEPARATED = "Projects of their own keep people's work apart; they don't hide it: whoever is signed in can open any."


def register(parent: typer.Typer) -> None:
    """Add the commands."""
    parent.command()(assign)


@app.command()
def add(
    context: typer.Context,
    accounts: Annotated[list[str], typer.Argument(help="E-mail addresses; no mail is sent.", metavar="EMAIL...")],
) -> None:
    """Make people annotators, with an account where they have none."""
    from curate import api

    output: Output = context.obj
    added = api.add_people(accounts, output.project, progress=output.say)
    output.result(
        [{"annotator": one.annotator, "login": str(one.login) if one.login else None} for one in added],
        [_added_line(one) for one in added],
    )
    if any(one.login for one in added):
        output.say("Each file holds a password: pass it on to the person named in it, then delete it.")
    output.say("Next: curate assign, then curate push")


def _added_line(person: Person) -> str:
    return f"{person.annotator}: " + (f"login details in {person.login}" if person.login else "has an account already")


@app.command("list")
def list_(
    context: typer.Context,
    names: Annotated[bool, typer.Option("--names", help="Show account names, on the terminal only.")] = False,
) -> None:
    """List them with what they have to read and have read."""
    from curate import api

    output: Output = context.obj
    if names and output.json:
        raise UsageError("--names with --json: account names are for the terminal only.", "Leave one of them out.")
    people = api.list_people(output.project)
    output.result(
        [
            {
                "annotator": one.annotator,
                "state": one.state,
                "qualification": one.qualification,
                **({"gold": gold_counts(one.gold)} if one.gold else {}),
                **({"unscored": one.unscored} if one.unscored else {}),
                **(asdict(one.reached) if one.reached else {}),
            }
            for one in people
        ],
        [_line(one, names) for one in people] or ["Nobody yet. Add people: curate people add NAME@EXAMPLE.ORG"],
    )
    output.unscored(dict.fromkeys(line for one in people for line in one.unscored))


def _line(person: Person, names: bool) -> str:
    told = f"{person.annotator}  {person.state:6}  "
    told += reached_line(person.reached) if person.reached else "nothing assigned"
    told += f"; qualification {person.qualification}" if person.qualification else ""
    told += f"; gold {gold_line(person.gold)}" if person.gold else ""
    return told + (f"  {person.account}" if names else "")


@app.command()
def qualify(
    context: typer.Context,
    push: Annotated[bool, typer.Option("--push", help="Bring the texts to everybody first.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the plan and change nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Don't ask.")] = False,
) -> None:
    """Try people out on texts with known answers.

    They stand in the folder qualification, in mark-up. Each person's feedback is written to exports/qualification.
    """
    from curate import api

    output: Output = context.obj

    def confirm(plan: Plan) -> bool:
        for line in step_lines(plan.steps):
            output.say(line)
        return output.ask("Apply?", yes)

    made = api.qualify(output.project, push=push, dry_run=dry_run, confirm=confirm, progress=output.say)
    if made.plan and dry_run and not output.json:
        for line in step_lines(made.plan.steps):
            typer.echo(line)
    output.result(
        {
            "applied": made.applied,
            "create": len(made.plan.create) if made.plan else 0,
            "people": [{key: value for key, value in asdict(one).items() if key != "feedback"} for one in made.people],
        },
        [_tried_line(one) for one in made.people],
    )
    if any(one.answered for one in made.people):
        output.say("What each did otherwise than the known answers: exports/qualification")
    if made.applied:
        output.say("Next: when they have answered, curate pull, then curate people qualify")


def _tried_line(tried: Tried) -> str:
    scores = ", ".join(f"{name} {'none' if value is None else f'{value:.2f}'}" for name, value in tried.scores.items())
    told = f"{tried.annotator}  {tried.state:7}  {tried.answered} of {tried.of} answered"
    return told + (f"; {scores}" if tried.answered else "")


@app.command()
def follow(context: typer.Context) -> None:
    """Score people on the texts with known answers that are hidden in their work.

    They stand in the folder gold, in mark-up. Each person's feedback is written to exports/gold.
    """
    from curate import api

    output: Output = context.obj
    people = api.follow(output.project)
    output.result(
        [{"annotator": one.annotator, **gold_counts(one)} for one in people],
        [f"{one.annotator}  {gold_line(one)}" for one in people],
    )
    if any(one.answered for one in people):
        output.say("What each did otherwise than the known answers: exports/gold")


@app.command()
def remove(
    context: typer.Context,
    who: Annotated[list[str], typer.Argument(help="Pseudonyms or e-mail addresses.", metavar="WHO...")],
) -> None:
    """Let people get nothing more to read; what they finished stays."""
    from curate import api

    output: Output = context.obj
    removed = api.remove_people(who, output.project)
    output.result(
        [{"annotator": one.annotator, "state": one.state} for one in removed], [_line(one, False) for one in removed]
    )
    output.say("What they finished stays. Their accounts stay, too, and who has one can open every project:")
    output.say("an administrator of Label Studio can switch them off, at /admin/users/user/.")
    output.say("Next: curate assign gives what they haven't begun to others, then curate push")


def assign(
    context: typer.Context,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the plan and change nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Don't ask.")] = False,
    refresh: Annotated[bool, typer.Option(help="Pull first, to leave with everybody what they have begun.")] = True,
) -> None:
    """Plan who reads what, everybody in a project of their own.

    As [assignment] in curate.toml says. Planning again moves nothing that was begun, and else as little as it can.
    """
    from curate import api

    output: Output = context.obj

    def confirm(made: Assigned) -> bool:
        for line in _plan_lines(made):
            output.say(line)
        return output.ask("Plan it so?", yes)

    made = api.assign(output.project, dry_run=dry_run, refresh=refresh, confirm=confirm, progress=output.say)
    missing = made.allotment.missing
    output.result(
        {
            "applied": made.applied,
            "people": {who: dict(counted) for who, counted in _counts(made).items()},
            "given": len(made.given),
            "taken": len(made.taken),
            "gold": len(made.gold),
            "missing": missing,
        },
        [*(_plan_lines(made) if dry_run else []), _result_line(made)],
    )
    for name in list(missing)[:SHOWN]:
        readers = counted(missing[name], "more person", "more people")
        typer.echo(f"{name}: {readers} must read it, and nobody is left who can.", err=True)
    if len(missing) > SHOWN:
        typer.echo(f"... and {counted(len(missing) - SHOWN, 'more article')}.", err=True)
    if missing:
        output.say("Add people (curate people add), or let some read more (most in curate.toml); then: curate assign")
    if made.short:
        output.say(f"Texts with known answers that are due and that are not there: {made.short}. Put more into gold")
        output.say("Where articles come in the order of their ids, only one fits in whose id lies among those to come.")
    if made.applied:
        output.say(SEPARATED)
        output.say("Next: curate push")


def _counts(made: Assigned) -> dict[str, Counter[str]]:
    counts: dict[str, Counter[str]] = {}
    for what, rows in (("articles", made.allotment.assignments), ("given", made.given), ("taken", made.taken)):
        for one in rows:
            counts.setdefault(one.annotator, Counter())[what] += 1
            counts[one.annotator]["again"] += one.again and what == "articles"
    for who, number in made.left.items():
        counts[who]["left"] = number
    return dict(sorted(counts.items()))


def _plan_lines(made: Assigned) -> list[str]:
    return [
        f"  {who}: {counted(one['articles'], 'article')}, {one['left']} of them not begun"
        f" (+{one['given']} -{one['taken']})" + (f", {one['again']} to read again" if one["again"] else "")
        for who, one in _counts(made).items()
    ]


def _result_line(made: Assigned) -> str:
    told = counted(len(made.allotment.assignments), "reading")
    told += f", {len(made.given)} of them new, {len(made.taken)} taken from somebody"
    told += f", and {counted(len(made.gold), 'new text')} with known answers besides" if made.gold else ""
    return told + (f"; {sum(made.allotment.missing.values())} more have nobody." if made.allotment.missing else ".")
