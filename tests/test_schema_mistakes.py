"""Every mistake that can be made in a schema file is told with its line and what to do about it."""

from __future__ import annotations

import codecs
from pathlib import Path
from typing import NamedTuple

import pytest
from typer.testing import CliRunner, Result

from curate.cli.app import app
from curate.schema.loading import load
from small_schema import YAML


class Mistake(NamedTuple):
    """One place of the good file changed, and what must be said: line, words of the message, words of the fix."""

    old: str
    new: str
    line: int
    message: str
    fix: str


EXAMPLE = '"[struck](Attack#1) [the base](target>1)"'

MISTAKES = {
    # Keys
    "key at the top": Mistake("title:", "titel:", 3, "unknown key 'titel' in the file; did you mean", "`title:`"),
    "section": Mistake("event_types:", "event_type:", 6, "did you mean 'event_types'?", "`event_types:`"),
    "key of a type": Mistake(
        "    trigger_words:", "    trigers:", 12, "unknown key 'trigers' in event_types.Attack", ""
    ),
    "key of a role's use": Mistake("{expected:", "{expcted:", 15, "did you mean 'expected'?", "`expected:`"),
    "key of an attribute": Mistake("on: article", "onn: article", 61, "did you mean 'on'?", "`on:`"),
    "key of a value": Mistake('hotkey: "2"', 'hotky: "2"', 37, "did you mean 'hotkey'?", "`hotkey:`"),
    "key of a link": Mistake("symmetric:", "symetric:", 65, "did you mean 'symmetric'?", "`symmetric:`"),
    "key elsewhere": Mistake("links:\n", "max: 1\nlinks:\n", 62, "unknown key 'max' in the file", "a role use"),
    "key missing": Mistake("language: en\n", "", 1, "key 'language' is missing", "Add `language:`"),
    "key twice": Mistake("    group: violence", "    group: a\n    group: b", 12, "first on line 11", "Delete one"),
    "type twice": Mistake("  Deploy:\n", "  Attack:\n", 24, "'Attack' is said twice, first on line 7", "Delete one"),
    # YAML
    "tab": Mistake("    group: v", "\tgroup: v", 11, "a tab in the indentation", "Indent with spaces"),
    "too little indentation": Mistake("    group: v", "   group: v", 11, "does not line up with the keys", "alike"),
    "too much indentation": Mistake("    group: v", "      group: v", 11, "does not line up", "alike"),
    "indented under a value": Mistake("title: Small", "title: Small\n  more: x", 4, "deeper than line 3", "alike"),
    "colon in text": Mistake("Force is", "Force: it is", 8, "a second `: ` in one line", "in quotes"),
    "comma in text": Mistake(
        "definition: When.", "definition: When, then.", 28, "unknown key 'then.'", "a comma in quotes"
    ),
    "comma in a sentence": Mistake(
        "definition: When.", "definition: When, as told.", 28, "in roles.time", "a comma in quotes"
    ),
    "hash in text": Mistake('"#cf222e"', "#cf222e", 10, "colour is nothing, not text", "A # begins a comment"),
    "star": Mistake("title: Small", "title: *Small", 3, "a text begins with `*`", "in quotes"),
    "at sign": Mistake("title: Small", "title: @Small", 3, "that has a meaning in YAML", "in quotes"),
    "question mark": Mistake("definition: When.", "definition: When?", 28, "a `?` inside braces", "in quotes"),
    "half-quoted text": Mistake("title: Small", 'title: "Small" one', 3, "does not line up", "must end with it"),
    "quotes not closed": Mistake(
        "title: Small", 'title: "Small', 3, "quotes opened here are never closed", "Close them"
    ),
    "bracket not closed": Mistake("[struck]\n", "[struck\n", 12, "bracket or brace opened here", "Close it"),
    "backslash": Mistake("title: Small", 'title: "\\d"', 3, "a backslash in double quotes", "single quotes"),
    "no space behind the colon": Mistake("title: Small", "title:Small", 3, "a line without `key: `", "`key: value`"),
    "two documents": Mistake(
        "roles:\n  target", "---\nroles:\n  target", 26, "a second document", "one schema per file"
    ),
    "alias": Mistake(
        "    group: violence\n    trigger_words: [struck]",
        "    group: &v violence\n    trigger_words: [*v]",
        12,
        "anchors and aliases (& and *) are not read",
        "both places",
    ),
    "tag": Mistake("title: Small", "title: !secret Small", 3, "the tag !secret is not read", "Delete the tag"),
    "control character": Mistake("title: Small", "title: Sm\x07all", 3, "character U+0007", "Delete the character"),
    # Kinds of value
    "yes": Mistake(
        "expected: true", "expected: yes", 15, "expected is 'yes', not true or false", "Write true or false"
    ),
    "True": Mistake("expected: true", "expected: True", 15, "is 'True', not true or false", "Write true or false"),
    "off": Mistake("transitive: true", "transitive: off", 64, "is 'off', not true or false", "Write true or false"),
    "number for text": Mistake("language: en", "language: 1", 5, "language is 1, not text", 'in quotes: "1"'),
    "text for number": Mistake("max: 1", "max: one", 16, "max is 'one', not a whole number", "Write a whole number"),
    "truth for text": Mistake("title: Small", "title: true", 3, "title is true, not text", 'in quotes: "true"'),
    "nothing": Mistake("title: Small", "title:", 3, "title is nothing, not text", "Write a value"),
    "empty text": Mistake("title: Small", 'title: ""', 3, "title is empty", "delete the key"),
    "list of roles": Mistake(
        "      target: {expected: true}\n      time: {max: 1}",
        "      - target\n      - time",
        14,
        "roles is a list, not a mapping",
        "a key of its own on a line of its own",
    ),
    "list of values": Mistake(
        "{drone: A drone., gun: A gun.}", "[drone, gun]", 43, "values is a list, not a mapping", "a key of its own"
    ),
    "text for a type": Mistake(
        "  Deploy:\n    definition: Forces",
        "  Deploy: Forces",
        24,
        "not a mapping of keys to values",
        "`definition: …`",
    ),
    "text for a list": Mistake("[struck]\n", "struck\n", 12, "is 'struck', not a list", "in brackets: [struck]"),
    "number among codes": Mistake('["18", "19"]', '["18", 19]', 17, "is 19, not text", 'in quotes: "19"'),
    # Names
    "number as name": Mistake("  near: {", "  2nd: {", 65, "name '2nd' in links is not allowed", "a small letter"),
    "small letter": Mistake(
        "  Deploy:\n", "  deploy:\n", 24, "name 'deploy' in event_types is not allowed", "a capital letter"
    ),
    "comma in a name": Mistake("{drone:", '{"a, b":', 43, "name 'a, b' in attributes.means.values", "without any of"),
    "hyphen in a name": Mistake(
        "  near: {", "  near-by: {", 65, "name 'near-by' in links is not allowed", "digits and _"
    ),
    "name of two things": Mistake("  near: {", "  target: {", 65, "is taken by roles", "rename one"),
    "built-in name": Mistake("  near: {", "  same_event: {", 65, "taken by the built-in link", "rename one"),
    "name of the page": Mistake("  count: {", "  note: {", 60, "taken by the page itself", "`note_value`"),
    # References
    "unknown role": Mistake("      time: {max", "      tme: {max", 16, "role 'tme' of Attack is not declared", "roles"),
    "unknown filler": Mistake("[Attack, Threaten]", "[Atack]", 22, "did you mean 'Attack'?", "Correct the name"),
    "attribute of an unknown type": Mistake(
        "types: [Attack]", "types: [Atack]", 44, "event type 'Atack'", "Correct the name"
    ),
    "attribute of an unknown role": Mistake(
        "[target, speaker]", "[speker]", 59, "role 'speker' of certainty", "Correct"
    ),
    "link from an unknown type": Mistake(
        "from: [Deploy]", "from: [Send]", 63, "event type 'Send' of response_to", "Correct"
    ),
    "unknown default link": Mistake("links:\n", "default_link: nea\nlinks:\n", 62, "did you mean 'near'?", "Correct"),
    "attribute on nothing": Mistake("on: article, ", "", 61, "key 'on' is missing in attributes.dateline", "Add `on:`"),
    "attribute of no type": Mistake(
        "types: [Attack]", "types: []", 44, "attributes.means.types is empty", "delete the key"
    ),
    "types of an argument": Mistake(
        "    roles: [target, speaker]", "    types: [Attack]", 59, "can't be limited by types", "Delete `types`"
    ),
    # Hotkeys and colours
    "key of the editor": Mistake("hotkey: m", "hotkey: u", 28, "one of the editor's own", "Choose another"),
    "key twice given": Mistake("hotkey: m", "hotkey: t", 28, "'t' of role 'time' is taken by role 'target'", "another"),
    "key of another form": Mistake(
        "hotkey: shift+a", "hotkey: ctrl+a", 9, "has the wrong form", "shift+ and a small letter"
    ),
    "capital for a key": Mistake("hotkey: t", "hotkey: T", 27, "roles.target.hotkey is 'T'", "a small letter"),
    "colour by name": Mistake('"#cf222e"', "red", 10, "colour is 'red'", '"#cf222e"'),
    # Attributes
    "default not a value": Mistake(
        "default: stated", "default: statd", 58, "not among its values; did you mean", "one of"
    ),
    "default a list": Mistake(
        "default: stated", "default: [stated]", 58, "is a list, but one value is chosen", "alone"
    ),
    "default no list": Mistake(
        "types: [Attack]\n", "types: [Attack]\n    default: gun\n", 45, "is 'gun', not a list", "[gun]"
    ),
    "default no number": Mistake("kind: integer,", "kind: integer, default: many,", 60, "not a whole number", "digits"),
    "default no date": Mistake("kind: date,", "kind: date, default: May 2023,", 61, "not a date", "2023-10"),
    "unknown kind": Mistake("kind: integer", "kind: number", 60, "attributes.count.kind is 'number'", "one of choice"),
    "no values": Mistake("kind: integer", "kind: choice", 60, "has no values to choose from", "`values:`"),
    "values of a text": Mistake(
        "kind: choices", "kind: text", 43, "has values although its kind is text", "Delete them"
    ),
    "level of an argument": Mistake(
        "on: argument, kind", "on: argument, level: event, kind", 60, "its level can't be event", "Delete `level`"
    ),
    "no maximum": Mistake("max: 1", "max: 0", 16, "max is 0, which is too small", "1 or more"),
    "a fraction": Mistake("max: 1", "max: 1.5", 16, "max is '1.5', not a whole number", "Write a whole number"),
    # The head
    "version": Mistake("version: 1.0.0", "version: 1.0", 2, "version is '1.0'", "three numbers such as 1.0.0"),
    "name of the schema": Mistake("name: small", "name: Small One", 1, "name is 'Small One'", "hyphens"),
    "language": Mistake("language: en", "language: English", 5, "language is 'English'", "such as en"),
    "selection": Mistake("links:\n", "selection: words\nlinks:\n", 62, "did you mean 'word'?", "one of word, symbol"),
    # Examples
    "example: role": Mistake(
        "(target>1)", "(targt>1)", 13, "Attack has no role targt (its roles: target, time)", "Correct"
    ),
    "example: type": Mistake("(Attack#1)", "(Atack#1)", 13, "unknown event type Atack", "Correct the example"),
    "example: attribute": Mistake("(Attack#1)", "(Attack#1{mood=x})", 13, "Attack has no attribute mood", "Correct"),
    "example: value": Mistake("(Attack#1)", "(Attack#1{means=saw})", 13, "means can't be 'saw'", "Correct the example"),
    "example: link": Mistake("(target>1)", "(target>1){{nea 1>1}}", 13, "unknown link nea", "Correct the example"),
    "example: not closed": Mistake("[struck](", "[struck(", 13, "the bracket is never closed", "Close each span"),
    "example: no tag": Mistake("(target>1)", "", 13, "`]` without tags", "Close each span"),
    "example: crossing": Mistake(
        EXAMPLE, '"[Ships [hit](Attack#1) the](target>1) base](time>1)"', 13, "no bracket is open", ""
    ),
    "example: number twice": Mistake("(target>1)", "(Attack#1)", 13, "number 1 is used for two triggers", "of its own"),
    "example: no trigger": Mistake("(target>1)", "(target>2)", 13, "event 2, which has no trigger", "of its own"),
    "example: events only": Mistake(
        EXAMPLE,
        '"[struck](Attack#1), [they](speaker>2) [said](Threaten#2), [a lot](content>2)"',
        13,
        "takes events only",
        "",
    ),
}


