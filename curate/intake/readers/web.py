"""Web pages: the main text without menus and adverts, with title, date, publisher and url where the page tells them."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator

from curate.intake.decoding import LARGEST_TEXT, decode, encoding_note
from curate.intake.files import Source, read_content
from curate.intake.rows import Found, Row, UnreadableError

SHORTEST = 100  # less is a menu or a notice, not the article
ABOUT = {"title": "title", "url": "url", "publisher": "sitename", "published_at": "date", "licence": "license"}
_LANGUAGE = re.compile(r"""<html[^>]{0,300}?\slang\s*=\s*["']?([A-Za-z]{2,3}(?:-[A-Za-z0-9]+)*)""", re.IGNORECASE)


def read(source: Source) -> Iterator[Found]:
    """Give the page as one row, its paragraphs a blank line apart. Raises UnreadableError if no main text is found."""
    decoded = decode(read_content(source, LARGEST_TEXT), source.encoding, source.languages, html=True)
    yield from encoding_note(source, decoded)
    values = extract(decoded.text)
    if values is None:
        raise UnreadableError("no main text found on the page", "Save the article's text as .txt.")
    yield Row(source.shown, values, source.name)


def extract(page: str) -> dict[str, str] | None:
    """Find the main text of a page and what the page says about it; None where there is none."""
    from trafilatura import bare_extraction

    # What it can't find it also logs, as an error.
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    logging.getLogger("htmldate").setLevel(logging.CRITICAL)
    dates = {"original_date": True, "extensive_search": False}
    found = bare_extraction(page, with_metadata=True, include_comments=False, date_extraction_params=dates)
    text = (getattr(found, "text", None) or "").strip()
    if len(text) < SHORTEST:
        return None
    told = {name: getattr(found, key, None) for name, key in ABOUT.items()}
    language = _LANGUAGE.search(page)
    told["language"] = language[1] if language else None
    return {"text": re.sub(r"\n+", "\n\n", text), **{name: value for name, value in told.items() if value}}
