"""Agreement of 20,000 articles read by three people: CPU of each step, memory, and the same by plain sets.

    .venv/bin/python benchmarks/agreement.py [ARTICLES [ROUNDS]]

The annotations are made once, by simulated annotators, and written as ``curate check`` writes them. Each step then
runs in a process of its own, which first does the steps before it; what is printed is the step's own CPU. The peers
get what they need as plain Python sets, and as numbers in arrays: the work of making those is not counted.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import combinations
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import simulation
from curate.agreement import Table, measure_table, tabulate
from curate.assembly import argument_order
from curate.records import Annotation, Argument, Cluster, Event, Reading, Span, argument_id, canonical_json, event_id
from curate.workspace import stream_lines
from event_schemas import CONFLICT_NEWS

ARTICLES, PEOPLE, SAMPLES, ROUNDS, SEED = 20_000, ("ana", "ben", "cem"), 1000, 3, 20_261_125
RATES = simulation.Rates(drop=0.1, shift=0.05, retype=0.05, rerole=0.05, revalue=0.05, part=0.1)
WORLD = simulation.World(
    {name: sorted(kind.roles) for name, kind in CONFLICT_NEWS.event_types.items()},
    {name: list(attribute.values) for name, attribute in CONFLICT_NEWS.attributes.items()},
)


def text_of_all(random: Random | None = None) -> str:
    """Make the text that all articles have."""
    random = random or Random(SEED)
    return " ".join("".join(random.choices("abdeiklmnorstu", k=random.randint(2, 9))) for _ in range(480))


def write(path: Path, articles: int) -> None:
    """Write what three people read in each of the articles."""
    random = Random(SEED)
    text = text_of_all(random)
    words = [match.span() for match in simulation.WORD.finditer(text)]
    with path.open("wb") as lines:
        for number in range(articles):
            truth = read_truly(text, words, random)
            for who in PEOPLE:
                reading = simulation.misread(truth, text, RATES, WORLD, random)
                annotation = simulation.annotation(f"article-{number:06d}", text, who, reading)
                lines.write(canonical_json(annotation) + b"\n")


def read_truly(text: str, words: list[tuple[int, int]], random: Random) -> Reading:
    """Make a reading of one to four events with two to four arguments each, some of them one happening."""
    events = []
    for at in sorted(random.sample(range(0, len(words) - 12, 12), random.randint(1, 4))):
        kind = random.choice(sorted(WORLD.roles))
        start, end = words[at]
        owner = event_id(kind, start, end)
        arguments = []
        for gap in random.sample(range(1, 11), random.randint(2, 4)):
            role = random.choice(WORLD.roles[kind])
            first, last = words[at + gap][0], words[at + gap + random.randint(0, 1)][1]
            identifier = argument_id(owner, role, f"{first}-{last}")
            values = {"certainty": "stated" if random.random() < 0.8 else "alleged"}
            arguments.append(
                Argument(
                    id=identifier,
                    role=role,
                    start=first,
                    end=last,
                    text=text[first:last],
                    event_id=None,
                    attributes=dict(values),
                )
            )
        modality = "asserted" if random.random() < 0.7 else "planned"
        events.append(
            Event(
                id=owner,
                type=kind,
                trigger=Span(start=start, end=end, text=text[start:end]),
                arguments=sorted(arguments, key=argument_order),
                attributes={"modality": modality},
            )
        )
    ids = [event.id for event in events]
    together = [ids] if random.random() < 0.3 else [[one] for one in ids]
    shared = {"verification": "reported", "mode": "drone", "occurrences": "one", "effect": "killed"}
    clusters = [Cluster(id=members[0], events=members, attributes=dict(shared)) for members in together]
    return Reading(events=events, clusters=clusters, links=[], attributes={"relevance": "relevant"})


def load(path: Path) -> Table:
    """Read the file line by line into columns."""
    found = stream_lines(path, Annotation)
    return tabulate((((one.article_id, one.text_sha256), one.annotator, one) for one in found), CONFLICT_NEWS)


def by_sets(readings: list[list[dict[str, set[tuple[object, ...]]]]]) -> dict[str, float]:
    """Count the six exact F1 with sets, the obvious way."""
    found: dict[str, float] = {}
    for measure in readings[0][0]:
        matched = total = 0
        for people in readings:
            for one, other in combinations(people, 2):
                matched += len(one[measure] & other[measure])
                total += len(one[measure]) + len(other[measure])
        found[measure] = 2 * matched / total
    return found


def keys(annotation: Annotation) -> dict[str, set[tuple[object, ...]]]:
    """Give the keys of the six measures."""
    found: dict[str, set[tuple[object, ...]]] = {}
    for event in annotation.events:
        trigger = (event.trigger.start, event.trigger.end)
        found.setdefault("tri_i", set()).add(trigger)
        found.setdefault("tri_c", set()).add((event.type, *trigger))
        for one in event.arguments:
            filler = (event.type, one.start, one.end)
            found.setdefault("arg_i", set()).add(filler)
            found.setdefault("arg_c", set()).add((one.role, *filler))
            found.setdefault("arg_i_plus", set()).add((*trigger, *filler))
            found.setdefault("arg_c_plus", set()).add((one.role, *trigger, *filler))
    return {name: found.get(name, set()) for name in ("tri_i", "tri_c", "arg_i", "arg_c", "arg_i_plus", "arg_c_plus")}


def all_sets(path: Path) -> list[list[dict[str, set[tuple[object, ...]]]]]:
    """Read the file into sets."""
    by_article: dict[str, list[dict[str, set[tuple[object, ...]]]]] = {}
    for annotation in stream_lines(path, Annotation):
        by_article.setdefault(annotation.article_id, []).append(keys(annotation))
    return list(by_article.values())


def step(name: str, path: Path) -> tuple[float, float, float, object]:
    """Do one step; give its CPU seconds, the process's peak memory before and after in MB, and what came out."""

    def cpu(work: Callable[[], object]) -> tuple[float, float, float, object]:
        before = peak()
        begin = time.process_time()
        out = work()
        return time.process_time() - begin, before, peak(), out

    if name == "load":
        return (*cpu(lambda: load(path))[:3], None)
    if name == "sets":
        sets = all_sets(path)
        return cpu(lambda: by_sets(sets))
    table = load(path)
    samples = SAMPLES if name == "bootstrap" else 0
    seconds, before, after, found = cpu(lambda: measure_table(table, {}, samples=samples))
    exact = {one: score.value for one, score in found.overall["exact"].items()}  # type: ignore[attr-defined]
    return seconds, before, after, exact


