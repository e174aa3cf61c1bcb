"""Base class of the outlets in `spiders/outlets/`: a publisher's site as a few declared attributes.

A plain class, so that reading an outlet's name or languages does not import Scrapy.
"""

import math
import re
from types import FunctionType
from urllib.parse import urlsplit

from articles.addresses import Addresses
from articles.errors import InputError
from articles.site import SELECTOR_FIELDS, Selectors, Site
from spiders.date_window import DateSpan, span_in_url
from spiders.sources import Source, css
from spiders.spec import DELAY_SECONDS

OUTLET_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]*")
MAX_PAGES_BY_DAY, MAX_PAGES_BY_NIGHT = 2_000, 10_000  # half an hour, and three hours, at one page per second
DOMAIN = re.compile(r"[a-z0-9.-]+(:\d+)?|\[[0-9a-f:]+\](:\d+)?")
TEXT_ATTRIBUTES = ("country", "kind", "article", "path", "refuse", "clock", "wait", "legal", "seen")
FLAG_ATTRIBUTES = ("javascript", "cookies")
NUMBER_ATTRIBUTES = ("delay", "by_day", "by_night", "daily")
TUPLE_ATTRIBUTES = ("domains", "languages", "guessed", "drop", "hosts", "marks", *SELECTOR_FIELDS, "lines")
# What an outlet's file may assign; everything else of `Outlet` is a method, which only a `def` overrides.
DATA_ATTRIBUTES = frozenset((*TEXT_ATTRIBUTES, *NUMBER_ATTRIBUTES, *TUPLE_ATTRIBUTES, *FLAG_ATTRIBUTES, "sources"))
# What Python itself puts into a class
CLASS_ATTRIBUTES = frozenset(("__module__", "__qualname__", "__doc__", "__dict__", "__weakref__", "__annotations__",
    "__firstlineno__", "__static_attributes__", "__annotate__", "__annotate_func__", "__annotations_cache__"))  # fmt: skip


