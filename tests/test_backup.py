"""Copies of what a project keeps to itself: whole or not at all, for their owner, and back only where they fit."""

from __future__ import annotations

import gzip
import io
import json
import sqlite3
import stat
import tarfile
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from curate.errors import CurateError, InputError, ServerError, UsageError
from curate.labelstudio import backup as backups
from curate.labelstudio import upgrading, versions
from curate.labelstudio.backup import backup, restore
from curate.labelstudio.folder import write_note

KEPT = {
    ".env": "server/data/.env",
    "picture": "server/data/media/upload/1/picture.png",
    "credentials": "credentials.json",
    "key": "pseudonym.key",
    "people": "people.json",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A ``.curate`` folder as a stopped server leaves it, with ten tasks."""
    private = tmp_path / "airbase" / ".curate"
    for content, name in KEPT.items():
        path = private / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    for name in ("cursor.json", "lock", "server/server.log", "server/lock"):
        (private / name).write_text("not kept")
    versions.note_used(private)
    with closing(sqlite3.connect(private / "server/data/label_studio.sqlite3")) as database:
        database.execute("CREATE TABLE task (id INTEGER)")
        database.executemany("INSERT INTO task VALUES (?)", [(number,) for number in range(10)])
        database.commit()
    return private


def contents(folder: Path) -> dict[str, bytes]:
    """Every file that must survive, by its place, and all that the database says."""
    path = folder / "server/data/label_studio.sqlite3"
    with closing(sqlite3.connect(path)) as database:
        rows = "\n".join(database.iterdump()).encode()
    return {path.name: rows} | {name: (folder / name).read_bytes() for name in (*KEPT.values(), "server/version.json")}


def rewritten(file: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    """The same archive with its members changed."""
    with tarfile.open(file) as archive:
        members = {one.name: archive.extractfile(one).read() for one in archive}  # type: ignore[union-attr]
    change(members)
    made = file.with_name("rewritten.tar.gz")
    with tarfile.open(made, "w:gz") as archive:
        for name, content in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return made


def test_what_was_lost_comes_back(folder: Path, tmp_path: Path) -> None:
    """A backup has 0600, says what it holds, and brings every file back; logs, locks and cursor are not in it."""
    made = backup(folder, tmp_path / "copy.tar.gz", "ws-1")
    assert stat.S_IMODE(made.file.stat().st_mode) == 0o600
    assert made.counts == {"tasks": 10}
    before = contents(folder)
    for path in folder.iterdir():
        path.rename(tmp_path / f"lost-{path.name}")
    found = restore(folder, made.file, "ws-1")
    assert found is not None
    assert (found.counts, found.made_at, found.replaced) == (made.counts, made.made_at, None)
    assert contents(folder) == before
    assert {stat.S_IMODE(path.stat().st_mode) for path in (folder / "server" / "data").rglob("*.*")} == {0o600}
    assert stat.S_IMODE((folder / "credentials.json").stat().st_mode) == 0o600
    assert not (folder / "cursor.json").exists()
    assert not (folder / "server" / "server.log").exists()
    assert not (folder / "server" / "staging").exists()


def test_what_is_replaced_is_kept(folder: Path, tmp_path: Path) -> None:
    """Whatever a restore takes the place of lies in a folder of its own; what the backup lacks stays."""
    made = backup(folder, tmp_path / "copy.tar.gz", "ws-1")
    before = contents(folder)
    (folder / "people.json").write_text("newer")
    (folder / "server/data/media/upload/1/later.png").write_text("later")
    (folder / "since.json").write_text("since")
    found = restore(folder, made.file, "ws-1")
    assert found is not None
    assert found.replaced is not None
    assert contents(folder) == before
    assert (found.replaced / "people.json").read_text() == "newer"
    assert (found.replaced / "server/data/media/upload/1/later.png").read_text() == "later"
    assert (found.replaced / "cursor.json").read_text() == "not kept"
    assert (folder / "since.json").read_text() == "since"
    assert (folder / "server" / "server.log").read_text() == "not kept"


@pytest.mark.parametrize("moment", [1, 2, 4, 6])
def test_a_restore_cut_short_is_done_again(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: int
) -> None:
    """Wherever a restore stops, the same command brings all of it back, and what was replaced is still there."""
    made = backup(folder, tmp_path / "copy.tar.gz", "ws-1")
    before = contents(folder)
    (folder / "people.json").write_text("newer")
    real, calls = backups._set_aside, iter(range(1, 99))

    def stop(*place: Path) -> None:
        if next(calls) == moment:
            raise KeyboardInterrupt
        real(*place)

    monkeypatch.setattr(backups, "_set_aside", stop)
    with pytest.raises(KeyboardInterrupt):
        restore(folder, made.file, "ws-1")
    monkeypatch.setattr(backups, "_set_aside", real)
    restore(folder, made.file, "ws-1")
    assert contents(folder) == before
    assert "newer" in [path.read_text() for path in (folder / "replaced").rglob("people.json")]


def test_not_confirmed_changes_nothing(folder: Path, tmp_path: Path) -> None:
    """Where the answer is no, all stays as it was."""
    made = backup(folder, tmp_path / "copy.tar.gz", "ws-1")
    (folder / "people.json").write_text("newer")
    assert restore(folder, made.file, "ws-1", confirm=lambda found: found.counts != {"tasks": 10}) is None
    assert (folder / "people.json").read_text() == "newer"
    assert not (folder / "replaced").exists()


def test_a_copy_while_it_is_written_to_is_of_one_moment(folder: Path, tmp_path: Path) -> None:
    """Pairs of rows that are always written together are never copied apart."""
    path = folder / "server/data/label_studio.sqlite3"
    done = threading.Event()

    def write() -> None:
        with closing(sqlite3.connect(path, timeout=30)) as database:
            while not done.wait(0.005):
                database.execute("INSERT INTO task VALUES (1)")
                database.execute("INSERT INTO task VALUES (2)")
                database.commit()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        counts = [backup(folder, tmp_path / f"{number}.tar.gz", "ws-1").counts["tasks"] for number in range(3)]
    finally:
        done.set()
        writer.join()
    assert [count % 2 for count in counts] == [0] * 3


def change_a_file(members: dict[str, bytes]) -> None:
    members["people.json"] = b"forged"


def drop_a_file(members: dict[str, bytes]) -> None:
    del members["pseudonym.key"]


def add_a_file(members: dict[str, bytes]) -> None:
    members["../outside.txt"] = b"outside"


def list_a_file_outside(members: dict[str, bytes]) -> None:
    members["../outside.txt"] = b""
    manifest = json.loads(members["manifest.json"])
    manifest["files"]["../outside.txt"] = {"size": 0, "sha256": ""}
    members["manifest.json"] = json.dumps(manifest).encode()


def drop_the_manifest(members: dict[str, bytes]) -> None:
    del members["manifest.json"]


def raise_the_format(members: dict[str, bytes]) -> None:
    members["manifest.json"] = members["manifest.json"].replace(b"backup/1", b"backup/2")


@pytest.mark.parametrize(
    "change", [change_a_file, drop_a_file, add_a_file, list_a_file_outside, drop_the_manifest, raise_the_format]
)
def test_an_archive_that_is_not_as_it_was_written_is_refused(
    folder: Path, tmp_path: Path, change: Callable[[dict[str, bytes]], None]
) -> None:
    """Anything but the very files of the manifest is refused, and nothing is touched, within the folder or without."""
    file = rewritten(backup(folder, tmp_path / "copy.tar.gz", "ws-1").file, change)
    before = contents(folder)
    with pytest.raises(InputError, match=r"rewritten\.tar\.gz"):
        restore(folder, file, "ws-1")
    assert contents(folder) == before
    assert not list(tmp_path.rglob("outside.txt"))
    assert not (folder / "replaced").exists()


@pytest.mark.parametrize("content", [b"", b"no archive", gzip.compress(b"no tar", mtime=0), b"\x1f\x8b\x08\x00broken"])
def test_a_file_that_is_no_backup_is_refused(folder: Path, tmp_path: Path, content: bytes) -> None:
    """Any other file is named as what it isn't."""
    file = tmp_path / "other.tar.gz"
    file.write_bytes(content)
    with pytest.raises(InputError, match="no backup of curate"):
        restore(folder, file, "ws-1")


def test_a_backup_cut_short_is_refused(folder: Path, tmp_path: Path) -> None:
    """Wherever it is cut."""
    file = backup(folder, tmp_path / "copy.tar.gz", "ws-1").file
    whole = file.read_bytes()
    for share in (0.2, 0.5, 0.9, 0.999):
        file.write_bytes(whole[: int(len(whole) * share)])
        with pytest.raises(InputError):
            restore(folder, file, "ws-1")


def test_a_backup_of_another_project_is_refused(folder: Path, tmp_path: Path) -> None:
    """It says whose it is, and the way in where the project was made anew."""
    file = backup(folder, tmp_path / "copy.tar.gz", "ws-1").file
    with pytest.raises(UsageError, match="ws-1") as caught:
        restore(folder, file, "ws-2")
    assert 'workspace = "ws-1"' in caught.value.fix


def test_a_backup_of_a_newer_label_studio_is_refused(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An older one couldn't read its database."""
    write_note(folder / "server/version.json", {"label_studio": "1.30.0"})
    file = backup(folder, tmp_path / "copy.tar.gz", "ws-1").file
    monkeypatch.setattr(backups, "installed_version", lambda: "1.4.9")
    with pytest.raises(UsageError, match=r"1\.30\.0") as caught:
        restore(folder, file, "ws-1")
    assert "label-studio==1.30.0" in caught.value.fix


def test_a_file_that_is_there_is_not_written_over(folder: Path, tmp_path: Path) -> None:
    """A second backup under one name is refused; a folder gets a file of its own."""
    made = backup(folder, tmp_path / "copy.tar.gz", "ws-1")
    before = made.file.read_bytes()
    with pytest.raises(UsageError):
        backup(folder, made.file, "ws-1")
    assert made.file.read_bytes() == before
    assert backup(folder, tmp_path, "ws-1").file.parent == tmp_path
    assert backup(folder, tmp_path / "disk" / "new", "ws-1").file.parent == tmp_path / "disk" / "new"
    assert backup(folder, None, "ws-1").file.parent == folder / "backups"


def test_a_backup_that_fails_leaves_nothing(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that fills up is told, and no half file lies about."""

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(backups.os, "fsync", full)
    target = tmp_path / "to"
    target.mkdir()
    with pytest.raises(CurateError, match="No space left"):
        backup(folder, target / "copy.tar.gz", "ws-1")
    assert list(target.iterdir()) == []
    assert not (folder / "server" / "staging").exists()


def test_what_a_killed_run_left_is_cleared(folder: Path, tmp_path: Path) -> None:
    """Half a file and half a folder of an earlier run are in nobody's way and in no backup."""
    left = folder / "server" / "staging" / "left.json"
    left.parent.mkdir()
    left.write_text("left")
    (tmp_path / ".copy.tar.gz.part").write_text("left")
    made = backup(folder, tmp_path / "copy.tar.gz", "ws-1")
    with tarfile.open(made.file) as archive:
        assert "left.json" not in archive.getnames()
    assert not left.parent.exists()
    assert not (tmp_path / ".copy.tar.gz.part").exists()


def test_a_broken_database_is_not_copied(folder: Path, tmp_path: Path) -> None:
    """A copy of it would be a backup in name only."""
    (folder / "server/data/label_studio.sqlite3").write_bytes(b"no database at all" * 100)
    with pytest.raises(ServerError, match="can't be copied"):
        backup(folder, tmp_path / "copy.tar.gz", "ws-1")
    assert not (tmp_path / "copy.tar.gz").exists()


def test_nothing_to_copy_is_told(tmp_path: Path) -> None:
    """A project that never had a server has no backup."""
    with pytest.raises(UsageError, match="nothing to back up"):
        backup(tmp_path / ".curate", None, "ws-1")


def test_another_label_studio_gets_a_copy_first(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before another version starts, the data is copied once and this is said; the newest three copies are kept."""
    said: list[str] = []
    assert upgrading.copy_before_change(folder, said.append) is None
    assert said == []
    for number in range(5):
        monkeypatch.setattr(upgrading, "installed_version", lambda number=number: f"2.{number}.0")
        monkeypatch.setattr(versions, "installed_version", lambda number=number: f"2.{number}.0")
        made = upgrading.copy_before_change(folder, said.append)
        assert made is not None
        assert str(made) in said[-1]
        # A start that fails is tried again.
        assert upgrading.copy_before_change(folder, said.append) is None
        versions.note_used(folder)
    kept = sorted(path.name for path in (folder / "backups").iterdir())
    assert [name.split("studio-")[1] for name in kept] == ["2.2.0.tar.gz", "2.3.0.tar.gz", "2.4.0.tar.gz"]
    monkeypatch.setattr(backups, "installed_version", lambda: "2.4.0")
    found = restore(folder, folder / "backups" / kept[-1], "ws-1")
    assert found is not None
    assert found.label_studio == "2.3.0"
