"""Describe a published data set: a Markdown card for people, Croissant (MLCommons, version 1.1) for programs."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa
import yaml

from articles.harmless import harmless_line
from articles.metadata.reservations import Use
from storage.export import hub
from storage.export.non_consumptive import FULL_SUMS_FILE, WORDS, WORDS_SCHEMA
from storage.export.pull import LINKS_SCHEMA
from storage.export.release_tables import (
    COLUMNS,
    COVERAGE,
    COVERAGE_SCHEMA,
    HISTORY,
    HISTORY_SCHEMA,
    LINKS,
    ReleaseCounts,
)
from storage.export.selection import SCHEMA
from storage.export.wanted_texts import RUNNING_TEXT
from storage.snapshots.summary import SnapshotSummary
from storage.tables import descriptions
from storage.tables.schemas import INSTANT

COLUMN_DESCRIPTIONS: Mapping[str, str] = {**descriptions.COLUMNS["documents"], **descriptions.VIEW_COLUMNS}
MARKDOWN = re.compile(r"[|<>&\[\]`*\\]")
CROISSANT_TYPES = {
    pa.int32(): "sc:Integer", pa.int64(): "sc:Integer", pa.float64(): "sc:Float", pa.bool_(): "sc:Boolean",
    pa.date32(): "sc:Date", INSTANT: "sc:DateTime",
}  # fmt: skip
OTHER_FILES = {
    LINKS: "links between the documents",
    HISTORY: "every version of each document, without texts",
    COVERAGE: "number of documents by outlet and day of publication",
    "croissant.json": "description in Croissant 1.1",
    "datapackage.json": "description as a Frictionless data package",
    "ro-crate-metadata.json": "description as an RO-Crate",
    "datacite.json": "metadata for registering a DOI",
    "CITATION.cff": "how to cite it",
    "citation.bib": "the same for BibTeX",
}
FILES_WITHOUT_TEXTS = {
    WORDS: "how often each document has each word",
    FULL_SUMS_FILE: "checksums of the documents with their texts",
}
WITHOUT_TEXTS = (
    f"The columns {', '.join(f'`{name}`' for name in RUNNING_TEXT)} are empty. Whoever has the captures puts the texts back with "
    f"`irtysh rebuild --from-release FOLDER --to NEW`; `text_sha256` and {FULL_SUMS_FILE} prove the result."
)
FIRST_VERSION = "1.0.0"  # by Croissant's rule a takedown, which changes what is there, makes a new major one
AS_PUBLISHED = f"Numbers of documents are those of version {FIRST_VERSION}; after a takedown, which makes a new version, there are fewer."
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
    summary: SnapshotSummary  # of the whole snapshot
    files: Sequence[CardFile]
    counts: ReleaseCounts
    code: str  # version of the software that made the snapshot
    purpose: Use | None = None  # the use against which no document of the data set is reserved
    reserved: int = 0  # documents of the snapshot left out for that
    full_sums: bytes = b""  # of a release without running text: the checksums of its documents with their texts


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
    languages = ", ".join(f"{_plain(lang)} ({number})" for lang, number in about.counts.languages.items())
    outlets = "\n".join(f"| {_plain(outlet)} | {number} |" for outlet, number in about.counts.outlets.items())
    first, last = about.counts.first_day, about.counts.last_day
    days = f"{first} to {last}" if first else "unknown"
    others = "\n".join(f"| `{name}` | {what} |" for name, what in _other_files(about).items())
    columns = "\n".join(f"| `{name}` | {COLUMN_DESCRIPTIONS[name]} |" for name in SCHEMA.names)
    note = f"{about.note}\n\n" if about.note else ""
    on_use = f"{unreserved(about)}\n\n" if about.purpose is not None else ""
    on_use += f"{WITHOUT_TEXTS}\n\n" if about.full_sums else ""
    return f"""{_head(about)}# {about.name}

{note}{about.documents} news articles {_form(about)}, each once: the newest text of each document that stands for its
cluster of duplicates, as of snapshot {about.snapshot} ({about.snapshot_time:%Y-%m-%d %H:%M:%S} UTC).

- Snapshot digest: `{about.digest}`
- Published: {about.created:%Y-%m-%d}
- Languages: {languages}
- Days of publication: {days}
- {AS_PUBLISHED}
- The snapshot holds {about.summary.documents} documents; duplicates and those whose topic needs review are left out.
- Check the files with `sha256sum -c SHA256SUMS`; read them with any Parquet reader.

{on_use}{LICENCE}

| outlet | documents |
|---|---|
{outlets}

| file | content |
|---|---|
| `documents-*.parquet` | the documents |
{others}

