"""What the raw answers of a server come to: the state it was in when it was asked last (pure)."""

from __future__ import annotations

import hashlib
from array import array
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby
from typing import Any, Generic, NamedTuple, TypeVar

import msgspec

Read = TypeVar("Read")

MARK = 32
"""Bytes of a mark: a SHA-256."""

IMPORTED = "-file"
"""How the sources of answers are named that came from files and not from a server: the ends of their folders' names."""


class _Data(msgspec.Struct):
    article_id: Any = None


class _Numbered(msgspec.Struct):
    id: int


class Head(msgspec.Struct):
    """What of a raw answer says which answers count.

    An answer is a task as the server gave it, all ``drafts`` there are of a task (``drafts_of``), the ``gone_tasks``
    that a full listing no longer had, or the ``marker`` with what the project says it is for.
    """

    id: int | None = None
    data: _Data | None = None
    annotations: list[_Numbered] | None = None
    drafts_of: int | None = None
    gone_tasks: list[int] = []
    marker: str = ""

    @property
    def article(self) -> str:
        """Name the article that a task shows."""
        return str(self.data.article_id if self.data else None)


Answer = dict[str, Any]


class Told(NamedTuple):
    """The last answer about a task: the article it shows, a mark of all that it says, and the ways to read it.

    ``read_bare`` leaves out the text and what was drawn.
    """

    article: str
    mark: bytes
    read: Callable[[], Answer]
    read_bare: Callable[[], Answer]


@dataclass(frozen=True)
class Pulled:
    """The state of the server as the raw answers tell it.

    ``told`` is the latest answer for each task that still exists, with its project's ``marker``, in the order of the
    articles' ids; ``deleted`` the last answer for every annotation that is gone, with its task; ``drafts`` is what
    people began and have not submitted, each with the number of its ``task``, ``lost_drafts`` what they had begun on
    tasks that are gone. ``marks`` has one for each of these three: while it is the same, so is what it is of.
    """

    told: Collection[Told]
    deleted: Collection[tuple[Answer, Answer]] = ()
    drafts: Collection[Answer] = ()
    lost_drafts: Collection[Answer] = ()
    marks: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def tasks(self) -> Collection[Answer]:
        """The latest answers, each read when it is come to."""
        return _Anew(self.told, lambda told: (told.read(),))

    @property
    def bare_tasks(self) -> Collection[Answer]:
        """The same without the texts and what was drawn, to count where things stand."""
        return _Anew(self.told, lambda told: (told.read_bare(),))


class _Anew(Collection[Read], Generic[Read]):
    """What ``read`` gives for each of the keys, read anew whenever it is asked for."""

    def __init__(self, keys: Collection[Any], read: Callable[[Any], Iterable[Read]]) -> None:
        self._keys, self._read = keys, read

    def __iter__(self) -> Iterator[Read]:
        return (value for key in self._keys for value in self._read(key))

    def __len__(self) -> int:
        return len(self._keys)

    def __contains__(self, value: object) -> bool:
        return any(one == value for one in self)


@dataclass
class _Counting:
    """The numbers of the answers that count: tasks with their articles, annotations that are gone, drafts there or not.

    ``marks`` holds the marks of all answers one after the other, ``annotations`` the numbers of their annotations,
    which for each answer begin at ``begins``. ``sources`` holds the number after each source's last answer, ``markers``
    what each source says it is for.
    """

    marks: bytearray = field(default_factory=bytearray)
    annotations: array[int] = field(default_factory=lambda: array("q"))
    begins: array[int] = field(default_factory=lambda: array("Q"))
    tasks: array[int] = field(default_factory=lambda: array("Q"))
    articles: list[str] = field(default_factory=list)
    deleted: list[tuple[int, int]] = field(default_factory=list)
    drafts: list[int] = field(default_factory=list)
    lost_drafts: list[int] = field(default_factory=list)
    sources: list[int] = field(default_factory=list)
    markers: list[str] = field(default_factory=list)

    def mark(self, number: int) -> bytes:
        """Give the mark of an answer."""
        return bytes(self.marks[number * MARK : (number + 1) * MARK])

    def annotations_of(self, number: int) -> set[int]:
        """Give the numbers of the annotations that an answer has."""
        return set(self.annotations[self.begins[number] : self.begins[number + 1]])


