"""The command that suggests: what it refuses before it asks anybody, and what it lists."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from curate import api
from curate.acceptance import Acceptance, Accepted, Begun
from curate.cli.app import app
from curate.cli.suggesting import accepted_lines
from curate.errors import CurateError, InputError
from curate.labelstudio import client, suggesting
from curate.labelstudio.suggestions import AS_PUSHED, ProjectState, TaskState
from curate.settings import read_settings, secrets_of, suggest_key
from curate.starting import init
from curate.workspace import Workspace, read_articles
from sample_project import pulled


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project without a server."""
    return init(tmp_path / "project")


def configure(folder: Path, table: str) -> None:
    with (folder / "curate.toml").open("a", encoding="utf-8") as settings:
        settings.write(f"\n[suggest]\n{table}\n")


def run(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["--project", str(folder), "suggest", *arguments])


@pytest.mark.parametrize(
    ("table", "arguments", "told"),
    [
        ("", ["model"], "to ask a model, url must be set"),
        ('url = "http://127.0.0.1:9/v1"', ["model"], "to ask a model, model must be set"),
        ("hold_out = 20", [], "hold_out must be a share from 0 to 1"),
        ('order = "random"', [], 'order must be "score" or "pushed"'),
        ("share = 0.2", [], "unknown key 'share'"),
    ],
)
def test_wrong_settings_are_refused_first(project: Path, table: str, arguments: list[str], told: str) -> None:
    """A setting that can't be is named before any server is looked for, as a matter of usage."""
    configure(project, table)
    done = run(project, *arguments)
    assert (done.exit_code, done.stdout) == (2, "")
    assert told in done.stderr
    assert "Fix:" in done.stderr


def test_without_a_server(project: Path) -> None:
    """It says what to start."""
    done = run(project)
    assert done.exit_code == 3
    assert "curate server start" in done.stderr


def test_the_key_comes_from_the_environment_or_a_file(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment counts first; the key is among the secrets that no release may hold."""
    (project / "model.key").write_text("from-a-file\n", encoding="utf-8")
    configure(project, 'key_file = "model.key"')
    settings = read_settings(project)
    assert suggest_key(settings) == "from-a-file"
    monkeypatch.setenv("CURATE_SUGGEST_API_KEY", "from-the-environment")
    assert suggest_key(settings) == "from-the-environment"
    assert secrets_of(settings)["the key of the model that suggests"] == "from-the-environment"
    monkeypatch.setenv("CURATE_SUGGEST_API_KEY", "two words")
    with pytest.raises(CurateError, match="characters that no token has") as told:
        suggest_key(settings)
    assert "two words" not in str(told.value)


def test_what_became_of_suggestions_is_listed() -> None:
    """One line for each type and role, then how much stands in the readings; nothing where nothing was suggested."""
    tallies = {"Attack": {"kept": 3, "changed": 1, "removed": 2, "added": 4}}
    accepted = Accepted({"words@1": Acceptance(Begun(2, 8, 5), tallies, {})}, Begun(1, 3, 0))
    assert list(accepted_lines(accepted)) == [
        "suggested by words@1",
        "  Attack                6 = 3 kept + 1 changed + 2 removed, beside 4 added",
        "  with suggestions: 2 readings, 4.0 events and 2.5 arguments in each",
        "  held out: 1 reading, 3.0 events and 0.0 arguments in each",
    ]
    assert list(accepted_lines(Accepted(held_out=Begun(1, 3, 0)))) == []


@pytest.fixture
def answering(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose server holds a task for each article, all of it told at once."""
    folder = pulled(tmp_path / "airbase")
    articles = read_articles(Workspace(folder)).values()
    tasks = [TaskState(number, one.id, one.text_sha256, False, ()) for number, one in enumerate(articles)]
    state = ProjectState(("annotate", ""), {"id": 1, "sampling": AS_PUSHED}, tasks)
    monkeypatch.setenv("LABEL_STUDIO_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("LABEL_STUDIO_API_KEY", "secret")
    monkeypatch.setattr(client, "connected", lambda _: nullcontext())
    monkeypatch.setattr(suggesting, "survey", lambda *_: [state])
    monkeypatch.setattr(suggesting, "apply", lambda *_: 0)
    return folder


def test_what_was_not_confirmed_is_not_told_of(answering: Path) -> None:
    """The file of what came of each article is of what was brought to the server."""
    told = answering / "exports" / "suggestions.jsonl"
    assert not api.suggest("words", answering, confirm=lambda _: False).applied
    assert not told.exists()
    assert api.suggest("words", answering).applied
    before = told.read_bytes()
    assert len(before.splitlines()) == len(read_articles(Workspace(answering)))
    assert not api.suggest("none", answering, dry_run=True).applied
    assert told.read_bytes() == before


def test_a_broken_hidden_text_stops_what_needs_it(answering: Path) -> None:
    """Suggestions have to be made for it like for any article; to take them back it need not be read."""
    (answering / "gold").mkdir()
    (answering / "gold" / "weir.txt").write_text("[a](nope>1)", encoding="utf-8")
    with pytest.raises(InputError, match=r"weir\.txt"):
        api.suggest("words", answering)
    assert api.suggest("none", answering).changes == 0
