"""curate: from news articles to a published training set of events, by way of Label Studio."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from curate.api import (
        add,
        add_people,
        adjudicate,
        agree,
        agree_again,
        assign,
        backup,
        check,
        check_schema,
        doctor,
        follow,
        list_people,
        new_schema,
        publish,
        pull,
        push,
        qualify,
        rebuild,
        release,
        remove_people,
        report,
        restore,
        send_back,
        status,
        suggest,
        verify,
        withdraw,
    )
    from curate.starting import init

__version__ = "0.1.0"
__all__ = [
    "add",
    "add_people",
    "adjudicate",
    "agree",
    "agree_again",
    "assign",
    "backup",
    "check",
    "check_schema",
    "doctor",
    "follow",
    "init",
    "list_people",
    "new_schema",
    "publish",
    "pull",
    "push",
    "qualify",
    "rebuild",
    "release",
    "remove_people",
    "report",
    "restore",
    "send_back",
    "status",
    "suggest",
    "verify",
    "withdraw",
]


def __getattr__(name: str) -> Any:
    """Load a verb when it is first asked for, so that importing curate stays quick."""
    if name not in __all__:
        raise AttributeError(f"module 'curate' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module("curate.starting" if name == "init" else "curate.api"), name)
