"""What an outlet is: a handful of facts about a publisher's site, as the files in `spiders/outlets/` state them.

A plain class, so that whoever only wants to know an outlet's name or languages need not import the crawler.
"""

import re
from urllib.parse import urlsplit

from articles.errors import InputError
from spiders.sources import Source, css
from spiders.spec import DELAY

NAME = re.compile(r"[a-z0-9][a-z0-9_.-]*")
DOMAIN = re.compile(r"[a-z0-9.-]+(:\d+)?|\[[0-9a-f:]+\](:\d+)?")


class Outlet:
    """One publisher's site. Subclass it in a file whose name is the outlet's name, and state what is known.

    Attributes that a subclass did not see proven on the site itself are named in `guessed`.
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
    legal: str = ""  # what whoever crawls it should know: sanctions, bans, blocking
    guessed: tuple[str, ...] = ()

    def __init__(self, name: str) -> None:
        """Check what the subclass states; InputError names the outlet and what is wrong."""
        self.name = name
        self._article = self._checked()

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

    def mend(self, url: str) -> str:
        """Return a URL that a source of this outlet gives, put right where the source is known to spell it wrong."""
        return url

    def _checked(self) -> re.Pattern[str]:
        if not NAME.fullmatch(self.name):
            raise InputError(f"outlet {self.name!r}: a name is made of a-z, 0-9, '_', '.' and '-'")
        for attribute in vars(type(self)):
            if not attribute.startswith("_") and not hasattr(Outlet, attribute):
                raise InputError(f"outlet {self.name}: there is no attribute {attribute!r}")
        for attribute in ("domains", "languages", "guessed"):
            value = getattr(self, attribute)
            if not isinstance(value, tuple) or not all(isinstance(one, str) for one in value):
                raise InputError(f"outlet {self.name}: {attribute} must be a tuple of strings")
        if not self.domains or not all(DOMAIN.fullmatch(domain) for domain in self.domains):
            raise InputError(f"outlet {self.name}: domains must be host names in lower case")
        self._check_sources()
        if self.delay < 0:
            raise InputError(f"outlet {self.name}: a delay cannot be negative")
        try:
            if self.wait:
                css("wait", self.wait)
            return re.compile(self.article)
        except InputError as error:
            raise InputError(f"outlet {self.name}: {error}") from error
        except re.error as error:
            raise InputError(f"outlet {self.name}: article is no regular expression: {error}") from error

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
