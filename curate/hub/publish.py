"""A release folder to the Hub: planned, sent as one commit, read back, tagged; twice is as once.

Whatever goes wrong on the way, nothing is sent again blindly: the repository is looked at and planned for anew.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from curate.errors import CurateError, HubError
from curate.hub import manifest, remote
from curate.hub.planning import LocalRelease, Step, check_unchanged, hashes, plan, read_release
from curate.wording import counted

if TYPE_CHECKING:
    from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi

ATTEMPTS = 5
"""How often a publication is taken up again after failures that may pass."""

Progress = Callable[[str], None]
Result = TypeVar("Result")


@dataclass(frozen=True)
class PublishReport:
    """What publishing came to; ``changed`` is False if all was there already, or is only planned.

    ``commit`` is the one the version's tag names, or the one proposed; None while only planned. ``proposal`` is
    the address of the pull request, if one was asked for. ``verified`` counts the files that were read back, or
    compared by the Hub's hashes where nothing had to be sent.
    """

    repository: str
    version: str
    url: str
    private: bool
    steps: tuple[Step, ...]
    commit: str | None = None
    changed: bool = False
    verified: int = 0
    proposal: str | None = None


@dataclass(frozen=True)
class _Publication:
    """One publication under way."""

    api: HfApi
    repository: str
    local: LocalRelease
    private: bool
    progress: Progress

    @property
    def title(self) -> str:
        """The commit's title, by which a pull request is found again."""
        return f"{self.local.name} {self.local.version}"


def publish(
    folder: Path,
    repository: str,
    *,
    token: str | None,
    endpoint: str | None = None,
    private: bool = True,
    pull_request: bool = False,
    dry_run: bool = False,
    progress: Progress = lambda _: None,
) -> PublishReport:
    """Bring a release folder to the dataset repository ``owner/name``, or only plan it.

    All files go in one commit on the `main` that was planned against, files that only earlier releases had
    leave in the same commit; what the Hub then gives back is compared hash by hash, and the version becomes a
    tag on it. With ``pull_request`` the commit is proposed instead, and nothing is tagged; once it is merged,
    publishing without it adds the tag. ``private`` is for a repository that doesn't exist yet; an existing
    public one is refused with it. ``progress`` is told each stage.

    A failure that may pass (a commit in between, 429, 5xx, a broken connection) is answered by looking and
    planning again, up to ATTEMPTS times, as long as nobody else changed files of this dataset meanwhile.
    Raises HubError for anything the Hub refuses or holds otherwise, CurateError for a folder that is no whole
    release, UsageError for a name that can't be.
    """
    remote.check_owner(repository)
    local = read_release(folder)
    api = remote.connect(token, endpoint)
    under_way = _Publication(api, repository, local, private, progress)
    with remote.asking(api, repository):
        progress(f"Looking at {repository} on {api.endpoint}")
        # A Hub that isn't there at all is told at once.
        first = _persistently(under_way, lambda _: _look(under_way), broken_line=False)
        report = PublishReport(
            repository=repository,
            version=local.version,
            url=f"{api.endpoint}/datasets/{repository}/tree/{local.version}",
            private=private if first.state.head is None else first.state.private,
            steps=first.steps,
        )
        if first.done:
            return replace(report, commit=first.state.tags[local.version], verified=len(local.files))
        if dry_run and not pull_request:
            return report

        def carry_out(attempt: int) -> PublishReport:
            now = _look(under_way) if attempt else first
            check_unchanged(repository, first.state, now.state, first.steps, local)
            if pull_request:
                return _propose(under_way, now, report, dry_run)
            commit = _apply(under_way, now)
            return replace(report, commit=commit, changed=True, verified=len(local.files))

        return _persistently(under_way, carry_out)


@dataclass(frozen=True)
class _Look:
    """The repository as it stands, and what is to do there."""

    state: remote.Remote
    steps: tuple[Step, ...]

    @property
    def done(self) -> bool:
        """Whether nothing is left to do."""
        return all(step.action == "keep" for step in self.steps)


def _look(under_way: _Publication) -> _Look:
    state = remote.look(under_way.api, under_way.repository)
    return _Look(state, plan(under_way.api, under_way.repository, state, under_way.local, under_way.private))


