"""Options that several commands share."""

import ipaddress
import math
import os
import random
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Group, Parameter

from articles.errors import InputError, UsageError
from articles.metadata.reservations import Use
from flows.display.console import Console
from flows.display.json_log import LOG_FORMAT_VARIABLE, JsonLog
from flows.listener import Listener
from spiders.spec import CrawlSpec
from storage.clock import check_clock
from storage.objects import ObjectStore, open_store
from storage.snapshots.refs import LATEST

if TYPE_CHECKING:
    from flows.processing.table import ProcessingContext

DEFAULT_STORE = "./irtysh-store"
STORE_VARIABLE = "IRTYSH_STORE"
TOPIC_VARIABLE = "IRTYSH_TOPIC"
OUTLETS_VARIABLE = "IRTYSH_OUTLETS"
PREFECT_FORM_CONFIG = {
    "use_attribute_docstrings": True,
    "extra": "forbid",
}  # Prefect's form for a run: described, and checked
DEFAULT_TOPIC = "kazakhstan-russia"
STORE_GROUP = Group("Store and output", sort_key=9)
CRAWL_GROUP = Group("Crawling", sort_key=2)
PROCESS_GROUP = Group("Processing", sort_key=3)
PREFECT_GROUP = Group("Prefect", sort_key=4)
MONITORING_GROUP = Group("Monitoring", sort_key=5)
METRICS_VARIABLE = "IRTYSH_METRICS_FILE"
TRACES_VARIABLE = "IRTYSH_TRACES"
LANGUAGE = re.compile(r"[a-z]{2,3}")  # ISO 639, and `und`
MIN_TIMEOUT_SECONDS = 0.1  # no host on another machine answers faster


def is_empty(store: ObjectStore) -> bool:
    """Whether nothing is stored: the store was never used, or its name is mistyped."""
    return next(iter(store.list("")), None) is None


def now() -> datetime:
    """Return the current time in UTC: the clock that commands pass to the stages."""
    return datetime.now(UTC)


def randomness() -> random.Random:
    """Return the random generator that commands pass to the stages."""
    return random.Random(random.SystemRandom().getrandbits(64))  # noqa: S311  jitter and run names, not secrets


def resolved_store(store: str) -> str:
    """Return `store`, or if it is empty the value of IRTYSH_STORE, or the default."""
    return store or os.environ.get(STORE_VARIABLE) or DEFAULT_STORE


@Parameter(name="*", group=STORE_GROUP)
@dataclass(frozen=True, slots=True)
class CommonOptions:
    """Options of every command."""

    store: Annotated[str, Parameter(env_var=STORE_VARIABLE)] = DEFAULT_STORE
    """The store: a path, or s3://bucket/prefix; boto3's own variables give the keys and the endpoint."""
    json: Annotated[bool, Parameter(negative="")] = False
    """Print JSON Lines for programs instead of tables."""
    quiet: Annotated[bool, Parameter(name=("--quiet", "-q"), negative="")] = False
    """Print no notes and no progress: only results, failures and errors."""
    verbose: Annotated[bool, Parameter(name=("--verbose", "-v"), negative="")] = False
    """Print each step of the progress as a line with its time, also where there are no progress bars."""
    log_format: Annotated[Literal["text", "json"], Parameter(env_var=LOG_FORMAT_VARIABLE)] = "text"
    """Form of notes, progress and errors on standard error: text, or `json` for log collectors, one object a line."""

    def open(self) -> ObjectStore:
        """Open the store. UsageError if it cannot be opened."""
        return open_store(self.store)

    def open_existing(self) -> ObjectStore:
        """Open a store that holds something already. UsageError if it cannot be opened, or is empty: a mistyped name."""
        store = open_store(self.store)
        if is_empty(store):
            raise InputError(
                f"there is no store at {store.url}: no snapshot yet, and nothing else. Check --store and {STORE_VARIABLE}; `irtysh crawl`, "
                "`ingest` and `import` make a store"
            )
        return store

    def console(self) -> Console:
        """Return a console that prints tables, or JSON Lines with --json."""
        log = JsonLog() if self.log_format == "json" else None
        return Console(as_json=self.json, quiet=self.quiet, verbose=self.verbose, log=log)


