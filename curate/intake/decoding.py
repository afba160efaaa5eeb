"""Bytes as text: which encoding a file is in, and a refusal where that is not certain."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from curate.intake.files import MEGABYTE, Source, read_content, unreadable
from curate.intake.rows import Note, UnreadableError

LARGEST_TEXT = 16 * MEGABYTE
NAME_IT = "Say what it is: --encoding NAME (such as windows-1252), or save it as UTF-8."
BEGINNINGS = (
    (b"PK\x03\x04", "a zip archive (or an Office file)"),
    (b"%PDF", "a PDF"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"PAR1", "a Parquet file"),
    (b"\xd0\xcf\x11\xe0", "an old Office file"),
    (b"{\\rtf", "an RTF file"),
    (b"SQLite format 3", "a database"),
    (b"\x7fELF", "a program"),
    (b"7z\xbc\xaf", "a 7z archive"),
)
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Labels mean what they mean on the web (https://encoding.spec.whatwg.org/#names-and-labels).
AS_ON_THE_WEB = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "utf-16": "utf-8",
}
SHOWN = {"cp932": "shift_jis", "cp949": "euc-kr", "cp874": "windows-874", "utf-8-sig": "utf-8"}
# The encodings texts are found in; first the one to name where several give the same text.
POSSIBLE = (
    *("cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp1258", "cp874"),
    *("iso8859_2", "iso8859_5", "iso8859_6", "iso8859_7", "iso8859_15", "koi8_r", "koi8_u", "cp866"),
    *("cp932", "euc_jp", "gb18030", "big5", "cp949", "cp850", "cp437", "mac_roman", "mac_cyrillic"),
)
# For languages whose files several encodings fit: the usual one, and the letters beside a to z that the language has.
# A text with many others is in another language. The languages of windows-1250 are not here: iso-8859-2 is as likely
# for them.
USUAL = {
    "ca": ("cp1252", "àçèéíïòóúü"),
    "da": ("cp1252", "æøåé"),
    "de": ("cp1252", "äöüß"),
    "en": ("cp1252", ""),
    "es": ("cp1252", "áéíñóúü"),
    "fi": ("cp1252", "äöå"),
    "fr": ("cp1252", "àâæçèéêëîïôœùûüÿ"),
    "it": ("cp1252", "àèéìíòóù"),
    "nb": ("cp1252", "æøåéòô"),
    "nl": ("cp1252", "éëïóöèü"),
    "nn": ("cp1252", "æøåéòô"),
    "no": ("cp1252", "æøåéòô"),
    "pt": ("cp1252", "áàâãçéêíóôõúü"),
    "sv": ("cp1252", "åäöé"),
    "tr": ("cp1254", "çğıöşüâîûi̇"),
}
MOST_FOREIGN = 0.03
MOST_CONTROLS = 0.01
# The detector's measures of a reading (its mess, and how much like a language it looks): further behind the best
# than this is no rival, this near to it is as good, and a messier one is none at all.
RIVAL_MESS, RIVAL_COHERENCE, EQUAL_MESS, MOST_MESS = 0.03, 0.25, 0.005, 0.1
_CONTROL = re.compile("[\x00-\x08\x0e-\x1b]")
_DECLARED = re.compile(
    rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w.:-]+)|<\?xml[^>]{0,100}encoding=["']([\w.:-]+)""", re.IGNORECASE
)


@dataclass(frozen=True)
class Decoded:
    """A text, the encoding it was in, and how that is known; ``told`` is what to report, empty for plain UTF-8."""

    text: str
    encoding: str
    told: str


@dataclass(frozen=True)
class _Reading:
    """A text the bytes may be, the encodings that give it, and whether none looks better."""

    text: str
    names: tuple[str, ...]
    equal: bool


def decode(
    content: bytes, encoding: str | None = None, languages: tuple[str, ...] = (), *, html: bool = False
) -> Decoded:
    """Decode a file: as ``encoding`` says, else by its mark, as UTF-8, as it declares itself, or by detection.

    Every byte has to fit. Raises UnreadableError where one doesn't, where several encodings give different
    texts and neither the detector nor ``languages`` tells which is meant, and where the file is no text.
    """
    for beginning, what in BEGINNINGS:
        if content.startswith(beginning):
            raise UnreadableError(f"{what}, whatever its name says", "Give the text itself.")
    if encoding:
        return _decode_as(content, python_name(encoding), "as asked")
    for mark, name in MARKS:
        if content.startswith(mark):
            return _decode_as(content, name, "by its mark")
    if utf16 := _utf16_without_mark(content):
        return _decode_as(content, utf16, "detected")
    if b"\x1b$" in content and content.isascii():
        return _decode_as(content, "iso2022_jp", "detected")
    try:
        return Decoded(_checked(content.decode("utf-8")), "utf-8", "")
    except UnicodeDecodeError as error:
        _refuse_broken_utf8(content, error.start)
    declared = _DECLARED.search(content[:4096]) if html else None
    if declared:
        return _decode_as(content, python_name((declared[1] or declared[2]).decode("ascii")), "as it declares")
    return _detect(content, languages)


def python_name(label: str) -> str:
    """Give Python's name of an encoding called by a name of the web. Raises UnreadableError if there is none."""
    try:
        name = codecs.lookup(label).name
        "".encode(name)
    except (LookupError, ValueError, TypeError) as error:
        raise UnreadableError(f"there is no encoding {label!r}", "Use a name such as windows-1252.") from error
    return AS_ON_THE_WEB.get(name, name)


