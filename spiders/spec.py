"""Specification and events of a crawl: the protocol between parent and child process. Imports nothing heavy.

The parent writes one `CrawlSpec` as a JSON line to the child's standard input and keeps it open. The child writes its
`Event`s to standard output, one JSON line each.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import timedelta
from pathlib import Path
from typing import Any

from articles.errors import InputError
from articles.harmless import without_passwords

DELAY_SECONDS = 1.0  # between two requests to a host; docs/measurements.md §8: sites accept .6 to 4 s
MAX_URL_CHARS = 8_192  # what common servers accept as a request line (8 KiB)
MAX_PAGE_BYTES = 16 << 20  # of a body as received; at most what `storage.captures.segments` reads back
MAX_ROBOTS_BYTES = 512 << 10  # compressed or not; RFC 9309 §2.5 requires at least 500 KiB
TIMEOUT_SECONDS = 20.0  # of one exchange; below 25, the time that a stop may take (docs/measurements.md §2)
BACKOFF_SECONDS = 1.0  # before the first retry; doubled for each further one
MAX_RETRIES = 2
MAX_REDIRECTS = 10  # browsers stop at 20; long chains lead to logins and traps
REQUEST_FIELDS = ("urls", "list_path", "list_name", "outlet", "topic", "since", "until", "from_archive", "max_pages")


@dataclass(frozen=True, slots=True)
class CrawlSpec:
    """The parameters of a crawl. One of `urls`, `list_path` and `outlet` says what to fetch."""

    run: str
    store: str  # as `storage.objects.open_store` takes it
    spool: str = ""  # a local directory for open segments; `run_crawl` creates one if this is empty
    urls: tuple[str, ...] = ()  # lines of a list of URLs, not validated
    list_path: str = ""  # a file of such lines
    list_name: str = ""  # the name of the list in messages, if `list_path` is a copy
    outlet: str = ""
    outlets: str = ""  # a directory or file of outlets in addition to our own
    topic: str = "any"
    since: str = ""  # ISO date or time; articles dated before it are not fetched
    until: str = ""  # ISO date or time; articles dated after it are not fetched; a date includes the whole day
    from_archive: str = ""  # "wayback", "commoncrawl" or a CDX server, used instead of the outlet's own site
    walked: str = ""  # ISO time of the last run that read all sources: sitemaps unchanged since are not read again
    resuming: bool = False  # `skip_path` includes pages of an unfinished run of the same request
    skip_path: str = ""  # a file of canonical URLs that are not fetched, one per line
    revisit: str = "due"  # which known articles are fetched again, see `flows.outlets.revisit.Revisit`
    refused: Mapping[str, str] = field(
        default_factory=dict
    )  # SHA-256 of sources that earlier runs refused -> the details
    again_path: str = ""  # pages to fetch again, JSON Lines: url, etag, last_modified
    taken_down: tuple[str, ...] = ()  # ids of articles that a takedown removed: they are not fetched again
    max_pages: int = 0  # 0: no limit
    delay: float | None = None  # seconds; None: the outlet's, or `DELAY_SECONDS`
    concurrency: int = 1  # connections to one host
    hosts_per_address: int = 1  # names of one address share the delay and connections of so many hosts
    allow_private_hosts: bool = False
    resolve: Mapping[str, str] = field(default_factory=dict)  # host name -> address
    reserved_use: str = ""  # pages whose publishers reserve this use (`Use`) are not kept; empty: that is only recorded
    traces: str = ""  # URL of the OpenTelemetry collector that gets the crawl's spans; empty: none
    traceparent: str = ""  # where these spans belong in a trace, W3C Trace Context §3.2
    contact: str = ""  # a URL or mail address for the user agent; IRTYSH_CONTACT if empty
    max_bytes: int = MAX_PAGE_BYTES
    timeout: float = TIMEOUT_SECONDS
    retries: int = MAX_RETRIES
    backoff: float = BACKOFF_SECONDS
    segment_bytes: int = 0  # 0: the store's own limits
    segment_records: int = 0
    segment_seconds: float = 0

    def to_json(self) -> str:
        """Return the specification as one line of JSON."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, line: str | bytes) -> "CrawlSpec":
        """Parse a line written by `to_json`. InputError if it has unknown fields or is not valid JSON."""
        try:
            values = json.loads(line)
            known = {attribute.name for attribute in fields(cls)}
            if unknown := set(values) - known:
                raise InputError(f"unknown fields in the crawl's specification: {', '.join(sorted(unknown))}")
            return cls(
                **{**values, "urls": tuple(values.get("urls", ())), "taken_down": tuple(values.get("taken_down", ()))}
            )
        except (ValueError, TypeError) as error:
            raise InputError(f"the crawl's specification cannot be read: {error}") from error

    @property
    def segment_age(self) -> timedelta | None:
        """Maximum age of an open segment, if one is set."""
        return timedelta(seconds=self.segment_seconds) if self.segment_seconds else None


def request_sha256(spec: CrawlSpec) -> str:
    """Return the hash of a crawl's request: which URLs, by content; not delays, limits or the store.

    InputError if its list cannot be read.
    """
    request: dict[str, Any] = {name: getattr(spec, name) for name in REQUEST_FIELDS}
    if spec.list_path:
        digest = hashlib.sha256()
        try:
            with Path(spec.list_path).open("rb") as file:
                while block := file.read(1 << 20):
                    digest.update(block)
        except OSError as error:
            raise InputError(f"cannot read {spec.list_name or spec.list_path}: {error.strerror}") from error
        request |= {"list_path": digest.hexdigest(), "list_name": ""}
    return hashlib.sha256(json.dumps(request, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Event:
    """A message of a running crawl. `kind` says what happened, and which other fields are set.

    started   detail: the user agent
    fetched   text (the URL as given), url (after redirects), status, size, detail (why the body is truncated)
    failed    text, url (the one that failed), reason (a `Reason`), detail, number: 1 for a source
    repeated  text, number (of the line), url: a URL listed before, or a redirect to one that is fetched anyway
    bad_line  text, number, detail
    left      number, text, url (of the first): lines not fetched, since the page budget is used up
    skipped   text, url: in the file of URLs to skip
    segment   key, records, size: a segment was stored
    source    url, status, number (of articles to fetch), detail: a response of a source was read
    refused   key (SHA-256), detail: parsing a source had to be stopped; the next runs do not parse the same bytes
    log       detail, reason (the level)
    stats     counts; sent every second, so that a child that sends nothing can be told from one that waits
    finished  reason ("finished" or "stopped"), detail (what stopped it), counts
    error     detail: the crawl failed
    """

    kind: str
    text: str = ""
    url: str = ""
    status: int = 0
    size: int = 0  # bytes
    number: int = 0
    records: int = 0
    reason: str = ""
    detail: str = ""
    key: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)

    def to_json(self) -> str:
        """Return the event as one line of JSON, without empty fields."""
        values = {name: value for name in EVENT_FIELDS if (value := getattr(self, name))}
        values |= {name: without_passwords(values[name]) for name in ("text", "url", "detail") if name in values}
        return json.dumps(values, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, line: str | bytes) -> "Event":
        """Parse a line written by `to_json`. ValueError or TypeError if it is something else."""
        return cls(**json.loads(line))


EVENT_FIELDS = tuple(attribute.name for attribute in fields(Event))
