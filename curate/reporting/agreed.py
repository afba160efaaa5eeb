"""The report's sections on agreement, confusion and the articles that people read most differently."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from curate.agreement.results import MEASURES, MODES, TITLES, Agreement, Alpha, Confused, Score, Scores
from curate.agreement.sentences import alpha_sentence, score_sentence
from curate.reporting.annotated import draw_marks, marks, pieces
from curate.reporting.charts import Point, interval_chart
from curate.reporting.contents import Contents, Disagreed
from curate.reporting.differing import differences, shared_ids
from curate.reporting.html import Html, element, fragment
from curate.reporting.tables import NOTHING, Cell, matrix, share, table
from curate.schema.model import EventSchema
from curate.wording import counted

EXACT = MODES[0]
BY_TYPE = ("tri_c", "arg_c", "arg_c_plus")
BY_ROLE = ("arg_c", "arg_c_plus")
MOST_CONFUSED = 12
MOST_ROWS = 40


def why_none(agreement: Agreement) -> str:
    """Say why there is no agreement to measure."""
    read = f"{agreement.alone} have one reading" if agreement.alone != 1 else "one has a reading"
    return (
        f"Agreement can't be measured: it takes two people's readings of the same article, and no article has them yet "
        f"({read}). Let a second person annotate some."
    )


def agreement(contents: Contents) -> Html:
    """Tell how far people agree, measure by measure."""
    found = contents.agreement
    if not found.articles:
        return element("p", why_none(found))
    alone = counted(found.alone, "more has one reading and says", "more have one reading and say")
    alone = f" {alone} nothing about agreement." if found.alone else ""
    return fragment(
        element(
            "p",
            f"{counted(found.articles, 'article was', 'articles were')} read by two or more of {len(found.people)} "
            f"people, which makes {counted(found.pairs, 'pair')} of readings.{alone} F1 "
            f"is the share of what one reading of a pair states that the other states too: exact when the spans are "
            f"the same, relaxed when they share at least half. In brackets "
            f"the 95 % interval over articles ({found.samples} bootstrap samples, seed {found.seed}); it is left out "
            f"where there are too few articles.",
        ),
        _overall(found),
        _sentences(found),
        _attributes(found),
        _by_type(found),
        _beside(
            _groups("Agreement by role", "role", found.by_role, BY_ROLE),
            _groups("Agreement by link", "link", found.by_link, ("links",)),
        ),
        _groups("Agreement by batch", "batch", {one.name: one.scores for one in found.batches}, BY_TYPE),
    )


def confusion(contents: Contents) -> Html:
    """Tell which types and roles are taken for which."""
    found = contents.agreement
    if not found.articles:
        return element("p", why_none(found))
    return fragment(
        element(
            "p",
            "Events are compared where their triggers meet, arguments within such events. A definition or an example "
            "in the schema that sets the two apart helps most where the counts are high.",
        ),
        _beside(
            _confused("Event types", "type", found.type_confusion),
            _confused("Roles", "role", found.role_confusion),
        ),
    )


def disagreed(contents: Contents) -> Html:
    """Draw the articles that people read most differently, each reading over the text."""
    if not contents.agreement.articles:
        return element("p", why_none(contents.agreement))
    if not contents.disagreed:
        return element("p", "Nobody disagrees: all readings of an article mark the same events and arguments.")
    return fragment(
        element(
            "p",
            f"{len(contents.disagreed)} of {counted(contents.differing, 'article')} on which readings differ, those "
            f"with most differences first. A number ties the arguments to their event. ",
            element("span", "1 Attack", class_="key trigger alone"),
            " and ",
            element("span", "1:target", class_="key argument alone"),
            " are in this reading and not in every other; ",
            element("span", "1 Attack", class_="key trigger"),
            " and ",
            element("span", "1:target", class_="key argument"),
            " are in all.",
        ),
        [_article(one, contents.schema, open=place == 0) for place, one in enumerate(contents.disagreed)],
    )


def number(found: Score | Alpha) -> str | None:
    """Give a value with its interval."""
    if found.value is None:
        return None
    interval = f" [{found.low:.2f}–{found.high:.2f}]" if found.low is not None and found.high is not None else ""
    return f"{found.value:.2f}{interval}"


def _overall(found: Agreement) -> Html:
    points = [
        Point(TITLES[one], mode, score.value, score.low, score.high)
        for one in MEASURES
        for mode in MODES
        if (score := found.overall[mode][one]).value is not None
    ]
    rows = [(TITLES[one], *(number(found.overall[mode][one]) for mode in MODES)) for one in MEASURES]
    chart = interval_chart(
        1,
        "Agreement by measure, F1 with 95 % intervals",
        "For each measure a point for exact and one for relaxed spans, from 0 to 1. The table tells the numbers.",
        points,
    )
    undefined = [(TITLES[one], reason) for one in MEASURES if (reason := found.overall[EXACT][one].reason)]
    beside = element(
        "div",
        table("Agreement, F1", ("measure", *MODES), rows),
        [element("p", f"{NOTHING} {name}: {reason}.", class_="note") for name, reason in undefined],
    )
    return _beside(chart if points else None, beside)


def _by_type(found: Agreement) -> Html:
    points = [
        Point(name, TITLES["tri_c"], score.value, score.low, score.high)
        for name, scores in found.by_type.items()
        if (score := scores[EXACT]["tri_c"]).value is not None
    ]
    chart = interval_chart(
        2,
        "Agreement by event type, exact F1 with 95 % intervals",
        "For each event type a point for Tri-C, from 0 to 1. The table tells the numbers.",
        points,
    )
    groups = _groups("Agreement by event type, exact", "type", found.by_type, BY_TYPE)
    return _beside(chart if points else None, groups)


def _beside(*parts: Html | None) -> Html:
    return element("div", parts, class_="beside")


def _sentences(found: Agreement) -> Html:
    told = [
        (element("dt", TITLES[one]), element("dd", score_sentence(one, EXACT, found.overall[EXACT][one]), "."))
        for one in MEASURES
    ]
    told += [
        (element("dt", one.name), element("dd", alpha_sentence(one.name, one.alpha[EXACT]), "."))
        for one in found.attributes
    ]
    return element("details", element("summary", "What each number says"), element("dl", [list(pair) for pair in told]))


def _attributes(found: Agreement) -> Html | None:
    rows: list[Sequence[Cell]] = [
        (
            one.name,
            number(one.alpha[EXACT]),
            number(one.alpha["relaxed"]) if "relaxed" in one.alpha else None,
            one.alpha[EXACT].units,
            _percent(one.alpha[EXACT].aligned),
            _percent(one.alpha[EXACT].same),
            one.scale,
        )
        for one in found.attributes
    ]
    head = ("attribute", "exact", "relaxed", "units", "aligned", "same", "scale")
    if not rows:
        return None
    return fragment(
        table("Attributes, Krippendorff's alpha", head, rows),
        element(
            "p",
            "Alpha is agreement beyond chance: by Krippendorff's own marks from 0.80 reliable, from 0.67 enough for "
            "tentative conclusions. Aligned: how many of the answers stand on something that another reading has too.",
            class_="note",
        ),
    )


def _groups(caption: str, kind: str, groups: Mapping[str, Scores], measures: Sequence[str]) -> Html | None:
    rows = [(name, *(number(scores[EXACT][one]) for one in measures)) for name, scores in groups.items()]
    return table(caption, (kind, *(TITLES[one] for one in measures)), rows) if rows else None


def _confused(title: str, kind: str, pairs: Sequence[Confused]) -> Html:
    """Show what is taken for what, what one reading marks and another doesn't, and all of it as a matrix."""
    taken = sorted((one for one in pairs if one.other is not None and one.one != one.other), key=lambda one: -one.count)
    counts = {(one.one, one.other): one.count for one in pairs}
    names = sorted({one for pair in pairs for one in (pair.one, pair.other) if one is not None})
    seen = {
        name: sum(counts.get(pair, 0) for pair in {(name, one) for one in names} | {(one, name) for one in names})
        for name in names
    }
    missed = sorted(((counts.get((name, None), 0), name) for name in names), key=lambda one: (-one[0], one[1]))
    square = [[counts.get((row, name), counts.get((name, row), 0)) for name in [*names, None]] for row in names]
    return element(
        "div",
        table(
            f"{title} taken for each other",
            ("one reading", "the other", "times"),
            [(one.one, one.other, one.count) for one in taken[:MOST_CONFUSED]],
        )
        if taken
        else element("p", f"{title}: none is taken for another."),
        table(
            f"{title} that one marks and the other doesn't",
            (kind, "times", "share"),
            [(name, count, share(count, count + seen[name])) for count, name in missed if count],
        )
        if any(count for count, _ in missed)
        else None,
        element(
            "details",
            element("summary", f"{title}, all against all"),
            matrix(f"{title}, all against all", kind, names, [*names, "not marked"], square),
        )
        if names
        else None,
    )


