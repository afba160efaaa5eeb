"""The finding codes that are told and let pass, warnings before infos, by name."""

from __future__ import annotations

from curate.findings.kinds import INFO, WARNING, Kind

NOTICES: dict[str, Kind] = {
    "annotation-changed-by-another": Kind(
        WARNING,
        "somebody else changed the annotation after it was made",
        "Two people opened the task from the list, and the second pressed Update.",
        "Let both look at it. Everybody begins an annotation of their own at Label All Tasks, or with +.",
    ),
    "annotation-copied": Kind(
        WARNING,
        "the annotation was copied from another one",
        "Somebody pressed Duplicate on another's annotation, or wrote its regions through the API.",
        "Delete it in Label Studio, and let its annotator read the article anew.",
    ),
    "annotation-empty": Kind(
        WARNING,
        "nothing is marked or set",
        "An annotation submitted with no region.",
        "See that there is nothing to mark in the article; if so, leave it.",
    ),
    "annotation-superseded": Kind(
        WARNING,
        "the annotator annotated the article again",
        "Two annotations of one person for one article, or one of a text that was revised.",
        "Nothing, if the last one is the one that is meant; else delete it in Label Studio.",
    ),
    "annotation-unassigned": Kind(
        WARNING,
        "somebody read an article in the project of another",
        "In the free edition whoever is signed in can open every project.",
        "Ask them to work in their own project. The reading counts: delete it if the other's work was seen.",
    ),
    "arrow-repeated": Kind(
        WARNING,
        "an arrow says what is said already",
        "An arrow from trigger to argument and one back.",
        "Nothing: one is kept, the other counted as duplicate.",
    ),
    "duplicate-region": Kind(
        WARNING,
        "a thing is drawn twice",
        "Two Attack regions over one word.",
        "Nothing: one is kept, the other counted as duplicate.",
    ),
    "note-orphan": Kind(
        WARNING,
        "a note's region is missing",
        "A note with the id of a region that is not in the result.",
        "Nothing: it is kept as a note on the article.",
    ),
    "span-cuts-word": Kind(
        WARNING,
        "a span begins or ends inside a word",
        "`ton` of `Washington`.",
        "See whether the whole word is meant.",
    ),
    "span-edge-space": Kind(
        WARNING, "a span begins or ends with white space", "`the base `.", "Draw the region again, tighter."
    ),
    "span-repaired": Kind(
        WARNING,
        "offsets were counted in another way and are counted again",
        "After an emoji a program that counts UTF-16 units is one too far: exactly one other place has the words.",
        "See that it is right, and mend the program: offsets count code points, and a line end is one.",
    ),
    "span-whole-text": Kind(
        WARNING, "a span is the whole text", "A trigger over all of the article.", "See whether a few words are meant."
    ),
    "stamp-missing": Kind(
        WARNING,
        "the annotation doesn't say under which schema it was made",
        "It was sent through the API, without the hidden choice `schema`.",
        "Nothing, if it was made under the schema of today.",
    ),
    "stamp-outdated": Kind(
        WARNING,
        "the annotation was begun under an earlier schema and changed on the page of the current one",
        "It has the stamp of 1.0.0 and a type that came with 1.1.0.",
        "See that the defaults of today suit what is unset.",
    ),
    "stamp-unknown": Kind(
        WARNING,
        "the annotation was made under a schema that is not kept here",
        "Its stamp names a version that another project pushed.",
        "Put that schema's file into exports/raw/schemas/ and check again.",
    ),
    "triggers-overlap": Kind(
        WARNING,
        "two triggers overlap",
        "An Attack over `suicide bombing` and another event over `bombing`.",
        "See whether both are events; a trigger is the word that names the event most clearly.",
    ),
    "key-unknown": Kind(
        INFO,
        "a piece holds keys that nothing reads",
        "A region with the key `colour`.",
        "Nothing. The raw answer keeps it.",
    ),
    "span-trimmed": Kind(
        INFO,
        "an ending was cut off a span, as the schema asks",
        "`Iraq’s` becomes `Iraq`.",
        "Nothing.",
    ),
}
