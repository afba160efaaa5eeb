"""Files read value by value: the same as read whole, and what is wrong is named with its line."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.errors import InputError
from curate.records import Article, Decision, canonical_json, json_lines
from curate.stored import Stored, View


def decision(article: str, about: str) -> Decision:
    return Decision(article_id=article, about=about, candidates=[], chosen=None, rule="open", reason="")


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for files that are written over and over."""
    return tmp_path_factory.mktemp("stored")


@given(pairs=st.lists(st.tuples(st.sampled_from("cab"), st.text(max_size=5))))
def test_values_come_by_key_as_they_stand(
    tmp_path_factory: pytest.TempPathFactory, pairs: list[tuple[str, str]]
) -> None:
    """Keys are sorted, the values of one in the file's order, asked for in any; a key's mark is that of its last."""
    path = tmp_path_factory.mktemp("stored") / "decisions.jsonl"
    values = [decision(*pair) for pair in pairs]
    path.write_bytes(json_lines(values))
    with Stored(path, Decision, "article_id", marked=True) as stored:
        assert list(stored) == sorted({article for article, _ in pairs})
        for name in [*reversed(list(stored)), *stored]:
            assert stored[name] == [one for one in values if one.article_id == name]
            assert stored.mark(name) == sha256(canonical_json(stored[name][-1])).digest()
        assert len(View(stored, len)) == len(stored)
        assert dict(View(stored, len)) == {name: len(stored[name]) for name in stored}
        assert "z" not in stored


def test_what_is_no_key_has_no_values(tmp_path: Path) -> None:
    """Asked before anything else was, and after."""
    path = tmp_path / "decisions.jsonl"
    path.write_bytes(json_lines([decision("a", "article")]))
    nothing: Any = None
    with Stored(path, Decision, "article_id") as values:
        for _ in range(2):
            assert values.get(nothing) is None
            assert values.get("b") is None
            assert values["a"] == [decision("a", "article")]


def test_a_missing_file_is_empty(tmp_path: Path) -> None:
    """No file means no values, as everywhere."""
    with Stored(tmp_path / "none.jsonl", Article) as stored:
        assert dict(stored) == {}
        assert "a" not in View(stored, len)


@pytest.mark.parametrize(("line", "named"), [(b'{"id": 1}\n', "2"), (b"[", "2"), (b'{"id": "b", "text": 1}\n', "2")])
def test_a_damaged_line_is_named(tmp_path: Path, line: bytes, named: str) -> None:
    """File and line are told, whether the key or the value can't be read."""
    path = tmp_path / "articles.jsonl"
    path.write_bytes(json_lines([Article(id="a", text="t", text_sha256="0")]) + line)
    with pytest.raises(InputError, match=rf"articles\.jsonl:{named}: "), Stored(path, Article) as stored:
        stored["b"]
