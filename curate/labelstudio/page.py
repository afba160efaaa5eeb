"""The labelling page: everything an event schema asks, as the XML that Label Studio shows.

Why the page is as it is: one ``Labels`` control, so that no span gets a label of two kinds; attributes under
the labels, so that the text never moves; the page scrolls and not a box inside it, because arrows are drawn
over the whole page; no attribute is required or preselected, so that the usual case costs no click.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape
from itertools import cycle
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from curate.labelstudio.controls import ARTICLE_REASON, LABEL, NOTE, REASON, SCHEMA, TEXT
from curate.labelstudio.former import add_former_choices, add_former_controls, add_former_labels, former
from curate.labelstudio.style import style_sheet
from curate.records import REASON_CODES
from curate.schema.hotkeys import Hotkeys, assign, shown
from curate.schema.instructions import guidelines_markdown, value_text
from curate.schema.model import SAME_EVENT, Attribute, EventSchema, EventType, Role

_GROUP_COLOURS = ("#cf222e", "#0550ae", "#953800", "#6639ba", "#116329", "#99286e", "#1b7c83", "#7d4e00")
_ROLE_COLOURS = ("#57606a", "#7a6a2f", "#4f7358", "#4a6d8c", "#7d5a7d", "#8a5a44")

_HINT = (
    "Drag over the words, press the key. The selected span's attributes appear here; an underlined value is "
    "the default: leave it unset."
)

_DATE_FORM = "YYYY, YYYY-MM or YYYY-MM-DD"

# Label Studio gives a control without a key the next free letter. No stray key may change the stamp, so it
# gets keys that begin with a sign no keyboard sends.
_KEYLESS = "∅"

# Keys that nobody can press are not shown either.
_REASON_STYLE = ".why .lsf-hint{display:none}\n"

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_FIELD = re.compile(r"\$(?=[\w\[\].{}])", re.ASCII)


def labelling_page(schema: EventSchema, earlier_stamps: Sequence[str] = (), *, adjudication: bool = False) -> str:
    """Write the page for a schema as XML: the same for the same schema, in a form the server keeps as it is.

    ``earlier_stamps`` name the schemas under which annotations of the project were made before; the server
    refuses a page without a value that is in use. On the page for ``adjudication`` people can say why readings
    differ.
    """
    keys = assign(schema)
    page = Element("View", className="cur")
    SubElement(page, "Style").text = style_sheet(_missing_roles(schema)) + (_REASON_STYLE if adjudication else "")
    body = _box(page, "body")
    left = _box(body, "left")
    _add_filter(left)
    _add_labels(left, schema, keys)
    _add_article_view(left, schema, keys)
    _add_region_rows(left, schema, keys)
    if adjudication:
        _add_reasons(left)
    _add_text(_box(body, "main"), schema)
    _add_guidelines(body, schema)
    _add_stamps(page, schema.stamp, earlier_stamps)
    add_former_controls(page, former(schema), _KEYLESS)
    _add_relations(page, schema)
    indent(page, " ")
    return tostring(page, encoding="unicode")


def _missing_roles(schema: EventSchema) -> dict[str, list[int]]:
    """Give each event type the positions of the roles that it does not take."""
    return {
        event_type.name: [number for number, role in enumerate(schema.roles) if role not in event_type.roles]
        for event_type in schema.event_types.values()
    }


def _add_filter(parent: Element) -> None:
    settings = {"name": "find", "toName": LABEL, "hotkey": "shift+f", "minlength": "1"}
    _add(_box(parent, "find"), "Filter", {**settings, "placeholder": "find a label: shift+F"})


def _add_text(parent: Element, schema: EventSchema) -> None:
    _add(_box(parent, "fix"), "Markdown", {"value": "$message"})
    settings = {"name": TEXT, "value": "$text", "granularity": schema.selection, "showLabels": "true"}
    _add(_box(parent, "txt"), "Text", settings)


def _add_guidelines(parent: Element, schema: EventSchema) -> None:
    """Put the guidelines where one click opens them; on a wide page the style sheet keeps them open."""
    told = _literal(guidelines_markdown(schema))
    folded = f"<details><summary>Guidelines</summary>\n\n{told}\n</details>"
    _add(_box(parent, "guide"), "Markdown", {"value": folded})


def _add_labels(parent: Element, schema: EventSchema, keys: Hotkeys) -> None:
    labels = _add(parent, "Labels", {"name": LABEL, "toName": TEXT, "showInline": "false"})
    columns = _box(labels, "cols")
    events = _column(columns, "types", "Events")
    groups = dict.fromkeys(event_type.group for event_type in schema.event_types.values())
    colours = dict(zip(groups, cycle(_GROUP_COLOURS), strict=False))
    for number, event_type in enumerate(schema.event_types.values()):
        colour = event_type.colour or colours[event_type.group]
        label = _label(events, f"t{number}", event_type, keys.types, colour)
        if event_type.roles:
            label.set("groupCanContain", ",".join(event_type.roles))
            label.set("hint", f"{label.get('hint')} Roles: {', '.join(event_type.roles)}.")
    roles = _column(columns, "roles", "Roles")
    for number, (role, colour) in enumerate(zip(schema.roles.values(), cycle(_ROLE_COLOURS), strict=False)):
        _label(roles, f"r{number}", role, keys.roles, role.colour or colour)
    add_former_labels(labels, former(schema), _KEYLESS)


def _column(parent: Element, kind: str, title: str) -> Element:
    column = _box(parent, kind)
    _add(_box(column, "head"), "Header", {"value": title, "size": "5"})
    return column


def _label(parent: Element, mark: str, named: EventType | Role, keys: Mapping[str, str | None], colour: str) -> Element:
    """Add a label; its ``mark`` is a class by which the style sheet can tell it from the others."""
    label = _add(parent, "Label", {"value": named.name, "background": colour})
    html = f'<i class="{mark}">{escape(named.name)}</i>'
    if key := keys[named.name]:
        label.set("hotkey", key)
        html += f'<kbd class="{mark}">{escape(shown(key))}</kbd>'
    label.set("html", html)
    label.set("hint", _words(" ".join(named.definition.split())))
    return label


def _add_article_view(parent: Element, schema: EventSchema, keys: Hotkeys) -> None:
    view = _add(parent, "View", {"visibleWhen": "no-region-selected"})
    _add(_box(view, "hint"), "Header", {"value": _HINT, "size": "5"})
    for attribute in schema.attributes_on("article"):
        _add_attribute(_box(view, "row"), attribute, schema, keys, {})


def _add_region_rows(parent: Element, schema: EventSchema, keys: Hotkeys) -> None:
    for on, names in (("trigger", schema.event_types), ("argument", schema.roles)):
        for attribute in schema.attributes_on(on):
            labels = ",".join(name for name in names if attribute.applies(name))
            # Both the row and the control need the condition: the row hides the caption, the control keeps a
            # value from being sent for a region whose label was changed.
            condition = {"visibleWhen": "region-selected", "whenTagName": LABEL, "whenLabelValue": labels}
            row = _box(parent, "row")
            row.attrib.update(condition)
            _add_attribute(row, attribute, schema, keys, {"perRegion": "true", **condition})
    row = _box(parent, "row note")
    row.set("visibleWhen", "region-selected")
    _add_words(row, NOTE, "note", {"perRegion": "true"})


def _add_attribute(
    row: Element, attribute: Attribute, schema: EventSchema, keys: Hotkeys, condition: dict[str, str]
) -> None:
    caption = attribute.name
    if attribute.kind not in ("choice", "choices") and attribute.default is not None:
        caption += f" (default: {value_text(attribute.default)})"
    _add(_box(row, "name"), "Header", {"value": _literal(caption), "size": "5"})
    if attribute.kind == "integer":
        number = _add(row, "Number", {"name": attribute.name, "toName": TEXT, **condition})
        if key := keys.integers[attribute.name]:
            number.set("hotkey", key)
    elif attribute.kind in ("text", "date"):
        placeholder = _DATE_FORM if attribute.kind == "date" else attribute.definition
        _add_words(row, attribute.name, placeholder, condition)
    else:
        choice = "multiple" if attribute.kind == "choices" else "single-radio"
        names = {"name": attribute.name, "toName": TEXT, "choice": choice, "layout": "inline"}
        choices = _add(row, "Choices", {**names, **condition})
        _add_choices(choices, attribute, keys)
        add_former_choices(choices, attribute, former(schema), _KEYLESS)


def _add_choices(choices: Element, attribute: Attribute, keys: Hotkeys) -> None:
    defaults = attribute.default if isinstance(attribute.default, list) else [attribute.default]
    for value, definition in attribute.values.items():
        choice = _add(choices, "Choice", {"value": value})
        if key := keys.choices[attribute.name][value]:
            choice.set("hotkey", key)
        if value in defaults:
            choice.set("html", _clean(f"<u>{escape(value)}</u>"))
            choice.set("hint", _words(f"default: leave unset. {definition}"))
        else:
            choice.set("hint", _words(definition))


def _add_words(row: Element, name: str, placeholder: str, condition: dict[str, str]) -> None:
    box = {"placeholder": _words(placeholder), "maxSubmissions": "1", "rows": "1", "editable": "true"}
    _add(row, "TextArea", {"name": name, "toName": TEXT, **condition, **box})


def _add_reasons(parent: Element) -> None:
    """Ask why readings differ, of the selected region, else of the article."""
    for name, visible in ((REASON, "region-selected"), (ARTICLE_REASON, "no-region-selected")):
        row = _box(parent, "row why")
        row.set("visibleWhen", visible)
        _add(_box(row, "name"), "Header", {"value": "why readings differ", "size": "5"})
        names = {"name": name, "toName": TEXT, "choice": "single-radio", "layout": "inline"}
        choices = _add(row, "Choices", names | ({"perRegion": "true"} if name == REASON else {}))
        for number, (code, meaning) in enumerate(REASON_CODES.items()):
            key = f"{_KEYLESS}{name}{number}"
            _add(choices, "Choice", {"value": code, "hint": _words(meaning), "hotkey": key})


def _add_stamps(page: Element, stamp: str, earlier: Sequence[str]) -> None:
    hidden = _add(page, "View", {"style": "display:none"})
    choices = _add(hidden, "Choices", {"name": SCHEMA, "toName": TEXT, "choice": "single"})
    for number, value in enumerate(dict.fromkeys([stamp, *earlier])):
        choice = _add(choices, "Choice", {"value": value, "hotkey": f"{_KEYLESS}{number}"})
        if value == stamp:
            choice.set("selected", "true")


def _add_relations(page: Element, schema: EventSchema) -> None:
    uses = [use for event_type in schema.event_types.values() for use in event_type.roles.values()]
    roles = {use.role for use in uses if use.event_fillers}
    relations = _add(page, "Relations", {"choice": "single"})
    in_use = [SAME_EVENT, *schema.links, *(role for role in schema.roles if role in roles)]
    for name in (*in_use, *former(schema).links):
        _add(relations, "Relation", {"value": name})


def _box(parent: Element, name: str) -> Element:
    return _add(parent, "View", {"className": name})


def _add(parent: Element, tag: str, attributes: Mapping[str, str]) -> Element:
    return SubElement(parent, tag, {key: _clean(value) for key, value in attributes.items()})


def _clean(text: str) -> str:
    """Put the replacement character for what XML can't hold."""
    return _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text)


def _words(text: str) -> str:
    """Keep free text in an attribute from being read as yes or no, which breaks the page."""
    return _clean(text) + ("." if text in ("true", "false") else "")


def _literal(text: str) -> str:
    """Keep ``$100`` from being read as a field of the task: an invisible word joiner breaks the name."""
    return _FIELD.sub("$\N{WORD JOINER}", text)
