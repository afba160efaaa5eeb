"""From an export of Label Studio to checked annotations in Parquet: CPU, peak memory, and the ratio to a floor.

    .venv/bin/python benchmarks/check.py [TASKS ...]

Each way runs in a process of its own, in turn, some rounds; all times are CPU seconds of the whole process, the
median of the rounds. The table is that of a release's annotations with their texts, written as a release is; what the
floor and curate write is compared. The figures of the usual sizes are kept in check.json.

- floor: what the machine needs at least. Tasks split over mmap, typed decoding, columns made straight from what is
  decoded, Parquet; nothing is checked, and what a wrong export comes to is anybody's guess.
- obvious: ``json.load``, ``Dataset.from_list``, ``to_parquet`` of the tasks as they are.
- curate: every annotation translated and checked, and written to Parquet.
- unchecked: the same without the checks of meaning and shape; the difference is what checking costs.
- command: ``curate pull --from-file`` from start to end, which keeps what it read and writes JSON lines, findings and
  books; without Parquet.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from statistics import median
from types import SimpleNamespace
from typing import Any

TASKS = (20_000, 100_000)
ROUNDS = {20_000: 3}
"""How often each size is measured; once where nothing is said."""
RESULTS = Path(__file__).with_name("check.json")
WAYS = ("floor", "obvious", "curate", "unchecked", "command")
FEWER = ("floor", "curate", "command")
"""What is measured of more than 20,000 tasks; the obvious way would take 8 GB of 100,000."""
COLUMNS = "columns.arrow"


def make(folder: Path, number: int) -> dict[str, Any]:
    """Make the project, its export, and the columns of the table (kept, because making them loads datasets)."""
    import pyarrow as pa
    from label_studio_export import PEOPLE, write_export

    from curate.api import load_schema
    from curate.api.project import annotator_names
    from curate.hub.features import annotation_features
    from curate.settings import read_settings
    from curate.workspace import Workspace

    path = write_export(folder, number)
    schema = load_schema(read_settings(folder))
    columns = annotation_features(schema).arrow_schema.remove_metadata()
    place = columns.get_field_index("text_sha256") + 1
    (folder / COLUMNS).write_bytes(columns.insert(place, pa.field("text", pa.string())).serialize())
    name_of = annotator_names(Workspace(folder))
    known = {
        "types": list(schema.event_types),
        "people": {number: name_of(number) for number in range(1, PEOPLE + 1)},
        "attributes": {
            "trigger": [one.name for one in schema.attributes_on("trigger")],
            "event": [one.name for one in schema.attributes_on("trigger", "event")],
            "argument": [one.name for one in schema.attributes_on("argument")],
            "article": [one.name for one in schema.attributes_on("article")],
        },
        "mention": [one.name for one in schema.attributes_on("trigger", "mention")],
        "defaults": {name: one.default for name, one in schema.attributes.items()},
        "asked": {name: sorted(one.applies_to) for name, one in schema.attributes.items()},
    }
    (folder / COLUMNS).with_suffix(".json").write_text(json.dumps(known))
    return {"megabytes": path.stat().st_size / 1e6}


def floor(folder: Path, number: int) -> dict[str, Any]:
    """Write the table without looking left or right."""
    from floor import write_table

    from curate.collecting import collecting_seldom

    with collecting_seldom():
        return {"annotations": write_table(folder / "export.json", folder / COLUMNS, folder / "floor.parquet")}


def obvious(folder: Path, number: int) -> dict[str, Any]:
    """Do what everybody does first."""
    from datasets import Dataset

    with (folder / "export.json").open(encoding="utf-8") as stream:
        tasks = json.load(stream)
    for task in tasks:
        for annotation in task["annotations"]:
            annotation.pop("prediction")  # an empty struct, which Parquet can't hold
        task.pop("meta")
    Dataset.from_list(tasks).to_parquet(folder / "obvious.parquet")
    return {}


def curate(folder: Path, number: int) -> dict[str, Any]:
    """Translate, check and write every annotation."""
    return _curate(folder, "curate.parquet", checked=True)


def unchecked(folder: Path, number: int) -> dict[str, Any]:
    """Translate and write every annotation."""
    return _curate(folder, "unchecked.parquet", checked=False)


def _curate(folder: Path, name: str, *, checked: bool) -> dict[str, Any]:
    import pyarrow as pa

    from curate.answers import Pulled, Told
    from curate.api import load_schema
    from curate.api.project import annotator_names
    from curate.books import Ledger
    from curate.checking import check
    from curate.collecting import collecting_seldom
    from curate.hub.parquet import TableWriter
    from curate.judging import Context
    from curate.labelstudio.export import elements
    from curate.labelstudio.reading_answers import read_answer
    from curate.records import Annotation, Article, Note, Reading, canonical_json
    from curate.settings import read_settings
    from curate.stored import Stored, View
    from curate.validation import annotation_checker
    from curate.workspace import Workspace

    workspace, schema = Workspace(folder), load_schema(read_settings(folder))
    checker = annotation_checker(schema)
    columns = SimpleNamespace(arrow_schema=pa.ipc.read_schema(pa.BufferReader((folder / COLUMNS).read_bytes())))

    class Row(Reading, kw_only=True, omit_defaults=True):
        id: str
        article_id: str
        text_sha256: str
        text: str
        annotator: str
        schema: str | None
        notes: list[Note]

    public = [name for name in Row.__struct_fields__ if name != "text"]

    class Tasks(list[Told]):
        def __iter__(self) -> Iterator[Told]:
            with (folder / "export.json").open("rb") as stream:
                for task in map(read_answer, elements(stream, folder / "export.json")):
                    yield Told(task["data"]["article_id"], b"", *[partial(dict, task)] * 2)

    def findings(annotation: Annotation, article: Article) -> list[Any]:
        return checker(annotation, article) if checked else []

    annotations, errors = 0, 0
    with (
        collecting_seldom(),
        Stored(workspace.articles, Article) as versions,
        TableWriter(folder / name, columns) as table,
    ):
        articles = View(versions, lambda read: read[-1])
        context = Context(schema, {schema.stamp: schema}, articles, annotator_names(workspace), findings)
        for part in check(Pulled(Tasks()), context, Ledger()):
            errors += len(part.held)
            for one in part.annotations:
                annotations += 1
                row = Row(text=articles[one.article_id].text, **{name: getattr(one, name) for name in public})
                table.add(canonical_json(row))
    return {"annotations": annotations, "held": errors}


def command(folder: Path, number: int) -> dict[str, Any]:
    """Pull from the file as the command does."""
    from curate import api

    _, checked = api.pull(folder, from_file=folder / "export.json")
    return {"annotations": len(checked.annotations)}


def compare(folder: Path, number: int) -> dict[str, Any]:
    """Hold the tables of the floor and of curate against each other."""
    import pyarrow.parquet as pq

    tables = (pq.ParquetFile(folder / f"{way}.parquet").iter_batches() for way in ("floor", "curate"))
    if not all(one.equals(other) for one, other in zip(*tables, strict=True)):
        raise SystemExit("The floor and curate wrote different tables.")
    return {}


STEPS = {step.__name__: step for step in (make, floor, obvious, curate, unchecked, command, compare)}


def run(step: str, folder: Path, number: int) -> dict[str, Any]:
    """Run a step in a process of its own."""
    command = [sys.executable, __file__, str(number), step, str(folder)]
    # Modules are compiled once, as they are wherever curate is installed, and not in each process.
    environment = {"PYTHONPYCACHEPREFIX": str(folder.parent / "compiled"), **os.environ}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True)
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def measure(number: int) -> dict[str, Any]:
    """Run all ways in turn and compare them; this process stays small, as the peak of each begins with it."""
    ways = WAYS if number <= TASKS[0] else FEWER
    with tempfile.TemporaryDirectory(prefix="curate-check-") as temporary:
        folder = Path(temporary) / "project"
        made = run("make", folder, number)
        rounds: list[dict[str, dict[str, Any]]] = []
        for _ in range(ROUNDS.get(number, 1)):
            rounds.append({way: run(way, folder, number) for way in ways})
            shutil.rmtree(folder / "exports")
        run("compare", folder, number)
    cpu = {way: median(one[way]["cpu"] for one in rounds) for way in ways}
    told = {
        "tasks": number,
        "megabytes": round(made["megabytes"], 1),
        "annotations": rounds[0]["curate"]["annotations"],
        "cpu seconds": {way: round(cpu[way], 2) for way in ways},
        "tasks a second": {way: round(number / cpu[way]) for way in ways},
        "peak megabytes": {way: round(max(one[way]["memory"] for one in rounds)) for way in ways},
        "ratio to the floor": {way: round(cpu[way] / cpu["floor"], 2) for way in ways},
    }
    if ways is WAYS:
        told["obvious to curate"] = round(cpu["obvious"] / cpu["curate"], 2)
        told["share of checking"] = round(1 - cpu["unchecked"] / cpu["curate"], 3)
    return told


def show(told: dict[str, Any]) -> None:
    """Print the figures of one size."""
    print(f"{told['tasks']} tasks, {told['megabytes']} MB, {told['annotations']} annotations")
    print(f"{'':12}{'CPU s':>8}{'tasks/s':>9}{'peak MB':>9}{'x floor':>9}")
    for way in told["cpu seconds"]:
        columns = ("cpu seconds", "tasks a second", "peak megabytes", "ratio to the floor")
        print(f"{way:12}" + "".join(f"{told[column][way]:>{8 + bool(place)}}" for place, column in enumerate(columns)))
    if "obvious to curate" in told:
        print(f"the obvious way takes {told['obvious to curate']} x the time of curate", end="; ")
        print(f"checking is {told['share of checking']:.1%} of it")


def main(numbers: list[int]) -> None:
    """Measure each size and print it; keep it where it is a usual one."""
    kept = {one["tasks"]: one for one in json.loads(RESULTS.read_bytes())} if RESULTS.is_file() else {}
    for number in numbers:
        told = measure(number)
        show(told)
        if number in TASKS:
            kept[number] = told
            RESULTS.write_text(json.dumps([kept[size] for size in sorted(kept)], indent=1) + "\n")


if __name__ == "__main__":
    if len(sys.argv) > 3:
        result = STEPS[sys.argv[2]](Path(sys.argv[3]), int(sys.argv[1]))
        usage = resource.getrusage(resource.RUSAGE_SELF)
        result |= {"cpu": usage.ru_utime + usage.ru_stime, "memory": usage.ru_maxrss / 1024}
        print(json.dumps(result))
    else:
        main([int(number) for number in sys.argv[1:]] or [*TASKS])
