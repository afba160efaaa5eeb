"""Tasks from an export that Label Studio wrote to a file, kept as if the server had said them."""

from __future__ import annotations

import json
import re
from array import array
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, BinaryIO, Self

import msgspec

from curate.errors import InputError, UsageError
from curate.files import Replacement
from curate.labelstudio.fetching import Progress
from curate.labelstudio.known import content_digest
from curate.labelstudio.pulling import DRAFT, Pull
from curate.labelstudio.surrogates import ReadableStream
from curate.raw import imported_folder, next_raw
from curate.stored import RawAnswers
from curate.wording import counted
from curate.workspace import Workspace

WINDOW = 1_000_000
"""Bytes of an export that are looked at together, so few that caches hold them; a task that is longer gets more."""
LARGEST = 256_000_000
"""Bytes that a task can have; Label Studio takes no larger ones."""

SEAM = 1_000
"""Bytes in which an element begins, wherever the window is cut in two."""

FIX = "Export the project again, as JSON (JSON-MIN and the others leave out what is needed)."

Number = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
"""What Label Studio's database can number things with."""

NUMBER = re.compile(r"[0-9]{1,18}")


class _Annotation(msgspec.Struct):
    id: Number
    created_at: str | None = None
    updated_at: str | None = None
    was_cancelled: bool | None = None
    lead_time: float | None = None


class _Draft(msgspec.Struct):
    id: Number


class _Data(msgspec.Struct):
    article_id: Any = None


class _Task(msgspec.Struct):
    """What a task must have to be read at all; what people drew is for the check to judge."""

    id: Number
    annotations: list[_Annotation]
    data: _Data
    project: int = 0
    updated_at: str = ""
    drafts: list[_Draft | Number] = []
    predictions: list[Any] = []


def take_export(path: Path, workspace: Workspace, *, full: bool, progress: Progress) -> Pull:
    """Keep what is new in an export file beside what was pulled; all of it or, where anything is wrong, nothing.

    A task that is older there than what is kept is passed over. What is kept of the same project and isn't in the
    file stays, unless the file is ``full``. Raises UsageError where there is no such file, InputError where it is no
    whole export.
    """
    listed, fates = 0, Counter[str]()
    with ExitStack() as stack:
        kept: dict[int, _Kept] = {}
        for raw in elements(ReadableStream(stack.enter_context(_opened(path))), path):
            listed += 1
            answer, task = _read(raw, f"{path}: piece {listed}")
            if task.project not in kept:
                kept[task.project] = stack.enter_context(_Kept(imported_folder(workspace, task.project)))
            if task.id in kept[task.project].met:
                raise InputError(f"{path}: task {task.id} is there twice.", FIX)
            # A line of its own: line ends stand between the parts of JSON text only.
            line = bytes(raw).replace(b"\n", b" ").replace(b"\r", b" ")
            fates[kept[task.project].take(task, answer, line, path)] += 1
            if listed % 10_000 == 0:
                progress(f"read {counted(listed, 'task')}")
        if not listed:
            raise InputError(f"{path}: there is no task in it.", FIX)
        for one in kept.values():
            one.check_numbers(path)
        gone = sum(one.forget_others() for one in kept.values()) if full else 0
        for one in kept.values():
            one.commit()
    if fates["older"]:
        progress(f"passed over, being older there than what is kept here: {counted(fates['older'], 'task')}")
    return Pull(listed, fates["new"], gone, full)


def _read(raw: msgspec.Raw, place: str) -> tuple[dict[str, Any], _Task]:
    """Read a task, whole so that it can be read again, and what it must have."""
    try:
        answer = msgspec.json.decode(raw)
        return answer, msgspec.convert(answer, _Task)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(f"{place} is no task of a Label Studio export ({error}).", FIX) from error


