"""Publishing while the Hub fails at any call in any way: afterwards the old release or the new one, no mixture."""

from __future__ import annotations

import copy
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, Request, build_opener

import pytest

from curate.demo.loopback_hub import LoopbackHub, start
from curate.demo.loopback_hub.keeping import State
from curate.errors import HubError
from curate.hub import manifest, remote
from curate.hub.planning import hashes
from tiny_release import API, RECORDS, REPOSITORY, TOKENS, ask, changes, commits, make_record, make_release, send, tags

pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")

CALLS = {
    "describe": ("GET", f"{API}$"),
    "refs": ("GET", f"{API}/refs"),
    "tree": ("GET", f"{API}/tree/"),
    "manifest": ("*", "/resolve/.*/manifest.json"),
    "card check": ("POST", "/api/validate-yaml"),
    "preupload": ("POST", f"{API}/preupload/"),
    "LFS batch": ("POST", "/objects/batch"),
    "LFS upload": ("PUT", "/lfs/"),
    "LFS verify": ("POST", "/lfs/verify"),
    "commit": ("POST", f"{API}/commit/main"),
    "read back": ("*", r"/resolve/.*\.parquet"),
    "tag": ("POST", f"{API}/tag/"),
}
FAULTS: dict[str, dict[str, Any]] = {
    **{str(status): {"status": status} for status in (401, 403, 404, 409, 412, 429, 500, 503)},
    "500 after the work": {"status": 500, "carried_out": True},
    "cut": {"status": None, "line": "cut"},
    "cut after the work": {"status": None, "line": "cut", "carried_out": True},
    "broken off": {"status": None, "line": "short"},
}


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that would have been waited; nobody waits."""
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    return slept


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Releases 1.0.0 and 1.1.0, which hold other files."""
    folder = tmp_path_factory.mktemp("releases")
    make_release(folder, "1.0.0", RECORDS[:5])
    make_release(folder, "1.1.0", [*RECORDS[1:], make_record("article-9")])
    return folder


@pytest.fixture(scope="module")
def before(releases: Path) -> State:
    """What a Hub knows on which release 1.0.0 is out."""
    with start(tokens=TOKENS) as running:
        send(running, releases / "1.0.0")
        return running.state


@pytest.fixture
def hub(waits: list[float], before: State) -> Iterator[LoopbackHub]:
    """A Hub on which release 1.0.0 is out."""
    with start(tokens=TOKENS) as running:
        running.state.repositories.update(copy.deepcopy(before.repositories))
        running.state.blobs.update(before.blobs)
        yield running


@pytest.fixture
def folder(releases: Path) -> Path:
    """The release that is to be published."""
    return releases / "1.1.0"


def outcome(hub: LoopbackHub, folder: Path) -> str:
    """Publish; give "" when that succeeds, else what the user is told."""
    try:
        send(hub, folder)
    except HubError as error:
        return f"{error.message} {error.fix}"
    return ""


def held(hub: LoopbackHub, revision: str, folder: Path) -> bool:
    """Tell whether a revision holds exactly the files of a release folder."""
    files = [*(entry["path"] for entry in manifest.read(folder)["files"]), manifest.NAME]
    there = {one["rfilename"]: one for one in ask(hub, f"{API}/revision/{revision}?blobs=true")["siblings"]}
    there.pop(".gitattributes")

    def same(path: str) -> bool:
        lfs = there[path].get("lfs")
        return remote.holds(remote.RemoteFile(there[path]["blobId"], lfs and lfs["sha256"]), hashes(folder / path))

    return there.keys() == set(files) and all(same(path) for path in files)


def check_whole(hub: LoopbackHub, new: Path) -> None:
    """Hold the Hub against the promise: tags name whole releases, and so does `main`."""
    old = new.parent / "1.0.0"
    for version in tags(hub):
        assert held(hub, version, new.parent / version)
    assert "1.0.0" in tags(hub)
    assert held(hub, "main", new) or held(hub, "main", old)
    assert commits(hub).count("tiny 1.1.0") <= 1


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("call", CALLS)
def test_one_fault_leaves_a_whole_release(hub: LoopbackHub, folder: Path, call: str, fault: str) -> None:
    """After any one fault at any call, published or refused in one message; the next run ends with one commit."""
    hub.inject(*CALLS[call], **FAULTS[fault])
    told = outcome(hub, folder)
    assert told or "1.1.0" in tags(hub)
    assert "\n" not in told
    assert "hf_writer" not in told
    check_whole(hub, folder)
    hub.state.faults.clear()
    assert outcome(hub, folder) == ""
    check_whole(hub, folder)
    assert set(tags(hub)) == {"1.0.0", "1.1.0"}
    assert commits(hub).count("tiny 1.1.0") == 1


