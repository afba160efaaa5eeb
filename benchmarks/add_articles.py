"""How long `curate add` takes: a made-up newsroom's export, as files and as lines, the first time and again.

Run it with: python benchmarks/add_articles.py [COUNT | FILE.jsonl]. The ratios compare stages of the same run.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from curate import api
from curate.starting import init


def articles(count: int) -> list[dict[str, str]]:
    """Make articles of about 300 words, one in fifty a near copy of the one before."""
    source = random.Random(1)
    words = ["".join(source.choices("aeioubcdfglmnprst", k=source.randint(2, 9))) for _ in range(5000)]
    made: list[dict[str, str]] = []
    for number in range(count):
        said = [word + source.choice(["", "", "", ",", "."]) for word in source.choices(words, k=300)]
        if number % 50 == 49:
            said = made[-1]["text"].split(" ")
            said[150] = "correction"
        made.append({"id": f"a{number:06d}", "text": " ".join(said), "title": f"Report {number}"})
    return made


def timed(what: str, action: Callable[[], object], base: float | None = None) -> float:
    """Run something once and print what it took, and how that compares with a base."""
    begin = time.perf_counter()
    action()
    took = time.perf_counter() - begin
    print(f"{what:42} {took:8.2f} s" + (f"  {took / base:5.2f} of the first" if base else ""))
    return took


def main() -> None:
    """Add the articles three ways, each in a project of its own."""
    given = sys.argv[1] if len(sys.argv) > 1 else "500"
    if given.isdigit():
        rows = articles(int(given))
    else:
        rows = [json.loads(line) for line in Path(given).read_text(encoding="utf-8").splitlines()]
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        lines, files = folder / "lines.jsonl", folder / "files"
        lines.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        files.mkdir()
        for number, row in enumerate(rows):
            (files / f"{number:06d}.txt").write_text(row["text"], encoding="utf-8")
        one, other = init(folder / "one"), init(folder / "other")
        print(f"{len(rows)} articles, {lines.stat().st_size / 1e6:.1f} MB")
        first = timed("add a .jsonl", lambda: api.add([lines], one))
        timed("add it again", lambda: api.add([lines], one), first)
        timed("add a folder of .txt", lambda: api.add([files], other), first)


if __name__ == "__main__":
    main()
