"""Classify pages that are not plain articles: lists of articles, live blogs, digests, galleries, videos.

A page that only links to articles (a home page, a section, a tag, a search) is rejected: its text belongs to other pages
and changes every day. A live blog or a digest becomes a document, because it is of use to study a day's coverage. It gets
a flag, so that users who count articles or compare texts can exclude it. The decision rests on the page's metadata and on
its structure, never on a word alone. None of the 412 development pages, which are all articles, is taken for a list.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

from articles.data import load
from articles.page.blocks import HEADINGS, Block, Node, Page
from articles.page.column import MAX_CARD_BLOCKS, MIN_CARDS, MIN_HEADLINE_CHARS, MIN_LINKED_SHARE, prose
from articles.page.sizes import MAX_DATE_LINE_CHARS, MIN_TITLE_CHARS
from articles.page.structured import Structured, text_of, types_of
from articles.text import LETTER_WORD, fold
from articles.url import CACHED_URLS, absolute, is_home

LIVE, DIGEST, GALLERY, VIDEO = "live", "digest", "gallery", "video"
STRICT_ARTICLE_TYPES = frozenset(
    {
        "Article", "NewsArticle", "BlogPosting", "ReportageNewsArticle", "OpinionNewsArticle", "AnalysisNewsArticle",
        "BackgroundNewsArticle", "ReviewNewsArticle", "AskPublicNewsArticle", "AdvertiserContentArticle", "TechArticle",
        "LiveBlogPosting", "Report", "SatiricalArticle", "ScholarlyArticle", "Review", "MedicalWebPage",
    }
)  # fmt: skip
LIST_TYPES = frozenset({"CollectionPage", "SearchResultsPage", "ProfilePage"})
GALLERY_TYPES = frozenset({"ImageGallery", "MediaGallery"})
MIN_HEADED_CARDS = 3  # in place of `MIN_CARDS` if the headlines are headings: a blog shows a few whole articles
MIN_CARD_TEXT_SHARE = 0.6  # of the kept text that is in cards, for a list; an article with some cards has less
MIN_CARD_TEXT_RATIO = 2.0  # text in cards to kept text, for a list whose cards were removed by cleaning rules
MAX_LISTING_CHARS = 1500  # of kept text, for a page that only its address or its cards show to be a list
MIN_LISTED_HEADLINES = 8  # distinct links, as long as headlines, to other pages of the site
MIN_STAMPS = 5  # texts with a time of day each, for a live blog
MIN_STATED_STAMPS = 3  # the same if title or address say that it is a live blog
MAX_BLOCKS_TO_ENTRY = 3  # from a time of day to the text of its entry
MIN_STAMPED_SHARE = 0.3  # of a live blog's paragraphs that have a time of day
MAX_MEDIA_TEXT_CHARS = 700  # of text on a page whose main content is a video or a gallery
MIN_DIGEST_PARTS = 3  # subheadings with text under them, for a digest
CLOCK = re.compile(r"(?<!\d)(?:[01]?\d|2[0-3])[:.h][0-5]\d(?!\d)")
OPENING_TIME = re.compile(r"^\W{0,3}(?:[01]?\d|2[0-3])[:.][0-5]\d(?::[0-5]\d)?(?!\d)(?!\s?(?:%|percent|процент))")
LIVE_WORDS = re.compile(
    r"(?<![^\W_])(?:live|liveblog|online|ticker|онлайн|хроника|трансляция|наживо|тікелей)(?![^\W_])"
)
LISTING = re.compile(
    r"/(?:tags?|categor(?:y|ies)|search|authors?|topics?|rubrics?|archive|sections?|page/\d+|label|teg|rubric|rubrika)(?:/|$)"
    r"|[?&](?:s|q|query|search|tag)=",
    re.IGNORECASE,
)
NUMBERED_NAME = re.compile(r"(?<!\S)\S*\d\S*")  # names with a number in them, as "post-17"


@dataclass(frozen=True, slots=True)
class PageKind:
    """Kind of a page. `listing` says why it is a list of articles; it is empty if the page holds an article."""

    listing: str = ""
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PageFeatures:
    """What `classify` needs to know about a page."""

    page: Page
    stated: Structured
    url: str
    heading: int  # index of the headline's block, or -1
    title: str
    site: str
    column: range  # positions of the blocks of the main column
    kept: frozenset[int]  # positions of the blocks of the article's text
    size: int  # characters of that text, also if it comes from JSON-LD or a script


def classify(features: PageFeatures) -> PageKind:
    """Return the kind of a page: a list, or an article with flags such as "live"."""
    own = _states_one_article(features)
    cards = _cards(features)
    texts = _kept_paragraphs(features)
    whole = sum(len(block.text) for block in texts)
    carded = sum(len(block.text) for block in texts if _lies_in(block, cards))
    listed = len(cards) >= MIN_HEADED_CARDS and whole > 0 and carded >= MIN_CARD_TEXT_SHARE * whole
    if listed and not own and not _opens_with_own_text(features, texts, cards):
        return PageKind(f"{len(cards)} headlines with texts that lead to other pages")
    if not own and not _has_own_headline(features) and (why := _listing_reason(features, cards)):
        return PageKind(why)
    flags = []
    if _is_live(features, texts):
        flags.append(LIVE)
    elif listed or _is_digest(features, texts):
        flags.append(DIGEST)
    kinds = features.stated.first("og:type").casefold()
    if features.size < MAX_MEDIA_TEXT_CHARS and not flags:
        main = types_of(features.stated.articles[0]) if features.stated.articles else set()
        if kinds.startswith("video") or "VideoObject" in main:
            flags.append(VIDEO)
        elif kinds == "gallery" or (GALLERY_TYPES & features.stated.types and not own):
            flags.append(GALLERY)
    return PageKind("", tuple(flags))


def _states_one_article(features: PageFeatures) -> bool:
    """Return whether the page's metadata say that it is one article, and not a list of several."""
    stated = features.stated
    if is_home(features.url):
        return False
    objects = [item for item in stated.articles if types_of(item) & STRICT_ARTICLE_TYPES]
    if stated.types & LIST_TYPES and len(objects) != 1:
        titles = {fold(text_of(item.get("headline"))) for item in objects}
        own = [features.page.blocks[features.heading].text] if features.heading >= 0 else []
        return not titles.isdisjoint(folded for title in (*own, stated.first("og:title")) if (folded := fold(title)))
    return (
        bool(objects) or stated.first("og:type").casefold() == "article" or bool(stated.first("article:published_time"))
    )


