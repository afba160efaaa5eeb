"""The loopback Hub, asked by the real clients, each in its own process (they read settings at import)."""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.demo.loopback_hub import LoopbackHub, start
from curate.demo.loopback_hub.exchange import Answer
from curate.demo.loopback_hub.reading import cut_to_range, entry_names
from curate.errors import HubError

ROOT = Path(__file__).parents[2]
TOKENS = {"hf_write": ("demo", "write"), "hf_read": ("demo", "read"), "hf_other": ("other", "write")}
CARD = """---
license: cc-by-4.0
configs:
- config_name: gold
  data_files: data/gold/train-*.parquet
- config_name: spans
  data_files: data/spans/train-*.parquet
---
# News
"""
CLIENT = """
import json
from pathlib import Path
from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi
from huggingface_hub.errors import HfHubHTTPError
api, name, kind = HfApi(), "demo/news", "dataset"
def commit(files, **options):
    operations = [CommitOperationAdd(path, content) for path, content in files.items()]
    options = {"commit_message": "change", "repo_id": name, "repo_type": kind, **options}
    return api.create_commit(operations=operations, **options).oid
def head():
    return api.dataset_info(name).sha
def failure(call, *values, **options):
    try:
        call(*values, **options)
    except HfHubHTTPError as error:
        return [type(error).__name__, error.response.status_code]
"""


