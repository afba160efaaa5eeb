"""The command that measures agreement."""

from __future__ import annotations

import io
import math
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from curate.cli.output import Output
from curate.errors import UsageError
from curate.wording import counted

if TYPE_CHECKING:
    from curate.agreement import Agreement, Alpha, Score
    from curate.agreement.results import Alphas, Confused, Scores

ATTRIBUTES = 8
ROWS = 15
SIDE_BY_SIDE = 4
NONE = "-"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(agree)


def agree(
    context: typer.Context,
    minimum: Annotated[
        list[str] | None, typer.Option("--min", help="Fail below it, such as arg_c=0.6 or relaxed.tri_c=0.8.")
    ] = None,
    by: Annotated[
        str, typer.Option(help="What makes a batch: a field of the article, a key of its meta, or suggestions.")
    ] = "batch",
    samples: Annotated[int, typer.Option(min=0, help="Bootstrap samples for the intervals; 0 for none.")] = 1000,
    seed: Annotated[int, typer.Option(min=0, help="Decides the samples.")] = 0,
) -> None:
    """Measure how far people agree where several read an article."""
    from curate import api
    from curate.agreement.thresholds import shortfalls
    from curate.records import plain

    output: Output = context.obj
    minimums = dict(_minimum(text) for text in minimum or ())
    found = api.agree(output.project, samples=samples, seed=seed, batches_by=by)
    below = shortfalls(found, minimums)
    again = api.agree_again(output.project, samples=samples, seed=seed)
    output.result(
        plain(found) | {"below": below, "again": plain(again) if again else None},
        [*_lines(found, output.verbose), *(_again_lines(again) if again else [])],
    )
    if not found.articles:
        output.say(f"No article has readings by two people; {found.alone} have one. Let a second person annotate them.")
    for line in below:
        typer.echo(f"Too low: {line}", err=True)
    if below:
        raise typer.Exit(1)


def _minimum(text: str) -> tuple[str, float]:
    name, _, least = text.partition("=")
    try:
        number = float(least)
    except ValueError:
        raise UsageError(f"--min {text}: not NAME=NUMBER.", "Such as: --min arg_c=0.6") from None
    if math.isnan(number):
        raise UsageError(f"--min {text}: not a number.", "Such as: --min arg_c=0.6")
    return name.strip(), number


def _lines(found: Agreement, verbose: bool) -> Iterator[str]:
    if not found.articles:
        return
    alone = f"; {found.alone} more with one reading only" if found.alone else ""
    people = counted(len(found.people), "person", "people")
    articles, pairs = counted(found.articles, "article"), counted(found.pairs, "pair")
    yield f"{articles} read by two or more, {people}, {pairs} of readings{alone}"
    yield ""
    yield from _overall(found)
    yield ""
    yield from _attributes(found, verbose)
    yield from _sentences(found, verbose)
    if verbose:
        yield from _details(found)


def _again_lines(found: Agreement) -> Iterator[str]:
    """Say how far people agree with themselves, all together and each."""
    from curate.agreement import MODES, TITLES

    yield ""
    yield f"{counted(found.articles, 'article')} read again by the same person: how far people agree with themselves"
    measures = ("tri_c", "arg_c")
    rows = [("all", str(found.articles), *(_number(found.overall[MODES[0]][one]) for one in measures))]
    rows += [
        (one.one, str(one.articles), *(_number(one.scores[MODES[0]][measure]) for measure in measures))
        for one in found.people_pairs
    ]
    yield from _table(("F1, exact", "articles", *(TITLES[one] for one in measures)), rows)


def _overall(found: Agreement) -> list[str]:
    from curate.agreement import MEASURES, MODES, TITLES

    rows = [(TITLES[one], *(_number(found.overall[mode][one]) for mode in MODES)) for one in MEASURES]
    return _table(("F1", "exact", "relaxed"), rows)


def _attributes(found: Agreement, verbose: bool) -> list[str]:
    shown = found.attributes if verbose else found.attributes[:ATTRIBUTES]
    rows = [
        (
            one.name,
            _number(one.alpha["exact"]),
            _number(one.alpha["relaxed"]) if "relaxed" in one.alpha else "",
            str(one.alpha["exact"].units),
            _percent(one.alpha["exact"].aligned),
            _percent(one.alpha["exact"].same),
        )
        for one in shown
    ]
    lines = _table(("alpha", "exact", "relaxed", "units", "aligned", "same"), rows) if rows else []
    left = len(found.attributes) - len(shown)
    return [*lines, f"... and {counted(left, 'more attribute')}: --verbose"] if left else lines


