"""Source types: where an outlet's articles are found, as its file declares them.

    Feed          RSS, RDF or Atom; with `full_text` its entries are the articles, and their pages are not fetched
    Sitemap       a sitemap, an index of sitemaps or a plain list of URLs; one, or one per day, month or year
    RobotsTxt     the sitemaps that the site's robots.txt names
    Archive       a page per day, month or year that lists the articles of that period
    Listing       a page of the latest articles, with further pages of older ones: a section, a tag, "all news"
    JsonListing   the same as JSON, as pages load it on scrolling
    Search        the result pages of the site's own search
    Wayback       captures of the site in a web archive with a CDX server (the Wayback Machine, pywb)
    CommonCrawl   captures of the site in Common Crawl's WARC files, found by its indices

URLs may contain these placeholders; other pairs of braces are refused, `{{` and `}}` are literal braces:

    {yyyy} {yy} {mm} {m} {dd} {d}   a date with and without leading zeros; the finest one sets the length of a period:
                                    a day, a month or a year (Sitemap, Archive, JsonListing)
    {page}                          the number of a further page, from `first` in steps of `step` (in `pages`)
    {before}                        the oldest date seen so far, in Unix seconds (JsonListing; in its `url` the present)
    {query}                         the search word, percent-encoded (Search)

`pages` is the URL of a further page, absolute or relative to `url`; if it begins with `&`, it is appended to `url`.
`next` is a CSS selector (or a path into the JSON) that finds the URL of the next page. Without either, there is one page.

`guessed` marks a source whose URL was never seen to answer.
"""

import re
from dataclasses import dataclass
from functools import cache
from string import Formatter
from typing import TYPE_CHECKING, TypeAlias, cast
from urllib.parse import urljoin

from articles.errors import InputError
from articles.url import canonicalize

if TYPE_CHECKING:
    from collections.abc import Callable

    from lxml.etree import _Element

