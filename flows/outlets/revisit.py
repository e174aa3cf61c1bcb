"""Which of an outlet's articles a run asks for again: what a snapshot holds of them, by `spiders.schedule`."""

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
from spiders.schedule import DueFetch, PastFetch, in_turn, next_look
from spiders.sources import from_archive
from storage.objects import ObjectStore
from storage.tables import packs
from storage.tables.state import State

COLUMNS = (
    "outlet", "url", "fetched", "status", "rows", "etag", "last_modified", "purpose", "source", "found_date",
)  # fmt: skip
FOREVER = timedelta(days=10_000)


class Revisit(StrEnum):
    """Which known articles a run asks for again."""

    DUE = "due"  # by their age
    ALL = "all"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class KnownArticle:
    """An article's page as a snapshot knows it."""

    url: str
    looks: tuple[PastFetch, ...]
    published: datetime | None


def known(store: ObjectStore, state: State, outlet: str) -> list[KnownArticle]:
    """Return an outlet's pages that a snapshot tells of, in the order of their addresses."""
    looks: defaultdict[str, list[PastFetch]] = defaultdict(list)
    urls: dict[str, str] = {}
    dates: dict[str, datetime] = {}
    for ref in state.live("fetches"):
        for row in packs.read(store, ref, COLUMNS).to_pylist():
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
    """Return the pages to ask for again, in their turn."""
    if which is Revisit.NONE:
        return []
    found = [one for page in pages if (one := next_look(page.url, page.looks, page.published)) is not None]
    return in_turn(found, now if which is Revisit.DUE else now + FOREVER)


def write(path: Path, again: Iterable[DueFetch]) -> None:
    """Write what a crawl reads: a JSON object a line, `url`, `etag` and `last_modified`."""
    with path.open("w", encoding="utf-8") as file:
        for one in again:
            told = {"url": one.url, "etag": one.etag, "last_modified": one.last_modified}
            file.write(json.dumps({name: value for name, value in told.items() if value}) + "\n")
