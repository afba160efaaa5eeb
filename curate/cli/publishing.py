"""Commands from the annotations to the Hub: adjudicate, release, publish, demo."""

from __future__ import annotations

import itertools
from collections import Counter
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from curate.cli.output import Output, held_line, step_lines
from curate.errors import UsageError
from curate.nextstep import adjudicate_command, publish_command
from curate.wording import counted

if TYPE_CHECKING:
    from curate.api import Adjudicated
    from curate.hub.verify import Verdict
    from curate.labelstudio.cases import CasePlan


OPEN_SHOWN = 20


def register(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (adjudicate, release, publish, verify, withdraw, demo):
        app.command()(command)


def adjudicate(
    context: typer.Context,
    policy: Annotated[
        str, typer.Option(help="agree, majority, majority:NUMBER, intersection, union or annotator:NAME.")
    ] = "agree",
    push: Annotated[bool, typer.Option("--push", help="Bring what is open to adjudicators in Label Studio.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be done and change nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Don't ask.")] = False,
) -> None:
    """Settle where readings differ, by rule or by people.

    Every decision is logged. One reading is enough where curate.toml says overlap = 1.
    """
    from curate import api

    output: Output = context.obj

    def confirm(plan: CasePlan) -> bool:
        for line in step_lines(plan.steps):
            output.say(line)
        return output.ask("Apply?", yes)

    made = api.adjudicate(policy, output.project, push=push, dry_run=dry_run, confirm=confirm, progress=output.say)
    shown = len(made.open) if output.verbose else OPEN_SHOWN
    for article_id, reason in itertools.islice(made.open.items(), shown):
        output.say(f"open: {article_id} ({reason})")
    if len(made.open) > shown:
        output.say(f"open: {len(made.open) - shown} more: --verbose, or exports/decisions.jsonl")
    held = api.held_back(output.project)
    if held.articles:
        back = " They go back by: curate send-back" if held.to_mend and api.server_url(output.project) else ""
        output.say(held_line(held) + back)
    rules = Counter(made.decided.values())
    decided = ", ".join(f"{number} by {rule}" for rule, number in sorted(rules.items())) or "none"
    lines = [f"decided: {decided}; open: {len(made.open)}; without a reading that counts: {len(made.waiting)}"]
    lines[0] += f"; withdrawn: {len(made.withdrawn)}" if made.withdrawn else ""
    data = {"decided": made.decided, "open": made.open, "waiting": made.waiting, "withdrawn": made.withdrawn}
    if made.plan is not None:
        lines += _case_lines(made, dry_run, output)
        data["adjudication"] = {
            "applied": made.applied,
            "url": made.url,
            "create": [case.article.id for case in made.plan.create],
            "update": [case.article.id for _, case, _, _ in made.plan.update],
            "unchanged": made.plan.keep,
            "notices": made.plan.notices,
        }
    output.result(data, lines)
    again = adjudicate_command(policy)
    if dry_run:
        output.say("Next: the same without --dry-run")
    elif made.applied:
        output.say(f"Next: settle them there, then curate pull and {again}")
    elif made.plan is not None and made.plan.keep and not made.plan.changes:
        output.say(f"Next: once they are settled there, curate pull and {again}")
    else:
        ready = api.status(output.project).ready_step
        output.say(f"Next: {ready}" if ready and (made.decided or made.to_settle) else "Nothing can be released yet.")


def _case_lines(made: Adjudicated, dry_run: bool, output: Output) -> list[str]:
    plan = made.plan
    if plan is None:
        return []
    for notice in plan.notices:
        output.say(f"note: {notice}")
    done = "pushed" if made.applied else "to push"
    counted = f"to people: {len(plan.create)} new, {len(plan.update)} changed {done}; {plan.keep} unchanged."
    return [*(step_lines(plan.steps) if dry_run else []), counted + (f" {made.url}" if made.url else "")]


def release(
    context: typer.Context,
    version: Annotated[str | None, typer.Argument(metavar="VERSION", help="Such as 1.0.0.")] = None,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Make it again from the raw answers and compare every byte.")
    ] = False,
) -> None:
    """Write a dataset repository from the adjudicated records.

    What only people know of the dataset it takes from [dataset] in curate.toml.
    """
    from curate import api
    from curate.grouping import REASONS

    output: Output = context.obj
    if version is None:
        free = api.next_version(output.project)
        fix = "Name one that is there: curate release VERSION --rebuild" if rebuild else f"curate release {free}"
        raise UsageError("release needs to be told which version.", fix)
    if rebuild:
        rebuilt = api.rebuild(version, output.project)
        files = counted(rebuilt.files, "file")
        output.result(
            {"folder": str(rebuilt.folder), "files": rebuilt.files},
            [f"{rebuilt.folder}: {files}, each the same when built again from the raw answers."],
        )
        return
    report = api.release(version, output.project)
    done = "written" if report.created else "there already, the same"
    rows = {config: sum(parts.values()) for config, parts in report.rows.items()}
    for one in report.left_out:
        tied = f" ({', '.join(one.between)})" if one.between else ""
        output.say(f"left out by the splits: {one.id}: {REASONS[one.reason]}{tied}")
    left_out = [{"id": one.id, "reason": one.reason, "between": one.between} for one in report.left_out]
    output.result(
        {"folder": str(report.folder), "created": report.created, "rows": report.rows, "left_out": left_out},
        [f"{report.folder}: {done}; " + ", ".join(counted(number, f"{config} row") for config, number in rows.items())],
    )
    changes = report.changes
    if report.created and report.previous and not (changes.added or changes.removed or changes.changed):
        output.say(f"It holds the very same records as {report.previous}.")
    output.say(f"Next: {publish_command(_repository(output))}")


