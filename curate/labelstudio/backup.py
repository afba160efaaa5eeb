"""Copies of a project's server and private files, and the way back.

A backup is a gzipped tar: ``manifest.json`` first (format, versions, workspace, when, counts, and size and SHA-256 of
every file), then the files by their place in ``.curate``. The database is copied by SQLite itself, so the server may
run. Left out are logs, locks and the cursor of the pull: after a restore the next pull asks for everything.
"""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import json
import os
import shutil
import sqlite3
import tarfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import IO, Any
from urllib.parse import quote

from curate.errors import CurateError, InputError, ServerError, UsageError
from curate.labelstudio.folder import database, locked, running, server_folder, write_note
from curate.labelstudio.versions import installed_version, last_used
from curate.lastcheck import NOTE as CHECK_NOTE

FORMAT = "curate-server-backup/1"
MANIFEST = "manifest.json"
NOTE = "backup.json"
CURSOR = "cursor.json"
LEFT_OUT = {"backups", "replaced", "lock", ".gitignore", CHECK_NOTE, NOTE, CURSOR}
TABLES = {"people": "htx_user", "projects": "project", "tasks": "task", "annotations": "task_completion"}
CHUNK = 1 << 20


@dataclass(frozen=True)
class Backup:
    """One backup: its file, when it was made (UTC), of which workspace and Label Studio, and how much it holds.

    ``label_studio`` is None where there was no server. ``replaced`` is where a restore put what was there before.
    """

    file: Path
    made_at: str
    workspace: str
    label_studio: str | None
    counts: dict[str, int]
    replaced: Path | None = None


def backup(folder: Path, file: Path | None, workspace: str) -> Backup:
    """Copy the project's server and private files to ``file``, whole or not at all, readable by its owner alone.

    ``folder`` is ``.curate``. Without ``file`` the copy goes to ``.curate/backups``; a folder, and so a name without an
    ending, gets a file named by project and time. Raises UsageError when the file is there already or there is nothing
    to copy.
    """
    made_at = datetime.now(UTC)
    name = f"{folder.absolute().parent.name}-{made_at:%Y%m%d-%H%M%S}.tar.gz"
    place = folder / "backups" if file is None else file
    target = place / name if place.is_dir() or not place.suffix else place
    if target.exists():
        raise UsageError(f"{target}: there is a file of this name.", "Choose another name.")
    if not folder.is_dir():
        raise UsageError(f"{folder}: there is nothing to back up yet.", "Start with: curate server start")
    with locked(folder):
        made = copy(folder, target, workspace, made_at)
    key = folder / "pseudonym.key"
    kept = hashlib.sha256(key.read_bytes()).hexdigest() if key.is_file() else None
    write_note(folder / NOTE, {"file": str(target.absolute()), "made_at": made.made_at, "pseudonym_key_sha256": kept})
    return made


def copy(folder: Path, target: Path, workspace: str, made_at: datetime) -> Backup:
    """Write the copy itself; whoever calls holds the server's lock."""
    with _staging(folder) as staging:
        try:
            for name, path in _files(folder):
                place = staging / name
                place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                shutil.copyfile(path, place)
            counts = _copy_database(database(folder), staging / "server" / "data" / database(folder).name)
            names = sorted(path.relative_to(staging).as_posix() for path in staging.rglob("*") if path.is_file())
            if not names:
                raise UsageError(f"{folder}: there is nothing to back up yet.", "Start with: curate server start")
            made = Backup(target, f"{made_at:%Y-%m-%dT%H:%M:%SZ}", workspace, last_used(folder), counts)
            manifest = {
                "format": FORMAT,
                "made_at": made.made_at,
                "workspace": workspace,
                "label_studio": made.label_studio,
                "counts": counts,
                "files": {name: _described(staging / name) for name in names},
            }
            _write_archive(target, staging, manifest)
        except OSError as error:
            raise CurateError(
                f"{error.filename or target}: can't be copied ({error.strerror or error}).",
                "Make the folder writable or free some space.",
            ) from error
    return made


def restore(
    folder: Path, file: Path, workspace: str, *, confirm: Callable[[Backup], bool] = lambda _: True
) -> Backup | None:
    """Put a backup in the place of what is there, which is kept in ``.curate/replaced``; None when not confirmed.

    Private files that the backup doesn't hold stay. Raises ServerError over a running server, InputError for a file
    that is damaged or no backup, UsageError for one of another project or a newer Label Studio.
    """
    if not file.is_file():
        raise UsageError(f"{file}: there is no such file.", "Name a file that `curate server backup` wrote.")
    with locked(folder):
        up = running(folder)
        if up is not None:
            raise ServerError(f"the server is up at {up.url} (pid {up.pid})", "curate server stop, then restore")
        with _staging(folder) as staging:
            try:
                found = _unpack(file, staging)
            except (tarfile.TarError, EOFError, OSError, zlib.error, ValueError, KeyError, TypeError) as error:
                raise InputError(
                    f"{file}: damaged, or no backup of curate ({str(error) or type(error).__name__}).",
                    "Take another copy; nothing was changed.",
                ) from error
            _refuse_foreign(found, workspace)
            if not confirm(found):
                return None
            replaced = _swap(folder, staging)
    return Backup(found.file, found.made_at, found.workspace, found.label_studio, found.counts, replaced)


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    """Give what is copied as it stands, by its place in ``.curate``: all but the database, logs, locks and notes."""
    data = database(folder).name
    for path in sorted(folder.absolute().rglob("*")):
        name = path.relative_to(folder.absolute())
        if path.is_symlink() or not path.is_file() or name.parts[0] in LEFT_OUT or path.name.startswith(f"{data}"):
            continue
        inside = name.parts[0] == "server"
        if not inside or name.parts[1] == "data" or name.name == "version.json":
            yield name.as_posix(), path


