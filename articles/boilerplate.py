"""What of the main column is not the article: every block is kept or struck by a rule that has a name.

Rules look at a block, its neighbours and its element; `Facts` says what the page states about itself. A rule that
can strike real paragraphs when it errs is bounded: elements with much of the column's prose are never struck by name.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from articles import phrases
from articles.blocks import HEADINGS, Block, Node, Page
from articles.column import prose, weight
from articles.text import fold

KINDS_STRUCK = {
    "comments": "comments",
    "share": "share",
    "promo": "promo",
    "ad": "ad",
    "related": "related",
    "tags": "tags",
    "navigation": "navigation",
    "footer": "legal",
    "byline": "metadata",
    "meta": "metadata",
    "caption": "caption",
    "figure": "caption",
    "embed": "embed",
    "aside": "related",
    "form": "comments",
    "control": "chrome",
    "hidden": "hidden",
}
WEAK_REASONS = frozenset({"outside", "metadata", "tags", "caption", "chrome"})  # a list's heading says more
FRAME = frozenset({"navigation", "nav", "footer", "aside"})  # the site's frame: no part of any main column
MOST_OF_COLUMN = (
    0.4  # elements of a kind with this share of the column's prose are the article, whatever they are called
)
FIRST_ARTICLE = 300  # characters of prose before an h1 that opens another article
SHORTEST_LINK = 3  # characters
REPEATED = 40  # characters from which a block that comes again is a repeat and not a refrain
LINKED = 0.8  # share of a block's characters in anchors from which it is a link and not a sentence
SHORT = 200  # characters: a phrase at the start of a longer block is a sentence of the article


@dataclass(slots=True)
class Facts:
    """What the page says of itself, for rules that compare."""

    titles: tuple[str, ...] = ()  # every spelling of the title
    authors: tuple[str, ...] = ()
    lead: str = ""  # the description that the page gives of itself
    site: str = ""
    credits: Mapping[int, str] = field(default_factory=dict)  # position -> rule, of blocks read as credits

    def folded_titles(self) -> frozenset[str]:
        """Return the titles as they are compared."""
        return frozenset(folded for title in self.titles if (folded := fold(title)))


@dataclass(slots=True, eq=False)
class Fate:
    """What becomes of a block: `rule` is empty while it is kept."""

    block: Block
    rule: str = ""
    reason: str = ""


@dataclass(slots=True)
class Column:
    """The main column under the rules."""

    top: Node
    fates: list[Fate]
    facts: Facts
    prose_size: float = 0.0
    first: int = 0  # index of the first block of prose
    last: int = 0  # index of the last block of prose
    folded_titles: frozenset[str] = field(default_factory=frozenset)

    def strike(self, index: int, rule: str, reason: str) -> None:
        """Strike a block unless another rule has."""
        fate = self.fates[index]
        if not fate.rule:
            fate.rule, fate.reason = rule, reason

    def kept(self) -> Iterable[tuple[int, Block]]:
        """Yield what is still kept, with its index."""
        return ((index, fate.block) for index, fate in enumerate(self.fates) if not fate.rule)


def judge(blocks: list[Block], top: Node, facts: Facts) -> list[Fate]:
    """Return the fate of every block of the column, in order."""
    column = Column(top, [Fate(block) for block in blocks], facts)
    column.folded_titles = facts.folded_titles()
    column.prose_size = sum(weight(block) for block in blocks if prose(block))
    for rule in RULES:
        rule(column)
    return column.fates


def surroundings(page: Page, top: Node, start: int, facts: Facts) -> list[Fate]:
    """Return what stands around the column from block `start` on and is no part of the site's frame: struck, with reasons.

    These blocks never were candidates; the ledger names them so that comments and lists of links can be counted.
    """
    fates: list[Fate] = []
    titles = facts.folded_titles()
    open_section = ""
    for block in page.blocks[max(0, start) :]:
        if top.first <= block.position < top.last:
            open_section = ""
            continue
        if block.position in facts.credits or fold(block.text) in titles:
            rule = facts.credits.get(block.position, "title:headline")
            fates.append(Fate(block, rule, "metadata"))
            continue
        kinds = [node.kind or node.tag for node in block.node.chain()]
        if not FRAME.isdisjoint(kinds):
            continue
        kind = next((kind for kind in reversed(kinds) if kind in KINDS_STRUCK), "")
        hit = phrases.match(block.text)
        if hit and hit.how == "section":
            open_section = hit.reason
        reason = KINDS_STRUCK.get(kind) or (hit.reason if hit else "") or "outside"
        if open_section and reason in WEAK_REASONS:
            reason = open_section
        fates.append(Fate(block, f"outside:{reason}", reason))
    return fates


def by_credits(column: Column) -> None:
    """Strike what was read as metadata: credits, editors' notes, empty bylines."""
    for index, fate in enumerate(column.fates):
        rule = column.facts.credits.get(fate.block.position)
        if rule:
            column.strike(index, rule, "metadata")


