"""CPU and memory of settling 20,000 articles read by three people, policy by policy, beside reading them.

    .venv/bin/python benchmarks/adjudication_speed.py [ARTICLES]

The annotations are those of `benchmarks/agreement.py`. Every policy runs in a process of its own, which reads the
annotations first; what is printed is the policy's own CPU, checks of the records included.
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
from curate.adjudication.settling import adjudicate
from curate.records import Annotation, Article, Finding, Record
from curate.schema.compiling import record_schema
from curate.shapes import compile_validator
from curate.validation import check_record
from curate.workspace import read_lines
from event_schemas import CONFLICT_NEWS

POLICIES = ("agree", "majority", "intersection", "union", "annotator:ana")


def step(name: str, path: Path) -> dict[str, float]:
    """Settle by one policy; give CPU seconds of reading and of settling, peak memory in MB, and what came out."""
    begin = time.process_time()
    annotations = read_lines(path, Annotation)
    read = time.process_time() - begin
    text_of_all = agreement.text_of_all()
    articles = {
        one.article_id: Article(id=one.article_id, text=text_of_all, text_sha256=one.text_sha256) for one in annotations
    }
    validator = compile_validator(record_schema(CONFLICT_NEWS))

    def check(record: Record) -> list[Finding]:
        return list(check_record(record, CONFLICT_NEWS, validator))

    policy = read_policy(name)
    assert policy
    begin = time.process_time()
    outcome = adjudicate(articles, annotations, CONFLICT_NEWS, policy, 2, check)
    settled = time.process_time() - begin
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"read": read, "settle": settled, "peak": peak, "records": len(outcome.records), "open": len(outcome.open)}


def main() -> None:
    """Make the annotations, settle them by each policy, print a line for each."""
    if sys.argv[1:2] == ["--step"]:
        print(json.dumps(step(sys.argv[2], Path(sys.argv[3]))))
        return
    articles = int(sys.argv[1]) if sys.argv[1:] else agreement.ARTICLES
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "annotations.jsonl"
        agreement.write(path, articles)
        for policy in POLICIES:
            done = subprocess.run(
                [sys.executable, __file__, "--step", policy, str(path)], capture_output=True, check=True
            )
            found = json.loads(done.stdout)
            print(
                f"{policy:14} {found['settle']:6.1f} CPU s, {1000 * found['settle'] / articles:.2f} ms an article, "
                f"{found['settle'] / found['read']:4.1f} x reading, peak {found['peak']:.0f} MB: "
                f"{found['records']} records, {found['open']} open"
            )


if __name__ == "__main__":
    main()
