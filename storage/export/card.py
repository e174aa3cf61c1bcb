"""What a published data set says of itself: a card for people, Croissant (MLCommons, version 1.0) for programs."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from storage.export.selection import SCHEMA
from storage.snapshots.summary import SnapshotSummary

COLUMNS: Mapping[str, str] = {
    "document_id": "one language's text of an article",
    "article_id": "the article, by its canonical URL",
    "row_id": "this text with its metadata: a hash of both",
    "version_key": "a hash of title and text without regard to quotes, dashes and blanks",
    "url": "the URL that was fetched",
    "canonical_url": "the URL that stands for the article",
    "outlet": "who published it",
    "lang": "ISO 639-1",
    "role": "main, or original: the text that the page's main document translates",
    "title": "as the page has it, without the outlet's name",
    "authors": "people only",
    "translators": "people only",
    "editors": "people only",
    "published": "ISO 8601, as precise as the page: a date, a local time, or a time with its offset",
    "modified": "the same",
    "evidence": "every candidate for title, authors, dates and section, and which was chosen",
    "section": "as the outlet files it",
    "tags": "as the outlet gives them",
    "source_outlet": "of a translation or a reprint: who published it first",
    "source_url": "where",
    "source_date": "when",
    "note": "an editor's note, which is not in the text",
    "text": "the clean text; paragraphs are joined by a blank line",
    "paragraphs": "the paragraphs' lengths in characters",
    "text_sha256": "SHA-256 of the text in UTF-8",
    "topic_score": "0 to 1, by the topic that was asked for",
    "topic_verdict": "accept, or review where the text fell a little short of the topic",
    "topic_evidence": "the words of the topic in title, lead and body, with their offsets in characters",
    "captured": "when the page was first captured like this, UTC",
    "http_status": "of the response",
    "capture_key": "where the captured page lies: WARC file",
    "capture_offset": "byte in the file",
    "capture_record_id": "WARC-Record-ID",
    "extractor": "what read the page: a hash of code and data, with + one of what is known of its site, and the topic",
    "run": "the crawl or import that made the capture",
    "lead": "the description that the page gives of its article",
    "choices": "why title, authors and dates have the value that they have",
    "alternates": "pages that hold the article in another language or its original, by the page's own word",
    "rights": "what the page states for robots, for text and data mining, and as its licence; recorded, not judged",
    "flags": "live, digest, gallery or video: forms that are no plain article",
    "version": "of the document, from 1",
    "first_seen": "UTC",
    "last_seen": "UTC",
    "gone": "the source has deleted it since",
    "cluster_id": "the document that stands for all that say the same",
    "representative": "whether it is this one",
    "cluster_source": "the agency or outlet that their text comes from, as far as one of them says so",
    "cluster_first": "the document of them that was published first",
}
LICENCE = "The texts remain their publishers'; this card grants no right to them."


@dataclass(frozen=True, slots=True)
class CardFile:
    """A file of the data set."""

    name: str
    size: int  # bytes
    sha256: str


@dataclass(frozen=True, slots=True)
class CardFacts:
    """What a card tells."""

    name: str
    note: str
    snapshot: int
    digest: str
    snapshot_time: datetime
    created: datetime
    documents: int
    summary: SnapshotSummary
    files: Sequence[CardFile]


def card(about: CardFacts) -> str:
    """Return the card, in Markdown."""
    languages = ", ".join(f"{lang} ({number})" for lang, number in about.summary.languages.items())
    outlets = "\n".join(f"| {outlet} | {number} |" for outlet, number in about.summary.outlets.items())
    columns = "\n".join(f"| `{name}` | {COLUMNS[name]} |" for name in SCHEMA.names)
    note = f"{about.note}\n\n" if about.note else ""
    return f"""# {about.name}

{note}{about.documents} news articles as clean text, each once: the newest text of each document that stands for its
cluster of duplicates, as of snapshot {about.snapshot} ({about.snapshot_time:%Y-%m-%d %H:%M:%S} UTC).

- Snapshot digest: `{about.digest}`
- Published: {about.created:%Y-%m-%d}
- Languages of all documents in the snapshot: {languages}
- Check the files with `sha256sum -c SHA256SUMS`; read them with any Parquet reader.

{LICENCE}

| outlet | documents in the snapshot |
|---|---|
{outlets}

| column | what it is |
|---|---|
{columns}
"""


def croissant(about: CardFacts) -> str:
    """Return the Croissant description, in JSON-LD."""
    files = [
        {
            "@type": "cr:FileObject",
            "@id": one.name,
            "name": one.name,
            "contentUrl": one.name,
            "contentSize": f"{one.size} B",
            "encodingFormat": "application/x-parquet",
            "sha256": one.sha256,
        }
        for one in about.files
    ]
    every = {
        "@type": "cr:FileSet",
        "@id": "parquet",
        "name": "parquet",
        "containedIn": [{"@id": one.name} for one in about.files],
        "encodingFormat": "application/x-parquet",
        "includes": "*.parquet",
    }
    fields = [
        {
            "@type": "cr:Field",
            "@id": f"documents/{name}",
            "name": name,
            "description": COLUMNS[name],
            "dataType": "sc:Text",
            "source": {"fileSet": {"@id": "parquet"}, "extract": {"column": name}},
        }
        for name in SCHEMA.names
    ]
    told = {
        "@context": {
            "@language": "en",
            "@vocab": "https://schema.org/",
            "sc": "https://schema.org/",
            "cr": "http://mlcommons.org/croissant/",
            "dct": "http://purl.org/dc/terms/",
            "conformsTo": "dct:conformsTo",
        },
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": about.name,
        "description": about.note or f"Snapshot {about.snapshot} of a corpus of news articles as clean text.",
        "version": str(about.snapshot),
        "datePublished": about.created.date().isoformat(),
        "license": LICENCE,
        "distribution": [*files, every],
        "recordSet": [{"@type": "cr:RecordSet", "@id": "documents", "name": "documents", "field": fields}],
    }
    return json.dumps(told, ensure_ascii=False, indent=1) + "\n"
