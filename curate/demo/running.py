"""The demo: the main job from nothing, on bundled articles and readings, with nothing pretended but the Hub."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from curate import api
from curate.demo import annotators, loopback_hub
from curate.errors import CurateError, InputError
from curate.files import write_atomic
from curate.labelstudio.writing import result_of
from curate.markup import MarkupError, parse, to_reading
from curate.records import Article
from curate.schema.model import EventSchema
from curate.settings import read_settings
from curate.starting import init
from curate.wording import counted
from curate.workspace import Workspace, read_articles

BUNDLED = Path(__file__).parent
REPOSITORY = "demo/airbase-events"
VERSION = "1.0.0"
LOADING = """\
import json, sys
from datasets import disable_progress_bars, load_dataset
disable_progress_bars()
gold = load_dataset(sys.argv[1], revision=sys.argv[2])
rows = [row for split in gold.values() for row in split]
events = sum(len(row["events"]) for row in rows)
arguments = sum(len(event["arguments"]) for row in rows for event in row["events"])
print(json.dumps({"records": len(rows), "events": events, "arguments": arguments}))
"""

Progress = Callable[[str], None]


def demo(
    folder: Path | None = None,
    *,
    keep: bool = False,
    progress: Progress = print,
    readings: Path = BUNDLED / "readings",
) -> dict[str, Any]:
    """Go the whole way in ``folder``, a new one unless named, and give the account read from the written files.

    ``readings`` holds a folder of marked-up articles for each annotator. ``keep`` leaves Label Studio up.
    """
    from curate.labelstudio import server

    folder = folder or Path(tempfile.mkdtemp(prefix="curate-demo-"))
    progress(f"1/7 A new project in {folder}")
    plan = json.loads((BUNDLED / "plan.json").read_text(encoding="utf-8"))
    init(folder, plan["schema"])
    describe_dataset(folder)
    progress("2/7 Label Studio starts (the first time it sets up its database: about half a minute)")
    running = server.start(folder / ".curate", progress=lambda line: progress(f"    {line}"))
    try:
        with loopback_hub.start(folder / "hub") as hub:
            pushed = _annotate(folder, str(running.invite_url), running.url, readings, plan["slips"], progress)
            loaded = _curate(folder, hub, progress)
    finally:
        if not keep:
            server.stop(folder / ".curate")
    return _account(folder, pushed, loaded, keep)


def describe_dataset(folder: Path) -> None:
    """Fill in what is asked about the dataset, as a lead would in curate.toml."""
    path = folder / "curate.toml"
    settings = path.read_text(encoding="utf-8").partition("[dataset]")[0]
    write_atomic(path, (settings + (BUNDLED / "dataset.toml").read_text(encoding="utf-8")).encode())


def _annotate(
    folder: Path, invite_url: str, url: str, readings: Path, slips: dict[str, Any], progress: Progress
) -> str:
    api.add([BUNDLED / "articles.jsonl"], folder)
    pushed = api.push(folder)
    progress(f"3/7 {len(pushed.plan.create)} articles pushed: {pushed.url}")
    settings = read_settings(folder)
    schema = api.load_schema(settings)
    articles = read_articles(Workspace(folder))
    project = int(str(pushed.url).split("/projects/")[1].split("/")[0])
    for person in sorted(path.name for path in readings.iterdir() if path.is_dir()):
        annotator = annotators.sign_up(invite_url, f"{person}@example.org")
        tasks = annotators.tasks_of(annotator, url, project)
        files = sorted((readings / person).glob("*.txt"))
        for path in files:
            result = marked_result(path, articles[path.stem], schema)
            if (person, path.stem) == (slips["annotator"], slips["article"]):
                result = with_slips(result, slips)
            annotators.submit(annotator, url, tasks[path.stem], result)
        annotator.session.close()
        progress(f"4/7 {person} signed up and annotated {len(files)} articles")
    return str(pushed.url)


def marked_result(path: Path, article: Article, schema: EventSchema) -> list[dict[str, Any]]:
    """Turn a reading in mark-up into what the page would submit.

    Raises InputError where the file is no mark-up of the article.
    """
    try:
        marked = parse(path.read_text(encoding="utf-8").removesuffix("\n"))
        reading = to_reading(marked, schema)
    except MarkupError as error:
        raise InputError(f"{path}: {error}.", "Mend the mark-up.") from error
    if marked.text != article.text:
        raise InputError(f"{path}: this is not the text of article {article.id}.", "Mark up the very text.")
    return result_of(reading, schema)


def with_slips(result: list[dict[str, Any]], slips: dict[str, Any]) -> list[dict[str, Any]]:
    """Add the slips of plan.json, such as the page lets an annotator make.

    An argument drawn before any trigger, a link between types it may not join, and an arrow to a role that the
    type lacks. Regions are named by their words.
    """
    regions = {entry["value"]["text"]: entry for entry in result if entry.get("from_name") == "label"}
    early = {key: value for key, value in regions[slips["unattached"]].items() if key != "parentID"} | {"id": "early"}
    arrows = [
        {
            "type": "relation",
            "direction": "right",
            "from_id": regions[arrow["from"]]["id"],
            "to_id": regions[arrow["to"]]["id"],
            **({"labels": [arrow["label"]]} if "label" in arrow else {}),
        }
        for arrow in slips["arrows"]
    ]
    return [result[0], early, *result[1:], *arrows]


def _curate(folder: Path, hub: loopback_hub.LoopbackHub, progress: Progress) -> dict[str, int]:
    from curate.hub.publish import publish

    _, checked = api.pull(folder)
    api.check(folder)
    held = len(checked.held)
    progress(f"5/7 Pulled and checked: {len(checked.annotations)} readings accepted, {held} held")
    api.adjudicate("intersection", folder)
    report = api.release(VERSION, folder)
    progress(f"6/7 Adjudicated; release {VERSION} written")
    published = publish(report.folder, REPOSITORY, token=hub.token, endpoint=hub.url)
    progress(f"7/7 Published to a Hub on this machine and read back: {published.verified} files the same")
    return _load(hub, folder)


def _load(hub: loopback_hub.LoopbackHub, folder: Path) -> dict[str, int]:
    """Load the dataset by its tag as anybody would, in a process and cache of its own."""
    with tempfile.TemporaryDirectory(prefix="curate-cache-") as cache:
        environment = {
            **os.environ,
            "HF_ENDPOINT": hub.url,
            "HF_HOME": cache,
            "HF_TOKEN": hub.token,
            "HF_HUB_DISABLE_XET": "1",
            "NO_PROXY": "127.0.0.1",
        }
        done = subprocess.run(
            [sys.executable, "-c", LOADING, REPOSITORY, VERSION],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            cwd=folder,
        )
    if done.returncode:
        raise CurateError(f"The published dataset doesn't load: {done.stderr.strip().splitlines()[-1]}")
    return dict(json.loads(done.stdout.splitlines()[-1]))


def _account(folder: Path, url: str, loaded: dict[str, int], keep: bool) -> dict[str, Any]:
    """Read from the written files what became of every article."""
    exports = Workspace(folder).exports
    held = [json.loads(line) for line in (exports / "held.jsonl").read_bytes().splitlines()]
    decisions = [json.loads(line) for line in (exports / "decisions.jsonl").read_bytes().splitlines()]
    outcomes = [decision for decision in decisions if decision["about"] == "article"]
    rules = Counter(decision["rule"] for decision in outcomes)
    opened = {decision["article_id"]: decision["reason"] for decision in outcomes if decision["rule"] == "open"}
    books = json.loads((exports / "books.json").read_bytes())
    release = exports / "releases" / VERSION
    manifest = json.loads((release / "manifest.json").read_bytes())
    account: dict[str, Any] = {
        "pushed": len(read_articles(Workspace(folder))),
        "annotations": books["pull"]["annotations"],
        "items": books["pull"]["items"],
        "held": {entry["article_id"]: entry["codes"] for entry in held},
        "agreement": rules["agreement"],
        "intersection": rules["intersection"],
        "open": opened,
        "released": sum(part["rows"] for part in manifest["configs"]["gold"].values()),
        "release_items": books["release"],
        "loaded": loaded,
        "page": url,
        "folder": str(folder),
    }
    return account | {"lines": _lines(account, release, keep)}


def _lines(account: dict[str, Any], release: Path, keep: bool) -> list[str]:
    held = [f"    {article}: {', '.join(codes)}" for article, codes in account["held"].items()]
    opened = [f"    {article}: {reason}" for article, reason in account["open"].items()]
    items, fates = account["items"], account["release_items"]
    credentials = Path(account["folder"]) / ".curate" / "credentials.json"
    restart = "" if keep else "; first: curate server start"
    return [
        "",
        f"pushed      {account['pushed']} articles",
        f"read        {account['annotations']['seen']} annotations, {account['annotations']['accepted']} accepted",
        f"held        {counted(len(account['held']), 'annotation')}",
        *held,
        f"decided     {account['agreement']} articles by agreement, {account['intersection']} by intersection",
        f"left open   {len(account['open'])} articles",
        *opened,
        f"released    {account['released']} records; loaded by tag {VERSION}: {account['loaded']['records']} records, "
        f"{account['loaded']['events']} events, {account['loaded']['arguments']} arguments",
        f"books       {items['seen']} items seen = {items['accepted']} accepted + {items['held']} held"
        + "".join(f" + {number} {reason}" for reason, number in items["excluded"].items()),
        f"            {fates['accepted']} accepted = {fates['chosen']} chosen + {fates['same']} same as chosen"
        f" + {fates['outvoted']} outvoted + {fates['open']} open + {fates['left out']} left out"
        f" + {fates['left out by split']} left out by split",
        f"files       {release}",
        f"page        {account['page']} (as curate@localhost, password in {credentials}{restart})",
        f"next        cd {account['folder']}, then: curate show tarsin-drones, curate agree, curate report",
        "            or a project of your own: curate init",
    ]
