"""A project's own Label Studio, with real servers: ready means ours, and only ours is ever touched."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, ProxyHandler, Request, build_opener

import pytest

from curate.errors import ServerError, UsageError
from curate.labelstudio import listening, server
from curate.labelstudio.folder import read_credentials

LONG_AGO = "Thu Jan  1 00:00:00 1970"


@pytest.fixture(scope="session")
def project(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The ``.curate`` folder of a project whose server was started before."""
    folder = tmp_path_factory.mktemp("project") / ".curate"
    shutil.copytree(migrated, folder)
    yield folder
    server.stop(folder)


@pytest.fixture
def up(project: Path) -> server.RunningServer:
    """The project's server, up."""
    return server.start(project)


@pytest.fixture
def down(project: Path) -> Path:
    """The project's folder, its server stopped."""
    server.stop(project)
    return project


@pytest.fixture
def bystander() -> Iterator[subprocess.Popen[bytes]]:
    """A process that leads a session of its own and has nothing to do with us."""
    with subprocess.Popen(["sleep", "600"], start_new_session=True) as process:
        yield process
        process.kill()


@pytest.fixture
def launched(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The pids of the servers launched in this test."""
    pids: list[int] = []

    class Recording(subprocess.Popen[bytes]):
        def __init__(self, command: Any, **options: Any) -> None:
            super().__init__(command, **options)
            if "label_studio.server" in command:
                pids.append(self.pid)

    monkeypatch.setattr(subprocess, "Popen", Recording)
    return pids


def get(url: str, token: str = "") -> tuple[int, bytes]:
    """GET a page past any proxy: status code and body."""
    headers = {"Authorization": f"Token {token}"} if token else {}
    try:
        with build_opener(ProxyHandler({})).open(Request(url, headers=headers), timeout=30) as answer:
            return answer.status, answer.read()
    except HTTPError as error:
        return error.code, error.read()


def credentials(folder: Path) -> dict[str, str]:
    """What ``credentials.json`` holds."""
    found: dict[str, str] = json.loads((folder / "credentials.json").read_text())
    return found


def whoami(url: str, folder: Path) -> tuple[int, str]:
    """Status code and e-mail that the server at ``url`` gives for the project's token."""
    code, body = get(f"{url}/api/current-user/whoami", credentials(folder)["api_key"])
    return code, json.loads(body).get("email", "")


def sign_up(url: str, email: str) -> int:
    """Fill in the sign-up form at ``url`` as a browser would; the status code it ends with."""
    cookies = CookieJar()
    browser = build_opener(ProxyHandler({}), HTTPCookieProcessor(cookies))
    browser.open(url, timeout=30).close()
    token = next(cookie.value for cookie in cookies if cookie.name == "csrftoken")
    form = {"email": email, "password": "a long password", "csrfmiddlewaretoken": token}
    try:
        with browser.open(url, urlencode(form).encode(), timeout=30) as answer:
            return int(answer.status)
    except HTTPError as error:
        return error.code


def lives(pid: int) -> bool:
    """Whether a process with this pid runs (a zombie does not)."""
    told = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True).stdout
    return bool(told.strip()) and not told.startswith("Z")


def note(folder: Path, name: str, pid: int, began: str) -> Path:
    """Write a process note as the server module does."""
    path = folder / "server" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"pid": pid, "began": began, "url": "http://127.0.0.1:9"}))
    return path


@pytest.fixture
def taken() -> Iterator[int]:
    """A port on which something that isn't ours listens."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


def test_ready_means_our_account_answers(project: Path, up: server.RunningServer) -> None:
    """After start, the address answers to the token of credentials.json as our account, on loopback."""
    assert up.url.startswith("http://127.0.0.1:")
    assert whoami(up.url, project) == (200, up.email)
    assert credentials(project)["url"] == up.url
    assert up.log.is_file()


def test_status_tells_what_start_told(project: Path, up: server.RunningServer) -> None:
    """Status of a running server gives the same url, pid, e-mail, invitation and log."""
    assert server.status(project) == server.ServerStatus(True, up.url, up.pid, up.email, up.invite_url, up.log)


def test_only_the_invited_can_sign_up(project: Path, up: server.RunningServer) -> None:
    """A sign-up through the invitation link makes an account; one without its token is refused."""
    assert up.invite_url is not None
    assert up.invite_url.startswith(f"{up.url}/user/signup/?token=")
    assert sign_up(up.invite_url.split("?")[0], "uninvited@example.org") == 403
    assert sign_up(up.invite_url, "invited@example.org") == 200
    listed = json.loads(get(f"{up.url}/api/users", credentials(project)["api_key"])[1])
    emails = {user["email"] for user in listed}
    assert "invited@example.org" in emails
    assert "uninvited@example.org" not in emails


def test_second_start_changes_nothing(project: Path, up: server.RunningServer, launched: list[int]) -> None:
    """Starting a running server returns it and launches nothing."""
    again = server.start(project)
    assert (again.pid, again.url, again.started, launched) == (up.pid, up.url, False, [])


def test_credentials_are_for_the_owner_only(project: Path, up: server.RunningServer) -> None:
    """Credentials and log have no rights for others, and no temporary copy is left beside them."""
    for path in (project / "credentials.json", up.log, project / "server" / "process.json"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not [path for path in project.rglob("*.tmp") if "data" not in path.parts]
    assert not (project / "server" / "starting.json").exists()


def test_secrets_stay_out_of_sight(project: Path, up: server.RunningServer) -> None:
    """Neither password nor token stands in the command line, the log, the process file or a repr."""
    told = subprocess.run(["ps", "-ww", "-o", "command=", "-p", str(up.pid)], capture_output=True, text=True)
    assert "label_studio.server" in told.stdout
    seen = told.stdout + up.log.read_text() + (project / "server" / "process.json").read_text()
    seen += repr(read_credentials(project)) + repr(up)
    held = credentials(project)
    assert len(held["password"]) >= 16
    assert held["password"] not in seen
    assert held["api_key"] not in seen


def test_users_environment_is_not_passed_on(migrated: Path, up: server.RunningServer) -> None:
    """Settings and tokens of the user's own shell do not reach the server."""
    assert (migrated / "server" / "data" / "label_studio.sqlite3").is_file()
    assert not (migrated.parent / "decoy").exists()
    assert not (migrated.parent / "decoy.sqlite3").exists()
    environment = Path(f"/proc/{up.pid}/environ")
    if environment.exists():
        assert b"hf_of_the_user" not in environment.read_bytes()


