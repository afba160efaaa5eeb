"""All measures of agreement of the readings of many articles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from curate.agreement.aligning import Alignment, align_table, meet, partners
from curate.agreement.attributes import AttributeAlphas, Grouping, attribute_agreement
from curate.agreement.bootstrap import Drawn, draw
from curate.agreement.counting import Counts, count
from curate.agreement.matching import Comparison, Edges, sums
from curate.agreement.results import (
    MEASURES,
    MODES,
    Agreement,
    Alphas,
    ArticleAgreement,
    BatchAgreement,
    Confused,
    PairAgreement,
    PersonAgreement,
    Scores,
)
from curate.agreement.scoring import DIGITS, Column, by_comparison, by_label, grouped, groups, rounded, score
from curate.agreement.table import Amounts, Integers, Table
from curate.agreement.tabulating import tabulate

if TYPE_CHECKING:
    from curate.records import Annotation
    from curate.schema.model import EventSchema


def measure(
    annotations: Iterable[Annotation],
    schema: EventSchema,
    batches: Mapping[str, str] | None = None,
    *,
    samples: int = 0,
    seed: int = 0,
) -> Agreement:
    """Measure how far the readings of the same article agree, every two of different people.

    ``annotations`` may come in any order, one at a time; none is kept. ``batches`` names the group of an article, by
    its id. With ``samples`` the numbers get intervals by a bootstrap over articles that ``seed`` decides.
    """
    readings = (((one.article_id, one.text_sha256), one.annotator, one) for one in annotations)
    return measure_table(tabulate(readings, schema), batches or {}, samples=samples, seed=seed)


def measure_table(table: Table, batches: Mapping[str, str], *, samples: int = 0, seed: int = 0) -> Agreement:
    """Measure what ``tabulate`` put into columns; see ``measure``."""
    comparison = Comparison(table.readings, len(table.articles), table.most)
    drawn = draw(len(table.articles), samples, seed) if samples and table.articles else None
    couples, pair = _couples(table, comparison)
    people = table.readings.annotator[comparison.first], table.readings.annotator[comparison.second]
    names, batch = _batch_names(table, batches)
    who = np.array(couples, np.int64).reshape(-1, 2)
    grouping = Grouping(pair, (who[:, 0], who[:, 1]), len(table.annotators), batch, len(names))
    compared = _compare(table, comparison, grouping, drawn)
    alphas, counts = compared.alphas, compared.counts
    everything = by_comparison(counts, comparison)
    return Agreement(
        articles=len(table.articles),
        alone=table.alone,
        readings=len(table.readings.article),
        pairs=len(comparison.first),
        annotators=list(table.annotators),
        samples=samples,
        seed=seed,
        overall=score(next(groups(everything, 1, len(table.articles))), everything, drawn),
        by_type=_scores(by_label(counts, "type"), table.types, table, drawn),
        by_role=_scores(by_label(counts, "role"), table.roles, table, drawn),
        by_link=_scores(by_label(counts, "link"), table.link_types, table, drawn),
        attributes=alphas.overall,
        people_pairs=_pairs(couples, grouped(everything, pair), table, alphas.pairs, drawn),
        people=_people(table, everything, people, counts, alphas.people, drawn),
        batches=_batches(names, grouped(everything, batch[comparison.article]), table, alphas.batches, drawn),
        type_confusion=compared.type_confusion,
        role_confusion=compared.role_confusion,
        by_article=_articles(table, comparison, everything),
    )


@dataclass(frozen=True)
class _Compared:
    """What comes of laying readings side by side."""

    alphas: AttributeAlphas
    counts: list[Counts]
    type_confusion: list[Confused]
    role_confusion: list[Confused]


def _compare(table: Table, comparison: Comparison, grouping: Grouping, drawn: Drawn | None) -> _Compared:
    """Lay the readings side by side. Whose spans meet whose takes more memory than all else, and is let go here."""
    meetings = meet(table, comparison)
    alignment = align_table(table, comparison, meetings)
    return _Compared(
        attribute_agreement(table, comparison, meetings, alignment, grouping, drawn),
        list(count(table, comparison, meetings, alignment)),
        _type_confusion(table, comparison, alignment),
        _role_confusion(table, comparison, alignment),
    )


def _scores(columns: Sequence[Column], names: Sequence[str], table: Table, drawn: Drawn | None) -> dict[str, Scores]:
    """Score each of several groups by its name; those that nobody uses where articles are compared are left out."""
    found = zip(names, groups(columns, len(names), len(table.articles)), strict=True)
    return {name: score(group, columns, drawn) for name, group in found if len(group.article)}


def _couples(table: Table, comparison: Comparison) -> tuple[list[tuple[int, int]], Integers]:
    """List every two people who are compared; tell for each comparison which two they are."""
    one, other = table.readings.annotator[comparison.first], table.readings.annotator[comparison.second]
    coded, number = np.unique(one * len(table.annotators) + other, return_inverse=True)
    return [divmod(code, len(table.annotators)) for code in coded.tolist()], number


def _batch_names(table: Table, batches: Mapping[str, str]) -> tuple[list[str], Integers]:
    """Name the batches; tell for each article which it is in, their number for none."""
    names = sorted({batches[article] for article in table.articles if article in batches})
    place = {name: number for number, name in enumerate(names)}
    batch = [place[batches[article]] if article in batches else len(names) for article in table.articles]
    return names, np.array(batch, np.int64)


def _pairs(
    couples: Sequence[tuple[int, int]],
    columns: Sequence[Column],
    table: Table,
    alphas: Sequence[Alphas],
    drawn: Drawn | None,
) -> list[PairAgreement]:
    found = zip(couples, groups(columns, len(couples), len(table.articles)), alphas, strict=True)
    return [
        PairAgreement(
            table.annotators[one], table.annotators[other], len(group.article), score(group, columns, drawn), own
        )
        for (one, other), group, own in found
    ]


def _people(
    table: Table,
    everything: Sequence[Column],
    ends: tuple[Integers, Integers],
    counts: Sequence[Counts],
    alphas: Sequence[Alphas],
    drawn: Drawn | None,
) -> list[PersonAgreement]:
    annotator, size = table.readings.annotator, len(table.annotators)
    both_ends, both_articles = np.concatenate(ends), np.tile(everything[0].article, 2)
    columns = [
        replace(
            column,
            group=both_ends,
            article=both_articles,
            agreed=np.tile(column.agreed, 2),
            stated=np.tile(column.stated, 2),
        )
        for column in everything
    ]
    events = np.bincount(annotator[table.events.reading], minlength=size).tolist()
    arguments = np.bincount(annotator[table.events.reading[table.arguments.event]], minlength=size).tolist()
    shares = _shares([one for one in counts if one.mode == "exact"], ends, size)
    found = zip(table.annotators, groups(columns, size, len(table.articles)), strict=True)
    return [
        PersonAgreement(
            annotator=name,
            articles=len(group.article),
            events=events[place],
            arguments=arguments[place],
            scores=score(group, columns, drawn),
            alphas=alphas[place],
            confirmed={measure: own[place] for measure, (own, _) in shares.items()},
            found={measure: others[place] for measure, (_, others) in shares.items()},
        )
        for place, (name, group) in enumerate(found)
        if len(group.article)
    ]


def _shares(
    counts: Sequence[Counts], ends: tuple[Integers, Integers], size: int
) -> dict[str, tuple[list[float | None], list[float | None]]]:
    """Give by measure, for each person, the share of the own statements and of the others' that both make."""

    def share(agreed: Amounts, stated: Amounts) -> list[float | None]:
        return [rounded(one / all_) if all_ else None for one, all_ in zip(agreed, stated, strict=True)]

    def total(amounts: Amounts, own: int) -> Amounts:
        return sums(ends[0], amounts[own], size) + sums(ends[1], amounts[1 - own], size)

    return {
        one.measure: tuple(share(total(one.agreed, own), total(one.stated, own)) for own in (0, 1))  # type: ignore[misc]
        for one in counts
    }


