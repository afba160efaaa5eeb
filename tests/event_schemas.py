"""Event schemas that tests share."""

from __future__ import annotations

from pathlib import Path

from curate.schema.loading import load
from curate.schema.model import EventSchema

SMALL = """\
name: small
version: 1.0.0
title: Small
description: A schema with one of everything.
language: en
event_types:
  Attack:
    definition: Force is used.
    roles:
      actor: {}
      target: {expected: true}
      place: {}
  Deploy:
    definition: Forces are sent.
    roles:
      actor: {}
      place: {}
  Threaten:
    definition: Harm is announced.
    roles:
      actor: {}
      content: {fillers: [Attack, Deploy]}
      topic: {fillers: [span, Attack]}
roles:
  actor: {definition: Who does it.}
  target: {definition: What it is aimed at.}
  place: {definition: Where.}
  content: {definition: What is said.}
  topic: {definition: What it is about.}
attributes:
  modality:
    on: trigger
    kind: choice
    definition: Does the text say it happened?
    values: {asserted: It does., hypothetical: It might.}
    default: asserted
  verification:
    on: trigger
    level: event
    kind: choice
    definition: Who stands by it?
    values: {reported: The press., confirmed: Officials., claimed: Its author.}
    default: reported
  count:
    on: trigger
    kind: integer
    definition: How many times?
    types: [Attack]
  means:
    on: trigger
    kind: choices
    definition: By what means?
    values: {drone: Drones., rocket: Rockets., gun: Guns.}
    types: [Attack]
  day:
    on: trigger
    kind: date
    definition: On which day?
  certainty:
    on: argument
    kind: choice
    definition: How sure is it?
    values: {stated: Said so., alleged: Said by some.}
    default: stated
    roles: [actor, target]
  relevance:
    on: article
    kind: choice
    definition: Is it about the conflict?
    values: {relevant: It is., irrelevant: It isn't.}
    default: relevant
links:
  response_to: {definition: Done because of it., from: [Deploy], to: [Attack]}
  near: {definition: Close to each other., symmetric: true}
selection: word
trim: ["’s", "'s"]
guidelines: Read carefully.
"""

BARE = """\
name: bare
version: 1.0.0
title: Bare
description: No roles, attributes or links.
language: en
event_types:
  Attack: {definition: Force is used.}
"""


def _shipped(name: str) -> EventSchema:
    return load((Path(__file__).parents[1] / "schemas" / name).read_text(encoding="utf-8"), name)


SMALL_SCHEMA = load(SMALL, "small.yaml")
BARE_SCHEMA = load(BARE, "bare.yaml")
CONFLICT_NEWS = _shipped("conflict-news.yaml")
COMPANY_NEWS = _shipped("company-news.yaml")