def check(path: Path) -> Result:
    return CliRunner().invoke(app, ["schema", "check", str(path)])


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_told(name: str, tmp_path: Path) -> None:
    """One mistake is one message of at most four lines, with file, line, what is wrong, and what to do."""
    old, new, line, message, fix = MISTAKES[name]
    assert old in YAML
    path = tmp_path / "x.yaml"
    path.write_text(YAML.replace(old, new, 1), encoding="utf-8")
    done = check(path)
    assert (done.exit_code, done.stdout) == (1, "")
    first, *_, last = lines = done.stderr.splitlines()
    assert len(lines) <= 4
    assert first.startswith(f"Error: {path}:{line}: ")
    assert message in first
    assert last.startswith("Fix: ")
    assert fix in last


def test_there_is_nothing_wrong_with_the_good_file(tmp_path: Path) -> None:
    """The file in which the mistakes are made has none itself."""
    path = tmp_path / "x.yaml"
    path.write_text(YAML, encoding="utf-8")
    assert check(path).exit_code == 0


def test_many_mistakes_are_told_at_once(tmp_path: Path) -> None:
    """All that is wrong comes in one run, by line, each with its fix; what only follows from it is left out."""
    path = tmp_path / "x.yaml"
    chosen = [
        MISTAKES[name] for name in ("version", "key twice", "colour by name", "yes", "key of the editor", "no maximum")
    ]
    text = YAML
    for old, new, *_ in chosen:
        text = text.replace(old, new, 1)
    path.write_text(text, encoding="utf-8")
    done = check(path)
    head, *told, last = done.stderr.splitlines()
    assert head == f"Error: 6 problems in {path}"
    places = [int(one.split(":")[1]) for one in told[::2]]
    assert places == sorted(places)
    assert [one for one in told[1::2] if not one.startswith("    ")] == []
    assert len(told) == 12
    assert last == f"Fix: Mend these, then: curate schema check {path}"


