"""What the user has set: ``curate.toml`` and the environment. Nothing else reads either."""

from __future__ import annotations

import contextlib
import json
import os
import re
import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from curate.allotment import Rules, read_rules
from curate.errors import CurateError, ServerError, UsageError
from curate.findings import acceptance_fault
from curate.gold import Mixing, read_mixing
from curate.passmarks import PassMarks, read_pass_marks

FILE = "curate.toml"
Table = TypeVar("Table")
KINDS = {str: "text in quotes", int: "a whole number", dict: "a table", list: "a list"}
KEYS = {
    "workspace": str,
    "schema": str,
    "overlap": int,
    "assignment": dict,
    "label_studio": dict,
    "suggest": dict,
    "qualification": dict,
    "gold": dict,
    "dataset": dict,
    "public": list,
    "accept": list,
}


@dataclass(frozen=True)
class Settings:
    """A project's settings.

    ``overlap`` is how many readings an article needs, where ``assignment`` doesn't ask for one alone; ``public`` are
    texts that may be published although they name a person or a server; ``accepted`` are the codes of findings that
    drop what they name and hold nothing back; ``qualification`` says who passes, ``gold`` how texts with known answers
    are mixed into the work.
    """

    folder: Path
    workspace: str
    schema: Path
    overlap: int
    label_studio_url: str | None
    suggest: dict[str, Any] = field(default_factory=dict)
    dataset: dict[str, Any] = field(default_factory=dict)
    public: tuple[str, ...] = ()
    assignment: Rules = field(default_factory=lambda: Rules(1))
    accepted: frozenset[str] = frozenset()
    qualification: PassMarks = field(default_factory=PassMarks)
    gold: Mixing = field(default_factory=Mixing)


@dataclass(frozen=True)
class Credentials:
    """How to reach Label Studio; ``source`` says where the key came from, ``public_url`` what people open."""

    url: str
    api_key: str = field(repr=False)
    source: str
    public_url: str


def find_project(start: Path | None) -> Path:
    """Find the project folder: the one given, or the nearest above the current one with a ``curate.toml``."""
    folder = (start or Path.cwd()).resolve()
    for candidate in [folder] if start else [folder, *folder.parents]:
        if (candidate / FILE).is_file():
            return candidate
    raise UsageError(f"{folder}: no curate project here ({FILE} is missing).", "Start one: curate init")


def read_settings(start: Path | None = None) -> Settings:
    """Read ``curate.toml``. Raises UsageError naming the file and the key that is wrong."""
    folder = find_project(start)
    path = folder / FILE
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{path}: can't be read ({error.strerror}).", "Make it readable for you.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: not readable as TOML: {error}.", "Mend the line that is named.") from error
    for key, value in found.items():
        if key not in KEYS:
            raise UsageError(f"{path}: unknown key {key!r}.", f"Known keys: {', '.join(KEYS)}.")
        if type(value) is not KEYS[key]:
            raise UsageError(f"{path}: {key} must be {KINDS[KEYS[key]]}.", "Mend it there.")
    wrong = [key for key, value in found.get("label_studio", {}).items() if key != "url" or not isinstance(value, str)]
    if wrong:
        raise UsageError(f"{path}: label_studio.{wrong[0]} is not understood.", 'There is only url = "http://...".')
    _check_lists(found, path)
    splits = found.get("dataset", {}).get("splits", {})
    if not isinstance(splits, dict) or not isinstance(found.get("dataset", {}).get("seed", ""), str):
        raise UsageError(f"{path}: dataset.splits must be a table, dataset.seed text.", "Mend it there.")
    for key in ("workspace", "schema"):
        if not found.get(key):
            raise UsageError(f"{path}: {key} is missing.", "Add it; `curate init` in an empty folder shows how.")
    if not re.fullmatch(r"[A-Za-z0-9_.-]+", found["workspace"]):
        raise UsageError(f"{path}: workspace may hold letters, digits and -_. only.", "Mend it there.")
    overlap = found.get("overlap", 1)
    if overlap < 1:
        raise UsageError(f"{path}: overlap must be 1 or more.", "Mend it there.")
    rules = _told(path, lambda: read_rules(found.get("assignment", {}), overlap))
    return Settings(
        folder=folder,
        workspace=found["workspace"],
        schema=folder / found["schema"],
        overlap=overlap,
        label_studio_url=found.get("label_studio", {}).get("url") or None,
        suggest=found.get("suggest", {}),
        dataset=found.get("dataset", {}),
        public=tuple(found.get("public", ())),
        accepted=frozenset(found.get("accept", ())),
        assignment=rules,
        qualification=_told(path, lambda: read_pass_marks(found.get("qualification", {}))),
        gold=_told(path, lambda: read_mixing(found.get("gold", {}), rules.seed)),
    )


