"""The least agreement that somebody asks for, and where it is not reached."""

from __future__ import annotations

from collections.abc import Mapping

from curate.agreement.results import MEASURES, MODES, TITLES, Agreement
from curate.errors import UsageError


def shortfalls(agreement: Agreement, minimums: Mapping[str, float]) -> list[str]:
    """Say, a line each, which of the numbers asked for are too low or not there.

    ``minimums`` go by measure (``arg_c``, or as the field writes it, ``Arg-C+``) or attribute; ``relaxed.arg_c`` asks
    for the relaxed number instead of the exact one. Raises UsageError for a name that is neither.
    """
    return [line for name, least in minimums.items() for line in _shortfall(agreement, name, least)]


def _shortfall(agreement: Agreement, name: str, least: float) -> list[str]:
    mode, _, wanted = name.rpartition(".")
    measure = wanted.lower().replace("-", "_").replace("+", "_plus")
    alphas = {one.name: one.alpha for one in agreement.attributes}
    known = measure in MEASURES or wanted in alphas
    if not known or mode not in ("", *MODES) or mode not in ("", *alphas.get(wanted, MODES)):
        names = ", ".join([*MEASURES, *alphas])
        raise UsageError(f"no measure or attribute {name!r}.", f"Use one of: {names}; or relaxed.NAME.")
    mode = mode or MODES[0]
    found = agreement.overall[mode][measure] if measure in MEASURES else alphas[wanted][mode]
    title = f"{TITLES.get(measure, wanted)} ({mode})"
    if found.value is None:
        return [f"{title} is undefined ({found.reason}), {least:g} was asked for."]
    if found.value >= least:
        return []
    shown = f"{found.value:.3f}"
    return [f"{title} is {shown if float(shown) < least else found.value}, below {least:g}."]
