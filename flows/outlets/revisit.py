"""Choose the known articles of an outlet that a run fetches again, from their fetches in a snapshot."""

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

from articles.model import Purpose
from articles.url import canonicalize
from spiders.date_window import span_of
from spiders.schedule import DueFetch, PastFetch, next_fetch, select_due
from spiders.sources import from_archive
from storage.objects import ObjectStore
from storage.tables import packs
from storage.tables.state import State

FETCH_COLUMNS = (
    "outlet", "url", "fetched", "status", "rows", "etag", "last_modified", "purpose", "source", "found_date",
)  # fmt: skip
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


def known(store: ObjectStore, state: State, outlet: str) -> list[KnownArticle]:
    """Return the pages of an outlet in a snapshot, sorted by URL."""
    looks: defaultdict[str, list[PastFetch]] = defaultdict(list)
    urls: dict[str, str] = {}
    dates: dict[str, datetime] = {}
    for ref in state.live("fetches"):
        for row in packs.read(store, ref, FETCH_COLUMNS).to_pylist():
            if row["outlet"] != outlet or row["purpose"] != Purpose.PAGE or from_archive(row["source"]):
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
