"""A dataset repository on the Hub: what is there now, and refusals as one sentence and a way out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from curate.errors import CurateError, HubError, UsageError

if TYPE_CHECKING:
    from huggingface_hub import HfApi

PUBLIC_HUB = "https://huggingface.co"
AGAIN = "Run `curate publish` again: it plans anew, and nothing is sent twice."
LONGEST_WAIT = 60.0
NAMING = "Name it as in `owner/name`."


@dataclass(frozen=True)
class RemoteFile:
    """A file on the Hub: its git blob id, and its SHA-256 where the Hub keeps it outside git."""

    blob: str
    sha256: str | None


@dataclass(frozen=True)
class Hashes:
    """A content by both names the Hub may have for it: git blob id and SHA-256, hexadecimal."""

    blob: str
    sha256: str


@dataclass(frozen=True)
class Remote:
    """A dataset repository as it stands: the commit of `main` (None: there is none), files, tags."""

    head: str | None = None
    private: bool = False
    files: dict[str, RemoteFile] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)


def connect(token: str | None, endpoint: str | None) -> HfApi:
    """Make the Hub's client, without asking anything yet. Raises HubError if there is no token."""
    from huggingface_hub import HfApi

    if not token:
        fix = f"Make one with write access at {endpoint or PUBLIC_HUB}/settings/tokens and set it as HF_TOKEN."
        raise HubError("There is no token for the Hub.", fix)
    return HfApi(endpoint=endpoint, token=token)


def reader(token: str | None, endpoint: str | None) -> HfApi:
    """Make a client that only reads, with or without a token, without asking anything yet."""
    from huggingface_hub import HfApi

    return HfApi(endpoint=endpoint, token=token or False)


@contextmanager
def asking(api: HfApi, repository: str) -> Iterator[None]:
    """Let the client work in silence, and turn what goes wrong with the Hub into a HubError.

    Only the public Hub has Xet storage, and the client doesn't ask: elsewhere it is switched off for the
    while.
    """
    from huggingface_hub import constants
    from huggingface_hub.utils.tqdm import (
        are_progress_bars_disabled,
        disable_progress_bars,
        enable_progress_bars,
    )

    before, quiet = constants.HF_HUB_DISABLE_XET, are_progress_bars_disabled()
    constants.HF_HUB_DISABLE_XET = before or api.endpoint != PUBLIC_HUB
    disable_progress_bars()
    try:
        yield
    except CurateError:
        raise
    except Exception as error:
        told = hub_error(error, str(api.endpoint), repository)
        if told is None:
            raise
        raise told from error
    finally:
        constants.HF_HUB_DISABLE_XET = before
        if not quiet:
            enable_progress_bars()


def check_owner(repository: str) -> None:
    """Raise UsageError unless a repository is named with its owner."""
    if repository.count("/") != 1:
        raise UsageError(f"{repository!r} doesn't name a dataset repository with its owner.", NAMING)


def hub_error(error: BaseException, endpoint: str, repository: str) -> CurateError | None:
    """Tell what the Hub or the way to it did wrong, None if it was neither."""
    import httpx2
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError

    if isinstance(error, HFValidationError):
        return UsageError(f"{repository!r} can't be a repository: {error}", NAMING)
    if isinstance(error, ValueError) and "metadata in README.md" in str(error):
        fix = "Mend the [dataset] table of curate.toml and release a new version."
        return HubError(" ".join(str(error).split()), fix)
    for cause in causes(error):
        if isinstance(cause, HfHubHTTPError):
            return refusal(cause.response.status_code, cause.server_message or "", endpoint, repository)
        if isinstance(cause, httpx2.TransportError | ConnectionError):
            message = f"The Hub at {endpoint} can't be reached ({type(cause).__name__})."
            return HubError(message, "Check the network and HF_ENDPOINT, and that HF_HUB_OFFLINE is not set.")
    return None


