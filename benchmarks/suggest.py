"""Suggestions by trigger words: articles a second and peak memory, beside searching for each word by itself.

    .venv/bin/python benchmarks/suggest.py [ARTICLES | FILE.jsonl]
    .venv/bin/python benchmarks/suggest.py [ARTICLES | FILE.jsonl] --project FOLDER

Everything but Label Studio: words found, made a reading, written as predictions, read back and checked. With a project
whose server is up, the articles are also added, pushed and suggested for there, and suggested for again.
"""

from __future__ import annotations

import re
import resource
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec
from corpus import written

from curate import api
from curate.records import Article
from curate.schema.model import EventSchema
from curate.suggesters.callables import Suggester
from curate.suggesters.making import Made, call_each
from curate.suggesters.words import TriggerWords
from curate.text import text_sha256

ARTICLES = 10_000
SCHEMA = Path(__file__).parents[1] / "schemas" / "conflict-news.yaml"


def articles(given: str, schema: EventSchema) -> list[Article]:
    """Make so many articles of about 3 KB, or take those of a file, again and again until there are 10,000."""
    if given.isdigit():
        return [told(one, schema) for one in written(int(given))]
    texts = [msgspec.json.decode(line)["text"] for line in Path(given).read_bytes().splitlines()]
    chosen = (texts[number % len(texts)] for number in range(ARTICLES))
    return [Article(id=f"a{number}", text=text, text_sha256=text_sha256(text)) for number, text in enumerate(chosen)]


def told(article: Article, schema: EventSchema) -> Article:
    """Put a trigger word in the place of every fiftieth word."""
    listed = [words for event_type in schema.event_types.values() for words in event_type.trigger_words]
    pieces = article.text.split(" ")
    for place in range(17, len(pieces), 50):
        pieces[place] = listed[(place + len(article.text)) % len(listed)]
    text = " ".join(pieces)
    return msgspec.structs.replace(article, text=text, text_sha256=text_sha256(text))


def one_by_one(texts: Iterable[str], schema: EventSchema) -> Iterator[tuple[int, int]]:
    """Search for every word by itself, as one would without a pattern for all."""
    patterns = [
        re.compile(rf"(?<!\w){re.escape(words)}(?!\w)", re.IGNORECASE)
        for event_type in schema.event_types.values()
        for words in event_type.trigger_words
    ]
    for text in texts:
        for pattern in patterns:
            yield from (found.span() for found in pattern.finditer(text))


def peak() -> float:
    """Give the most memory that this process has held so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def on_the_server(folder: Path, made: list[Article]) -> None:
    """Add, push, suggest, suggest again."""
    path = folder / "benchmark.jsonl"
    path.write_bytes(b"".join(msgspec.json.encode({"id": one.id, "text": one.text}) + b"\n" for one in made))
    for what, action in (
        ("add", lambda: api.add([path], folder)),
        ("push", lambda: api.push(folder)),
        ("suggest", lambda: api.suggest("words", folder)),
        ("suggest again", lambda: api.suggest("words", folder)),
        ("take back", lambda: api.suggest("none", folder)),
    ):
        begun = time.perf_counter()
        action()
        print(f"{what:28} {time.perf_counter() - begun:8.1f} s   peak {peak():6.0f} MB")
    path.unlink()


def main() -> None:
    """Suggest, and print what it took."""
    given = [one for one in sys.argv[1:2] if not one.startswith("--")]
    schema = api.read_schema(SCHEMA)
    made = articles(given[0] if given else str(ARTICLES), schema)
    size = sum(len(one.text) for one in made) / 1e6
    before = peak()
    print(f"{len(made)} articles, {size:.1f} million characters, {before:.0f} MB held before")

    begun = time.process_time()
    words = TriggerWords(schema)
    found = sum(1 for one in made for _ in words.find(one.text))
    searching = time.process_time() - begun
    print(f"{'find ' + str(found) + ' triggers':28} {searching:8.2f} s   {len(made) / searching:8.0f} articles/s")

    few = made[: max(1, len(made) // 20)]
    begun = time.process_time()
    apart = sum(1 for _ in one_by_one((one.text for one in few), schema))
    took = time.process_time() - begun
    times = took / len(few) / (searching / len(made))
    print(f"{f'word by word: {apart} in {len(few)}':28} {took:8.2f} s   {times:8.1f} times as long")

    begun = time.process_time()
    whole = Made(schema)
    call_each(Suggester("words", "1", TriggerWords(schema)), made, whole, keep_going=False)
    took = time.process_time() - begun
    held = sum(map(len, whole.predictions.values())) / 1e6
    print(f"{'suggest, write and check':28} {took:8.2f} s   {len(made) / took:8.0f} articles/s")
    print(f"{whole.events} events in {held:.1f} MB of predictions; peak {peak():.0f} MB, {peak() - before:.0f} more")
    if "--project" in sys.argv:
        on_the_server(Path(sys.argv[sys.argv.index("--project") + 1]), made)


if __name__ == "__main__":
    main()