@pytest.mark.parametrize("fault", ["403", "404", "412", "503", "500 after the work", "cut"])
@pytest.mark.parametrize("call", CALLS)
def test_a_lasting_fault_ends_in_one_message(hub: LoopbackHub, folder: Path, call: str, fault: str) -> None:
    """A Hub that goes on failing gets nothing tagged that isn't whole, and the user one message."""
    hub.inject(*CALLS[call], times=10_000, **FAULTS[fault])
    told = outcome(hub, folder)
    hub.state.faults.clear()
    assert told or "1.1.0" in tags(hub)
    assert "\n" not in told
    check_whole(hub, folder)


@pytest.mark.parametrize(
    ("call", "fault"),
    [
        ("commit", "409"),
        ("commit", "412"),
        ("commit", "429"),
        ("commit", "503"),
        ("commit", "500 after the work"),
        ("commit", "cut"),
        ("commit", "cut after the work"),
        ("tag", "500"),
        ("tag", "500 after the work"),
        ("tag", "cut after the work"),
        ("LFS upload", "503"),
        ("refs", "503"),
        ("describe", "429"),
    ],
)
def test_what_may_pass_is_ridden_out(hub: LoopbackHub, folder: Path, call: str, fault: str) -> None:
    """Failures that pass cost no second command, and a commit whose answer was lost is not made twice."""
    hub.inject(*CALLS[call], **FAULTS[fault])
    assert send(hub, folder).changed
    assert commits(hub)[:2] == ["tiny 1.1.0", "tiny 1.0.0"]


def test_the_hub_says_how_long_to_wait(hub: LoopbackHub, folder: Path, waits: list[float]) -> None:
    """Retry-After counts, up to a minute; without it the waits double."""
    waits.clear()
    hub.inject(*CALLS["commit"], 429, headers={"Retry-After": "7"})
    hub.inject(*CALLS["commit"], 429, headers={"Retry-After": "999"})
    hub.inject(*CALLS["commit"], 503, times=2)
    assert send(hub, folder).changed
    assert [wait for wait in waits if wait >= 1] == [7.0, 60.0, 4.0, 8.0]


def commit_file(hub: LoopbackHub, path: str) -> None:
    """Commit one file to `main` as somebody else does, past every client."""
    lines = [
        {"key": "header", "value": {"summary": "in between", "description": ""}},
        {"key": "file", "value": {"path": path, "content": "aGk=", "encoding": "base64"}},
    ]
    data = "\n".join(json.dumps(line) for line in lines).encode()
    headers = {"Authorization": "Bearer hf_writer", "Content-Type": "application/x-ndjson"}
    build_opener(ProxyHandler({})).open(Request(f"{hub.url}{API}/commit/main", data, headers), timeout=10).close()


def test_a_commit_beside_ours_is_kept(hub: LoopbackHub, folder: Path) -> None:
    """When somebody adds a file of no concern between plan and commit, ours goes on top of it."""
    hub.inject(*CALLS["commit"], None, on_hit=lambda: commit_file(hub, "notes.txt"))
    assert send(hub, folder).changed
    assert commits(hub)[:3] == ["tiny 1.1.0", "in between", "tiny 1.0.0"]
    assert "notes.txt" in {file["rfilename"] for file in ask(hub, API)["siblings"]}


def test_a_commit_into_our_files_stops_it(hub: LoopbackHub, folder: Path) -> None:
    """When somebody changes a file of the dataset between plan and commit, it is shown and nothing is sent."""
    hub.inject(*CALLS["commit"], None, on_hit=lambda: commit_file(hub, "README.md"))
    with pytest.raises(HubError, match=r"somebody changed README\.md meanwhile"):
        send(hub, folder)
    assert commits(hub)[:2] == ["in between", "tiny 1.0.0"]
    assert list(tags(hub)) == ["1.0.0"]


def test_a_commit_into_a_repository_just_made_stops_it(releases: Path, waits: list[float]) -> None:
    """When somebody is quicker to fill a repository that we made, nothing of ours is mixed in."""
    with start(tokens=TOKENS) as empty:

        def be_quicker() -> None:
            if REPOSITORY in empty.state.repositories:
                commit_file(empty, "data/other.csv")

        empty.inject(*CALLS["describe"], None, on_hit=be_quicker, times=2)
        assert "data/other.csv" in outcome(empty, releases / "1.0.0")
        assert "tiny 1.0.0" not in commits(empty)


def test_a_tag_taken_in_between_is_never_moved(hub: LoopbackHub, folder: Path) -> None:
    """When the version is tagged by somebody else on another commit, that tag stays and it is refused."""
    first = tags(hub)["1.0.0"]
    hub.inject(*CALLS["tag"], None, on_hit=lambda: hub.state.repositories[REPOSITORY].tags.update({"1.1.0": first}))
    with pytest.raises(HubError, match=r"published another 1\.1\.0"):
        send(hub, folder)
    assert tags(hub)["1.1.0"] == first


