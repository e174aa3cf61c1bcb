"""Records of runs in the store, so that the same command resumes an unfinished crawl after a crash.

`runs/<request>/<run>.json` is written when a run begins, when its crawl ends, and when a snapshot contains what it fetched;
only then is the run finished. The folder is the beginning of the request's hash, so that a run lists only the runs of its
own request; it deletes those older than `MAX_KEPT_AGE`. A lease keeps two runs from asking one outlet, or one list, at the
same time: see `storage.leases`. A later run skips what an unfinished one has stored, and in the end both are marked as
finished.
"""

import contextlib
import json
import secrets
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from articles.errors import CorruptError, DeniedError, InputError
from articles.model import Capture, Failure, Purpose
from articles.url import canonicalize
from spiders.discovery.cdx import capture_key
from spiders.discovery.feed_articles import entry_key
from spiders.process.parent import CrawlHandle, CrawlResult, run_crawl
from spiders.process.patience import Patience
from spiders.spec import CrawlSpec, Event, request_sha256
from storage import leases
from storage.captures.reader import CaptureReader
from storage.captures.records import RefusedCapture, parse_key
from storage.captures.segments import list_segments
from storage.objects import ObjectStore, open_store, probe
from storage.objects.json_objects import checked, read_json
from storage.tables import redactions

MAX_RESUME_AGE = timedelta(hours=24)  # an older unfinished run is not resumed: the same request then starts anew
MAX_WALKED_AGE = timedelta(hours=48)  # older runs are not searched: with an hourly schedule their listing is long
MAX_REFUSAL_AGE = timedelta(days=7)  # then a source that was too costly is parsed again: our limits may have changed
MAX_KEPT_AGE = timedelta(days=14)  # of records; none is read when it is older than `MAX_REFUSAL_AGE`
MAX_REFUSED_SOURCES = 200  # remembered of a request
RUNS_PREFIX = "runs/"
NAME_TIME_FORMAT = "%Y%m%dT%H%M%SZ"
NAME_HASH_DIGITS = 10  # hexadecimal, of the request's hash in a run's name
REDIRECT_STATUSES = range(300, 400)
MAX_REDIRECT_STEPS = 20  # twice what a crawl follows


@dataclass(frozen=True, slots=True)
class Run:
    """The record of one run in the store."""

    run: str
    request_sha256: str
    started: str  # ISO 8601, UTC
    topic: str
    outlet: str = ""
    resumes: tuple[str, ...] = ()  # unfinished runs of the same request, whose pages it skips
    ended: str = ""  # ISO 8601, UTC: when the crawl ended without being stopped; empty before
    finished: str = ""  # ISO 8601, UTC: when a snapshot contained all pages; empty before
    reason: str = ""  # why it was stopped
    counts: Mapping[str, int] = field(default_factory=dict)
    refused: Mapping[str, tuple[str, str]] = field(default_factory=dict)  # SHA-256 of a source -> why, and since when

    @property
    def left(self) -> int:
        """Number of URLs of its list that were not fetched because the page budget was used up."""
        return self.counts.get("left", 0)

    @property
    def key(self) -> str:
        """Key of the record in the store."""
        return run_key(self.run)

    def save(self, store: ObjectStore) -> None:
        """Write the record to the store."""
        values = {name: getattr(self, name) for name in self.__slots__}
        values |= {"counts": dict(self.counts), "refused": dict(self.refused)}
        store.put(self.key, json.dumps(values, indent=1).encode())


def run_key(run: str) -> str:
    """Return the key of a run's record, from the run's name."""
    parts = run.split("-")
    return f"{RUNS_PREFIX}{parts[1] if len(parts) > 1 else '_'}/{run}.json"


def new_run(request: str, now: datetime) -> str:
    """Return a name for a new run of a request; names sort by time."""
    return f"{now.astimezone(UTC):{NAME_TIME_FORMAT}}-{request[:NAME_HASH_DIGITS]}-{secrets.token_hex(3)}"


def read_run(store: ObjectStore, key: str) -> Run:
    """Read a run's record. MissingError if there is none; CorruptError if it cannot be read."""
    try:
        values: dict[str, Any] = read_json(store, key)
        refused = {digest: (why, since) for digest, (why, since) in values.get("refused", {}).items()}
        return checked(Run(**{**values, "resumes": tuple(values["resumes"]), "refused": refused}))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise CorruptError(f"{key} is not the record of a run: {error!r}") from error


def find_unfinished(store: ObjectStore, request: str, now: datetime) -> tuple[Run, ...]:
    """Return the unfinished runs of a request that began within `MAX_RESUME_AGE`, oldest first."""
    runs = [read_run(store, key) for key in _keys(store, request, now - MAX_RESUME_AGE)]
    return tuple(run for run in runs if run.request_sha256 == request and not run.finished)


