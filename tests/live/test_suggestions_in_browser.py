"""What an annotator makes of suggestions in a real Chromium, and what is counted of it."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser

from curate import api
from curate.labelstudio import server
from curate.suggesters.options import Options
from live.conftest import NewProject
from live.intentions import Case
from live.newsroom import open_newsroom

TEXT = "Rebels led a raid on Osk. The siege of Velm went on."
SUGGESTER = """\
def suggest(article):
    return [
        {"type": "Attack", "trigger": {"quote": "raid"}, "arguments": [
            {"role": "actor", "quote": "Rebels"}, {"role": "target", "quote": "Osk"}]},
        {"type": "Campaign", "trigger": {"quote": "siege"}},
    ]


suggest.version = "3"
"""


def test_accepted_corrected_and_begun_from_nothing(
    tmp_path: Path, new_project: NewProject, label_studio: server.RunningServer, browser: Browser
) -> None:
    """In the label stream one suggestion is accepted, one corrected; the article that is held out has none."""
    draw = Options("suggester:suggest", 0.34, "any", by_score=False)
    numbers = iter(range(100))
    held = next(name for name in (f"held-{number}" for number in numbers) if draw.held_out(name))
    names = [name for name in (f"told-{number}" for number in numbers) if not draw.held_out(name)][:2]
    cases = [Case(name, TEXT, None) for name in (*names, held)]
    with (
        new_project(tmp_path / "suggested") as folder,
        open_newsroom(folder, label_studio, browser, cases) as room,
    ):
        (folder / "suggester.py").write_text(SUGGESTER, encoding="utf-8")
        with (folder / "curate.toml").open("a", encoding="utf-8") as settings:
            settings.write('\n[suggest]\nby = "suggester:suggest"\nhold_out = 0.34\nseed = "any"\n')
        suggested = api.suggest(None, folder)
        assert str(suggested.version).startswith("suggester:suggest@3 conflict-news@")
        desk, screen = room.desk, room.desk.screen
        assert desk.open_stream() == room.tasks[names[0]]
        screen.until(lambda: len(screen.regions()) == 4, "the suggestion is laid before the annotator")
        assert {one["id"]: screen.entry(one["id"]).get("parentID") for one in screen.regions()} == {
            "t1": None, "a1": "t1", "a2": "t1", "t2": None,
        }  # fmt: skip
        kept = desk.submit()
        assert desk.shown() == room.tasks[names[1]]
        screen.until(lambda: len(screen.regions()) == 4, "the next suggestion is laid before the annotator")
        region = {desk.text[one["start"] : one["end"]]: one["id"] for one in screen.regions()}
        desk.relabel(region["siege"], "Attack")
        desk.delete(region["Osk"])
        desk.nest(desk.draw("Velm", "target"), region["siege"])
        changed = desk.submit()
        assert desk.shown() == room.tasks[held]
        assert screen.regions() == []
        desk.draw("raid", "Attack")
        alone = desk.submit()
        desk.expect_no_complaints()
        assert [one["parent_prediction"] is None for one in (kept, changed, alone)] == [False, False, True]
        room.pull(kept["id"])
        found = api.status(folder).accepted
        told = found.versions[str(suggested.version)]
        assert (told.begun.readings, found.held_out.readings, found.without.readings) == (2, 1, 0)
        assert told.types == {
            "Attack": {"kept": 2, "changed": 1, "removed": 0, "added": 0},
            "Campaign": {"kept": 1, "changed": 0, "removed": 0, "added": 0},
        }
        assert told.roles == {
            "actor": {"kept": 2, "changed": 0, "removed": 0, "added": 0},
            "target": {"kept": 1, "changed": 0, "removed": 1, "added": 1},
        }
        assert api.suggest(None, folder).changes == 0
