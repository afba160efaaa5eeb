"""Publishing to a Hub on loopback: once, again, changed, and what is refused."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from curate import api
from curate.cli.app import app
from curate.demo.loopback_hub import LoopbackHub, start
from curate.errors import CurateError, HubError, UsageError
from curate.hub import manifest
from curate.hub.earlier import read_earlier
from curate.hub.parquet import data_path
from curate.hub.publish import publish
from curate.records import plain
from sample_project import pulled
from tiny_release import (
    API,
    RECORDS,
    REPOSITORY,
    TOKENS,
    ask,
    changes,
    commits,
    create,
    load_by_tag,
    make_release,
    paths,
    send,
    tags,
)

# The Hub's client uploads in a way that its HTTP library calls outdated.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")


@pytest.fixture
def hub() -> Iterator[LoopbackHub]:
    """A Hub that knows a writer, a reader, and somebody else."""
    with start(tokens=TOKENS) as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A release 1.0.0."""
    return make_release(tmp_path / "releases")


def test_what_is_published_is_what_is_loaded(hub: LoopbackHub, folder: Path, tmp_path: Path) -> None:
    """One commit and a tag bring the release, and by the tag `load_dataset` gives every row as it was."""
    report = send(hub, folder)
    assert report.changed
    assert tags(hub) == {"1.0.0": report.commit}
    assert commits(hub) == ["tiny 1.0.0", "initial commit"]
    assert paths(hub) == {entry["path"] for entry in manifest.read(folder)["files"]} | {
        manifest.NAME,
        ".gitattributes",
    }
    assert load_by_tag(hub, tmp_path, "1.0.0") == {record.id: plain(record) for record in RECORDS}
    assert ask(hub, API)["private"]


def test_publishing_again_changes_nothing(hub: LoopbackHub, folder: Path) -> None:
    """The second time every step is to keep, and nothing is asked of the Hub but what it holds."""
    first = send(hub, folder)
    before = changes(hub)
    again = send(hub, folder)
    assert (again.changed, again.commit) == (False, first.commit)
    assert {step.action for step in again.steps} == {"keep"}
    assert again.verified == first.verified == len(manifest.read(folder)["files"]) + 1
    assert changes(hub) == before


def test_a_plan_changes_nothing_and_comes_true(hub: LoopbackHub, folder: Path) -> None:
    """A dry run tells the steps and leaves the Hub alone; the steps taken are those that were told."""
    planned = send(hub, folder, dry_run=True)
    assert (planned.changed, planned.commit) == (False, None)
    assert changes(hub) == []
    assert {step.action for step in planned.steps} == {"create"}
    assert send(hub, folder).steps == planned.steps


def test_the_next_version_takes_away_what_it_lacks(hub: LoopbackHub, folder: Path, tmp_path: Path) -> None:
    """Files that only the release before had leave in the same commit; its tag still holds them."""
    kept = [record for record in RECORDS if read_earlier(folder).homes[record.id].split == "train"]
    first = send(hub, folder)
    report = send(hub, make_release(tmp_path / "releases", "1.1.0", kept))
    retired = {step.path for step in report.steps if step.action == "retire"}
    assert retired == {data_path("gold", "test")}
    assert not retired & paths(hub)
    assert retired <= paths(hub, "1.0.0")
    assert commits(hub) == ["tiny 1.1.0", "tiny 1.0.0", "initial commit"]
    assert tags(hub) == {"1.0.0": first.commit, "1.1.0": report.commit}
    assert send(hub, folder).commit == first.commit


@pytest.mark.parametrize("tagged", [True, False])
def test_a_published_version_stays(hub: LoopbackHub, folder: Path, tmp_path: Path, tagged: bool) -> None:
    """Other content under a version that is published, even if its tag is missing, is refused."""
    send(hub, folder)
    if not tagged:
        hub.state.repositories[REPOSITORY].tags.clear()
    before = changes(hub)
    with pytest.raises(HubError, match=r"published another 1\.0\.0") as caught:
        send(hub, make_release(tmp_path / "other", records=RECORDS[:5]))
    assert "new version" in caught.value.fix
    assert changes(hub) == before


