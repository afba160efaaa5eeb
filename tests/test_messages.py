"""Wrong settings, damaged files, interrupts: one clear message, the documented exit code, no secret shown."""

from __future__ import annotations

import json
import shutil
import socket
import socketserver
import struct
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from label_studio_sdk.core.api_error import ApiError
from typer.testing import CliRunner, Result

from curate.cli.app import app
from curate.demo.running import BUNDLED
from curate.errors import ServerError, UsageError
from curate.labelstudio import client, connection
from curate.settings import Credentials, read_settings
from curate.starting import init

URL = "http://127.0.0.1:9"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with articles, and no server."""
    folder = init(tmp_path / "project")
    assert run(folder, "add", str(BUNDLED / "articles.jsonl")).exit_code == 0
    return folder


def run(folder: Path, *arguments: str, **more: str) -> Result:
    return CliRunner().invoke(app, ["--project", str(folder), *arguments], **more)


def refused(done: Result, code: int, *told: str) -> None:
    """Hold a failed run against what must be said: exit code, words, a fix, at most four lines."""
    assert (done.exit_code, done.stdout) == (code, "")
    for words in told:
        assert words in done.stderr
    assert "Fix:" in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) <= 4


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({}, "No Label Studio is set up"),
        ({"LABEL_STUDIO_API_KEY": "secret"}, "no Label Studio is named"),
        ({"LABEL_STUDIO_URL": URL}, "no key"),
        ({"LABEL_STUDIO_URL": URL, "LABEL_STUDIO_API_KEY": "sécret"}, "LABEL_STUDIO_API_KEY holds characters"),
        ({"LABEL_STUDIO_URL": URL, "LABEL_STUDIO_API_KEY": "a\nsecret"}, "LABEL_STUDIO_API_KEY holds characters"),
        ({"LABEL_STUDIO_URL": "http://me:secret@127.0.0.1:9", "LABEL_STUDIO_API_KEY": "secret"}, "password"),
        ({"LABEL_STUDIO_URL": "127.0.0.1:9", "LABEL_STUDIO_API_KEY": "secret"}, "no web address"),
        ({"LABEL_STUDIO_URL": URL, "LABEL_STUDIO_API_KEY": "secret"}, "can't be reached"),
    ],
)
def test_how_to_reach_label_studio(
    project: Path, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], told: str
) -> None:
    """Every way in which address or key can be wrong is named without showing the key."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    done = run(project, "push", "--yes")
    refused(done, 3, told)
    assert "secret" not in done.stderr
    assert "sécret" not in done.stderr