def _persistently(under_way: _Publication, work: Callable[[int], Result], *, broken_line: bool = True) -> Result:
    """Do the work, again after a failure that may pass; it is told which attempt this is, counted from 0.

    Without ``broken_line`` a connection that fails is no failure that may pass.
    """
    for attempt in itertools.count():
        try:
            return work(attempt)
        except CurateError:
            raise
        except Exception as error:
            if remote.leave_xet(error):
                under_way.progress("Xet storage can't be used; sending by plain LFS")
                continue
            wait = remote.waiting_time(error, attempt, broken_line)
            if wait is None or attempt + 1 >= ATTEMPTS:
                raise
            under_way.progress(f"The Hub didn't take it ({type(error).__name__}); looking again in {wait:.0f} s")
            time.sleep(wait)
    raise AssertionError("an attempt returns or raises")


def _apply(under_way: _Publication, now: _Look) -> str:
    """Do what was planned and return the commit that the version now names. Raises what the client raises."""
    api, repository, local = under_way.api, under_way.repository, under_way.local
    if now.done:
        return now.state.tags[local.version]
    head = now.state.head
    if head is None:
        under_way.progress(f"Creating {repository}")
        api.create_repo(repository, repo_type="dataset", private=under_way.private)
        # Somebody may have put something there already.
        now = _look(under_way)
        head = str(now.state.head)
    commit = _send(under_way, head, now.steps) or head
    _check_read_back(under_way, commit)
    under_way.progress(f"Tagging {local.version}")
    message = f"{under_way.title}, manifest sha256 {local.files[manifest.NAME].sha256}"
    api.create_tag(repository, tag=local.version, tag_message=message, revision=commit, repo_type="dataset")
    return commit


def _send(under_way: _Publication, head: str, steps: tuple[Step, ...]) -> str | None:
    """Make the one commit; None when no file changes."""
    operations = _operations(steps, under_way.local)
    if not operations:
        return None
    under_way.progress(f"Sending {counted(len(operations), 'change')} as one commit")
    made = under_way.api.create_commit(
        under_way.repository,
        operations,
        commit_message=under_way.title,
        repo_type="dataset",
        parent_commit=head,
    )
    return str(made.oid)


def _propose(under_way: _Publication, now: _Look, report: PublishReport, dry_run: bool) -> PublishReport:
    """Open a pull request with the planned changes, or find the one that proposes the very same already."""
    api, repository, local = under_way.api, under_way.repository, under_way.local
    if now.state.head is None:
        fix = "Create it there, or publish without `--pull-request`."
        raise HubError(f"{repository} doesn't exist, so nothing can be proposed to it.", fix)
    operations = _operations(now.steps, local)
    steps = tuple(step for step in now.steps if step.path != local.version)
    report = replace(report, steps=steps, verified=len(local.files))
    if not operations:
        return report
    for number, revision in remote.pull_requests(api, repository, under_way.title):
        there = remote.list_files(api, repository, revision)
        if all(remote.holds(there.get(path), content) for path, content in local.files.items()):
            return replace(report, proposal=f"{api.endpoint}/datasets/{repository}/discussions/{number}")
    if dry_run:
        return replace(report, verified=0)
    under_way.progress(f"Proposing {counted(len(operations), 'change')}")
    made = api.create_commit(
        repository,
        operations,
        commit_message=under_way.title,
        repo_type="dataset",
        parent_commit=now.state.head,
        create_pr=True,
    )
    _check_read_back(under_way, str(made.oid))
    return replace(report, commit=str(made.oid), changed=True, proposal=str(made.pr_url))


def _operations(steps: tuple[Step, ...], local: LocalRelease) -> list[CommitOperationAdd | CommitOperationDelete]:
    """Turn the steps that change files into the operations of a commit."""
    from huggingface_hub import CommitOperationAdd, CommitOperationDelete

    sent = [step.path for step in steps if step.action in ("create", "update") and step.path in local.files]
    gone = [step.path for step in steps if step.action == "retire"]
    return [
        *(CommitOperationAdd(path_in_repo=path, path_or_fileobj=local.folder / path) for path in sent),
        *(CommitOperationDelete(path_in_repo=path) for path in gone),
    ]


def _check_read_back(under_way: _Publication, commit: str) -> None:
    """Raise HubError unless the Hub's hashes and a fresh download give back every file as sent."""
    api, repository, local = under_way.api, under_way.repository, under_way.local
    under_way.progress(f"Reading back {counted(len(local.files), 'file')} of {commit[:12]}")
    files = remote.list_files(api, repository, commit)
    for path, content in local.files.items():
        same = remote.holds(files.get(path), content)
        if same:
            with remote.downloaded(api, repository, path, commit) as fresh:
                same = hashes(fresh) == content
        if not same:
            fix = f"The version is not tagged. {remote.AGAIN}"
            raise HubError(f"{repository} gives back another {path} than was sent, at {commit}.", fix)
