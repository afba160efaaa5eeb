"""The finding codes that hold the whole reading back, by name."""

from __future__ import annotations

from curate.findings.kinds import AGAIN, ERROR, Kind

FAULTS: dict[str, Kind] = {
    "annotation-orphan": Kind(
        ERROR,
        "the task's article is not in articles.jsonl",
        "The task shows the article `n7`, and articles.jsonl has no `n7`.",
        "Add the article again with `curate add`, or delete the task in Label Studio.",
    ),
    "argument-self": Kind(
        ERROR,
        "an event fills a role of itself",
        "A Threaten whose `content` is that same Threaten.",
        f"Delete the argument, or draw it over the other event. {AGAIN}",
    ),
    "argument-unattached": Kind(
        ERROR,
        "an argument belongs to no trigger",
        "An actor drawn before any trigger, or in another sentence than the trigger before it.",
        "Draw an arrow from it to its trigger, or nest it under the trigger in the Regions list.",
    ),
    "arrow-between-arguments": Kind(
        ERROR, "an arrow joins two arguments", "An arrow from an actor to a place.", f"Delete the arrow. {AGAIN}"
    ),
    "arrow-dangling": Kind(
        ERROR,
        "an end of an arrow is missing",
        "`from_id` names a region that is not in the result. The page can't make one; other programs can.",
        "Delete the annotation's arrow through the program that made it, or annotate the article again.",
    ),
    "arrow-direction": Kind(
        ERROR,
        "an arrow points a way its label doesn't allow",
        "A two-way arrow labelled `reply_to`, or the direction `up`.",
        "Click the arrow's icon in the Relations list until it points one way.",
    ),
    "arrow-label": Kind(
        ERROR,
        "an arrow's label doesn't fit its ends",
        "A link's name on an arrow between a trigger and an argument, or a name the schema doesn't have.",
        "Choose another label in the Relations list, or none.",
    ),
    "arrow-labels": Kind(
        ERROR, "an arrow has several labels", "An arrow labelled `near` and `same_event`.", "Leave one of the labels."
    ),
    "arrow-self": Kind(
        ERROR,
        "an arrow leads back to where it starts",
        "An arrow from a trigger to itself, or to a second drawing of the same trigger.",
        f"Delete the arrow. {AGAIN}",
    ),
    "attribute-not-applicable": Kind(
        ERROR,
        "an attribute is set where it isn't asked",
        "`count` set on an actor.",
        f"Delete the value: select the region and click the value once more. {AGAIN}",
    ),
    "attribute-orphan": Kind(
        ERROR,
        "an attribute value has no region",
        "A `modality` with the id of a region that is not in the result.",
        "Delete it through the program that made it, or annotate the article again; the page can't make one.",
    ),
    "attribute-repeated": Kind(
        ERROR, "an attribute is set twice", "Two results for `modality` of one region.", f"Set the value anew. {AGAIN}"
    ),
    "attribute-value": Kind(
        ERROR,
        "a value is not one the attribute takes",
        "A date `2024-02-30`, a choice that is not among the values, two choices where one is asked.",
        f"Set the value anew. {AGAIN}",
    ),
    "cluster-membership": Kind(
        ERROR,
        "an event is in no cluster or in several",
        "A record whose event stands in two entries of `clusters`.",
        "Put the event into exactly one cluster, one of its own if need be.",
    ),
    "cluster-types": Kind(
        ERROR,
        "a cluster joins events of different types",
        "A `same_event` arrow between an Attack and a Deploy.",
        f"Delete the arrow, or correct a type. {AGAIN}",
    ),
    "control-unknown": Kind(
        ERROR,
        "a value belongs to no control of the page",
        "A result with the `from_name` `mood`, which the schema doesn't ask.",
        "Delete it. If a later schema asks no longer what an earlier one did: `curate schema migrate`.",
    ),
    "duplicate-id": Kind(
        ERROR,
        "a thing that has to be unique is there twice",
        "Two events of a record with the id `Attack@7-10`.",
        "Delete one of the two.",
    ),
    "duplicate-region-differs": Kind(
        ERROR,
        "a thing is drawn twice with different attributes",
        "Two Attack regions over one word, one `asserted`, one `hypothetical`.",
        f"Delete one of the two in the Regions list. {AGAIN}",
    ),
    "event-attribute-conflict": Kind(
        ERROR,
        "the mentions of one happening contradict each other",
        "One mention `confirmed`, another mention of the same happening `claimed`.",
        "Set the attribute on one of the mentions, or take the mentions apart.",
    ),
    "event-filler-ambiguous": Kind(
        ERROR,
        "two events stand where a role is drawn",
        "A `content` drawn over a word that is the trigger of an Attack and of a Deploy.",
        "Delete the argument and draw an arrow with the role's label to the one that is meant.",
    ),
    "filler-not-allowed": Kind(
        ERROR,
        "a role is filled by what it doesn't take",
        "Plain words as `content`, which takes an event.",
        "Draw the role over the trigger of an event that it takes, or use another role.",
    ),
    "id-mismatch": Kind(
        ERROR,
        "an id is not made of type and place",
        "An event of type Attack at 7-10 with the id `e1`.",
        "Write the id that the message names.",
    ),
    "label-unknown": Kind(
        ERROR,
        "a label is no type or role of the schema",
        "A region labelled `Parade`.",
        "Relabel it; or, if the name is an earlier one, say so in the schema: `curate schema migrate`.",
    ),
    "link-cycle": Kind(
        ERROR,
        "transitive links lead back to where they start",
        "A is `inside_of` B, B of C, and C of A.",
        f"Delete one of the links. {AGAIN}",
    ),
    "link-self": Kind(
        ERROR, "a link joins an event to itself", "A `inside_of` from an event to itself.", "Delete the link."
    ),
    "link-types": Kind(
        ERROR,
        "a link joins types it may not join",
        "`reply_to` from an Attack, where the schema allows it from a Deploy.",
        "Turn the arrow, choose another label, or delete it.",
    ),
    "migration-clash": Kind(
        ERROR,
        "two names of an earlier schema are one today, and both are used of one thing",
        "A `Move` and a `Fly` over `sent`, where both are `Deploy` now; or two attributes, set to two values.",
        f"Delete one of the two, or give them two names again under `renamed` in the schema. {AGAIN}",
    ),
    "migration-missing": Kind(
        ERROR,
        "a name of an earlier schema has none in the schema of today",
        "A region labelled `Move` under 1.0.0, where 2.0.0 has no `Move` and doesn't say what it is called now.",
        "Write its new name under `renamed` in the schema; `curate schema migrate` shows what is missing.",
    ),
    "object-unknown": Kind(
        ERROR,
        "a value belongs to something that is not on the page",
        "A result with the `to_name` `image`.",
        "Delete it through the program that made it, or annotate the article again; the page can't make one.",
    ),
    "origin-unknown": Kind(
        ERROR,
        "a region's origin is none the page writes",
        "A region with the `origin` `import`.",
        "Draw the region again, or write manual, prediction or prediction-changed there.",
    ),
    "parent-invalid": Kind(
        ERROR,
        "an argument is nested under no trigger",
        "A place nested under an actor, or under a region that is gone.",
        "Drag it under its trigger in the Regions list, or out of the nest.",
    ),
    "reference-unknown": Kind(
        ERROR,
        "something named is not there",
        "A link of a record to `Attack@1-2`, and there is no such event.",
        "Add what is named, or delete what names it.",
    ),
    "region-id-repeated": Kind(
        ERROR,
        "two regions share an id",
        "Two results of the control `label` with one id.",
        "Delete both and draw them again; the page can't make one.",
    ),
    "region-labels": Kind(
        ERROR, "a region has no label or several", "`labels: []`, or no `labels` at all.", f"Relabel it. {AGAIN}"
    ),
    "result-malformed": Kind(
        ERROR,
        "a piece of the result can't be read",
        "A result that is no list, a piece that is no object, a region without its id.",
        "Annotate the article again, or write the result through the API as the page does.",
    ),
    "role-maximum": Kind(
        ERROR,
        "a role is filled more often than it may",
        "Two `time` arguments where the schema says `max: 1`.",
        f"Delete some. {AGAIN}",
    ),
    "role-missing": Kind(
        ERROR,
        "a role that must be filled is not (a warning where it is only expected)",
        "An Attack without a `target`.",
        "Draw the argument if the text names one. Where it often doesn't: `expected` in the schema, not `required`.",
    ),
    "role-not-allowed": Kind(
        ERROR,
        "an event type doesn't take the role",
        "A `target` attached to a Deploy.",
        "Relabel the argument, or attach it to another trigger.",
    ),
    "shape": Kind(
        ERROR,
        "the JSON Schema is broken",
        "A record whose `title` is a number.",
        "Correct the value that the message names; `curate schema compile` prints the JSON Schema.",
    ),
    "span-not-integer": Kind(
        ERROR, "offsets are not whole numbers", '`start: 20.5`, or `start: "20"`.', "Draw the region again."
    ),
    "span-out-of-range": Kind(
        ERROR,
        "offsets don't lie in the text",
        "`start: 900, end: 5`, and no way of counting leads to the words noted with them.",
        "Draw the region again. If many are wrong, mend the program that wrote them: offsets count code points.",
    ),
    "span-text-differs": Kind(
        ERROR,
        "the words noted with a span are not the article's there",
        "7-10 is `hit` in the article, the page noted `base`, and no one way of counting leads there.",
        "See whether the article or the offsets are wrong, then draw the region again.",
    ),
    "span-text-mismatch": Kind(
        ERROR,
        "a span's text is not the article's there",
        "A record whose trigger 7-10 says `strike` where the text has `hit`.",
        "Correct the offsets or the words.",
    ),
    "span-without-words": Kind(
        ERROR,
        "a span holds nothing but white space and punctuation",
        "An argument over ` ,`.",
        f"Delete the region. {AGAIN}",
    ),
    "text-changed": Kind(
        ERROR,
        "the task's text is no longer the article's",
        "Somebody edited the text in Label Studio, so the offsets may point anywhere.",
        "Put the text back in the task, or revise the article with `curate add --revise` and push again.",
    ),
    "text-hash-mismatch": Kind(
        ERROR,
        "the text is not the one its hash was made of",
        "A record whose text was changed by hand.",
        "Take text and hash from one version of the article.",
    ),
    "type-unexpected": Kind(
        ERROR,
        "a value is of another type than its control's",
        "A result of the control `label` with the type `brushlabels`.",
        "Delete it through the program that made it, or annotate the article again; the page can't make one.",
    ),
}
