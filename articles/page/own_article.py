"""Choose the page's own article where a page holds several: sliders, infinite scroll, the next article below.

Each article there is an element of the same form with its own headline. The page's own is the one whose headline the
page's metadata state.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from functools import cached_property
from itertools import accumulate

from articles.page.blocks import Block, Node, Page
from articles.page.column import prose
from articles.page.sizes import MIN_ARTICLE_CHARS, MIN_ARTICLE_PARAGRAPHS, MIN_MATCHED_CHARS
from articles.text import MAX_FOLDED_CHARS, fold

MIN_COLUMN_SHARE = 0.8  # of an article's prose, for the element that is its column
MAX_HEADLINES = 20  # lines equal to the title that are looked at: menus and lists of news repeat it


def find(page: Page, titles: Sequence[str]) -> Node | None:
    """Return the element of the page's own article if others of the same form follow or precede it, or None."""
    folded = {text for title in titles if len(text := fold(title)) >= MIN_MATCHED_CHARS}
    shortest = min(map(len, folded), default=0) / MAX_FOLDED_CHARS
    shown = [
        block
        for block in page.blocks
        if folded and len(block.text) >= shortest and _is_headline(block) and fold(block.text) in folded
    ]
    if not shown:
        return None
    articles = _Articles(page)
    for block in shown[:MAX_HEADLINES]:
        for node in block.node.chain():
            if node.parent is not None and articles.holds_text(node) and articles.has_like_sibling(node, block):
                return node
    return None


def column(page: Page, article: Node) -> Node:
    """Return the innermost element that holds nearly all prose of an article."""
    articles = _Articles(page)
    whole = articles.chars(article)
    inner = (node for node in page.nodes if article.first <= node.first and node.last <= article.last)
    holding = (
        node for node in inner if articles.chars(node) >= MIN_COLUMN_SHARE * whole and node.depth >= article.depth
    )
    return max(holding, key=lambda node: node.depth)


class _Articles:
    """Sums and places of a page's texts, so that each question about an element costs the same."""

    def __init__(self, page: Page) -> None:
        texts = [block.plain if prose(block) else 0 for block in page.blocks]
        self._chars = [0, *accumulate(texts)]
        self._paragraphs = [0, *accumulate(size > 0 for size in texts)]
        self._children: defaultdict[int, list[Node]] = defaultdict(list)
        for node in page.nodes:
            self._children[id(node.parent)].append(node)
        self._page = page

    @cached_property
    def _headlines(self) -> defaultdict[tuple[str, str, int], list[Block]]:
        found: defaultdict[tuple[str, str, int], list[Block]] = defaultdict(list)
        for block in filter(_is_headline, self._page.blocks):
            found[_headline_form(block)].append(block)
        return found

    def chars(self, node: Node) -> int:
        """Return the characters of prose in an element."""
        return self._chars[node.last] - self._chars[node.first]

    def holds_text(self, node: Node) -> bool:
        """Return whether an element holds enough for an article."""
        paragraphs = self._paragraphs[node.last] - self._paragraphs[node.first]
        return paragraphs >= MIN_ARTICLE_PARAGRAPHS and self.chars(node) >= MIN_ARTICLE_CHARS

    def has_like_sibling(self, node: Node, headline: Block) -> bool:
        """Return whether a sibling of the same form holds another article: a text under a headline like this one."""
        return any(
            other is not node
            and other.tag == node.tag
            and _form(other) == _form(node)
            and self.holds_text(other)
            and _starts_within(self._headlines[_headline_form(headline)], other, headline.text)
            for other in self._children[id(node.parent)]
        )


def _starts_within(headlines: Sequence[Block], node: Node, own: str) -> bool:
    """Return whether the first of these headlines inside of an element is there, and is another than `own`."""
    place = bisect_left(headlines, node.first, key=lambda block: block.position)
    return place < len(headlines) and headlines[place].position < node.last and headlines[place].text != own


def _headline_form(block: Block) -> tuple[str, str, int]:
    return block.node.tag, block.node.names, block.node.depth


def _is_headline(block: Block) -> bool:
    """Return whether a block may be an article's headline: that of a teaser is a link."""
    return not block.linked and not prose(block)


def _form(node: Node) -> str:
    return node.names.split(" ", 1)[0]
