"""Choose the known articles of an outlet that a run fetches again, from their fetches in a snapshot."""

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from articles.model import Purpose
from articles.url import canonicalize
from spiders.date_window import span_of
from spiders.schedule import DueFetch, PastFetch, next_fetch, select_due
from spiders.sources import from_archive

if TYPE_CHECKING:
    import pyarrow as pa

FETCH_COLUMNS = (
    "url", "fetched", "status", "rows", "etag", "last_modified", "purpose", "source", "found_date",
)  # fmt: skip
MAX_ROWS_AT_ONCE = 10_000  # as Python objects; some 10 MB
FAR_FUTURE = timedelta(days=10_000)


class Revisit(StrEnum):
    """Which known articles a run fetches again."""

    DUE = "due"  # those that `spiders.schedule` says are due
    ALL = "all"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class KnownArticle:
    """Page of an article with its past fetches."""

    url: str
    looks: tuple[PastFetch, ...]
    published: datetime | None


def known(fetches: "pa.Table") -> list[KnownArticle]:
    """Return the pages of an outlet, from its past fetches, sorted by URL."""
    looks: defaultdict[str, list[PastFetch]] = defaultdict(list)
    urls: dict[str, str] = {}
    dates: dict[str, datetime] = {}
    for batch in fetches.select(FETCH_COLUMNS).to_batches(MAX_ROWS_AT_ONCE):
        for row in batch.to_pylist():
            if row["purpose"] != Purpose.PAGE or from_archive(row["source"]):
                continue
            key = canonicalize(row["url"])
            urls[key] = min(row["url"], urls.get(key, row["url"]))
            looks[key].append(
                PastFetch(row["fetched"], row["status"], tuple(row["rows"]), row["etag"], row["last_modified"])
            )
            if row["found_date"] and (span := span_of(row["found_date"])) is not None:
                dates[key] = min(span.last, dates.get(key, span.last))
    return [KnownArticle(urls[key], tuple(found), dates.get(key)) for key, found in sorted(looks.items())]


def due(pages: Iterable[KnownArticle], now: datetime, which: Revisit) -> list[DueFetch]:
    """Return the pages to fetch again, the longest overdue first."""
    if which is Revisit.NONE:
        return []
    found = [one for page in pages if (one := next_fetch(page.url, page.looks, page.published)) is not None]
    return select_due(found, now if which is Revisit.DUE else now + FAR_FUTURE)


def write(path: Path, again: Iterable[DueFetch]) -> None:
    """Write the pages as JSON Lines for the crawl: `url`, `etag` and `last_modified`."""
    with path.open("w", encoding="utf-8") as file:
        for page in again:
            fields = {"url": page.url, "etag": page.etag, "last_modified": page.last_modified}
            file.write(json.dumps({name: value for name, value in fields.items() if value}) + "\n")
