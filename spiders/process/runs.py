"""What a crawl was asked for and whether it finished, kept in the store, so that the same command goes on after a crash.

`runs/<run>.json` is written when a run begins, when its crawl ends, and when a snapshot holds what it fetched: only then
is it finished. A run's name holds when it began and what it was asked for, so that a listing finds it. A later run of
the same request does not take up the old one's name, since the old one might still be alive on another machine; it
leaves out what the old one has stored, and then calls both finished.
"""

import contextlib
import json
import secrets
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from articles.errors import CorruptError, InputError
from articles.model import Capture, Failure, Purpose
from articles.url import canonicalize
from spiders.discovery.feed_articles import entry_key
from spiders.fetching.replay import capture_key
from spiders.process.parent import CrawlHandle, CrawlResult, run_crawl
from spiders.spec import CrawlSpec, Event, request_sha256
from storage.captures.segments import list_segments, parse_key, read_segment
from storage.objects import ObjectStore, open_store, probe

MAX_RESUME_AGE = timedelta(hours=24)  # an older request of the same form is a new wish, not an unfinished one
MAX_WALKED_AGE = timedelta(
    hours=48
)  # a run further back is not looked for: a listing of an hourly schedule's runs is long
NAME_TIME_FORMAT = "%Y%m%dT%H%M%SZ"
NAME_HASH_DIGITS = 10  # hexadecimal digits of the request's hash in a run's name
REDIRECT_STATUSES = range(300, 400)
MAX_REDIRECT_STEPS = 20  # of a chain of redirects, twice what a crawl follows


@dataclass(frozen=True, slots=True)
class Run:
    """One crawl's mark in the store."""

    run: str
    request_sha256: str
    started: str  # ISO 8601, UTC
    topic: str
    outlet: str = ""
    resumes: tuple[str, ...] = ()  # unfinished runs of the same request, whose pages it leaves out
    ended: str = ""  # ISO 8601, UTC: when all that was asked for, or may be had in one run, was fetched; empty before
    finished: str = ""  # ISO 8601, UTC: when nothing of it was left to do; empty before
    reason: str = ""  # why it was stopped
    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def left(self) -> int:
        """How many URLs of its list it did not ask for, since it may have so many pages only."""
        return self.counts.get("left", 0)

    @property
    def key(self) -> str:
        """Where it is kept."""
        return f"runs/{self.run}.json"

    def save(self, store: ObjectStore) -> None:
        """Write it."""
        told = {name: getattr(self, name) for name in self.__slots__}
        store.put(self.key, json.dumps({**told, "counts": dict(self.counts)}, indent=1).encode())


def new_run(request: str, now: datetime) -> str:
    """Return a name for a run of a request: it sorts by time."""
    return f"{now.astimezone(UTC):{NAME_TIME_FORMAT}}-{request[:NAME_HASH_DIGITS]}-{secrets.token_hex(3)}"


def read_run(store: ObjectStore, key: str) -> Run:
    """Read a run's mark. MissingError; CorruptError if it is none."""
    try:
        told: dict[str, Any] = json.loads(store.get(key))
        return Run(**{**told, "resumes": tuple(told["resumes"])})
    except (ValueError, TypeError, KeyError) as error:
        raise CorruptError(f"{key} is not the mark of a run: {error!r}") from error


def find_unfinished(store: ObjectStore, request: str, now: datetime) -> tuple[Run, ...]:
    """Return the runs of a request that began within `MAX_RESUME_AGE` and did not finish, the oldest first."""
    after = f"runs/{(now - MAX_RESUME_AGE).astimezone(UTC):{NAME_TIME_FORMAT}}"
    keys = [found.key for found in store.list("runs/", after) if f"-{request[:NAME_HASH_DIGITS]}-" in found.key]
    runs = [read_run(store, key) for key in keys]
    return tuple(run for run in runs if run.request_sha256 == request and not run.finished)


def last_complete(store: ObjectStore, request: str, now: datetime) -> str:
    """Return when the last run of a request began that found all there was; empty where all is to be walked anew.

    That is at the first run of a week too, so that nothing that a site says of its sitemaps is believed for longer.
    """
    monday = (now.astimezone(UTC) - timedelta(days=now.astimezone(UTC).weekday())).replace(hour=0, minute=0, second=0)
    after = f"runs/{max(now.astimezone(UTC) - MAX_WALKED_AGE, monday):{NAME_TIME_FORMAT}}"
    keys = [found.key for found in store.list("runs/", after) if f"-{request[:NAME_HASH_DIGITS]}-" in found.key]
    runs = (read_run(store, key) for key in sorted(keys, reverse=True))
    return next((run.started for run in runs if run.request_sha256 == request and run.finished and whole(run)), "")


