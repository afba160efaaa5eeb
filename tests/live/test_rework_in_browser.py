"""What becomes of work that is skipped, suggested, corrected, updated or repaired in a real Chromium."""

from __future__ import annotations

from dataclasses import replace

from playwright.sync_api import Browser

from curate.demo import annotators
from curate.labelstudio import server
from live.browsing import Desk
from live.intentions import Case, print_row
from live.newsroom import Newsroom

SUGGESTED = (
    "[Velmark](actor>1) [shelled](Attack#1{mode=shelling}) the [port of [Osk](place>1)](target>1) on [Sunday](time>1). "
    "The [raid](Attack#2) [killed](Casualty#3) four [dockers](victim>3) and was [denied](Accuse#4) by "
    "[Ardania](source>4).{{same_event 2=1; causes 1>3}}"
)


def test_an_accepted_suggestion_keeps_its_origin(newsroom: Newsroom, desk: Desk) -> None:
    """Submitted as it was suggested, every piece comes back and is known as a prediction."""
    case = Case("accepted prediction", SUGGESTED, None, way="nesting", origin="prediction", told=("role-missing",))
    task = newsroom.publish(case)
    newsroom.suggest(case, SUGGESTED)
    desk.open(task)
    newsroom.compare(case, desk.submit()["id"])


def test_a_corrected_suggestion_tells_what_was_changed(newsroom: Newsroom, desk: Desk) -> None:
    """What was relabelled or given a value is a changed prediction, what was added is by hand, what went is gone."""
    case = Case(
        "corrected prediction",
        "[Velmark](actor>1{certainty=alleged}) [shelled](Attack#1{mode=shelling}) the [port](target>1) of "
        "[Osk](place>1) on [Sunday](time>1). The [raid](Attack#2{verification=confirmed}) [killed](Casualty#3) "
        "[four](count>3) [dockers](victim>3) and was [denied](ClaimResponsibility#4{modality=denied}) by Ardania."
        "{{same_event 2=1}}",
        None,
        way="nesting",
        ways={"shelled/target/port": "arrow", "killed/count/four": "arrow"},
        origin="prediction",
        origins={
            "shelled/actor/Velmark": "prediction-changed",
            "shelled/target/port": "manual",
            "raid": "prediction-changed",
            "killed/count/four": "manual",
            "denied": "prediction-changed",
        },
        told=("role-missing",),
    )
    task = newsroom.publish(case)
    newsroom.suggest(case, SUGGESTED)
    desk.open(task)
    _correct(desk)
    newsroom.compare(case, desk.submit()["id"])


def _correct(desk: Desk) -> None:
    region = {desk.text[one["start"] : one["end"]]: one["id"] for one in desk.screen.regions()}
    desk.select(region["Velmark"])
    desk.set("certainty", "alleged")
    desk.delete(region["port of Osk"])
    desk.connect(desk.draw("port", "target"), region["shelled"])
    desk.select(region["raid"])
    desk.set("verification", "confirmed")
    desk.relabel(region["denied"], "ClaimResponsibility")
    desk.set("modality", "denied")
    desk.delete(region["Ardania"])
    desk.connect(desk.draw("four", "count"), region["killed"])
    desk.delete_arrow(region["shelled"], region["killed"])


def test_an_update_takes_the_place_of_what_was_pulled(newsroom: Newsroom, desk: Desk) -> None:
    """An annotation that was pulled is opened again and added to; the next pull has the new one alone."""
    case = Case(
        "update",
        "[Ardania](actor>1) [sent](Deploy#1{modality=planned}) two [frigates](instrument>1) [north](destination>1).",
        None,
    )
    task = newsroom.publish(case)
    desk.open(task)
    desk.draw("sent", "Deploy")
    desk.draw("Ardania", "actor")
    first = desk.submit()["id"]
    made, _, _ = newsroom.pull(first)
    assert made is not None
    assert [one.role for one in made.events[0].arguments] == ["actor"]
    desk.open(task)
    desk.select(desk.screen.regions()[0]["id"])
    desk.set("modality", "planned")
    desk.draw("frigates", "instrument")
    desk.draw("north", "destination")
    updated = desk.update()["id"]
    assert updated == first
    newsroom.compare(case, updated)


