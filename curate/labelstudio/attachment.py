"""To which event an argument belongs, and what an arrow between two triggers means.

An argument belongs to, first that applies: every trigger an arrow connects it to; the trigger it is nested under;
the last trigger drawn by hand before it, when both stand in one sentence and the role is legal there.
"""

from __future__ import annotations

import msgspec

from curate.labelstudio.contents import PREDICTED, Arrow, Blank, Contents, Region
from curate.records import Item
from curate.schema.model import SAME_EVENT, EventSchema, RoleUse
from curate.text import in_one_sentence


class Attachment(msgspec.Struct, frozen=True, gc=False):
    """A role span's place in one event; ``arrow`` is the item that drew it, if one did."""

    region: Region
    trigger: Region
    use: RoleUse
    by: str
    arrow: Item | None = None


class Connection(msgspec.Struct, frozen=True, gc=False):
    """An arrow between two triggers: a role, a link or ``same_event``, read from source to target."""

    item: Item
    source: Region
    target: Region
    label: str


class Structure(msgspec.Struct):
    """How the regions of one reading hang together."""

    attachments: list[Attachment] = []
    connections: list[Connection] = []


def structure_of(contents: Contents, text: str, schema: EventSchema) -> Structure:
    """Resolve every arrow, nesting and drawing order; what can't be resolved is reported in ``contents``."""
    structure = Structure()
    attached: dict[str, list[Attachment]] = {}
    cut: dict[str, str] = {}
    unreadable = contents.unreadable
    for arrow in contents.arrows:
        if unreadable and (arrow.source in unreadable or arrow.target in unreadable):
            gone = unreadable.get(arrow.source) or unreadable[arrow.target]
            contents.hanging[arrow.item.id] = gone
            _leave_hanging(arrow, gone, contents, attached, cut)
        else:
            _resolve_arrow(arrow, contents, schema, structure, attached, cut)
    last: Region | Blank | None = None
    drawn: list[Region | Blank] = [*contents.regions.values(), *contents.blanks]
    for region in sorted(drawn, key=lambda one: one.order) if contents.blanks else drawn:
        if isinstance(region, Blank):
            last = region if region.by_hand else last
        elif region.is_trigger:
            last = last if region.origin in PREDICTED else region
        elif region.id in attached:
            structure.attachments += attached[region.id]
            if not attached[region.id] and region.id in cut:
                contents.hanging[region.item.id] = cut[region.id]
        else:
            attachment = _without_arrow(region, last, text, contents, schema)
            if attachment:
                structure.attachments.append(attachment)
    return structure


def _leave_hanging(
    arrow: Arrow,
    gone: str,
    contents: Contents,
    attached: dict[str, list[Attachment]],
    cut: dict[str, str],
) -> None:
    """Keep an argument at the other end of a broken arrow from being attached by other means."""
    for end in (arrow.source, arrow.target):
        if end in contents.regions and not contents.regions[end].is_trigger:
            attached.setdefault(end, [])
            cut[end] = gone


def _resolve_arrow(
    arrow: Arrow,
    contents: Contents,
    schema: EventSchema,
    structure: Structure,
    attached: dict[str, list[Attachment]],
    cut: dict[str, str],
) -> None:
    source, target = contents.regions.get(arrow.source), contents.regions.get(arrow.target)
    if source is None or target is None:
        contents.report("arrow-dangling", arrow.where, "An end of this arrow is missing; draw it again.", arrow.item)
        _leave_hanging(arrow, arrow.item.id, contents, attached, cut)
    elif source is target:
        told = f"The arrow leads from {source.where} to itself; delete it."
        contents.report("arrow-self", arrow.where, told, arrow.item)
    elif len(arrow.labels) > 1:
        told = f"An arrow takes one label, this has {', '.join(arrow.labels)}; choose one."
        contents.report("arrow-labels", arrow.where, told, arrow.item)
    elif source.is_trigger and target.is_trigger:
        _connect(arrow, source, target, contents, schema, structure)
    elif not source.is_trigger and not target.is_trigger:
        told = "An arrow needs a trigger at one end; delete it."
        contents.report("arrow-between-arguments", arrow.where, told, arrow.item)
    else:
        trigger, span = (source, target) if source.is_trigger else (target, source)
        role = arrow.labels[0] if arrow.labels else span.label
        # A span with a wrong arrow is not attached by other means as well.
        attachments = attached.setdefault(span.id, [])
        if use := trigger.takes.get(role):
            attachments.append(Attachment(span, trigger, use, "arrow", arrow.item))
            return
        cut[span.id] = arrow.item.id
        if role in schema.roles:
            contents.report("role-not-allowed", arrow.where, _not_allowed(role, trigger), arrow.item)
        else:
            told = f"{role!r} is no role, and an arrow to an argument takes one; change its label."
            contents.report("arrow-label", arrow.where, told, arrow.item)


