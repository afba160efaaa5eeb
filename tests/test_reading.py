"""What an annotator drew is what is read: attachment, arrows, fillers, attributes, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.labelstudio.reading import Translation, translate
from curate.labelstudio.results import count_items, read_stamp
from curate.labelstudio.writing import result_of, stamp_result
from curate.markup import parse, to_reading
from curate.records import Article, plain
from curate.text import text_sha256
from event_schemas import SMALL_SCHEMA

TEXT = "Drones hit Iraq’s base. Rebels threatened strikes. Troops were sent to the base. They hit it again."


def article(text: str = TEXT) -> Article:
    return Article(id="a", text=text, text_sha256=text_sha256(text))


def region(name: str, label: str, words: str, **more: Any) -> dict[str, Any]:
    start = TEXT.index(words)
    value = {"start": start, "end": start + len(words), "text": words, "labels": [label]}
    entry = {
        "id": name,
        "type": "labels",
        "from_name": "label",
        "to_name": "text",
        "origin": "manual",
        "value": value,
    }
    return entry | more


def arrow(source: str, target: str, *labels: str, direction: str = "right") -> dict[str, Any]:
    entry: dict[str, Any] = {"type": "relation", "from_id": source, "to_id": target, "direction": direction}
    return entry | ({"labels": list(labels)} if labels else {})


def choice(name: str, attribute: str, *values: str) -> dict[str, Any]:
    return {
        "id": name,
        "type": "choices",
        "from_name": attribute,
        "to_name": "text",
        "value": {"choices": list(values)},
    }


HIT = region("hit", "Attack", "hit")
THREAT = region("threat", "Threaten", "threatened")
STRIKES = region("strikes", "Attack", "strikes")
SENT = region("sent", "Deploy", "sent")
ACTOR = region("d", "actor", "Drones")


def read(*entries: Any) -> Translation:
    return translate([stamp_result(SMALL_SCHEMA.stamp), *entries], article(), SMALL_SCHEMA)


def codes(*entries: Any) -> list[str]:
    return [problem.code for problem in read(*entries).problems]


def arguments(translation: Translation) -> dict[str, str | None]:
    return {a.id: a.attached_by for event in translation.reading.events for a in event.arguments}


def test_drawing_order_attaches_to_the_last_trigger() -> None:
    """An argument drawn after a trigger in its sentence belongs to it."""
    made = read(HIT, region("d", "actor", "Drones"))
    assert arguments(made) == {"Attack@7-10/actor/0-6": "order"}
    assert made.problems == []


@pytest.mark.parametrize("direction", ["right", "left", "bi"])
@pytest.mark.parametrize("ends", [("d", "hit"), ("hit", "d")])
def test_an_arrow_attaches_either_way(ends: tuple[str, str], direction: str) -> None:
    """The direction of an arrow between a trigger and an argument doesn't matter, nor when it was drawn."""
    made = read(region("d", "actor", "Drones"), HIT, SENT, arrow(*ends, direction=direction))
    assert arguments(made) == {"Attack@7-10/actor/0-6": "arrow"}
    assert made.problems == []


def test_nesting_attaches_across_sentences() -> None:
    """A nested argument may stand in another sentence than its trigger."""
    made = read(HIT, SENT, region("r", "actor", "Rebels", parentID="hit"))
    assert arguments(made) == {"Attack@7-10/actor/24-30": "nesting"}


def test_an_arrow_beats_the_nesting() -> None:
    """An argument with an arrow belongs to the arrow's trigger alone, whatever it is nested under."""
    made = read(HIT, SENT, region("r", "actor", "Rebels", parentID="hit"), arrow("r", "sent"))
    assert arguments(made) == {"Deploy@63-67/actor/24-30": "arrow"}


def test_arrows_to_two_triggers_make_two_arguments() -> None:
    """One span can play a part in two events, and its items state both."""
    made = read(HIT, SENT, region("b", "place", "the base"), arrow("b", "hit"), arrow("b", "sent"))
    names = ["Attack@7-10/place/71-79", "Deploy@63-67/place/71-79"]
    assert sorted(arguments(made)) == names
    assert next(item.states for item in made.items if item.id == "region:b") == names


def test_the_arrows_role_wins() -> None:
    """The label of an arrow is the role, before the label of the span."""
    made = read(HIT, region("d", "actor", "Drones"), arrow("hit", "d", "place"))
    assert list(arguments(made)) == ["Attack@7-10/place/0-6"]


