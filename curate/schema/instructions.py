"""What annotators read: the instructions of a project, and the guidelines as Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from html import escape

from curate.records import Value
from curate.schema.examples import drawn_example
from curate.schema.hotkeys import Hotkeys, assign, shown
from curate.schema.model import SAME_EVENT, Attribute, EventSchema, EventType, LinkType, RoleUse

_MARKDOWN = re.compile(r"[\\`*_\[\]<>&|~#]")
_HEADING = re.compile(r"#{1,6}\s+(.*)")
_BULLET = re.compile(r"\s*[-*+]\s+(.*)")
_EMPHASIS = re.compile(r"`(?P<code>[^`]+)`|\*\*(?P<bold>[^`*]+)\*\*")
# Label Studio's own classes: without them its instructions show headings and lists like any other line.
_HEADING_LOOK = "text-headline-small font-semibold mt-base mb-tight"
_PARAGRAPH_LOOK = "mb-tight"
_ITEM_LOOK = "ml-base mb-tight"
_LIST_LOOKS = {"ol": "list-decimal pl-base mb-base", "ul": "list-disc pl-base mb-base"}
_ONS = {"trigger": "Of events", "argument": "Of arguments", "article": "Of the article"}


def instructions_html(schema: EventSchema) -> str:
    """Write the instructions that Label Studio shows before the work begins, as one HTML fragment.

    It holds nothing that the server's cleaning of HTML would change.
    """
    keys = assign(schema)
    parts = [_paragraph(f"<b>{escape(schema.title)}.</b> {_line(schema.description)}")]
    parts += [_heading("How to work"), _items("ol", _working(schema))]
    parts += [_heading("Event types"), *_types_html(schema, keys)]
    parts += [_heading("Roles"), _items("ul", _roles_html(schema, keys))]
    if schema.attributes:
        parts += [_heading("Attributes"), _paragraph("An attribute left unset holds its default.")]
        parts.append(_items("ul", (_attribute_html(a, keys) for a in schema.attributes.values())))
    parts += [_heading("Links"), _items("ul", _links_html(schema))]
    if schema.guidelines.strip():
        parts += [_heading("Guidelines"), _guidelines_html(schema.guidelines)]
    return "".join(parts)


def guidelines_markdown(schema: EventSchema) -> str:
    """Write definitions and guidelines as Markdown without tables, for the page and for a dataset card.

    Keys are left out: the page shows them beside the labels.
    """
    blocks = ["### Event types", *_types_markdown(schema)]
    blocks += ["### Roles", "\n".join(_roles_markdown(schema))]
    for on, title in _ONS.items():
        attributes = schema.attributes_on(on)
        if attributes:
            blocks += [f"### {title}", "\n".join(_attribute_markdown(a) for a in attributes)]
    blocks += ["### Links", "\n".join(_links_markdown(schema))]
    if schema.guidelines.strip():
        blocks += ["### Guidelines", schema.guidelines.strip()]
    return "\n\n".join(blocks) + "\n"


def value_text(value: Value) -> str:
    """Write an attribute's value for people: several joined by commas, nothing for none."""
    return ", ".join(value) if isinstance(value, list) else "" if value is None else str(value)


def _working(schema: EventSchema) -> Iterator[str]:
    yield (
        "Begin with <b>Label All Tasks</b>: there each article comes with an annotation of your own. One opened from "
        "the list shows the first annotation it has, also another person's; the + beside it begins yours."
    )
    yield (
        "Where the tab <b>Sent back</b> stands left of the others, begin there: open each task, mend what the message "
        "above its text names, and press Update. New articles are under the other tab."
    )
    yield (
        "Once, in each browser: open the settings of the editor (the sliders at the bottom), switch on "
        "<b>Select region after creating it</b>, and close them. A span then stays selected when it is drawn."
    )
    yield (
        "Draw the <b>trigger</b>, the words that name the event most clearly: drag over them (or "
        "double-click a word), then press the key of the event type. With nothing selected "
        "press the key first."
    )
    arguments = "Then draw its <b>arguments</b> in the same way: drag, and press the key of the role. "
    if schema.attach == "explicit":
        yield (
            arguments + "Connect each to its trigger: with the argument selected press Alt+R and click the "
            "trigger, or drag its row under the trigger's row in the list of regions."
        )
    else:
        yield (
            arguments + "An argument belongs to the last trigger drawn before it, in the same sentence. Where "
            "it does not, connect it: with the argument selected press Alt+R and click its trigger, or drag "
            "its row under the trigger's row in the list of regions."
        )
    yield (
        "A key pressed while a span is selected changes the label of that span: drag first, then press the key. "
        "Escape or U unselects. To move an end of the selected span, drag the knob at it."
    )
    yield (
        "Deleting a trigger leaves its arguments: delete them too, or connect them to another. What Ctrl+Z brings back "
        "counts as drawn last."
    )
    if any(use.event_fillers for t in schema.event_types.values() for use in t.roles.values()):
        yield (
            "Where an event is itself the argument of another, draw the role's span exactly over the trigger "
            "of that event, or draw an arrow between the two triggers and give it the role."
        )
    yield (
        "Words that play a part in two events are drawn once for each, or once with an arrow to each of the triggers."
    )
    yield (
        "With a span selected, its attributes stand under the labels. The default is underlined and holds as long "
        "as nothing is set: leave it unset and set only what differs. The same key again takes a value back."
    )
    yield (
        f"An arrow between two triggers (Alt+R, from the source to the target) means "
        f"<code>{escape(schema.default_link)}</code> unless you choose another link in the Relations tab."
    )
    if schema.selection == "symbol":
        yield "Take care where a span begins and ends: no half words, no spaces at its edges."
    yield "A note beside a span says what you were unsure of. Ctrl+Enter submits, Ctrl+Space skips the article."


