"""Agreement of simulated annotators, who err at known rates, against what the rates let expect.

    .venv/bin/python benchmarks/agreement_simulated.py DOCUMENTS.jsonl

A line of the file is a document: ``text`` and ``events``, each with ``type``, ``trigger`` and ``arguments`` (``role``,
``start``, ``end``; offsets are code points). Every document is read by two people ``READ`` times over. Expected is
what follows from the rates for statements that don't get in each other's way; where two events of one type share a
filler, Arg-I and Arg-C come out a little higher, as one of them may be missed or shifted without harm.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from random import Random
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import simulation
from curate.agreement import TITLES, measure
from curate.agreement.results import EXTRACTION_MEASURES
from curate.assembly import argument_order
from curate.records import Argument, Event, Reading, Span, argument_id, event_id, event_place
from event_schemas import SMALL_SCHEMA

READ = 50
SCENARIOS = {
    "drop 0.2": simulation.Rates(drop=0.2),
    "shift 0.2": simulation.Rates(shift=0.2),
    "retype 0.2": simulation.Rates(retype=0.2),
    "re-role 0.2": simulation.Rates(rerole=0.2),
    "all 0.1": simulation.Rates(drop=0.1, shift=0.1, retype=0.1, rerole=0.1),
}


def gold(document: dict[str, Any]) -> Reading:
    """Make a reading of a document, each event and argument once."""
    events: dict[str, Event] = {}
    for given in document["events"]:
        start, end = given["trigger"]["start"], given["trigger"]["end"]
        owner = event_id(given["type"], start, end)
        arguments = {}
        for one in given["arguments"]:
            identifier = argument_id(owner, one["role"], f"{one['start']}-{one['end']}")
            arguments[identifier] = Argument(
                id=identifier, role=one["role"], start=one["start"], end=one["end"], text=one["text"], event_id=None
            )
        events.setdefault(
            owner,
            Event(
                id=owner,
                type=given["type"],
                trigger=Span(start=start, end=end, text=document["text"][start:end]),
                arguments=sorted(arguments.values(), key=argument_order),
            ),
        )
    return Reading(events=sorted(events.values(), key=lambda one: event_place(one.id)), clusters=[], links=[])


def expected(rates: simulation.Rates, types: int, roles: int) -> dict[str, float]:
    """Give each F1 that follows from the rates: both keep it, and put the same where they put something."""
    kept = 1 - rates.drop
    place = (1 - rates.shift) ** 2 + rates.shift**2 / 2  # a shift goes to either side
    type_ = (1 - rates.retype) ** 2 + rates.retype**2 / (types - 1)
    role = (1 - rates.rerole) ** 2 + rates.rerole**2 / (roles - 1)
    filler = kept**2 * type_ * place  # an argument is kept where its event is, too
    return {
        "tri_i": kept * place,
        "tri_c": kept * place * type_,
        "arg_i": filler,
        "arg_c": filler * role,
        "arg_i_plus": filler * place,
        "arg_c_plus": filler * place * role,
    }


def main() -> None:
    """Print measured and expected F1 for each scenario, and the largest difference."""
    lines = Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()
    documents = [json.loads(line) for line in lines]
    readings = [gold(document) for document in documents]
    types = sorted({event.type for reading in readings for event in reading.events})
    roles = sorted({one.role for reading in readings for event in reading.events for one in event.arguments})
    world = simulation.World(dict.fromkeys(types, roles))
    print(f"{len(documents)} documents, {sum(len(one.events) for one in readings)} events, read twice {READ} times")
    print(" " * 12, *(f"{TITLES[name]:>15}" for name in EXTRACTION_MEASURES))
    for title, rates in SCENARIOS.items():
        random = Random(20_261_125)
        annotations = [
            simulation.annotation(
                f"{number}-{document['id']}",
                document["text"],
                who,
                simulation.misread(reading, document["text"], rates, world, random),
            )
            for number in range(READ)
            for document, reading in zip(documents, readings, strict=True)
            for who in ("ana", "ben")
        ]
        scores = measure(annotations, SMALL_SCHEMA).overall["exact"]
        wanted = expected(rates, len(types), len(roles))
        found = {name: scores[name].value or 0.0 for name in EXTRACTION_MEASURES}
        print(f"{title:12}", *(f"{found[name]:>7.3f} ({wanted[name]:.3f})" for name in EXTRACTION_MEASURES))
        print(f"{'':12} largest difference {max(abs(found[name] - wanted[name]) for name in found):.3f}")


if __name__ == "__main__":
    main()
