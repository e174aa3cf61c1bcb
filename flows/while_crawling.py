"""Process what is fetched while other outlets are still being crawled, so that a slow one withholds nobody's articles."""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack

from flows.crawl import Clock, mark_finished
from flows.outlets import last_run
from flows.process import Processor
from flows.processing.table import ProcessingContext
from flows.reports import CrawlReport, ProcessReport, RunOutcome
from flows.run_state import is_interrupted
from storage.objects import ObjectStore

PROCESS_SECONDS = 60.0  # between two snapshots of one run: every one costs a commit and small packs
MAX_WAIT_SECONDS = 600.0  # after which the pages of crawls that still run are processed too
POLL_SECONDS = 0.2  # between two looks at the crawls, each of which takes seconds at least

Ended = Callable[[], Sequence[CrawlReport]]
Step = Callable[[Processor], ProcessReport | None]


def process_meanwhile(
    context: ProcessingContext,
    ended: Ended,
    crawls: int,
    *,
    clock: Clock,
    step: Step = Processor.step,
    stopping: Callable[[], bool] = lambda: False,
) -> RunOutcome:
    """Wait for a number of crawls, and process captures whenever some have ended. Return the outcome of all.

    `ended` returns the reports of the crawls that have ended. If `stopping` is true at the end, what is left is not
    processed: the store has it, and the next run processes it.
    """
    report = ProcessReport()
    settled = 0
    processed = time.monotonic()
    with ExitStack() as stack:
        processor: Processor | None = None

        def process_all() -> None:
            nonlocal report, settled, processed, processor
            processor = processor or stack.enter_context(Processor(context))
            while not stopping() and (done := step(processor)) is not None:
                report += done
                context.listener.note("snapshot", f"snapshot {done.snapshots[-1]}", number=done.snapshots[-1])
            if stopping():
                return
            settle(context.store, reports[settled:], report.counts, clock)
            settled, processed = len(reports), time.monotonic()

        while len(reports := tuple(ended())) < crawls:
            waited = time.monotonic() - processed
            is_due = waited >= PROCESS_SECONDS and any(one.segments for one in reports[settled:])
            if (is_due or waited >= MAX_WAIT_SECONDS) and not stopping():
                process_all()
            time.sleep(POLL_SECONDS)
        if not stopping() and not (reports and all(one.busy for one in reports)):  # else another run does it
            process_all()
    return RunOutcome(reports, report)


def process_after(
    context: ProcessingContext, reports: Sequence[CrawlReport], *, clock: Clock, step: Step = Processor.step
) -> RunOutcome:
    """Process what crawls have fetched, unless somebody has stopped them."""
    interrupted = is_interrupted(reports)
    return process_meanwhile(
        context, lambda: reports, len(reports), clock=clock, step=step, stopping=lambda: interrupted
    )


def settle(
    store: ObjectStore, reports: Sequence[CrawlReport], counts: Mapping[str, Mapping[str, int]], clock: Clock
) -> None:
    """Mark crawls as finished, since a snapshot holds what they fetched, and note how they went."""
    mark_finished(store, reports, clock)
    for report in reports:
        last_run.write(store, report, counts, clock())
