"""Features of a column's blocks for the model that finds lines around the text: place, links, form and neighbours.

No feature is a word of a class or phrase, and none depends on what the rules decided, so that the model knows other
things than they do.
"""

import re
from collections import Counter
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from articles.cleaning.decisions import ColumnDecisions
from articles.dates import CACHED_TEXTS
from articles.page.blocks import HEADINGS, Block, Node
from articles.text import LETTER_WORD, cached_if_short

STEM = re.compile(r"\b([^\W\d_]{5})\w*")  # long words with the same beginning count as one
SENTENCE_END = re.compile(r"[.!?…。।][\"'»”)\]]*$")
MARK = re.compile("[©|»•→›]")
QUOTATION_MARK = re.compile('[«“”„"]')
MAX_END_CHARS = 20  # in which a sentence ends; the rest of a long block need not be searched
ADDRESS = re.compile(r"https?://|www\.|@\w")
FAR = 12  # blocks; what is farther away is as far
LONG = 1000  # characters; a longer block is as long
NAMES = (
    "place", "blocks after", "text before", "distance from the last paragraph", "distance from the first paragraph",
    "paragraphs after", "length", "words", "length of words", "linked share", "links", "links to other sites",
    "jumps", "ends like a sentence", "commas", "digits", "capitals", "capitalised words", "question", "exclamation",
    "colon at the end", "colons", "address", "marks", "quotation marks", "begins with a small letter",
    "begins with a mark", "paragraph", "list item", "heading", "row", "quotation", "other tag",
    "depth below the paragraphs", "text in the same parent", "text in the same form", "share of the parent",
    "links in the parent", "blocks in the parent", "links around the parent", "share around the parent",
    "in a list", "in a table", "in a quotation", "in a form", "in an aside", "beside a picture",
    "length before", "links before", "paragraph before", "same tag before", "heading before", "length two before",
    "length after", "links after", "paragraph after", "same tag after", "heading after", "length two after",
    "repetitions", "run of its form", "words of the title", "words of the text", "paragraphs", "links in the column",
    "text in the column",
)  # fmt: skip


