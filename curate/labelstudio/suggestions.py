"""Suggestions as predictions of a project's tasks, and the plan of bringing them there (pure).

A prediction that is not as it should be blanks the labelling page, so each is read back as a pull would read it before
it is planned. Only predictions that curate made, known by their ``model_version``, are ever replaced or removed.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from curate.findings import level
from curate.labelstudio.reading import translate
from curate.labelstudio.tasks import Place, Step
from curate.labelstudio.writing import result_of
from curate.meaning import meaning_findings
from curate.records import Article, Event, Reading, canonical_json, digest
from curate.schema.model import EventSchema
from curate.suggesters.suggestion import Dropped, Suggestion

OWN = re.compile(r"(\S+@\S+) (\S+@\S+#[0-9a-f]{12})")
"""What the ``model_version`` of our predictions is like: suggester and its version, then the schema's stamp."""
MISSING = "role-missing"
"""The one error that a suggestion may have: the annotator can add what is missing."""
LEAST_SURE, AS_PUSHED = "Uncertainty sampling", "Sequential sampling"
"""The orders in which the label stream gives out tasks, by the server's names for them."""


@dataclass(frozen=True)
class Prediction:
    """A prediction that a task has; ``digest`` is of its result and score."""

    id: int
    version: str
    digest: str

    @property
    def ours(self) -> bool:
        """Tell whether curate made it."""
        return OWN.fullmatch(self.version) is not None


@dataclass(frozen=True)
class TaskState:
    """A task as the server has it; ``begun`` if anybody left anything on it: an annotation, a skip, a draft."""

    id: int
    article_id: str
    text_sha256: str
    begun: bool
    predictions: tuple[Prediction, ...]


@dataclass(frozen=True)
class ProjectState:
    """A project in which articles are read for the first time, and its tasks as the server has them."""

    place: Place
    project: Mapping[str, Any]
    tasks: list[TaskState]


@dataclass(frozen=True)
class Change:
    """What becomes of one task's suggestions: predictions to remove, and the article whose suggestion is to come.

    ``whole`` says that no other prediction is on the task.
    """

    step: Step
    task: int
    remove: tuple[int, ...]
    whole: bool
    article_id: str | None = None


@dataclass(frozen=True)
class ProjectSuggestions:
    """What suggesting would do in one project.

    ``settings`` are those that the project lacks; ``there`` counts the tasks that have what they should already, or
    keep it.
    """

    project: int
    annotator: str
    settings: dict[str, Any]
    changes: list[Change] = field(default_factory=list)
    keep: int = 0
    begun: int = 0
    held_out: int = 0
    unasked: int = 0
    there: int = 0
    notices: list[str] = field(default_factory=list)

    @property
    def steps(self) -> list[Step]:
        """List every step that changes something; the project's settings last, as they are changed last."""
        steps = [change.step for change in self.changes]
        if self.settings:
            changed = ", ".join(f"{key}: {value}" for key, value in sorted(self.settings.items()))
            steps.append(Step("update", f"project {self.project}", changed))
        return steps


def version_of(suggester: str, schema: EventSchema) -> str:
    """Write the ``model_version`` of what a suggester, named ``NAME@VERSION``, makes under a schema.

    Raises ValueError for one that would not be known as ours again: each run would lay its suggestions beside the last.
    """
    version = f"{suggester} {schema.stamp}"
    if not OWN.fullmatch(version):
        raise ValueError(f"{suggester!r} is no NAME@VERSION without white space")
    return version


def prediction_of(suggestion: Suggestion, article: Article, schema: EventSchema) -> tuple[bytes, list[Dropped]]:
    """Write a suggestion as a prediction's result and score (canonical JSON).

    If it would not be read back as what it is, or breaks a rule, every event of it is dropped for that reason and
    the prediction is empty.
    """
    result, wrong = _checked_result(suggestion.reading, article, schema)
    dropped: list[Dropped] = []
    if wrong:
        dropped = [Dropped(wrong, event.id) for event in suggestion.reading.events]
        result = _as_predicted(Reading(events=[], clusters=[], links=[]), schema)
    return canonical_json({"result": result, "score": suggestion.score}), dropped


def _checked_result(reading: Reading, article: Article, schema: EventSchema) -> tuple[list[dict[str, Any]], str]:
    wrong = meaning_findings(reading, article.text, schema)
    codes = [one.code for one in wrong if one.level == "error" and one.code != MISSING]
    if codes:
        return [], codes[0]
    try:
        result = _as_predicted(reading, schema)
    except ValueError:
        return [], "unwritable"
    # The page marks as predicted what comes from a prediction; nothing in it may hang on the order of drawing.
    back = translate([{**entry, "origin": "prediction"} for entry in result], article, schema)
    codes = [one.code for one in back.problems if level(one.code) == "error"]
    if codes or [_bare(event) for event in back.reading.events] != [_bare(event) for event in reading.events]:
        return [], codes[0] if codes else "read-back-differs"
    return result, ""


