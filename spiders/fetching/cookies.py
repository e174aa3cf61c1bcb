"""Cookies within one chain of redirects: some sites redirect a page to itself until the client sends their cookie back.

A cookie goes only to the host that set it, whatever its Domain says, and is forgotten at the end of the chain. So no page is
fetched with what another one left behind, and nobody can recognise this crawler by it.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from urllib.parse import urlsplit

MAX_COOKIES = 20  # of a chain; RFC 6265 §6.1 asks clients for 50 a host, redirects need one or two
MAX_COOKIE_CHARS = 4096  # of name and value, RFC 6265 §6.1
MAX_FIELDS = 100  # Set-Cookie fields of a response that are read
BLANKS = " \t"
NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
VALUE = re.compile(r"[\x21-\x7e\x80-\xff \t]*")


@dataclass(frozen=True, slots=True)
class Cookie:
    """A cookie of one host."""

    host: str
    name: str
    value: str
    path: str
    secure: bool

    def is_for(self, url: str) -> bool:
        """Return whether the cookie may be sent with a request for a URL (RFC 6265 §5.4)."""
        parts = urlsplit(url)
        path = parts.path or "/"
        within = path == self.path or path.startswith(self.path.rstrip("/") + "/")
        return self.host == (parts.hostname or "") and within and (parts.scheme == "https" or not self.secure)


Cookies = tuple[Cookie, ...]


def updated(cookies: Cookies, url: str, fields: Iterable[bytes]) -> Cookies:
    """Return the cookies of a chain after a response from a URL with these Set-Cookie fields."""
    kept = {(cookie.host, cookie.name, cookie.path): cookie for cookie in cookies}
    for field in islice(fields, MAX_FIELDS):
        pair, *attributes = field.decode("latin-1").split(";")
        name, equals, value = (part.strip(BLANKS) for part in pair.partition("="))
        if not equals or len(pair) > MAX_COOKIE_CHARS or not NAME.fullmatch(name) or not VALUE.fullmatch(value):
            continue
        stated = {key.strip().lower(): given.strip() for key, _, given in (part.partition("=") for part in attributes)}
        path = stated.get("path", "")
        default = urlsplit(url).path.rpartition("/")[0] or "/"
        cookie = Cookie(
            urlsplit(url).hostname or "",
            name,
            value,
            path if path.startswith("/") else default,
            "secure" in stated,
        )
        key = (cookie.host, cookie.name, cookie.path)
        kept.pop(key, None)
        if not stated.get("max-age", "1").startswith(("0", "-")):
            kept[key] = cookie
    return tuple(kept.values())[-MAX_COOKIES:]


def header(cookies: Cookies, url: str) -> str:
    """Return the value of the Cookie field for a URL; empty if none of the cookies is for it."""
    return "; ".join(f"{cookie.name}={cookie.value}" for cookie in cookies if cookie.is_for(url))
