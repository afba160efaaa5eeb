"""What a language model is asked, and what its answers say."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from curate.records import Article
from curate.suggesters.asking import Asking, answer_schema, read_answer
from curate.text import text_sha256
from event_schemas import CONFLICT_NEWS, SMALL_SCHEMA

TEXT = "Rebels struck the base."
ARTICLE = Article(id="a", text=TEXT, text_sha256=text_sha256(TEXT), title="Strike")
QUOTE = {"quote": "struck", "context": "Rebels struck"}


def response(content: Any = None, finish: str = "stop", **message: Any) -> bytes:
    said = content if isinstance(content, str | None) else json.dumps(content)
    choice = {"message": {"role": "assistant", "content": said, **message}, "finish_reason": finish}
    return json.dumps({"choices": [choice]}).encode()


def test_the_answer_schema_says_which_roles_each_type_has() -> None:
    """It is a sound JSON Schema; a role of another type or a further key is refused."""
    compiled = answer_schema(SMALL_SCHEMA)
    Draft202012Validator.check_schema(compiled)
    validator = Draft202012Validator(compiled)
    actor = {"role": "actor", **QUOTE}
    assert validator.is_valid({"events": [{"type": "Attack", "trigger": QUOTE, "arguments": [actor]}]})
    topic = {"role": "topic", **QUOTE}
    assert not validator.is_valid({"events": [{"type": "Attack", "trigger": QUOTE, "arguments": [topic]}]})
    assert not validator.is_valid({"events": [{"type": "Attack", "trigger": QUOTE, "arguments": [], "x": 1}]})


def objects(schema: Any) -> list[dict[str, Any]]:
    """List every object schema in a schema."""
    inner = schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else []
    here = [schema] if isinstance(schema, dict) and schema.get("type") == "object" else []
    return here + [found for one in inner for found in objects(one)]


def test_the_answer_schema_is_strict() -> None:
    """Strict structured output wants closed objects in which every key is required, and an object at the root."""
    compiled = answer_schema(CONFLICT_NEWS)
    assert compiled["type"] == "object"
    found = objects(compiled)
    assert len(found) > len(CONFLICT_NEWS.event_types)
    for one in found:
        assert one["additionalProperties"] is False
        assert one["required"] == list(one["properties"])


def test_what_is_asked() -> None:
    """The question holds the guidelines, the title and the text as it is, and whatever options were set."""
    body = Asking("m", {"temperature": 0}, SMALL_SCHEMA).question(ARTICLE)
    assert body["messages"][1] == {"role": "user", "content": f"# Strike\n\n{TEXT}"}
    assert "Force is used" in body["messages"][0]["content"]
    assert (body["model"], body["temperature"]) == ("m", 0)
    assert body["response_format"]["json_schema"]["schema"] == answer_schema(SMALL_SCHEMA)


def test_another_way_of_asking_has_another_version() -> None:
    """Model and options tell versions apart."""
    versions = {Asking(model, {"seed": seed}, SMALL_SCHEMA).version for model in "mn" for seed in (1, 2)}
    assert len(versions) == 4


def test_a_good_answer() -> None:
    """What the model says is passed on as it is."""
    assert read_answer(response({"events": []})).said == {"events": []}


@pytest.mark.parametrize(
    ("body", "failure"),
    [
        (b"<html>", "broken-json"),
        (b"{}", "broken-json"),
        (b'{"choices": [7]}', "broken-json"),
        (response('{"events": [{"type": '), "broken-json"),
        (response("[" * 100_000), "broken-json"),
        (response([]), "broken-json"),
        (response({"events": "none"}), "broken-json"),
        (response(None), "broken-json"),
        (response(None, refusal="I can't help with that."), "refused"),
        (response("", finish="content_filter"), "refused"),
        (response('{"events": []', finish="length"), "cut-short"),
    ],
)
def test_what_is_no_answer(body: bytes, failure: str) -> None:
    """Every way of not answering has its name."""
    assert read_answer(body).failure == failure
