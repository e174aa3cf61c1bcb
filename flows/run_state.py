"""How a run went: completed, degraded or failed, with the trouble of each outlet in words. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from articles.accounting import total
from articles.counting import many
from flows.reports import CrawlReport, ProcessReport, RunOutcome

FAILING_SHARE = 0.5  # of an outlet's pages: when more fail, something is wrong with the outlet rather than with a page
MIN_FAILED_PAGES = 3  # fewer failed pages say nothing about an outlet
MAX_NAMED = 5  # outlets that a state's message names; the artifact has all of them
MAX_REASONS = 2  # reasons of one outlet in a message
SIGNAL = "SIG"  # begins the reason of a stop that somebody asked for: SIGINT, SIGTERM


class RunState(StrEnum):
    """State in which a run ends."""

    COMPLETED = "completed"
    DEGRADED = "degraded"  # some outlets or URLs are in trouble
    FAILED = "failed"  # none answered
    INTERRUPTED = "interrupted"  # somebody stopped it


class Trouble(StrEnum):
    """Trouble of an outlet in one run, the worst first."""

    CRASHED = "crashed"  # the crawl process failed
    SILENT = "silent"  # no source answered
    FAILING = "failing"  # most of its pages failed
    SLOW = "slow"  # a limit of time ended it
    QUARANTINED = "quarantined"  # its pages differ from those of earlier runs
    INTERRUPTED = "interrupted"  # somebody stopped it


@dataclass(frozen=True, slots=True)
class OutletRun:
    """How the run of one outlet went. `name` is empty for a list of URLs."""

    name: str
    trouble: Trouble | None
    why: str
    backlog: int = 0
    busy: str = ""  # which other run asks it now

    def __str__(self) -> str:
        """Return the trouble in words, for a message."""
        if not self.trouble:
            return self.name
        return f"{self.name} {self.trouble}: {self.why}" if self.name else self.why


@dataclass(frozen=True, slots=True)
class RunSummary:
    """How a run went, by outlet."""

    state: RunState
    outlets: tuple[OutletRun, ...]
    new: int

    @property
    def troubled(self) -> tuple[OutletRun, ...]:
        """The outlets in trouble."""
        return tuple(one for one in self.outlets if one.trouble)

    @property
    def asked_nothing(self) -> bool:
        """Whether other runs ask all of the outlets now."""
        return bool(self.outlets) and all(one.busy for one in self.outlets)

    @property
    def title(self) -> str:
        """The run in one line: "54 outlets · 31 new · 2 failing"."""
        many = len(self.outlets)
        parts = [f"{many} outlets" if many != 1 else self.outlets[0].name or "1 list", f"{self.new:,} new"]
        troubles = Counter(one.trouble for one in self.troubled)
        parts += [f"{troubles[kind]} {kind}" for kind in Trouble if troubles[kind]]
        if busy := sum(bool(one.busy) for one in self.outlets):
            parts.append(f"{busy} busy")
        if backlog := sum(one.backlog for one in self.outlets):
            parts.append(f"{backlog:,} waiting")
        return " · ".join(parts)

    @property
    def message(self) -> str:
        """The trouble and the backlogs of the outlets, in one sentence each."""
        named = [str(one) for one in self.troubled[:MAX_NAMED]]
        if len(self.troubled) > MAX_NAMED:
            named.append(f"and {len(self.troubled) - MAX_NAMED} more")
        waiting = sorted((one for one in self.outlets if one.backlog), key=lambda one: -one.backlog)
        named += [f"{one.name}: {one.backlog:,} new articles wait" for one in waiting[:MAX_NAMED]]
        named += [f"{one.name} is asked by another run" for one in self.outlets if one.busy][:MAX_NAMED]
        return "; ".join(named)


def summarise(outcome: RunOutcome) -> RunSummary:
    """Return how a run went."""
    outlets = tuple(_outlet(report, outcome.processed) for report in outcome.fetched)
    return RunSummary(_state(outcome, outlets), outlets, total(outcome.processed.counts)["new"])


def is_interrupted(reports: Iterable[CrawlReport]) -> bool:
    """Whether somebody stopped a crawl."""
    return any(report.stopped.startswith(SIGNAL) for report in reports)


def _state(outcome: RunOutcome, outlets: tuple[OutletRun, ...]) -> RunState:
    troubles = [one.trouble for one in outlets if not one.busy]
    processed = outcome.processed
    if Trouble.INTERRUPTED in troubles:
        return RunState.INTERRUPTED
    if troubles and all(trouble in {Trouble.CRASHED, Trouble.SILENT} for trouble in troubles):
        return RunState.FAILED
    if any(troubles) or processed.damaged or processed.unread:
        return RunState.DEGRADED
    if any(not one.name for one in outlets) and any(report.lost for report in outcome.fetched):
        return RunState.DEGRADED  # of a list, each URL counts
    return RunState.COMPLETED


def _outlet(report: CrawlReport, processed: ProcessReport) -> OutletRun:
    trouble, why = _trouble(report, processed.counts.get(report.outlet, {}))
    return OutletRun(report.outlet, trouble, why, report.backlog, report.busy)


def _trouble(report: CrawlReport, counts: Mapping[str, int]) -> tuple[Trouble | None, str]:
    failed, answered = report.pages_failed.total(), report.pages
    if report.busy:
        return None, ""
    if report.stopped.startswith(SIGNAL):
        return Trouble.INTERRUPTED, report.stopped
    crash = next((lost.detail for lost in report.lost if lost.reason == "crawl_failed"), "")
    if crash:
        return Trouble.CRASHED, crash.partition("\n")[0]
    if report.outlet and not report.sources and report.sources_failed and not answered:
        return Trouble.SILENT, f"no source answered: {_reasons(report.sources_failed)}"
    if not report.outlet and failed and not answered:
        return Trouble.SILENT, f"no URL of {failed:,} answered: {_reasons(report.pages_failed)}"
    if report.outlet and failed >= MIN_FAILED_PAGES and failed > FAILING_SHARE * (failed + answered):
        return (
            Trouble.FAILING,
            f"{failed:,} of {many(failed + answered, 'page')} failed: {_reasons(report.pages_failed)}",
        )
    if report.stopped:
        return Trouble.SLOW, report.stopped
    if counts.get("held"):
        return Trouble.QUARANTINED, many(counts["held"], "page")
    return None, ""


def _reasons(reasons: Counter[str]) -> str:
    return ", ".join(f"{number:,} × {reason}" for reason, number in reasons.most_common(MAX_REASONS))
