"""`curate report`: the numbers of the other commands on one page that runs nothing and asks for nothing."""

from __future__ import annotations

import itertools
import json
import re
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from typer.testing import CliRunner

import curate
from curate import api, standing
from curate.agreement import MEASURES, TITLES
from curate.cli.app import app
from curate.records import Annotation
from curate.reporting import overview
from curate.reporting.agreed import number
from curate.reporting.balance import balance
from curate.reporting.page import SECTIONS, page
from curate.starting import init
from curate.workspace import read_lines, write_lines
from report_contents import HOSTILE, READINGS, contents, with_hostile_words
from sample_project import PEOPLE, pulled

GOLDEN = Path(__file__).parent / "golden" / "report.html"
VOID = {"meta"}
TAGS = re.compile(
    "html|head|meta|title|style|body|a|header|h[1-4]|p|d[ldt]|div|nav|ul|li|main|section|footer|table|caption|thead|tbody|"
    "t[rhd]|svg|rect|g|path|line|text|desc|details|summary|figure|figcaption|span|small|strong|b|code"
)


class Reading(HTMLParser):
    """What a page holds: elements with their attributes, tables by caption, all words."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.rows: list[list[str]] = []
        self.tables: dict[str, list[list[str]]] = {}
        self.words = ""
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open an element."""
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)
        if tag == "caption":
            self.rows = self.tables.setdefault("", [])
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take in an element that is closed at once."""
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        """Close the element that is open."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Take in words."""
        if "style" in self.open:
            return
        self.words += data
        if self.open[-1:] == ["caption"]:
            self.rows = self.tables[data] = []
        elif {"td", "th"} & set(self.open):
            self.rows[-1][-1] += data


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = pulled(tmp_path_factory.mktemp("report"))
    api.adjudicate("intersection", folder)
    api.release("1.0.0", folder)
    return folder


def run(project: Path, *words: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, ["--project", str(project), *words])
    return done.exit_code, done.stdout, done.stderr


def written(project: Path) -> Reading:
    assert run(project, "report")[0] == 0
    return Reading((project / "exports" / "report.html").read_text(encoding="utf-8"))


def test_golden() -> None:
    """The body of the page of three small articles is, to the byte, the one that was looked at and kept."""
    assert page(contents()).partition("</head>\n")[2] == GOLDEN.read_text(encoding="utf-8")


def test_agreement_is_that_of_agree(project: Path) -> None:
    """Measures, attributes, types and people have the very numbers of `curate agree`, intervals too."""
    told, found = written(project).tables, curate.agree(project)
    for one in MEASURES:
        row = [TITLES[one], *(number(found.overall[mode][one]) for mode in ("exact", "relaxed"))]
        assert row in told["Agreement, F1"]
    alphas = {row[0]: row[1] for row in told["Attributes, Krippendorff's alpha"]}
    assert {one.name: number(one.alpha["exact"]) for one in found.attributes}.items() <= alphas.items()
    types = {row[0]: row[1] for row in told["Agreement by event type, exact"]}
    assert {name: number(scores["exact"]["tri_c"]) for name, scores in found.by_type.items()}.items() <= types.items()
    people = {row[0]: row[3] for row in told["Against all others, exact F1"]}
    assert {one.annotator: number(one.scores["exact"]["arg_c_plus"]) for one in found.people}.items() <= people.items()
    missed = {row[0]: row[1] for row in told["Roles that one marks and the other doesn't"][1:]}
    assert missed == {str(one.one): str(one.count) for one in found.role_confusion if one.other is None}
    matrix = told["Roles, all against all"]
    for one in found.role_confusion:
        row = next(row for row in matrix if row[0] == one.one)
        assert row[matrix[0].index(one.other or "not marked")] == str(one.count)


