"""Bytes become text in the encoding they are in, or are refused; never something else in silence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.intake.decoding import POSSIBLE, decode, shown_name
from curate.intake.rows import UnreadableError

ENGLISH = (
    "The minister’s office said on Friday that “nobody was hurt” – but the café near the naïve façade was damaged, "
    "and £40 of goods were lost. The coalition said that it would reply, and the road to the border stayed closed."
)
FRENCH = (
    "Le ministère a déclaré vendredi que l’attaque près de la frontière n’avait fait aucune victime. Les autorités "
    "ont évacué le quartier et fermé la route qui mène au port."
)
POLISH = (
    "Ministerstwo poinformowało w piątek, że atak na lotnisko wojskowe spowodował poważne zniszczenia. Według "
    "świadków żołnierze zamknęli drogę, a mieszkańcy zostali ewakuowani."
)
RUSSIAN = (
    "Министерство обороны сообщило в пятницу, что удар по аэродрому нанёс серьёзный ущерб. По словам очевидцев, "
    "военные перекрыли дорогу, а жители были эвакуированы."
)
GREEK = "Το υπουργείο ανακοίνωσε την Παρασκευή ότι η επίθεση στο αεροδρόμιο προκάλεσε σοβαρές ζημιές."
ARABIC = "قالت وزارة الدفاع يوم الجمعة إن الهجوم على القاعدة الجوية أدى إلى أضرار جسيمة. وأفاد شهود عيان بذلك."
HEBREW = (
    "משרד הביטחון מסר ביום שישי כי התקיפה על שדה התעופה גרמה נזק כבד. לפי עדי ראייה חיילים סגרו את הכביש "
    "והתושבים פונו. מקורות מדווחים על חמישים פצועים."
)
TURKISH = (
    "Bakanlık cuma günü yaptığı açıklamada, havaalanına düzenlenen saldırının ciddi hasara yol açtığını bildirdi. "
    "Görgü tanıklarına göre askerler yolu kapattı ve bölge sakinleri tahliye edildi."
)
JAPANESE = (
    "国防省は金曜日、空軍基地への攻撃で大きな被害が出たと発表した。目撃者によると、兵士が道路を封鎖し、住民は避難した。"
)
CHINESE = (
    "国防部周五表示，对空军基地的袭击造成严重破坏。据目击者称，士兵封锁了道路，居民已被疏散。消息人士称有五十人受伤。"
)
KOREAN = (
    "국방부는 금요일 공군 기지에 대한 공격으로 큰 피해가 발생했다고 발표했다. 목격자에 따르면 군인들이 도로를 봉쇄했다."
)


@pytest.mark.parametrize(
    ("text", "encoding", "languages"),
    [
        (ENGLISH, "cp1252", ("en",)),
        (FRENCH, "cp1252", ("fr",)),
        (FRENCH, "iso8859-1", ("fr",)),
        (POLISH, "cp1250", ()),
        (RUSSIAN, "cp1251", ()),
        (RUSSIAN, "koi8-r", ()),
        (RUSSIAN, "cp866", ()),
        (RUSSIAN, "iso8859-5", ("en",)),
        (GREEK, "iso8859-7", ()),
        (ARABIC, "cp1256", ()),
        (ARABIC, "iso8859-6", ("en",)),
        (HEBREW, "cp1255", ()),
        (TURKISH, "cp1254", ("tr",)),
        (JAPANESE, "shift_jis", ()),
        (JAPANESE, "euc_jp", ()),
        (JAPANESE, "iso2022_jp", ()),
        (CHINESE, "gb18030", ("en",)),
        (KOREAN, "euc_kr", ()),
        (RUSSIAN, "utf-16", ()),
        (ENGLISH, "utf-16-le", ()),
        (ENGLISH, "utf-16-be", ()),
        (JAPANESE, "utf-32", ()),
    ],
)
def test_other_encodings_are_detected_and_told(text: str, encoding: str, languages: tuple[str, ...]) -> None:
    """The text comes out as it was written, and what it was is told."""
    raw = text.encode(encoding, "replace")
    decoded = decode(raw, languages=languages)
    assert decoded.text == raw.decode(encoding)
    assert decoded.told


@pytest.mark.parametrize("text", [ENGLISH, FRENCH, POLISH, RUSSIAN, GREEK, HEBREW, TURKISH, CHINESE])
@pytest.mark.parametrize("encoding", POSSIBLE)
def test_nothing_is_read_as_something_else(text: str, encoding: str) -> None:
    """Whatever encoding a text fits in: it is read as what it is, or refused with the way out; never mangled."""
    try:
        raw = text.encode(encoding)
    except UnicodeEncodeError:
        return
    try:
        read = decode(raw, languages=("fr", "en")).text
    except UnreadableError as refused:
        read, fix = text, refused.fix
    else:
        fix = "--encoding"
    assert (read, "--encoding" in fix) == (text, True)


@pytest.mark.parametrize("content", [b"", b"plain ASCII", "naïve “quotes” 日本".encode(), "\ufeffmark".encode()])
def test_utf8_needs_no_word(content: bytes) -> None:
    """Plain UTF-8, with a mark or without, is not worth telling."""
    assert decode(content).told == ""


def test_what_is_ambiguous_is_refused_with_both_readings() -> None:
    """Two encodings that fit equally: both are shown by a word, and the fix names one."""
    with pytest.raises(UnreadableError) as refused:
        decode(FRENCH.encode("cp1252"), languages=("ja",))
    assert "windows-1252 ('ministère')" in refused.value.why
    assert "windows-1250 ('ministčre')" in refused.value.why
    assert "--encoding windows-125" in refused.value.fix


def test_many_accents_are_another_language() -> None:
    """English has few accents, so a text full of them isn't taken for windows-1252 because the dataset is English."""
    with pytest.raises(UnreadableError, match="it may be"):
        decode(FRENCH.encode("cp1252"), languages=("en",))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("Straße, Übung, naïve".encode()[:-2] + b"\xc3", "UTF-8 but for 1 bytes, the first at byte 21"),
        ("日本語のテキスト".encode()[:-1], "UTF-8 but for"),
        (b"PK\x03\x04rest", "a zip archive"),
        (b"%PDF-1.7", "a PDF"),
        (bytes(range(256)) * 8, ""),
        (b"\x00\x01\x02\x03" * 100, "binary data"),
        ("\ufeffодин".encode("utf-16-le")[:-1], "no utf-16"),
    ],
)
def test_what_is_damaged_or_no_text_is_refused(content: bytes, told: str) -> None:
    """Half characters, archives, pictures and binary data are named as what they are."""
    with pytest.raises(UnreadableError) as refused:
        decode(content)
    assert told in refused.value.why
    assert refused.value.fix


