"""How the last run of each outlet went: `status/<outlet>.json`, which `irtysh outlets`, `plan` and alerts read."""

import json
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from datetime import datetime

from articles.errors import CorruptError, MissingError
from flows.reports import CrawlReport, ProcessReport, RunOutcome
from flows.run_state import Trouble, summarise
from storage.objects import ObjectStore
from storage.objects.json_objects import checked, read_json

STATUS_PREFIX = "status/"
READ_THREADS = 16  # small objects, one for each outlet


@dataclass(frozen=True, slots=True)
class LastRun:
    """How the last run of an outlet went."""

    outlet: str
    run: str
    ended: str  # ISO 8601, UTC
    trouble: str = ""  # a `flows.run_state.Trouble`; empty if there was none
    why: str = ""
    runs: int = 0  # consecutive runs with this trouble
    backlog: int = 0  # new articles that its sources name, and that are not fetched yet
    pages: int = 0  # that answered
    pages_failed: int = 0
    size: int = 0  # bytes of the bodies that were received
    news: str = ""  # end of the last run in which its sources named new articles, or of the first run of all; ISO 8601
    before: str = ""  # end of the run before this one
    reasons: Mapping[str, int] = field(default_factory=dict)  # why sources and pages failed -> how many of them


def write(store: ObjectStore, report: CrawlReport, counts: Mapping[str, Mapping[str, int]], now: datetime) -> None:
    """Note how a run went. A run that did not ask the outlet, or was interrupted, says nothing about it."""
    (summary,) = summarise(RunOutcome((report,), ProcessReport(counts=counts))).outlets
    if not report.outlet or report.busy or summary.trouble is Trouble.INTERRUPTED:
        return
    trouble = summary.trouble.value if summary.trouble else ""
    before = read(store, report.outlet)
    again = before is not None and before.trouble == trouble
    run = LastRun(
        report.outlet,
        report.run,
        now.isoformat(timespec="seconds"),
        trouble,
        summary.why,
        (before.runs if again and before is not None else 0) + 1,
        report.backlog,
        report.pages,
        report.pages_failed.total(),
        report.size,
        now.isoformat(timespec="seconds") if report.named or before is None or not before.news else before.news,
        before.ended if before is not None else "",
        dict(sorted((report.sources_failed + report.pages_failed).items())),
    )
    store.put(_key(report.outlet), json.dumps(asdict(run), ensure_ascii=False, indent=1).encode())


def read(store: ObjectStore, outlet: str) -> LastRun | None:
    """Return how the last run of an outlet went; None if that is not known. Raises CorruptError."""
    key = _key(outlet)
    try:
        return checked(LastRun(**read_json(store, key)))
    except MissingError:
        return None
    except TypeError as error:
        raise CorruptError(f"{key} is not the status of an outlet: {error}") from error


def read_each(store: ObjectStore, outlets: Iterable[str]) -> dict[str, LastRun]:
    """Return the last runs of outlets, by name. Raises CorruptError."""
    with ThreadPoolExecutor(READ_THREADS) as pool:
        found = pool.map(lambda name: read(store, name), outlets)
        return {one.outlet: one for one in found if one is not None}


def _key(outlet: str) -> str:
    return f"{STATUS_PREFIX}{outlet}.json"
