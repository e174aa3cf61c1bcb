"""Queue of requests: each URL once, hosts in turn, and a limit on the requests of one host in the downloader.

Scrapy's own scheduler fills the downloader in queue order, so a list sorted by host is fetched host by host. This one
skips busy hosts and serves the next one.
"""

import asyncio
from collections import Counter, OrderedDict, deque
from typing import Self

from scrapy import Request, Spider
from scrapy.core.scheduler import BaseScheduler
from scrapy.crawler import Crawler

from articles.model import Purpose
from spiders.fetching.crawl import Crawl, crawl_of
from spiders.fetching.url_lines import SeenUrls
from spiders.spec import Event

EXTRA_REQUESTS = 1  # per host, beyond its connections, so that no connection waits for the next request


class FairQueue(BaseScheduler):
    """Scrapy scheduler that serves hosts in turn."""

    def __init__(self, crawler: Crawler, crawl: Crawl) -> None:
        self._crawler = crawler
        self._crawl = crawl
        self._seen = SeenUrls()
        self._hosts: OrderedDict[str, deque[Request]] = OrderedDict()
        self._length = 0
        self._max_active = crawl.spec.concurrency + EXTRA_REQUESTS
        self._later: dict[Request, asyncio.TimerHandle] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Create the scheduler; called by Scrapy."""
        return cls(crawler, crawl_of(crawler))

    def __len__(self) -> int:
        return self._length

    def open(self, spider: Spider) -> None:
        """Do nothing: the queue is only in memory."""

    def close(self, reason: str) -> None:  # noqa: ARG002 - Scrapy passes it
        """Cancel the timers of retries."""
        for timer in self._later.values():
            timer.cancel()

    def has_pending_requests(self) -> bool:
        """Return whether any request waits, retries included."""
        return self._length > 0 or bool(self._later)

    def enqueue_request(self, request: Request) -> bool:
        """Queue a request; return False if its URL was queued before."""
        if not request.dont_filter and not self._seen.add(request.url):
            self._report_repeat(request)
            return False
        loop = asyncio.get_running_loop()
        if request.meta.get("after", 0.0) > loop.time():
            self._later[request] = loop.call_at(request.meta["after"], self._due, request)
            return True
        line = self._hosts.setdefault(request.meta["download_slot"], deque())
        if request.priority > 0:  # a redirect or a source: before the pages
            line.appendleft(request)
        else:
            line.append(request)
        self._length += 1
        return True

    def next_request(self) -> Request | None:
        """Return a request of the first host in turn that is neither busy nor paused; None if there is none."""
        if not self._length:
            return None
        limits = self._crawl.addresses
        downloader = self._crawler.engine.downloader
        busy = Counter(request.meta["download_slot"] for request in downloader.active)
        busy_addresses = limits.busy(downloader)
        is_paused = self._crawl.fetcher.is_paused
        free = (
            host
            for host in self._hosts
            if busy[host] < self._max_active and busy_addresses[limits.of(host)] < limits.max_active
        )
        host = next((host for host in free if not is_paused(host)), None)
        if host is None:
            return None
        self._length -= 1
        line = self._hosts[host]
        request = line.popleft()
        if line:
            self._hosts.move_to_end(host)
        else:
            del self._hosts[host]
        return request

    def _due(self, request: Request) -> None:
        del self._later[request]
        request.meta["after"] = 0.0
        self._crawler.engine.crawl(request)

    def _report_repeat(self, request: Request) -> None:
        """Report a page whose URL was requested before, by a redirect or a list."""
        if request.meta["purpose"] is Purpose.PAGE:
            self._crawl.count(repeated=1)
            self._crawl.report.emit(Event("repeated", request.meta["text"], request.url))
