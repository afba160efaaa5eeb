"""To which event an argument belongs, and what an arrow between two triggers means.

An argument belongs to, first that applies: every trigger an arrow connects it to; the trigger it is nested under;
the last trigger drawn by hand before it, when both stand in one sentence and the role is legal there.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from curate.labelstudio.results import PREDICTED, Arrow, Contents, Region
from curate.schema.model import SAME_EVENT, EventSchema
from curate.text import in_one_sentence


@dataclass(frozen=True)
class Attachment:
    """A role span's place in one event; ``arrow`` is the item that drew it, if one did."""

    region: str
    trigger: str
    role: str
    by: str
    arrow: str | None = None


@dataclass(frozen=True)
class Connection:
    """An arrow between two triggers: a role, a link or ``same_event``, read from source to target."""

    item: str
    source: str
    target: str
    label: str


@dataclass
class Structure:
    """How the regions of one reading hang together."""

    attachments: list[Attachment] = field(default_factory=list)
    connections: list[Connection] = field(default_factory=list)


def structure_of(contents: Contents, text: str, schema: EventSchema) -> Structure:
    """Resolve every arrow, nesting and drawing order; what can't be resolved is reported in ``contents``."""
    structure = Structure()
    attached: dict[str, list[Attachment]] = {}
    for arrow in contents.arrows:
        _resolve_arrow(arrow, contents, schema, structure, attached)
    last: Region | None = None
    for region in sorted(contents.regions.values(), key=lambda region: region.order):
        if region.label in schema.event_types:
            if region.origin not in PREDICTED:
                last = region
            continue
        if region.id in attached:
            structure.attachments += attached[region.id]
        else:
            structure.attachments += _without_arrow(region, last, text, contents, schema)
    return structure


def _resolve_arrow(
    arrow: Arrow,
    contents: Contents,
    schema: EventSchema,
    structure: Structure,
    attached: dict[str, list[Attachment]],
) -> None:
    source, target = contents.regions.get(arrow.source), contents.regions.get(arrow.target)
    where = f"arrow {arrow.source} > {arrow.target}"
    if {arrow.source, arrow.target} & contents.unreadable - set(contents.regions):
        return
    if source is None or target is None:
        contents.report("arrow-dangling", where, "An end of this arrow is missing or unreadable; draw it again.")
    elif source is target:
        contents.report("arrow-self", where, f"The arrow leads from {source.where} to itself; delete it.")
    elif len(arrow.labels) > 1:
        contents.report("arrow-labels", where, f"An arrow takes one label, this has {', '.join(arrow.labels)}.")
    elif source.label in schema.event_types and target.label in schema.event_types:
        _connect(arrow, source, target, contents, schema, structure)
    elif source.label in schema.roles and target.label in schema.roles:
        contents.report("arrow-between-arguments", where, "An arrow needs a trigger at one end; delete it.")
    else:
        trigger, span = (source, target) if source.label in schema.event_types else (target, source)
        role = arrow.labels[0] if arrow.labels else span.label
        if role not in schema.roles:
            contents.report("arrow-label", where, f"{role!r} is no role; an arrow to an argument takes a role.")
        elif role not in schema.event_types[trigger.label].roles:
            contents.report("role-not-allowed", where, _not_allowed(role, trigger, schema))
        else:
            found = Attachment(span.id, trigger.id, role, "arrow", arrow.item)
            attached.setdefault(span.id, []).append(found)
            return
        # A span with a wrong arrow is not attached by other means as well.
        attached.setdefault(span.id, [])


def _connect(
    arrow: Arrow,
    source: Region,
    target: Region,
    contents: Contents,
    schema: EventSchema,
    structure: Structure,
) -> None:
    where = f"arrow {arrow.source} > {arrow.target}"
    label = arrow.labels[0] if arrow.labels else schema.default_link
    if arrow.direction == "left":
        source, target = target, source
    if label in schema.roles:
        if arrow.direction == "bi":
            contents.report("arrow-direction", where, "A role has one direction; turn the arrow into one way.")
        elif label not in schema.event_types[source.label].roles:
            contents.report("role-not-allowed", where, _not_allowed(label, source, schema))
        elif target.label not in schema.event_types[source.label].roles[label].event_fillers:
            contents.report("filler-not-allowed", where, f"{label} of {source.label} takes no {target.label}.")
        else:
            structure.connections.append(Connection(arrow.item, source.id, target.id, label))
        return
    link = schema.links.get(label)
    if label != SAME_EVENT and link is None:
        contents.report("arrow-label", where, f"{label!r} is no link and no role of {schema.stamp}.")
    elif arrow.direction == "bi" and link is not None and not link.symmetric:
        contents.report("arrow-direction", where, f"{label} has a direction; turn the arrow into one way.")
    elif link is not None and not link.joins(source.label, target.label):
        contents.report("link-types", where, f"{label} may not join {source.label} to {target.label}; delete it.")
    elif link is None and source.label != target.label:
        contents.report(
            "cluster-types",
            where,
            f"{source.label} and {target.label} can't be one happening; delete the arrow.",
        )
    else:
        structure.connections.append(Connection(arrow.item, source.id, target.id, label))


def _without_arrow(
    region: Region,
    last: Region | None,
    text: str,
    contents: Contents,
    schema: EventSchema,
) -> list[Attachment]:
    if region.parent in contents.unreadable:
        return []
    if region.parent is not None:
        parent = contents.regions.get(region.parent)
        if parent is None or parent.label not in schema.event_types:
            contents.report("parent-invalid", region.where, "It is nested under no trigger; nest it under one.")
        elif region.label not in schema.event_types[parent.label].roles:
            contents.report("role-not-allowed", region.where, _not_allowed(region.label, parent, schema))
        else:
            return [Attachment(region.id, parent.id, region.label, "nesting")]
        return []
    why = _why_not(region, last, text, schema)
    if why or last is None:
        contents.report("argument-unattached", region.where, f"{why} Draw an arrow from it to its trigger.")
        return []
    return [Attachment(region.id, last.id, region.label, "order")]


def _why_not(region: Region, last: Region | None, text: str, schema: EventSchema) -> str:
    """Say why drawing order attaches nothing; empty when it does."""
    if schema.attach == "explicit":
        return "The schema asks for arrows or nesting."
    if last is None:
        return "It was drawn before any trigger."
    if not in_one_sentence(text, region.start, last.start):
        return f"The trigger drawn before it, {last.where}, stands in another sentence."
    if region.label not in schema.event_types[last.label].roles:
        return f"The trigger drawn before it, {last.where}, takes no {region.label}."
    return ""


def _not_allowed(role: str, trigger: Region, schema: EventSchema) -> str:
    legal = ", ".join(schema.event_types[trigger.label].roles) or "none"
    return f"{trigger.label} takes no {role} (its roles: {legal}); relabel it or attach it elsewhere."
