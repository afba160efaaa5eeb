"""The instructions as one page to print or to send: HTML that asks for nothing else (pure)."""

from __future__ import annotations

from html import escape

from curate.schema.instructions import instructions_html
from curate.schema.model import EventSchema

STYLE = """\
body { font: 11pt/1.45 Georgia, serif; color: #111; max-width: 46em; margin: 2em auto; padding: 0 1em; }
h1 { font-size: 1.5em; margin-bottom: 0; }
h4 { font-size: 1.15em; margin: 1.4em 0 .4em; border-bottom: 1px solid #999; break-after: avoid; }
p { margin: .5em 0; break-after: avoid; }
ul, ol { margin: .3em 0; padding-left: 1.6em; }
li { margin: .2em 0; break-inside: avoid; }
sup { font-size: .7em; color: #555; }
code { font-size: .95em; }
.stamp { color: #555; margin-top: 0; }
@page { margin: 18mm; }
@media print { body { max-width: none; margin: 0; padding: 0; } }
"""


def printable_page(schema: EventSchema) -> str:
    """Write what annotators read before they begin as a whole HTML document, with the version it is of."""
    title, language = escape(schema.title), escape(schema.language)
    return (
        f'<!doctype html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n<title>{title}</title>\n'
        f"<style>\n{STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>\n"
        f'<p class="stamp">Instructions for annotators, {escape(schema.name)} {escape(schema.version)}</p>\n'
        f"{instructions_html(schema)}\n</body>\n</html>"
    )
