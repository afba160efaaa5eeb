"""What a language model is asked about an article, and what its answer says (pure).

The protocol is that of OpenAI's chat completions, which other servers speak as well, with the JSON Schema of the answer
as ``response_format``. Models count characters badly, so they are asked for quotes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from curate.records import Article, digest
from curate.schema.instructions import guidelines_markdown
from curate.schema.model import EventSchema, EventType

TASK = """\
You mark events in a news article for people who will check your work. Name every event of the types below, in the \
order in which their triggers stand in the article, and for each event its arguments.

For a trigger and for an argument give `quote`, the words exactly as they stand in the article, as few as will do, \
and `context`, the piece of the article around them, copied exactly, long enough to stand in it only once. \
Suggest nothing that the article doesn't say. An article may hold no event at all.
"""


@dataclass(frozen=True)
class Answer:
    """What came back: something to read as a suggestion, or the reason why there is nothing."""

    said: Any = None
    failure: str = ""


FAILURES = {
    "broken-json": "the answer is not the JSON that was asked for",
    "refused": "the model refused, or a filter did",
    "cut-short": "the answer was cut off at the model's limit",
    "too-long": "the article is too long for the model",
    "timeout": "no answer in time, however often it was asked",
    "rate-limited": "turned away, however often it was asked",
    "server-error": "the server failed, however often it was asked",
    "failed": "asking failed",
}
"""Why an article got no suggestion."""


def answer_schema(schema: EventSchema) -> dict[str, Any]:
    """Compile the JSON Schema of an answer: events by type, each with the roles that its type has.

    Objects are closed and every key is required, as strict structured output demands.
    """
    quote = _closed({"quote": {"type": "string"}, "context": {"type": "string"}})
    events = [_event(event_type) for event_type in schema.event_types.values()]
    return {
        **_closed({"events": {"type": "array", "items": {"anyOf": events}}}),
        "$defs": {"quote": quote},
    }


@dataclass(frozen=True)
class Asking:
    """How a model is asked about articles under a schema; ``options`` are further keys of each request."""

    model: str
    options: Mapping[str, Any]
    schema: EventSchema

    @cached_property
    def _fixed(self) -> dict[str, Any]:
        answer = {"name": "events", "strict": True, "schema": answer_schema(self.schema)}
        form = {"type": "json_schema", "json_schema": answer}
        return {"model": self.model, "response_format": form, **self.options}

    @cached_property
    def _task(self) -> dict[str, str]:
        return {"role": "system", "content": f"{TASK}\n{guidelines_markdown(self.schema)}"}

    @property
    def version(self) -> str:
        """Name the way of asking: 12 digits that change with the wording, the model and the options."""
        return digest([self._task, self._fixed])[:12]

    def question(self, article: Article) -> dict[str, Any]:
        """Put together the body of the request about an article."""
        title = f"# {article.title}\n\n" if article.title else ""
        return {**self._fixed, "messages": [self._task, {"role": "user", "content": f"{title}{article.text}"}]}


def read_answer(body: bytes) -> Answer:
    """Read a response of the endpoint; see ``FAILURES`` for what can be wrong with it."""
    try:
        choice = json.loads(body)["choices"][0]
        message = choice["message"]
        if message.get("refusal") or choice.get("finish_reason") == "content_filter":
            return Answer(failure="refused")
        if choice.get("finish_reason") == "length":
            return Answer(failure="cut-short")
        said = json.loads(message["content"])
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError):
        return Answer(failure="broken-json")
    if not isinstance(said, dict) or not isinstance(said.get("events"), list):
        return Answer(failure="broken-json")
    return Answer(said)


def _event(event_type: EventType) -> dict[str, Any]:
    said: dict[str, Any] = {"type": {"type": "string", "enum": [event_type.name]}, "trigger": {"$ref": "#/$defs/quote"}}
    if event_type.roles:
        role = {"type": "string", "enum": list(event_type.roles)}
        argument = _closed({"role": role, "quote": {"type": "string"}, "context": {"type": "string"}})
        said["arguments"] = {"type": "array", "items": argument}
    return _closed(said)


def _closed(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}
