"""The labelling page: what Label Studio is given to show."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, fromstring

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.labelstudio.controls import ARTICLE_REASON, REASON
from curate.labelstudio.page import labelling_page
from curate.records import REASON_CODES
from curate.schema.hotkeys import assign
from curate.schema.model import Attribute, EventSchema, EventType, LinkType, Role, RoleUse
from event_schemas import CONFLICT_NEWS

GOLDEN = Path(__file__).parent / "golden" / "page.xml"


def attribute(name: str, on: str, kind: str, **changes: Any) -> Attribute:
    """Build an attribute with defaults for what a test does not care about."""
    plain = Attribute(name, on, "mention", kind, f"About {name}.", {}, {}, None, frozenset())
    return replace(plain, **changes)


def event_type(name: str, group: str, colour: str | None, *uses: RoleUse) -> EventType:
    """Build an event type with these roles."""
    roles = {use.role: use for use in uses}
    return EventType(name, f"What {name} is.", group, None, colour, ("struck",), ("hit",), roles, {})


MODALITY = attribute(
    "modality",
    "trigger",
    "choice",
    values={"asserted": 'It <happened> & that\'s "it".', "hypothetical": "It might."},
    default="asserted",
)
MEANS = attribute(
    "means",
    "trigger",
    "choices",
    values={"drone": "A drone.", "gun": "A gun."},
    default=["gun"],
    applies_to=frozenset({"Threaten", "Attack"}),
)
SCHEMA = EventSchema(
    name="small",
    version="1.0.0",
    title="Small",
    description="A schema for tests.",
    language="en",
    event_types={
        "Attack": event_type("Attack", "violence", "#cf222e", RoleUse("target"), RoleUse("time")),
        "Threaten": event_type(
            "Threaten", "words", None, RoleUse("content", False, frozenset({"Attack"})), RoleUse("time")
        ),
        "Deploy": event_type("Deploy", "", None),
    },
    roles={
        "target": Role("target", "What is hit.", "t", "#9a6700"),
        "time": Role("time", "When.", None, None),
        "content": Role("content", "What is said.", None, None),
    },
    attributes={
        "modality": MODALITY,
        "means": MEANS,
        "count": attribute("count", "trigger", "integer", default=1),
        "wording": attribute("wording", "argument", "text", applies_to=frozenset({"target"})),
        "day": attribute("day", "argument", "date", default="2020-01"),
        "relevance": attribute("relevance", "article", "choice", values={"yes": "It is.", "no": "It is not."}),
    },
    links={"response_to": LinkType("response_to", "Answers.", False, False, frozenset(), frozenset())},
    default_link="same_event",
    selection="word",
    trim=(),
    attach="order",
    guidelines='# Read <this> & that\n\n> A $100 "quote" isn\'t a field.',
)


@pytest.fixture(scope="module")
def page() -> Element:
    """Give the page of the small schema, read back."""
    return fromstring(labelling_page(SCHEMA, ["small@0.9.0#0123456789ab", SCHEMA.stamp]))


def find(page: Element, tag: str, name: str) -> Element:
    """Find the one element of this tag and name, or value."""
    (found,) = (e for e in page.iter(tag) if name in (e.get("name"), e.get("value")))
    return found


def test_golden() -> None:
    """The page of the small schema is, to the byte, the one that was looked at and kept."""
    assert labelling_page(SCHEMA) + "\n" == GOLDEN.read_text(encoding="utf-8")


def test_the_sdk_accepts_it() -> None:
    """The page is a valid configuration for Label Studio, with all types and roles under one control."""
    from label_studio_sdk.label_interface.interface import LabelInterface

    interface = LabelInterface(labelling_page(SCHEMA))
    interface.validate()
    labels = interface.get_control("label").labels
    assert list(labels) == [*SCHEMA.event_types, *SCHEMA.roles]


def test_every_control_has_its_own_key(page: Element) -> None:
    """Everything that can be chosen has a key and no two share one, so Label Studio gives out none itself."""
    tags = ("Label", "Choice", "Number", "Filter")
    keys = [e.get("hotkey") for e in page.iter() if e.tag in tags]
    assert None not in keys
    assert len(keys) == len(set(keys))
    assert set(assign(SCHEMA).all()) < set(keys)


def test_names(page: Element) -> None:
    """There is one control for each attribute beside the page's own."""
    names = [e.get("name") for e in page.iter() if e.get("name")]
    assert sorted(filter(None, names)) == sorted(["find", "label", "note", "schema", "text", *SCHEMA.attributes])


def test_nesting_follows_the_roles(page: Element) -> None:
    """Only a type's own roles may be put under it; a type without roles says nothing."""
    assert find(page, "Label", "Attack").get("groupCanContain") == "target,time"
    assert find(page, "Label", "Deploy").get("groupCanContain") is None


