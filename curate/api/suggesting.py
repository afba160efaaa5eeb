"""Something to begin with: suggestions for the articles that nobody has begun to read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from curate.api.answering import gold_articles
from curate.api.project import Progress, load_schema, silent
from curate.errors import UsageError
from curate.files import check_writable
from curate.lock import SUGGESTING, locked
from curate.records import Article
from curate.settings import Settings, label_studio_credentials, read_settings, suggest_key
from curate.workspace import Workspace, read_articles, read_json, read_withdrawn, write_lines

if TYPE_CHECKING:
    from curate.labelstudio.suggestions import ProjectState, ProjectSuggestions
    from curate.schema.model import EventSchema
    from curate.suggesters.making import Made
    from curate.suggesters.options import Options


@dataclass(frozen=True)
class Suggested:
    """What suggesting came to: what was ``made``, and the ``plans`` of bringing it to each project.

    ``version`` is the ``model_version`` of the predictions, None where there are to be none; ``left`` counts the tasks
    that somebody began before their turn came.
    """

    version: str | None
    made: Made
    plans: list[ProjectSuggestions]
    applied: bool = False
    left: int = 0

    @property
    def changes(self) -> int:
        """Count what would be written."""
        return sum(len(plan.steps) for plan in self.plans)


def suggest(
    by: str | None = None,
    project: Path | None = None,
    *,
    dry_run: bool = False,
    keep_going: bool = False,
    again: bool = False,
    confirm: Callable[[Suggested], bool] = lambda _: True,
    progress: Progress = silent,
) -> Suggested:
    """Lay suggestions on the tasks that nobody has begun: made, checked, planned, shown through ``confirm``, applied.

    ``by`` is words, model, ``module:function``, an entry point of ``curate.suggesters``, or none, which takes
    suggestions back; [suggest] in curate.toml says what it is if left out. ``keep_going`` counts an article on which
    the suggester fails and goes on to the next; ``again`` asks a model once more where its answer was of no use.
    ``dry_run`` writes nothing and asks no model. ``exports/suggestions.jsonl`` tells what came of each article, unless
    ``confirm`` says no. While a model or a function is asked, other commands may work in the project; what they changed
    gets no suggestion then.
    """
    from curate.labelstudio import client, suggesting
    from curate.labelstudio.suggestions import plan_project
    from curate.suggesters.options import NONE, WORDS, read_options

    settings = read_settings(project)
    workspace = Workspace(settings.folder)
    options = read_options(settings.suggest, settings.workspace, by)
    schema = load_schema(settings)
    check_writable(workspace.exports)
    apart = options.by not in (WORDS, NONE)
    with (
        locked(workspace, SUGGESTING),
        client.connected(label_studio_credentials(settings)) as connection,
        ExitStack() as lock,
    ):
        lock.enter_context(locked(workspace))
        # Taking suggestions back asks for no text, and so for none of the hidden ones that may be broken.
        articles = _readable(workspace, schema) if options.by != NONE else {}
        states = suggesting.survey(connection, settings, workspace, schema)
        if apart:
            lock.close()
        how = _How(options, settings, schema, keep_going, again, dry_run, progress)
        version, made = _make(_wanting(states, articles, options), how)
        if apart:
            lock.enter_context(locked(workspace, waiting=lambda: progress("waiting for another curate command to end")))
            articles = _unchanged(articles, settings, workspace, schema)
            states = suggesting.survey(connection, settings, workspace, schema)
        plans = [
            plan_project(state, version, made.predictions, articles, options.held_out, by_score=options.by_score)
            for state in states
        ]
        suggested = Suggested(version, made, plans)
        if dry_run:
            return suggested
        if suggested.changes and not confirm(suggested):
            return suggested
        told = {name: {**told, "version": version} for name, told in made.told.items() if name in articles}
        _tell(workspace, told, states)
        if not suggested.changes:
            return suggested
        left = suggesting.apply(connection, plans, version, made.predictions, progress)
        return replace(suggested, applied=True, left=left)


def _readable(workspace: Workspace, schema: EventSchema) -> dict[str, Article]:
    """Give what people read by its id, as it may get suggestions."""
    withdrawn = read_withdrawn(workspace)
    # Who finds suggestions everywhere else would know a text without one for what it is.
    there = read_articles(workspace) | gold_articles(workspace, schema)
    return {name: one for name, one in there.items() if name not in withdrawn}


def _unchanged(
    articles: Mapping[str, Article], settings: Settings, workspace: Workspace, schema: EventSchema
) -> dict[str, Article]:
    """Give those of the articles that are still what a suggester was asked about."""
    if load_schema(settings).stamp != schema.stamp:
        raise UsageError(f"{settings.schema}: changed while suggestions were made.", "Run it again: curate suggest")
    now = _readable(workspace, schema)
    return {name: one for name, one in articles.items() if name in now and now[name].text == one.text}


def _tell(workspace: Workspace, told: Mapping[str, dict[str, Any]], states: Iterable[ProjectState]) -> None:
    """Write what came of each article, beside what is known of those that keep what they have, since they are begun."""
    path = workspace.export("suggestions.jsonl")
    begun = {
        task.article_id
        for state in states
        for task in state.tasks
        if task.begun and any(one.ours for one in task.predictions)
    }
    known = (read_json(line, path) for line in (path.read_bytes().splitlines() if path.is_file() else ()))
    lines = {str(line["article_id"]): line for line in known if line["article_id"] in begun}
    lines |= told
    write_lines(path, [lines[name] for name in sorted(lines)])


@dataclass(frozen=True)
class _How:
    """All that was asked for."""

    options: Options
    settings: Settings
    schema: EventSchema
    keep_going: bool
    again: bool
    dry_run: bool
    progress: Progress


def _make(articles: list[Article], how: _How) -> tuple[str | None, Made]:
    """Have suggestions made for the articles; give their ``model_version`` as well."""
    from curate.labelstudio.suggestions import version_of
    from curate.suggesters.asking import Asking
    from curate.suggesters.callables import Suggester, load
    from curate.suggesters.endpoint import Endpoint
    from curate.suggesters.making import Made, ask_each, call_each
    from curate.suggesters.options import MODEL, NONE, WORDS
    from curate.suggesters.words import VERSION, TriggerWords

    made, options = Made(how.schema), how.options
    if options.by == NONE:
        return None, made
    if options.by == MODEL:
        asking = Asking(options.model, options.extra, how.schema)
        key = suggest_key(how.settings)
        endpoint = Endpoint(options.url, options.model, key, options.concurrency, options.timeout)
        workspace = Workspace(how.settings.folder)
        ask_each(
            endpoint, asking, articles, made, workspace, again=how.again, dry_run=how.dry_run, progress=how.progress
        )
        return version_of(f"{MODEL}:{'-'.join(options.model.split())}@{asking.version}", how.schema), made
    if options.by == WORDS:
        suggester = Suggester(WORDS, VERSION, TriggerWords(how.schema))
    else:
        suggester = load(options.by, how.settings.folder)
    call_each(suggester, articles, made, keep_going=how.keep_going)
    return version_of(f"{suggester.name}@{suggester.version}", how.schema), made


def _wanting(states: Iterable[ProjectState], articles: Mapping[str, Article], options: Options) -> list[Article]:
    """List the articles that want a suggestion: in a task that nobody has begun, and not held out."""
    shown = {(task.article_id, task.text_sha256) for state in states for task in state.tasks if not task.begun}
    return [
        article
        for article in articles.values()
        if (article.id, article.text_sha256) in shown and not options.held_out(article.id)
    ]
