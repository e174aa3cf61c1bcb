"""Describe a pulled folder for the library `datasets`, so that `datasets.load_dataset(FOLDER)` reads it as it is."""

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import yaml

from storage.export.selection import SCHEMA

CONFIGURATION_FILE = ".huggingface.yaml"  # `datasets` reads it; other readers of a folder of Parquet files ignore it
LINKS_CONFIGURATION = "links"
DOCUMENTS_CONFIGURATION = "documents"
SPLIT = "train"  # the name of a data set's only part, by the library's convention


def configuration(documents: str, links: str, features: pa.Schema | None) -> dict[str, Any]:
    """Return the configuration of a folder whose documents and links match these patterns.

    Parquet states its types itself. For JSON Lines, `features` states them: the library would guess them otherwise.
    """
    configs = [
        {
            "config_name": DOCUMENTS_CONFIGURATION,
            "data_files": [{"split": SPLIT, "path": documents}],
            "default": True,
        }
    ]
    if links:
        configs.append({"config_name": LINKS_CONFIGURATION, "data_files": [{"split": SPLIT, "path": links}]})
    found: dict[str, Any] = {"configs": configs}
    if features is not None:
        found["dataset_info"] = [{"config_name": DOCUMENTS_CONFIGURATION, "features": _features(features)}]
    return found


def configuration_file(documents: str, links: str = "", features: pa.Schema | None = None) -> str:
    """Return the same as YAML."""
    return yaml.safe_dump(configuration(documents, links, features), sort_keys=False, allow_unicode=True)


def card(manifest: Mapping[str, object], langs: Sequence[str]) -> str:
    """Return the data set's card, with the configuration in its head, for a folder to upload to the Hub."""
    head: dict[str, Any] = configuration("data/*.parquet", "links/*.parquet", None)
    known = [lang for lang in langs if lang != "und"]
    head = {**({"language": known} if known else {}), **head}
    return (
        f"---\n{yaml.safe_dump(head, sort_keys=False, allow_unicode=True)}---\n\n"
        f"# News articles, snapshot {manifest['snapshot']}\n\n"
        f"{manifest['documents']:,} documents of a corpus that Irtysh keeps. Digest of the snapshot: `{manifest['digest']}`.\n\n"
        '```python\nfrom datasets import load_dataset\n\ndocuments = load_dataset("FOLDER", split="train")\n'
        'links = load_dataset("FOLDER", "links", split="train")\n```\n\n'
        "The texts remain their publishers'; this card grants no right to them.\n"
    )


def json_schema() -> pa.Schema:
    """Return the schema of a line of JSON Lines: `storage.export.documents.json_document`, times as texts."""
    fields = [
        pa.field(field.name, pa.string() if pa.types.is_temporal(field.type) else field.type)
        for field in SCHEMA
        if field.name != "paragraphs" and not field.name.startswith("capture_")
    ]
    capture = pa.struct([("key", pa.string()), ("offset", pa.int64()), ("record_id", pa.string())])
    return pa.schema([*fields, pa.field("capture", capture)])


def _features(fields: Any) -> list[dict[str, Any]]:
    return [{"name": field.name, **_feature(field.type)} for field in fields]


def _feature(kind: pa.DataType) -> dict[str, Any]:
    if pa.types.is_list(kind):
        inner = _feature(kind.value_type)
        return {"list": inner.get("struct") or inner["dtype"]}
    if pa.types.is_struct(kind):
        return {"struct": _features(kind)}
    names = {pa.float64(): "float64", pa.float32(): "float32", pa.bool_(): "bool"}
    return {"dtype": names.get(kind, str(kind))}
