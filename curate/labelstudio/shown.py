"""Whether the tasks of an export show articles of the project, as they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, Self

from curate.labelstudio.fetching import Progress
from curate.records import Article
from curate.stored import Stored
from curate.text import text_sha256
from curate.wording import counted
from curate.workspace import Workspace, read_gold

MISFITS = {
    "article": "showing no article that is here",
    "text": "showing another text than their article has here",
}


class Shown:
    """The articles that tasks can show, those with known answers among them."""

    def __init__(self, workspace: Workspace) -> None:
        self._articles = Stored(workspace.articles, Article)
        self._gold = {one.article_id for one in read_gold(workspace)}

    def __enter__(self) -> Self:
        self._articles.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._articles.__exit__()

    def misfit(self, data: Mapping[str, Any]) -> str:
        """Say what of a task's data is not as it is here, ``article`` or ``text``; empty where all is."""
        name, text = str(data.get("article_id")), data.get("text")
        if name not in self._articles:
            return "" if name in self._gold else "article"
        article = self._articles[name][-1]
        is_its_text = isinstance(text, str) and (text == article.text or text_sha256(text) == article.text_sha256)
        return "" if is_its_text and data.get("text_sha256") == article.text_sha256 else "text"


def tell_misfits(misfits: Counter[str], progress: Progress) -> None:
    """Tell how many tasks there are of each misfit."""
    for misfit, what in MISFITS.items():
        if number := misfits[misfit]:
            progress(f"{what}: {counted(number, 'task')}; what is drawn there doesn't count")
