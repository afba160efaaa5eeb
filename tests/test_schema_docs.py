"""What the documents on event schemas show is what the programs do."""

from __future__ import annotations

import json
import re
import subprocess
from itertools import zip_longest
from pathlib import Path

import pytest
from typer.testing import CliRunner

from curate.cli.app import app
from curate.schema.reference import reference_markdown
from curate.schema.shipped import metaschema_path

DOCS = Path(__file__).parents[1] / "docs"
HOWTO = (DOCS / "schema-howto.md").read_text(encoding="utf-8")
REFERENCE = (DOCS / "schema-reference.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(console|yaml)(?: (\S+))?\n(.*?)^```$", HOWTO, re.MULTILINE | re.DOTALL)
ELISION = "..."
DIGEST = re.compile("#[0-9a-f]{12}")


def said(command: str) -> list[str]:
    """Run a command as typed, curate's in this process, and give what appears."""
    words = command.split()
    if words[0] == "curate":
        return CliRunner().invoke(app, words[1:]).output.splitlines()
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def test_the_how_to_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Followed from top to bottom in an empty folder, every command of the how-to says what stands under it."""
    monkeypatch.chdir(tmp_path)
    ran = 0
    for kind, name, text in BLOCKS:
        if kind == "yaml":
            (tmp_path / name).write_text(text, encoding="utf-8")
            continue
        for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
            command, *shown = DIGEST.sub("#…", part).splitlines()
            appeared = [DIGEST.sub("#…", line) for line in said(command)]
            if shown and shown[-1] == ELISION:
                appeared = [*appeared[: len(shown) - 1], ELISION]
            assert list(zip_longest(shown, appeared)) == list(zip_longest(shown, shown)), command
            ran += 1
    assert ran >= 8


def test_every_command_in_passing_exists() -> None:
    """A curate command named in a sentence of the how-to is one."""
    for command in re.findall(r"`curate ([a-z]+ [a-z]+)", HOWTO):
        assert CliRunner().invoke(app, [*command.split(), "--help"]).exit_code == 0


def test_the_reference_is_fresh() -> None:
    """The reference is the one made from the metaschema (`curate schema reference > docs/schema-reference.md`)."""
    assert reference_markdown(json.loads(metaschema_path().read_bytes())) == REFERENCE
    assert CliRunner().invoke(app, ["schema", "reference"]).stdout == REFERENCE


def test_the_reference_tells_every_key() -> None:
    """No key of the metaschema is left out, and each is told what it holds and what it is for."""
    metaschema = json.loads(metaschema_path().read_bytes())
    keys = [key for part in (metaschema, *metaschema["$defs"].values()) for key in part.get("properties", {})]
    rows = re.findall(r"^\| `(\w+)`(?: \(required\))? \| (.+?) \| (.+?) \|$", REFERENCE, re.MULTILINE)
    assert sorted(row[0] for row in rows) == sorted(keys)


@pytest.mark.parametrize("text", [HOWTO, REFERENCE], ids=["how-to", "reference"])
def test_every_link_leads_somewhere(text: str) -> None:
    """Links between the documents, and within them, have an end."""
    prose = re.sub(r"```.*?```|`[^`\n]*`", "", text, flags=re.DOTALL)
    for link in re.findall(r"(?<!\\)\]\(([^)\s:]+)\)", prose):
        path, _, anchor = link.partition("#")
        target = (DOCS / path).read_text(encoding="utf-8") if path else text
        headings = [title.lower().replace(" ", "-") for title in re.findall(r"^#+ (.+)$", target, re.MULTILINE)]
        assert not anchor or anchor in headings
