"""The projects of a workspace on the server: found by their marker, and what they have to be like."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from curate.labelstudio import client
from curate.labelstudio.page import labelling_page
from curate.labelstudio.rounds import is_adjudication
from curate.labelstudio.tasks import Marker, find_project, read_marker
from curate.schema.instructions import instructions_html
from curate.schema.model import EventSchema
from curate.settings import Settings
from curate.workspace import Workspace, raw_folders, read_json, read_raw

STAMPS = re.compile(r'<Choices name="schema".*?</Choices>', re.DOTALL)


def wanted_settings(settings: Settings, schema: EventSchema, project: Mapping[str, Any] | None) -> dict[str, Any]:
    """Give the settings that the project on the server has to have, by the server's names for them."""
    marker = Marker(settings.workspace, "annotate", "", schema.stamp)
    return {
        "title": project_title(settings, schema),
        "description": marker.write(),
        "label_config": labelling_page(schema, earlier_stamps(project, schema)),
        "expert_instruction": instructions_html(schema),
        "show_instruction": True,
        "maximum_annotations": settings.overlap,
    }


def project_title(settings: Settings, schema: EventSchema, ending: str = "") -> str:
    """Name a project after its dataset, in the 3 to 50 characters that Label Studio takes."""
    name = str(settings.dataset.get("pretty_name") or schema.title or schema.name).strip()
    return name[: 50 - len(ending)].strip().ljust(3, ".") + ending


def own_project(
    connection: client.Connection, settings: Settings, workspace: Workspace, purpose: str = "annotate"
) -> tuple[Mapping[str, Any] | None, list[int]]:
    """Find this workspace's project of a purpose by its marker, or, if somebody removed that, as pulled before."""
    projects = client.projects(connection)
    project, others = find_project(projects, settings.workspace, purpose)
    if project is None:
        unmarked = {folder_name(one): one for one in projects if read_marker(one.get("description")) is None}
        pulled = (folder for folder in raw_folders(workspace) if folder.name in unmarked)
        project = next((unmarked[folder.name] for folder in pulled if _pulled_for(folder) == purpose), None)
    return project, others


def _pulled_for(folder: Path) -> str:
    """Tell from its raw answers what a project was for."""
    tasks = (read_json(content, folder) for content in read_raw(folder))
    return next(("adjudicate" if is_adjudication(task) else "annotate" for task in tasks if "data" in task), "")


def folder_name(project: Mapping[str, Any]) -> str:
    """Name the folder of a project's raw answers; another server's project of the same number has another."""
    return f"project-{project['id']}-{re.sub('[^0-9]', '', project['created_at'])[:20]}"


def earlier_stamps(project: Mapping[str, Any] | None, schema: EventSchema) -> list[str]:
    """Keep on the page the stamps that annotations of the project may carry."""
    found = STAMPS.search(project["label_config"]) if project else None
    stamps = re.findall(r'value="([^"]+)"', found.group(0)) if found else []
    return [stamp for stamp in stamps if stamp != schema.stamp]
