"""Read an article that a page holds but does not show: the longest hidden text that agrees with what the page shows.

Used only if the page's elements show no article, or a few paragraphs.
"""

import re
from collections.abc import Sequence

from lxml import etree
from lxml.etree import _Element

from articles.page import browser_html, column, hidden_texts
from articles.page.block_reader import TooDeepError, read
from articles.page.blocks import Block, Node, Page
from articles.page.column import prose
from articles.page.hidden_texts import Beside, HiddenText
from articles.page.intake import excess
from articles.page.own_objects import same_headline
from articles.page.sizes import MATCHED_CHARS, MAX_STUB_CHARS, MIN_ARTICLE_CHARS, MIN_MATCHED_CHARS, MIN_TEXT_CHARS
from articles.text import fold

MIN_GROWTH = 2.0  # of its prose to the text that the page shows
MAX_TEXTS = 200  # hidden texts that are read
ASSIGNMENT = re.compile(r"[\w.\]]\s*=\s*['\"{\[]|\)\s*[;{]|\bfunction\s*\(")  # also a call, or a function
CHARS_PER_ASSIGNMENT = 200  # of code; a report about code has fewer


def hidden_body(root: _Element, shown: Sequence[Block], lead: str, titles: Sequence[str]) -> Page | None:
    """Return the article that a page hides while it shows only a stub with the blocks `shown`; None if there is none.

    The text must agree with the page: it contains a paragraph or the lead that the page shows, or the lead stands beside
    it. If the page shows hardly anything, the longest text is taken, those first that agree or have the page's title; a
    doubtful one only if the page shows no paragraph.
    """
    size = sum(len(block.text) for block in shown)
    if size > MAX_STUB_CHARS:
        return None
    own = [part for block in shown if prose(block) and (part := fold(block.text)[:MATCHED_CHARS])]
    folded_titles = {folded for title in titles if (folded := fold(title))}
    best: tuple[bool, int] = (False, 0)
    chosen: Page | None = None
    for _, text in zip(range(MAX_TEXTS), hidden_texts.find(root), strict=False):
        page = _page_of(text)
        length = _size(page) if page else 0
        if page is None or length < max(MIN_ARTICLE_CHARS, MIN_GROWTH * size) or _is_code(page):
            continue
        folded = fold(" ".join(block.text for block in page.blocks))
        compared = [*own, fold(lead)[:MATCHED_CHARS]]
        agrees = any(len(part) >= MIN_MATCHED_CHARS and part in folded for part in compared)
        agrees = agrees or _has_lead_beside(text.beside, (*own[:1], compared[-1]), titles)
        titled = size < MIN_TEXT_CHARS and not folded_titles.isdisjoint(map(fold, text.beside.titles()))
        agrees = agrees or titled
        free = not own if text.doubtful else size < MIN_TEXT_CHARS
        if (agrees or free) and (agrees, length) > best:
            best, chosen = (agrees, length), page
    return chosen and _with_shown(chosen, shown)


def _has_lead_beside(beside: Beside, leads: Sequence[str], titles: Sequence[str]) -> bool:
    """Return whether the object that holds a text has the page's lead too, and no other headline than the page's."""
    if beside.headline and not any(same_headline(beside.headline, title) for title in titles):
        return False
    known = [lead for lead in leads if len(lead) >= MIN_MATCHED_CHARS]
    return bool(known) and any(fold(one).startswith(tuple(known)) for one in beside.own)


def _is_code(page: Page) -> bool:
    """Return whether a text is that of a script: a string of it that the script puts together, with its assignments."""
    text = "\n".join(block.text for block in page.blocks)
    return len(ASSIGNMENT.findall(text)) * CHARS_PER_ASSIGNMENT >= len(text)


def page_from_lines(lines: Sequence[str]) -> Page:
    """Return a page whose paragraphs are these lines of text."""
    root = Node("body", None, "", 0)
    nodes = [root]
    blocks: list[Block] = []
    for line in filter(str.strip, lines):
        position = len(blocks)
        nodes.append(Node("p", root, "", 1, first=position, last=position + 1))
        blocks.append(Block(line, nodes[-1], position))
    root.last = len(blocks)
    return Page(blocks, nodes, [], [], [])


def _with_shown(found: Page, shown: Sequence[Block]) -> Page:
    """Return the hidden article below the paragraphs that only the page shows: a lead, for example."""
    folded = fold(" ".join(block.text for block in found.blocks))
    missing = [block.text for block in shown if prose(block) and fold(block.text) not in folded]
    return page_from_lines([*missing, *(block.text for block in found.blocks)]) if missing else found


def _page_of(text: HiddenText) -> Page | None:
    if text.lines:
        return page_from_lines([line for part in text.lines for line in _plain(part)])
    markup = f"<body>{text.markup}</body>" if "<body" not in text.markup else text.markup
    body = _body(markup)
    if body is None:
        return None
    try:
        found = read(body)
    except TooDeepError:
        return None
    if not found.blocks or excess(found):
        return None
    top = column.find(found)
    return (
        found
        if top.last - top.first == len(found.blocks)
        else page_from_lines([block.text for block in found.blocks[top.first : top.last]])
    )


def _body(markup: str) -> _Element | None:
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True)
    root = etree.fromstring(browser_html.rewritten(markup.encode("utf-8", "replace")), parser)
    return None if root is None else root.find("body")


def _plain(line: str) -> list[str]:
    """Return the lines of a paragraph in HTML, or the paragraph as it is."""
    if "<" not in line and "&" not in line:
        return [line]
    body = _body(f"<body><div>{line}</div></body>")
    return [line] if body is None else [block.text for block in read(body).blocks]


def _size(found: Page) -> int:
    return sum(len(block.text) for block in found.blocks if prose(block))
