"""An open article as a task for an adjudicator, and the plan of an adjudication project (pure)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from string import ascii_uppercase
from typing import Any

from curate.adjudication.conflicts import MARKDOWN, Conflict, conflicts_of
from curate.adjudication.merging import merged_reading
from curate.adjudication.settling import Case
from curate.adjudication.statements import statements_of
from curate.labelstudio.results import CONFLICT
from curate.labelstudio.revisions import worked_on
from curate.labelstudio.rounds import SHOWN, next_rounds
from curate.labelstudio.tasks import Step, task_data
from curate.labelstudio.writing import region_statements, result_of
from curate.records import Article, Reading, Record, digest
from curate.schema.model import EventSchema

MERGED = "merged"
"""The version under which the start is told apart from the readings; the project names it, or another one would
be laid before the adjudicator."""

OWN = re.compile(rf"reading |{MERGED}$")
"""How the versions of what is shown begin; other predictions are none of ours."""

PUSHED = "pushed"
"""The key of a task's data that tells what was last brought there."""


DONE = "settled by now"


@dataclass(frozen=True)
class CaseTask:
    """What an adjudicator gets to see of an article. ``open`` counts what there is to settle."""

    article: Article
    open: int
    message: str
    predictions: list[dict[str, Any]]
    statements: list[str]

    @property
    def pushed(self) -> str:
        """Hash what is shown."""
        return digest([self.message, self.predictions])

    def is_shown(self, task: Mapping[str, Any]) -> bool:
        """Tell whether a task shows just that: its data say so, and each prediction is there once."""
        there = [one for one in task["predictions"] if OWN.match(str(one.get("model_version")))]
        return task["data"].get(PUSHED) == self.pushed and _digests(there) == _digests(self.predictions)

    def data(self, known: Mapping[str, Any], submitted: Sequence[str]) -> dict[str, Any]:
        """Make the task's data; ``known`` are those it has, ``submitted`` the moments of its annotations."""
        if known.get(PUSHED) == self.pushed:
            return dict(known)
        shown = next_rounds(known.get(SHOWN), self.statements, submitted)
        return task_data(self.article) | {"message": self.message, SHOWN: shown, PUSHED: self.pushed}


@dataclass(frozen=True)
class CasePlan:
    """What bringing cases to people would do.

    ``update`` names task, case, data and the reason; ``remove`` second tasks that nobody worked on, with the article;
    ``spare`` second projects that nobody worked in.
    """

    project: int | None
    project_step: Step
    settings: dict[str, Any]
    create: list[CaseTask] = field(default_factory=list)
    update: list[tuple[int, CaseTask, dict[str, Any], str]] = field(default_factory=list)
    remove: list[tuple[int, str]] = field(default_factory=list)
    spare: list[int] = field(default_factory=list)
    keep: int = 0
    notices: list[str] = field(default_factory=list)

    @property
    def changes(self) -> int:
        """Count what would be written."""
        return len(self.steps)

    @property
    def steps(self) -> list[Step]:
        """List every step that changes something, the project first."""
        steps = [self.project_step] if self.project_step.action != "keep" else []
        why = "a second adjudication project; nobody worked in it"
        steps += [Step("delete", f"project {number}", why) for number in self.spare]
        steps += [Step("create", f"task {case.article.id}", _counted(case.open)) for case in self.create]
        why = "a second task of the article; nobody worked on it"
        steps += [Step("delete", f"task {task} {name}", why) for task, name in self.remove]
        return steps + [
            Step("update", f"task {task} {case.article.id}", reason) for task, case, _, reason in self.update
        ]


def case_task(case: Case, order: Callable[[str], str], schema: EventSchema) -> CaseTask:
    """Show the readings of an open article under letters, what they differ on, and a start.

    ``order`` gives the sort key by which an annotator gets a letter in this article.
    """
    letters = dict(zip(sorted(case.readings, key=order), _letters(len(case.readings)), strict=True))
    conflicts = conflicts_of(case, letters)
    merged = merged_reading(case.question, schema)
    predictions = [_prediction(f"reading {letter}", case.readings[who], schema, []) for who, letter in letters.items()]
    predictions.append(_prediction(MERGED, merged, schema, conflicts))
    stated = (statements_of(reading, schema).present() for reading in case.readings.values())
    return CaseTask(
        article=case.article,
        open=len(conflicts) + len(case.wrong),
        message=_message(case, conflicts),
        predictions=predictions,
        statements=sorted(set().union(*stated)),
    )


