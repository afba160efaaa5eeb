"""What `curate report` takes on a project of many articles: CPU, memory, the size of the file, beside other commands.

    .venv/bin/python benchmarks/report.py [ARTICLES] [FOLDER]

The bundled articles are repeated, three simulated people read each, and all of it is checked and adjudicated. Each
command then runs in a process of its own. With a FOLDER the project stays there.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import msgspec

import simulation
from curate import api
from curate.demo.running import BUNDLED, describe_dataset
from curate.labelstudio.writing import result_of
from curate.markup import parse, to_reading
from curate.records import Article, Reading, canonical_json
from curate.starting import init
from curate.text import text_sha256
from curate.workspace import Workspace, read_articles, write_lines, write_private
from event_schemas import CONFLICT_NEWS
from sample_project import annotation

ARTICLES = 500
PEOPLE = {"11": "ana@example.org", "12": "ben@example.org", "13": "cem@example.org"}
RATES = (
    simulation.Rates(drop=0.05, shift=0.03, retype=0.02, rerole=0.02, revalue=0.03),
    simulation.Rates(drop=0.12, shift=0.08, retype=0.06, rerole=0.05, revalue=0.08, part=0.1),
    simulation.Rates(drop=0.3, shift=0.1, retype=0.1, rerole=0.1, revalue=0.1, part=0.2),
)
WORLD = simulation.World(
    {name: sorted(kind.roles) for name, kind in CONFLICT_NEWS.event_types.items()},
    {name: list(attribute.values) for name, attribute in CONFLICT_NEWS.attributes.items()},
)
STEPS = ("status", "agree", "report")


def build(folder: Path, number: int) -> None:
    """Make a project of so many articles, as if three people had read them and all was pulled."""
    init(folder, overlap=3)
    describe_dataset(folder)
    workspace = Workspace(folder)
    bundled = list(_bundled())
    articles = []
    for place in range(number):
        article, _ = bundled[place % len(bundled)]
        text = f"{article.text}\n\nBulletin {place + 1}."
        name = f"{article.id}-{place // len(bundled) + 1:04d}"
        articles.append(msgspec.structs.replace(article, id=name, text=text, text_sha256=text_sha256(text)))
    write_lines(workspace.articles, sorted(articles, key=lambda article: article.id))
    truths = {article.id: reading for article, reading in bundled}
    raw = workspace.raw / "project-1-20260101"
    raw.mkdir(parents=True)
    with (raw / "000001.jsonl").open("wb") as lines:
        for task in _tasks(list(read_articles(workspace).values()), truths):
            lines.write(canonical_json(task) + b"\n")
    write_private(workspace, "people.json", PEOPLE)
    api.check(folder)
    api.adjudicate("majority", folder)


def _bundled() -> Iterator[tuple[Article, Reading]]:
    for path in sorted((BUNDLED / "readings" / "ana").glob("*.txt")):
        marked = parse(path.read_text(encoding="utf-8").removesuffix("\n"))
        article = Article(id=path.stem, text=marked.text, text_sha256="", title=path.stem.replace("-", " ").title())
        yield article, to_reading(marked, CONFLICT_NEWS)


def _tasks(articles: list[Article], truths: dict[str, Reading]) -> Iterator[dict[str, object]]:
    random = Random(20_261_125)
    for number, article in enumerate(articles, 1):
        data = {"article_id": article.id, "text": article.text, "text_sha256": article.text_sha256}
        made = []
        for place, user in enumerate(PEOPLE):
            if random.random() < 0.1:
                continue
            reading = simulation.misread(truths[article.id[:-5]], article.text, RATES[place], WORLD, random)
            try:
                result = result_of(reading, CONFLICT_NEWS)
            except ValueError:
                result = result_of(truths[article.id[:-5]], CONFLICT_NEWS)
            made.append(annotation(number * 10 + place, int(user), result))
        yield {"id": number, "project": 1, "data": data, "annotations": made, "drafts": [], "predictions": []}


def measured(step: str, folder: Path) -> dict[str, float]:
    """Run a step in this process, after its imports, and give CPU seconds, seconds and megabytes."""
    verb = {"status": api.status, "agree": api.agree, "report": api.report}[step]
    cpu, begin = time.process_time(), time.perf_counter()
    verb(folder)
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"cpu": time.process_time() - cpu, "seconds": time.perf_counter() - begin, "megabytes": used}


def main() -> None:
    """Build, run each step, print."""
    number = int(sys.argv[1]) if len(sys.argv) > 1 else ARTICLES
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(sys.argv[2] if len(sys.argv) > 2 else scratch)
        # Not in this process: what a process once needed counts for those it starts.
        subprocess.run([sys.executable, __file__, "--build", str(folder), str(number)], check=True)
        print(f"{number} articles, {len(PEOPLE)} people")
        for step in STEPS:
            command = [sys.executable, __file__, "--step", step, str(folder)]
            took = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
            print(f"{step:8} {took['cpu']:7.2f} s CPU {took['seconds']:7.2f} s {took['megabytes']:6.0f} MB")
        print(f"{'file':8} {(folder / 'exports' / 'report.html').stat().st_size / 1024:7.0f} KB")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--step"]:
        print(json.dumps(measured(sys.argv[2], Path(sys.argv[3]))))
    elif sys.argv[1:2] == ["--build"]:
        build(Path(sys.argv[2]), int(sys.argv[3]))
    else:
        main()
