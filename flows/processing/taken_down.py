"""Keep out articles that a takedown removed, also those that only the reading of a page shows to be one of them."""

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace

from articles.errors import DeniedError
from articles.metadata.canonical import is_variant
from articles.model import Reason
from articles.pipeline import PageResult
from articles.url import article_id
from flows.listener import Listener
from flows.processing.segments import SegmentBatch
from storage.objects import ObjectStore
from storage.tables import redactions
from storage.tables.file_ref import FileRef
from storage.tables.log import Log


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


def delete_outdated(log: Log, drafts: Sequence[tuple[int, Iterable[FileRef]]], listener: Listener) -> None:
    """Delete what drafts of a commit have written while articles were taken down: the takedown may not have seen it.

    Each draft has the number of takedowns at its beginning, and its files. Called after the commit: no other writer can
    then consume the same captures, so none is about to list the same files.
    """
    now = redactions.count(log.store)
    old = {ref.key for takedowns, files in drafts if takedowns != now for ref in files}
    if old:
        old -= {ref.key for number in log.entries() for ref in log.read_raw(number).add}
    try:
        for key in sorted(old):
            log.store.delete(key)
    except DeniedError:  # workers may only add
        text = "an article was taken down while it was added; `irtysh gc --delete` removes its files in a day"
        listener.note("outdated", text, files=sorted(old))


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