def _batches(
    names: Sequence[str], columns: Sequence[Column], table: Table, alphas: Sequence[Alphas], drawn: Drawn | None
) -> list[BatchAgreement]:
    found = zip(names, groups(columns, len(names), len(table.articles)), alphas, strict=True)
    return [BatchAgreement(name, len(group.article), score(group, columns, drawn), own) for name, group, own in found]


def _type_confusion(table: Table, comparison: Comparison, alignment: Alignment) -> list[Confused]:
    return _confusion(alignment.events, table.events.type, table.events.reading, table.types, comparison)


def _role_confusion(table: Table, comparison: Comparison, alignment: Alignment) -> list[Confused]:
    """Count roles against roles; arguments of events that the other reading lacks are not counted."""
    events, arguments = table.events, table.arguments
    partner = partners(alignment.events, events.reading, comparison)
    asked = (partner[arguments.event] >= 0).sum(axis=1)
    reading = events.reading[arguments.event]
    return _confusion(alignment.arguments, arguments.role, reading, table.roles, comparison, asked)


def _confusion(
    edges: Edges,
    label: Integers,
    reading: Integers,
    names: Sequence[str],
    comparison: Comparison,
    chances: Integers | None = None,
) -> list[Confused]:
    """Count which labels are aligned with which, and how many are aligned with none.

    ``chances`` says how many other readings each row might have had its partner in; all there are unless given.
    """
    size = len(names)
    first = np.minimum(label[edges.one], label[edges.other])
    second = np.maximum(label[edges.one], label[edges.other])
    chances = comparison.partners()[reading] if chances is None else chances
    met = np.bincount(np.concatenate((edges.one, edges.other)), minlength=len(label))
    missing = sums(label, (chances - met).astype(np.float64), size)
    coded, counted = np.unique(first * size + second, return_counts=True)
    found = [
        Confused(names[code // size], names[code % size], number)
        for code, number in zip(coded.tolist(), counted.tolist(), strict=True)
    ]
    return found + [Confused(name, None, int(number)) for name, number in zip(names, missing, strict=True) if number]


def _articles(table: Table, comparison: Comparison, columns: Sequence[Column]) -> list[ArticleAgreement]:
    size = len(table.articles)
    agreed = np.stack([sums(column.article, column.agreed, size) for column in columns])
    stated = np.stack([sums(column.article, column.stated, size) for column in columns])
    shares = (agreed / np.maximum(stated, 1)).round(DIGITS).astype(object)
    shares[stated == 0] = None
    at = {(column.mode, column.measure): place for place, column in enumerate(columns)}
    counted = [at["exact", measure] for measure in ("tri_c", "arg_c_plus")]
    differences = (stated - agreed)[counted].sum(axis=0).tolist()
    people: list[list[str]] = [[] for _ in table.articles]
    for article, annotator in zip(table.readings.article.tolist(), table.readings.annotator.tolist(), strict=True):
        people[article].append(table.annotators[annotator])
    places = {mode: [at[mode, measure] for measure in MEASURES] for mode in MODES}
    values = {
        mode: [dict(zip(MEASURES, row, strict=True)) for row in shares[chosen].T.tolist()]
        for mode, chosen in places.items()
    }
    return [
        ArticleAgreement(name, people[number], {mode: values[mode][number] for mode in MODES}, int(differences[number]))
        for number, name in enumerate(table.articles)
    ]
