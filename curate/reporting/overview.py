"""The report's sections on progress, findings and books."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from curate.findings import CODES
from curate.records import Finding
from curate.reporting.contents import Contents
from curate.reporting.html import Html, element, fragment
from curate.reporting.tables import bar, share, table
from curate.reporting.tallying import Found
from curate.wording import counted

MOSTLY = 3
"""How many of the types, roles and links that break a rule are named."""

STAGES = {
    "not pushed": "curate push brings them to the annotators.",
    "unread": "Nobody has submitted a reading.",
    "held": "Every reading has an error: see Findings.",
    "waiting": "Another reading is missing.",
    "undecided": "All readings are there: curate adjudicate.",
    "open": "Readings differ, and nothing has decided.",
    "settled": "One record: ready for a release.",
}
FATES = {
    "accepted": "Checked; counts in all that follows.",
    "held": "Has an error; counts nowhere until it is mended.",
    "skipped": "The annotator skipped the task.",
    "draft": "Begun and not submitted.",
    "superseded": "The same person annotated the article again, or its text was revised.",
    "reread": "Read again by the same person, to see how steady they are; no second reading.",
    "qualification": "What somebody was tried out with before they began; no reading.",
    "gold": "Of a text with known answers, hidden in the work; no reading.",
    "deleted": "Deleted on the server.",
}
LEVELS = {
    "error": "holds the reading back",
    "warning": "worth a look",
    "info": "mended by rule",
}


def progress(contents: Contents) -> Html:
    """Tell how far the work is."""
    standing = contents.standing
    articles, annotations = sum(standing.articles.values()), sum(standing.annotations.values())
    release = f"Release {contents.release} holds {counted(contents.released, 'article')}." if contents.release else None
    taken_back = sum(standing.withdrawn.values())
    withdrawn = f" {counted(taken_back, 'more is', 'more are')} withdrawn." if taken_back else None
    return fragment(
        element(
            "p",
            f"{standing.articles['settled']} of {counted(articles, 'article is', 'articles are')} settled "
            f"({share(standing.articles['settled'], articles)}). {contents.asked}. ",
            release,
            withdrawn,
        ),
        _stages("Articles by stage", standing.articles, STAGES),
        _stages(f"{counted(annotations, 'annotation')} by what became of them", standing.annotations, FATES),
    )


def findings(contents: Contents) -> Html:
    """List the findings by rule: what each means, what to do, and the first places."""
    if not contents.findings:
        return element("p", "The check found nothing wrong, doubtful or mended.")
    meaning = {code: kind.meaning for code, kind in CODES.items()}
    rows = [
        (
            element("code", one.code),
            one.level,
            one.count,
            len(one.annotations),
            _mostly(one),
            meaning.get(one.code, ""),
        )
        for one in contents.findings
    ]
    return fragment(
        element(
            "p",
            "An error ",
            LEVELS["error"],
            " until it is mended; a warning is ",
            LEVELS["warning"],
            "; an info was ",
            LEVELS["info"],
            ".",
        ),
        table("Findings by rule", ("rule", "level", "found", "annotations", "mostly of", "what it means"), rows),
        element("h3", "What to do"),
        [_places(one) for one in contents.findings],
    )


def _mostly(found: Found) -> str | None:
    """Name the types, roles and links that break a rule most often: what the guidelines should say more of."""
    often = sorted(found.labels.items(), key=lambda one: (-one[1], one[0]))[:MOSTLY]
    return ", ".join(f"{label} {count}" for label, count in often) or None


def books(contents: Contents) -> Html:
    """Show both balances: of what was pulled, and of what a release made of it."""
    pulled, released = contents.books.get("pull"), contents.books.get("release")
    policy = (contents.books.get("adjudication") or {}).get("policy")
    return fragment(
        element("p", "Each item (a region, an arrow, an attribute value) stands in exactly one line."),
        [element("p", f"The books don't fit: {one}. Run: curate check") for one in contents.misfits],
        table("What was pulled", ("", "articles", "annotations", "items"), _pulled(pulled)) if pulled else None,
        table(
            "What the release made of the accepted items",
            ("line", "items"),
            [(name, number) for name, number in released.items()],
        )
        if released
        else element("p", "No release was made of what is here: curate release VERSION."),
        element("p", f"Adjudicated by the policy: {policy}.") if policy else None,
    )


def _stages(caption: str, counts: Mapping[str, int], meaning: Mapping[str, str]) -> Html:
    most = max(counts.values(), default=0)
    rows = [(name, number, bar(number, most), meaning[name]) for name, number in counts.items()]
    return table(caption, ("", "number", "", "what it means"), rows)


def _pulled(balance: Mapping[str, Any]) -> Iterator[tuple[str | int | None, ...]]:
    kinds = ("articles", "annotations", "items")
    yield ("seen", *(balance[kind]["seen"] for kind in kinds))
    for line in ("accepted", "held", "waiting"):
        yield (line, *(balance[kind].get(line) for kind in kinds))
    excluded = sorted({reason for kind in kinds for reason in balance[kind]["excluded"]})
    for reason in excluded:
        yield (f"excluded: {reason}", *(balance[kind]["excluded"].get(reason) for kind in kinds))


def _places(found: Found) -> Html:
    rest = found.count - len(found.examples)
    return element(
        "details",
        element("summary", element("code", found.code), f" {found.level}, {counted(found.count, 'time')}"),
        element(
            "ul",
            [_place(one) for one in found.examples],
            element("li", f"and {rest} more in findings.jsonl") if rest else None,
        ),
        open=found.level == "error",
    )


def _place(finding: Finding) -> Html:
    where = " · ".join(filter(None, (finding.article_id, finding.place, finding.annotator)))
    return element("li", element("span", where, class_="where"), " ", finding.message)
