"""Publishing to a Hub on loopback: once, again, changed, and with everything that can go wrong on the way."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, Request, build_opener

import pytest

from curate.demo.loopback_hub import LoopbackHub, start
from curate.errors import CurateError, HubError, UsageError
from curate.hub import card, manifest
from curate.hub.publish import PublishReport, publish
from curate.hub.release import build
from curate.records import Event, Provenance, Record, Span, event_id, plain
from curate.schema.model import EventSchema, EventType

# The Hub's client uploads in a way that its HTTP library calls outdated.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")

REPOSITORY = "demo/tiny"
API = f"/api/datasets/{REPOSITORY}"
COMMIT = ("POST", f"{API}/commit/main")
SCHEMA = EventSchema(
    name="tiny",
    version="1.0.0",
    title="Tiny",
    description="The smallest there is.",
    language="en",
    event_types={"Attack": EventType("Attack", "Force.", "", None, None, (), (), {}, {})},
    roles={},
    attributes={},
    links={},
    default_link="same_event",
    selection="word",
    trim=(),
    attach="order",
    guidelines="",
)


@pytest.fixture
def hub() -> Iterator[LoopbackHub]:
    """A Hub that knows a writer, a reader, and somebody else."""
    tokens = {"hf_writer": ("demo", "write"), "hf_reader": ("demo", "read"), "hf_other": ("other", "write")}
    with start(tokens=tokens) as running:
        yield running


def make_record(identifier: str, text: str = "They struck.") -> Record:
    """A record of one event."""
    name = event_id("Attack", 5, 11)
    trigger = Span(start=5, end=11, text=text[5:11])
    return Record(
        id=identifier,
        text=text,
        text_sha256=hashlib.sha256(text.encode()).hexdigest(),
        title=None,
        url=None,
        publisher=None,
        published_at=None,
        language="en",
        licence=None,
        meta=None,
        events=[Event(id=name, type="Attack", trigger=trigger, arguments=[])],
        clusters=[],
        links=[],
        provenance=Provenance(
            schema="tiny@1.0.0",
            schema_digest=SCHEMA.digest,
            annotators=["p1"],
            adjudicated=True,
            suggestions="none",
            split_group=identifier,
        ),
    )


RECORDS = [make_record(f"article-{number}") for number in range(8)]


def make_release(
    releases: Path,
    version: str = "1.0.0",
    records: list[Record] = RECORDS,
    name: str = "tiny",
    **splits: float,
) -> Path:
    """Build a release and return its folder."""
    return build(
        releases,
        version,
        records=records,
        annotations=[],
        schema=SCHEMA,
        schema_text="name: tiny\n",
        record_json_schema={"type": "object"},
        metadata=card.Metadata(name=name, licence="cc-by-4.0", repository=REPOSITORY),
        books={},
        splits=splits or {"train": 0.5, "test": 0.5},
        seed="seed",
    ).folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A release 1.0.0."""
    return make_release(tmp_path / "releases")


def send(hub: LoopbackHub, folder: Path, **changed: Any) -> PublishReport:
    """Publish as the writer, with some arguments changed."""
    arguments: dict[str, Any] = {"token": "hf_writer", "endpoint": hub.url}
    return publish(folder, REPOSITORY, **(arguments | changed))


def ask(hub: LoopbackHub, path: str, body: object = None, token: str = "hf_writer") -> Any:
    """Ask the Hub past every client and cache."""
    data = None if body is None else json.dumps(body).encode()
    request = Request(hub.url + path, data, {"Authorization": f"Bearer {token}"})
    with build_opener(ProxyHandler({})).open(request, timeout=10) as answer:
        return json.loads(answer.read())


def tags(hub: LoopbackHub) -> dict[str, str]:
    """The tags of the repository with their commits."""
    return {tag["name"]: tag["targetCommit"] for tag in ask(hub, f"{API}/refs")["tags"]}


def paths(hub: LoopbackHub, revision: str = "main") -> set[str]:
    """The paths of the repository's files at a revision."""
    return {file["rfilename"] for file in ask(hub, f"{API}/revision/{revision}")["siblings"]}


def commits(hub: LoopbackHub) -> list[str]:
    """The titles of the repository's commits, newest first."""
    return [commit["title"] for commit in ask(hub, f"{API}/commits/main")]


def changes(hub: LoopbackHub) -> list[tuple[str, str]]:
    """Every request so far that changes something on the Hub."""
    return [(method, path) for method, path in hub.requests if method not in ("GET", "HEAD")]


