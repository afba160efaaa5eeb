"""The printable instructions: everything annotators need, and nothing that has to be fetched."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from typer.testing import CliRunner

from curate.api.project import read_schema
from curate.cli.app import app
from curate.schema.instructions import instructions_html
from curate.schema.printing import printable_page
from curate.schema.shipped import default_name, shipped_names, shipped_schema


class Balanced(HTMLParser):
    """Follows the tags of a document; ``open`` are those that nothing has closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open a tag; none leads anywhere."""
        assert not {"src", "href", "onclick"} & {name for name, _ in attrs}
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close the tag that was opened last."""
        assert self.open.pop() == tag


@pytest.mark.parametrize("name", shipped_names())
def test_the_page_is_whole_and_stands_alone(name: str) -> None:
    """It holds the instructions, names schema and version, closes every tag, and asks for nothing."""
    schema = read_schema(shipped_schema(name))
    page = printable_page(schema)
    assert instructions_html(schema) in page
    assert f"{schema.name} {schema.version}" in page
    assert not re.search(r"<script|<link|<img|url\(|@import", page)
    parser = Balanced()
    parser.feed(page)
    assert parser.open == []


def test_the_command_prints_it() -> None:
    """With --html; else the guidelines are Markdown."""
    file = str(shipped_schema(default_name()))
    plain, page = (CliRunner().invoke(app, ["schema", "show", file, *options]) for options in ([], ["--html"]))
    assert (plain.exit_code, page.exit_code) == (0, 0)
    assert page.stdout.startswith("<!doctype html>\n")
    assert plain.stdout.startswith("###")
