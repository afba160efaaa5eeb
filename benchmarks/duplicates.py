"""Near-duplicates among many articles: CPU, memory, recall by kind of planted copy, precision; with peers.

    .venv/bin/python benchmarks/duplicates.py [ARTICLES]

A tenth of the articles are copies of others. Each tool runs in a process of its own, which first makes
the same articles, so that its own CPU and memory are what is added to that. The peers get the same shingles, in
the 16 bands of 8 that their documentation starts from, and no check of what they propose.
"""

from __future__ import annotations

import json
import random
import resource
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator

from curate.duplicates import compare, near_duplicates, shingles

ARTICLES = 100_000
SHARE = 10
Texts = dict[str, str]
Pairs = set[tuple[str, str]]


def articles(number: int) -> tuple[Texts, dict[tuple[str, str], str]]:
    """Make articles, a tenth of them copies of others, and tell the kind of each planted pair."""
    draw = random.Random(20_240_611)
    words = ["".join(draw.choices("aeioubcdfglmnprst", k=draw.randint(2, 9))) for _ in range(20_000)]
    weights = [1 / rank for rank in range(3, len(words) + 3)]
    footers = [" ".join(draw.choices(words, k=25)) for _ in range(40)]
    copies = number // SHARE
    texts: Texts = {}
    for index in range(number - copies):
        found = draw.choices(words, weights, k=draw.randint(120, 420))
        sentences = [" ".join(found[at : at + 20]) + "." for at in range(0, len(found), 20)]
        texts[f"a{index:06d}"] = "\n".join([*sentences, draw.choice(footers)])
    planted = {}
    originals = draw.sample(sorted(texts), copies)
    kinds = list(KINDS)
    for index, name in enumerate(originals):
        kind = kinds[index % len(kinds)]
        texts[f"b{index:06d}"] = KINDS[kind](texts[name], draw, words)
        planted[name, f"b{index:06d}"] = kind
    return texts, planted


def substituted(share: float) -> Callable[[str, random.Random, list[str]], str]:
    """Make a kind of copy: one with this share of the words replaced."""

    def copy(text: str, draw: random.Random, words: list[str]) -> str:
        return " ".join(draw.choice(words) if draw.random() < share else word for word in text.split(" "))

    return copy


def wire_copy(text: str, draw: random.Random, words: list[str]) -> str:
    """Print an agency's text under another house's name: new head and foot, another case, two words changed."""
    lines = text.split("\n")[:-1]
    head, foot = (" ".join(draw.choices(words, k=12)) for _ in range(2))
    return "\n".join([head.upper(), *(line.replace(".", " ;") for line in lines), foot])


def reordered(text: str, draw: random.Random, words: list[str]) -> str:
    """Put the sentences in another order."""
    lines = text.split("\n")
    draw.shuffle(lines)
    return "\n".join(lines)


