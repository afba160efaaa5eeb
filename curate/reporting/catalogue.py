"""The catalogue of finding codes for people: Markdown made from the table (pure)."""

from __future__ import annotations

from curate.findings import CODES, ERROR, INFO, WARNING

_HEAD = """\
# Every finding

Made from the tables in `curate/findings/` by `curate explain --all`; `curate explain` lists the codes, and
`curate explain CODE` tells one. What is wrong with the data is a finding: `curate check` prints the errors,
`exports/findings.jsonl` holds all, each with its place.
"""

_LEVELS = {
    ERROR: """\
## Errors

An error holds the whole reading back until it is mended and pulled again; `curate send-back` brings it to those who
can mend it. Where nobody can any more, `curate check --accept CODE` drops what the findings of that code name, with
what can't stand without it: of a trigger its arguments, links and values, of an arrow the argument that it attaches.
Each piece is counted in the books as `dropped: CODE`, the finding stays as a warning, and `accept` in curate.toml keeps
the code, so that every later check does the same. A reading of which nothing would be left stays held.
""",
    WARNING: "## Warnings\n\nA warning is told and lets the reading pass.\n",
    INFO: "## Infos\n\nAn info tells what was done by rule.\n",
}


def table() -> list[str]:
    """List all codes, a line each, by level."""
    width = max(map(len, CODES))
    ordered = [(code, kind) for level in _LEVELS for code, kind in CODES.items() if kind.level == level]
    return [f"{kind.level:7}  {code:{width}}  {kind.meaning}" for code, kind in ordered]


def catalogue() -> str:
    """Write the page of all codes, by level."""
    parts = [_HEAD]
    for level, head in _LEVELS.items():
        parts.append(head)
        parts += [f"#{explanation(code)}" for code, kind in CODES.items() if kind.level == level]
    return "\n".join(parts)


def explanation(code: str) -> str:
    """Write what one code means, an example and what to do."""
    kind = CODES[code]
    return (
        f"## {code}\n\n{kind.level.capitalize()}: {kind.meaning}.\n\n"
        f"- Example: {kind.example}\n- What to do: {kind.advice}\n"
    )
