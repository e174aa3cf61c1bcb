"""The queue of requests: each URL once, hosts in turn, and no more of a host in hand than it may be asked at once.

Scrapy's own scheduler fills the downloader with whatever comes next, so a list sorted by host is fetched host by host;
this one leaves a busy host's requests where they are and takes the next host's.
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

EXTRA_REQUESTS = 1  # requests of a host beyond its connections, so that none of these waits for the next request


class FairQueue(BaseScheduler):
    """Scrapy's scheduler."""

    def __init__(self, crawler: Crawler, crawl: Crawl) -> None:
        self._crawler = crawler
        self._crawl = crawl
        self._seen = SeenUrls()
        self._hosts: OrderedDict[str, deque[Request]] = OrderedDict()
        self._length = 0
        self._in_hand = crawl.spec.concurrency + EXTRA_REQUESTS
        self._later: dict[Request, asyncio.TimerHandle] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Make one, as Scrapy asks for it."""
        return cls(crawler, crawl_of(crawler))

    def __len__(self) -> int:
        return self._length

    def open(self, spider: Spider) -> None:
        """Nothing is kept on disk."""

    def close(self, reason: str) -> None:  # noqa: ARG002 - Scrapy hands it over
        """Forget what was to be asked for later."""
        for timer in self._later.values():
            timer.cancel()

    def has_pending_requests(self) -> bool:
        """Whether anything waits."""
        return self._length > 0 or bool(self._later)

    def enqueue_request(self, request: Request) -> bool:
        """Take a request in, unless its URL was taken before."""
        if not request.dont_filter and not self._seen.add(request.url):
            self._tell(request)
            return False
        loop = asyncio.get_running_loop()
        if request.meta.get("after", 0.0) > loop.time():
            self._later[request] = loop.call_at(request.meta["after"], self._due, request)
            return True
        line = self._hosts.setdefault(request.meta["download_slot"], deque())
        if request.priority > 0:  # a step of a redirect: finish what was begun
            line.appendleft(request)
        else:
            line.append(request)
        self._length += 1
        return True

    def next_request(self) -> Request | None:
        """Return the next request of the first host in turn that is not busy."""
        if not self._length:
            return None
        busy = Counter(request.meta["download_slot"] for request in self._crawler.engine.downloader.active)
        held = self._crawl.fetcher.held
        host = next((host for host in self._hosts if busy[host] < self._in_hand and not held(host)), None)
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

    def _tell(self, request: Request) -> None:
        """Say that a redirect led to what is fetched anyway, or had led to what a list names now."""
        if request.meta["purpose"] is Purpose.PAGE:
            self._crawl.count(repeated=1)
            self._crawl.report.emit(Event("repeated", request.meta["text"], request.url))
