"""What reading a page on would cost, told from its form alone: a page too costly is refused before the work is done.

The same page is refused on every machine, however busy. The limits lie far above what articles are: of the 412
development pages the fullest has 722 blocks, 56,000 characters of text, and blocks 13,000 elements deep together.
"""

from articles.page.blocks import Page

MOST_BLOCKS = 10_000
MOST_CHARACTERS = 2_000_000  # a novel has half of it
MOST_DEPTH = 300_000  # elements that the page's blocks stand in, counted for each: what rules walk along


def excess(page: Page) -> str:
    """Return what there is too much of on a page, or an empty string."""
    if len(page.blocks) > MOST_BLOCKS:
        return f"{len(page.blocks)} blocks of text"
    characters = sum(len(block.text) for block in page.blocks)
    if characters > MOST_CHARACTERS:
        return f"{characters} characters of text"
    depth = sum(block.node.depth for block in page.blocks)
    return f"blocks {depth} elements deep together" if depth > MOST_DEPTH else ""