def test_progress_and_books_are_those_of_status_and_books(project: Path) -> None:
    """Stages and fates are those of `curate status`, the balances those of `books.json`."""
    told, standing = written(project).tables, curate.status(project).standing
    books = json.loads((project / "exports" / "books.json").read_bytes())
    stages = {row[0]: row[1] for row in told["Articles by stage"]}
    assert {name: str(count) for name, count in standing.articles.items()}.items() <= stages.items()
    people = {row[0]: row[1] for row in told["Annotations"]}
    assert {who: str(fates["accepted"]) for who, fates in standing.people.items()}.items() <= people.items()
    released = {row[0]: row[1] for row in told["What the release made of the accepted items"]}
    assert {name: str(count) for name, count in books["release"].items()}.items() <= released.items()
    balance = {row[0]: row[1:] for row in told["What was pulled"]}
    for line in ("seen", "accepted", "held"):
        assert balance[line] == [str(books["pull"][kind][line]) for kind in ("articles", "annotations", "items")]


def test_whatever_can_become_of_the_work_is_explained() -> None:
    """Every stage of an article and every fate of an annotation that ``curate status`` knows has its sentence."""
    assert tuple(overview.STAGES) == standing.STAGES
    assert tuple(overview.FATES) == standing.FATES


def test_no_answer_is_left_out_of_the_balance() -> None:
    """Answers that are too many for a line each are summed up in one."""
    made = contents()
    values = {**made.read.values, "count": Counter({str(number): 2 for number in range(1000, 1025)})}
    drawn = Reading(balance(replace(made, read=replace(made.read, values=values))))
    rows = drawn.tables["count"]
    assert rows[-1] == ["5 more", "10", "", "20 %", "0"]
    assert sum(int(row[1]) for row in rows[1:]) == 50


def test_classes_are_counted(project: Path) -> None:
    """Every type of the schema has a row, with what the readings and the records hold of it."""
    annotations = read_lines(project / "exports" / "annotations.jsonl", Annotation)
    told = {row[0]: row[1] for row in written(project).tables["Event types"]}
    for name in api.load_schema(curate.api.standing.read_settings(project)).event_types:
        assert told[name] == str(sum(event.type == name for one in annotations for event in one.events))


def test_most_disagreed_articles_are_drawn(project: Path) -> None:
    """What differs most comes first: in a table, then both readings over the whole text."""
    found = written(project)
    worst = sorted(curate.agree(project).by_article, key=lambda one: (-one.differences, one.article_id))
    named = [caption.removeprefix("Differences in ") for caption in found.tables if caption.startswith("Differences")]
    assert named == [one.article_id for one in worst if one.differences]
    _, *rows = found.tables[f"Differences in {named[0]}"]
    assert [(about, {*said}) for about, *said in rows] == [
        ("“truce”", {"Agree", "–"}),
        ("“truce” and “January”", {"time", "–"}),
    ]
    assert found.words.count("Delegates looked tired as they left the old bath house") == 2


def test_nobody_is_named(project: Path) -> None:
    """People stand under their pseudonyms alone."""
    words = (project / "exports" / "report.html").read_text(encoding="utf-8") if written(project) else ""
    assert not [name for name in PEOPLE.values() if name.split("@")[0] in words]


def test_the_same_again_writes_nothing(project: Path, tmp_path: Path) -> None:
    """Twice the same bytes; another file where one is named."""
    run(project, "report")
    code, told, _ = run(project, "report", "--json")
    assert (code, json.loads(told)["changed"]) == (0, False)
    assert run(project, "report", "--output", str(tmp_path / "new" / "r.html"))[0] == 0
    assert (tmp_path / "new" / "r.html").read_bytes() == (project / "exports" / "report.html").read_bytes()


def test_with_one_annotator_it_says_why_there_is_no_agreement(tmp_path: Path) -> None:
    """Without two readings of an article the page stands, and says what is missing."""
    folder = pulled(tmp_path / "one")
    path = folder / "exports" / "annotations.jsonl"
    annotations = read_lines(path, Annotation)
    write_lines(path, [one for one in annotations if one.annotator == annotations[0].annotator])
    found = written(folder)
    assert "it takes two people's readings of the same article" in found.words
    assert [table for table in found.tables if "F1" in table] == []
    assert "Event types" in found.tables


