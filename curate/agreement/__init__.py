"""How far people agree on events, arguments, attributes, links and clusters."""

from curate.agreement.measuring import measure, measure_table
from curate.agreement.results import MEASURES, MODES, TITLES, Agreement, Alpha, Score
from curate.agreement.table import Table
from curate.agreement.tabulating import tabulate
from curate.agreement.thresholds import shortfalls

__all__ = [
    "MEASURES",
    "MODES",
    "TITLES",
    "Agreement",
    "Alpha",
    "Score",
    "Table",
    "measure",
    "measure_table",
    "shortfalls",
    "tabulate",
]