def test_running_server_that_refuses_our_token_is_told(project: Path, up: server.RunningServer) -> None:
    """A running server that no longer takes the token is an error, and is left running."""
    path = project / "credentials.json"
    before = path.read_text()
    path.write_text(before.replace(credentials(project)["api_key"], "0" * 40))
    try:
        with pytest.raises(ServerError, match="401"):
            server.start(project)
    finally:
        path.write_text(before)
    assert lives(up.pid)


def test_stop_then_start_elsewhere_keeps_the_token(project: Path, up: server.RunningServer) -> None:
    """Stop ends the process and keeps data and credentials; on another port the same token works."""
    before = credentials(project)
    assert server.stop(project) is True
    assert not lives(up.pid)
    assert server.stop(project) is False
    assert not (project / "server" / "process.json").exists()
    stopped = server.status(project)
    assert (stopped.running, stopped.url, stopped.pid, stopped.invite_url) == (False, None, None, None)
    assert credentials(project) == before
    # One that no outgoing connection gets meanwhile: the next test wants it again.
    port = listening.choose_port(0, "")
    again = server.start(project, port=port)
    assert again.url == f"http://127.0.0.1:{port}" != up.url
    assert credentials(project) == before | {"url": again.url}
    assert whoami(again.url, project) == (200, before["email"])


def test_killed_server_counts_as_down_and_starts_again_at_its_address(project: Path, up: server.RunningServer) -> None:
    """After kill -9 status says down; start clears the stale note and takes the same port again."""
    os.kill(up.pid, signal.SIGKILL)
    while lives(up.pid):
        time.sleep(0.05)
    assert server.status(project).running is False
    again = server.start(project)
    assert again.pid != up.pid
    assert (again.url, again.started) == (up.url, True)
    assert server.status(project).pid == again.pid


def test_two_starts_at_once_give_one_server(down: Path, launched: list[int]) -> None:
    """Of two simultaneous starts one launches, and both return the same server."""
    with ThreadPoolExecutor(2) as both:
        first, second = both.map(server.start, (down, down))
    assert first.pid == second.pid
    assert {first.started, second.started} == {True, False}
    assert launched == [first.pid]