def state_of(
    heads: Iterable[tuple[str, Head, bytes]],
    read: Callable[[int], Answer],
    read_bare: Callable[[int], Answer] | None = None,
) -> Pulled:
    """Replay the raw answers: ``heads`` in the order they came, each with its source and the mark of its answer.

    The sources come one after the other. ``read`` gives an answer by its number, counted from 0 over all, ``read_bare``
    one that may lack the text and what was drawn; nothing but numbers and marks is kept here.
    """
    counting = _Counting()
    names: list[str] = []
    for source, numbered in groupby(enumerate(heads), key=lambda numbered: numbered[1][0]):
        names.append(source)
        _replay(((number, head, mark) for number, (_, head, mark) in numbered), counting)
    order = sorted(range(len(counting.tasks)), key=counting.articles.__getitem__)

    whence = [mark_of(*pair) for pair in zip(names, counting.markers, strict=True)]

    def told(place: int) -> tuple[Told]:
        number = counting.tasks[place]
        source = bisect_right(counting.sources, number)
        marker = counting.markers[source]
        mark = hashlib.sha256(whence[source] + counting.mark(number)).digest()
        ways = (partial(_with_marker, way, number, marker) for way in (read, read_bare or read))
        return (Told(counting.articles[place], mark, *ways),)

    def deleted(key: tuple[int, int]) -> Iterator[tuple[Answer, Answer]]:
        task = read(key[1])
        return ((task, one) for one in task["annotations"] if one["id"] == key[0])

    def drafts(number: int) -> Iterator[Answer]:
        told = read(number)
        return (draft | {"task": told["drafts_of"], "source": told.get("source")} for draft in told["drafts"])

    def marked(numbers: Iterable[int]) -> Iterator[bytes]:
        return (whence[bisect_right(counting.sources, number)] + counting.mark(number) for number in numbers)

    gone = (str(annotation) for annotation, _ in counting.deleted)
    marks = {
        "deleted": mark_of(*gone, *marked(number for _, number in counting.deleted)),
        "drafts": mark_of(*marked(counting.drafts)),
        "lost_drafts": mark_of(*marked(counting.lost_drafts)),
    }
    begun, lost = (_Anew(numbers, drafts) for numbers in (counting.drafts, counting.lost_drafts))
    return Pulled(_Anew(array("Q", order), told), _Anew(counting.deleted, deleted), begun, lost, marks)


def _with_marker(read: Callable[[int], Answer], number: int, marker: str) -> Answer:
    return read(number) | {"marker": marker}


def mark_of(*parts: bytes | str) -> bytes:
    """Make one mark of several values: SHA-256 of each with its length, so that no other values give the same."""
    made = hashlib.sha256()
    for part in parts:
        content = part.encode() if isinstance(part, str) else part
        made.update(len(content).to_bytes(8, "big") + content)
    return made.digest()


_TASK, _DRAFTS, _GONE = range(3)


def _replay(heads: Iterable[tuple[int, Head, bytes]], counting: _Counting) -> None:
    """Find what counts of the answers of one source."""
    about, numbers, kinds, articles = array("q"), array("Q"), bytearray(), list[str]()
    marker, number = "", 0
    for number, head, mark in heads:
        marker = head.marker or marker
        counting.marks += mark
        counting.begins.append(len(counting.annotations))
        counting.annotations.extend([one.id for one in head.annotations or ()])
        told = [(_TASK, head.id), (_DRAFTS, head.drafts_of), *((_GONE, task) for task in head.gone_tasks)]
        for kind, task in told:
            if task is not None:
                about.append(task)
                numbers.append(number)
                kinds.append(kind)
                articles.append(head.article if kind == _TASK else "")
    counting.begins.append(len(counting.annotations))
    counting.sources.append(number + 1)
    counting.markers.append(marker)
    deleted: dict[int, int] = {}
    for _, places in groupby(sorted(range(len(about)), key=about.__getitem__), key=about.__getitem__):
        _follow([(kinds[place], numbers[place], articles[place]) for place in places], counting, deleted)
    counting.deleted += sorted(deleted.items())
    del counting.begins[-1]


def _follow(told: Sequence[tuple[int, int, str]], counting: _Counting, deleted: dict[int, int]) -> None:
    """Find what counts of all that was told of one task: each answer's kind, number and article."""
    task, drafts, lost, shown = None, None, None, ""
    for kind, number, article in told:
        if kind == _DRAFTS:
            drafts = number
            continue
        there = counting.annotations_of(number) if kind == _TASK and len(told) > 1 else set()
        if task is not None:
            deleted |= dict.fromkeys(counting.annotations_of(task) - there, task)
        for annotation in there & deleted.keys():
            del deleted[annotation]
        task, shown = (number, article) if kind == _TASK else (None, "")
        drafts, lost = (drafts, None) if kind == _TASK else (None, drafts if drafts is not None else lost)
    if task is not None:
        counting.tasks.append(task)
        counting.articles.append(shown)
    if drafts is not None:
        counting.drafts.append(drafts)
    if lost is not None:
        counting.lost_drafts.append(lost)
