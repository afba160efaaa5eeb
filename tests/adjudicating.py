"""Readings of one text, what adjudication makes of them, and random readings, for the tests of adjudication."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from hypothesis import strategies as st

from curate.adjudication.fates import item_fates
from curate.adjudication.policies import Policy, read_policy
from curate.adjudication.questions import reading_of
from curate.adjudication.settling import Outcome, adjudicate
from curate.adjudication.statements import statements_of
from curate.books import release_balance
from curate.labelstudio.reading import translate
from curate.labelstudio.writing import result_of
from curate.markup import parse, to_reading
from curate.records import Adjudication, Annotation, Article, Note
from curate.schema.compiling import record_schema
from curate.shapes import compile_validator
from curate.text import text_sha256
from curate.validation import check_record
from event_schemas import SMALL_SCHEMA

VALIDATOR = compile_validator(record_schema(SMALL_SCHEMA))
READERS = ("ana", "ben", "cem", "dia", "eda")


def rule(policy: str) -> Policy:
    """Read a policy that must be one."""
    found = read_policy(policy)
    assert found
    return found


def article_of(marked: str) -> Article:
    """Make the article that is marked up."""
    text = parse(marked).text
    return Article(id="a", text=text, text_sha256=text_sha256(text))


def adjudication(who: str, marked: str, *shown: str, reasons: Sequence[Note] = ()) -> Adjudication:
    """Make what somebody settled who marked up the text so, with some readings before them."""
    made = annotation(f"judge-{who}", marked)
    seen: set[str] = set()
    for one in shown:
        seen |= statements_of(reading_of(annotation("any", one)), SMALL_SCHEMA).present()
    return Adjudication(annotation=made, shown=sorted(seen), reasons=list(reasons))


def annotation(who: str, marked: str, article_id: str = "a") -> Annotation:
    """Make the accepted annotation that somebody who marked up the text so would have made."""
    parsed = parse(marked)
    article = Article(id=article_id, text=parsed.text, text_sha256=text_sha256(parsed.text))
    made = translate(result_of(to_reading(parsed, SMALL_SCHEMA), SMALL_SCHEMA), article, SMALL_SCHEMA)
    assert made.problems == []
    return Annotation(
        id=f"{article_id}-{who}",
        task_id=1,
        article_id=article_id,
        text_sha256=article.text_sha256,
        annotator=who,
        schema=SMALL_SCHEMA.stamp,
        created_at="",
        updated_at="",
        lead_time=None,
        events=made.reading.events,
        clusters=made.reading.clusters,
        links=made.reading.links,
        attributes=made.reading.attributes,
        items=made.items,
        notes=[],
    )


def settle(
    policy: str,
    *readings: str,
    overlap: int = 2,
    readers: Sequence[str] = READERS,
    adjudications: Sequence[Adjudication] = (),
) -> tuple[Outcome, Counter[str]]:
    """Adjudicate readings by `ana`, `ben`, ... and check that every record is valid and the books balance."""
    article = article_of(readings[0])
    annotations = [annotation(who, marked) for who, marked in zip(readers, readings, strict=False)]
    outcome = adjudicate(
        {"a": article},
        annotations,
        SMALL_SCHEMA,
        rule(policy),
        lambda _: overlap,
        lambda record: check_record(record, SMALL_SCHEMA, VALIDATOR),
        adjudications,
    )
    for record in outcome.records:
        findings = check_record(record, SMALL_SCHEMA, VALIDATOR)
        assert [found for found in findings if found.level == "error"] == []
    assert {record.id for record in outcome.records} | set(outcome.open) == {"a"}
    people = [one.annotation for one in adjudications]
    fates = item_fates(annotations, outcome.records, {"a"}, SMALL_SCHEMA, people)
    release_balance(Counter(fates.values()), sum(len(one.items) for one in (*annotations, *people)))
    return outcome, Counter(fates.values())


@st.composite
def readings(draw: st.DrawFn, attributes: bool = False) -> str:
    """Mark up one fixed text at random: triggers of some width and type, arguments, clusters, links, values."""
    kept = draw(st.sets(st.integers(1, 4)))
    words, types = [], {}
    for number in range(1, 5):
        if number not in kept:
            words.append(f"who{number} deep w{number}")
            continue
        types[number] = draw(st.sampled_from(["Attack", "Attack", "Attack", "Deploy"]))
        role = draw(st.sampled_from(["actor", "actor", "place", ""]))
        who = f"[who{number}]({role}>{number})" if role else f"who{number}"
        value = draw(st.sampled_from(["", "{modality=hypothetical}", "{verification=confirmed}"])) if attributes else ""
        label = f"({types[number]}#{number}{value})"
        wide = draw(st.sampled_from([False, False, True]))
        words.append(f"{who} [deep w{number}]{label}" if wide else f"{who} deep [w{number}]{label}")
    pairs = [(a, b) for a in sorted(kept) for b in sorted(kept) if a < b]
    alike = [(a, b) for a, b in pairs if types[a] == types[b]] if not attributes else []
    joined = draw(st.sets(st.sampled_from(alike))) if alike else set()
    near = draw(st.sets(st.sampled_from(pairs))) if pairs else set()
    links = [f"same_event {b}={a}" for a, b in sorted(joined)] + [f"near {a}>{b}" for a, b in sorted(near)]
    return " ".join(words) + ("{{" + "; ".join(links) + "}}" if links else "")
