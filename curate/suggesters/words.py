"""Triggers by the schema's own trigger words (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, TypeAlias

from curate.records import Article
from curate.schema.model import EventSchema
from curate.spans import Span, cuts_word

VERSION = "1"
"""Counts up when the same schema and text would come to other triggers."""

_Trie: TypeAlias = dict[str, "_Trie"]

_SPACE = r"\s+"
_WORD_BEGINS, _WORD_ENDS = r"(?<!\w)", r"(?!\w)"


class TriggerWords:
    """The trigger words of a schema, compiled into one pattern.

    A word stands for the first type that lists it. Case doesn't count and white space is any white space; nothing
    else is bent: a form that isn't listed is not found.
    """

    def __init__(self, schema: EventSchema) -> None:
        self._types: dict[str, str] = {}
        trie: _Trie = {}
        for event_type in schema.event_types.values():
            for words in event_type.trigger_words:
                self._types.setdefault(_folded(words), event_type.name)
                node = trie
                for atom in _atoms(words):
                    node = node.setdefault(atom, {})
        self._pattern = re.compile(_alternatives(trie), re.IGNORECASE) if trie else None

    def find(self, text: str) -> Iterator[tuple[str, Span]]:
        """Find each trigger with its type, in order and apart; of two that begin in one place the longer one.

        Only whole words are found: no span of which ``cuts_word`` would say that it cuts one.
        """
        position = 0
        while self._pattern and (found := self._pattern.search(text, position)):
            span = found.span()
            type_name = self._types.get(_folded(found[0]))
            if type_name is None or cuts_word(text, *span):
                position = span[0] + 1
            else:
                yield type_name, span
                position = span[1]

    def __call__(self, article: Article) -> list[dict[str, Any]]:
        """Suggest an event for each trigger of an article, without arguments."""
        return [
            {"type": type_name, "trigger": {"start": start, "end": end}}
            for type_name, (start, end) in self.find(article.text)
        ]


def _folded(words: str) -> str:
    return " ".join(words.split()).casefold()


def _atoms(words: str) -> Iterator[str]:
    """Give the pieces of the pattern that matches words listed in the schema, nothing before or after them."""
    parts = words.split()
    if _has_edge(parts[0][0]):
        yield _WORD_BEGINS
    for number, part in enumerate(parts):
        if number:
            yield _SPACE
        yield from map(re.escape, part.lower())
    yield _WORD_ENDS if _has_edge(parts[-1][-1]) else ""


def _has_edge(character: str) -> bool:
    """Tell whether a word with this character at its edge ends there, rather than going on without a space."""
    return cuts_word(character * 2, 1, 2)


def _alternatives(trie: _Trie) -> str:
    """Write a trie as a pattern in which a longer word is tried before the shorter one that it begins with."""
    options = [
        atom + _alternatives(rest)
        for atom, rest in sorted(trie.items(), key=lambda item: (item[0] in ("", _WORD_ENDS), item[0]))
    ]
    return options[0] if len(options) == 1 else f"(?:{'|'.join(options)})" if options else ""