def _told(path: Path, read: Callable[[], Table]) -> Table:
    """Read a table of the file; where it is wrong the message names the file."""
    try:
        return read()
    except UsageError as error:
        raise UsageError(f"{path}: {error.message}", error.fix) from None


def _check_lists(found: dict[str, Any], path: Path) -> None:
    for key in ("public", "accept"):
        if not all(isinstance(text, str) for text in found.get(key, ())):
            raise UsageError(f"{path}: {key} must hold texts in quotes.", "Mend it there.")
    for fault in filter(None, map(acceptance_fault, found.get("accept", ()))):
        raise UsageError(f"{path}: accept: {fault}.", "Mend it there; curate explain lists the codes.")


def with_accepted(text: str, codes: Iterable[str], path: Path) -> str:
    """Give the text of a ``curate.toml`` that accepts these codes too, otherwise as it was.

    Raises UsageError for a code that can't be accepted, or where the text is too unusual to be changed.
    """
    for code in codes:
        if fault := acceptance_fault(code):
            raise UsageError(f"{fault}.", "See the codes: curate explain")
    before = tomllib.loads(text)
    accepted = sorted({*before.get("accept", ()), *codes})
    line = f"accept = {json.dumps(accepted)}"
    changed, found = re.subn(r"(?ms)^accept[ \t]*=[ \t]*\[[^]]*\]", line, text, count=1)
    if not found:
        changed = re.sub(r"(?m)^(schema[ \t]*=.*)$", rf"\1\n{line}", text, count=1)
    try:
        understood = tomllib.loads(changed) == before | {"accept": accepted}
    except tomllib.TOMLDecodeError:
        understood = False
    if not understood:
        raise UsageError(f"{path}: can't be changed here.", f"Write into it, above its tables: {line}")
    return changed


def label_studio_elsewhere(settings: Settings | None) -> bool:
    """Tell whether environment or settings name a Label Studio that isn't the project's own."""
    return bool(os.environ.get("LABEL_STUDIO_URL") or (settings and settings.label_studio_url))


def label_studio_credentials(settings: Settings) -> Credentials:
    """Find Label Studio: the environment first, then the project's own local server.

    Raises ServerError saying which of the two was looked at.
    """
    url = os.environ.get("LABEL_STUDIO_URL") or settings.label_studio_url
    key = os.environ.get("LABEL_STUDIO_API_KEY")
    if key and not url:
        raise ServerError(
            "LABEL_STUDIO_API_KEY is set, but no Label Studio is named.", "Set LABEL_STUDIO_URL too, or unset the key."
        )
    if url:
        _check_url(url)
        if not key:
            raise ServerError(
                f"{url}: no key for this Label Studio.",
                "Set LABEL_STUDIO_API_KEY (a token from its account page).",
            )
        url = url.rstrip("/")
        return Credentials(url, _checked(key, "LABEL_STUDIO_API_KEY"), "LABEL_STUDIO_API_KEY", url)
    path = settings.folder / ".curate" / "credentials.json"
    if not path.is_file():
        raise ServerError(
            "No Label Studio is set up for this project.",
            "Start a local one: curate server start (or set LABEL_STUDIO_URL and LABEL_STUDIO_API_KEY).",
        )
    try:
        own = json.loads(path.read_bytes())
        url = own["url"].rstrip("/")
        return Credentials(url, own["api_key"], str(path), own.get("public_url") or url)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise ServerError(f"{path}: damaged.", "Restore it from a copy.") from None


