"""Maximum-weight bipartite assignment: who goes with whom, each at most once (pure)."""

from __future__ import annotations

from collections.abc import Sequence


def assign(weights: Sequence[Sequence[int]]) -> list[tuple[int, int]]:
    """Pair rows with columns, each at most once, so that the sum of the weights is as large as can be.

    ``weights`` is a table of whole numbers of at least 0; a pair of weight 0 is never made. Gives (row, column) by
    row. Which of several best assignments this gives depends on the order of rows and columns alone, and not on which
    side is called rows: a table and its mirror image are solved the same way round (unless they are one and the same
    table, where three or more go round about: nothing in it tells one way from the other). The algorithm is the
    Hungarian method with shortest augmenting paths (R. Jonker and A. Volgenant, A Shortest Augmenting Path
    Algorithm for Dense and Sparse Linear Assignment Problems, Computing 38, 1987), cubic in the size of the table.
    """
    if not weights or not weights[0]:
        return []
    mirrored = list(zip(*weights, strict=True))
    if (len(weights), list(map(tuple, weights))) > (len(mirrored), mirrored):
        return sorted((row, column) for column, row in assign(mirrored))
    costs = [[-weight for weight in line] for line in weights]
    row_of = [-1] * (len(costs[0]) + 1)
    row_prices, column_prices = [0] * len(costs), [0] * len(row_of)
    for row in range(len(costs)):
        _augment(row, costs, row_of, row_prices, column_prices)
    return sorted((row, column) for column, row in enumerate(row_of[:-1]) if row >= 0 and weights[row][column] > 0)


def _augment(
    start: int, costs: list[list[int]], row_of: list[int], row_prices: list[int], column_prices: list[int]
) -> None:
    """Give the row ``start`` a column, moving rows that have one along the cheapest path.

    ``row_of`` names the row of each column, -1 for none; its last entry stands for a column outside the table, at
    which the path begins. The prices stay such that no cost is below the sum of its row's and its column's.
    """
    outside = len(costs[0])
    row_of[outside] = start
    came_from = [outside] * outside
    slack: list[int | None] = [None] * outside
    done = [outside]
    column = outside
    while row_of[column] >= 0:
        row = row_of[column]
        open_columns = [other for other in range(outside) if other not in done]
        for other in open_columns:
            reduced = costs[row][other] - row_prices[row] - column_prices[other]
            known = slack[other]
            if known is None or reduced < known:
                slack[other], came_from[other] = reduced, column
        step, column = min((known, other) for other in open_columns if (known := slack[other]) is not None)
        for other in done:
            row_prices[row_of[other]] += step
            column_prices[other] -= step
        for other in open_columns:
            slack[other] = (slack[other] or 0) - step
        done.append(column)
    while column != outside:
        row_of[column] = row_of[came_from[column]]
        column = came_from[column]
