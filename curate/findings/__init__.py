"""The catalogue of finding codes: how heavy each is, what it means, what it looks like, what to do.

``error`` holds the whole reading back, ``warning`` and ``info`` are told and let pass.
"""

from __future__ import annotations

import difflib

from curate.findings.faults import FAULTS
from curate.findings.kinds import ERROR as ERROR
from curate.findings.kinds import INFO as INFO
from curate.findings.kinds import WARNING as WARNING
from curate.findings.notices import NOTICES

CODES = FAULTS | NOTICES

LEADS = frozenset({"annotation-orphan", "text-changed", "text-hash-mismatch"})
"""Codes of what no annotator can mend: the article or the task is not what it was."""

WHOLE = frozenset({"annotation-orphan", "text-changed"})
"""Errors of all of an annotation, so that nothing would be left without what they name."""


def acceptance_fault(code: str) -> str:
    """Say why a code can't be accepted as it is; empty when it can."""
    if code not in CODES:
        near = difflib.get_close_matches(code, CODES, 1)
        return f"there is no finding {code!r}" + (f" (did you mean {near[0]!r}?)" if near else "")
    if level(code) != ERROR:
        return f"{code!r} holds nothing back"
    return f"{code!r} is about the whole annotation: nothing of it would be left" if code in WHOLE else ""


def level(code: str) -> str:
    """Give a code's level: error, warning or info."""
    return CODES[code].level
