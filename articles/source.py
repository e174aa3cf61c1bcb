"""What the readers of a page's metadata read from: the page under one roof."""

from collections.abc import Container
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from articles.blocks import Block, Node, Page
from articles.structured import Structured, text_of
from articles.text import fold

NEAR = 12  # blocks around the headline and the first paragraph in which dates and names are looked for
ABOVE = 3  # blocks over the headline that may hold them too
HEADING_DEPTH = 3  # elements between a headline's text and its h1


@dataclass(frozen=True, slots=True)
class Source:
    """A page, what it states, and where its article stands."""

    stated: Structured
    page: Page
    top: Node  # the main column
    url: str
    fetched: datetime  # bounds which dates are believed
    heading: int  # index of the headline's block, -1 without one
    aside: Container[int] = ()  # positions of blocks that speak of another text

    @property
    def site(self) -> str:
        """Return the name that the site gives itself."""
        stated = self.stated
        publisher = next((text_of(found["publisher"]) for found in stated.articles if found.get("publisher")), "")
        return stated.first("og:site_name", "application-name", "apple-mobile-web-app-title") or publisher

    def site_names(self) -> set[str]:
        """Return every name of the site, folded: its own, its publisher's, its host."""
        host = (urlsplit(self.url).hostname or "").removeprefix("www.")
        names = {self.site, host, host.split(".")[0], self.stated.first("twitter:site")}
        names |= {text_of(article.get("publisher")) for article in self.stated.articles}
        return {folded for name in names if len(folded := fold(name)) > 1}

    def head(self) -> list[Block]:
        """Return the blocks around the headline, down to the first paragraphs."""
        start = self.heading if self.heading >= 0 else max(0, self.top.first - NEAR)
        return self.page.blocks[max(0, start - ABOVE) : max(start, self.top.first) + NEAR]


def headline(page: Page, top: Node) -> int:
    """Return the index of the article's own h1: the last before its first paragraphs, else the first; -1 without one."""
    found = [index for index, block in enumerate(page.blocks[: max(top.last, top.first)]) if in_h1(block)]
    before = [index for index in found if index <= top.first + NEAR]
    return before[-1] if before else found[0] if found else -1


def in_h1(block: Block) -> bool:
    """Return whether a block stands in an h1."""
    node: Node | None = block.node
    for _ in range(HEADING_DEPTH):
        if node is None:
            return False
        if node.tag == "h1":
            return True
        node = node.parent
    return False
