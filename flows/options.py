"""Options that several commands share, and what they mean."""

import random
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from cyclopts import Parameter

from flows.console import Console
from storage.objects import ObjectStore, open_store

DEFAULT_STORE = "./irtysh-store"
DEFAULT_TOPIC = "kazakhstan-russia"

Clock = Callable[[], datetime]


def now() -> datetime:
    """Return the time of the day, UTC: the one clock that the command line hands to the stages."""
    return datetime.now(UTC)


def randomness() -> random.Random:
    """Return the source of randomness that the command line hands to the stages."""
    return random.Random(secrets.randbits(64))  # noqa: S311  jitter and run names, not secrets


@Parameter(name="*")
@dataclass(frozen=True, slots=True)
class Common:
    """What every command takes."""

    store: Annotated[str, Parameter(env_var="IRTYSH_STORE")] = DEFAULT_STORE
    "Where the corpus is kept: a path, or s3://bucket/prefix with boto3's own variables."
    json: Annotated[bool, Parameter(negative="")] = False
    "Print JSON lines for programs instead of tables."

    def open(self) -> ObjectStore:
        """Return the store. UsageError says what is wrong with it."""
        return open_store(self.store)

    def console(self) -> Console:
        """Return where to print."""
        return Console(as_json=self.json)


@Parameter(name="*")
@dataclass(frozen=True, slots=True)
class Crawling:
    """How a crawl behaves towards the hosts it asks."""

    topic: str = DEFAULT_TOPIC
    "What is kept: the name of a built-in topic, a YAML file, or `any`."
    delay: float | None = None
    "Seconds between two requests to one host (default: 1, or what the outlet or its robots.txt asks for)."
    concurrency: int | None = None
    "Requests at a time to one host (default: 1)."
    contact: Annotated[str, Parameter(env_var="IRTYSH_CONTACT")] = ""
    "A mail address or web page in the user agent, at which an outlet can reach you."
    max_pages: int | None = None
    "Stop after this many pages."
    allow_private_hosts: Annotated[bool, Parameter(negative="")] = False
    "Ask hosts with loopback and private addresses too: for intranets and tests."
    resolve: Annotated[tuple[str, ...], Parameter(negative="")] = ()
    "HOST=ADDRESS: connect to this address for that host, as curl's --resolve does. May be repeated."
    fresh: Annotated[bool, Parameter(negative="")] = False
    "Fetch everything, even what an interrupted run of the same command has fetched already."
    workers: int | None = None
    "Processes that read pages (default: one for each processor)."
