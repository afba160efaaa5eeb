"""Adjudication of simulated annotators against the truth they misread, by number of annotators and policy.

    .venv/bin/python benchmarks/adjudication.py GOLD.jsonl [ROUNDS]

GOLD.jsonl holds one article a line: ``id``, ``text``, ``events`` with ``type``, ``trigger`` and ``arguments`` (``role``
and a span). Printed for each number of annotators: the F1 of one reading, of the start that people are given (with
what is open as it stands there), and of the records that a policy settles whole; how many articles those are; and how
many questions an open article brings, beside those that comparing by exact ids alone would bring.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from random import Random
from statistics import mean

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import simulation
from curate.adjudication.conflicts import conflicts_of
from curate.adjudication.merging import merged_reading
from curate.adjudication.policies import Policy, choose, read_policy
from curate.adjudication.settling import Outcome, adjudicate
from curate.adjudication.statements import differences, statements_of
from curate.assembly import AnyReading, argument_order, clusters_of
from curate.records import (
    Annotation,
    Argument,
    Article,
    Cluster,
    Event,
    Reading,
    Span,
    argument_id,
    event_id,
    event_place,
)
from curate.schema.loading import load
from curate.schema.model import EventSchema
from curate.text import text_sha256

RATES = simulation.Rates(drop=0.1, shift=0.05, retype=0.05, rerole=0.05)
NAMES = ("ana", "ben", "cem", "dia", "eda")
POLICIES = ("agree", "majority", "majority:2", "intersection", "union")


def read_gold(path: Path) -> tuple[dict[str, Article], dict[str, Reading]]:
    """Read the articles and what is true of them."""
    articles, truths = {}, {}
    for line in path.read_text(encoding="utf-8").splitlines():
        found = json.loads(line)
        events: dict[str, Event] = {}
        for one in found["events"]:
            kind, span = one["type"].replace(".", "_"), one["trigger"]
            name = event_id(kind, span["start"], span["end"])
            arguments = {argument.id: argument for argument in read_arguments(name, one["arguments"])}
            events[name] = Event(
                id=name,
                type=kind,
                trigger=Span(start=span["start"], end=span["end"], text=span["text"]),
                arguments=sorted(arguments.values(), key=argument_order),
            )
        clusters = [Cluster(id=members[0], events=members) for members in clusters_of(events, [])]
        article = Article(id=found["id"], text=found["text"], text_sha256=text_sha256(found["text"]))
        articles[article.id] = article
        ordered = sorted(events.values(), key=lambda event: event_place(event.id))
        truths[article.id] = Reading(events=ordered, clusters=clusters, links=[])
    return articles, truths


def read_arguments(owner: str, arguments: Iterable[Mapping[str, object]]) -> Iterable[Argument]:
    """Read the arguments of one event."""
    for one in arguments:
        start, end, role = int(str(one["start"])), int(str(one["end"])), str(one["role"]).lower()
        name = argument_id(owner, role, f"{start}-{end}")
        yield Argument(id=name, role=role, start=start, end=end, text=str(one["text"]), event_id=None)


def schema_of(truths: Iterable[Reading]) -> EventSchema:
    """Make a schema in which every type takes every role that occurs."""
    types = sorted({event.type for truth in truths for event in truth.events})
    roles = sorted({one.role for truth in truths for event in truth.events for one in event.arguments})
    taken = "\n".join(f"      {role}: {{}}" for role in roles)
    lines = ["name: gold", "version: 1.0.0", "title: Gold", "description: What occurs.", "language: en", "event_types:"]
    lines += [f"  {name}:\n    definition: It occurs.\n    roles:\n{taken}" for name in types]
    lines += ["roles:", *(f"  {role}: {{definition: It occurs.}}" for role in roles)]
    return load("\n".join(lines) + "\n", "gold.yaml")


def scores(pairs: Sequence[tuple[AnyReading, Reading]]) -> tuple[float, float]:
    """Give the micro-F1 of events and of arguments by their ids."""
    counts = [[0, 0, 0], [0, 0, 0]]
    for found, truth in pairs:
        for kind, (mine, true) in enumerate(zip(ids(found), ids(truth), strict=True)):
            for place, number in enumerate((len(mine & true), len(mine), len(true))):
                counts[kind][place] += number
    return tuple(2 * both / max(mine + true, 1) for both, mine, true in counts)  # type: ignore[return-value]


def ids(reading: AnyReading) -> tuple[set[str], set[str]]:
    """Give the ids of a reading's events and of its arguments."""
    return {event.id for event in reading.events}, {one.id for event in reading.events for one in event.arguments}


def policy(name: str) -> Policy:
    """Read a policy that is one."""
    found = read_policy(name)
    assert found
    return found


def shown(pair: tuple[float, float]) -> str:
    """Write the two scores."""
    return f"{pair[0]:.3f} / {pair[1]:.3f}"


def report(articles: Mapping[str, Article], truths: Mapping[str, Reading], people: int, rounds: int) -> None:
    """Print the lines of one number of annotators."""
    schema = schema_of(truths.values())
    world = simulation.World({name: list(kind.roles) for name, kind in schema.event_types.items()})
    single: list[tuple[AnyReading, Reading]] = []
    read: list[list[Annotation]] = []
    for seed in range(rounds):
        random = Random(seed)
        made: list[Annotation] = []
        for name, article in articles.items():
            for who in NAMES[:people]:
                reading = simulation.misread(truths[name], article.text, RATES, world, random)
                made.append(simulation.annotation(name, article.text, who, reading))
                single.append((reading, truths[name]))
        read.append(made)
    print(f"{people} annotators; events / arguments of one reading: {shown(scores(single))}")
    for name in POLICIES:
        outcomes = [adjudicate(articles, made, schema, policy(name), lambda _: people) for made in read]
        print(f"  {name:12} {line_of(policy(name), outcomes, read, truths, schema)}")


def line_of(
    rule: Policy,
    outcomes: Sequence[Outcome],
    read: Sequence[Sequence[Annotation]],
    truths: Mapping[str, Reading],
    schema: EventSchema,
) -> str:
    """Sum up what a policy made of all rounds."""
    records = [(record, truths[record.id]) for outcome in outcomes for record in outcome.records]
    starts: list[tuple[AnyReading, Reading]] = [*records]
    questions, exact = [], []
    for outcome, made in zip(outcomes, read, strict=True):
        for name, case in outcome.cases.items():
            starts.append((merged_reading(case.question, schema), truths[name]))
            questions.append(len(conflicts_of(case, {})))
            said = {one.annotator: statements_of(one, schema) for one in made if one.article_id == name}
            exact.append(sum(choose(about, given, rule) is None for about, given in differences(said).items()))
    settled = f"{len(records)} of {len(starts)} settled" + (f" {shown(scores(records))}" if records else "")
    open_ = f"; {mean(questions):.1f} questions an open article ({mean(exact):.1f} by ids)" if questions else ""
    return f"start {shown(scores(starts))}; {settled}{open_}"


if __name__ == "__main__":
    articles, truths = read_gold(Path(sys.argv[1]))
    for people in (2, 3, 5):
        report(articles, truths, people, int(sys.argv[2]) if len(sys.argv) > 2 else 5)