def by_markup(column: Column) -> None:
    """Strike what stands in an element that says it is something else."""
    named = [_named(column, fate.block.node) for fate in column.fates]
    mass: dict[str, float] = {}
    for fate, kind in zip(column.fates, named, strict=True):
        if kind and prose(fate.block):
            mass[kind] = mass.get(kind, 0.0) + weight(fate.block)
    for index, kind in enumerate(named):
        if kind and mass.get(kind, 0.0) < MOST_OF_COLUMN * column.prose_size:
            column.strike(index, f"markup:{kind}", KINDS_STRUCK[kind])


def _named(column: Column, node: Node) -> str:
    """Return the outermost kind that strikes, of the elements between a block and the column's top."""
    found = ""
    for inner in node.chain(column.top):
        if inner.kind in KINDS_STRUCK:
            found = inner.kind
    return found


def second_article(column: Column) -> None:
    """Strike the articles that follow the page's own where it scrolls on without end."""
    read = 0.0
    for index, fate in enumerate(column.fates):
        block = fate.block
        if block.tag == "h1" and read > FIRST_ARTICLE and fold(block.text) not in column.folded_titles:
            outer = block.node
            for node in block.node.chain(column.top):
                outer = node
            start = max(0, outer.first - column.fates[0].block.position)
            if all(not prose(other.block) or other.rule for other in column.fates[start:index]):
                for later in range(start, len(column.fates)):
                    column.strike(later, "article:second", "related")
                return
        if prose(block) and not fate.rule:
            read += weight(block)


def title_repeat(column: Column) -> None:
    """Strike the title where the body repeats it."""
    for index, block in column.kept():
        if len(block.text) < SHORT * 2 and fold(block.text) in column.folded_titles:
            column.strike(index, "title:repeat", "metadata")


def by_phrase(column: Column) -> None:
    """Strike lines that say what they are, and the lists that such lines open."""
    for index, block in column.kept():
        hit = phrases.match(block.text)
        if hit is None:
            continue
        if hit.how == "line":
            column.strike(index, f"phrase:{hit.reason}", hit.reason)
        elif hit.how == "section":
            _section(column, index, hit.reason)
        elif len(block.text) < SHORT or block.linked > len(block.text) / 2:
            column.strike(index, f"phrase:{hit.reason}", hit.reason)


def _section(column: Column, index: int, reason: str) -> None:
    column.strike(index, f"section:{reason}", reason)
    for follower in range(index + 1, len(column.fates)):
        fate = column.fates[follower]
        block = fate.block
        if fate.rule:
            continue
        if prose(block) or (block.tag in HEADINGS and not block.linked):
            break
        if block.linked < len(block.text) / 2 and reason != "comments":
            break
        column.strike(follower, f"section:{reason}", reason)


def by_links(column: Column) -> None:
    """Strike blocks that are links and nothing else."""
    for index, block in column.kept():
        if block.links and block.linked >= LINKED * len(block.text) and len(block.text) >= SHORTEST_LINK:
            column.strike(index, "links:whole", "related")


def bounds(column: Column) -> None:
    """Find the first and the last paragraph."""
    kept = [index for index, block in column.kept() if prose(block)]
    column.first, column.last = (kept[0], kept[-1]) if kept else (0, len(column.fates))


def repeats(column: Column) -> None:
    """Strike what stands twice: the same long block again."""
    seen: set[str] = set()
    for index, block in column.kept():
        if len(block.text) < REPEATED:
            continue
        key = fold(block.text)
        if key in seen:
            column.strike(index, "repeat:block", "repeat")
        seen.add(key)


def empty_headings(column: Column) -> None:
    """Strike headings with nothing under them."""
    following: Block | None = None
    for index in range(len(column.fates) - 1, -1, -1):
        fate = column.fates[index]
        if fate.rule:
            continue
        block = fate.block
        if block.tag in HEADINGS and following is None:
            column.strike(index, "heading:empty", "related")
            continue
        following = block


RULES: tuple[Callable[[Column], None], ...] = (
    by_credits,
    by_markup,
    title_repeat,
    second_article,
    by_phrase,
    by_links,
    repeats,
    bounds,
    empty_headings,
)
