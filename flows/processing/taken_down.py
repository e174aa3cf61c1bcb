"""Keep out articles that a takedown removed, also those that only the reading of a page shows to be one of them."""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import replace

from articles.metadata.canonical import is_variant
from articles.model import Reason
from articles.pipeline import PageResult
from articles.url import article_id
from flows.processing.segments import SegmentBatch
from storage.objects import ObjectStore
from storage.tables import redactions


def withheld(store: ObjectStore, segment_batch: SegmentBatch) -> SegmentBatch:
    """Return a batch without the articles that were taken down."""
    results, reread = (withhold(store, found) for found in (segment_batch.results, segment_batch.reread))
    return replace(segment_batch, results=results, reread=reread)


def withhold(store: ObjectStore, results: Iterable[PageResult]) -> list[PageResult]:
    """Return results, with those of articles that were taken down as rejections.

    Called before each commit: a takedown may have come after the pages were read.
    """
    articles = redactions.load(store).articles
    return [_rejected(result) if articles and _shows(result, articles) else result for result in results]


def _shows(result: PageResult, taken_down: AbstractSet[str]) -> bool:
    """Return whether a page is one of the articles, by its URL, or as another form ("/amp") of one that it names."""
    documents = [row.document for row in result.rows]
    return any(
        {result.fetch.article_id, one.article_id} & taken_down
        or (article_id(one.canonical_url) in taken_down and is_variant(one.url, one.canonical_url))
        for one in documents
    )


def _rejected(result: PageResult) -> PageResult:
    fetch = replace(result.fetch, reason=Reason.TAKEN_DOWN.value, detail="", rows=(), body_sha256="")
    return PageResult(fetch, purpose=result.purpose)
