"""What a release tells of itself: the card, its examples, Croissant, the citation, and what is asked for them."""

from __future__ import annotations

import json
import re
import shutil
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from curate import api
from curate.agreement import measure
from curate.agreement.results import TITLES
from curate.api import releasing
from curate.errors import UsageError
from curate.hub import card, chains, manifest
from curate.hub.metadata import ASKED, read_metadata
from curate.hub.writing import Written
from curate.records import Record, plain
from curate.settings import read_settings
from curate.starting import init
from curate.workspace import Workspace, read_lines
from sample_project import pulled
from sample_release import described

FULL: dict[str, Any] = plain(described())


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with a release 1.0.0 that is on no Hub yet."""
    folder = pulled(tmp_path_factory.mktemp("card") / "project")
    path = folder / "curate.toml"
    path.write_text(re.sub(r"^repository.*\n", "", path.read_text(), flags=re.MULTILINE))
    api.adjudicate("intersection", folder)
    api.release("1.0.0", folder)
    return folder


def folder_of(project: Path) -> Path:
    return project / "exports" / "releases" / "1.0.0"


def examples(project: Path) -> dict[str, str]:
    """The card's examples by the library they are for."""
    told = (folder_of(project) / "README.md").read_text()
    return dict(re.findall(r"^With `(\w+)`:\n\n```python\n(.*?)^```", told, re.MULTILINE | re.DOTALL))


