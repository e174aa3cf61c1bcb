"""Print the result of a run and return its exit code."""

from articles.accounting import total
from flows.display.console import Console
from flows.display.failures import grouped
from flows.exit_codes import DONE, FAILED
from flows.reports import RunOutcome
from storage.objects import ObjectStore


def report_outcome(console: Console, store: ObjectStore, outcome: RunOutcome) -> int:
    """Print what was fetched, the pages by outcome and the new snapshot. Return the exit code."""
    fetched, processed = outcome.fetched, outcome.processed
    quarantined = total(processed.counts)["held"]
    whole = all(report.whole for report in fetched) and not (processed.damaged or processed.unread or quarantined)
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
        resumed = f", {report.skipped:,} already fetched by an interrupted run" if report.skipped else ""
        stopped = f"; stopped: {report.stopped}" if report.stopped else ""
        console.text(f"run {report.run}: {report.fetched:,} fetched, {len(report.lost):,} failed{resumed}{stopped}")
        for line in grouped((lost.reason, lost.detail) for lost in report.lost):
            console.text(f"  {line}")
        if report.lost and report.run and processed.snapshots:
            console.text(f"  `irtysh rejections --run {report.run}` lists them")
    if processed.counts:
        console.counts(processed.counts)
        if total(processed.counts)["kept"]:
            console.text(
                "kept: pages that became documents, one in two languages two; `irtysh show` and `pull` count documents"
            )
    if processed.links:
        console.text("links: " + ", ".join(f"{number} {kind}" for kind, number in sorted(processed.links.items())))
    if processed.snapshots:
        console.text(f"snapshot {processed.snapshots[-1]} in {store.url}", style="bold")
    else:
        console.text("Nothing new: no snapshot was made.")
    return DONE if whole else FAILED