def test_two_at_once_publish_once(hub: LoopbackHub, folder: Path) -> None:
    """When a second run publishes the same release between plan and commit, there is one commit and one tag."""
    inner: list[bool] = []
    hub.inject(*CALLS["commit"], None, on_hit=lambda: inner.append(send(hub, folder).changed))
    assert send(hub, folder).changed
    assert inner == [True]
    assert commits(hub).count("tiny 1.1.0") == 1
    check_whole(hub, folder)


def test_what_was_uploaded_is_not_uploaded_again(hub: LoopbackHub, folder: Path) -> None:
    """A run that ended before the commit has its tables on the Hub already."""
    hub.inject(*CALLS["commit"], 403)
    with pytest.raises(HubError):
        send(hub, folder)
    sent = [path for method, path in changes(hub) if method == "PUT"]
    send(hub, folder)
    assert [path for method, path in changes(hub) if method == "PUT"] == sent


STAGES = ("preupload", "LFS upload", "commit", "read back", "tag")


@pytest.mark.parametrize("stage", STAGES)
def test_killed_at_any_stage(hub: LoopbackHub, folder: Path, stage: str) -> None:
    """A run killed at any stage leaves a whole release, and the next run ends with one commit."""
    script = (
        "import sys; from pathlib import Path; from curate.hub.publish import publish\n"
        "publish(Path(sys.argv[1]), sys.argv[2], token='hf_writer', endpoint=sys.argv[3])"
    )
    environment = {key: value for key, value in os.environ.items() if not key.startswith("HF_")}
    command = [sys.executable, "-W", "ignore", "-c", script, str(folder), REPOSITORY, hub.url]
    running = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE)
    hub.inject(*CALLS[stage], None, on_hit=lambda: running.send_signal(signal.SIGKILL))
    assert running.stderr
    with running.stderr:
        told = running.stderr.read()
    assert running.wait(timeout=60) == -signal.SIGKILL, told
    check_whole(hub, folder)
    assert outcome(hub, folder) == ""
    check_whole(hub, folder)
    assert set(tags(hub)) == {"1.0.0", "1.1.0"}
    assert commits(hub).count("tiny 1.1.0") == 1


def test_without_xet_it_goes_by_plain_lfs(hub: LoopbackHub, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the Hub is the public one and Xet fails, the release is sent all the same, and the switch put back."""
    from huggingface_hub import constants

    monkeypatch.setattr(remote, "PUBLIC_HUB", hub.url)
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", False)
    told: list[str] = []
    assert send(hub, folder, progress=told.append).changed
    assert any("xet-write-token" in path for _, path in hub.requests)
    assert "Xet storage can't be used; sending by plain LFS" in told
    assert constants.HF_HUB_DISABLE_XET is False


def test_a_pull_request_proposes_and_leaves_main_alone(hub: LoopbackHub, folder: Path) -> None:
    """Asked twice there is one pull request; once it is merged, publishing adds the tag and no commit."""
    made = send(hub, folder, pull_request=True)
    assert made.proposal == f"{hub.url}/datasets/{REPOSITORY}/discussions/1"
    again = send(hub, folder, pull_request=True)
    assert (again.changed, again.proposal) == (False, made.proposal)
    assert len(hub.state.repositories[REPOSITORY].pulls) == 1
    assert list(tags(hub)) == ["1.0.0"]
    assert held(hub, "main", folder.parent / "1.0.0")
    ask(hub, f"{API}/discussions/1/merge", {})
    report = send(hub, folder)
    assert [(step.action, step.path) for step in report.steps if step.action != "keep"] == [("create", "1.1.0")]
    check_whole(hub, folder)
    assert send(hub, folder, pull_request=True).proposal is None


@pytest.mark.parametrize("fault", ["412", "503", "cut", "500 after the work", "cut after the work"])
def test_a_pull_request_under_fire_is_opened_once(hub: LoopbackHub, folder: Path, fault: str) -> None:
    """A proposal whose answer was lost is found again, not made twice."""
    hub.inject("POST", f"{API}/commit/main", **FAULTS[fault])
    assert send(hub, folder, pull_request=True).proposal
    assert len(hub.state.repositories[REPOSITORY].pulls) == 1


def test_a_dry_run_proposes_nothing(hub: LoopbackHub, folder: Path) -> None:
    """A planned pull request changes nothing, and without a repository there is nothing to propose to."""
    before = changes(hub)
    planned = send(hub, folder, pull_request=True, dry_run=True)
    assert (planned.changed, planned.proposal) == (False, None)
    assert changes(hub) == before
    hub.state.repositories.clear()
    with pytest.raises(HubError, match="doesn't exist"):
        send(hub, folder, pull_request=True)
