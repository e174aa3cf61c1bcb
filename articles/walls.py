"""Pages that stand in an article's place: bot walls, consent walls, paywall stubs."""

from collections.abc import Sequence

from articles.blocks import Page
from articles.data import load
from articles.phrases import NUMBER
from articles.structured import Structured

LITTLE = 2500  # characters of a whole page below which a wall's phrase is believed; the walls known have under 1,500
NOTICE = 300  # characters that a wall's notice may have
STUB = 900  # characters of body text; paywall stubs show one to three paragraphs
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


def paywalled(page: Page, stated: Structured, kept: int) -> str:
    """Return what marks a page with `kept` characters of body text as a paywall's stub, or an empty string."""
    if kept > STUB:
        return ""
    closed = any(
        article.get("isAccessibleForFree") in (False, "False", "false") for article in stated.articles + stated.pages
    )
    for block in page.blocks:
        if len(block.text) < NOTICE:
            folded = block.text.translate(PHRASE_QUOTES).casefold()
            phrase = next((phrase for phrase in load("walls")["paywall"] if phrase in folded), "")
            if phrase:
                return f"{phrase!r} below {kept} characters" + ("; not accessible for free" if closed else "")
    return ""
