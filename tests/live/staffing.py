"""Rooms in which people join a project, and are tried out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from curate import api
from curate.accounts import keep_people
from curate.api.people import ACTIVE, REGISTER
from curate.demo.annotators import sign_up
from curate.labelstudio import client
from curate.labelstudio.writing import result_of
from curate.markup import parse, to_reading
from curate.pseudonyms import pseudonym
from curate.settings import label_studio_credentials, read_settings
from curate.workspace import Workspace, pseudonym_key, read_private, write_private
from live.dying import COMMANDS, NAMES, address
from live.room import Room
from live.table import Damage, compared
from live.test_team import signed_in

ANSWERS = {
    "mill": "[Rebels](actor>1) [shelled](Attack#1) [the mill](target>1).",
    "envoys": "Envoys [met](Agree#1) in [Velmark](place>1).",
}


@dataclass
class Staffing:
    """A project that people are to join; ``here`` is the last of them, who has an account."""

    room: Room
    here: str

    @classmethod
    def of(cls, room: Room) -> Staffing:
        """Let the last sign up, and the key be there by which they are named: another would name them anew."""
        pseudonym_key(Workspace(room.folder))
        here = address(NAMES[-1], room.folder)
        with client.connected(label_studio_credentials(read_settings(room.folder))) as connection:
            sign_up(client.invitation(connection), here).session.close()
        return cls(room, here)

    def accounts(self) -> list[tuple[str, int]]:
        """List the accounts of the project's people with their numbers."""
        wanted = {address(name, self.room.folder) for name in NAMES}
        return [(one["email"], one["id"]) for one in self.room.ask("GET", "/api/users") if one["email"] in wanted]

    def reset(self) -> None:
        """Take away the accounts that were made."""
        for account, number in self.accounts():
            if account != self.here:
                self.room.ask("DELETE", f"/api/users/{number}/")

    def damage(self) -> Damage:
        """Say what is amiss: with accounts, with who is on the register, and with the passwords that are handed out."""
        workspace, accounts = Workspace(self.room.folder), [address(name, self.room.folder) for name in NAMES]
        found = compared(accounts, [account for account, _ in self.accounts()])
        key = pseudonym_key(workspace)
        names = {pseudonym(key, account): account for account in accounts}
        found += compared(names, list(read_private(workspace, REGISTER) or {}))
        logins = {names[path.stem]: path for path in sorted((workspace.private / "logins").glob("*.txt"))}
        found += compared(accounts[:-1], list(logins))
        return found + [("wrong", f"the password of {one}") for one, path in logins.items() if not self._opens(path)]

    def _opens(self, login: Path) -> bool:
        told = dict(re.findall(r"^(.+?): (.+)$", login.read_text(encoding="utf-8"), re.MULTILINE))
        try:
            signed_in(self.room.direct, told["E-mail"], told["Password"]).session.close()
        except AssertionError:
            return False
        return True


@dataclass
class Qualifying:
    """A project in which one person was tried out and has answered; ``first`` is their project there."""

    room: Room
    first: int
    people: tuple[str, ...]

    @classmethod
    def of(cls, room: Room) -> Qualifying:
        """Bring the texts to one, let them answer, pull, and let the other join."""
        folder, workspace = room.folder, Workspace(room.folder)
        (folder / "qualification").mkdir()
        for name, marked in ANSWERS.items():
            (folder / "qualification" / f"{name}.txt").write_text(f"{marked}\n", encoding="utf-8")
        accounts = [address(name, folder) for name in NAMES[:2]]
        numbers = [room.ask("POST", "/api/users", {"email": one, "username": one[:20]})["id"] for one in accounts]
        key = pseudonym_key(workspace)
        people = tuple(pseudonym(key, account) for account in accounts)
        keep_people(workspace, room.ask("GET", "/api/users"))
        write_private(workspace, REGISTER, {people[0]: ACTIVE})
        COMMANDS["people qualify"](folder)
        [first] = room.projects()
        schema = api.load_schema(read_settings(folder))
        for task in room.tasks():
            name = task["data"]["article_id"]
            result = result_of(to_reading(parse(ANSWERS[name].replace("Agree", "Clash")), schema), schema)
            body = {"result": result, "completed_by": numbers[0]}
            room.posted[room.ask("POST", f"/api/tasks/{task['id']}/annotations/", body)["id"]] = name
        api.pull(folder)
        write_private(workspace, REGISTER, dict.fromkeys(people, ACTIVE))
        return cls(room, first, people)

    def reset(self) -> None:
        """Let the other have no project."""
        for number in self.room.projects():
            if number != self.first:
                self.room.ask("DELETE", f"/api/projects/{number}/")

    def damage(self) -> Damage:
        """Say what is amiss with the projects of people, their tasks and what was answered."""
        found = compared(range(len(self.people)), range(len(self.room.projects())))
        tasks = self.room.tasks()
        for project in self.room.projects():
            found += compared(ANSWERS, [task["data"]["article_id"] for task in tasks if task["project"] == project])
        return found + compared(self.room.posted, [one["id"] for task in tasks for one in task["annotations"]])
