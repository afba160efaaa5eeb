"""Whose accounts the numbers on the server and the pseudonyms in the exports are, kept in private."""

from __future__ import annotations

from typing import Any

from curate.pseudonyms import pseudonym
from curate.workspace import Workspace, pseudonym_key, read_private, write_private


def keep_people(workspace: Workspace, people: list[dict[str, Any]]) -> None:
    """Remember which account a user id belongs to, so that pseudonyms can be made without the server."""
    known = read_private(workspace, "people.json") or {}
    named = read_private(workspace, "names.json") or []
    for user in people:
        # The first account name stays: another would make another pseudonym.
        known.setdefault(str(user["id"]), user["email"])
        # Every name a person ever had must not be published.
        name = {key: str(user.get(key) or "") for key in ("email", "first_name", "last_name", "username")}
        if name not in named:
            named.append(name)
    write_private(workspace, "people.json", known)
    write_private(workspace, "names.json", named)


def account_numbers(workspace: Workspace) -> dict[str, set[int]]:
    """Tell the numbers on the server of the accounts behind each pseudonym."""
    key, found = pseudonym_key(workspace), dict[str, set[int]]()
    for number, account in (read_private(workspace, "people.json") or {}).items():
        found.setdefault(pseudonym(key, account), set()).add(int(number))
    return found


def account_names(workspace: Workspace, *, make: bool = True) -> dict[str, str]:
    """Tell the account behind each pseudonym; for the eyes of the lead alone. Without ``make`` no key is made."""
    key = pseudonym_key(workspace, make=make)
    return {pseudonym(key, account): account for account in (read_private(workspace, "people.json") or {}).values()}