def last_complete(store: ObjectStore, request: str, now: datetime) -> str:
    """Return the start time of a request's last complete run; empty if all sources must be read in full.

    It is empty for the first run of each week too, so that a wrong `lastmod` of a sitemap does no harm for longer.
    """
    monday = (now.astimezone(UTC) - timedelta(days=now.astimezone(UTC).weekday())).replace(hour=0, minute=0, second=0)
    keys = _keys(store, request, max(now.astimezone(UTC) - MAX_WALKED_AGE, monday))
    runs = (read_run(store, key) for key in reversed(keys))
    return next(
        (run.started for run in runs if run.request_sha256 == request and run.finished and is_complete(run)), ""
    )


def last_refusals(store: ObjectStore, request: str, now: datetime) -> dict[str, tuple[str, str]]:
    """Return the sources whose parsing the runs of a request had to stop within `MAX_REFUSAL_AGE`, from its last run."""
    runs = (read_run(store, key) for key in reversed(_keys(store, request, now - MAX_WALKED_AGE)))
    last = next((run for run in runs if run.request_sha256 == request and (run.ended or run.reason)), None)
    since = _moment(now - MAX_REFUSAL_AGE)
    return {digest: refusal for digest, refusal in last.refused.items() if refusal[1] > since} if last else {}


def _keys(store: ObjectStore, request: str, since: datetime) -> list[str]:
    """Return the keys of a request's runs that began after `since`, oldest first."""
    folder = f"{RUNS_PREFIX}{request[:NAME_HASH_DIGITS]}/"
    return [found.key for found in store.list(folder, f"{folder}{since.astimezone(UTC):{NAME_TIME_FORMAT}}")]


def forget_old(store: ObjectStore, request: str, now: datetime) -> int:
    """Delete the records of a request's runs that began more than `MAX_KEPT_AGE` ago; return how many.

    What the runs fetched stays. Do nothing if a policy forbids to delete.
    """
    folder = f"{RUNS_PREFIX}{request[:NAME_HASH_DIGITS]}/"
    before = f"{folder}{(now - MAX_KEPT_AGE).astimezone(UTC):{NAME_TIME_FORMAT}}"
    old = [found.key for found in takewhile(lambda found: found.key < before, store.list(folder))]
    with contextlib.suppress(DeniedError):
        for key in old:
            store.delete(key)
    return len(old)


def is_complete(run: Run) -> bool:
    """Return whether a run read all sources to their end."""
    return bool(run.counts.get("whole"))


def mark_finished(store: ObjectStore, name: str, now: datetime) -> None:
    """Mark a run as finished, with the runs that it resumed, if its crawl has ended and left no URLs.

    Call this when a snapshot contains what the run fetched.
    """
    run = read_run(store, run_key(name))
    if run.ended and not run.left:
        for each in (run, *(read_run(store, run_key(resumed)) for resumed in run.resumes)):
            replace(each, finished=_moment(now)).save(store)


def fetched_urls(
    store: ObjectStore, runs: Iterable[str], *, with_lost: Iterable[str] = (), outlet: str = ""
) -> set[str]:
    """Return the canonical URLs of pages in the stored segments of runs, and the keys of feed entries.

    `outlet` names the outlet that the runs asked; only its segments are then listed.

    A redirect counts only if the final page of its chain is stored. A failed URL counts only in the runs `with_lost`.
    """
    wanted, final = set(runs), set(with_lost)
    leads_to: dict[str, str] = {}  # URL -> target of its redirect; "" at the end of a chain
    keys = [key for key in list_segments(store, outlet) if parse_key(key)[1] in wanted] if wanted else []
    with CaptureReader() as reader:
        for record in _records(store, keys, reader):
            if isinstance(record, Capture) and record.purpose is Purpose.PAGE:
                leads_to[canonicalize(record.url)] = _target(record)
                if record.discovery is not None:  # captures of a web archive are told apart by their dates
                    leads_to[capture_key(canonicalize(record.url), record.discovery.date)] = ""
            elif isinstance(record, Capture) and record.purpose is Purpose.ENTRY:
                leads_to[entry_key(canonicalize(record.url), record.body)] = ""
            elif isinstance(record, Failure) and record.run in final:
                with contextlib.suppress(InputError):
                    leads_to.setdefault(canonicalize(record.url), "")
    return {url for url in leads_to if _arrives(url, leads_to)}


def _records(store: ObjectStore, keys: Iterable[str], reader: CaptureReader) -> Iterator[Capture | Failure]:
    """Yield the readable records of segments. Pages of unreadable segments are fetched again."""
    for key in keys:
        with contextlib.suppress(CorruptError):
            for found in reader.segment(store.get(key), key):
                if not isinstance(found, RefusedCapture):
                    yield found
                elif found.head.purpose is Purpose.PAGE:  # what the body holds does not matter here
                    yield found.head


