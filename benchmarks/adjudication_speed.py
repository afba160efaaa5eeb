"""CPU and memory of settling 20,000 articles read by three people, policy by policy, beside reading them.

    .venv/bin/python benchmarks/adjudication_speed.py [ARTICLES [POLICY ...]]

The annotations are those of `benchmarks/agreement.py`. Each step runs in a process of its own: only reading the
annotations one by one, and settling by each policy as `curate adjudicate` does, records checked and written.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import agreement

from curate.adjudication.policies import read_policy
from curate.adjudication.settling import settle
from curate.files import Replacement
from curate.records import Annotation, Article, Finding, Record, canonical_json, json_lines
from curate.schema.compiling import record_schema
from curate.shapes import compile_validator
from curate.stored import Stored, View
from curate.text import text_sha256
from curate.validation import check_record
from curate.workspace import stream_lines
from event_schemas import CONFLICT_NEWS

POLICIES = ("agree", "majority", "intersection", "union", "annotator:ana")


def make(folder: Path, articles: int) -> None:
    """Write the annotations, and the articles, which have one text."""
    agreement.write(folder / "annotations.jsonl", articles)
    text = agreement.text_of_all()
    with Replacement(folder / "articles.jsonl") as file:
        for number in range(articles):
            article = Article(id=f"article-{number:06d}", text=text, text_sha256=text_sha256(text))
            file.write(canonical_json(article) + b"\n")
        file.commit()


def read(folder: Path) -> dict[str, int]:
    """Read the annotations one by one."""
    return {"annotations": sum(1 for _ in stream_lines(folder / "annotations.jsonl", Annotation))}


def settled(folder: Path, name: str) -> dict[str, int]:
    """Settle by one policy."""
    validator = compile_validator(record_schema(CONFLICT_NEWS))

    def check(record: Record) -> list[Finding]:
        return check_record(record, CONFLICT_NEWS, validator)

    policy = read_policy(name)
    assert policy
    records = 0
    with (
        Stored(folder / "articles.jsonl", Article) as articles,
        Stored(folder / "annotations.jsonl", Annotation, "article_id") as annotations,
        Replacement(folder / "adjudicated.jsonl") as written,
        Replacement(folder / "decisions.jsonl") as decisions,
    ):
        texts = View(articles, lambda versions: versions[-1])
        for one in settle(texts, annotations, CONFLICT_NEWS, policy, lambda _: 2, check):
            decisions.write(json_lines(one.decisions))
            if one.record:
                written.write(json_lines([one.record]))
                records += 1
    return {"records": records, "open": len(articles) - records}


def step(name: str, folder: Path) -> dict[str, float]:
    """Run one step; give its CPU seconds, the peak memory in MB, and what came out."""
    begin = time.process_time()
    found = read(folder) if name == "reading" else settled(folder, name)
    cpu = time.process_time() - begin
    return {"cpu": cpu, "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, **found}


def main() -> None:
    """Make the project, run every step, print a line for each."""
    if sys.argv[1:2] == ["--step"]:
        print(json.dumps(step(sys.argv[2], Path(sys.argv[3]))))
        return
    articles = int(sys.argv[1]) if sys.argv[1:] else agreement.ARTICLES
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        make(folder, articles)
        reading = 0.0
        for name in ("reading", *(sys.argv[2:] or POLICIES)):
            command = [sys.executable, __file__, "--step", name, str(folder)]
            found = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
            cpu, peak = found.pop("cpu"), found.pop("peak")
            reading = reading or cpu
            told = ", ".join(f"{number} {what}" for what, number in found.items())
            each = 1000 * cpu / articles
            print(
                f"{name:14} {cpu:6.1f} CPU s, {each:.2f} ms an article, {cpu / reading:4.1f} x reading,"
                f" peak {peak:.0f} MB: {told}",
                flush=True,
            )


if __name__ == "__main__":
    main()
