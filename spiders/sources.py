"""Where an outlet's articles are found, as its file declares it: small values, one for each place.

    Feed          RSS, RDF or Atom; with `full_text` its entries are the articles, and their pages are not asked for
    Sitemap       a sitemap, an index of sitemaps or a plain list of addresses; one, or one for each day, month or year
    RobotsTxt     the sitemaps that the site's robots.txt names
    Archive       a page for each day, month or year that lists what was published then
    Listing       a page that lists the latest articles, with older ones behind it: a section, a tag, "all news"
    JsonListing   the same as JSON, as pages load it when they are scrolled
    Search        the result pages of the site's own search
    Wayback       what a web archive with a CDX server (the Wayback Machine, pywb) holds of the site
    CommonCrawl   what Common Crawl's indices say that its WARC files hold of the site

Addresses may hold these placeholders; any other pair of braces is refused, `{{` and `}}` are braces:

    {yyyy} {yy} {mm} {m} {dd} {d}   a date with and without leading zeros; the finest of them says how long a period is:
                                    a day, a month or a year (Sitemap, Archive, JsonListing)
    {page}                          the number of a further page, from `first` in steps of `step` (in `pages`)
    {before}                        the oldest date seen so far, in Unix seconds (JsonListing; in its `url` the present)
    {query}                         the word looked for, percent-encoded (Search)

`pages` is the address of a further page, absolute or relative to `url`, or, with a `&` first, what is put behind it; a `next` is a CSS selector (or a path into the
JSON) that finds it on the page. Where neither is given there is but one page.

`guessed` marks a source whose address nobody has seen answered.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from string import Formatter
from typing import cast
from urllib.parse import urljoin

from lxml.cssselect import CSSSelector, SelectorError
from lxml.etree import _Element

from articles.errors import InputError
from articles.url import canonicalize

Select = Callable[[_Element], list[_Element]]
DATE_FIELDS = {"yyyy": "year", "yy": "year", "mm": "month", "m": "month", "dd": "day", "d": "day"}
PERIODS = ("day", "month", "year")  # the finest first
SAMPLE = {
    "yyyy": "2024",
    "yy": "24",
    "mm": "09",
    "m": "9",
    "dd": "03",
    "d": "3",
    "page": "2",
    "before": "0",
    "query": "q",
}
SELECTORS = ("links", "next", "cards", "date")  # CSS, but in a JsonListing
PATH = re.compile(r"[^.\s]+(\.[^.\s]+)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Base of what an outlet's `sources` may hold."""

    guessed: bool = False

    @property
    def address(self) -> str:
        """What the source is asked for, as declared."""
        return str(getattr(self, "url"))  # noqa: B009 - subclasses have one; those that don't, say so themselves

    @property
    def id(self) -> str:
        """How records and reports name the source."""
        return f"{type(self).__name__}:{self.address}"

    @property
    def period(self) -> str:
        """How long a period its address speaks of: "day", "month", "year", or empty if it holds no date."""
        held = {DATE_FIELDS[name] for name in names_in(self.address) if name in DATE_FIELDS}
        return next((period for period in PERIODS if period in held), "")

    def check(self) -> None:
        """Raise InputError where what is declared cannot be used."""
        _template(self.address, self._may_hold())
        pages = getattr(self, "pages", "")
        if pages:
            held = _template(pages, self._may_hold() | {"page", "before"}, base=self.address)
            if not held & {"page", "before"}:
                raise InputError(f"pages {pages!r} holds neither {{page}} nor {{before}}")
        for name in SELECTORS:
            text = getattr(self, name, "")
            if text and not isinstance(self, JsonListing):
                css(name, text)

    def _may_hold(self) -> frozenset[str]:
        return frozenset()


@dataclass(frozen=True, slots=True)
class Feed(Source):
    """An RSS, RDF or Atom feed. Mend nothing: broken ones are read as far as they go."""

    url: str
    pages: str = ""  # older entries: "page/{page}", "?start-index={page}"
    first: int = 2  # the number of the page behind `url`
    step: int = 1
    full_text: bool = False  # entries hold whole articles, which are archived as they are; no page is asked for


@dataclass(frozen=True, slots=True)
class Sitemap(Source):
    """A sitemap of any kind, packed or not."""

    url: str
    pages: str = ""  # of a numbered series: "?page={page}"; it ends at the first that is missing or names nothing
    first: int = 2
    step: int = 1

    def _may_hold(self) -> frozenset[str]:
        return frozenset(DATE_FIELDS)


@dataclass(frozen=True, slots=True)
class RobotsTxt(Source):
    """The sitemaps that the robots.txt of a site names; `url` is any address of the site."""

    url: str


@dataclass(frozen=True, slots=True)
class Archive(Source):
    """A page for each period. Without `--since` only the current period and the one before are looked at."""

    url: str
    pages: str = ""  # further pages of one period
    first: int = 2
    step: int = 1
    links: str = ""  # CSS of what links to articles; empty: every link whose address has an article's form
    next: str = ""  # CSS of the link to the next page

    def check(self) -> None:
        """Refuse an archive whose address holds no date."""
        Source.check(self)
        if not self.period:
            raise InputError(f"{self.url!r} holds no date; what lists the latest articles is a Listing")

    def _may_hold(self) -> frozenset[str]:
        return frozenset(DATE_FIELDS)


