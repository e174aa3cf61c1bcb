"""Ask trafilatura for a page's text, where our own choice is doubtful, and judge between its answer and ours.

Its lines are matched with our blocks, so that positions, structure and removals stay ours. The judgement is a stated rule
on the matched paragraphs:

- `BOTH`: it keeps paragraphs of our column that we removed for their form only (class names, links). They are restored.
- `MOVED`: it reads more, and most of it outside of our column. Its blocks become the column.
- `LINES`: its text is not in our blocks, for instance in a `noscript` element. Its lines are used as they are.
- `OURS`: anything else.
"""

from collections.abc import Container, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache

from lxml import etree
from lxml import html as lxml_html
from lxml.etree import _Element

from articles.page import consent
from articles.page.blocks import Block, Page
from articles.page.column import prose
from articles.page.element_kinds import is_around
from articles.page.sizes import MIN_ARTICLE_CHARS, MIN_TEXT_CHARS
from articles.text import WORD

# Doubts; measured on dev and dev2 without CJK pages, they lead to a question on about 5% of the pages.
MIN_STRUCK_SHARE = 0.2  # of the column's paragraphs, in characters, removed for their form
MIN_INNER_STRUCK_SHARE = 0.1  # the same above the last kept paragraph, where there is less furniture
MIN_STRUCK_CHARS = 100
MIN_KEPT_SHARE = 0.5  # of the page's paragraphs outside of the site's frame, that the column must hold
# Rules of form only: the name of an element, its links, its place.
FORM_RULES = ("markup:", "links:")
# Trafilatura keeps furniture of these kinds too often to be believed (of such paragraphs 0 to 54% were in the texts).
SURE_RULES = frozenset(
    {
        "markup:comments",
        "markup:related",
        "markup:promo",
        "markup:caption",
        "markup:footer",
        "markup:byline",
    }
)
HIDDEN_RULE = "markup:hidden"
CARDS_RULE = "links:cards"
UNREAD_KINDS = frozenset({"form", "hidden"})
MIN_MATCHED_SHARE = 0.8  # of a block's word triples that must be in the answer
MIN_FOUND_SHARE = 0.5  # of the answer's triples that must be in our blocks; otherwise its lines are used
MIN_GAIN = 1.5  # the answer's paragraphs to ours, in characters, for the column to move
MAX_SHARED_SHARE = 0.5  # of the answer's paragraphs that are in our column, for the column to move
Triple = tuple[str, ...]


class Believed(StrEnum):
    """Whose text is used, after trafilatura was asked."""

    OURS = "our column"
    BOTH = "our column, with paragraphs that trafilatura keeps too"
    MOVED = "trafilatura's column"
    LINES = "trafilatura's lines"


@dataclass(frozen=True, slots=True)
class Opinion:
    """A question to trafilatura: why it was asked, who was believed and why."""

    doubt: str
    believed: Believed = Believed.OURS
    why: str = ""
    positions: frozenset[int] = frozenset()  # of the blocks that are restored, or that are the new column
    lines: tuple[str, ...] = ()

    def without_lines(self) -> "Opinion":
        """Return the opinion after its lines were not needed: the page itself holds the text."""
        if self.believed is not Believed.LINES:
            return self
        return replace(self, believed=Believed.OURS, why=f"{self.why}, but the page holds the text", lines=())


@dataclass(frozen=True, slots=True)
class OwnChoice:
    """Our own choice: the column and the rule that removed each of its blocks (empty for a kept block)."""

    page: Page
    column: range
    rules: dict[int, str]  # position -> rule

    def kept(self) -> int:
        """Return the number of characters in kept paragraphs."""
        return _size(block for block in self._paragraphs() if not self.rules[block.position])

    def struck(self) -> list[Block]:
        """Return the blocks removed for their form only."""
        return [self.page.blocks[position] for position, rule in self.rules.items() if _is_of_form(rule)]

    def elsewhere(self, dialogs: Container[int] = ()) -> int:
        """Return the number of characters in paragraphs outside of the column, of the site's frame and of `dialogs`."""
        return _size(
            block
            for block in self.page.blocks
            if block.position not in self.rules
            and block.position not in dialogs
            and prose(block)
            and not in_frame(block)
        )

    def dialogs(self) -> frozenset[int]:
        """Return the positions of the blocks in consent dialogs."""
        return consent.dialogs(self.page, [block for block in self.page.blocks if prose(block)])

    def end(self) -> int:
        """Return the position after the last kept paragraph."""
        return 1 + max((block.position for block in self._paragraphs() if not self.rules[block.position]), default=-1)

    def _paragraphs(self) -> Iterable[Block]:
        return (block for position in self.rules if prose(block := self.page.blocks[position]))


