"""Addresses of one outlet's articles: one canonical form for all forms of an address, and the date in it."""

import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from urllib.parse import SplitResult, urlsplit

from articles import url as urls
from articles.errors import InputError

HOST_SEPARATOR = "="  # in an entry of `hosts`: "old.example=new.example"
AMP_SEGMENTS = frozenset({"amp", "amphtml"})  # of a path; the same article in Google's AMP format
VARIANT_LABELS = urls.SAME_SITE_LABELS - {"www"}  # of a host
AMP_SUFFIX = re.compile(r"(?:[.]amp)(?=(?:\.html)?$)")
FORM_PARAMETERS = frozenset({"amp", "output", "outputtype", "print"})  # name another form of the same page
SECTION_PATH = re.compile(r"(?:/[a-z_]{1,30}){1,3}(?:/|\.html?)?", re.IGNORECASE)  # names without numbers and hyphens
DATE_DIGITS = 8  # of a year, month and day
CACHED_PATTERNS = 512


@dataclass(frozen=True, slots=True)
class Addresses:
    """What is known of an outlet's addresses. All fields are optional."""

    article: str = ""  # regular expression of an article's whole URL; groups y, m, d or ymd hold its date
    drop: tuple[str, ...] = ()  # names of query parameters that do not change the page
    hosts: tuple[str, ...] = ()  # "old.example=new.example": hosts that were renamed, with all their subdomains

    def own(self, url: str) -> str:
        """Return the canonical URL of the article at a URL: without renamed and mobile hosts, AMP and dropped parameters.

        InputError if it is not an absolute http(s) URL.
        """
        url = urls.canonicalize(url)
        parts = urlsplit(url)
        parts = self._without_parameters(parts._replace(netloc=self._renamed(parts.netloc)))
        url = parts.geturl()
        if not self.article or (not _is_variant(parts) and self.matches(url)):
            return url
        return next((form for form in _forms(parts) if self.matches(form)), url)

    def matches(self, url: str) -> bool:
        """Return whether a URL has the form of an article's."""
        return _compiled(self.article).fullmatch(url) is not None

    def day(self, url: str) -> str:
        """Return the day in an article's URL as ISO 8601; empty if its form holds none."""
        if not self.article:
            return ""
        try:
            match = _compiled(self.article).fullmatch(self.own(url))
        except InputError:
            return ""
        digits = date_digits(match.groupdict()) if match else ""
        if len(digits) != DATE_DIGITS:
            return ""
        try:
            return date(int(digits[:4]), int(digits[4:6]), int(digits[6:])).isoformat()
        except ValueError:
            return ""

    def _renamed(self, netloc: str) -> str:
        for entry in self.hosts:
            old, _, new = entry.partition(HOST_SEPARATOR)
            if netloc == old or netloc.endswith(f".{old}"):
                return netloc.removesuffix(old) + new
        return netloc

    def _without_parameters(self, parts: SplitResult) -> SplitResult:
        kept = [
            piece
            for piece in parts.query.split("&")
            if (name := piece.partition("=")[0].lower()) not in self.drop
            and not (self.article and name in FORM_PARAMETERS)
        ]
        return parts._replace(query="&".join(kept))


def section_address(url: str, addresses: Addresses) -> str:
    """Return why a page of a known outlet is no article by its address: a home page, or names of sections only."""
    if not addresses.article:
        return ""
    own = addresses.own(url)
    if addresses.matches(own):
        return ""
    if urls.is_home(own):
        return "the home page of the outlet"
    parts = urlsplit(own)
    if not parts.query and SECTION_PATH.fullmatch(parts.path):
        return "the address of a section, and not one of the outlet's articles"
    return ""


def date_digits(groups: dict[str, str | None]) -> str:
    """Return the digits of the date in the groups `ymd`, or `y`, `m` and `d`, of a URL's pattern: "20240903"."""
    text = groups.get("ymd") or ""
    if not text and groups.get("y"):
        text = (groups["y"] or "") + "".join(f"{int(part):02}" for name in ("m", "d") if (part := groups.get(name)))
    return text if text.isascii() and text.isdigit() else ""


def _is_variant(parts: SplitResult) -> bool:
    """Return whether a URL names the mobile or the AMP form of a page."""
    return parts.netloc.partition(".")[0] in VARIANT_LABELS or any(
        segment.lower() in AMP_SEGMENTS for segment in parts.path.split("/")
    )


def _forms(parts: SplitResult) -> list[str]:
    """Return other forms of a URL under which an outlet may publish the same article, the most alike first."""
    domain = urls.registrable_domain(parts.geturl())
    host = urls.site_host(parts.geturl())
    hosts = dict.fromkeys((parts.netloc, host, f"www.{host}" if host == domain else host))
    if _is_variant(parts):
        hosts = dict.fromkeys((*list(hosts)[1:], parts.netloc))
    segments = parts.path.split("/")
    plain = AMP_SUFFIX.sub("", "/".join(segment for segment in segments if segment.lower() not in AMP_SEGMENTS))
    paths = dict.fromkeys((plain, parts.path, plain.removesuffix("/"), plain.rstrip("/") + "/"))
    queries = dict.fromkeys((parts.query, ""))
    return [
        SplitResult(scheme, netloc, path, query, "").geturl()
        for query in queries
        for path in paths
        for netloc in hosts
        for scheme in dict.fromkeys((parts.scheme, "https", "http"))
    ]


@lru_cache(maxsize=CACHED_PATTERNS)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)
