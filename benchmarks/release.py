"""Adjudicating, releasing and verifying many records: CPU, peak memory, the ratio to a bare write with pyarrow.

    .venv/bin/python benchmarks/release.py [RECORDS]

Each step runs in a process of its own. The peak is that of the whole command, its libraries included; the ratio that
of `curate release` to writing the same tables.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

RECORDS = 100_000


def make(folder: Path, number: int) -> dict[str, Any]:
    """Make the project."""
    from corpus import write_project

    write_project(folder, number)
    return {"articles": (folder / "articles.jsonl").stat().st_size / 1e6}


def libraries(folder: Path, number: int) -> dict[str, Any]:
    """Only load what a release loads."""
    import datasets
    import pyarrow.parquet
    import rensa

    return {"versions": [datasets.__version__, pyarrow.__version__, rensa.__name__]}


def adjudicate(folder: Path, number: int) -> dict[str, Any]:
    """Settle it again, by agreement."""
    from curate import api

    path = folder / "curate.toml"
    path.write_text(path.read_text().replace("overlap = 2", "overlap = 1"))
    return {"decided": len(api.adjudicate("agree", folder).decided)}


def release(folder: Path, number: int) -> dict[str, Any]:
    """Release it."""
    from curate import api

    report = api.release("1.0.0", folder)
    return {"rows": report.rows}


def verify(folder: Path, number: int) -> dict[str, Any]:
    """Check every claim of the release."""
    from curate import api

    verdicts = api.verify(str(folder / "exports/releases/1.0.0"))
    return {"failed": [verdict.check for verdict in verdicts if verdict.wrong]}


def bare(folder: Path, number: int) -> dict[str, Any]:
    """Write the same tables with pyarrow, each from memory in one go; only the writing is timed."""
    import pyarrow.parquet as pq

    from curate.hub.parquet import ROW_GROUP, options

    took = from_rows = 0.0
    for path in sorted((folder / "exports/releases/1.0.0/data").rglob("*.parquet")):
        table = pq.read_table(path)
        rows = table.to_pylist()
        begun = time.process_time()
        pq.write_table(table, folder / "bare.parquet", row_group_size=ROW_GROUP, **options(table.schema))
        took += time.process_time() - begun
        begun = time.process_time()
        table.from_pylist(rows, schema=table.schema)
        from_rows += time.process_time() - begun
    return {"write": took, "from rows": from_rows}


STEPS = {step.__name__: step for step in (make, libraries, adjudicate, release, verify, bare)}


def run(step: str, folder: Path, number: int) -> dict[str, Any]:
    """Run a step in a process of its own."""
    command = [sys.executable, __file__, str(number), step, str(folder)]
    return json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)


def main(number: int) -> None:
    """Run all steps and print the comparison."""
    with tempfile.TemporaryDirectory(prefix="curate-release-") as temporary:
        told = {step: run(step, Path(temporary) / "project", number) for step in STEPS}
    cpu = told["release"]["cpu"]
    write, rows = told["bare"]["write"], told["bare"]["from rows"]
    print(f"records                                     {number}, articles {told['make']['articles']:.0f} MB")
    print(f"rows                                        {told['release']['rows']}")
    print(f"CPU seconds, whole release                  {cpu:.1f} ({1000 * cpu / number:.2f} ms a record)")
    print(f"peak memory, whole release                  {told['release']['memory']:.0f} MB")
    for name in ("adjudicate", "verify"):
        print(f"CPU seconds, peak memory, whole {name:10}  {told[name]['cpu']:.1f}, {told[name]['memory']:.0f} MB")
    print(f"verdicts that failed                        {', '.join(told['verify']['failed']) or 'none'}")
    print(f"peak memory, libraries alone                {told['libraries']['memory']:.0f} MB")
    print(f"CPU seconds, bare write of the tables       {write:.1f}: ratio {cpu / write:.1f}")
    print(f"CPU seconds, bare write from Python rows    {write + rows:.1f}: ratio {cpu / (write + rows):.1f}")


if __name__ == "__main__":
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else RECORDS
    if len(sys.argv) > 2:
        result = STEPS[sys.argv[2]](Path(sys.argv[3]), wanted)
        usage = resource.getrusage(resource.RUSAGE_SELF)
        result |= {"cpu": time.process_time(), "memory": usage.ru_maxrss / 1024}
        print(json.dumps(result))
    else:
        main(wanted)
