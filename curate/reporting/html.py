"""HTML as values: whatever is not HTML already is text, and is escaped where it is put in."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from typing import TypeAlias


class Html(str):
    """A piece of HTML. Only this module makes it of other text, escaped; all else that is put in is text."""

    __slots__ = ()


Child: TypeAlias = "str | int | Sequence[Child] | None"
"""What an element may hold: HTML, text, a number, nothing, or several of these."""

_VOID = frozenset({"meta", "rect"})
# What would turn the words around it, end a line, or be seen by nobody: C0 and C1 controls but tab and line feed, line
# and paragraph separators, the embeddings, overrides and isolates of bidirectional text, and halves of a pair.
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def visible(text: str) -> str:
    """Name the characters that can't be seen, or that would move others: ``⟦U+202E⟧``."""
    return _UNSEEN.sub(lambda found: f"⟦U+{ord(found[0]):04X}⟧", text)


def escaped(text: str) -> Html:
    """Make HTML of text: what means something in HTML, in quotes too, stands for itself."""
    return Html(html.escape(visible(text)))


def trusted(markup: str) -> Html:
    """Take as HTML what this package or its chart library wrote, never what came from articles or people."""
    return Html(markup)


def fragment(*children: Child) -> Html:
    """Put pieces one after the other."""
    return Html("".join(map(_inner, children)))


def element(name: str, /, *children: Child, **attributes: str | int | bool | None) -> Html:
    """Make an element.

    Attributes are named as in Python: ``class_``, ``aria_label``. One that is true has no value, one that is None or
    false is left out.
    """
    head = "".join(
        f" {key.strip('_').replace('_', '-')}" + ("" if value is True else f'="{escaped(str(value))}"')
        for key, value in attributes.items()
        if value is not None and value is not False
    )
    if name in _VOID:
        return Html(f"<{name}{head}/>" if name == "rect" else f"<{name}{head}>")
    return Html(f"<{name}{head}>{fragment(*children)}</{name}>")


def _inner(child: Child) -> str:
    if child is None:
        return ""
    if isinstance(child, Html):
        return child
    if isinstance(child, str | int):
        return escaped(str(child))
    return fragment(*child)
