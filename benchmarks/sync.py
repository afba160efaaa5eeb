"""Push and pull of many articles on a real Label Studio: seconds and memory, whole and after three changes.

    .venv/bin/python benchmarks/sync.py [ARTICLES]

Starts a server of its own in a temporary folder, pushes articles of about 3 KB, puts two annotations of 8 regions on
each, pulls all of it and again at once, waits five minutes, changes three, pulls, and checks. Each command runs in a
process of its own. Prints what each took: seconds by the clock and of processor time, the most memory it and the server
held.
"""

from __future__ import annotations

import os
import random
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from curate.demo import annotators
from curate.labelstudio import server
from curate.labelstudio.cursor import OVERLAP
from curate.labelstudio.folder import read_credentials
from curate.labelstudio.tasks import task_data
from curate.lastcheck import NOTE
from curate.records import Article
from curate.starting import init
from curate.text import text_sha256
from curate.workspace import Workspace, write_lines

WORDS = [
    "the",
    "drones",
    "struck",
    "a",
    "convoy",
    "near",
    "river",
    "crossing",
    "before",
    "dawn",
    "officials",
    "said",
    "and",
    "troops",
    "left",
    "town",
]


def article(number: int) -> Article:
    """Make up an article of about 3 KB."""
    draw = random.Random(number)
    text = f"Report {number}. " + " ".join(draw.choice(WORDS) for _ in range(560)) + "."
    return Article(id=f"report-{number:06d}", text=text, text_sha256=text_sha256(text))


def result(text: str, labels: list[str]) -> list[dict[str, Any]]:
    """Draw eight words of a text, as the page would."""
    found = [match.span() for match in re.finditer(r"\w+", text)][5:200:25]
    return [
        {
            "id": f"r{place}",
            "type": "labels",
            "from_name": "label",
            "to_name": "text",
            "origin": "manual",
            "value": {"start": start, "end": end, "text": text[start:end], "labels": [labels[place % len(labels)]]},
        }
        for place, (start, end) in enumerate(found)
    ]


def memory(pid: int) -> int:
    """Tell the most memory a process and those below it held, in MB, as Linux counts it."""
    total = 0
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            told = dict(line.split(":\t", 1) for line in status.read_text().splitlines() if ":\t" in line)
        except OSError:
            continue
        if pid in (int(told["Pid"]), int(told["PPid"])) and "VmHWM" in told:
            total += int(told["VmHWM"].split()[0]) // 1024
    return total


def run(folder: Path, *arguments: str) -> tuple[float, float, int]:
    """Run a command; give its seconds, its processor seconds, and the most memory it held, in MB."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    program = (
        # Not ru_maxrss, which begins with what the process had that started this one.
        "import sys\nfrom curate.cli import main\ntry:\n    main()\nfinally:\n"
        "    [peak] = [line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')]\n"
        "    print('PEAK', int(peak) // 1024, file=sys.stderr)"
    )
    command = [sys.executable, "-c", program, "--project", str(folder), "--quiet", *arguments]
    # Modules are compiled once, as they are wherever curate is installed, and not in each process.
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(folder.parent / "compiled")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        raise SystemExit(done.stderr)
    seconds, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return seconds, processor, int(done.stderr.rsplit("PEAK ", 1)[1])


def told(what: str, took: tuple[float, float, int], up: server.RunningServer) -> None:
    """Print a line of the table."""
    seconds, processor, peak = took
    print(f"{what:44} {seconds:7.1f} s {processor:7.1f} s CPU {peak:6} MB   server {memory(up.pid)} MB", flush=True)


def annotate(folder: Path, up: server.RunningServer, articles: list[Article], labels: list[str]) -> list[int]:
    """Put tasks with two annotations each in the place of those that were pushed; give their numbers.

    Posting annotations one by one would take the server an hour; importing them with their tasks takes a minute.
    """
    with asking(folder, up) as asked:
        people = [one["id"] for one in asked.get("/api/users").json()][:2]
        project = asked.get("/api/projects").json()["results"][0]["id"]
        everything = {"selectedItems": {"all": True, "excluded": []}}
        asked.post(f"/api/dm/actions?id=delete_tasks&project={project}", json=everything).raise_for_status()
        numbers: list[int] = []
        for begin in range(0, len(articles), 500):
            batch = [
                {
                    "data": task_data(one),
                    "annotations": [
                        {"result": result(one.text, labels), "completed_by": who, "ground_truth": False}
                        for who in people
                    ],
                }
                for one in articles[begin : begin + 500]
            ]
            path = f"/api/projects/{project}/import?return_task_ids=true"
            answer = asked.post(path, json=batch)
            answer.raise_for_status()
            numbers += answer.json()["task_ids"]
        return numbers


@contextmanager
def asking(folder: Path, up: server.RunningServer) -> Iterator[httpx.Client]:
    """Ask the server past curate."""
    credentials = read_credentials(folder / ".curate")
    assert credentials
    headers = {"Authorization": f"Token {credentials.api_key}"}
    with httpx.Client(base_url=up.url, headers=headers, timeout=600, trust_env=False) as asked:
        yield asked


def change(folder: Path, up: server.RunningServer, tasks: list[int]) -> None:
    """Take the last region out of an annotation of some tasks."""
    with asking(folder, up) as asked:
        for task in tasks:
            first = asked.get(f"/api/tasks/{task}/").json()["annotations"][0]
            body = {"result": first["result"][:-1]}
            asked.patch(f"/api/annotations/{first['id']}/", json=body).raise_for_status()


def main(number: int) -> None:
    """Measure."""
    with tempfile.TemporaryDirectory() as made:
        folder = init(Path(made) / "many", "conflict-news")
        up = server.start(folder / ".curate")
        try:
            annotators.sign_up(str(up.invite_url), "second@example.org").session.close()
            articles = [article(one) for one in range(number)]
            write_lines(Workspace(folder).articles, articles)
            told(f"push {number} articles", run(folder, "push", "--yes"), up)
            told("push again: nothing to do", run(folder, "push", "--yes"), up)
            began = time.monotonic()
            tasks = annotate(folder, up, articles, ["Attack", "target"])
            print(f"{'two annotations on each, imported':44} {time.monotonic() - began:7.1f} s", flush=True)
            told("pull all", run(folder, "pull"), up)
            told("pull again at once: listed, not read", run(folder, "pull"), up)
            time.sleep(OVERLAP.total_seconds())
            told("pull five minutes later: the same", run(folder, "pull"), up)
            told("pull: nothing new", run(folder, "pull"), up)
            change(folder, up, tasks[:: len(tasks) // 3 + 1])
            told("pull after 3 changes", run(folder, "pull"), up)
            told("check: nothing changed", run(folder, "check"), up)
            (Workspace(folder).private / NOTE).unlink()
            told("check: all from nothing", run(folder, "check"), up)
        finally:
            server.stop(folder / ".curate")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
