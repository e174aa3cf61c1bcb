"""Remove blocks by the element that contains them: comments, share bars, related lists, captions, forms."""

import re
from collections import Counter

from articles import dates
from articles.cleaning.decisions import ColumnDecisions
from articles.cleaning.skeleton import heads, is_question
from articles.page.blocks import HEADINGS, Block, Node
from articles.page.column import prose, weight
from articles.page.element_kinds import naming_class
from articles.page.lead import MIN_LEAD_CHARS
from articles.page.phrases import is_notice
from articles.page.sizes import MATCHED_CHARS, MIN_ARTICLE_PARAGRAPHS, MIN_NEWS_CHARS, MIN_PARAGRAPHS
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
}
# Elements of one name with this share of the column's prose are the article, whatever their kind.
MIN_ARTICLE_SHARE = 0.33
MIN_TEXT_CELL_SHARE = 0.8  # of the prose of the row, in the cell that holds the text
NEVER_ARTICLE_KINDS = frozenset({"comments", "hidden"})  # removed whatever their share is, if an article remains
MIN_NON_CAPTION_CHARS = 300  # such a long paragraph is no caption; the longest of the development pages has 237
# Kinds that the content of an element may contradict. Captions, boxes and forms may hold long paragraphs too.
CONTRADICTED_KINDS = frozenset(
    {"ad", "comments", "embed", "share", "related", "promo", "meta", "tags", "navigation", "hidden"}
)
# … of which a list may be that a line of the text announces: "Readers say:" announces comments, "Tags:" tags
ANNOUNCED_KINDS = CONTRADICTED_KINDS - {"comments", "tags", "navigation", "hidden"}
CODE_FRAMES = frozenset({"share", "embed"})  # source code has a toolbar, or is embedded from elsewhere
MIN_STORY_PARAGRAPH_CHARS = 120
MIN_STORY_PROSE_SHARE = 0.7
MAX_STORY_LINKED_SHARE = 0.15
CITED_POST = re.compile(r"twitter|tweet|instagram|facebook|telegram|tiktok|vk[-_]post", re.IGNORECASE)


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


def side_cells(column: ColumnDecisions) -> None:
    """Remove the cells beside the text where a table lays out the page; one cell holds nearly all of the row's text."""
    rows: dict[int, dict[int, Node]] = {}
    seen: set[int] = set()
    for decision in column.decisions:
        for node in decision.block.node.chain(column.top):
            if id(node) in seen:
                break
            seen.add(id(node))
            if node.tag == "td" and node.parent is not None:
                rows.setdefault(id(node.parent), {})[id(node)] = node
    for cells in rows.values():
        spans = [column.span(cell) for cell in cells.values()]
        paragraphs = [[index for index in span if column.prose[index]] for span in spans]
        masses = [sum(weight(column.decisions[index].block) for index in found) for found in paragraphs]
        most = masses.index(max(masses))
        if len(paragraphs[most]) >= MIN_ARTICLE_PARAGRAPHS and masses[most] >= MIN_TEXT_CELL_SHARE * sum(masses):
            for place, span in enumerate(spans):
                for index in span if place != most else ():
                    column.remove(index, "layout:cell", "outside")


def named_elements(column: ColumnDecisions) -> None:
    """Remove blocks in elements whose kind is not article text."""
    known: dict[int, list[tuple[str, str]]] = {}
    chains = [_named_chain(column, decision.block.node, known) for decision in column.decisions]
    exempt = _exempt(column, chains)
    first, _ = column.bounds()
    stories = _stories(column, exempt)
    skeleton = heads(column) if any(kind == "meta" for chain in chains for kind, _ in chain) else frozenset()
    for index, chain in enumerate(chains):
        named = [] if index in stories else [name[0] for name in reversed(chain) if name not in exempt]
        kind = "" if _is_story_text(column.decisions[index].block, named) else next(iter(named), "")
        if index <= first + 1 and is_lead(column, index):
            column.leads.add(index)
        elif kind and not (
            (kind == "control" and is_question(column, index))
            or (index in skeleton and kind == "meta" and dates.parse(column.decisions[index].block.text))
        ):
            column.remove(index, f"markup:{kind}", REASON_BY_KIND[kind])


def _named_chain(
    column: ColumnDecisions, node: Node | None, known: dict[int, list[tuple[str, str]]]
) -> list[tuple[str, str]]:
    """Return the kinds and names of the named elements around a block, innermost first; `known` are those of other nodes."""
    if node is None or node is column.top:
        return []
    if id(node) not in known:
        outer = _named_chain(column, node.parent, known)
        if node.kind in REASON_BY_KIND and not (node.kind == "figure" and id(node) not in column.pictured):
            outer = [(node.kind, "p" if node.tag == "p" else naming_class(node.kind, node.names)), *outer]
        known[id(node)] = outer
    return known[id(node)]


