"""Export a parallel corpus: the aligned sentences of translations and originals, with the place of each.

TMX is the exchange format of translation memories (version 1.4b, LISA 2005). The same snapshot gives the same bytes.
"""

import contextlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import IO
from xml.sax.saxutils import escape, quoteattr

import pyarrow.compute as pc

from articles.errors import DeniedError, StoreError
from articles.history.snapshot_view import DocumentLink, DocumentView
from articles.model import LinkKind
from storage.objects import ObjectStore
from storage.objects.base import DENIED_ERRNOS
from storage.snapshots import catalog
from storage.snapshots.contents import SnapshotContents, load
from storage.tables import packs, schemas
from storage.tables.file_ref import FileRef
from storage.tables.log_reader import LogReader
from storage.tables.texts import read_texts

PAIRS_PER_BATCH = 1_000  # pairs of documents whose texts are in memory at once
INVALID_XML_CHARACTER = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0 §2.2
TMX_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE tmx SYSTEM "tmx14.dtd">\n<tmx version="1.4">\n'


class BitextFormat(StrEnum):
    """Output formats of a parallel corpus."""

    TMX = "tmx"
    JSONL = "jsonl"


@dataclass(frozen=True, slots=True)
class SentencePlace:
    """A sentence and its place in a document."""

    lang: str
    text: str
    url: str
    document_id: str
    row_id: str
    version: int
    start: int  # in characters of the document's text
    end: int  # exclusive


@dataclass(frozen=True, slots=True)
class SentencePair:
    """A sentence and its translation."""

    source: SentencePlace
    target: SentencePlace
    likeness: float  # similarity of the two, 0 to 1; 0 if they are paired only by their place between other pairs
    direction: str  # which of the two is the translation, as far as is known: "source" or "target"
    extent: str  # of the documents' translation: full, partial or empty
    method: str  # what compared the sentences; empty if a page states that its texts are translations
    score: float  # of the link between the documents
    evidence: str


@dataclass(frozen=True, slots=True)
class BitextReport:
    """Result of an export."""

    path: Path
    snapshot: int
    digest: str
    documents: int  # pairs of documents
    units: int  # pairs of sentences


@dataclass(frozen=True, slots=True)
class _DocumentPair:
    row: schemas.Row  # of the alignment
    link: DocumentLink
    sides: tuple[DocumentView, DocumentView]  # in the order of the row


def export(
    log: LogReader,
    number: int,
    dest: Path,
    *,
    langs: tuple[str, str],
    form: BitextFormat,
    min_likeness: float,
    progress: Callable[[int, int], None],
) -> BitextReport:
    """Write the aligned sentences of a snapshot's current texts in two languages. The first language is the source.

    Pairs of sentences below `min_likeness` are left out. `progress` gets two numbers of document pairs: done, and in
    all. The file is written atomically. Raises StoreError if it cannot be written.
    """
    state = log.state(number)
    contents = load(log.store, state)
    pairs = _chosen(_pairs(log.store, state.live("alignments"), contents, langs))
    digest = catalog.digest(state)
    partial = dest.absolute().parent / f".{dest.name}.partial"
    units = 0
    try:
        dest.absolute().parent.mkdir(parents=True, exist_ok=True)
        with partial.open("w", encoding="utf-8", newline="\n") as file:
            write = _tmx if form is BitextFormat.TMX else _jsonl
            for done, unit in enumerate(_units(log.store, contents, pairs, langs, min_likeness, progress), 1):
                if done == 1 and form is BitextFormat.TMX:
                    _tmx_head(file, number, digest, langs)
                write(file, unit, number, digest)
                units = done
            if form is BitextFormat.TMX:
                if not units:
                    _tmx_head(file, number, digest, langs)
                file.write("</body>\n</tmx>\n")
        partial.replace(dest)
    except OSError as error:
        kind = DeniedError if error.errno in DENIED_ERRNOS else StoreError
        raise kind(f"cannot write {dest}: {error.strerror or error}") from error
    finally:
        with contextlib.suppress(NotADirectoryError):  # the folder could not be created, so there is no file
            partial.unlink(missing_ok=True)
    return BitextReport(dest, number, digest, len(pairs), units)


def _pairs(
    store: ObjectStore, refs: Iterable[FileRef], contents: SnapshotContents, langs: tuple[str, str]
) -> Iterator[_DocumentPair]:
    """Yield the alignments of translations between current texts in two languages."""
    current = {document.head.row_id: document for document in contents.view.documents.values()}
    links: dict[tuple[str, str], DocumentLink] = {}
    for found_link in contents.view.links:
        if found_link.kind is LinkKind.TRANSLATION:
            links.setdefault((found_link.a_document_id, found_link.b_document_id), found_link)
    for rows in packs.read_each(store, refs):
        for row in rows.filter(pc.equal(rows["kind"], LinkKind.TRANSLATION.value)).to_pylist():
            sides = current.get(row["a"]), current.get(row["b"])
            if sides[0] is None or sides[1] is None:
                continue
            ids = sides[0].head.document_id, sides[1].head.document_id
            link = links.get(ids) or links.get(ids[::-1])  # the view may have turned it round
            found = {contents.labels[row["a"]].lang, contents.labels[row["b"]].lang}
            if link is not None and found == set(langs):
                yield _DocumentPair(row, link, (sides[0], sides[1]))


