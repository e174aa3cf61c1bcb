"""Input of all metadata readers: a page, its structured data and the place of its article."""

import re
from collections.abc import Container, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile
from urllib.parse import urlsplit

from lxml.etree import _Element

from articles.page.blocks import HEADINGS, Block, Node, Page
from articles.page.column import prose
from articles.page.own_objects import same_headline
from articles.page.structured import Structured, text_of
from articles.site import PLAIN, Site
from articles.text import WORD, fold, shares_words

NEAR_HEADLINE_BLOCKS = 12  # searched for dates and names around the headline and the first paragraph
ABOVE_HEADLINE_BLOCKS = 3  # searched above the headline
# Between a headline and the names of a section and a site, in the title of a page
STRONG_SEPARATOR = re.compile(r"(?<=\s)[-–—|·•»«:>›~⋆/\\]+\s|[|ㅣ｜]")
MIN_HEADLINE_CHARS = (
    15  # of a line outside of headings, folded, that is the headline because a stated title is the same
)
TITLE_NAME = re.compile(r"(?<![^\W_])(?:title|headline|heading|zagolovok)(?![^\W_])", re.IGNORECASE)
MAX_SITE_WORDS = 5  # in a site's name
STEM_CHARS = 4  # of a word of a title that may be inflected in the text
MAX_H1_DEPTH = 3  # elements from a headline's text up to its h1


@dataclass(frozen=True, slots=True)
class MetadataContext:
    """A page, its structured data, and where its article is on it."""

    stated: Structured
    page: Page
    top: Node  # the main column
    url: str
    fetched: datetime  # dates that are clearly later are not believed
    heading: int  # index of the headline's block, -1 without one
    aside: Container[int] = ()  # positions of blocks that are about another text
    root: _Element | None = None  # the page's tree, to be searched if nothing else states a date
    site_facts: Site = PLAIN  # what is known of the site

    @property
    def site(self) -> str:
        """The name that the site gives itself, empty if none."""
        stated = self.stated
        publisher = next((text_of(found["publisher"]) for found in stated.articles if found.get("publisher")), "")
        return stated.first("og:site_name", "application-name", "apple-mobile-web-app-title") or publisher

    def site_names(self) -> set[str]:
        """Return every name of the site, folded: its own, its publisher's and its host's."""
        host = (urlsplit(self.url).hostname or "").removeprefix("www.")
        names = {self.site, host, host.split(".")[0], self.stated.first("twitter:site")}
        names |= {text_of(article.get("publisher")) for article in self.stated.articles}
        return {folded for name in names if len(folded := fold(name)) > 1}

    def head(self) -> list[Block]:
        """Return the blocks around the headline, down to the first paragraphs."""
        start = self.heading if self.heading >= 0 else max(0, self.top.first - NEAR_HEADLINE_BLOCKS)
        return self.page.blocks[
            max(0, start - ABOVE_HEADLINE_BLOCKS) : max(start, self.top.first) + NEAR_HEADLINE_BLOCKS
        ]


def headline(page: Page, top: Node, titles: Sequence[str]) -> int:
    """Return the index of the block that is the article's headline, -1 if there is none.

    The first of these that exists:

    - the last h1 before the first paragraphs that equals a stated title;
    - the first line there that does, if possible one that is no link;
    - the last h1 there;
    - another heading there that equals or resembles a title;
    - the first h1 on the page;
    - the last h2 above the column;
    - the last line there that is named a title, if those stated are no headlines.
    """
    folded = {fold(title) for title in titles if title}
    near = [(index, block) for index, block in enumerate(page.blocks[: top.first + NEAR_HEADLINE_BLOCKS])]
    first = [index for index, block in near if in_h1(block)]
    exact = [index for index in first if fold(page.blocks[index].text) in folded]
    like = [index for index in first if any(same_headline(page.blocks[index].text, title) for title in titles)]
    if exact or like:
        return (exact or like)[-1]
    equal = [
        index
        for index, block in near
        if index < top.last and len(text := fold(block.text)) >= MIN_HEADLINE_CHARS and text in folded
    ]
    if equal:  # the site's name, a link, may equal a part of the title too
        return next((index for index in equal if not page.blocks[index].linked), equal[0])
    if first:
        return first[-1]
    headings = [(index, block) for index, block in near if any(node.tag in HEADINGS for node in block.node.chain())]
    for index, block in headings:
        if fold(block.text) in folded or any(shares_words(block.text, title) for title in titles):
            return index
    later = next((index for index, block in enumerate(page.blocks[: top.last]) if in_h1(block)), -1)
    close = [
        index
        for index, block in headings
        if top.first - NEAR_HEADLINE_BLOCKS <= index < top.first and block.tag == "h2"
    ]
    if later >= 0 or close:
        return later if later >= 0 else close[-1]
    return _opening(page, top, titles)


def _opening(page: Page, top: Node, titles: Sequence[str]) -> int:
    """Return the index of the last title before the text, -1 without one or if the stated titles are about the text.

    A short title that shares no word with the text is the site's name: old templates state no other.
    """
    column = page.blocks[top.first : top.last]
    text = {stem for block in column for stem in _stems(block.text)}
    short = all(len(WORD.findall(title)) <= MAX_SITE_WORDS for title in titles)
    if not titles or not short or any(not text.isdisjoint(_stems(title)) for title in titles):
        return -1
    start = max(0, top.first - NEAR_HEADLINE_BLOCKS)
    opening = takewhile(lambda block: not prose(block), page.blocks[start : top.last])
    return max((block.position for block in opening if _is_title(block)), default=-1)


def _is_title(block: Block) -> bool:
    """Return whether a block is a heading, or is named as a title by its class or property, and is no link."""
    return not block.linked and (block.tag in HEADINGS or TITLE_NAME.search(block.node.names) is not None)


def _stems(text: str) -> set[str]:
    return {word[:STEM_CHARS] for word in WORD.findall(text.casefold()) if len(word) >= STEM_CHARS}


def stated_titles(stated: Structured) -> list[str]:
    """Return the titles in a page's metadata."""
    headlines = [text_of(article.get("headline")) for article in stated.articles]
    page_titles = [part for title in stated.titles[:1] for part in (title, *_main_parts(title))]
    titles = [stated.first("og:title"), stated.first("twitter:title"), *headlines, *page_titles]
    return [title for title in titles if title]


def _main_parts(title: str) -> tuple[str, str]:
    """Return the first part of a title and the longest: "Site » Section » Headline"."""
    parts = STRONG_SEPARATOR.split(title)
    return parts[0], max(parts, key=len)


def in_h1(block: Block) -> bool:
    """Return whether a block is in an h1."""
    node: Node | None = block.node
    for _ in range(MAX_H1_DEPTH):
        if node is None:
            return False
        if node.tag == "h1":
            return True
        node = node.parent
    return False
