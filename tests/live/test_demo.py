"""The demo goes the whole way, and its account is read from what really happened."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from curate.demo.running import BUNDLED, demo
from curate.labelstudio import server
from curate.settings import read_settings


def go(folder: Path, migrated: Path, monkeypatch: pytest.MonkeyPatch, **more: Any) -> dict[str, Any]:
    """Run the demo on a Label Studio whose database is set up already."""
    start = server.start

    def start_prepared(private: Path, **options: Any) -> server.RunningServer:
        shutil.copytree(migrated, private, dirs_exist_ok=True)
        return start(private, **options)

    monkeypatch.setattr(server, "start", start_prepared)
    for name in ("LABEL_STUDIO_URL", "LABEL_STUDIO_API_KEY"):  # of the server that others share, where one is up
        monkeypatch.delenv(name, raising=False)
    return demo(folder, progress=lambda _: None, **more)


def test_the_demo_adds_up(tmp_path: Path, migrated: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten articles are pushed, one reading is held for its three faults, the rest is decided, released and loaded."""
    account = go(tmp_path / "demo", migrated, monkeypatch)
    assert account["pushed"] == 10
    assert account["held"] == {"camp-brisk": ["argument-unattached", "link-types", "role-not-allowed"]}
    assert (account["agreement"], account["intersection"], account["released"]) == (4, 3, 7)
    assert sorted(account["open"]) == ["camp-brisk", "marjan-outpost", "selva-refinery"]
    assert account["loaded"]["records"] == 7
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    assert "\n".join(account["lines"][1:-4]) in readme
    assert read_settings(tmp_path / "demo").dataset["name"] == "airbase-events"
    assert not server.status(tmp_path / "demo" / ".curate").running


def test_one_moved_offset_changes_the_account(tmp_path: Path, migrated: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When one bracket of one reading moves, the article is no longer decided by agreement."""
    readings = tmp_path / "readings"
    shutil.copytree(BUNDLED / "readings", readings)
    path = readings / "ben" / "tarsin-drones.txt"
    marked = path.read_text(encoding="utf-8")
    moved = marked.replace("armed [drones]", "[armed drones]", 1)
    assert moved != marked
    path.write_text(moved, encoding="utf-8")
    account = go(tmp_path / "demo", migrated, monkeypatch, readings=readings)
    assert (account["agreement"], account["intersection"]) == (3, 4)
    decisions = [json.loads(line) for line in (tmp_path / "demo/exports/decisions.jsonl").read_text().splitlines()]
    assert {one["article_id"]: one["rule"] for one in decisions}["tarsin-drones"] == "intersection"
