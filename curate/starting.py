"""A new project folder."""

from __future__ import annotations

import json
import secrets
from pathlib import Path

from curate.errors import UsageError
from curate.files import check_writable, write_atomic
from curate.hub.metadata import ASKED
from curate.schema.shipped import METASCHEMA, default_name, metaschema_path, shipped_names, shipped_schema
from curate.settings import FILE

TEMPLATE = """\
# A curate project. The labelling page, the checks and the dataset are all made from the schema file.
workspace = "{workspace}"  # how Label Studio projects of this folder are recognised; keep it
schema = "schema.yaml"
overlap = {overlap}  # how many people read each article

# [assignment]  # who reads what, for `curate assign`
# double = 0.2  # share of the articles that `overlap` people read; one person reads the others
# batch = 50  # articles come in batches of so many,
# open = 1  # and this many batches are given out
# again = 0.05  # share of everybody's readings that they read once more,
# after = 20  # when they have read so many others
# people = {{annotator-cfd6f8204f = {{weight = 0.5, most = 40}}}}

# [suggest]  # what annotators begin with, for `curate suggest`
# by = "words"  # or "model", which needs url and model, or "module:function"
# hold_out = 0.2  # share of the articles without suggestions, to measure what these do to people

# [label_studio]
# url = "https://label-studio.example.org"  # with LABEL_STUDIO_API_KEY set; else: curate server start

[dataset]  # what `curate release` needs to know; it names what is still empty
name = {name}
licence = "{licence}"  # of the annotations: a Hub identifier such as cc-by-4.0
text_licence = ""  # a sentence: under what terms the articles' texts stand
authors = []  # names for the citation: ["One Person", "An Institute"]
language = ["{language}"]
# pretty_name = "", description = "", repository = "owner/name", tags = []
# licence = "other" needs licence_name and licence_link

# Articles that resemble each other, or share this field or key of `meta`, go into one split.
# group_by = "story"
# splits = {{train = 0.8, validation = 0.1, test = 0.1}}
# cutoffs = {{validation = "2024-05-01", test = "2024-09-01"}}  # by time instead: the first day of each

[dataset.card]  # what only people know, for those who will use the dataset
{card}
"""


def init(folder: Path, schema: str | None = None, *, overlap: int = 2) -> Path:
    """Make ``folder`` a project: settings, a copy of the schema, what git should leave out.

    ``schema`` is the name of a shipped schema or a file; left out, the shipped default. Raises UsageError when the
    folder is a project already or the schema can't be found.
    """
    if (folder / FILE).exists():
        raise UsageError(f"{folder / FILE}: this folder is a curate project already.", "Go on with: curate add")
    schema = schema or default_name()
    named = Path(schema)
    if schema in shipped_names():
        source = shipped_schema(schema)
    elif named.is_file():
        source = named
    else:
        raise UsageError(f"{schema}: no such schema.", f"Name a file, or one of: {', '.join(shipped_names())}.")
    from curate.api import read_schema

    read = read_schema(source)
    kept = folder / "schema.yaml"
    if kept.exists() and kept.resolve() != source.resolve():
        raise UsageError(
            f"{kept}: there is a file of this name.", "Move it, or use it: curate init --schema schema.yaml"
        )
    check_writable(folder)
    write_atomic(folder / "schema.yaml", source.read_bytes())
    write_atomic(folder / METASCHEMA, metaschema_path().read_bytes())
    if not (folder / ".gitignore").exists():
        write_atomic(folder / ".gitignore", b".curate/\nexports/\n")
    write_atomic(folder / ".curate" / ".gitignore", b"*\n", private=True)
    settings = TEMPLATE.format(
        workspace=f"ws-{secrets.token_hex(8)}",
        overlap=overlap,
        name=json.dumps(folder.resolve().name, ensure_ascii=False),
        licence="cc-by-4.0",
        language=read.language,
        card="\n".join(f'{key} = ""  # {asked}' for key, asked in ASKED.items()),
    )
    write_atomic(folder / FILE, settings.encode())
    return folder
