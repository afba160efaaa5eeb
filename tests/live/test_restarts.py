"""The server is stopped, or killed, and started again in the middle of a command: all is there once afterwards."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from curate import api
from curate.labelstudio import server
from live.faults import Call
from live.predicting import Adjudicating, Suggesting
from live.room import Room, attempt
from live.table import EVERY, TASKS, Damage, Row, told

IMPORT = Call("import, second batch", "POST", r"/import", nth=2)
LATER = Call("list tasks, later page", "GET", TASKS + ".*annotations", nth=2)
CALLS = {
    "push": (Call("create project", "POST", r"^/api/projects/?$"), IMPORT),
    "pull": (LATER, Call("read drafts", "GET", r"^/api/tasks/\d+/drafts")),
    "suggest": (Call("import predictions", "POST", r"/import/predictions"),),
    "adjudicate": (Call("import", "POST", r"/import"), Call("update project", "PATCH", r"^/api/projects/\d+/?$")),
}
MOMENTS = ("restart before", "restart during", "restart after")
PAUSE = 0.05
"""Seconds into a request after which the server goes."""


def restarting(running: server.RunningServer, how: str) -> Callable[[], None]:
    """Give what ends the server, asked to or not, and starts it again where it was."""
    folder = Path(running.log).parents[1]

    def restart() -> None:
        if how == "killed":
            os.killpg(int(str(server.status(folder).pid)), signal.SIGKILL)
        else:
            assert server.stop(folder)
        assert server.start(folder).url == running.url

    return restart


def begin(room: Room, command: str) -> tuple[Callable[[], object], Callable[[], Damage]]:
    """Bring a project to where a command has all to do; give the command, and what says what is amiss afterwards."""
    if command == "suggest":
        suggesting = Suggesting.of(room)
        suggesting.reset()
        return suggesting.run, suggesting.damage
    if command == "adjudicate":
        adjudicating = Adjudicating.of(room)
        return adjudicating.run, adjudicating.damage
    if command == "push":
        return lambda: api.push(room.folder), room.damage
    api.push(room.folder)
    room.read()
    return lambda: api.pull(room.folder), lambda: room.damage() + room.missed()


def pairs() -> list[Any]:
    """Give command, call, moment and way to end: all, or one in a push and one in a pull."""
    few = [("push", IMPORT, "restart during", "killed"), ("pull", LATER, "restart before", "stopped")]
    every = [
        (command, call, moment, how)
        for command, calls in CALLS.items()
        for call in calls
        for moment in MOMENTS
        for how in ("killed", "stopped")
    ]
    return [pytest.param(*one, id=f"{one[0]}, {one[1].name}, {one[3]}, {one[2]}") for one in (every if EVERY else few)]


@pytest.mark.parametrize(("command", "call", "moment", "how"), pairs())
def test_a_command_after_a_restart_of_the_server_ends_well(
    room: Room, label_studio: server.RunningServer, command: str, call: Call, moment: str, how: str
) -> None:
    """Nothing doubled, lost or wrong, whenever it was: before it was asked, while it worked, after it had answered."""
    run, damage = begin(room, command)
    room.proxy.meanwhile, room.proxy.pause = restarting(label_studio, how), PAUSE
    room.proxy.arm(call, moment)
    met = attempt(run, "cut after")
    assert room.proxy.hit == 1, room.proxy.seen
    room.proxy.disarm()
    run()
    told(Row(command, f"{call.name}, server {how}", moment, met, damage()))