def test_definitions_are_told(page: Element) -> None:
    """Every type and role tells what it is when the mouse rests on it, a type also which roles it takes."""
    assert find(page, "Label", "Attack").get("hint") == "What Attack is. Roles: target, time."
    assert find(page, "Label", "Deploy").get("hint") == "What Deploy is."
    assert find(page, "Label", "time").get("hint") == "When."


def test_missing_roles_fade(page: Element) -> None:
    """With a trigger selected, the roles that its type lacks fade among the labels, and no others."""
    (style,) = (e.text or "" for e in page.iter("Style"))
    fading = [line for line in style.splitlines() if "lsf-label_selected .t" in line]
    assert fading == [
        ".cols:has(.lsf-label_selected .t0) :is(.r2){opacity:.35}",
        ".cols:has(.lsf-label_selected .t1) :is(.r0){opacity:.35}",
        ".cols:has(.lsf-label_selected .t2) :is(.r0,.r1,.r2){opacity:.35}",
    ]
    for mark, name in (("t0", "Attack"), ("t2", "Deploy"), ("r0", "target"), ("r2", "content")):
        assert f'<i class="{mark}">{name}</i>' in (find(page, "Label", name).get("html") or "")


def test_triggers_are_bold(page: Element) -> None:
    """In the text triggers stand out from arguments by weight, whatever the colours."""
    (style,) = (e.text or "" for e in page.iter("Style"))
    bold = next(line for line in style.splitlines() if line.endswith("{font-weight:700}") and "htx" in line)
    assert [name for name in (*SCHEMA.event_types, *SCHEMA.roles) if f'":{name}"' in bold] == [*SCHEMA.event_types]


def test_colours(page: Element) -> None:
    """A declared colour is kept, and every group has one of its own."""
    colours = {e.get("value"): e.get("background") for e in page.iter("Label")}
    assert colours["Attack"] == "#cf222e"
    assert colours["target"] == "#9a6700"
    assert len({colours[name] for name in SCHEMA.event_types}) == 3


@pytest.mark.parametrize(
    ("tag", "name", "labels"),
    [
        ("Choices", "modality", "Attack,Threaten,Deploy"),
        ("Choices", "means", "Attack,Threaten"),
        ("Number", "count", "Attack,Threaten,Deploy"),
        ("TextArea", "wording", "target"),
        ("TextArea", "day", "target,time,content"),
    ],
)
def test_region_attributes(page: Element, tag: str, name: str, labels: str) -> None:
    """An attribute of regions shows, row and control, for the labels it is asked of, in schema order."""
    control = find(page, tag, name)
    (row,) = (e for e in page.iter("View") if control in list(e))
    for element in (row, control):
        assert element.get("visibleWhen") == "region-selected"
        assert element.get("whenTagName") == "label"
        assert element.get("whenLabelValue") == labels
    assert control.get("perRegion") == "true"


def test_article_attributes(page: Element) -> None:
    """An attribute of the article belongs to no region and shows while none is selected."""
    control = find(page, "Choices", "relevance")
    assert control.get("perRegion") is None
    (view,) = (e for e in page.iter("View") if e.get("visibleWhen") == "no-region-selected")
    assert control in list(view.iter())


def test_defaults_are_shown_and_not_set(page: Element) -> None:
    """A default is underlined with a hint, or named in the caption; nothing but the stamp is preselected."""
    assert find(page, "Choice", "asserted").get("html") == "<u>asserted</u>"
    hint = find(page, "Choice", "asserted").get("hint")
    assert hint == 'default: leave unset. It <happened> & that\'s "it".'
    assert find(page, "Choice", "gun").get("html") == "<u>gun</u>"
    assert find(page, "Choice", "drone").get("html") is None
    captions = [e.get("value") for e in page.iter("Header")]
    assert {"count (default: 1)", "day (default: 2020-01)"} < set(captions)
    assert [e.get("value") for e in page.iter() if e.get("selected")] == [SCHEMA.stamp]
    assert not [e for e in page.iter() if e.get("required")]


def test_several_values(page: Element) -> None:
    """Of a choice one value can be set, of choices several."""
    assert find(page, "Choices", "modality").get("choice") == "single-radio"
    assert find(page, "Choices", "means").get("choice") == "multiple"


def test_stamps(page: Element) -> None:
    """The current stamp stands first and selected, each earlier one once, all hidden."""
    control = find(page, "Choices", "schema")
    stamps = [(e.get("value"), e.get("selected")) for e in control]
    assert stamps == [(SCHEMA.stamp, "true"), ("small@0.9.0#0123456789ab", None)]
    (view,) = (e for e in page.iter("View") if control in list(e))
    assert view.get("style") == "display:none"


def test_arrows(page: Element) -> None:
    """An arrow can be a link or a role that an event can play."""
    assert [e.get("value") for e in page.iter("Relation")] == ["same_event", "response_to", "content"]


