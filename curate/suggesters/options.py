"""How suggestions are to be made, as ``[suggest]`` in curate.toml says (pure)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from curate.errors import UsageError

KINDS: dict[str, tuple[tuple[type, ...], str]] = {
    "by": ((str,), "the name of a suggester"),
    "hold_out": ((int, float), "a share from 0 to 1"),
    "seed": ((str,), "text in quotes"),
    "order": ((str,), '"score" or "pushed"'),
    "url": ((str,), "a web address without a password"),
    "model": ((str,), "a model's name"),
    "key_file": ((str,), "a file's name"),
    "concurrency": ((int,), "a number from 1 to 64"),
    "timeout": ((int, float), "seconds"),
    "options": ((dict,), "a table"),
}
ADDRESS = re.compile(r"https?://[^/@\s]+(/[^\s?#]*)?")
FIX = "Mend it in curate.toml; docs/suggestions.md of curate shows them all."
WORDS, MODEL, NONE = "words", "model", "none"
"""The suggesters that are built in: trigger words, a language model, and the one that takes suggestions back."""


@dataclass(frozen=True)
class Options:
    """Who suggests, and how the suggestions are handed out.

    ``hold_out`` is the share of articles without suggestions, decided by ``seed``; ``by_score`` gives those that the
    suggester is least sure of first. ``url``, ``model``, ``concurrency``, ``timeout`` (seconds) and ``extra``, further
    keys of each request, are for a language model.
    """

    by: str
    hold_out: float
    seed: str
    by_score: bool
    url: str = ""
    model: str = ""
    concurrency: int = 4
    timeout: float = 120.0
    extra: Mapping[str, Any] = field(default_factory=dict)

    def held_out(self, article_id: str) -> bool:
        """Tell whether an article gets no suggestions: by the hash of its id, so that others change nothing.

        A larger share holds out the same articles and more.
        """
        drawn = int.from_bytes(hashlib.sha256(f"{self.seed}\n{article_id}".encode()).digest()[:8])
        return drawn < self.hold_out * 2**64


def read_options(table: Mapping[str, Any], workspace: str, by: str | None = None) -> Options:
    """Read ``[suggest]``; ``by`` is the suggester asked for, if one was. Raises UsageError naming the key.

    Without ``seed`` the workspace's id decides what is held out.
    """
    for key, value in table.items():
        if key not in KINDS:
            raise UsageError(f"[suggest]: unknown key {key!r}.", f"Known keys: {', '.join(KINDS)}.")
        kinds, what = KINDS[key]
        if not isinstance(value, kinds) or isinstance(value, bool):
            raise UsageError(f"[suggest]: {key} must be {what}.", FIX)
    by = by or table.get("by", WORDS)
    for key, fits in (
        ("hold_out", 0 <= table.get("hold_out", 0) <= 1),
        ("order", table.get("order", "pushed") in ("score", "pushed")),
        ("concurrency", 1 <= table.get("concurrency", 4) <= 64),
        ("timeout", table.get("timeout", 120) > 0),
        ("url", not table.get("url") or ADDRESS.fullmatch(table["url"])),
    ):
        if not fits:
            raise UsageError(f"[suggest]: {key} must be {KINDS[key][1]}.", FIX)
    for key in ("url", "model"):
        if by == MODEL and not table.get(key):
            raise UsageError(f"[suggest]: to ask a model, {key} must be set.", FIX)
    return Options(
        by=by,
        hold_out=table.get("hold_out", 0),
        seed=table.get("seed", workspace),
        by_score=table.get("order") == "score",
        url=table.get("url", ""),
        model=table.get("model", ""),
        concurrency=table.get("concurrency", 4),
        timeout=table.get("timeout", 120),
        extra=table.get("options", {}),
    )
