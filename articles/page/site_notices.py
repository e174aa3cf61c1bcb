"""Find texts about the site itself: imprints, rules for comments, lists of its authors.

They stand on each page, also where no article is.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import accumulate

from articles.data import load
from articles.page.blocks import Block, Node, Page
from articles.page.column import prose

MIN_PHRASES = 2  # different ones; an article about a registration or a moderator may hold one
# Characters of prose without such a phrase, for each phrase of a notice
IMPRINT_CHARS = 60  # nearly each of its lines holds one
RULES_CHARS = 600  # the comment rules of a large agency have 300
MIN_PEOPLE = 5  # in a list of authors; a report with comments of experts has longer texts
MAX_TEASER_BLOCKS = 4
MAX_TEASER_CHARS = 200  # of the text below a name
NAME = re.compile(
    r"[A-ZА-ЯЁӘҒҚҢӨҰҮІĄ-Ž][\w’'.-]{0,40}(?: [A-ZА-ЯЁӘҒҚҢӨҰҮІĄ-Ž][\w’'.-]{0,40}){1,3}"
)  # two to four words in capitals
MAX_QUOTED_CHARS = 80  # of the text, in the reason
MIN_NOTICE_SHARE = 0.6  # of a text, for it to be no article


def positions(page: Page) -> frozenset[int]:
    """Return the positions of the blocks of the page's imprints and comment rules; the result is cached."""
    if page.notices is None:
        page.notices = frozenset({*_notices(page), *_people(page)})
    return page.notices


def _notices(page: Page) -> set[int]:
    found: set[int] = set()
    whole = _folded("\n".join(block.text for block in page.blocks))
    for kind, chars_per_phrase in (("imprint", IMPRINT_CHARS), ("comments", RULES_CHARS)):
        present = [phrase for phrase in _phrases(kind) if phrase in whole]
        if len(present) < MIN_PHRASES:
            continue
        texts = [_folded(block.text) for block in page.blocks]
        hits = frozenset(at for at, text in enumerate(texts) if any(phrase in text for phrase in present))
        notice = _NoticeSizes(page, hits, chars_per_phrase)
        for position in hits:
            if position in found:
                continue
            inner = range(position, position + 1)
            for outer in page.blocks[position].node.chain():
                if not notice.continues(inner, outer):
                    break
                inner = range(outer.first, outer.last)
            found.update(inner)
    return found


def reason(page: Page, kept: Iterable[Block]) -> str:
    """Return why the text of a page is no article's: most of it is about the site itself; empty if it is not."""
    texts = list(kept)
    about = positions(page)
    noticed = sum(len(block.text) for block in texts if block.position in about)
    if noticed == 0 or noticed < MIN_NOTICE_SHARE * sum(len(block.text) for block in texts):
        return ""
    return f"an imprint, rules or authors of the site: {texts[0].text[:MAX_QUOTED_CHARS]}"


def _people(page: Page) -> Iterator[int]:
    """Yield the positions of the blocks of a list of people: similar siblings, each a linked name and a short text."""
    siblings: dict[tuple[int, str, str], list[Node]] = {}
    for block in page.blocks:
        if not (block.links and block.linked == len(block.text) and NAME.fullmatch(block.text)):
            continue
        for node in block.node.chain():
            if node.first != block.position or node.last - node.first > MAX_TEASER_BLOCKS or node.parent is None:
                break
            if sum(len(other.text) for other in page.blocks[node.first + 1 : node.last]) > MAX_TEASER_CHARS:
                break
            if node.last - node.first > 1:
                siblings.setdefault((id(node.parent), node.tag, node.names), []).append(node)
    for people in siblings.values():
        if len(people) >= MIN_PEOPLE:
            for node in people:
                yield from range(node.first, node.last)


class _NoticeSizes:
    """Sums over a page's blocks, so that each step outwards from a phrase costs the same."""

    def __init__(self, page: Page, hits: frozenset[int], chars_per_phrase: int) -> None:
        self._chars_per_phrase = chars_per_phrase
        others = (len(b.text) if b.position not in hits and prose(b) else 0 for b in page.blocks)
        self._others = [0, *accumulate(others)]
        self._hits = [0, *accumulate(block.position in hits for block in page.blocks)]

    def continues(self, inner: range, outer: Node) -> bool:
        """Return whether an element adds to the blocks `inner` of a notice not much prose beside further phrases."""
        chars, phrases = (
            sums[outer.last] - sums[outer.first] - (sums[inner.stop] - sums[inner.start])
            for sums in (self._others, self._hits)
        )
        return chars <= self._chars_per_phrase * phrases


def _folded(text: str) -> str:
    return text.casefold().replace("ё", "е")


@cache
def _phrases(kind: str) -> tuple[str, ...]:
    return tuple(load("site_notices")[kind])
