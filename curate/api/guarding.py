"""Nothing that names a person, a server or a secret of this project leaves the machine."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from curate.errors import InputError
from curate.settings import Settings, secrets_of
from curate.workspace import Workspace, pseudonym_key, read_private

if TYPE_CHECKING:
    from curate.hub.identities import Identity

NAMED = 2
DEPTH = 3
"""A folder nearer to the root has a name that anything may have."""


def refuse_leaks(folder: Path, settings: Settings) -> None:
    """Raise InputError naming the places where a release holds what must not be published."""
    from curate.hub.privacy import leaks

    found = leaks(folder, known_identities(settings), settings.public)
    if found:
        told = "; ".join(f"{leak.path}, {leak.place}: {leak.what} ({leak.shown})" for leak in found[:NAMED])
        more = f"; and {len(found) - NAMED} more" if len(found) > NAMED else ""
        raise InputError(
            f"{folder.name} holds what must not be published: {told}{more}.",
            'Take it out where it comes from. If it is meant to be public: public = ["..."] in curate.toml.',
        )


def known_identities(settings: Settings) -> list[Identity]:
    """Give all that names the people, servers, secrets and folders of a project."""
    from curate.hub.identities import Identity, Person, identities_of

    workspace = Workspace(settings.folder)
    people = [Person(**named) for named in read_private(workspace, "names.json") or []]
    people += [Person(email) for email in (read_private(workspace, "people.json") or {}).values()]
    found = list(identities_of(people))
    for what, text in secrets_of(settings).items():
        found.append(Identity(text, what))
        if address := urlsplit(text).netloc:
            found.append(Identity(address, what))
    found.append(Identity(pseudonym_key(workspace).decode("ascii", "replace"), "the key of the pseudonyms"))
    folders = [settings.folder, Path.home()]
    return found + [Identity(str(one), "a folder of this machine") for one in folders if len(one.parts) >= DEPTH]
