"""A project and the Label Studio export of its work, for the benchmarks: 3 KB articles, 1.4 annotations of each.

An annotation has 8 regions (3 triggers, 5 arguments), 6 relations and 5 attribute values, as people draw them on the
page of the shipped schema. The same number always makes the same bytes, written as Label Studio writes an export.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path
from typing import Any

from curate.api import load_schema
from curate.labelstudio.writing import stamp_result
from curate.records import Article, canonical_json
from curate.settings import read_settings
from curate.starting import init
from curate.text import text_sha256

SEED = 20_261_125
CHARACTERS = 3_000
SECOND_READING = 0.4
PEOPLE = 12
FIRST_ANNOTATION = 1_000_000  # all of one length, so that they sort as numbers and as text alike
PLACES = ("Velm", "Port Selva", "Lake Orrin", "Tarsin", "São Amaro", "Østhavn", "Kilmère")
ACTORS = ("the militia", "Ardania", "border guards", "smugglers", "the coalition’s navy", "government forces")
TARGETS = ("the airbase", "a grain store", "two hangars", "the embassy", "a convoy", "the harbour’s fuel depot")
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
SIGNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"


def write_export(folder: Path, number: int) -> Path:
    """Start a project with so many articles and write the export of its work beside it; give the export's path."""
    init(folder, "conflict-news")
    stamp = stamp_result(load_schema(read_settings(folder)).stamp)
    draw = random.Random(SEED)
    filler = _sentences(draw)
    path = folder / "export.json"
    with (folder / "articles.jsonl").open("wb") as articles, path.open("w", encoding="utf-8") as export:
        annotations = FIRST_ANNOTATION
        for index in range(number):
            text, drawn = _article(draw, filler)
            article = Article(id=f"article-{index:07d}", text=text, text_sha256=text_sha256(text))
            articles.write(canonical_json(article) + b"\n")
            made = []
            for _ in range(1 + (draw.random() < SECOND_READING)):
                annotations += 1
                made.append(_annotation(annotations, index, [stamp, *_result(draw, text, drawn)]))
            export.write("[" if index == 0 else ", ")
            export.write(json.dumps(_task(index, article, made), ensure_ascii=False))
        export.write("]")
    return path


def _sentences(draw: random.Random) -> list[str]:
    """Make sentences of words as frequent as words are."""
    words = ["".join(draw.choices("aeioubcdfglmnprstéø", k=draw.randint(2, 9))) for _ in range(20_000)]
    weights = [*accumulate(1 / rank for rank in range(3, len(words) + 3))]
    lengths = (draw.randint(8, 26) for _ in range(4_000))
    return [f"{' '.join(draw.choices(words, cum_weights=weights, k=k)).capitalize()}." for k in lengths]


def _article(draw: random.Random, filler: list[str]) -> tuple[str, dict[str, tuple[int, int]]]:
    """Write an article that tells of an attack, the harm it did and the attack again; give the spans of all that."""
    actor, target, place, day = (draw.choice(some) for some in (ACTORS, TARGETS, PLACES, DAYS))
    attack = [(actor[0].upper() + actor[1:], "actor"), (" ", ""), ("struck", "attack"), (" ", ""), (target, "target")]
    attack += [(" at ", ""), (place, "place"), (" on ", ""), (day, "time"), (".", "")]
    harm = [("The blast ", ""), ("killed", "harm"), (f" {draw.randint(2, 40)} ", ""), ("people", "victim"), (".", "")]
    again = [("It was the second ", ""), ("attack", "again"), (" since spring, the ministry said.", "")]
    told = dict(zip(sorted(draw.sample(range(3, 18), 3)), (attack, harm, again), strict=True))
    text, spans, sentence = "", {}, 0
    while len(text) < CHARACTERS or sentence <= max(told):
        text += ("\n\n" if sentence % 5 == 4 else " ") if text else ""
        for piece, name in told.get(sentence) or [(draw.choice(filler), "")]:
            if name:
                spans[name] = (len(text), len(text) + len(piece))
            text += piece
        sentence += 1
    return text, spans


REGIONS = {
    "attack": "Attack",
    "actor": "actor",
    "target": "target",
    "place": "place",
    "time": "time",
    "harm": "Casualty",
    "victim": "victim",
    "again": "Attack",
}
"""What is drawn, in this order, and its label; the place, the time and the victim are attached by it."""
VALUES = (
    ("attack", "verification", ("confirmed", "disputed")),
    ("attack", "mode", ("air_strike", "drone")),
    ("actor", "certainty", ("alleged", "claimed")),
    ("harm", "effect", ("injured", "unclear")),
    ("again", "modality", ("denied", "feared")),
)
ARROWS = (
    ("attack", "actor", None),
    ("attack", "target", None),
    ("again", "actor", None),
    ("again", "target", None),
    ("attack", "harm", "causes"),
    ("again", "attack", None),
)


def _result(draw: random.Random, text: str, spans: dict[str, tuple[int, int]]) -> Iterator[dict[str, Any]]:
    """Draw what an annotator draws, with ids of their own."""
    ids = {name: "".join(draw.choices(SIGNS, k=10)) for name in REGIONS}
    chosen = {(name, control): draw.choice(values) for name, control, values in VALUES}
    for name, label in REGIONS.items():
        start, end = spans[name]
        span = {"start": start, "end": end, "text": text[start:end]}
        common = {"id": ids[name], "to_name": "text", "origin": "manual"}
        yield {"value": {**span, "labels": [label]}, **common, "from_name": "label", "type": "labels"}
        for (owner, control), value in chosen.items():
            if owner == name:
                yield {"value": {**span, "choices": [value]}, **common, "from_name": control, "type": "choices"}
    for source, target, label in ARROWS:
        arrow = {"from_id": ids[source], "to_id": ids[target], "type": "relation", "direction": "right"}
        yield arrow | ({"labels": [label]} if label else {})


def _annotation(number: int, task: int, result: list[dict[str, Any]]) -> dict[str, Any]:
    user = number % PEOPLE + 1
    return {
        "id": number,
        "completed_by": user,
        "result": result,
        "was_cancelled": False,
        "ground_truth": False,
        "created_at": "2026-05-04T08:15:30.123456Z",
        "updated_at": "2026-05-04T08:21:07.654321Z",
        "draft_created_at": None,
        "lead_time": 331.25,
        "prediction": {},
        "result_count": len(result),
        "unique_id": f"5c0ffee0-0000-4000-8000-{number:012d}",
        "import_id": None,
        "last_action": None,
        "bulk_created": False,
        "task": task + 1,
        "project": 1,
        "updated_by": user,
        "parent_prediction": None,
        "parent_annotation": None,
        "last_created_by": None,
    }


def _task(index: int, article: Article, annotations: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "id": index + 1,
        "annotations": annotations,
        "file_upload": None,
        "drafts": [],
        "predictions": [],
        "data": {
            "article_id": article.id,
            "text": article.text,
            "text_sha256": article.text_sha256,
            "title": "",
            "url": "",
            "publisher": "",
            "published_at": "",
        },
        "meta": {},
        "created_at": "2026-05-01T07:00:00.000000Z",
        "updated_at": "2026-05-04T08:21:07.654321Z",
        "allow_skip": True,
        "inner_id": index + 1,
        "total_annotations": len(annotations),
        "cancelled_annotations": 0,
        "total_predictions": 0,
        "comment_count": 0,
        "unresolved_comment_count": 0,
        "last_comment_updated_at": None,
        "project": 1,
        "updated_by": annotations[0]["completed_by"],
        "comment_authors": [],
    }
