"""`irtysh stats` and `irtysh cite`: figures of a snapshot, and how to cite it."""

from collections.abc import Sequence
from dataclasses import fields
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from articles.errors import InputError, UsageError
from articles.harmless import harmless, json_line
from flows.commands.listings import ListFormat, for_programs
from flows.commands.snapshots import open_log
from flows.display.console import Console
from flows.display.none_found import NO_DOCUMENTS
from flows.exit_codes import DONE
from flows.options import CommonOptions
from storage.export import citation
from storage.export.citation import Citation
from storage.export.statistics import (
    DIMENSIONS,
    DocumentCounts,
    SnapshotStatistics,
    statistics,
    summed,
)
from storage.snapshots import article_history, catalog
from storage.snapshots.contents import SnapshotContents, load
from storage.snapshots.refs import LATEST
from storage.tables.log_reader import LogReader
from storage.tables.state import State
from storage.tables.texts import read_rows

PERCENT = 100
ID_DIGITS = 6  # of a document, in the key of its citation: titles in Cyrillic leave nothing else there


class CitationForm(StrEnum):
    """Forms of a citation."""

    TEXT = "text"
    BIBTEX = "bibtex"
    CSL = "csl"


def stats(
    ref: str = LATEST,
    *,
    by: Annotated[tuple[str, ...], Parameter(negative="")] = DIMENSIONS,
    picture: Path | None = None,
    format: ListFormat | None = None,  # noqa: A002  the option's name
    common: CommonOptions = CommonOptions(),
) -> int:
    """Count documents by month, outlet and language, with gaps and shares.

    All documents count, also duplicates and those whose topic is in doubt; they have columns of their own. A gap is a month
    without a document of an outlet that has documents before and after.

    Example: `irtysh stats --by month --by outlet`

    Example: `irtysh stats --format csv > counts.csv`

    Parameters
    ----------
    ref
        The snapshot: `latest`, a number, a tag or a date.
    by
        `month`, `outlet` or `lang`: sum up by it. Can be repeated. Default: all three.
    picture
        Draw the documents by month and outlet into this file, .svg or .png. Needs `pip install irtysh[report]`.
    format
        Form of the counts: a table, CSV for a spreadsheet, or JSON Lines. Default: table, with --json JSON Lines.
    """
    log = open_log(common)
    state = log.state(catalog.resolve(log, ref))
    found = statistics(log.store, state, load(log.store, state))
    counts = summed(found.counts, by)
    if picture is not None:
        from flows.display.charts import coverage, draw  # noqa: PLC0415  needs the extra `report`

        draw(coverage(found), picture)
    console = common.console()
    form = format or (ListFormat.JSONL if common.json else ListFormat.TABLE)
    if not for_programs(console, DocumentCounts, counts, form):
        _print(console, state.number, counts, by, found)
    if picture is not None and form is ListFormat.TABLE:
        console.text(f"{picture}: documents by month and outlet")
    return DONE


def _print(
    console: Console, number: int, counts: Sequence[DocumentCounts], by: Sequence[str], found: SnapshotStatistics
) -> None:
    names = [field.name for field in fields(DocumentCounts) if field.name not in DIMENSIONS or field.name in by]
    rows = [[getattr(one, name) for name in names] for one in counts]
    if not rows:
        console.text(NO_DOCUMENTS)
        return
    console.table(f"Documents of snapshot {number}", names, rows)
    total = found.total
    for gap in found.gaps:
        when = f"from {gap.first} to {gap.last} ({gap.months} months)" if gap.months > 1 else f"in {gap.first}"
        console.text(f"gap: {gap.outlet} has no document {when}")
    if total.documents:
        shares = ", ".join(
            f"{PERCENT * number / total.documents:.1f} % {name}"
            for name, number in (
                ("duplicates", total.duplicates),
                ("in review", total.reviews),
                ("translations", total.translations),
                ("edited", total.edited),
            )
        )
        console.text(f"{total.documents:,} documents: {shares}; {total.silent:,} silent edits", style="bold")