@pytest.mark.parametrize(
    ("sent", "reset", "told"),
    [
        (b"", False, "closed the connection without an answer, asked to GET /api/current-user/whoami"),
        (b"", True, "broke off the connection, asked to GET /api/current-user/whoami"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{", False, "in the middle of its answer"),
        (b"SSH-2.0\r\n\r\n", False, "an answer that Label Studio doesn't give"),
    ],
)
def test_a_connection_that_breaks_is_not_told_as_a_server_that_is_away(
    project: Path, monkeypatch: pytest.MonkeyPatch, sent: bytes, reset: bool, told: str
) -> None:
    """What happened, at which request, and what to do next."""

    class Breaking(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.recv(65536)
            self.request.sendall(sent)
            if reset:
                self.request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.request.close()

    monkeypatch.setattr("label_studio_sdk.core.http_client._retry_timeout_from_retries", lambda **_: 0)
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Breaking) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        monkeypatch.setenv("LABEL_STUDIO_URL", f"http://127.0.0.1:{server.server_address[1]}")
        monkeypatch.setenv("LABEL_STUDIO_API_KEY", "secret")
        done = run(project, "push", "--yes")
        server.shutdown()
        thread.join()
    refused(done, 3, told)
    assert "can't be reached" not in done.stderr


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("overlap = 0", "overlap must be 1 or more"),
        ('overlap = "two"', "overlap must be a whole number"),
        ("overlop = 2", "unknown key 'overlop'"),
        ("[label_studio]\nurl = 5", "label_studio.url"),
        ('[label_studio]\nurll = "x"', "label_studio.urll"),
        ("[dataset]\nsplits = 3", "dataset.splits"),
        ("= 2", "not readable as TOML"),
    ],
)
def test_wrong_settings(project: Path, line: str, told: str) -> None:
    """What is wrong in curate.toml is named with the file."""
    path = project / "curate.toml"
    path.write_text(f'workspace = "w"\nschema = "schema.yaml"\n{line}\n')
    refused(run(project, "check"), 2, str(path), told)


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("articles.jsonl", '{"id": 5}\n', 1),
        ("exports/raw/project-1-2/000001.jsonl", '{"id": \n', 1),
        (".curate/people.json", "{", 1),
        (".curate/pseudonym.key", "", 3),
        ("schema.yaml", "name: [", 1),
    ],
)
def test_a_damaged_file_is_named(project: Path, name: str, content: str, code: int) -> None:
    """A file of the project that can't be read is named, and nothing is written."""
    raw = project / "exports" / "raw" / "project-1-2" / "000001.jsonl"
    raw.parent.mkdir(parents=True)
    raw.write_text('{"id": 1, "data": {}, "annotations": []}\n')
    assert run(project, "check").exit_code == 0
    before = (project / "exports" / "books.json").read_bytes()
    path = project / name
    path.write_text(content)
    refused(run(project, "check"), code, path.name if "raw" not in name else str(path.parent))
    assert (project / "exports" / "books.json").read_bytes() == before