def publish(
    context: typer.Context,
    repository: Annotated[str | None, typer.Argument(metavar="OWNER/NAME", help="The dataset on the Hub.")] = None,
    version: Annotated[str | None, typer.Option("--version", help="The release; else the highest.")] = None,
    public: Annotated[bool, typer.Option("--public", help="Make a new repository public.")] = False,
    pull_request: Annotated[bool, typer.Option("--pull-request", help="Propose it; tag it once it is merged.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the plan and change nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Don't ask.")] = False,
) -> None:
    """Bring a release to the Hugging Face Hub.

    It goes in one commit, is read back, and then tagged.
    """
    from curate import api

    output: Output = context.obj
    if repository is None:
        raise _lacks_repository(output)
    call = partial(
        api.publish,
        repository,
        project=output.project,
        private=not public,
        pull_request=pull_request,
        progress=output.say,
    )
    report = call(version, dry_run=True)
    steps = [step for step in report.steps if step.action != "keep"]
    for step in steps:
        output.say(f"  {step.action:6} {step.path} ({step.reason})")
    open_already = report.proposal is not None
    question = f"{'Propose' if pull_request else 'Publish'} {report.version} to {repository}?"
    if steps and not open_already and not dry_run and output.ask(question, yes):
        report = call(report.version)
    same = f"{counted(report.verified, 'file')} the same"
    if report.proposal:
        done = "proposed" if report.changed else "proposed already"
        line = f"{report.proposal}: {done}, {same}. Once merged: curate publish {repository}"
    elif report.changed:
        line = f"{report.url}: published and read back, {same}."
    elif steps:
        line = f"{report.url}: {counted(len(steps), 'change')} planned, nothing was done."
    else:
        line = f"{report.url}: already published, {same}; nothing to do."
    output.result(
        {"url": report.url, "commit": report.commit, "changed": report.changed, "verified": report.verified}
        | {"proposal": report.proposal}
        | {"steps": [[step.action, step.path, step.reason] for step in steps]},
        [line],
    )


def _lacks_repository(output: Output) -> UsageError:
    """Ask for the repository, with what the project knows of it."""
    if named := _repository(output):
        return UsageError(
            "publish needs to be told where to: the dataset's repository on the Hub.",
            f"As [dataset] in curate.toml names it: {publish_command(named)} --dry-run",
        )
    name = _dataset(output, "name") or "NAME"
    return UsageError(
        "publish needs to be told where to: the dataset's repository on the Hub, OWNER/NAME.",
        f"OWNER is your account there: {publish_command(f'OWNER/{name}')} --dry-run",
    )


def _repository(output: Output) -> str:
    return _dataset(output, "repository")


def _dataset(output: Output, key: str) -> str:
    from curate.settings import read_settings

    return str(read_settings(output.project).dataset.get(key) or "")


def verify(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="PATH|OWNER/NAME@TAG", help="A release folder, or one on the Hub.")],
) -> None:
    """Check a published dataset from nothing but its files."""
    from curate import api

    output: Output = context.obj
    verdicts = api.verify(name)
    output.result(
        [{"check": one.check, "proves": one.proves, "wrong": one.wrong} for one in verdicts],
        [_verdict_line(one) for one in verdicts],
    )
    for one in verdicts if output.verbose else []:
        for told in one.wrong[1:]:
            output.say(f"  {one.check}: {told}")
    if any(one.wrong for one in verdicts):
        raise typer.Exit(1)


def _verdict_line(verdict: Verdict) -> str:
    if not verdict.wrong:
        return f"fine   {verdict.check:13} {verdict.proves}"
    more = f" (and {len(verdict.wrong) - 1} more: --verbose)" if len(verdict.wrong) > 1 else ""
    return f"WRONG  {verdict.check:13} {verdict.wrong[0]}{more}"


def withdraw(
    context: typer.Context,
    articles: Annotated[list[str], typer.Argument(help="The ids of the articles.")],
    reason: Annotated[str, typer.Option(help="Why; stays in the project.")] = "",
    undo: Annotated[bool, typer.Option("--undo", help="Let them back in.")] = False,
) -> None:
    """Keep articles out of every release from the next on."""
    from curate import api

    output: Output = context.obj
    done = api.withdraw(articles, output.project, reason=reason, undo=undo)
    what = "let back in" if undo else "withdrawn"
    output.result(
        {"changed": done.changed, "unchanged": done.unchanged, "releases": done.releases},
        [f"{len(done.changed)} {what}, {len(done.unchanged)} unchanged."],
    )
    if done.releases and not undo:
        output.say(f"Released already in {', '.join(done.releases)}; those stay as they are until you remove them.")
    if done.changed:
        again = f"curate release {api.next_version(output.project)}"
        output.say(f"Next: {again if done.releases else api.next_step(output.project)}")


def demo(
    context: typer.Context,
    folder: Annotated[Path | None, typer.Argument(help="Where to put it; a new folder if left out.")] = None,
    keep: Annotated[bool, typer.Option("--keep", help="Leave the server up to look around.")] = False,
) -> None:
    """Go the whole way on bundled articles.

    With a real Label Studio on this machine, two annotators who sign up and submit, and a Hub on this machine.
    """
    from curate.demo.running import demo as run

    output: Output = context.obj
    account = run(folder, keep=keep, progress=output.say)
    output.result(account, [str(line) for line in account["lines"]])
