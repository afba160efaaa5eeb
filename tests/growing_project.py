"""A project that grows: articles come, are read by two people, revised, read again."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

from curate import api
from curate.demo.running import describe_dataset
from curate.labelstudio.writing import result_of
from curate.markup import parse, to_reading
from curate.raw import add_raw
from curate.records import Article, canonical_json
from curate.settings import read_settings
from curate.starting import init
from curate.text import text_sha256
from curate.workspace import Workspace, read_articles, write_lines
from sample_project import annotation

RULE = 'seed = "growth"\nsplits = {train = 0.5, test = 0.5}\n'
FIRST = "Guards [struck](Attack#1) the [depot](target>1) at dawn, and [struck](Attack#2) again at noon."
SECOND = "Guards [struck](Attack#1) the [depot](target>1) at dawn, and struck again at noon."


class Growing:
    """The project, and the numbers its server would have given so far."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.workspace = Workspace(folder)
        self._number = 0
        self._tasks: dict[tuple[str, str], int] = {}
        init(folder)
        describe_dataset(folder)
        path = folder / "curate.toml"
        path.write_text(path.read_text().replace("[dataset]\n", f"[dataset]\n{RULE}"))
        self._schema = api.load_schema(read_settings(folder))

    def tell(self, name: str, *passages: Any, story: str | None = None) -> None:
        """Add an article of passages, or revise it; articles that share most passages are near-duplicates."""
        text = f"{parse(FIRST).text}\n\n{body(passages)}"
        meta = canonical_json({"story": story}).decode() if story else None
        articles = read_articles(self.workspace)
        articles[name] = Article(id=name, text=text, text_sha256=text_sha256(text), meta=meta)
        write_lines(self.workspace.articles, articles.values())
        for user, marked in ((11, FIRST), (12, FIRST)):
            self.read(name, user, marked)

    def read(self, name: str, user: int, marked: str) -> None:
        """Let a person read an article, anew if they have before, and fetch what the server then says."""
        article = read_articles(self.workspace)[name]
        reading = to_reading(parse(f"{marked}\n\n{article.text.partition(chr(10) * 2)[2]}"), self._schema)
        key = (name, article.text_sha256)
        task = self._tasks.setdefault(key, len(self._tasks) + 1)
        self._number += 1
        made = annotation(self._number, user, result_of(reading, self._schema))
        kept = [one for one in self._answers(task) if one["completed_by"] != user]
        data = {"article_id": name, "text": article.text, "text_sha256": article.text_sha256}
        answer = {"id": task, "project": 1, "data": data, "annotations": [*kept, made], "drafts": []}
        self._last[task] = answer
        add_raw(self.workspace.raw / "project-1-20260101", [canonical_json(answer)])

    @property
    def _last(self) -> dict[int, Any]:
        return self.__dict__.setdefault("answers", {})

    def _answers(self, task: int) -> list[dict[str, Any]]:
        return list(self._last.get(task, {}).get("annotations", []))

    def release(self, version: str, policy: str = "intersection") -> Any:
        """Check, adjudicate, release."""
        api.check(self.folder)
        api.adjudicate(policy, self.folder)
        return api.release(version, self.folder)


def body(passages: Any) -> str:
    """Write passages of words that no other passage has."""
    lines = []
    for passage in passages:
        draw = random.Random(str(passage))
        lines.append(" ".join(f"w{passage}x{draw.randrange(10_000)}" for _ in range(60)))
    return "\n\n".join(lines)
