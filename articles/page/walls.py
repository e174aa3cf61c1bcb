"""Detect pages that a server sends in place of an article: bot walls, consent walls, paywall stubs."""

from collections.abc import Sequence

from articles.data import load
from articles.page.blocks import Block, Page
from articles.page.element_kinds import is_hidden
from articles.page.phrases import NUMBER
from articles.page.structured import Structured

MAX_WALL_PAGE_CHARS = 2500  # of all text on a bot or consent wall; all known walls have fewer than 1,500
MAX_NOTICE_CHARS = 300  # a paywall's notice is shorter
MAX_STUB_CHARS = 900  # of body text on a paywall stub, which shows one to three paragraphs
FRAME_KINDS = frozenset({"navigation", "nav", "footer", "hidden", "header"})
PHRASE_QUOTES = str.maketrans("’‘", "''")


def blocked(page: Page, titles: Sequence[str]) -> str:
    """Return the phrase that shows that a page is a bot wall or a consent wall, or an empty string."""
    total = sum(len(block.text) for block in page.blocks)
    if total > MAX_WALL_PAGE_CHARS:
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
    """Return the phrase that shows that a page with `kept` characters of body text is a paywall stub; empty if none.

    A notice counts only in the main column, which begins at block `start`, or below it. A hidden invitation, or one in the
    site's header or footer, may be on any page with a short article. `isAccessibleForFree` is reported but does not
    decide: metered sites declare all of their pages as free.
    """
    if kept > MAX_STUB_CHARS:
        return ""
    closed = any(
        article.get("isAccessibleForFree") in (False, "False", "false") for article in stated.articles + stated.pages
    )
    for block in page.blocks[start:]:
        if len(block.text) < MAX_NOTICE_CHARS and not _in_frame_or_hidden(block):
            folded = block.text.translate(PHRASE_QUOTES).casefold()
            phrase = next((phrase for phrase in load("walls")["paywall"] if phrase in folded), "")
            if phrase:
                return f"{phrase!r} below {kept} characters" + ("; not accessible for free" if closed else "")
    return ""


def _in_frame_or_hidden(block: Block) -> bool:
    """Return whether a block is in the site's header, footer or navigation, or is hidden."""
    return any(
        node.kind in FRAME_KINDS or node.tag in FRAME_KINDS or is_hidden(node.names) for node in block.node.chain()
    )
