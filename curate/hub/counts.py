"""What a table holds, counted row by row as it is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

TOTALS = ("rows", "events", "arguments", "clusters", "links")
LABELS = ("event_types", "roles", "link_types")


class Counts:
    """Rows, events, arguments, clusters and links, the last three by label as well."""

    def __init__(self) -> None:
        self._totals: Counter[str] = Counter()
        self._labels: dict[str, Counter[str]] = {name: Counter() for name in LABELS}

    def add(self, row: Mapping[str, Any]) -> None:
        """Count a row."""
        arguments = [argument["role"] for event in row["events"] for argument in event["arguments"]]
        self._labels["event_types"].update(event["type"] for event in row["events"])
        self._labels["roles"].update(arguments)
        self._labels["link_types"].update(link["type"] for link in row["links"])
        self._totals["rows"] += 1
        self._totals["arguments"] += len(arguments)
        for name in ("events", "clusters", "links"):
            self._totals[name] += len(row[name])

    def told(self) -> dict[str, Any]:
        """Give the counts as the manifest keeps them, labels in order of name."""
        labels = {name: dict(sorted(counted.items())) for name, counted in self._labels.items()}
        return {**{name: self._totals[name] for name in TOTALS}, **labels}
