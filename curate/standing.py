"""Where the work stands: each article in one stage, each annotation in one line, for each person (pure)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from curate.answers import Pulled
from curate.authorship import annotator_of, drafter_of
from curate.labelstudio.rounds import purpose_of
from curate.labelstudio.tasks import ANNOTATE, QUALIFY
from curate.records import Annotation, Article

STAGES = ("not pushed", "unread", "held", "waiting", "undecided", "open", "settled")
"""An article's stages. waiting: it lacks readings; undecided: it has them all and no decision; open: people differ."""
FATES = ("accepted", "held", "skipped", "draft", "superseded", "reread", "qualification", "gold", "deleted")


@dataclass(frozen=True)
class Read:
    """What the last check made of the annotations: accepted ones, held ones, and the ids of settled articles.

    ``held`` is as it stands in ``held.jsonl``; ``settled`` is None while nothing is adjudicated. ``adjudications`` are
    the accepted annotations that settle articles and are no readings of them, ``rereadings`` those with which
    somebody reads an article again, ``gold`` the names of the texts that are hidden among the articles.
    """

    accepted: list[Annotation] = field(default_factory=list)
    held: list[dict[str, Any]] = field(default_factory=list)
    settled: set[str] | None = None
    adjudications: list[Annotation] = field(default_factory=list)
    rereadings: list[Annotation] = field(default_factory=list)
    gold: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Standing:
    """Counts of articles by stage, of annotations by fate, and of each person's annotations by fate.

    ``tasks`` counts those in which articles that are there, in the version that is there, are read.
    """

    tasks: int
    articles: dict[str, int]
    annotations: dict[str, int]
    people: dict[str, dict[str, int]]


def stand(
    articles: Mapping[str, Article],
    pulled: Pulled,
    read: Read,
    overlap: Callable[[str], int],
    annotator: Callable[[Any], str],
) -> Standing:
    """Count where everything stands. ``overlap`` tells how many people read an article."""
    current = {(article.id, article.text_sha256) for article in articles.values()}
    shown = [key for task in pulled.tasks if (key := _version(task)) in current and purpose_of(task) == ANNOTATE]
    stages = Counter(_stages(articles, {article for article, _ in shown}, read, overlap))
    fates = Counter(_fates(pulled, read, read.gold - articles.keys(), annotator))
    people: dict[str, dict[str, int]] = {}
    for person in sorted({person for person, _ in fates}):
        people[person] = {fate: fates[person, fate] for fate in FATES}
    totals = {fate: sum(counted[fate] for counted in people.values()) for fate in FATES}
    return Standing(len(shown), {stage: stages[stage] for stage in STAGES}, totals, people)


def disagreements(standing: Standing, books: Mapping[str, Any]) -> list[str]:
    """Name the lines of the pull's books that say something else; articles added since are no difference."""
    total = sum(standing.articles.values())
    stages = standing.articles
    unread = stages["not pushed"] + stages["unread"]
    known = books["articles"]
    found = {
        "articles waiting": (unread, known["waiting"] + total - known["seen"]),
        "articles held": (stages["held"], known["held"]),
        "articles accepted": (total - unread - stages["held"], known["accepted"]),
        "annotations seen": (sum(standing.annotations.values()), books["annotations"]["seen"]),
    }
    counted = {
        **books["annotations"]["excluded"],
        **{name: books["annotations"][name] for name in ("accepted", "held")},
    }
    found |= {f"annotations {fate}": (standing.annotations[fate], counted.get(fate, 0)) for fate in FATES}
    return [f"{name}: {here} here, {there} in books.json" for name, (here, there) in found.items() if here != there]


def _version(task: Mapping[str, Any]) -> tuple[str, str]:
    data = task.get("data") or {}
    return str(data.get("article_id")), str(data.get("text_sha256"))


def _stages(articles: Iterable[str], pushed: set[str], read: Read, overlap: Callable[[str], int]) -> Iterable[str]:
    held = {entry["article_id"] for entry in read.held}
    readers: dict[str, set[str]] = {}
    for annotation in read.accepted:
        readers.setdefault(annotation.article_id, set()).add(annotation.annotator)
    for name in articles:
        if name not in readers:
            yield "held" if name in held else "unread" if name in pushed else "not pushed"
        elif name in (read.settled or ()):
            yield "settled"
        elif len(readers[name]) < overlap(name):
            yield "waiting"
        else:
            yield "undecided" if read.settled is None else "open"


def _fates(
    pulled: Pulled, read: Read, gold: Container[str], annotator: Callable[[Any], str]
) -> Iterable[tuple[str, str]]:
    """Give the person and the fate of every annotation and draft."""
    accepted = {annotation.id for annotation in (*read.accepted, *read.adjudications)}
    held = {str(entry["annotation_id"]) for entry in read.held}
    reread = {annotation.id for annotation in read.rereadings}
    met: set[str] = set()
    for _, annotation in pulled.deleted:
        yield annotator_of(annotation, annotator), "deleted"
    drafts = [(draft, "draft") for draft in pulled.drafts]
    for draft, fate in [*drafts, *((draft, "deleted") for draft in pulled.lost_drafts)]:
        yield drafter_of(draft, annotator), fate
    for task in pulled.tasks:
        for annotation in task.get("annotations") or []:
            name = str(annotation["id"])
            if annotation.get("was_cancelled"):
                fate = "skipped"
            elif purpose_of(task) == QUALIFY:
                fate = "qualification"
            elif _version(task)[0] in gold:
                fate = "gold"
            else:
                known = {"accepted": accepted, "held": held, "reread": reread}
                fate = next((fate for fate, names in known.items() if name in names and name not in met), "superseded")
                met.add(name)  # once more, it is known from elsewhere as well and counted once
            yield annotator_of(annotation, annotator), fate
