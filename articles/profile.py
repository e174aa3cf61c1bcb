"""Learn a site's profile from some of its pages: the lines that they repeat, and the articles that the site has.

A line is a block of the main column with its numbers masked. It belongs to the template if it occurs in enough distinct
articles: in at least three (docs/measurements.md §7: that marks 31% of what is not the text and .0003 of what is), and
in a minimum share of all articles. Both limits are higher for lines that read like an article's own words: a paragraph
that the site quotes often, a subheading, an answer of an interview. These must also stand at the same end of so many
articles, and no older text may have them (`flows.learn`). Pages that share their title and a long paragraph,
or two long paragraphs, are the same article under several URLs. The profile does not depend on the order of the pages.
"""

import base64
import json
import sys
from array import array
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import combinations

from articles.errors import CorruptError
from articles.model import Capture
from articles.page.blocks import HEADINGS, Block
from articles.page.column import prose
from articles.site import Profile, Selectors, Site, folded_line
from articles.text import fold

FORMAT_VERSION = 1  # of the format that `encode` writes
MIN_ARTICLES = 3  # distinct articles that must have a line (docs/measurements.md §7)
MIN_ARTICLES_SHARE = 0.02  # of all articles; it is more than three articles only for sites with more than 150
MIN_OWN_ARTICLES = 5  # as MIN_ARTICLES, for lines that could be an article's own words
# of all articles: fewer repeat a phrase of a running story, most have a template's paragraph
MIN_OWN_ARTICLES_SHARE = 0.2
MAX_LINES_TO_END = 2  # that only this page has, between an end of the column and a line that stands at this end
MAX_LINES = 2_000  # in a profile; the most frequent are kept
MAX_KNOWN_HASHES = 100_000  # of titles and URLs: 800 kB; of a site with more, only a part is kept
NAME_PARAGRAPHS = 2  # longest paragraphs that identify an article under another URL
SENTENCE_ENDS = (".", "!", "?", "…")  # after which only closing quotes may follow
TITLE_RULE_PREFIX = "title:"  # rules that remove the article's own title: "Rates on # May" is no line of the template
CLOSING_QUOTES = "\"'»”“’)"
DIALOGUE_MARKS = ("—", "–", "- ")


@dataclass(frozen=True, slots=True)
class PageLines:
    """Data of one page that learning needs."""

    names: tuple[str, ...]  # identifiers: pages that share one hold the same article
    lines: dict[
        str, bool
    ]  # `folded_line` of each block of the column, in order -> whether it could be the article's own words
    kept: frozenset[str]  # lines that no rule removed


@dataclass(frozen=True, slots=True)
class LearnedProfile:
    """A learned profile and its effect."""

    profile: Profile
    pages: int
    leaked: Mapping[str, int]  # line -> number of pages that keep it without the profile
    own: frozenset[str] = frozenset()  # learned lines that could be an article's own words

    def without(self, lines: Collection[str]) -> "LearnedProfile":
        """Return what was learned without some lines."""
        before = self.profile
        left = {line: count for line, count in before.lines.items() if line not in lines}
        profile = sealed(Profile(before.articles, left, before.known))
        return LearnedProfile(profile, self.pages, {line: self.leaked[line] for line in left}, self.own - set(lines))


def page_lines(capture: Capture, selectors: Selectors) -> PageLines | None:
    """Return the lines of a page's column, or None if the page is refused."""
    from articles import extract  # noqa: PLC0415  loads all rules of extraction, which only a process that reads pages needs
    from articles.page import intake  # noqa: PLC0415
    from articles.page.block_reader import TooDeepError  # noqa: PLC0415

    try:
        intake.check(capture)
        extraction = extract.read(capture, Site(selectors))
    except (intake.PageRefusedError, TooDeepError):
        return None
    lines: dict[str, bool] = {}
    kept: set[str] = set()
    paragraphs: list[str] = []
    for decision in extraction.decisions:
        line = "" if decision.rule.startswith(TITLE_RULE_PREFIX) else folded_line(decision.block.text)
        if line:
            lines[line] = lines.get(line, False) or could_be_own(decision.block)
            if not decision.rule:
                kept.add(line)
        if prose(decision.block) and not decision.rule:
            paragraphs.append(fold(decision.block.text))
    longest = sorted(set(paragraphs), key=lambda text: (-len(text), text))[:NAME_PARAGRAPHS]
    names = [_name(*pair) for pair in combinations(longest, NAME_PARAGRAPHS)]
    title = fold(extraction.meta.title)
    names += [_name(title, paragraph) for paragraph in longest if title]
    return PageLines(tuple(names), lines, frozenset(kept))