def crawl(
    spec: CrawlSpec, on_event: Callable[[Event], None], now: datetime, patience: Patience | None = None
) -> CrawlResult:
    """Crawl with a record in the store, skipping what unfinished runs of the same request have stored.

    If `patience` ends, the crawl is stopped. Call `mark_finished` when a snapshot contains what was fetched; until then the
    same request resumes this run. `spec.run` is set here. Raise InUseError if another run asks the same outlet or list now,
    and what `run_crawl`, `open_store` and the store raise.
    """
    with CrawlHandle() as child:  # it imports its modules while we read the store
        store = open_store(spec.store)
        probe(store)
        request = request_sha256(spec)
        name = new_run(request, now)
        with leases.held(store, lease_name(spec), f"run {name}", _now) as lease:
            return _crawl(replace(spec, run=name), request, on_event, now, _Watch(store, child, patience, lease))


def lease_name(spec: CrawlSpec) -> str:
    """Return the name of the lease that a crawl holds: of the outlet or web archive that it asks, or of its list."""
    if spec.from_archive:
        return f"archive-{spec.from_archive.removeprefix('https://').removeprefix('http://')}"
    return spec.outlet or f"list-{request_sha256(spec)[:NAME_HASH_DIGITS]}"


@dataclass(frozen=True, slots=True)
class _Watch:
    """What a crawl runs with, and what may end it: its patience, and the loss of its lease."""

    store: ObjectStore
    child: CrawlHandle
    patience: Patience | None
    lease: leases.Lease

    def look(self, event: Event) -> None:
        """Stop the crawl if it has to end; called for each event, which there is every second."""
        if self.lease.lost.is_set() and not self.child.is_stopping:
            self.child.stop("another run has taken over, since this one was suspended")
        elif self.patience is not None and (why := self.patience.exhausted(event)):
            self.child.stop(why)


def _crawl(
    spec: CrawlSpec, request: str, on_event: Callable[[Event], None], now: datetime, watch: _Watch
) -> CrawlResult:
    store = watch.store
    unfinished = find_unfinished(store, request, now)
    run = Run(
        run=spec.run,
        request_sha256=request,
        started=_moment(now),
        topic=spec.topic,
        outlet=spec.outlet,
        resumes=tuple(earlier.run for earlier in unfinished),
    )
    run.save(store)
    forget_old(store, request, now)
    refused = last_refusals(store, request, now)
    with tempfile.TemporaryDirectory(prefix="irtysh-") as directory:
        spec = replace(spec, walked=last_complete(store, request, now))
        spec = replace(spec, taken_down=tuple(sorted(redactions.load(store).articles)))
        spec = replace(spec, refused={digest: why for digest, (why, _) in refused.items()})
        if unfinished:
            spec = replace(spec, resuming=True, skip_path=_skip_file(store, spec, unfinished, Path(directory)))

        def receive(event: Event) -> None:
            if event.kind == "refused" and len(refused) < MAX_REFUSED_SOURCES:
                refused[event.key] = (event.detail, _moment(now))
            on_event(event)
            watch.look(event)

        result = run_crawl(spec, receive, watch.child)
    ended = _moment(_now()) if result.finished else ""
    replace(run, ended=ended, reason=result.reason, counts=result.counts, refused=refused).save(store)
    return result


def _skip_file(store: ObjectStore, spec: CrawlSpec, runs: Iterable[Run], directory: Path) -> str:
    """Write the URLs fetched by runs, and those skipped anyway, to a file, and return its path.

    If a run used up its page budget, its failed URLs are skipped too, so that the rest of the list comes first.
    """
    names, used_up = [run.run for run in runs], [run.run for run in runs if run.left]
    path = directory / "skip"
    with path.open("w", encoding="utf-8") as file:
        file.writelines(f"{url}\n" for url in fetched_urls(store, names, with_lost=used_up, outlet=spec.outlet))
        if spec.skip_path:
            file.write(Path(spec.skip_path).read_text(encoding="utf-8"))
    return str(path)


def _target(page: Capture) -> str:
    location = page.header("location") if page.status in REDIRECT_STATUSES else ""
    if not location:
        return ""
    try:
        return canonicalize(urljoin(page.url, location))
    except (InputError, ValueError):
        return ""  # an invalid target: the redirect is the result


def _arrives(url: str, leads_to: Mapping[str, str]) -> bool:
    for _ in range(MAX_REDIRECT_STEPS):
        target = leads_to.get(url)
        if not target:
            return target is not None
        url = target
    return True  # a loop, which the crawl has recorded


def _now() -> datetime:
    return datetime.now(UTC)


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")