def _copy_database(source: Path, target: Path) -> dict[str, int]:
    """Copy the database as of one moment and count what it holds; nothing where there is none."""
    if not source.is_file():
        return {}
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        # Not read-only: what a killed server left half-written is rolled back first.
        live = sqlite3.connect(f"file:{quote(str(source))}?mode=rw", uri=True, timeout=60)
        with closing(live), closing(sqlite3.connect(target)) as taken:
            live.backup(taken)
            (sound,) = taken.execute("PRAGMA quick_check").fetchone()
            if sound != "ok":
                raise sqlite3.DatabaseError(sound)
            there = {name for (name,) in taken.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            counted = {what: table for what, table in TABLES.items() if table in there}
            return {
                what: int(taken.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0])  # noqa: S608 -- our own names
                for what, table in counted.items()
            }
    except sqlite3.Error as error:
        raise ServerError(f"{source}: the database can't be copied ({error})", "curate server restore FILE") from error


def _described(path: Path) -> dict[str, Any]:
    with path.open("rb") as stream:
        return {"size": path.stat().st_size, "sha256": hashlib.file_digest(stream, "sha256").hexdigest()}


def _write_archive(target: Path, staging: Path, manifest: dict[str, Any]) -> None:
    note = staging / MANIFEST
    note.write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = target.with_name(f".{target.name}.part")
    part.unlink(missing_ok=True)
    try:
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            with tarfile.open(fileobj=out, mode="w:gz") as archive:
                for name in (MANIFEST, *manifest["files"]):
                    member = archive.gettarinfo(staging / name, name)
                    member.mode, member.uid, member.gid, member.uname, member.gname = 0o600, 0, 0, "", ""
                    with (staging / name).open("rb") as stream:
                        archive.addfile(member, stream)
            out.flush()
            os.fsync(out.fileno())
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def _unpack(file: Path, staging: Path) -> Backup:
    """Unpack every file and hold it against the manifest."""
    with gzip.open(file) as unzipped, tarfile.open(fileobj=unzipped, mode="r:") as archive:
        first = archive.next()
        stream = archive.extractfile(first) if first is not None and first.name == MANIFEST else None
        if stream is None:
            raise ValueError("it doesn't begin with a manifest")
        manifest = json.loads(stream.read())
        if manifest["format"] != FORMAT:
            raise ValueError(f"its format is {manifest['format']}")
        left = dict(manifest["files"])
        while (member := archive.next()) is not None:
            place = PurePosixPath(member.name)
            expected = left.pop(member.name, None)
            inner = archive.extractfile(member) if member.isfile() else None
            if expected is None or inner is None or place.is_absolute() or ".." in place.parts:
                raise ValueError(f"{member.name} doesn't belong in it")
            _unpack_one(inner, staging / place)
            if _described(staging / place) != expected:
                raise ValueError(f"{member.name} is not as it was written")
        if left:
            raise ValueError(f"{min(left)} is missing")
        while unzipped.read(CHUNK):  # to the end, where gzip tells whether all of it is there
            pass
    return Backup(file, manifest["made_at"], manifest["workspace"], manifest["label_studio"], manifest["counts"])


def _unpack_one(stream: IO[bytes], place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with open(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        shutil.copyfileobj(stream, out, CHUNK)


def _refuse_foreign(found: Backup, workspace: str) -> None:
    if found.workspace not in ("", workspace):
        raise UsageError(
            f"{found.file}: a backup of workspace {found.workspace}, and this is {workspace}.",
            f'If this is its project made anew, put workspace = "{found.workspace}" into curate.toml.',
        )
    installed = installed_version()
    if found.label_studio and installed and _numbers(found.label_studio) > _numbers(installed):
        raise UsageError(
            f"{found.file}: used with Label Studio {found.label_studio}, and {installed} is installed.",
            f"pip install 'label-studio=={found.label_studio}' first.",
        )


def _numbers(version: str) -> list[int]:
    return [int(part) for part in version.split(".") if part.isdigit()]


def _swap(folder: Path, staging: Path) -> Path | None:
    """Move what is there away and the unpacked files into its place, the credentials last."""
    replaced = folder / "replaced" / f"{datetime.now(UTC):%Y%m%d-%H%M%S-%f}"
    arrived = [path for path in staging.iterdir() if path.name != "server"]
    arrived += (staging / "server").iterdir() if (staging / "server").is_dir() else []
    names = sorted((path.relative_to(staging) for path in arrived), key=lambda name: name.name == "credentials.json")
    for name in names:
        _set_aside(folder, replaced, name)
        (folder / name).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        (staging / name).rename(folder / name)
    # What was pulled may be ahead of what is back: the next pull asks for everything.
    _set_aside(folder, replaced, Path(CURSOR))
    return replaced if replaced.is_dir() else None


def _set_aside(folder: Path, replaced: Path, name: Path) -> None:
    if (folder / name).exists():
        (replaced / name).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        (folder / name).rename(replaced / name)


@contextlib.contextmanager
def _staging(folder: Path) -> Iterator[Path]:
    """Give an empty folder on the same disk; what a killed run left in it is cleared."""
    staging = server_folder(folder) / "staging"
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(mode=0o700, parents=True)
    try:
        yield staging
    finally:
        shutil.rmtree(staging, ignore_errors=True)