def test_the_named_encoding_has_to_fit() -> None:
    """--encoding wins over detection and marks no byte as lost; names mean what browsers mean."""
    assert decode("“é”".encode("cp1252"), "iso-8859-1").text == "“é”"
    assert decode("é".encode("cp1251", "replace"), "windows-1251").text == "?"
    with pytest.raises(UnreadableError, match="byte 3 is no windows-1252"):
        decode(b"abc\x81", "windows-1252")


@pytest.mark.parametrize(
    "declaration",
    [
        '<meta charset="windows-1251">',
        '<meta http-equiv="Content-Type" content="text/html; charset=windows-1251">',
        '<?xml version="1.0" encoding="windows-1251"?>',
    ],
)
def test_pages_declare_their_encoding(declaration: str) -> None:
    """A page that is not UTF-8 is read as it declares itself; one that is UTF-8 as that, whatever it says."""
    page = f"{declaration}<p>Привет"
    assert decode(page.encode("cp1251"), html=True).text == page
    assert decode(page.encode("utf-8"), html=True).text == page


def test_a_page_that_declares_what_it_is_not_is_refused() -> None:
    """A byte that doesn't fit the declared encoding is named."""
    with pytest.raises(UnreadableError, match=r"as it declares"):
        decode(b'<meta charset="shift_jis"><p>\x81\x01', html=True)


def test_encodings_have_the_names_people_know() -> None:
    """Reports use the names of the web."""
    assert [shown_name(name) for name in ("cp1252", "cp932", "iso8859_2", "koi8_r", "utf-16-le")] == [
        "windows-1252",
        "shift_jis",
        "iso-8859-2",
        "koi8-r",
        "utf-16-le",
    ]


@given(st.text())
def test_utf8_stays_what_it_is(text: str) -> None:
    """A text written as UTF-8 comes back, unless its bytes look like another file or like binary data."""
    try:
        content = text.encode()
    except UnicodeEncodeError:
        return
    try:
        decoded = decode(content)
    except UnreadableError:
        assert any(character < " " for character in text) or content.startswith((b"PK", b"%PDF"))
        return
    assert decoded.text == text.removeprefix("\ufeff") or "\0" in text or "\x1b$" in text