@Parameter(name="*", group=CRAWL_GROUP)
@dataclass(frozen=True, slots=True)
class CrawlOptions:
    """Options of fetching: topic, politeness, limits, addresses."""

    __pydantic_config__ = PREFECT_FORM_CONFIG

    topic: Annotated[str, Parameter(env_var=TOPIC_VARIABLE)] = DEFAULT_TOPIC
    """Topic of the articles to keep: a built-in topic (`irtysh topic list`), a YAML file, or `any`."""
    delay: float | None = None
    """Seconds between two requests to one host. Default: the delay in the outlet's file, else 1."""
    concurrency: int = 1
    """Maximum number of simultaneous requests to one host."""
    hosts_per_address: int = 1
    """How many hosts may be asked at the same time on one IP address. Default 1: all host names on one address share one
    delay. Raise it only if unrelated sites share the addresses of a content delivery network."""
    contact: Annotated[str, Parameter(env_var="IRTYSH_CONTACT")] = ""
    """Mail address or web page for the user agent, so that an outlet can reach you."""
    max_pages: int = 0
    """Maximum number of pages to fetch. 0: no limit; for `ingest`, the budget in the outlet's file."""
    timeout: float = 20.0
    """Maximum seconds for one exchange, from the request to the end of the response."""
    respect_optout: Literal["record", "skip"] = "record"
    """What to do with pages whose publishers opt out of a use (TDMRep, Content-Usage, Content-Signal, noai …).
    `record`: keep the page and record the opt-out. `skip`: do not keep the page; it becomes a rejection."""
    purpose: Use = Use.TRAINING
    """With `--respect-optout skip`: the use that you plan. Pages that opt out of it are skipped: most pages with
    `training`, fewest with `archive`."""
    allow_private_hosts: Annotated[bool, Parameter(negative="")] = False
    """Allow requests to private and loopback addresses: for intranets and tests."""
    resolve: Annotated[tuple[str, ...], Parameter(negative="", show_default=False)] = ()
    """HOST=ADDRESS: connect to ADDRESS for HOST, like curl's --resolve. Can be repeated."""
    outlets: Annotated[str, Parameter(env_var=OUTLETS_VARIABLE)] = ""
    """File or folder with outlets of your own, in addition to the built-in ones."""
    segment_seconds: float = 60.0
    """Upload what was fetched after this many seconds at the latest. A crash loses no more than that."""

    def __post_init__(self) -> None:
        """Check the ranges. InputError names the option that is out of range."""
        _at_least("--delay", self.delay, 0)
        _at_least("--concurrency", self.concurrency, 1)
        _at_least("--hosts-per-address", self.hosts_per_address, 1)
        _at_least("--max-pages", self.max_pages, 0)
        _at_least("--timeout", self.timeout, MIN_TIMEOUT_SECONDS)
        _at_least("--segment-seconds", self.segment_seconds, 0)

    def spec(self, store: str, topic: str) -> CrawlSpec:
        """Return the specification of a crawl, without its URLs. `flows.processing.topics.specify` returns `topic`."""
        return CrawlSpec(
            run="",
            store=store,
            topic=topic,
            delay=self.delay,
            concurrency=self.concurrency,
            hosts_per_address=self.hosts_per_address,
            reserved_use=self.purpose.value if self.respect_optout == "skip" else "",
            contact=self.contact,
            max_pages=self.max_pages,
            timeout=self.timeout,
            allow_private_hosts=self.allow_private_hosts,
            resolve=_addresses(self.resolve),
            outlets=self.outlets,
            segment_seconds=self.segment_seconds,
        )


@Parameter(name="*", group=PROCESS_GROUP)
@dataclass(frozen=True, slots=True)
class ProcessOptions:
    """Options of processing."""

    __pydantic_config__ = PREFECT_FORM_CONFIG

    workers: int | None = None
    """Number of worker processes that extract pages. Default: one per processor."""
    engine: Literal["local", "dask"] = "local"
    """Where pages are extracted: on this machine, or on the workers of a Dask cluster, which read the store themselves."""
    scheduler: str = ""
    """With `--engine dask`: address of the scheduler, such as tcp://10.0.0.5:8786."""

    def __post_init__(self) -> None:
        """Check the number of workers, and that a Dask engine has a scheduler. InputError names the option."""
        _at_least("--workers", self.workers, 1)
        if self.engine == "dask" and not self.scheduler:
            raise InputError(
                "--engine dask needs --scheduler: the address that `dask scheduler` prints, such as tcp://…:8786"
            )
        if self.scheduler and self.engine != "dask":
            raise InputError(f"--scheduler {self.scheduler} is for --engine dask")


