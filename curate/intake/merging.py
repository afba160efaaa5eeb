"""New articles beside those that are known: added, unchanged, revised, left out as copies, or refused (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from curate.intake.mapping import Mapped
from curate.intake.rows import Note, Refusal
from curate.records import Article
from curate.text import Change

SHOWN = 40


@dataclass(frozen=True)
class Entry:
    """What became of one file, or one row of one.

    ``outcome`` is added, unchanged, revised, duplicate or refused; ``why`` says more of the last three and
    ``fix`` what to do about a refusal. ``changes`` made the text canonical.
    """

    where: str
    outcome: str
    id: str | None
    why: str = ""
    fix: str = ""
    changes: tuple[Change, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Near:
    """Two articles that share so much that one may be a copy of the other; ``similarity`` in percent."""

    article: str
    other: str
    similarity: int


@dataclass
class Added:
    """What `add` did (or would do): an entry for each document, what was told of files, and pairs that look alike.

    ``articles`` are the new and revised ones; ``versions`` is all that ``articles.jsonl`` is to hold, in order.
    ``assigned`` says that articles are given to people.
    """

    entries: list[Entry] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    near: list[Near] = field(default_factory=list)
    articles: list[Article] = field(default_factory=list)
    versions: list[Article] = field(default_factory=list)
    assigned: bool = False

    def of(self, outcome: str) -> list[Entry]:
        """List the entries with this outcome."""
        return [entry for entry in self.entries if entry.outcome == outcome]

    @property
    def refused(self) -> list[Entry]:
        """List what was refused."""
        return self.of("refused")


Prepared: TypeAlias = Mapped | Refusal | Note


def merge(
    versions: Iterable[Article], found: Iterable[Prepared], *, revise: bool = False, keep_copies: bool = False
) -> Added:
    """Compare what was found with the known versions of articles, of which the last with an id counts.

    The same id with another text, or other data, is refused unless ``revise`` lets it take the known one's
    place. The same text under another id is left out unless ``keep_copies``. One run never revises what it
    added itself: two files that claim one id are told apart by the user.
    """
    added = Added(versions=list(versions))
    current = {article.id: article for article in added.versions}
    by_text = {article.text_sha256: article.id for article in current.values()}
    by_case = {name.casefold(): name for name in current}
    places: dict[str, str] = {}
    for one in found:
        if isinstance(one, Note):
            if one not in added.notes:
                added.notes.append(one)
            continue
        if isinstance(one, Refusal):
            added.entries.append(Entry(one.where, "refused", None, one.why, one.fix))
            continue
        article = one.article
        known = current.get(article.id)
        entry = _judge(one, known, places.get(article.id), by_text, revise=revise, keep_copies=keep_copies)
        if entry.outcome in ("added", "revised"):
            like = by_case.setdefault(article.id.casefold(), article.id)
            if like != article.id:
                entry = _noted(entry, f"its id differs from {like!r} in case only")
            places[article.id] = one.where
            current[article.id] = article
            by_text[article.text_sha256] = article.id
            _put(added.versions, article, known)
            added.articles.append(article)
        added.entries.append(entry)
    return added


def _judge(
    one: Mapped,
    known: Article | None,
    taken: str | None,
    by_text: Mapping[str, str],
    *,
    revise: bool,
    keep_copies: bool,
) -> Entry:
    """Decide what becomes of one article."""
    article = one.article

    def entry(outcome: str, why: str = "", fix: str = "") -> Entry:
        return Entry(one.where, outcome, article.id, why, fix, one.changes, one.notes)

    copied = by_text.get(article.text_sha256)
    if known is None:
        if copied is None or keep_copies:
            return entry("added", f"the same text as {copied}" if copied else "")
        return entry("duplicate", f"the same text as {copied}")
    if known == article:
        return entry("unchanged")
    if taken:
        return entry("refused", f"the id {article.id!r} is that of {taken} already", "Give each its own id.")
    if known.text_sha256 != article.text_sha256:
        if copied and not keep_copies:
            return entry("refused", f"the new text is that of {copied}", "Leave it out, or add it: --keep-copies")
        why = f"another text than the known {article.id!r}: {difference(known.text, article.text)}"
        fix = "Take the new text with --revise, or give it its own id."
    else:
        names = ("title", "url", "publisher", "published_at", "language", "licence", "meta")
        changed = [name for name in names if getattr(known, name) != getattr(article, name)]
        why = f"the known {article.id!r} has another {', '.join(changed)}"
        fix = "Take the new data with --revise."
    return entry("revised", why) if revise else entry("refused", why, fix)


def _put(versions: list[Article], article: Article, known: Article | None) -> None:
    """Add a version as the last one. A version is its id and text, so data alone take the old one's place."""
    if known and known.text_sha256 == article.text_sha256:
        versions[versions.index(known)] = article
        return
    if known:  # a text that comes back moves to the end
        versions[:] = [one for one in versions if (one.id, one.text_sha256) != (article.id, article.text_sha256)]
    versions.append(article)


def difference(old: str, new: str) -> str:
    """Tell from where to where two texts differ, in whole words: ``from character 9 (line 1) 'fell' became 'rose'``."""
    shorter = min(len(old), len(new))
    start = next((place for place in range(shorter) if old[place] != new[place]), shorter)
    most = shorter - start
    end = next((place for place in range(most) if old[-1 - place] != new[-1 - place]), most)
    while start and not old[start - 1].isspace():
        start -= 1
    while end and not old[len(old) - end].isspace():
        end -= 1
    was, becomes = old[start : len(old) - end], new[start : len(new) - end]
    line = old.count("\n", 0, start) + 1
    return f"from character {start} (line {line}) {_shown(was)} became {_shown(becomes)}"


def _shown(text: str) -> str:
    if not text:
        return "nothing"
    return repr(text if len(text) <= SHOWN else f"{text[:SHOWN]}…")


def _noted(entry: Entry, note: str) -> Entry:
    return Entry(entry.where, entry.outcome, entry.id, entry.why, entry.fix, entry.changes, (*entry.notes, note))
