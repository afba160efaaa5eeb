"""What the readings of one article differ on, and what people or the policy settle of it (pure)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from curate.adjudication.fields import Fields, common_fields
from curate.adjudication.people import Ruling, afterthoughts, by_role, rulings
from curate.adjudication.policies import Policy, choose
from curate.adjudication.statements import PRESENT, Statements, differences, is_presence, owner_of, statements_of
from curate.records import Adjudication, Annotation, Article, Candidate, Reading
from curate.schema.model import EventSchema


@dataclass(frozen=True)
class Question:
    """What the readings of one article differ on.

    ``said`` holds what each reader states once what is meant alike has one name; ``chosen`` the answers, None where
    it is open; ``rulings`` what people have settled.
    """

    said: dict[str, Statements]
    candidates: dict[str, list[Candidate]]
    chosen: dict[str, str | None]
    rulings: dict[str, Ruling]

    def gone(self) -> set[str]:
        """Give the keys that don't stay: what was chosen to be absent, and what can't be without it."""
        absent = {key for key, answer in self.chosen.items() if is_presence(key) and answer not in (None, PRESENT)}
        leaning: dict[str, tuple[str, ...]] = {}
        for statements in self.said.values():
            leaning.update({key: (owner, one.event_id or owner) for key, (owner, one) in statements.arguments.items()})
            leaning.update({key: (link.source, link.target) for key, link in statements.links.items()})
            leaning.update(statements.pairs)
        return absent | {key for key, others in leaning.items() if not absent.isdisjoint(others)}

    def kept(self) -> set[str]:
        """Give the keys that stay: all that nobody disputes, and the disputed ones that were chosen."""
        keys: set[str] = set().union(*(statements.present() for statements in self.said.values()))
        return {key for key in keys - self.gone() if self.chosen.get(key, PRESENT) == PRESENT}

    def open(self) -> list[str]:
        """List what isn't settled and matters, because what it is told of stays or may stay."""
        gone = self.gone()
        unsettled = (key for key, answer in self.chosen.items() if answer is None)
        return sorted(key for key in unsettled if key not in gone and owner_of(key) not in gone)


@dataclass(frozen=True)
class Heard:
    """All that was said of one article."""

    article: Article
    annotations: list[Annotation]
    adjudications: list[Adjudication]

    def readings(self) -> dict[str, Reading]:
        """Give what each annotator says."""
        return {annotation.annotator: reading_of(annotation) for annotation in self.annotations}


def reading_of(annotation: Annotation) -> Reading:
    """Give what an annotation says of its article."""
    return Reading(
        events=annotation.events,
        clusters=annotation.clusters,
        links=annotation.links,
        attributes=annotation.attributes,
    )


def questions_of(asked: Sequence[Heard], schema: EventSchema, policy: Policy) -> Iterator[Question]:
    """Find out what the readings of each article differ on, and what people or the policy settle."""

    def answer(about: str, candidates: Sequence[Candidate]) -> str | None:
        return choose(about, candidates, policy)

    readings = [one.readings() for one in asked]
    untouched = [said for one, said in zip(asked, readings, strict=True) if not one.adjudications]
    by_field = iter(common_fields(untouched, schema, answer) if policy.by_field else [])
    for one, read in zip(asked, readings, strict=True):
        if one.adjudications:
            said = {who: statements_of(reading, schema) for who, reading in read.items()}
            yield _after_people(said, one.adjudications, schema, policy)
            continue
        fields = next(by_field) if policy.by_field else Fields(read, {}, {})
        said = {who: statements_of(reading, schema) for who, reading in fields.readings.items()}
        found = differences(said)
        chosen = fields.chosen | {about: answer(about, given) for about, given in found.items()}
        yield Question(said, fields.candidates | found, chosen, {})


def _after_people(
    said: dict[str, Statements], adjudications: Sequence[Adjudication], schema: EventSchema, policy: Policy
) -> Question:
    """Let people's rulings stand and ask the policy about the rest."""
    ruled = rulings(said, adjudications, schema)
    found = differences(said)
    chosen = {about: choose(about, given, policy) for about, given in found.items() if about not in ruled}
    if policy.by_field:
        later = afterthoughts(said, adjudications, schema)
        found |= later
        chosen |= dict.fromkeys(later)
    chosen |= {about: ruling.answer for about, ruling in ruled.items()}
    candidates = found | {about: ruling.candidates for about, ruling in ruled.items()}
    people = {one.annotation.annotator: statements_of(one.annotation, schema) for one in adjudications}
    return Question(said | by_role(people), candidates, chosen, ruled)


def close(question: Question, reading: Reading, schema: EventSchema) -> Question:
    """Say of pairs that other pairs bring into one cluster that they are in it; a person's choice is opened again."""
    joined = statements_of(reading, schema).pairs
    turned = {
        key: None if key in question.rulings else PRESENT
        for key, answer in question.chosen.items()
        if key in joined and answer != PRESENT
    }
    return Question(question.said, question.candidates, question.chosen | turned, question.rulings)
