"""Where the work stands: each article in one stage, each annotation in one line, for each person (pure)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Container, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from curate.answers import Pulled
from curate.authorship import annotator_of, drafter_of
from curate.labelstudio.rounds import awaits_settling, purpose_of, reader_of
from curate.labelstudio.tasks import ADJUDICATE, AGAIN, ANNOTATE, GOLD, OTHER, QUALIFY
from curate.outgoing import Placed
from curate.records import Article

STAGES = ("not pushed", "unread", "held", "waiting", "undecided", "open", "settled")
"""An article's stages. waiting: it lacks readings; undecided: it has them all and no decision; open: people differ."""
FATES = ("accepted", "held", "skipped", "draft", "superseded", "reread", "qualification", "gold", "deleted")


class Made(msgspec.Struct, frozen=True):
    """An annotation of the exports as far as it is counted."""

    id: str
    article_id: str
    annotator: str


@dataclass(frozen=True)
class Read:
    """What the last check made of the annotations: accepted ones, held ones, and the ids of settled articles.

    ``held`` is as it stands in ``held.jsonl``; ``settled`` is None while nothing is adjudicated. ``adjudications`` are
    the accepted annotations that settle articles and are no readings of them, ``rereadings`` those with which
    somebody reads an article again, ``gold`` the names of the texts that are hidden among the articles, ``withdrawn``
    those of the articles that are taken back.
    """

    accepted: list[Made] = field(default_factory=list)
    held: list[dict[str, Any]] = field(default_factory=list)
    settled: set[str] | None = None
    adjudications: list[Made] = field(default_factory=list)
    rereadings: list[Made] = field(default_factory=list)
    gold: frozenset[str] = frozenset()
    withdrawn: Collection[str] = ()


@dataclass(frozen=True)
class Standing:
    """Counts of articles by stage, of annotations by fate, and of each person's annotations by fate.

    ``tasks`` counts those in which articles that are there, in the version that is there, are read, ``other_tasks``
    all others by what they are for. ``articles`` leaves out those that are taken back, which ``withdrawn`` counts by
    the stage they are in. ``kept`` counts the articles that lack a reading because one is held back. ``stages`` tells
    the stage of every article by name, ``placed`` which tasks for reading there are, ``settling`` names the articles
    whose adjudication task waits for somebody.
    """

    tasks: int
    articles: dict[str, int]
    annotations: dict[str, int]
    people: dict[str, dict[str, int]]
    withdrawn: dict[str, int] = field(default_factory=dict)
    kept: int = 0
    other_tasks: dict[str, int] = field(default_factory=dict)
    stages: dict[str, str] = field(default_factory=dict, repr=False)
    placed: frozenset[Placed] = field(default=frozenset(), repr=False)
    settling: frozenset[str] = field(default=frozenset(), repr=False)


def stand(
    articles: Mapping[str, Article],
    pulled: Pulled,
    read: Read,
    overlap: Callable[[str], int],
    annotator: Callable[[Any], str],
    pushed_since: Collection[Placed] = (),
) -> Standing:
    """Count where everything stands. ``overlap`` tells how many people read an article.

    ``pushed_since`` are the tasks that there are by a push since the server was last asked.
    """
    current = {(article.id, article.text_sha256) for article in articles.values()}
    gold = read.gold - articles.keys()
    tasks, placed, settling = Counter[str](), set[Placed](), set[str]()
    for task in pulled.bare_tasks:
        version, purpose = _version(task), purpose_of(task)
        if purpose in (ANNOTATE, AGAIN):
            placed.add((purpose, reader_of(task), *version))
        elif purpose == ADJUDICATE and version in current and awaits_settling(task):
            settling.add(version[0])
        if purpose == ANNOTATE and version not in current:
            purpose = GOLD if version[0] in gold else OTHER
        tasks[purpose] += 1
    new = {task for task in pushed_since if task not in placed and task[2:] in current}
    tasks.update(purpose for purpose, *_ in new)
    placed |= new
    pushed = {version[0] for purpose, _, *version in placed if purpose == ANNOTATE and tuple(version) in current}
    readers: dict[str, set[str]] = {}
    for one in read.accepted:
        readers.setdefault(one.article_id, set()).add(one.annotator)
    stages = dict(_stages(articles, pushed, read, readers, overlap))
    by_stage = Counter(stage for name, stage in stages.items() if name not in read.withdrawn)
    withdrawn = Counter(stage for name, stage in stages.items() if name in read.withdrawn)
    done = {one.article_id for one in read.adjudications}.union(read.withdrawn)
    held = stages.keys() & {str(one["article_id"]) for one in read.held}
    fates = Counter(_fates(pulled, read, gold, annotator))
    people: dict[str, dict[str, int]] = {}
    for person in sorted({person for person, _ in fates}):
        people[person] = {fate: fates[person, fate] for fate in FATES}
    totals = {fate: sum(counted[fate] for counted in people.values()) for fate in FATES}
    return Standing(
        tasks[ANNOTATE],
        {stage: by_stage[stage] for stage in STAGES},
        totals,
        people,
        {stage: withdrawn[stage] for stage in STAGES if withdrawn[stage]},
        len(kept_back(held, readers, overlap, done)),
        {kind: number for kind, number in sorted(tasks.items()) if kind != ANNOTATE},
        stages,
        frozenset(placed),
        frozenset(settling),
    )