def _check_url(url: str) -> None:
    """Refuse what is no web address, and one with a password in it: addresses are shown."""
    parts = urlsplit(url)
    if parts.username or parts.password:
        raise ServerError("The Label Studio address holds a user name or password.", "Leave them out of the address.")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ServerError(f"{url}: no web address.", "Write it as http://host:port in LABEL_STUDIO_URL or curate.toml.")


def _checked(token: str, source: str) -> str:
    """Refuse a token that can't be sent, without showing it."""
    token = token.strip()
    if not token.isascii() or not token.isprintable() or " " in token:
        raise CurateError(f"{source} holds characters that no token has.", "Copy the token again.")
    return token


def suggest_key(settings: Settings) -> str | None:
    """Find the key of the model that suggests: ``CURATE_SUGGEST_API_KEY``, else what ``key_file`` holds; else none."""
    if key := os.environ.get("CURATE_SUGGEST_API_KEY"):
        return _checked(key, "CURATE_SUGGEST_API_KEY")
    name = settings.suggest.get("key_file")
    if not isinstance(name, str) or not name:
        return None
    path = settings.folder / Path(name).expanduser()
    try:
        return _checked(path.read_bytes().decode("ascii", "replace"), str(path))
    except OSError as error:
        raise UsageError(
            f"{path}: the key can't be read ({error.strerror}).", "Check key_file under [suggest] in curate.toml."
        ) from None


def secrets_of(settings: Settings) -> dict[str, str]:
    """Give every secret and address that the environment and the project's files hold, by what it is."""
    found = {"the address of Label Studio": os.environ.get("LABEL_STUDIO_URL") or settings.label_studio_url or ""}
    found["the key of Label Studio"] = os.environ.get("LABEL_STUDIO_API_KEY", "").strip()
    with contextlib.suppress(CurateError):
        found["the token of the Hub"] = hub_token() or ""
    with contextlib.suppress(CurateError):
        found["the key of the model that suggests"] = suggest_key(settings) or ""
    path = settings.folder / ".curate" / "credentials.json"
    names = {
        "url": "the address of the project's own server",
        "public_url": "the address of the project's own server for others",
        "email": "the e-mail address of the project's own account",
        "password": "the password of the project's own account",
        "api_key": "the key of the project's own server",
    }
    for login in sorted((path.parent / "logins").glob("*.txt")):
        with contextlib.suppress(OSError, ValueError):
            if told := re.search("^Password: (.+)$", login.read_text(encoding="utf-8"), re.MULTILINE):
                found[f"the password of {login.stem}"] = told[1]
    with contextlib.suppress(OSError, ValueError, AttributeError):
        own = json.loads(path.read_bytes())
        found |= {what: str(own.get(name) or "") for name, what in names.items()}
    return {what: text for what, text in found.items() if text}


def hub_endpoint() -> str | None:
    """Give the Hub that ``HF_ENDPOINT`` names, if it does."""
    return os.environ.get("HF_ENDPOINT") or None


def hub_token() -> str | None:
    """Find the Hub token: ``HF_TOKEN``, else what ``hf auth login`` stored."""
    if token := os.environ.get("HF_TOKEN"):
        return _checked(token, "HF_TOKEN")
    home = Path(os.environ.get("HF_HOME") or Path.home() / ".cache" / "huggingface")
    path = Path(os.environ.get("HF_TOKEN_PATH") or home / "token")
    stored = path.read_bytes().decode("ascii", "replace").strip() if path.is_file() else ""
    return _checked(stored, str(path)) if stored else None
