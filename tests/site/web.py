"""Request handler of the local news web: route requests, switch editions, count requests."""

import gzip
import json
from collections import Counter
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from urllib.parse import unquote

from tests.site import bulk_pages, extras, hostile, pages
from tests.site.outlets import OUTLETS, PUBLISHERS
from tests.site.wire import Answer, Request, Script

EDITIONS = (1, 2)
VALIDATORS = {"ETag", "Last-Modified"}
NONCE = b"@@nonce@@"  # in a template: replaced with a different value for every request


@dataclass(frozen=True, slots=True)
class Place:
    """Target of a request. `root` is the pattern of the outlets' root URLs for this client; `{}` is the outlet's name."""

    outlet: str
    path: str  # unquoted, with its query
    root: str


def locate(request: Request) -> Place | None:
    """Return the target of a request, by its Host or else by the first part of its path."""
    name, _, port = request.host.lower().partition(":")
    path = unquote(request.target)
    if is_virtual(request):
        outlet = name.removesuffix(".example").removeprefix("www.")
        root = "http://{}.example" + (f":{port}" if port else "")
    else:
        outlet, _, rest = path.lstrip("/").partition("/")
        path = "/" + rest
        root = f"http://{request.host}/{{}}"
    return Place(outlet, path, root) if outlet in OUTLETS else None


def is_virtual(request: Request) -> bool:
    """Return whether a request names a virtual host, known or not."""
    return request.host.lower().partition(":")[0].endswith(".example")


class Web:
    """Handles requests. `edition` may be changed at any time. `bulk` is the number of bulk pages in the sitemap."""

    def __init__(self, edition: int = 1, bulk: int = 1000) -> None:
        self.edition = edition
        self.bulk = bulk
        self.hits: Counter[str] = Counter()  # "<outlet><path>" -> number of requests, without bulk pages
        self._ready: dict[tuple[Place, int], tuple[Answer, bytes]] = {}

    def answer(self, request: Request) -> Answer | Script:
        """Return the answer or the script for a request."""
        place = locate(request)
        if place is None:
            return self._front(request)
        if place.outlet == "bulk":
            return bulk_pages.answer(place.path, place.root.format("bulk"), self.bulk)
        key = place.outlet + place.path
        self.hits[key] += 1
        if place.outlet == "hostile":
            return hostile.answer(request, place.path, place.root.format("hostile"), self.hits[key])
        return self._publisher(request, place, self.hits[key])

    def _publisher(self, request: Request, place: Place, hit: int) -> Answer:
        if (place, self.edition) not in self._ready:
            made = extras.answer(place.outlet, place.path, place.root, self.edition)
            made = made or pages.answer(place.outlet, place.path, place.root, self.edition)
            self._ready[place, self.edition] = made, gzip.compress(made.body, 6, mtime=0)
        answer, packed = self._ready[place, self.edition]
        if unchanged(request, answer):
            return Answer(304, [header for header in answer.headers if header[0] in VALIDATORS])
        if NONCE in answer.body:
            return Answer(answer.status, answer.headers, answer.body.replace(NONCE, b"%08x" % (hit * 2654435761)))
        if answer.status == 200 and "gzip" in request.headers.get("accept-encoding", ""):
            return Answer(200, [*answer.headers, ("Content-Encoding", "gzip"), ("Vary", "Accept-Encoding")], packed)
        return answer

    def _front(self, request: Request) -> Answer:
        """Answer requests outside of the outlets: the list of outlets, the common robots.txt, and the controls."""
        match request.path:
            case _ if is_virtual(request):
                pass
            case "/":
                items = "".join(f'<li><a href="/{name}/">{OUTLETS[name].title}</a></li>' for name in PUBLISHERS)
                return html(f"<!doctype html><title>A local news web</title><ul>{items}</ul>")
            case "/robots.txt":
                return plain(extras.common_robots())
            case "/__edition":
                self.edition = min(max(EDITIONS), max(1, int(request.query.get("n", self.edition))))
                return plain(f"{self.edition}\n")
            case "/__hits":
                return Answer(200, [("Content-Type", "application/json")], json.dumps(self.hits).encode())
            case "/__reset":
                self.hits.clear()
                return plain("0\n")
        return Answer(404, [("Content-Type", "text/plain")], b"no such outlet\n")


def html(text: str, status: int = 200) -> Answer:
    return Answer(status, [("Content-Type", "text/html; charset=utf-8")], text.encode())


def plain(text: str) -> Answer:
    return Answer(200, [("Content-Type", "text/plain; charset=utf-8")], text.encode())


def unchanged(request: Request, answer: Answer) -> bool:
    """Return whether the client's copy is current: If-None-Match comes before If-Modified-Since (RFC 9110, 13.2.2)."""
    headers = dict(answer.headers)
    if answer.status != 200 or "ETag" not in headers:
        return False
    if "if-none-match" in request.headers:
        return headers["ETag"] in request.headers["if-none-match"]
    since = request.headers.get("if-modified-since")
    return since is not None and parsedate_to_datetime(since) >= parsedate_to_datetime(headers["Last-Modified"])
