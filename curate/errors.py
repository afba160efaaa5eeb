"""The one exception tree: a broken world, told with its cause and the way out."""

from __future__ import annotations


class CurateError(Exception):
    """Something outside the data is wrong: a file, a setting, a server.

    ``message`` says what and where, ``fix`` what to do next; both are shown to the user as they are.
    ``exit_code`` is what the command line exits with.
    """

    exit_code = 3

    def __init__(self, message: str, fix: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.fix = fix


class UsageError(CurateError):
    """The request itself can't be carried out as it was put."""

    exit_code = 2


class SchemaError(CurateError):
    """The event schema file breaks the rules for schema files."""

    exit_code = 1


class InputError(CurateError):
    """What was given as input, most often a file, can't be taken as what it should be."""

    exit_code = 1


class ServerError(CurateError):
    """Label Studio is away, refuses, or answers with something unexpected."""


class HubError(CurateError):
    """The Hugging Face Hub is away, refuses, or holds something else under the same name."""


def told(error: Exception) -> str:
    """Say in one short line what was raised by code that isn't ours, or over files that may hold anything."""
    return f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
