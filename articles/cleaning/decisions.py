"""The blocks of a main column while rules look at them: what is known, what is kept, what was struck and by which rule."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from articles.page.blocks import Block, Node
from articles.page.column import prose, weight
from articles.page.phrases import PhraseMatch, match
from articles.site import PageSite
from articles.text import fold

FORMAL = ("markup:", "caption:", "scrap:", "links:", "byline:")  # rules that judge a lead by where it stands


@dataclass(slots=True)
class PageFacts:
    """What the page says of itself, for rules that compare."""

    titles: tuple[str, ...] = ()  # every spelling of the title
    authors: tuple[str, ...] = ()
    lead: str = ""  # the description that the page gives of itself
    site: str = ""
    embedded: tuple[str, ...] = ()  # paragraphs of the body that JSON-LD holds
    leads: frozenset[int] = frozenset()  # positions of blocks that are the lead
    between: frozenset[int] = frozenset()  # positions of blocks that stand between the parts of a column
    headers: Mapping[int, str] = field(default_factory=dict)  # position -> rule, of blocks read as header lines
    here: PageSite | None = None  # what is known of the site

    def folded_titles(self) -> frozenset[str]:
        """Return the titles as they are compared."""
        return frozenset(folded for title in self.titles if (folded := fold(title)))


@dataclass(slots=True, eq=False)
class BlockDecision:
    """What becomes of a block: `rule` is empty while it is kept."""

    block: Block
    rule: str = ""
    reason: str = ""


@dataclass(slots=True)
class ColumnDecisions:
    """The main column under the rules. Indices are into `fates`; a lead from outside stands before the column's own."""

    top: Node
    fates: list[BlockDecision]
    facts: PageFacts
    titles: frozenset[str] = field(init=False)
    size: float = field(init=False)  # of its prose
    prose: list[bool] = field(init=False)  # which blocks read like paragraphs
    leads: set[int] = field(init=False)  # indices of the lead, which only rules about repeats and phrases may strike
    hits: dict[int, PhraseMatch | None] = field(default_factory=dict)
    cited: set[int] = field(default_factory=set)  # indices of items of lists that lead to other sites
    pictured: frozenset[int] = frozenset()  # nodes with a picture in them, at any depth, by id

    def __post_init__(self) -> None:
        self.titles = self.facts.folded_titles()
        self.leads = {index for index, fate in enumerate(self.fates) if fate.block.position in self.facts.leads}
        self.prose = [prose(fate.block) for fate in self.fates]
        self.size = sum(weight(fate.block) for fate, is_prose in zip(self.fates, self.prose, strict=True) if is_prose)

    def strike(self, index: int, rule: str, reason: str) -> None:
        """Strike a block unless another rule has, or unless it is the lead and the rule only looks at its form."""
        fate = self.fates[index]
        if not fate.rule and not (index in self.leads and rule.startswith(FORMAL)):
            fate.rule, fate.reason = rule, reason

    def hit(self, index: int) -> PhraseMatch | None:
        """Return the phrase that a block's line matched, looked up once."""
        if index not in self.hits:
            self.hits[index] = match(self.fates[index].block.text)
        return self.hits[index]

    def kept(self) -> Iterator[tuple[int, Block]]:
        """Yield what is still kept, with its index."""
        for index, fate in enumerate(self.fates):
            if not fate.rule:
                yield index, fate.block

    def bounds(self) -> tuple[int, int]:
        """Return the indices of the first and the last kept paragraph; (0, -1) without one."""
        kept = [index for index, _ in self.kept() if self.prose[index]]
        return (kept[0], kept[-1]) if kept else (0, -1)

    def span(self, node: Node) -> range:
        """Return the indices of the blocks in a node, as far as they are in the column."""
        offset = self.fates[-1].block.position - len(self.fates) + 1 if self.fates else 0
        return range(max(0, node.first - offset), max(0, min(len(self.fates), node.last - offset)))
