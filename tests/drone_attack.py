"""Two sentences read by three people: every measure of spans calls them fairly good, and the arguments fall apart.

`ana` and `ben` mark almost the same words, but mean other events by them; `cem` agrees with `ana` and misses the claim.
"""

from __future__ import annotations

from curate.markup import parse, to_reading
from curate.records import Reading
from event_schemas import CONFLICT_NEWS

MARKED = {
    "ana": (
        "[Drones](instrument>1) [struck](Attack#1) [the fuel depot](target>1) in [Orrin](place>1) "
        "[early on Friday](time>1) and [shrapnel](instrument>2) [wounded](Casualty#2) "
        "[two guards at [the gate](place>2)](victim>2). "
        "[The Velmark Front](source>3) later [claimed](ClaimResponsibility#3) the raid on state radio in May."
    ),
    "ben": (
        "[Drones](instrument>1) [struck](Damage#1) the fuel [depot](target>1) in [Orrin](place>1) "
        "[early on Friday](time>1) and [shrapnel](actor>2) [wounded](Casualty#2) "
        "[two guards at the gate](victim>2). "
        "[The Velmark Front](source>3) later [claimed](ClaimResponsibility#3) the [raid](Attack#4) on state radio in "
        "[May](time>4)."
    ),
    "cem": (
        "[Drones](instrument>1) [struck](Attack#1) [the fuel depot](target>1) in [Orrin](place>1) "
        "[early on Friday](time>1) and [shrapnel](instrument>2) [wounded](Casualty#2) "
        "[two guards at [the gate](place>2)](victim>2). "
        "The Velmark Front later claimed the raid on state radio in May."
    ),
}
TEXT = parse(MARKED["ana"]).text
READINGS: dict[str, Reading] = {who: to_reading(parse(marked), CONFLICT_NEWS) for who, marked in MARKED.items()}
