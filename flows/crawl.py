"""Fetch a list of URLs, or the new articles of an outlet, and store the captures."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from articles.counting import are, many
from articles.model import Reason
from flows.listener import Listener
from flows.reports import CrawlReport, LostUrl
from spiders.fetching.url_lines import read_lines
from spiders.process import runs
from spiders.process.parent import CrawlResult
from spiders.process.patience import Patience
from spiders.process.runs import crawl as run_marked
from spiders.spec import CrawlSpec, Event
from storage.objects import ObjectStore
from storage.tracing import handed_over

Clock = Callable[[], datetime]

OK_STATUSES = range(200, 300)
MIN_ERROR_STATUS = 400  # RFC 9110 §15: 4xx are errors of the client, 5xx of the server
GONE_STATUSES = frozenset((404, 410))


def crawl(spec: CrawlSpec, *, clock: Clock, listener: Listener, patience: Patience | None = None) -> CrawlReport:
    """Run a crawl in its own process, report its events to the listener, and return its report.

    If `patience` ends, the crawl is stopped.
    """
    report = CrawlReport(outlet=spec.outlet)
    listed = _count_listed(spec)
    collector, position = handed_over()
    spec = replace(spec, traces=collector, traceparent=position)
    result = run_marked(spec, lambda event: _handle_event(event, report, listener, spec, listed), clock(), patience)
    return _complete(report, result, listener)


def mark_finished(store: ObjectStore, reports: Iterable[CrawlReport], clock: Clock) -> None:
    """Mark completed runs as finished. Call it once a snapshot holds what they fetched."""
    for report in reports:
        if report.finished:
            runs.mark_finished(store, report.run, clock())


def _count_listed(spec: CrawlSpec) -> int | None:
    """Return how many lines of the list may hold URLs, or None if there is no list."""
    if spec.urls or not spec.list_path:
        return len(spec.urls) or None
    return sum(bool(text) and not text.startswith("#") for text in map(str.strip, read_lines(Path(spec.list_path))))


def _stage_name(spec: CrawlSpec) -> str:
    """Return the name of the progress stage of this crawl."""
    return f"fetching {spec.outlet}".rstrip()


def _complete(report: CrawlReport, result: CrawlResult, listener: Listener) -> CrawlReport:
    """Copy the result of the crawl process into the report, and report articles that wait to be fetched."""
    report.run, report.segments, report.counts = result.run, result.segments, result.counts
    report.finished, report.stopped = result.finished, result.reason
    if report.backlog:
        text = f"{report.outlet}: {report.backlog:,} new articles are not fetched yet; the next runs fetch them"
        listener.note("backlog", text, outlet=report.outlet, backlog=report.backlog)
    return report


def _handle_event(event: Event, report: CrawlReport, listener: Listener, spec: CrawlSpec, listed: int | None) -> None:
    """Add one event of the crawl to the report, and pass it on to the listener."""
    match event.kind:
        case "fetched":
            report.fetched += 1
            report.size += event.size
            listener.progress(_stage_name(spec), report.fetched, report.named or listed, event.url)
            _count_page(event, report)
            _report_answer(event, report, listener)
        case "failed":
            report.lost.append(LostUrl(event.text, event.reason, event.detail))
            (report.sources_failed if event.number else report.pages_failed)[event.reason] += 1
            text = f"{event.text}: {event.reason}" + (f" ({event.detail})" if event.detail else "")
            listener.note("failed", text, url=event.text, reason=event.reason, detail=event.detail)
        case "bad_line":
            report.lost.append(LostUrl(event.text, "bad_url", event.detail))
            text = f"{_position(event, spec)}{event.text!r} is not a URL that can be fetched: {event.detail}; skipped"
            listener.note("bad_line", text, url=event.text, line=event.number, detail=event.detail)
        case "assumed":
            text = f"{_position(event, spec)}no scheme; read as {event.url}"
            listener.note("assumed", text, url=event.url, line=event.number)
        case "skipped":
            report.skipped += 1
        case "left":
            report.left = event.number
            text = (
                f"page limit reached: {many(event.number, 'URL')} of the list {are(event.number)} not fetched yet, from {event.text} on; "
                "run the same command again to fetch them"
            )
            listener.note("left", text, url=event.text, number=event.number)
        case "repeated":
            listener.note(
                "repeated", f"{event.text}: duplicate of an earlier line; skipped", url=event.text, line=event.number
            )
        case "source":
            report.named += event.number
            if event.status < MIN_ERROR_STATUS:
                report.sources += 1
            elif event.status not in GONE_STATUSES:
                report.sources_failed[f"HTTP {event.status}"] += 1
            listener.note(
                "source", f"{event.url}: {many(event.number, 'article')}", url=event.url, articles=event.number
            )
        case "log" if event.reason != "info":
            listener.note("log", event.detail, level=event.reason)


def _position(event: Event, spec: CrawlSpec) -> str:
    """Return where a URL was given, as the beginning of a message; empty for a URL that a source names."""
    if not event.number:
        return ""
    return f"URL {event.number}: " if spec.urls else f"{spec.list_name or spec.list_path} line {event.number}: "


def _count_page(event: Event, report: CrawlReport) -> None:
    if event.status >= MIN_ERROR_STATUS and event.status not in GONE_STATUSES:
        report.pages_failed[f"HTTP {event.status}"] += 1
    elif event.detail == "time":
        report.pages_failed["too slow"] += 1
    else:
        report.pages += 1


def _report_answer(event: Event, report: CrawlReport, listener: Listener) -> None:
    """Report a response with an error status, or from another URL than the requested one."""
    if event.text != event.url:
        listener.note("answered", f"{event.text}: fetched as {event.url}", url=event.text, answered=event.url)
    if event.status >= MIN_ERROR_STATUS:
        reason = (Reason.GONE if event.status in GONE_STATUSES else Reason.HTTP_ERROR).value
        report.lost.append(LostUrl(event.text, reason, str(event.status)))
        text = f"{event.text}: {reason} ({event.status})"
        listener.note("failed", text, url=event.text, reason=reason, detail=str(event.status))
