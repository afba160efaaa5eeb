"""The canonical text of an article and the sentences in it."""

from __future__ import annotations

import hashlib
import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate import text as rule
from curate.text import CanonicalText, canonical_text, in_one_sentence, sentence_around, sentences, text_sha256

ENCODABLE = st.text(st.characters(exclude_categories=["Cs"]))
AWKWARD = st.text(
    st.sampled_from("aB\n\r\t \ufeff\x00\x08\x0c\x85\x9f\x81\u200b\u200f\u00ad\u00a0\u2029e\u0301\u0327ק\u0e01\u0f43")
)
PIECES = [
    *"aB 3\n.!?…。؟”\"'([)]«»ق",
    *["  ", "The", "the", "U.S.", "Gen.", "No.", "\n\n", "と", "。」", "\u2029"],
]
PROSE = st.lists(st.sampled_from(PIECES), max_size=40).map("".join)


def split(text: str) -> list[str]:
    """The sentences of a text as strings."""
    return [text[start:end] for start, end in sentences(text)]


CHANGED = [
    ("a\r\nb\rc\n\rd", "a\nb\nc\n\nd", {"line ends (CRLF or CR) made a newline": 3}),
    ("a\x0cb\u2028c\x1ed", "a\nb\nc\nd", {"line and page breaks made a newline": 3}),
    ("a\u2029b", "a\n\nb", {"paragraph separators made a blank line": 1}),
    ("Iraq\x92s \x93no\x94\x85\x81", "Iraq’s “no”…", {"misread Windows-1252 characters mended": 5}),
    ("a\x00b\x08\x7f", "ab", {"control characters dropped": 3}),
    ("a\uffff\ufffbb", "ab", {"characters that are no text dropped": 2}),
    ("air\u00adfield", "airfield", {"soft hyphens dropped": 1}),
    ("\ufeffa\ufeffb", "ab", {"byte order marks dropped": 2}),
    ("a\u2060b\u2063", "ab", {"invisible characters dropped": 2}),
    ("a\u200bb", "ab", {"zero-width spaces dropped": 1}),
    ("\u200e+12\u202c", "+12", {"direction marks dropped (the text has no right-to-left letter)": 2}),
    ("cafe\u0301 \u212b", "café Å", {"texts brought into Unicode form NFC": 1}),
    ("e\u00ad\u0301", "é", {"soft hyphens dropped": 1, "texts brought into Unicode form NFC": 1}),
    ("a \t\n\u00a0\nb", "a\n\nb", {"lines stripped of white space at the end": 2}),
    ("\n\n  a\n", "  a", {"blank lines at the beginning or end dropped": 3}),
    ("\x00\ufeff\r\n", "", {"control characters dropped": 1, "byte order marks dropped": 1}),
]
LEFT = [
    "One.\nTwo.\t3  4",
    "",
    "می\u200cخواهم کتاب\u200fها",  # Persian joins and direction marks
    "ภาษา\u200bไทย",  # words in a script without spaces
    "20\u00a0000\u202f€\u3000« Nous »",
    "“curly” – 👩‍👩‍👧 ❤️ 🏴󠁧󠁢󠁥󠁮󠁧󠁿",
    "ﬁ ½ Ａ \ufffd \ue000",
    "&amp; <b>",
]


@pytest.mark.parametrize(("raw", "text", "changes"), CHANGED)
def test_canonical_text_says_what_it_changed(raw: str, text: str, changes: dict[str, int]) -> None:
    """Line ends, Unicode form and what no reader sees are mended, each counted."""
    made = canonical_text(raw)
    told = {change.what: change.count for change in made.changes}
    assert made.text == text
    assert told.items() >= changes.items()


@pytest.mark.parametrize("text", LEFT)
def test_canonical_text_leaves_what_is_seen_or_means_something(text: str) -> None:
    """Spaces of every width, joiners, marks of right-to-left text, emoji, look-alikes and damage stay."""
    assert canonical_text(text) == CanonicalText(text, ())


@pytest.mark.parametrize(("raw", "place"), [("a\ud83d", "U\\+D83D at offset 1"), ("\udc80", "U\\+DC80 at offset 0")])
def test_canonical_text_refuses_lone_surrogates(raw: str, place: str) -> None:
    """A surrogate is refused with its place: it could never be written to a file."""
    with pytest.raises(ValueError, match=place):
        canonical_text(raw)


@given(st.one_of(ENCODABLE, AWKWARD))
def test_canonical_text_is_idempotent(raw: str) -> None:
    """A canonical text is its own canonical text, and nothing is reported about it."""
    once = canonical_text(raw).text
    assert canonical_text(once) == CanonicalText(once, ())