Select: TypeAlias = "Callable[[_Element], list[_Element]]"
DATE_FIELDS = {"yyyy": "year", "yy": "year", "mm": "month", "m": "month", "dd": "day", "d": "day"}
PERIODS = ("day", "month", "year")  # the finest first
SAMPLE_VALUES = {
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
SELECTOR_FIELDS = ("links", "next", "cards", "date")  # CSS, except in a JsonListing
JSON_PATH = re.compile(r"[^.\s]+(\.[^.\s]+)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Base class of the sources in an outlet's `sources`."""

    guessed: bool = False

    @property
    def address(self) -> str:
        """The URL or URL template of the source, as declared."""
        return str(getattr(self, "url"))  # noqa: B009 - subclasses without `url` override this

    @property
    def id(self) -> str:
        """The source's name in records and reports."""
        return f"{type(self).__name__}:{self.address}"

    @property
    def period(self) -> str:
        """The period of one URL of the source: "day", "month", "year", or empty if the URL has no date."""
        periods = {DATE_FIELDS[name] for name in names_in(self.address) if name in DATE_FIELDS}
        return next((period for period in PERIODS if period in periods), "")

    def check(self) -> None:
        """Raise InputError if a declared value is invalid."""
        _template(self.address, self._placeholders())
        pages = getattr(self, "pages", "")
        if pages:
            names = _template(pages, self._placeholders() | {"page", "before"}, base=self.address)
            if not names & {"page", "before"}:
                raise InputError(f"pages {pages!r} has neither {{page}} nor {{before}}")
        for name in SELECTOR_FIELDS:
            text = getattr(self, name, "")
            if text and not isinstance(self, JsonListing):
                css(name, text)

    def _placeholders(self) -> frozenset[str]:
        return frozenset()


@dataclass(frozen=True, slots=True)
class Feed(Source):
    """An RSS, RDF or Atom feed. A broken feed is read up to the error."""

    url: str
    pages: str = ""  # older entries: "page/{page}", "?start-index={page}"
    first: int = 2  # the number of the page after `url`
    step: int = 1
    full_text: bool = False  # entries hold whole articles, which are archived; their pages are not fetched


@dataclass(frozen=True, slots=True)
class Sitemap(Source):
    """A sitemap of any format, compressed or not."""

    url: str
    pages: str = ""  # of a numbered series: "?page={page}"; it ends at a page without entries, or after missing ones
    first: int = 2
    step: int = 1

    def _placeholders(self) -> frozenset[str]:
        return frozenset(DATE_FIELDS)


@dataclass(frozen=True, slots=True)
class RobotsTxt(Source):
    """The sitemaps that the robots.txt of a site names; `url` is any address of the site."""

    url: str


@dataclass(frozen=True, slots=True)
class Archive(Source):
    """A page per period. Without `--since` only the current and the previous period are read."""

    url: str
    pages: str = ""  # further pages of one period
    first: int = 2
    step: int = 1
    links: str = ""  # CSS of links to articles; empty: every link whose URL has the form of an article's
    next: str = ""  # CSS of the link to the next page

    def check(self) -> None:
        """Raise InputError if the URL has no date or a value is invalid."""
        Source.check(self)
        if not self.period:
            raise InputError(f"{self.url!r} has no date placeholder; use Listing for a page of the latest articles")

    def _placeholders(self) -> frozenset[str]:
        return frozenset(DATE_FIELDS)


@dataclass(frozen=True, slots=True)
class Listing(Source):
    """A page of the latest articles, with further pages of older ones.

    Paging ends at a page without new articles, or with only articles older than the date window.
    """

    url: str
    pages: str = ""
    first: int = 2
    step: int = 1
    links: str = ""  # CSS of links to articles; empty: every link whose URL has the form of an article's
    next: str = ""  # CSS of the link to the next page
    cards: str = ""  # CSS of the element that holds one link and its date
    date: str = ""  # CSS, inside of a card, of the date in words or in `datetime`


@dataclass(frozen=True, slots=True)
class JsonListing(Source):
    """A JSON endpoint. Paths are names and indices joined by dots; an empty path is the value itself.

    If `items` leads to an object, its values are the items. An item may be a URL or contain one.
    """

    url: str
    pages: str = ""  # "?page={page}", or "lastDate/{before}" where the endpoint counts from a date
    first: int = 2
    step: int = 1
    items: str = ""  # the path to the items: "data.list"
    link: str = ""  # the path, in an item, to its URL; relative ones are joined to `base`
    date: str = ""  # the path, in an item, to its date: ISO 8601, words, or Unix seconds or milliseconds
    next: str = ""  # the path to the URL of the next page
    base: str = ""  # base of relative URLs; empty: `url`

    def check(self) -> None:
        """Raise InputError if a path or another value is invalid."""
        Source.check(self)
        for name in ("items", "link", "date", "next"):
            text = getattr(self, name)
            if text and not JSON_PATH.fullmatch(text):
                raise InputError(f"{name} {text!r} is not a path of names and indices joined by dots")

    def _placeholders(self) -> frozenset[str]:
        return frozenset(DATE_FIELDS) | {"before"}


@dataclass(frozen=True, slots=True)
class Search(Source):
    """A site's own search, with one or more search words."""

    url: str  # "https://news.example/search?q={query}"
    queries: tuple[str, ...]
    pages: str = ""
    first: int = 2
    step: int = 1
    links: str = ""
    next: str = ""

    def check(self) -> None:
        """Raise InputError if there is no search word or a value is invalid."""
        Source.check(self)
        if "query" not in names_in(self.url) or not self.queries:
            raise InputError(f"a Search needs {{query}} in its URL and at least one search word: {self.url!r}")

    def _placeholders(self) -> frozenset[str]:
        return frozenset(("query",))


@dataclass(frozen=True, slots=True)
class Wayback(Source):
    """Captures of a site in a web archive with a CDX server. Only used with `--from-archive wayback`."""

    prefix: str = ""  # "rosbalt.ru/news/": URLs that begin so; "rosbalt.ru": a domain; empty: all the outlet's domains
    cdx: str = "https://web.archive.org/cdx/search/cdx"
    raw: str = "https://web.archive.org/web/{timestamp}id_/{url}"  # a capture's bytes as they were archived

    @property
    def address(self) -> str:
        """The URL that names the source."""
        return self.cdx

    def check(self) -> None:
        """Raise InputError if a URL is invalid."""
        canonicalize(self.cdx)
        _template(self.raw, frozenset(("timestamp", "url")))


@dataclass(frozen=True, slots=True)
class CommonCrawl(Source):
    """Captures of a site in Common Crawl: its indices name the ranges of WARC files that hold them.

    Only used with `--from-archive commoncrawl`.
    """

    prefix: str = ""  # as in `Wayback`
    indices: tuple[str, ...] = ()  # CDX servers: "https://index.commoncrawl.org/CC-MAIN-2024-33-index"; empty: all
    collections: str = "https://index.commoncrawl.org/collinfo.json"  # the list of all indices
    data: str = "https://data.commoncrawl.org/"  # base URL of the file names in an index

    @property
    def address(self) -> str:
        """The URL that names the source."""
        return self.data

    def check(self) -> None:
        """Raise InputError if a URL is invalid."""
        for url in (*self.indices, self.collections, self.data):
            canonicalize(url)


def names_in(template: str) -> set[str]:
    """Return the names of a template's placeholders. InputError if its braces do not match, or if one has a format.

    A format such as `{page:9999999999}` would decide how much memory a URL takes.
    """
    try:
        fields = [
            (name, form, conversion) for _, name, form, conversion in Formatter().parse(template) if name is not None
        ]
    except ValueError as error:
        raise InputError(f"{template!r}: {error}") from error
    if any(form or conversion for _, form, conversion in fields):
        raise InputError(f"{template!r}: a placeholder can only be a name in braces")
    return {name for name, _, _ in fields}


def _template(text: str, allowed: frozenset[str], base: str = "") -> set[str]:
    """Return the placeholders of a URL template. InputError if one is unknown, or if the template does not give a URL."""
    names = names_in(text)
    if unknown := names - allowed:
        raise InputError(f"{text!r} cannot have the placeholder {{{min(unknown)}}}")
    filled = text.format(**{**SAMPLE_VALUES, "timestamp": "20240903000000", "url": "http://news.example/"})
    canonicalize(urljoin(_filled(base), filled) if base else filled)
    return names


def _filled(template: str) -> str:
    return template.format(**{name: value for name, value in SAMPLE_VALUES.items() if name in names_in(template)})


@cache
def css(name: str, text: str) -> Select:
    """Compile a CSS selector. InputError if it is invalid; `name` is the attribute that it comes from."""
    from lxml.cssselect import CSSSelector, SelectorError  # noqa: PLC0415  a list of outlets needs no selectors

    try:
        return cast("Select", CSSSelector(text, translator="html"))
    except SelectorError as error:
        raise InputError(f"{name} {text!r} is not a CSS selector: {error}") from error


def from_archive(source: str | None) -> bool:
    """Return whether a source id (`Source.id`) is that of a web archive, whose captures are old."""
    return (source or "").startswith((f"{Wayback.__name__}:", f"{CommonCrawl.__name__}:"))