def doubt(choice: OwnChoice) -> str:
    """Return why our own choice is doubtful, or an empty string."""
    kept, end = choice.kept(), choice.end()
    removed = [block for block in choice.struck() if prose(block)]
    struck, inside = _size(removed), _size(block for block in removed if block.position < end)
    if struck >= max(MIN_STRUCK_CHARS, MIN_STRUCK_SHARE * (kept + struck)):
        return f"rules of form removed {struck} of {kept + struck} characters of paragraphs"
    if inside >= max(MIN_STRUCK_CHARS, MIN_INNER_STRUCK_SHARE * (kept + inside)):
        return f"rules of form removed {inside} characters of paragraphs inside the text, {kept} are kept"
    if kept < MIN_ARTICLE_CHARS:
        return f"only {kept} characters of paragraphs are kept"
    elsewhere = choice.elsewhere()
    if kept < MIN_KEPT_SHARE * (kept + elsewhere):
        elsewhere = choice.elsewhere(choice.dialogs())
    if kept < MIN_KEPT_SHARE * (kept + elsewhere):
        return f"{elsewhere} characters of paragraphs are outside of the column, {kept} inside"
    return ""


def ask(root: _Element, choice: OwnChoice, why: str) -> Opinion:
    """Ask trafilatura for the text of a page, and judge between its answer and ours."""
    return judge(choice, why, lines(root))


def judge(choice: OwnChoice, why: str, answer: tuple[str, ...]) -> Opinion:
    """Return whose text to use; `answer` is trafilatura's text."""
    size = sum(map(len, answer))
    if size < MIN_ARTICLE_CHARS:
        return Opinion(why, why=f"trafilatura has {size} characters")
    triples = {triple for line in answer for triple in _triples(line)}
    matched = [block for block in choice.page.blocks if _is_in(block, triples)]
    found = {triple for block in matched for triple in _triples(block.text)}
    kept = choice.kept()
    if len(found & triples) < MIN_FOUND_SHARE * len(triples) and kept < MIN_TEXT_CHARS:
        return Opinion(why, Believed.LINES, f"its {size} characters are not in the page's blocks", lines=answer)
    dialogs = choice.dialogs()
    end = choice.end()
    believable = [
        block for block in matched if block.position not in dialogs and not _is_surely_none(choice, block, kept, end)
    ]
    paragraphs = [block for block in believable if prose(block)]
    theirs = _size(paragraphs)
    inside = _size(block for block in paragraphs if block.position in choice.column)
    if inside < MAX_SHARED_SHARE * theirs and theirs >= max(MIN_ARTICLE_CHARS, MIN_GAIN * kept):
        positions = frozenset(block.position for block in believable if not in_frame(block))
        return Opinion(why, Believed.MOVED, f"{theirs - inside} of its {theirs} characters are elsewhere", positions)
    restored = [
        block
        for block in believable
        if _is_of_form(choice.rules.get(block.position, "")) and block.linked * 2 < len(block.text)
    ]
    if restored:
        reason = f"it keeps {_size(restored)} characters that rules of form removed"
        return Opinion(why, Believed.BOTH, reason, frozenset(block.position for block in restored))
    return Opinion(why, why="it keeps no more of our column")


def in_frame(block: Block) -> bool:
    """Return whether a block is in an element around the article, hidden, or in a form."""
    return is_around(block.node) or any(node.kind in UNREAD_KINDS or node.tag == "form" for node in block.node.chain())


def _is_of_form(rule: str) -> bool:
    return rule.startswith(FORM_RULES) and rule not in SURE_RULES


def _is_surely_none(choice: OwnChoice, block: Block, kept: int, end: int) -> bool:
    """Return whether a block is no text of the article, whatever trafilatura says. `end` is that of our own choice.

    That is furniture and, if a text is kept, what is hidden beside it, and cards below it: their teasers read like text.
    """
    rule = choice.rules.get(block.position)
    if rule is None:
        return in_frame(block)
    if rule in SURE_RULES:
        return True
    return kept >= MIN_ARTICLE_CHARS and (rule == HIDDEN_RULE or (rule == CARDS_RULE and block.position >= end))


@cache
def _parser() -> etree.HTMLParser:
    """Return a parser whose elements are all of lxml.html's plain class: it chooses one per element, in Python."""
    parser = etree.HTMLParser()
    plain = etree.ElementDefaultClassLookup(element=lxml_html.HtmlElement, comment=lxml_html.HtmlComment)
    parser.set_element_class_lookup(plain)
    return parser


def lines(root: _Element) -> tuple[str, ...]:
    """Return the lines of trafilatura's text. It accepts only trees of lxml.html, and changes those that it gets."""
    tree = lxml_html.document_fromstring(etree.tostring(root, encoding="unicode", method="html"), _parser())
    import trafilatura  # noqa: PLC0415  takes 0.1 s, and one page in twenty asks

    text = trafilatura.extract(tree, include_comments=False, with_metadata=False)
    return tuple(line.strip() for line in (text or "").splitlines() if line.strip())


def _triples(text: str) -> list[Triple]:
    words = WORD.findall(text.casefold())
    return [tuple(words[start : start + 3]) for start in range(max(1, len(words) - 2))]


def _is_in(block: Block, triples: set[Triple]) -> bool:
    own = _triples(block.text)
    return sum(triple in triples for triple in own) >= MIN_MATCHED_SHARE * len(own)


def _size(blocks: Iterable[Block]) -> int:
    return sum(len(block.text) for block in blocks)
