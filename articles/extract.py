"""Capture -> documents or a reason why there are none: what each block of a page becomes, and what it says of itself.

Pure and deterministic: a capture in, an outcome out, no clock, no network, no state besides package data read once.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

import trafilatura
from lxml.etree import _Element

from articles.cleaning import clean
from articles.cleaning.decisions import BlockDecision, PageFacts
from articles.documents import documents_of
from articles.metadata import credits as credit_lines
from articles.metadata import from_outlet
from articles.metadata import read as metadata
from articles.metadata.context import MetadataContext, headline, stated_titles
from articles.model import Capture, Outcome, Reason, Removal
from articles.page import column, embedded, intake, lead, outlet_selectors, page_kinds, structured, template, walls
from articles.page.block_reader import TooDeepError
from articles.page.block_reader import read as read_blocks
from articles.page.blocks import Block, Node, Page
from articles.page.column import PROSE, SENTENCE
from articles.site import PLAIN, PageSite, Site
from articles.text import fold

EMBEDDED_TEXT = 300  # characters of an embedded body, or of trafilatura's answer, that are worth having
EMBEDDED_SHARE = 0.5  # of the embedded body: a column that shows less of it is a stub (zakon.kz embeds only the lead)
KNOWN = ("outlet:", "site:")  # rules that rest on what is known of the site: no other way to the text goes around them
# characters of body text; genuine paragraphs had 118 and more (docs/measurements.md §4), flashes have two lines
LEAST_TEXT = 140


class Origin(StrEnum):
    """Where the text of the documents was taken from."""

    COLUMN = "column"  # the blocks of the main column
    JSON_LD = "json-ld"  # the body that the page states for machines
    SCRIPT = "script"  # markup in a script's string
    TRAFILATURA = "trafilatura"  # its answer, where the column holds next to nothing


@dataclass(slots=True)
class Extraction:
    """Everything that was made of a page on the way: what `irtysh explain` shows."""

    root: _Element
    page: Page
    top: Node  # the column, or the first of its parts
    column: range  # positions of its blocks
    stated: structured.Structured
    meta: metadata.Metadata
    credits: credit_lines.Credits
    fates: list[BlockDecision]  # of the column and the lead
    around: list[BlockDecision]  # of what stands around the column
    here: PageSite  # what is known of the site
    missed: tuple[str, ...] = ()  # attributes of the outlet whose selectors found nothing
    heading: int = -1  # index of the headline's block
    origin: Origin = Origin.COLUMN


def extract(capture: Capture, site: Site = PLAIN) -> Outcome:
    """Return what a capture becomes, with what is known of its site."""
    return examine(capture, site)[0]


def examine(capture: Capture, site: Site = PLAIN) -> tuple[Outcome, Extraction | None]:
    """Return what a capture becomes and how; None in place of the second where it was refused before it was read."""
    try:
        intake.check(capture)
        reading = read(capture, site)
    except intake.PageRefusedError as refusal:
        return refusal.outcome, None
    except TooDeepError:
        return Outcome.rejected(Reason.TOO_COSTLY, "elements nested too deeply"), None
    wall = walls.blocked(reading.page, reading.stated.titles)
    if wall:
        return Outcome.rejected(Reason.BLOCKED, wall), reading
    if not intake.answered(capture):
        return Outcome.rejected(Reason.HTTP_ERROR, str(capture.status)), reading
    return outcome(capture, reading), reading


def read(capture: Capture, site: Site = PLAIN) -> Extraction:
    """Read a page up to the fate of each block. Raises `gate.Refused` and `TooDeepError`."""
    source = intake.to_utf8(capture.body, capture.header("content-type"))
    root, html_body = intake.parse(source)
    stated = structured.read(root)
    found = outlet_selectors.select(root, site.selectors, source)
    page = read_blocks(html_body, found.roles)
    excess = intake.excess(page)
    if excess:
        raise intake.PageRefusedError(Reason.TOO_COSTLY, excess)
    stated_body = outlet_selectors.body(page, found, site.selectors)
    top = stated_body.top if stated_body else column.find(page)
    heading = outlet_selectors.heading(page)
    heading = heading if heading >= 0 else headline(page, top, stated_titles(stated))
    parts = [top] if stated_body else column.parts(page, top)
    body = page.blocks[top.first : parts[-1].last]
    head = page.blocks[heading + 1 : top.first] if 0 <= heading < top.first else []
    made = credit_lines.read([*head, *body], capture.url)
    meta = metadata.read(MetadataContext(stated, page, top, capture.url, capture.fetched, heading, made.used))
    meta = from_outlet.improve(meta, found.said, capture.fetched)
    facts = PageFacts(
        meta.titles, meta.authors, meta.lead, meta.site, structured.embedded_body(stated), headers=made.used
    )
    facts.here = here = PageSite(site, capture.url, outlet_selectors.outside(body, stated_body))
    leads = outlet_selectors.leads(page, site.selectors) or lead.find(
        page, top, heading, meta.lead, facts.folded_titles()
    )
    facts.leads = frozenset(block.position for block in leads)
    outside = [block for block in leads if not top.first <= block.position < parts[-1].last]
    facts.between = frozenset(
        block.position for block in body if not any(part.first <= block.position < part.last for part in parts)
    )
    fates = clean.judge(page, [*outside, *body], column.common(parts), facts)
    judged = {fate.block.position for fate in fates}
    around = [fate for fate in clean.surroundings(page, body, heading, facts) if fate.block.position not in judged]
    column_range = range(top.first, parts[-1].last)
    return Extraction(
        root, page, top, column_range, stated, meta, made, fates, around, here, tuple(found.missed), heading
    )


def body(reading: Extraction) -> tuple[list[Block], Origin]:
    """Return the blocks of the article: the column's, or what is embedded where the elements show little or nothing."""
    kept = [fate.block for fate in reading.fates if not fate.rule]
    size = sum(len(block.text) for block in kept)
    shown = sum(len(fate.block.text) for fate in reading.fates) if size >= LEAST_TEXT else 0
    stated = structured.embedded_body(reading.stated)
    length = sum(map(len, stated))
    if length >= EMBEDDED_TEXT and max(shown, size) < EMBEDDED_SHARE * length:
        return _judged(reading, embedded.plain(stated)), Origin.JSON_LD
    if size < LEAST_TEXT:
        scripted = embedded.page(reading.root)
        if scripted:
            return _judged(reading, scripted), Origin.SCRIPT
        found = trafilatura.extract(reading.root, include_comments=False, favor_precision=True, with_metadata=False)
        known = {fold(fate.block.text) for fate in reading.fates if fate.rule.startswith(KNOWN)}
        lines = [line for line in (found or "").splitlines() if fold(line) not in known]
        if sum(map(len, lines)) >= EMBEDDED_TEXT and any(
            SENTENCE.search(line) and len(line) >= PROSE for line in lines
        ):
            return _judged(reading, embedded.plain(lines)), Origin.TRAFILATURA
    return kept, Origin.COLUMN