def _sentences(found: Agreement, verbose: bool) -> Iterator[str]:
    """Explain every number, or the lowest one and those that are not there."""
    from curate.agreement import MEASURES, MODES, TITLES
    from curate.agreement.sentences import alpha_sentence, score_sentence

    yield ""
    exact = found.overall[MODES[0]]
    told = [one for one in MEASURES if exact[one].value is not None]
    lowest = sorted(told, key=lambda one: exact[one].value or 0)[:1]
    for one in MEASURES if verbose else lowest:
        yield f"{TITLES[one]} {_value(exact[one])}: {score_sentence(one, MODES[0], exact[one])}."
    if verbose:
        for attribute in found.attributes:
            alpha = attribute.alpha[MODES[0]]
            yield f"{attribute.name} {_value(alpha)} ({attribute.scale}): {alpha_sentence(attribute.name, alpha)}."
        return
    undefined = [(TITLES[one], exact[one].reason) for one in MEASURES]
    undefined += [(one.name, one.alpha[MODES[0]].reason) for one in found.attributes]
    reasons: dict[str, list[str]] = {}
    for name, reason in undefined:
        if reason:
            reasons.setdefault(reason, []).append(name)
    for reason, names in reasons.items():
        yield f"{NONE} {', '.join(names)}: {reason}."


def _details(found: Agreement) -> Iterator[str]:
    yield from _section("Event types", found.by_type, ("tri_c", "arg_c", "arg_c_plus"))
    yield from _section("Roles", found.by_role, ("arg_c", "arg_c_plus"))
    yield from _section("Links", found.by_link, ("links",))
    pairs = {f"{one.one} / {one.other}": one.scores for one in found.people_pairs}
    yield from _section("Pairs of people", pairs, ("tri_c", "arg_c", "arg_c_plus"))
    yield from _section(
        "People against all others",
        {one.annotator: one.scores for one in found.people},
        ("tri_c", "arg_c", "arg_c_plus"),
    )
    yield from _section("Batches", {one.name: one.scores for one in found.batches}, ("tri_c", "arg_c", "arg_c_plus"))
    pair_alphas = {f"{one.one} / {one.other}": one.alphas for one in found.people_pairs}
    yield from _alphas("Attributes by pair of people", pair_alphas)
    yield from _alphas("Attributes by person against all others", {one.annotator: one.alphas for one in found.people})
    yield from _alphas("Attributes by batch", {one.name: one.alphas for one in found.batches})
    yield from _confusion("Event types confused", found.type_confusion)
    yield from _confusion("Roles confused", found.role_confusion)
    worst = sorted(found.by_article, key=lambda one: (-one.differences, one.article_id))[:ROWS]
    if worst:
        yield from ("", "Most differences")
        yield from _table(
            ("article", "differences", "Arg-C+"),
            [(one.article_id, str(one.differences), _plain(one.values["exact"]["arg_c_plus"])) for one in worst],
        )


def _section(title: str, groups: dict[str, Scores], measures: tuple[str, ...]) -> Iterator[str]:
    from curate.agreement import MODES, TITLES

    if groups:
        yield from ("", title)
        rows = [(name, *(_number(scores[MODES[0]][one]) for one in measures)) for name, scores in groups.items()]
        yield from _table(("", *(TITLES[one] for one in measures)), rows)


def _alphas(title: str, groups: dict[str, Alphas]) -> Iterator[str]:
    """Lay the exact alphas out with a line for each attribute and a column for each group, a few side by side."""
    from curate.agreement import MODES

    named = [*groups.items()]
    for begin in range(0, len(named), SIDE_BY_SIDE):
        side = named[begin : begin + SIDE_BY_SIDE]
        yield from ("",) if begin else ("", title)
        attributes = side[0][1][MODES[0]]
        rows = [(one, *(_number(alphas[MODES[0]][one]) for _, alphas in side)) for one in attributes]
        yield from _table(("alpha", *(name for name, _ in side)), rows)


def _confusion(title: str, pairs: Iterable[Confused]) -> Iterator[str]:
    differing = sorted((one for one in pairs if one.one != one.other), key=lambda one: -one.count)[:ROWS]
    if differing:
        yield from ("", title)
        yield from _table(
            ("one", "other", "times"),
            [(one.one or NONE, one.other or "(not marked)", str(one.count)) for one in differing],
        )


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> list[str]:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="")
    for place, title in enumerate(head):
        table.add_column(title, overflow="fold", justify="left" if place == 0 else "right")
    for row in rows:
        table.add_row(*row)
    console = Console(file=io.StringIO(), width=100, color_system=None, markup=False, emoji=False, highlight=False)
    with console.capture() as captured:
        console.print(table)
    return [line.rstrip() for line in captured.get().splitlines()]


def _number(found: Score | Alpha) -> str:
    bounds = f" [{found.low:.2f} {found.high:.2f}]" if found.low is not None and found.high is not None else ""
    return _value(found) + bounds


def _value(found: Score | Alpha) -> str:
    return _plain(found.value)


def _plain(value: float | None) -> str:
    return NONE if value is None else f"{value:.2f}"


def _percent(share: float | None) -> str:
    return NONE if share is None else f"{100 * share:.0f} %"
