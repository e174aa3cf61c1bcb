"""Find texts about the site itself: imprints, and rules for comments. They stand on each page, also where no article is."""

from collections.abc import Iterable
from functools import cache

from articles.data import load
from articles.page.blocks import Block, Node, Page
from articles.page.column import prose
from articles.page.phrases import NUMBER

MIN_PHRASES = 2  # different ones; an article about a registration or a moderator may hold one
# Characters of prose without such a phrase, for each phrase of a notice
IMPRINT_CHARS = 60  # nearly each of its lines holds one
RULES_CHARS = 600  # the comment rules of a large agency have 300
MAX_QUOTED_CHARS = 80  # of the text, in the reason
MIN_NOTICE_SHARE = 0.6  # of a text, for it to be no article


def positions(page: Page) -> frozenset[int]:
    """Return the positions of the blocks of the page's imprints and comment rules."""
    found: set[int] = set()
    for kind, chars_per_phrase in (("imprint", IMPRINT_CHARS), ("comments", RULES_CHARS)):
        hits = {block.position: phrases for block in page.blocks if (phrases := _phrases_in(block, kind))}
        if len(frozenset().union(*hits.values())) < MIN_PHRASES:
            continue
        for position in hits:
            found.add(position)
            inner = range(position, position + 1)
            for outer in page.blocks[position].node.chain():
                if not _is_notice(page, outer, inner, hits, chars_per_phrase):
                    break
                inner = range(outer.first, outer.last)
            found.update(inner)
    return frozenset(found)


def reason(page: Page, kept: Iterable[Block]) -> str:
    """Return why the text of a page is no article's: most of it is about the site itself; empty if it is not."""
    texts = list(kept)
    about = positions(page)
    noticed = sum(len(block.text) for block in texts if block.position in about)
    if noticed == 0 or noticed < MIN_NOTICE_SHARE * sum(len(block.text) for block in texts):
        return ""
    return f"an imprint or rules of the site: {texts[0].text[:MAX_QUOTED_CHARS]}"


def _is_notice(page: Page, node: Node, inner: range, hits: dict[int, frozenset[str]], chars_per_phrase: int) -> bool:
    """Return whether an element adds to the blocks `inner` of a notice not much prose beside further phrases."""
    added = [position for position in range(node.first, node.last) if position not in inner]
    phrases = frozenset().union(*(hits.get(position, frozenset()) for position in added))
    chars = sum(len(page.blocks[at].text) for at in added if at not in hits and prose(page.blocks[at]))
    return chars <= chars_per_phrase * len(phrases)


def _phrases_in(block: Block, kind: str) -> frozenset[str]:
    text = NUMBER.sub("#", block.text.casefold().replace("ё", "е"))
    return frozenset(phrase for phrase in _phrases(kind) if phrase in text)


@cache
def _phrases(kind: str) -> tuple[str, ...]:
    return tuple(load("site_notices")[kind])
