"""Scrapy's settings for one crawl: components, concurrency and delays.

Everything that a crawl of news does not need is off: cookies, the referer, the telnet and remote consoles (the latter
executes code that it receives), per-page logs, statistics. Fetching, redirects, robots.txt, retries and the queue are
our own.
"""

from typing import Any

from scrapy import Request, Spider
from scrapy.http import Response
from scrapy.logformatter import LogFormatter

from spiders.outlets import find
from spiders.spec import DELAY_SECONDS, CrawlSpec

MAX_CONCURRENT_REQUESTS = 64  # over all hosts; each uses at most one page of memory and one socket
ARCHIVE_DELAY_SECONDS = (
    2.5  # the Wayback Machine's CDX server accepts 24 requests a minute (issues of its clients, 2026)
)
JITTER_SHARE = 0.3  # of the delay, added or subtracted: evenly spaced requests look like an attack


def settings_for(spec: CrawlSpec) -> dict[str, Any]:
    """Return the settings for a crawl."""
    return {
        "TWISTED_REACTOR_ENABLED": False,  # plain asyncio: half the imports, and we handle the signals
        "REMOTE_CONTROL_ENABLED": False,
        "TELNETCONSOLE_ENABLED": False,
        "COOKIES_ENABLED": False,
        "HTTPPROXY_ENABLED": False,
        "REFERER_ENABLED": False,
        "ROBOTSTXT_OBEY": False,  # done by spiders.fetching.robots
        "RETRY_ENABLED": False,  # done by spiders.fetching.fetcher
        "REDIRECT_ENABLED": False,  # done by spiders.fetching.redirects
        "LOG_ENABLED": False,
        "STATS_CLASS": "scrapy.statscollectors.DummyStatsCollector",
        "LOG_FORMATTER": "spiders.process.settings.QuietFormatter",
        "WARN_ON_GENERATOR_RETURN_VALUE": False,
        "EXTENSIONS_BASE": {},
        "SPIDER_MIDDLEWARES_BASE": {},
        "DOWNLOADER_MIDDLEWARES_BASE": {
            "spiders.fetching.handler.AddressMiddleware": 50,
            "spiders.fetching.robots.RobotsMiddleware": 100,
            "spiders.fetching.handler.RetryMiddleware": 500,
            "spiders.fetching.redirects.RedirectMiddleware": 600,
        },
        "DOWNLOAD_HANDLERS_BASE": {},
        "DOWNLOAD_HANDLERS": {
            "http": "spiders.fetching.handler.GuardedHandler",
            "https": "spiders.fetching.handler.GuardedHandler",
        },
        "SCHEDULER": "spiders.fetching.scheduler.FairQueue",
        "CONCURRENT_ITEMS": 1,  # Scrapy starts so many tasks per response, even if it yields no items
        "CONCURRENT_REQUESTS": max(MAX_CONCURRENT_REQUESTS, spec.concurrency),
        "CONCURRENT_REQUESTS_PER_DOMAIN": spec.concurrency,
        "DOWNLOAD_DELAY": delay_of(spec),
        "DOWNLOAD_DELAY_JITTER": JITTER_SHARE,
    }


def delay_of(spec: CrawlSpec) -> float:
    """Return the seconds between two requests to a host: the user's value, else the outlet's, else the default."""
    if spec.delay is not None:
        return spec.delay
    if spec.from_archive:
        return ARCHIVE_DELAY_SECONDS
    return find(spec.outlet, spec.outlets).delay if spec.outlet else DELAY_SECONDS


class QuietFormatter(LogFormatter):
    """Log formatter that logs no fetched pages, since events report them."""

    def crawled(self, request: Request, response: Response, spider: Spider) -> None:  # type: ignore[override]  # None means no log line
        """Log nothing."""
