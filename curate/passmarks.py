"""What it takes to be let in to annotate (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from curate.errors import UsageError


@dataclass(frozen=True)
class PassMarks:
    """What ``[qualification]`` in curate.toml asks for: an exact F1 for each measure.

    Where it is ``required``, nobody is given anything to read before they pass.
    """

    least: Mapping[str, float] = field(default_factory=lambda: {"tri_c": 0.7, "arg_c": 0.5})
    required: bool = False


def read_pass_marks(table: Mapping[str, Any]) -> PassMarks:
    """Read ``[qualification]``. Raises UsageError naming the key that is wrong."""
    if not table:
        return PassMarks()
    from curate.agreement.results import MEASURES

    least = {name: value for name, value in table.items() if name != "required"}
    for name, value in least.items():
        if name not in MEASURES or type(value) not in (int, float) or not 0 <= value <= 1:
            fix = f"Write a measure with a number from 0 to 1, such as arg_c = 0.6: {', '.join(MEASURES)}."
            raise UsageError(f"qualification.{name} is no pass mark.", fix)
    if type(table.get("required", False)) is not bool:
        raise UsageError("qualification.required must be true or false.", "Mend it there.")
    return PassMarks(least or PassMarks().least, table.get("required", False))
