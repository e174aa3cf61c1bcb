"""HTTP client for tests of the local news web: reaches all virtual hosts on loopback, follows no redirects."""

import html
import http.client
import json
import re
import socket
from contextlib import closing
from dataclasses import dataclass
from urllib.parse import urlsplit

from tests.site.running import Address

TAGS = re.compile(r"(?s)<(script|style)\b.*?</\1>|<[^>]+>")
JSON_LD = re.compile(r'(?s)<script type="application/ld\+json">(\{"@context[^<]*?"@type": "NewsArticle".*?)</script>')


@dataclass
class Got:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        """The visible text, with the article body of JSON-LD, single-spaced."""
        charset = "windows-1251" if b"charset=windows-1251" in self.body else "utf-8"
        page = self.body.decode(charset)
        embedded = "".join(json.loads(data).get("articleBody", "") for data in JSON_LD.findall(page))
        return " ".join(f"{html.unescape(TAGS.sub(' ', page))} {embedded}".split())


def get(site: Address, url: str, method: str = "GET", **headers: str) -> Got:
    """Request a URL: connect to loopback, send the URL's host name, follow no redirect."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=20)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    with closing(connection):
        connection.request(method, target, headers={"Host": parts.netloc, **named})
        with connection.getresponse() as answer:
            return Got(answer.status, answer.headers, answer.read())


def raw(site: Address, path: str, wait: float = 5.0, most: int = 2_000_000) -> bytes:
    """Return the raw response: until the connection ends, is silent for `wait` seconds, or sent `most` bytes."""
    with socket.create_connection(("127.0.0.1", site.port), timeout=wait) as connection:
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n".encode())
        found = b""
        try:
            while len(found) < most and (piece := connection.recv(65536)):
                found += piece
        except TimeoutError:
            return found
        return found


def single_spaced(text: str) -> str:
    return " ".join(text.split())
