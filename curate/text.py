"""The text of an article: fixed once when it is added, and the sentences in it."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from curate.spans import Span

_SURROGATE = re.compile("[\ud800-\udfff]")
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\U00010800-\U00010fff\U0001e800-\U0001efff]")
# What Windows-1252 has where Latin-1 has controls, as the HTML standard reads such characters too.
_MISREAD = {code: bytes([code]).decode("cp1252", "ignore") for code in range(0x80, 0xA0)}
# Thai, Lao, Tibetan, Burmese, Khmer, and their like, which write no spaces.
_NO_SPACES = "\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u1950-\u19ff\u1a20-\u1aaf\ua9e0-\ua9ff\uaa60-\uaa7f"

_Replacement = str | Callable[[re.Match[str]], str]
# Each row: what is changed, what it becomes, and how a report calls it. The order counts: white space at the ends
# of lines is only seen when what nobody sees is gone.
_RULES: tuple[tuple[re.Pattern[str], _Replacement, str], ...] = (
    (re.compile("\r\n?"), "\n", "line ends (CRLF or CR) made a newline"),
    (re.compile("[\x0b\x0c\x1c-\x1e\u2028]"), "\n", "line and page breaks made a newline"),
    (re.compile("\u2029"), "\n\n", "paragraph separators made a blank line"),
    (re.compile("[\x80-\x9f]"), lambda found: _MISREAD[ord(found[0])], "misread Windows-1252 characters mended"),
    (re.compile("[\x00-\x08\x0e-\x1b\x1f\x7f]"), "", "control characters dropped"),
    (re.compile("[\ufdd0-\ufdef\ufff9-\ufffb\ufffe\uffff]"), "", "characters that are no text dropped"),
    (re.compile("\u00ad"), "", "soft hyphens dropped"),
    (re.compile("\ufeff"), "", "byte order marks dropped"),
    (re.compile("[\u2060-\u2064\u206a-\u206f]"), "", "invisible characters dropped"),
    (re.compile(f"(?<![{_NO_SPACES}])\u200b(?![{_NO_SPACES}])"), "", "zero-width spaces dropped"),
)
_DIRECTION = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
# Anything that a rule or a direction mark is about; most texts have none of it, and are then done in one pass.
_TOUCHED = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufdd0-\ufdef\ufeff\ufff9-\ufffb\ufffe\uffff]"
)

_NEEDS_NO_SPACE = frozenset("。！？؟۔।")
_CLOSING = re.escape("\"'”’»›)]}」』）】〉》")
_OPENING = re.escape("\"'“‘„‚”’«»‹›「『（【〈《([{¿¡$€£¥")
_MARKS = ".!?…" + "".join(sorted(_NEEDS_NO_SPACE))
_MAY_END = re.compile(rf"[{_MARKS}\n\u2029]")
# A set of characters comes first, so that what lies between is passed over in one go. Last among what closes, quotes
# that open in most languages and close in some, and the » that French sets after a space: these close only before
# white space.
_POSSIBLE_END = re.compile(
    rf"{_MAY_END.pattern}"
    rf"(?:(?<=[{_MARKS}])[{_MARKS}]*(?P<closing>[{_CLOSING}]*(?:[“‘«‹]+(?!\S)|[^\S\u2029][»›](?!\S))?)"
    r"|(?P<gap>(?<=\n)[^\S\n]*\n|(?<=\u2029)))"
)
_BEGINNING = re.compile(rf"\s[\s{_OPENING}]*+(?P<first>[^\W_])")
_VISIBLE = re.compile(r"\S")

_LIST_NUMBER = re.compile(r"[(\[]?([0-9]{1,3}|[ivxIVX]{1,5})")
_SINGLE_LETTER = re.compile(r"(?<!\w)(?<!\w['’])[^\W\d_]")
_LAST_LETTERS = re.compile(r"[^\W\d_]+\Z")
_LETTERS_LOOKED_AT = 8  # more than the longest abbreviation has

# Hardly ever the last word of a sentence and hardly ever another word, so that case need not matter.
_SHORT = """
    adm amb asst atty brig capt cdr cmdr col cpl dr gen gens gov govs hon insp lt maj messrs mme mr mrs ms mt pfc
    prof pvt rep reps rev sen sens sgt st ste supt
    approx assn ave bldg blvd bros cf co corp dept est etc govt inc intl jr ltd nr sr univ vs viz
    jan feb apr jun jul aug sept oct nov dec tues thurs
    ala ariz calif colo conn fla kan mich minn nev okla tenn tex wis wyo
