"""A release to the Hub."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from curate.api.guarding import refuse_leaks
from curate.api.project import Progress, silent
from curate.errors import UsageError
from curate.settings import read_settings
from curate.workspace import Workspace, read_withdrawn

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
    """Bring a release (the highest version unless named) to the Hugging Face Hub and read it back.

    Raises InputError where it gives somebody away, UsageError where it isn't there or holds what was withdrawn since.
    """
    from curate.hub import manifest
    from curate.hub.publish import publish as publish_folder
    from curate.settings import hub_endpoint, hub_token

    settings = read_settings(project)
    releases = Workspace(settings.folder).exports / "releases"
    there = manifest.versions(releases)
    if version is None and there:
        version = there[-1]
    if version not in there:
        wanted = f"release {version}" if version else "a release"
        raise UsageError(f"{releases}: {wanted} is not there.", "Make one: curate release 1.0.0")
    progress(f"Searching {version} for what must not be published")
    refuse_leaks(releases / version, settings)
    _refuse_withdrawn(releases / version, Workspace(settings.folder))
    token = hub_token()
    named = manifest.read(releases / version).get("metadata", {}).get("repository")
    if named != repository:
        told = f"loads it from {named}" if named else "names no repository to load it from"
        progress(f'The card {told}: repository = "{repository}" in [dataset] of curate.toml, before the next release')
    return publish_folder(
        releases / version,
        repository,
        token=token,
        endpoint=hub_endpoint(),
        private=private,
        pull_request=pull_request,
        dry_run=dry_run,
        progress=progress,
    )


def _refuse_withdrawn(folder: Path, workspace: Workspace) -> None:
    """Raise UsageError if a release holds an article that was withdrawn after it was made."""
    from curate.hub import chains

    withdrawn = read_withdrawn(workspace)
    found = [chain.id for chain in chains.read(folder) if chain.id in withdrawn] if withdrawn else []
    if found:
        more = f" and {len(found) - 1} more" if len(found) > 1 else ""
        raise UsageError(
            f"Release {folder.name} holds what was withdrawn since: {found[0]}{more}.",
            "Make a release without it and publish that: curate release VERSION",
        )