def could_be_own(block: Block) -> bool:
    """Return whether a block reads like an article's own words: a paragraph, a subheading, a sentence, a line of dialogue."""
    text = block.text
    heading = any(node.tag in HEADINGS for node in block.node.chain())
    return (
        prose(block)
        or heading
        or text.rstrip(CLOSING_QUOTES).endswith(SENTENCE_ENDS)
        or text.startswith(DIALOGUE_MARKS)
    )


def _name(*parts: str) -> str:
    return sha256("\n".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def learn(pages: Sequence[PageLines], known: Iterable[int]) -> LearnedProfile:
    """Learn the profile of a site from some of its pages.

    `known` holds `title_hash` and `address_hash` of the site's articles.
    """
    articles = _articles(pages)
    articles_by_line: dict[str, set[int]] = {}
    own: set[str] = set()
    leaked: Counter[str] = Counter()
    for page, article in zip(pages, articles, strict=True):
        leaked.update(page.kept)
        for line, could_be in page.lines.items():
            articles_by_line.setdefault(line, set()).add(article)
            if could_be:
                own.add(line)
    article_count = len(set(articles))
    at_ends = _at_ends(pages, articles, articles_by_line)
    counts = {
        line: len(holders)
        for line, holders in articles_by_line.items()
        if _repeats(max(at_ends[line]) if line in own else len(holders), article_count, own=line in own)
    }
    frequent = sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))[:MAX_LINES]
    hashes = sorted({hashed for hashed in known if hashed})[:MAX_KNOWN_HASHES]
    profile = sealed(Profile(article_count, dict(sorted(frequent)), array("Q", hashes)))
    shown = {line: leaked[line] for line in profile.lines}
    return LearnedProfile(profile, len(pages), shown, frozenset(own.intersection(profile.lines)))


def _at_ends(
    pages: Sequence[PageLines], articles: Sequence[int], articles_by_line: Mapping[str, set[int]]
) -> dict[str, tuple[int, int]]:
    """Return for each line the number of articles that have it at their beginning, and at their end.

    Between the line and the end there are only repeated lines, and at most `MAX_LINES_TO_END` others.
    """
    heads: defaultdict[str, set[int]] = defaultdict(set)
    tails: defaultdict[str, set[int]] = defaultdict(set)
    for page, article in zip(pages, articles, strict=True):
        for found, lines in ((heads, page.lines), (tails, reversed(page.lines))):
            others = 0
            for line in lines:
                if len(articles_by_line[line]) < MIN_ARTICLES:
                    others += 1
                if others > MAX_LINES_TO_END:
                    break
                found[line].add(article)
    return {line: (len(heads[line]), len(tails[line])) for line in articles_by_line}


def _repeats(count: int, articles: int, *, own: bool) -> bool:
    minimum, share = (MIN_OWN_ARTICLES, MIN_OWN_ARTICLES_SHARE) if own else (MIN_ARTICLES, MIN_ARTICLES_SHARE)
    return count >= minimum and count >= share * articles


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
    """Return a profile with the hash of its encoded form."""
    return Profile(profile.articles, profile.lines, profile.known, sha256(encode(profile)).hexdigest())


def encode(profile: Profile) -> bytes:
    """Encode a profile as JSON; equal profiles give equal bytes."""
    known = array("Q", profile.known)
    if sys.byteorder == "big":
        known.byteswap()
    content = {
        "version": FORMAT_VERSION,
        "articles": profile.articles,
        "lines": dict(sorted(profile.lines.items())),
        "known": base64.b64encode(known.tobytes()).decode(),
    }
    return json.dumps(content, ensure_ascii=False, indent=1).encode("utf-8", "surrogatepass")


def decode(data: bytes) -> Profile:
    """Decode the result of `encode`. Raises `CorruptError` for anything else."""
    try:
        content = json.loads(data.decode("utf-8", "surrogatepass"))
        if content["version"] != FORMAT_VERSION:
            raise CorruptError(f"profile has format version {content['version']}, not {FORMAT_VERSION}")
        known = array("Q", base64.b64decode(content["known"], validate=True))
        lines = {str(line): int(count) for line, count in content["lines"].items()}
        articles = int(content["articles"])
    except (ValueError, LookupError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise CorruptError(f"profile cannot be read: {error!r}") from error
    if sys.byteorder == "big":
        known.byteswap()
    return Profile(articles, lines, known, sha256(data).hexdigest())
