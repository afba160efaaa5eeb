"""What an annotator drew, piece by piece, as the page writes it; and what of it isn't as the page writes it (pure).

Label Studio stores whatever it is sent. A piece that has the form of the page's own becomes a struct, straight from
JSON where all of an answer can, and everything else stays the plain object that it is.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

import msgspec

Origin: TypeAlias = Literal["manual", "prediction", "prediction-changed"]
"""Where a region can come from; what was suggested is not what was drawn by hand."""

Direction: TypeAlias = Literal["right", "left", "bi"]
"""The directions of an arrow."""


class Held(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """What a control holds, with the span of its region."""

    start: Any = None
    end: Any = None
    text: Any = None
    labels: Any = None
    choices: Any = None
    number: Any = None


class Labelled(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """A span with its label."""

    start: int
    end: int
    labels: Annotated[list[str], msgspec.Meta(min_length=1, max_length=1)]
    text: Any = None
    choices: Any = None
    number: Any = None


class Labels(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="labels"):
    """A region."""

    id: Annotated[str, msgspec.Meta(min_length=1)]
    value: Labelled
    from_name: Literal["label"]
    to_name: Literal["text"] = "text"
    origin: Origin = "manual"
    parentID: str | None = None  # noqa: N815
    meta: Any = None
    score: Any = None


class Control(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True, tag_field="type"):
    """What was set with another control, on a region or on the article; its type is told by the class, one for each."""

    from_name: str
    value: Held
    id: Any = None
    to_name: Literal["text"] = "text"
    origin: Any = None
    parentID: Any = None  # noqa: N815
    meta: Any = None
    score: Any = None


class Choices(Control, frozen=True, gc=False, tag="choices"):
    """What was chosen from a list."""


class Number(Control, frozen=True, gc=False, tag="number"):
    """A number."""


class Textarea(Control, frozen=True, gc=False, tag="textarea"):
    """What was written in a text box."""


class Relation(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True, tag_field="type", tag="relation"):
    """An arrow from one region to another."""

    from_id: str
    to_id: str
    direction: Direction = "right"  # as the editor reads it
    labels: list[str] | None = None
    origin: Any = None
    meta: Any = None


Piece: TypeAlias = Labels | Choices | Number | Textarea | Relation
"""A piece as the page writes it."""

_BY_TYPE: dict[Any, type[msgspec.Struct]] = {
    kind.__struct_config__.tag: kind for kind in (Labels, Choices, Number, Textarea, Relation)
}
_KINDS = frozenset(_BY_TYPE.values())


class Result(msgspec.Struct, frozen=True, gc=False):
    """All pieces of one reading in their order; those that are not as the page writes them are as they were sent.

    ``strange`` are the keys of a piece that nothing reads, by its position. What is no list is a piece by itself.
    """

    pieces: list[Any]
    strange: dict[int, list[str]] = {}
    is_list: bool = True


def as_result(drawn: Any) -> Result:
    """Give the pieces of a result; nothing is done anew where that was done before."""
    if isinstance(drawn, Result):
        return drawn
    pieces = drawn if isinstance(drawn, list) else [drawn]
    strange: dict[int, list[str]] = {}
    if not _KINDS.issuperset(map(type, pieces)):
        pieces = [_fitted(piece, position, strange) for position, piece in enumerate(pieces)]
    return Result(pieces, strange, isinstance(drawn, list))


def _fitted(piece: Any, position: int, strange: dict[int, list[str]]) -> Any:
    """Make a struct of an object if it is as the page writes it but for more keys, which are noted."""
    if not isinstance(piece, dict):
        return piece
    named = piece.get("type")
    kind = _BY_TYPE.get(named, Control) if isinstance(named, str) else Control
    made = {key: said for key, said in piece.items() if key == "type" or key in kind.__struct_fields__}
    odd = piece.keys() - made.keys()
    if isinstance(value := made.get("value"), dict):
        made["value"] = {key: said for key, said in value.items() if key in Held.__struct_fields__}
        odd |= value.keys() - made["value"].keys()
    if odd:
        strange[position] = sorted(odd)
    if kind is Control:
        return piece
    try:
        return msgspec.convert(made, kind)
    except (msgspec.ValidationError, UnicodeEncodeError):  # which half a surrogate pair makes of the error's words
        return piece


def sent(piece: Any) -> Any:
    """Give a piece as a plain object, a struct with the defaults of what was left out."""
    return msgspec.to_builtins(piece) if type(piece) in _KINDS else piece


def part(piece: Any, key: str) -> Any:
    """Give what a piece says under a key; None where it is no object, or says nothing there."""
    return piece.get(key) if isinstance(piece, dict) else getattr(piece, key, None)