def _types_html(schema: EventSchema, keys: Hotkeys) -> Iterator[str]:
    if any(event_type.examples for event_type in schema.event_types.values()):
        yield _paragraph(
            "In the examples triggers are bold and arguments underlined; what they are is raised behind them."
        )
    for event_type in schema.event_types.values():
        key = _in_brackets(escape(shown(keys.types[event_type.name])))
        yield _paragraph(f"<b>{escape(event_type.name)}</b>{key}: {_line(event_type.definition)}")
        yield _items("ul", _about_type(event_type))


def _about_type(event_type: EventType) -> Iterator[str]:
    if event_type.trigger_words:
        yield f"Triggers: <i>{_line(', '.join(event_type.trigger_words))}</i>"
    if event_type.roles:
        roles = (f"{escape(use.role)}{_in_brackets(escape(_limits(use)))}" for use in event_type.roles.values())
        yield f"Roles: {', '.join(roles)}"
    for example in event_type.examples:
        yield drawn_example(example, escape)


def _roles_html(schema: EventSchema, keys: Hotkeys) -> Iterator[str]:
    for role in schema.roles.values():
        key = _in_brackets(escape(shown(keys.roles[role.name])))
        yield f"<b>{escape(role.name)}</b>{key}: {_line(role.definition)}"


def _attribute_html(attribute: Attribute, keys: Hotkeys) -> str:
    scope = _in_brackets(escape(_scope(attribute, keys)))
    head = f"<b>{escape(attribute.name)}</b>{scope}: {_line(attribute.definition)}"
    values = [
        f"<b>{escape(value)}</b>{_in_brackets(escape(_note(attribute, value, keys)))}: {_line(definition)}"
        for value, definition in attribute.values.items()
    ]
    return head + (_items("ul", values) if values else "")


def _links_html(schema: EventSchema) -> Iterator[str]:
    yield f"<b>{SAME_EVENT}</b>: both mentions are one and the same happening."
    for link in schema.links.values():
        between = _in_brackets(escape(_between(link, schema)))
        yield f"<b>{escape(link.name)}</b>{between}: {_line(link.definition)}"


def _guidelines_html(markdown: str) -> str:
    """Turn headings, lists, bold and code into HTML; everything else stays as it is written."""
    parts: list[str] = []
    for block in re.split(r"\n\s*\n", markdown.strip("\n")):
        lines: list[str] = []
        for line in block.split("\n"):
            if heading := _HEADING.fullmatch(line.strip()):
                lines.append(f"<b>{_inline(heading[1])}</b>")
            elif bullet := _BULLET.fullmatch(line):
                lines.append(f"• {_inline(bullet[1])}")
            else:
                lines.append(_inline(line.strip()))
        parts.append(_paragraph("<br>".join(lines)))
    return "".join(parts)


def _inline(text: str) -> str:
    def tagged(match: re.Match[str]) -> str:
        return f"<code>{match['code']}</code>" if match["code"] else f"<b>{match['bold']}</b>"

    return _EMPHASIS.sub(tagged, escape(text))


def _heading(text: str) -> str:
    return f'<h4 class="{_HEADING_LOOK}">{text}</h4>'


def _paragraph(html: str) -> str:
    return f'<p class="{_PARAGRAPH_LOOK}">{html}</p>'


