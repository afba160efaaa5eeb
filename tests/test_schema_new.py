"""A schema of one's own: begun by a command, sound from the start, and checked by editors too."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from typer.testing import CliRunner, Result

from curate.api import check_schema
from curate.cli.app import app
from curate.errors import UsageError
from curate.schema.shipped import METASCHEMA, metaschema_path, shipped_names, shipped_schema
from curate.schema.source import parse
from curate.starting import init


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to stand in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def new(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["schema", "new", *arguments])


def test_a_new_schema_works(here: Path) -> None:
    """The file is commented, small, sound, has nothing to be warned of, and makes a project."""
    done = new("digs")
    assert (done.exit_code, done.stdout) == (0, "digs.yaml written.\n")
    assert "curate schema check digs.yaml" in done.stderr
    schema, warnings = check_schema(here / "digs.yaml")
    assert (schema.name, warnings) == ("digs", [])
    assert 2 <= len(schema.event_types) <= 3
    assert schema.attributes
    assert schema.links
    assert (here / "digs.yaml").read_text(encoding="utf-8").count("#") > 5
    assert "my-schema" not in (here / "digs.yaml").read_text(encoding="utf-8")
    assert (init(here / "project", "digs.yaml") / "schema.yaml").is_file()


@pytest.mark.parametrize("name", shipped_names())
def test_a_shipped_schema_is_copied(here: Path, name: str) -> None:
    """`--from` gives the shipped schema under another name and the first version, comments and all."""
    assert new("mine", "--from", name).exit_code == 0
    schema, warnings = check_schema(here / "mine.yaml")
    assert (schema.name, schema.version, warnings) == ("mine", "0.1.0", [])
    rows = shipped_schema(name).read_text(encoding="utf-8").splitlines()
    copied = (here / "mine.yaml").read_text(encoding="utf-8").splitlines()
    assert [row for row, other in zip(rows, copied, strict=True) if row != other] == [rows[1], rows[2]]


def test_nothing_is_overwritten(here: Path) -> None:
    """A file of the name is left as it is, a link that leads nowhere too."""
    (here / "digs.yaml").write_text("mine")
    (here / "lost.yaml").symlink_to("nowhere")
    for name in ("digs", "lost"):
        done = new(name)
        assert done.exit_code == 2
        assert "there is a file of this name" in done.stderr
    assert (here / "digs.yaml").read_text() == "mine"
    assert not (here / "nowhere").exists()


@pytest.mark.parametrize(
    ("arguments", "told", "fix"),
    [
        (["My Digs"], "'My Digs' can't be the name of a schema", "'my-digs'"),
        (["../digs"], "can't be the name", "'digs'"),
        (["digs.yaml"], "can't be the name", "'digs-yaml'"),
        (["ÉÉ"], "can't be the name", "'my-schema'"),
        (["digs", "--from", "company-new"], "No event schema named 'company-new'", "Did you mean 'company-news'?"),
        (["digs", "--from", "default.txt"], "No event schema named 'default.txt'", "The shipped ones are"),
    ],
)
def test_wrong_names_are_told(here: Path, arguments: list[str], told: str, fix: str) -> None:
    """A name that a schema can't have, or that no shipped one has, is told with one that would do."""
    done = new(*arguments)
    assert done.exit_code == 2
    assert told in done.stderr
    assert fix in done.stderr.splitlines()[-1]
    assert list(here.iterdir()) == []


@pytest.mark.parametrize("name", shipped_names())
def test_shipped_schemas_are_wise(name: str) -> None:
    """There is nothing to be warned of in what is shipped."""
    assert check_schema(shipped_schema(name))[1] == []


def test_editors_find_the_metaschema(here: Path) -> None:
    """The first line of a schema leads editors to the metaschema beside it, in a project as in the checkout."""
    new("digs")
    folder = init(here / "project")
    files = [here / "digs.yaml", folder / "schema.yaml", *map(shipped_schema, shipped_names())]
    for path in files:
        text = path.read_text(encoding="utf-8")
        assert text.startswith(f"# yaml-language-server: $schema={METASCHEMA}\n")
        metaschema = json.loads((path.parent / METASCHEMA).read_bytes())
        assert Draft202012Validator(metaschema).is_valid(parse(text, path.name).mapping)
    assert (folder / METASCHEMA).read_bytes() == metaschema_path().read_bytes()


def test_no_project_is_needed(here: Path) -> None:
    """Without a file the project's schema is checked; without a project the way to one is told."""
    done = CliRunner().invoke(app, ["schema", "check"])
    assert done.exit_code == 2
    assert "no curate project here" in done.stderr
    with pytest.raises(UsageError, match="can't be read"):
        check_schema(here / "nowhere.yaml")


def test_warnings_as_json(here: Path) -> None:
    """With `--json` the warnings are part of the result."""
    new("digs")
    path = here / "digs.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("What is found.", "Found."), encoding="utf-8")
    done = CliRunner().invoke(app, ["--json", "--quiet", "schema", "check", "digs.yaml"])
    (warning,) = json.loads(done.stdout)["warnings"]
    assert path.read_text(encoding="utf-8").splitlines()[warning["line"] - 1].strip().startswith("object:")
    assert done.stderr == ""
