"""What a project says of its dataset: the ``[dataset]`` table of curate.toml, without its splits.

What is asked follows two papers: Gebru et al., "Datasheets for Datasets" (2021), and Bender and Friedman, "Data
Statements for Natural Language Processing" (2018). A release is refused while an answer is missing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from curate.errors import UsageError
from curate.splits import RULE_KEYS

ASKED = {
    "motivation": "why the dataset was made, by whom, and who paid for it",
    "selection": "how the articles were chosen, and what that leaves out",
    "collection": "where the texts come from, how and when they were collected",
    "consent": "who agreed to what: publishers for the texts, annotators for their work",
    "language_variety": "the varieties of language, and what kind of texts these are",
    "annotator_background": "who annotated: training, languages, pay, what matters of their background",
    "personal_information": "what the texts tell of living people, and what was done about it",
    "uses": "what the dataset is for",
    "misuses": "what it must not, or can't well, be used for",
    "limits": "known faults, gaps and biases",
    "maintenance": "who answers questions and takes requests for removal, at which address",
}
"""The questions of the table [dataset.card], each with what an answer tells."""

PLACEHOLDER = re.compile(r"\W*(todo|tbd|fixme|xxx|n/?a|none|more information needed)?\W*", re.IGNORECASE)
FIX = "Mend the [dataset] table of curate.toml."


class Metadata(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is said of a dataset.

    ``licence`` is that of the annotations, as the Hub's identifier, such as ``cc-by-4.0``; ``other`` asks for its
    name and link. ``text_licence`` says in a sentence under what terms the articles' texts stand. ``language``
    holds ISO 639 codes, empty for the schema's; ``authors`` are names for the citation. ``repository`` is
    ``owner/name`` on the Hub, empty while there is none. ``card`` answers the questions ``ASKED``.
    """

    name: str
    licence: str
    text_licence: str
    authors: tuple[str, ...]
    card: dict[str, str]
    pretty_name: str = ""
    description: str = ""
    language: tuple[str, ...] = ()
    licence_name: str = ""
    licence_link: str = ""
    repository: str = ""
    tags: tuple[str, ...] = ()
    annotations_creators: tuple[str, ...] = ("expert-generated",)

    @property
    def title(self) -> str:
        """The name to show."""
        return self.pretty_name or self.name

    @property
    def licence_shown(self) -> str:
        """The licence of the annotations, with its link if it is none that the Hub knows."""
        named = self.licence_name or self.licence
        return f"{named} ({self.licence_link})" if self.licence_link else named


def read_metadata(table: Mapping[str, Any]) -> Metadata:
    """Read the dataset's metadata from the table, which may hold the rule of its splits as well.

    Raises UsageError that names everything missing at once, or a key that is too many or wrong.
    """
    if lacking := missing(table):
        raise UsageError(
            f"curate.toml: still to be filled in: {', '.join(lacking)}.",
            "Answer each there, in [dataset] and [dataset.card]; docs/release.md of curate says what is meant.",
        )
    try:
        metadata = msgspec.convert({key: table[key] for key in table if key not in RULE_KEYS}, Metadata)
    except msgspec.ValidationError as error:
        raise UsageError(f"The dataset's metadata: {error}.", FIX) from error
    if unknown := sorted(metadata.card.keys() - ASKED.keys()):
        raise UsageError(f"dataset.card.{unknown[0]} is not asked for.", f"Keys there: {', '.join(ASKED)}.")
    if metadata.licence == "other" and not (metadata.licence_name and metadata.licence_link):
        raise UsageError("The licence `other` needs licence_name and licence_link.", FIX)
    return metadata


def missing(table: Mapping[str, Any]) -> list[str]:
    """Name what is absent, empty or a placeholder, as it is called in curate.toml."""
    answers = table.get("card", {})
    asked = {f"dataset.{key}": table.get(key) for key in ("name", "licence", "text_licence", "authors")}
    if isinstance(answers, Mapping):
        asked |= {f"dataset.card.{key}": answers.get(key) for key in ASKED}
    return [key for key, value in asked.items() if not value or is_placeholder(value)]


def is_placeholder(value: Any) -> bool:
    """Tell whether a text says nothing."""
    return isinstance(value, str) and PLACEHOLDER.fullmatch(value) is not None
