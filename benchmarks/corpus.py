"""A project as a newsroom of some size would have it, adjudicated and ready to be released, for the benchmarks."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

from curate.adjudication.policies import Policy
from curate.adjudication.settling import adjudicate
from curate.api import load_schema
from curate.assembly import argument_order, cluster_values, fill
from curate.demo.running import describe_dataset
from curate.labelstudio.draft import attribute_statement
from curate.raw import note_checked
from curate.records import (
    Annotation,
    Argument,
    Article,
    Cluster,
    Event,
    Item,
    Span,
    argument_id,
    canonical_json,
    event_id,
    event_place,
)
from curate.schema.model import EventSchema
from curate.settings import read_settings
from curate.starting import init
from curate.text import text_sha256
from curate.workspace import Workspace

SEED = 20_240_611
WORDS_IN_ARTICLE = (380, 560)
EVENTS = (1, 4)
SECOND_READING = 0.4


def write_project(folder: Path, number: int) -> None:
    """Make a project of so many articles of about 3 KB, 1.4 readings of each, all settled by agreement."""
    init(folder)
    describe_dataset(folder)
    schema = load_schema(read_settings(folder))
    raw = folder / "exports" / "raw" / "project-1-20260101"
    raw.mkdir(parents=True)
    exports = folder / "exports"
    items = 0
    with (
        (folder / "articles.jsonl").open("wb") as articles,
        (raw / "000001.jsonl").open("wb") as answers,
        (exports / "annotations.jsonl").open("wb") as annotations,
        (exports / "adjudicated.jsonl").open("wb") as records,
        (exports / "decisions.jsonl").open("wb") as decisions,
    ):
        for task, article in enumerate(written(number), 1):
            draw = random.Random(f"{SEED}{task}")
            readings = read_by_people(article, task, schema, draw)
            outcome = adjudicate({article.id: article}, readings, schema, Policy("agree"), lambda _: 1)
            data = {"article_id": article.id, "text": article.text, "text_sha256": article.text_sha256}
            items += sum(len(one.items) for one in readings)
            for stream, values in (
                (articles, [article]),
                (answers, [{"id": task, "data": data, "annotations": [one.id for one in readings]}]),
                (annotations, readings),
                (records, outcome.records),
                (decisions, outcome.decisions),
            ):
                stream.writelines(canonical_json(value) + b"\n" for value in values)
    pulled = {"seen": items, "accepted": items, "held": 0, "excluded": {}}
    books = {"adjudication": {"policy": "agree"}, "pull": {"items": pulled}}
    (exports / "books.json").write_bytes(canonical_json(books))
    note_checked(Workspace(folder))


def written(number: int) -> Iterator[Article]:
    """Write articles of words as frequent as words are, each with its publisher's footer."""
    draw = random.Random(SEED)
    words = ["".join(draw.choices("aeioubcdfglmnprst", k=draw.randint(2, 9))) for _ in range(20_000)]
    weights = [1 / rank for rank in range(3, len(words) + 3)]
    publishers = {f"Publisher {n}": " ".join(draw.choices(words, k=25)) for n in range(40)}
    for index in range(number):
        found = draw.choices(words, weights, k=draw.randint(*WORDS_IN_ARTICLE))
        publisher, footer = draw.choice(list(publishers.items()))
        text = "\n\n".join([*(" ".join(found[at : at + 60]) + "." for at in range(0, len(found), 60)), footer])
        yield Article(
            id=f"article-{index:07d}",
            text=text,
            text_sha256=text_sha256(text),
            title=" ".join(found[:6]),
            url=f"https://example.org/{index}",
            publisher=publisher,
            published_at=f"2026-{index % 12 + 1:02d}-{index % 28 + 1:02d}T00:00:00Z",
            language="en",
            licence="CC-BY-4.0",
        )


def read_by_people(article: Article, task: int, schema: EventSchema, draw: random.Random) -> list[Annotation]:
    """Let one or two people read an article alike, with about eight regions."""
    events = mark_events(article, schema, draw)
    shared = {attribute.name: None for attribute in schema.attributes_on("trigger", "event")}
    clusters = [
        Cluster(id=event.id, events=[event.id], attributes=cluster_values(schema, [event])[0]) for event in events
    ]
    stated = [statement for event in events for statement in (event.id, *(one.id for one in event.arguments))]
    stated += [attribute_statement(event.id, name) for event in events for name in event.attributes]
    return [
        Annotation(
            id=f"{task}{who}",
            task_id=task,
            article_id=article.id,
            text_sha256=article.text_sha256,
            annotator=f"annotator-{(task + who) % 12:010x}",
            schema=schema.stamp,
            created_at="2026-01-01T00:00:00Z",
            updated_at="2026-01-01T00:00:00Z",
            lead_time=60.5,
            events=[
                Event(
                    id=event.id,
                    type=event.type,
                    trigger=event.trigger,
                    arguments=event.arguments,
                    attributes=event.attributes | shared,
                    origin="manual",
                )
                for event in events
            ],
            clusters=clusters,
            links=[],
            items=[Item(id=str(number), kind="region", states=[one]) for number, one in enumerate(stated)],
            notes=[],
            attributes=fill(schema, "article", "", {}),
        )
        for who in range(1 + (draw.random() < SECOND_READING))
    ]


def mark_events(article: Article, schema: EventSchema, draw: random.Random) -> list[Event]:
    """Mark some events in the text, each with the words after its trigger in some of its roles."""
    starts = [0, *(at + 1 for at, sign in enumerate(article.text) if sign in " \n")]
    spans = [(at, end) for at in starts if (end := end_of_word(article.text, at)) > at]
    types = [one for one in schema.event_types.values() if any(use.span_filler for use in one.roles.values())]
    found = {}
    for place in draw.sample(range(len(spans) - 5), draw.randint(*EVENTS)):
        kind = draw.choice(types)
        name = event_id(kind.name, *spans[place])
        roles = [use for use in kind.roles.values() if use.span_filler]
        arguments = [
            marked(article, name, use.role, spans[place + 1 + number], schema)
            for number, use in enumerate(draw.sample(roles, min(len(roles), draw.randint(1, 4))))
        ]
        found[name] = Event(
            id=name,
            type=kind.name,
            trigger=Span(start=spans[place][0], end=spans[place][1], text=article.text[slice(*spans[place])]),
            arguments=sorted(arguments, key=argument_order),
            attributes=fill(schema, "trigger", kind.name, {}, "mention"),
        )
    return [found[name] for name in sorted(found, key=event_place)]


def marked(article: Article, owner: str, role: str, span: tuple[int, int], schema: EventSchema) -> Argument:
    """Mark a span in a role."""
    return Argument(
        id=argument_id(owner, role, f"{span[0]}-{span[1]}"),
        role=role,
        start=span[0],
        end=span[1],
        text=article.text[slice(*span)],
        event_id=None,
        attributes=fill(schema, "argument", role, {}),
        origin="manual",
        attached_by="order",
    )


def end_of_word(text: str, start: int) -> int:
    """Find where the word ends that starts here."""
    end = start
    while end < len(text) and text[end].isalnum():
        end += 1
    return end