def _stories(column: ColumnDecisions, exempt: set[tuple[str, str]]) -> frozenset[int]:
    """Return the indices of blocks in elements whose name their content contradicts.

    Such an element stands between paragraphs of the text, or is the hidden rest of the text beside its paragraphs, and
    holds paragraphs like them: long, with few links, and without phrases. Or a line of the text announces it with a
    colon, and it is not a list of links. Several elements in one parent that are named as comments are a thread.
    """
    named: dict[int, Node] = {}
    text: set[int] = set()
    for index, decision in enumerate(column.decisions):
        outer = None
        for node in decision.block.node.chain(column.top):
            if node.kind in REASON_BY_KIND and (node.kind, naming_class(node.kind, node.names)) not in exempt:
                outer = node
        if outer is not None:
            named[id(outer)] = outer
        elif column.prose[index]:
            text.add(index)
    found: set[int] = set()
    named_so = {kind for kind, _ in exempt}
    of_article = named_so - NEVER_ARTICLE_KINDS  # the article itself is named so: "paywall-lead", "paywall-text"
    alike = Counter((id(node.parent), node.tag, node.names) for node in named.values())
    for node in named.values():
        span = column.span(node)
        if node.kind not in CONTRADICTED_KINDS or (
            node.kind == "comments" and alike[(id(node.parent), node.tag, node.names)] > 1
        ):
            continue
        if _is_announced_list(column, node, span):
            found.update(span)
        elif _reads_like_text(column, span, 0 if node.tag == "p" else MIN_STORY_PARAGRAPH_CHARS) and (
            node.kind != "ad" or sum(column.prose[index] for index in span) >= MIN_PARAGRAPHS
        ):
            beside = sum(
                column.decisions[index].block.node.parent is node.parent and column.decisions[index].block.tag == "p"
                for index in text
            )
            if node.kind == "hidden":
                is_text = min(beside, sum(column.prose[index] for index in span)) >= MIN_PARAGRAPHS
            else:
                is_text = min(text, default=span.stop) < span.start and max(text, default=-1) >= span.stop
                is_text = is_text or node.kind in of_article
            if is_text:
                found.update(span)
    return frozenset(found)


def _is_announced_list(column: ColumnDecisions, node: Node, span: range) -> bool:
    """Return whether an element is a list of more than links, directly below a line that ends with a colon."""
    blocks = [column.decisions[index].block for index in span]
    before = column.decisions[span.start - 1].block if span.start else None
    return (
        node.kind in ANNOUNCED_KINDS
        and before is not None
        and before.text.endswith(":")
        and column.hit(span.start - 1) is None
        and before.node.kind not in REASON_BY_KIND
        and all(block.tag == "li" and 2 * block.linked < len(block.text) for block in blocks)
    )


def _reads_like_text(column: ColumnDecisions, span: range, least: int) -> bool:
    """Return whether blocks are mostly paragraphs, one of them of `least` characters, with few links and no known phrase."""
    blocks = [column.decisions[index].block for index in span]
    size = sum(len(block.text) for block in blocks)
    paragraphs = [len(column.decisions[index].block.text) for index in span if column.prose[index]]
    return (
        max(paragraphs, default=-1) >= least
        and sum(paragraphs) >= MIN_STORY_PROSE_SHARE * size
        and sum(block.linked for block in blocks) <= MAX_STORY_LINKED_SHARE * size
        and not any(node.names and CITED_POST.search(node.names) for node in blocks[0].node.chain(column.top))
        and not any(column.hit(index) or is_notice(column.decisions[index].block.text) for index in span)
    )


def _is_story_text(block: Block, kinds: list[str]) -> bool:
    """Return whether a block in a named element is article text: a slide's text, too long for a caption, or source code."""
    if block.tag == "pre":
        return set(kinds) <= CODE_FRAMES
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
        if mass >= MIN_ARTICLE_SHARE * column.size
        and not (name[0] in NEVER_ARTICLE_KINDS and column.size - mass >= MIN_NEWS_CHARS)
    }


def is_lead(column: ColumnDecisions, index: int) -> bool:
    """Return whether a block is the lead, by its own element's name or by one of the page's descriptions."""
    block = column.decisions[index].block
    if len(block.text) < MIN_LEAD_CHARS or block.linked:
        return False
    folded = fold(block.text)
    return block.node.kind == "lead" or (
        bool(folded) and any(folded[:MATCHED_CHARS] == fold(text)[:MATCHED_CHARS] for text in column.facts.descriptions)
    )


def outermost(column: ColumnDecisions, node: Node) -> Node:
    """Return the child of the column's top element that contains a node."""
    outer = node
    for inner in node.chain(column.top):
        outer = inner
    return outer
