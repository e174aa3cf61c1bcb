"""Detect pages that a server sends in place of an article: bot walls, consent walls, paywall stubs, notices that it is gone.

A phrase alone shows nothing, because short reports have cookie bars, and quote notices: a page whose main column holds
paragraphs without such phrases is no wall.
"""

import re
from collections.abc import Sequence
from functools import cache

from articles.data import load
from articles.model import Reason
from articles.page.blocks import HEADINGS, Block, Page
from articles.page.column import prose
from articles.page.element_kinds import is_hidden
from articles.page.phrases import NUMBER
from articles.page.structured import Structured
from articles.text import fold

MAX_WALL_PAGE_CHARS = 2500  # of all text on a bot or consent wall; all known walls have fewer than 1,500
MIN_REPORT_CHARS = 300  # of paragraphs without a wall's phrases; the longest known wall has 290
MIN_REPORT_RATIO = 2.0  # of these paragraphs to those of the column with such phrases
MIN_TEXT_CHARS = 140  # of an article; a page with less beside a notice holds none
MIN_REPORTED_CHARS = 115  # of a first paragraph below a headline; those of notices that have one are shorter (107)
MIN_HEADLINE_CHARS = 30  # folded; a longer title is that of an article
MIN_REST_CHARS = 12  # folded, of a headline besides a phrase that begins it
MAX_NOTICE_CHARS = 300  # a paywall's notice is shorter
MAX_STUB_CHARS = 900  # of body text on a paywall stub, which shows one to three paragraphs
MIN_NEIGHBOURS = 2  # paragraphs of the same element, for a sentence to be part of the running text
FRAME_KINDS = frozenset({"navigation", "nav", "footer", "hidden", "header"})
ASIDE_KINDS = frozenset({"related", "ad", "promo", "comments"})
OFFERS = frozenset({"button", "a"})
PHRASE_QUOTES = str.maketrans("’‘Ёё", "''Ее")
TITLE_PARTS = re.compile(r"\s[|/:•·»\u2013\u2014-]\s|[|:]")


def refusal(page: Page, titles: Sequence[str], heading: int, column: range) -> tuple[Reason, str] | None:
    """Return why a page is none of an article, and the phrase that shows it; None if it may be one.

    `titles` are the page's <title> elements, `heading` the position of its headline, or -1, `column` those of the main
    column.
    """
    headline = page.blocks[heading].text if heading >= 0 else ""
    for name, reason, what in (("gone", Reason.GONE, "gone"), ("closed", Reason.BLOCKED, "maintenance")):
        phrase = _notice(page, titles, headline, column, name)
        if phrase:
            return reason, f"{what}: {phrase}"
    wall = _blocked(page, titles, headline, column)
    return (Reason.BLOCKED, wall) if wall else None


def worded(page: Page, stated: Structured, heading: int, column: range, kept: int) -> tuple[Reason, str] | None:
    """Return why an undated page with `kept` characters of body text is a notice, and its words; None if it may be news.

    Only the headline and the first paragraph of the column tell, since short news have the same words further on.
    """
    if page.characters > MAX_WALL_PAGE_CHARS or kept >= MIN_REPORT_CHARS or stated.articles:
        return None
    headline = page.blocks[heading] if heading >= 0 else None
    named = [part for title in stated.titles for part in TITLE_PARTS.split(title)]
    named += [headline.text] if headline else []
    if any(len(fold(part)) >= MIN_HEADLINE_CHARS for part in named) or stated.first("og:type").casefold() == "article":
        return None
    shown = [block for block in page.blocks[column.start : column.stop] if _is_text(block) and not _in_aside(block)]
    paragraphs = [block for block in shown if prose(block)]
    first = next(iter(paragraphs or shown), None)
    if first and (first.links or len(first.text) >= MIN_TEXT_CHARS):
        return None
    for name, reason in (("gone", Reason.GONE), ("closed", Reason.BLOCKED), ("wall", Reason.BLOCKED)):
        for block in filter(None, (first, headline)):
            words = _pattern(name).search(_folded(block.text))
            if words and sum(other.plain for other in paragraphs if other is not block) < MIN_TEXT_CHARS:
                return reason, f"{name}: {words[0]}"
    return None


def _goes_on(headline: str, phrases: Sequence[str]) -> bool:
    """Return whether a headline only begins with a phrase: "Page not found: how a town lost its site"."""
    parts = [fold(_folded(part)) for part in TITLE_PARTS.split(headline)]
    known = {fold(phrase) for phrase in phrases}
    return len(parts) > 1 and sum(len(part) for part in parts if part not in known) >= MIN_REST_CHARS


def _blocked(page: Page, titles: Sequence[str], headline: str, column: range) -> str:
    """Return the phrase that shows that a page is a bot wall or a consent wall, or an empty string."""
    if page.characters > MAX_WALL_PAGE_CHARS:
        return ""
    found = ""
    for title in () if _goes_on(headline, _phrases("titles")) else titles:
        folded = _folded(title)
        phrase = next((phrase for phrase in _phrases("titles") if folded.startswith(phrase)), "")
        found = found or (f"title: {phrase}" if phrase else "")
    text = "\n".join(_folded(block.text) for block in page.blocks)
    for kind, name in (("text", "texts"), ("consent", "consent")):
        phrase = next((phrase for phrase in _phrases(name) if phrase in text), "")
        found = found or (f"{kind}: {phrase}" if phrase else "")
    return found if found and not _is_report(page, column, (*_phrases("texts"), *_phrases("consent"))) else ""


