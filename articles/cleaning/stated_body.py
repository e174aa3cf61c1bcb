"""Remove blocks that the article body in the page's JSON-LD lacks: the publisher itself does not count them as body."""

import re

from articles.cleaning.decisions import ColumnDecisions
from articles.page.blocks import HEADINGS

WORD = re.compile(r"\w+")
MIN_SHARED_TRIPLE_SHARE = 0.5  # of a block's word triples that the embedded text must contain
# Share of the kept text that must be in the embedded text for it to be trusted; it often lacks leads and subheadings.
MIN_COVERED_SHARE = 0.85
MIN_REMOVED_CHARS = 60  # of a paragraph removed inside the text; shorter lines may be lists or quotes


def absent_blocks(column: ColumnDecisions) -> None:
    """Remove blocks below the text, and paragraphs inside it, that the embedded body lacks.

    On the 81 development pages with such a body, this removed 40 blocks of chrome, and 28 blocks of the reference texts,
    none of which was below the text. Leads and subheadings are kept.
    """
    whole = set(_grams(" ".join(column.facts.embedded)))
    if not whole:
        return
    kept = [index for index, _ in column.kept()]
    inside = {index: _is_in_stated_body(column.decisions[index].block.text, whole) for index in kept}
    size = sum(len(column.decisions[index].block.text) for index in kept)
    found = [index for index in kept if inside[index]]
    if not found or sum(len(column.decisions[index].block.text) for index in found) < MIN_COVERED_SHARE * size:
        return
    for index in kept:
        block = column.decisions[index].block
        if inside[index] or index < found[0]:
            continue
        within = block.tag not in HEADINGS and block.tag not in ("li", "tr") and len(block.text) >= MIN_REMOVED_CHARS
        if index > found[-1] or within:
            column.remove(index, "embedded:absent", "outside")


def _grams(text: str) -> list[tuple[str, str, str]]:
    words = WORD.findall(text)
    return list(zip(words, words[1:], words[2:], strict=False))


def _is_in_stated_body(text: str, whole: set[tuple[str, str, str]]) -> bool:
    grams = _grams(text)
    if not grams:
        return True  # too short to tell
    return sum(gram in whole for gram in grams) >= MIN_SHARED_TRIPLE_SHARE * len(grams)
