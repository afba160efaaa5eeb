"""A project with the bundled articles and readings, as if they had been annotated on a server and pulled."""

from __future__ import annotations

import atexit
import shutil
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from curate import api
from curate.demo.running import BUNDLED, describe_dataset, marked_result
from curate.records import canonical_json
from curate.settings import read_settings
from curate.starting import init
from curate.workspace import Workspace, read_articles, write_private

PEOPLE = {"11": "ana.reed@example.org", "12": "ben.stone@example.org"}


def pulled(folder: Path) -> Path:
    """Put a project into the folder with every bundled reading in its raw answers, checked.

    It is made once for each name of a folder and copied from then on, its workspace and pseudonyms with it.
    """
    return Path(shutil.copytree(_made(folder.name), folder, dirs_exist_ok=True))


@cache
def _made(name: str) -> Path:
    kept = mkdtemp()
    atexit.register(shutil.rmtree, kept, ignore_errors=True)
    folder = Path(kept) / name
    init(folder)
    describe_dataset(folder)
    api.add([BUNDLED / "articles.jsonl"], folder)
    settings = read_settings(folder)
    workspace, schema = Workspace(settings.folder), api.load_schema(settings)
    tasks = []
    for number, article in enumerate(read_articles(workspace).values(), 1):
        data = {"article_id": article.id, "text": article.text, "text_sha256": article.text_sha256}
        made = []
        for user, name in (("11", "ana"), ("12", "ben")):
            reading = BUNDLED / "readings" / name / f"{article.id}.txt"
            if reading.is_file():
                made.append(annotation(number * 10 + len(made), int(user), marked_result(reading, article, schema)))
        tasks.append({"id": number, "project": 1, "data": data, "annotations": made, "drafts": [], "predictions": []})
    raw = workspace.raw / "project-1-20260101"
    raw.mkdir(parents=True)
    (raw / "000001.jsonl").write_bytes(b"".join(canonical_json(task) + b"\n" for task in tasks))
    write_private(workspace, "people.json", PEOPLE)
    api.check(folder)
    return folder


def annotation(number: int, user: int, result: list[dict[str, Any]]) -> dict[str, Any]:
    """Give an annotation as the server tells it."""
    return {
        "id": number,
        "completed_by": user,
        "was_cancelled": False,
        "created_at": f"2026-01-01T00:00:{number % 60:02d}.000000Z",
        "updated_at": f"2026-01-01T00:00:{number % 60:02d}.000000Z",
        "lead_time": 60.5,
        "result": result,
    }