@dataclass(slots=True)
class ColumnFeatures:
    """What the features of all blocks of a column are computed from."""

    column: ColumnDecisions
    blocks: list[Block] = field(init=False)
    before: list[int] = field(init=False)  # characters of paragraphs before each block
    paragraphs: list[int] = field(init=False)  # their indices
    stems: Counter[str] = field(init=False)  # beginnings of words -> number of paragraphs that have them
    texts: Counter[str] = field(init=False)
    parents: Counter[int] = field(init=False)  # id of a node -> characters of the paragraphs directly in it
    forms: Counter[tuple[str, str]] = field(init=False)  # (tag, names) -> characters of its paragraphs
    sums: dict[int, tuple[int, int, int]] = field(init=False)  # id of a node -> characters, linked ones, blocks
    depth: int = field(init=False)  # of most paragraphs
    linked: float = field(init=False)
    title: frozenset[str] = field(init=False)
    host: str = field(init=False)

    def __post_init__(self) -> None:
        column = self.column
        self.blocks = [decision.block for decision in column.decisions]
        self.paragraphs = [index for index, is_prose in enumerate(column.prose) if is_prose]
        self.stems, self.parents, self.forms, depths = Counter(), Counter(), Counter(), Counter[int]()
        self.before, size = [], 0
        for index, block in enumerate(self.blocks):
            self.before.append(size)
            if column.prose[index]:
                length = len(block.text)
                size += length
                self.stems.update(stems(block.text))
                self.parents[id(block.node.parent)] += length
                self.forms[(block.tag, block.node.names)] += length
                depths[block.node.depth] += length
        self.texts = Counter(block.text for block in self.blocks)
        self.sums = {}
        self.depth = max(depths, key=lambda depth: (depths[depth], -depth)) if depths else 0
        whole = sum(len(block.text) for block in self.blocks)
        self.linked = sum(block.linked for block in self.blocks) / max(1, whole)
        self.title = frozenset(word for title in column.facts.titles for word in stems(title))
        page_site = column.facts.page_site
        self.host = (urlsplit(page_site.url).hostname or "").removeprefix("www.") if page_site else ""

    def of(self, index: int) -> list[float]:
        """Return the features of a block, in the order of `NAMES`."""
        block = self.blocks[index]
        return [
            *self._place(index),
            *_form(block, self.host),
            *self._around(block),
            *self._neighbours(index),
            *self._whole(index),
        ]

    def _place(self, index: int) -> list[float]:
        count, size = len(self.blocks), self.before[-1] + (len(self.blocks[-1].text) if self.column.prose[-1] else 0)
        first, last = (self.paragraphs[0], self.paragraphs[-1]) if self.paragraphs else (0, count)
        after = sum(paragraph > index for paragraph in self.paragraphs[-FAR:])
        return [
            index / count,
            min(count - 1 - index, FAR),
            self.before[index] / max(1, size),
            max(-FAR, min(index - last, FAR)),
            max(-FAR, min(index - first, FAR)),
            after,
        ]

    def _around(self, block: Block) -> list[float]:
        node, column = block.node, self.column
        parent = node.parent or node
        outer = parent.parent or parent
        chars, linked, blocks = self._sum(parent)
        outer_chars, outer_linked, _ = self._sum(outer)
        whole = max(1, self.before[-1])
        tags = {inner.tag for inner in node.chain(column.top)}
        return [
            max(-FAR, min(node.depth - self.depth, FAR)),
            self.parents[id(node.parent)] / whole,
            self.forms[(node.tag, node.names)] / whole,
            len(block.text) / max(1, chars),
            linked / max(1, chars),
            min(blocks, FAR * 2),
            outer_linked / max(1, outer_chars),
            len(block.text) / max(1, outer_chars),
            float("li" in tags),
            float("table" in tags),
            float("blockquote" in tags),
            float("form" in tags),
            float(not tags.isdisjoint(("aside", "footer", "header", "nav"))),
            float(id(parent) in column.pictured),
        ]

    def _sum(self, node: Node) -> tuple[int, int, int]:
        found = self.sums.get(id(node))
        if found is None:
            blocks = [self.blocks[index] for index in self.column.span(node)]
            found = (sum(len(block.text) for block in blocks), sum(block.linked for block in blocks), len(blocks))
            self.sums[id(node)] = found
        return found

    def _neighbours(self, index: int) -> list[float]:
        features: list[float] = []
        tag = self.blocks[index].tag
        for step in (-1, 1):
            other, second = index + step, index + 2 * step
            if 0 <= other < len(self.blocks):
                block = self.blocks[other]
                features += [
                    min(len(block.text), LONG),
                    block.linked / len(block.text),
                    float(self.column.prose[other]),
                    float(block.tag == tag),
                    float(block.tag in HEADINGS),
                ]
            else:
                features += [-1.0, 0.0, 0.0, 0.0, 0.0]
            features.append(min(len(self.blocks[second].text), LONG) if 0 <= second < len(self.blocks) else -1.0)
        return features

    def _whole(self, index: int) -> list[float]:
        block = self.blocks[index]
        own = stems(block.text)
        minus = int(self.column.prose[index])
        known = sum(self.stems[stem] > minus for stem in own)
        return [
            min(self.texts[block.text] - 1, FAR),
            self._run(index),
            sum(stem in self.title for stem in own) / len(own) if own else -1.0,
            known / len(own) if own else -1.0,
            min(len(self.paragraphs), 4 * FAR),
            self.linked,
            min(self.before[-1], 10 * LONG),
        ]

    def _run(self, index: int) -> int:
        """Return how many blocks in succession have the block's tag and names."""
        form = (self.blocks[index].tag, self.blocks[index].node.names)
        length = 1
        for step in (-1, 1):
            other = index + step
            while 0 <= other < len(self.blocks) and length < FAR:
                if (self.blocks[other].tag, self.blocks[other].node.names) != form:
                    break
                length += 1
                other += step
        return length


@cached_if_short(CACHED_TEXTS)
def stems(text: str) -> frozenset[str]:
    """Return the beginnings of a text's long words."""
    return frozenset(STEM.findall(text.casefold()))


def _form(block: Block, host: str) -> list[float]:
    text, length = block.text, len(block.text)
    words = LETTER_WORD.findall(text)
    letters = sum(map(len, words))
    elsewhere = sum(link.startswith(("http", "//")) and bool(host) and host not in link for link in block.links)
    tag = block.tag
    kinds = (tag == "p", tag == "li", tag in HEADINGS, tag in ("tr", "td", "th"), tag == "blockquote")
    return [
        min(length, LONG),
        min(len(words), 200),
        letters / max(1, len(words)),
        block.linked / length,
        min(len(block.links), FAR),
        elsewhere / max(1, len(block.links)),
        block.jumps / length,
        float(SENTENCE_END.search(text, max(0, length - MAX_END_CHARS)) is not None),
        100 * text.count(",") / length,
        sum(map(str.isdigit, text)) / length,
        sum(map(str.isupper, text)) / max(1, letters),
        sum(map(str.isupper, [word[0] for word in words])) / max(1, len(words)),
        float("?" in text),
        float("!" in text),
        float(text.endswith(":")),
        text.count(":"),
        float(ADDRESS.search(text) is not None),
        len(MARK.findall(text)),
        float(QUOTATION_MARK.search(text) is not None),
        float(text[0].islower()),
        float(not text[0].isalnum()),
        *map(float, kinds),
        float(not any(kinds)),
    ]