def _has_own_headline(features: PageFeatures) -> bool:
    """Return whether the page has a headline that is not a link and is longer than a section's name."""
    if features.heading < 0:
        return False
    block = features.page.blocks[features.heading]
    folded = fold(block.text)
    return not block.links and len(folded) >= MIN_TITLE_CHARS and folded != fold(features.site)


def _opens_with_own_text(features: PageFeatures, texts: Sequence[Block], cards: frozenset[int]) -> bool:
    """Return whether the text begins under a headline of its own and outside of cards, so that a list only follows it."""
    return _has_own_headline(features) and texts[0].position > features.heading and not _lies_in(texts[0], cards)


def _kept_paragraphs(features: PageFeatures) -> list[Block]:
    return [block for block in features.page.blocks if block.position in features.kept and prose(block)]


def _lies_in(block: Block, nodes: frozenset[int]) -> bool:
    return bool(nodes) and any(id(node) in nodes for node in block.node.chain())


def _cards(features: PageFeatures) -> frozenset[int]:
    """Return the ids of nodes that are cards: similar siblings, each with the headline of another page and a text."""
    siblings: dict[tuple[int, str, str], list[tuple[Node, Block]]] = {}
    seen: set[int] = set()
    for block in features.page.blocks:
        if not _is_link(block):
            continue
        for node in block.node.chain():
            if id(node) in seen or node.parent is None:
                break
            seen.add(id(node))
            headline = _card_headline(features, node) if node.last - node.first > 1 else None
            if headline is not None:
                names = " ".join(NUMBERED_NAME.sub(" ", node.names).split())
                siblings.setdefault((id(node.parent), node.tag, names), []).append((node, headline))
    found: set[int] = set()
    for cards in siblings.values():
        if len(cards) >= MIN_CARDS or (
            len(cards) >= MIN_HEADED_CARDS and all(block.tag in HEADINGS for _, block in cards)
        ):
            found.update(id(node) for node, _ in cards)
    return frozenset(found)


