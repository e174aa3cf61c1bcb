"""What an outlet is: a handful of facts about a publisher's site, as the files in `spiders/outlets/` state them.

A plain class, so that whoever only wants to know an outlet's name or languages need not import the crawler.
"""

import re
from urllib.parse import urlsplit

from articles.errors import InputError
from articles.page.css import plan
from articles.site import SELECTING, Selectors
from spiders.date_window import DateSpan, span_in_url
from spiders.sources import Source, css
from spiders.spec import DELAY

NAME = re.compile(r"[a-z0-9][a-z0-9_.-]*")
BY_DAY, BY_NIGHT = 2_000, 10_000  # at a page a second half an hour and three hours
DOMAIN = re.compile(r"[a-z0-9.-]+(:\d+)?|\[[0-9a-f:]+\](:\d+)?")


class Outlet:
    """One publisher's site. Subclass it in a file whose name is the outlet's name, and state what is known.

    Attributes that a subclass did not see proven on the site itself are named in `guessed`.

    What its pages' elements are is told by `body`, `lead`, `title`, `author`, `date` and `strip`: tuples of CSS selectors
    (`:has()`, `:not()` and `~` included), or of XPath where one begins with `/`, `./` or `(`. None of them is needed: they
    help where the general rules do not see it, and where they find nothing the general rules decide.
    """

    name: str = ""  # the file's name
    domains: tuple[str, ...] = ()  # hosts whose pages are its own, with all below them; "host:port" means just that one
    languages: tuple[str, ...] = ()  # ISO 639-1, the main one first
    country: str = ""  # ISO 3166-1 alpha-2
    kind: str = ""  # what sort of publisher it is
    sources: tuple[Source, ...] = ()  # where its articles are found; see `spiders.sources`
    article: str = ""  # regular expression that an article's whole URL matches; its date in groups y, m, d, or ymd
    javascript: bool = False  # its pages show nothing until a browser has run their scripts
    wait: str = ""  # CSS of what such a page shows when it is ready
    delay: float = DELAY  # seconds between two requests to one of its hosts
    by_day: int = BY_DAY  # pages a run may ask for; 0: as many as there are
    by_night: int = BY_NIGHT  # the same between midnight and six o'clock of its country
    daily: float = 0.0  # articles a day to expect, over all its languages; below 1 for less than one a day
    legal: str = ""  # what whoever crawls it should know: sanctions, bans, blocking
    guessed: tuple[str, ...] = ()

    # what stands where on a page; of several selectors the first that finds something counts: the newest template first
    body: tuple[str, ...] = ()  # the elements that hold the text, best their container; where all have too little: none
    lead: tuple[str, ...] = ()  # the standfirst, also outside of the body
    title: tuple[str, ...] = ()  # elements, or with XPath attributes and texts
    author: tuple[str, ...] = ()  # one find for each author, or one that names several
    date: tuple[str, ...] = ()  # of publication; a `datetime` or `content` attribute goes before the text
    strip: tuple[str, ...] = ()  # what is not the article: all of them count, `.tail, .tail ~ *` cuts all behind a mark
    lines: tuple[str, ...] = ()  # no selectors: whole lines of the template, as a reader sees them

    def __init__(self, name: str) -> None:
        """Check what the subclass states; InputError names the outlet and what is wrong."""
        self.name = name
        self._article = self._checked()
        self.selectors = self._selectors()

    def is_article(self, url: str) -> bool:
        """Whether a URL has the form of an article's and lies on one of the outlet's hosts."""
        return self.owns(url) and self._article.fullmatch(url) is not None

    def owns(self, url: str) -> bool:
        """Whether a URL lies on one of the outlet's hosts."""
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
        return any(
            parts.netloc.lower() == domain if ":" in domain else host == domain or host.endswith("." + domain)
            for domain in self.domains
        )

    def published(self, url: str) -> DateSpan | None:
        """Return when an article was published, where its address says so."""
        return span_in_url(self._article, url)

    def mend_date(self, text: str) -> str:
        """Return a date that a source of this outlet gives, put right where the source is known to state it wrong."""
        return text

    def mend(self, url: str) -> str:
        """Return a URL that a source of this outlet gives, put right where the source is known to spell it wrong."""
        return url

    def _checked(self) -> re.Pattern[str]:
        if not NAME.fullmatch(self.name):
            raise InputError(f"outlet {self.name!r}: a name is made of a-z, 0-9, '_', '.' and '-'")
        for attribute in vars(type(self)):
            if not attribute.startswith("_") and not hasattr(Outlet, attribute):
                raise InputError(f"outlet {self.name}: there is no attribute {attribute!r}")
        for attribute in ("domains", "languages", "guessed", *SELECTING, "lines"):
            value = getattr(self, attribute)
            if not isinstance(value, tuple) or not all(isinstance(one, str) for one in value):
                raise InputError(f"outlet {self.name}: {attribute} must be a tuple of strings")
        if not self.domains or not all(DOMAIN.fullmatch(domain) for domain in self.domains):
            raise InputError(f"outlet {self.name}: domains must be host names in lower case")
        self._check_sources()
        for attribute in ("delay", "by_day", "by_night", "daily"):
            if getattr(self, attribute) < 0:
                raise InputError(f"outlet {self.name}: {attribute} cannot be negative")
        try:
            if self.wait:
                css("wait", self.wait)
            return re.compile(self.article)
        except InputError as error:
            raise InputError(f"outlet {self.name}: {error}") from error
        except re.error as error:
            raise InputError(f"outlet {self.name}: article is no regular expression: {error}") from error

    def _selectors(self) -> Selectors:
        """Return what is said of the pages, each selector tried."""
        for attribute in SELECTING:
            for selector in getattr(self, attribute):
                try:
                    plan(selector)
                except InputError as error:
                    raise InputError(f"outlet {self.name}: {attribute}: {error}") from error
        if not all(line.strip() for line in self.lines):
            raise InputError(f"outlet {self.name}: lines: one is empty")
        return Selectors(**{name: getattr(self, name) for name in (*SELECTING, "lines")})

    def _check_sources(self) -> None:
        if not isinstance(self.sources, tuple) or not all(isinstance(one, Source) for one in self.sources):
            raise InputError(f"outlet {self.name}: sources must be a tuple of Feed(…), Sitemap(…) … of spiders.sources")
        for source in self.sources:
            try:
                source.check()
            except InputError as error:
                raise InputError(f"outlet {self.name}: {type(source).__name__}: {error}") from error
        ids = [source.id for source in self.sources]
        if len(set(ids)) < len(ids):
            raise InputError(f"outlet {self.name}: the same source stands twice")
