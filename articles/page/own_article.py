"""Choose the page's own article where a page holds several: sliders, infinite scroll, the next article below.

Each article there is an element of the same form with its own headline. The page's own is the one whose headline the
page's metadata state.
"""

from collections.abc import Sequence

from articles.page.blocks import Block, Node, Page
from articles.page.column import prose
from articles.text import fold

MIN_ARTICLE_CHARS = 300  # of prose, in each of the articles; a teaser has less
MIN_PARAGRAPHS = 3  # in each of the articles
MIN_HEADLINE_CHARS = 20  # folded; a shorter line may be a section's name that a title repeats
MIN_COLUMN_SHARE = 0.8  # of an article's prose, for the element that is its column
MAX_HEADLINES = 20  # lines equal to the title that are looked at: menus and lists of news repeat it


def find(page: Page, titles: Sequence[str]) -> Node | None:
    """Return the element of the page's own article if others of the same form follow or precede it, or None."""
    folded = {text for title in titles if len(text := fold(title)) >= MIN_HEADLINE_CHARS}
    if not folded:
        return None
    shown = [block for block in page.blocks if _is_headline(block) and fold(block.text) in folded]
    for block in shown[:MAX_HEADLINES]:
        for node in block.node.chain():
            if node.parent is not None and _holds_text(page, node) and _has_like_sibling(page, node, block):
                return node
    return None


def column(page: Page, article: Node) -> Node:
    """Return the innermost element that holds nearly all prose of an article."""
    whole = _prose_chars(page, article)
    inner = (node for node in page.nodes if node.within(article))
    return max(
        (node for node in inner if _prose_chars(page, node) >= MIN_COLUMN_SHARE * whole), key=lambda node: node.depth
    )


def _has_like_sibling(page: Page, node: Node, headline: Block) -> bool:
    """Return whether a sibling of the same form holds another article: a text under a headline like this one."""
    return any(
        other is not node
        and other.parent is node.parent
        and other.tag == node.tag
        and _form(other) == _form(node)
        and _holds_text(page, other)
        and any(
            block.node.tag == headline.node.tag
            and block.node.names == headline.node.names
            and block.node.depth == headline.node.depth
            and block.text != headline.text
            for block in page.blocks[other.first : other.last]
            if _is_headline(block)
        )
        for other in page.nodes
    )


def _is_headline(block: Block) -> bool:
    """Return whether a block may be an article's headline: that of a teaser is a link."""
    return not block.linked and not prose(block)


def _form(node: Node) -> str:
    return node.names.split(" ", 1)[0]


def _holds_text(page: Page, node: Node) -> bool:
    paragraphs = sum(prose(block) for block in page.blocks[node.first : node.last])
    return paragraphs >= MIN_PARAGRAPHS and _prose_chars(page, node) >= MIN_ARTICLE_CHARS


def _prose_chars(page: Page, node: Node) -> int:
    return sum(block.plain for block in page.blocks[node.first : node.last] if prose(block))