def test_a_late_addition_is_held_until_it_is_nested(newsroom: Newsroom, desk: Desk) -> None:
    """An argument drawn when another sentence's trigger was the last is an error; nesting its row mends it."""
    case = Case(
        "late addition",
        "[Rebels](actor>1) [took](Attack#1) the mill. The [town](origin>2) was [left](Withdraw#2).",
        None,
        ways={"took/actor/Rebels": "nesting"},
    )
    task = newsroom.publish(case)
    desk.open(task)
    took = desk.draw("took", "Attack")
    desk.draw("left", "Withdraw")
    desk.draw("town", "origin")
    rebels = desk.draw("Rebels", "actor")
    annotation = desk.submit()["id"]
    made, codes, _ = newsroom.pull(annotation)
    print_row(replace(case, name="late addition, held"), None, None, newsroom.schema, desk.actions)
    assert made is None
    assert codes == ["argument-unattached"]
    desk.open(task)
    desk.nest(rebels, took)
    newsroom.compare(case, desk.update()["id"])


def test_delete_and_undo_moves_an_argument_to_the_end(newsroom: Newsroom, desk: Desk) -> None:
    """A region that is deleted and brought back comes last: what drawing order attached no longer is, and is told."""
    case = Case(
        "delete and undo",
        "[Rebels](actor>1) [took](Attack#1) the mill. The [town](origin>2) was [left](Withdraw#2).",
        None,
    )
    desk.open(newsroom.publish(case))
    desk.draw("took", "Attack")
    rebels = desk.draw("Rebels", "actor")
    desk.draw("left", "Withdraw")
    desk.draw("town", "origin")
    desk.delete(rebels)
    desk.undo()
    annotation = desk.submit()["id"]
    made, codes, _ = newsroom.pull(annotation)
    print_row(case, None, None, newsroom.schema, desk.actions)
    assert made is None
    assert codes == ["argument-unattached"]


def test_arguments_of_a_deleted_trigger_are_told_in_another_sentence(newsroom: Newsroom, desk: Desk) -> None:
    """The editor takes them out of their nest, and the trigger of another sentence does not get them."""
    case = Case("deleted parent", "[Rebels](actor>1) [took](Attack#1) the mill. They had been [beaten](Clash#2).", None)
    desk.open(newsroom.publish(case))
    desk.draw("beaten", "Clash")
    took = desk.draw("took", "Attack")
    rebels = desk.draw("Rebels", "actor")
    desk.nest(rebels, took)
    desk.delete(took)
    assert "parentID" not in desk.screen.entry(rebels)
    annotation = desk.submit()["id"]
    made, codes, _ = newsroom.pull(annotation)
    print_row(case, None, None, newsroom.schema, desk.actions)
    assert made is None
    assert codes == ["argument-unattached"]


def test_arguments_of_a_deleted_trigger_go_to_the_one_before_in_its_sentence(newsroom: Newsroom, desk: Desk) -> None:
    """In the same sentence nothing in the result tells what happened: the numbers on the text show it, and the way."""
    case = Case("deleted parent, same sentence", "[Rebels](actor>1) took the mill and [left](Withdraw#1).", None)
    desk.open(newsroom.publish(case))
    desk.draw("left", "Withdraw")
    took = desk.draw("took", "Attack")
    rebels = desk.draw("Rebels", "actor")
    desk.nest(rebels, took)
    desk.delete(took)
    newsroom.compare(case, desk.submit()["id"])


def test_copies_are_one_thing_said_twice(newsroom: Newsroom, desk: Desk) -> None:
    """A trigger and an argument copied with Ctrl+D are warned of, and each is kept once."""
    case = Case(
        "copies",
        "[Rebels](actor>1) [took](Attack#1) the mill.",
        None,
        told=("duplicate-region",),
    )
    desk.open(newsroom.publish(case))
    took = desk.draw("took", "Attack")
    rebels = desk.draw("Rebels", "actor")
    desk.duplicate(rebels)
    desk.duplicate(took)
    newsroom.compare(case, desk.submit()["id"])


def test_a_task_opened_from_the_list_may_be_anothers(
    newsroom: Newsroom, desk: Desk, browser: Browser, label_studio: server.RunningServer
) -> None:
    """The second person there is shown the first one's annotation; changing it is told, and leaves it the first's."""
    case = Case(
        "changed by another",
        "[Rebels](actor>1) [took](Attack#1) the mill.",
        None,
        told=("annotation-changed-by-another",),
    )
    task = newsroom.publish(case)
    desk.open(task)
    desk.draw("took", "Attack")
    first = desk.submit()
    visitor = annotators.sign_up(str(label_studio.invite_url), "visitor@example.org")
    other = Desk.of(browser, visitor, label_studio.url, desk.project, desk.keys)
    other.open(task)
    other.draw("Rebels", "actor")
    changed = other.update()
    other.close()
    assert (changed["id"], changed["completed_by"]) == (first["id"], first["completed_by"])
    newsroom.compare(case, changed["id"])