def test_books_that_do_not_fit_are_told(tmp_path: Path) -> None:
    """Where the files say something else than the books, the page says which line."""
    folder = pulled(tmp_path / "one")
    path = folder / "exports" / "annotations.jsonl"
    write_lines(path, read_lines(path, Annotation)[1:])
    assert "The books don't fit: annotations accepted: 18 here, 19 in books.json" in written(folder).words


def test_before_a_pull_it_says_what_to_do(tmp_path: Path) -> None:
    """A project that nothing was pulled into gets one message and no file."""
    init(tmp_path)
    code, told, said = run(tmp_path, "report")
    assert (code, told) == (2, "")
    assert said.splitlines()[-1] == "Fix: Pull first: curate pull"
    assert not (tmp_path / "exports" / "report.html").exists()


def test_a_place_that_cannot_be_written(project: Path, tmp_path: Path) -> None:
    """A folder in the file's place is told with what to do, and nothing half-written stays."""
    (tmp_path / "taken").mkdir()
    code, _, said = run(project, "report", "--output", str(tmp_path / "taken"))
    assert code == 3
    assert "taken" in said
    assert list(tmp_path.iterdir()) == [tmp_path / "taken"]


def test_it_asks_for_nothing() -> None:
    """No script, no handler, no style beside the page's own, and no address but places in the page."""
    for text in (page(contents()), page(with_hostile_words(contents()))):
        found = Reading(text)
        assert [tag for tag, _ in found.elements if not TAGS.fullmatch(tag)] == []
        names = {name for _, attributes in found.elements for name in attributes}
        assert not [name for name in names if name.startswith("on") or name in ("src", "style", "srcset", "xlink:href")]
        addresses = [attributes["href"] for _, attributes in found.elements if "href" in attributes]
        ids = [f"#{attributes['id']}" for _, attributes in found.elements if "id" in attributes]
        assert set(addresses) <= set(ids)
        assert len(ids) == len(set(ids))
        (policy,) = (str(one["content"]) for _, one in found.elements if one.get("http-equiv"))
        assert policy.startswith("default-src 'none'; style-src 'sha256-")
        assert "unsafe" not in policy


def test_hostile_words_are_words() -> None:
    """Mark-up in what people wrote is shown as it is; characters that hide or turn others are named."""
    found = Reading(page(with_hostile_words(contents())))
    shown = re.sub("[\u202e\u202c\x00\x1b\r]", lambda one: f"⟦U+{ord(one[0]):04X}⟧", HOSTILE)
    assert found.words.count(shown) >= 10
    assert not re.search("[\x00-\x08\x0b-\x1f\u202a-\u202e]", found.words)


def test_it_can_be_walked_through() -> None:
    """One main, one first heading, every section named by its heading, every table by its caption."""
    found = Reading(page(contents()))
    tags = [tag for tag, _ in found.elements]
    assert [tags.count(tag) for tag in ("main", "nav", "header", "footer", "h1")] == [1] * 5
    assert tags.count("caption") == tags.count("table")
    assert [one["href"] for tag, one in found.elements if tag == "a"] == ["#main", *(f"#{key}" for key in SECTIONS)]
    ids = {attributes.get("id") for _, attributes in found.elements}
    labelled = [str(one["aria-labelledby"]) for _, one in found.elements if "aria-labelledby" in one]
    assert {name for names in labelled for name in names.split()} <= ids
    levels = [int(tag[1]) for tag in tags if re.fullmatch("h[1-6]", tag)]
    assert all(after - before <= 2 for before, after in itertools.pairwise(levels))


def test_everybody_agrees() -> None:
    """Where nothing differs that is said, and no article is drawn."""
    words = Reading(page(contents([one for one in READINGS if one[0] == "a2"]))).words
    assert "Nobody disagrees" in words
    assert "Event types: none is taken for another." in words
