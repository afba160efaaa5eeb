"""Several readings of one article become one record, field by field and by a stated policy (pure).

Where all readings say the same the rule is ``agreement``, whatever the policy. What a person settled stays settled:
a policy only fills what no adjudicator had before them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from curate.adjudication.composing import compose, contradictions, record_of
from curate.adjudication.policies import Policy
from curate.adjudication.questions import Heard, Question, close, questions_of
from curate.records import Adjudication, Annotation, Article, Decision, Finding, Reading, Record
from curate.schema.model import EventSchema
from curate.wording import counted

Check = Callable[[Record], Iterable[Finding]]

AT_ONCE = 500
"""How many articles are aligned together: the more the faster, up to here."""


@dataclass(frozen=True)
class Case:
    """An article that people have to settle: its readings by annotator, what is open, what a rule would make wrong."""

    article: Article
    readings: dict[str, Reading]
    question: Question
    wrong: list[Finding]


@dataclass
class Settlement:
    """What became of an article: its record and the rule it was made by, or why it is ``open``; all that was decided.

    ``case`` is there where people can settle what is open.
    """

    article_id: str
    record: Record | None = None
    rule: str = ""
    open: str = ""
    case: Case | None = None
    decisions: list[Decision] = field(default_factory=list)


@dataclass
class Outcome:
    """What adjudication made: records, decisions, why each undecided article is open, and what people can settle."""

    records: list[Record] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    open: dict[str, str] = field(default_factory=dict)
    rules: dict[str, str] = field(default_factory=dict)
    cases: dict[str, Case] = field(default_factory=dict)


def adjudicate(
    articles: Mapping[str, Article],
    annotations: Sequence[Annotation],
    schema: EventSchema,
    policy: Policy,
    overlap: Callable[[str], int],
    check: Check = lambda _: (),
    adjudications: Sequence[Adjudication] = (),
) -> Outcome:
    """Decide every article that has annotations, all at hand at once; see ``settle``."""
    read: dict[str, list[Annotation]] = {}
    for annotation in annotations:
        read.setdefault(annotation.article_id, []).append(annotation)
    settled: dict[str, list[Adjudication]] = {}
    for adjudication in adjudications:
        settled.setdefault(adjudication.annotation.article_id, []).append(adjudication)
    outcome = Outcome()
    for one in settle(articles, read, schema, policy, overlap, check, settled):
        outcome.decisions += one.decisions
        if one.record is not None:
            outcome.records.append(one.record)
            outcome.rules[one.article_id] = one.rule
        else:
            outcome.open[one.article_id] = one.open
        if one.case is not None:
            outcome.cases[one.article_id] = one.case
    return outcome


def settle(
    articles: Mapping[str, Article],
    annotations: Mapping[str, Sequence[Annotation]],
    schema: EventSchema,
    policy: Policy,
    overlap: Callable[[str], int],
    check: Check = lambda _: (),
    adjudications: Mapping[str, Sequence[Adjudication]] = MappingProxyType({}),
) -> Iterator[Settlement]:
    """Decide every article that has annotations, in the order of the articles' ids, holding some at a time.

    An article stays open with fewer readings than ``overlap`` asks of it (unless a person settled it), with
    differences that neither people nor the policy settle, or when ``check`` finds its record wrong.
    """
    names = sorted({*annotations, *adjudications})
    for begin in range(0, len(names), AT_ONCE):
        some = []
        for name in names[begin : begin + AT_ONCE]:
            read = sorted(annotations.get(name, ()), key=lambda one: one.annotator)
            people = sorted(adjudications.get(name, ()), key=lambda one: one.annotation.annotator)
            some.append(Heard(articles[name], read, people))
        lacking = [_lacking(one, policy, overlap(one.article.id)) for one in some]
        questions = questions_of([one for one, why in zip(some, lacking, strict=True) if not why], schema, policy)
        for one, why in zip(some, lacking, strict=True):
            yield _left_open(one.article, why) if why else _decide(one, next(questions), schema, policy, check)


def _decide(heard: Heard, question: Question, schema: EventSchema, policy: Policy, check: Check) -> Settlement:
    article = heard.article
    rule = "adjudicator" if heard.adjudications else policy.name if question.candidates else "agreement"
    unsettled = question.open()
    record, wrong = None, []
    if not unsettled:
        reading = compose(question.said, question.kept(), question.chosen, schema)
        question = close(question, reading, schema)
        unsettled = question.open()
        readings = heard.annotations or [one.annotation for one in heard.adjudications]
        record = record_of(article, reading, readings, schema)
        wrong = contradictions(reading, question.said, question.chosen, schema)
        wrong += [found for found in check(record) if found.level == "error"]
    why = f"{counted(len(unsettled), 'difference')}, first: {unsettled[0]}" if unsettled else ""
    if wrong and not why:
        why = f"{rule} gives {wrong[0].code} at {wrong[0].place}"
    decisions = list(_decisions(article, question, policy, bool(why)))
    if why or record is None:
        case = Case(article, heard.readings(), question, wrong)
        return _left_open(article, why, decisions, case)
    decisions.append(_article_decision(article.id, "decided", rule, _basis(heard)))
    return Settlement(article.id, record, rule, decisions=decisions)


def _lacking(heard: Heard, policy: Policy, overlap: int) -> str:
    """Say which readings an article lacks to be decided at all; one that a person settled lacks none."""
    readers = [annotation.annotator for annotation in heard.annotations]
    if heard.adjudications:
        return ""
    if len(readers) < overlap:
        return f"{len(readers)} of {overlap} readings"
    if policy.annotator and policy.annotator not in readers:
        return f"no reading of {policy.annotator}"
    return ""


def _decisions(article: Article, question: Question, policy: Policy, is_open: bool) -> Iterator[Decision]:
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
        yield Decision(
            article_id=article.id,
            about=about,
            candidates=question.candidates[about],
            chosen=answer,
            rule="adjudicator" if by_person else policy.name,
            reason=reason,
            adjudicators=ruling.adjudicators if ruling else [],
            code=ruling.code if ruling else None,
        )


def _basis(heard: Heard) -> str:
    people = len(heard.adjudications)
    read = counted(len(heard.annotations), "reading")
    return f"{read}, {counted(people, 'adjudication')}" if people else read


def _article_decision(article_id: str, chosen: str | None, rule: str, reason: str) -> Decision:
    return Decision(article_id=article_id, about="article", candidates=[], chosen=chosen, rule=rule, reason=reason)


def _left_open(
    article: Article, reason: str, decisions: Sequence[Decision] = (), case: Case | None = None
) -> Settlement:
    closing = _article_decision(article.id, None, "open", reason)
    return Settlement(article.id, open=reason, case=case, decisions=[*decisions, closing])
