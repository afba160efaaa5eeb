"""croissant.json: the tables for machines (Croissant 1.1), with what is said of the data (Croissant RAI 1.0)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from curate.hub.manifest import Manifest, pretty_json
from curate.hub.metadata import Metadata
from curate.hub.parquet import data_path
from curate.schema.model import EventSchema

if TYPE_CHECKING:
    from datasets import Features

_CROISSANT = (
    "arrayShape citeAs column containedIn equivalentProperty extract field fileObject fileProperty fileSet format "
    "includes isArray isLiveDataset jsonPath key md5 parentField path recordSet references regex repeated replace "
    "samplingRate separator source subField transform"
)
CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "dct": "http://purl.org/dc/terms/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "sc": "https://schema.org/",
    "conformsTo": "dct:conformsTo",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
    **{term: f"cr:{term}" for term in _CROISSANT.split()},
}
ARRAY = {"isArray": True, "arrayShape": "-1"}
TYPES = {"string": "sc:Text", "int32": "sc:Integer", "int64": "sc:Integer", "bool": "sc:Boolean"}
RAI = {
    "rai:dataCollection": ("selection", "collection"),
    "rai:annotatorDemographics": ("annotator_background",),
    "rai:personalSensitiveInformation": ("personal_information", "consent"),
    "rai:dataUseCases": ("uses", "misuses"),
    "rai:dataLimitations": ("limits", "language_variety"),
    "rai:dataReleaseMaintenancePlan": ("maintenance",),
}


def croissant(
    metadata: Metadata,
    schema: EventSchema,
    told: Manifest,
    files: Mapping[str, Mapping[str, Any]],
    features: Mapping[str, Features],
) -> bytes:
    """Describe the tables of a release: each file with its hash, each column down to the spans of an event.

    ``files`` are the manifest's entries by path, ``features`` the columns by config.
    """
    url = f"https://huggingface.co/datasets/{metadata.repository}" if metadata.repository else ""
    tables = [(config, split) for config, by_split in told["configs"].items() for split in by_split]
    answers = {key: " ".join(metadata.card[name].strip() for name in names) for key, names in RAI.items()}
    per_item = told["configs"].get("annotations", {})
    readings = sum(part["rows"] for part in per_item.values())
    value = {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": ["http://mlcommons.org/croissant/1.1", "http://mlcommons.org/croissant/RAI/1.0"],
        "name": metadata.name,
        "description": (metadata.description or schema.description).strip(),
        "license": metadata.licence_link or metadata.licence,
        "version": told["version"],
        "creator": [{"@type": "sc:Organization", "name": author} for author in metadata.authors],
        "citeAs": f"{', '.join(metadata.authors)}: {metadata.title}, version {told['version']}",
        "inLanguage": list(metadata.language) or [schema.language],
        "keywords": ["event-extraction", *metadata.tags],
        **({"url": url} if url else {}),
        **answers,
        "rai:dataAnnotationProtocol": f"Events under the schema {schema.stamp} ({schema.title}); schema.yaml holds "
        "definitions and guidelines as the annotators had them.",
        "rai:dataAnnotationPlatform": "Label Studio, with a labelling page made from the schema",
        "rai:annotationsPerItem": f"{readings} readings of {sum(p['rows'] for p in told['configs']['gold'].values())} "
        "articles, settled into one record each",
        "distribution": [file_object(files[data_path(*table)], *table) for table in tables],
        "recordSet": [record_set(config, split, features[config]) for config, split in tables],
    }
    return pretty_json(value)


def file_object(entry: Mapping[str, Any], config: str, split: str) -> dict[str, Any]:
    """Describe the file of a table."""
    return {
        "@type": "cr:FileObject",
        "@id": f"{config}-{split}.parquet",
        "name": f"{config}-{split}.parquet",
        "contentUrl": entry["path"],
        "contentSize": f"{entry['size']} B",
        "encodingFormat": "application/x-parquet",
        "sha256": entry["sha256"],
    }


def record_set(config: str, split: str, features: Features) -> dict[str, Any]:
    """Describe the rows of a table. Columns with an inner structure give one field for each of its ends."""
    name = f"{config}-{split}"
    return {
        "@type": "cr:RecordSet",
        "@id": name,
        "name": name,
        "key": {"@id": f"{name}/id"},
        "field": [column(name, key, feature) for key, feature in features.items()],
    }


def column(name: str, key: str, feature: Any) -> dict[str, Any]:
    """Describe a column, with a field for each value inside it.

    A list inside a list is only told of in words: a reader of Croissant gets one value for each element of a
    column, and would take the first of those inside for all of them.
    """
    source = {"fileObject": {"@id": f"{name}.parquet"}, "extract": {"column": key}}
    described = {"@type": "cr:Field", "@id": f"{name}/{key}", "name": f"{name}/{key}"}
    if hasattr(feature, "dtype"):
        return {**described, "dataType": TYPES[feature.dtype], "source": source}
    repeated = hasattr(feature, "feature")
    inner = list(values_in(feature.feature if repeated else feature))
    lists = ["/".join(path) for path, value in inner if hasattr(value, "feature")]
    fields = [
        {
            "@type": "cr:Field",
            "@id": f"{name}/{key}/{'/'.join(path)}",
            "name": f"{name}/{key}/{'/'.join(path)}",
            "dataType": TYPES[value.feature.dtype if hasattr(value, "feature") else value.dtype],
            "source": {**source, "transform": {"jsonPath": f"$.{'.'.join(path)}"}},
            **(ARRAY if hasattr(value, "feature") else {}),
        }
        for path, value in inner
        if not (repeated and hasattr(value, "feature"))
    ]
    if repeated and lists:
        described["description"] = f"Each also holds lists, to be read from the Parquet file: {', '.join(lists)}."
    return {**described, **(ARRAY if repeated else {}), "subField": fields}


def values_in(feature: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """List the simple values and the lists inside a structure, each with the names that lead to it."""
    if hasattr(feature, "dtype") or hasattr(feature, "feature"):
        yield path, feature
    else:
        for name, inner in feature.items():
            yield from values_in(inner, (*path, name))
