"""Who reads what: assign."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from curate.api.annotating import pull_if_pushed
from curate.api.answering import GOLD, QUALIFICATION, gold_articles
from curate.api.people import ACTIVE, register, work_done
from curate.api.project import Progress, load_schema, open_pulled, silent
from curate.api.qualifying import states
from curate.errors import UsageError
from curate.gold import give
from curate.lock import locked
from curate.records import Assignment
from curate.settings import Settings, read_settings
from curate.workspace import Workspace, read_articles, read_assignments, read_gold, read_withdrawn, write_lines

if TYPE_CHECKING:
    from curate.allotment import Allotment


@dataclass(frozen=True)
class Assigned:
    """What a plan of who reads what comes to. ``given`` and ``taken`` are the changes against the plan before.

    ``left`` tells of how many articles of each person, as of the last pull, nothing is begun. ``gold`` are the texts
    with known answers that are given to people beside, and were not before; ``short`` counts those that are due to
    whoever lacks most and that there are not, or that their place among the articles would give away.
    """

    allotment: Allotment
    given: list[Assignment]
    taken: list[Assignment]
    left: dict[str, int]
    gold: list[Assignment] = field(default_factory=list)
    short: int = 0
    applied: bool = field(default=False)

    @property
    def changes(self) -> int:
        """Count what is different from the plan before."""
        return len(self.given) + len(self.taken) + len(self.gold)


def assign(
    project: Path | None = None,
    *,
    dry_run: bool = False,
    refresh: bool = True,
    confirm: Callable[[Assigned], bool] = lambda _: True,
    progress: Progress = silent,
) -> Assigned:
    """Plan who reads what by ``[assignment]`` in curate.toml, show it through ``confirm``, write assignment.jsonl.

    What people have begun or done stays theirs, so it is pulled first, unless ``refresh`` says not to. Nothing
    changes on the server until the next push. Raises UsageError without articles or people.
    """
    from curate.allotment import allot
    from curate.qualification import PASSED
    from curate.working import progress_of

    settings = read_settings(project)
    workspace = Workspace(settings.folder)
    active = sorted(who for who, state in register(workspace).items() if state == ACTIVE)
    if not active and not read_assignments(workspace):
        raise UsageError("There is nobody to read anything yet.", "Add people: curate people add NAME@EXAMPLE.ORG ...")
    articles = read_articles(workspace)
    if not articles:
        raise UsageError(f"{workspace.articles}: there are no articles yet.", "Add some: curate add FILE_OR_FOLDER")
    unknown = sorted({*settings.assignment.weights, *settings.assignment.most} - set(register(workspace)))
    if unknown:
        fix = "curate people list names them; write those names under [assignment.people] in curate.toml."
        raise UsageError(f"assignment.people.{unknown[0]}: not one of the people here.", fix)
    if refresh:
        pull_if_pushed(settings, progress=progress)
    if settings.qualification.required:
        tried = states(settings, workspace)
        if active and not tried:
            fix = f"Put some there, as NAME.txt in mark-up: {workspace.folder / QUALIFICATION}"
            raise UsageError("Nobody can pass: there are no texts with known answers.", fix)
        active = [who for who in active if tried.get(who) == PASSED]
    with locked(workspace):
        before, work = read_assignments(workspace) or [], work_done(workspace)
        withdrawn = read_withdrawn(workspace)
        allotment = allot(list(articles), active, before, work, settings.assignment, withdrawn)
        known = read_gold(workspace)
        rows = {(one.annotator, one.article_id) for one in allotment.assignments if not one.again}
        reads = {who: [name for name in articles if (who, name) in rows] for who in active}
        gold, short = _gold(settings, workspace, reads, known)
        made = Assigned(
            allotment,
            given=_without(allotment.assignments, before),
            taken=_without(before, allotment.assignments),
            left={who: one.left for who, one in progress_of(allotment.assignments, work).items()},
            gold=_without(gold, known),
            short=short,
        )
        if dry_run or (not made.changes and workspace.assignments.is_file()) or not confirm(made):
            return made
        # The texts first: they come up only among the articles that somebody has, but never after all of them.
        if made.gold:
            write_lines(workspace.gold, gold)
        write_lines(workspace.assignments, allotment.assignments)
    return replace(made, applied=True)


def _gold(
    settings: Settings, workspace: Workspace, reads: dict[str, list[str]], known: list[Assignment]
) -> tuple[list[Assignment], int]:
    """Give out the texts with known answers beside what everybody ``reads``; ``known`` were given before.

    Gives how many there are too few as well.
    """
    if not (workspace.folder / GOLD).is_dir():
        return known, 0
    texts = gold_articles(workspace, load_schema(settings))
    made = give(texts, reads, _shown(workspace), known, settings.gold)
    have = Counter(one.annotator for one in made if one.article_id in texts)
    return made, max([0, *(len(names) // settings.gold.every - have[who] for who, names in reads.items())])


def _shown(workspace: Workspace) -> dict[str, set[str]]:
    """Name what everybody has as a task in their own project, as of the last pull."""
    from curate.labelstudio.rounds import purpose_of, reader_of
    from curate.labelstudio.tasks import ANNOTATE

    shown: dict[str, set[str]] = {}
    with open_pulled(workspace) as pulled:
        for task in pulled.bare_tasks if pulled else ():
            if purpose_of(task) == ANNOTATE:
                shown.setdefault(reader_of(task), set()).add(str((task.get("data") or {}).get("article_id")))
    return shown


def _without(some: list[Assignment], others: list[Assignment]) -> list[Assignment]:
    known = set(others)
    return [one for one in some if one not in known]