def _notice(page: Page, titles: Sequence[str], headline: str, column: range, name: str) -> str:
    """Return the phrase that shows that a page is a notice in place of an article, or an empty string."""
    phrases = _by_letters(name)
    titles = [*titles, headline]
    parts = (fold(_folded(part)) for title in titles for part in (title, *TITLE_PARTS.split(title)))
    if _goes_on(headline, _phrases(name)):
        parts = (fold(_folded(title)) for title in titles)
    found = next((phrases[part] for part in parts if part in phrases), "")
    texts = _phrases(f"{name}_texts")
    if found:
        return "" if _is_report(page, column, texts) else f"title: {found}"
    short = page.characters <= MAX_WALL_PAGE_CHARS
    shown = page.blocks if short else page.blocks[column.start : column.stop]
    opening = next((block for block in shown if prose(block) and _is_text(block)), None)
    opening = opening or next(filter(_is_text, shown), None)
    first = _folded(opening.text) if opening else ""
    found = next((phrase for phrase in texts if phrase in first), "")
    if not found:
        return ""
    rest = sum(block.plain for block in shown if prose(block) and _is_text(block)) - len(first)
    titled = any(len(fold(title)) >= MIN_HEADLINE_CHARS for title in titles)
    return found if rest < MIN_TEXT_CHARS and not (titled and len(first) >= MIN_REPORTED_CHARS) else ""


def _is_text(block: Block) -> bool:
    """Return whether a block is shown outside of headings and of the site's frame."""
    return block.tag not in HEADINGS and not _in_frame_or_hidden(block)


def _is_report(page: Page, column: range, phrases: Sequence[str]) -> bool:
    """Return whether most paragraphs of the main column are without a wall's phrases, and long enough for a report."""
    own = noticed = 0
    for position in column:
        block = page.blocks[position]
        if prose(block):
            text = _folded(block.text)
            if any(phrase in text for phrase in phrases):
                noticed += len(text)
            else:
                own += block.plain
    return own >= MIN_REPORT_CHARS and own >= MIN_REPORT_RATIO * noticed


@cache
def _phrases(name: str) -> tuple[str, ...]:
    return tuple(map(_folded, load("walls")[name]))


@cache
def _pattern(name: str) -> re.Pattern[str]:
    """Return what notices of a kind say: two of its groups of word beginnings near each other, in one sentence."""
    return re.compile(
        "|".join(
            rf"\b(?:{first})[^.!?]{{0,50}}?\b(?:{second})\w*"
            for pair in load("walls")["worded"][name]
            for first, second in (pair, reversed(pair))
        )
    )


@cache
def _by_letters(name: str) -> dict[str, str]:
    return {fold(phrase): phrase for phrase in _phrases(name)}


def _folded(text: str) -> str:
    """Return a text in the form in which phrases are compared; numbers other than 404 are "#"."""
    return NUMBER.sub(lambda number: number[0] if number[0] == "404" else "#", text.translate(PHRASE_QUOTES).casefold())


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
        if len(block.text) < MAX_NOTICE_CHARS and block.tag != "h1" and not _in_frame_or_hidden(block):
            folded = _folded(block.text)
            phrase = next((phrase for phrase in _phrases("paywall") if phrase in folded), "")
            if not phrase or (not closed and _in_running_text(page, block)):
                phrase = _worded_paywall(page, block, folded, closed=closed)
            if phrase:
                return f"{phrase!r} below {kept} characters" + ("; not accessible for free" if closed else "")
    return ""


def _worded_paywall(page: Page, block: Block, folded: str, *, closed: bool) -> str:
    """Return what a block says of a paywall in other words: beside a link, a button, or at the end of a text."""
    offered = closed or bool(block.links or block.jumps) or any(node.tag in OFFERS for node in block.node.chain())
    parent = block.node.parent or block.node
    below = any(prose(other) for other in page.blocks[parent.first : block.position])
    at_end = below and block.position + 1 >= parent.last
    names = ("paywall", "paywall_asks") if offered else ("paywall_asks",) if at_end else ()
    return next((words[0] for name in names if (words := _pattern(name).search(folded))), "")


def _in_aside(block: Block) -> bool:
    """Return whether a block is in an element that its tag or class sets apart from the article."""
    return any(node.tag == "aside" or node.kind in ASIDE_KINDS for node in block.node.chain())


def _in_frame_or_hidden(block: Block) -> bool:
    """Return whether a block is in the site's header, footer or navigation, or is hidden."""
    return any(
        node.kind in FRAME_KINDS or node.tag in FRAME_KINDS or is_hidden(node.names) for node in block.node.chain()
    )


def _in_running_text(page: Page, block: Block) -> bool:
    """Return whether a block is a sentence among paragraphs of the same element, without a link or a name of its own."""
    if not prose(block) or block.links or block.node.names:
        return False
    parent = block.node.parent
    others = (other for other in page.blocks if other.node.parent is parent and other.tag == block.tag)
    return sum(prose(other) for other in others) > MIN_NEIGHBOURS
