"""State of cleaning: what is known of the page, and the decision on each block of its main column."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from articles.page.blocks import Block, Node
from articles.page.column import prose, weight
from articles.page.phrases import PhraseMatch, match
from articles.site import PageSite
from articles.text import fold

# Prefixes of rules that consider only form and position. They do not remove a lead.
RULES_SPARING_LEADS = ("markup:", "caption:", "scrap:", "links:", "byline:")


@dataclass(slots=True)
class PageFacts:
    """Metadata of the page, with which rules compare its blocks."""

    titles: tuple[str, ...] = ()  # all spellings of the title
    authors: tuple[str, ...] = ()
    descriptions: tuple[str, ...] = ()  # of the article, as the page states them
    site: str = ""
    headline: str = ""  # as the page shows it
    leads: frozenset[int] = frozenset()  # positions of blocks that are the lead
    between: frozenset[int] = frozenset()  # positions of blocks between the parts of a split column
    headers: Mapping[int, str] = field(default_factory=dict)  # position -> rule, of blocks read as credits
    page_site: PageSite | None = None  # what is known of the site

    def folded_titles(self) -> frozenset[str]:
        """Return the titles in the form in which they are compared."""
        return frozenset(folded for title in self.titles if (folded := fold(title)))


@dataclass(slots=True, eq=False)
class BlockDecision:
    """The decision on a block. It is kept if `rule` is empty."""

    block: Block
    rule: str = ""
    reason: str = ""


@dataclass(slots=True)
class ColumnDecisions:
    """Decisions on the main column. Indices refer to `decisions`; a lead from outside comes before the column's blocks."""

    top: Node
    decisions: list[BlockDecision]
    facts: PageFacts
    titles: frozenset[str] = field(init=False)
    size: float = field(init=False)  # characters of prose
    prose: list[bool] = field(init=False)  # for each block: whether it reads like a paragraph
    leads: set[int] = field(init=False)  # indices of the lead, which `RULES_SPARING_LEADS` do not remove
    hits: dict[int, PhraseMatch | None] = field(default_factory=dict)
    cited: set[int] = field(default_factory=set)  # indices of items of lists that belong to the text
    pictured: frozenset[int] = frozenset()  # ids of nodes that contain a picture, at any depth

    def __post_init__(self) -> None:
        self.titles = self.facts.folded_titles()
        self.leads = {
            index for index, decision in enumerate(self.decisions) if decision.block.position in self.facts.leads
        }
        self.prose = [prose(decision.block) for decision in self.decisions]
        self.size = sum(
            weight(decision.block) for decision, is_prose in zip(self.decisions, self.prose, strict=True) if is_prose
        )

    def remove(self, index: int, rule: str, reason: str) -> None:
        """Remove a block, unless it is removed already, or is a lead that this rule must spare."""
        decision = self.decisions[index]
        if not decision.rule and not (index in self.leads and rule.startswith(RULES_SPARING_LEADS)):
            decision.rule, decision.reason = rule, reason

    def hit(self, index: int) -> PhraseMatch | None:
        """Return the phrase that a block matches, or None; the result is cached."""
        if index not in self.hits:
            self.hits[index] = match(self.decisions[index].block.text)
        return self.hits[index]

    def kept(self) -> Iterator[tuple[int, Block]]:
        """Yield the index and the block of every block that is still kept."""
        for index, decision in enumerate(self.decisions):
            if not decision.rule:
                yield index, decision.block

    def bounds(self) -> tuple[int, int]:
        """Return the indices of the first and the last kept paragraph, or (0, -1) if there is none."""
        kept = [index for index, _ in self.kept() if self.prose[index]]
        return (kept[0], kept[-1]) if kept else (0, -1)

    def span(self, node: Node) -> range:
        """Return the indices of those blocks of a node that are in the column."""
        offset = self.decisions[-1].block.position - len(self.decisions) + 1 if self.decisions else 0
        return range(max(0, node.first - offset), max(0, min(len(self.decisions), node.last - offset)))