def cite(
    ref: str = LATEST,
    *,
    document: str = "",
    title: str = "",
    author: Annotated[tuple[str, ...], Parameter(negative="")] = (),
    url: str = "",
    format: CitationForm = CitationForm.TEXT,  # noqa: A002  the option's name
    common: CommonOptions = CommonOptions(),
) -> int:
    """Print how to cite a snapshot, or a document of it.

    The citation names the digest, which pins the content: `irtysh verify` proves it. Give the snapshot a tag first, so that
    others find it by its name.

    Example: `irtysh cite paper-1 --format bibtex --title "Two shores"`

    Example: `irtysh cite paper-1 --document https://example.org/news/1`

    Parameters
    ----------
    ref
        The snapshot: `latest`, a number, a tag or a date.
    document
        URL or id of a document: cite it instead of the snapshot.
    title
        Title of the corpus.
    author
        Who made the corpus. Can be repeated.
    url
        Where others find the corpus.
    format
        Form of the citation: a line of text, BibTeX, or CSL JSON for Zotero and pandoc.
    """
    log = open_log(common)
    state = log.state(catalog.resolve(log, ref))
    if document:
        if title or author or url:
            raise UsageError("--title, --author and --url describe the corpus; a document has its own, leave them out")
        found = _of_document(log, state, load(log.store, state), document)
    else:
        found = [_of_snapshot(log, state, ref, title=title, authors=author, url=url)]
    console = common.console()
    if format is CitationForm.CSL or common.json:
        console.out.file.write(json_line([citation.csl(one) for one in found]) + "\n")
    else:
        render = citation.bibtex if format is CitationForm.BIBTEX else citation.plain
        for one in found:
            console.out.file.write(harmless(render(one)))
    return DONE


def _of_snapshot(log: LogReader, state: State, ref: str, *, title: str, authors: tuple[str, ...], url: str) -> Citation:
    tags = sorted(tag.name for tag in catalog.tags(log.store) if tag.snapshot == state.number)
    name = ref if ref in tags else next(iter(tags), "")
    made = state.history[-1].timestamp
    return Citation(
        key=citation.key_of([title or "news corpus", name or f"snapshot {state.number}"]),
        kind="dataset",
        title=title or "News corpus",
        authors=authors,
        issued=made.date().isoformat(),
        container="",
        url=url,
        accessed="",
        version=f"snapshot {state.number}" + (f", tag {name}" if name else ""),
        note=f"Irtysh corpus, digest sha256:{catalog.digest(state)}",
    )


def _of_document(log: LogReader, state: State, contents: SnapshotContents, wanted: str) -> list[Citation]:
    """Return citations of the documents at a URL, one for each language, or of the document with an id."""
    documents = contents.view.documents
    names = [wanted] if wanted in documents else list(article_history.history(log.store, state, wanted, contents))
    if not names:
        raise InputError(f"no document {wanted} in snapshot {state.number}")
    rows = {documents[name].head.row_id: name for name in names}
    found = {}
    columns = ("row_id", "title", "authors", "published", "outlet", "lang")
    for row in read_rows(log.store, state.live("documents"), rows, columns):
        name = rows[row["row_id"]]
        found[name] = Citation(
            key=citation.key_of([row["outlet"], row["published"][:10], row["title"], name[:ID_DIGITS]]),
            kind="article-newspaper",
            title=row["title"],
            authors=tuple(row["authors"]),
            issued=row["published"],
            container=row["outlet"],
            url=contents.url_of(row["row_id"]),
            accessed=documents[name].last_seen.isoformat(),
            version="",
            note=f"document {name} of snapshot {state.number}, digest sha256:{catalog.digest(state)}",
            lang=row["lang"],
        )
    return [found[name] for name in names]
