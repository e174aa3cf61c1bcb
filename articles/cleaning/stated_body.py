"""What the page's own embedded text leaves out, where it holds the article: the publisher's word for what is its body."""

import re

from articles.cleaning.decisions import ColumnDecisions
from articles.page.blocks import HEADINGS

WORD = re.compile(r"\w+")
SAME = 0.5  # of a block's word triples that must be in the embedded text for the block to be in it
COVERS = 0.85  # of the kept text that the embedded text must hold to be believed; leads and subheads are often missing
SENTENCE = 60  # characters from which a paragraph inside the text is struck; single lines may be lists or quotes


def absent(column: ColumnDecisions) -> None:
    """Strike what an embedded body lacks under its last paragraph, and paragraphs inside that it lacks.

    On the 81 development pages with such a body 28 blocks of the references were struck, none of them under the text,
    against 40 of chrome; leads and subheads are left alone.
    """
    whole = set(_grams(" ".join(column.facts.embedded)))
    if not whole:
        return
    kept = [index for index, _ in column.kept()]
    inside = {index: _inside(column.fates[index].block.text, whole) for index in kept}
    size = sum(len(column.fates[index].block.text) for index in kept)
    held = [index for index in kept if inside[index]]
    if not held or sum(len(column.fates[index].block.text) for index in held) < COVERS * size:
        return
    for index in kept:
        block = column.fates[index].block
        if inside[index] or index < held[0]:
            continue
        within = block.tag not in HEADINGS and block.tag not in ("li", "tr") and len(block.text) >= SENTENCE
        if index > held[-1] or within:
            column.strike(index, "embedded:absent", "outside")


def _grams(text: str) -> list[tuple[str, str, str]]:
    words = WORD.findall(text)
    return list(zip(words, words[1:], words[2:], strict=False))


def _inside(text: str, whole: set[tuple[str, str, str]]) -> bool:
    grams = _grams(text)
    if not grams:
        return True  # too short to tell
    return sum(gram in whole for gram in grams) >= SAME * len(grams)
