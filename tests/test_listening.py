"""Where a server may listen, what people may be sent to, and what is said about it."""

from __future__ import annotations

from pathlib import Path

import pytest

from curate.errors import UsageError
from curate.labelstudio.folder import Credentials
from curate.labelstudio.listening import Listening, environment, exposure, listening

CREDENTIALS = Credentials("", "curate@localhost", "p" * 20, "k" * 40)


@pytest.mark.parametrize("host", ["", "example.org", "::1", "1.2.3", "192.0.2.1", "256.0.0.1"])
def test_only_an_address_of_this_machine_will_do(host: str) -> None:
    """A name, IPv6, half an address or another machine's is refused with the way to find the right one."""
    with pytest.raises(UsageError, match="--host") as caught:
        listening(host, "")
    assert "on macOS ifconfig" in caught.value.fix


def test_every_address_needs_a_name() -> None:
    """A server on all addresses can't know by which one people come."""
    with pytest.raises(UsageError) as caught:
        listening("0.0.0.0", "")
    assert "--public-url" in caught.value.fix
    assert listening("0.0.0.0", "http://labels:8080").reached_at(8080) == "http://127.0.0.1:8080"


@pytest.mark.parametrize(
    "url",
    [
        "labels.example.org",
        "ftp://labels.example.org",
        "https://",
        "https://a/labels",
        "https://me:secret@a",
        "http://a:99999",
        "http://a?b",
        "http://a,http://b",
    ],
)
def test_a_public_url_is_scheme_name_and_port(url: str) -> None:
    """Anything more, or less, is refused, and a password in it isn't repeated."""
    with pytest.raises(UsageError) as caught:
        listening("127.0.0.1", url)
    assert "secret" not in caught.value.message + caught.value.fix


def test_names_follow_from_where_it_listens() -> None:
    """The server answers to loopback, its address and its public name, and trusts forms of its public page alone."""
    alone = environment(Path("x"), CREDENTIALS, listening("localhost", ""))
    assert alone["ALLOWED_HOSTS"] == "127.0.0.1,localhost"
    assert "CSRF_TRUSTED_ORIGINS" not in alone
    assert "SESSION_COOKIE_SECURE" not in alone
    far = environment(Path("x"), CREDENTIALS, listening("0.0.0.0", "https://labels.example.org:8443/"))
    assert far["ALLOWED_HOSTS"] == "127.0.0.1,labels.example.org,localhost"
    assert far["CSRF_TRUSTED_ORIGINS"] == "https://labels.example.org:8443"
    assert far["SESSION_COOKIE_SECURE"] == "1"
    near = environment(Path("x"), CREDENTIALS, Listening("192.0.2.1", ""))
    assert near["ALLOWED_HOSTS"] == "127.0.0.1,192.0.2.1,localhost"


def test_what_is_exposed_is_said() -> None:
    """Nothing on loopback; otherwise what signed-in people can do, and that plain http can be read."""
    assert exposure("127.0.0.1", "") == []
    plain = "\n".join(exposure("192.0.2.1", ""))
    assert "192.0.2.1" in plain
    assert "delete every project" in plain
    assert "Plain http" in plain
    behind = "\n".join(exposure("127.0.0.1", "https://labels.example.org"))
    assert "delete every project" in behind
    assert "Plain http" not in behind