@dataclass(frozen=True, slots=True)
class Listing(Source):
    """A page of the latest articles, older ones behind it.

    Paging ends where a page shows nothing new, or dates pass what was asked for.
    """

    url: str
    pages: str = ""
    first: int = 2
    step: int = 1
    links: str = ""  # CSS of what links to articles; empty: every link whose address has an article's form
    next: str = ""  # CSS of the link to the next page
    cards: str = ""  # CSS of what holds one link and its date
    date: str = ""  # CSS, inside of a card, of the date in words or in `datetime`


@dataclass(frozen=True, slots=True)
class JsonListing(Source):
    """A JSON endpoint. Paths are names and numbers joined by dots; an empty path is the thing itself.

    Where `items` leads to an object, its values are the items. An item may be an address or hold one.
    """

    url: str
    pages: str = ""  # "?page={page}", or "lastDate/{before}" where the endpoint counts from a date
    first: int = 2
    step: int = 1
    items: str = ""  # the path to the items: "data.list"
    link: str = ""  # the path, in an item, to its address; relative ones are joined to `base`
    date: str = ""  # the path, in an item, to its date: ISO 8601, words, or Unix seconds or milliseconds
    next: str = ""  # the path to the address of the next page
    base: str = ""  # what relative addresses are relative to; empty: `url`

    def check(self) -> None:
        """Refuse paths that are none."""
        Source.check(self)
        for name in ("items", "link", "date", "next"):
            text = getattr(self, name)
            if text and not PATH.fullmatch(text):
                raise InputError(f"{name} {text!r} is no path: names and numbers joined by dots")

    def _may_hold(self) -> frozenset[str]:
        return frozenset(DATE_FIELDS) | {"before"}


@dataclass(frozen=True, slots=True)
class Search(Source):
    """A site's own search, asked for each of some words."""

    url: str  # "https://news.example/search?q={query}"
    queries: tuple[str, ...]
    pages: str = ""
    first: int = 2
    step: int = 1
    links: str = ""
    next: str = ""

    def check(self) -> None:
        """Refuse a search for nothing."""
        Source.check(self)
        if "query" not in names_in(self.url) or not self.queries:
            raise InputError(f"a search needs {{query}} in its address and words to look for: {self.url!r}")

    def _may_hold(self) -> frozenset[str]:
        return frozenset(("query",))


@dataclass(frozen=True, slots=True)
class Wayback(Source):
    """Captures of a site in a web archive that has a CDX server. Only asked for with `--from-archive wayback`."""

    prefix: str = ""  # "rosbalt.ru/news/": what begins so; "rosbalt.ru": a domain; empty: all of the outlet's domains
    cdx: str = "https://web.archive.org/cdx/search/cdx"
    raw: str = "https://web.archive.org/web/{timestamp}id_/{url}"  # a capture's bytes as they were archived

    @property
    def address(self) -> str:
        """What the source is asked for."""
        return self.cdx

    def check(self) -> None:
        """Refuse addresses that are none."""
        canonicalize(self.cdx)
        _template(self.raw, frozenset(("timestamp", "url")))


@dataclass(frozen=True, slots=True)
class CommonCrawl(Source):
    """Captures of a site in Common Crawl: an index says where they lie, ranges of its WARC files hold them.

    Only asked for with `--from-archive commoncrawl`.
    """

    prefix: str = ""  # as of `Wayback`
    indices: tuple[str, ...] = ()  # CDX servers: "https://index.commoncrawl.org/CC-MAIN-2024-33-index"; empty: all
    collections: str = "https://index.commoncrawl.org/collinfo.json"  # where all indices are named
    data: str = "https://data.commoncrawl.org/"  # where the file names of an index begin

    @property
    def address(self) -> str:
        """What the source is asked for."""
        return self.data

    def check(self) -> None:
        """Refuse addresses that are none."""
        for url in (*self.indices, self.collections, self.data):
            canonicalize(url)


def names_in(template: str) -> set[str]:
    """Return the names of a template's placeholders. InputError if its braces don't match."""
    try:
        return {name for _, name, _, _ in Formatter().parse(template) if name is not None}
    except ValueError as error:
        raise InputError(f"{template!r}: {error}") from error


def _template(text: str, may_hold: frozenset[str], base: str = "") -> set[str]:
    """Return the placeholders of an address after it has been seen to be one. InputError if it is not."""
    held = names_in(text)
    if unknown := held - may_hold:
        raise InputError(f"{text!r} cannot hold {{{min(unknown)}}}")
    filled = text.format(**{**SAMPLE, "timestamp": "20240903000000", "url": "http://news.example/"})
    canonicalize(urljoin(_filled(base), filled) if base else filled)
    return held


def _filled(template: str) -> str:
    return template.format(**{name: value for name, value in SAMPLE.items() if name in names_in(template)})


@cache
def css(name: str, text: str) -> Select:
    """Return what finds a CSS selector's elements. InputError if it is none; `name` says what it was for."""
    try:
        return cast("Select", CSSSelector(text, translator="html"))
    except SelectorError as error:
        raise InputError(f"{name} {text!r} is no CSS selector: {error}") from error


def from_archive(source: str | None) -> bool:
    """Whether the id of a source (`Source.id`) is that of a web archive: what it gives is as old as it is."""
    return (source or "").startswith((f"{Wayback.__name__}:", f"{CommonCrawl.__name__}:"))