def _judged(reading: Extraction, page: Page) -> list[Block]:
    """Return what the rules leave of a text that was taken from elsewhere than the elements of its page."""
    facts = PageFacts(reading.meta.titles, reading.meta.authors, reading.meta.lead, reading.meta.site)
    facts.here = PageSite(reading.here.site, reading.here.url)
    fates = clean.judge(page, page.blocks, page.nodes[0], facts)
    return [fate.block for fate in fates if not fate.rule]


def outcome(capture: Capture, reading: Extraction) -> Outcome:
    """Make documents of a reading, or the reason why there are none."""
    kept, reading.origin = body(reading)
    used = {id(block) for block in kept}
    removals = tuple(
        Removal(fate.rule or "column:replaced", fate.reason or "outside", fate.block.text, fate.block.position)
        for fate in (*reading.fates, *reading.around)
        if fate.rule or id(fate.block) not in used
    )
    size = sum(len(block.text) for block in kept)
    stub = walls.paywalled(reading.page, reading.stated, size, reading.column.start)
    if stub:
        return Outcome.rejected(Reason.PAYWALLED, stub, removals)
    form = _form(capture, reading, kept)
    if form.listing:
        return Outcome.rejected(Reason.NO_ARTICLE, form.listing, removals)
    if size < LEAST_TEXT:
        return Outcome.rejected(Reason.NO_ARTICLE, f"{size} characters of body text", removals)
    documents, links, set_aside = documents_of(capture, reading.stated.canonical, reading.meta, reading.credits, kept)
    documents = tuple(replace(document, flags=form.flags) for document in documents)
    removals = tuple(sorted((*removals, *set_aside), key=lambda removal: removal.position))
    main = documents[0]
    signs = template.take(
        reading.top, kept, titled=bool(main.title), dated=bool(main.published), signed=bool(main.authors)
    )
    return Outcome(documents, removals, links, missed=reading.missed, vitals=signs)


def _form(capture: Capture, reading: Extraction, kept: list[Block]) -> page_kinds.PageKind:
    blocks, meta = reading.page.blocks, reading.meta
    shown = (block.position for block in kept if block.position < len(blocks) and blocks[block.position] is block)
    size = sum(len(block.text) for block in kept)
    return page_kinds.tell(
        page_kinds.PageFeatures(
            reading.page,
            reading.stated,
            capture.url,
            reading.heading,
            meta.title,
            meta.site,
            reading.column,
            frozenset(shown),
            size,
        )
    )
