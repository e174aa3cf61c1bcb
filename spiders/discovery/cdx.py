"""CDX queries to web archives, and their answers. Pure functions.

There are two dialects. The Wayback Machine's server answers `output=json` with an array of arrays, the first of which
holds the field names. pywb and Common Crawl's index answer with one JSON object per line. All accept `url`, `matchType`,
`from`, `to`, `limit` and `filter=statuscode:200`; pywb also accepts the Wayback Machine's field names.
"""

import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode, urljoin

from articles.errors import SourceError
from spiders.discovery import source_form
from spiders.spec import MAX_PAGE_BYTES, MAX_URL_CHARS

MAX_CAPTURES_PER_ANSWER = 20_000  # some 4 MB; a period with more is split into shorter ones
MAX_LINE_BYTES = 16_384  # of one capture
MAX_INDEX_PAGES = 10_000  # of one query; Common Crawl's index has some hundred for a large site
MAX_INDICES = 1_000  # of an archive; Common Crawl has 120 in 2026
MAX_ARCHIVE_BYTES = 1 << 50  # of a WARC file, and so of an offset in it: a petabyte
TIMESTAMP_FORMAT = "%Y%m%d%H%M%S"
TIMESTAMP = re.compile(r"\d{14}")
SECOND = timedelta(seconds=1)
MIN_PERIOD = timedelta(hours=1)  # shorter periods are not split: no outlet publishes 20,000 pages in an hour
PYWB_FIELD_NAMES = {
    "original": "url",
    "statuscode": "status",
    "mimetype": "mime",
}  # the Wayback Machine's name -> pywb's name


@dataclass(frozen=True, slots=True)
class CdxRow:
    """One capture in the index of a web archive."""

    url: str
    timestamp: str  # yyyymmddhhmmss, UTC
    status: str
    mime: str
    digest: str
    filename: str = ""  # the WARC file that holds the record, if the archive names it
    offset: int = 0  # bytes
    length: int = 0  # bytes

    @property
    def captured(self) -> datetime:
        """Time of the capture, UTC."""
        return datetime.strptime(self.timestamp, TIMESTAMP_FORMAT).replace(tzinfo=UTC)

    @property
    def page(self) -> bool:
        """Whether it is an HTML page with status 200."""
        return self.status == "200" and self.mime.partition(";")[0].strip() in {"text/html", "application/xhtml+xml"}


@dataclass(frozen=True, slots=True)
class CdxPeriod:
    """The period of a query, both ends included."""

    first: datetime
    last: datetime

    def halves(self) -> tuple["CdxPeriod", ...]:
        """Return the earlier and the later half; an empty tuple if the period is too short to split."""
        if self.last - self.first <= MIN_PERIOD:
            return ()
        middle = (self.first + (self.last - self.first) / 2).replace(microsecond=0)
        return CdxPeriod(self.first, middle), CdxPeriod(middle + SECOND, self.last)


def query(server: str, prefix: str, period: CdxPeriod, **more: str) -> str:
    """Return the URL of a query for pages whose URL begins with `prefix`; a `prefix` without a slash is a domain."""
    parameters = {
        "url": prefix,
        "matchType": "prefix" if "/" in prefix else "domain",
        "from": period.first.strftime(TIMESTAMP_FORMAT),
        "to": period.last.strftime(TIMESTAMP_FORMAT),
        "output": "json",
        "filter": "statuscode:200",
        **more,
    }
    return f"{server}{'&' if '?' in server else '?'}{urlencode(parameters)}"


def read_answer(body: bytes) -> Iterator[CdxRow]:
    """Yield the captures of an answer in either dialect; skip what is not a capture. `SourceError` if it costs too much."""
    if body.lstrip()[:1] == b"[":
        yield from _of_array(body)
        return
    for line in io.BytesIO(body):
        if line.startswith(b"{") and len(line) <= MAX_LINE_BYTES:
            row = _row(_line(line))
            if row is not None:
                yield row


def page_count(body: bytes) -> int:
    """Return the number of pages in an answer to `showNumPages`; 0 if it is not such an answer.

    `SourceError` if there are more than `MAX_INDEX_PAGES`.
    """
    answer = source_form.load_json(body)
    pages = answer.get("pages") if isinstance(answer, dict) else answer
    if not isinstance(pages, int) or isinstance(pages, bool) or pages < 0:
        return 0
    if pages > MAX_INDEX_PAGES:
        raise SourceError(f"the index names {pages:.4g} pages; at most {MAX_INDEX_PAGES} are read")
    return pages


def indices_for(body: bytes, period: CdxPeriod) -> list[str]:
    """Return the URLs of Common Crawl's indices for a period, earliest first, from its `collinfo.json`.

    `SourceError` if there are more than `MAX_INDICES`.
    """
    answer = source_form.load_json(body)
    if isinstance(answer, list) and len(answer) > MAX_INDICES:
        raise SourceError(f"{len(answer)} indices; at most {MAX_INDICES} are read")
    found: list[tuple[str, str]] = []
    for index in answer if isinstance(answer, list) else ():
        if not isinstance(index, dict) or not isinstance(index.get("cdx-api"), str):
            continue
        first, last = (_day(index.get(name)) for name in ("from", "to"))
        if (first is None or first <= period.last) and (last is None or last >= period.first):
            found.append((str(index.get("id", "")), index["cdx-api"]))
    return [address for _, address in sorted(found)]


def replay_address(template: str, row: CdxRow) -> str:
    """Return the URL of a capture's original bytes."""
    return template.format(timestamp=row.timestamp, url=row.url)


def raw_template(server: str) -> str:
    """Return the URL template of captures for pywb's CDX server: `…/collection/cdx` -> `…/collection/…id_/…`."""
    return quote(urljoin(server, "."), safe=":/%[]@") + "{timestamp}id_/{url}"


def _of_array(body: bytes) -> Iterator[CdxRow]:
    rows = source_form.load_json(body)
    names: list[str] = []
    for row in rows if isinstance(rows, list) else ():
        if not isinstance(row, list) or not all(isinstance(cell, str) for cell in row):
            continue
        if not names:
            names = row
        elif len(row) == len(names) and (found := _row(dict(zip(names, row, strict=True)))) is not None:
            yield found


def _row(values: Any) -> CdxRow | None:
    if not isinstance(values, Mapping):
        return None
    fields = {PYWB_FIELD_NAMES.get(str(name), str(name)): str(value) for name, value in values.items()}
    url, stamp = fields.get("url", ""), fields.get("timestamp", "")
    if not url.startswith(("http://", "https://")) or len(url) > MAX_URL_CHARS or not TIMESTAMP.fullmatch(stamp):
        return None
    try:
        datetime.strptime(stamp, TIMESTAMP_FORMAT).replace(tzinfo=UTC)
        offset, length = (int(fields.get(name) or 0) for name in ("offset", "length"))
    except ValueError:
        return None
    if not 0 <= offset <= MAX_ARCHIVE_BYTES or not 0 <= length <= MAX_PAGE_BYTES:
        return None
    return CdxRow(
        url, stamp, fields.get("status", ""), fields.get("mime", ""), fields.get("digest", ""),
        fields.get("filename", ""), offset, length,
    )  # fmt: skip


def _line(line: bytes) -> Any:
    """Return the value of one line; None if it is no JSON."""
    try:
        return source_form.load_json(line)
    except SourceError:
        return None


def _day(value: Any) -> datetime | None:
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    if found is None:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def capture_key(canonical_url: str, timestamp: str) -> str:
    """Return the key of an archive's capture in the list of URLs that a crawl skips."""
    return f"{canonical_url}@{timestamp}"
