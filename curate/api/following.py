"""How people do, over time, on the texts with known answers that are hidden in their work: follow."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from curate.api.answering import GOLD, given_answers, read_answers
from curate.api.project import load_schema
from curate.errors import UsageError
from curate.files import write_atomic
from curate.gold import due
from curate.lock import locked
from curate.settings import Settings, read_settings
from curate.workspace import Workspace, read_assignments, read_gold

if TYPE_CHECKING:
    from curate.qualification import Followed


def follow(project: Path | None = None) -> list[Followed]:
    """Score everybody on the hidden texts, as of the last pull, and write each their feedback.

    Raises UsageError where none was given to anybody.
    """
    from curate.qualification import followed_markdown

    settings = read_settings(project)
    workspace = Workspace(settings.folder)
    with locked(workspace):
        people = followed(settings, workspace)
        if not people:
            fix = f"Put some as NAME.txt into {workspace.folder / GOLD}, then curate assign, then curate push."
            raise UsageError("No text with known answers is hidden in anybody's work.", fix)
        for one in people.values():
            if one.answered:
                path = workspace.export(GOLD) / f"{one.annotator}.md"
                write_atomic(path, followed_markdown(one, settings.qualification).encode())
    return list(people.values())


def followed(settings: Settings, workspace: Workspace) -> dict[str, Followed]:
    """Tell how everybody does to whom hidden texts were given; nothing is written."""
    given = read_gold(workspace)
    if not given:
        return {}
    from curate import qualification
    from curate.labelstudio.tasks import ANNOTATE

    schema = load_schema(settings)
    answers = read_answers(workspace, GOLD, schema)
    answered = given_answers(settings, workspace, answers, ANNOTATE)
    found: dict[str, Followed] = {}
    loads = Counter(one.annotator for one in read_assignments(workspace) or [] if not one.again)
    for who in sorted({one.annotator for one in given}):
        names = [one.article_id for one in given if one.annotator == who]
        known = {name: answers[name][1] for name in names if name in answers}
        hidden = due(list(known), loads[who], settings.gold)
        gone = len(names) - len(known)
        made = qualification.follow(who, hidden, known, answered.get(who, {}), settings.qualification, schema, gone)
        if made.hidden or made.gone:
            found[who] = made
    return found