def test_an_earlier_version_never_comes_on_top(hub: LoopbackHub, folder: Path, tmp_path: Path) -> None:
    """What is on `main` is never replaced by an earlier version."""
    send(hub, make_release(tmp_path / "releases", "1.10.0"))
    before = changes(hub)
    with pytest.raises(HubError, match=r"at 1\.10\.0 already"):
        send(hub, folder)
    assert changes(hub) == before


def test_another_dataset_is_never_overwritten(hub: LoopbackHub, folder: Path, tmp_path: Path) -> None:
    """A repository with another dataset's release is left alone."""
    send(hub, make_release(tmp_path / "other", name="other"))
    with pytest.raises(HubError, match="another dataset, other"):
        send(hub, make_release(tmp_path / "releases", "2.0.0"))
    assert commits(hub) == ["other 1.0.0", "initial commit"]


def test_a_release_made_without_what_is_out_is_refused(hub: LoopbackHub, folder: Path, tmp_path: Path) -> None:
    """Its articles may be in other splits; with the one that is out beside it, and one between, it goes on top."""
    send(hub, folder)
    with pytest.raises(HubError, match=r"is at 1\.0\.0, and 1\.2\.0 was not made after") as caught:
        send(hub, make_release(tmp_path / "elsewhere", "1.2.0"))
    assert "releases/1.0.0" in caught.value.fix
    between = make_release(tmp_path / "releases", "1.1.0", RECORDS[:7])
    last = make_release(tmp_path / "releases", "1.2.0")
    shutil.move(between, tmp_path / "away")
    with pytest.raises(HubError, match="was not made after"):
        send(hub, last)
    shutil.move(tmp_path / "away", between)
    send(hub, last)
    assert commits(hub) == ["tiny 1.2.0", "tiny 1.0.0", "initial commit"]


def test_files_of_others_are_never_mixed_in(hub: LoopbackHub, folder: Path) -> None:
    """A repository that holds data no release brought is refused; an empty one is taken."""
    create(hub, private=True)
    last = hub.state.repositories[REPOSITORY].commits[-1]
    last.files["mine.csv"] = last.files[".gitattributes"]
    with pytest.raises(HubError, match=r"mine\.csv"):
        send(hub, folder)
    del last.files["mine.csv"]
    assert send(hub, folder).changed


def test_private_data_never_goes_to_a_public_repository(hub: LoopbackHub, folder: Path) -> None:
    """A repository that is public already takes a release only if that was asked for."""
    create(hub, private=False)
    with pytest.raises(HubError, match="is public"):
        send(hub, folder)
    assert commits(hub) == ["initial commit"]
    assert not send(hub, folder, private=False).private


@pytest.mark.parametrize(
    ("token", "message", "fix"),
    [
        (None, "no token", "HF_TOKEN"),
        ("", "no token", "HF_TOKEN"),
        ("hf_secret_but_wrong", "401", "write access"),
        ("hf_reader", "403", "write access for demo"),
        ("hf_other", "403", "write access for demo"),
    ],
)
def test_a_token_that_will_not_do_is_told(
    hub: LoopbackHub, folder: Path, token: str | None, message: str, fix: str
) -> None:
    """Without a token, or with one that may not write, there is one sentence and a way out, no token."""
    with pytest.raises(HubError, match=message) as caught:
        send(hub, folder, token=token)
    assert fix in caught.value.fix
    assert not token or token not in caught.value.message + caught.value.fix
    assert hub.state.repositories == {}


def test_a_repository_the_token_may_not_see_is_told(hub: LoopbackHub, folder: Path) -> None:
    """A private repository of somebody else is refused, and stays as it is."""
    send(hub, folder)
    before = tags(hub)
    with pytest.raises(HubError, match="403"):
        send(hub, folder, token="hf_other")
    assert tags(hub) == before


def test_what_comes_back_otherwise_is_never_tagged(hub: LoopbackHub, folder: Path) -> None:
    """When the Hub holds other bytes than were sent, the version gets no tag."""

    def spoil() -> None:
        for key in hub.state.blobs:
            hub.state.blobs[key] = hub.state.blobs[key][::-1]

    hub.inject("HEAD", "/resolve/", None, on_hit=spoil)
    with pytest.raises(HubError, match="gives back another"):
        send(hub, folder)
    assert tags(hub) == {}


