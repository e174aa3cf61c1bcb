"""Helper for tests that crawl: run one crawl and collect its events and records."""

from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from articles.model import Capture, Failure, Purpose
from spiders.process.parent import CrawlHandle, CrawlResult, run_crawl
from spiders.spec import CrawlSpec, Event
from storage.captures.records import RefusedCapture
from storage.captures.segments import list_segments, read_segment
from storage.objects import open_store


@dataclass
class Crawled:
    """The events and the stored records of a crawl."""

    store: Path
    result: CrawlResult
    events: list[Event]
    records: dict[str, list[Capture | Failure]] = field(default_factory=lambda: defaultdict(list))

    def of(self, kind: str) -> list[Event]:
        return [event for event in self.events if event.kind == kind]

    def event(self, text: str) -> Event:
        """Return the only event of a URL as it was given."""
        (found,) = (event for event in self.events if event.text == text)
        return found

    def capture(self, url: str) -> Capture:
        """Return the final response of a URL."""
        (found,) = (one for one in self.records[url] if one.purpose is not Purpose.ATTEMPT)
        assert isinstance(found, Capture)
        return found

    def failure(self, url: str) -> Failure:
        (found,) = (one for one in self.records[url] if isinstance(one, Failure))
        return found

    def purposes(self, url: str) -> list[str]:
        return [one.purpose.value for one in self.records[url]]


def crawl(store: Path, *urls: str, child: CrawlHandle | None = None, **asked: object) -> Crawled:
    """Crawl a list of URLs, by default without delays and with private hosts allowed."""
    usual: dict[str, object] = {
        "run": "r1",
        "store": str(store),
        "urls": urls,
        "delay": 0.0,
        "allow_private_hosts": True,
        "timeout": 5.0,
        "backoff": 0.05,
        "contact": "mailto:tests@irtysh.example",
    }
    events: list[Event] = []
    result = run_crawl(CrawlSpec(**{**usual, **asked}), events.append, child)  # type: ignore[arg-type]  # any keywords
    done = Crawled(store, result, events)
    for record in stored(store):
        done.records[record.url].append(record)
    return done


def stored(store: Path) -> list[Capture | Failure]:
    """Return all records of a store, in order."""
    opened = open_store(str(store))
    return [
        record
        for key in list_segments(opened)
        for record in read_segment(opened.get(key), key)
        if not isinstance(record, RefusedCapture)
    ]
