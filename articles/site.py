"""What is known of a site before one of its pages is read: what its markup means, and what all of its pages repeat.

`Selectors` come from an outlet's file, by hand; a `Profile` is learned from the site's pages (`articles.profile`). Both
are given to `articles.extract.extract` from outside, so that a reading depends on nothing but its arguments.
"""

import hashlib
import json
import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from functools import lru_cache

import xxhash

from articles.errors import InputError
from articles.text import fold
from articles.url import absolute, article_id, canonicalize

KEY_DIGITS = 16
DIGITS = re.compile(r"\d+")
TOKEN = re.compile(r"[^\W_]+|#")
LONGEST_LINE = 600  # characters of a line that a template may write; a longer one is text
SHORTEST_TITLE = 15  # folded characters from which a headline is told from a phrase


@dataclass(frozen=True, slots=True)
class Selectors:
    """What the elements of an outlet's pages are: CSS selectors, or XPath where one begins with `/`, `./` or `(`.

    Of `body`, `lead`, `title`, `author` and `date` the first one that finds something counts, so that templates of
    several years can stand side by side; all of `strip` and all `lines` do. Only `title`, `author` and `date` may
    select what is no element (an attribute, a text).
    """

    body: tuple[str, ...] = ()  # what holds the text; of several elements that one selector finds, all do
    lead: tuple[str, ...] = ()  # the standfirst, wherever it stands
    title: tuple[str, ...] = ()
    author: tuple[str, ...] = ()
    date: tuple[str, ...] = ()  # of publication: a `datetime` or `content` attribute goes before the text
    strip: tuple[str, ...] = ()  # what is not the article, wherever it stands
    lines: tuple[str, ...] = ()  # no selectors: whole lines of the template, numbers and typography apart

    def __bool__(self) -> bool:
        """Whether there is any."""
        return self != NO_SELECTORS


NO_SELECTORS = Selectors()
SELECTING = tuple(one.name for one in fields(Selectors) if one.name != "lines")


@dataclass(frozen=True, slots=True)
class Profile:
    """What a site's pages repeat, learned from some of them. See `articles.profile` for how."""

    articles: int = 0  # distinct ones that it was learned from
    lines: Mapping[str, int] = field(default_factory=dict)  # `folded_line` -> on how many of them it stands
    known: Sequence[int] = ()  # sorted `title_hash` and `address_hash` of the site's articles
    sha256: str = ""  # of the file it was read from

    def knows(self, hashed: int) -> bool:
        """Whether a title or an address, hashed, is an article's of the site; never for 0, the hash of neither."""
        place = bisect_left(self.known, hashed)
        return hashed != 0 and place < len(self.known) and self.known[place] == hashed


NO_PROFILE = Profile()


@dataclass(frozen=True, slots=True)
class Site:
    """All that is known of a site. `PLAIN` is one of which nothing is."""

    selectors: Selectors = NO_SELECTORS
    profile: Profile = NO_PROFILE

    @property
    def key(self) -> str:
        """Return a short hash of it, empty for a site of which nothing is known."""
        return _key(self.selectors, self.profile.sha256) if self.selectors or self.profile.sha256 else ""


PLAIN = Site()


@lru_cache(maxsize=1024)
def _key(selectors: Selectors, profile: str) -> str:
    told = json.dumps({**asdict(selectors), "profile": profile}, ensure_ascii=True, sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()[:KEY_DIGITS]


@dataclass(frozen=True, slots=True)
class PageSite:
    """A site on one of its pages: what rules need besides the blocks."""

    site: Site
    url: str  # of the page
    outside: frozenset[int] = frozenset()  # positions of the blocks of the column that the outlet's body does not hold


def folded_line(text: str) -> str:
    """Return a line as lines are compared: words in small letters, numbers as "#"; empty for one that has no word."""
    if len(text) > LONGEST_LINE:
        return ""
    line = " ".join(TOKEN.findall(DIGITS.sub("#", text.casefold())))
    return line if any(character.isalpha() for character in line) else ""


def title_hash(title: str) -> int:
    """Return 64 bits of a title, 0 for one that is too short to tell an article."""
    folded = fold(title)
    return xxhash.xxh3_64_intdigest(folded.encode("utf-8", "surrogatepass")) if len(folded) >= SHORTEST_TITLE else 0


def address_hash(base: str, link: str) -> int:
    """Return the 64 bits that are the article's id (`articles.url.article_id`) at a link of a page, 0 for no address."""
    try:
        return int(article_id(canonicalize(absolute(base, link))), 16)
    except InputError:
        return 0
