"""A site's profile: lines that its pages repeat and which articles it has, learned from some of its pages.

A line is a block of the main column with its numbers masked. It is the template's, and no article's, if it stands on
enough distinct articles: on three in any case (docs/measurements.md §7: that marks 31% of what is not the text and .0003 of what is),
and on a share of all of them that is higher for what reads like an article's own words: a paragraph that the site quotes
again and again, a subheading, an answer of an interview. Pages that share their title and a long paragraph, or two long
paragraphs, are one article, however many addresses it has. What is learned depends on the pages and not on their order.
"""

import base64
import json
import sys
from array import array
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import combinations

from articles import extract
from articles.errors import CorruptError
from articles.model import Capture
from articles.page import intake
from articles.page.block_reader import TooDeepError
from articles.page.blocks import HEADINGS, Block
from articles.page.column import prose
from articles.site import Profile, Selectors, Site, folded_line
from articles.text import fold

VERSION = 1  # of the form that `encode` writes
LEAST_ARTICLES = 3  # distinct ones on which a line must stand (docs/measurements.md §7)
LEAST_SHARE = 0.02  # of all that were read: up to 150 articles three decide, beyond a line must keep up
OWN_ARTICLES = 5  # the same for a line that could be the article's own words:
OWN_SHARE = 0.2  # a story told again and again is on fewer of a site's articles; a template's paragraph is on most
MOST_LINES = 2_000  # that a profile holds, the most frequent ones
MOST_KNOWN = 100_000  # hashes of titles and addresses: 800 kB; a site with more articles is known in part
WHOLE = 2  # longest paragraphs by which an article is known again under another address
SAYS = (".", "!", "?", "…")  # how a sentence ends, closing quotes apart
TITLE = "title:"  # rules that strike the article's own title: "Rates on # May" is no line of the template
CLOSING = "\"'»”“’)"
DIALOGUE = ("—", "–", "- ")


@dataclass(frozen=True, slots=True)
class PageLines:
    """What learning needs of a page."""

    names: tuple[str, ...]  # another page that has one of them holds the same article
    lines: Mapping[str, bool]  # `folded_line` of each block of the column -> whether it could be the article's own
    kept: frozenset[str]  # those that no rule struck


@dataclass(frozen=True, slots=True)
class LearnedProfile:
    """What was learned, and what it is worth."""

    profile: Profile
    pages: int
    leaked: Mapping[str, int]  # line -> on how many pages it stood in the text without the profile


def page_lines(capture: Capture, selectors: Selectors) -> PageLines | None:
    """Return the lines of a page's column; None where there is no page to read."""
    try:
        intake.check(capture)
        reading = extract.read(capture, Site(selectors))
    except (intake.PageRefusedError, TooDeepError):
        return None
    lines: dict[str, bool] = {}
    kept: set[str] = set()
    paragraphs: list[str] = []
    for fate in reading.fates:
        line = "" if fate.rule.startswith(TITLE) else folded_line(fate.block.text)
        if line:
            lines[line] = lines.get(line, False) or could_be_own(fate.block)
            if not fate.rule:
                kept.add(line)
        if prose(fate.block) and not fate.rule:
            paragraphs.append(fold(fate.block.text))
    longest = sorted(set(paragraphs), key=lambda text: (-len(text), text))[:WHOLE]
    names = [_name(*pair) for pair in combinations(longest, WHOLE)]
    title = fold(reading.meta.title)
    names += [_name(title, paragraph) for paragraph in longest if title]
    return PageLines(tuple(names), lines, frozenset(kept))


def could_be_own(block: Block) -> bool:
    """Return whether a block reads like an article's own words: a paragraph, a subheading, a sentence, a line of dialogue."""
    text = block.text
    heading = any(node.tag in HEADINGS for node in block.node.chain())
    return prose(block) or heading or text.rstrip(CLOSING).endswith(SAYS) or text.startswith(DIALOGUE)


def _name(*parts: str) -> str:
    return sha256("\n".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def learn(pages: Sequence[PageLines], known: Iterable[int]) -> LearnedProfile:
    """Return what some pages of a site have in common. `known` are `title_hash` and `address_hash` of its articles."""
    articles = _articles(pages)
    standing: dict[str, set[int]] = {}
    own: set[str] = set()
    leaked: Counter[str] = Counter()
    for page, article in zip(pages, articles, strict=True):
        leaked.update(page.kept)
        for line, could_be in page.lines.items():
            standing.setdefault(line, set()).add(article)
            if could_be:
                own.add(line)
    whole = len(set(articles))
    counts = {line: len(where) for line, where in standing.items() if _repeats(len(where), whole, own=line in own)}
    most = sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))[:MOST_LINES]
    hashes = sorted({one for one in known if one})[:MOST_KNOWN]
    profile = sealed(Profile(whole, dict(sorted(most)), array("Q", hashes)))
    return LearnedProfile(profile, len(pages), {line: leaked[line] for line in profile.lines})


def _repeats(count: int, articles: int, *, own: bool) -> bool:
    least, share = (OWN_ARTICLES, OWN_SHARE) if own else (LEAST_ARTICLES, LEAST_SHARE)
    return count >= least and count >= share * articles


def _articles(pages: Sequence[PageLines]) -> list[int]:
    """Return a number for each page, the same for pages of one article."""
    parents = list(range(len(pages)))

    def root(page: int) -> int:
        while parents[page] != page:
            parents[page] = parents[parents[page]]
            page = parents[page]
        return page

    first: dict[str, int] = {}
    for page, lines in enumerate(pages):
        for name in lines.names:
            parents[root(page)] = root(first.setdefault(name, page))
    return [root(page) for page in range(len(pages))]


def sealed(profile: Profile) -> Profile:
    """Return a profile with the hash of what it says."""
    return Profile(profile.articles, profile.lines, profile.known, sha256(encode(profile)).hexdigest())


def encode(profile: Profile) -> bytes:
    """Return the bytes in which a profile is kept: the same for the same profile."""
    known = array("Q", profile.known)
    if sys.byteorder == "big":
        known.byteswap()
    told = {
        "version": VERSION,
        "articles": profile.articles,
        "lines": dict(sorted(profile.lines.items())),
        "known": base64.b64encode(known.tobytes()).decode(),
    }
    return json.dumps(told, ensure_ascii=False, indent=1).encode("utf-8", "surrogatepass")


def decode(data: bytes) -> Profile:
    """Read what `encode` wrote. CorruptError if it is something else."""
    try:
        told = json.loads(data.decode("utf-8", "surrogatepass"))
        if told["version"] != VERSION:
            raise CorruptError(f"a profile of version {told['version']}")
        known = array("Q", base64.b64decode(told["known"], validate=True))
        lines = {str(line): int(count) for line, count in told["lines"].items()}
        articles = int(told["articles"])
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise CorruptError(f"a profile that cannot be read: {error!r}") from error
    if sys.byteorder == "big":
        known.byteswap()
    return Profile(articles, lines, known, sha256(data).hexdigest())