@Parameter(name="*", group=PROCESS_GROUP)
@dataclass(frozen=True, slots=True)
class OutletOptions:
    """Outlets whose selectors extraction uses."""

    outlets: Annotated[str, Parameter(env_var=OUTLETS_VARIABLE)] = ""
    """File or folder with outlets of your own, in addition to the built-in ones. Their selectors are used."""


@Parameter(name="*", group=PREFECT_GROUP)
@dataclass(frozen=True, slots=True)
class RunOptions:
    """Choice between a direct run and a Prefect flow run."""

    no_prefect: Annotated[bool, Parameter(negative="", env_var="IRTYSH_NO_PREFECT")] = False
    """Run directly even if a Prefect API is configured (PREFECT_API_URL or Prefect's active profile)."""


@Parameter(name="*", group=MONITORING_GROUP)
@dataclass(frozen=True, slots=True)
class MonitoringOptions:
    """What a run tells monitoring systems."""

    metrics_file: Annotated[str, Parameter(env_var=METRICS_VARIABLE)] = ""
    """At the end, write the store's metrics to this file, for the textfile collector of node_exporter."""
    traces: Annotated[str, Parameter(env_var=TRACES_VARIABLE)] = ""
    """URL of an OpenTelemetry collector (OTLP over HTTP) that gets the traces, such as http://127.0.0.1:4318."""


def processing_context(
    store: ObjectStore, listener: Listener, processing: ProcessOptions, run: str = "", *, outlets: str
) -> "ProcessingContext":
    """Return the context of a processing run: store, clock, options. `outlets` names outlets of the user's, or is empty."""
    from flows.processing.table import ProcessingContext  # noqa: PLC0415  loads all of extraction, which most commands do not need

    started = now()
    check_clock(store, started)
    return ProcessingContext(
        store=store,
        run=run or f"{started:%Y%m%dT%H%M%SZ}",
        clock=now,
        rng=randomness(),
        listener=listener,
        workers=processing.workers,
        scheduler=processing.scheduler,
        outlets=outlets,
    )


def _at_least(option: str, value: float | None, least: float) -> None:
    if value is not None and not least <= value < math.inf:  # NaN fails both comparisons
        raise InputError(f"{option} {value:g}: the value must be at least {least:g}")


def _addresses(pairs: tuple[str, ...]) -> Mapping[str, str]:
    found = {}
    for pair in pairs:
        host, equals, address = pair.partition("=")
        if not (host and equals and address):
            raise InputError(f"--resolve takes HOST=ADDRESS, for example example.org=127.0.0.1, not {pair!r}")
        try:
            ipaddress.ip_address(address.strip("[]"))
        except ValueError as error:
            raise InputError(f"--resolve {pair}: {address!r} is not an IP address") from error
        found[host.lower()] = address
    return found


def ref_and_destination(
    words: tuple[str, ...], command: str, kind: str, names_snapshot: Callable[[str], bool]
) -> tuple[str, str]:
    """Return the snapshot and the destination that `[REF] DEST` names; without REF the latest snapshot.

    `names_snapshot` says whether a word names a snapshot of the store. Raises UsageError for a word that could be both.
    """
    match words:
        case (word,) if names_snapshot(word):
            raise UsageError(
                f"{word!r} names a snapshot, and the {kind} to write is missing: say `irtysh {command} {word} DEST`; for a "
                f"{kind} of that name, say `irtysh {command} {LATEST} ./{word}`"
            )
        case (dest,):
            return LATEST, dest
        case (ref, dest) if names_snapshot(dest) and not names_snapshot(ref):
            raise UsageError(
                f"{ref!r} names no snapshot, but {dest!r} does: say `irtysh {command} {dest} {ref}`; for a {kind} called "
                f"{dest}, name a snapshot first: `irtysh {command} {LATEST} ./{dest}`"
            )
        case (ref, dest):
            return ref, dest
        case _:
            raise UsageError(f"{command} takes [REF] DEST: the snapshot (default: latest) and the {kind} to write")


def languages(codes: tuple[str, ...]) -> frozenset[str]:
    """Return the languages that were asked for. UsageError for what is no code of a language."""
    found = frozenset(code.lower() for code in codes)
    for code in found:
        if not LANGUAGE.fullmatch(code):
            raise UsageError(f"--lang {code}: give one code of ISO 639-1, such as kk; repeat --lang for several")
    return found