def _article(found: Disagreed, schema: EventSchema, *, open: bool) -> Html:  # noqa: A002 - the attribute's name
    article = found.article
    shared = shared_ids(found.readings)
    drawn = [marks(one, shared) for one in found.readings]
    shown = pieces(article.text, [mark for one in drawn for mark in one])
    readings = [
        element(
            "section",
            element("h4", one.annotator),
            draw_marks(article.text, made, shown),
            class_="reading",
            aria_label=f"{article.id} as read by {one.annotator}",
        )
        for one, made in zip(found.readings, drawn, strict=True)
    ]
    return element(
        "details",
        element(
            "summary",
            element("strong", article.id),
            f" {article.title}" if article.title else None,
            f" ({counted(found.count, 'difference')})",
        ),
        element("div", readings, class_="readings"),
        _differences(found, schema),
        open=open,
    )


def _differences(found: Disagreed, schema: EventSchema) -> Html:
    rows = differences(found.readings, schema)
    head = ("what", *(one.annotator for one in found.readings))
    made = table(
        f"Differences in {found.article.id}",
        head,
        [(one.about, *one.said) for one in rows[:MOST_ROWS]],
    )
    rest = len(rows) - MOST_ROWS
    return fragment(made, element("p", f"and {rest} more: curate show {found.article.id}") if rest > 0 else None)


def _percent(part: float | None) -> str | None:
    return None if part is None else f"{100 * part:.0f} %"
