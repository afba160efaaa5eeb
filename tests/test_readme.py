"""What the README shows is what the programs do."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.main import get_command
from typer.testing import CliRunner

import curate
from curate.cli.app import STAGES, app
from curate.cli.examples import EXAMPLES
from curate.demo.running import BUNDLED
from curate.markup import parse, to_reading
from curate.reporting.drawing import draw
from event_schemas import CONFLICT_NEWS

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```[a-z]*\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
COMMANDS = sorted(
    {
        command.split("#")[0].strip()
        for block in BLOCKS
        for line in block.splitlines()
        for command in line.split("&&")
        if command.strip().startswith("curate ")
    }
)


def test_the_drawing_is_real() -> None:
    """The picture of an annotated article is what `curate show` draws of a bundled reading."""
    marked = parse((BUNDLED / "readings" / "ana" / "tarsin-drones.txt").read_text(encoding="utf-8").removesuffix("\n"))
    drawn = draw(marked.text, to_reading(marked, CONFLICT_NEWS), width=100, schema=CONFLICT_NEWS)
    assert BLOCKS[0].splitlines() == drawn[: len(BLOCKS[0].splitlines())]


SHOWN_IN_HELP = [
    line.split("  ")[0]
    for examples in EXAMPLES.values()
    for line in map(str.strip, examples.splitlines())
    if line.startswith("curate ")
]


@pytest.mark.parametrize("command", sorted({*COMMANDS, *SHOWN_IN_HELP}))
def test_every_command_exists(command: str) -> None:
    """Each command has its help, and the options shown with it are among those it takes."""
    words = command.split()[1:]
    verbs = words[:2] if words[0] in ("server", "schema", "people") else words[:1]
    helped = CliRunner().invoke(app, [*verbs, "--help"])
    assert helped.exit_code == 0
    for option in [word for word in words if word.startswith("--")]:
        assert option in helped.stdout


def test_every_command_is_told() -> None:
    """No command but is shown in the README."""
    shown = {command.split()[1] for command in COMMANDS}
    assert set(get_command(app).commands) <= shown  # type: ignore[attr-defined]


def test_every_command_stands_in_a_stage() -> None:
    """The help lists each command once, by stage, on a line that isn't cut short, and all on one screen."""
    helped = CliRunner().invoke(app, ["--help"], terminal_width=80).stdout
    names = [name for stage in STAGES.values() for name in stage]
    assert sorted(names) == sorted(get_command(app).commands)  # type: ignore[attr-defined]
    listed = [line for line in helped.split("Set up:")[1].splitlines() if line.startswith("  ")]
    assert [line.split()[0] for line in listed] == names
    assert not [line for line in listed if line.endswith("...")]
    assert len(helped.splitlines()) <= 45


def test_the_verbs_are_offered_in_python() -> None:
    """`import curate` offers what the README says."""
    for name in curate.__all__:
        assert callable(getattr(curate, name))
    with pytest.raises(AttributeError):
        _ = curate.nothing


@pytest.mark.parametrize("link", re.findall(r"\]\(([^)#:]+)\)", README))
def test_every_link_leads_somewhere(link: str) -> None:
    """Files the README links to are there."""
    assert (ROOT / link).exists()
