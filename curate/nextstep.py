"""What stands next in a project: the command that brings it on (pure)."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass

ADD = "curate add FILE_OR_FOLDER, then curate push"
ANNOTATE = "annotate, then curate pull"
PUSH = "curate push"
ASSIGN = f"curate assign, then {PUSH}"
PEOPLE = f"nobody is left who can read what lacks readings: curate people add, then {ASSIGN}"
BATCH = f"give out the next batch (open under [assignment] in curate.toml), then {ASSIGN}"
MENDED = "once what was sent back is mended, curate pull"
LOOK = "look at the tasks yourself, no annotator can mend what is held back"


@dataclass(frozen=True)
class Ahead:
    """What decides on the next step, beside the stages of the articles.

    ``unassigned`` tells whether another plan of who reads what gives articles to people, ``unpushed`` whether tasks
    have yet to be made, ``unmanned`` whether articles lack a reader and nobody has anything left to read.
    ``kept`` counts the articles that lack a reading because one is held back; ``mendable`` tells whether an annotator
    can mend one, ``reachable`` whether there is a server to send it back by, ``returned`` whether they were sent back.
    ``settling`` tells whether people were given all that is open to settle, ``released`` whether the newest release
    holds the very records that there are. ``policy`` is that of the last adjudication, ``version`` free for the next
    release, ``repository`` where the dataset is published.
    """

    articles: Mapping[str, int]
    unassigned: bool
    unpushed: bool
    unmanned: bool
    kept: int
    mendable: bool
    reachable: bool
    returned: bool
    settling: bool
    released: bool
    policy: str
    version: str
    repository: str


def next_step(ahead: Ahead) -> str:
    """Name the next command; what keeps others waiting comes first, and then what one may go on with."""
    stages, ready = ahead.articles, ready_step(ahead)
    if not any(stages.values()):
        return ADD
    if ahead.unassigned:
        return ASSIGN
    if ahead.unpushed:
        return PUSH
    if ahead.kept:
        return _first(_mend_step(ahead), ready)
    if stages["unread"] or stages["waiting"]:
        return _first(PEOPLE if ahead.unmanned else ANNOTATE, ready)
    if stages["not pushed"]:
        return _first(PEOPLE if ahead.unmanned else BATCH, ready)
    return ready or ANNOTATE


def ready_step(ahead: Ahead) -> str:
    """Name the command for the articles that have all their readings; empty where there are none."""
    stages = ahead.articles
    if stages["undecided"]:
        return adjudicate_command(ahead.policy)
    done = publish_command(ahead.repository) if ahead.released else release_step(ahead.version)
    if not stages["open"]:
        return done if stages["settled"] else ""
    step = settle_step(ahead.policy, pushed=ahead.settling)
    return f"{step}; or {done}" if stages["settled"] else step


def push_step(assigned: bool) -> str:
    """Name the way of new articles to people."""
    return ASSIGN if assigned else PUSH


def _mend_step(ahead: Ahead) -> str:
    """Say how readings that are held back are mended."""
    if not ahead.mendable:
        return LOOK
    if ahead.returned:
        return MENDED
    if ahead.reachable:
        return "curate send-back brings errors to those who can mend them, then curate pull"
    return "have the errors mended in Label Studio, then curate pull"


def _first(step: str, ready: str) -> str:
    return f"{step}; or go on with the rest: {ready}" if ready else step


def adjudicate_command(policy: str = "agree") -> str:
    """Write the command that adjudicates by a policy."""
    return "curate adjudicate" if policy == "agree" else f"curate adjudicate --policy {shlex.quote(policy)}"


def settle_step(policy: str, *, pushed: bool = False) -> str:
    """Say what can be done where articles stay open; ``pushed`` if people have all of them to settle."""
    again = adjudicate_command(policy)
    if pushed:
        return f"once what is open is settled in Label Studio, curate pull, then {again}"
    return f"{again} --push brings what is open to people"


def release_step(version: str) -> str:
    """Name the command that releases what is settled."""
    return f"curate release {version}" + ", once [dataset] in curate.toml is filled in" * (version == "1.0.0")


def publish_command(repository: str) -> str:
    """Write the command that publishes, to where the settings say if they do."""
    return f"curate publish {repository or 'OWNER/NAME'}"
