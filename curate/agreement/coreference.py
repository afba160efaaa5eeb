"""LEA, the measure for clusters: how many of the links within a cluster the other reading draws too.

N. S. Moosavi and M. Strube, Which Coreference Evaluation Metric Do You Trust? A Proposal for a Link-based Entity
Aware Metric, ACL 2016: a cluster counts by its size, and by the share of its links that are found.
"""

from __future__ import annotations

import numpy as np

from curate.agreement.matching import Comparison, Edges, sums
from curate.agreement.table import Amounts, Integers


def cluster_counts(cluster: Integers, edges: Edges, comparison: Comparison) -> tuple[Amounts, Amounts]:
    """Count by LEA what the two readings of each comparison state of the mentions that ``edges`` join.

    Gives two tables with a row for the first and one for the second reading and a column for each comparison: the
    mentions in clusters of two or more, and how many of them, weighted by the share of their cluster's links,
    the other reading resolves. An event that stands alone says nothing: alone is what unset means.
    """
    size = int(cluster.max(initial=0)) + 1
    sides = (edges.comparison * size + cluster[edges.one], edges.comparison * size + cluster[edges.other])
    stated, agreed = zip(
        *(lea(own, other, own // size, len(comparison.first)) for own, other in (sides, sides[::-1])), strict=True
    )
    return np.stack(stated), np.stack(agreed)


def lea(own: Integers, other: Integers, document: Integers, documents: int) -> tuple[Amounts, Amounts]:
    """Give, for each document, the mentions in clusters of two or more and how many of them are resolved.

    One row a mention: its cluster by the reading that is asked about, its cluster by the other one (negative and
    different for each mention the other does not have), its document. Resolved by mentions is the recall of LEA.
    """
    names, place, count = np.unique(own, return_inverse=True, return_counts=True)
    there, there_place = np.unique(other, return_inverse=True)
    common, shared = np.unique(place * max(len(there), 1) + there_place, return_counts=True)
    found = sums(common // max(len(there), 1), _pairs(shared), len(names))
    several = count > 1
    resolved = np.zeros(len(names))
    resolved[several] = count[several] * found[several] / _pairs(count[several])
    document_of = np.zeros(len(names), np.int64)
    document_of[place] = document
    return sums(document_of, np.where(several, count, 0.0), documents), sums(document_of, resolved, documents)


def _pairs(count: Integers) -> Amounts:
    pairs: Amounts = count * (count - 1) / 2
    return pairs