@pytest.mark.parametrize("library", ["datasets", "pandas", "polars", "duckdb"])
def test_each_library_reads_the_same_events(
    project: Path, tmp_path: Path, library: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The card's example for each library, run as it stands in the folder, gives the events of the records."""
    from datasets import config

    monkeypatch.setattr(config, "HF_DATASETS_CACHE", tmp_path)
    monkeypatch.chdir(folder_of(project))
    found: dict[str, Any] = {}
    exec(examples(project)[library], found)
    records = read_lines(Workspace(project).export("adjudicated.jsonl"), Record)
    expected = sorted((record.id, event.id, event.type) for record in records for event in record.events)
    assert sorted(map(tuple, found["events"])) == expected
    assert len(expected) > 30


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")  # rdflib, of mlcroissant
@pytest.mark.filterwarnings("ignore:The inplace keyword in DataFrame")  # pandas, of mlcroissant
def test_croissant_is_valid_and_yields_the_records(project: Path) -> None:
    """Mlcroissant finds no fault in croissant.json and reads every row with the events of its record."""
    import mlcroissant

    described_by = mlcroissant.Dataset(jsonld=str(folder_of(project) / "croissant.json"))
    assert not described_by.metadata.issues.errors
    records = {record.id: record for record in read_lines(Workspace(project).export("adjudicated.jsonl"), Record)}
    seen = set()
    for name in ("gold-train", "gold-validation", "gold-test"):
        for row in described_by.records(name):
            told = without_prefix(row, name)
            record = records[told["id"]]
            seen.add(record.id)
            assert (told["text"], told["text_sha256"]) == (record.text, record.text_sha256)
            assert told["provenance"]["annotators"] == record.provenance.annotators
            assert [
                (event["id"], event["type"], event["trigger/start"], event["trigger/end"], event["trigger/text"])
                for event in told["events"]
            ] == [
                (event.id, event.type, event.trigger.start, event.trigger.end, event.trigger.text)
                for event in record.events
            ]
            assert [event["attributes/modality"] for event in told["events"]] == [
                event.attributes["modality"] for event in record.events
            ]
            assert [(link["type"], link["source"], link["target"]) for link in told["links"]] == [
                (link.type, link.source, link.target) for link in record.links
            ]
    assert seen == records.keys()


def without_prefix(value: Any, name: str) -> Any:
    """Give what mlcroissant read with the bare names of columns, bytes as text, an empty list of structures as such."""
    if isinstance(value, dict):
        bare = {key: key.removeprefix(f"{name}/") for key in value}
        return {
            bare[key]: [] if inner is None and bare[key] in ("events", "links") else without_prefix(inner, key)
            for key, inner in value.items()
        }
    if isinstance(value, list):
        return [without_prefix(one, name) for one in value]
    return value.decode() if isinstance(value, bytes) else value


def test_croissant_says_what_the_card_says(project: Path) -> None:
    """The fields for responsible use hold the answers of curate.toml."""
    told = json.loads((folder_of(project) / "croissant.json").read_text())
    asked = tomllib.loads((project / "curate.toml").read_text())["dataset"]["card"]
    said = " ".join(value for key, value in told.items() if key.startswith("rai:"))
    left = {"motivation"}
    assert [key for key in ASKED if asked[key] not in said and key not in left] == []


def test_every_answer_stands_in_the_card(project: Path) -> None:
    """Nothing that was asked for is left out, nothing is left to be filled in."""
    told = (folder_of(project) / "README.md").read_text()
    dataset = tomllib.loads((project / "curate.toml").read_text())["dataset"]
    for answer in (*dataset["card"].values(), dataset["text_licence"], *dataset["authors"]):
        assert answer in told
    assert "$" not in told
    assert "More Information Needed" not in told
    assert told.count("\n## ") == len(re.findall(r"^## .+\n\n.+", told, re.MULTILINE))


def test_the_card_accounts_for_what_is_not_in_it(project: Path) -> None:
    """The two balances stand in the card as they stand in the books."""
    told = (folder_of(project) / "README.md").read_text()
    books = api.read_books(Workspace(project))
    for line, number in books["release"].items():
        assert f"| {line} | {number} |" in told
    numbers = " | ".join(str(books["pull"][kind]["seen"]) for kind in ("articles", "annotations", "items"))
    assert f"| seen | {numbers} |" in told


def test_the_card_tells_the_agreement(project: Path) -> None:
    """The measures of the readings of what is released, as `curate agree` has them for these articles."""
    told = (folder_of(project) / "README.md").read_text()
    measured = manifest.read(folder_of(project))["agreement"]
    assert {"Tri-I", "Tri-C", "Arg-C"} <= measured.keys()
    for name, value in measured.items():
        assert f"| {name} | {value} |" in told
        assert 0 < float(value) <= 1
    released = {chain.id for chain in chains.read(folder_of(project))}
    annotations = [one for one in api.pulled_annotations(Workspace(project)) if one.article_id in released]
    scores = measure(annotations, api.load_schema(read_settings(project))).overall["exact"]
    expected = {TITLES[name]: score.value for name, score in scores.items() if score.value is not None}
    assert measured == {name: f"{value:.3f}" for name, value in expected.items()}


def test_agreement_is_the_same_in_parts(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Measured article by article it is the same as over all of them."""
    before = manifest.read(folder_of(project))["agreement"]
    copy = Path(shutil.copytree(project, tmp_path / "project"))
    monkeypatch.setattr(releasing, "MEASURED", 1)
    api.release("1.1.0", copy)
    assert manifest.read(copy / "exports" / "releases" / "1.1.0")["agreement"] == before


def test_the_citation_is_of_this_version(project: Path) -> None:
    """CITATION.cff is YAML with what the format asks for."""
    told = yaml.safe_load((folder_of(project) / "CITATION.cff").read_text())
    assert {"cff-version", "message", "title", "authors"} <= told.keys()
    assert (told["type"], told["version"], told["license"]) == ("dataset", "1.0.0", "CC-BY-4.0")
    assert told["authors"] == [{"name": "The curate demo"}]


def test_everything_missing_is_named_at_once(tmp_path: Path) -> None:
    """A new project is refused a release, with every key that is still empty and the table it belongs in."""
    folder = pulled(tmp_path / "project")
    api.adjudicate("intersection", folder)
    init(tmp_path / "new")
    shutil.copy(tmp_path / "new" / "curate.toml", folder)
    with pytest.raises(UsageError) as caught:
        api.release("1.0.0", folder)
    named = set(re.findall(r"dataset\.[\w.]*\w", caught.value.message))
    assert named == {f"dataset.card.{key}" for key in ASKED} | {"dataset.text_licence", "dataset.authors"}
    assert "[dataset.card]" in caught.value.fix
    assert list((folder / "exports" / "releases").iterdir()) == []


def test_a_new_project_is_asked_every_question(tmp_path: Path) -> None:
    """`curate init` writes each question, empty, with what an answer tells."""
    init(tmp_path)
    text = (tmp_path / "curate.toml").read_text()
    asked = tomllib.loads(text)["dataset"]["card"]
    assert asked == dict.fromkeys(ASKED, "")
    for key, meaning in ASKED.items():
        assert f'{key} = ""  # {meaning}\n' in text


@pytest.mark.parametrize("empty", ["", "  ", "TODO", "tbd.", "[More Information Needed]", "…", "N/A", "-"])
def test_placeholders_are_no_answers(empty: str) -> None:
    """What says nothing counts as missing."""
    with pytest.raises(UsageError, match=r"filled in: dataset\.card\.uses\."):
        read_metadata({**FULL, "card": {**FULL["card"], "uses": empty}})


@pytest.mark.parametrize(
    "changed",
    [
        {"licens": "mit"},
        {"tags": "one"},
        {"licence": "other"},
        {"authors": "Ada Reed"},
        {"card": FULL["card"] | {"mood": "good"}},
        {"card": FULL["card"] | {"uses": 3}},
        {"card": []},
    ],
    ids=str,
)
def test_wrong_metadata_is_refused(changed: dict[str, Any]) -> None:
    """A key too many or of the wrong kind is a mistake in curate.toml."""
    assert read_metadata(FULL)
    with pytest.raises(UsageError):
        read_metadata(FULL | changed)


def test_the_card_says_what_was_suggested() -> None:
    """It counts the articles that were read with suggestions, and names those."""
    written = Written(rows=dict.fromkeys("abc", ""))
    written.suggestions.update({"none": 1, "words@1 small@1.0.0#0123456789ab": 2})
    told = "\n".join(card.process(written))
    assert "shown for 2 of the articles" in told
    assert "| `words@1 small@1.0.0#0123456789ab` | 2 |" in told
