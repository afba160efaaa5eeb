"""Whether the example sentences of an event schema say something under it."""

from __future__ import annotations

from curate.markup import MarkupError, parse, to_reading
from curate.schema.model import EventSchema
from curate.schema.shape import Fault

_CLOSE = "close each span as in `[words](Type#1)` or `[words](role>1)`; write \\[ and \\] for brackets of the text"
_NUMBER = "give each trigger a number of its own, and let its arguments name it: `role>2`"
_OTHER = "correct the example, or declare the name in the schema"


def example_faults(schema: EventSchema) -> list[Fault]:
    """List the examples that can't be read: wrong mark-up, or names that the schema lacks."""
    faults = []
    for name, event_type in schema.event_types.items():
        for index, example in enumerate(event_type.examples):
            try:
                to_reading(parse(example), schema)
            except MarkupError as error:
                message = f"example {index + 1} of {name}, at “{error.excerpt}”: {error.problem}"
                faults.append(Fault(("event_types", name, "examples", index), message, _fix(error.problem)))
    return faults


def _fix(problem: str) -> str:
    if "two triggers" in problem or "no trigger" in problem:
        return _NUMBER
    return _CLOSE if "bracket" in problem or "`]`" in problem else _OTHER