def test_a_role_over_a_trigger_is_the_event() -> None:
    """A role span on another event's trigger means that the event fills the role."""
    made = read(STRIKES, THREAT, region("c", "content", "strikes"))
    assert list(arguments(made)) == ["Threaten@31-41/content/Attack@42-49"]
    assert made.problems == []


def test_a_role_arrow_between_triggers_fills_the_sources_role() -> None:
    """An arrow with a role label from trigger to trigger makes the target the filler."""
    made = read(STRIKES, THREAT, arrow("threat", "strikes", "content"))
    assert arguments(made) == {"Threaten@31-41/content/Attack@42-49": "arrow"}


def test_an_unlabelled_arrow_between_triggers_is_the_default_link() -> None:
    """Two mentions joined without a label are one happening."""
    made = read(HIT, STRIKES, arrow("strikes", "hit"))
    assert [cluster.events for cluster in made.reading.clusters] == [["Attack@7-10", "Attack@42-49"]]


def test_a_left_arrow_is_turned() -> None:
    """A link drawn backwards and turned on the page goes from source to target."""
    made = read(HIT, SENT, arrow("hit", "sent", "response_to", direction="left"))
    assert plain(made.reading.links) == [{"type": "response_to", "source": "Deploy@63-67", "target": "Attack@7-10"}]


def test_event_level_values_reach_the_cluster() -> None:
    """The one value set among the mentions of a happening is its value; the mention keeps what was set on it."""
    made = read(HIT, STRIKES, arrow("hit", "strikes"), choice("strikes", "verification", "confirmed"))
    assert made.reading.clusters[0].attributes == {"verification": "confirmed"}
    assert [event.attributes["verification"] for event in made.reading.events] == [None, "confirmed"]


def test_a_suffix_is_cut_from_hand_drawn_spans_only() -> None:
    """The possessive goes from what a person drew, and it is told; predictions stay as they are."""
    entries = [HIT, region("p", "place", "Iraq’s")]
    made = read(*entries)
    assert list(arguments(made)) == ["Attack@7-10/place/11-15"]
    assert [problem.code for problem in made.problems] == ["span-trimmed"]
    kept = read(HIT, region("p", "place", "Iraq’s", origin="prediction", parentID="hit"))
    assert list(arguments(kept)) == ["Attack@7-10/place/11-17"]


def test_predicted_triggers_gather_no_arguments_by_order() -> None:
    """Only triggers drawn by hand count for the drawing order."""
    assert codes(HIT | {"origin": "prediction"}, region("d", "actor", "Drones")) == ["argument-unattached"]


def test_a_thing_drawn_twice_is_counted_as_duplicate() -> None:
    """Of two drawings of one thing one is kept, the other is a counted exclusion."""
    twin = region("twin", "Attack", "hit")
    made = read(HIT, twin)
    assert [problem.code for problem in made.problems] == ["duplicate-region"]
    assert len(made.reading.events) == 1
    assert made.duplicates == {"region:twin"}