def _items(tag: str, items: Iterable[str]) -> str:
    entries = "".join(f'<li class="{_ITEM_LOOK}">{item}</li>' for item in items)
    return f'<{tag} class="{_LIST_LOOKS[tag]}">{entries}</{tag}>' if entries else ""


def _line(text: str) -> str:
    return escape(" ".join(text.split()))


def _types_markdown(schema: EventSchema) -> Iterator[str]:
    for group in dict.fromkeys(event_type.group for event_type in schema.event_types.values()):
        if group:
            yield f"#### {markdown_line(group)}"
        members = [t for t in schema.event_types.values() if t.group == group]
        yield "\n".join(_type_markdown(event_type) for event_type in members)


def _type_markdown(event_type: EventType) -> str:
    lines = [f"- **{markdown_line(event_type.name)}**: {markdown_line(event_type.definition)}"]
    if event_type.trigger_words:
        lines.append(f"  - Triggers: {markdown_line(', '.join(event_type.trigger_words))}")
    if event_type.roles:
        roles = ", ".join(
            f"{markdown_line(use.role)}{_in_brackets(markdown_line(_limits(use)))}" for use in event_type.roles.values()
        )
        lines.append(f"  - Roles: {roles}")
    lines += [f"  - {drawn_example(example, _marked_off)}" for example in event_type.examples]
    return "\n".join(lines)


def _roles_markdown(schema: EventSchema) -> Iterator[str]:
    for role in schema.roles.values():
        yield f"- **{markdown_line(role.name)}**: {markdown_line(role.definition)}"


def _attribute_markdown(attribute: Attribute) -> str:
    scope = _in_brackets(markdown_line(_scope(attribute)))
    head = f"- **{markdown_line(attribute.name)}**{scope}: {markdown_line(attribute.definition)}"
    values = [
        f"  - {_code(value)}{_in_brackets(markdown_line(_note(attribute, value)))}: {markdown_line(definition)}"
        for value, definition in attribute.values.items()
    ]
    return "\n".join([head, *values])


def _links_markdown(schema: EventSchema) -> Iterator[str]:
    yield f"- **{markdown_line(SAME_EVENT)}**: both mentions are one and the same happening."
    for link in schema.links.values():
        between = _in_brackets(markdown_line(_between(link, schema)))
        yield f"- **{markdown_line(link.name)}**{between}: {markdown_line(link.definition)}"


def markdown_line(text: str) -> str:
    """Write text so that Markdown shows it as it is, on one line."""
    return _marked_off(" ".join(text.split()))


def _marked_off(text: str) -> str:
    return _MARKDOWN.sub(r"\\\g<0>", text)


def _code(text: str) -> str:
    text = " ".join(text.split())
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * (longest + 1)
    return f"{fence} {text} {fence}" if longest else f"`{text}`"


def _limits(use: RoleUse) -> str:
    said = []
    if use.required or use.expected:
        said.append("required" if use.required else "expected")
    if use.maximum is not None:
        said.append(f"at most {use.maximum}")
    if use.event_fillers:
        said.append("words or an event" if use.span_filler else "an event")
    return ", ".join(said)


def _scope(attribute: Attribute, keys: Hotkeys | None = None) -> str:
    said = ["one answer for all mentions of an event"] if attribute.level == "event" else []
    if attribute.applies_to:
        said.append("only " + ", ".join(sorted(attribute.applies_to)))
    if attribute.kind in ("text", "integer", "date"):
        said.append({"text": "text", "integer": "a number", "date": "YYYY, YYYY-MM or YYYY-MM-DD"}[attribute.kind])
        if attribute.default is not None:
            said.append(f"default {value_text(attribute.default)}")
    if attribute.kind == "choices":
        said.append("any number of values")
    if keys:
        said.append(shown(keys.integers.get(attribute.name)))
    return "; ".join(part for part in said if part)


def _note(attribute: Attribute, value: str, keys: Hotkeys | None = None) -> str:
    default = attribute.default if isinstance(attribute.default, list) else [attribute.default]
    said = [shown(keys.choices[attribute.name][value])] if keys else []
    said += ["default"] if value in default else []
    return ", ".join(part for part in said if part)


def _between(link: LinkType, schema: EventSchema) -> str:
    said = ["works both ways"] if link.symmetric else []
    if link.sources or link.targets:
        source, target = (
            " or ".join(name for name in schema.event_types if name in ends) or "any event"
            for ends in (link.sources, link.targets)
        )
        said.append(f"from {source} to {target}")
    return "; ".join(said)


def _in_brackets(text: str) -> str:
    return f" ({text})" if text else ""