@pytest.mark.parametrize(
    ("content", "line", "message", "fix"),
    [
        (b"", 1, "the file is empty", "curate schema new"),
        (b"# only a comment\n", 1, "the file is empty", "curate schema new"),
        (b"- Attack\n", 1, "no mapping of keys to values", "name: my-schema"),
        (
            YAML.replace("used.", "used in the enemy’s land.").encode("cp1252"),
            8,
            "byte 92 is not UTF-8",
            "WINDOWS-1252",
        ),
        (YAML.encode("utf-16"), 1, "this is UTF-16", "Save it as UTF-8"),
        (b"\x89PNG\r\n\x1a\n\x00", 1, "byte 89 is not UTF-8", "Save the file as UTF-8"),
    ],
)
def test_what_is_no_schema_is_told(content: bytes, line: int, message: str, fix: str, tmp_path: Path) -> None:
    """A file that is empty, another thing, or in another encoding is named with the line."""
    path = tmp_path / "x.yaml"
    path.write_bytes(content)
    done = check(path)
    assert done.exit_code == 1
    assert done.stderr.startswith(f"Error: {path}:{line}: {message}")
    assert fix in done.stderr.splitlines()[-1]
    assert len(done.stderr.splitlines()) <= 4


def _loop(path: Path) -> None:
    path.symlink_to(path.name)


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda _: None, "No such file"),
        (Path.mkdir, "Is a directory"),
        (_loop, "Too many levels of symbolic links"),
    ],
    ids=["missing", "folder", "loop"],
)
def test_what_cannot_be_read_is_told(make: object, why: str, tmp_path: Path) -> None:
    """A path that leads to nothing readable is named with the reason and the way on."""
    path = tmp_path / "x.yaml"
    make(path)  # type: ignore[operator]
    assert_unreadable(check(path), path, why)


