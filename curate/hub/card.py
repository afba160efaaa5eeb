"""The texts of a release for people: the dataset card with its YAML head, the licence file, the changelog."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from curate.errors import UsageError
from curate.hub.manifest import Changes, Manifest
from curate.hub.parquet import Table
from curate.schema.model import EventSchema

if TYPE_CHECKING:
    from datasets import DatasetInfo, Features

SIZES = [(1000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M")]


class Metadata(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the project says of its dataset: the ``[dataset]`` table of curate.toml, without its splits.

    ``licence`` is the Hub's identifier, such as ``cc-by-4.0``; ``other`` asks for its name and link.
    ``language`` holds ISO 639 codes, empty for the schema's. ``repository`` is ``owner/name`` on the Hub,
    empty while there is none.
    """

    name: str
    licence: str
    pretty_name: str = ""
    description: str = ""
    language: tuple[str, ...] = ()
    licence_name: str = ""
    licence_link: str = ""
    repository: str = ""
    tags: tuple[str, ...] = ()
    annotations_creators: tuple[str, ...] = ("expert-generated",)


def read_metadata(table: Mapping[str, Any]) -> Metadata:
    """Read the dataset's metadata from a mapping. Raises UsageError for a key too many, too few or wrong."""
    fix = "Mend the [dataset] table of curate.toml."
    try:
        metadata = msgspec.convert(dict(table), Metadata)
    except msgspec.ValidationError as error:
        raise UsageError(f"The dataset's metadata: {error}.", fix) from error
    if not metadata.name or not metadata.licence:
        raise UsageError("The dataset's name and licence can't be empty.", fix)
    if metadata.licence == "other" and not (metadata.licence_name and metadata.licence_link):
        raise UsageError("The licence `other` needs licence_name and licence_link.", fix)
    return metadata


def data_path(config: str, split: str) -> str:
    """Name the file of a split in a release."""
    return f"data/{config}/{split}-00000-of-00001.parquet"


def card(
    metadata: Metadata,
    schema: EventSchema,
    manifest: Manifest,
    tables: Mapping[str, Mapping[str, Table]],
    features: Mapping[str, Features],
) -> bytes:
    """Write README.md: the head that loads each config as it is, then what is in there, as counted.

    ``tables`` and ``features`` are by config, tables then by split; the counts are the manifest's.
    """
    body = [
        f"# {metadata.pretty_name or metadata.name} {manifest['version']}",
        metadata.description or schema.description,
        f"News articles with their events, made under the event schema `{schema.stamp}` ({schema.title}).",
        *loading(metadata, manifest),
        *contents(schema, manifest["configs"]),
        *vocabulary(schema),
        *structure(),
        "## Licence\n\n" + licence_sentence(metadata),
    ]
    head = card_head(metadata, schema, tables, features)
    parts = [f"---\n{head}---", *(part.strip() for part in body)]
    return ("\n\n".join(part for part in parts if part) + "\n").encode()


def card_head(
    metadata: Metadata,
    schema: EventSchema,
    tables: Mapping[str, Mapping[str, Table]],
    features: Mapping[str, Features],
) -> str:
    """Write the YAML head: metadata, the files of each config and split, and what loading them must give."""
    from datasets.info import DatasetInfosDict
    from huggingface_hub import DatasetCardData

    rows = sum(table.rows for table in tables["gold"].values())
    configs = [
        {
            "config_name": config,
            **({"default": True} if config == "gold" else {}),
            "data_files": [{"split": split, "path": data_path(config, split)} for split in by_split],
        }
        for config, by_split in tables.items()
    ]
    data = DatasetCardData(
        pretty_name=metadata.pretty_name or metadata.name,
        license=metadata.licence,
        license_name=metadata.licence_name or None,
        license_link=metadata.licence_link or None,
        language=list(metadata.language) or [schema.language],
        annotations_creators=list(metadata.annotations_creators),
        task_categories=["token-classification"],
        tags=["event-extraction", *metadata.tags],
        size_categories=[next((name for end, name in SIZES if rows < end), "1M<n<10M")],
        configs=configs,
    )
    infos = {config: dataset_info(by_split, features[config]) for config, by_split in tables.items()}
    DatasetInfosDict(infos).to_dataset_card_data(data)
    return f"{data.to_yaml()}\n"


def dataset_info(tables: Mapping[str, Table], features: Features) -> DatasetInfo:
    """Describe a config as loading it must find it."""
    from datasets import DatasetInfo
    from datasets.splits import SplitDict, SplitInfo

    splits = SplitDict()
    for split, table in tables.items():
        splits.add(SplitInfo(name=split, num_bytes=table.memory, num_examples=table.rows))
    return DatasetInfo(
        features=features,
        splits=splits,
        download_size=sum(len(table.content) for table in tables.values()),
        dataset_size=sum(table.memory for table in tables.values()),
    )


def loading(metadata: Metadata, manifest: Manifest) -> list[str]:
    """Show how to load the release: from the Hub, or from the folder while there is no repository."""
    where = f'"{metadata.repository}"' if metadata.repository else '"."'
    revision = f', revision="{manifest["version"]}"' if metadata.repository else ""
    lines = ["from datasets import load_dataset", "", f"gold = load_dataset({where}{revision})"]
    if "annotations" in manifest["configs"]:
        lines.append(f'annotations = load_dataset({where}, "annotations"{revision})')
    return ["## Loading", "```python\n" + "\n".join(lines) + "\n```"]


