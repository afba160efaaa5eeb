"""People tried out on texts with known answers before they begin: qualify."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from curate.accounts import account_names
from curate.api.answering import QUALIFICATION, Answers, given_answers, read_answers
from curate.api.project import Progress, load_schema, silent
from curate.errors import UsageError
from curate.files import write_atomic
from curate.lock import locked
from curate.settings import Settings, label_studio_credentials, read_settings
from curate.workspace import Workspace

if TYPE_CHECKING:
    from curate.labelstudio.tasks import Plan
    from curate.qualification import Tried
    from curate.schema.model import EventSchema


@dataclass(frozen=True)
class Qualified:
    """How everybody does; ``plan`` is what bringing the texts to them had to do, None when that was not asked for."""

    people: list[Tried]
    plan: Plan | None = None
    applied: bool = False


def qualify(
    project: Path | None = None,
    *,
    push: bool = False,
    dry_run: bool = False,
    confirm: Callable[[Plan], bool] = lambda _: True,
    progress: Progress = silent,
) -> Qualified:
    """Score what people made of the texts with known answers, as of the last pull, and write each their feedback.

    ``push`` brings the texts to all active people first, each in a project of their own: plan, show through
    ``confirm``, apply. Nothing of it is ever a reading: in the books it stands under qualification.
    """
    from curate.qualification import feedback_markdown

    settings = read_settings(project)
    workspace = Workspace(settings.folder)
    schema = load_schema(settings)
    answers = read_answers(workspace, QUALIFICATION, schema)
    if not answers:
        fix = f"Put texts in mark-up there, as NAME.txt: {workspace.folder / QUALIFICATION}"
        raise UsageError("There are no texts with known answers.", fix)
    plan, applied = None, False
    with locked(workspace):
        if push:
            plan, applied = _push(settings, workspace, schema, answers, dry_run, confirm, progress)
        people = assessed(settings, workspace, schema, answers)
        for one in people if not dry_run else []:
            path = workspace.export(QUALIFICATION) / f"{one.annotator}.md"
            if one.answered:
                write_atomic(path, feedback_markdown(one, settings.qualification).encode())
    return Qualified(people, plan, applied)


def states(settings: Settings, workspace: Workspace) -> dict[str, str]:
    """Tell of everybody active whether they passed, failed or are pending; nothing where there are no texts."""
    if not (workspace.folder / QUALIFICATION).is_dir():
        return {}
    schema = load_schema(settings)
    answers = read_answers(workspace, QUALIFICATION, schema)
    return {one.annotator: one.state for one in assessed(settings, workspace, schema, answers)} if answers else {}


def assessed(settings: Settings, workspace: Workspace, schema: EventSchema, answers: Answers) -> list[Tried]:
    """Score everybody who is active, as of the last pull."""
    from curate.labelstudio.tasks import QUALIFY
    from curate.qualification import assess

    known = {name: answer for name, (_, answer) in answers.items()}
    given = given_answers(settings, workspace, answers, QUALIFY)
    return [assess(who, known, given.get(who, {}), settings.qualification, schema) for who in _active(workspace)]


def _push(
    settings: Settings,
    workspace: Workspace,
    schema: EventSchema,
    answers: Answers,
    dry_run: bool,
    confirm: Callable[[Plan], bool],
    progress: Progress,
) -> tuple[Plan, bool]:
    from curate.labelstudio import client, pushing
    from curate.labelstudio.desks import qualification_desk

    active = _active(workspace)
    if not active:
        raise UsageError("There is nobody to try out yet.", "Add people: curate people add NAME@EXAMPLE.ORG ...")
    texts, names = {name: article for name, (article, _) in answers.items()}, account_names(workspace)
    wanted = [qualification_desk(who, texts, names) for who in active]
    with client.connected(label_studio_credentials(settings)) as connection:
        plan = pushing.plan_desks(connection, settings, workspace, schema, wanted, texts, texts.values())
        if not plan.changes or dry_run or not confirm(plan):
            return plan, False
        pushing.apply(connection, plan, progress)
    return plan, True


def _active(workspace: Workspace) -> list[str]:
    from curate.api.people import ACTIVE, register

    return sorted(who for who, state in register(workspace).items() if state == ACTIVE)
