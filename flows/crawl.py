"""Fetch a list of URLs, or what an outlet has published, into captures in the store."""

from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path

from articles.model import Reason
from flows.listener import Listener
from flows.reports import CrawlReport, LostUrl
from spiders.fetching.url_lines import read_lines
from spiders.process import runs
from spiders.process.parent import CrawlResult
from spiders.process.runs import crawl as run_marked
from spiders.spec import CrawlSpec, Event
from storage.objects import ObjectStore

Clock = Callable[[], datetime]

ERROR_STATUS = 400  # RFC 9110 §15: from here on the client or the server erred
GONE_STATUS = frozenset((404, 410))


def crawl(spec: CrawlSpec, *, clock: Clock, listener: Listener) -> CrawlReport:
    """Run a crawl in its own process and tell the listener how it goes."""
    report = CrawlReport()
    listed = _listed(spec)
    result = run_marked(spec, lambda event: _hear(event, report, listener, spec, listed), clock())
    return _ended(report, result)


def settle(store: ObjectStore, reports: Iterable[CrawlReport], clock: Clock) -> None:
    """Call runs finished that ended, now that a snapshot holds what they fetched."""
    for report in reports:
        if report.finished:
            runs.settle(store, report.run, clock())


def _listed(spec: CrawlSpec) -> int | None:
    """Return how many lines of a list may hold URLs, None where there is no list."""
    if spec.urls or not spec.list_path:
        return len(spec.urls) or None
    return sum(bool(text) and not text.startswith("#") for text in map(str.strip, read_lines(Path(spec.list_path))))


def _stage(spec: CrawlSpec) -> str:
    """Return what to call this crawl beside others."""
    return f"fetching {spec.outlet}".rstrip()


def _ended(report: CrawlReport, result: CrawlResult) -> CrawlReport:
    report.run, report.segments, report.counts = result.run, result.segments, result.counts
    report.finished, report.stopped = result.finished, result.reason
    return report


def _hear(event: Event, report: CrawlReport, listener: Listener, spec: CrawlSpec, listed: int | None) -> None:
    match event.kind:
        case "fetched":
            report.fetched += 1
            listener.progress(_stage(spec), report.fetched, report.named or listed, event.url)
            _name_answer(event, report, listener)
        case "failed":
            report.lost.append(LostUrl(event.text, event.reason, event.detail))
            text = f"{event.text}: {event.reason}" + (f" ({event.detail})" if event.detail else "")
            listener.note("failed", text, url=event.text, reason=event.reason, detail=event.detail)
        case "bad_line":
            report.lost.append(LostUrl(event.text, "bad_url", event.detail))
            listener.note("bad_line", f"line {event.number}: {event.text!r}: {event.detail}", url=event.text,
                          line=event.number, detail=event.detail)  # fmt: skip
        case "skipped":
            report.skipped += 1
        case "left":
            report.left = event.number
            text = f"{event.number} URLs of the list are left, from {event.text} on: the same command goes on with them"
            listener.note("left", text, url=event.text, number=event.number)
        case "repeated":
            listener.note("repeated", f"{event.text}: named before", url=event.text, line=event.number)
        case "source":
            report.named += event.number
            listener.note("source", f"{event.url}: {event.number} articles", url=event.url, articles=event.number)
        case "log" if event.reason != "info":
            listener.note("log", event.detail, level=event.reason)


def _name_answer(event: Event, report: CrawlReport, listener: Listener) -> None:
    """Name a URL that was answered with an error, or by another URL than the one given."""
    if event.text != event.url:
        listener.note("answered", f"{event.text}: answered as {event.url}", url=event.text, answered=event.url)
    if event.status >= ERROR_STATUS:
        reason = (Reason.GONE if event.status in GONE_STATUS else Reason.HTTP_ERROR).value
        report.lost.append(LostUrl(event.text, reason, str(event.status)))
        text = f"{event.text}: {reason} ({event.status})"
        listener.note("failed", text, url=event.text, reason=reason, detail=str(event.status))
