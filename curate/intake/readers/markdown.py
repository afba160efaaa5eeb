"""Markdown: the text that a reader of the rendered page reads; front matter becomes the article's data."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from curate.errors import SchemaError
from curate.intake.decoding import read_text
from curate.intake.files import Source
from curate.intake.rows import Found, Note, Row, UnreadableError

if TYPE_CHECKING:
    from lxml.html import HtmlElement

LISTS = frozenset({"ul", "ol"})
LINES = frozenset({"li", "tr", "dt", "dd", "ul", "ol", "thead", "tbody"})
HOLDERS = LISTS | {"table", "thead", "tbody", "tr", "dl"}
BLOCKS = LISTS | {
    *("p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "table", "hr", "div", "section", "article"),
    *("figure", "figcaption", "dl", "details", "summary"),
}
UNSEEN = frozenset({"script", "style", "template", "head", "title", "noscript"})
# What begins with a key; anything else between two lines of --- is text between two rules.
_FRONT_MATTER = re.compile(
    r"---[ \t]*\r?\n(?=\s*(?:[\w\"'][^\n]*:|---|\.\.\.))(.*?\r?\n)??(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.DOTALL
)


def read(source: Source) -> Iterator[Found]:
    """Give the file as one row; the first heading of level 1 is the title, unless front matter names one."""
    text, told = read_text(source)
    yield from told
    values, body = _front_matter(text.removeprefix("\ufeff"), source)
    plain, title, images = plain_text(body)
    if images:
        yield Note(source.shown, f"{images} {'image' if images == 1 else 'images'} left out")
    if title and not any(key.casefold() in ("title", "headline") for key in values):
        values["title"] = title
    yield Row(source.shown, {**values, "text": plain}, source.name)


def _front_matter(text: str, source: Source) -> tuple[dict[str, Any], str]:
    """Split off the YAML between two lines of ``---`` at the very start."""
    from curate.schema.source import parse

    found = _FRONT_MATTER.match(text)
    if not found:
        return {}, text
    inner = found[1] or ""
    if not inner.strip():
        return {}, text[found.end() :]
    try:
        # The empty line stands for the first `---`, so that the line in a message is that of the file.
        values = parse(f"\n{inner}", source.shown).mapping
    except SchemaError as error:
        why = error.message.removeprefix(source.shown)
        raise UnreadableError(f"front matter that can't be read (line {why.lstrip(':')})", error.fix) from error
    if "text" in values:
        raise UnreadableError("front matter with the key 'text'", "The text stands below the front matter.")
    return values, text[found.end() :]


def plain_text(markdown: str) -> tuple[str, str | None, int]:
    """Give the plain text of Markdown (CommonMark, tables, strikethrough), its title, how many images it has.

    Blocks stand a blank line apart, items of a tight list and rows of a table a line. Emphasis, links, code and
    HTML keep their words and lose their marks; addresses of links and images go. Items keep a ``-`` or their
    number, cells are a tab apart.
    """
    from lxml import html
    from markdown_it import MarkdownIt

    rendered = MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(markdown)
    root = html.fragment_fromstring(rendered, create_parent="div")
    heading = root.find(".//h1")
    title = " ".join(heading.text_content().split()) if heading is not None else None
    written = _Written()
    _write(root, written, 0)
    return "".join(written.parts), title or None, sum(1 for _ in root.iter("img"))


@dataclass
class _Written:
    """Text so far, the break that comes before the next words, and whether an item's marker waits for its words."""

    parts: list[str] = field(default_factory=list)
    gap: str = ""
    marked: bool = False


def _write(element: HtmlElement, written: _Written, depth: int) -> None:
    """Write what a reader sees of an element; ``depth`` counts the lists it stands in."""
    tag = element.tag
    gap = "\n\n" if tag in BLOCKS and not (tag in LISTS and depth) else "\n" if tag in LINES else ""
    _break(written, gap)
    if tag == "br":
        written.parts.append("\n")
    elif tag == "li":
        _say(written, "  " * (depth - 1) + _marker(element))
        written.marked = True
    elif tag in ("td", "th") and element.getprevious() is not None:
        written.parts.append("\t")
    kept = tag == "pre" or any(above.tag == "pre" for above in element.iterancestors())
    between = tag in HOLDERS
    _say(written, "" if between else _words(element.text, written, kept=kept))
    for child in element:
        if child.tag not in UNSEEN and isinstance(child.tag, str):
            _write(child, written, depth + (tag in LISTS))
        _say(written, "" if between else _words(child.tail, written, kept=kept))
    _break(written, gap)


def _words(text: str | None, written: _Written, *, kept: bool) -> str:
    """Give text with its white space as it is shown: one space, none at the beginning of a line."""
    if not text or kept:
        return (text or "").removesuffix("\n")
    shown = re.sub(r"[ \t\n\r\f]+", " ", text)
    begins = written.gap or written.marked or not written.parts or written.parts[-1].endswith(("\n", " "))
    return shown.lstrip(" ") if begins else shown


def _say(written: _Written, words: str) -> None:
    if words:
        if written.gap and written.parts:
            written.parts.append(written.gap)
        written.gap, written.marked = "", False
        written.parts.append(words)


def _break(written: _Written, gap: str) -> None:
    """Ask for a break before the next words; what stands first in an item stands beside its marker."""
    if not written.marked:
        written.gap = max(written.gap, gap)


def _marker(item: HtmlElement) -> str:
    around = item.getparent()
    if around is None or around.tag != "ol":
        return "- "
    start = around.get("start") or ""
    number = (int(start) if start.isdecimal() else 1) + sum(1 for _ in item.itersiblings("li", preceding=True))
    return f"{number}. "
