"""By which rule differences are settled (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from curate.adjudication.statements import ABSENT, PRESENT, is_presence
from curate.records import Candidate

POLICIES = ("agree", "majority", "intersection", "union")


@dataclass(frozen=True)
class Policy:
    """A rule. ``annotator`` is whose reading decides; ``voices`` how many have to say the same, if that was named."""

    kind: str
    annotator: str = ""
    voices: int | None = None

    @property
    def name(self) -> str:
        """Write it as it stands in the log of decisions."""
        detail = self.annotator or (str(self.voices) if self.voices else "")
        return f"{self.kind}:{detail}" if detail else self.kind

    @property
    def by_field(self) -> bool:
        """Tell whether events that differ in type or span are told apart by field; sets of ids know no fields."""
        return self.kind not in ("intersection", "union")


def read_policy(text: str) -> Policy | None:
    """Read ``agree``, ``majority``, ``majority:K``, ``intersection``, ``union`` or ``annotator:NAME``; else None."""
    kind, colon, detail = text.partition(":")
    if kind == "annotator" and detail:
        return Policy(kind, annotator=detail)
    if kind == "majority" and detail.isdecimal() and int(detail) > 1:
        return Policy(kind, voices=int(detail))
    return Policy(kind) if kind in POLICIES and not colon else None


def choose(about: str, candidates: Sequence[Candidate], policy: Policy) -> str | None:
    """Choose an answer to what readings differ on; None when the policy leaves it open.

    A majority is more than half of those who have a say, or the number the policy names if no other answer has as
    many voices. Under ``agree`` no difference is settled, a set operation settles no value, and an annotator nothing
    that they have no say in.
    """
    if policy.kind == "annotator":
        return next((one.value for one in candidates if policy.annotator in one.annotators), None)
    if policy.kind == "majority":
        return _most(candidates, policy.voices)
    if policy.kind == "agree" or not is_presence(about):
        return None
    return ABSENT if policy.kind == "intersection" else PRESENT


def _most(candidates: Sequence[Candidate], needed: int | None) -> str | None:
    total = sum(len(one.annotators) for one in candidates)
    first, second = sorted((len(one.annotators) for one in candidates), reverse=True)[:2]
    if first == second or (first < needed if needed else first * 2 <= total):
        return None
    return next(one.value for one in candidates if len(one.annotators) == first)
