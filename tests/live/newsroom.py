"""A project on the shared Label Studio, an annotator at the desk, and what came of each article."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, ViewportSize

from curate import api
from curate.adjudication.questions import reading_of
from curate.checking import Checked
from curate.demo import annotators
from curate.labelstudio import server
from curate.labelstudio.client import connected
from curate.labelstudio.writing import result_of
from curate.markup import parse, to_reading
from curate.records import Annotation, Article
from curate.schema.hotkeys import assign
from curate.schema.model import EventSchema
from curate.settings import label_studio_credentials, read_settings
from curate.text import text_sha256
from curate.workspace import Workspace, read_articles, write_lines
from live.browsing import Desk
from live.chromium import LAPTOP
from live.intentions import Case, difference, print_row


@dataclass
class Newsroom:
    """``folder`` is the project's; ``tasks`` are looked up by article."""

    folder: Path
    schema: EventSchema
    desk: Desk
    tasks: dict[str, int] = field(default_factory=dict)

    def publish(self, *cases: Case) -> int:
        """Push the articles of some cases, as they are, and give the last one's task."""
        workspace = Workspace(self.folder)
        known = read_articles(workspace)
        new = [Article(id=one.name, text=one.text, text_sha256=text_sha256(one.text)) for one in cases]
        write_lines(workspace.articles, [*known.values(), *new])
        self.desk.project = int(str(api.push(self.folder).url).split("/projects/")[1].split("/")[0])
        self.tasks = annotators.tasks_of(self.desk.annotator, self.desk.url, self.desk.project)
        return self.tasks[cases[-1].name]

    def revise(self, schema: str) -> None:
        """Put another schema in the place of the project's and push the page made from it."""
        read_settings(self.folder).schema.write_text(schema, encoding="utf-8")
        self.schema = api.load_schema(read_settings(self.folder))
        self.desk.keys = assign(self.schema)
        api.push(self.folder)

    def suggest(self, case: Case, marked: str) -> None:
        """Put a reading onto the server as a prediction of the case's task."""
        result = result_of(to_reading(parse(marked), self.schema), self.schema)
        with connected(label_studio_credentials(read_settings(self.folder))) as connection:
            connection.sdk.predictions.create(task=self.tasks[case.name], result=result, model_version="test")

    def pull(self, annotation: int) -> tuple[Annotation | None, list[str], Checked]:
        """Pull; give the annotation of that number, the codes of what was found in it, and all the rest."""
        _, checked = api.pull(self.folder)
        made = next((one for one in checked.annotations if one.id == str(annotation)), None)
        codes = sorted({one.code for one in checked.findings if one.annotation_id == str(annotation)})
        return made, codes, checked

    def compare(self, case: Case, annotation: int, stamp: str | None = None) -> None:
        """Pull, print the line of the table, and insist on what was intended, under today's stamp or another."""
        intended = case.reading(self.schema)
        made, codes, _ = self.pull(annotation)
        pulled = reading_of(made) if made else None
        print_row(case, intended, pulled, self.schema, self.desk.actions)
        assert made is not None, codes
        differs = difference(intended, reading_of(made))
        assert not differs, differs
        assert (made.schema, made.notes, codes) == (stamp or self.schema.stamp, list(case.notes), list(case.told))


@contextmanager
def open_newsroom(
    folder: Path, running: server.RunningServer, browser: Browser, cases: Sequence[Case], size: ViewportSize = LAPTOP
) -> Iterator[Newsroom]:
    """Push the articles of the cases, sign somebody up by the link, and open a window for them."""
    schema = api.load_schema(read_settings(folder))
    # Several tests share the server, and an address can sign up once.
    who = f"{folder.name}-{text_sha256(str(folder))[:10]}@example.org"
    annotator = annotators.sign_up(str(running.invite_url), who)
    desk = Desk.of(browser, annotator, running.url, 0, assign(schema), size)
    room = Newsroom(folder, schema, desk)
    try:
        room.publish(*cases)
        yield room
    finally:
        desk.close()
