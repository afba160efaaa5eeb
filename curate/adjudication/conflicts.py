"""What is open in an article, in plain words, with letters for the annotators (pure)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from curate.adjudication.settling import Case
from curate.adjudication.statements import PRESENT, Statements, owner_of
from curate.records import Argument, Candidate, Event, event_place

NEARBY = 24
"""How many characters on each side tell apart words that stand in an article more than once."""

_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>#|~$])")


@dataclass(frozen=True)
class Conflict:
    """One thing to settle: the statements it is about (none for the article), in plain text and in Markdown."""

    about: str
    places: tuple[str, ...]
    plain: str
    markdown: str


@dataclass(frozen=True)
class _Voice:
    """How to write quoted words and names: as plain text or as Markdown."""

    quote: Callable[[str], str]
    name: Callable[[str], str]


PLAIN = _Voice(lambda words: f"“{' '.join(words.split())}”", lambda name: " ".join(name.split()))
MARKDOWN = _Voice(
    lambda words: f"`{' '.join(words.replace('`', chr(39)).split())}`",
    lambda name: _MARKDOWN.sub(r"\\\1", " ".join(name.split())),
)


def conflicts_of(case: Case, letters: Mapping[str, str]) -> list[Conflict]:
    """List what is open, by place in the text, the article's own questions last.

    What hangs on an event that only some have goes with that event and is not told again. ``letters`` name the
    annotators; anybody else is an adjudicator.
    """
    teller = _Teller(case, letters)
    told = [about for about in case.question.open() if not teller.goes_with_its_owner(about)]
    return [
        Conflict(about, teller.places(about), teller.sentence(about, PLAIN), teller.sentence(about, MARKDOWN))
        for about in sorted(told, key=teller.order)
    ]


class _Teller:
    """Looks up what the keys of one case stand for."""

    def __init__(self, case: Case, letters: Mapping[str, str]) -> None:
        self.text = case.article.text
        self.question = case.question
        self.letters = letters
        self.events: dict[str, Event] = {}
        self.arguments: dict[str, tuple[str, Argument]] = {}
        self.joined: dict[str, tuple[str, str, str]] = {}
        for statements in case.question.said.values():
            self._take(statements)

    def _take(self, statements: Statements) -> None:
        self.events |= statements.events
        self.arguments |= statements.arguments
        self.joined |= {key: (link.source, link.type, link.target) for key, link in statements.links.items()}
        self.joined |= {key: (one, "", other) for key, (one, other) in statements.pairs.items()}

    def places(self, about: str) -> tuple[str, ...]:
        """Name the statements whose regions show the conflict."""
        if about in self.joined:
            one, _, other = self.joined[about]
            return one, other
        place = owner_of(about) if "#" in about or owner_of(about) else about
        return (place,) if place else ()

    def order(self, about: str) -> tuple[int, int, int, str]:
        places = self.places(about)
        if not places:
            return len(self.text), 0, 0, about
        owner = self.arguments[places[0]][0] if places[0] in self.arguments else places[0]
        return *event_place(owner)[:2], int(owner != places[0]), about

    def goes_with_its_owner(self, about: str) -> bool:
        """Tell whether a difference follows from another: only those who have an event have what hangs on it."""
        if about in self.arguments:
            owner, argument = self.arguments[about]
            owners = (owner, argument.event_id or owner)
        elif about in self.joined:
            owners = (self.joined[about][0], self.joined[about][2])
        else:
            return False
        return any(
            self.question.chosen.get(one, PRESENT) is None and self._having(one) == self._having(about)
            for one in owners
        )

    def _having(self, about: str) -> list[str]:
        return next((one.annotators for one in self.question.candidates[about] if one.value == PRESENT), [])

    def sentence(self, about: str, voice: _Voice) -> str:
        """Say who says what."""
        candidates = self.question.candidates[about]
        if "#" in about:
            owner, _, attribute = about.rpartition("#")
            whose = self._named(owner, voice) if owner else "the article"
            return f"{voice.name(attribute)} of {whose}: {self._answers(candidates, _value, voice)}."
        owner = owner_of(about)
        if not owner:
            return self._presence(about, candidates, voice)
        if about.endswith(":span"):
            start = f"{voice.name(self._label(owner))}"
            if owner in self.arguments:
                start += f" of {self._named(self.arguments[owner][0], voice)}"
            return f"{start}: {self._answers(candidates, self._filler, voice, 'mark')}."
        start = f"On {self._words(self._span(owner), voice)}"
        if owner in self.arguments:
            start += f" in {self._named(self.arguments[owner][0], voice)}"
        return f"{start}: {self._answers(candidates, lambda name, voice: voice.name(name), voice, 'have')}."

    def _presence(self, about: str, candidates: Iterable[Candidate], voice: _Voice) -> str:
        sides = {one.value: one.annotators for one in candidates}
        yes, no = sides.get(PRESENT, []), [who for value, them in sides.items() if value != PRESENT for who in them]
        if about in self.joined:
            one, link, other = self.joined[about]
            ends = self._named(one, voice), self._named(other, voice)
            what = f"{ends[0]} {voice.name(link)} {ends[1]}" if link else f"{ends[0]} and {ends[1]} as one event"
        elif about in self.arguments:
            owner, argument = self.arguments[about]
            filler = self._filler(argument.event_id or f"{argument.start}-{argument.end}", voice)
            what = f"{voice.name(argument.role)} {filler} in {self._named(owner, voice)}"
        else:
            what = self._named(about, voice)
        said = f"{self._who(yes)} {_verb('have', yes)} {what}" if yes else f"{self._who(no)} {_verb('lack', no)} {what}"
        return f"{said}, {self._who(no)} {_verb('do', no)} not." if yes and no else f"{said}."

    def _answers(
        self,
        candidates: Iterable[Candidate],
        shown: Callable[[str, _Voice], str],
        voice: _Voice,
        verb: str = "say",
    ) -> str:
        parts = [
            (self._letters(one.annotators), f"{self._who(one.annotators)} {_verb(verb, one.annotators)} {said}")
            for one in candidates
            if (said := shown(one.value, voice))
        ]
        return ", ".join(part for _, part in sorted(parts))

    def _named(self, about: str, voice: _Voice) -> str:
        return f"{voice.name(self._label(about))} {self._words(self._span(about), voice)}"

    def _label(self, about: str) -> str:
        return self.arguments[about][1].role if about in self.arguments else event_place(about)[2]

    def _span(self, about: str) -> tuple[int, int]:
        if about not in self.arguments:
            return event_place(about)[:2]
        argument = self.arguments[about][1]
        if argument.event_id is not None:
            return event_place(argument.event_id)[:2]
        return argument.start or 0, argument.end or 0

    def _filler(self, filler: str, voice: _Voice) -> str:
        if "@" in filler:
            return self._named(filler, voice)
        start, _, end = filler.partition("-")
        return self._words((int(start), int(end)), voice)

    def _words(self, span: tuple[int, int], voice: _Voice) -> str:
        """Quote a span; words that stand in the text more than once with what is around them."""
        words = self.text[slice(*span)]
        if self.text.count(words) == 1:
            return voice.quote(words)
        before = self.text[max(0, span[0] - NEARBY) : span[0]].partition(" ")[2]
        after = self.text[span[1] : span[1] + NEARBY].rpartition(" ")[0]
        return f"{voice.quote(words)} (in {voice.quote(f'{before}{words}{after}')})"

    def _letters(self, annotators: Iterable[str]) -> list[str]:
        return sorted(self.letters.get(who, "an adjudicator") for who in annotators)

    def _who(self, annotators: Iterable[str]) -> str:
        *others, last = self._letters(annotators)
        return f"{', '.join(others)} and {last}" if others else last


def _verb(verb: str, annotators: list[str]) -> str:
    if len(annotators) != 1:
        return verb
    return {"have": "has", "do": "does"}.get(verb, f"{verb}s")


def _value(value: str, voice: _Voice) -> str:
    held = json.loads(value)
    if held is None or held == []:
        return "nothing"
    return voice.name(", ".join(held) if isinstance(held, list) else str(held))
