"""Convert results of pages to rows of `documents`, `removals` and `rejections`."""

from collections.abc import Iterable

from articles.pipeline import DocumentRow, PageResult
from storage.tables import rows as table_rows
from storage.tables import schemas


def document_row(row: DocumentRow, result: PageResult) -> schemas.Row:
    """Return the row of `documents` for a document and the capture that showed it."""
    return table_rows.document_row(
        row.document,
        result.fetch,
        row_id=row.row_id,
        version_key=row.version_key,
        marks=row.marks,
        extractor=result.fetch.extractor,
    )


def removal_rows(results: Iterable[PageResult]) -> Iterable[schemas.Row]:
    """Yield a row of `removals` for every block removed from a page that became documents."""
    for result in results:
        if result.fetch.rows:
            yield from (table_rows.removal_row(removal, result.fetch) for removal in result.removals)


def rejection_rows(results: Iterable[PageResult]) -> Iterable[schemas.Row]:
    """Yield a row of `rejections` for every page that became no document."""
    for result in results:
        if result.purpose.article and result.fetch.reason:
            yield table_rows.rejection_row(result.fetch)
