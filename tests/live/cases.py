"""The cases that are tried on the labelling page: what is meant, then how it is drawn. All texts are made up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from curate.records import Note
from live.browsing import Desk
from live.intentions import Case

CASES: list[Case] = []

Work = Callable[[Desk], None]


def case(name: str, intended: str, **more: Any) -> Callable[[Work], Work]:
    """Enter a case into the table; the function under it draws what is meant."""

    def enter(work: Work) -> Work:
        CASES.append(Case(name, intended, work, **more))
        return work

    return enter


@case("possessive", "Rockets [hit](Attack#1) [[Ardan](place>1)’s airbase](target>1).", told=("span-trimmed",))
def _possessive(desk: Desk) -> None:
    desk.draw("hit", "Attack")
    desk.draw("Ardan", "place")
    desk.draw("Ardan’s airbase", "target")


@case(
    "two roles, event by role span",
    "[Velmark](source>1, actor>2) [warned](Threaten#1) of [strikes](Attack#2{modality=hypothetical, "
    "verification=not_applicable}, content>1) on [Osk](target>2).",
)
def _two_roles(desk: Desk) -> None:
    desk.draw("strikes", "Attack")
    desk.set("modality", "hypothetical")
    desk.set("verification", "not_applicable")
    desk.draw("Velmark", "actor")
    desk.draw("Osk", "target")
    desk.draw("warned", "Threaten")
    desk.draw("Velmark", "source")
    desk.draw("strikes", "content")


@case(
    "event by labelled arrow",
    "The [militia](source>1) [threatened](Threaten#1) to [burn](Damage#2{modality=hypothetical, "
    "verification=not_applicable}, content>1) the [mill](target>2).",
    ways={"threatened/content/burn": "arrow"},
)
def _labelled_arrow(desk: Desk) -> None:
    threat = desk.draw("threatened", "Threaten")
    desk.draw("militia", "source")
    burning = desk.draw("burn", "Damage")
    desk.set("modality", "hypothetical")
    desk.set("verification", "not_applicable")
    desk.draw("mill", "target")
    desk.connect(threat, burning)
    desk.label_arrow(threat, burning, "content")


@case(
    "link",
    "In answer to the [raid](Attack#1), [boats](instrument>2) were [moved](Deploy#2) north.{{response_to 2>1}}",
)
def _link(desk: Desk) -> None:
    raid = desk.draw("raid", "Attack")
    moved = desk.draw("moved", "Deploy")
    desk.draw("boats", "instrument")
    desk.connect(moved, raid)
    desk.label_arrow(moved, raid, "response_to")


@case(
    "link, arrow turned left",
    "The [blast](Attack#1{mode=explosive}) [killed](Casualty#2) two [guards](victim>2).{{causes 1>2}}",
)
def _turned_arrow(desk: Desk) -> None:
    blast = desk.draw("blast", "Attack")
    desk.set("mode", "explosive")
    killed = desk.draw("killed", "Casualty")
    desk.draw("guards", "victim")
    desk.connect(killed, blast)
    desk.label_arrow(killed, blast, "causes")
    desk.turn_arrow(killed, blast)
    desk.turn_arrow(killed, blast)


@case(
    "symmetric link, arrow both ways",
    "A [strike](Attack#1) was told of on Monday. A [raid](Attack#2) was told of on Sunday.{{possibly_same_as 1>2}}",
)
def _both_ways(desk: Desk) -> None:
    strike = desk.draw("strike", "Attack")
    raid = desk.draw("raid", "Attack")
    desk.connect(raid, strike)
    desk.label_arrow(raid, strike, "possibly_same_as")
    desk.turn_arrow(raid, strike)


@case(
    "cluster, three mentions",
    "A [drone](instrument>1) [struck](Attack#1{mode=drone, occurrences=one}) the depot. The [attack](Attack#2) was at "
    "[dawn](time>2). The ministry called the [strike](Attack#3{verification=confirmed}) grave."
    "{{same_event 2=1; same_event 3=2}}",
)
def _cluster(desk: Desk) -> None:
    struck = desk.draw("struck", "Attack")
    desk.set("mode", "drone")
    desk.set("occurrences", "one")
    desk.draw("drone", "instrument")
    attack = desk.draw("attack", "Attack")
    desk.draw("dawn", "time")
    strike = desk.draw("strike", "Attack")
    desk.set("verification", "confirmed")
    desk.connect(attack, struck)
    desk.connect(strike, attack)


@case(
    "nested spans",
    "[Fighters of the [Osk [valley](origin>1)](place>2)](actor>1, actor>2) [left](Withdraw#1) after the "
    "[battle](Clash#2).",
)
def _nested(desk: Desk) -> None:
    desk.draw("left", "Withdraw")
    desk.draw("Fighters of the Osk valley", "actor")
    desk.draw("valley", "origin")
    desk.draw("battle", "Clash")
    desk.draw("Osk valley", "place")
    desk.draw("Fighters of the Osk valley", "actor")


@case(
    "trigger inside its argument",
    "[Those [killed](Casualty#1)](victim>1) were from [Osk](origin>2); they had [fled](Withdraw#2).",
)
def _trigger_inside(desk: Desk) -> None:
    desk.draw("killed", "Casualty")
    desk.draw("Those killed", "victim")
    desk.draw("fled", "Withdraw")
    desk.draw("Osk", "origin")


@case(
    "attached by nesting",
    "[Gunmen](actor>1) [shot](Attack#1) two [guards](victim>2), who [died](Casualty#2) on [Monday](time>2).",
    ways={"shot/actor/Gunmen": "nesting", "died/victim/guards": "nesting"},
)
def _nesting(desk: Desk) -> None:
    shot = desk.draw("shot", "Attack")
    died = desk.draw("died", "Casualty")
    desk.draw("Monday", "time")
    gunmen = desk.draw("Gunmen", "actor")
    guards = desk.draw("guards", "victim")
    desk.nest(gunmen, shot)
    desk.nest(guards, died)


@case(
    "attached by arrow, both directions",
    "[Gunmen](actor>1) [shot](Attack#1) two [guards](victim>2), who [died](Casualty#2) on [Monday](time>2).",
    ways={"shot/actor/Gunmen": "arrow", "died/victim/guards": "arrow"},
)
def _arrows(desk: Desk) -> None:
    shot = desk.draw("shot", "Attack")
    died = desk.draw("died", "Casualty")
    desk.draw("Monday", "time")
    gunmen = desk.draw("Gunmen", "actor")
    desk.connect(gunmen, shot)
    guards = desk.draw("guards", "victim")
    desk.connect(died, guards)


@case(
    "one span, an arrow to each event",
    "On [Friday](time>1, time>2) the [army](source>1) [warned](Threaten#1) of [a long siege](content>1, condition>2) "
    "and [sent](Deploy#2{modality=planned, verification=not_applicable}) [mortars](instrument>2).",
    ways={
        "warned/time/Friday": "arrow",
        "sent/time/Friday": "arrow",
        "warned/content/a long siege": "arrow",
        "sent/condition/a long siege": "arrow",
    },
)
def _one_span(desk: Desk) -> None:
    warned = desk.draw("warned", "Threaten")
    desk.draw("army", "source")
    sent = desk.draw("sent", "Deploy")
    desk.set("modality", "planned")
    desk.set("verification", "not_applicable")
    desk.draw("mortars", "instrument")
    friday = desk.draw("Friday", "time")
    desk.connect(friday, warned)
    desk.connect(sent, friday)
    siege = desk.draw("a long siege", "content")
    desk.connect(siege, warned)
    desk.connect(siege, sent)
    desk.label_arrow(siege, sent, "condition")


@case(
    "certainty, article attribute, notes",
    "The [league](source>1) [claimed](ClaimResponsibility#1) the [raid](Attack#2{verification=claimed_only}, "
    "content>1) by its [youth wing](actor>2{certainty=claimed}).{{relevance=irrelevant}}",
    notes=(Note(about="Attack@23-27", text="whose raid?"),),
)
def _values(desk: Desk) -> None:
    desk.draw("raid", "Attack")
    desk.set("verification", "claimed_only")
    desk.write("note", "whose raid?")
    desk.draw("youth wing", "actor")
    desk.set("certainty", "claimed")
    desk.draw("claimed", "ClaimResponsibility")
    desk.draw("league", "source")
    desk.draw("raid", "content")
    desk.unselect()
    desk.set("relevance", "irrelevant")


@case(
    "words by double-click",
    "[Soldiers](actor>1) [left](Withdraw#1) [Osk](origin>1).",
)
def _double_clicks(desk: Desk) -> None:
    desk.draw("left", "Withdraw", by_double_click=True)
    desk.draw("Soldiers", "actor", by_double_click=True)
    desk.draw("Osk", "origin", by_double_click=True)


@case(
    "CRLF line ends",
    "A headline\r\n\r\n  [Rebels](actor>1) [fired](Attack#1) on the\r\nold [town](target>1).\rLast words.\r\n",
)
def _line_ends(desk: Desk) -> None:
    desk.draw("fired", "Attack")
    desk.draw("Rebels", "actor")
    desk.draw("town", "target")


@case(
    "a span over a line end",
    "The army [pulled\nback](Withdraw#1) its [old\ntanks](instrument>1).",
)
def _over_lines(desk: Desk) -> None:
    desk.draw("pulled\nback", "Withdraw")
    desk.draw("old\ntanks", "instrument")


@case(
    "emoji and flags",
    "😀👩‍👩‍👧 [Drones](instrument>1) 🇺🇳 [hit](Attack#1{mode=drone}) the 🏠 [depot](target>1) 💥 at [noon](time>1) ☀️.",
)
def _emoji(desk: Desk) -> None:
    desk.draw("hit", "Attack")
    desk.set("mode", "drone")
    desk.draw("Drones", "instrument")
    desk.draw("depot", "target")
    desk.draw("noon", "time")


@case(
    "combining accents",
    "[Rene\u0301](actor>1) and the [gene\u0301rale\u0301](actor>1) [fle\u0301d](Withdraw#1) the "
    "[cafe\u0301](origin>1).",
)
def _accents(desk: Desk) -> None:
    desk.draw("fle\u0301d", "Withdraw")
    desk.draw("Rene\u0301", "actor")
    desk.draw("gene\u0301rale\u0301", "actor")
    desk.draw("cafe\u0301", "origin")


@case(
    "Arabic",
    "[قصفت](Attack#1) [الطائرات](instrument>1) [المطار](target>1) يوم [الجمعة](time>1).",
)
def _arabic(desk: Desk) -> None:
    desk.draw("قصفت", "Attack")
    desk.draw("الطائرات", "instrument")
    desk.draw("المطار", "target")
    desk.draw("الجمعة", "time")


@case(
    "double spaces and tabs",
    "  The  army   [shelled](Attack#1)\tthe  [old  port](target>1)  at\u00a0[two  in  the  morning](time>1).  ",
)
def _spaces(desk: Desk) -> None:
    desk.draw("shelled", "Attack")
    desk.draw("old  port", "target")
    desk.draw("two  in  the  morning", "time")


@case(
    "text that looks like HTML",
    "<b>Rebels</b> &amp; <i>[guards](actor>1)</i> [clashed](Clash#1) at <script>alert(1)</script> [Fort&nbsp](place>1);"
    "<!-- no --> &lt;[Osk](place>1)&gt;",
)
def _html(desk: Desk) -> None:
    desk.draw("clashed", "Clash")
    desk.draw("guards", "actor")
    desk.draw("Fort&nbsp", "place")
    desk.draw("Osk", "place")


LONG = "".join(
    f"Line {number}: 😀 nothing of note happened in Osk that day, said the clerk.\n" for number in range(2700)
)


@case("200 KB", LONG + "At last [rebels](actor>1) [struck](Attack#1) the [mill](target>1).\n" + LONG[:2000])
def _long(desk: Desk) -> None:
    desk.draw("struck", "Attack")
    desk.draw("rebels", "actor")
    desk.draw("mill", "target")
