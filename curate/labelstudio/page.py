"""The labelling page: everything an event schema asks, as the XML that Label Studio shows.

Why the page is as it is: one ``Labels`` control, so that no span gets a label of two kinds; attributes under
the labels, so that the text never moves; the page scrolls and not a box inside it, because arrows are drawn
over the whole page; no attribute is required or preselected, so that the usual case costs no click.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from itertools import cycle
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from curate.schema.hotkeys import Hotkeys, assign, shown
from curate.schema.instructions import guidelines_markdown, value_text
from curate.schema.model import SAME_EVENT, Attribute, EventSchema

LABEL = "label"
"""The control of types and roles."""

TEXT = "text"
"""The article's text, to which every control belongs."""

SCHEMA = "schema"
"""The hidden control that stamps an annotation with the schema it was made under."""

NOTE = "note"
"""The free words on a region."""

_GROUP_COLOURS = ("#cf222e", "#0550ae", "#953800", "#6639ba", "#116329", "#99286e", "#1b7c83", "#7d4e00")
_ROLE_COLOURS = ("#57606a", "#7a6a2f", "#4f7358", "#4a6d8c", "#7d5a7d", "#8a5a44")

_STYLE = """
.cur .lsf-labels{display:block;margin:4px 0}
.cur .ant-input{font-size:12px}
.body{display:flex;gap:12px;align-items:flex-start}
.left{flex:0 0 250px;position:sticky;top:0;max-height:calc(100vh - 164px);overflow-y:auto;overflow-x:hidden}
.main{flex:1;min-width:0}
.cols{display:flex;gap:6px}
.col{flex:1 1 50%;min-width:0}
.cols .lsf-label{display:flex;width:100%;height:21px;margin:0 0 2px 0;padding:0 4px 0 5px;font-size:12px;\
line-height:21px;box-sizing:border-box}
.cols .lsf-label__text{flex:1;min-width:0;overflow:hidden}
.cols .lsf-label__text div{display:flex;justify-content:space-between;align-items:center;height:21px}
.cols .lsf-label__text i{font-style:normal;overflow:hidden;text-overflow:ellipsis}
.cols .lsf-label__hotkey{display:none}
.cols kbd{font:11px/21px monospace;opacity:.65;background:none;color:inherit;border:0;padding:0;\
box-shadow:none;top:0}
.hd *{margin:2px 0 3px 0 !important;font-size:11px !important;line-height:14px !important;\
text-transform:uppercase;letter-spacing:.06em}
.row{margin:0 0 3px 0}
.cap *{margin:0 !important;font-size:11px !important;line-height:15px !important;opacity:.7}
.row .lsf-choices{display:flex;flex-wrap:wrap;margin:0;gap:0 8px}
.row .lsf-choice,.row .lsf-choice__item{margin:0;padding:0}
.row .ant-radio-wrapper,.row .ant-checkbox-wrapper{font-size:12px;margin:0;line-height:19px;\
white-space:nowrap}
.row .ant-radio-wrapper span,.row .ant-checkbox-wrapper span{padding-inline:0 0;padding-left:2px;\
padding-right:0}
.row .lsf-hint{opacity:.6}
.hint *{margin:0 0 4px 0 !important;opacity:.65;font-size:12px !important;font-weight:400 !important;\
line-height:17px !important}
.guide h3,.guide h4{font-size:12px;line-height:17px;margin:8px 0 2px}
.guide p,.guide li{font-size:12px;line-height:17px;margin:0 0 2px}
.txt .lsf-richtext__container{font-size:15px;line-height:27px}
.relations-overlay [class*=relationItem]{opacity:.3}
.relations-overlay [class*=_highlighted]{opacity:1}
.fix{position:sticky;top:0;z-index:101;background:#fff;max-height:118px;overflow-y:auto;margin:0 0 4px 0}
.fix p,.fix li{margin:0;font-size:13px;line-height:19px}
.fix ul,.fix ol{margin:0;padding-left:18px}
.fix code{background:#fff3b0;font-family:inherit;font-size:13px;padding:0 3px}
"""

_HINT = (
    "Drag over the words, press the key. The selected span's attributes appear here; an underlined value is "
    "the default: leave it unset."
)

_DATE_FORM = "YYYY, YYYY-MM or YYYY-MM-DD"

# Label Studio gives a control without a key the next free letter. No stray key may change the stamp, so it
# gets keys that begin with a sign no keyboard sends.
_KEYLESS = "∅"

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_FIELD = re.compile(r"\$(?=[\w\[\].{}])", re.ASCII)