def _connect(
    arrow: Arrow,
    source: Region,
    target: Region,
    contents: Contents,
    schema: EventSchema,
    structure: Structure,
) -> None:
    label = arrow.labels[0] if arrow.labels else schema.default_link
    if arrow.direction == "left":
        source, target = target, source
    if label in schema.roles:
        if arrow.direction == "bi":
            told = "A role has one direction; turn the arrow into one way."
            contents.report("arrow-direction", arrow.where, told, arrow.item)
        elif label not in source.takes:
            contents.report("role-not-allowed", arrow.where, _not_allowed(label, source), arrow.item)
        elif target.label not in source.takes[label].event_fillers:
            told = f"{label} of {source.label} takes no {target.label}; delete the arrow."
            contents.report("filler-not-allowed", arrow.where, told, arrow.item)
        else:
            structure.connections.append(Connection(arrow.item, source, target, label))
        return
    link = schema.links.get(label)
    if label != SAME_EVENT and link is None:
        told = f"{label!r} is no link and no role of {schema.stamp}; change its label."
        contents.report("arrow-label", arrow.where, told, arrow.item)
    elif arrow.direction == "bi" and link is not None and not link.symmetric:
        told = f"{label} has a direction; turn the arrow into one way."
        contents.report("arrow-direction", arrow.where, told, arrow.item)
    elif link is not None and not link.joins(source.label, target.label):
        told = f"{label} may not join {source.label} to {target.label}; delete it."
        contents.report("link-types", arrow.where, told, arrow.item)
    elif link is None and source.label != target.label:
        contents.report(
            "cluster-types",
            arrow.where,
            f"{source.label} and {target.label} can't be one happening; delete the arrow.",
            arrow.item,
        )
    else:
        structure.connections.append(Connection(arrow.item, source, target, label))


def _without_arrow(
    region: Region,
    last: Region | Blank | None,
    text: str,
    contents: Contents,
    schema: EventSchema,
) -> Attachment | None:
    if region.parent in contents.unreadable:
        contents.hanging[region.item.id] = contents.unreadable[region.parent]
    elif region.parent is not None:
        parent = contents.regions.get(region.parent)
        if parent is None or not parent.is_trigger:
            told = "It is nested under no trigger; nest it under one."
            contents.report("parent-invalid", region.where, told, region.item)
        elif region.label not in parent.takes:
            told = _not_allowed(region.label, parent)
            contents.report("role-not-allowed", region.where, told, region.item)
        else:
            return Attachment(region, parent, parent.takes[region.label], "nesting")
    elif isinstance(last, Blank) and schema.attach != "explicit":
        contents.hanging[region.item.id] = last.item.id
    elif isinstance(last, Region) and not (why := _why_not(region, last, text, schema)):
        return Attachment(region, last, last.takes[region.label], "order")
    else:
        why = _why_not(region, last if isinstance(last, Region) else None, text, schema)
        told = f"{why} Draw an arrow from it to its trigger."
        contents.report("argument-unattached", region.where, told, region.item)
    return None


def _why_not(region: Region, last: Region | None, text: str, schema: EventSchema) -> str:
    """Say why drawing order attaches nothing; empty when it does."""
    if schema.attach == "explicit":
        return "The schema asks for arrows or nesting."
    if last is None:
        return "It was drawn before any trigger."
    if not in_one_sentence(text, last.start, region.start):
        return f"The trigger drawn before it, {last.where}, stands in another sentence."
    if region.label not in last.takes:
        return f"The trigger drawn before it, {last.where}, takes no {region.label}."
    return ""


def _not_allowed(role: str, trigger: Region) -> str:
    legal = ", ".join(trigger.takes) or "none"
    return f"{trigger.label} takes no {role} (its roles: {legal}); relabel it or attach it elsewhere."