class _Kept:
    """What is kept of the tasks of one project that came from files, and what a new file adds to it."""

    def __init__(self, folder: Path) -> None:
        self._answers = RawAnswers([folder])
        self._tasks: dict[int, int] = {}
        self._drafts: dict[int, int] = {}
        self._new = Replacement(next_raw(folder))
        self._changed = False
        self._annotations, self._begun = array("q"), array("q")
        self.met: set[int] = set()

    def __enter__(self) -> Self:
        for number, (_, head, _mark) in enumerate(self._answers.heads()):
            for task in head.gone_tasks:
                self._tasks.pop(task, None)
                self._drafts.pop(task, None)
            if head.drafts_of is not None:
                self._drafts[head.drafts_of] = number
            elif head.id is not None:
                self._tasks[head.id] = number
        self._new.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._new.__exit__()
        self._answers.__exit__()

    def take(self, task: _Task, answer: dict[str, Any], line: bytes, path: Path) -> str:
        """Keep a task if it says something new; tell whether it is new, older than what is kept, or known.

        Raises InputError where it shows another article than the task of that number did before.
        """
        self.met.add(task.id)
        self._annotations.extend(one.id for one in task.annotations)
        self._begun.extend(one.id if isinstance(one, _Draft) else one for one in task.drafts)
        number = self._tasks.get(task.id)
        if number is not None and (kept := self._answers.line(number)) != line:
            before = msgspec.json.decode(kept)
            if (shown := before["data"].get("article_id")) != task.data.article_id:
                told = f"task {task.id} shows article {task.data.article_id!r}, and showed {shown!r} when last taken"
                fix = "Take what comes from several Label Studios each into a curate project of its own."
                raise InputError(f"{path}: {told}.", fix)
            if task.updated_at < before.get("updated_at", ""):
                return "older"
            if content_digest(before) != content_digest(answer):
                number = None
        if number is not None:
            return "known"
        self._add(line)
        self._take_drafts(task, answer)
        return "new"

    def _take_drafts(self, task: _Task, answer: dict[str, Any]) -> None:
        number = self._drafts.get(task.id)
        before = [] if number is None else self._answers.read(number)["drafts"]
        told = (one if isinstance(one, dict) else {"id": one, "result": []} for one in answer.get("drafts", []))
        ordered = sorted(told, key=lambda one: one["id"])
        now = [{key: one.get(key) for key in DRAFT} | {"user": _drafter(one)} for one in ordered]
        if now != before:
            self._add(json.dumps({"drafts_of": task.id, "drafts": now}).encode())

    def check_numbers(self, path: Path) -> None:
        """Raise InputError where two annotations, or two drafts, have one number."""
        for what, numbers in (("annotation", self._annotations), ("draft", self._begun)):
            for one, other in pairwise(sorted(numbers)):
                if one == other:
                    raise InputError(f"{path}: {what} {one} is there twice.", FIX)

    def forget_others(self) -> int:
        """Note the tasks as gone that the file doesn't have; give their number."""
        if gone := sorted(self._tasks.keys() - self.met):
            self._add(json.dumps({"gone_tasks": gone}).encode())
        return len(gone)

    def _add(self, answer: bytes) -> None:
        self._changed = True
        self._new.write(answer + b"\n")

    def commit(self) -> None:
        """Put what is new in its place, if anything is."""
        if self._changed:
            self._new.commit()


def _drafter(draft: Mapping[str, Any]) -> Any:
    """Give whose a draft is by number, as annotations have it; the account where the draft doesn't tell the number.

    The export names the account, and in the name for people, behind whatever they are called, account and number.
    """
    account, named = draft.get("user"), draft.get("created_username")
    if isinstance(account, str) and isinstance(named, str):
        told, _, number = named.rpartition(", ")
        if f" {told}".endswith(f" {account}") and NUMBER.fullmatch(number):
            return int(number)
    return account


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        raise UsageError(f"{path}: the export can't be read ({error.strerror}).", "Check the path.") from None


def elements(stream: BinaryIO | ReadableStream, path: Path, window: int = WINDOW) -> Iterator[msgspec.Raw]:
    """Give the elements of a JSON array, holding no more of it than a window, or the longest element.

    Where an element ends in the window is guessed by how the first one begins, and the parser confirms it: a wrong
    guess costs time and nothing else. Raises InputError naming ``path`` for what is no JSON array of objects.
    """
    begun = b""
    while not begun and (more := stream.read(max(window, 3))):
        begun = more.removeprefix(b"\xef\xbb\xbf").lstrip()
    if begun[:1] != b"[":
        raise InputError(f"{path}: no Label Studio export; that begins with a list of tasks.", FIX)
    rest, wanted, opening = begun[1:], window, None
    while True:
        more = stream.read(wanted)
        rest += more
        if not more:
            yield from _parsed(b"[" + rest, path)
            return
        opening = opening or _opening(rest)
        for cut in _guesses(rest, opening):
            try:
                found = _ELEMENTS.decode(b"[%b]" % rest[:cut])
            except (msgspec.DecodeError, RecursionError):
                continue
            yield from found
            rest, wanted = rest[cut + 1 :], window
            break
        else:
            wanted = len(rest)
            if wanted > LARGEST:
                raise InputError(f"{path}: no task ends within {LARGEST // 1_000_000} MB; this is no export.", FIX)


_ELEMENTS = msgspec.json.Decoder(list[msgspec.Raw])
_KEY = rb'"(?:[^"\\]|\\.)*"'


def _parsed(array: bytes, path: Path) -> list[msgspec.Raw]:
    try:
        return _ELEMENTS.decode(array)
    except (msgspec.DecodeError, RecursionError) as error:
        raise InputError(f"{path}: cut off, or no JSON ({error}).", FIX) from error


def _opening(text: bytes) -> re.Pattern[bytes] | None:
    """Learn from how the first element begins how others do: by its first two keys."""
    found = re.match(rb"\s*\{\s*(%b)\s*:\s*[^\"\[\]{},]*,\s*(%b)\s*:" % (_KEY, _KEY), text)
    if not found:
        return None
    first, second = map(re.escape, found.groups())
    return re.compile(rb"\}\s*(,)\s*\{\s*%b\s*:\s*[^\"\[\]{},]*,\s*%b\s*:" % (first, second))


def _guesses(text: bytes, opening: re.Pattern[bytes] | None) -> Iterator[int]:
    """Give the places of the commas that may part two elements, the last ones first."""
    tail = max(0, len(text) - WINDOW // 4)
    for begin, end in ((tail, len(text)), (0, tail + SEAM)):
        found = opening.finditer(text, begin, end) if opening else ()
        yield from reversed([one.start(1) for one in found])