def labelling_page(schema: EventSchema, earlier_stamps: Sequence[str] = ()) -> str:
    """Write the page for a schema as XML: the same for the same schema, in a form the server keeps as it is.

    ``earlier_stamps`` name the schemas under which annotations of the project were made before; the server
    refuses a page without a value that is in use.
    """
    keys = assign(schema)
    page = Element("View", className="cur")
    SubElement(page, "Style").text = _STYLE + _bold(schema.event_types)
    body = _box(page, "body")
    left = _box(body, "left")
    _add(
        left,
        "Filter",
        {
            "name": "find",
            "toName": LABEL,
            "hotkey": "shift+f",
            "minlength": "1",
            "placeholder": "find a label: shift+F",
        },
    )
    _add_labels(left, schema, keys)
    _add_article_view(left, schema, keys)
    _add_region_rows(left, schema, keys)
    main = _box(body, "main")
    _add(_box(main, "fix"), "Markdown", {"value": "$message"})
    _add(
        _box(main, "txt"),
        "Text",
        {"name": TEXT, "value": "$text", "granularity": schema.selection, "showLabels": "true"},
    )
    _add_stamps(page, schema.stamp, earlier_stamps)
    _add_relations(page, schema)
    indent(page, " ")
    return tostring(page, encoding="unicode")


def _bold(types: Iterable[str]) -> str:
    selectors = ",".join(f'.htx-highlight[data-label$=":{name}"]' for name in types)
    return selectors + "{font-weight:700}\n"


def _add_labels(parent: Element, schema: EventSchema, keys: Hotkeys) -> None:
    labels = _add(parent, "Labels", {"name": LABEL, "toName": TEXT, "showInline": "false"})
    columns = _box(labels, "cols")
    events = _column(columns, "Events")
    groups = dict.fromkeys(event_type.group for event_type in schema.event_types.values())
    colours = dict(zip(groups, cycle(_GROUP_COLOURS), strict=False))
    for event_type in schema.event_types.values():
        colour = event_type.colour or colours[event_type.group]
        label = _label(events, event_type.name, keys.types[event_type.name], colour)
        if event_type.roles:
            label.set("groupCanContain", ",".join(event_type.roles))
    roles = _column(columns, "Roles")
    for role, colour in zip(schema.roles.values(), cycle(_ROLE_COLOURS), strict=False):
        _label(roles, role.name, keys.roles[role.name], role.colour or colour)


def _column(parent: Element, title: str) -> Element:
    column = _box(parent, "col")
    _add(_box(column, "hd"), "Header", {"value": title, "size": "5"})
    return column


def _label(parent: Element, name: str, key: str | None, colour: str) -> Element:
    label = _add(parent, "Label", {"value": name})
    html = f"<i>{escape(name)}</i>"
    if key:
        label.set("hotkey", key)
        html += f"<kbd>{escape(shown(key))}</kbd>"
    label.set("background", colour)
    label.set("html", html)
    return label


def _add_article_view(parent: Element, schema: EventSchema, keys: Hotkeys) -> None:
    view = _add(parent, "View", {"visibleWhen": "no-region-selected"})
    _add(_box(view, "hint"), "Header", {"value": _HINT, "size": "5"})
    for attribute in schema.attributes_on("article"):
        _add_attribute(_box(view, "row"), attribute, keys, {})
    panel = _add(_add(view, "Collapse", {"open": "false"}), "Panel", {"value": "Guidelines"})
    _add(_box(panel, "guide"), "Markdown", {"value": _literal(guidelines_markdown(schema))})


def _add_region_rows(parent: Element, schema: EventSchema, keys: Hotkeys) -> None:
    for on, names in (("trigger", schema.event_types), ("argument", schema.roles)):
        for attribute in schema.attributes_on(on):
            labels = ",".join(name for name in names if attribute.applies(name))
            # Both the row and the control need the condition: the row hides the caption, the control keeps a
            # value from being sent for a region whose label was changed.
            condition = {"visibleWhen": "region-selected", "whenTagName": LABEL, "whenLabelValue": labels}
            row = _box(parent, "row")
            row.attrib.update(condition)
            _add_attribute(row, attribute, keys, {"perRegion": "true", **condition})
    row = _box(parent, "row")
    row.set("visibleWhen", "region-selected")
    _add_text(row, NOTE, "note", {"perRegion": "true"})


def _add_attribute(row: Element, attribute: Attribute, keys: Hotkeys, condition: dict[str, str]) -> None:
    caption = attribute.name
    if attribute.kind not in ("choice", "choices") and attribute.default is not None:
        caption += f" (default: {value_text(attribute.default)})"
    _add(_box(row, "cap"), "Header", {"value": _literal(caption), "size": "5"})
    if attribute.kind == "integer":
        number = _add(row, "Number", {"name": attribute.name, "toName": TEXT, **condition})
        if key := keys.integers[attribute.name]:
            number.set("hotkey", key)
    elif attribute.kind in ("text", "date"):
        placeholder = _DATE_FORM if attribute.kind == "date" else attribute.definition
        _add_text(row, attribute.name, placeholder, condition)
    else:
        choice = "multiple" if attribute.kind == "choices" else "single-radio"
        names = {"name": attribute.name, "toName": TEXT, "choice": choice, "layout": "inline"}
        _add_choices(_add(row, "Choices", {**names, **condition}), attribute, keys)


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


def _add_text(row: Element, name: str, placeholder: str, condition: dict[str, str]) -> None:
    box = {"placeholder": _words(placeholder), "maxSubmissions": "1", "rows": "1", "editable": "true"}
    _add(row, "TextArea", {"name": name, "toName": TEXT, **condition, **box})


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
    for name in (SAME_EVENT, *schema.links, *(role for role in schema.roles if role in roles)):
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