class Outlet:
    """One publisher's site. Subclass it in a file whose name is the outlet's name, and set the attributes.

    Or subclass one of `spiders.families`, the base classes for sites of one publishing system or house.

    `guessed` names the attributes that were not verified on the site itself.

    `body`, `lead`, `title`, `author`, `date` and `strip` select elements of a page: tuples of CSS selectors (`:has()`,
    `:not()` and `~` included), or of XPath expressions if they begin with `/`, `./` or `(`. All are optional: they help
    where the general rules fail, and if they find nothing the general rules decide.
    """

    name: str = ""  # the file's name
    domains: tuple[str, ...] = ()  # its hosts, with all their subdomains; "host:port" means only that one
    languages: tuple[str, ...] = ()  # ISO 639-1, the main one first
    country: str = ""  # ISO 3166-1 alpha-2
    kind: str = ""  # the sort of publisher
    sources: tuple[Source, ...] = ()  # where its articles are found; see `spiders.sources`
    article: str = ""  # regular expression that matches an article's whole URL; groups y, m, d or ymd hold its date
    path: str = ""  # used if `article` is empty: regular expression of the path and query on any host of the outlet
    refuse: str = ""  # regular expression; URLs in which it is found are no articles (videos, galleries)
    drop: tuple[str, ...] = ()  # query parameters that do not change the page, in lower case
    hosts: tuple[str, ...] = ()  # "old.example=new.example": renamed hosts, with all their subdomains
    clock: str = ""  # country (top-level domain) whose time its pages show where they state no zone; empty: `country`
    javascript: bool = False  # its pages are empty until a browser has run their scripts
    wait: str = ""  # CSS selector of an element that such a page has when it is ready
    cookies: bool = True  # send the cookies that a redirect sets back to its host, to the end of the chain of redirects
    delay: float = DELAY_SECONDS  # seconds between two requests to one of its hosts
    by_day: int = MAX_PAGES_BY_DAY  # pages that a run may request; 0: no limit
    by_night: int = MAX_PAGES_BY_NIGHT  # the same from midnight to six o'clock, in its country's time
    daily: float = 0.0  # expected articles per day, in all its languages; may be below 1
    legal: str = ""  # legal notes for those who crawl it: sanctions, bans, blocking
    guessed: tuple[str, ...] = ()
    seen: str = ""  # which of its real pages or addresses the file was compared with, when, and how they do
    marks: tuple[str, ...] = ()  # of a family, see `spiders.families`: texts in a page's source that show it

    # Selectors. Of several the first that finds something is used, so the newest template comes first.
    body: tuple[str, ...] = ()  # the elements that hold the text, best their container; ignored if they hold too little
    lead: tuple[str, ...] = ()  # the standfirst, also outside of the body
    title: tuple[str, ...] = ()  # elements, or with XPath attributes and texts
    author: tuple[str, ...] = ()  # one match per author, or one that names several
    date: tuple[str, ...] = ()  # of publication; a `datetime` or `content` attribute goes before the text
    strip: tuple[str, ...] = ()  # elements to remove; all selectors apply; `.tail, .tail ~ *` removes all from .tail on
    lines: tuple[str, ...] = ()  # not selectors: whole visible lines of the template, to remove

    def __init__(self, name: str, *, checked: bool = False) -> None:
        """Check the attributes of the subclass; InputError names the outlet and the attribute that is wrong.

        With `checked` they are believed: checking all of our own, which tests do, takes 0.1 s.
        """
        self.name = name
        self.article = self._article_pattern()
        if not checked:
            self._check()
        self.addresses = Addresses(self.article, self.drop, self.hosts)
        self.selectors = Selectors(**{name: self._with_family(name) for name in (*SELECTOR_FIELDS, "lines")})
        self.site = Site(self.selectors, addresses=self.addresses, clock=self.clock or self.country.lower())

    def is_article(self, url: str) -> bool:
        """Return whether a URL has the form of an article's URL and one of the outlet's hosts."""
        if not self.owns(url):
            return False
        own = self.addresses.own(url)
        return self.addresses.matches(own) and not self.refuses(own)

    def refuses(self, url: str) -> bool:
        """Return whether a URL is of something else than articles: a video, a gallery."""
        return bool(self.refuse and re.search(self.refuse, url))

    def owns(self, url: str) -> bool:
        """Return whether a URL has one of the outlet's hosts."""
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
        return any(
            parts.netloc.lower() == domain if ":" in domain else host == domain or host.endswith("." + domain)
            for domain in self.domains
        )

    def published(self, url: str) -> DateSpan | None:
        """Return the date of publication in an article's URL; None if it has none."""
        return span_in_url(re.compile(self.article), url)

    def mend_date(self, text: str) -> str:
        """Return a date from a source, corrected if the source is known to give it wrong. Override where needed."""
        return text

    def mend(self, url: str) -> str:
        """Return the canonical form of a URL from a source. Override it where the source is known to give URLs wrong."""
        try:
            return self.addresses.own(url)
        except InputError:  # it is not fetched, and reported as no URL
            return url

    def _article_pattern(self) -> str:
        """Return `article`, or if it is empty the pattern of `path` on all hosts of the outlet."""
        if self.article or not self.path:
            return self.article
        return rf"https?://([a-z0-9-]+\.)*({'|'.join(map(re.escape, self.domains))}){self.path}"

    def _check(self) -> None:
        if not OUTLET_NAME.fullmatch(self.name):
            raise InputError(f"outlet {self.name!r}: a name may contain only a-z, 0-9, '_', '.' and '-'")
        check_class(type(self), self.name)
        for attribute in TUPLE_ATTRIBUTES:
            value = getattr(self, attribute)
            if not isinstance(value, tuple) or not all(type(text) is str for text in value):
                raise InputError(f"outlet {self.name}: {attribute} must be a tuple of strings")
        for attribute in TEXT_ATTRIBUTES:
            if type(getattr(self, attribute)) is not str:
                raise InputError(f"outlet {self.name}: {attribute} must be a string")
        for attribute in FLAG_ATTRIBUTES:
            if type(getattr(self, attribute)) is not bool:
                raise InputError(f"outlet {self.name}: {attribute} must be True or False")
        if not self.domains or not all(DOMAIN.fullmatch(domain) for domain in self.domains):
            raise InputError(f"outlet {self.name}: domains must be host names in lower case")
        self._check_sources()
        for attribute in NUMBER_ATTRIBUTES:
            number = getattr(self, attribute)
            if type(number) not in {int, float} or not math.isfinite(number):
                raise InputError(f"outlet {self.name}: {attribute} must be a number")
            if number < 0:
                raise InputError(f"outlet {self.name}: {attribute} cannot be negative")
        try:
            if self.wait:
                css("wait", self.wait)
            re.compile(self.article)
            re.compile(self.refuse)
        except InputError as error:
            raise InputError(f"outlet {self.name}: {error}") from error
        except re.error as error:
            raise InputError(
                f"outlet {self.name}: article, path or refuse is not a regular expression: {error}"
            ) from error
        self._check_selectors()

    def _check_selectors(self) -> None:
        from articles.page.css import compile_selector  # noqa: PLC0415  loads lxml, which a list of outlets does not need

        for attribute in SELECTOR_FIELDS:
            for selector in getattr(self, attribute):
                try:
                    compile_selector(selector)
                except InputError as error:
                    raise InputError(f"outlet {self.name}: {attribute}: {error}") from error
        if not all(line.strip() for line in self.lines):
            raise InputError(f"outlet {self.name}: lines: a line is empty")

    def _with_family(self, attribute: str) -> tuple[str, ...]:
        """Return the outlet's own selectors before those of its family."""
        stated = (vars(part).get(attribute, ()) for part in type(self).__mro__)
        return tuple(dict.fromkeys(selector for values in stated for selector in values))

    def _check_sources(self) -> None:
        if not isinstance(self.sources, tuple) or not all(isinstance(source, Source) for source in self.sources):
            raise InputError(
                f"outlet {self.name}: sources must be a tuple of sources such as Feed(…) or Sitemap(…) from spiders.sources"
            )
        for source in self.sources:
            try:
                source.check()
            except InputError as error:
                raise InputError(f"outlet {self.name}: {type(source).__name__}: {error}") from error
        ids = [source.id for source in self.sources]
        if len(set(ids)) < len(ids):
            raise InputError(f"outlet {self.name}: a source is listed twice")


def check_class(own: type[Outlet], name: str) -> None:
    """Raise InputError if an outlet's class assigns anything but data, so that no method is replaced unseen."""
    if type(own) is not type:
        raise InputError(f"outlet {name}: {own.__name__} cannot have a metaclass")
    for part in own.__mro__:
        if part in {Outlet, object}:
            continue
        for attribute, value in vars(part).items():
            if attribute not in DATA_ATTRIBUTES and attribute not in CLASS_ATTRIBUTES:
                _check_method(part, attribute, value, name)


def _check_method(owner: type, attribute: str, value: object, name: str) -> None:
    if attribute.startswith("__") or (attribute.startswith("_") and hasattr(Outlet, attribute)):
        raise InputError(f"outlet {name}: {attribute} is class machinery, which a file cannot replace")
    if not attribute.startswith("_") and (attribute == "name" or not hasattr(Outlet, attribute)):
        raise InputError(f"outlet {name}: there is no attribute {attribute!r}")
    place = (owner.__module__, f"{owner.__qualname__}.{attribute}")
    if not isinstance(value, FunctionType) or (value.__module__, value.__qualname__) != place:
        raise InputError(f"outlet {name}: {attribute} must be a method, written with `def {attribute}`")