def contents(schema: EventSchema, configs: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> list[str]:
    """Tell what each config holds and count it: in all, by event type, by role, by link."""
    gold = configs["gold"]
    parts = [
        "## Contents",
        "`gold` holds one row for each article, with the reading that was settled on.",
        total_table("rows", gold),
    ]
    for title, key, names in (
        ("event type", "event_types", schema.event_types),
        ("role", "roles", schema.roles),
        ("link", "link_types", schema.links),
    ):
        if names:
            parts.append(label_table(title, key, names, gold))
    if "annotations" in configs:
        parts += [
            "`annotations` holds one row for each annotator's reading of these articles before adjudication; "
            "`article_id` is the `id` of the article, annotators go by pseudonyms.",
            total_table("rows", configs["annotations"]),
        ]
    return parts


def total_table(first: str, by_split: Mapping[str, Mapping[str, Any]]) -> str:
    """Count rows, events, arguments, clusters and links of each split."""
    columns = (first, "events", "arguments", "clusters", "links")
    rows = [[split, *(str(counted[column]) for column in columns)] for split, counted in by_split.items()]
    return table(["split", *columns], rows)


def label_table(title: str, key: str, names: Iterable[str], by_split: Mapping[str, Mapping[str, Any]]) -> str:
    """Count each label in each split, those that never occur included."""
    rows = [[f"`{name}`", *(str(counted[key].get(name, 0)) for counted in by_split.values())] for name in names]
    return table([title, *by_split], rows)


def vocabulary(schema: EventSchema) -> list[str]:
    """Give the definitions of event types, roles, attributes and links, as the annotators had them."""
    parts = ["## Event schema"]
    for title, words in (
        ("event type", schema.event_types.values()),
        ("role", schema.roles.values()),
        ("link", schema.links.values()),
    ):
        rows = [[f"`{word.name}`", word.definition] for word in words]
        parts.append(table([title, "definition"], rows) if rows else "")
    rows = [
        [f"`{asked.name}`", asked.on, asked.kind, ", ".join(asked.values), asked.definition]
        for asked in schema.attributes.values()
    ]
    parts.append(table(["attribute", "of", "kind", "values", "definition"], rows) if rows else "")
    return parts


def structure() -> list[str]:
    """Explain the fields that their names don't."""
    return [
        "## Fields",
        "- Offsets count Unicode code points of `text`, the end exclusive: "
        "`text[start:end]` is the `text` of every span.\n"
        "- `events`: one entry for each mention. Its id is made from type and place of the trigger.\n"
        "- `arguments`: what plays a role in the event, either a span (`start`, `end`, `text`) or another "
        "event (`event_id`); the other fields are null.\n"
        "- `clusters`: the mentions that are one and the same happening. Every event is in exactly one.\n"
        "- `links`: typed connections from one event to another.\n"
        "- `attributes`: null where an attribute doesn't apply.\n"
        "- `record.schema.json` describes a row of `gold` for any JSON Schema validator, `schema.yaml` is "
        "the event schema, `manifest.json` holds the SHA-256 of every file and every row.",
    ]


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Draw a Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell_text(cell) for cell in line) + " |" for line in lines)


def cell_text(text: str) -> str:
    """Fit a text into a cell of a Markdown table."""
    return re.sub(r"\s+", " ", text).replace("|", "\\|").strip()


def licence_sentence(metadata: Metadata) -> str:
    """Name the licence of the annotations, and say where that of the articles stands."""
    named = metadata.licence_name or metadata.licence
    link = f" ({metadata.licence_link})" if metadata.licence_link else ""
    return (
        f"The annotations are released under the licence {named}{link}. The articles' texts keep the "
        "licences of their publishers: see the field `licence` of each row."
    )


def licence_text(metadata: Metadata, licences: Iterable[str | None]) -> bytes:
    """Write LICENSE: the licence by name, and how many articles come under which; no legal text of ours."""
    counted = sorted(Counter(licence or "not given" for licence in licences).items())
    listed = "\n".join(f"- {licence}: {number}" for licence, number in counted)
    title = metadata.pretty_name or metadata.name
    parts = [title, licence_sentence(metadata), f"Articles by licence:\n{listed}\n"]
    return "\n\n".join(parts).encode()


def changelog(version: str, manifest: Manifest, previous: Manifest | None, changes: Changes, earlier: str) -> bytes:
    """Write CHANGELOG.md: what this version adds, drops and changes, above the entries of ``earlier``."""
    if previous is None:
        lines = [f"First release: {len(manifest['records'])} records."]
    else:
        counted = [
            f"{len(ids)} {word}"
            for word, ids in (
                ("added", changes.added),
                ("removed", changes.removed),
                ("changed", changes.changed),
            )
        ]
        lines = [f"Records against {previous['version']}: {', '.join(counted)}."]
        if taken := sorted(set(manifest["withdrawn"]) & set(changes.removed)):
            lines.append(f"Withdrawn: {', '.join(taken)}.")
        for key, title in (("schema", "The event schema"), ("splits", "The rule for splits")):
            if previous.get(key) != manifest[key]:
                lines.append(f"{title} changed.")
    entry = f"## {version}\n\n" + "\n".join(f"- {line}" for line in lines)
    entries = earlier.partition("\n## ")[2]
    return "\n\n".join(["# Changelog", entry, *([f"## {entries.strip()}"] if entries else [])]).encode() + b"\n"