def kept_back(
    held: Iterable[str],
    readers: Mapping[str, Collection[str]],
    overlap: Callable[[str], int],
    done: Container[str],
) -> list[str]:
    """Name the articles that lack a reading because one is held back.

    ``held`` are those that have one, ``readers`` whose readings of each count; ``done`` need none any more.
    """
    return sorted({name for name in held if name not in done and len(readers.get(name, ())) < overlap(name)})


def disagreements(standing: Standing, books: Mapping[str, Any]) -> list[str]:
    """Name the lines of the books that say something else; where none does in all, those of a person.

    Articles added since are no difference, and in the books a withdrawn article stays what it is.
    """
    stages = Counter(standing.articles) + Counter(standing.withdrawn)
    total = stages.total()
    unread = stages["not pushed"] + stages["unread"]
    known, people = books["pull"]["articles"], books["check"]["people"]
    found = {
        "articles waiting": (unread, known["waiting"] + total - known["seen"]),
        "articles held": (stages["held"], known["held"]),
        "articles accepted": (total - unread - stages["held"], known["accepted"]),
        **_compared("annotations", standing.annotations, books["pull"]["annotations"]),
    }
    by_person: dict[str, tuple[int, int]] = {}
    for who in sorted({*standing.people, *people}):
        own = people[who]["annotations"] if who in people else {}
        by_person |= _compared(f"annotations of {who}", standing.people.get(who, {}), own)
    return _differing(found) or _differing(by_person)


def _differing(lines: Mapping[str, tuple[int, int]]) -> list[str]:
    return [f"{name}: {here} here, {there} in books.json" for name, (here, there) in lines.items() if here != there]


def _compared(what: str, here: Mapping[str, int], books: Mapping[str, Any]) -> dict[str, tuple[int, int]]:
    """Give the lines of some annotations with both figures."""
    there = {**books.get("excluded", {}), **books}
    fates = {f"{what} {fate}": (here.get(fate, 0), there.get(fate, 0)) for fate in FATES}
    return {f"{what} seen": (sum(here.values()), there.get("seen", 0)), **fates}


def _version(task: Mapping[str, Any]) -> tuple[str, str]:
    data = task.get("data") or {}
    return str(data.get("article_id")), str(data.get("text_sha256"))


def _stages(
    articles: Iterable[str],
    pushed: set[str],
    read: Read,
    readers: Mapping[str, Collection[str]],
    overlap: Callable[[str], int],
) -> Iterable[tuple[str, str]]:
    """Give every article with its stage."""
    held = {entry["article_id"] for entry in read.held}
    for name in articles:
        if name not in readers:
            yield name, "held" if name in held else "unread" if name in pushed else "not pushed"
        elif name in (read.settled or ()):
            yield name, "settled"
        elif len(readers[name]) < overlap(name):
            yield name, "waiting"
        else:
            yield name, "undecided" if read.settled is None else "open"


def _fates(
    pulled: Pulled, read: Read, gold: Container[str], annotator: Callable[[Any], str]
) -> Iterable[tuple[str, str]]:
    """Give the person and the fate of every annotation and draft."""
    left = {
        "accepted": Counter((one.id, one.annotator) for one in (*read.accepted, *read.adjudications)),
        "held": Counter((str(entry["annotation_id"]), entry["annotator"]) for entry in read.held),
        "reread": Counter((one.id, one.annotator) for one in read.rereadings),
    }
    for _, annotation in pulled.deleted:
        yield annotator_of(annotation, annotator), "deleted"
    drafts = [(draft, "draft") for draft in pulled.drafts]
    for draft, fate in [*drafts, *((draft, "deleted") for draft in pulled.lost_drafts)]:
        yield drafter_of(draft, annotator), fate
    for task in pulled.bare_tasks:
        for annotation in task.get("annotations") or []:
            who = annotator_of(annotation, annotator)
            if annotation.get("was_cancelled"):
                fate = "skipped"
            elif purpose_of(task) == QUALIFY:
                fate = "qualification"
            elif _version(task)[0] in gold:
                fate = "gold"
            else:
                # Of one that is known from elsewhere as well, or of another of its number, so many count as were read.
                name = str(annotation["id"]), who
                fate = next((fate for fate, names in left.items() if names[name]), "superseded")
                left.get(fate, Counter())[name] -= 1
            yield who, fate
