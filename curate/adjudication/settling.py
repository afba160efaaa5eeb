"""Several readings of one article become one record, field by field and by a stated policy (pure).

Where all readings say the same the rule is ``agreement``, whatever the policy. What a person settled stays settled:
a policy only fills what no adjudicator had before them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from curate.adjudication.composing import compose, contradictions, record_of
from curate.adjudication.fields import Fields, common_fields
from curate.adjudication.people import Ruling, afterthoughts, by_role, rulings
from curate.adjudication.policies import Policy, choose
from curate.adjudication.statements import (
    PRESENT,
    Statements,
    differences,
    is_presence,
    owner_of,
    statements_of,
)
from curate.records import Adjudication, Annotation, Article, Candidate, Decision, Finding, Reading, Record
from curate.schema.model import EventSchema

Check = Callable[[Record], Iterable[Finding]]

AT_ONCE = 500
"""How many articles are aligned together: the more the faster, up to here."""


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
class Case:
    """An article that people have to settle: its readings by annotator, what is open, what a rule would make wrong."""

    article: Article
    readings: dict[str, Reading]
    question: Question
    wrong: list[Finding]


@dataclass
class Outcome:
    """What adjudication made: records, decisions, why each undecided article is open, and what people can settle."""

    records: list[Record] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    open: dict[str, str] = field(default_factory=dict)
    rules: dict[str, str] = field(default_factory=dict)
    cases: dict[str, Case] = field(default_factory=dict)


@dataclass(frozen=True)
class _Heard:
    """All that was said of one article."""

    article: Article
    annotations: list[Annotation]
    adjudications: list[Adjudication]

    def readings(self) -> dict[str, Reading]:
        return {annotation.annotator: reading_of(annotation) for annotation in self.annotations}


def adjudicate(
    articles: Mapping[str, Article],
    annotations: Sequence[Annotation],
    schema: EventSchema,
    policy: Policy,
    overlap: Callable[[str], int],
    check: Check = lambda _: (),
    adjudications: Sequence[Adjudication] = (),
) -> Outcome:
    """Decide every article that has annotations.

    An article stays open with fewer readings than ``overlap`` asks of it (unless a person settled it), with
    differences that neither people nor the policy settle, or when ``check`` finds its record wrong.
    """
    heard: dict[str, _Heard] = {}
    for annotation in sorted(annotations, key=lambda one: one.annotator):
        name = annotation.article_id
        heard.setdefault(name, _Heard(articles[name], [], [])).annotations.append(annotation)
    for adjudication in sorted(adjudications, key=lambda one: one.annotation.annotator):
        name = adjudication.annotation.article_id
        heard.setdefault(name, _Heard(articles[name], [], [])).adjudications.append(adjudication)
    outcome = Outcome()
    in_order = [heard[name] for name in sorted(heard)]
    for begin in range(0, len(in_order), AT_ONCE):
        some = in_order[begin : begin + AT_ONCE]
        lacking = [_lacking(one, policy, overlap(one.article.id)) for one in some]
        questions = _questions([one for one, why in zip(some, lacking, strict=True) if not why], schema, policy)
        for one, why in zip(some, lacking, strict=True):
            if why:
                _leave_open(one.article, why, outcome)
            else:
                _decide(one, next(questions), schema, policy, check, outcome)
    return outcome


def reading_of(annotation: Annotation) -> Reading:
    """Give what an annotation says of its article."""
    return Reading(
        events=annotation.events,
        clusters=annotation.clusters,
        links=annotation.links,
        attributes=annotation.attributes,
    )


def _decide(
    heard: _Heard, question: Question, schema: EventSchema, policy: Policy, check: Check, outcome: Outcome
) -> None:
    article = heard.article
    rule = "adjudicator" if heard.adjudications else policy.name if question.candidates else "agreement"
    unsettled = question.open()
    record, wrong = None, []
    if not unsettled:
        reading = compose(question.said, question.kept(), question.chosen, schema)
        question = _closed(question, reading, schema)
        unsettled = question.open()
        readings = heard.annotations or [one.annotation for one in heard.adjudications]
        record = record_of(article, reading, readings, schema)
        wrong = contradictions(reading, question.said, question.chosen, schema)
        wrong += [found for found in check(record) if found.level == "error"]
    why = f"{_counted(len(unsettled), 'difference')}, first: {unsettled[0]}" if unsettled else ""
    if wrong and not why:
        why = f"{rule} gives {wrong[0].code} at {wrong[0].place}"
    _log(article, question, policy, bool(why), outcome)
    if why or record is None:
        _leave_open(article, why, outcome)
        outcome.cases[article.id] = Case(article, heard.readings(), question, wrong)
        return
    outcome.rules[article.id] = rule
    outcome.decisions.append(_article_decision(article.id, "decided", rule, _basis(heard)))
    outcome.records.append(record)


def _lacking(heard: _Heard, policy: Policy, overlap: int) -> str:
    """Say which readings an article lacks to be decided at all; one that a person settled lacks none."""
    readers = [annotation.annotator for annotation in heard.annotations]
    if heard.adjudications:
        return ""
    if len(readers) < overlap:
        return f"{len(readers)} of {overlap} readings"
    if policy.annotator and policy.annotator not in readers:
        return f"no reading of {policy.annotator}"
    return ""


def _questions(asked: Sequence[_Heard], schema: EventSchema, policy: Policy) -> Iterator[Question]:
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


def _closed(question: Question, reading: Reading, schema: EventSchema) -> Question:
    """Say of pairs that other pairs bring into one cluster that they are in it; a person's choice is opened again."""
    joined = statements_of(reading, schema).pairs
    turned = {
        key: None if key in question.rulings else PRESENT
        for key, answer in question.chosen.items()
        if key in joined and answer != PRESENT
    }
    return Question(question.said, question.candidates, question.chosen | turned, question.rulings)


def _log(article: Article, question: Question, policy: Policy, is_open: bool, outcome: Outcome) -> None:
    gone = set(question.candidates) - set(question.open())
    for about in sorted(question.candidates):
        ruling, answer = question.rulings.get(about), question.chosen[about]
        by_person = ruling is not None and ruling.answer is not None
        if answer is None:
            reason = "its owner is not kept" if about in gone else "not settled"
        elif by_person:
            reason = "settled by a person"
        elif is_open:
            answer, reason = None, "the article is open"
        else:
            reason = "chosen by the policy"
        outcome.decisions.append(
            Decision(
                article_id=article.id,
                about=about,
                candidates=question.candidates[about],
                chosen=answer,
                rule="adjudicator" if by_person else policy.name,
                reason=reason,
                adjudicators=ruling.adjudicators if ruling else [],
                code=ruling.code if ruling else None,
            )
        )


def _basis(heard: _Heard) -> str:
    people = len(heard.adjudications)
    read = _counted(len(heard.annotations), "reading")
    return f"{read}, {_counted(people, 'adjudication')}" if people else read


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _article_decision(article_id: str, chosen: str | None, rule: str, reason: str) -> Decision:
    return Decision(article_id=article_id, about="article", candidates=[], chosen=chosen, rule=rule, reason=reason)


def _leave_open(article: Article, reason: str, outcome: Outcome) -> None:
    outcome.open[article.id] = reason
    outcome.decisions.append(_article_decision(article.id, None, "open", reason))
