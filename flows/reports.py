"""Reports of a crawl, of processing, and of a whole run."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from articles.accounting import Counts, add


@dataclass(frozen=True, slots=True)
class LostUrl:
    """A requested URL that was not fetched."""

    text: str  # the URL as it was given
    reason: str
    detail: str


@dataclass(slots=True)
class CrawlReport:
    """Result of a crawl. Its captures are in the store even if it failed."""

    run: str = ""
    outlet: str = ""  # empty for a list of URLs
    busy: str = ""  # which other run asks this outlet now: then this one did not
    finished: bool = False
    stopped: str = ""  # the reason, if it did not finish
    named: int = 0  # articles to fetch that the outlet's sources name
    fetched: int = 0
    size: int = 0  # bytes of the bodies that were received
    left: int = 0  # URLs of the list not requested, because of the page limit
    skipped: int = 0  # URLs that an interrupted run of the same request has stored
    lost: list[LostUrl] = field(default_factory=list)
    segments: tuple[str, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    sources: int = 0  # that answered with a list of articles
    sources_failed: Counter[str] = field(default_factory=Counter)  # reason -> sources
    pages: int = 0  # that answered; one that is gone counts
    pages_failed: Counter[str] = field(default_factory=Counter)  # reason -> pages

    @property
    def backlog(self) -> int:
        """Number of new articles that the outlet's sources name, and that are not fetched yet."""
        return self.counts.get("backlog", 0)

    @property
    def whole(self) -> bool:
        """Whether every requested URL was fetched."""
        return self.finished and not self.lost


@dataclass(frozen=True, slots=True)
class ProcessReport:
    """Result of processing."""

    snapshots: tuple[int, ...] = ()
    segments: int = 0
    counts: Counts = field(default_factory=dict)
    links: Mapping[str, int] = field(default_factory=dict)
    damaged: tuple[str, ...] = ()  # segments that could not be read to their end
    unread: tuple[str, ...] = ()  # URLs of pages whose extraction failed with an error of our own code
    cut: tuple[str, ...] = ()  # URLs of documents that were not compared with all candidates for links

    def __add__(self, other: "ProcessReport") -> "ProcessReport":
        """Add the reports of two batches."""
        kinds = sorted({*self.links, *other.links})
        return ProcessReport(
            self.snapshots + other.snapshots,
            self.segments + other.segments,
            add(self.counts, other.counts),
            {kind: self.links.get(kind, 0) + other.links.get(kind, 0) for kind in kinds},
            self.damaged + other.damaged,
            self.unread + other.unread,
            self.cut + other.cut,
        )


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """Result of a whole run: a report for each crawl, and one for processing."""

    fetched: tuple[CrawlReport, ...] = ()
    processed: ProcessReport = ProcessReport()