def refusal(status: int, said: str, endpoint: str, repository: str) -> HubError:
    """Say what an HTTP status of the Hub means for us and what to do."""
    owner = repository.partition("/")[0]
    if status == 401:
        fix = f"Make one with write access at {endpoint}/settings/tokens and set it as HF_TOKEN."
        return HubError(f"The Hub at {endpoint} doesn't accept the token (401).", fix)
    if status == 403:
        fix = f"Use a token with write access for {owner}, or name another repository."
        return HubError(f"The token may not write to {repository} on {endpoint} (403).", fix)
    if status == 404:
        fix = "Check the name, and that the token may see it."
        return HubError(f"{repository}, or a part of it, is not on {endpoint} (404).", fix)
    if status in (409, 412):
        message = f"{repository} was changed by someone else in the meantime ({status}); this commit was not made."
        return HubError(message, AGAIN)
    if status == 429 or status >= 500:
        return HubError(f"The Hub at {endpoint} is busy or out of order ({status}).", f"Wait a little. {AGAIN}")
    message = f"The Hub at {endpoint} refuses the request ({status}): {' '.join(said.split())}"
    return HubError(message, "Do what it says, or report it if that makes no sense.")


def look(api: HfApi, repository: str) -> Remote:
    """Read what a repository holds now. Raises what the client raises."""
    from huggingface_hub.errors import RepositoryNotFoundError

    try:
        info = api.dataset_info(repository)
    except RepositoryNotFoundError as error:
        if error.response.status_code != 404:
            raise
        return Remote()
    refs = api.list_repo_refs(repository, repo_type="dataset")
    tags = {tag.name: tag.target_commit for tag in refs.tags}
    return Remote(info.sha, bool(info.private), list_files(api, repository, str(info.sha)), tags)


def list_files(api: HfApi, repository: str, commit: str) -> dict[str, RemoteFile]:
    """List the files of a commit by path. Raises what the client raises."""
    from huggingface_hub.hf_api import RepoFile

    entries = api.list_repo_tree(repository, recursive=True, revision=commit, repo_type="dataset")
    return {
        entry.path: RemoteFile(entry.blob_id, entry.lfs.sha256 if entry.lfs else None)
        for entry in entries
        if isinstance(entry, RepoFile)
    }


def pull_requests(api: HfApi, repository: str, title: str) -> list[tuple[int, str]]:
    """List the open pull requests of a title: number and revision. Raises what the client raises."""
    found = api.get_repo_discussions(
        repository, repo_type="dataset", discussion_type="pull_request", discussion_status="open"
    )
    return [(one.num, f"refs/pr/{one.num}") for one in found if one.title == title]


@contextmanager
def downloaded(api: HfApi, repository: str, path: str, commit: str) -> Iterator[Path]:
    """Download one file of a commit past every cache, for a while. Raises what the client raises."""
    with TemporaryDirectory() as fresh:
        yield Path(api.hf_hub_download(repository, path, repo_type="dataset", revision=commit, cache_dir=fresh))


def holds(file: RemoteFile | None, content: Hashes) -> bool:
    """Tell whether a file on the Hub has this content, by the hash the Hub tells."""
    if file is None:
        return False
    return file.blob == content.blob if file.sha256 is None else file.sha256 == content.sha256


def waiting_time(error: BaseException, attempt: int, broken_line: bool = True) -> float | None:
    """Say how many seconds to wait before looking again after a failure that may pass, None if it won't.

    What may pass: a commit in between (409, 412), too many requests (429, whose Retry-After counts), a Hub out
    of order (5xx), and with ``broken_line`` a connection that broke. The time doubles with each ``attempt``,
    counted from 0.
    """
    import httpx2
    from huggingface_hub.errors import HfHubHTTPError

    seconds = float(2**attempt)
    for cause in causes(error):
        if isinstance(cause, HfHubHTTPError):
            status, told = cause.response.status_code, cause.response.headers.get("Retry-After", "")
            if status in (409, 412):
                return 0.0
            if status != 429 and status < 500:
                return None
            return min(float(told), LONGEST_WAIT) if told.isdecimal() else seconds
        if isinstance(cause, httpx2.TransportError | ConnectionError):
            return seconds if broken_line else None
    return None


def causes(error: BaseException) -> Iterator[BaseException]:
    """Give an error and what it came from, innermost last."""
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__


def leave_xet(error: BaseException) -> bool:
    """Switch the client from Xet storage to plain LFS after a failure; tell whether that is worth a try.

    It is when Xet was in use and the Hub itself refused nothing: the client has no way back of its own.
    """
    from huggingface_hub import constants
    from huggingface_hub.errors import HfHubHTTPError
    from huggingface_hub.utils._runtime import is_xet_available

    if constants.HF_HUB_DISABLE_XET or not is_xet_available():
        return False
    if any(isinstance(cause, HfHubHTTPError) and "xet" not in str(cause.request.url) for cause in causes(error)):
        return False
    constants.HF_HUB_DISABLE_XET = True
    return True