def whole(run: Run) -> bool:
    """Whether a run walked all sources to their end."""
    return bool(run.counts.get("whole"))


def settle(store: ObjectStore, name: str, now: datetime) -> None:
    """Call a run finished whose crawl has ended and left nothing, and those that it went on with.

    To be called when a snapshot holds what it fetched.
    """
    run = read_run(store, f"runs/{name}.json")
    if run.ended and not run.left:
        for one in (run, *(read_run(store, f"runs/{resumed}.json") for resumed in run.resumes)):
            replace(one, finished=_moment(now)).save(store)


def fetched_urls(store: ObjectStore, runs: Iterable[str], *, with_lost: Iterable[str] = ()) -> set[str]:
    """Return the canonical URLs whose pages closed segments of some runs hold, and the keys of entries.

    A page that redirects counts only once the page at the end of its chain is there; one that gave no response counts
    in the runs `with_lost`.
    """
    wanted, final = set(runs), set(with_lost)
    leads_to: dict[str, str] = {}  # "" where a chain ends
    for key in list_segments(store) if wanted else ():
        if parse_key(key)[1] not in wanted:
            continue
        with contextlib.suppress(CorruptError):  # what cannot be read is fetched again
            for record in read_segment(store.get(key), key):
                if isinstance(record, Capture) and record.purpose is Purpose.PAGE:
                    leads_to[canonicalize(record.url)] = _target(record)
                    if record.discovery is not None:  # of an archive's captures the dates tell which were fetched
                        leads_to[capture_key(canonicalize(record.url), record.discovery.date)] = ""
                elif isinstance(record, Capture) and record.purpose is Purpose.ENTRY:
                    leads_to[entry_key(canonicalize(record.url), record.body)] = ""
                elif isinstance(record, Failure) and record.run in final:
                    with contextlib.suppress(InputError):
                        leads_to.setdefault(canonicalize(record.url), "")
    return {url for url in leads_to if _arrives(url, leads_to)}


def crawl(spec: CrawlSpec, on_event: Callable[[Event], None], now: datetime) -> CrawlResult:
    """Crawl, marked in the store, leaving out what an unfinished run of the same request has stored.

    `settle` is to be called when a snapshot holds what was fetched; until then the same request goes on with this run.
    `spec.run` is set here. Raises what `run_crawl`, `open_store` and the store do.
    """
    with CrawlHandle() as child:  # imports while we look into the store
        store = open_store(spec.store)
        probe(store)
        request = request_sha256(spec)
        unfinished = find_unfinished(store, request, now)
        run = Run(
            run=new_run(request, now),
            request_sha256=request,
            started=_moment(now),
            topic=spec.topic,
            outlet=spec.outlet,
            resumes=tuple(one.run for one in unfinished),
        )
        run.save(store)
        with tempfile.TemporaryDirectory(prefix="irtysh-") as directory:
            spec = replace(spec, run=run.run, walked=last_complete(store, request, now))
            if unfinished:
                spec = replace(spec, resuming=True, skip_path=_skip_file(store, spec, unfinished, Path(directory)))
            result = run_crawl(spec, on_event, child)
    ended = _moment(datetime.now(UTC)) if result.finished else ""
    replace(run, ended=ended, reason=result.reason, counts=result.counts).save(store)
    return result


def _skip_file(store: ObjectStore, spec: CrawlSpec, runs: Iterable[Run], directory: Path) -> str:
    """Write what runs have fetched beside what was to be skipped anyway, and return the file's path.

    Of a run that ended as its pages were used up, what gave no response is not asked for again before the rest.
    """
    names, used_up = [one.run for one in runs], [one.run for one in runs if one.left]
    path = directory / "skip"
    with path.open("w", encoding="utf-8") as file:
        file.writelines(f"{url}\n" for url in fetched_urls(store, names, with_lost=used_up))
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
        return ""  # it led nowhere: that is what became of it


def _arrives(url: str, leads_to: Mapping[str, str]) -> bool:
    for _ in range(MAX_REDIRECT_STEPS):
        target = leads_to.get(url)
        if not target:
            return target is not None
        url = target
    return True  # a loop: recorded as such


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")
