"""Whether all is well: doctor."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from curate.errors import CurateError
from curate.settings import find_project, read_settings
from curate.wording import counted
from curate.workspace import Workspace, pseudonym_key

if TYPE_CHECKING:
    from curate.health.points import Point
    from curate.settings import Settings


def doctor(project: Path | None = None, *, names: bool = False) -> list[Point]:
    """Look at the environment, the project and its Label Studio, and say for each point what was found.

    Nothing is changed, here or on the server. Without a project or a server their points say so. People stand under
    their pseudonyms unless ``names`` asks for the accounts.
    """
    from curate.health.environment import environment
    from curate.health.files import files
    from curate.health.points import FINE, UNSEEN, WRONG, Point
    from curate.health.server import server
    from curate.settings import label_studio_elsewhere

    area = "project"
    try:
        folder = find_project(project)
    except CurateError as error:
        found = [*environment(Path.cwd(), remote=label_studio_elsewhere(None))]
        return [*found, Point(area, "curate.toml", UNSEEN, f"files and server: {error.message}", error.fix)]
    try:
        settings = read_settings(project)
    except CurateError as error:
        found = [*environment(folder, remote=label_studio_elsewhere(None))]
        found.append(Point(area, "curate.toml", WRONG, error.message, error.fix))
        return [*found, Point(area, "files and server", UNSEEN, "curate.toml says where they are", "Mend it first.")]
    readings = counted(settings.overlap, "reading")
    return [
        *environment(folder, remote=label_studio_elsewhere(settings)),
        Point(area, "curate.toml", FINE, f"workspace {settings.workspace}, {readings} of each article"),
        *files(settings),
        *server(settings, _shown(settings, names)),
    ]


def _shown(settings: Settings, names: bool) -> Callable[[str], str]:
    """Say how an account is written: by its name, its pseudonym, or not at all while there is no key."""
    from curate.pseudonyms import pseudonym

    workspace = Workspace(settings.folder)
    if names:
        return str
    try:
        key = pseudonym_key(workspace, make=False) if (workspace.private / "pseudonym.key").is_file() else None
    except CurateError:
        key = None
    return lambda account: pseudonym(key, account) if key else "somebody"
