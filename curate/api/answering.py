"""Texts with known answers: read from mark-up, and what people made of them."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import msgspec

from curate.api.checking import context_of
from curate.api.project import open_pulled
from curate.errors import InputError
from curate.findings import ERROR
from curate.gold import SHOWN, telltale
from curate.labelstudio.values import is_whole
from curate.records import Annotation, Article
from curate.settings import Settings
from curate.text import canonical_text, text_sha256
from curate.workspace import Workspace, read_articles, read_json

if TYPE_CHECKING:
    from curate.schema.model import EventSchema

GOLD = "gold"
"""Where in a project the texts are that are hidden in people's work."""

QUALIFICATION = "qualification"
"""Where in a project the texts are with which people are tried out before they begin."""

OTHER = "Take another text: nobody is to meet one twice."

Answers: TypeAlias = dict[str, tuple[Article, Annotation]]
"""Texts with known answers by name, each with its answer."""

Score = TypeVar("Score")


def read_answers(workspace: Workspace, folder: str, schema: EventSchema) -> Answers:
    """Read the texts with known answers in a folder of the project, by name.

    Raises InputError for one that can't be read, is no mark-up, breaks a rule, or is called like an article, or by what
    is no UTF-8.
    """
    from curate.markup import MarkupError, parse, to_reading
    from curate.meaning import meaning_findings
    from curate.qualification import KEY

    articles = read_articles(workspace)
    found: Answers = {}
    for path in sorted((workspace.folder / folder).glob("*.txt")):
        _refuse_unwritable(path)
        try:
            marked = parse(canonical_text(path.read_text(encoding="utf-8")).text)
            reading = to_reading(marked, schema)
        except (MarkupError, UnicodeDecodeError) as error:
            raise InputError(
                f"{path}: {error}.", "Mend the mark-up: docs/markup.md of curate tells its rules."
            ) from error
        except OSError as error:
            raise InputError(f"{path}: can't be read ({error.strerror}).", "Check the file.") from error
        if path.stem in articles:
            raise InputError(f"{path}: an article is called so, too.", "Give the file another name.")
        article = Article(id=path.stem, text=marked.text, text_sha256=text_sha256(marked.text), title=path.stem)
        answer = _annotation(article, KEY, reading)
        for wrong in meaning_findings(answer, article.text, schema):
            if wrong.level == ERROR:
                raise InputError(f"{path}: {wrong.message} ({wrong.code}).", "Mend the answer.")
        found[path.stem] = article, answer
    return found


def _refuse_unwritable(path: Path) -> None:
    """Refuse a name of bytes that are no UTF-8: it is the text's id, which the server and every file are told."""
    name = os.fsencode(path.name).decode("utf-8", "backslashreplace")
    if name != path.name:
        raise InputError(f"{path.parent / name}: the file's name is no UTF-8.", "Give the file another name.")


def read_gold_answers(workspace: Workspace, schema: EventSchema) -> Answers:
    """Read the texts that are hidden in people's work, with what ``NAME.json`` beside one says the page tells of it.

    Raises InputError as ``read_answers`` does, for a text that people meet elsewhere, and for one that they could tell
    from their articles.
    """
    answers = read_answers(workspace, GOLD, schema)
    articles = list(read_articles(workspace).values()) if answers else []
    tried = read_answers(workspace, QUALIFICATION, schema) if answers else {}
    met = {text.text_sha256: f"{QUALIFICATION}/{name}.txt" for name, (text, _) in tried.items()}
    met |= {article.text_sha256: f"article {article.id!r}" for article in articles}
    for name, (text, answer) in answers.items():
        path = workspace.folder / GOLD / f"{name}.txt"
        if text.text_sha256 in met:
            raise InputError(f"{path}: it is the text of {met[text.text_sha256]}.", OTHER)
        met[text.text_sha256] = path.name
        shown = msgspec.structs.replace(text, **(dict.fromkeys(SHOWN) | _told_beside(path.with_suffix(".json"))))
        if key := telltale(shown, articles):
            fix = f"Let {name}.json there say what an article of yours would: {', '.join(SHOWN)}."
            if key == "id":
                fix = f"The file's name is its id: name it as your articles are, such as {articles[0].id}."
            elif key == "length":
                fix = "Take a text that is as long as your articles are."
            raise InputError(f"{path}: by its {key} people can tell it from every article.", fix)
        answers[name] = shown, answer
    return answers


def gold_articles(workspace: Workspace, schema: EventSchema) -> dict[str, Article]:
    """Give the texts that are hidden in people's work as the articles that people take them for."""
    return {name: article for name, (article, _) in read_gold_answers(workspace, schema).items()}


def unless_broken(
    score: Callable[[Settings, Workspace], dict[str, Score]], settings: Settings, workspace: Workspace
) -> tuple[dict[str, Score], list[str]]:
    """Score people on texts with known answers; where one of these is broken nobody, but with what is to be mended."""
    try:
        return score(settings, workspace), []
    except InputError as error:
        return {}, [f"{error.message} {error.fix}"]


def _told_beside(path: Path) -> dict[str, str]:
    """Read what the page is to tell of a text beside it."""
    if not path.is_file():
        return {}
    told = read_json(path.read_bytes(), path)
    if (
        not isinstance(told, dict)
        or not told.keys() <= set(SHOWN)
        or not all(isinstance(one, str) and is_whole(one) for one in told.values())
    ):
        raise InputError(f"{path}: not what a page tells of an article.", f"It may hold texts: {', '.join(SHOWN)}.")
    return told


def given_answers(
    settings: Settings, workspace: Workspace, answers: Answers, purpose: str
) -> dict[str, dict[str, Annotation]]:
    """Read what people answered last in their own projects of a purpose, by person and text.

    Everybody's are in the order in which they were submitted. Nothing is written.
    """
    from curate.authorship import annotator_of
    from curate.judging import judge
    from curate.labelstudio.rounds import purpose_of, reader_of

    context = context_of(settings, workspace, {}, make=False)
    last: dict[tuple[str, str], tuple[str, Annotation]] = {}
    with open_pulled(workspace) as pulled:
        for task in pulled.tasks if pulled else ():
            article, _ = answers.get(str((task.get("data") or {}).get("article_id")), (None, None))
            if purpose_of(task) != purpose or article is None or task["data"].get("text") != article.text:
                continue
            for made in task.get("annotations") or []:
                who, at = annotator_of(made, context.annotator), str(made.get("created_at"))
                # A skip is no answer, and what others do in somebody's project is not theirs.
                if made.get("was_cancelled") or who != reader_of(task) or at < last.get((who, article.id), ("",))[0]:
                    continue
                last[who, article.id] = at, judge(task, made, who, article, context).annotation
    found: dict[str, dict[str, Annotation]] = {}
    for (who, name), (_, annotation) in sorted(last.items(), key=lambda one: (one[1][0], one[0])):
        found.setdefault(who, {})[name] = annotation
    return found


def _annotation(article: Article, who: str, reading: Any) -> Annotation:
    return Annotation(
        id=f"{who} of {article.id}",
        task_id=0,
        article_id=article.id,
        text_sha256=article.text_sha256,
        annotator=who,
        schema=None,
        created_at="",
        updated_at="",
        lead_time=None,
        events=reading.events,
        clusters=reading.clusters,
        links=reading.links,
        attributes=reading.attributes,
        items=[],
        notes=[],
    )