def _as_predicted(reading: Reading, schema: EventSchema) -> list[dict[str, Any]]:
    """Write a reading as a result; where things come from the page says itself."""
    return [{key: value for key, value in entry.items() if key != "origin"} for entry in result_of(reading, schema)]


def _bare(event: Event) -> tuple[str, list[str]]:
    return event.id, [argument.id for argument in event.arguments]


def plan_project(
    state: ProjectState,
    version: str | None,
    predictions: Mapping[str, bytes],
    articles: Mapping[str, Article],
    held_out: Callable[[str], bool],
    *,
    by_score: bool = False,
) -> ProjectSuggestions:
    """Compare the suggestions there should be with what a project's tasks have.

    ``predictions`` are those of ``version`` by article; an article without one is left as it is. Without ``version``
    (None) there are to be none. Tasks that people have begun keep what they have, and so do, unless there are to be
    none, tasks of other texts.
    """
    project, plan = state.project, _Plan(version, predictions, held_out)
    for task in state.tasks:
        article = articles.get(task.article_id)
        if version is None or (article is not None and article.text_sha256 == task.text_sha256):
            plan.take(task)
    wanted: dict[str, Any] = {}
    if by_score or project["sampling"] == LEAST_SURE:
        wanted["sampling"] = LEAST_SURE if by_score else AS_PUSHED
    if version and (plan.there or any(change.article_id for change in plan.changes)):
        wanted["model_version"] = version
    notices = []
    if plan.foreign:
        told = f"tasks with predictions that curate didn't make: {plan.foreign}"
        notices.append(f"project {project['id']}: {told}; they stay, and are shown in the task list only")
    if plan.older:
        told = f"tasks begun with suggestions of another version, which they keep: {plan.older}"
        notices.append(f"project {project['id']}: {told}; whoever reads them next in the stream begins from nothing")
    if plan.stale:
        told = f"tasks that got nothing now and keep what another version suggested: {plan.stale}"
        notices.append(f"project {project['id']}: {told}; whoever reads them in the stream begins from nothing")
    return ProjectSuggestions(
        project=int(project["id"]),
        annotator=state.place[1],
        settings={key: value for key, value in wanted.items() if project.get(key) != value},
        changes=plan.changes,
        keep=plan.keep,
        begun=plan.begun,
        held_out=plan.held,
        unasked=plan.unasked,
        there=plan.there,
        notices=notices,
    )


@dataclass
class _Plan:
    version: str | None
    predictions: Mapping[str, bytes]
    held_out: Callable[[str], bool]
    changes: list[Change] = field(default_factory=list)
    keep: int = 0
    begun: int = 0
    held: int = 0
    unasked: int = 0
    foreign: int = 0
    older: int = 0
    stale: int = 0
    there: int = 0

    def take(self, task: TaskState) -> None:
        ours = [one for one in task.predictions if one.ours]
        self.foreign += len(ours) < len(task.predictions)
        if task.begun:
            self.begun += 1
            self.older += bool(ours and self.version and all(one.version != self.version for one in ours))
            self.there += any(one.version == self.version for one in ours)
        elif self.version is None or self.held_out(task.article_id):
            self.held += self.version is not None
            if ours:
                self._change("remove", task, ours, "held out" if self.version else "no suggestions wanted")
        elif (said := self.predictions.get(task.article_id)) is None:
            self.unasked += 1
            self.stale += bool(ours and all(one.version != self.version for one in ours))
            self.there += any(one.version == self.version for one in ours)
        else:
            self._bring(task, ours, digest_of(said))

    def _bring(self, task: TaskState, ours: list[Prediction], wanted: str) -> None:
        right = [one for one in ours if (one.version, one.digest) == (self.version, wanted)]
        if not ours:
            self._change("create", task, [], "none yet", task.article_id)
        elif not right:
            why = "said otherwise now" if ours[0].version == self.version else f"by {ours[0].version}"
            self._change("update", task, ours, why, task.article_id)
        else:
            self.there += 1
            self.keep += len(ours) == 1
            if twins := [one for one in ours if one is not right[0]]:
                self._change("remove", task, twins, "more than one")

    def _change(
        self, action: str, task: TaskState, remove: list[Prediction], reason: str, article_id: str | None = None
    ) -> None:
        step = Step(action, f"suggestions for task {task.id} {task.article_id}", reason)
        whole = len(remove) == len(task.predictions)
        self.changes.append(Change(step, task.id, tuple(one.id for one in remove), whole, article_id))


def digest_of(prediction: bytes) -> str:
    """Hash a prediction as ``prediction_of`` writes it; the same as of what the server tells of it."""
    return hashlib.sha256(prediction).hexdigest()


def told_digest(prediction: Mapping[str, Any]) -> str:
    """Hash what the server tells of a prediction."""
    return digest({"result": prediction.get("result"), "score": prediction.get("score")})