WRONG: list[tuple[str, list[Any]]] = [
    ("argument-unattached", [region("d", "actor", "Drones"), HIT]),
    ("argument-unattached", [HIT, region("r", "actor", "Rebels")]),
    ("argument-unattached", [SENT, region("t", "target", "Troops")]),
    ("parent-invalid", [HIT, region("d", "actor", "Drones", parentID="gone")]),
    (
        "parent-invalid",
        [
            HIT,
            region("e", "place", "Iraq’s", origin="prediction", parentID="d"),
            region("d", "actor", "Drones"),
        ],
    ),
    ("role-not-allowed", [SENT, region("t", "target", "Troops"), arrow("sent", "t")]),
    ("role-not-allowed", [SENT, region("t", "target", "Troops", parentID="sent")]),
    ("link-types", [HIT, SENT, arrow("hit", "sent", "response_to")]),
    ("cluster-types", [HIT, SENT, arrow("hit", "sent")]),
    ("arrow-direction", [HIT, SENT, arrow("sent", "hit", "response_to", direction="bi")]),
    ("arrow-direction", [HIT, SENT, arrow("sent", "hit", direction="up")]),
    ("arrow-self", [HIT, arrow("hit", "hit")]),
    ("arrow-dangling", [HIT, arrow("hit", "gone")]),
    ("arrow-labels", [HIT, STRIKES, arrow("hit", "strikes", "near", "same_event")]),
    ("arrow-label", [HIT, STRIKES, arrow("hit", "strikes", "unheard_of")]),
    (
        "arrow-between-arguments",
        [HIT, region("d", "actor", "Drones"), region("p", "place", "base"), arrow("d", "p")],
    ),
    ("filler-not-allowed", [THREAT, region("c", "content", "strikes")]),
    ("filler-not-allowed", [THREAT, region("o", "Threaten", "again"), arrow("threat", "o", "content")]),
    (
        "event-filler-ambiguous",
        [STRIKES, region("s2", "Deploy", "strikes"), THREAT, region("c", "content", "strikes")],
    ),
    (
        "event-attribute-conflict",
        [
            HIT,
            STRIKES,
            arrow("hit", "strikes"),
            choice("hit", "verification", "claimed"),
            choice("strikes", "verification", "confirmed"),
        ],
    ),
    ("attribute-value", [HIT, choice("hit", "modality", "maybe")]),
    ("attribute-value", [HIT, choice("hit", "modality", "asserted", "hypothetical")]),
    (
        "attribute-repeated",
        [HIT, choice("hit", "modality", "asserted"), choice("hit", "modality", "hypothetical")],
    ),
    ("attribute-orphan", [HIT, choice("gone", "modality", "asserted")]),
    ("attribute-not-applicable", [HIT, choice("hit", "certainty", "alleged")]),
    ("control-unknown", [HIT, choice("hit", "mood", "grim")]),
    ("label-unknown", [region("x", "Parade", "hit")]),
    ("region-labels", [HIT | {"value": HIT["value"] | {"labels": []}}]),
    ("region-id-repeated", [HIT, region("hit", "Attack", "strikes")]),
    ("span-out-of-range", [HIT | {"value": HIT["value"] | {"end": 5000}}]),
    ("span-out-of-range", [HIT | {"value": HIT["value"] | {"end": 7}}]),
    ("span-not-integer", [HIT | {"value": HIT["value"] | {"start": 7.5}}]),
    ("span-not-integer", [HIT | {"value": HIT["value"] | {"start": True}}]),
    ("origin-unknown", [HIT | {"origin": "elsewhere"}]),
    ("span-text-differs", [HIT | {"value": HIT["value"] | {"text": "BANANA"}}]),
    (
        "duplicate-region-differs",
        [HIT, region("twin", "Attack", "hit"), choice("twin", "modality", "hypothetical")],
    ),
    ("origin-unknown", [HIT | {"origin": []}]),
    ("parent-invalid", [HIT | {"parentID": ["a"]}]),
    ("result-malformed", [HIT, choice("hit", "modality", "asserted") | {"id": {}}]),
    ("attribute-not-applicable", [HIT, ACTOR, choice("d", "certainty", "alleged"), arrow("hit", "d", "place")]),
    ("result-malformed", ["x"]),
    ("result-malformed", [HIT | {"value": None}]),
]


@pytest.mark.parametrize(("code", "entries"), WRONG)
def test_each_fault_is_named(code: str, entries: list[Any]) -> None:
    """Each thing that can be wrong gives exactly its code, and every item is still counted."""
    made = read(*entries)
    assert [problem.code for problem in made.problems] == [code]
    assert len(made.items) == len(count_items(entries)) == len(entries)


def test_an_argument_with_a_wrong_arrow_is_not_attached_otherwise() -> None:
    """A wrong arrow is an error and never falls through to nesting or order."""
    made = read(HIT, SENT, region("t", "target", "base", parentID="hit"), arrow("t", "sent"))
    assert arguments(made) == {}


def test_an_argument_is_asked_what_its_role_is_asked() -> None:
    """The role an arrow gives decides which attributes a span may carry."""
    made = read(HIT, region("p", "place", "Drones"), choice("p", "certainty", "alleged"), arrow("hit", "p", "actor"))
    assert made.problems == []
    assert made.reading.events[0].arguments[0].attributes == {"certainty": "alleged"}


def test_a_broken_region_is_told_once() -> None:
    """What hangs on an unreadable region is not complained of as well."""
    broken = HIT | {"value": HIT["value"] | {"labels": ["Parade"]}}
    hanging = [choice("hit", "modality", "asserted"), region("b", "target", "base", parentID="hit"), arrow("hit", "b")]
    assert codes(broken, *hanging) == ["label-unknown"]


