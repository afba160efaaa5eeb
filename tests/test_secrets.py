"""Which secrets a project knows of, all of which are looked for before anything is published."""

from __future__ import annotations

import json
from pathlib import Path

from curate.api.people import LOGIN
from curate.settings import read_settings, secrets_of
from curate.starting import init


def test_the_passwords_of_annotators_are_among_them(tmp_path: Path) -> None:
    """As long as somebody's login details lie there, their password must not come into a release."""
    folder = init(tmp_path / "desk")
    logins = folder / ".curate" / "logins"
    logins.mkdir(parents=True)
    told = LOGIN.format(url="http://127.0.0.1:9", email="ana@example.org", password="sesame-open")
    (logins / "annotator-1.txt").write_text(told, encoding="utf-8")
    (logins / "annotator-2.txt").write_text("Passed on.", encoding="utf-8")
    (logins.parent / "credentials.json").write_text(json.dumps({"api_key": "abc"}), encoding="utf-8")
    found = secrets_of(read_settings(folder))
    assert found["the password of annotator-1"] == "sesame-open"
    assert found["the key of the project's own server"] == "abc"
    assert not any("annotator-2" in what for what in found)