def test_a_hub_that_is_away_is_told(hub: LoopbackHub, folder: Path) -> None:
    """When nothing answers, the message names the address and what to check."""
    hub.stop()
    with pytest.raises(HubError, match="can't be reached") as caught:
        send(hub, folder)
    assert hub.url in caught.value.message
    assert "HF_ENDPOINT" in caught.value.fix


@pytest.mark.parametrize("repository", ["tiny", "a/b/c", "demo/x--y", "demo/" + "x" * 97, "demo/", "demo/é"])
def test_names_that_cannot_be_are_refused(hub: LoopbackHub, folder: Path, repository: str) -> None:
    """A repository the Hub could never have is a mistake of the request, told without asking the Hub."""
    with pytest.raises(UsageError):
        publish(folder, repository, token="hf_writer", endpoint=hub.url)
    assert hub.requests == []


def test_a_touched_release_is_never_sent(hub: LoopbackHub, folder: Path) -> None:
    """A file that isn't as it was built stops it before the Hub is asked."""
    (folder / "README.md").write_text("---\n---\nMy own words")
    with pytest.raises(CurateError, match=r"README\.md"):
        send(hub, folder)
    assert hub.requests == []


def test_what_lies_beside_the_release_is_never_sent(hub: LoopbackHub, folder: Path) -> None:
    """Only the files of the manifest go out."""
    (folder / ".env").write_text("SECRET=1")
    (folder / "data" / "notes.txt").write_text("private")
    send(hub, folder)
    assert not {".env", "data/notes.txt"} & paths(hub)


def test_the_clients_settings_are_left_as_they_were(
    hub: LoopbackHub, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is switched for the while of publishing is switched back, also after a failure."""
    from huggingface_hub import constants
    from huggingface_hub.utils.tqdm import are_progress_bars_disabled

    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", False)
    before = (constants.HF_HUB_DISABLE_XET, are_progress_bars_disabled())
    send(hub, folder)
    hub.inject("GET", f"{API}$", 403)
    with pytest.raises(HubError):
        send(hub, folder)
    assert (constants.HF_HUB_DISABLE_XET, are_progress_bars_disabled()) == before


def test_each_stage_is_told(hub: LoopbackHub, folder: Path) -> None:
    """Whoever waits hears what is being done, in order, and never the token."""
    told: list[str] = []
    send(hub, folder, progress=told.append)
    assert [line.split()[0] for line in told] == ["Looking", "Creating", "Sending", "Reading", "Tagging"]
    assert "hf_writer" not in "".join(told)


def test_a_card_that_names_another_repository_is_told_of(
    hub: LoopbackHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its examples would load from there; how to mend it is said."""
    project = pulled(tmp_path / "project")
    api.adjudicate("union", project)
    api.release("1.0.0", project)
    monkeypatch.setenv("HF_ENDPOINT", hub.url)
    monkeypatch.setenv("HF_TOKEN", "hf_writer")
    told: list[str] = []
    for repository, notes in (("demo/airbase-events", 0), (REPOSITORY, 1)):
        api.publish(repository, None, project, dry_run=True, progress=told.append)
        assert sum("demo/airbase-events" in line and REPOSITORY in line for line in told) == notes


def test_what_is_published_can_be_verified(hub: LoopbackHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the Hub by its tag alone every check holds; a tag or a dataset that isn't there is told."""
    project = pulled(tmp_path / "project")
    api.adjudicate("union", project)
    folder = api.release("1.0.0", project).folder
    publish(folder, REPOSITORY, token="hf_writer", endpoint=hub.url)
    monkeypatch.setenv("HF_ENDPOINT", hub.url)
    monkeypatch.setenv("HF_TOKEN", "hf_reader")
    assert [one.check for one in api.verify(f"{REPOSITORY}@1.0.0") if one.wrong] == []
    for name, told in ((f"{REPOSITORY}@2.0.0", "404"), ("demo/nothing@1.0.0", "404")):
        done = CliRunner().invoke(app, ["verify", name])
        assert done.exit_code == 3
        assert told in done.stderr
        assert len(done.stderr.splitlines()) <= 4
