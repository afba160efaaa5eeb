"""The catalogue of finding codes: what each means and how heavy it is.

``error`` holds the whole reading back, ``warning`` and ``info`` are told and let pass.
"""

from __future__ import annotations

ERRORS = {
    "annotation-orphan": "the task's article is not in articles.jsonl",
    "argument-self": "an event fills a role of itself",
    "argument-unattached": "an argument belongs to no trigger",
    "arrow-between-arguments": "an arrow joins two arguments",
    "arrow-dangling": "an end of an arrow is missing",
    "arrow-direction": "an arrow points a way its label doesn't allow",
    "arrow-label": "an arrow's label doesn't fit its ends",
    "arrow-labels": "an arrow has several labels",
    "arrow-self": "an arrow leads back to where it starts",
    "attribute-not-applicable": "an attribute is set where it isn't asked",
    "attribute-orphan": "an attribute value has no region",
    "attribute-repeated": "an attribute is set twice",
    "attribute-value": "a value is not one the attribute takes",
    "cluster-membership": "an event is in no cluster or in several",
    "cluster-types": "a cluster joins events of different types",
    "control-unknown": "a value belongs to no control of the page",
    "duplicate-id": "a thing that has to be unique is there twice",
    "duplicate-region-differs": "a thing is drawn twice with different attributes",
    "event-attribute-conflict": "the mentions of one happening contradict each other",
    "event-filler-ambiguous": "two events stand where a role is drawn",
    "filler-not-allowed": "a role is filled by what it doesn't take",
    "id-mismatch": "an id is not made of type and place",
    "label-unknown": "a label is no type or role of the schema",
    "link-cycle": "transitive links lead back to where they start",
    "link-self": "a link joins an event to itself",
    "link-types": "a link joins types it may not join",
    "origin-unknown": "a region's origin is none the page writes",
    "parent-invalid": "an argument is nested under no trigger",
    "reference-unknown": "something named is not there",
    "region-id-repeated": "two regions share an id",
    "region-labels": "a region has no label or several",
    "result-malformed": "a piece of the result can't be read",
    "role-maximum": "a role is filled more often than it may",
    "role-missing": "a role that must be filled is not (a warning where it is only expected)",
    "role-not-allowed": "an event type doesn't take the role",
    "shape": "the JSON Schema is broken",
    "span-not-integer": "offsets are not whole numbers",
    "span-out-of-range": "offsets don't lie in the text",
    "span-text-mismatch": "a span's text is not the article's there",
    "text-changed": "the task's text is no longer the article's",
    "text-hash-mismatch": "the text is not the one its hash was made of",
}
WARNINGS = {
    "annotation-changed-by-another": "somebody else changed the annotation after it was made",
    "annotation-superseded": "the annotator annotated the article again",
    "duplicate-region": "a thing is drawn twice",
    "span-cuts-word": "a span begins or ends inside a word",
    "span-edge-space": "a span begins or ends with white space",
    "span-text-differs": "the page's copy of the words differs from the article",
    "stamp-missing": "the annotation doesn't say under which schema it was made",
    "stamp-outdated": "the annotation was begun under an earlier schema and changed on the page of the current one",
    "stamp-unknown": "the annotation was made under a schema that is not kept here",
}
INFOS = {"span-trimmed": "an ending was cut off a span, as the schema asks"}


def level(code: str) -> str:
    """Give a code's level: error, warning or info."""
    if code in WARNINGS:
        return "warning"
    return "info" if code in INFOS else "error"
