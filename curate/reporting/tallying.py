"""How often each type, role and answer is used, and how much each person marks (pure)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from statistics import median_low

from curate.assembly import AnyReading
from curate.places import label_at
from curate.records import Annotation, Finding, Value
from curate.schema.model import EventSchema

EXAMPLES = 3


@dataclass
class Tally:
    """Counts over many readings; ``values`` counts the answers of each attribute, ``links`` those of each type."""

    readings: int = 0
    types: Counter[str] = field(default_factory=Counter)
    roles: Counter[str] = field(default_factory=Counter)
    links: Counter[str] = field(default_factory=Counter)
    values: dict[str, Counter[str]] = field(default_factory=dict)


@dataclass
class Workload:
    """How much one person marked in the readings that were accepted; ``seconds`` are those the page measured."""

    readings: int = 0
    events: int = 0
    arguments: int = 0
    seconds: list[float] = field(default_factory=list)

    @property
    def usual_seconds(self) -> int | None:
        """The median time for a reading (the lower of two in the middle), in whole seconds."""
        return round(median_low(self.seconds)) if self.seconds else None


@dataclass
class Found:
    """The findings of one code: how many, in how many annotations, of which types, roles and links, the first few."""

    code: str
    level: str
    count: int = 0
    annotations: set[str] = field(default_factory=set)
    labels: Counter[str] = field(default_factory=Counter)
    examples: list[Finding] = field(default_factory=list)


@dataclass
class Survey:
    """What the accepted readings come to: counts, each person's workload, and when the newest was last changed."""

    tally: Tally
    people: dict[str, Workload] = field(default_factory=dict)
    latest: str | None = None


def tally(readings: Iterable[AnyReading], schema: EventSchema) -> Tally:
    """Count what readings or records hold, one at a time."""
    made = _empty(schema)
    for reading in readings:
        _count(made, reading, schema)
    return made


def survey(annotations: Iterable[Annotation], schema: EventSchema) -> Survey:
    """Count what the accepted readings hold and what each person marked, one at a time."""
    made = Survey(_empty(schema))
    for annotation in annotations:
        _count(made.tally, annotation, schema)
        made.latest = max(made.latest or "", annotation.updated_at)
        own = made.people.setdefault(annotation.annotator, Workload())
        own.readings += 1
        own.events += len(annotation.events)
        own.arguments += sum(len(event.arguments) for event in annotation.events)
        if annotation.lead_time is not None:
            own.seconds.append(annotation.lead_time)
    return made


def _empty(schema: EventSchema) -> Tally:
    return Tally(values={name: Counter() for name in schema.attributes})


def _count(made: Tally, reading: AnyReading, schema: EventSchema) -> None:
    """Count one reading. Of the attributes of an event those of a mention count here, the others with the cluster."""
    made.readings += 1
    made.links.update(link.type for link in reading.links)
    _answers(made, reading.attributes)
    mention = {one.name for one in schema.attributes_on("trigger", "mention")}
    for event in reading.events:
        made.types[event.type] += 1
        _answers(made, {key: one for key, one in event.attributes.items() if key in mention})
        for argument in event.arguments:
            made.roles[argument.role] += 1
            _answers(made, argument.attributes)
    for cluster in reading.clusters:
        _answers(made, cluster.attributes)


def by_rule(findings: Iterable[Finding]) -> list[Found]:
    """Gather findings by code, errors first, then those that occur most."""
    found: dict[tuple[str, str], Found] = {}
    for finding in findings:
        one = found.setdefault((finding.level, finding.code), Found(finding.code, finding.level))
        one.count += 1
        one.annotations.add(finding.annotation_id or "")
        one.labels.update(filter(None, [label_at(finding.place)]))
        if len(one.examples) < EXAMPLES:
            one.examples.append(finding)
    rank = ("error", "warning", "info")
    return sorted(found.values(), key=lambda one: (rank.index(one.level), -one.count, one.code))


def _answers(made: Tally, values: dict[str, Value]) -> None:
    for name, value in values.items():
        if value is not None and name in made.values:
            made.values[name].update(value if isinstance(value, list) else [str(value)])
