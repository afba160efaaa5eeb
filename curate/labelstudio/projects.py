"""The projects of a workspace on the server: found by their markers, and what they have to be like."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from curate.answers import IMPORTED
from curate.labelstudio import client
from curate.labelstudio.desks import Desk
from curate.labelstudio.page import labelling_page
from curate.labelstudio.rounds import is_adjudication
from curate.labelstudio.tasks import ADJUDICATE, ANNOTATE, Marker, Place, find_projects, marker_of, read_marker
from curate.raw import raw_folders, read_raw
from curate.schema.instructions import instructions_html
from curate.schema.model import EventSchema
from curate.settings import Settings
from curate.workspace import Workspace, read_json

STAMPS = re.compile(r'<Choices name="schema".*?</Choices>', re.DOTALL)


@dataclass(frozen=True)
class Own:
    """A project of this workspace, and others that claim to be the same one."""

    project: Mapping[str, Any]
    seconds: list[Mapping[str, Any]]

    @property
    def others(self) -> list[int]:
        """Give the numbers of the others."""
        return [int(one["id"]) for one in self.seconds]


def wanted_settings(
    settings: Settings, schema: EventSchema, project: Mapping[str, Any] | None, desk: Desk
) -> dict[str, Any]:
    """Give the settings that a project on the server has to have, by the server's names for them."""
    marker = Marker(settings.workspace, desk.purpose, desk.annotator, schema.stamp)
    return {
        "title": project_title(settings, schema, desk.ending),
        "description": marker.write(),
        "label_config": marked_page(labelling_page(schema, earlier_stamps(project, schema)), marker),
        "expert_instruction": instructions_html(schema),
        "show_instruction": True,
        "maximum_annotations": desk.overlap,
    }


def marked_page(page: str, marker: Marker) -> str:
    """Put the marker into the page too, where nobody changes it in passing."""
    end = page.index(">") + 1
    return f"{page[:end]}\n <!-- {marker.write()} -->{page[end:]}"


def project_title(settings: Settings, schema: EventSchema, ending: str = "") -> str:
    """Name a project after its dataset, in the 3 to 50 characters that Label Studio takes."""
    name = str(settings.dataset.get("pretty_name") or schema.title or schema.name).strip()
    return name[: 50 - len(ending)].strip().ljust(3, ".") + ending


def own_projects(connection: client.Connection, settings: Settings, workspace: Workspace) -> dict[Place, Own]:
    """Find this workspace's projects on the server."""
    return own_among(client.projects(connection), settings, workspace)


def own_among(projects: Sequence[Mapping[str, Any]], settings: Settings, workspace: Workspace) -> dict[Place, Own]:
    """Find this workspace's projects by their markers; one whose marker somebody removed, as it was pulled before."""
    found = {place: Own(first, rest) for place, (first, *rest) in find_projects(projects, settings.workspace).items()}
    unmarked = {folder_name(one): one for one in projects if marker_of(one) is None}
    for folder in raw_folders(workspace):
        place = _pulled_as(folder) if folder.name in unmarked else None
        if place is not None:
            found.setdefault(place, Own(unmarked[folder.name], []))
    return found


def own_project(
    connection: client.Connection, settings: Settings, workspace: Workspace, purpose: str, annotator: str = ""
) -> tuple[Mapping[str, Any] | None, list[int]]:
    """Find the project for a purpose, with the numbers of others that claim to be the same one."""
    own = own_projects(connection, settings, workspace).get((purpose, annotator))
    return (own.project, own.others) if own else (None, [])


def lost_project(workspace: Workspace, place: Place) -> str:
    """Number the project that was pulled last for a purpose; empty when none was."""
    folders = [one for one in raw_folders(workspace) if not one.name.endswith(IMPORTED)]
    return next((one.name.split("-")[1] for one in reversed(folders) if _pulled_as(one) == place), "")


def _pulled_as(folder: Path) -> Place | None:
    """Tell from its raw answers what a project was for and whose it was; None when nothing was pulled."""
    marked: Place | None = None
    shown: Place | None = None
    for answer in (read_json(content, folder) for content in read_raw(folder)):
        if marker := read_marker(answer.get("marker")):
            marked = marker.place
        if shown is None and "data" in answer:
            shown = (ADJUDICATE if is_adjudication(answer) else ANNOTATE, "")
    return marked or shown


def folder_name(project: Mapping[str, Any]) -> str:
    """Name the folder of a project's raw answers; another server's project of the same number has another."""
    return f"project-{project['id']}-{re.sub('[^0-9]', '', project['created_at'])[:20]}"


def earlier_stamps(project: Mapping[str, Any] | None, schema: EventSchema) -> list[str]:
    """Keep on the page the stamps that annotations of the project may carry."""
    found = STAMPS.search(project["label_config"]) if project else None
    stamps = re.findall(r'value="([^"]+)"', found.group(0)) if found else []
    return [stamp for stamp in stamps if stamp != schema.stamp]