def test_half_a_twin_is_no_duplicate() -> None:
    """A span that says one thing again and another for the first time is accepted."""
    nested = region("a", "place", "the base", parentID="hit")
    both = [region("b", "place", "the base"), arrow("b", "hit"), arrow("b", "sent")]
    made = read(HIT, SENT, nested, *both)
    assert made.duplicates == frozenset()
    assert sorted(arguments(made)) == ["Attack@7-10/place/71-79", "Deploy@63-67/place/71-79"]


def test_an_arrow_drawn_again_is_a_duplicate() -> None:
    """The second arrow that says the same is a counted exclusion, for clusters as for links."""
    assert len(read(HIT, STRIKES, arrow("hit", "strikes"), arrow("strikes", "hit")).duplicates) == 1
    assert len(read(HIT, STRIKES, arrow("hit", "strikes", "near"), arrow("strikes", "hit", "near")).duplicates) == 1


def test_a_link_within_a_cluster_is_no_duplicate() -> None:
    """Two mentions of one happening can also be joined by a link, whichever arrow was drawn first."""
    same, near = arrow("hit", "strikes"), arrow("hit", "strikes", "near")
    for arrows in ((same, near), (near, same)):
        made = read(HIT, STRIKES, *arrows)
        assert made.duplicates == frozenset()
        assert [link.type for link in made.reading.links] == ["near"]
        assert len(made.reading.clusters) == 1


def test_emptied_fields_are_unset() -> None:
    """A note or a date that was emptied again is no error and says nothing."""
    note = {"id": "hit", "type": "textarea", "from_name": "note", "to_name": "text", "value": {"text": []}}
    made = read(HIT, note, note | {"from_name": "day"})
    assert made.problems == []
    assert made.notes == []
    assert made.reading.events[0].attributes["day"] is None


def test_the_stamp_is_no_item() -> None:
    """The hidden schema stamp is read and not counted."""
    result = [stamp_result("small@1.0.0#abc"), HIT]
    assert read_stamp(result) == "small@1.0.0#abc"
    assert [item.id for item in count_items(result)] == ["region:hit"]


MARKED = (
    "[Drones](actor>1) [hit](Attack#1{verification=confirmed, count=3, means=drone|gun, day=2024-05}) "
    "[[Iraq](place>1)’s base](target>1{certainty=alleged}). [Rebels](actor>2) [threatened](Threaten#2) "
    "[strikes](Attack#3{modality=hypothetical}, content>2, topic>2). [Troops](actor>4) were [sent](Deploy#4) to "
    "[the base](place>4). They [hit](Attack#5) it again.{{response_to 4>1; near 1>3; same_event 5=1; "
    "relevance=irrelevant}}"
)


def test_what_curate_writes_reads_back() -> None:
    """A reading written as a result is the same reading when it is read, whatever it holds."""
    marked = parse(MARKED)
    reading = to_reading(marked, SMALL_SCHEMA)
    made = translate(result_of(reading, SMALL_SCHEMA), article(marked.text), SMALL_SCHEMA)
    assert made.problems == []
    assert _bare(made.reading) == _bare(reading)


def _bare(reading: Any) -> Any:
    """Leave out what only annotations keep."""
    found = plain(reading)
    for event in found["events"]:
        event.pop("origin", None)
        event["attributes"].pop("verification", None)
        for argument in event["arguments"]:
            argument.pop("origin", None)
            argument.pop("attached_by", None)
    return found


PIECES = [
    HIT,
    STRIKES,
    SENT,
    THREAT,
    region("d", "actor", "Drones"),
    region("p", "place", "the base", parentID="sent"),
    region("c", "content", "strikes"),
    arrow("hit", "strikes"),
    arrow("sent", "hit", "response_to"),
    arrow("c", "threat"),
    choice("hit", "modality", "hypothetical"),
    choice("d", "certainty", "alleged"),
    choice("a", "relevance", "irrelevant"),
    {"id": "hit", "type": "textarea", "from_name": "note", "to_name": "text", "value": {"text": ["look"]}},
    {"id": 5},
    None,
]


@given(st.lists(st.sampled_from(PIECES), max_size=12), st.randoms())
def test_every_item_is_counted_whatever_is_drawn(pieces: list[Any], random: Any) -> None:
    """Any mixture of pieces, also twice and in any order, is read without failing, each an item with its own id."""
    random.shuffle(pieces)
    made = read(*pieces)
    assert len(made.items) == len(pieces)
    assert len({item.id for item in made.items}) == len(pieces)
    assert made.duplicates <= {item.id for item in made.items}
    if not made.problems:
        assert all(item.states for item in made.items if item.kind != "note")
