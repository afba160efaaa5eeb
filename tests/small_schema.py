"""A small event schema with every feature of the format, and a record that is right under it."""

from __future__ import annotations

import copy
from typing import Any

from curate.records import plain
from curate.schema.loading import load
from curate.text import text_sha256

YAML = """\
name: small
version: 1.0.0
title: Small
description: A schema for tests.
language: en
event_types:
  Attack:
    definition: Force is used.
    hotkey: shift+a
    colour: "#cf222e"
    group: violence
    trigger_words: [struck]
    examples: ["[struck](Attack#1) [the base](target>1)"]
    roles:
      target: {expected: true}
      time: {max: 1}
    maps: {ACE: Conflict.Attack, CAMEO: ["18", "19"]}
  Threaten:
    definition: Harm is announced.
    roles:
      speaker: {required: true}
      content: {fillers: [Attack, Threaten]}
      condition: {fillers: [span, event]}
  Deploy:
    definition: Forces are moved.
roles:
  target: {definition: What is hit., hotkey: t}
  time: {definition: When., hotkey: m}
  speaker: {definition: Who says it.}
  content: {definition: What is said.}
  condition: {definition: What would set it off.}
attributes:
  modality:
    on: trigger
    kind: choice
    definition: Did it happen?
    values: {asserted: It did., hypothetical: {definition: It might., hotkey: "2"}}
    default: asserted
  means:
    on: trigger
    kind: choices
    definition: By what?
    values: {drone: A drone., gun: A gun.}
    types: [Attack]
  verification:
    on: trigger
    level: event
    kind: choice
    definition: Who says so?
    values: {reported: The press., confirmed: Both sides.}
    default: reported
    types: [Attack, Deploy]
  certainty:
    on: argument
    kind: choice
    definition: Is it only claimed?
    values: {stated: It is stated., claimed: It is claimed.}
    default: stated
    roles: [target, speaker]
  count: {on: argument, kind: integer, definition: The number.}
  dateline: {on: article, kind: date, definition: The day of writing.}
links:
  response_to: {definition: Answers the other., from: [Deploy], to: [Attack]}
  part_of: {definition: Is part of the other., transitive: true}
  near: {definition: Is near the other., symmetric: true}
"""

SCHEMA = load(YAML, "small.yaml")

TEXT = "Drones struck the base on Monday. The strike was threatened by Iran. Troops were sent, ships moved."


def argument(owner: str, role: str, filler: str, **attributes: Any) -> dict[str, Any]:
    """Make an argument of TEXT; ``filler`` is the words of a span or the id of an event."""
    held = {"certainty": "stated" if role in ("target", "speaker") else None, "count": None} | attributes
    if "@" in filler:
        span: dict[str, Any] = {"start": None, "end": None, "text": None, "event_id": filler}
        place = filler
    else:
        start = TEXT.index(filler)
        span = {"start": start, "end": start + len(filler), "text": filler, "event_id": None}
        place = f"{start}-{start + len(filler)}"
    return {"id": f"{owner}/{role}/{place}", "role": role, **span, "attributes": held}


def event(kind: str, words: str, *arguments: tuple[str, str], **attributes: Any) -> dict[str, Any]:
    """Make an event of TEXT with arguments given as role and filler."""
    start = TEXT.index(words)
    end = start + len(words)
    identifier = f"{kind}@{start}-{end}"
    return {
        "id": identifier,
        "type": kind,
        "trigger": {"start": start, "end": end, "text": words},
        "arguments": [argument(identifier, role, filler) for role, filler in arguments],
        "attributes": {"modality": "asserted", "means": None} | attributes,
    }


STRUCK, STRIKE, THREAT, SENT = "Attack@7-13", "Attack@38-44", "Threaten@49-59", "Deploy@81-85"

_RECORD: dict[str, Any] = {
    "id": "a1",
    "text": TEXT,
    "text_sha256": text_sha256(TEXT),
    "title": "Strike",
    "url": None,
    "publisher": None,
    "published_at": None,
    "language": "en",
    "licence": None,
    "meta": None,
    "events": [
        event("Attack", "struck", ("target", "the base"), ("time", "Monday"), means=["drone"]),
        event("Attack", "strike", ("target", "the base")),
        event("Threaten", "threatened", ("speaker", "Iran"), ("content", STRIKE), modality="hypothetical"),
        event("Deploy", "sent"),
    ],
    "clusters": [
        {"id": STRUCK, "events": [STRUCK, STRIKE], "attributes": {"verification": "confirmed"}},
        {"id": THREAT, "events": [THREAT], "attributes": {"verification": None}},
        {"id": SENT, "events": [SENT], "attributes": {"verification": "reported"}},
    ],
    "links": [{"type": "response_to", "source": SENT, "target": STRUCK}],
    "attributes": {"dateline": "2023-10-21"},
    "provenance": {
        "schema": "small@1.0.0",
        "schema_digest": SCHEMA.digest,
        "annotators": ["p1", "p2"],
        "adjudicated": True,
        "suggestions": "none",
        "split_group": "g1",
    },
}


def record() -> dict[str, Any]:
    """Give a fresh record that is right."""
    return copy.deepcopy(_RECORD)


def annotation() -> dict[str, Any]:
    """Give a fresh annotation that is right."""
    reading = record()
    for one in reading["events"]:
        one["attributes"]["verification"] = None
        one["origin"] = "manual"
        for filler in one["arguments"]:
            filler |= {"origin": "prediction", "attached_by": "order"}
    reading["events"][0]["attributes"]["verification"] = "confirmed"
    about = {
        "id": "41",
        "task_id": 7,
        "article_id": "a1",
        "annotator": "p1",
        "schema": SCHEMA.stamp,
        "created_at": "2023-10-21T10:00:00Z",
        "updated_at": "2023-10-21T10:00:00Z",
        "lead_time": 12.5,
        "items": [{"id": "r1", "kind": "region", "states": [STRUCK]}],
        "notes": [{"about": None, "text": "Unsure."}],
    }
    kept = {key: reading[key] for key in ("text_sha256", "events", "clusters", "links", "attributes")}
    result: dict[str, Any] = plain(about | kept)
    return result
