"""A tiny release, a Hub on loopback to publish it to, and what that Hub then holds."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, Request, build_opener

from curate.demo.loopback_hub import LoopbackHub
from curate.hub.earlier import previous_release
from curate.hub.publish import PublishReport, publish
from curate.records import Event, Provenance, Record, Span, event_id
from curate.schema.model import EventSchema, EventType
from sample_release import build_release, described

TOKENS = {"hf_writer": ("demo", "write"), "hf_reader": ("demo", "read"), "hf_other": ("other", "write")}
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


RECORDS = [
    make_record(f"article-{number}", f"They struck {number}a {number}b {number}c {number}d.") for number in range(8)
]


def make_release(
    releases: Path,
    version: str = "1.0.0",
    records: list[Record] = RECORDS,
    name: str = "tiny",
    **splits: float,
) -> Path:
    """Build a release, after those that are there, and return its folder."""
    return build_release(
        releases,
        version,
        records,
        [],
        SCHEMA,
        metadata=described(name=name, repository=REPOSITORY),
        shares=splits or {"train": 0.5, "test": 0.5},
        texts={"schema.yaml": b"name: tiny\n"},
        previous=previous_release(releases, version),
    ).folder


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


def create(hub: LoopbackHub, private: bool) -> None:
    """Create the repository empty, as somebody does by hand."""
    visibility = "private" if private else "public"
    ask(hub, "/api/repos/create", {"name": "tiny", "type": "dataset", "visibility": visibility})
