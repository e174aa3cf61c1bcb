"""Describe a published data set: a Markdown card for people, Croissant (MLCommons, version 1.0) for programs."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from articles.harmless import harmless_line
from articles.metadata.reservations import Use
from storage.export.selection import SCHEMA
from storage.snapshots.summary import SnapshotSummary
from storage.tables import descriptions

COLUMN_DESCRIPTIONS: Mapping[str, str] = {**descriptions.COLUMNS["documents"], **descriptions.VIEW_COLUMNS}
MARKDOWN = re.compile(r"[|<>&\[\]`*\\]")
LICENCE = "The texts remain their publishers'; this card grants no right to them."


@dataclass(frozen=True, slots=True)
class CardFile:
    """A file of the data set."""

    name: str
    size: int  # bytes
    sha256: str


@dataclass(frozen=True, slots=True)
class CardFacts:
    """The facts that a card states."""

    name: str
    note: str
    snapshot: int
    digest: str
    snapshot_time: datetime
    created: datetime
    documents: int
    summary: SnapshotSummary
    files: Sequence[CardFile]
    purpose: Use | None = None  # the use against which no document of the data set is reserved
    reserved: int = 0  # documents of the snapshot left out for that


def unreserved(about: CardFacts) -> str:
    """Return the sentence on reserved documents; empty if the data set was not made for a purpose."""
    if about.purpose is None:
        return ""
    return (
        f"No document in this data set is reserved against {about.purpose} by a signal that Irtysh reads (robots.txt with "
        "Content-Usage or Content-Signal, TDMRep, robots directives such as noai, a price): "
        f"{about.reserved} documents of the snapshot are left out for that."
    )


def card(about: CardFacts) -> str:
    """Return the card, in Markdown."""
    languages = ", ".join(f"{_plain(lang)} ({number})" for lang, number in about.summary.languages.items())
    outlets = "\n".join(f"| {_plain(outlet)} | {number} |" for outlet, number in about.summary.outlets.items())
    columns = "\n".join(f"| `{name}` | {COLUMN_DESCRIPTIONS[name]} |" for name in SCHEMA.names)
    note = f"{about.note}\n\n" if about.note else ""
    on_use = f"{unreserved(about)}\n\n" if about.purpose is not None else ""
    return f"""# {about.name}

{note}{about.documents} news articles as clean text, each once: the newest text of each document that stands for its
cluster of duplicates, as of snapshot {about.snapshot} ({about.snapshot_time:%Y-%m-%d %H:%M:%S} UTC).

- Snapshot digest: `{about.digest}`
- Published: {about.created:%Y-%m-%d}
- Languages of all documents in the snapshot: {languages}
- Check the files with `sha256sum -c SHA256SUMS`; read them with any Parquet reader.

{on_use}{LICENCE}

| outlet | documents in the snapshot |
|---|---|
{outlets}

| column | what it is |
|---|---|
{columns}
"""


def _plain(text: str) -> str:
    """Return a text from a table on one line, without what Markdown reads as its own or as HTML."""
    return MARKDOWN.sub(lambda match: f"&#{ord(match.group())};", harmless_line(text))


# Names of Croissant's vocabulary, as its specification (version 1.0, appendix 1) lists them for the context.
CROISSANT_TERMS = (
    "citeAs", "column", "extract", "field", "equivalentProperty", "fileProperty", "fileObject", "fileSet", "format", "includes", "isLiveDataset",
    "jsonPath", "key", "md5", "parentField", "path", "recordSet", "references", "regex", "repeated", "replace", "samplingRate", "separator",
    "source", "subField", "transform",
)  # fmt: skip


def croissant(about: CardFacts) -> str:
    """Return the Croissant description, in JSON-LD."""
    files = [
        {
            "@type": "cr:FileObject",
            "@id": file.name,
            "name": file.name,
            "contentUrl": file.name,
            "contentSize": f"{file.size} B",
            "encodingFormat": "application/x-parquet",
            "sha256": file.sha256,
        }
        for file in about.files
    ]
    file_set = {
        "@type": "cr:FileSet",
        "@id": "parquet",
        "name": "parquet",
        "containedIn": [{"@id": file.name} for file in about.files],
        "encodingFormat": "application/x-parquet",
        "includes": "*.parquet",
    }
    fields = [
        {
            "@type": "cr:Field",
            "@id": f"documents/{name}",
            "name": name,
            "description": COLUMN_DESCRIPTIONS[name],
            "dataType": "sc:Text",
            "source": {"fileSet": {"@id": "parquet"}, "extract": {"column": name}},
        }
        for name in SCHEMA.names
    ]
    description = {
        "@context": {
            "@language": "en",
            "@vocab": "https://schema.org/",
            "sc": "https://schema.org/",
            "cr": "http://mlcommons.org/croissant/",
            "dct": "http://purl.org/dc/terms/",
            "conformsTo": "dct:conformsTo",
            "rai": "http://mlcommons.org/croissant/RAI/",
            "data": {"@id": "cr:data", "@type": "@json"},
            "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
            "examples": {"@id": "cr:examples", "@type": "@json"},
            **{name: f"cr:{name}" for name in CROISSANT_TERMS},
        },
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": about.name,
        "description": about.note or f"Snapshot {about.snapshot} of a corpus of news articles as clean text.",
        "version": str(about.snapshot),
        "datePublished": about.created.date().isoformat(),
        "license": LICENCE,
        **({"usageInfo": unreserved(about)} if about.purpose is not None else {}),
        "distribution": [*files, file_set],
        "recordSet": [{"@type": "cr:RecordSet", "@id": "documents", "name": "documents", "field": fields}],
    }
    return json.dumps(description, ensure_ascii=False, indent=1) + "\n"
