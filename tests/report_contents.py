"""What a report tells, of readings that are marked up by hand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import msgspec

from adjudicating import annotation
from curate.agreement import measure
from curate.markup import parse
from curate.records import Article, Finding
from curate.reporting.contents import Contents, Disagreed
from curate.reporting.tallying import by_rule, survey, tally
from curate.standing import FATES, STAGES, Standing
from curate.text import text_sha256
from event_schemas import SMALL_SCHEMA

READINGS = (
    ("a1", "ana", "[Drones](actor>1) [struck](Attack#1) [the [depot](target>1)](place>1) & fled.\n\nNo more."),
    ("a1", "ben", "[Drones](actor>1) [struck](Deploy#1) the depot & fled.\n\nNo more."),
    ("a2", "ana", "They [sent](Deploy#1) [men](actor>1)."),
    ("a2", "ben", "They [sent](Deploy#1) [men](actor>1)."),
    ("a3", "ana", "Nothing happened."),
)
FINDINGS = (
    Finding(
        code="argument-unattached",
        level="error",
        place="annotation 7 · region r",
        message="It belongs to no trigger: draw an arrow.",
        article_id="a3",
        annotation_id="7",
        annotator="cem",
    ),
    Finding(code="span-trimmed", level="info", place="annotation 1", message="’s was cut.", article_id="a1"),
)
KINDS = ("articles", "annotations", "items")
HOSTILE = (
    "<script>alert('script')</script><img src=x onerror=alert('onerror')></script></style></details></main>"
    "<svg onload=alert('onload')><a href=javascript:alert('link')>&lt;&#60;\" ' ]]> --> \u202etxet\u202c \x00\x1b[31m\r"
)


def contents(readings: Iterable[tuple[str, str, str]] = READINGS, findings: Iterable[Finding] = FINDINGS) -> Contents:
    """Tell of readings: article id, annotator, marked-up text."""
    made = [annotation(who, marked, article) for article, who, marked in readings]
    texts = {article: parse(marked).text for article, _, marked in readings}
    found = measure(made, SMALL_SCHEMA, samples=50)
    surveyed = survey(made, SMALL_SCHEMA)
    fates = dict.fromkeys(FATES, 0)
    return Contents(
        title="Small & tidy",
        schema=SMALL_SCHEMA,
        asked="2 readings are asked of each",
        latest="2026-01-02T03:04:05.000000Z",
        standing=Standing(
            len(texts),
            dict.fromkeys(STAGES, 0) | {"undecided": found.articles, "waiting": found.alone},
            {**fates, "accepted": len(made), "held": 1},
            {who: {**fates, "accepted": own.readings} for who, own in sorted(surveyed.people.items())},
        ),
        release=None,
        released=0,
        agreement=found,
        disagreed=[
            Disagreed(
                Article(id=name, text=texts[name], text_sha256=text_sha256(texts[name]), title=f"Of {name}"),
                [one for one in made if one.article_id == name],
                1,
            )
            for name in [one.article_id for one in found.by_article if one.differences]
        ],
        differing=1,
        workloads=surveyed.people,
        faults={},
        findings=by_rule(findings),
        read=surveyed.tally,
        settled=tally([], SMALL_SCHEMA),
        books={"pull": {kind: {"seen": 3, "accepted": 2, "held": 1, "excluded": {}} for kind in KINDS}},
        misfits=[],
        gold={},
    )


def with_hostile_words(of: Contents, words: str = HOSTILE) -> Contents:
    """Put words wherever articles, annotators and servers can put some."""
    finding = Finding(code=words, level="error", place=words, message=words, article_id=words, annotator=words)
    article = msgspec.structs.replace(of.disagreed[0].article, id=words, title=words, text=words)
    readings = [
        msgspec.structs.replace(
            one,
            annotator=words,
            attributes={"relevance": f"{words}{number}"},
            events=[
                msgspec.structs.replace(
                    event, trigger=msgspec.structs.replace(event.trigger, start=3, end=len(words), text=words)
                )
                for event in one.events
            ],
        )
        for number, one in enumerate(of.disagreed[0].readings)
    ]
    return replace(
        of,
        title=words,
        latest=words,
        standing=replace(of.standing, people={words: dict.fromkeys(FATES, 1)}),
        disagreed=[Disagreed(article, readings, 1)],
        workloads={words: next(iter(of.workloads.values()))},
        findings=by_rule([finding]),
    )
