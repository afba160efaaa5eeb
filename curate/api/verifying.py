"""Whether a published dataset is what it says it is; needs no project."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from curate.hub.verify import Verdict


def verify(name: str) -> list[Verdict]:
    """Check a release: a folder of this machine, or ``OWNER/NAME@TAG`` on the Hub. Each verdict is of one check.

    Raises UsageError for a name that is neither, HubError where the Hub doesn't give it, CurateError for what is
    no release.
    """
    from curate.hub.verify import fetched
    from curate.hub.verify import verify as verify_folder
    from curate.settings import hub_endpoint, hub_token

    with fetched(name, hub_token(), hub_endpoint()) as (folder, tag):
        return verify_folder(folder, tag)