@given(st.one_of(ENCODABLE, AWKWARD))
def test_canonical_text_keeps_what_is_seen(raw: str) -> None:
    """Letters, digits, marks and signs are those of the text in form NFC, and every change is reported."""
    made = canonical_text(raw)
    assert {character for character in made.text if unicodedata.category(character) == "Cc"} <= {"\n", "\t"}
    assert unicodedata.is_normalized("NFC", made.text)
    assert not re.search(r"[^\S\n](?:\n|\Z)|\A\n|\n\Z", made.text)
    assert seen(made.text) == seen(raw)
    assert bool(made.changes) == (made.text != raw)


def seen(text: str) -> str:
    """What a reader sees of a text: letters, marks, digits, signs."""
    mended = re.sub("[\x80-\x9f]", lambda found: found[0].encode("latin-1").decode("cp1252", "ignore"), text)
    kept = "".join(one for one in mended if unicodedata.category(one)[0] in "LMNPS")
    return unicodedata.normalize("NFC", kept)


def test_every_character_of_a_rule_is_looked_for() -> None:
    """The one look that spares most texts the rules finds every character that a rule is about."""
    patterns = [pattern for pattern, _, _ in rule._RULES] + [rule._DIRECTION]
    ruled = {code for code in range(0x10000) if any(pattern.match(chr(code)) for pattern in patterns)}
    assert {code for code in range(0x10000) if rule._TOUCHED.match(chr(code))} >= ruled


@given(ENCODABLE)
def test_text_sha256_is_of_utf8(text: str) -> None:
    """The digest is that of the UTF-8 bytes."""
    assert text_sha256(text) == hashlib.sha256(text.encode("utf-8")).hexdigest()


@pytest.mark.parametrize(
    "parts",
    [
        ["The bridge fell at dawn.", "Nobody was hurt.", "A second one held."],
        ["Who gave the order?", "No one knows!", "The inquiry goes on…", "Results are due in June."],
        ["“We saw two drones.”", "“They came from the north,” she said."],
        ["(The ministry did not reply.)", "[Two calls went unanswered.]", "It never does."],
        ["The camp was empty.", "3,000 people had left it.", "$5 million was spent."],
        [
            "He had said “no.”",
            "Nos amis sont partis.",
            "« Nous restons. »",
            "¿Quién queda?",
            "Élodie partit.",
        ],
        ["The toll rose to 15.", "The search ended."],
        ["It was over in 2019...", "Then it began again."],
    ],
)
@pytest.mark.parametrize("space", [" ", "  ", "\n", "\u00a0", "\n\n", " \n \n "])
def test_sentences_end_before_capitals_digits_and_quotes(parts: list[str], space: str) -> None:
    """A mark with its closing quotes, any white space, then a capital, a digit or an opening quote."""
    assert split(space.join(parts)) == parts


@pytest.mark.parametrize(
    "sentence",
    [
        "John F. Kennedy met J. R. Smith in Washington.",
        "The U.S. Navy and the U.N. Mission left at 5 p.m. Friday.",
        "Maj. Gen. Lee, Lt. Col. Ray, Lt.-Gen. Cho and Sgt. Fox spoke to Mr. Roe, Mrs. Roe and Dr. Poe.",
        "Gov. Hill, Sen. Dale and Rep. Moor met on Jan. 5 near St. Anne, Calif. Mayor Loe was absent.",
        "Brigade No. 4 faced Smith & Co. Ltd. Guards under Art. 3 of the pact.",
        "GEN. LEE AND COL. RAY OF UNIT NO. 4 MET MR. ROE.",
        "Rockets hit the\nBase and the Old\nMarket.",
        "“Why now?” he asked, and “Never!” they said.",
        "The plan ... was dropped (why?) and the site example.com shut at 4.30 sharp.",
        "1. Stop all fire at once.",
        "Yahoo! and eBay were named.",
    ],
)
def test_sentences_go_on_when_in_doubt(sentence: str) -> None:
    """Initials, acronyms, abbreviations, list numbers, line ends and small letters end no sentence."""
    assert split(sentence) == [sentence]
    assert split(f"It rained. {sentence}\nThen it stopped.") == ["It rained.", sentence, "Then it stopped."]


def test_an_ordinary_word_is_an_abbreviation_before_a_number_only() -> None:
    """``No.`` is a number's before a digit, and an answer before a capital."""
    assert split("They said no. The man left. No. 7 stayed.") == [
        "They said no.",
        "The man left.",
        "No. 7 stayed.",
    ]


def test_marks_alone_are_no_sentence() -> None:
    """An ellipsis that begins a text belongs to the sentence after it."""
    assert split("... The tape ends there. Then it hisses.") == [
        "... The tape ends there.",
        "Then it hisses.",
    ]


