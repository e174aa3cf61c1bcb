"""Scrapy's settings for one crawl: what of Scrapy runs, and how politely.

Whatever a crawl of news does not need is off: cookies, the referer, the telnet and remote consoles (the latter runs
code that it is sent), per-page logs, statistics. Fetching, redirects, robots.txt, repeats and the queue are ours.
"""

from typing import Any

from scrapy import Request, Spider
from scrapy.http import Response
from scrapy.logformatter import LogFormatter

from spiders.outlets import find
from spiders.spec import DELAY_SECONDS, CrawlSpec

MAX_CONCURRENT_REQUESTS = 64  # requests under way, over all hosts; each holds at most a page and a socket
ARCHIVE_DELAY_SECONDS = (
    2.5  # seconds; the Wayback Machine's CDX server takes 24 requests a minute (issues of its clients, 2026)
)
JITTER_SHARE = 0.3  # of the delay, either way: evenly spaced requests look like an attack's heartbeat


def settings_for(spec: CrawlSpec) -> dict[str, Any]:
    """Return the settings for a crawl."""
    return {
        "TWISTED_REACTOR_ENABLED": False,  # plain asyncio: half the imports, and signals are ours to handle
        "REMOTE_CONTROL_ENABLED": False,
        "TELNETCONSOLE_ENABLED": False,
        "COOKIES_ENABLED": False,
        "HTTPPROXY_ENABLED": False,
        "REFERER_ENABLED": False,
        "ROBOTSTXT_OBEY": False,  # spiders.fetching.robots does
        "RETRY_ENABLED": False,  # spiders.fetching.fetcher does
        "REDIRECT_ENABLED": False,  # spiders.fetching.redirects does
        "LOG_ENABLED": False,
        "STATS_CLASS": "scrapy.statscollectors.DummyStatsCollector",
        "LOG_FORMATTER": "spiders.process.settings.QuietFormatter",
        "WARN_ON_GENERATOR_RETURN_VALUE": False,
        "EXTENSIONS_BASE": {},
        "SPIDER_MIDDLEWARES_BASE": {},
        "DOWNLOADER_MIDDLEWARES_BASE": {
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
        "CONCURRENT_ITEMS": 1,  # Scrapy starts as many tasks for each response, whatever comes out of it
        "CONCURRENT_REQUESTS": max(MAX_CONCURRENT_REQUESTS, spec.concurrency),
        "CONCURRENT_REQUESTS_PER_DOMAIN": spec.concurrency,
        "DOWNLOAD_DELAY": delay_of(spec),
        "DOWNLOAD_DELAY_JITTER": JITTER_SHARE,
    }


def delay_of(spec: CrawlSpec) -> float:
    """Return the seconds between two requests to a host: what was asked for, else the outlet's, else the default."""
    if spec.delay is not None:
        return spec.delay
    if spec.from_archive:
        return ARCHIVE_DELAY_SECONDS
    return find(spec.outlet, spec.outlets).delay if spec.outlet else DELAY_SECONDS


class QuietFormatter(LogFormatter):
    """Says nothing of pages that were fetched: events do."""

    def crawled(self, request: Request, response: Response, spider: Spider) -> None:  # type: ignore[override]  # Scrapy takes None for nothing
        """Log nothing."""