def shown_name(name: str) -> str:
    """Give the name by which people know an encoding: windows-1252 for cp1252."""
    if name in SHOWN:
        return SHOWN[name]
    if name.startswith("cp125"):
        return f"windows-{name[2:]}"
    return re.sub("^iso8859", "iso-8859", name.replace("_", "-"))


def _decode_as(content: bytes, name: str, how: str) -> Decoded:
    try:
        text = content.decode(name)
    except UnicodeDecodeError as error:
        raise UnreadableError(f"byte {error.start} is no {shown_name(name)} ({how})", NAME_IT) from error
    return Decoded(_checked(text), name, "" if name.startswith("utf-8") else f"{shown_name(name)}, {how}")


def _checked(text: str) -> str:
    """Refuse what decodes and is no text all the same: more than a few control characters."""
    if len(_CONTROL.findall(text)) > MOST_CONTROLS * len(text):
        raise UnreadableError("binary data, no text", "Give the text itself.")
    return text


def _utf16_without_mark(content: bytes) -> str | None:
    """Recognise UTF-16 of a script in which half of all bytes are zero, always the same half."""
    sample = content[:4000]
    even, odd, half = sample[::2].count(0), sample[1::2].count(0), len(sample) / 2
    if odd > 0.4 * half and even < 0.02 * half:
        return "utf-16-le"
    return "utf-16-be" if even > 0.4 * half and odd < 0.02 * half else None


def _refuse_broken_utf8(content: bytes, first: int) -> None:
    """Refuse what is UTF-8 but for a few bytes, such as a character cut in half: no other encoding is meant."""
    text = content.decode("utf-8", "surrogateescape")
    broken = sum("\udc80" <= character <= "\udcff" for character in text)
    sound = sum(character > "\x7f" for character in text) - broken
    if sound > broken:
        raise UnreadableError(
            f"UTF-8 but for {broken} bytes, the first at byte {first}", "Get the file again: a part of it is damaged."
        )


def _detect(content: bytes, languages: tuple[str, ...]) -> Decoded:
    readings = _readings(content)
    if not readings:
        raise UnreadableError("no UTF-8, and no other encoding fits", NAME_IT)
    if len(readings) == 1:
        name = readings[0].names[0]
        return Decoded(readings[0].text, name, f"{shown_name(name)}, detected")
    for language in languages:
        usual, own = USUAL.get(language.partition("-")[0], ("", ""))
        for reading in readings:
            if reading.equal and usual in reading.names and _foreign(reading.text, own) <= MOST_FOREIGN:
                return Decoded(reading.text, usual, f"{shown_name(usual)}, detected and usual for {language}")
    one, other = readings[:2]
    name, second = shown_name(one.names[0]), shown_name(other.names[0])
    word, instead = next(
        (pair for pair in zip(one.text.split(), other.text.split(), strict=False) if pair[0] != pair[1]), ("…", "…")
    )
    raise UnreadableError(
        f"no UTF-8; it may be {name} ({word[:30]!r}) or {second} ({instead[:30]!r})",
        f"Say which: --encoding {name}, or save it as UTF-8.",
    )


def _readings(content: bytes) -> list[_Reading]:
    """Give each text the bytes may be, likeliest first, with the encodings that give it, most usual first."""
    from charset_normalizer import from_bytes

    matches = [match for match in from_bytes(content, cp_isolation=list(POSSIBLE)) if match.chaos <= MOST_MESS]
    best = min(matches, key=lambda match: (match.chaos, -match.coherence), default=None)
    readings: dict[str, _Reading] = {}
    for match in matches:
        if best and match.chaos <= best.chaos + RIVAL_MESS and match.coherence >= best.coherence - RIVAL_COHERENCE:
            names = {match.encoding, *match.could_be_from_charset} & set(POSSIBLE)
            equal = match.chaos <= best.chaos + EQUAL_MESS
            text = content.decode(match.encoding)
            readings.setdefault(text, _Reading(text, tuple(sorted(names, key=POSSIBLE.index)), equal))
    return list(readings.values())


def _foreign(text: str, own: str) -> float:
    """Give the share of the letters, from 0 to 1, that are neither a to z nor a language's own."""
    letters = [letter for letter in text.lower() if letter.isalpha()]
    return sum(not letter.isascii() and letter not in own for letter in letters) / max(len(letters), 1)


def read_text(source: Source, limit: int = LARGEST_TEXT) -> tuple[str, list[Note]]:
    """Read a file as text, with the note to give where it is not plain UTF-8. Raises UnreadableError."""
    decoded = decode(read_content(source, limit), source.encoding, source.languages)
    return decoded.text, encoding_note(source, decoded)


def encoding_note(source: Source, decoded: Decoded) -> list[Note]:
    """Tell the encoding of a file, if there is anything to tell."""
    return [Note(source.shown, decoded.told)] if decoded.told else []


def mark_of(source: Source) -> str | None:
    """Give the encoding that a file's first bytes mark. Raises UnreadableError where it can't be read."""
    try:
        with source.path.open("rb") as stream:
            beginning = stream.read(4)
    except OSError as error:
        raise unreadable(error) from error
    return next((name for mark, name in MARKS if beginning.startswith(mark)), None)
