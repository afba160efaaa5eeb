"""Findings back to the people who can mend them: send back."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from curate.accounts import account_names
from curate.api.annotating import PULLED
from curate.api.project import Progress, open_pulled, silent
from curate.errors import UsageError
from curate.findings import CODES, LEADS
from curate.lock import locked
from curate.records import Finding
from curate.settings import read_settings
from curate.workspace import Workspace, read_articles, read_lines, read_private, write_private

if TYPE_CHECKING:
    from curate.labelstudio.returning import ReturnPlan

RETURNED = "returned.json"
"""The private note of the pull after which work was sent back or taken away last: what is out is known by the next."""


@dataclass(frozen=True)
class SentBack:
    """What sending back planned and did; ``leads`` are errors that no annotator can mend."""

    plan: ReturnPlan
    applied: bool
    leads: list[Finding]


def send_back(
    project: Path | None = None,
    *,
    codes: Collection[str] = (),
    articles: Collection[str] = (),
    people: Collection[str] = (),
    dry_run: bool = False,
    confirm: Callable[[ReturnPlan], bool] = lambda _: True,
    progress: Progress = silent,
) -> SentBack:
    """Bring what the last check found to those who can mend it: plan, show through ``confirm``, apply.

    Errors go back, or whatever has one of ``codes``; ``articles`` and ``people`` (accounts or pseudonyms) leave out
    what is of others. What went back before stays so until it is mended, and is taken away then.
    """
    from curate.labelstudio import client, returning
    from curate.labelstudio.projects import own_projects
    from curate.settings import label_studio_credentials

    settings = read_settings(project)
    workspace = Workspace(settings.folder)
    path = workspace.export("findings.jsonl")
    with open_pulled(workspace) as pulled:
        if pulled is None or not path.is_file():
            raise UsageError(f"{workspace.exports}: nothing was pulled yet.", "Pull first: curate pull")
        tasks = list(pulled.bare_tasks)
    findings = read_lines(path, Finding)
    asked = _choice(workspace, codes, articles, people)
    chosen = [one for one in findings if asked(one)]
    leads = [one for one in chosen if one.code in LEADS]
    chosen = [one for one in chosen if one.code not in LEADS]
    now = str((read_private(workspace, PULLED) or {}).get("at") or "")
    credentials = label_studio_credentials(settings)
    with locked(workspace), client.connected(credentials) as connection:
        there = own_projects(connection, settings, workspace)
        moment = now[:16].replace("T", " ")
        plan = returning.plan(connection, there, tasks, findings, chosen, moment)
        if not plan.changes or dry_run or not confirm(plan):
            return SentBack(plan, False, leads)
        write_private(workspace, RETURNED, {"after": now})
        returning.apply(connection, plan, progress)
    return SentBack(plan, True, leads)


def _choice(
    workspace: Workspace, codes: Collection[str], articles: Collection[str], people: Collection[str]
) -> Callable[[Finding], bool]:
    """Tell which findings are asked for. Raises UsageError for a code, an article or a person that is none."""
    accounts = account_names(workspace)
    pseudonyms = {account: name for name, account in accounts.items()} | {name: name for name in accounts}
    known = read_articles(workspace)
    for what, asked, there in (
        ("code", codes, CODES),
        ("article", articles, known),
        ("person", people, pseudonyms),
    ):
        if unknown := [one for one in asked if one not in there]:
            raise UsageError(
                f"{unknown[0]}: no such {what} here.", "exports/findings.jsonl names those that there are."
            )
    names = {pseudonyms[one] for one in people}

    def is_asked(finding: Finding) -> bool:
        return (
            (finding.code in codes if codes else finding.level == "error")
            and (not articles or finding.article_id in articles)
            and (not names or finding.annotator in names)
        )

    return is_asked
