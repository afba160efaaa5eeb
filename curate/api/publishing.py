"""A release to the Hub."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from curate.api.guarding import refuse_leaks
from curate.api.project import Progress, silent
from curate.errors import UsageError
from curate.settings import read_settings
from curate.workspace import Workspace

if TYPE_CHECKING:
    from curate.hub.publish import PublishReport


def publish(
    repository: str,
    version: str | None = None,
    project: Path | None = None,
    *,
    private: bool = True,
    pull_request: bool = False,
    dry_run: bool = False,
    progress: Progress = silent,
) -> PublishReport:
    """Bring a release (the highest version unless named) to the Hugging Face Hub and read it back."""
    from curate.hub.manifest import is_version, version_key
    from curate.hub.publish import publish as publish_folder
    from curate.settings import hub_endpoint, hub_token

    settings = read_settings(project)
    releases = Workspace(settings.folder).exports / "releases"
    versions = [path.name for path in releases.glob("*") if path.is_dir() and is_version(path.name)]
    if version is None and versions:
        version = max(versions, key=version_key)
    if version not in versions:
        wanted = f"release {version}" if version else "a release"
        raise UsageError(f"{releases}: {wanted} is not there.", "Make one: curate release 1.0.0")
    progress(f"Searching {version} for what must not be published")
    refuse_leaks(releases / version, settings)
    return publish_folder(
        releases / version,
        repository,
        token=hub_token(),
        endpoint=hub_endpoint(),
        private=private,
        pull_request=pull_request,
        dry_run=dry_run,
        progress=progress,
    )