def test_text_and_message(page: Element) -> None:
    """The text is selected as the schema says, and a message may stand above it."""
    assert find(page, "Text", "text").get("granularity") == "word"
    symbol = fromstring(labelling_page(replace(SCHEMA, selection="symbol")))
    assert find(symbol, "Text", "text").get("granularity") == "symbol"
    assert find(page, "Markdown", "$message") is not None


def test_guidelines_are_no_field(page: Element) -> None:
    """The guidelines reach the page with their line ends and quotes; a sum of money is not read as a field."""
    guidelines = next(e.get("value", "") for e in page.iter("Markdown") if e.get("value") != "$message")
    assert guidelines.startswith("<details><summary>Guidelines</summary>\n\n### Event types\n")
    assert guidelines.endswith('# Read <this> & that\n\n> A $\u2060100 "quote" isn\'t a field.\n\n</details>')


@pytest.mark.parametrize("word", ["true", "false"])
def test_definition_is_no_switch(word: str) -> None:
    """A definition that reads true or false stays words, for the editor takes such an attribute for a switch."""
    changed = replace(MODALITY, values={"asserted": "It is.", "hypothetical": word})
    page = fromstring(labelling_page(replace(SCHEMA, attributes={"modality": changed})))
    assert find(page, "Choice", "hypothetical").get("hint") == f"{word}."


ODD = st.text(max_size=20) | st.sampled_from(["<b>&amp;\"'", "]]>", "$x", "\x00\x1f", "<!-- -->", "a\r\nb\tc"])
TYPES = st.from_regex(r"[A-Z][A-Za-z0-9_]{0,5}", fullmatch=True)
WORDS = st.from_regex(r"[a-z][a-z0-9_]{0,5}", fullmatch=True)


@st.composite
def small_schemas(draw: Callable[..., Any]) -> EventSchema:
    """Draw schemas with legal names and any text in what is free."""
    roles = draw(st.lists(WORDS, max_size=4, unique=True))
    uses = [RoleUse(role) for role in roles]
    types = draw(st.lists(TYPES, min_size=1, max_size=4, unique=True))
    values = draw(st.dictionaries(st.sampled_from(["a b", "<", "&", "é", "x;y", "1"]), ODD, min_size=1))
    kind = draw(st.sampled_from(["choice", "choices", "text", "integer", "date"]))
    on = draw(st.sampled_from(["trigger", "argument", "article"]))
    default = draw(ODD) if kind == "text" else None
    asked = attribute("asked", on, kind, definition=draw(ODD), values=values, default=default)
    return replace(
        SCHEMA,
        event_types={name: replace(event_type(name, draw(ODD), None, *uses), definition=draw(ODD)) for name in types},
        roles={name: Role(name, draw(ODD), None, None) for name in roles},
        attributes={"asked": asked},
        guidelines=draw(ODD),
    )


@given(small_schemas())
def test_well_formed(schema: EventSchema) -> None:
    """Whatever the free text holds, the page can be read and has exactly the schema's labels and values."""
    page = fromstring(labelling_page(schema))
    assert [e.get("value") for e in page.iter("Label")] == [*schema.event_types, *schema.roles]
    values = [e.get("value") for e in page.iter("Choice")]
    asked = schema.attributes["asked"]
    expected = list(asked.values) if asked.kind in ("choice", "choices") else []
    assert values == [*expected, schema.stamp]


def test_shipped_schemas() -> None:
    """The page of each shipped schema is accepted by the SDK, and every key on it differs."""
    from label_studio_sdk.label_interface.interface import LabelInterface

    from curate.schema.loading import load

    files = sorted((Path(__file__).parents[1] / "schemas").glob("*.yaml"))
    assert files
    for file in files:
        schema = load(file.read_text(encoding="utf-8"), file.name)
        text = labelling_page(schema)
        LabelInterface(text).validate()
        keys = [e.get("hotkey") for e in fromstring(text).iter() if e.get("hotkey")]
        assert len(keys) == len(set(keys))


def test_only_adjudicators_are_asked_why() -> None:
    """The page of an adjudication asks for reasons by clicks alone; apart from that it is the annotators' page."""
    page, plain = fromstring(labelling_page(CONFLICT_NEWS, adjudication=True)), labelling_page(CONFLICT_NEWS)
    controls = {one.get("name"): one for one in page.iter("Choices") if one.get("name") in (REASON, ARTICLE_REASON)}
    assert set(controls) == {REASON, ARTICLE_REASON}
    assert controls[REASON].get("perRegion") == "true"
    for control in controls.values():
        assert [choice.get("value") for choice in control] == list(REASON_CODES)
    keys = [one.get("hotkey") for one in page.iter() if one.get("hotkey")]
    assert len(keys) == len(set(keys))
    assert REASON not in plain
    names = {one.get("name") for one in page.iter() if one.get("name")}
    assert names - set(controls) == {one.get("name") for one in fromstring(plain).iter() if one.get("name")}
