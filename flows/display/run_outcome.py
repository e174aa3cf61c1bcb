"""Print the result of a run and return its exit code."""

from articles.accounting import total
from flows.display.console import Console
from flows.display.failures import grouped
from flows.exit_codes import DONE, FAILED, INTERRUPTED
from flows.reports import RunOutcome
from flows.run_state import RunState, RunSummary, summarise
from storage.objects import ObjectStore


def report_outcome(console: Console, store: ObjectStore, outcome: RunOutcome) -> int:
    """Print what was fetched, the pages by outcome and the new snapshot. Return the exit code."""
    fetched, processed, summary = outcome.fetched, outcome.processed, summarise(outcome)
    quarantined = total(processed.counts)["held"]
    whole = all(report.whole or report.busy for report in fetched) and not (
        processed.damaged or processed.unread or quarantined
    )
    if console.as_json:
        console.json(
            {
                "event": "done",
                "state": summary.state,
                "outlets": [
                    {"name": one.name, "trouble": one.trouble, "why": one.why, "backlog": one.backlog, "busy": one.busy}
                    for one in summary.outlets
                    if one.name
                ],
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
        return _code(summary, whole=whole)
    for report in fetched:
        resumed = f", {report.skipped:,} already fetched by an interrupted run" if report.skipped else ""
        stopped = f"; stopped: {report.stopped}" if report.stopped else ""
        if report.busy or not report.run:
            continue
        console.text(f"run {report.run}: {report.fetched:,} fetched, {len(report.lost):,} failed{resumed}{stopped}")
        for line in grouped((lost.reason, lost.detail) for lost in report.lost):
            console.text(f"  {line}")
    if processed.counts:
        console.counts(processed.counts)
        if total(processed.counts)["kept"]:
            console.text(
                "kept: pages that became documents. A page in two languages becomes two documents; `irtysh show` and "
                "`irtysh pull` count documents."
            )
    if processed.snapshots:
        for report in fetched:
            if report.run and (report.lost or report.pages > total(processed.counts)["kept"]):
                console.text(f"`irtysh rejections --run {report.run}` lists the pages that were not kept, and why.")
    if processed.links:
        console.text("links: " + ", ".join(f"{number} {kind}" for kind, number in sorted(processed.links.items())))
    if processed.snapshots:
        console.text(f"snapshot {processed.snapshots[-1]} in {store.url}", style="bold")
    elif summary.state is not RunState.INTERRUPTED and not summary.asked_nothing:
        console.text("Nothing new: no snapshot was made.")
    if summary.state is RunState.INTERRUPTED:
        console.text(f"Interrupted. What was fetched is in {store.url}.")
        console.text(
            "Next: run the same command again, which continues where it stopped; or `irtysh process`, which makes a "
            "snapshot of what was fetched."
        )
    elif summary.message:
        state = "nothing asked" if summary.asked_nothing else summary.state
        console.text(f"{state}: {summary.message}", style="yellow" if summary.troubled else None)
    return _code(summary, whole=whole)


def _code(summary: RunSummary, *, whole: bool) -> int:
    if summary.state is RunState.INTERRUPTED:
        return INTERRUPTED
    return DONE if whole and not (summary.troubled or summary.asked_nothing) else FAILED
