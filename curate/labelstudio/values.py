"""The value of an attribute as the page's controls hold it (pure)."""

from __future__ import annotations

from typing import Any

from curate.labelstudio.pieces import Choices, Held, Number, Textarea
from curate.records import Value
from curate.schema.model import INTEGER_RANGE, Attribute, is_date

TYPES = {"choice": Choices, "choices": Choices, "integer": Number, "text": Textarea, "date": Textarea}
"""The kind of piece that holds a value, by the kind of the attribute."""

STRINGS = frozenset({str})
"""The type of every part of a list of names."""


def parse(attribute: Attribute, value: Held) -> tuple[Value, str]:
    """Read a value by the attribute's kind; a complaint comes back as the second part."""
    if attribute.kind in ("choice", "choices"):
        return _choices(attribute, value.choices)
    if attribute.kind == "integer":
        return _integer(value.number)
    text = joined(value.text)
    if text is None:
        return None, f"{value.text!r} is neither text nor a list of texts."
    if not is_whole(text):
        return None, "It holds half a character; write it again."
    if attribute.kind == "date" and text and not is_date(text):
        return None, f"{text!r} is no date like 2024, 2024-05 or 2024-05-31."
    return text, ""


def joined(value: Any) -> str | None:
    """Give the words of a text box, a line for each entry; None where they are no words."""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return "\n".join(value)
    return None


def is_whole(text: str) -> bool:
    """Tell whether a text can be written as UTF-8: JSON can hold half of a surrogate pair, UTF-8 can't."""
    return text.isascii() or not any("\ud800" <= character <= "\udfff" for character in text)


def _choices(attribute: Attribute, chosen: Any) -> tuple[Value, str]:
    is_list = attribute.kind == "choices"
    if isinstance(chosen, list) and len(chosen) == 1 and isinstance(chosen[0], str) and chosen[0] in attribute.values:
        return [*chosen] if is_list else chosen[0], ""
    if not isinstance(chosen, list) or not chosen or not STRINGS.issuperset(map(type, chosen)):
        return None, f"{chosen!r} is no list of choices."
    for one in chosen:
        if one not in attribute.values:
            return None, f"{one!r} is none of {', '.join(attribute.values)}."
    if is_list:
        return sorted(set(chosen), key=list(attribute.values).index), ""
    return None, f"One choice is allowed, {len(chosen)} are set."


def _integer(number: Any) -> tuple[Value, str]:
    if isinstance(number, float) and number.is_integer():
        number = int(number)
    if type(number) is not int:
        return None, f"{number!r} is no whole number."
    return (number, "") if number in INTEGER_RANGE else (None, f"{number} is too large; write it in a larger unit.")