"""
# Words of their own as well: abbreviations only before a number.
_SHORT_BEFORE_NUMBER = "art ch fig figs mar no nos para pp sec sep vol"
_ABBREVIATIONS, _ABBREVIATIONS_BEFORE_NUMBER = (frozenset(words.split()) for words in (_SHORT, _SHORT_BEFORE_NUMBER))


@dataclass(frozen=True)
class Change:
    """One kind of change that made a text canonical, and how often it was made."""

    what: str
    count: int


@dataclass(frozen=True)
class CanonicalText:
    """A text fit to be annotated, and what was changed to make it so."""

    text: str
    changes: tuple[Change, ...]


def canonical_text(raw: str) -> CanonicalText:
    """The text that offsets count in; docs/articles.md has the rule with its reasons.

    What no reader sees and what means nothing is dropped, line ends become newlines, and the Unicode form
    becomes NFC; whatever a reader sees stays. The canonical text of a canonical text is itself. Raises
    ValueError where ``raw`` holds a surrogate, which no UTF-8 file can keep.
    """
    if surrogate := _SURROGATE.search(raw):
        raise ValueError(f"lone surrogate U+{ord(surrogate[0]):04X} at offset {surrogate.start()}")
    text, changes = raw, []
    if _TOUCHED.search(text):
        for pattern, replacement, what in _RULES:
            text, count = pattern.subn(replacement, text)
            changes.append(Change(what, count))
        if not _RIGHT_TO_LEFT.search(text):
            text, count = _DIRECTION.subn("", text)
            changes.append(Change("direction marks dropped (the text has no right-to-left letter)", count))
    composed = unicodedata.normalize("NFC", text)
    changes.append(Change("texts brought into Unicode form NFC", int(composed != text)))
    lines = composed.split("\n")
    stripped = [line.rstrip() for line in lines]
    count = sum(line != left for line, left in zip(lines, stripped, strict=True))
    changes.append(Change("lines stripped of white space at the end", count))
    joined = "\n".join(stripped)
    text = joined.strip("\n")
    changes.append(Change("blank lines at the beginning or end dropped", len(joined) - len(text)))
    return CanonicalText(text, tuple(change for change in changes if change.count))


@lru_cache(maxsize=4)  # every annotation of an article asks
def text_sha256(text: str) -> str:
    """The SHA-256 of the text's UTF-8 bytes, in hexadecimal. Raises ValueError for a lone surrogate."""
    return hashlib.sha256(text.encode()).hexdigest()


def sentences(text: str) -> tuple[Span, ...]:
    """The sentences of the text, in order and apart; together they hold all of it but white space.

    A sentence ends at a blank line, or at ``. ! ? …`` (closing quotes and brackets included) before white
    space and a capital or a digit, with or without opening quotes and brackets. A letter without case counts
    as a capital, and so does any letter in a text in capitals. ``。 ！ ？ ؟ ۔ ।`` need nothing after them.
    Initials, acronyms, listed abbreviations and the number of a list item end nothing, and a single line end
    is white space: when in doubt, the sentence goes on.
    """
    return tuple(_sentences_from(text, 0))


def in_one_sentence(text: str, one: int, other: int) -> bool:
    """Whether two code points of the text stand in one sentence, as ``sentence_around`` has them."""
    first, last = (one, other) if one < other else (other, one)
    in_words = text[first : first + 1].isalnum() and text[last : last + 1].isalnum()
    if in_words and not _MAY_END.search(text, first, last):
        return True  # by far the most are near each other, and then nothing around them matters
    begin, end = sentence_around(text, one)
    return begin <= other < end


