"""The report's section on the annotators, who are known by pseudonyms only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from curate.agreement.results import MEASURES, MODES, TITLES
from curate.reporting.agreed import number
from curate.reporting.contents import Contents
from curate.reporting.html import Html, element, fragment
from curate.reporting.tables import NOTHING, Cell, table
from curate.reporting.tallying import Workload
from curate.standing import FATES

EXACT = MODES[0]
CONFIRMED = "arg_c_plus"


def annotators(contents: Contents) -> Html:
    """Tell of each person what they did, how much they mark, and how far others see the same."""
    people = contents.standing.people
    if not people:
        return element("p", "Nobody has annotated yet.")
    fates: list[Sequence[Cell]] = [(name, *(counted[fate] for fate in FATES)) for name, counted in people.items()]
    return fragment(
        element(
            "p",
            "Pseudonyms stand for accounts; curate status --names tells them on the lead's terminal. A person who "
            "differs from the others need not be wrong: look at the articles first.",
        ),
        table("Annotations", ("person", *FATES), fates),
        table(
            "What each marks",
            ("person", "readings", "events in each", "arguments in each event", "usual time", "errors", "warnings"),
            _work(contents),
        ),
        _gold(contents),
        _against_others(contents),
        _pairs(contents),
    )


def _work(contents: Contents) -> Iterator[Sequence[Cell]]:
    for name, own in sorted(contents.workloads.items()):
        faults = contents.faults.get(name, Counter())
        yield (
            name,
            own.readings,
            _each(own.events, own.readings),
            _each(own.arguments, own.events),
            _time(own),
            faults["error"],
            faults["warning"],
        )


def _gold(contents: Contents) -> Html | None:
    if contents.unscored:
        told = "Texts with known answers: one of them can't be read, so nobody is scored. curate status names it."
        return element("p", told, class_="note")
    if not contents.gold:
        return None
    from curate.qualification import GROUP, course_of

    people = contents.gold.values()
    measures = sorted({name for one in people for name in one.scores}, key=MEASURES.index)
    rows: list[Sequence[Cell]] = [
        (
            one.annotator,
            one.hidden,
            one.answered,
            *(course_of(one, name) for name in measures),
            ", ".join(TITLES[name] for name in one.below) or None,
        )
        for one in people
    ]
    titles = (TITLES[name] for name in measures)
    return fragment(
        table("Texts with known answers in the work", ("person", "given", "answered", *titles, "below its mark"), rows),
        element(
            "p",
            f"Exact F1 against the known answers, {GROUP} texts at a time in the order they were submitted; below its "
            f"mark are the latest {GROUP}. None of it counts as a reading.",
            class_="note",
        ),
    )


def _against_others(contents: Contents) -> Html | None:
    if not contents.agreement.people:
        return None
    rows = [
        (
            one.annotator,
            one.articles,
            number(one.scores[EXACT]["tri_c"]),
            number(one.scores[EXACT][CONFIRMED]),
            _percent(one.confirmed[CONFIRMED]),
            _percent(one.found[CONFIRMED]),
        )
        for one in contents.agreement.people
    ]
    return fragment(
        table(
            "Against all others, exact F1",
            ("person", "articles", "Tri-C", "Arg-C+", "confirmed", "found"),
            rows,
        ),
        element(
            "p",
            "Confirmed: how many of this person's arguments the others mark too; low where one marks too much. Found: "
            "how many of the others' arguments this person marks too; low where one marks too little.",
            class_="note",
        ),
    )


def _pairs(contents: Contents) -> Html | None:
    rows = [
        (f"{one.one} and {one.other}", one.articles, *(number(one.scores[EXACT][key]) for key in ("tri_c", CONFIRMED)))
        for one in contents.agreement.people_pairs
    ]
    return table("Pairs of people, exact F1", ("pair", "articles", "Tri-C", "Arg-C+"), rows) if len(rows) > 1 else None


def _each(amount: int, whole: int) -> str:
    return f"{amount / whole:.1f}" if whole else NOTHING


def _time(own: Workload) -> str:
    seconds = own.usual_seconds
    if seconds is None:
        return NOTHING
    return f"{seconds // 60}:{seconds % 60:02d} min"


def _percent(part: float | None) -> str | None:
    return None if part is None else f"{100 * part:.0f} %"
