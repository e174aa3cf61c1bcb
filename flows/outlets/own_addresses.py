"""Check the addresses that a site names while an outlet's file is drafted."""

from dataclasses import dataclass, field

from articles.errors import InputError
from articles.url import absolute, registrable_domain
from spiders.fetching.address_rules import RefusedError
from spiders.fetching.guard import Guard
from spiders.fetching.url_lines import fetchable
from spiders.spec import CrawlSpec

MAX_REFUSED = 50  # addresses kept with their reason
MAX_REFUSED_CHARS = 200  # of a refused address


@dataclass(slots=True)
class OwnAddresses:
    """Accepts the addresses that a crawl could fetch and that lie on the site's own domain; keeps the others as refused."""

    home: str
    guard: Guard
    refused: dict[str, str] = field(default_factory=dict)  # address -> reason, at most `MAX_REFUSED`

    @classmethod
    def of(cls, home: str, spec: CrawlSpec) -> "OwnAddresses":
        """Return the check for a site's home page, under the rules of a crawl."""
        return cls(home, Guard(allow_private=spec.allow_private_hosts, resolve=spec.resolve))

    def accept(self, link: str, base: str = "") -> str:
        """Return an address as a crawl requests it; empty if it is refused."""
        try:
            return self._checked(link, base)
        except (InputError, RefusedError, ValueError) as error:
            self.refuse(link, str(error))
            return ""

    def refuse(self, link: str, why: str) -> None:
        """Keep an address as refused."""
        if len(self.refused) < MAX_REFUSED:
            self.refused.setdefault(link[:MAX_REFUSED_CHARS], why)

    def owns(self, link: str, base: str = "") -> str:
        """Return the same as `accept`, for a link that may well lead elsewhere: it is not kept as refused."""
        try:
            return self._checked(link, base)
        except (InputError, RefusedError, ValueError):
            return ""

    def _checked(self, link: str, base: str) -> str:
        url, _ = fetchable(absolute(base, link) if base else link)
        self.guard.check(url)
        if registrable_domain(url) != registrable_domain(self.home):
            raise InputError(f"not on {registrable_domain(self.home)}, the site's own domain")
        return url
