"""What a run came to, told at its end, and the exit code that says it."""

from articles.accounting import total
from flows.display.console import Console
from flows.exit_codes import DONE, FAILED
from flows.reports import RunOutcome
from storage.objects import ObjectStore


def tell(console: Console, store: ObjectStore, outcome: RunOutcome) -> int:
    """Print what was fetched, what became of it and which snapshot holds it; return the exit code."""
    fetched, processed = outcome.fetched, outcome.processed
    held = total(processed.counts)["held"]
    whole = all(report.whole for report in fetched) and not (processed.damaged or processed.unread or held)
    if console.as_json:
        console.json(
            {
                "event": "done",
                "store": store.url,
                "runs": [report.run for report in fetched],
                "fetched": sum(report.fetched for report in fetched),
                "skipped": sum(report.skipped for report in fetched),
                "left": sum(report.left for report in fetched),
                "failed": [
                    {"url": lost.text, "reason": lost.reason, "detail": lost.detail}
                    for report in fetched
                    for lost in report.lost
                ],
                "snapshots": processed.snapshots,
                "pages": processed.counts,
                "links": processed.links,
                "damaged": processed.damaged,
                "unread": processed.unread,
            }
        )
        return DONE if whole else FAILED
    for report in fetched:
        resumed = f", {report.skipped} were there from an interrupted run" if report.skipped else ""
        stopped = f"; stopped: {report.stopped}" if report.stopped else ""
        console.text(f"run {report.run}: {report.fetched} fetched, {len(report.lost)} not{resumed}{stopped}")
    if processed.counts:
        console.counts(processed.counts)
    if processed.links:
        console.text("links: " + ", ".join(f"{number} {kind}" for kind, number in sorted(processed.links.items())))
    if processed.snapshots:
        console.text(f"snapshot {processed.snapshots[-1]} in {store.url}", style="bold")
    else:
        console.text("nothing new; no snapshot was made")
    return DONE if whole else FAILED
