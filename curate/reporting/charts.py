"""Charts as SVG, drawn offline by Vega-Lite; the only importer of vl_convert."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from curate.reporting.html import Html, element, fragment, trusted

GRAMMAR = "5.20"
WIDTH, ROW, LETTER = 230, 18, 7
"""Sizes in pixels: the lines of the plot, the room for a point, and for a letter."""
_OPENING = re.compile(r'<svg [^>]*class="marks" width="[\d.]+" height="[\d.]+" viewBox="([\d. ]+)">')


class Point(NamedTuple):
    """A value from 0 to 1 with its interval, where there is one; ``series`` tells points of one name apart."""

    name: str
    series: str
    value: float
    low: float | None
    high: float | None


def interval_chart(number: int, title: str, description: str, points: Sequence[Point]) -> Html:
    """Draw each name's values as points on lines that are their intervals.

    The colours are those of the page, by class. A screen reader gets title and description; the numbers have to stand
    in a table beside it. ``number`` tells the charts of a page apart.
    """
    import vl_convert

    svg = vl_convert.vegalite_to_svg(_specification(points), vl_version=GRAMMAR)
    opening = _OPENING.match(svg)
    if not opening:
        raise ValueError(f"an SVG that begins otherwise: {svg[:200]}")
    head = fragment(
        element("title", title, id=f"chart{number}-title"),
        element("desc", description, id=f"chart{number}-words"),
    )
    labels = f"chart{number}-title chart{number}-words"
    drawn = f'<svg role="img" aria-labelledby="{labels}" viewBox="{opening[1]}">{head}{svg[opening.end() :]}'
    return element("figure", trusted(drawn), element("figcaption", title, " ", _legend(points)), class_="chart")


def _legend(points: Sequence[Point]) -> Html:
    series = list(dict.fromkeys(point.series for point in points))
    return fragment(*(element("span", one, class_=f"key series{place}") for place, one in enumerate(series)))


def _specification(points: Sequence[Point]) -> dict[str, Any]:
    """Describe the chart in Vega-Lite's grammar: two layers for each series, so that each has a class in the SVG."""
    series = list(dict.fromkeys(point.series for point in points))
    names = list(dict.fromkeys(point.name for point in points))
    layers = [layer for place, one in enumerate(series) for layer in _layers(place, one, points)]
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "width": WIDTH,
        "height": ROW * len(series) * len(names),
        # Nothing is measured: which fonts a machine has must not change the file.
        "autosize": "none",
        "padding": {"left": 10 + LETTER * max(map(len, names), default=0), "right": 15, "top": 5, "bottom": 25},
        "encoding": {
            "y": {"field": "name", "type": "nominal", "title": None, "scale": {"domain": names}},
            "yOffset": {"field": "series", "type": "nominal", "scale": {"domain": series}},
        },
        "layer": layers,
        "config": {
            "background": None,
            "view": {"stroke": None},
            "axis": {"labelFontSize": 12, "labelLimit": 0, "domain": False, "ticks": False, "labelPadding": 6},
        },
    }


def _layers(place: int, series: str, points: Sequence[Point]) -> list[dict[str, Any]]:
    rows = [point._asdict() for point in points if point.series == series]
    scale = {"domain": [0, 1]}
    axis = {"title": None, "values": [0, 0.25, 0.5, 0.75, 1], "format": ".2~f"}
    axis_of = {"type": "quantitative", "scale": scale, "axis": axis}
    shape = ("circle", "diamond", "square")[place % 3]
    return [
        {
            "name": f"line{place}",
            "data": {"values": [row for row in rows if row["low"] is not None]},
            "mark": {"type": "rule", "strokeWidth": 2},
            "encoding": {"x": {"field": "low", **axis_of}, "x2": {"field": "high"}},
        },
        {
            "name": f"point{place}",
            "data": {"values": rows},
            "mark": {"type": "point", "filled": True, "size": 55, "opacity": 1, "shape": shape},
            "encoding": {"x": {"field": "value", **axis_of}},
        },
    ]
