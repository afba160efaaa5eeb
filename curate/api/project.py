"""What the verbs share: a project's schema, its books, the annotations that were accepted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from curate.answers import IMPORTED
from curate.errors import SchemaError, UsageError
from curate.files import write_atomic
from curate.raw import is_checked, raw_folders
from curate.records import Adjudication, Annotation, canonical_json
from curate.settings import Settings
from curate.stored import RawAnswers
from curate.workspace import Workspace, pseudonym_key, read_json, read_private, stream_lines

if TYPE_CHECKING:
    from curate.answers import Pulled
    from curate.schema.model import EventSchema

Progress = Callable[[str], None]


def silent(_: str) -> None:
    """Tell nobody."""


def load_schema(settings: Settings) -> EventSchema:
    """Read and check the project's event schema."""
    return read_schema(settings.schema)


def read_schema(path: Path) -> EventSchema:
    """Read and check an event schema file.

    Raises UsageError where there is no such file to read, SchemaError naming the lines that are wrong.
    """
    from curate.schema.loading import load

    return load(read_schema_text(path), str(path))


def read_schema_text(path: Path) -> str:
    """Read the text of an event schema file. Raises UsageError or SchemaError as ``read_schema`` does."""
    try:
        content = path.read_bytes()
    except OSError as error:
        fix = "Check the path, or `schema` in curate.toml; `curate schema new NAME` starts a schema."
        raise UsageError(f"{path}: the schema can't be read ({error.strerror}).", fix) from None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        byte = content[error.start : error.start + 1]
        meant = byte.decode("cp1252", "replace")
        told = f"{path}:{line}: byte {byte.hex()} is not UTF-8 (in Windows-1252 it is {meant})"
        fix = f"Save the file as UTF-8: in the editor, or: iconv -f WINDOWS-1252 -t UTF-8 {path}"
        if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
            told, fix = f"{path}:1: this is UTF-16, not UTF-8", f"Save it as UTF-8, or: iconv -f UTF-16 -t UTF-8 {path}"
        raise SchemaError(told, fix) from None


def keep_schema(workspace: Workspace, settings: Settings, schema: EventSchema) -> None:
    """Keep each schema that annotations may be made under, so that they can be read by it later."""
    name = f"{schema.name}-{schema.version}-{schema.digest[:12]}.yaml"
    write_atomic(workspace.raw / "schemas" / name, settings.schema.read_bytes())


def kept_schemas(workspace: Workspace, known: Path | None = None) -> list[EventSchema]:
    """Read the schemas that were pushed, or in force when an export was read, by version; not one that is ``known``."""
    from curate.schema.model import version_order

    read = known.read_bytes() if known else None
    paths = sorted((workspace.raw / "schemas").glob("*.yaml"))
    kept = [read_schema(path) for path in paths if path.read_bytes() != read]
    return sorted(kept, key=lambda schema: (version_order(schema.version), schema.stamp))


def write_books(workspace: Workspace, **parts: Any) -> None:
    """Write some parts of the books; another balance of the pull puts the other parts out of date and drops them."""
    books = read_books(workspace)
    if "pull" in parts and books.get("pull") != parts["pull"]:
        books = {}
    write_atomic(workspace.export("books.json"), canonical_json({**books, **parts}) + b"\n")


def read_books(workspace: Workspace) -> dict[str, Any]:
    """Read the books; empty when nothing was pulled yet."""
    path = workspace.export("books.json")
    return dict(read_json(path.read_bytes(), path)) if path.is_file() else {}


def pulled_annotations(workspace: Workspace) -> list[Annotation]:
    """Read the accepted annotations. Raises UsageError as ``annotations_file`` does."""
    return list(stream_annotations(workspace))


def stream_annotations(workspace: Workspace) -> Iterator[Annotation]:
    """Read the accepted annotations one at a time. Raises UsageError as ``annotations_file`` does, at once."""
    return stream_lines(annotations_file(workspace), Annotation)


def annotations_file(workspace: Workspace) -> Path:
    """Name the file of the accepted annotations. Raises UsageError when not all that was pulled is checked."""
    path = workspace.export("annotations.jsonl")
    if not path.is_file():
        raise UsageError(f"{workspace.exports}: nothing was pulled yet.", "Pull first: curate pull")
    if not is_checked(workspace):
        raise UsageError(f"{workspace.raw}: what was pulled is not all checked.", "Run: curate check")
    return path


def shared_number(workspace: Workspace, annotation: str, article: str) -> UsageError:
    """Say that two annotations have one number, so that nothing can be said of one of them alone."""
    with open_pulled(workspace) as pulled:
        numbered = ((task["source"], task.get("annotations") or ()) for task in (pulled.bare_tasks if pulled else ()))
        found = {source for source, made in numbered if any(str(one["id"]) == annotation for one in made)}
    taken = [str(workspace.raw / source) for source in sorted(found) if source.endswith(IMPORTED)]
    fix = "Take each Label Studio into a curate project of its own; what came of which lies in exports/raw."
    if taken:
        which = f"{taken[0]}, which came from a file" if len(taken) == 1 else f"what is not of here: {', '.join(taken)}"
        fix = f"Delete {which}; then: curate check"
    return UsageError(
        f"two annotations have the number {annotation}, the second of {article}: of two Label Studios.", fix
    )


def pulled_adjudications(workspace: Workspace) -> list[Adjudication]:
    """Read what adjudicators settled; nothing when there was no adjudication."""
    return list(stream_lines(workspace.export("adjudications.jsonl"), Adjudication))


@contextmanager
def open_pulled(workspace: Workspace) -> Iterator[Pulled | None]:
    """Replay the raw answers of every server that was pulled from; None when there are none.

    They are read one at a time, until the ``with`` block ends.
    """
    from curate.answers import state_of

    folders = raw_folders(workspace)
    with RawAnswers(folders) as answers:
        yield state_of(answers.heads(), answers.read, answers.read_bare) if folders else None


def annotator_names(workspace: Workspace, *, make: bool = True) -> Callable[[Any], str]:
    """Give what turns a server's user id, or the account, into the pseudonym that stands in the exports.

    Without ``make`` no key is made where there is none yet, and pseudonyms are of no account.
    """
    from curate.pseudonyms import pseudonym

    key = pseudonym_key(workspace, make=make)
    people = read_private(workspace, "people.json") or {}
    accounts = set(people.values())

    @lru_cache(maxsize=1024)
    def name(user: str) -> str:
        return pseudonym(key, user if user in accounts else people.get(user, f"user {user}"))

    return lambda user: name(str(user))