def test_what_may_not_be_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that the system refuses to this user is named the same way, whoever the user is."""
    path = tmp_path / "x.yaml"
    path.write_text(YAML)
    read = Path.read_bytes

    def refusing(asked: Path) -> bytes:
        if asked == path:
            raise PermissionError(13, "Permission denied")
        return read(asked)

    monkeypatch.setattr(Path, "read_bytes", refusing)
    assert_unreadable(check(path), path, "Permission denied")


def assert_unreadable(done: Result, path: Path, why: str) -> None:
    """The command ended as wrong use, and said which file, why, and what to do."""
    assert done.exit_code == 2
    assert done.stderr.startswith(f"Error: {path}: the schema can't be read ({why}")
    assert "Fix: Check the path" in done.stderr


@pytest.mark.parametrize(
    "content",
    [codecs.BOM_UTF8 + YAML.encode(), YAML.replace("\n", "\r\n").encode(), b"---\n" + YAML.encode() + b"...\n"],
    ids=["byte order mark", "CRLF", "document marks"],
)
def test_what_editors_add_does_not_matter(content: bytes, tmp_path: Path) -> None:
    """A byte order mark, Windows line ends and document marks make the same schema."""
    path = tmp_path / "x.yaml"
    path.write_bytes(content)
    done = check(path)
    assert done.exit_code == 0
    assert done.stdout.startswith(load(YAML, "x.yaml").stamp)


DOZENS = "".join(f"  Type{n}: {{definition: It happens.}}\n" for n in range(20))

UNWISE = {
    "a page full of types": Mistake(
        "  Deploy:\n", f"{DOZENS}  Deploy:\n", 6, "23 event types don't fit", "make two schemas"
    ),
    "no examples": Mistake("title: Small", "title: Small", 18, "Threaten, Deploy: no examples", "two sentences"),
    "no trigger words": Mistake("title: Small", "title: Small", 18, "Threaten, Deploy: no trigger words", "Add words"),
    "a role nobody uses": Mistake("      time: {max: 1}\n", "", 27, "no event type uses time", "or delete it"),
    "a word for a definition": Mistake(
        "title: Small", "title: Small", 28, "role 'time' is defined as 'When.' only", "what counts"
    ),
    "the same example twice": Mistake(
        EXAMPLE, f"{EXAMPLE}, {EXAMPLE}", 13, "the same example stands here twice", "Replace"
    ),
    "an example of another type": Mistake(
        EXAMPLE, '"[sent](Deploy#1)"', 13, "without an event of this type", "Attack#1"
    ),
    "an example that would be held": Mistake(
        EXAMPLE,
        '"[It](time>1) [hit](Attack#1) [now](time>1)"',
        13,
        "'time' 2 times, at most 1 allowed",
        "relax the rule",
    ),
    "a choice of one": Mistake(
        "{stated: It is stated., claimed: It is claimed.}", "{stated: It is.}", 57, "a single value", "Add"
    ),
    "more choices than keys": Mistake(
        "{stated:",
        "{" + "".join(f"v{n}: It is., " for n in range(10)) + "stated:",
        57,
        "'certainty' has 12 values",
        "a digit",
    ),
    "a text cut off": Mistake("Forces are", "Some #1 are", 25, "the text ends before `#1 are moved.`", "in quotes"),
    "too many questions": Mistake(
        "  count: {",
        "".join(f"  q{n}: {{on: trigger, kind: text, definition: Ask this.}}\n" for n in range(5)) + "  count: {",
        32,
        "8 attributes are asked of every Attack",
        "`types:`",
    ),
}


@pytest.mark.parametrize("name", UNWISE)
def test_what_is_unwise_is_warned_of(name: str, tmp_path: Path) -> None:
    """What is legal but unwise is told on stderr with line and advice, and the schema passes all the same."""
    old, new, line, message, fix = UNWISE[name]
    assert old in YAML
    path = tmp_path / "x.yaml"
    path.write_text(YAML.replace(old, new, 1), encoding="utf-8")
    done = check(path)
    assert done.exit_code == 0
    told = done.stderr.splitlines()
    place = next(n for n, one in enumerate(told) if message in one)
    assert told[place].startswith(f"{path}:{line}: warning: ")
    assert fix in told[place + 1]
