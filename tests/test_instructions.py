"""What annotators read: complete, and safe whatever the schema's words hold."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.schema.instructions import guidelines_markdown, instructions_html, value_text
from curate.schema.model import EventSchema
from small_schema import SCHEMA

TAGS = {"h4", "p", "b", "i", "u", "sup", "br", "code", "ol", "ul", "li"}


class Tags(HTMLParser):
    """Collects the tags of a fragment and the text between them."""

    def __init__(self) -> None:
        super().__init__()
        self.opened: list[str] = []
        self.open: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Count a tag; it has no attributes but a class."""
        assert {name for name, _ in attrs} <= {"class"}
        self.opened.append(tag)
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close the last tag, which must be this one."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Keep the text."""
        self.text += data


def read(html: str) -> Tags:
    """Parse a fragment in which every tag is closed."""
    tags = Tags()
    tags.feed(html)
    tags.close()
    assert not tags.open
    return tags


def with_words(words: str) -> EventSchema:
    """Put these words wherever the schema's text is free."""
    attack = replace(SCHEMA.event_types["Attack"], definition=words, examples=(words,), trigger_words=(words,))
    target = replace(SCHEMA.roles["target"], definition=words)
    modality = replace(SCHEMA.attributes["modality"], definition=words, values={"asserted": words})
    return replace(
        SCHEMA,
        title=words,
        description=words,
        event_types={**SCHEMA.event_types, "Attack": attack},
        roles={**SCHEMA.roles, "target": target},
        attributes={**SCHEMA.attributes, "modality": modality},
        guidelines=words,
    )


def test_everything_is_explained() -> None:
    """Types, roles, attributes, values and links stand in both forms with their definitions."""
    html = read(instructions_html(SCHEMA)).text
    markdown = guidelines_markdown(SCHEMA).replace("\\", "")
    vocabularies = (SCHEMA.event_types, SCHEMA.roles, SCHEMA.attributes, SCHEMA.links)
    entries = [entry for vocabulary in vocabularies for entry in vocabulary.values()]
    for words in [*(e.name for e in entries), *(e.definition for e in entries), "hypothetical", "It might."]:
        assert words in html
        assert words in markdown
    assert "same_event" in html
    assert "same_event" in markdown


def test_keys_defaults_and_limits() -> None:
    """The instructions name keys and defaults, and how a type uses its roles."""
    html = instructions_html(SCHEMA)
    assert "<b>Attack</b> (⇧A): Force is used." in html
    assert "<b>target</b> (t): What is hit." in html
    assert "<b>asserted</b> (1, default): It did." in html
    assert "<b>hypothetical</b> (2): It might." in html
    assert "Roles: target (expected), time (at most 1)" in html
    assert "Roles: speaker (required), content (an event), condition (words or an event)" in html
    assert "<b>response_to</b> (from Deploy to Attack): Answers the other." in html


def test_markdown_of_a_type() -> None:
    """A type is a list entry with its trigger words, roles and examples; keys are left out."""
    expected = (
        "- **Attack**: Force is used.\n"
        "  - Triggers: struck\n"
        "  - Roles: target (expected), time (at most 1)\n"
        "  - <b>struck</b><sup>Attack</sup> <u>the base</u><sup>target</sup>\n"
    )
    assert f"#### violence\n\n{expected}" in guidelines_markdown(SCHEMA)


def test_rhythm_follows_the_schema() -> None:
    """Annotators are told the one setting, and the way of attaching that the schema asks for."""
    by_order = instructions_html(SCHEMA)
    explicit = instructions_html(replace(SCHEMA, attach="explicit"))
    for html in (by_order, explicit):
        assert "Select region after creating it" in html
    assert "the last trigger drawn before it" in by_order
    assert "the last trigger drawn before it" not in explicit


def test_default_link_is_named() -> None:
    """What an arrow without a label means is the schema's own choice."""
    assert "<code>part_of</code> unless" in instructions_html(replace(SCHEMA, default_link="part_of"))


def test_guidelines_as_html() -> None:
    """Headings, lists, bold and code become HTML, line ends <br>, blank lines paragraphs."""
    html = instructions_html(replace(SCHEMA, guidelines="# Spans\n\n- **short** & `a<b`\n* no titles\n\nEnd."))
    wanted = "<p><b>Spans</b></p><p>• <b>short</b> &amp; <code>a&lt;b</code><br>• no titles</p><p>End.</p>"
    assert html.replace(' class="mb-tight"', "").endswith(wanted)


def test_no_guidelines_no_heading() -> None:
    """A schema without guidelines has no empty section."""
    bare = replace(SCHEMA, guidelines=" \n")
    assert "Guidelines" not in instructions_html(bare)
    assert "Guidelines" not in guidelines_markdown(bare)


@given(st.text() | st.sampled_from(["<script>x</script>", "a & b < c", '"><img onerror=x>', "**`<b>`**", "**a`b**c`"]))
def test_html_is_escaped(words: str) -> None:
    """No words of a schema become a tag, and every tag is closed."""
    assert set(read(instructions_html(with_words(words))).opened) <= TAGS


@pytest.mark.parametrize(
    ("words", "markdown"),
    [
        ("a_b *c* <d>", r"a\_b \*c\* \<d\>"),
        ("see [x](y)\n# no heading", r"see \[x\](y) \# no heading"),
        ("R&amp;D", r"R\&amp;D"),
    ],
)
def test_markdown_is_escaped(words: str, markdown: str) -> None:
    """Words of a definition are shown as they are, on one line."""
    changed = replace(SCHEMA.roles["target"], definition=words)
    text = guidelines_markdown(replace(SCHEMA, roles={**SCHEMA.roles, "target": changed}))
    assert f"- **target**: {markdown}\n" in text


def test_an_example_that_is_no_markup() -> None:
    """Words that can't be read as mark-up stand as they are, with nothing in them that Markdown would take up."""
    attack = replace(SCHEMA.event_types["Attack"], examples=("a [b `c` <d>",))
    text = guidelines_markdown(replace(SCHEMA, event_types={"Attack": attack}))
    assert r"  - a \[b \`c\` \<d\>" in text


def test_value_text() -> None:
    """A value is written for people."""
    assert [value_text(v) for v in (None, "a", 3, ["a", "b"])] == ["", "a", "3", "a, b"]
