"""How a finding code is described, and the three levels."""

from __future__ import annotations

from typing import NamedTuple

ERROR, WARNING, INFO = "error", "warning", "info"


class Kind(NamedTuple):
    """What is said of a code: one phrase of meaning, one example, one sentence of advice."""

    level: str
    meaning: str
    example: str
    advice: str


AGAIN = "Open the annotation by the link of the finding, mend it, press Update, and pull again."
