"""What comes of work that was added late, deleted, brought back or copied: results as the real page submitted them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from curate.labelstudio.reading import translate
from curate.records import Article
from curate.text import text_sha256
from event_schemas import CONFLICT_NEWS

RESULTS = Path(__file__).with_name("page_results")
TOOK, BURNED, LEFT = "Attack@7-11", "Damage@25-31", "Withdraw@55-59"
REBELS, MILL = f"{TOOK}/actor/0-6", f"{TOOK}/target/16-20"

# The codes of what is found, and how each argument is attached.
EXPECTED: dict[str, tuple[list[str], dict[str, str]]] = {
    "late-addition": (["argument-unattached"], {f"{LEFT}/actor/67-73": "order"}),
    # Nothing but the numbers on the text tells that the mill was meant for the trigger before the last.
    "late-addition-same-sentence": ([], {f"{BURNED}/target/16-20": "order", f"{BURNED}/target/36-40": "order"}),
    "argument-deleted-and-back": (["argument-unattached"], {}),
    "trigger-deleted-and-back": (["argument-unattached", "argument-unattached"], {}),
    "nest-deleted-and-back": ([], {REBELS: "nesting"}),
    # The editor takes an argument out of its nest when the parent goes.
    "parent-deleted": (["argument-unattached"], {}),
    "parent-deleted-same-sentence": ([], {f"{BURNED}/actor/0-6": "order"}),
    "arrow-end-deleted": (["argument-unattached"], {}),
    "argument-copied": (["duplicate-region"], {REBELS: "order", MILL: "order"}),
    "nested-argument-copied": (["duplicate-region"], {REBELS: "nesting"}),
    "trigger-copied": (["duplicate-region"], {REBELS: "order", MILL: "order"}),
    "argument-copied-and-changed": (["duplicate-region-differs"], {REBELS: "order"}),
}


def test_every_result_is_judged() -> None:
    """Each result that was kept has its line in the table, and the other way round."""
    assert {path.stem for path in RESULTS.glob("*.json")} == set(EXPECTED)


@pytest.mark.parametrize(("name", "expected"), EXPECTED.items(), ids=EXPECTED)
def test_what_the_page_left_is_read_or_told(name: str, expected: tuple[list[str], dict[str, str]]) -> None:
    """Findings and attached arguments are the ones of the table, and every piece is counted."""
    kept = json.loads((RESULTS / f"{name}.json").read_bytes())
    article = Article(id="a", text=kept["text"], text_sha256=text_sha256(kept["text"]))
    read = translate(kept["result"], article, CONFLICT_NEWS)
    attached = {one.id: one.attached_by for event in read.reading.events for one in event.arguments}
    assert (sorted(problem.code for problem in read.problems), attached) == expected
    assert len(read.items) == len([entry for entry in kept["result"] if entry.get("from_name") != "schema"])