def run_client(hub: LoopbackHub, home: Path, script: str, token: str = "hf_write") -> list[Any]:
    """Run a script with the clients pointed at the hub; return the JSON list it prints."""
    surroundings = {key: value for key, value in os.environ.items() if not key.startswith("HF_")}
    surroundings |= {
        "HF_ENDPOINT": hub.url,
        "HF_HUB_DISABLE_XET": "1",
        "HF_HOME": str(home),
        "HF_TOKEN": token,
    }
    surroundings |= {
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "NO_PROXY": "127.0.0.1",
    }
    command = [sys.executable, "-c", CLIENT + script]
    done = subprocess.run(command, env=surroundings, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    printed: list[Any] = json.loads(done.stdout)
    return printed


def ask(
    hub: LoopbackHub, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
) -> tuple[int, bytes, dict[str, str]]:
    """Send one plain request with the writing token; return status, body and headers."""
    headers = {"Authorization": "Bearer hf_write", **(headers or {})}
    request = urllib.request.Request(hub.url + path, body, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            return response.status, response.read(), dict(response.headers)
    except urllib.error.HTTPError as error:
        return error.code, error.read(), dict(error.headers)


def create_news(hub: LoopbackHub) -> None:
    """Create the empty repository demo/news."""
    body = json.dumps({"type": "dataset", "name": "news", "organization": None}).encode()
    assert ask(hub, "POST", "/api/repos/create", body)[0] == 200


def send_commit(hub: LoopbackHub, *operations: dict[str, Any], parent: str | None = None) -> int:
    """Send a commit to demo/news without a client; return the status."""
    header = {"summary": "by hand", **({"parentCommit": parent} if parent else {})}
    lines = [{"key": "header", "value": header}, *operations]
    body = "\n".join(json.dumps(line) for line in lines).encode()
    return ask(hub, "POST", "/api/datasets/demo/news/commit/main", body)[0]


def regular_file(path: str, content: bytes) -> dict[str, Any]:
    """Return the line of a commit that adds a file."""
    return {"key": "file", "value": {"path": path, "content": base64.b64encode(content).decode()}}


def parquet(rows: list[str]) -> bytes:
    """Return a parquet file with one column `id`."""
    import pyarrow
    import pyarrow.parquet

    buffer = BytesIO()
    pyarrow.parquet.write_table(pyarrow.table({"id": rows}), buffer)  # type: ignore[no-untyped-call]
    return buffer.getvalue()


@cache
def release_files() -> dict[str, bytes]:
    """Return the files of a release with two configs, by path."""
    return {
        "README.md": CARD.encode(),
        "data/gold/train-00000-of-00001.parquet": parquet(["a", "b"]),
        "data/spans/train-00000-of-00001.parquet": parquet(["a/1"]),
    }


def publish(hub: LoopbackHub, tmp_path: Path) -> dict[str, str]:
    """Publish the release in one commit tagged 1.0.0, then change `main`; return the commit ids."""
    for path, content in release_files().items():
        (tmp_path / "release" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "release" / path).write_bytes(content)
    (tmp_path / "later.parquet").write_bytes(parquet(["later"]))
    script = f"""
folder, later = Path({str(tmp_path / "release")!r}), {str(tmp_path / "later.parquet")!r}
api.create_repo(name, repo_type=kind)
first = head()
files = {{path: folder / path for path in {list(release_files())!r}}}
released = commit(files, parent_commit=first, commit_message="Release 1.0.0", commit_description="why")
api.create_tag(name, tag="1.0.0", tag_message="first", revision=released, repo_type=kind)
later = commit({{"data/gold/train-00000-of-00001.parquet": later}}, parent_commit=released)
print(json.dumps([first, released, later]))
"""
    oids = run_client(hub, tmp_path / "publisher", script)
    return dict(zip(("first", "released", "later"), oids, strict=True))


@pytest.fixture
def hub() -> Iterator[LoopbackHub]:
    """Return a hub in memory with the empty repository demo/news."""
    with start(tokens=TOKENS) as running:
        create_news(running)
        yield running


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[LoopbackHub, dict[str, str]]]:
    """Return a hub with a published release, only to be read, and its commit ids."""
    with start(tokens=TOKENS) as running:
        yield running, publish(running, tmp_path_factory.mktemp("published"))


def test_release_is_one_commit_with_the_digests_of_its_files(
    published: tuple[LoopbackHub, dict[str, str]], tmp_path: Path
) -> None:
    """The tag names one commit on top of the parent, and the tree tells size and sha256 of what was sent."""
    hub, oids = published
    script = """
tree = api.list_repo_tree(name, recursive=True, revision="1.0.0", repo_type=kind)
files = {e.path: [e.size, e.lfs and e.lfs.sha256, e.blob_id] for e in tree if hasattr(e, "size")}
top = [e.path for e in api.list_repo_tree(name, repo_type=kind)]
info = api.dataset_info(name, revision="1.0.0", files_metadata=True)
siblings = {s.rfilename: [s.size, s.lfs and s.lfs.sha256, s.blob_id] for s in info.siblings}
commits = [[c.commit_id, c.title, c.message, c.authors] for c in api.list_repo_commits(name, repo_type=kind)]
refs = api.list_repo_refs(name, repo_type=kind)
tags = {tag.name: tag.target_commit for tag in refs.tags}
found = [e.path for e in api.get_paths_info(name, ["data", "README.md", "none"], repo_type=kind)]
history = [c.commit_id for c in api.list_repo_commits(name, revision="1.0.0", repo_type=kind)]
print(json.dumps([files, top, siblings, commits, tags, refs.branches[0].target_commit, found, history]))
"""
    files, top, siblings, commits, tags, branch, found, history = run_client(hub, tmp_path, script)
    for path, content in release_files().items():
        digest = hashlib.sha256(content).hexdigest() if path.endswith(".parquet") else None
        assert files[path][:2] == [len(content), digest]
    assert files == siblings
    assert top == [".gitattributes", "README.md", "data"]
    assert [commit[0] for commit in commits] == [oids["later"], oids["released"], oids["first"]]
    assert commits[1][1:] == ["Release 1.0.0", "why", ["demo"]]
    assert tags == {"1.0.0": oids["released"]}
    assert branch == oids["later"]
    assert found == ["data", "README.md"]
    assert history == [oids["released"], oids["first"]]


def test_load_dataset_by_tag_from_a_fresh_cache(published: tuple[LoopbackHub, dict[str, str]], tmp_path: Path) -> None:
    """A tag goes on loading what was released, each config by its name, after `main` has moved on."""
    script = """
from datasets import load_dataset
def ids(config, revision, **options):
    return [row["id"] for row in load_dataset(name, config, split="train", revision=revision, **options)]
streamed = ids("gold", "1.0.0", streaming=True)
print(json.dumps([ids("gold", "1.0.0"), ids("spans", "1.0.0"), streamed, ids("gold", "main")]))
"""
    assert run_client(published[0], tmp_path, script) == [["a", "b"], ["a/1"], ["a", "b"], ["later"]]


def test_what_is_not_there_is_the_clients_own_exception(
    published: tuple[LoopbackHub, dict[str, str]], tmp_path: Path
) -> None:
    """An unknown repository, revision, file or folder each becomes the exception the client has for it."""
    script = """
print(json.dumps([
    failure(api.dataset_info, "demo/none"),
    failure(api.dataset_info, name, revision="9.9.9"),
    failure(api.hf_hub_download, name, "none.txt", repo_type=kind),
    failure(lambda: list(api.list_repo_tree(name, "none", repo_type=kind))),
]))
"""
    expected = ["RepositoryNotFoundError", "RevisionNotFoundError", "RemoteEntryNotFoundError"]
    answers = run_client(published[0], tmp_path, script)
    assert [answer[0] for answer in answers] == [*expected, "RemoteEntryNotFoundError"]
    assert {answer[1] for answer in answers} == {404}


def test_head_and_range_send_what_they_promise(published: tuple[LoopbackHub, dict[str, str]]) -> None:
    """HEAD tells length and digest without a body; a range sends only its bytes, or 416 beyond the end."""
    hub, oids = published
    path = "data/gold/train-00000-of-00001.parquet"
    url, content = f"/datasets/demo/news/resolve/1.0.0/{path}", release_files()[path]
    status, _, headers = ask(hub, "HEAD", url)
    assert (status, headers["Content-Length"]) == (200, str(len(content)))
    with socket.create_connection(("127.0.0.1", hub.server.server_port), timeout=30) as connection:
        connection.sendall(f"HEAD {url} HTTP/1.1\r\nHost: hub\r\n\r\n".encode())
        with connection.makefile("rb") as stream:
            assert stream.read().endswith(b"\r\n\r\n")
    assert headers["X-Linked-Etag"] == f'"{hashlib.sha256(content).hexdigest()}"'
    assert headers["X-Repo-Commit"] == oids["released"]
    assert ask(hub, "GET", url, headers={"Range": "bytes=4-9"})[:2] == (206, content[4:10])
    assert ask(hub, "GET", url, headers={"Range": f"bytes={len(content)}-"})[0] == 416


def test_stale_parent_and_taken_tag_are_refused(hub: LoopbackHub, tmp_path: Path) -> None:
    """A commit on a parent that is not the head gets 412 and a taken tag 409; neither changes anything."""
    script = """
first = head()
second = commit({"a.txt": b"1"}, parent_commit=first)
stale = failure(commit, {"a.txt": b"2"}, parent_commit=first)
api.create_tag(name, tag="v1", revision=first, repo_type=kind)
taken = failure(api.create_tag, name, tag="v1", repo_type=kind)
api.create_tag(name, tag="v1", repo_type=kind, exist_ok=True)
unmoved = [head() == second, api.dataset_info(name, revision="v1").sha == first]
api.delete_tag(name, tag="v1", repo_type=kind)
gone = [failure(api.dataset_info, name, revision="v1")]
gone.append(failure(api.delete_tag, name, tag="v1", repo_type=kind))
existing = failure(api.create_repo, name, repo_type=kind)
print(json.dumps([stale, taken, unmoved, gone, existing]))
"""
    stale, taken, unmoved, gone, existing = run_client(hub, tmp_path, script)
    assert stale == ["HfHubHTTPError", 412]
    assert taken == existing == ["HfHubHTTPError", 409]
    assert unmoved == [True, True]
    assert gone == [["RevisionNotFoundError", 404]] * 2


def test_same_content_makes_no_commit(hub: LoopbackHub, tmp_path: Path) -> None:
    """Committing what is already there, regular or LFS, returns the head and sends no commit."""
    script = """
files = {"a.txt": b"same", "b.parquet": b"same too"}
print(json.dumps([commit(files), commit(files), head()]))
"""
    assert len(set(run_client(hub, tmp_path, script))) == 1
    assert sum("/commit/" in path for _, path in hub.requests) == 1


def test_deleting_and_bad_cards(hub: LoopbackHub, tmp_path: Path) -> None:
    """Deleted files and folders are gone from the next commit on; a card whose YAML has no end is refused."""
    script = """
commit({"a.txt": b"1", "d/b.txt": b"2", "d/e/c.txt": b"3", "dd.txt": b"4"})
operations = [CommitOperationDelete("a.txt"), CommitOperationDelete("d/")]
api.create_commit(name, operations=operations, commit_message="less", repo_type=kind)
try:
    commit({"README.md": b"---\\nlicense: mit\\n"})
except ValueError as error:
    print(json.dumps([api.list_repo_files(name, repo_type=kind), str(error)]))
"""
    files, message = run_client(hub, tmp_path, script)
    assert files == [".gitattributes", "dd.txt"]
    assert message.startswith("Invalid metadata in README.md.\n- ")


@pytest.mark.parametrize(("token", "status"), [("hf_wrong", 401), ("hf_read", 403), ("hf_other", 403)])
def test_tokens_that_may_not_write(hub: LoopbackHub, tmp_path: Path, token: str, status: int) -> None:
    """An unknown token gets 401, a reading token and another user's 403, for every way of writing."""
    script = """
print(json.dumps([
    failure(api.create_repo, "demo/mine", repo_type=kind),
    failure(commit, {"a.txt": b"1"}),
    failure(api.create_tag, name, tag="v1", repo_type=kind),
    failure(api.delete_tag, name, tag="v1", repo_type=kind),
]))
"""
    answers = run_client(hub, tmp_path, script, token)
    assert [answer[1] for answer in answers] == [status] * 4
    assert list(hub.state.repositories) == ["demo/news"]
    assert len(hub.state.repositories["demo/news"].commits) == 1


def test_whoami_and_private_repositories(hub: LoopbackHub, tmp_path: Path) -> None:
    """Every known token has its name and role; a private repository is absent for another user."""
    script = """
me = api.whoami()
if me["auth"]["accessToken"]["role"] == "write" and me["name"] == "demo":
    api.create_repo("demo/secret", repo_type=kind, private=True)
print(json.dumps([me["name"], me["auth"]["accessToken"]["role"], failure(api.dataset_info, "demo/secret")]))
"""
    assert run_client(hub, tmp_path, script) == ["demo", "write", None]
    assert run_client(hub, tmp_path, script, "hf_read") == ["demo", "read", None]
    assert run_client(hub, tmp_path, script, "hf_other") == [
        "other",
        "write",
        ["RepositoryNotFoundError", 404],
    ]


def test_fault_hits_as_often_as_asked(hub: LoopbackHub, tmp_path: Path) -> None:
    """A fault with times=1 fails one request with its headers, changes nothing, and lets the next through."""
    hub.inject("POST", r"/commit/main$", 503, headers={"X-Error-Message": "out for tea"})
    script = """
before = head()
try:
    commit({"a.txt": b"1"})
except HfHubHTTPError as error:
    refused = [error.response.status_code, "out for tea" in str(error), head() == before]
print(json.dumps([refused, commit({"a.txt": b"1"}) == head() != before]))
"""
    assert run_client(hub, tmp_path, script) == [[503, True, True], True]


def test_on_hit_can_commit_in_between(hub: LoopbackHub, tmp_path: Path) -> None:
    """What on_hit does happens before the answer: a commit in between makes the parent stale."""
    between: list[int] = []
    add = regular_file("between.txt", b"first")
    hub.inject("POST", r"/commit/", None, on_hit=lambda: between.append(send_commit(hub, add)))
    script = """
stale = failure(commit, {"a.txt": b"1"}, parent_commit=head())
print(json.dumps([stale, api.list_repo_files(name, repo_type=kind)]))
"""
    assert run_client(hub, tmp_path, script) == [["HfHubHTTPError", 412], [".gitattributes", "between.txt"]]
    assert between == [200]


def test_commits_that_can_not_be_are_refused_whole(hub: LoopbackHub) -> None:
    """A commit with one impossible operation (LFS object or file absent, unknown kind) changes nothing."""
    digest = hashlib.sha256(b"right").hexdigest()
    good = regular_file("good.txt", b"1")
    absent = {"key": "lfsFile", "value": {"path": "x.parquet", "algo": "sha256", "oid": digest, "size": 5}}
    assert send_commit(hub, good, absent) == 400
    assert send_commit(hub, good, {"key": "deletedFile", "value": {"path": "none"}}) == 404
    assert send_commit(hub, good, {"key": "renamedFile", "value": {"path": "none"}}) == 400
    assert ask(hub, "PUT", f"/lfs/{digest}", b"wrong")[0] == 400
    assert len(hub.state.repositories["demo/news"].commits) == 1
    assert ask(hub, "PUT", f"/lfs/{digest}", b"right")[0] == 200
    assert send_commit(hub, good, absent) == 200


def test_a_pull_request_leaves_main_alone_until_it_is_merged(hub: LoopbackHub, tmp_path: Path) -> None:
    """The client opens one, lists it and reads it by its revision; merged, its files are on `main`."""
    script = """
info = api.create_commit(
    name, [CommitOperationAdd("new.txt", b"new")], commit_message="Propose", repo_type=kind, create_pr=True
)
open_ones = [[d.num, d.title, d.author] for d in api.get_repo_discussions(name, repo_type=kind,
             discussion_type="pull_request", discussion_status="open")]
proposed = api.list_repo_files(name, repo_type=kind, revision=info.pr_revision)
before = api.list_repo_files(name, repo_type=kind)
api.merge_pull_request(name, info.pr_num, repo_type=kind)
after = api.list_repo_files(name, repo_type=kind)
left = list(api.get_repo_discussions(name, repo_type=kind, discussion_status="open"))
print(json.dumps([info.pr_num, open_ones, proposed, before, after, left]))
"""
    proposed = [".gitattributes", "new.txt"]
    expected = [1, [[1, "Propose", "demo"]], proposed, proposed[:1], proposed, []]
    assert run_client(hub, tmp_path, script) == expected


def test_a_fault_may_come_after_the_work(hub: LoopbackHub) -> None:
    """A request can be carried out and still be answered with a status, or with a cut or broken-off answer."""
    commits = hub.state.repositories["demo/news"].commits
    hub.inject("POST", "/commit/", 500, carried_out=True)
    assert send_commit(hub, regular_file("1.txt", b"1")) == 500
    hub.inject("POST", "/commit/", None, carried_out=True, line="cut")
    with pytest.raises(http.client.RemoteDisconnected):
        send_commit(hub, regular_file("2.txt", b"2"))
    assert len(commits) == 3
    hub.inject("POST", "/commit/", None, line="cut")
    with pytest.raises(http.client.RemoteDisconnected):
        send_commit(hub, regular_file("3.txt", b"3"))
    assert len(commits) == 3
    hub.inject("GET", "/resolve/", None, line="short")
    with pytest.raises(http.client.IncompleteRead):
        ask(hub, "GET", "/datasets/demo/news/resolve/main/.gitattributes")


def test_restart_from_a_folder_serves_the_same(tmp_path: Path) -> None:
    """A later start with the same folder serves the same commits, tags and bytes, and goes on from there."""
    with start(tmp_path / "kept", tokens=TOKENS) as hub:
        oids = publish(hub, tmp_path)
        assert ask(hub, "POST", "/api/datasets/demo/news/tag/main", b'{"tag": "last"}')[0] == 200
    with start(tmp_path / "kept", tokens=TOKENS) as hub:
        refs = json.loads(ask(hub, "GET", "/api/datasets/demo/news/refs")[1])
        assert refs["branches"][0]["targetCommit"] == oids["later"]
        assert [tag["targetCommit"] for tag in refs["tags"]] == [oids["released"], oids["later"]]
        for path, content in release_files().items():
            assert ask(hub, "GET", f"/datasets/demo/news/resolve/1.0.0/{path}")[1] == content
        assert send_commit(hub, regular_file("a.txt", b"1"), parent=oids["first"]) == 412
        assert send_commit(hub, regular_file("a.txt", b"1"), parent=oids["later"]) == 200


def test_only_content_can_be_named_as_an_lfs_object(tmp_path: Path) -> None:
    """A commit can't publish another file of the disk by giving its path as an LFS object's name."""
    (tmp_path / "secret").write_text("x")
    with start(tmp_path / "kept", tokens=TOKENS) as hub:
        create_news(hub)
        value = {"path": "x.parquet", "algo": "sha256", "oid": "../../secret", "size": 1}
        assert send_commit(hub, {"key": "lfsFile", "value": value}) == 400


def test_start_says_what_is_in_the_way(tmp_path: Path) -> None:
    """A folder with something else in it, and a port that is taken, are HubErrors with a way out."""
    (tmp_path / "repositories.json").write_text('[{"id": "demo/news", "commits": 3}]')
    with pytest.raises(HubError, match=r"repositories\.json") as wrong_folder:
        start(tmp_path)
    assert wrong_folder.value.fix
    with start() as hub, pytest.raises(HubError, match="Port"):
        start(port=int(hub.url.rsplit(":", 1)[1]))


def test_stopped_hub_no_longer_answers() -> None:
    """After stop() the url is dead, also for a client that would go on with its open connection."""
    hub = start()
    connection = http.client.HTTPConnection("127.0.0.1", hub.server.server_port, timeout=30)
    connection.request("GET", "/nothing")
    response = connection.getresponse()
    assert response.status == 404
    response.read()
    hub.stop()
    with pytest.raises(ConnectionRefusedError):
        connection.request("GET", "/nothing")


def test_command_serves_until_interrupted(tmp_path: Path) -> None:
    """The module run as a command prints its url, answers there, and ends with 130 at an interrupt.

    Even where it is started as a shell starts what runs in the background.
    """
    command = ["sh", "-c", "trap '' INT; exec \"$@\"", "sh"]
    command += [sys.executable, "-m", "curate.demo.loopback_hub", str(tmp_path / "kept")]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        request = urllib.request.Request(f"{url}/api/whoami-v2", headers={"Authorization": "Bearer hf_loopback"})
        with urllib.request.urlopen(request, timeout=30) as response:
            assert json.load(response)["name"] == "demo"
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 130


@given(st.binary(max_size=20), st.integers(0, 25), st.integers(0, 25))
def test_range_is_a_slice(content: bytes, first: int, last: int) -> None:
    """Every range sends exactly the slice it names (its end inclusive), or 416 where that slice is empty."""
    asked = {
        f"bytes={first}-{last}": content[first : last + 1],
        f"bytes={first}-": content[first:],
        f"bytes=-{last}": content[len(content) - min(last, len(content)) :],
    }
    for header, expected in asked.items():
        answer = cut_to_range(Answer(200, content, {}), header)
        assert (answer.status, answer.body) == ((206, expected) if expected else (416, b""))


@given(st.sets(st.lists(st.sampled_from("abc"), min_size=1, max_size=4).map("/".join)))
def test_entry_names_are_all_ancestors(names: set[str]) -> None:
    """A recursive listing holds every name and every folder above one; a flat one those without a slash."""
    everything = entry_names(names, recursive=True)
    assert names <= set(everything)
    assert all(name.rpartition("/")[0] in {"", *everything} for name in everything)
    assert all(any(name == entry or name.startswith(f"{entry}/") for name in names) for entry in everything)
    assert entry_names(names, recursive=False) == [name for name in everything if "/" not in name]
