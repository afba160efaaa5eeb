"""What a number means, and why there is none, in plain words."""

from __future__ import annotations

from curate.agreement.results import Alpha, Score

STATED = {
    "tri_i": "triggers",
    "tri_c": "events",
    "arg_i": "arguments",
    "arg_c": "arguments",
    "arg_i_plus": "arguments",
    "arg_c_plus": "arguments",
    "links": "links",
    "clusters": "mentions",
}
WHERE = {"links": " between events that both have", "clusters": " in clusters of several"}
SHARED = {
    "tri_i": "a trigger at the same place",
    "tri_c": "the same type at the same place",
    "arg_i": "the same filler for an event of the same type",
    "arg_c": "the same filler in the same role of an event of the same type",
    "arg_i_plus": "the same filler for the same event",
    "arg_c_plus": "the same filler in the same role of the same event",
    "links": "the same link between the same events",
    "clusters": "the same mentions together, cluster by cluster the share of the links within",
}
RELAXED = "; spans need only overlap by half"


def undefined_score(measure: str) -> str:
    """Say why a measure has no value: nothing was stated that could be agreed upon."""
    return f"nobody marked {STATED[measure]}{WHERE.get(measure, '')}, so there is nothing to agree on"


def score_sentence(measure: str, mode: str, score: Score) -> str:
    """Say what a score counts."""
    if score.value is None:
        return f"undefined: {score.reason}"
    return (
        f"of the {_number(score.stated)} {STATED[measure]} that two readings mark{WHERE.get(measure, '')}, "
        f"{_number(score.agreed)} are in the other one too: {SHARED[measure]}{RELAXED if mode == 'relaxed' else ''}"
    )


def undefined_alpha(units: int, different: int) -> str:
    """Say why alpha has no value: ``units`` have two or more values, and ``different`` values occur on them."""
    if units == 0:
        return "nothing has two or more values"
    if different == 1:
        return "everybody always gave the same value, so that chance can't be told from agreement"
    return "the values don't differ on this scale"


def alpha_sentence(name: str, alpha: Alpha) -> str:
    """Say what an alpha stands on, and how far it carries by Krippendorff's own marks."""
    if alpha.value is None:
        return f"undefined: {alpha.reason}"
    if alpha.value >= 0.8:
        carries = "reliable"
    elif alpha.value >= 2 / 3:
        carries = "enough for tentative conclusions"
    elif alpha.value > 0:
        carries = "better than chance, but too low to build on"
    else:
        carries = "no better than chance"
    same = f"{100 * (alpha.same or 0):.0f} %"
    return (
        f"{name} was answered the same in {same} of the cases on {alpha.units} units; beyond chance that is {carries}"
    )


def _number(amount: float) -> str:
    return f"{amount:.1f}".removesuffix(".0")