def load_by_tag(hub: LoopbackHub, home: Path, version: str) -> dict[str, dict[str, Any]]:
    """Load the default config of a version in a new process with an empty cache: rows by id."""
    script = (
        "import json, sys; from datasets import load_dataset\n"
        "loaded = load_dataset(sys.argv[1], revision=sys.argv[2])\n"
        "json.dump([row for part in loaded.values() for row in part.to_list()], open(sys.argv[3], 'w'))"
    )
    kept = {key: value for key, value in os.environ.items() if not key.startswith("HF_")}
    surroundings = {"HF_ENDPOINT": hub.url, "HF_TOKEN": "hf_reader", "HF_HOME": str(home / "hf")}
    subprocess.run(
        [sys.executable, "-c", script, REPOSITORY, version, str(home / "rows.json")],
        env=kept | surroundings | {"HF_HUB_DISABLE_XET": "1"},
        check=True,
        capture_output=True,
        timeout=120,
    )
    return {row["id"]: row for row in json.loads((home / "rows.json").read_bytes())}


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
    first = send(hub, folder)
    report = send(hub, make_release(tmp_path / "releases", "1.1.0", RECORDS[:5], train=1))
    retired = {step.path for step in report.steps if step.action == "retire"}
    assert retired == {card.data_path("gold", "test")}
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


def create(hub: LoopbackHub, private: bool) -> None:
    """Create the repository empty, as somebody does by hand."""
    visibility = "private" if private else "public"
    ask(hub, "/api/repos/create", {"name": "tiny", "type": "dataset", "visibility": visibility})


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


def test_a_run_cut_off_before_the_tag_is_finished(hub: LoopbackHub, folder: Path) -> None:
    """When the tag fails, the next run adds it to the commit that is there, and makes no other."""
    hub.inject("POST", f"{API}/tag/", 500)
    with pytest.raises(HubError, match="500"):
        send(hub, folder)
    assert tags(hub) == {}
    report = send(hub, folder)
    assert tags(hub) == {"1.0.0": report.commit}
    assert commits(hub) == ["tiny 1.0.0", "initial commit"]
    assert [step.action for step in report.steps if step.path == "1.0.0"] == ["create"]


def test_a_commit_in_between_is_not_run_over(hub: LoopbackHub, folder: Path) -> None:
    """When somebody commits between plan and commit, the Hub's 412 ends it, and the next run plans anew."""
    create(hub, private=True)

    def commit_in_between() -> None:
        lines = [
            {"key": "header", "value": {"summary": "in between", "description": ""}},
            {"key": "file", "value": {"path": "README.md", "content": "aGk=", "encoding": "base64"}},
        ]
        data = "\n".join(json.dumps(line) for line in lines).encode()
        headers = {"Authorization": "Bearer hf_writer", "Content-Type": "application/x-ndjson"}
        build_opener(ProxyHandler({})).open(Request(hub.url + COMMIT[1], data, headers), timeout=10).close()

    hub.inject(*COMMIT, None, on_hit=commit_in_between)
    with pytest.raises(HubError, match="412") as caught:
        send(hub, folder)
    assert "again" in caught.value.fix
    assert tags(hub) == {}
    assert send(hub, folder).changed
    assert commits(hub) == ["tiny 1.0.0", "in between", "initial commit"]


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


@pytest.mark.parametrize(
    ("method", "pattern", "status"),
    [
        ("GET", f"{API}$", 401),
        ("GET", f"{API}$", 403),
        ("GET", f"{API}/tree/", 404),
        ("POST", "/api/repos/create", 403),
        ("POST", "/api/validate-yaml", 400),
        (*COMMIT, 409),
        (*COMMIT, 429),
        (*COMMIT, 503),
        ("PUT", "/lfs/", 403),
        ("GET", "/resolve/", 404),
    ],
)
def test_every_refusal_becomes_one_message(
    hub: LoopbackHub, folder: Path, method: str, pattern: str, status: int
) -> None:
    """Whatever the Hub refuses, nothing is tagged, one message tells it, the next run succeeds."""
    hub.inject(method, pattern, status)
    with pytest.raises(HubError) as caught:
        send(hub, folder)
    assert caught.value.message
    assert caught.value.fix
    assert "\n" not in caught.value.message
    assert not any(path.startswith(f"{API}/tag") for _, path in hub.requests)
    assert send(hub, folder).changed
    assert list(tags(hub)) == ["1.0.0"]


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
