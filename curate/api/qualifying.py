"""People tried out on texts with known answers before they begin: qualify."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from curate.accounts import account_names
from curate.api.annotating import context_of
from curate.api.project import Progress, load_schema, open_pulled, silent
from curate.errors import InputError, UsageError
from curate.findings import ERROR
from curate.records import Annotation, Article, plain
from curate.settings import Settings, label_studio_credentials, read_settings
from curate.text import text_sha256
from curate.workspace import Workspace, locked, read_articles, write_atomic

if TYPE_CHECKING:
    from curate.labelstudio.tasks import Plan
    from curate.qualification import Tried
    from curate.schema.model import EventSchema

FOLDER = "qualification"
"""Where in a project the texts with known answers are, each a ``.txt`` in mark-up named after itself."""


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
    answers = read_answers(workspace, schema)
    if not answers:
        fix = f"Put texts in mark-up there, as NAME.txt: {workspace.folder / FOLDER}"
        raise UsageError("There are no texts with known answers.", fix)
    plan, applied = None, False
    if push:
        with locked(workspace):
            plan, applied = _push(settings, workspace, schema, answers, dry_run, confirm, progress)
    people = assessed(settings, workspace, schema, answers)
    for one in people if not dry_run else []:
        path = workspace.export(FOLDER) / f"{one.annotator}.md"
        if one.answered:
            write_atomic(path, feedback_markdown(one, settings.qualification).encode())
    return Qualified(people, plan, applied)


def states(settings: Settings, workspace: Workspace) -> dict[str, str]:
    """Tell of everybody active whether they passed, failed or are pending; nothing where there are no texts."""
    if not (workspace.folder / FOLDER).is_dir():
        return {}
    schema = load_schema(settings)
    answers = read_answers(workspace, schema)
    return {one.annotator: one.state for one in assessed(settings, workspace, schema, answers)} if answers else {}


def read_answers(workspace: Workspace, schema: EventSchema) -> dict[str, tuple[Article, Annotation]]:
    """Read the texts with their known answers, by name.

    Raises InputError for one that is no mark-up, that breaks a rule, or that is called like an article.
    """
    from curate.markup import MarkupError, parse, to_reading
    from curate.qualification import KEY
    from curate.validation import meaning_findings

    articles = read_articles(workspace)
    found: dict[str, tuple[Article, Annotation]] = {}
    for path in sorted((workspace.folder / FOLDER).glob("*.txt")):
        try:
            marked = parse(path.read_text(encoding="utf-8").removesuffix("\n"))
            reading = to_reading(marked, schema)
        except (MarkupError, UnicodeDecodeError) as error:
            raise InputError(f"{path}: {error}.", "Mend the mark-up: docs/markup.md tells its rules.") from error
        if path.stem in articles:
            raise InputError(f"{path}: an article is called so, too.", "Give the file another name.")
        article = Article(id=path.stem, text=marked.text, text_sha256=text_sha256(marked.text), title=path.stem)
        answer = _annotation(article, KEY, reading)
        for wrong in meaning_findings(plain(answer) | {"text": article.text}, schema):
            if wrong.level == ERROR:
                raise InputError(f"{path}: {wrong.message} ({wrong.code}).", "Mend the answer.")
        found[path.stem] = article, answer
    return found


def assessed(
    settings: Settings, workspace: Workspace, schema: EventSchema, answers: Mapping[str, tuple[Article, Annotation]]
) -> list[Tried]:
    """Score everybody who is active, as of the last pull."""
    from curate.qualification import assess

    known = {name: answer for name, (_, answer) in answers.items()}
    given = _given(settings, workspace, answers)
    return [assess(who, known, given.get(who, {}), settings.qualification, schema) for who in _active(workspace)]


def _given(
    settings: Settings, workspace: Workspace, answers: Mapping[str, tuple[Article, Annotation]]
) -> dict[str, dict[str, Annotation]]:
    """Read what people answered last in their own projects, by person and text."""
    from curate.authorship import annotator_of
    from curate.judging import judge
    from curate.labelstudio.rounds import purpose_of, reader_of
    from curate.labelstudio.tasks import QUALIFY

    context = context_of(settings, workspace, {})
    last: dict[tuple[str, str], tuple[str, Annotation]] = {}
    with open_pulled(workspace) as pulled:
        for task in pulled.tasks if pulled else ():
            article, _ = answers.get(str((task.get("data") or {}).get("article_id")), (None, None))
            if purpose_of(task) != QUALIFY or article is None or task["data"].get("text") != article.text:
                continue
            for made in task.get("annotations") or []:
                who, at = annotator_of(made, context.annotator), str(made.get("created_at"))
                # A skip is no answer, and what others do in somebody's project is not theirs.
                if made.get("was_cancelled") or who != reader_of(task) or at < last.get((who, article.id), ("",))[0]:
                    continue
                last[who, article.id] = at, judge(task, made, who, article, context).annotation
    found: dict[str, dict[str, Annotation]] = {}
    for (who, name), (_, annotation) in last.items():
        found.setdefault(who, {})[name] = annotation
    return found


def _push(
    settings: Settings,
    workspace: Workspace,
    schema: EventSchema,
    answers: Mapping[str, tuple[Article, Annotation]],
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


def _annotation(article: Article, who: str, reading: Any) -> Annotation:
    return Annotation(
        id=f"{who} of {article.id}",
        task_id=0,
        article_id=article.id,
        text_sha256=article.text_sha256,
        annotator=who,
        schema=None,
        created_at="",
        updated_at="",
        lead_time=None,
        events=reading.events,
        clusters=reading.clusters,
        links=reading.links,
        attributes=reading.attributes,
        items=[],
        notes=[],
    )
