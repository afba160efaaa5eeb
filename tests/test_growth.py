"""A corpus through its states: grown, corrected, revised, withdrawn, adjudicated anew. Test articles stay test."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pytest

from curate import api
from curate.hub import chains, manifest
from curate.hub.chains import Chain
from growing_project import SECOND, Growing


@pytest.fixture(scope="module")
def states(tmp_path_factory: pytest.TempPathFactory) -> Growing:
    """A project with releases 1.0.0 to 1.5.0, one for each state."""
    growing = Growing(tmp_path_factory.mktemp("growth") / "project")
    for number in range(10):
        growing.tell(f"first-{number}", number, number + 100)
    growing.release("1.0.0")
    test, train = (members(growing.folder, "1.0.0", split) for split in ("test", "train"))
    in_test, in_train = passage(test[0]), passage(train[0])
    growing.tell("copy-of-test", in_test, in_test + 100, "tail")
    growing.tell("copy-of-train", in_train, in_train + 100, "end")
    growing.tell("between", in_test, in_test + 100, in_train, in_train + 100)
    for number in range(20, 24):
        growing.tell(f"more-{number}", number, story="one-story" if number < 22 else None)
    growing.release("1.1.0")
    growing.read(test[0], 11, SECOND)
    growing.release("1.2.0")
    growing.tell(test[1], passage(test[1]), passage(test[1]) + 100, "correction")
    growing.tell(test[2], in_train, in_train + 100, "taken over")
    growing.release("1.3.0")
    api.withdraw([test[3]], growing.folder)
    growing.release("1.4.0")
    api.withdraw([test[3]], growing.folder, undo=True)
    growing.release("1.5.0", "union")
    return growing


VERSIONS = ["1.0.0", "1.1.0", "1.2.0", "1.3.0", "1.4.0", "1.5.0"]


def passage(name: str) -> int:
    return int(name.partition("-")[2])


def folder_of(project: Path, version: str) -> Path:
    return project / "exports" / "releases" / version


def released(project: Path, version: str) -> dict[str, Chain]:
    return {chain.id: chain for chain in chains.read(folder_of(project, version))}


def members(project: Path, version: str, split: str) -> list[str]:
    return [name for name, chain in released(project, version).items() if chain.split == split]


def left_out(project: Path, version: str) -> dict[str, list[str]]:
    told = manifest.read(folder_of(project, version))["splits"]["left_out"]
    return {one["id"]: one["between"] for one in told}


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_what_was_test_stays_test(states: Growing) -> None:
    """In every later release an article is in the split of its first, with the same group, or in none."""
    given: dict[str, tuple[str, str]] = {}
    for version in VERSIONS:
        for name, chain in released(states.folder, version).items():
            assert given.setdefault(name, (chain.split, chain.group)) == (chain.split, chain.group)
    assert {split for split, _ in given.values()} == {"train", "test"}
    assert len(given) == 16


def test_the_list_of_leaks(states: Growing) -> None:
    """What ties test to train is in no release and listed in each, with an article of either side."""
    test, train = (members(states.folder, "1.0.0", split) for split in ("test", "train"))
    assert left_out(states.folder, "1.0.0") == {}
    for version in VERSIONS[1:]:
        listed = left_out(states.folder, version)
        sides = [{released(states.folder, "1.1.0")[name].split for name in listed["between"]}]
        assert sides == [{"train", "test"}]
        assert not listed.keys() & released(states.folder, version).keys()
    assert left_out(states.folder, "1.2.0").keys() == {"between"}
    for version in VERSIONS[3:]:
        assert left_out(states.folder, version).keys() == {"between", test[2]}
    assert left_out(states.folder, "1.3.0")[test[2]][0] in {train[0], "copy-of-train"}
    told = (folder_of(states.folder, "1.3.0") / "README.md").read_text()
    assert f"| `{test[2]}` | resembles" in told


def test_copies_join_their_originals(states: Growing) -> None:
    """A copy has the split and group of its original, and a story of its own has one split."""
    chain = released(states.folder, "1.1.0")
    for side in ("test", "train"):
        original = members(states.folder, "1.0.0", side)[0]
        copy = chain[f"copy-of-{side}"]
        assert (copy.split, copy.group) == (side, chain[original].group)
    assert (chain["more-20"].split, chain["more-20"].group) == (chain["more-21"].split, "more-20")


def test_only_what_changed_changes(states: Growing) -> None:
    """Each release changes the rows of its own state, and its changelog names them."""
    test = members(states.folder, "1.0.0", "test")
    changes = {}
    for before, after in pairwise(VERSIONS):
        one, other = released(states.folder, before), released(states.folder, after)
        changed = {name for name in one.keys() & other.keys() if one[name].row != other[name].row}
        changes[after] = (other.keys() - one.keys(), one.keys() - other.keys(), changed)
    new = {"copy-of-test", "copy-of-train", "more-20", "more-21", "more-22", "more-23"}
    assert changes["1.1.0"] == (new, set(), set())
    assert changes["1.2.0"] == (set(), set(), {test[0]})
    assert changes["1.3.0"] == (set(), {test[2]}, {test[1]})
    assert changes["1.4.0"] == (set(), {test[3]}, set())
    assert changes["1.5.0"] == ({test[3]}, set(), {test[0]})
    told = (folder_of(states.folder, "1.5.0") / "CHANGELOG.md").read_text()
    for line in (
        f"- Annotation or metadata changed: {test[0]}.",
        f"- Text revised: {test[1]}.",
        f"- No longer released: {test[2]}.",
        f"- Withdrawn: {test[3]}.",
        f"- Added: {test[3]}.",
    ):
        assert line in told


def test_left_out_items_stand_in_the_books(states: Growing) -> None:
    """The items of what the splits leave out, and of what is withdrawn, each have their line, and all add up."""
    books = {version: manifest.read(folder_of(states.folder, version))["books"]["release"] for version in VERSIONS}
    for version, told in books.items():
        assert told["accepted"] == sum(number for line, number in told.items() if line != "accepted")
        assert (told["left out by split"] > 0) == (version != "1.0.0")
        assert (told["left out"] > 0) == (version == "1.4.0")
    assert books["1.3.0"]["left out by split"] > books["1.2.0"]["left out by split"]


def test_a_state_is_released_the_same_twice(states: Growing) -> None:
    """The last release, made again, changes nothing and says so."""
    before = {path: path.read_bytes() for path in folder_of(states.folder, "1.5.0").rglob("*") if path.is_file()}
    assert not api.release("1.5.0", states.folder).created
    assert before == {
        path: path.read_bytes() for path in folder_of(states.folder, "1.5.0").rglob("*") if path.is_file()
    }


def test_former_articles_are_remembered(states: Growing) -> None:
    """What is out for now keeps its place for later, in the manifest."""
    test = members(states.folder, "1.0.0", "test")
    told = json.loads((folder_of(states.folder, "1.4.0") / "manifest.json").read_text())["former"]
    assert {name: home["split"] for name, home in told.items()} == {test[2]: "test", test[3]: "test"}
