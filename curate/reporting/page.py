"""The whole report: one HTML file that needs nothing else and runs nothing."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path

from curate.reporting.agreed import agreement, confusion, disagreed, number
from curate.reporting.balance import balance
from curate.reporting.contents import Contents
from curate.reporting.html import Html, element, trusted
from curate.reporting.overview import books, findings, progress
from curate.reporting.people import annotators

STYLE = Path(__file__).parent / "style.css"
SECTIONS: dict[str, tuple[str, Callable[[Contents], Html]]] = {
    "progress": ("Progress", progress),
    "agreement": ("Agreement", agreement),
    "confusion": ("Confusion", confusion),
    "disagreed": ("Most disagreed articles", disagreed),
    "annotators": ("Annotators", annotators),
    "findings": ("Findings", findings),
    "balance": ("Class balance", balance),
    "books": ("Books", books),
}
"""Each section by its id: title, and what makes it."""


def page(contents: Contents) -> str:
    """Make the page. The same contents give the same text.

    Articles may say anything, so all text is escaped, and a policy in the head forbids scripts, requests and any
    style but the page's own should something slip through.
    """
    style = STYLE.read_text(encoding="utf-8")
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=_policy(style)),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="referrer", content="no-referrer"),
        element("meta", name="color-scheme", content="light dark"),
        element("title", f"{contents.title}: report"),
        element("style", trusted(style)),
    )
    body = element(
        "body",
        element("a", "Skip to the report", href="#main", class_="skip"),
        element("header", element("h1", contents.title), element("p", _state(contents)), _glance(contents)),
        element(
            "nav", element("ul", [_entry(key, title) for key, (title, _) in SECTIONS.items()]), aria_label="Report"
        ),
        element("main", [_section(key, title, make(contents)) for key, (title, make) in SECTIONS.items()], id="main"),
        element(
            "footer",
            element("p", "Made by curate report. It holds words of the articles and is no part of a release."),
        ),
    )
    return "<!doctype html>\n" + element("html", head, "\n", body, lang="en") + "\n"


def _policy(style: str) -> str:
    code = b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{code}'; base-uri 'none'; form-action 'none'"


def _state(contents: Contents) -> str:
    until = (
        f" The newest accepted reading is of {contents.latest[:16].replace('T', ' ')} UTC." if contents.latest else ""
    )
    return f"Event schema {contents.schema.name} {contents.schema.version}.{until}"


def _glance(contents: Contents) -> Html:
    """The numbers a lead asks for first."""
    standing = contents.standing
    articles = sum(standing.articles.values())
    overall = contents.agreement.overall.get("exact", {})
    told = [
        ("articles", str(articles), f"{standing.articles['settled']} settled"),
        ("readings accepted", str(standing.annotations["accepted"]), f"{standing.annotations['held']} held"),
    ]
    for key, name in (("tri_c", "events: Tri-C"), ("arg_c_plus", "arguments: Arg-C+")):
        score = overall.get(key)
        value, _, interval = ((score and number(score)) or "–").partition(" ")
        told.append((f"agreement on {name}", value, interval or "no interval"))
    agreed = [
        element("div", element("dt", name), element("dd", value, element("small", " ", note)))
        for name, value, note in told
    ]
    return element("dl", agreed, class_="glance")


def _entry(key: str, title: str) -> Html:
    return element("li", element("a", title, href=f"#{key}"))


def _section(key: str, title: str, content: Html) -> Html:
    heading = element("h2", title, id=f"{key}-title")
    return element("section", heading, content, id=key, aria_labelledby=f"{key}-title")
