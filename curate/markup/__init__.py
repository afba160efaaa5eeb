"""The mark-up for annotated text: ``[struck](Attack#1)`` is a trigger, ``[the base](target>1)`` its argument.

``parse`` and ``render`` go between a marked-up string and its parts and know no schema; ``to_reading`` and
``from_reading`` go between the parts and a reading. The rules are in ``docs/markup.md``.
"""

from curate.markup.parsing import parse
from curate.markup.parts import Marked, MarkedArgument, MarkedLink, MarkedTrigger, MarkupError, Values
from curate.markup.readings import from_reading, to_reading
from curate.markup.rendering import render

__all__ = [
    "Marked",
    "MarkedArgument",
    "MarkedLink",
    "MarkedTrigger",
    "MarkupError",
    "Values",
    "from_reading",
    "parse",
    "render",
    "to_reading",
]