def shortened(text: str, draw: random.Random, words: list[str]) -> str:
    """Keep the first seven tenths, with another foot."""
    lines = text.split("\n")
    return "\n".join([*lines[: len(lines) * 7 // 10], " ".join(draw.choices(words, k=25))])


def rewritten(text: str, draw: random.Random, words: list[str]) -> str:
    """Word every fourth sentence anew and one word of each other one."""
    lines = []
    for number, line in enumerate(text.split("\n")):
        found = line.split(" ")
        if number % 4 == 3:
            found = draw.choices(words, k=len(found))
        else:
            found[draw.randrange(len(found))] = draw.choice(words)
        lines.append(" ".join(found))
    return "\n".join(lines)


KINDS = {
    "2% of words": substituted(0.02),
    "wire copy": wire_copy,
    "reordered": reordered,
    "5% of words": substituted(0.05),
    "shortened": shortened,
    "rewritten": rewritten,
    "10% of words": substituted(0.10),
    "15% of words": substituted(0.15),
}


def ours(texts: Texts) -> Pairs:
    """Find pairs as curate does."""
    return {(pair.first, pair.second) for pair in near_duplicates(texts)}


def rensa_alone(texts: Texts) -> Pairs:
    """Find pairs as rensa proposes them."""
    from rensa import RMinHash, RMinHashLSH

    sketches = RMinHash.from_token_sets((shingles(text) for text in texts.values()), num_perm=128, seed=1)
    index = RMinHashLSH(threshold=0.8, num_perm=128, num_bands=16)
    index.insert_many(sketches)
    names = list(texts)
    return {
        (names[other], names[one])
        for one, found in enumerate(index.query_all(sketches))
        for other in found
        if other < one
    }


def datasketch_alone(texts: Texts) -> Pairs:
    """Find pairs as datasketch proposes them."""
    from datasketch import MinHash, MinHashLSH

    index = MinHashLSH(num_perm=128, params=(16, 8))
    found = set()
    tokens = ([shingle.encode() for shingle in shingles(text)] for text in texts.values())
    for name, sketch in zip(texts, MinHash.generator(tokens, num_perm=128), strict=True):
        found |= {(other, name) for other in index.query(sketch)}
        index.insert(name, sketch)
    return found


TOOLS = {"curate": ours, "rensa alone": rensa_alone, "datasketch": datasketch_alone}


def run(tool: str, number: int) -> None:
    """Run one tool in this process and print what it found and took, as JSON."""
    texts, planted = articles(number)
    before, cpu = memory(), time.process_time()
    found = TOOLS[tool](texts)
    took, grown = time.process_time() - cpu, memory() - before
    by_kind: dict[str, list[float]] = defaultdict(list)
    by_similarity: dict[str, list[bool]] = defaultdict(list)
    for (one, other), kind in planted.items():
        similarity = compare(one, other, texts).similarity
        by_kind[kind].append(similarity)
        hit = (one, other) in found
        for least in (0.85, 0.7, 0.55, 0.4):
            if similarity >= least:
                by_similarity[f">= {least}"].append(hit)
        by_similarity[kind].append(hit)
    result = {
        "cpu": took,
        "memory": grown,
        "pairs": len(found),
        "precision": len(found & planted.keys()) / max(len(found), 1),
        "similarity": {kind: sum(found) / len(found) for kind, found in by_kind.items()},
        "recall": {name: sum(hits) / len(hits) for name, hits in by_similarity.items()},
    }
    print(json.dumps(result))


def memory() -> float:
    """The most memory this process has held so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def table(number: int) -> Iterator[str]:
    """Run every tool and give the lines of the comparison."""
    results = {}
    for tool in TOOLS:
        done = subprocess.run([sys.executable, __file__, str(number), tool], capture_output=True, text=True, check=True)
        results[tool] = json.loads(done.stdout)
    ours = results["curate"]
    yield f"{number} articles, {number // SHARE} of them copies".ljust(34) + "".join(f"{tool:>14}" for tool in TOOLS)
    rows: list[tuple[str, Callable[[dict], str]]] = [
        ("CPU seconds", lambda one: f"{one['cpu']:.1f}"),
        ("CPU against curate", lambda one: f"{one['cpu'] / ours['cpu']:.2f}"),
        ("memory added, MB", lambda one: f"{one['memory']:.0f}"),
        ("precision", lambda one: f"{one['precision']:.4f}"),
    ]
    for label, cell in rows:
        yield label.ljust(34) + "".join(f"{cell(results[tool]):>14}" for tool in TOOLS)
    for name in sorted(ours["recall"], key=lambda name: (name in ours["similarity"], name)):
        mean = f" (mean {ours['similarity'][name]:.2f})" if name in ours["similarity"] else ""
        cells = (f"{results[tool]['recall'][name]:.4f}" for tool in TOOLS)
        yield f"recall, {name}{mean}".ljust(34) + "".join(f"{cell:>14}" for cell in cells)


if __name__ == "__main__":
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else ARTICLES
    if len(sys.argv) > 2:
        run(sys.argv[2], wanted)
    else:
        print(*table(wanted), sep="\n")
