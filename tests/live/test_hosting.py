"""A server for annotators on other machines, tried over a second loopback address and as a proxy would pass it on."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest

from curate.api import server_url
from curate.errors import ServerError
from curate.labelstudio import server
from curate.labelstudio.folder import read_credentials
from curate.starting import init

PUBLIC = "https://labels.example.org"


@pytest.fixture(scope="module")
def project(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A project with a server of its own, started before."""
    folder = init(tmp_path_factory.mktemp("hosting") / "airbase")
    shutil.copytree(migrated, folder / ".curate", dirs_exist_ok=True)
    yield folder
    server.stop(folder / ".curate")


def ask(url: str, path: str, form: dict[str, str] | None = None, **headers: str) -> HTTPResponse:
    """Send one request and give the answer, its body read."""
    connection = HTTPConnection(urlsplit(url).netloc, timeout=30)
    body = urlencode(form) if form else None
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    if form:
        named["Content-Type"] = "application/x-www-form-urlencoded"
    connection.request("POST" if form else "GET", path, body, named)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer


def listens(url: str) -> bool:
    """Whether anything takes a connection there."""
    parts = urlsplit(url)
    with socket.socket() as attempt:
        return attempt.connect_ex((parts.hostname, parts.port)) == 0


def sign_up(running: server.RunningServer, email: str, origin: str) -> HTTPResponse:
    """Fill in the sign-up form the way a proxy passes it on that ends https and keeps the name."""
    path = str(running.invite_url).removeprefix(PUBLIC)
    opened = ask(running.url, path, Host="labels.example.org")
    token = opened.headers["Set-Cookie"].split("csrftoken=")[1].split(";")[0]
    form = {"email": email, "password": "a long password", "csrfmiddlewaretoken": token}
    headers = {"Host": "labels.example.org", "Origin": origin, "Cookie": f"csrftoken={token}"}
    return ask(running.url, path, form, **headers)


def test_open_to_others_only_as_asked_and_only_once(project: Path) -> None:
    """The server listens where it is told, answers to its names alone, takes its own forms, and forgets it all."""
    folder = project / ".curate"
    opened = server.start(folder, host="127.0.0.2", public_url=PUBLIC)
    port = urlsplit(opened.url).port
    assert opened.url == f"http://127.0.0.2:{port}"
    assert not listens(f"http://127.0.0.1:{port}")
    assert str(opened.invite_url).startswith(f"{PUBLIC}/user/signup/?token=")
    assert server_url(project) == PUBLIC
    told = server.status(folder)
    assert (told.url, told.host, told.public_url, told.invite_url) == (
        opened.url,
        "127.0.0.2",
        PUBLIC,
        opened.invite_url,
    )

    assert ask(opened.url, "/user/login/", Host="labels.example.org").status == 200
    assert ask(opened.url, "/user/login/", Host="evil.example.org").status == 400
    joined = sign_up(opened, "far@example.org", PUBLIC)
    assert joined.status == 302
    session = next(line for line in joined.headers.get_all("Set-Cookie", []) if line.startswith("sessionid="))
    assert "; Secure" in session
    assert sign_up(opened, "forged@example.org", "https://evil.example.org").status == 403

    assert server.start(folder).pid == opened.pid
    with pytest.raises(ServerError, match=r"up already, on 127\.0\.0\.2") as caught:
        server.start(folder, host="127.0.0.1")
    assert "curate server stop" in caught.value.fix
    server.stop(folder)

    again = server.start(folder)
    assert (again.host, again.public_url, again.url) == ("127.0.0.1", "", f"http://127.0.0.1:{port}")
    assert not listens(opened.url)
    assert str(again.invite_url).startswith(f"{again.url}/user/signup/")
    assert server_url(project) == again.url
    assert ask(again.url, "/user/login/").status == 200
    assert ask(again.url, "/user/login/", Host=f"localhost:{port}").status == 200
    assert ask(again.url, "/user/login/", Host="labels.example.org").status == 400
    credentials = read_credentials(folder)
    assert credentials is not None
    assert credentials.public_url == ""
