"""Pages that stand in an article's place: bot walls, consent walls, paywall stubs."""

from collections.abc import Sequence

from articles.data import load
from articles.page.blocks import Block, Page
from articles.page.element_kinds import is_hidden
from articles.page.phrases import NUMBER
from articles.page.structured import Structured

LITTLE = 2500  # characters of a whole page below which a wall's phrase is believed; the walls known have under 1,500
NOTICE = 300  # characters that a wall's notice may have
STUB = 900  # characters of body text; paywall stubs show one to three paragraphs
FRAME = frozenset({"navigation", "nav", "footer", "hidden", "header"})
PHRASE_QUOTES = str.maketrans("’‘", "''")


def blocked(page: Page, titles: Sequence[str]) -> str:
    """Return what marks a page as a bot wall or a consent wall, or an empty string."""
    total = sum(len(block.text) for block in page.blocks)
    if total > LITTLE:
        return ""
    walls = load("walls")
    for title in titles:
        folded = title.translate(PHRASE_QUOTES).casefold()
        for phrase in walls["titles"]:
            if folded.startswith(phrase):
                return f"title: {phrase}"
    text = NUMBER.sub("#", "\n".join(block.text for block in page.blocks).translate(PHRASE_QUOTES).casefold())
    for phrase in walls["texts"]:
        if phrase in text:
            return f"text: {phrase}"
    for phrase in walls["consent"]:
        if phrase in text:
            return f"consent: {phrase}"
    return ""


def paywalled(page: Page, stated: Structured, kept: int, start: int) -> str:
    """Return what marks a page with `kept` characters of body text as a paywall's stub, or an empty string.

    The notice stands in the column, which begins at block `start`, or under it: an invitation in the head of a site or
    in its foot, or one that is not shown, says nothing of a short article. Metered sites state all of their pages as free.
    """
    if kept > STUB:
        return ""
    closed = any(
        article.get("isAccessibleForFree") in (False, "False", "false") for article in stated.articles + stated.pages
    )
    for block in page.blocks[start:]:
        if len(block.text) < NOTICE and not _unseen(block):
            folded = block.text.translate(PHRASE_QUOTES).casefold()
            phrase = next((phrase for phrase in load("walls")["paywall"] if phrase in folded), "")
            if phrase:
                return f"{phrase!r} below {kept} characters" + ("; not accessible for free" if closed else "")
    return ""


def _unseen(block: Block) -> bool:
    """Return whether a block stands in the frame of the site, or is not shown."""
    return any(node.kind in FRAME or node.tag in FRAME or is_hidden(node.names) for node in block.node.chain())
