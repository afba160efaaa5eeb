"""Work that is sent back: what stands beside the text for whoever is to mend it (pure).

The message in a task's data is the record of what was sent back: it names every annotation and rule, and as of which
pull. Nothing else of the task changes, so the work stays as its annotator left it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, TypeAlias

from curate.findings import ERROR, level
from curate.labelstudio.revisions import TaskStep
from curate.records import Finding
from curate.schema.instructions import markdown_line

Point: TypeAlias = tuple[str, str]
"""What is to be mended: an annotation's id and the code of what was found in it."""

MARK = "**Sent back.**"
_HEAD = MARK + " Mend what is named here, then press Update. Your work is as you left it. (As of {since} UTC.)"
_SINCE = re.compile(r"\(As of (\d{4}-\d\d-\d\d \d\d:\d\d) UTC\.\)")
_POINT = re.compile(r"^- Annotation (\w+)[,:] .*\(`([a-z-]+)`\)$", re.MULTILINE)
_NAMED = re.compile(r"\((.+)\)$")
_REGION = re.compile(r'\bregion \S+ \((\S+ "[^"]*")\)')
"""How the check names a region; on the page nobody sees its number."""


@dataclass(frozen=True)
class Returned:
    """What a task says was sent back; ``since`` is the moment (UTC) of the pull in which it was found."""

    since: str
    points: frozenset[Point]


def is_to_mend(finding: Finding) -> bool:
    """Tell whether there is anything to mend; an error that is accepted is told as a warning, and stands."""
    return level(finding.code) != ERROR or finding.level == ERROR


def point_of(finding: Finding) -> Point:
    """Name what a finding asks to mend."""
    return str(finding.annotation_id), finding.code


def write_message(since: str, findings: Iterable[Finding]) -> str:
    """Write what an annotator reads beside the text, a line for each finding."""
    ordered = sorted(findings, key=lambda one: (len(point_of(one)[0]), point_of(one), one.place, one.message))
    return "\n".join([_HEAD.format(since=since), "", *map(_line, ordered)])


def read_message(message: Any) -> Returned | None:
    """Read back what was sent with a message; None where it is none of those."""
    if not isinstance(message, str) or not message.startswith(MARK):
        return None
    since = _SINCE.search(message)
    return Returned(since[1] if since else "", frozenset(_POINT.findall(message)))


def returned(task: Mapping[str, Any]) -> Returned | None:
    """Tell what of a task is sent back; None where nothing is."""
    return read_message((task.get("data") or {}).get("message"))


def plan_return(
    task: Mapping[str, Any],
    known: Mapping[str, str],
    findings: Sequence[Finding],
    chosen: Collection[Point],
    now: str,
) -> TaskStep:
    """Plan what becomes of the message of a task, as the server tells it in full: send, renew, clear, keep or leave.

    ``findings`` are all there are in its annotations, ``known`` tells when each of those had last changed when they
    were found. What was sent back before and is still to be mended stays out; ``chosen`` comes to it. ``now`` is the
    moment from which what is new is out.
    """
    number, data = task["id"], task["data"]
    article, message = str(data.get("article_id")), data.get("message") or ""
    before = read_message(message)
    points = set(chosen) | (before.points if before else set())
    if message and before is None:
        return TaskStep("leave", number, article, "another message stands there")
    there = {str(one["id"]): str(one.get("updated_at")) for one in task.get("annotations") or []}
    if any(there.get(name) != known.get(name) for name, _ in points):
        return TaskStep("leave", number, article, "changed since the pull; pull again")
    asked = [finding for finding in findings if point_of(finding) in points]
    wanted = [finding for finding in asked if is_to_mend(finding)]
    if not wanted:
        kept = {name: value for name, value in data.items() if name != "message"}
        step = TaskStep("clear", number, article, "accepted" if asked else "mended", {"data": kept})
        return step if before else TaskStep("keep", number, article, "nothing is sent back")
    new = write_message(before.since if before else now, wanted)
    reason = ", ".join(sorted({finding.code for finding in wanted}))
    if new == message:
        return TaskStep("keep", number, article, reason)
    return TaskStep("renew" if before else "send", number, article, reason, {"data": {**data, "message": new}})


def count_returned(tasks: Iterable[Mapping[str, Any]], findings: Iterable[Finding]) -> dict[str, Any]:
    """Count the tasks that are sent back, and those of them in which nothing of it is to be mended any more.

    ``since`` is the moment (UTC) of the pull that the oldest one goes back to; None where nothing is out.
    """
    out = [found for task in tasks if (found := returned(task))]
    left = {point_of(finding) for finding in findings if is_to_mend(finding)}
    mended = sum(not one.points & left for one in out)
    return {"tasks": len(out), "mended": mended, "since": min((one.since for one in out), default=None)}


def told_by_code(findings: Iterable[Finding]) -> list[str]:
    """Say how many findings there are of each code."""
    codes = sorted(finding.code for finding in findings)
    return [f"{len(list(same))} {code}" for code, same in groupby(codes)]


def _line(finding: Finding) -> str:
    number, code = point_of(finding)
    named = _NAMED.search(finding.place)
    place = f", {markdown_line(named[1])}" if named else ""
    told = markdown_line(_REGION.sub(r"\1", finding.message))
    return f"- Annotation {number}{place}: {told} (`{code}`)"