def test_a_genitive_is_no_initial() -> None:
    """The s after an apostrophe, or a letter after a digit, is not taken for an initial."""
    assert split("The car was Ann’s. Boats were 5m. Both sank.") == [
        "The car was Ann’s.",
        "Boats were 5m.",
        "Both sank.",
    ]


def test_a_small_letter_begins_a_sentence_only_in_a_text_in_capitals() -> None:
    """In a text nearly all in capitals any letter counts as one; elsewhere it does not."""
    assert split("TROOPS OF THE NINTH BRIGADE ENTERED THE TOWN. el TIEMPO REPORTED IT.") == [
        "TROOPS OF THE NINTH BRIGADE ENTERED THE TOWN.",
        "el TIEMPO REPORTED IT.",
    ]
    assert len(split("Troops of the ninth brigade entered the town. el Tiempo reported it.")) == 1


@pytest.mark.parametrize(
    "parts",
    [
        ["قصفت الطائرات الجسر. ", "لم يصب أحد. ", "من أمر بذلك؟ ", "لا أحد يعلم."],
        ["من أمر بذلك؟", "لا أحد يعلم."],
        ["من أمر بذلك؟", "«لا أحد.» ", "قالوا ذلك."],
        ["کس نے حکم دیا؟ ", "کوئی نہیں جانتا۔ ", "تلاش جاری ہے۔"],
        ["军队昨天袭击了村庄。", "没有人受伤！", "谁下的命令？", "“没有人知道。”", "调查仍在继续。"],
        ["軍は「攻撃はなかった。」と述べた。", "調査は続く。"],
        ["सेना ने गाँव पर हमला किया। ", "कोई घायल नहीं हुआ।"],
        ["ხიდი ჩამოინგრა. ", "არავინ დაშავდა."],
        ["Мост рухнул. ", "«Никто не пострадал», — сказал мэр."],
    ],
)
def test_sentences_of_other_scripts(parts: list[str]) -> None:
    """Letters without case count as capitals, and marks of scripts without case need no white space."""
    assert split("".join(parts)) == [part.strip() for part in parts]


def test_a_blank_line_ends_any_sentence() -> None:
    """A blank line or a paragraph separator ends what has no full stop."""
    assert split("Calm returns\n \t\nto the Coast\u2029of Sand") == [
        "Calm returns",
        "to the Coast",
        "of Sand",
    ]


@pytest.mark.parametrize("text", ["", " ", "\n\n", " \n\n \u2029"])
def test_no_text_has_no_sentences(text: str) -> None:
    """White space alone has no sentences, and no two offsets in different ones."""
    assert sentences(text) == ()
    begin, end = sentence_around(text, 0)
    assert begin == 0 <= len(text) < end


@given(st.one_of(PROSE, st.text()))
def test_sentences_cover_all_that_is_visible(text: str) -> None:
    """Sentences are in order, apart, begin and end visibly, and leave out nothing but white space."""
    spans = sentences(text)
    rest, offset = "", 0
    for start, end in spans:
        assert offset <= start < end
        assert text[start:end] == text[start:end].strip()
        rest += text[offset:start]
        offset = end
    assert not (rest + text[offset:]).strip()


@given(PROSE)
def test_a_single_line_end_is_a_space(text: str) -> None:
    """A line end that is not part of a blank line could as well be a space."""
    wrapped = re.sub(r"\s+", "\n", text)
    assert sentences(wrapped) == sentences(wrapped.replace("\n", " "))


@given(PROSE, PROSE)
def test_a_blank_line_parts_texts(one: str, other: str) -> None:
    """Two texts parted by a blank line have the sentences each has alone."""
    first, second = f"quiet waters run {one}", f"quiet waters run {other}"
    shift = len(first) + 2
    shifted = ((start + shift, end + shift) for start, end in sentences(second))
    assert sentences(f"{first}\n\n{second}") == (*sentences(first), *shifted)


@given(st.one_of(PROSE, st.text("aB. \n\u2029\t", max_size=30)), st.data())
def test_two_places_are_in_one_sentence_or_not(text: str, data: st.DataObject) -> None:
    """An offset stands in its sentence, in white space in the next one, else in the last."""
    spans = sentences(text)

    def place(offset: int) -> int:
        return next((index for index, (_, end) in enumerate(spans) if offset < end), max(len(spans) - 1, 0))

    one, other = (data.draw(st.integers(0, len(text))) for _ in range(2))
    begin, end = sentence_around(text, one)
    assert (begin <= other < end) == (place(one) == place(other))
    assert in_one_sentence(text, one, other) == (place(one) == place(other))
