"""Reports: what a crawl, a run of processing and a whole run did."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from articles.accounting import Counts, add


@dataclass(frozen=True, slots=True)
class LostUrl:
    """A URL that was asked for and not fetched, as it was given."""

    text: str
    reason: str
    detail: str


@dataclass(slots=True)
class CrawlReport:
    """What a crawl did. What it recorded is in the store however it ended."""

    run: str = ""
    finished: bool = False
    stopped: str = ""  # why, if it did not finish
    named: int = 0  # articles that an outlet's feeds and sitemaps name and that are to be fetched
    fetched: int = 0
    left: int = 0  # not asked for, since the crawl may have so many pages only
    skipped: int = 0  # stored by an interrupted run of the same request
    lost: list[LostUrl] = field(default_factory=list)
    segments: tuple[str, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def whole(self) -> bool:
        """Whether all that was asked for was fetched."""
        return self.finished and not self.lost


@dataclass(frozen=True, slots=True)
class ProcessReport:
    """What a run of processing did."""

    snapshots: tuple[int, ...] = ()
    segments: int = 0
    counts: Counts = field(default_factory=dict)
    links: Mapping[str, int] = field(default_factory=dict)
    damaged: tuple[str, ...] = ()  # segments that could not be read to their end
    unread: tuple[str, ...] = ()  # pages over which our own code stumbled

    def __add__(self, other: "ProcessReport") -> "ProcessReport":
        """Join the reports of two batches."""
        kinds = sorted({*self.links, *other.links})
        return ProcessReport(
            self.snapshots + other.snapshots,
            self.segments + other.segments,
            add(self.counts, other.counts),
            {kind: self.links.get(kind, 0) + other.links.get(kind, 0) for kind in kinds},
            self.damaged + other.damaged,
            self.unread + other.unread,
        )


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """What was fetched, a report for each crawl, and what processing made of it."""

    fetched: tuple[CrawlReport, ...] = ()
    processed: ProcessReport = ProcessReport()
