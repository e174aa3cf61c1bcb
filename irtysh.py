"""Irtysh from Python: read a corpus, or extract the text of one page.

    import irtysh

    corpus = irtysh.open("s3://corpus/kz-ru")
    texts = corpus.snapshot("2026-03-31").documents(lang="ru", published="2026").to_polars()
    page = irtysh.extract(html, "https://example.org/news/article-1")

`docs/python.md` describes it. The members of `__all__` are the public face; everything else may change. Nothing is
written, neither to the store nor to the disk. `python -m irtysh` is the command line.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Literal

from articles.errors import IrtyshError, UsageError

if TYPE_CHECKING:  # importing this module is cheap: the libraries are loaded when they are first needed
    from collections.abc import Iterable, Iterator

    import pandas as pd
    import polars as pl
    import pyarrow as pa

    from articles.explain import Explanation
    from articles.history.snapshot_view import DocumentLink
    from articles.model import Document, Removal
    from storage.corpus import CorpusSnapshot, StoredCorpus
    from storage.export.listing import ListedRejection
    from storage.export.selection import Selection
    from storage.snapshots.article_history import VersionStep
    from storage.snapshots.catalog import Snapshot

__all__ = [
    "Article",
    "Corpus",
    "CorpusView",
    "Documents",
    "ExtractedPage",
    "IrtyshError",
    "UsageError",
    "extract",
    "open",
]

Purpose = Literal["archive", "research", "training"]
HTTP_OK = 200


def open(url: str) -> Corpus:  # noqa: A001  `irtysh.open` reads well, and nobody imports it by name
    """Open the corpus in a store: a path, or `s3://bucket/prefix`. Raises UsageError if nothing is stored there."""
    from storage.corpus import StoredCorpus  # noqa: PLC0415

    found = StoredCorpus.open(url)
    if next(iter(found.store.list("")), None) is None:
        raise UsageError(f"there is no store at {found.store.url}: nothing is stored there")
    return Corpus(found)


def extract(html: str | bytes, url: str, *, fetched: datetime | None = None) -> ExtractedPage:
    """Extract the clean text and the metadata of one page, without a store.

    `fetched` is when the page was fetched (default: now): dates after it are not believed. The page is read in this
    process, without the limits on time and memory that a crawl has. Raises UsageError for a URL that is none.
    """
    from articles.extract import extract as read  # noqa: PLC0415
    from articles.model import Capture, CaptureRef  # noqa: PLC0415
    from articles.url import canonicalize, outlet_of  # noqa: PLC0415
    from storage.user_cache import use_cached_model  # noqa: PLC0415

    use_cached_model(write=False)
    body, charset = (html.encode(errors="replace"), "; charset=utf-8") if isinstance(html, str) else (html, "")
    capture = Capture(
        ref=CaptureRef("", 0, ""),
        url=url,
        outlet=outlet_of(canonicalize(url)),
        fetched=fetched or datetime.now(UTC),
        status=HTTP_OK,
        headers=(("Content-Type", f"text/html{charset}"),),
        body=body,
        run="",
    )
    outcome = read(capture)
    reason = outcome.reason.value if outcome.reason else ""
    return ExtractedPage(outcome.documents, reason, outcome.detail, outcome.removals)


@dataclass(frozen=True, slots=True)
class ExtractedPage:
    """What a page says: one document, two if it holds two languages, or none and the reason."""

    documents: tuple[Document, ...]
    reason: str  # why there is no document, see the reasons in docs/data.md; empty if there is one
    detail: str
    removals: tuple[Removal, ...]  # the blocks that are not text of the article, each with its rule

    @property
    def title(self) -> str:
        """Title of the first document; empty if there is none."""
        return self.documents[0].title if self.documents else ""

    @property
    def text(self) -> str:
        """Text of the first document, paragraphs divided by blank lines; empty if there is none."""
        return self.documents[0].text if self.documents else ""


class Corpus:
    """The corpus in one store. Not to be shared by threads."""

    def __init__(self, stored: StoredCorpus) -> None:
        self._stored = stored

    def __repr__(self) -> str:
        """Name the store."""
        return f"irtysh.open({self._stored.store.url!r})"

    def snapshots(self) -> list[Snapshot]:
        """Return all snapshots, the oldest first."""
        return self._stored.snapshots()

    def snapshot(self, ref: str | int = "latest") -> CorpusView:
        """Return a snapshot by number, tag, date or `latest`. Raises UsageError if there is none."""
        return CorpusView(self._stored.snapshot(str(ref)))


class CorpusView:
    """One snapshot, which never changes. What it holds without the texts is read once, when it is first needed."""

    def __init__(self, stored: CorpusSnapshot) -> None:
        self._stored = stored
        self.number = stored.number
        self.digest = stored.digest

    def __repr__(self) -> str:
        """Name the snapshot."""
        return f"<snapshot {self.number}, digest {self.digest}>"

    def documents(
        self,
        *,
        lang: str | Iterable[str] = (),
        outlet: str | Iterable[str] = (),
        published: str = "",
        query: str = "",
        topic_min: float = 0.0,
        all_versions: bool = False,
        with_duplicates: bool = False,
        with_review: bool = False,
        purpose: Purpose | None = None,
    ) -> Documents:
        """Choose documents, by default the newest text of every article, once. Nothing is read yet.

        The arguments are those of `irtysh pull`. `published` is a year, a month, a day or `FROM..TO`. Raises UsageError
        for a value that cannot be meant.
        """
        from articles.metadata.reservations import Use  # noqa: PLC0415
        from storage.export.published import DateRange  # noqa: PLC0415
        from storage.export.selection import Selection  # noqa: PLC0415

        if not 0 <= topic_min <= 1:
            raise UsageError(f"topic_min {topic_min:g}: the score must be from 0 to 1")
        if purpose is not None and purpose not in {*Use}:
            raise UsageError(f"purpose {purpose!r}: use one of {', '.join(Use)}")
        selection = Selection(
            langs=_several(lang),
            outlets=_several(outlet),
            published=DateRange.parse(published, "published") if published else None,
            query=query,
            topic_min=topic_min,
            all_versions=all_versions,
            with_duplicates=with_duplicates,
            with_review=with_review,
            purpose=Use(purpose) if purpose is not None else None,
        )
        return Documents(self._stored, selection)

    def links(self) -> tuple[DocumentLink, ...]:
        """Return the links between documents: duplicates, translations, rewrites and others."""
        return self._stored.links()

    def history(self, url: str) -> dict[str, tuple[VersionStep, ...]]:
        """Return the versions of the article at a URL by document id. Raises UsageError if there is no such article."""
        return self._stored.history(url)

    def rejections(
        self,
        *,
        reason: str | Iterable[str] = (),
        outlet: str | Iterable[str] = (),
        run: str | Iterable[str] = (),
        query: str = "",
    ) -> list[ListedRejection]:
        """Return the URLs that became no document, each once for each reason. Raises UsageError for an unknown reason."""
        from storage.export.listing import ListFilter  # noqa: PLC0415

        chosen = ListFilter(outlets=_several(outlet), reasons=_several(reason), runs=_several(run), query=query)
        return self._stored.rejections(chosen)

    def explain(self, url: str) -> Explanation:
        """Explain for each block of the newest capture of a page whether it was kept, and why.

        The page is read in a process with limits. Raises UsageError if the snapshot has no capture of it.
        """
        from flows.processing.limited_pages import PageReader  # noqa: PLC0415
        from flows.processing.sites import Sites  # noqa: PLC0415

        found = self._stored.newest_capture(url)
        if found is None:
            raise UsageError(f"no capture of {url} in snapshot {self.number}")
        with PageReader() as reader:
            return reader.explanation(found.capture, Sites(self._stored.store, "").of(found.capture.url))


class Documents:
    """Chosen documents of a snapshot. They are read when they are iterated or converted, pack by pack."""

    def __init__(self, stored: CorpusSnapshot, selection: Selection) -> None:
        self._stored = stored
        self._selection = selection

    def __iter__(self) -> Iterator[Article]:
        """Yield the documents one by one; memory holds one pack of them."""
        names = [field.name for field in fields(Article)]
        for row in self._stored.documents(self._selection):
            yield Article(**{name: _fixed(row[name]) for name in names})

    def count(self) -> int:
        """Return the number of documents. Texts are read only if there is a query."""
        return self._stored.count(self._selection)

    def batches(self) -> Iterator[pa.Table]:
        """Yield Arrow tables with the columns of docs/data.md, one for each pack."""
        return self._stored.tables(self._selection)

    def to_arrow(self) -> pa.Table:
        """Return all documents as an Arrow table, with the columns of docs/data.md."""
        return self._stored.to_arrow(self._selection)

    def to_polars(self) -> pl.DataFrame:
        """Return all documents as a Polars data frame. Raises UsageError if Polars is not installed."""
        polars = _library("polars")
        frame: pl.DataFrame = polars.from_arrow(self.to_arrow())
        return frame

    def to_pandas(self) -> pd.DataFrame:
        """Return all documents as a pandas data frame. Raises UsageError if pandas is not installed."""
        _library("pandas")
        return self.to_arrow().to_pandas()


@dataclass(frozen=True, slots=True)
class Article:
    """A document of a snapshot. docs/data.md describes the fields; `Documents.to_arrow` has further ones."""

    document_id: str
    article_id: str
    url: str
    canonical_url: str
    outlet: str
    lang: str
    title: str
    text: str
    lead: str
    authors: tuple[str, ...]
    section: str
    tags: tuple[str, ...]
    published: str
    published_date: date | None
    published_at: datetime | None
    modified: str
    source_outlet: str
    source_url: str
    topic_score: float
    version: int
    first_seen: datetime
    last_seen: datetime
    gone: bool
    cluster_id: str
    representative: bool


def _several(value: str | Iterable[str]) -> frozenset[str]:
    return frozenset([value] if isinstance(value, str) else value)


def _fixed(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _library(name: str) -> Any:
    from importlib import import_module  # noqa: PLC0415

    try:
        return import_module(name)
    except ImportError as error:
        raise UsageError(f"{name} is not installed; `pip install {name}` installs it") from error


if __name__ == "__main__":
    from flows.entry import main

    main()
