"""Texts searched for people, servers and secrets.

What is known of a project (accounts, names, keys, addresses, folders) is found however it is written; what merely looks
like it (somebody's e-mail address, a token, an address inside a network) by patterns.
"""

from __future__ import annotations

import html
import json
import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import quote, quote_plus, unquote

SEAM = 200
"""So many characters on either side of a line's end, or a chunk's, are looked at together."""
SHORTEST = 5
"""Fewer characters are no identity: they stand in other words."""

EMAIL = "an e-mail address"
LOOKS_LIKE = {
    EMAIL: (r"@[\w-]+\.", r"[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.[^\W\d_]{2,}\b"),
    "a token of the Hub": (r"hf_", r"\bhf_[a-z0-9]{16,}"),
    "a web token": (r"\.eyj", r"\beyj[\w-]{8,}\.eyj[\w-]{8,}"),
    "an API token": (r"token", r"\btoken\s+[0-9a-f]{40}\b"),
    "an address inside a network": (
        r"http",
        r"\bhttps?://(?:localhost|[\w.-]+\.(?:local|internal|lan)"
        r"|127\.[\d.]+|10\.[\d.]+|192\.168\.[\d.]+|172\.(?:1[6-9]|2\d|3[01])\.[\d.]+|\[::1\])(?:[:/]|\b)",
    ),
    "a person's number on the server": (
        r"_(?:by|id|user)",
        r"""["']?\b(?:completed_by|updated_by|created_by|user_id|created_username)\b["']?\s*[:=]\s*["']?\w""",
    ),
}
"""What it is: what must be there for it, quickly found, and its pattern; both of text in small letters."""
CERTAIN = 8
"""Fewer bytes come about by chance in what is compressed."""

# What shows nothing where it stands: joiners, marks of direction, soft hyphens, variation selectors.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]"
)
_JSON_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class Identity:
    """A text that would give somebody or something away, and what it is."""

    text: str
    what: str


@dataclass(frozen=True)
class Leak:
    """A place in a release where something stands that must not; ``shown`` gives enough of it to find it."""

    path: str
    place: str
    what: str
    shown: str


@dataclass(frozen=True)
class Person:
    """An account of the server by everything it is called; any of it may be empty."""

    email: str
    first_name: str = ""
    last_name: str = ""
    username: str = ""


def identities_of(people: Iterable[Person]) -> Iterator[Identity]:
    """Give all that names a person: address, full name in either order, and account names that are no plain word."""
    for person in people:
        local = person.email.partition("@")[0]
        names = (person.first_name.strip(), person.last_name.strip())
        if person.email:
            yield Identity(person.email, "the e-mail address of an account")
        for name in dict.fromkeys((local, person.username)):
            if re.search(r"[\d._+-]", name):
                yield Identity(name, "the name of an account")
        if all(names):
            for written in (" ".join(names), " ".join(reversed(names)), ", ".join(reversed(names))):
                yield Identity(written, "the name of a person")


class Search:
    """The texts to be found, as patterns."""

    def __init__(self, known: Sequence[Identity], allowed: Iterable[str]) -> None:
        self.allowed = {_folded(text) for text in allowed}
        self.what: dict[str, str] = {}
        for identity in known:
            if len(identity.text) >= SHORTEST and _folded(identity.text) not in self.allowed:
                self.what.update({_spaced(_folded(way)): identity.what for way in _ways(identity.text)})
        longest = sorted(self.what, key=len, reverse=True)
        self.known = _any_of(longest)
        by_word: dict[str, list[str]] = defaultdict(list)
        for text in longest:
            by_word[max(_WORD.findall(text), key=len, default="")].append(text)
        self.by_word = {word: _any_of(texts) for word, texts in by_word.items()}
        raw = b"|".join(re.escape(text.encode()) for text in longest if len(text.encode()) >= CERTAIN) or rb"[^\s\S]"
        self.first = re.compile(raw)
        self.raw = re.compile(rb"(?<![0-9a-z])(?:%b)(?![0-9a-z])" % raw)
        self.looks = {what: tuple(map(re.compile, patterns)) for what, patterns in LOOKS_LIKE.items()}

    def all_in(self, text: str, path: str, place: str, but: Collection[str] = ()) -> Iterator[Leak]:
        """Find what is known, and what looks like something that is not in ``but``."""
        for way in _readings(text):
            if any(word in way and pattern.search(way) for word, pattern in self.by_word.items()):
                for match in self.known.finditer(way):
                    yield Leak(path, place, self.what[_spaced(match[0])], masked(match[0]))
            for what, (mark, pattern) in self.looks.items():
                if what not in but and mark.search(way):
                    for match in pattern.finditer(way):
                        if match[0] not in self.allowed:
                            yield Leak(path, place, what, masked(match[0]))

    def across(self, before: str, after: str, path: str, place: str) -> Iterator[Leak]:
        """Find what begins on one line and ends on the next."""
        start, end = _folded(before)[-SEAM:].rstrip(), _folded(after)[:SEAM]
        for match in self.known.finditer(f"{start} {end}"):
            if match.start() < len(start) < match.end():
                yield Leak(path, place, self.what[_spaced(match[0])], masked(match[0]))


def _any_of(texts: Sequence[str]) -> re.Pattern[str]:
    """Match any of some folded texts, but not inside a word: "ana.reed" is no part of "juliana.reeds"."""
    alternatives = "|".join(re.escape(text).replace(r"\ ", r"\s+") for text in texts) or r"[^\s\S]"
    return re.compile(rf"(?<![^\W_])(?:{alternatives})(?![^\W_])")


def _folded(text: str) -> str:
    """Make one of all the ways to write a letter, and leave out what nobody sees."""
    return (text if text.isascii() else unicodedata.normalize("NFKC", _INVISIBLE.sub("", text))).casefold()


def _readings(text: str) -> Iterator[str]:
    """Give a text folded, and, where that is another, with the escapes of JSON, HTML and URLs undone."""
    yield _folded(text)
    plain = text
    if "\\" in plain:
        plain = _JSON_ESCAPE.sub(lambda match: chr(int(match[1], 16)), plain).replace("\\/", "/")
    if "&" in plain:
        plain = html.unescape(plain)
    if "%" in plain:
        plain = unquote(plain)
    if plain != text:
        yield _folded(plain)


def _spaced(text: str) -> str:
    """Make one space of all that stands between two words."""
    return re.sub(r"\s+", " ", text)


def _ways(text: str) -> set[str]:
    """Give the ways in which a text may be written: as it is, in a URL, and as JSON escapes it."""
    return {text, quote(text), quote_plus(text), json.dumps(text)[1:-1]}


def masked(text: str) -> str:
    """Give enough of a text to find it by, and no more."""
    return f"{text[:3]}…{text[-2:]}" if len(text) > 8 else f"{text[:2]}…"
