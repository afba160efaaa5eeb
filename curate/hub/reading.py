"""Datasets on the Hub as input: ``hf://datasets/OWNER/NAME[@REVISION][/PATH][?split=SPLIT&config=CONFIG]``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from curate.errors import HubError
from curate.hub.remote import PUBLIC_HUB, asking
from curate.intake.files import Source
from curate.intake.readers import READERS
from curate.intake.rows import Found, Note, Refusal, Row

if TYPE_CHECKING:
    from huggingface_hub import HfApi

FORM = "Write it as hf://datasets/OWNER/NAME, with @REVISION, /PATH or ?split=SPLIT after it if need be."
ADDRESS = re.compile(
    r"hf://datasets/(?P<repository>[^/@?]+/[^/@?]+)(?:@(?P<revision>[^/?]+))?(?:/(?P<path>[^?]*))?(?:\?(?P<query>.*))?"
)


@dataclass(frozen=True)
class Address:
    """What an address names: a repository, a revision (None: `main`), a path in it, a config and a split."""

    repository: str
    revision: str | None
    path: str
    config: str | None
    split: str | None


def parse_address(text: str) -> Address | None:
    """Read an address; None where it has another form."""
    found = ADDRESS.fullmatch(text)
    query = parse_qs(found["query"] or "", keep_blank_values=True) if found else {}
    if not found or set(query) - {"split", "config"}:
        return None
    config, split = (query.get(key, [None])[0] for key in ("config", "split"))
    return Address(found["repository"], found["revision"], (found["path"] or "").strip("/"), config, split)


def read_address(text: str, like: Source, token: str | None, endpoint: str | None) -> Iterator[Source | Found]:
    """Give the rows of a dataset, or, where the address names a path, the files there, downloaded.

    The revision is looked up once, so that everything comes from one commit. Raises HubError where the Hub is
    away or the repository, the revision or the path isn't there.
    """
    from huggingface_hub import HfApi

    address = parse_address(text)
    if address is None:
        yield Refusal(text, "no address of a dataset", FORM)
        return
    api = HfApi(endpoint=endpoint, token=token)
    with asking(api, address.repository):
        commit = _commit(api, address)
        shown = f"hf://datasets/{address.repository}@{commit[:10]}"
        if address.path:
            yield from _files(api, address, commit, shown, like)
        else:
            yield from _rows(address, commit, shown, token)


def _commit(api: HfApi, address: Address) -> str:
    from huggingface_hub.errors import RepositoryNotFoundError, RevisionNotFoundError

    try:
        return str(api.dataset_info(address.repository, revision=address.revision).sha)
    except RevisionNotFoundError as error:
        raise HubError(f"{address.repository} has no revision {address.revision!r}.", "Check the name.") from error
    except RepositoryNotFoundError as error:
        where = api.endpoint or PUBLIC_HUB
        fix = "Check the name; for a private dataset set HF_TOKEN, or log in: hf auth login"
        raise HubError(f"There is no dataset {address.repository} on {where} that you may see.", fix) from error


def _files(api: HfApi, address: Address, commit: str, shown: str, like: Source) -> Iterator[Source | Found]:
    """Download the file at the path, or those below it whose ending is read."""
    from curate.hub.remote import list_files

    names = sorted(list_files(api, address.repository, commit))
    chosen = [name for name in names if name == address.path or name.startswith(f"{address.path}/")]
    if not chosen:
        raise HubError(f"{address.repository} has no {address.path!r} at {commit[:10]}.", "Check the path.")
    left = [name for name in chosen if PurePosixPath(name).suffix.lower() not in READERS]
    for name in chosen:
        if name in left:
            continue
        local = api.hf_hub_download(address.repository, name, repo_type="dataset", revision=commit)
        inside = PurePosixPath(name).relative_to(
            PurePosixPath(address.path) if len(chosen) > 1 else PurePosixPath(name).parent
        )
        yield replace(like, path=Path(local), shown=f"{shown}/{name}", name=inside.with_suffix("").as_posix())
    if left:
        yield Note(f"{shown}/{address.path}", f"left out, as their endings are not read: {', '.join(left)[:200]}")
    if len(left) == len(chosen):
        yield Refusal(
            f"{shown}/{address.path}", "no file there that is read", f"Read are: {', '.join(sorted(READERS))}."
        )


def _rows(address: Address, commit: str, shown: str, token: str | None) -> Iterator[Found]:
    """Give the rows of all splits, or of the one named, as they come over the wire."""
    from datasets import load_dataset

    try:
        loaded = load_dataset(address.repository, name=address.config, revision=commit, token=token, streaming=True)
    except (ValueError, FileNotFoundError) as error:
        yield Refusal(shown, _first_line(error), "Name a config with ?config=NAME, or a file: /PATH after the name.")
        return
    wanted = [address.split] if address.split else sorted(loaded)
    if wanted[0] not in loaded:
        yield Refusal(shown, f"there is no split {address.split!r}", f"Splits: {', '.join(sorted(loaded))}.")
        return
    for split in wanted:
        yield from _split_rows(loaded[split], f"{shown}?split={split}")


def _split_rows(rows: Any, where: str) -> Iterator[Found]:
    from datasets.exceptions import DatasetGenerationError
    from pyarrow import ArrowException

    number = 0
    try:
        for values in rows.decode(False):
            yield Row(f"{where}[{number}]", values)
            number += 1
    except (ArrowException, DatasetGenerationError, UnicodeDecodeError, ValueError) as error:
        yield Refusal(
            f"{where}[{number}]", _first_line(error), "Mend the dataset, or name a file: /PATH after its name."
        )


def _first_line(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
