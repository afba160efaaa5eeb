"""Commands that need no server, killed at every write and with a failing disk: the next run sets everything right."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from curate import api
from curate.api.people import ACTIVE, REGISTER
from curate.api.project import read_books
from curate.pseudonyms import pseudonym
from curate.text import text_sha256
from curate.workspace import Workspace, pseudonym_key, read_articles, write_lines, write_private
from live.deaths import HOW, Dying, Scene, started, survived
from live.dying import address
from live.table import EVERY
from sample_project import pulled
from test_following import MILL, ROAD, answer, hidden
from test_gold import article

LOADED = ("curate.intake.reading", "curate.hub.release", "curate.hub.metadata", "curate.agreement", "datasets")
CHOSEN = {("add", "kill"), ("release", "kill"), ("people follow", "kill")}
"""The ones tried always, each at its first and its last place."""


@pytest.fixture(scope="module")
def dying() -> Iterator[Dying]:
    """Start the program once."""
    with started(*LOADED) as program:
        yield program


def settled(folder: Path) -> Path:
    """Put a project into the folder in which everything is read and adjudicated."""
    api.adjudicate("union", pulled(folder))
    return folder


def adding(folder: Path) -> Scene:
    """Articles come, one of them known under another text, and records made of that are there."""
    articles = list(read_articles(Workspace(settled(folder))).values())
    revised = msgspec.structs.replace(articles[0], text="All was quiet.", text_sha256=text_sha256("All was quiet."))
    write_lines(folder / "new.jsonl", [articles[1], revised, article("The mill stood still."), article("Rain fell.")])
    return Scene(folder)


def releasing(folder: Path) -> Scene:
    """A first release."""
    return Scene(settled(folder))


def releasing_again(folder: Path) -> Scene:
    """A release after another, of which the folder was once deleted: what it was made from is there."""
    api.release("1.0.0", settled(folder))
    api.release("1.1.0", folder)
    shutil.rmtree(folder / "exports" / "releases" / "1.1.0")
    api.adjudicate("majority", folder)
    return Scene(folder)


def following(folder: Path) -> Scene:
    """Somebody answered texts hidden in their work, after feedback on one of them."""
    api.assign(hidden(folder), refresh=False)
    answer(folder, {"mill": MILL})
    api.follow(folder)
    answer(folder, {"mill": MILL, "road": ROAD.replace("Agree", "Clash")})
    return Scene(folder)


def removing(folder: Path) -> Scene:
    """One of two people leaves."""
    workspace = Workspace(pulled(folder))
    people = [pseudonym(pseudonym_key(workspace), address(name, folder)) for name in ("ana", "ben")]
    write_private(workspace, REGISTER, dict.fromkeys(people, ACTIVE))
    return Scene(folder)


SCENES: dict[str, tuple[str, Callable[[Path], Scene]]] = {
    "add": ("add", adding),
    "release": ("release", releasing),
    "release again": ("release", releasing_again),
    "people follow": ("people follow", following),
    "people remove": ("people remove", removing),
}


@pytest.mark.parametrize(
    ("name", "how"), [(name, how) for name in SCENES for how in HOW if EVERY or (name, how) in CHOSEN]
)
def test_a_command_that_dies_is_made_good_by_the_next(tmp_path: Path, dying: Dying, name: str, how: str) -> None:
    """Every file is byte for byte what it would have been, and none was ever half there."""
    command, make = SCENES[name]
    survived(name, command, make(tmp_path / "mortal"), dying, how)


def test_what_was_not_put_in_place_is_not_released(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stopped when all but that was done, the next step is the same release, of which everything is kept then."""
    folder = settled(tmp_path / "mortal")

    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", stopped)
        with pytest.raises(KeyboardInterrupt):
            api.release("1.0.0", folder)
    workspace = Workspace(folder)
    assert "release" in read_books(workspace)
    assert "release 1.0.0" in api.status(folder).next_step
    api.release("1.0.0", folder)
    assert (workspace.kept("1.0.0") / "inputs.json").is_file()
    assert "release 1" not in api.status(folder).next_step
    api.adjudicate("intersection", folder)
    assert "release 1.1.0" in api.status(folder).next_step