def _chosen(pairs: Iterable[_DocumentPair]) -> list[_DocumentPair]:
    """Return the best linked pair of each two clusters, because reprints of a text hold the same sentences."""
    best: dict[tuple[str, ...], _DocumentPair] = {}
    for pair in sorted(pairs, key=_rank):
        best.setdefault(tuple(sorted(side.cluster_id for side in pair.sides)), pair)
    return [best[key] for key in sorted(best)]


def _rank(pair: _DocumentPair) -> tuple[float | int | str, ...]:
    duplicates = sum(not side.representative for side in pair.sides)
    return (duplicates, -pair.link.score, pair.row["a"], pair.row["b"], pair.row["method"])


def _units(  # noqa: PLR0917  everything that a unit depends on
    store: ObjectStore,
    contents: SnapshotContents,
    pairs: Sequence[_DocumentPair],
    langs: tuple[str, str],
    min_likeness: float,
    progress: Callable[[int, int], None],
) -> Iterator[SentencePair]:
    left, done = iter(pairs), 0
    while batch := list(islice(left, PAIRS_PER_BATCH)):
        wanted = {pair.row[side] for pair in batch for side in "ab"}
        texts = read_texts(store, {row_id: contents.labels[row_id].pack for row_id in wanted}, wanted)
        for pair in batch:
            yield from _units_of(pair, contents, texts, langs, min_likeness)
            done += 1
            progress(done, len(pairs))


def _units_of(
    pair: _DocumentPair,
    contents: SnapshotContents,
    texts: Mapping[str, str],
    langs: tuple[str, str],
    min_likeness: float,
) -> Iterator[SentencePair]:
    reversed_sides = contents.labels[pair.row["a"]].lang != langs[0]
    is_turned = pair.link.a_document_id != pair.sides[0].head.document_id
    columns = ("a_start", "a_end", "b_start", "b_end", "likeness")
    for a, a_end, b, b_end, likeness in zip(*(pair.row[name] for name in columns), strict=True):
        sides = [
            _side(pair.sides[0], contents, texts, (a, a_end)),
            _side(pair.sides[1], contents, texts, (b, b_end)),
        ]
        if reversed_sides:
            sides.reverse()
        if likeness >= min_likeness:
            yield SentencePair(
                source=sides[0],
                target=sides[1],
                likeness=round(likeness, 4),
                direction="target" if reversed_sides != is_turned else "source",
                extent=pair.row["extent"],
                method=pair.row["method"],
                score=pair.link.score,
                evidence=pair.link.evidence,
            )


def _side(
    document: DocumentView, contents: SnapshotContents, texts: Mapping[str, str], span: tuple[int, int]
) -> SentencePlace:
    row_id = document.head.row_id
    numbers = [version.number for version in document.versions if not version.gone]
    text = " ".join(texts[row_id][slice(*span)].split())
    url, document_id = document.head.url, document.head.document_id
    return SentencePlace(contents.labels[row_id].lang, text, url, document_id, row_id, numbers[-1], *span)


def _jsonl(file: IO[str], unit: SentencePair, number: int, digest: str) -> None:
    line = {**asdict(unit), "snapshot": number, "digest": digest}
    file.write(json.dumps(line, ensure_ascii=False) + "\n")


def _tmx_head(file: IO[str], number: int, digest: str, langs: tuple[str, str]) -> None:
    file.write(
        f'{TMX_HEAD}<header creationtool="irtysh" creationtoolversion="1" segtype="sentence" o-tmf="irtysh" '
        f'adminlang="en" srclang={quoteattr(langs[0])} datatype="plaintext">\n'
        f"{_prop('snapshot', number)}{_prop('digest', digest)}</header>\n<body>\n"
    )


def _tmx(file: IO[str], unit: SentencePair, number: int, digest: str) -> None:
    del number, digest  # the header holds them
    pair = unit.source, unit.target
    name = "-".join(str(part) for side in pair for part in (side.row_id, side.start))
    unit_props = {
        "likeness": unit.likeness,
        "link-score": unit.score,
        "link-method": unit.method or "stated by the page",
        "link-extent": unit.extent,
        "link-evidence": unit.evidence,
        "translation": unit.direction,
    }
    file.write(f"<tu tuid={quoteattr(name)}>\n" + "".join(_prop(name, value) for name, value in unit_props.items()))
    for side in pair:
        place = {"url": side.url, "document": side.document_id, "row": side.row_id, "version": side.version}
        props = "".join(_prop(name, value) for name, value in place.items())
        file.write(f"<tuv xml:lang={quoteattr(side.lang)}>\n{props}<seg>{_xml(side.text)}</seg>\n</tuv>\n")
    file.write("</tu>\n")


def _prop(name: str, value: object) -> str:
    return f'<prop type="x-{name}">{_xml(str(value))}</prop>\n' if value != "" else ""


def _xml(text: str) -> str:
    """Return a text escaped for XML. Characters that XML forbids become U+FFFD."""
    return escape(INVALID_XML_CHARACTER.sub("\ufffd", text))
