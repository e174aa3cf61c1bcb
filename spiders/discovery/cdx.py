"""Archives of the web, asked what they hold: CDX queries and their answers. Pure functions.

Two dialects are spoken: the Wayback Machine's server answers `output=json` with one array of arrays, the first of which
names the fields; pywb and Common Crawl's index answer with one JSON object a line. All take `url`, `matchType`, `from`,
`to`, `limit` and `filter=statuscode:200`; pywb knows the Wayback Machine's names of fields too.
"""

import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode, urljoin

from spiders.discovery.feeds import MAX_ADDRESS

LIMIT = 20_000  # captures of one answer, some 4 MB: a longer list is asked for in shorter periods
MAX_LINE = 16_384  # bytes of one capture
STAMP = "%Y%m%d%H%M%S"
STAMPED = re.compile(r"\d{14}")
SECOND = timedelta(seconds=1)
SHORTEST = timedelta(hours=1)  # a period that is not split any further: no outlet publishes so much in it
NAMES = {"original": "url", "statuscode": "status", "mimetype": "mime"}  # the Wayback Machine's, as pywb calls them


@dataclass(frozen=True, slots=True)
class CdxRow:
    """A capture that an archive holds."""

    url: str
    timestamp: str  # yyyymmddhhmmss, UTC
    status: str
    mime: str
    digest: str
    filename: str = ""  # where its record lies, if the archive says so
    offset: int = 0
    length: int = 0

    @property
    def captured(self) -> datetime:
        """When the archive captured it."""
        return datetime.strptime(self.timestamp, STAMP).replace(tzinfo=UTC)

    @property
    def page(self) -> bool:
        """Whether it may be a page that was answered well."""
        return self.status == "200" and self.mime.partition(";")[0].strip() in {"text/html", "application/xhtml+xml"}


@dataclass(frozen=True, slots=True)
class CdxPeriod:
    """What a query asks for, both ends included."""

    first: datetime
    last: datetime

    def halves(self) -> tuple["CdxPeriod", ...]:
        """Return the earlier and the later half; nothing where it is too short to be split."""
        if self.last - self.first <= SHORTEST:
            return ()
        middle = (self.first + (self.last - self.first) / 2).replace(microsecond=0)
        return CdxPeriod(self.first, middle), CdxPeriod(middle + SECOND, self.last)


def query(server: str, prefix: str, period: CdxPeriod, **more: str) -> str:
    """Return the address of a query for the pages whose address begins with `prefix`, or, without a slash, of a domain."""
    asked = {
        "url": prefix,
        "matchType": "prefix" if "/" in prefix else "domain",
        "from": period.first.strftime(STAMP),
        "to": period.last.strftime(STAMP),
        "output": "json",
        "filter": "statuscode:200",
        **more,
    }
    return f"{server}{'&' if '?' in server else '?'}{urlencode(asked)}"


def read_answer(body: bytes) -> Iterator[CdxRow]:
    """Yield the captures that an answer names, in either dialect; what is none is left out."""
    if body.lstrip()[:1] == b"[":
        yield from _of_array(body)
        return
    for line in io.BytesIO(body):
        if line.startswith(b"{") and len(line) <= MAX_LINE:
            held = _held(_json(line))
            if held is not None:
                yield held


def pages_of(body: bytes) -> int:
    """Return how many pages an answer to `showNumPages` names; 0 if it is none."""
    told = _json(body)
    pages = told.get("pages") if isinstance(told, dict) else told
    return pages if isinstance(pages, int) and not isinstance(pages, bool) and pages >= 0 else 0


def indices_of(body: bytes, period: CdxPeriod) -> list[str]:
    """Return Common Crawl's indices of a period, the earliest first, from its list of them (`collinfo.json`)."""
    told = _json(body)
    found: list[tuple[str, str]] = []
    for one in told if isinstance(told, list) else ():
        if not isinstance(one, dict) or not isinstance(one.get("cdx-api"), str):
            continue
        first, last = (_day(one.get(name)) for name in ("from", "to"))
        if (first is None or first <= period.last) and (last is None or last >= period.first):
            found.append((str(one.get("id", "")), one["cdx-api"]))
    return [address for _, address in sorted(found)]


def replay_address(template: str, held: CdxRow) -> str:
    """Return where an archive gives a capture's own bytes."""
    return template.format(timestamp=held.timestamp, url=held.url)


def raw_template(server: str) -> str:
    """Return where captures lie beside a CDX server that is pywb's: `…/collection/cdx` -> `…/collection/…id_/…`."""
    return quote(urljoin(server, "."), safe=":/%[]@") + "{timestamp}id_/{url}"


def _of_array(body: bytes) -> Iterator[CdxRow]:
    rows = _json(body)
    names: list[str] = []
    for row in rows if isinstance(rows, list) else ():
        if not isinstance(row, list) or not all(isinstance(cell, str) for cell in row):
            continue
        if not names:
            names = row
        elif len(row) == len(names) and (held := _held(dict(zip(names, row, strict=True)))) is not None:
            yield held


def _held(told: Any) -> CdxRow | None:
    if not isinstance(told, Mapping):
        return None
    fields = {NAMES.get(str(name), str(name)): str(value) for name, value in told.items()}
    url, stamp = fields.get("url", ""), fields.get("timestamp", "")
    if not url.startswith(("http://", "https://")) or len(url) > MAX_ADDRESS or not STAMPED.fullmatch(stamp):
        return None
    try:
        datetime.strptime(stamp, STAMP).replace(tzinfo=UTC)
        offset, length = (int(fields.get(name) or 0) for name in ("offset", "length"))
    except ValueError:
        return None
    return CdxRow(
        url, stamp, fields.get("status", ""), fields.get("mime", ""), fields.get("digest", ""),
        fields.get("filename", ""), offset, length,
    )  # fmt: skip


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _day(value: Any) -> datetime | None:
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