| column | what it is |
|---|---|
{columns}
"""


def description(about: CardFacts) -> str:
    """Return what the release is, in one or two sentences."""
    said = f"{about.documents} news articles {_form(about)}, each once, as of snapshot {about.snapshot} of an Irtysh corpus."
    return f"{about.note} {said} {AS_PUBLISHED}" if about.note else f"{said} {AS_PUBLISHED}"


def _form(about: CardFacts) -> str:
    return "without their texts" if about.full_sums else "as clean text"


def _other_files(about: CardFacts) -> Mapping[str, str]:
    """Return what the files beside the documents are."""
    return {**OTHER_FILES, **FILES_WITHOUT_TEXTS} if about.full_sums else OTHER_FILES


def schema_of(file: CardFile) -> pa.Schema:
    """Return the columns of a file of a release."""
    schemas = {LINKS: LINKS_SCHEMA, HISTORY: HISTORY_SCHEMA, COVERAGE: COVERAGE_SCHEMA, WORDS: WORDS_SCHEMA}
    return schemas.get(file.name, SCHEMA)


def columns_of(file: CardFile) -> Mapping[str, str]:
    """Return what the columns of a file of a release are."""
    return COLUMNS.get(file.name, COLUMN_DESCRIPTIONS)


def _head(about: CardFacts) -> str:
    """Return the head of the card, by which `datasets.load_dataset` reads the folder."""
    head = hub.configuration("documents-*.parquet", LINKS, None)
    for name in (HISTORY, COVERAGE, *((WORDS,) if about.full_sums else ())):
        part = {"config_name": name.removesuffix(".parquet"), "data_files": [{"split": hub.SPLIT, "path": name}]}
        head["configs"].append(part)
    known = [lang for lang in about.counts.languages if lang != "und"]
    head = {**({"language": known} if known else {}), "license": "other", **head}
    return f"---\n{yaml.safe_dump(head, sort_keys=False, allow_unicode=True)}---\n\n"


def _plain(text: str) -> str:
    """Return a text from a table on one line, without what Markdown reads as its own or as HTML."""
    return MARKDOWN.sub(lambda match: f"&#{ord(match.group())};", harmless_line(text))


# Names of Croissant's vocabulary, as its specification (version 1.0, appendix 1) lists them for the context.
CROISSANT_TERMS = (
    "citeAs", "column", "extract", "field", "equivalentProperty", "fileProperty", "fileObject", "fileSet", "format", "includes", "isLiveDataset",
    "jsonPath", "key", "md5", "parentField", "path", "recordSet", "references", "regex", "repeated", "replace", "samplingRate", "separator",
    "source", "subField", "transform",
)  # fmt: skip


def _records(name: str, files: Sequence[CardFile], source: Mapping[str, Any]) -> dict[str, Any]:
    """Return a record set of Croissant: a table, with the columns of its files."""
    fields = [
        {
            "@type": "cr:Field",
            "@id": f"{name}/{column.name}",
            "name": column.name,
            "description": columns_of(file)[column.name],
            "dataType": CROISSANT_TYPES.get(column.type, "sc:Text"),
            "source": {**source, "extract": {"column": column.name}},
        }
        for file in files
        for column in schema_of(file)
    ]
    return {"@type": "cr:RecordSet", "@id": name, "name": name, "field": fields}


def croissant(about: CardFacts, citeas: str) -> str:
    """Return the Croissant description, in JSON-LD. `citeas` is an entry for BibTeX."""
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
    documents = [file for file in about.files if file.name not in COLUMNS]
    file_set = {
        "@type": "cr:FileSet",
        "@id": "parquet",
        "name": "parquet",
        "containedIn": [{"@id": file.name} for file in documents],
        "encodingFormat": "application/x-parquet",
        "includes": "documents-*.parquet",
    }
    records = [
        _records("documents", documents[:1], {"fileSet": {"@id": "parquet"}}),
        *(
            _records(file.name.removesuffix(".parquet"), [file], {"fileObject": {"@id": file.name}})
            for file in about.files
            if file.name in COLUMNS
        ),
    ]
    described = {
        "@context": {
            "@language": "en",
            "@vocab": "https://schema.org/",
            "sc": "https://schema.org/",
            "cr": "http://mlcommons.org/croissant/",
            "dct": "http://purl.org/dc/terms/",
            "conformsTo": "dct:conformsTo",
            "prov": "http://www.w3.org/ns/prov#",
            "rai": "http://mlcommons.org/croissant/RAI/",
            "data": {"@id": "cr:data", "@type": "@json"},
            "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
            "examples": {"@id": "cr:examples", "@type": "@json"},
            **{name: f"cr:{name}" for name in CROISSANT_TERMS},
        },
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.1",
        "name": about.name,
        "description": description(about),
        "version": FIRST_VERSION,
        "datePublished": about.created.date().isoformat(),
        "license": LICENCE,
        "citeAs": citeas,
        "creator": {"@type": "sc:Organization", "name": "Irtysh"},
        "prov:wasGeneratedBy": {"@type": "prov:Activity", "name": f"Irtysh, code {about.code}"},
        "prov:wasDerivedFrom": {
            "@type": "prov:Entity",
            "@id": f"urn:sha256:{about.digest}",
            "name": f"snapshot {about.snapshot}",
        },
        **({"usageInfo": unreserved(about)} if about.purpose is not None else {}),
        "distribution": [*files, file_set],
        "recordSet": records,
    }
    return json.dumps(described, ensure_ascii=False, indent=1) + "\n"