def test_port_lost_while_starting_ends_up_ours(down: Path, taken: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the port is taken after we looked, Label Studio moves on, and the address told is its real one."""
    monkeypatch.setattr(listening, "is_free", lambda host, port: True)
    moved = server.start(down, port=taken)
    assert moved.url != f"http://127.0.0.1:{taken}"
    assert whoami(moved.url, down) == (200, moved.email)
    assert credentials(down)["url"] == moved.url


def test_taken_port_asked_for_is_refused(down: Path, taken: int, launched: list[int]) -> None:
    """A port asked for that something else holds is an error that names it; nothing is launched."""
    with pytest.raises(ServerError, match=f"port {taken} ") as caught:
        server.start(down, port=taken)
    assert "port" in caught.value.fix
    assert launched == []
    assert server.status(down).running is False


@pytest.mark.parametrize("port", [-1, 65536])
def test_impossible_port_is_a_usage_error(tmp_path: Path, port: int) -> None:
    """A port outside 0 to 65535 is refused before anything is written."""
    with pytest.raises(UsageError, match=str(port)):
        server.start(tmp_path / ".curate", port=port)
    assert not (tmp_path / ".curate").exists()


def test_foreign_process_is_never_signalled(tmp_path: Path, bystander: subprocess.Popen[bytes]) -> None:
    """A pid in process.json whose start time differs counts as down and gets no signal."""
    path = note(tmp_path, "process.json", bystander.pid, LONG_AGO)
    assert server.status(tmp_path).running is False
    assert server.stop(tmp_path) is False
    assert not path.exists()
    note(tmp_path, "starting.json", bystander.pid, LONG_AGO)
    assert server.stop(tmp_path) is False
    time.sleep(0.3)
    assert bystander.poll() is None


@pytest.mark.parametrize("pid", [0, -1, 1])
def test_pids_with_a_wide_meaning_count_as_down(tmp_path: Path, pid: int) -> None:
    """Pids that would address whole groups, or init, are never taken for ours."""
    note(tmp_path, "process.json", pid, LONG_AGO)
    assert server.status(tmp_path).running is False
    assert server.stop(tmp_path) is False


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"pid": "x", "began": "", "url": ""}', "\x00"])
def test_broken_process_file_counts_as_down(tmp_path: Path, text: str) -> None:
    """A process file that can't be read means no server, and stop clears it."""
    path = note(tmp_path, "process.json", 1, LONG_AGO)
    path.write_text(text)
    assert server.status(tmp_path).running is False
    assert server.stop(tmp_path) is False
    assert not path.exists()


def test_leftover_of_a_killed_start_is_ended(tmp_path: Path, bystander: subprocess.Popen[bytes]) -> None:
    """A half-started server that an interrupted start noted does not stay on our data."""
    told = ["ps", "-o", "lstart=", "-p", str(bystander.pid)]
    began = subprocess.run(told, capture_output=True, text=True, env=os.environ | {"LC_ALL": "C", "TZ": "UTC"}).stdout
    path = note(tmp_path, "starting.json", bystander.pid, " ".join(began.split()))
    assert server.stop(tmp_path) is False
    assert not lives(bystander.pid)
    assert not path.exists()


def test_server_that_dies_is_told_with_its_last_words(tmp_path: Path, launched: list[int]) -> None:
    """A server that can't open its database is an error with its last log line and the log's path."""
    database = tmp_path / "server" / "data" / "label_studio.sqlite3"
    database.parent.mkdir(parents=True)
    database.write_bytes(b"no database at all" * 100)
    held = {"url": "", "email": "curate@localhost", "password": "p" * 16, "api_key": "a" * 40}
    (tmp_path / "credentials.json").write_text(json.dumps(held))
    with pytest.raises(ServerError, match="file is not a database") as caught:
        server.start(tmp_path)
    assert str(tmp_path / "server" / "server.log") in caught.value.fix
    assert [lives(pid) for pid in launched] == [False]
    assert not list((tmp_path / "server").glob("*.json"))
    assert credentials(tmp_path) == held


def test_server_that_is_late_is_stopped(tmp_path: Path, launched: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that isn't ready in time is an error and is gone afterwards; credentials stay for the next."""
    monkeypatch.setattr(server, "READY_SECONDS", 0.5)
    with pytest.raises(ServerError, match="isn't ready") as caught:
        server.start(tmp_path)
    assert [lives(pid) for pid in launched] == [False]
    assert server.status(tmp_path).running is False
    assert not list((tmp_path / "server").glob("*.json"))
    assert credentials(tmp_path)["url"] == ""
    assert credentials(tmp_path)["api_key"] not in caught.value.message


def test_missing_label_studio_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the package, the fix says what to install."""
    monkeypatch.setitem(sys.modules, "label_studio", None)
    with pytest.raises(ServerError) as caught:
        server.start(tmp_path / ".curate")
    assert caught.value.fix == "pip install 'curate-events[server]'"
    assert not (tmp_path / ".curate").exists()


def test_missing_ps_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without ps no server is started, since it could not be told from others."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ServerError, match="ps"):
        server.start(tmp_path / ".curate")


def test_lost_credentials_are_not_made_up_again(tmp_path: Path, launched: list[int]) -> None:
    """A database whose credentials are gone is an error: a new password would not open it."""
    database = tmp_path / "server" / "data" / "label_studio.sqlite3"
    database.parent.mkdir(parents=True)
    database.touch()
    with pytest.raises(ServerError, match=r"credentials\.json"):
        server.start(tmp_path)
    assert launched == []
    assert not (tmp_path / "credentials.json").exists()


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        '{"url": "http://127.0.0.1:1"}',
        json.dumps({"url": "https://labels.example.org", "email": "a@b.c", "password": "", "api_key": "k"}),
    ],
)
def test_unusable_credentials_are_kept_and_told(tmp_path: Path, text: str, launched: list[int]) -> None:
    """Credentials that are broken, or another server's, stop the start and are not overwritten."""
    path = tmp_path / "credentials.json"
    path.write_text(text)
    with pytest.raises(ServerError, match=r"credentials\.json"):
        server.start(tmp_path)
    assert path.read_text() == text
    assert launched == []


def test_folder_without_a_server_is_left_untouched(tmp_path: Path) -> None:
    """Stop and status of a folder that never had a server say so and write nothing."""
    assert server.stop(tmp_path) is False
    told = server.status(tmp_path)
    assert (told.running, told.email, told.url) == (False, None, None)
    assert list(tmp_path.iterdir()) == []
