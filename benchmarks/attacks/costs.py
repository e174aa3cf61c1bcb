"""Attacks on time and memory: sources, compressed bodies, texts to link, histories, header fields."""

import asyncio
import gzip
from datetime import UTC, datetime
from pathlib import Path

from articles.errors import SourceError
from articles.history.edits import classify
from articles.model import Document, Purpose, Role
from benchmarks.attacks.hanging import ingest_beside_a_hanging_outlet
from benchmarks.attacks.measure import Attack
from benchmarks.attacks.stores import outcome_of
from spiders.discovery.answers import SourceBody
from spiders.discovery.paging import PageStep
from spiders.discovery.source_tasks import EntriesTask, SourceTask
from spiders.fetching.exchange import retry_after
from spiders.fetching.source_reader import SourceReader
from spiders.sources import Feed, Listing, Source
from tests.flows.making import Seen, article
from tests.spiders.crawling import crawl
from tests.spiders.test_hostile_sources import Site, attributes, outlet, running

URL = "http://hostile.example/list"
SENTENCES = 4_000  # of each page of a pair
POISON_PAGES = 24  # of 1,000 sentences, each a candidate of all others


def _parsed(task: SourceTask) -> str:
    """Parse a source as a crawl does, and return what came of it."""

    async def run() -> str:
        reader = SourceReader()
        try:
            batches = [batch async for batch in reader.read(task)]
        except SourceError as error:
            return f"refused: {error}"
        finally:
            await reader.close()
        return f"read: {sum(len(batch) for batch in batches if isinstance(batch, list))} entries"

    return asyncio.run(run())


def _entries(source: Source, purpose: Purpose, body: bytes) -> EntriesTask:
    return EntriesTask(PageStep(URL, purpose, source), SourceBody(URL, body))


def _blanks(_: Path) -> str:
    body = b" " * 65_536 + b"<rss><item><link>http://hostile.example/1</link></item></rss>"
    found = _parsed(_entries(Feed(URL), Purpose.FEED, body))
    assert found == "read: 1 entries", found
    return found


def _crowded_feed(_: Path) -> str:
    body = b"<rss><item " + attributes(200_000) + b"><link>/1</link></item></rss>"
    return _refused(_entries(Feed(URL), Purpose.FEED, body))


def _crowded_listing(_: Path) -> str:
    body = b"<html><body><a href=/1 " + attributes(200_000) + b">x</a></body></html>"
    return _refused(_entries(Listing(URL), Purpose.LISTING, body))


def _slow_feed(folder: Path) -> str:
    with running(Site()) as site:
        done = crawl(folder / "store", **outlet(folder, site, 'Feed(/slow"), Feed(/good"),'))
    assert [event.url.rpartition("/")[2] for event in done.of("fetched")] == ["good-1"], "the other feed was not read"
    return f"refused: {done.of('failed')[0].detail}; the other feed is read"


def _refused(task: SourceTask) -> str:
    found = _parsed(task)
    assert found.startswith("refused"), found
    return found


def _endless_index(folder: Path) -> str:
    with running(Site()) as site:
        source = f'CommonCrawl(collections="{site.base}/collinfo.json", data="{site.base}/"),'
        asked = outlet(folder, site, source)
        path = folder / "outlets" / "hostile.py"
        path.write_text(
            path.read_text().replace("sources = ()", f"sources = ({source})").replace("Wayback", "CommonCrawl")
        )
        done = crawl(folder / "store", from_archive="commoncrawl", since="2015-01-01", until="2015-12-31", **asked)
    (failed,) = done.of("failed")
    return f"refused: {failed.detail}"


def _many_members(folder: Path) -> str:
    body = gzip.compress(b"") * 160_000
    return outcome_of(folder, [Seen(URL, body, headers=(("Content-Encoding", "gzip"), ("Content-Type", "text/html")))])


ENGLISH = "Minister Sultanbekov met governor Karpenko in Petropavlovsk about {} wagons and {} tons of grain{}."
RUSSIAN = (
    "Министр Султанбеков встретил губернатора Карпенко в Петропавловске, речь шла о {} вагонах и {} тоннах зерна{}."
)


def _page(number: int, sentences: int) -> Seen:
    """Return a page whose sentences all name the same persons, town and numbers as those of the other pages."""
    text = (ENGLISH, RUSSIAN)[number % 2]
    own = f" {number}" if number > 1 else ""
    body = article(text[:40], *(text.format(100 + 7 * n, 1_000 + 13 * n, own) for n in range(sentences)))
    return Seen(f"http://site{number}.example/1", body.replace(b'lang="en"', b'lang="ru"') if number % 2 else body)


def _pair(folder: Path) -> str:
    return outcome_of(folder, [_page(number, SENTENCES) for number in range(2)])


def _many_pairs(folder: Path) -> str:
    return outcome_of(folder, [_page(number, 1_000) for number in range(POISON_PAGES)])


def _quotations(_: Path) -> str:
    def document(end: str) -> Document:
        text = "“" * 200_000 + end
        return Document("0" * 16, URL, URL, "hostile.example", "en", Role.MAIN, title="A title", paragraphs=(text,))

    return f"read: {len(classify(document('one'), document('two')).edits)} edit"


def _retry_after(_: Path) -> str:
    seconds = retry_after(b"Fri, 31 Dec 99999999999999999999 23:59:59 GMT", datetime.now(UTC))
    return f"read: wait {seconds:.0f} s"


ATTACKS = (
    Attack("feed: 65,536 blanks before its XML", "7 s", _blanks),
    Attack("feed: an element with 200,000 attributes", "minutes; SIGTERM ignored for 740 s", _crowded_feed),
    Attack("listing: an element with 200,000 attributes", "minutes; SIGTERM ignored for 740 s", _crowded_listing),
    Attack("feed: 6,000 elements with 990 attributes", "–", _slow_feed, stopped=True),
    Attack("CDX server: 10^12 pages", "2.2 GB and growing; SIGTERM ignored", _endless_index),
    Attack("page: gzip of 160,000 members, 3.2 MB", "23 s, at every run", _many_members),
    Attack("2 pages of 4,000 sentences that name the same", "74 s, 3.5 GB, at every run", _pair, stopped=True),
    Attack(f"{POISON_PAGES} pages of 1,000 sentences that name the same", "–", _many_pairs, stopped=True),
    Attack("history: 200,000 opening quotation marks", "quadratic", _quotations),
    Attack("Retry-After: the year 99999999999999999999", "traceback, answer lost", _retry_after),
    Attack("ingest: an outlet that sends no page to its end", "no capture processed", ingest_beside_a_hanging_outlet),
)