def test_a_check_cut_off_leaves_no_stale_records(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When a check dies before it has written, records made from the old annotations are not there to be released."""
    raw = project / "exports" / "raw" / "project-1-2" / "000001.jsonl"
    raw.parent.mkdir(parents=True)
    raw.write_text('{"id": 1, "data": {}, "annotations": []}\n')
    assert run(project, "check").exit_code == 0
    stale = project / "exports" / "adjudicated.jsonl"
    stale.write_text("")
    assert run(project, "check").exit_code == 0
    assert stale.exists()
    (project / "exports" / "annotations.jsonl").write_text("other\n")

    def die(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("curate.files.Replacement.commit", die)
    assert run(project, "check").exit_code == 130
    assert not stale.exists()


@pytest.mark.parametrize("place", ["exports", ".curate"])
def test_a_folder_that_cannot_be_written(project: Path, place: str) -> None:
    """Where a file stands in the place of a folder, the command says so and writes nothing."""
    shutil.rmtree(project / place, ignore_errors=True)
    (project / place).write_text("in the way")
    refused(run(project, "check"), 3, str(project / place))


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["check"], 2, "nothing was pulled yet"),
        (["adjudicate"], 2, "nothing was pulled yet"),
        (["adjudicate", "--policy", "loudest"], 2, "unknown policy 'loudest'"),
        (["release", "1.0.0"], 2, "nothing was pulled yet"),
        (["release", "one"], 2, "one"),
        (["publish", "me/events"], 2, "a release is not there"),
        (["show", "nowhere"], 2, "no article 'nowhere'"),
        (["show", "tarsin-drone"], 2, "Did you mean 'tarsin-drones'?"),
        (["verify", "exports/releases/1.0.0"], 2, "Check the path"),
        (["schema", "check", "nowhere.yaml"], 2, "nowhere.yaml"),
        (["init"], 2, "a curate project already"),
    ],
)
def test_steps_out_of_order(project: Path, arguments: list[str], code: int, told: str) -> None:
    """A step that lacks what the one before makes says which command to run."""
    refused(run(project, *arguments), code, told)


@pytest.mark.parametrize("token", ["hf_a\nsecret", "hf_sécret"])
def test_a_hub_token_that_no_token_is(project: Path, monkeypatch: pytest.MonkeyPatch, token: str) -> None:
    """A Hub token that can't be sent is named by where it came from, and never shown."""
    release = project / "exports" / "releases" / "1.0.0"
    release.mkdir(parents=True)
    monkeypatch.setenv("HF_TOKEN", token)
    done = run(project, "publish", "me/events")
    refused(done, 3, "HF_TOKEN holds characters")
    assert "cret" not in done.stderr


def test_a_new_project_says_where_to_go_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next command can be typed as it stands: it begins with the way into the folder, if one isn't there."""
    monkeypatch.chdir(tmp_path)
    beside = CliRunner().invoke(app, ["init", "my project", "--overlap", "1"])
    assert "by one person" in beside.stderr
    assert "Next: cd 'my project', then curate server start" in beside.stderr
    inside = run(tmp_path, "init")
    assert "by 2 people" in inside.stderr
    assert "Next: curate server start" in inside.stderr


def test_outside_a_project(tmp_path: Path) -> None:
    """Where there is no project the way to one is shown."""
    refused(run(tmp_path, "push"), 2, "no curate project here", "curate init")


def test_a_typo_in_a_role_is_named_with_its_line(project: Path) -> None:
    """The schema check names file, line and the likely meaning."""
    path = project / "schema.yaml"
    text = path.read_text(encoding="utf-8")
    line = next(n for n, one in enumerate(text.splitlines(), 1) if one.strip().startswith("target: {expected: true}"))
    path.write_text(text.replace("target: {expected: true}", "taget: {expected: true}", 1), encoding="utf-8")
    refused(run(project, "schema", "check"), 1, f"schema.yaml:{line}:", "taget", "target")


@pytest.mark.parametrize("place", [0, 1, 2])
def test_shared_options_stand_anywhere(project: Path, place: int) -> None:
    """`--json` and `--project` work before and after the command, and stdout is one JSON value."""
    words = ["add", str(BUNDLED / "articles.jsonl")]
    words[place:place] = ["--json", "--project", str(project)]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0
    assert len(json.loads(done.stdout)["unchanged"]) == 10


def test_an_interrupt_is_told(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C ends with 130 and a word on how to go on."""

    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("curate.api.check", interrupt)
    done = run(project, "check")
    assert done.exit_code == 130
    assert "Interrupted" in done.stderr


def test_a_fault_of_our_own_is_no_answer_of_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who fails while connected leaves with the error as it is; only what the server says is put down to it."""
    answer = httpx.Response(200, json={"email": "lead@example.org"})
    monkeypatch.setattr(connection, "_answer", lambda *_, **__: answer)
    with (
        pytest.raises(KeyError, match="ours"),
        connection.connected(Credentials(URL, "secret", "LABEL_STUDIO_API_KEY", URL)) as _,
    ):
        raise KeyError("ours")


def test_settings_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    """A file that gives no bytes is named, with what the system said."""
    (tmp_path / "curate.toml").symlink_to("/proc/self/mem")
    with pytest.raises(UsageError, match=r"curate\.toml: can't be read"):
        read_settings(tmp_path)


def test_a_field_is_mapped_once(project: Path) -> None:
    """Two columns for one field: neither wins in silence."""
    done = run(project, "add", "--map", "text=body", "--map", "text=content", "articles.csv")
    assert done.exit_code == 2
    assert "both body and content" in done.stderr


@pytest.mark.parametrize("changed", ["label_config", "title"])
def test_a_change_that_the_server_refuses_is_told_with_what_helps(changed: str) -> None:
    """New names for what annotations use help where the page is refused, and nowhere else."""
    said = {"validation_errors": {"non_field_errors": ["Prediction 0: task not found in project"]}}

    def refuse(**_: object) -> None:
        raise ApiError(status_code=400, headers={}, body=said)

    projects = SimpleNamespace(validate_label_config=refuse, update=refuse)
    server: Any = SimpleNamespace(url=URL, sdk=SimpleNamespace(projects=projects))
    with pytest.raises(ServerError, match="refuses the change: Prediction 0: task not found") as told:
        client.update_project(server, 1, **{changed: "new"})
    assert ("`renamed`" in told.value.fix) == (changed == "label_config")
    assert told.value.fix
