"""Tasks from an export that Label Studio wrote to a file, kept as if the server had said them."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Annotated, Any, BinaryIO, Self

import msgspec

from curate.answers import Answer
from curate.errors import InputError, UsageError
from curate.files import Replacement
from curate.labelstudio.fetching import Progress
from curate.labelstudio.known import content_digest
from curate.labelstudio.latest import Latest
from curate.labelstudio.numbers import APART, Numbers
from curate.labelstudio.pulling import DRAFT, Pull
from curate.labelstudio.repeated import is_repeated
from curate.labelstudio.shown import Shown, tell_misfits
from curate.labelstudio.surrogates import ReadableStream
from curate.raw import imported_folder, next_raw, raw_folders, server_folders
from curate.wording import counted
from curate.workspace import Workspace

WINDOW = 1_000_000
"""Bytes of an export that are looked at together, so few that caches hold them; a task that is longer gets more."""
LARGEST = 256_000_000
"""Bytes that a task can have; Label Studio takes no larger ones."""

SEAM = 1_000
"""Bytes in which an element begins, wherever the window is cut in two."""

FIX = "Export the project again, as JSON (JSON-MIN and the others leave out what is needed)."

PASSED_OVER = {
    "older": "older there than what is kept here",
    "server's": "known from the server as they are there or later",
}

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

    A task that is older there than what is kept is passed over, and one that holds no more than what a server told of
    it; ``progress`` is told how many, and how many show no article that is here, or another text. What is kept of the
    same project and isn't in the file stays, unless the file is ``full``. Raises UsageError where there is no such
    file, InputError where it is no whole export, or one of another Label Studio than an annotation here of that number.
    """
    listed, fates, numbers, misfits = 0, Counter[str](), Numbers(), Counter[str]()
    with ExitStack() as stack:
        shown = stack.enter_context(Shown(workspace))
        kept: dict[int, _Kept] = {}
        for raw in elements(ReadableStream(stack.enter_context(_opened(path))), path):
            listed += 1
            answer, task = _read(raw, f"{path}: piece {listed}")
            if task.project not in kept:
                kept[task.project] = stack.enter_context(_Kept(workspace, task.project))
            if task.id in kept[task.project].met:
                raise InputError(f"{path}: task {task.id} is there twice.", FIX)
            numbers.add((one.id for one in task.annotations), map(_number, task.drafts))
            # A line of its own: line ends stand between the parts of JSON text only.
            line = bytes(raw).replace(b"\n", b" ").replace(b"\r", b" ")
            fate = kept[task.project].take(task, answer, line, path)
            fates[fate] += 1
            misfits[shown.misfit(answer["data"])] += 1
            if fate == "new":
                numbers.take(answer)
            if listed % 10_000 == 0:
                progress(f"read {counted(listed, 'task')}")
        if not listed:
            raise InputError(f"{path}: there is no task in it.", FIX)
        numbers.refuse_doubles(path, FIX)
        if fates["new"]:
            numbers.refuse_others(path, _left(workspace, kept))
        gone = sum(one.forget_others() for one in kept.values()) if full else 0
        for one in kept.values():
            one.commit()
    for fate, why in PASSED_OVER.items():
        if fates[fate]:
            progress(f"passed over, being {why}: {counted(fates[fate], 'task')}")
    tell_misfits(misfits, progress)
    return Pull(listed, fates["new"], gone, full)


def _read(raw: msgspec.Raw, place: str) -> tuple[dict[str, Any], _Task]:
    """Read a task, whole so that it can be read again, and what it must have."""
    try:
        answer = msgspec.json.decode(raw)
        return answer, msgspec.convert(answer, _Task)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(f"{place} is no task of a Label Studio export ({error}).", FIX) from error


def _number(draft: _Draft | int) -> int:
    return draft.id if isinstance(draft, _Draft) else draft


def _left(workspace: Workspace, kept: Mapping[int, _Kept]) -> Iterator[Answer]:
    """Read what is here of all tasks but those that an export tells anew."""
    met = {one.folder: one.met for one in kept.values()}
    for folder in raw_folders(workspace):
        with Latest(folder) as latest:
            yield from latest.bare(met.get(folder, ()))


class _Kept:
    """What is kept of the tasks of one project that came from files, and what a new file adds to it."""

    def __init__(self, workspace: Workspace, project: int) -> None:
        self.folder, self.met = imported_folder(workspace, project), set[int]()
        self._latest = Latest(self.folder)
        self._servers = [Latest(folder) for folder in server_folders(workspace, project)]
        self._new = Replacement(next_raw(self.folder))
        self._changed = False

    def __enter__(self) -> Self:
        for latest in (self._latest, *self._servers):
            latest.__enter__()
        self._new.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._new.__exit__()
        for latest in (self._latest, *self._servers):
            latest.__exit__()
        with suppress(OSError):  # it is empty where nothing was ever kept
            self.folder.rmdir()

    def take(self, task: _Task, answer: dict[str, Any], line: bytes, path: Path) -> str:
        """Keep a task if it says something new; tell if it is new, older than what is kept, known, or a server's.

        Raises InputError where it shows another article than the task of that number did before.
        """
        self.met.add(task.id)
        told = self._latest.line(task.id)
        if told == line:
            return "known"
        if told is not None:
            before = msgspec.json.decode(told)
            if (shown := before["data"].get("article_id")) != task.data.article_id:
                now = f"task {task.id} shows article {task.data.article_id!r}"
                raise InputError(f"{path}: {now}, and showed {shown!r} when last taken.", APART)
            if task.updated_at < before.get("updated_at", ""):
                return "older"
            if content_digest(before) == content_digest(answer):
                return "known"
        elif any(_is_repeated(answer, latest) for latest in self._servers):
            return "server's"
        self._add(line)
        self._take_drafts(task, answer)
        return "new"

    def _take_drafts(self, task: _Task, answer: dict[str, Any]) -> None:
        told = (one if isinstance(one, dict) else {"id": one, "result": []} for one in answer.get("drafts", []))
        ordered = sorted(told, key=lambda one: one["id"])
        now = [{key: one.get(key) for key in DRAFT} | {"user": _drafter(one)} for one in ordered]
        if now != self._latest.drafts(task.id):
            self._add(json.dumps({"drafts_of": task.id, "drafts": now}).encode())

    def forget_others(self) -> int:
        """Note the tasks as gone that the file doesn't have; give their number."""
        if gone := sorted(self._latest.besides(self.met)):
            self._add(json.dumps({"gone_tasks": gone}).encode())
        return len(gone)

    def _add(self, answer: bytes) -> None:
        self._changed = True
        self._new.write(answer + b"\n")

    def commit(self) -> None:
        """Put what is new in its place, if anything is."""
        if self._changed:
            self._new.commit()


def _is_repeated(answer: Mapping[str, Any], latest: Latest) -> bool:
    told = latest.line(answer["id"])
    return told is not None and is_repeated(answer, msgspec.json.decode(told), latest.drafts(answer["id"]))


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
