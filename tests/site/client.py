"""A client for tests of the local news web: asks any virtual host on loopback, follows nothing, hides nothing."""

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
        """What a reader sees, with or without scripts, spaces squeezed."""
        charset = "windows-1251" if b"charset=windows-1251" in self.body else "utf-8"
        page = self.body.decode(charset)
        embedded = "".join(json.loads(data).get("articleBody", "") for data in JSON_LD.findall(page))
        return " ".join(f"{html.unescape(TAGS.sub(' ', page))} {embedded}".split())


def get(site: Address, url: str, method: str = "GET", **headers: str) -> Got:
    """Ask by the URL's host name, connect to loopback, follow nothing."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=20)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    with closing(connection):
        connection.request(method, target, headers={"Host": parts.netloc, **named})
        with connection.getresponse() as answer:
            return Got(answer.status, answer.headers, answer.read())


def raw(site: Address, path: str, wait: float = 5.0, most: int = 2_000_000) -> bytes:
    """Return what comes over the wire until the connection's end, a silence of `wait` seconds, or enough bytes."""
    with socket.create_connection(("127.0.0.1", site.port), timeout=wait) as connection:
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n".encode())
        found = b""
        try:
            while len(found) < most and (piece := connection.recv(65536)):
                found += piece
        except TimeoutError:
            return found
        return found


def squeezed(text: str) -> str:
    return " ".join(text.split())
