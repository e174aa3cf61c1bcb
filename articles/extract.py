"""Extract documents from a capture, or return the reason why there are none.

Pure and deterministic: an outcome depends on the capture and on what is known of its site. There is no clock, no
network, and no state besides package data, which is read once.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from lxml.etree import _Element

from articles.addresses import section_address
from articles.cleaning import clean
from articles.cleaning.decisions import BlockDecision, PageFacts
from articles.documents import documents_of
from articles.drop_controls import drop_controls
from articles.metadata import canonical, from_outlet
from articles.metadata import credits as credit_lines
from articles.metadata import read as metadata
from articles.metadata.context import MetadataContext, headline, in_h1, stated_titles
from articles.model import Capture, Outcome, Reason, Removal
from articles.page import (
    column,
    embedded,
    intake,
    lead,
    outlet_selectors,
    own_article,
    own_objects,
    page_kinds,
    refresh,
    second_opinion,
    site_notices,
    structured,
    template,
    walls,
)
from articles.page.block_reader import TooDeepError
from articles.page.block_reader import read as read_blocks
from articles.page.blocks import Block, Node, Page
from articles.page.column import MIN_PROSE_CHARS, SENTENCE_PUNCTUATION
from articles.page.decoding import Decoded
from articles.page.sizes import MIN_ARTICLE_CHARS, MIN_TEXT_CHARS
from articles.site import PLAIN, PageSite, Site
from articles.text import fold

MAX_TEXT_ABOVE_HEADLINE = 700  # characters of text; a longer one is an article whose title is repeated below it
MIN_SHOWN_SHARE = 0.5  # of the embedded body: a column with less text is a stub (zakon.kz embeds only the lead)
EMBEDDED = "embedded"  # flag of documents whose text the page does not show
# Rules based on what is known of the site: trafilatura must not bring back what they removed.
SITE_RULE_PREFIXES = ("outlet:", "site:")


class Origin(StrEnum):
    """Source of the text of the documents."""

    COLUMN = "column"  # the blocks of the main column
    JSON_LD = "json-ld"  # the `articleBody` of the page's structured data
    HIDDEN = "hidden"  # a text in scripts, attributes or elements that browsers do not render
    TRAFILATURA = "trafilatura"  # its result, if the column holds hardly any text


@dataclass(slots=True)
class Extraction:
    """Intermediate results of extracting a page, as shown by `irtysh explain`."""

    root: _Element
    page: Page
    parts: list[Node]  # the main column, in several parts if the template splits it
    column: range  # positions of its blocks
    stated: structured.Structured
    meta: metadata.Metadata
    credits: credit_lines.Credits
    decisions: list[BlockDecision]  # of the column and the lead
    surroundings: list[BlockDecision]  # of the blocks around the column
    page_site: PageSite  # what is known of the site
    missed: tuple[str, ...] = ()  # attributes of the outlet's file whose selectors found nothing
    heading: int = -1  # index of the headline's block, -1 if there is none
    origin: Origin = Origin.COLUMN
    opinion: second_opinion.Opinion | None = None  # if the choice of the column was doubtful

    @property
    def top(self) -> Node:
        """The main column, or the first of its parts."""
        return self.parts[0]


def extract(capture: Capture, site: Site = PLAIN) -> Outcome:
    """Return the outcome of a capture, given what is known of its site."""
    return examine(capture, site)[0]


def examine(capture: Capture, site: Site = PLAIN) -> tuple[Outcome, Extraction | None]:
    """Return the outcome of a capture and its extraction, which is None if the page was refused before extraction."""
    found, extraction = _examine(capture, site)
    return drop_controls(found), extraction


def _examine(capture: Capture, site: Site) -> tuple[Outcome, Extraction | None]:
    try:
        intake.check(capture)
        extraction = read(capture, site)
    except intake.PageRefusedError as refusal:
        return refusal.outcome, None
    except TooDeepError:
        return Outcome.rejected(Reason.TOO_COSTLY, "elements nested too deeply"), None
    wall = walls.refusal(extraction.page, extraction.stated.titles, extraction.heading, extraction.column)
    if wall:
        return Outcome.rejected(*wall), extraction
    if not intake.is_success(capture):
        return Outcome.rejected(Reason.HTTP_ERROR, str(capture.status)), extraction
    return outcome(capture, extraction), extraction


@dataclass(frozen=True, slots=True)
class _Source:
    """What is read of a page before its column is chosen."""

    capture: Capture
    site: Site
    root: _Element
    page: Page
    stated: structured.Structured
    found: outlet_selectors.SelectorMatches
    stated_body: outlet_selectors.SelectedBody | None
    decoded: Decoded


def read(capture: Capture, site: Site = PLAIN) -> Extraction:
    """Extract a page: metadata, main column and the decision on each block.

    Raises `PageRefusedError` and `TooDeepError`.
    """
    decoded = intake.decoded(capture.body, capture.header("content-type"))
    leads_to = "" if capture.rendered else refresh.target(decoded.source, capture.url)
    if leads_to:
        raise intake.PageRefusedError(Reason.REDIRECTED, leads_to)
    root, html_body = intake.parse(decoded.source)
    stated = structured.read(root)
    found = outlet_selectors.select(root, site.selectors, decoded.source)
    page = read_blocks(html_body, found.roles)
    excess = intake.excess(page)
    if excess:
        raise intake.PageRefusedError(Reason.TOO_COSTLY, excess)
    garbled = intake.garbled(page)
    if garbled:
        raise intake.PageRefusedError(Reason.UNREADABLE, garbled)
    stated = own_objects.only_own(stated, capture.url, [block.text for block in page.blocks if in_h1(block)])
    article = own_article.find(page, stated_titles(stated))
    stated_body = outlet_selectors.body(page, found, site.selectors, article)
    basis = _Source(capture, site, root, page, stated, found, stated_body, decoded)
    if stated_body:
        return _extract_column(basis, [stated_body.top], vouched=stated_body.named)
    if article is not None:
        return _extract_column(basis, [own_article.column(page, article)])
    own = _extract_column(basis, column.parts(page, column.find(page, site_notices.positions(page))))
    return _with_second_opinion(basis, own)


def _with_second_opinion(basis: _Source, own: Extraction) -> Extraction:
    """Return the extraction of the column that is believed after trafilatura was asked, if the choice is doubtful."""
    rules = {decision.block.position: decision.rule for decision in own.decisions}
    choice = second_opinion.OwnChoice(basis.page, own.column, rules)
    doubt = second_opinion.doubt(choice)
    if not doubt:
        return own
    opinion = second_opinion.ask(basis.root, choice, doubt)
    chosen = own
    if opinion.believed is second_opinion.Believed.BOTH:
        chosen = _extract_column(basis, own.parts, vouched=opinion.positions)
    elif opinion.believed is second_opinion.Believed.MOVED:
        nodes = [basis.page.blocks[position].node for position in sorted(opinion.positions)]
        chosen = _extract_column(basis, [column.common(nodes)], vouched=opinion.positions, only=opinion.positions)
    chosen.opinion = opinion
    return chosen


def _extract_column(
    basis: _Source, parts: list[Node], *, vouched: frozenset[int] = frozenset(), only: frozenset[int] = frozenset()
) -> Extraction:
    """Extract the article of a column with these parts.

    Rules of form spare the blocks at the positions `vouched`. If `only` is not empty, other blocks are no part of the text.
    """
    capture, page, stated, found = basis.capture, basis.page, basis.stated, basis.found
    top = parts[0]
    first, last = (min(only), max(only) + 1) if only else (top.first, parts[-1].last)
    heading = outlet_selectors.heading(page)
    heading = heading if heading >= 0 else headline(page, top, stated_titles(stated))
    body = page.blocks[first:last]
    head = page.blocks[heading + 1 : first] if 0 <= heading < first else []
    page_credits = credit_lines.read([*head, *body], capture.url)
    meta = metadata.read(
        MetadataContext(
            stated, page, top, capture.url, capture.fetched, heading, page_credits.used, basis.root, basis.site
        )
    )
    meta = from_outlet.improve(meta, found.texts, capture.fetched, basis.site.clock)
    decoded = basis.decoded
    meta = replace(meta, evidence=(*meta.evidence, *decoded.evidence), choices=(*meta.choices, *decoded.choices))
    facts = PageFacts(meta.titles, meta.authors, meta.descriptions, meta.site, headers=page_credits.used)
    facts.page_site = PageSite(basis.site, capture.url, outlet_selectors.outside(body, basis.stated_body))
    facts.headline = page.blocks[heading].text if heading >= 0 else ""
    leads = outlet_selectors.leads(page, basis.site.selectors) or lead.find(
        page, top, heading, meta.descriptions, facts.folded_titles()
    )
    facts.leads = vouched.union(block.position for block in leads)
    outside = [block for block in leads if not first <= block.position < last]
    facts.between = frozenset(
        block.position
        for block in body
        if (only and block.position not in only) or not any(part.first <= block.position < part.last for part in parts)
    )
    decisions = clean.decide(page, [*outside, *body], column.common(parts), facts)
    decided = {decision.block.position for decision in decisions}
    surroundings = [
        decision
        for decision in clean.surroundings(page, body, heading, facts)
        if decision.block.position not in decided
    ]
    return Extraction(
        basis.root,
        page,
        parts,
        range(first, last),
        stated,
        meta,
        page_credits,
        decisions,
        surroundings,
        facts.page_site,
        tuple(found.missed),
        heading,
    )


def body(extraction: Extraction) -> tuple[list[Block], Origin]:
    """Return the blocks of the article and their source.

    They are the kept blocks of the column or, if it shows too little text: the body embedded in JSON-LD, then a text that
    the page holds and does not show, then trafilatura's lines, if it was asked and its text is not in the page's blocks.
    """
    kept = [decision.block for decision in extraction.decisions if not decision.rule]
    size = sum(len(block.text) for block in kept)
    shown = sum(len(decision.block.text) for decision in extraction.decisions) if size >= MIN_TEXT_CHARS else 0
    stated = structured.embedded_body(extraction.stated)
    length = sum(map(len, stated))
    if length >= MIN_ARTICLE_CHARS and max(shown, size) < MIN_SHOWN_SHARE * length:
        return _clean(extraction, embedded.page_from_lines(stated)), Origin.JSON_LD
    hidden = embedded.hidden_body(extraction.root, kept, extraction.meta.lead, extraction.meta.titles)
    if hidden:
        return _clean(extraction, hidden), Origin.HIDDEN
    if size < MIN_TEXT_CHARS:
        updates = structured.live_updates(extraction.stated)
        if sum(map(len, updates)) >= MIN_ARTICLE_CHARS:
            return _clean(extraction, embedded.page_from_lines(updates)), Origin.JSON_LD
    known = {
        fold(decision.block.text) for decision in extraction.decisions if decision.rule.startswith(SITE_RULE_PREFIXES)
    }
    lines = [line for line in (extraction.opinion.lines if extraction.opinion else ()) if fold(line) not in known]
    if sum(map(len, lines)) >= MIN_ARTICLE_CHARS and any(
        SENTENCE_PUNCTUATION.search(line) and len(line) >= MIN_PROSE_CHARS for line in lines
    ):
        return _clean(extraction, embedded.page_from_lines(lines)), Origin.TRAFILATURA
    return kept, Origin.COLUMN


def _clean(extraction: Extraction, page: Page) -> list[Block]:
    """Clean a text that was not taken from the elements of the page, and return the kept blocks."""
    meta = extraction.meta
    facts = PageFacts(meta.titles, meta.authors, meta.descriptions, meta.site)
    facts.page_site = PageSite(extraction.page_site.site, extraction.page_site.url)
    decisions = clean.decide(page, page.blocks, page.nodes[0], facts)
    return [decision.block for decision in decisions if not decision.rule]


def outcome(capture: Capture, extraction: Extraction) -> Outcome:
    """Return the documents of an extraction, or the reason why there are none."""
    kept, extraction.origin = body(extraction)
    if extraction.origin is not Origin.TRAFILATURA and extraction.opinion:
        extraction.opinion = extraction.opinion.without_lines()
    used = {id(block) for block in kept}
    removals = tuple(
        Removal(
            decision.rule or "column:replaced",
            decision.reason or "outside",
            decision.block.text,
            decision.block.position,
        )
        for decision in (*extraction.decisions, *extraction.surroundings)
        if decision.rule or id(decision.block) not in used
    )
    size = sum(len(block.text) for block in kept)
    stub = walls.paywalled(extraction.page, extraction.stated, size, extraction.column.start)
    if stub:
        return Outcome.rejected(Reason.PAYWALLED, stub, removals)
    notice = walls.worded(extraction.page, extraction.stated, extraction.heading, extraction.column, size)
    if notice and not extraction.meta.published:
        return Outcome.rejected(*notice, removals)
    kind = _page_kind(capture, extraction, kept)
    if kind.listing:
        return Outcome.rejected(Reason.NO_ARTICLE, kind.listing, removals)
    why_none = section_address(capture.url, extraction.page_site.site.addresses)
    if not why_none and extraction.origin is Origin.COLUMN:
        why_none = site_notices.reason(extraction.page, kept) or _above_headline(extraction, size)
    if why_none:
        return Outcome.rejected(Reason.NO_ARTICLE, why_none, removals)
    if size < MIN_TEXT_CHARS:
        return Outcome.rejected(Reason.NO_ARTICLE, f"{size} characters of body text", removals)
    identity = canonical.read(capture.url, extraction.stated, extraction.page_site.site.addresses)
    documents, links, set_aside = documents_of(capture, identity, extraction.meta, extraction.credits, kept)
    flags = (*kind.flags, EMBEDDED) if extraction.origin in (Origin.JSON_LD, Origin.HIDDEN) else kind.flags
    documents = tuple(replace(document, flags=flags) for document in documents)
    removals = tuple(sorted((*removals, *set_aside), key=lambda removal: removal.position))
    main = documents[0]
    signs = template.signs(
        extraction.top, kept, titled=bool(main.title), dated=bool(main.published), signed=bool(main.authors)
    )
    return Outcome(documents, removals, links, missed=extraction.missed, vitals=signs)


def _above_headline(extraction: Extraction, size: int) -> str:
    """Return why a short text is not the article's: it ends above the headline that the page states; empty if it does not."""
    heading = extraction.heading
    if heading < extraction.column.stop or size >= MAX_TEXT_ABOVE_HEADLINE:
        return ""
    titles = {fold(title) for title in stated_titles(extraction.stated)}
    is_stated = fold(extraction.page.blocks[heading].text) in titles
    return "the only text stands above the headline" if is_stated else ""


def _page_kind(capture: Capture, extraction: Extraction, kept: list[Block]) -> page_kinds.PageKind:
    blocks, meta = extraction.page.blocks, extraction.meta
    shown = (block.position for block in kept if block.position < len(blocks) and blocks[block.position] is block)
    size = sum(len(block.text) for block in kept)
    return page_kinds.classify(
        page_kinds.PageFeatures(
            extraction.page,
            extraction.stated,
            capture.url,
            extraction.heading,
            meta.title,
            meta.site,
            extraction.column,
            frozenset(shown),
            size,
        )
    )