@lru_cache(maxsize=64)
def sentence_around(text: str, offset: int) -> Span:
    """The offsets that stand in one of the ``sentences`` of the text with the code point at ``offset``.

    White space belongs to the sentence after it, at the end of the text to the last one. No more of the text
    is looked at than the paragraph before.
    """
    paragraph = _paragraph(text, offset)
    begin = len(text[:paragraph].rstrip())
    for _, end in _sentences_from(text, paragraph):
        if end > offset:
            return begin, len(text) + 1 if _next_visible(text, end) == len(text) else end
        begin = end
    ends = (0, 0, *(end for _, end in sentences(text)))
    return ends[-2], len(text) + 1


def _sentences_from(text: str, begin: int) -> Iterator[Span]:
    """Give the sentences from ``begin`` on, where the text or a paragraph begins."""
    start = _next_visible(text, begin)
    for possible in _POSSIBLE_END.finditer(text, start):
        end = possible.start() if possible["gap"] is not None else possible.end()
        if end > start and (possible["gap"] is not None or _ends_sentence(text, start, possible)):
            yield start, start + len(text[start:end].rstrip())
            start = _next_visible(text, end)
    end = len(text.rstrip())
    if end > start:
        yield start, end


def _paragraph(text: str, offset: int) -> int:
    """Find where the last paragraph begins that the code point at ``offset`` can belong to."""
    separator = text.rfind("\u2029", 0, offset) + 1
    end = text.rfind("\n", separator, offset)
    while (before := text.rfind("\n", separator, max(end, separator))) >= 0:
        if before + 1 == end or text[before + 1 : end].isspace():
            return end + 1
        end = before
    return separator


def _ends_sentence(text: str, start: int, possible: re.Match[str]) -> bool:
    """Whether the sentence begun at ``start`` ends with the marks of ``possible``."""
    if possible.start() == start:
        return False
    end = possible.end()
    marks = text[possible.start() : possible.start("closing")]
    if not _NEEDS_NO_SPACE.isdisjoint(marks):
        following = _next_visible(text, end)
        # 「…。」と: the speech is over, the sentence is not.
        return following == len(text) or not possible["closing"] or not "\u3040" <= text[following] <= "\u309f"
    beginning = _BEGINNING.match(text, end)
    if not beginning:
        return _next_visible(text, end) == len(text)
    before_number = beginning["first"].isdecimal()
    if marks == "." and _abbreviates(text, start, possible.start(), before_number):
        return False
    return before_number or _is_capital(beginning["first"], text)


def _abbreviates(text: str, start: int, stop: int, before_number: bool) -> bool:
    """Whether the full stop at ``stop`` belongs to the word before it, in the sentence begun at ``start``."""
    if _LIST_NUMBER.fullmatch(text, start, stop):
        return True
    letters = _LAST_LETTERS.search(text, max(stop - _LETTERS_LOOKED_AT, start), stop)
    if not letters:
        return False
    if letters.end() - letters.start() == 1:
        return bool(_SINGLE_LETTER.fullmatch(text, stop - 1, stop))
    word = letters[0].lower()
    return word in _ABBREVIATIONS or (before_number and word in _ABBREVIATIONS_BEFORE_NUMBER)


def _is_capital(character: str, text: str) -> bool:
    """Whether a sentence of the text may begin with the character: a capital, or a letter without case."""
    return character.isalpha() and (character.title() == character or _is_in_capitals(text))


@lru_cache(maxsize=4)
def _is_in_capitals(text: str) -> bool:
    capitals = sum(map(str.isupper, text))
    return capitals > 0 and capitals >= 9 * sum(map(str.islower, text))


def _next_visible(text: str, offset: int) -> int:
    visible = _VISIBLE.search(text, offset)
    return visible.start() if visible else len(text)