def _card_headline(features: PageFeatures, node: Node) -> Block | None:
    """Return the headline of another article that begins an element and is followed by a text, or None."""
    for index in range(node.first, node.last):
        block = features.page.blocks[index]
        if prose(block):
            return None
        if _is_headline(features, block):
            small = node.last - node.first <= MAX_CARD_BLOCKS or block.tag in HEADINGS
            texts = any(prose(other) for other in features.page.blocks[index + 1 : node.last])
            return block if small and texts else None
    return None


def _is_link(block: Block) -> bool:
    return (
        bool(block.links)
        and len(block.text) >= MIN_HEADLINE_CHARS
        and block.linked >= MIN_LINKED_SHARE * len(block.text)
    )


def _is_headline(features: PageFeatures, block: Block) -> bool:
    return _is_link(block) and leads_within_site(features.url, block.links[0])


@lru_cache(maxsize=CACHED_URLS)
def leads_within_site(url: str, link: str) -> bool:
    """Return whether a link leads to a page of the same host that is not the home page."""
    try:
        target = urlsplit(link.strip())
        if not (target.netloc and target.scheme in ("http", "https")):
            target = urlsplit(absolute(url, link))
    except ValueError:  # not a valid URL
        return False
    return target.hostname == urlsplit(url).hostname and target.path.strip("/") != ""


def _listing_reason(features: PageFeatures, cards: frozenset[int]) -> str:
    """Return why a page without its own headline is a list, by its metadata, address or cards; empty if it is not."""
    leading = {block.links[0] for block in features.page.blocks if _is_headline(features, block)}
    if len(leading) < MIN_LISTED_HEADLINES:
        return ""
    if is_home(features.url):
        return f"a home page with {len(leading)} headlines"
    lists = sorted(features.stated.types & LIST_TYPES)
    if lists:
        return f"{lists[0]} with {len(leading)} headlines"
    parts = urlsplit(features.url)
    if features.size < MAX_LISTING_CHARS and LISTING.search(
        f"{parts.path}?{parts.query}" if parts.query else parts.path
    ):
        return f"an address of lists, with {len(leading)} headlines"
    announced = sum(len(block.text) for block in features.page.blocks if prose(block) and _lies_in(block, cards))
    if features.size < MAX_LISTING_CHARS and announced >= MIN_CARD_TEXT_RATIO * features.size:
        return f"{len(cards)} headlines with texts that lead to other pages"
    return ""


def _is_live(features: PageFeatures, texts: Sequence[Block]) -> bool:
    """Return whether the page's metadata say that it is a live blog, or its entries have a time of day each."""
    if any("LiveBlogPosting" in types_of(item) for item in features.stated.articles):
        return True
    title_and_path = f"{features.title} {urlsplit(features.url).path}".casefold()
    needed = MIN_STATED_STAMPS if LIVE_WORDS.search(title_and_path) else MIN_STAMPS
    stamps = sum(bool(OPENING_TIME.match(block.text)) for block in texts) + _count_stamped(features, texts)
    return stamps >= max(needed, MIN_STAMPED_SHARE * len(texts))


def _count_stamped(features: PageFeatures, texts: Sequence[Block]) -> int:
    """Count the texts that follow a time of day closely; each text counts once."""
    starts = {block.position for block in texts}
    blocks = features.page.blocks[features.column.start : features.column.stop]
    clocks = {block.position for block in blocks if len(block.text) <= MAX_DATE_LINE_CHARS and CLOCK.search(block.text)}
    clocks |= {
        time.position for time in features.page.times if time.position in features.column and CLOCK.search(time.value)
    }
    found: set[int] = set()
    for position in sorted(clocks):
        first = next((at for at in range(position, position + MAX_BLOCKS_TO_ENTRY + 1) if at in starts), None)
        if first is not None:
            found.add(first)
    return len(found)


def _is_digest(features: PageFeatures, texts: Sequence[Block]) -> bool:
    """Return whether the title says that the page gathers unrelated items, and subheadings separate them."""
    title = " ".join(LETTER_WORD.findall(features.title.casefold()))
    if not any(f" {phrase} " in f" {title} " for phrase in load("forms")["digest"]):
        return False
    parts = 0
    under = False
    starts = {block.position for block in texts}
    for block in features.page.blocks[features.column.start : features.column.stop]:
        if block.tag in HEADINGS and not prose(block):
            under = True
        elif block.position in starts:
            parts += under
            under = False
    return parts >= MIN_DIGEST_PARTS
