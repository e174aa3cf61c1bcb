"""Child process that runs one crawl: `python -m spiders.process.child`, started by `spiders.process.parent`.

The first line of standard input is the crawl's specification. The end of standard input means that the parent has
exited, and acts like SIGTERM: no further request is made, running ones get a few seconds, and everything fetched is
stored. A second signal ends the process at once. Events go to standard output. Exit code 0: the crawl finished
or was stopped, without an error of its own.
"""

import asyncio
import contextlib
import logging
import os
import resource
import signal
import sys
import tempfile
import threading
from importlib.metadata import version
from pathlib import Path

from scrapy.crawler import AsyncCrawlerRunner, Crawler
from scrapy.settings import Settings

from articles.errors import InputError, IrtyshError, StoreError
from spiders.base import CrawlSpider
from spiders.events import EventHandler, EventWriter
from spiders.fetching.addresses import AddressLimits
from spiders.fetching.archiver import Archiver
from spiders.fetching.crawl import Crawl
from spiders.fetching.fetcher import Fetcher, proxies_ignored, user_agent
from spiders.fetching.guard import Guard
from spiders.fetching.source_reader import SourceReader
from spiders.news import NewsSpider
from spiders.outlets import find, load
from spiders.process.settings import delay_of, settings_for
from spiders.spec import CrawlSpec, Event
from spiders.url_list import UrlListSpider
from spiders.web_archive import WebArchiveSpider
from storage.captures.segments import SegmentLimits
from storage.captures.warc import WarcInfo
from storage.tracing import traced

MAX_OPEN_FILES = 65_536  # with sockets; a crawl of many hosts has a thousand open
STATS_SECONDS = 1.0  # between two reports of the counts, which also tell the parent that the crawl is alive
FORCED_EXIT_CODE = 130  # after a second signal


class CrawlProcess:
    """Runs one crawl in one event loop."""

    def __init__(self, spec: CrawlSpec, report: EventWriter, spool: Path) -> None:
        self._spec = spec
        self._report = report
        self._spool = spool
        self._loop = asyncio.get_running_loop()
        self._stopped = ""
        self._crawler: Crawler | None = None
        self._halt: asyncio.Task[None] | None = None
        load(spec.outlets)  # invalid input must fail before threads are started
        guard = Guard(allow_private=spec.allow_private_hosts, resolve=spec.resolve)
        self.crawl = Crawl(spec, guard, self._archive(), report)
        self.crawl.addresses = AddressLimits(guard, delay_of(spec), spec.concurrency, spec.hosts_per_address)
        self._fetcher = self.crawl.fetcher = Fetcher(self.crawl)
        self._sources = self.crawl.sources = SourceReader(
            spec.refused, lambda digest, why: report.emit(Event("refused", key=digest, detail=why))
        )

    def _archive(self) -> Archiver:
        spec = self._spec
        contact = spec.contact or os.environ.get("IRTYSH_CONTACT", "")
        about = WarcInfo(
            run=spec.run,
            topic=spec.topic,
            software=f"irtysh/{version('irtysh')}",
            user_agent=user_agent(spec.contact),
            robots="obey",
            operator=contact,
            reserved_use=spec.reserved_use,
        )
        usual = SegmentLimits()
        limits = SegmentLimits(
            spec.segment_bytes or usual.size, spec.segment_records or usual.records, spec.segment_age or usual.age
        )
        return Archiver(
            spec.store, about, self._spool, limits, on_event=self._report.emit, on_error=self._archiving_failed
        )

    async def run(self) -> bool:
        """Crawl and store. Return whether the crawl ended without an error of its own."""
        for name in (signal.SIGTERM, signal.SIGINT):
            self._loop.add_signal_handler(name, self.stop, name.name)
        if self._spec.outlet and not self._spec.from_archive and find(self._spec.outlet, self._spec.outlets).javascript:
            self._fetcher.browser()  # fails at once, rather than for each page, if there is none
        self._report_start()
        stats = self._loop.create_task(self._report_counts())
        try:
            await self._scrape()
        finally:
            await self._sources.close()
            await self._fetcher.close()
            try:
                await self.crawl.archive.close()
            except StoreError as error:
                self.crawl.fault = self.crawl.fault or str(error)
            stats.cancel()
        with contextlib.suppress(OSError):  # not empty: a segment was not stored
            self._spool.rmdir()
        if self.crawl.fault:
            self._report.emit(Event("error", detail=self.crawl.fault))
            return False
        reason = "stopped" if self._stopped else "finished"
        self._report.emit(Event("finished", reason=reason, detail=self._stopped, counts=dict(self.crawl.counts)))
        return True

    async def _scrape(self) -> None:
        settings = Settings(settings_for(self._spec))
        spider = _spider(self._spec)
        self._crawler = AsyncCrawlerRunner(settings).create_crawler(spider)
        if not self._stopped:
            await self._crawler.crawl_async(crawl=self.crawl)
        if self._halt is not None:
            await self._halt

    def stop(self, why: str) -> None:
        """Begin to stop; the second call ends the process at once."""
        if self._stopped:
            self._report.emit(Event("log", detail=f"second signal ({why}): stopped at once", reason="warning"))
            self._report.flush()
            os._exit(FORCED_EXIT_CODE)
        self._stopped = why
        self.crawl.stopping.set()
        self._sources.stop()
        self._fetcher.stop()
        if self._crawler is not None and self._crawler.crawling:
            for slot in self._crawler.engine.downloader.slots.values():
                slot.delay = 0.0  # waiting requests are cancelled one per delay
            self._halt = self._loop.create_task(self._crawler.stop_async())

    def parent_exited(self) -> None:
        """Stop because the parent has exited; may be called from any thread, also after the crawl's end."""
        with contextlib.suppress(RuntimeError):  # the loop is closed: nothing is left to stop
            self._loop.call_soon_threadsafe(self._leave)

    def _leave(self) -> None:
        if not self._stopped:
            self.stop("the parent process has exited")

    def _archiving_failed(self, error: StoreError) -> None:
        self._loop.call_soon_threadsafe(self._stop_for_error, error)

    def _stop_for_error(self, error: StoreError) -> None:
        self.crawl.fault = self.crawl.fault or str(error)
        if not self._stopped:
            self.stop("archiving failed")

    def _report_start(self) -> None:
        self._report.emit(Event("started", detail=user_agent(self._spec.contact)))
        if not (self._spec.contact or os.environ.get("IRTYSH_CONTACT")):
            detail = "the user agent has no contact: set IRTYSH_CONTACT to a URL or mail address"
            self._report.emit(Event("log", detail=detail, reason="warning"))
        if names := proxies_ignored():
            detail = f"{', '.join(names)} ignored: behind a proxy, addresses cannot be checked"
            self._report.emit(Event("log", detail=detail, reason="warning"))
        self._report.flush()

    async def _report_counts(self) -> None:
        while True:
            await asyncio.sleep(STATS_SECONDS)
            self._report.emit(Event("stats", counts=dict(self.crawl.counts)))
            self._report.flush()


