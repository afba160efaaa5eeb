"""Tables for people: a caption, headings that screen readers use, numbers to the right, bars beside counts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from curate.reporting.html import Html, element

Cell = str | int | None
NOTHING = "–"
WORDS = 20
"""What is longer may be wrapped."""
DEEPEST = 5


def table(caption: str, head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Html:
    """Make a table. The first cell of a row is its heading; columns of whole numbers and percents stand on the right.

    It scrolls by itself, with the arrow keys too, where the window is narrower.
    """
    lines = [list(row) for row in rows]
    numbers = [any(_is_number(line[place]) for line in lines) for place in range(len(head))]
    columns = [
        element("th", title, scope="col", class_="number" if number else None)
        for title, number in zip(head, numbers, strict=True)
    ]
    return _scrolling(caption, columns, [_row(line, numbers) for line in lines])


def matrix(
    caption: str, corner: str, names: Sequence[str], columns: Sequence[str], counts: Sequence[Sequence[int]]
) -> Html:
    """Make a table of counts, the darker the more; the diagonal, where a row meets its own column, is set off."""
    most = max(
        (count for row, line in enumerate(counts) for place, count in enumerate(line) if row != place), default=0
    )
    body = [
        element(
            "tr",
            element("th", name, scope="row"),
            [
                element(
                    "td",
                    count or "·",
                    class_="number same" if row == place else f"number heat{_depth(count, most)}",
                )
                for place, count in enumerate(counts[row])
            ],
        )
        for row, name in enumerate(names)
    ]
    head = [element("th", element("span", name), scope="col", class_="steep") for name in columns]
    return _scrolling(caption, [element("th", corner, scope="col"), *head], body, class_="compact")


def bar(amount: int, most: int) -> Html:
    """Draw how much ``amount`` is of ``most``; the number itself has to stand beside it."""
    width = 100 * amount // most if most else 0
    return element(
        "svg",
        element("rect", width=max(width, 1) if amount else 0, height=10),
        class_="bar",
        viewBox="0 0 100 10",
        preserveAspectRatio="none",
        aria_hidden="true",
    )


def share(amount: int, whole: int) -> str:
    """Give a share in whole percent."""
    return f"{100 * amount / whole:.0f} %" if whole else NOTHING


def _row(cells: Sequence[Cell], numbers: Sequence[bool]) -> Html:
    heading, *others = [NOTHING if cell is None else cell for cell in cells]
    return element(
        "tr",
        element("th", heading, scope="row"),
        [
            element("td", cell, class_="number" if number else "words" if _is_long(cell) else None)
            for cell, number in zip(others, numbers[1:], strict=True)
        ],
    )


def _is_number(cell: Cell) -> bool:
    return isinstance(cell, int) or (isinstance(cell, str) and cell.removesuffix(" %").isdecimal())


def _is_long(cell: Cell) -> bool:
    return isinstance(cell, str) and not isinstance(cell, Html) and len(cell) > WORDS


def _scrolling(caption: str, head: Sequence[Html], body: Sequence[Html], class_: str | None = None) -> Html:
    content = element(
        "table",
        element("caption", caption),
        element("thead", element("tr", *head)),
        element("tbody", *body),
        class_=class_,
    )
    return element("div", content, class_="scroll", role="region", aria_label=caption, tabindex=0)


def _depth(count: int, most: int) -> int:
    return -(-DEEPEST * count // most) if most else 0
