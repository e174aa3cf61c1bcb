"""Describe a release for repositories and tools: Frictionless, RO-Crate, DataCite, and how to cite it.

The descriptions name files by their SHA-256, and sizes as `N B`, so that a takedown finds and changes both
(`flows.takedown`).
"""

import json
import re
from typing import Any

import pyarrow as pa
import yaml

from storage.export import citation
from storage.export.card import FIRST_VERSION, LICENCE, CardFacts, CardFile, columns_of, description, schema_of
from storage.export.citation import Citation

CITATION_FILE, BIBTEX_FILE = "CITATION.cff", "citation.bib"
PACKAGE_FILE, CRATE_FILE, DATACITE_FILE = "datapackage.json", "ro-crate-metadata.json", "datacite.json"
PARQUET = "application/vnd.apache.parquet"
NO_NAME_CHARACTER = re.compile(r"[^a-z0-9._-]+")
CRATE = "https://w3id.org/ro/crate/1.3"
SOFTWARE = "Irtysh"
FRICTIONLESS_TYPES = {
    pa.string(): "string", pa.int32(): "integer", pa.int64(): "integer", pa.float64(): "number", pa.bool_(): "boolean",
    pa.date32(): "date",
}  # fmt: skip


def described(about: CardFacts) -> dict[str, bytes]:
    """Return the descriptions, by the names of their files."""
    cited = cite(about)
    objects = {PACKAGE_FILE: _package(about), CRATE_FILE: _crate(about), DATACITE_FILE: _datacite(about)}
    texts = {name: json.dumps(value, ensure_ascii=False, indent=1) + "\n" for name, value in objects.items()}
    texts |= {BIBTEX_FILE: citation.bibtex(cited), CITATION_FILE: _cff(about)}
    return {name: text.encode(errors="backslashreplace") for name, text in texts.items()}


def cite(about: CardFacts) -> Citation:
    """Return how to cite the release."""
    return Citation(
        key=citation.key_of(["news corpus", about.name]),
        kind="dataset",
        title=f"News corpus, release {about.name}",
        authors=(),
        issued=about.created.date().isoformat(),
        container="",
        url="",
        accessed="",
        version=f"{about.name}, snapshot {about.snapshot}",
        note=f"Irtysh corpus, digest sha256:{about.digest}",
    )


def _cff(about: CardFacts) -> str:
    found = {
        "cff-version": "1.2.0",
        "message": "If you use this data set, cite it as below.",
        "type": "dataset",
        "title": f"News corpus, release {about.name}",
        "abstract": description(about),
        "authors": [{"name": SOFTWARE}],
        "version": about.name,
        "date-released": about.created.date().isoformat(),
        "identifiers": [
            {
                "type": "other",
                "value": f"sha256:{about.digest}",
                "description": "Digest of the snapshot, which pins the content.",
            }
        ],
    }
    return yaml.safe_dump(found, sort_keys=False, allow_unicode=True)


def _package(about: CardFacts) -> dict[str, Any]:
    """Return a Frictionless data package, version 2."""
    return {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": NO_NAME_CHARACTER.sub("-", about.name.lower()),
        "title": f"News corpus, release {about.name}",
        "description": description(about),
        "version": FIRST_VERSION,
        "created": about.created.isoformat(),
        "licenses": [{"name": "other", "title": LICENCE}],
        "contributors": [{"title": SOFTWARE, "roles": ["creator"]}],
        "resources": [
            {
                "name": NO_NAME_CHARACTER.sub("-", file.name.removesuffix(".parquet").lower()),
                "path": file.name,
                "format": "parquet",
                "mediatype": PARQUET,
                "hash": f"sha256:{file.sha256}",
                "schema": {"fields": [_field(file, column) for column in schema_of(file)]},
            }
            for file in about.files
        ],
    }


def _field(file: CardFile, column: pa.Field) -> dict[str, str]:
    kind = FRICTIONLESS_TYPES.get(column.type, "any")
    if pa.types.is_timestamp(column.type):
        kind = "datetime"
    elif pa.types.is_list(column.type):
        kind = "array"
    return {"name": column.name, "type": kind, "description": columns_of(file)[column.name]}


def _crate(about: CardFacts) -> dict[str, Any]:
    """Return the metadata of a research object crate."""
    files = [
        {
            "@id": file.name,
            "@type": "File",
            "name": file.name,
            "encodingFormat": PARQUET,
            "contentSize": f"{file.size} B",
            "sha256": file.sha256,
        }
        for file in about.files
    ]
    dataset = {
        "@id": "./",
        "@type": "Dataset",
        "name": f"News corpus, release {about.name}",
        "description": description(about),
        "datePublished": about.created.date().isoformat(),
        "version": FIRST_VERSION,
        "identifier": f"sha256:{about.digest}",
        "license": {"@id": "#rights"},
        "hasPart": [{"@id": file.name} for file in about.files],
        "mentions": {"@id": "#made"},
    }
    return {
        "@context": [f"{CRATE}/context", {"sha256": "https://schema.org/sha256"}],
        "@graph": [
            {
                "@id": CRATE_FILE,
                "@type": "CreativeWork",
                "conformsTo": {"@id": CRATE},
                "about": {"@id": "./"},
            },
            dataset,
            *files,
            {"@id": "#rights", "@type": "CreativeWork", "name": "Conditions of use", "description": LICENCE},
            {"@id": "#irtysh", "@type": "SoftwareApplication", "name": SOFTWARE, "version": about.code},
            {
                "@id": "#made",
                "@type": "CreateAction",
                "name": f"Release of snapshot {about.snapshot}",
                "instrument": {"@id": "#irtysh"},
                "endTime": about.snapshot_time.isoformat(),
                "result": {"@id": "./"},
            },
        ],
    }


def _datacite(about: CardFacts) -> dict[str, Any]:
    """Return metadata for registering a DOI, in DataCite's JSON."""
    counts = about.counts
    dates = [{"date": about.created.date().isoformat(), "dateType": "Issued"}]
    if counts.first_day:
        dates.append({"date": f"{counts.first_day}/{counts.last_day}", "dateType": "Coverage"})
    languages = [lang for lang in counts.languages if lang != "und"]
    return {
        "schemaVersion": "http://datacite.org/schema/kernel-4",
        "types": {"resourceTypeGeneral": "Dataset", "resourceType": "News corpus"},
        "creators": [{"name": SOFTWARE, "nameType": "Organizational"}],
        "titles": [{"title": f"News corpus, release {about.name}"}],
        "publisher": {"name": SOFTWARE},
        "publicationYear": str(about.created.year),
        "dates": dates,
        **({"language": languages[0]} if languages else {}),
        "version": about.name,
        "descriptions": [{"description": description(about), "descriptionType": "Abstract"}],
        "alternateIdentifiers": [
            {"alternateIdentifier": f"sha256:{about.digest}", "alternateIdentifierType": "Digest of the snapshot"}
        ],
        "formats": [PARQUET],
        "sizes": [f"{about.documents} documents in version {FIRST_VERSION}"],
        "rightsList": [{"rights": LICENCE}],
    }
