"""Having a suggester say something of each article, reading it, and counting what came of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from curate.errors import CurateError, told
from curate.labelstudio.suggestions import prediction_of
from curate.records import Article, digest
from curate.schema.model import EventSchema
from curate.suggesters.asking import Asking, read_answer
from curate.suggesters.callables import Suggester
from curate.suggesters.endpoint import Endpoint, Reply, ask
from curate.suggesters.suggestion import Dropped, read_suggestion
from curate.workspace import Workspace, read_private, write_private

ANSWERS = "answers"
"""The private folder of what a model answered, each under the hash of the question."""

EVERY = 10
"""After so many answers it is told how far the asking has come."""


@dataclass
class Made:
    """What was made: ``predictions`` by article, and in ``told`` a line about each article.

    ``events`` and ``arguments`` count what was suggested, ``dropped`` pieces and ``failed`` articles that were not, by
    reason; ``answered`` counts the articles that a model had been asked about before, ``to_ask`` those that it has
    yet to be.
    """

    schema: EventSchema
    predictions: dict[str, bytes] = field(default_factory=dict)
    told: dict[str, dict[str, Any]] = field(default_factory=dict)
    events: int = 0
    arguments: int = 0
    dropped: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    answered: int = 0
    to_ask: int = 0

    def take(self, article: Article, said: Any) -> None:
        """Read what was said of an article."""
        suggestion = read_suggestion(said, article, self.schema)
        self.predictions[article.id], refused = prediction_of(suggestion, article, self.schema)
        events = [] if refused else suggestion.reading.events
        dropped = (*suggestion.dropped, *refused)
        self.events += len(events)
        self.arguments += sum(len(event.arguments) for event in events)
        self.dropped.update(one.reason for one in dropped)
        self._tell(article, len(events), dropped, None)

    def fail(self, article: Article, reason: str) -> None:
        """Count an article of which nothing was said."""
        self.failed[reason] += 1
        self._tell(article, 0, (), reason)

    def _tell(self, article: Article, events: int, dropped: Iterable[Dropped], failed: str | None) -> None:
        self.told[article.id] = {
            "article_id": article.id,
            "events": events,
            "dropped": [{"reason": one.reason, "what": one.what} for one in dropped],
            "failed": failed,
        }


def call_each(suggester: Suggester, articles: Iterable[Article], made: Made, *, keep_going: bool) -> None:
    """Call a suggester for each article.

    Where it raises anything, CurateError names the article; to ``keep_going`` is to count it and go on.
    """
    for article in articles:
        try:
            said = suggester.call(article)
        except Exception as error:
            if not keep_going:
                raise CurateError(
                    f"{suggester.name} fails on article {article.id}: {told(error)}",
                    "Mend it, or add --keep-going: the article then gets no suggestion and is counted.",
                ) from error
            made.fail(article, "failed")
        else:
            made.take(article, said)


def ask_each(
    endpoint: Endpoint,
    asking: Asking,
    articles: Iterable[Article],
    made: Made,
    workspace: Workspace,
    *,
    again: bool,
    dry_run: bool,
    progress: Callable[[str], None],
) -> None:
    """Ask a model about each article, but not twice the same question.

    Every answer is kept before it is read, so that what ends this half-way costs no more than the questions that are
    open. ``again`` asks once more where the answer that is kept was of no use; a ``dry_run`` asks nothing.
    """
    unasked: dict[str, tuple[Article, dict[str, Any], str]] = {}
    for article in articles:
        question = asking.question(article)
        name = f"{ANSWERS}/{digest(question)}.json"
        kept = read_private(workspace, name)
        if kept is None or (again and _failure(kept)):
            unasked[article.id] = article, question, name
        else:
            made.answered += 1
            _take_answer(article, kept, made)
    if dry_run:
        made.to_ask = len(unasked)
        return
    replies = ask(endpoint, {name: question for name, (_, question, _) in unasked.items()})
    for number, (article_id, reply) in enumerate(replies, 1):
        article, _, name = unasked[article_id]
        kept = _kept(reply)
        if reply.lasting:
            write_private(workspace, name, kept)
        _take_answer(article, kept, made)
        if number % EVERY == 0 or number == len(unasked):
            progress(f"asked about {number} of {len(unasked)} articles")


def _kept(reply: Reply) -> dict[str, str]:
    return {"failure": reply.failure} if reply.failure else {"body": reply.body.decode("utf-8", "replace")}


def _failure(kept: dict[str, str]) -> str:
    return kept.get("failure") or read_answer(kept.get("body", "").encode()).failure


def _take_answer(article: Article, kept: dict[str, str], made: Made) -> None:
    if failure := _failure(kept):
        made.fail(article, failure)
    else:
        made.take(article, read_answer(kept["body"].encode()).said)
