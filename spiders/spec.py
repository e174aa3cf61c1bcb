"""What a crawl is asked for and what it tells, as both ends of the pipe know it. Imports nothing heavy.

The parent writes one `CrawlSpec` as a JSON line to the child's standard input and keeps it open; the child writes one
`Event` a JSON line to its standard output.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import timedelta
from pathlib import Path
from typing import Any

from articles.errors import InputError

DELAY = 1.0  # seconds between two requests to a host; docs/measurements.md §8: .6 to 4 s are taken without complaint
PAGE_BYTES = 16 << 20  # of a body as received; no more than `storage.captures.segments` reads back
ROBOTS_BYTES = 512 << 10  # of a robots.txt, packed or unpacked; RFC 9309 §2.5 asks for at least 500 KiB
TIMEOUT = 20.0  # seconds for one exchange; docs/measurements.md §2: below 25, so that a stop is never waited for longer
BACKOFF = 1.0  # seconds before the first repeat of a failed request; doubled for each further one
RETRIES = 2
REDIRECTS = 10  # browsers give up at 20; longer chains than a few lead to logins and traps
HASHED = ("urls", "list_path", "list_name", "outlet", "topic", "since", "until", "from_archive", "max_pages")


@dataclass(frozen=True, slots=True)
class CrawlSpec:
    """All that a child needs to know. Either `urls`, `list_path` or `outlet` says what to fetch."""

    run: str
    store: str  # as `storage.objects.open_store` takes it
    spool: str = ""  # a local directory for open segments; the runner makes one if this is empty
    urls: tuple[str, ...] = ()  # lines of a list, with all that may be wrong with them
    list_path: str = ""  # a file of such lines
    list_name: str = ""  # how to call it in messages, when `list_path` is but a copy of it
    outlet: str = ""
    outlets: str = ""  # a directory or file of outlets beside our own
    topic: str = "any"
    since: str = ""  # ISO date or time; what a source dates before it is not asked for
    until: str = ""  # ISO date or time; what a source dates after it is not asked for; a date counts whole
    from_archive: str = ""  # "wayback", "commoncrawl" or a CDX server: ask it instead of the outlet itself
    walked: str = ""  # ISO time of a run that found all there was: what has not changed since need not be read again
    resuming: bool = False  # `skip_path` names pages of an unfinished run of the same request
    skip_path: str = ""  # a file of canonical URLs, one a line, that are not asked for
    revisit: str = "due"  # which known articles are asked for again, see `flows.outlets.revisit.Revisit`
    again_path: str = ""  # pages to ask for again, a JSON object a line: url, etag, last_modified
    max_pages: int = 0  # 0: no limit
    delay: float | None = None  # seconds; None: the outlet's, or `DELAY`
    concurrency: int = 1  # connections to one host
    allow_private_hosts: bool = False
    resolve: Mapping[str, str] = field(default_factory=dict)  # host name -> address
    contact: str = ""  # a URL or mail address that the user agent names; IRTYSH_CONTACT if empty
    max_bytes: int = PAGE_BYTES
    timeout: float = TIMEOUT
    retries: int = RETRIES
    backoff: float = BACKOFF
    segment_bytes: int = 0  # 0: the store's own limits
    segment_records: int = 0
    segment_seconds: float = 0

    def to_json(self) -> str:
        """Return one line of JSON."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, line: str | bytes) -> "CrawlSpec":
        """Read what `to_json` wrote. InputError names what does not fit."""
        try:
            told = json.loads(line)
            known = {one.name for one in fields(cls)}
            if unknown := set(told) - known:
                raise InputError(f"a crawl has no {', '.join(sorted(unknown))}")
            return cls(**{**told, "urls": tuple(told.get("urls", ()))})
        except (ValueError, TypeError) as error:
            raise InputError(f"not a crawl's specification: {error}") from error

    @property
    def segment_age(self) -> timedelta | None:
        """How old an open segment may grow, where that was asked for."""
        return timedelta(seconds=self.segment_seconds) if self.segment_seconds else None


def request_sha256(spec: CrawlSpec) -> str:
    """Return the hash of what a crawl was asked for: its URLs by content, not how politely or where to.

    InputError if its list cannot be read.
    """
    asked: dict[str, Any] = {name: getattr(spec, name) for name in HASHED}
    if spec.list_path:
        digest = hashlib.sha256()
        try:
            with Path(spec.list_path).open("rb") as file:
                while block := file.read(1 << 20):
                    digest.update(block)
        except OSError as error:
            raise InputError(f"cannot read {spec.list_name or spec.list_path}: {error.strerror}") from error
        asked |= {"list_path": digest.hexdigest(), "list_name": ""}
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Event:
    """Something that a crawl tells while it goes. `kind` says what, and which of the others are meant.

    started   detail: the user agent
    fetched   text (the URL as it was given), url (the one that answered), status, size, detail (why it is cut short)
    failed    text, url (the one that failed), reason (a `Reason`), detail
    repeated  text, number (of the line), url: the list named it before, or a redirect led to what was fetched
    bad_line  text, number, detail
    left      number, text, url (of the first): lines not asked for, since the crawl has had its pages
    skipped   text, url: was in the file of URLs to skip
    segment   key, records, size: now in the store
    source    url, status, number (of articles to be fetched), detail: a document of a source was read
    log       detail, reason (the level)
    stats     counts
    finished  reason ("finished" or "stopped"), detail (what stopped it), counts
    error     detail: the crawl cannot go on
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
        """Return one line of JSON, without what is empty."""
        told = {name: value for name in EVENT_FIELDS if (value := getattr(self, name))}
        return json.dumps(told, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, line: str | bytes) -> "Event":
        """Read what `to_json` wrote. ValueError or TypeError if it is something else."""
        return cls(**json.loads(line))


EVENT_FIELDS = tuple(one.name for one in fields(Event))