def _spider(spec: CrawlSpec) -> type[CrawlSpider]:
    if not spec.outlet:
        return UrlListSpider
    return WebArchiveSpider if spec.from_archive else NewsSpider


async def crawl(spec: CrawlSpec, stream: "ReportStream", spool: Path) -> bool:
    """Run one crawl in the running loop."""
    _raise_file_limit()
    report = EventWriter(stream.buffer, stream.gone)
    logging.getLogger().addHandler(EventHandler(report))
    child = CrawlProcess(spec, report, spool)
    stream.listener = child
    threading.Thread(target=stream.watch, name="parent", daemon=True).start()
    try:
        return await child.run()
    finally:
        report.flush()


def _raise_file_limit() -> None:
    """Raise the limit of open files: the usual 1024 are too few for a crawl of many hosts."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = MAX_OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, MAX_OPEN_FILES)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, most), hard))


class ReportStream:
    """Standard output and input of the child, which connect it to its parent."""

    def __init__(self) -> None:
        self.buffer = open(1, "wb", closefd=False)  # noqa: SIM115 - never closed; buffered even with PYTHONUNBUFFERED
        self.listener: CrawlProcess | None = None

    def gone(self) -> None:
        """Stop the crawl because the parent has exited."""
        if self.listener is not None:
            self.listener.parent_exited()

    def watch(self) -> None:
        """Wait for the end of standard input."""
        while os.read(0, 4096):
            pass
        self.gone()


def main() -> int:
    """Read the specification, crawl, and return the exit code."""
    stream = ReportStream()
    try:
        spec = CrawlSpec.from_json(sys.stdin.buffer.readline())
        with contextlib.ExitStack() as stack:
            spool = spec.spool or stack.enter_context(tempfile.TemporaryDirectory(prefix="irtysh-"))
            stack.enter_context(traced(spec.traces, "spider", parent=spec.traceparent))
            return 0 if asyncio.run(crawl(spec, stream, Path(spool))) else 1
    except IrtyshError as error:
        EventWriter(stream.buffer, stream.gone).emit(Event("error", detail=str(error), reason=type(error).__name__))
        return 2 if isinstance(error, InputError) else 1


def end(code: int) -> None:
    """Exit without waiting for unanswered DNS look-ups; everything was stored and reported."""
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    end(main())
