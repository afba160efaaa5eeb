"""Several readings of one article become one record, by exact keys and a stated policy (pure).

The keys are: event id; argument id; each attribute value of what is kept; link type, source and target; pair of
events in one cluster. Where all readings say the same the rule is ``agreement``, whatever the policy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from curate.assembly import argument_order, canonical_links, clusters_of
from curate.labelstudio.reading import attribute_statement, link_statement
from curate.records import (
    Annotation,
    Argument,
    Article,
    Candidate,
    Cluster,
    Decision,
    Event,
    Finding,
    Link,
    Provenance,
    Reading,
    Record,
    Value,
    canonical_json,
    event_place,
)
from curate.schema.model import SAME_EVENT, EventSchema

POLICIES = ("agree", "intersection", "union")
PRESENT, ABSENT = "true", "false"


@dataclass(frozen=True)
class Statements:
    """All that one reading says, each thing under its key."""

    events: dict[str, Event]
    arguments: dict[str, tuple[str, Argument]]
    links: dict[str, Link]
    pairs: dict[str, tuple[str, str]]
    values: dict[str, Value]

    def present(self) -> set[str]:
        """Give the keys of everything that is there or not: all but attribute values."""
        return {*self.events, *self.arguments, *self.links, *self.pairs}


@dataclass
class Outcome:
    """What adjudication made: records, decisions, and why each undecided article is open."""

    records: list[Record] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    open: dict[str, str] = field(default_factory=dict)
    rules: dict[str, str] = field(default_factory=dict)


def statements_of(reading: Reading | Annotation | Record, schema: EventSchema) -> Statements:
    """Take a reading apart. Event-level attributes count for every mention of the cluster that carries them."""
    events = {event.id: event for event in reading.events}
    values: dict[str, Value] = {}
    for event in reading.events:
        for attribute in schema.attributes_on("trigger", "mention"):
            values[attribute_statement(event.id, attribute.name)] = event.attributes[attribute.name]
        for argument in event.arguments:
            for name, value in argument.attributes.items():
                values[attribute_statement(argument.id, name)] = value
    for cluster in reading.clusters:
        for name, value in cluster.attributes.items():
            values.update({attribute_statement(member, name): value for member in cluster.events})
    for name, value in reading.attributes.items():
        values[attribute_statement(None, name)] = value
    pairs = [pair for cluster in reading.clusters for pair in combinations(cluster.events, 2)]
    return Statements(
        events=events,
        arguments={argument.id: (event.id, argument) for event in reading.events for argument in event.arguments},
        links={link_statement(link.type, link.source, link.target): link for link in reading.links},
        pairs={link_statement(SAME_EVENT, *pair): pair for pair in pairs},
        values=values,
    )


def adjudicate(
    articles: Mapping[str, Article],
    annotations: Sequence[Annotation],
    schema: EventSchema,
    policy: str,
    overlap: int,
    check: Callable[[Record], Iterable[Finding]] = lambda _: (),
) -> Outcome:
    """Decide every article that has annotations.

    ``policy`` is agree, intersection, union or ``annotator:PSEUDONYM``; an article with fewer readings than
    ``overlap``, with differences the policy doesn't settle, or whose record ``check`` finds wrong, stays open.
    """
    outcome = Outcome()
    by_article: dict[str, list[Annotation]] = {}
    for annotation in annotations:
        by_article.setdefault(annotation.article_id, []).append(annotation)
    for article_id in sorted(by_article):
        readings = sorted(by_article[article_id], key=lambda annotation: annotation.annotator)
        _decide_article(articles[article_id], readings, schema, policy, overlap, check, outcome)
    return outcome


def _decide_article(
    article: Article,
    readings: list[Annotation],
    schema: EventSchema,
    policy: str,
    overlap: int,
    check: Callable[[Record], Iterable[Finding]],
    outcome: Outcome,
) -> None:
    said = {annotation.annotator: statements_of(annotation, schema) for annotation in readings}
    chooser = policy.partition(":")[2]
    differences = _differences(said)
    if len(readings) < overlap:
        _leave_open(article, f"{len(readings)} of {overlap} readings", outcome)
        return
    if chooser and chooser not in said:
        _leave_open(article, f"no reading of {chooser}", outcome)
        return
    rule = policy if differences else "agreement"
    chosen = {about: _choose(about, candidates, policy, chooser) for about, candidates in differences.items()}
    kept = _kept(said, chosen)
    relevant = {about for about in differences if _owner_kept(about, kept)}
    unsettled = sorted(about for about in relevant if chosen[about] is None)
    record = None
    why = f"{len(unsettled)} differences, first: {unsettled[0]}" if unsettled else ""
    if not unsettled:
        record = _record(article, _compose(said, kept, chosen, schema), readings, schema)
        wrong = next((found for found in check(record) if found.level == "error"), None)
        why = f"{policy} gives {wrong.code} at {wrong.place}" if wrong else ""
    for about in sorted(differences):
        answer = None if why else chosen[about]
        reason = _reason(about, chosen[about], relevant) if not why or chosen[about] is None else "the article is open"
        outcome.decisions.append(
            Decision(
                article_id=article.id,
                about=about,
                candidates=differences[about],
                chosen=answer,
                rule=policy,
                reason=reason,
            )
        )
    if why or record is None:
        _leave_open(article, why, outcome)
        return
    outcome.rules[article.id] = rule
    outcome.decisions.append(_article_decision(article.id, "decided", rule, f"{len(readings)} readings"))
    outcome.records.append(record)


def _article_decision(article_id: str, chosen: str | None, rule: str, reason: str) -> Decision:
    return Decision(article_id=article_id, about="article", candidates=[], chosen=chosen, rule=rule, reason=reason)


def _leave_open(article: Article, reason: str, outcome: Outcome) -> None:
    outcome.open[article.id] = reason
    outcome.decisions.append(_article_decision(article.id, None, "open", reason))


def _differences(said: Mapping[str, Statements]) -> dict[str, list[Candidate]]:
    """Find every key on which the readings are not of one mind, with who says what."""
    found: dict[str, list[Candidate]] = {}
    for key in sorted(set().union(*(statements.present() for statements in said.values()))):
        answers = {who: PRESENT if key in statements.present() else ABSENT for who, statements in said.items()}
        if len(set(answers.values())) > 1:
            found[key] = _candidates(answers)
    for key in sorted(set().union(*(statements.values for statements in said.values()))):
        given = {
            who: canonical_json(statements.values[key]).decode()
            for who, statements in said.items()
            if key in statements.values
        }
        if len(set(given.values())) > 1:
            found[key] = _candidates(given)
    return found


def _candidates(answers: Mapping[str, str]) -> list[Candidate]:
    return [
        Candidate(value=value, annotators=sorted(who for who, given in answers.items() if given == value))
        for value in sorted(set(answers.values()))
    ]


def _choose(about: str, candidates: list[Candidate], policy: str, chooser: str) -> str | None:
    if chooser:
        return next((one.value for one in candidates if chooser in one.annotators), ABSENT)
    if "#" in about or policy == "agree":
        return None
    return ABSENT if policy == "intersection" else PRESENT


def _kept(said: Mapping[str, Statements], chosen: Mapping[str, str | None]) -> set[str]:
    """Give the keys that stay: all that nobody disputes, and the disputed ones that were chosen."""
    keys: set[str] = set().union(*(statements.present() for statements in said.values()))
    return {key for key in keys if chosen.get(key, PRESENT) == PRESENT}


def _owner_kept(about: str, kept: set[str]) -> bool:
    owner, mark, _ = about.rpartition("#")
    return not mark or not owner or owner in kept


def _reason(about: str, answer: str | None, relevant: set[str]) -> str:
    if about not in relevant:
        return "its owner is not kept"
    return "the policy doesn't settle it" if answer is None else "chosen by the policy"


def _compose(
    said: Mapping[str, Statements], kept: set[str], chosen: Mapping[str, str | None], schema: EventSchema
) -> Reading:
    """Put the kept statements together again; clusters are closed anew."""
    events: dict[str, Event] = {}
    arguments: dict[str, dict[str, Argument]] = {}
    links: dict[str, Link] = {}
    pairs: list[tuple[str, str]] = []
    values: dict[str, Value] = {}
    for statements in said.values():
        events.update({key: event for key, event in statements.events.items() if key in kept})
        for key, (owner, argument) in statements.arguments.items():
            if key in kept:
                arguments.setdefault(owner, {})[key] = argument
        links.update({key: link for key, link in statements.links.items() if key in kept})
        pairs += [pair for key, pair in statements.pairs.items() if key in kept]
        values |= {
            key: value
            for key, value in statements.values.items()
            if key not in chosen or chosen[key] == canonical_json(value).decode()
        }
    mention = [attribute.name for attribute in schema.attributes_on("trigger", "mention")]
    shared = [attribute.name for attribute in schema.attributes_on("trigger", "event")]
    return Reading(
        events=[
            Event(
                id=key,
                type=events[key].type,
                trigger=events[key].trigger,
                arguments=[
                    _released_argument(argument, values)
                    for argument in sorted(arguments.get(key, {}).values(), key=argument_order)
                ],
                attributes={name: values[attribute_statement(key, name)] for name in mention},
            )
            for key in sorted(events, key=event_place)
        ],
        clusters=[
            Cluster(
                id=members[0],
                events=members,
                attributes={name: values[attribute_statement(members[0], name)] for name in shared},
            )
            for members in clusters_of(list(events), pairs)
        ],
        links=canonical_links(schema, links.values()),
        attributes={
            attribute.name: values[attribute_statement(None, attribute.name)]
            for attribute in schema.attributes_on("article")
        },
    )


def _released_argument(argument: Argument, values: Mapping[str, Value]) -> Argument:
    return Argument(
        id=argument.id,
        role=argument.role,
        start=argument.start,
        end=argument.end,
        text=argument.text,
        event_id=argument.event_id,
        attributes={name: values[attribute_statement(argument.id, name)] for name in argument.attributes},
    )


def _record(article: Article, reading: Reading, readings: list[Annotation], schema: EventSchema) -> Record:
    origins = {event.origin for annotation in readings for event in annotation.events}
    origins |= {a.origin for annotation in readings for event in annotation.events for a in event.arguments}
    return Record(
        **{name: getattr(article, name) for name in Article.__struct_fields__},
        events=reading.events,
        clusters=reading.clusters,
        links=reading.links,
        attributes=reading.attributes,
        provenance=Provenance(
            schema=f"{schema.name}@{schema.version}",
            schema_digest=schema.digest,
            annotators=[annotation.annotator for annotation in readings],
            adjudicated=True,
            suggestions="shown" if origins & {"prediction", "prediction-changed"} else "none",
            split_group=article.id,
        ),
    )


def item_fates(
    annotations: Sequence[Annotation], records: Sequence[Record], released: set[str], schema: EventSchema
) -> dict[tuple[str, ...], str]:
    """Say what became of every accepted item at a release.

    ``chosen`` when the record holds what the item states and this reading is the first to state it, ``same`` for
    the later ones, ``outvoted`` when the record says otherwise, ``open`` without a record, ``left out`` when the
    record is not in the release.
    """
    said = {record.id: statements_of(record, schema) for record in records}
    claimed: dict[tuple[str, str], str] = {}
    fates: dict[tuple[str, ...], str] = {}
    for annotation in sorted(annotations, key=lambda annotation: (annotation.article_id, annotation.annotator)):
        own = statements_of(annotation, schema)
        for item in annotation.items:
            name = (f"annotation {annotation.id}", item.id)
            if annotation.article_id not in said:
                fates[name] = "open"
            elif annotation.article_id not in released:
                fates[name] = "left out"
            else:
                final = said[annotation.article_id]
                held_up = [state for state in item.states if _holds(state, own, final)]
                if item.kind == "note" and not item.states:
                    held_up = [f"note {item.id} of {annotation.id}"]
                first = [
                    state
                    for state in held_up
                    if claimed.setdefault((annotation.article_id, state), annotation.id) == annotation.id
                ]
                fates[name] = "chosen" if first else "same" if held_up else "outvoted"
    return fates


def _holds(state: str, own: Statements, final: Statements) -> bool:
    if "#" in state:
        return state in final.values and final.values[state] == own.values.get(state)
    return state in final.present()
