"""A web archive over HTTP with the interfaces that we use: CDX in both dialects, raw replay, and ranges.

Its limits, its refusals and the nearest capture for a missing one follow the documentation of the Wayback Machine's CDX
server, of pywb and of Common Crawl's index. `test_pywb.py` tests with the real pywb.
"""

import gzip
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urlsplit

from storage.captures.warc import Exchange, WarcInfo, exchange_member, http_head
from tests.site.wire import Answer, Request

ABOUT = WarcInfo("archived", "any", "an archive of our own")
FIELDS = ("urlkey", "timestamp", "original", "mimetype", "statuscode", "digest", "length")


@dataclass(frozen=True)
class Kept:
    """A capture in the archive."""

    url: str
    timestamp: str
    body: bytes
    status: str = "200"
    mime: str = "text/html"

    @property
    def digest(self) -> str:
        return str(hash(self.body) % 10**9)

    def warc(self) -> bytes:
        head = http_head(f"HTTP/1.1 {self.status} OK".encode(), [(b"Content-Type", self.mime.encode())])
        moment = datetime.strptime(self.timestamp, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        return exchange_member(Exchange(self.url, moment, b"", head, self.body), ABOUT)


@dataclass
class WebArchive:
    """An archive in the interface of the local web. `wayback` is the dialect; captures in `broken` cannot be fetched."""

    kept: list[Kept]
    wayback: bool = True
    crowded: bool = False  # a query for more than a hundred days has too many captures for one answer
    page_size: int = 2  # lines of a page of Common Crawl's index
    broken: tuple[str, ...] = ()
    asked: list[Request] = field(default_factory=list)
    edition = 1

    def __post_init__(self) -> None:
        self.file, self.places = b"", {}
        for one in self.kept:
            member = one.warc()
            self.places[one] = (len(self.file), len(member))
            self.file += member

    def answer(self, request: Request) -> Answer:
        self.asked.append(request)
        if request.path == "/robots.txt":
            return Answer(200, [("Content-Type", "text/plain")], b"User-agent: *\nDisallow: /\n")
        if request.path == "/collinfo.json":
            base = f"http://{request.host}"
            years = [{"id": f"CC-{year}", "cdx-api": f"{base}/CC-{year}-index", "from": f"{year}-01-01T00:00:00",
                      "to": f"{year}-12-31T23:59:59"} for year in (2015, 2016, 2020)]  # fmt: skip
            return Answer(200, [], json.dumps(years).encode())
        if request.path.endswith("/cdx") or request.path.endswith("-index"):
            return self._cdx(request)
        if request.path.startswith("/data/"):
            return self._range(request)
        return self._replay(request)

    def _matching(self, request: Request) -> list[Kept]:
        asked = request.query
        host_and_path = asked["url"].removesuffix("*").rstrip("/") if asked["matchType"] == "domain" else asked["url"]
        found = []
        for one in sorted(self.kept, key=lambda one: (one.url, one.timestamp)):
            parts = urlsplit(one.url)
            inside = (
                (parts.hostname or "").endswith(host_and_path)
                if asked["matchType"] == "domain"
                else f"{parts.netloc}{parts.path}".startswith(host_and_path)
            )
            field_name, _, value = asked.get("filter", "").partition(":")
            assert field_name in {"", "statuscode"}
            year = request.path.removeprefix("/CC-")[:4]
            in_year = not request.path.endswith("-index") or one.timestamp.startswith(year)
            if inside and in_year and value in one.status and asked["from"] <= one.timestamp <= asked["to"]:
                found.append(one)
        if self.crowded and int(asked["to"][:8]) - int(asked["from"][:8]) > 300:  # as numbers: three months
            other = Kept("http://closed.example/tag/x", asked["from"], b"")
            return [other] * int(asked["limit"])
        return found[: int(asked.get("limit", 10**6))]

    def _cdx(self, request: Request) -> Answer:
        found = self._matching(request)
        if self.wayback:
            rows = [list(FIELDS)] + [
                ["k", one.timestamp, one.url, one.mime, one.status, one.digest, str(len(one.body))] for one in found
            ]
            return Answer(200, [("Content-Type", "application/json")], json.dumps(rows if found else []).encode())
        pages = -(-len(found) // self.page_size)
        if "showNumPages" in request.query:
            return Answer(200, [], json.dumps({"pages": pages, "pageSize": 5, "blocks": 1}).encode())
        if "page" in request.query:
            start = int(request.query["page"]) * self.page_size
            found = found[start : start + self.page_size]
        lines = [json.dumps(self._line(one)) for one in found]
        packed = gzip.compress("\n".join(lines).encode())
        return Answer(200, [("Content-Type", "text/x-ndjson"), ("Content-Encoding", "gzip")], packed)

    def _line(self, one: Kept) -> dict[str, str]:
        offset, length = self.places[one]
        return {
            "urlkey": "k", "timestamp": one.timestamp, "url": one.url, "mime": one.mime, "status": one.status,
            "digest": one.digest, "filename": "data/one.warc.gz", "offset": str(offset), "length": str(length),
        }  # fmt: skip

    def _range(self, request: Request) -> Answer:
        first, _, last = request.headers["range"].removeprefix("bytes=").partition("-")
        piece = self.file[int(first) : int(last) + 1]
        if any(self.places[one][0] == int(first) for one in self.kept if one.url in self.broken):
            piece = piece[: len(piece) // 2]
        return Answer(206, [("Content-Range", f"bytes {first}-{last}/{len(self.file)}")], piece)

    def _replay(self, request: Request) -> Answer:
        stamp, _, url = request.target.removeprefix("/web/").partition("id_/")
        if url in self.broken:
            return Answer(404, [], b"not in archive")
        held = next((one for one in self.kept if one.url == url and one.timestamp == stamp), None)
        if held is None:
            nearest = next(one for one in self.kept if one.url == url)
            return Answer(302, [("Location", f"/web/{nearest.timestamp}id_/{url}")])
        moment = datetime.strptime(held.timestamp, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        headers = [
            ("Content-Type", held.mime),
            ("Content-Encoding", "gzip"),
            ("Memento-Datetime", moment.strftime("%a, %d %b %Y %H:%M:%S GMT")),
            ("Link", '<x>; rel="original"'),
            ("X-Archive-Orig-Content-Type", "text/html; charset=windows-1251"),
            ("X-Archive-Orig-ETag", '"once"'),
            ("X-Archive-Orig-Content-Encoding", "br"),
        ]
        return Answer(200, headers, gzip.compress(held.body))
