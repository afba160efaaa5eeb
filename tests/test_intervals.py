"""The bootstrap: what it draws, and that each sample is the number of the articles that were drawn."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.agreement.alpha import SCALES, Laid, alpha, alphas, coincidences
from curate.agreement.bootstrap import draw, middle, resample

ARTICLES, GROUPS, ANSWERS = 4, 2, 90
units = st.lists(
    st.tuples(
        st.integers(0, ARTICLES - 1),
        st.integers(0, GROUPS - 1),
        st.lists(st.integers(0, 4) | st.integers(0, ANSWERS - 1), min_size=1, max_size=4),
    ),
    min_size=1,
    max_size=60,
)


def laid_out(found: list[tuple[int, int, list[int]]]) -> Laid:
    rows = [(unit, place, article, group) for unit, (article, group, said) in enumerate(found) for place in said]
    return Laid(*(np.array(column, np.int64) for column in zip(*rows, strict=True)))


@settings(max_examples=80)
@given(units, st.sampled_from(SCALES), st.integers(0, 9))
def test_alpha_of_a_sample_is_that_of_the_articles_drawn(
    found: list[tuple[int, int, list[int]]], scale: str, seed: int
) -> None:
    """However many answers there are, drawing articles is the same as having read them as often as they are drawn."""
    values = np.array([1000.0 + place for place in range(ANSWERS)])
    drawn = draw(ARTICLES, 5, seed)
    sampled = alphas(coincidences(laid_out(found), GROUPS, scale, values), drawn)
    for times, told in zip(drawn.tolist(), sampled.tolist(), strict=True):
        again = [unit for unit in found for _ in range(times[unit[0]])]
        if not again:
            assert all(map(math.isnan, told))
            continue
        expected = alpha(coincidences(laid_out(again), GROUPS, scale, values)).tolist()
        assert told == pytest.approx(expected, abs=1e-6, nan_ok=True)


@given(st.integers(1, 300), st.integers(1, 5), st.integers(0, 3))
def test_as_many_articles_are_drawn_as_there_are(articles: int, samples: int, seed: int) -> None:
    """Whether amounts belong to all articles or to some, a sample sums what was drawn."""
    drawn = draw(articles, samples, seed)
    assert drawn.sum(axis=1).tolist() == [articles] * samples
    amounts = np.arange(articles, dtype=np.float64)[:, None]
    for chosen in (np.arange(articles), np.arange(0, articles, 2)):
        summed = resample(drawn, chosen, amounts[chosen])[:, 0].tolist()
        assert summed == [
            sum(int(times) * place for place, times in enumerate(row) if place in chosen) for row in drawn
        ]


def test_an_interval_needs_a_number_in_nearly_every_sample() -> None:
    """Of a hundred samples four may be without; the bounds leave out a fortieth at each end of the others."""
    numbers = np.tile(np.linspace(0, 1, 101), (2, 1)).T
    numbers[:4, 0], numbers[:6, 1] = np.nan, np.nan
    told, untold = middle(numbers)
    assert told == pytest.approx((0.04 + 0.96 * 0.025, 0.04 + 0.96 * 0.975))
    assert untold is None
    assert Counter(middle(np.full((10, 3), np.nan))) == {None: 3}
