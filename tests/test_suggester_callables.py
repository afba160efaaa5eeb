"""Functions of one's own as suggesters."""

from __future__ import annotations

import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from curate.errors import CurateError, UsageError
from curate.labelstudio.suggestions import OWN, version_of
from curate.records import Article
from curate.suggesters import callables
from curate.suggesters.making import Made, call_each
from curate.text import text_sha256
from event_schemas import SMALL_SCHEMA

SOURCE = """
def events(article):
    start = article.text.index("struck")
    return [{"type": "Attack", "trigger": {"start": start, "end": start + 6}}]

class Marks:
    version = "2 beta"

    def __call__(self, article):
        return article.text.replace("struck", "[struck](Attack#1)")

marks = Marks()
nothing = 7
"""


def article(name: str, text: str = "Rebels struck.") -> Article:
    return Article(id=name, text=text, text_sha256=text_sha256(text))


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A module in the project's folder, under a name that no other test uses; it is forgotten afterwards."""
    name = f"suggester_{tmp_path.name}"
    (tmp_path / f"{name}.py").write_text(SOURCE, encoding="utf-8")
    monkeypatch.setitem(sys.modules, name, None)
    del sys.modules[name]
    return name


def test_each_project_has_its_own_module(module: str, tmp_path: Path) -> None:
    """A module of the same name in another project's folder is that project's own, however often they take turns."""
    other = tmp_path / "other"
    other.mkdir()
    (other / f"{module}.py").write_text(SOURCE.replace("2 beta", "3"), encoding="utf-8")
    for folder, version in ((tmp_path, "2-beta"), (other, "3"), (tmp_path, "2-beta")):
        assert callables.load(f"{module}:marks", folder).version == version


def test_a_function_that_changed_runs_as_it_is_now(module: str, tmp_path: Path) -> None:
    """In one process too: another version never stands over what the function said before."""
    source = tmp_path / f"{module}.py"
    before = callables.load(f"{module}:events", tmp_path)
    source.write_text(f"{SOURCE}\ndef events(article):\n    return []\n", encoding="utf-8")
    after = callables.load(f"{module}:events", tmp_path)
    assert before.version != after.version
    assert (len(before.call(article("a"))), after.call(article("a"))) == (1, [])
    assert callables.load(f"{module}:events", tmp_path).version == after.version


def test_a_function_of_the_project(module: str, tmp_path: Path) -> None:
    """A module is found in the project's folder; the version is a hash of its source, or what it says itself."""
    before = list(sys.path)
    for name, version in (("events", None), ("marks", "2-beta")):
        suggester = callables.load(f"{module}:{name}", tmp_path)
        made = Made(SMALL_SCHEMA)
        call_each(suggester, [article("a")], made, keep_going=False)
        assert made.events == 1
        assert suggester.version == (version or suggester.version)
        assert " " not in suggester.version
    assert len(callables.load(f"{module}:events", tmp_path).version) == 12
    assert sys.path == before


def test_an_entry_point(module: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package offers its suggester under a name."""
    monkeypatch.syspath_prepend(tmp_path)
    offered = EntryPoint("my  gazetteer", f"{module}:marks", callables.GROUP)
    monkeypatch.setattr(callables, "entry_points", lambda group: [offered])
    suggester = callables.load("my  gazetteer", tmp_path)
    assert (suggester.name, suggester.version) == ("my-gazetteer", "2-beta")
    assert OWN.fullmatch(version_of(f"{suggester.name}@{suggester.version}", SMALL_SCHEMA))


def test_a_blank_version_is_none(module: str, tmp_path: Path) -> None:
    """The source file's hash stands for it."""
    (tmp_path / f"{module}.py").write_text(SOURCE.replace("2 beta", " "), encoding="utf-8")
    assert len(callables.load(f"{module}:marks", tmp_path).version) == 12


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("nobody", "no such suggester"),
        (":events", "no such suggester"),
        ("no_such_module:events", "ModuleNotFoundError"),
        ("{module}:missing", "AttributeError"),
        ("{module}:nothing", "can't be called"),
    ],
)
def test_what_is_no_suggester(module: str, tmp_path: Path, name: str, told: str) -> None:
    """What can't be loaded or called is named with the reason."""
    with pytest.raises(UsageError, match=told):
        callables.load(name.format(module=module), tmp_path)


def test_a_failure_names_the_article(module: str, tmp_path: Path) -> None:
    """It stops there, or is counted and the rest is gone through."""
    suggester = callables.load(f"{module}:events", tmp_path)
    articles = [article("a"), article("b", "Nothing."), article("c")]
    with pytest.raises(CurateError, match="fails on article b: ValueError: substring not found"):
        call_each(suggester, articles, Made(SMALL_SCHEMA), keep_going=False)
    broken = callables.Suggester("mine:events", "1", lambda _: (_ for _ in ()).throw(ValueError("one\ntwo\n" * 400)))
    with pytest.raises(CurateError) as told:
        call_each(broken, articles, Made(SMALL_SCHEMA), keep_going=False)
    assert "ValueError: one two one" in told.value.message
    assert "\n" not in told.value.message
    assert len(told.value.message) < 300
    made = Made(SMALL_SCHEMA)
    call_each(suggester, articles, made, keep_going=True)
    assert (sorted(made.predictions), made.failed) == (["a", "c"], {"failed": 1})
    assert made.told["b"] == {"article_id": "b", "events": 0, "dropped": [], "failed": "failed"}
