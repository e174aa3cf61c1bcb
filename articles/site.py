"""Knowledge about a site that extraction uses: selectors for its markup, and a profile of lines that its pages repeat.

`Selectors` are written by hand in an outlet's file; a `Profile` is learned from the site's pages (`articles.profile`).
Both are arguments of `articles.extract.extract`, so that an extraction depends on its arguments only.
"""

import hashlib
import json
import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from functools import lru_cache

import xxhash

from articles.addresses import Addresses
from articles.errors import InputError
from articles.text import fold
from articles.url import absolute, article_id, canonicalize

KEY_HEX_DIGITS = 16
DIGITS = re.compile(r"\d+")
TOKEN = re.compile(r"[^\W_]+|#")
MAX_LINE_CHARS = 600  # of a line of a template; a longer line is text of an article
MIN_TITLE_CHARS = 15  # letters and digits of a title; a shorter one may be any phrase


@dataclass(frozen=True, slots=True)
class Selectors:
    """Selectors for the parts of an outlet's pages: CSS, or XPath if it begins with `/`, `./` or `(`.

    Of `body`, `lead`, `title`, `author` and `date` the first selector that matches is used, so that templates of several
    years can be listed together. All of `strip` and all `lines` are used. Only `title`, `author` and `date` may select
    attributes or text nodes.
    """

    body: tuple[str, ...] = ()  # the elements that hold the text; if a selector matches several, all are used
    lead: tuple[str, ...] = ()  # the standfirst, anywhere on the page
    title: tuple[str, ...] = ()
    author: tuple[str, ...] = ()
    date: tuple[str, ...] = ()  # of publication; a `datetime` or `content` attribute is preferred to the text
    strip: tuple[str, ...] = ()  # what is not part of the article, anywhere on the page
    lines: tuple[str, ...] = ()  # whole lines of the template (no selectors), compared without numbers and punctuation

    def __bool__(self) -> bool:
        """Whether there is any selector or line."""
        return self != NO_SELECTORS


NO_SELECTORS = Selectors()
SELECTOR_FIELDS = tuple(attribute.name for attribute in fields(Selectors) if attribute.name != "lines")


@dataclass(frozen=True, slots=True)
class Profile:
    """Lines that a site's pages repeat, learned from some of its pages (`articles.profile`)."""

    articles: int = 0  # number of distinct articles that it was learned from
    lines: Mapping[str, int] = field(default_factory=dict)  # `folded_line` -> number of articles with it
    known: Sequence[int] = ()  # `title_hash` and `address_hash` of the site's articles, sorted
    sha256: str = ""  # of the encoded profile

    def knows(self, hashed: int) -> bool:
        """Return whether a hash is that of a title or URL of the site's articles; False for 0, which means no hash."""
        place = bisect_left(self.known, hashed)
        return hashed != 0 and place < len(self.known) and self.known[place] == hashed


NO_PROFILE = Profile()
NO_ADDRESSES = Addresses()


@dataclass(frozen=True, slots=True)
class Site:
    """All that is known of a site. `PLAIN` is a site of which nothing is known."""

    selectors: Selectors = NO_SELECTORS
    profile: Profile = NO_PROFILE
    addresses: Addresses = NO_ADDRESSES
    clock: str = ""  # country (top-level domain) whose time the site's dates show if they state no zone

    @property
    def key(self) -> str:
        """Short hash of selectors and profile; empty if nothing is known of the site."""
        known = (self.selectors, self.profile.sha256, self.addresses, self.clock)
        return _key(*known) if self != PLAIN else ""


PLAIN = Site()


@lru_cache(maxsize=1024)
def _key(selectors: Selectors, profile: str, addresses: Addresses, clock: str) -> str:
    known: dict[str, object] = {**asdict(selectors), "profile": profile}
    known |= {"addresses": asdict(addresses), "clock": clock}
    payload = json.dumps(known, ensure_ascii=True, sort_keys=True)
    return hashlib.sha256(payload.encode()).hexdigest()[:KEY_HEX_DIGITS]


@dataclass(frozen=True, slots=True)
class PageSite:
    """A site, with the facts about one of its pages that rules need besides the blocks."""

    site: Site
    url: str  # of the page
    outside: frozenset[int] = frozenset()  # positions of the column's blocks outside of the outlet's `body`


def folded_line(text: str) -> str:
    """Return a line in the form in which lines are compared: case-folded words, numbers as "#".

    The result is empty if the line has no letters or is too long.
    """
    if len(text) > MAX_LINE_CHARS:
        return ""
    line = " ".join(TOKEN.findall(DIGITS.sub("#", text.casefold())))
    return line if any(character.isalpha() for character in line) else ""


def title_hash(title: str) -> int:
    """Return a 64-bit hash of a title, or 0 if it is too short to identify an article."""
    folded = fold(title)
    return xxhash.xxh3_64_intdigest(folded.encode("utf-8", "surrogatepass")) if len(folded) >= MIN_TITLE_CHARS else 0


def address_hash(base: str, link: str) -> int:
    """Return the id of the linked article (`articles.url.article_id`) as a 64-bit integer, or 0 for an invalid URL."""
    try:
        return int(article_id(canonicalize(absolute(base, link))), 16)
    except InputError:
        return 0
