"""What the page costs: actions that a real mouse and keyboard did, counted, and what was meant is what is pulled.

An action is a key press (a chord is one), a click, a drag or a double-click; moving the mouse, scrolling and submitting
are none. "Select region after creating it" is switched on, as the instructions ask.
``pytest tests/live/test_page_actions.py -s`` prints the table: case, intended, pulled, equal, actions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import pytest
from playwright.sync_api import Browser

from curate.labelstudio import server
from curate.labelstudio.client import connected
from curate.schema.hotkeys import Hotkeys
from curate.settings import label_studio_credentials, read_settings
from live.browsing import Desk
from live.conftest import NewProject
from live.intentions import Case
from live.newsroom import Newsroom, open_newsroom


@dataclass(frozen=True)
class Priced:
    """A case and the most actions it may cost; ``suggested`` is what stands on the page before."""

    case: Case
    most: int
    suggested: str = ""


PRICED: list[Priced] = []


def priced(
    name: str, intended: str, most: int, suggested: str = "", **more: object
) -> Callable[[Callable[[Desk], None]], Callable[[Desk], None]]:
    """Enter a case; the function under it does the work. Corrected suggestions are nested, and theirs."""

    def enter(work: Callable[[Desk], None]) -> Callable[[Desk], None]:
        usual = {"way": "nesting", "origin": "prediction"} if suggested else {}
        PRICED.append(Priced(Case(name, intended, work, **(usual | more)), most, suggested))  # type: ignore[arg-type]
        return work

    return enter


CLAIM = (
    "On [Sunday](time>1), the [brigade](actor>1{certainty=claimed}) claimed to have "
    "[shelled](Attack#1{mode=shelling, verification=claimed_only}) [Port Selva airfield](target>1) once again with "
    "[howitzers](instrument>1)."
)


@priced("a trigger, four arguments, three values", CLAIM, 13)
def _claim(desk: Desk) -> None:
    desk.draw("shelled", "Attack")
    desk.set("mode", "shelling")
    desk.set("verification", "claimed_only")
    desk.draw("brigade", "actor")
    desk.set("certainty", "claimed")
    desk.draw("Port Selva airfield", "target")
    desk.draw("howitzers", "instrument")
    desk.draw("Sunday", "time")


@priced(
    "a threat with an event as content and one as condition",
    "[River militias](source>1) have sent [threats](Threaten#1{occurrences=several}) to [Osk](target>1), saying that "
    "[coalition posts in Velm](target>1) would become “[fair game](Attack#2{modality=hypothetical}, content>1)” if "
    "Ardania [intervenes](Intervene#3{modality=hypothetical}, condition>1) in the valley.",
    19,
    told=("role-missing",),
)
def _threat(desk: Desk) -> None:
    desk.draw("fair game", "Attack")
    desk.set("modality", "hypothetical")
    desk.draw("intervenes", "Intervene")
    desk.set("modality", "hypothetical")
    desk.draw("threats", "Threaten")
    desk.set("occurrences", "several")
    desk.draw("River militias", "source")
    desk.draw("Osk", "target")
    desk.draw("coalition posts in Velm", "target")
    desk.draw("fair game", "content")
    desk.draw("intervenes", "condition")


@priced(
    "three arguments, three values",
    "[Two](count>1) [drones](instrument>1) [hit](Attack#1{mode=drone, verification=confirmed, occurrences=several}) "
    "[Tarsin](target>1), the council confirmed.",
    13,
)
def _three(desk: Desk) -> None:
    desk.draw("hit", "Attack", by_double_click=True)
    desk.set("mode", "drone")
    desk.set("verification", "confirmed")
    desk.set("occurrences", "several")
    desk.draw("Two", "count", by_double_click=True)
    desk.draw("drones", "instrument", by_double_click=True)
    desk.draw("Tarsin", "target", by_double_click=True)


@priced(
    "two mentions joined by an arrow without a label",
    "A [strike](Attack#1) hit Osk. The [attack](Attack#2) lasted an hour.{{same_event 1=2}}",
    7,
)
def _mentions(desk: Desk) -> None:
    strike = desk.draw("strike", "Attack")
    attack = desk.draw("attack", "Attack", by_double_click=True)
    desk.connect(attack, strike)


@priced(
    "a link, its label chosen in the Relations tab",
    "A [blast](Attack#1) [killed](Casualty#2) nobody.{{causes 1>2}}",
    11,
)
def _link(desk: Desk) -> None:
    blast = desk.draw("blast", "Attack")
    killed = desk.draw("killed", "Casualty")
    desk.connect(blast, killed)
    desk.label_arrow(blast, killed, "causes")


@priced(
    "wrong type suggested",
    "Rebels [hit](Attack#1) [Osk](place>1).",
    3,
    "Rebels [hit](Clash#1) [Osk](place>1).",
    origins={"hit": "prediction-changed"},
)
def _wrong_type(desk: Desk) -> None:
    desk.relabel("t1", "Attack")


@priced(
    "wrong role suggested",
    "Rebels [hit](Attack#1) [Osk](target>1).",
    3,
    "Rebels [hit](Attack#1) [Osk](place>1).",
    origins={"hit/target/Osk": "prediction-changed"},
)
def _wrong_role(desk: Desk) -> None:
    desk.relabel("a1", "target")


@priced(
    "wrong end suggested",
    "Rebels [hit](Attack#1) [Port Selva](target>1).",
    3,
    "Rebels [hit](Attack#1) [Port](target>1) Selva.",
    origins={"hit/target/Port Selva": "prediction-changed"},
)
def _wrong_end(desk: Desk) -> None:
    desk.stretch("a1", "Port Selva")


@priced(
    "missing value suggested",
    "Rebels [hit](Attack#1{modality=denied}) [Osk](target>1).",
    3,
    "Rebels [hit](Attack#1) [Osk](target>1).",
    origins={"hit": "prediction-changed"},
)
def _missing_value(desk: Desk) -> None:
    desk.select("t1")
    desk.set("modality", "denied")


@priced(
    "wrong event suggested",
    "A [raid](Attack#1) on [Osk](target>1) followed [shelling](Attack#2).",
    3,
    "A [raid](Attack#1) on [Osk](target>2) followed [shelling](Attack#2).",
    ways={"raid/target/Osk": "arrow"},
)
def _wrong_event(desk: Desk) -> None:
    desk.connect("a1", "t1")


@priced(
    "one argument too many suggested",
    "Rebels [hit](Attack#1) [Osk](target>1) again.",
    3,
    "[Rebels](actor>1) [hit](Attack#1) [Osk](target>1) again.",
)
def _too_many(desk: Desk) -> None:
    desk.delete("a1")


@pytest.fixture(scope="module")
def room(
    tmp_path_factory: pytest.TempPathFactory,
    new_project: NewProject,
    label_studio: server.RunningServer,
    browser: Browser,
) -> Iterator[Newsroom]:
    """A project with the articles of all cases pushed, and somebody at the desk."""
    with (
        new_project(tmp_path_factory.mktemp("actions") / "dora") as folder,
        open_newsroom(folder, label_studio, browser, [one.case for one in PRICED]) as opened,
    ):
        yield opened


@pytest.mark.parametrize("one", PRICED, ids=lambda one: one.case.name)
def test_what_it_costs(room: Newsroom, one: Priced) -> None:
    """The work is done in no more actions than it may cost, and pulled as it was meant."""
    desk = room.desk
    if one.suggested:
        room.suggest(one.case, one.suggested)
    desk.open(room.tasks[one.case.name])
    desk.actions = 0
    one.case.work(desk)
    spent = desk.actions
    saved = desk.submit()
    desk.actions = spent
    room.compare(one.case, saved["id"])
    assert spent <= one.most


TEMPLATE = """<View><Relations choice="single">
<Relation value="actor"/><Relation value="target"/><Relation value="instrument"/><Relation value="time"/>
</Relations><Labels name="label" toName="text">
<Label value="Attack" hotkey="1"/><Label value="Organization" hotkey="2"/><Label value="Facility" hotkey="3"/>
<Label value="Weapon" hotkey="4"/><Label value="Time" hotkey="5"/></Labels>
<Text name="text" value="$text" granularity="word"/>
<Choices name="mode" toName="text" perRegion="true"><Choice value="shelling" hotkey="6"/></Choices>
<Choices name="verification" toName="text" perRegion="true"><Choice value="claimed_only" hotkey="7"/></Choices>
<Choices name="certainty" toName="text" perRegion="true"><Choice value="claimed" hotkey="8"/></Choices></View>"""


def test_what_label_studios_own_way_costs(room: Newsroom) -> None:
    """The first sentence by Label Studio's own template, entities and labelled arrows, costs thrice as much."""
    marked = PRICED[0].case
    with connected(label_studio_credentials(read_settings(room.folder))) as connection:
        project = connection.sdk.projects.create(title="By relations", label_config=TEMPLATE)
        connection.sdk.tasks.create(project=project.id, data={"text": marked.text})
        (task,) = connection.sdk.tasks.list(project=project.id)
    types = {"Attack": "1", "Organization": "2", "Facility": "3", "Weapon": "4", "Time": "5"}
    choices = {"mode": {"shelling": "6"}, "verification": {"claimed_only": "7"}, "certainty": {"claimed": "8"}}
    desk = replace(room.desk, project=project.id, keys=Hotkeys(types, {}, choices, {}))
    desk.open(task.id)
    desk.actions = 0
    trigger = desk.draw("shelled", "Attack")
    desk.set("mode", "shelling")
    desk.set("verification", "claimed_only")
    roles = {"actor": desk.draw("brigade", "Organization")}
    desk.set("certainty", "claimed")
    roles["target"] = desk.draw("Port Selva airfield", "Facility")
    roles["instrument"] = desk.draw("howitzers", "Weapon")
    roles["time"] = desk.draw("Sunday", "Time")
    for role, region in roles.items():
        desk.connect(trigger, region)
        desk.label_arrow(trigger, region, role)
    assert len(desk.screen.arrows()) == len(roles)
    assert desk.actions in (37, 38)  # the Relations tab may be open already
