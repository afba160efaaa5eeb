"""A function of one's own as a suggester: ``module:function``, or the name of an entry point."""

from __future__ import annotations

import importlib
import inspect
import sys
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from importlib.machinery import PathFinder
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from curate.errors import UsageError, told
from curate.records import Article
from curate.suggesters.options import MODEL, NONE, WORDS

GROUP = "curate.suggesters"
"""The entry point group in which a package offers suggesters."""


@dataclass(frozen=True)
class Suggester:
    """What suggests: called with an article it says what it found (see ``curate.suggesters.suggestion``)."""

    name: str
    version: str
    call: Callable[[Article], Any]


def load(name: str, folder: Path) -> Suggester:
    """Load ``module:function`` (also from the project's ``folder``) or an entry point of ``curate.suggesters``.

    Its version is its attribute ``version``, else that of the package that offers the entry point, else 12 digits of
    the hash of its source file. Raises UsageError where there is no such function.
    """
    offered = {one.name: one for one in entry_points(group=GROUP)}
    if name in offered:
        try:
            call = offered[name].load()
        except Exception as error:
            raise _unusable(name, error) from error
        package = offered[name].dist
        return _checked(name, call, package.version if package else "")
    module, _, function = name.partition(":")
    if not module or not function:
        known = ", ".join([WORDS, MODEL, NONE, *sorted(offered)])
        raise UsageError(f"{name}: no such suggester.", f"Use one of {known}, or module:function.")
    sys.path.insert(0, str(folder))
    try:
        _forget(module.partition(".")[0], folder)
        call = importlib.import_module(module)
        for part in function.split("."):
            call = getattr(call, part)
    except Exception as error:
        raise _unusable(name, error) from error
    finally:
        sys.path.remove(str(folder))
    return _checked(name, call, "")


def _forget(package: str, folder: Path) -> None:
    """Unload a module that the folder has one of its own of, for that to be loaded as it is now.

    What is loaded may be of another project that names its module alike, or older than the file that the version tells
    of: many runs may be made from one notebook.
    """
    importlib.invalidate_caches()
    if package in sys.modules and PathFinder.find_spec(package, [str(folder)]) is not None:
        for name in [name for name in sys.modules if name == package or name.startswith(f"{package}.")]:
            del sys.modules[name]


def _unusable(name: str, error: Exception) -> UsageError:
    return UsageError(
        f"{name}: can't be loaded ({told(error)}).",
        "A module is looked for in the project's folder and among the installed packages.",
    )


def _checked(name: str, call: Any, package_version: str) -> Suggester:
    if not callable(call):
        raise UsageError(f"{name}: can't be called.", "Name a function that takes an article.")
    version = _joined(str(getattr(call, "version", "") or "")) or _joined(package_version) or _source_digest(call)
    return Suggester(_joined(name), version, call)


def _joined(words: str) -> str:
    """Join words: a suggestion is known as ours by a suggester and a version without white space."""
    return "-".join(words.split())


def _source_digest(call: Any) -> str:
    """Hash the file that a function stands in, so that another function is another version."""
    try:
        source = inspect.getsourcefile(inspect.unwrap(call) if inspect.isroutine(call) else type(call))
        return sha256(Path(source or "").read_bytes()).hexdigest()[:12]
    except (OSError, TypeError):
        return "0"
