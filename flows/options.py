"""Options that several commands share, and what they mean."""

import ipaddress
import math
import os
import random
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from cyclopts import Parameter

from articles.errors import InputError
from flows.display.console import Console
from flows.listener import Listener
from flows.process import ProcessingContext
from spiders.spec import CrawlSpec
from storage.objects import ObjectStore, open_store

DEFAULT_STORE = "./irtysh-store"
STORE = "IRTYSH_STORE"
OUTLETS = "IRTYSH_OUTLETS"
FORM = {"use_attribute_docstrings": True, "extra": "forbid"}  # how Prefect makes a form of options and reads it
DEFAULT_TOPIC = "kazakhstan-russia"
LEAST_TIMEOUT = 0.1  # seconds: below it no host on another machine could answer


def now() -> datetime:
    """Return the time of the day, UTC: the one clock that commands hand to the stages."""
    return datetime.now(UTC)


def randomness() -> random.Random:
    """Return the source of randomness that commands hand to the stages."""
    return random.Random(secrets.randbits(64))  # noqa: S311  jitter and run names, not secrets


def resolved_store(store: str) -> str:
    """Return the store that is meant: the one named, or that of IRTYSH_STORE, or the default."""
    return store or os.environ.get(STORE) or DEFAULT_STORE


@Parameter(name="*")
@dataclass(frozen=True, slots=True)
class CommonOptions:
    """What every command takes."""

    store: Annotated[str, Parameter(env_var=STORE)] = DEFAULT_STORE
    """Where the corpus is kept: a path, or s3://bucket/prefix with boto3's own variables."""
    json: Annotated[bool, Parameter(negative="")] = False
    """Print JSON lines for programs instead of tables."""

    def open(self) -> ObjectStore:
        """Return the store. UsageError says what is wrong with it."""
        return open_store(self.store)

    def console(self) -> Console:
        """Return where to print."""
        return Console(as_json=self.json)


@Parameter(name="*")
@dataclass(frozen=True, slots=True)
class CrawlOptions:
    """How a crawl behaves towards the hosts it asks."""

    __pydantic_config__ = FORM

    topic: str = DEFAULT_TOPIC
    """What is kept: the name of a built-in topic, a YAML file, or `any`."""
    delay: float | None = None
    """Seconds between two requests to one host; by default what the outlet's file says, else 1."""
    concurrency: int = 1
    """Requests at a time to one host."""
    contact: Annotated[str, Parameter(env_var="IRTYSH_CONTACT")] = ""
    """A mail address or web page in the user agent, at which an outlet can reach you."""
    max_pages: int = 0
    """Stop after this many pages; 0 is no limit."""
    timeout: float = 20.0
    """Seconds that one exchange may take."""
    allow_private_hosts: Annotated[bool, Parameter(negative="")] = False
    """Ask hosts with loopback and private addresses too: for intranets and tests."""
    resolve: Annotated[tuple[str, ...], Parameter(negative="")] = ()
    """HOST=ADDRESS: connect to this address for that host, as curl's --resolve does. May be given several times."""
    outlets: Annotated[str, Parameter(env_var=OUTLETS)] = ""
    """A file or folder of outlets beside the built-in ones."""
    segment_seconds: float = 60.0
    """Seconds after which what was fetched is stored at the latest: what a crash may cost."""

    def __post_init__(self) -> None:
        """Refuse what no crawl can be done with: InputError names the option."""
        _at_least("--delay", self.delay, 0)
        _at_least("--concurrency", self.concurrency, 1)
        _at_least("--max-pages", self.max_pages, 0)
        _at_least("--timeout", self.timeout, LEAST_TIMEOUT)
        _at_least("--segment-seconds", self.segment_seconds, 0)

    def spec(self, store: str, topic: str) -> CrawlSpec:
        """Return what a crawl must know apart from what to fetch. `topic` is as `flows.processing.topics.specify` returns it."""
        return CrawlSpec(
            run="",
            store=store,
            topic=topic,
            delay=self.delay,
            concurrency=self.concurrency,
            contact=self.contact,
            max_pages=self.max_pages,
            timeout=self.timeout,
            allow_private_hosts=self.allow_private_hosts,
            resolve=_addresses(self.resolve),
            outlets=self.outlets,
            segment_seconds=self.segment_seconds,
        )


@Parameter(name="*")
@dataclass(frozen=True, slots=True)
class ProcessOptions:
    """How pages are read."""

    __pydantic_config__ = FORM

    workers: int | None = None
    """Processes that read pages; by default one for each processor."""

    def __post_init__(self) -> None:
        """Refuse less than one process: InputError."""
        _at_least("--workers", self.workers, 1)


@Parameter(name="*")
@dataclass(frozen=True, slots=True)
class OutletOptions:
    """What is known of the sites that captures come from."""

    outlets: Annotated[str, Parameter(env_var=OUTLETS)] = ""
    """A file or folder of outlets beside the built-in ones: their selectors say what stands where on a page."""


@Parameter(name="*")
@dataclass(frozen=True, slots=True)
class RunOptions:
    """Where a command runs."""

    no_prefect: Annotated[bool, Parameter(negative="", env_var="IRTYSH_NO_PREFECT")] = False
    """Run directly, even where a Prefect API is configured (PREFECT_API_URL, or Prefect's active profile)."""


def means(
    store: ObjectStore, listener: Listener, processing: ProcessOptions, run: str = "", *, outlets: str
) -> ProcessingContext:
    """Return what processing needs besides captures. `outlets` is a file or folder of outlets beside our own, or empty."""
    started = now()
    return ProcessingContext(
        store=store,
        run=run or f"{started:%Y%m%dT%H%M%SZ}",
        clock=now,
        rng=randomness(),
        listener=listener,
        workers=processing.workers,
        outlets=outlets,
    )


def _at_least(option: str, value: float | None, least: float) -> None:
    if value is not None and not least <= value < math.inf:  # not a number is neither
        raise InputError(f"{option} {value:g}: at least {least:g} is needed")


def _addresses(pairs: tuple[str, ...]) -> Mapping[str, str]:
    found = {}
    for pair in pairs:
        host, equals, address = pair.partition("=")
        if not (host and equals and address):
            raise InputError(f"--resolve takes HOST=ADDRESS, not {pair!r}")
        try:
            ipaddress.ip_address(address.strip("[]"))
        except ValueError as error:
            raise InputError(f"--resolve {pair}: {address!r} is no IP address") from error
        found[host.lower()] = address
    return found
