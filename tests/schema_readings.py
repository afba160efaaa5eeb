"""Readings that are right under any event schema, drawn by Hypothesis."""

from __future__ import annotations

from itertools import combinations

from hypothesis import strategies as st

from curate.markup import Marked, MarkedArgument, MarkedLink, MarkedTrigger, Values, to_reading
from curate.records import Reading
from curate.schema.model import INTEGER_RANGE, SAME_EVENT, Attribute, EventSchema, RoleUse

PAIRS = (
    "old mill",
    "émigrés 🚀",
    "[two] {{three}}",
    "back\\slash {on}",
    "سفينة غرقت",
    "e\u0301tat d’urgence",
    "12 000",
)
TEXT = "; ".join(PAIRS) + "."
"""Pairs of words between semicolons: spans of a word or a pair lie apart, nest or coincide, and never cross."""


def _spans() -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    for pair in PAIRS:
        start, middle = TEXT.index(pair), TEXT.index(pair) + pair.index(" ")
        spans += [(start, middle), (middle + 1, start + len(pair)), (start, start + len(pair))]
    return spans


SPANS = _spans()
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=6)


@st.composite
def readings(draw: st.DrawFn, schema: EventSchema) -> Reading:
    """Draw a reading of TEXT that the schema has nothing against: no error, no double meaning."""
    places = draw(st.lists(st.sampled_from(SPANS), unique=True, max_size=5))
    types = [draw(st.sampled_from(list(schema.event_types))) for _ in places]
    triggers = {number: (kind, place) for number, (kind, place) in enumerate(zip(types, places, strict=True), 1)}
    while lacking := [number for number in triggers if _lacks(number, triggers, schema)]:
        del triggers[lacking[0]]
    pairs = [(a, b) for a, b in combinations(sorted(triggers), 2) if triggers[a][0] == triggers[b][0]]
    same = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=2)) if pairs else []
    marked = Marked(
        TEXT,
        tuple(
            MarkedTrigger(number, kind, *place, _values(draw, _asked(schema, kind, mention=bool(same))))
            for number, (kind, place) in triggers.items()
        ),
        tuple(argument for number in triggers for argument in _arguments(draw, number, triggers, schema)),
        (*(MarkedLink(SAME_EVENT, a, b) for a, b in same), *_links(draw, triggers, schema, joined=bool(same))),
        _values(draw, schema.attributes_on("article")),
    )
    return to_reading(marked, schema)


Triggers = dict[int, tuple[str, tuple[int, int]]]


def _asked(schema: EventSchema, kind: str, mention: bool) -> list[Attribute]:
    """Give what is asked of a type; of mentions that may be one event, nothing in which they could differ."""
    asked = schema.attributes_on("trigger", "mention" if mention else None)
    return [attribute for attribute in asked if attribute.applies(kind)]


def _values(draw: st.DrawFn, asked: list[Attribute]) -> Values:
    chosen = [attribute for attribute in asked if draw(st.booleans())]
    return {attribute.name: draw(_answers(attribute)) for attribute in chosen}


def _answers(attribute: Attribute) -> st.SearchStrategy[tuple[str, ...]]:
    if attribute.kind in ("choice", "choices"):
        most = 1 if attribute.kind == "choice" else None
        return st.lists(st.sampled_from(list(attribute.values)), min_size=1, max_size=most, unique=True).map(tuple)
    one = {
        "integer": st.integers(INTEGER_RANGE.start, INTEGER_RANGE.stop - 1).map(str),
        "date": st.dates().map(lambda day: day.isoformat()),
        "text": WORDS,
    }[attribute.kind]
    return one.map(lambda value: (value,))


def _fillers(number: int, use: RoleUse, triggers: Triggers) -> list[tuple[int, int]]:
    """Give the spans that may fill the role in this event."""
    own = triggers[number][1]
    events = {place for kind, place in triggers.values() if kind in use.event_fillers and place != own}
    return [place for place in SPANS if place != own and (use.span_filler or place in events)]


def _lacks(number: int, triggers: Triggers, schema: EventSchema) -> bool:
    uses = schema.event_types[triggers[number][0]].roles.values()
    return any(use.required and not _fillers(number, use, triggers) for use in uses)


def _arguments(draw: st.DrawFn, number: int, triggers: Triggers, schema: EventSchema) -> list[MarkedArgument]:
    arguments = []
    for use in schema.event_types[triggers[number][0]].roles.values():
        asked = [attribute for attribute in schema.attributes_on("argument") if attribute.applies(use.role)]
        if fillers := _fillers(number, use, triggers):
            most = min(use.maximum or 2, 2)
            places = st.lists(st.sampled_from(fillers), unique=True, min_size=int(use.required), max_size=most)
            arguments += [MarkedArgument(use.role, number, *place, _values(draw, asked)) for place in draw(places)]
    return arguments


def _links(draw: st.DrawFn, triggers: Triggers, schema: EventSchema, joined: bool) -> list[MarkedLink]:
    """Draw links that go one way along the numbers; none that is transitive where clusters may close a circle."""
    possible = [
        MarkedLink(link.name, first, second)
        for link in schema.links.values()
        for first, second in combinations(sorted(triggers), 2)
        if link.joins(triggers[first][0], triggers[second][0]) and not (joined and link.transitive)
    ]
    return draw(st.lists(st.sampled_from(possible), unique=True, max_size=3)) if possible else []
