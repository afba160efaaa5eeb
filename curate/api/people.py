"""The people who annotate: their accounts, and who of them goes on."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from curate.accounts import account_names, keep_people
from curate.api.project import Progress, annotator_names, open_pulled, silent
from curate.errors import InputError, UsageError
from curate.files import write_atomic
from curate.lock import locked
from curate.pseudonyms import pseudonym
from curate.settings import Settings, label_studio_credentials, read_settings
from curate.workspace import (
    Workspace,
    pseudonym_key,
    read_articles,
    read_assignments,
    read_json,
    read_private,
    write_private,
)

if TYPE_CHECKING:
    from curate.labelstudio.client import Connection
    from curate.qualification import Followed
    from curate.working import Progress as Reached
    from curate.working import Work

REGISTER = "annotators.json"
"""The private list of people: ``active`` or ``left``, by pseudonym."""
ACTIVE, LEFT = "active", "left"
ADDRESS = re.compile(r"[^@\s]+@[^@\s.]+(?:\.[^@\s.]+)*")
LOGIN = """\
Label Studio: {url}
E-mail: {email}
Password: {password}
"""


@dataclass(frozen=True)
class Person:
    """Somebody who annotates. ``state`` is active or left; ``account`` is for the eyes of the lead alone.

    ``login`` is the private file with their password, where curate made the account; ``reached`` how far they are.
    ``qualification`` is passed, failed or pending where the project has texts with known answers; ``gold`` tells how
    they do on those that are hidden in their work; ``unscored`` names what must be mended before both can be told.
    """

    annotator: str
    account: str = field(repr=False)
    state: str
    login: Path | None = None
    reached: Reached | None = None
    qualification: str | None = None
    gold: Followed | None = None
    unscored: Sequence[str] = ()


def is_given_out(workspace: Workspace) -> bool:
    """Tell whether articles are given to people: who reads what is planned, or there is somebody to plan for."""
    return workspace.assignments.is_file() or ACTIVE in (read_private(workspace, REGISTER) or {}).values()


def add_people(accounts: Sequence[str], project: Path | None = None, *, progress: Progress = silent) -> list[Person]:
    """Make people annotators by their e-mail addresses, with an account for those who have none.

    The password of a new account is written to a file of its own that only its owner can read, before the account is
    made: whoever is interrupted just runs it again. Somebody who left comes back.

    Raises UsageError for what is no e-mail address, before anything is done; InputError for one that Label Studio
    refuses, of which nothing stays. Those before it have been made then, those after it have not.
    """
    accounts = [account.strip() for account in accounts]
    for account in accounts:
        if not ADDRESS.fullmatch(account):
            raise UsageError(f"{account!r} is no e-mail address.", "Write it as name@example.org; no mail is sent.")
    settings = read_settings(project)
    workspace = Workspace(settings.folder)
    from curate.labelstudio import client

    with locked(workspace), client.connected(label_studio_credentials(settings)) as connection:
        known = {str(user["email"]).lower() for user in client.users(connection)}
        key, added = pseudonym_key(workspace), list[Person]()
        try:
            for account in accounts:
                who = pseudonym(key, account)
                # An address is the same in any case, so somebody may be named twice.
                if any(one.annotator == who for one in added):
                    continue
                if account.lower() not in known:
                    _make(connection, settings, workspace, account, who)
                    progress(f"{who}: account made")
                # Each at once: the next one may be refused.
                write_private(workspace, REGISTER, register(workspace) | {who: ACTIVE})
                added.append(Person(who, account, ACTIVE, login=_login(workspace, who)))
        finally:
            keep_people(workspace, client.users(connection))
    return added


def _make(connection: Connection, settings: Settings, workspace: Workspace, account: str, who: str) -> None:
    from curate.labelstudio import client
    from curate.labelstudio.accounts import sign_up

    path = _login_file(workspace, who)
    known = re.search("Password: (.+)", path.read_text(encoding="utf-8")) if path.is_file() else None
    password = known.group(1) if known else secrets.token_urlsafe(12)
    url = label_studio_credentials(settings).public_url
    write_atomic(path, LOGIN.format(url=url, email=account, password=password).encode(), private=True)
    try:
        sign_up(client.invitation(connection), account, password).close()
    except InputError:
        # A password that was there before may be that of an account whose making was interrupted.
        if known is None:
            path.unlink()
        raise


def _login_file(workspace: Workspace, who: str) -> Path:
    return workspace.private / "logins" / f"{who}.txt"


def _login(workspace: Workspace, who: str) -> Path | None:
    path = _login_file(workspace, who)
    return path if path.is_file() else None


def list_people(project: Path | None = None) -> list[Person]:
    """List the people of the project with how far they are, as of the last pull. No server is asked."""
    from curate.api.answering import unless_broken
    from curate.api.following import followed
    from curate.api.qualifying import states as qualification_states
    from curate.working import progress_of

    settings = read_settings(project)
    workspace = Workspace(settings.folder)
    tried, broken = unless_broken(qualification_states, settings, workspace)
    gold, broken_gold = unless_broken(followed, settings, workspace)
    names = account_names(workspace, make=False)
    reached = progress_of(read_assignments(workspace) or [], work_done(workspace))
    states = register(workspace)
    return [
        Person(
            who,
            names.get(who, who),
            states.get(who, LEFT),
            _login(workspace, who),
            reached.get(who),
            tried.get(who),
            gold.get(who),
            broken + broken_gold,
        )
        for who in sorted(states.keys() | reached.keys())
    ]


def remove_people(who: Sequence[str], project: Path | None = None) -> list[Person]:
    """Let people, by pseudonym or e-mail address, get nothing more to read; what they finished stays.

    Accounts stay as well: only an administrator of Label Studio can switch one off. Raises UsageError for somebody who
    is not among the people.
    """
    workspace = Workspace(read_settings(project).folder)
    with locked(workspace):
        states, key = register(workspace), pseudonym_key(workspace)
        named = [one if one in states else pseudonym(key, one) for one in who]
        for given, found in zip(who, named, strict=True):
            if found not in states:
                raise UsageError(f"{given}: not one of the people here.", "curate people list names them.")
        write_private(workspace, REGISTER, states | dict.fromkeys(named, LEFT))
    return [one for one in list_people(project) if one.annotator in named]


def register(workspace: Workspace) -> dict[str, str]:
    """Read who is active and who left, by pseudonym."""
    found: dict[str, str] = read_private(workspace, REGISTER) or {}
    return found


def work_done(workspace: Workspace) -> list[Work]:
    """Say what everybody has made of each article, as of the last pull and check; nothing is written."""
    from curate.working import work_of

    path = workspace.export("held.jsonl")
    lines = path.read_bytes().splitlines() if path.is_file() else []
    held = {str(read_json(line, path)["annotation_id"]) for line in lines}
    with open_pulled(workspace) as pulled:
        if pulled is None:
            return []
        names = annotator_names(workspace, make=False)
        return work_of(pulled.bare_tasks, pulled.drafts, read_articles(workspace), names, held)
