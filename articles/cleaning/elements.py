"""Remove blocks by the element that contains them: comments, share bars, related lists, captions, forms."""

from articles.cleaning.decisions import ColumnDecisions
from articles.page.blocks import HEADINGS, Block, Node
from articles.page.column import prose, weight
from articles.page.lead import MIN_LEAD_CHARS
from articles.text import fold

REASON_BY_KIND = {  # kind of an element -> reason of the removal
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
}
# Elements of one name with this share of the column's prose are the article, whatever their kind.
MIN_ARTICLE_SHARE = 0.33
MIN_INFO_ARTICLE_SHARE = 0.75  # the same for boxes beside the text: a speech in full, party programmes
NEVER_ARTICLE_KINDS = frozenset({"comments", "hidden"})  # removed whatever their share is,
MIN_REMAINING_CHARS = 250  # if at least this much other prose remains
MATCHED_CHARS = 40  # folded characters that must be equal at the start of a lead and of the page's description
MIN_NON_CAPTION_CHARS = 300  # such a long paragraph is no caption; the longest of the development pages has 237


def header_lines(column: ColumnDecisions) -> None:
    """Remove lines that were read as metadata: authors, translators, editors, first publication, editors' notes."""
    for index, decision in enumerate(column.decisions):
        rule = column.facts.headers.get(decision.block.position)
        if rule:
            column.remove(index, rule, "metadata")


def between_parts(column: ColumnDecisions) -> None:
    """Remove blocks between the parts of a column that its template has split."""
    for index, decision in enumerate(column.decisions):
        if decision.block.position in column.facts.between:
            column.remove(index, "column:between", "outside")


def named_elements(column: ColumnDecisions) -> None:
    """Remove blocks in elements whose kind is not article text."""
    chains = [
        [
            (node.kind, "p" if node.tag == "p" else node.names)
            for node in decision.block.node.chain(column.top)
            if node.kind in REASON_BY_KIND
        ]
        for decision in column.decisions
    ]
    exempt = _exempt(column, chains)
    first, _ = column.bounds()
    for index, chain in enumerate(chains):
        named = [name[0] for name in reversed(chain) if name not in exempt]
        kind = "" if _is_story_text(column.decisions[index].block, named) else next(iter(named), "")
        if index <= first + 1 and is_lead(column, index):
            column.leads.add(index)
        elif kind:
            column.remove(index, f"markup:{kind}", REASON_BY_KIND[kind])


def _is_story_text(block: Block, kinds: list[str]) -> bool:
    """Return whether a block inside a gallery or caption is article text: a slide's text, or too long for a caption."""
    if set(kinds) == {"gallery"} and block.tag in HEADINGS:
        return not block.linked
    if block.tag not in ("p", "li") or block.node.kind or not prose(block):
        return False
    return set(kinds) == {"gallery"} or (
        set(kinds) <= {"gallery", "caption"} and len(block.text) >= MIN_NON_CAPTION_CHARS
    )


def _exempt(column: ColumnDecisions, chains: list[list[tuple[str, str]]]) -> set[tuple[str, str]]:
    """Return the (kind, name) of elements that hold so much of the prose that they must be the article."""
    masses: dict[tuple[str, str], float] = {}
    for decision, chain, is_prose in zip(column.decisions, chains, column.prose, strict=True):
        if is_prose:
            for name in set(chain):
                masses[name] = masses.get(name, 0.0) + weight(decision.block)
    return {
        name
        for name, mass in masses.items()
        if mass >= (MIN_INFO_ARTICLE_SHARE if name[0] == "info" else MIN_ARTICLE_SHARE) * column.size
        and not (name[0] in NEVER_ARTICLE_KINDS and column.size - mass >= MIN_REMAINING_CHARS)
    }


def is_lead(column: ColumnDecisions, index: int) -> bool:
    """Return whether a block is the lead, by its own element's name or by the page's description."""
    block = column.decisions[index].block
    if len(block.text) < MIN_LEAD_CHARS or block.linked:
        return False
    folded = fold(block.text)
    return block.node.kind == "lead" or (
        bool(folded) and folded[:MATCHED_CHARS] == fold(column.facts.lead)[:MATCHED_CHARS]
    )


def outermost(column: ColumnDecisions, node: Node) -> Node:
    """Return the child of the column's top element that contains a node."""
    outer = node
    for inner in node.chain(column.top):
        outer = inner
    return outer
