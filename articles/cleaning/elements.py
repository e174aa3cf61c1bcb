"""What an element says it is: comments, share bars, related lists, captions, forms."""

from articles.cleaning.decisions import ColumnDecisions
from articles.page.blocks import HEADINGS, Block, Node
from articles.page.column import prose, weight
from articles.text import fold

STRUCK = {
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
    "gallery": "caption",
    "figure": "caption",
    "embed": "embed",
    "aside": "related",
    "form": "comments",
    "control": "chrome",
    "hidden": "hidden",
    "info": "info",
}  # kind -> reason
MOST = 0.33  # elements of one name with this share of the column's prose are the article, whatever they are called
MOST_INFO = 0.75  # the same for boxes beside the text: a speech in full, the parties' programmes
SOLELY = frozenset({"comments", "hidden"})
SOLE = 250  # characters of prose that must be left for comments to be struck, however many they are
SAME = 40  # folded characters in which a lead and the page's description agree
LONG = 300  # characters of a paragraph that is no caption; the longest caption of the development pages has 237
LEAD = 30  # characters that a lead has at least


def header_lines(column: ColumnDecisions) -> None:
    """Strike what was read as metadata: who wrote, translated and edited it, where it appeared, editors' notes."""
    for index, fate in enumerate(column.fates):
        rule = column.facts.headers.get(fate.block.position)
        if rule:
            column.strike(index, rule, "metadata")


def between_parts(column: ColumnDecisions) -> None:
    """Strike what stands between the parts of a column that its template has cut."""
    for index, fate in enumerate(column.fates):
        if fate.block.position in column.facts.between:
            column.strike(index, "column:between", "outside")


def named_elements(column: ColumnDecisions) -> None:
    """Strike what stands in an element that says it is something else."""
    chains = [
        [
            (node.kind, "p" if node.tag == "p" else node.names)
            for node in fate.block.node.chain(column.top)
            if node.kind in STRUCK
        ]
        for fate in column.fates
    ]
    exempt = _exempt(column, chains)
    first, _ = column.bounds()
    for index, chain in enumerate(chains):
        named = [name[0] for name in reversed(chain) if name not in exempt]
        kind = "" if _tells(column.fates[index].block, named) else next(iter(named), "")
        if index <= first + 1 and is_lead(column, index):
            column.leads.add(index)
        elif kind:
            column.strike(index, f"markup:{kind}", STRUCK[kind])


def _tells(block: Block, kinds: list[str]) -> bool:
    """Return whether a paragraph tells the story inside an element of pictures: a slide's text, or one too long."""
    if set(kinds) == {"gallery"} and block.tag in HEADINGS:
        return not block.linked
    if block.tag not in ("p", "li") or block.node.kind or not prose(block):
        return False
    return set(kinds) == {"gallery"} or (set(kinds) <= {"gallery", "caption"} and len(block.text) >= LONG)


def _exempt(column: ColumnDecisions, chains: list[list[tuple[str, str]]]) -> set[tuple[str, str]]:
    """Return the names of elements that hold so much of the prose that they must be the article."""
    masses: dict[tuple[str, str], float] = {}
    for fate, chain, is_prose in zip(column.fates, chains, column.prose, strict=True):
        if is_prose:
            for name in set(chain):
                masses[name] = masses.get(name, 0.0) + weight(fate.block)
    return {
        name
        for name, mass in masses.items()
        if mass >= (MOST_INFO if name[0] == "info" else MOST) * column.size
        and not (name[0] in SOLELY and column.size - mass >= SOLE)
    }


def is_lead(column: ColumnDecisions, index: int) -> bool:
    """Return whether a block over the first paragraph is the lead, by its own element's name or the description."""
    block = column.fates[index].block
    if len(block.text) < LEAD or block.linked:
        return False
    folded = fold(block.text)
    return block.node.kind == "lead" or (bool(folded) and folded[:SAME] == fold(column.facts.lead)[:SAME])


def outermost(column: ColumnDecisions, node: Node) -> Node:
    """Return the element directly below the column's top that a node stands in."""
    outer = node
    for inner in node.chain(column.top):
        outer = inner
    return outer
