"""Each format gives the articles that its files hold, with the data they bring."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.intake.files import Source
from curate.intake.readers import READERS
from curate.intake.readers.markdown import plain_text
from curate.intake.reading import Request, read_articles, read_file
from curate.intake.rows import Note, Refusal, Row

PAGE = """<!DOCTYPE html>
<html lang="en-GB"><head><meta charset="utf-8"><title>Talks resume in Velmark | The Lantern</title>
<meta property="og:site_name" content="The Lantern"><meta property="og:title" content="Talks resume in Velmark">
<meta property="article:published_time" content="2024-03-02T10:00:00Z">
<link rel="canonical" href="https://lantern.example.org/talks"></head>
<body><nav><a href="/">Home</a> <a href="/sport">Sport</a></nav>
<article><h1>Talks resume in Velmark</h1>
<p>Delegations from both sides returned to the table in Velmark on Saturday – the first meeting since the attack on
the bridge in January, according to the mediators.</p>
<p>The talks are to last three days. A spokesman said that an exchange of prisoners would come first, and that a
cease-fire “was not out of reach”.</p></article>
<aside>Subscribe to our newsletter.</aside><footer>Copyright Lantern. All rights reserved.</footer></body></html>"""

MARKDOWN = """# Refinery *burns*

A fire broke out at the [Selva refinery](http://example.org/x "title")
after an **explosion**; `valve 7` failed &amp; ~~nobody~~ two men
were hurt.\\
The port was closed.

- two workers
- the port
  - the *north* pier
  - the south pier

3. first

   and more of it
4. second

> A quote
> of two lines

| place | dead |
|-------|------|
| Selva | 2 |

```
as it
  stands
```

<div>Raw <b>markup</b><script>alert(1)</script></div>

![smoke](smoke.png) over the bay
"""
PLAIN = """Refinery burns

A fire broke out at the Selva refinery after an explosion; valve 7 failed & nobody two men were hurt.
The port was closed.

- two workers
- the port
  - the north pier
  - the south pier

3. first

and more of it

4. second

A quote of two lines

place\tdead
Selva\t2

as it
  stands

Raw markup

over the bay"""


def found(path: Path, content: str | bytes, encoding: str | None = None) -> list[Any]:
    """What the reader of a file gives."""
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return list(read_file(Source(path, path.name, path.stem, encoding)))


def rows(path: Path, content: str | bytes, encoding: str | None = None) -> list[dict[str, Any]]:
    return [dict(one.values) for one in found(path, content, encoding) if isinstance(one, Row)]


def refusals(path: Path, content: str | bytes, encoding: str | None = None) -> list[tuple[str, str]]:
    return [(one.where, one.why) for one in found(path, content, encoding) if isinstance(one, Refusal)]


def notes(path: Path, content: str | bytes) -> list[str]:
    return [one.text for one in found(path, content) if isinstance(one, Note)]


def test_markdown_becomes_what_a_reader_reads() -> None:
    """Words stay, marks go; blocks, items and cells stand apart."""
    text, title, images = plain_text(MARKDOWN)
    assert [line.rstrip() for line in text.splitlines()] == [line.rstrip() for line in PLAIN.splitlines()]
    assert (title, images) == ("Refinery burns", 1)


@given(st.text(st.sampled_from("# *_`[]()<>!|-\n\n \t>ab1.&;'~=+\\:\x0c\u200bé"), max_size=60))
def test_any_markdown_has_a_plain_text(markdown: str) -> None:
    """Nothing written breaks the reader, and no letter comes out that was not written, in that order."""
    text, _, _ = plain_text(markdown)
    written = iter(markdown)
    assert all(letter in written for letter in text if letter in "abé")


@pytest.mark.parametrize("markup", ["<ol start='x'><li>a</ol>", "<div>" * 3000 + "a", "> " * 3000 + "a", "a\x00\x01"])
def test_strange_markup_is_read(markup: str) -> None:
    """Wrong numbers, thousands of levels and control characters are no traceback."""
    plain_text(markup)


def test_front_matter_becomes_data(tmp_path: Path) -> None:
    """Front matter is no text; its title wins over the heading; a wrong one is refused with file, line and fix."""
    content = "---\nTitle: From above\ndate: 2024-05-06\ntags: [a, b]\n---\n# Heading\n\nText.\n"
    assert rows(tmp_path / "a.md", content) == [
        {"Title": "From above", "date": "2024-05-06", "tags": ["a", "b"], "text": "Heading\n\nText."}
    ]
    assert rows(tmp_path / "b.md", "---\n\nA rule, no front matter.\n\n---\n")[0]["text"].startswith("A rule")
    assert rows(tmp_path / "c.md", "Text\n---\nx: y\n---\n")[0]["text"].startswith("Text")
    assert rows(tmp_path / "d.md", "---\n---\nText.")[0] == {"text": "Text."}
    [(where, why)] = refusals(tmp_path / "e.md", "---\ntitle: a: b\n---\nText.")
    assert where == "e.md"
    assert "line 2" in why
    assert "the key 'text'" in refusals(tmp_path / "f.md", "---\ntext: a\n---\nText.")[0][1]


def test_a_page_gives_its_main_text_and_data(tmp_path: Path) -> None:
    """Menus and footers stay out; title, date, publisher, url and language come along."""
    [page] = rows(tmp_path / "a.html", PAGE)
    assert page["title"] == "Talks resume in Velmark"
    assert (page["publisher"], page["published_at"]) == ("The Lantern", "2024-03-02")
    assert (page["url"], page["language"]) == ("https://lantern.example.org/talks", "en-GB")
    assert "according to the mediators.\n\nThe talks are to last" in page["text"]
    assert not {"Home", "Subscribe", "Copyright"} & set(page["text"].split())


def test_a_page_without_main_text_is_refused(tmp_path: Path) -> None:
    """A page of nothing but menus is no article."""
    page = "<html><body><nav><a href='/'>Home</a></nav></body></html>"
    assert refusals(tmp_path / "a.html", page) == [("a.html", "no main text found on the page")]
    assert refusals(tmp_path / "b.html", "") == [("b.html", "no main text found on the page")]


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.csv", 'id,text\n1,"Two ""words"", and\nmore"\n', []),
        ("a.tsv", 'id\ttext\n1\t"Two ""words"", and\nmore"\n', []),
        ("b.csv", '\ufeffid;text\r\n1;"Two ""words"", and\nmore"\r\n\r\n', ["separated by semicolons"]),
        ("c.csv", 'id|text\n1|"Two ""words"", and\nmore"', ["separated by bars"]),
    ],
)
def test_tables_are_read_with_their_separators(tmp_path: Path, name: str, content: str, told: list[str]) -> None:
    """Comma, semicolon, bar and tab; quotes and line ends within cells."""
    assert rows(tmp_path / name, content) == [{"id": "1", "text": 'Two "words", and\nmore'}]
    assert notes(tmp_path / name, content) == told


def test_faults_of_a_table_are_named_by_line(tmp_path: Path) -> None:
    """Ragged rows are refused one by one; what can't be read ends the table there; empty cells are nothing."""
    ragged = 'id,text,title\n1,"a\nb",\n2,b\n3,c,d,e\n\n4,d,\n'
    path = tmp_path / "a.csv"
    assert refusals(path, ragged) == [
        ("a.csv:4", "2 cells where the header names 3 columns"),
        ("a.csv:5", "4 cells where the header names 3 columns"),
    ]
    assert [row["id"] for row in rows(path, ragged)] == ["1", "4"]
    assert rows(path, ragged)[0]["title"] is None
    [(where, why)] = refusals(path, 'id,text\n1,a\n2,"b\n3,c\n')
    assert (where, "quotes that don't match" in why) == ("a.csv:3", True)
    assert refusals(path, "id,text,id\n1,2,3\n") == [("a.csv:1", "two columns are called 'id'")]
    assert refusals(path, "\n\n") == [("a.csv", "an empty table")]


def test_json_documents_hold_one_or_many(tmp_path: Path) -> None:
    """An object, a list, an object with one list; lines of JSON under .json, too."""
    one = {"id": "1", "text": "Text."}
    path = tmp_path / "a.json"
    for value in (one, [one], {"version": 2, "articles": [one]}):
        assert rows(path, json.dumps(value)) == [one]
    assert rows(path, json.dumps(one) + "\n" + json.dumps(one) + "\n") == [one, one]
    assert refusals(path, '[{"id": "1"}, 2]') == [("a.json[1]", "not a JSON object")]
    assert refusals(path, '{"id": "1",\n "text": }')[0][0] == "a.json:2:10"
    assert refusals(path, "3")[0][1] == "neither an object nor a list of objects"
    assert "nested too deeply" in refusals(path, "[" * 100_000)[0][1]
    assert refusals(path, "9" * 5000)[0][1].startswith("no JSON that can be read")


def test_json_lines_fail_one_by_one(tmp_path: Path) -> None:
    """A bad line is refused by its number and the others go on, in any encoding with a mark."""
    good = '{"text": "é"}'
    path = tmp_path / "a.jsonl"
    content = f"{good}\nnonsense\n\n[1]\n{good}".encode() + b'\n{"text": "\xe9"}\n' + b'{"a":' * 50_000
    told = refusals(path, content)
    assert [where for where, _ in told] == ["a.jsonl:2", "a.jsonl:4", "a.jsonl:6", "a.jsonl:7"]
    assert told[2][1] == "no UTF-8 at column 11"
    assert rows(path, content) == [{"text": "é"}] * 2
    assert rows(path, f"{good}\n{good}\n".encode("utf-16")) == [{"text": "é"}] * 2
    assert notes(path, good.encode("utf-16")) == ["utf-16"]
    assert rows(path, good.encode("cp1252"), "windows-1252") == [{"text": "é"}]


def test_parquet_brings_its_types(tmp_path: Path) -> None:
    """Numbers, dates, lists and nothing come as such, and become JSON that keeps them."""
    path = tmp_path / "a.parquet"
    when = datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)
    table = pa.table(
        {
            "id": [7, 8],
            "text": ["One.", None],
            "date": [date(2024, 1, 2), None],
            "tags": [["a"], []],
            "score": [0.5, float("nan")],
            "seen": [when, None],
            "raw": [b"\x00", None],
        }
    )
    pq.write_table(table, path)
    made = list(read_articles([str(path)], Request()))
    article = next(one.article for one in made if hasattr(one, "article"))
    assert (article.id, article.published_at) == ("7", "2024-01-02")
    assert json.loads(article.meta) == {"score": 0.5, "seen": "2024-01-02T03:04:05+00:00", "tags": ["a"]}
    [refused] = [one for one in made if isinstance(one, Refusal)]
    assert (refused.where, refused.why) == (f"{path}[1]", "the text is empty")


def test_a_broken_parquet_is_refused(tmp_path: Path) -> None:
    """Damage at the beginning, in the middle or at the end is a refusal, not a traceback."""
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"text": [f"Text {number}." for number in range(2000)]}), path)
    whole = path.read_bytes()
    for broken in (b"", b"PAR1", whole[:-10], whole[:100] + b"\xff" * 200 + whole[300:], b"\x00" * 50):
        assert len(refusals(path, broken)) == 1


def test_each_format_has_its_row() -> None:
    """The endings that are read stand in one table."""
    assert set(READERS) == {
        *(".txt", ".md", ".markdown", ".html", ".htm", ".csv", ".tsv", ".json", ".jsonl", ".ndjson", ".parquet")
    }
