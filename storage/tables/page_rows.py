"""What processing made of a page, as rows of the tables."""

from collections.abc import Iterable

from articles.pipeline import DocumentRow, PageResult
from storage.tables import rows as table_rows
from storage.tables import schemas


def document_row(row: DocumentRow, reading: PageResult) -> schemas.Row:
    """Return a document and the capture that showed it as a row of `documents`."""
    return table_rows.document_row(
        row.document,
        reading.fetch,
        row_id=row.row_id,
        version_key=row.version_key,
        extractor=reading.fetch.extractor,
    )


def removal_rows(readings: Iterable[PageResult]) -> Iterable[schemas.Row]:
    """Yield the blocks struck from pages that became documents; of a page refused whole the capture tells all."""
    for reading in readings:
        if reading.fetch.rows:
            yield from (table_rows.removal_row(removal, reading.fetch) for removal in reading.removals)


def rejection_rows(readings: Iterable[PageResult]) -> Iterable[schemas.Row]:
    """Yield a row of `rejections` for every page that became no document."""
    for reading in readings:
        if reading.purpose.article and reading.fetch.reason:
            yield table_rows.rejection_row(reading.fetch)