def peak() -> float:
    """Give the largest memory this process has had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def rounds(path: Path, number: int) -> Iterator[tuple[str, list[tuple[float, float, float, object]]]]:
    """Run every step several times, by turns, each in a process of its own."""
    names = ("load", "measures", "bootstrap", "sets")
    found: dict[str, list[tuple[float, float, float, object]]] = {name: [] for name in names}
    for _ in range(number):
        for name in names:
            done = subprocess.run(
                [sys.executable, __file__, "--step", name, str(path)], capture_output=True, check=True
            )
            found[name].append(tuple(json.loads(done.stdout)))
    yield from found.items()


def main() -> None:
    """Make the annotations, run the steps, print medians and ratios."""
    if sys.argv[1:2] == ["--step"]:
        print(json.dumps(step(sys.argv[2], Path(sys.argv[3]))))
        return
    articles = int(sys.argv[1]) if sys.argv[1:] else ARTICLES
    number = int(sys.argv[2]) if sys.argv[2:] else ROUNDS
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "annotations.jsonl"
        write(path, articles)
        print(f"{articles} articles x {len(PEOPLE)}, {path.stat().st_size / 1e6:.0f} MB")
        results = dict(rounds(path, number))
    medians = {name: sorted(found)[len(found) // 2] for name, found in results.items()}
    for name, (seconds, before, after, _) in medians.items():
        print(f"{name:10} {seconds:6.2f} CPU s   peak {after:4.0f} MB ({before:.0f} before)")
    plain, ours = medians["sets"][3], medians["measures"][3]
    assert isinstance(plain, dict)
    assert isinstance(ours, dict)
    print("largest difference from sets:", max(abs(ours[name] - plain[name]) for name in plain))
    print(f"all measures : six exact F1 by sets = {medians['measures'][0] / medians['sets'][0]:.2f}")


if __name__ == "__main__":
    main()
