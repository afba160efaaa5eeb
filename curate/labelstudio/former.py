"""Names of earlier versions on the page of today: out of sight, so that what was made with them stays (pure).

Label Studio refuses a page without a control, label or choice that an annotation uses. Of an annotation that is opened
and updated it drops what its page doesn't have.
"""

from __future__ import annotations

from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement

from curate.labelstudio.controls import TEXT
from curate.schema.model import Attribute, EventSchema, followed

HIDDEN = {"style": "display:none"}
_TAGS = {"integer": "Number", "text": "TextArea", "date": "TextArea"}


@dataclass(frozen=True)
class Former:
    """What a schema's renames say was called otherwise: labels, links, attributes and the values of each."""

    labels: list[str]
    links: list[str]
    attributes: dict[str, Attribute]
    """By the old name the attribute that it became."""
    values: dict[str, list[str]]
    """By the name of an attribute of today its earlier values."""


def former(schema: EventSchema) -> Former:
    """Gather the old names under ``renamed``, without those that are in use again."""

    def old(section: str) -> list[str]:
        names = dict.fromkeys(name for block in schema.renamed for name in getattr(block, section))
        return [name for name in names if name not in getattr(schema, section)]

    attributes = {}
    values: dict[str, list[str]] = {}
    for place, block in enumerate(schema.renamed):
        later = [one.attributes for one in schema.renamed[place:]]
        for name in block.attributes:
            now = schema.attributes.get(followed(name, later))
            if now is not None and name not in schema.attributes:
                attributes[name] = now
        for name, renamed in block.values.items():
            now = schema.attributes.get(followed(name, later[1:]))
            if now is not None:
                known = values.setdefault(now.name, [])
                known += [value for value in renamed if value not in now.values and value not in known]
    return Former([*old("event_types"), *old("roles")], old("links"), attributes, values)


def add_former_labels(labels: Element, known: Former, keyless: str) -> None:
    """Put the old types and roles into the one control of labels."""
    if known.labels:
        hidden = SubElement(labels, "View", HIDDEN)
        for number, name in enumerate(known.labels):
            SubElement(hidden, "Label", {"value": name, "hotkey": f"{keyless}l{number}"})


def add_former_choices(choices: Element, attribute: Attribute, known: Former, keyless: str) -> None:
    """Put the old values into the control of an attribute."""
    for number, value in enumerate(known.values.get(attribute.name, ())):
        SubElement(choices, "Choice", {"value": value, "hotkey": f"{keyless}{attribute.name}{number}", **HIDDEN})


def add_former_controls(page: Element, known: Former, keyless: str) -> None:
    """Put the controls of old attributes on the page."""
    if not known.attributes:
        return
    hidden = SubElement(page, "View", HIDDEN)
    for name, attribute in known.attributes.items():
        settings = {"name": name, "toName": TEXT} | ({"perRegion": "true"} if attribute.on != "article" else {})
        if attribute.kind in _TAGS:
            SubElement(hidden, _TAGS[attribute.kind], settings)
            continue
        choice = "multiple" if attribute.kind == "choices" else "single-radio"
        choices = SubElement(hidden, "Choices", {**settings, "choice": choice})
        for number, value in enumerate([*attribute.values, *known.values.get(attribute.name, ())]):
            SubElement(choices, "Choice", {"value": value, "hotkey": f"{keyless}{name}{number}"})
