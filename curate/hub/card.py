"""The dataset card: its YAML head, and what the template ``card.md`` asks for, as counted and as the project says."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any

from curate.grouping import REASONS
from curate.hub.manifest import Manifest
from curate.hub.metadata import Metadata
from curate.hub.parquet import Table, data_path
from curate.hub.texts import licence_sentence
from curate.hub.writing import Written
from curate.schema.model import EventSchema

if TYPE_CHECKING:
    from datasets import DatasetInfo, Features

TEMPLATE = Path(__file__).parent / "card.md"
SIZES = [(1000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M")]


def card(
    metadata: Metadata, schema: EventSchema, told: Manifest, written: Written, features: Mapping[str, Features]
) -> bytes:
    """Write README.md: the head that loads each config as it is, then what is in there and how it was made.

    ``told`` is the manifest so far; ``features`` are by config.
    """
    body = Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        {key: answer.strip() for key, answer in metadata.card.items()},
        title=metadata.title,
        version=told["version"],
        description=(metadata.description or schema.description).strip(),
        schema=schema.stamp,
        schema_title=schema.title,
        contents=joined(contents(schema, told["configs"])),
        splits=joined(splits(told)),
        process=joined(process(written)),
        agreement=joined(agreement(told)),
        books=joined(books(told)),
        vocabulary=joined(vocabulary(schema)),
        licence=licence_sentence(metadata),
        authors=", ".join(metadata.authors),
        **places(metadata, told),
    )
    return f"---\n{head(metadata, schema, written.tables, features)}---\n\n{body}".encode()


def joined(parts: Iterable[str]) -> str:
    """Put parts of Markdown one below the other."""
    return "\n\n".join(part for part in parts if part)


def head(
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
        pretty_name=metadata.title,
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

    found = SplitDict()
    for split, table in tables.items():
        found.add(SplitInfo(name=split, num_bytes=table.memory, num_examples=table.rows))
    return DatasetInfo(
        features=features,
        splits=found,
        download_size=sum(table.size for table in tables.values()),
        dataset_size=sum(table.memory for table in tables.values()),
    )


def places(metadata: Metadata, told: Manifest) -> dict[str, str]:
    """Say where the tables are: on the Hub, or in the folder while there is no repository."""
    # `datasets` needs a folder with a name, which "." has not.
    where, revision, root = f"../{told['version']}", "", ""
    if metadata.repository:
        where, revision = metadata.repository, f', revision="{told["version"]}"'
        root = f"hf://datasets/{metadata.repository}@{told['version']}/"
    paths = [f'    "{root}{data_path("gold", split)}",' for split in told["configs"]["gold"]]
    return {"where": where, "revision": revision, "paths": "\n".join(paths)}


def contents(schema: EventSchema, configs: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> Iterable[str]:
    """Tell what each config holds and count it: in all, by event type, by role, by link."""
    gold = configs["gold"]
    yield "`gold` holds one row for each article, with the reading that was settled on."
    yield total_table("rows", gold)
    for title, key, names in (
        ("event type", "event_types", schema.event_types),
        ("role", "roles", schema.roles),
        ("link", "link_types", schema.links),
    ):
        if names:
            yield label_table(title, key, names, gold)
    if "annotations" in configs:
        yield (
            "`annotations`, the second config, holds one row for each annotator's "
            "reading of these articles before adjudication; `article_id` is the `id` of the article, annotators go by "
            "pseudonyms."
        )
        yield total_table("rows", configs["annotations"])


def splits(told: Manifest) -> Iterable[str]:
    """Tell how articles came to their splits, how alike the splits are, and who was left out for it."""
    rule = told["splits"]
    by = (
        f"by day of publication: {', '.join(f'{split} from {day}' for split, day in rule['cutoffs'].items())}"
        if "cutoffs" in rule
        else f"by hash, in the proportion {', '.join(f'{split} {share}' for split, share in rule['shares'].items())}, "
        "stratified by event type"
    )
    yield (
        f"Whole groups of articles go into one split, {by}. A group is what resembles each other (a Jaccard index "
        f"of {rule['threshold']} or more of the sets of three-word shingles) or shares the same `{rule['group_by']}`. "
        "No article that was released ever changes its split in a later version."
    )
    closest = rule["closest_across"]
    if closest:
        first = closest[0]
        yield (
            f"The two most similar articles in different splits are `{first['ids'][0]}` and `{first['ids'][1]}`: "
            f"they share {first['shared']} of {first['total']} shingles."
        )
    else:
        yield "No two articles in different splits resemble each other enough to be compared."
    yield table(
        ["left out by the splits", "because it", "between"],
        [[f"`{one['id']}`", REASONS[one["reason"]], ", ".join(one["between"])] for one in rule["left_out"]],
    )


def process(written: Written) -> Iterable[str]:
    """Tell what was measured of the work: annotators, readings, suggestions, how differences were settled, sources."""
    readings, articles = written.annotators.total(), len(written.rows)
    shown = written.suggestions
    yield (
        f"{articles} articles, {readings} readings by {len(written.annotators)} annotators in Label Studio, on a page "
        "made from the event schema. Every reading was checked against the schema before it counted."
    )
    yield table(
        ["readings became a record by", "articles"], [[rule, str(n)] for rule, n in sorted(written.rules.items())]
    )
    yield (
        f"Suggestions of a machine were shown for {articles - shown['none']} of the articles."
        if articles - shown["none"]
        else "No suggestions of a machine were shown to the annotators."
    )
    if articles - shown["none"]:
        rows = [[f"`{name}`", str(number)] for name, number in sorted(shown.items()) if name != "none"]
        yield table(["suggested by", "articles"], rows)
    for title, counted in (("publisher", written.publishers), ("language", written.languages)):
        rows = [[name, str(number)] for name, number in counted.most_common()]
        yield table([title, "articles"], sorted(rows, key=lambda row: (-int(row[1]), row[0]))[:20])
    if written.days:
        yield f"Published between {written.days[0]} and {written.days[1]}."


def agreement(told: Manifest) -> Iterable[str]:
    """Give the agreement of the annotators, where two people read the same article."""
    measured = told["agreement"]
    if not measured:
        yield "No agreement could be measured: no article was read by two people."
        return
    yield "Agreement of the annotators on these articles before adjudication, exact F1 between every two of them:"
    yield table(["measure", "value"], [[name, value] for name, value in measured.items()])


def books(told: Manifest) -> Iterable[str]:
    """Tell what became of everything that came in: the two balances, line by line."""
    pulled, released = told["books"].get("pull", {}), told["books"].get("release", {})
    kinds = [kind for kind in ("articles", "annotations", "items") if kind in pulled]
    if kinds:
        yield "Of what was annotated (an item is one region, one relation or one attribute value):"
        lines = [key for key in ("seen", "accepted", "held", "waiting") if any(key in pulled[kind] for kind in kinds)]
        reasons = sorted({reason for kind in kinds for reason in pulled[kind].get("excluded", {})})
        rows = [[line, *(str(pulled[kind].get(line, 0)) for kind in kinds)] for line in lines]
        rows += [
            [f"excluded: {one}", *(str(pulled[kind]["excluded"].get(one, 0)) for kind in kinds)] for one in reasons
        ]
        yield table(["", *kinds], rows)
    if released:
        yield "Of the accepted items, at this release:"
        yield table(["", "items"], [[line, str(number)] for line, number in released.items()])
    if told["withdrawn"]:
        yield f"Withdrawn since they were released: {', '.join(told['withdrawn'])}."


def vocabulary(schema: EventSchema) -> Iterable[str]:
    """Give the definitions of event types, roles, attributes and links, as the annotators had them."""
    for title, words in (
        ("event type", schema.event_types.values()),
        ("role", schema.roles.values()),
        ("link", schema.links.values()),
    ):
        yield table([title, "definition"], [[f"`{word.name}`", word.definition] for word in words])
    rows = [
        [f"`{asked.name}`", asked.on, asked.kind, ", ".join(asked.values), asked.definition]
        for asked in schema.attributes.values()
    ]
    yield table(["attribute", "of", "kind", "values", "definition"], rows)


def total_table(first: str, by_split: Mapping[str, Mapping[str, Any]]) -> str:
    """Count rows, events, arguments, clusters and links of each split."""
    columns = (first, "events", "arguments", "clusters", "links")
    rows = [[split, *(str(counted[column]) for column in columns)] for split, counted in by_split.items()]
    return table(["split", *columns], rows)


def label_table(title: str, key: str, names: Iterable[str], by_split: Mapping[str, Mapping[str, Any]]) -> str:
    """Count each label in each split, those that never occur included."""
    rows = [[f"`{name}`", *(str(counted[key].get(name, 0)) for counted in by_split.values())] for name in names]
    return table([title, *by_split], rows)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Draw a Markdown table, nothing if it has no rows."""
    lines = [head, ["---"] * len(head), *rows] if rows else []
    return "\n".join("| " + " | ".join(cell_text(cell) for cell in line) + " |" for line in lines)


def cell_text(text: str) -> str:
    """Fit a text into a cell of a Markdown table."""
    return re.sub(r"\s+", " ", text).replace("|", "\\|").strip()
