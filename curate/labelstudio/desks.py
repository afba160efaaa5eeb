"""Which projects there have to be for reading, whose, and which articles are read in each (pure)."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Mapping
from dataclasses import dataclass, replace

from curate.gold import Mixing, due, mixed
from curate.labelstudio.tasks import AGAIN, ANNOTATE, QUALIFY, Place
from curate.records import Article, Assignment

ENDINGS = {ANNOTATE: " · ", AGAIN: " · again · ", QUALIFY: " · qualification · "}
LONGEST = 36
"""So many characters of a project's title tell whose it is."""
TAIL = 6
"""So many characters of a pseudonym tell people apart whose accounts don't fit."""


@dataclass(frozen=True)
class Desk:
    """A project in which articles are read.

    ``annotator`` is empty where everybody reads in it; ``overlap`` is by how many each article is read there; ``gone``
    names what was hidden among the articles there and is no more.
    """

    purpose: str
    annotator: str
    articles: Mapping[str, Article]
    overlap: int
    ending: str
    gone: frozenset[str] = frozenset()

    def gave_up(self, name: str, articles: Container[str]) -> bool:
        """Tell whether an article is one that is not read here, or not any more."""
        return (name in articles or name in self.gone) and name not in self.articles


def desks(
    articles: Mapping[str, Article],
    assignments: Iterable[Assignment] | None,
    there: Collection[Place],
    overlap: int,
    names: Mapping[str, str],
) -> list[Desk]:
    """Say which projects there have to be; ``there`` are those on the server.

    Without ``assignments`` (None) everybody reads everything in one project. With them everybody has a project of
    their own, and one that is there and in which nobody has anything to read any more is still one of the desks.
    ``names`` gives the account behind each pseudonym.
    """
    if assignments is None:
        return [Desk(ANNOTATE, "", articles, overlap, "")]
    given: dict[Place, set[str]] = {place: set() for place in there if place[0] in (ANNOTATE, AGAIN)}
    for one in assignments:
        given.setdefault((AGAIN if one.again else ANNOTATE, one.annotator), set()).add(one.article_id)
    ordered = sorted(given.items(), key=lambda one: (one[0][1], one[0][0] != ANNOTATE))
    return [
        Desk(purpose, who, {name: articles[name] for name in articles if name in read}, 1, _ending(purpose, who, names))
        for (purpose, who), read in ordered
    ]


def with_gold(desk: Desk, texts: Mapping[str, Article], given: Iterable[Assignment], mixing: Mixing) -> Desk:
    """Mix the texts with known answers that were given to somebody into what they read for the first time."""
    if desk.purpose != ANNOTATE or not desk.annotator:
        return desk
    names = [one.article_id for one in given if one.annotator == desk.annotator]
    own = due([name for name in names if name in texts], len(desk.articles), mixing)
    order = mixed(list(desk.articles), own, desk.annotator, mixing)
    articles = {name: (desk.articles if name in desk.articles else texts)[name] for name in order}
    return replace(desk, articles=articles, gone=frozenset(names) - texts.keys())


def qualification_desk(annotator: str, texts: Mapping[str, Article], names: Mapping[str, str]) -> Desk:
    """Say which project somebody is tried out in, on texts with known answers."""
    return Desk(QUALIFY, annotator, texts, 1, _ending(QUALIFY, annotator, names))


def _ending(purpose: str, annotator: str, names: Mapping[str, str]) -> str:
    if not annotator:
        return ""
    return ENDINGS[purpose] + _short(annotator, names, LONGEST - len(ENDINGS[purpose]))


def _short(annotator: str, names: Mapping[str, str], room: int) -> str:
    """Give somebody's account so that it fits and is like nobody else's: whole, without its domain, or cut."""
    account = names.get(annotator, annotator)
    if len(account) <= room:
        return account
    local = account.partition("@")[0]
    if len(local) <= room and not any(name.startswith(local) for who, name in names.items() if who != annotator):
        return local
    return f"{account[: room - TAIL - 1]}…{annotator[-TAIL:]}"
