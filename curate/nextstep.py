"""What stands next in a project: the command that brings it on (pure)."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass

ADD = "curate add FILE_OR_FOLDER, then curate push"
ANNOTATE = "annotate, then curate pull"
PUSH = "curate push"
MENDED = "once what was sent back is mended, curate pull"


@dataclass(frozen=True)
class Ahead:
    """What decides on the next step, beside the stages of the articles.

    ``kept`` counts the articles that lack a reading because one is held back, ``returned`` tells whether these were
    sent back. ``pushed`` and ``pulled`` tell whether that was ever done, ``assigned`` whether articles are given
    to people, ``released`` whether there is a release of the annotations as they are. ``policy`` is that of the last
    adjudication, ``version`` free for the next release, ``repository`` where the dataset is published.
    """

    articles: Mapping[str, int]
    kept: int
    returned: bool
    pushed: bool
    pulled: bool
    assigned: bool
    released: bool
    policy: str
    version: str
    repository: str


def next_step(ahead: Ahead) -> str:
    """Name the next command; what keeps others waiting comes first, and then what one may go on with."""
    stages = ahead.articles
    if not any(stages.values()):
        return ADD
    if not ahead.pulled:
        return push_step(ahead.assigned) + ", if there is anything new; else annotate, then curate pull" * ahead.pushed
    if stages["not pushed"]:
        return push_step(ahead.assigned)
    if ahead.kept:
        return mend_step(_ready(ahead), returned=ahead.returned)
    if stages["unread"] or stages["waiting"]:
        return read_step(_ready(ahead))
    return _ready(ahead)


def _ready(ahead: Ahead) -> str:
    """Name the command for the articles that have all their readings; empty where there are none."""
    stages = ahead.articles
    if stages["undecided"]:
        return adjudicate_command(ahead.policy)
    if ahead.released:
        return publish_command(ahead.repository)
    if stages["open"]:
        return settle_step(ahead.policy, ahead.version)
    return release_step(ahead.version) if stages["settled"] else ""


def push_step(assigned: bool) -> str:
    """Name the way of new articles to people."""
    return f"curate assign, then {PUSH}" if assigned else PUSH


def read_step(ready: str) -> str:
    """Say how articles get the readings they lack; ``ready`` is the command for the others."""
    return _first(ANNOTATE, ready)


def mend_step(ready: str, *, reachable: bool = True, returned: bool = False) -> str:
    """Say how readings that are held back are mended; ``returned`` if they were sent back, ``ready`` as above."""
    back = MENDED if returned else "curate send-back brings errors to those who can mend them, then curate pull"
    return _first(back if reachable else "have the errors mended in Label Studio, then curate pull", ready)


def _first(step: str, ready: str) -> str:
    return f"{step}; or go on with the rest: {ready}" if ready else step


def adjudicate_command(policy: str = "agree") -> str:
    """Write the command that adjudicates by a policy."""
    return "curate adjudicate" if policy == "agree" else f"curate adjudicate --policy {shlex.quote(policy)}"


def settle_step(policy: str, version: str) -> str:
    """Say what can be done where articles stay open."""
    return f"{adjudicate_command(policy)} --push brings what is open to people; or {release_step(version)}"


def release_step(version: str) -> str:
    """Name the command that releases what is settled."""
    return f"curate release {version}" + ", once [dataset] in curate.toml is filled in" * (version == "1.0.0")


def publish_command(repository: str) -> str:
    """Write the command that publishes, to where the settings say if they do."""
    return f"curate publish {repository or 'OWNER/NAME'}"