def settled_task(record: Record, article: Article, schema: EventSchema) -> CaseTask:
    """Say of an article that it needs nobody any more, and show what it was settled to."""
    message = "**Nothing is left to settle here**: the readings agree by now. Skip this task."
    reading = Reading(events=record.events, clusters=record.clusters, links=record.links, attributes=record.attributes)
    return CaseTask(article, 0, message, [_prediction(MERGED, reading, schema, [])], [])


def plan_cases(
    cases: Iterable[CaseTask],
    settled: Iterable[CaseTask],
    project: Mapping[str, Any] | None,
    tasks: Iterable[Mapping[str, Any]],
    settings: Mapping[str, Any],
) -> CasePlan:
    """Compare the cases and the wanted settings with what the server holds.

    ``tasks`` come with their predictions, and with the moments of their annotations under ``submitted``. A task that
    nobody has settled and that is settled by now is told so; one that somebody has settled is left alone unless
    something new came up.
    """
    there: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for task in tasks:
        data = task["data"]
        there.setdefault((str(data.get("article_id")), str(data.get("text_sha256"))), []).append(task)
    wanted = {(case.article.id, case.article.text_sha256): case for case in cases}
    for found in there.values():
        # The one that people worked on comes first, else the oldest.
        found.sort(key=lambda task: (not task["submitted"], int(task["id"])))
    done = {key: case for case in settled if (key := (case.article.id, case.article.text_sha256)) in there}
    shown = [(there[key][0], case) for key, case in wanted.items() if key in there]
    changed = [(task, case) for task, case in shown if not case.is_shown(task)]
    closed = [
        (found[0], done[key])
        for key, found in there.items()
        if key in done and not found[0]["submitted"] and not done[key].is_shown(found[0])
    ]
    create = [case for key, case in wanted.items() if key not in there]
    step, differing = _project_step(project, settings, bool(create))
    return CasePlan(
        project=int(project["id"]) if project else None,
        project_step=step,
        settings=differing,
        create=create,
        update=[
            (task["id"], case, case.data(task["data"], task["submitted"]), _counted(case.open) if case.open else DONE)
            for task, case in (*changed, *closed)
        ],
        keep=len(shown) - len(changed),
        remove=[(task["id"], key[0]) for key, found in there.items() for task in found[1:] if not worked_on(task)],
        notices=[
            f"article {key[0]}: a second task with work on it ({task['id']}); delete one"
            for key, found in there.items()
            for task in found[1:]
            if worked_on(task)
        ],
    )


def _project_step(
    project: Mapping[str, Any] | None, settings: Mapping[str, Any], needed: bool
) -> tuple[Step, dict[str, Any]]:
    """Say what becomes of the project, and which settings it lacks."""
    if project is None:
        why = "no adjudication project yet" if needed else "nothing to settle"
        return Step("create" if needed else "keep", f"project {settings['title']}", why), dict(settings)
    differing = {key: value for key, value in settings.items() if project.get(key) != value}
    if differing:
        return Step("update", f"project {project['id']}", f"changed: {', '.join(sorted(differing))}"), differing
    return Step("keep", f"project {project['id']}", "as it should be"), {}


def _counted(number: int) -> str:
    return f"{number} {'thing' if number == 1 else 'things'} to settle"


def _letters(number: int) -> list[str]:
    """Name the readings A to Z, then A1, B1, ..."""
    return [f"{ascii_uppercase[place % 26]}{place // 26 or ''}" for place in range(number)]


def _digests(predictions: Iterable[Mapping[str, Any]]) -> list[str]:
    return sorted(digest([one.get("model_version"), one.get("result")]) for one in predictions)


def _prediction(version: str, reading: Reading, schema: EventSchema, conflicts: Sequence[Conflict]) -> dict[str, Any]:
    """Write a reading as a prediction, with what is open told on the regions it is about."""
    result = result_of(reading, schema)
    states = region_statements(result, reading)
    for entry in result:
        # The page says itself of everything in a prediction that it was predicted.
        entry.pop("origin", None)
        about = states.get(entry.get("id", "")) if entry.get("type") == "labels" else None
        if told := [f"{CONFLICT}{one.plain}" for one in conflicts if about in one.places]:
            entry["meta"] = {"text": told}
    return {"model_version": version, "result": result}


def _message(case: Case, conflicts: Sequence[Conflict]) -> str:
    lines = [one.markdown for one in conflicts]
    lines += [f"As it stands this would be wrong: {MARKDOWN.name(one.message).rstrip('.')}." for one in case.wrong]
    again = " since this was settled" if case.question.rulings else ""
    head = f"**{_counted(len(lines))}{again}.** Mend or delete what is wrong, leave what is right, submit."
    return "\n".join([head, "", *(f"{number}. {line}" for number, line in enumerate(lines, 1))])
