"""What form of page it is, if no plain article: lists that lead to articles, live blogs, digests, galleries, videos.

A page that only leads to articles (a home page, a section, a tag, a search) is no document: what it shows is the text of
others, and another text tomorrow. A live blog or a digest is one, for who studies a day's coverage; but who counts
articles, or compares texts, must be able to leave it out: it is flagged. Told by what the page states for machines and
by its shape; no word decides alone. On the 412 development pages, articles all, no page is taken for a list.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

from articles.data import load
from articles.page.blocks import HEADINGS, Block, Node, Page
from articles.page.column import prose
from articles.page.structured import Structured, text_of, types_of
from articles.text import fold
from articles.url import absolute, is_home

LIVE, DIGEST, GALLERY, VIDEO = "live", "digest", "gallery", "video"
ARTICLES = frozenset(
    {
        "Article", "NewsArticle", "BlogPosting", "ReportageNewsArticle", "OpinionNewsArticle", "AnalysisNewsArticle",
        "BackgroundNewsArticle", "ReviewNewsArticle", "AskPublicNewsArticle", "AdvertiserContentArticle", "TechArticle",
        "LiveBlogPosting", "Report", "SatiricalArticle", "ScholarlyArticle", "Review", "MedicalWebPage",
    }
)  # fmt: skip
LISTS = frozenset({"CollectionPage", "SearchResultsPage", "ProfilePage"})
GALLERIES = frozenset({"ImageGallery", "MediaGallery"})
HEADLINE = 15  # characters of a link that may be another article's headline
LINKED = 0.8  # of a block that is a link
REMEMBERED = 1024  # links of a page: several rules ask of each
CARDS = 4  # elements alike, each with a linked headline and a text, that make a list
FULL_CARDS = 3  # the same where the headlines are headings: a blog's first page shows whole articles
CARD_BLOCKS = 8  # in a card whose headline is no heading
COVERED = 0.6  # of the kept text that the cards hold: an article with cards beside it keeps its own
OUTWEIGHED = 2.0  # times the kept text that the cards' text must be where rules have struck the cards
LITTLE = 1500  # characters of kept text that a page has at most which only its address or its cards make a list
LEADING = 8  # links to other pages of the site, as long as headlines, on a page that says that it is a list
NAME = 30  # folded characters of a heading that may be a section's name; headlines have 30 and more
STAMPS = 5  # texts under a time of day each that make a live blog; where title or address say so, these:
STATED_STAMPS = 3
STAMP = 40  # characters of a block that is a time of day
STAMPED = 3  # blocks after it within which its text begins
SHARE = 0.3  # of the paragraphs that must have a time over them
PARTS = 3  # subheadings with text of their own that make a digest, where its title says so
SHORT = 700  # characters of text beside a video or a gallery that is the page's matter
CLOCK = re.compile(r"(?<!\d)(?:[01]?\d|2[0-3])[:.h][0-5]\d(?!\d)")
OPENS = re.compile(r"^\W{0,3}(?:[01]?\d|2[0-3])[:.][0-5]\d(?::[0-5]\d)?(?!\d)(?!\s?(?:%|percent|процент))")
LIVE_WORDS = re.compile(
    r"(?<![^\W_])(?:live|liveblog|online|ticker|онлайн|хроника|трансляция|наживо|тікелей)(?![^\W_])"
)
LISTING = re.compile(
    r"/(?:tags?|categor(?:y|ies)|search|authors?|topics?|rubrics?|archive|sections?|page/\d+|label|teg|rubric|rubrika)(?:/|$)"
    r"|[?&](?:s|q|query|search|tag)=",
    re.IGNORECASE,
)
WORD = re.compile(r"[^\W\d_]+")
VARYING = re.compile(r"\S*\d\S*")  # names that number an element


@dataclass(frozen=True, slots=True)
class PageKind:
    """What a page is. `listing` says what makes it a list of articles, empty for a page that holds one."""

    listing: str = ""
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PageFeatures:
    """A page as its form is told."""

    page: Page
    stated: Structured
    url: str
    heading: int  # index of the headline's block, -1 without one
    title: str
    site: str
    column: range  # positions of the main column
    kept: frozenset[int]  # positions of the blocks that are the text
    size: int  # characters of the text, wherever it was taken from


def tell(shown: PageFeatures) -> PageKind:
    """Return the form of a page."""
    own = _own_article(shown)
    cards = _cards(shown)
    texts = _texts(shown)
    whole = sum(len(block.text) for block in texts)
    carded = sum(len(block.text) for block in texts if _within(block, cards))
    listed = len(cards) >= FULL_CARDS and whole > 0 and carded >= COVERED * whole
    if listed and not own and not _begins(shown, texts, cards):
        return PageKind(f"{len(cards)} headlines with texts that lead to other pages")
    if not own and not _headed(shown) and (why := _leads_away(shown, cards)):
        return PageKind(why)
    flags = []
    if _is_live(shown, texts):
        flags.append(LIVE)
    elif listed or _is_digest(shown, texts):
        flags.append(DIGEST)
    kinds = shown.stated.first("og:type").casefold()
    if shown.size < SHORT and not flags:
        main = types_of(shown.stated.articles[0]) if shown.stated.articles else set()
        if kinds.startswith("video") or "VideoObject" in main:
            flags.append(VIDEO)
        elif kinds == "gallery" or (GALLERIES & shown.stated.types and not own):
            flags.append(GALLERY)
    return PageKind("", tuple(flags))


def _own_article(shown: PageFeatures) -> bool:
    """Return whether the page states for machines that it is one article, and not that it lists several."""
    stated = shown.stated
    if is_home(shown.url):
        return False
    things = [thing for thing in stated.articles if types_of(thing) & ARTICLES]
    if stated.types & LISTS and len(things) != 1:
        titles = {fold(text_of(thing.get("headline"))) for thing in things}
        own = [shown.page.blocks[shown.heading].text] if shown.heading >= 0 else []
        return not titles.isdisjoint(folded for title in (*own, stated.first("og:title")) if (folded := fold(title)))
    return (
        bool(things) or stated.first("og:type").casefold() == "article" or bool(stated.first("article:published_time"))
    )


def _headed(shown: PageFeatures) -> bool:
    """Return whether a headline stands over the text: no link, and longer than a section's name."""
    if shown.heading < 0:
        return False
    block = shown.page.blocks[shown.heading]
    folded = fold(block.text)
    return not block.links and len(folded) >= NAME and folded != fold(shown.site)


def _begins(shown: PageFeatures, texts: Sequence[Block], cards: frozenset[int]) -> bool:
    """Return whether the text opens under a headline of its own: a list only follows it."""
    return _headed(shown) and texts[0].position > shown.heading and not _within(texts[0], cards)


def _texts(shown: PageFeatures) -> list[Block]:
    return [block for block in shown.page.blocks if block.position in shown.kept and prose(block)]


def _within(block: Block, nodes: frozenset[int]) -> bool:
    return any(id(node) in nodes for node in block.node.chain())


def _cards(shown: PageFeatures) -> frozenset[int]:
    """Return the elements, as ids, that stand alike side by side with another page's headline and a text in each."""
    alike: dict[tuple[int, str, str], list[tuple[Node, Block]]] = {}
    seen: set[int] = set()
    for block in shown.page.blocks:
        if not _is_link(block):
            continue
        for node in block.node.chain():
            if id(node) in seen or node.parent is None:
                break
            seen.add(id(node))
            headed = _announces(shown, node) if node.last - node.first > 1 else None
            if headed is not None:
                names = " ".join(VARYING.sub(" ", node.names).split())
                alike.setdefault((id(node.parent), node.tag, names), []).append((node, headed))
    found: set[int] = set()
    for cards in alike.values():
        if len(cards) >= CARDS or (len(cards) >= FULL_CARDS and all(block.tag in HEADINGS for _, block in cards)):
            found.update(id(node) for node, _ in cards)
    return frozenset(found)


def _announces(shown: PageFeatures, node: Node) -> Block | None:
    """Return the headline of another article that opens an element with a text under it, or None."""
    for index in range(node.first, node.last):
        block = shown.page.blocks[index]
        if prose(block):
            return None
        if _is_headline(shown, block):
            small = node.last - node.first <= CARD_BLOCKS or block.tag in HEADINGS
            texts = any(prose(other) for other in shown.page.blocks[index + 1 : node.last])
            return block if small and texts else None
    return None


def _is_link(block: Block) -> bool:
    return bool(block.links) and len(block.text) >= HEADLINE and block.linked >= LINKED * len(block.text)


def _is_headline(shown: PageFeatures, block: Block) -> bool:
    return _is_link(block) and _stays(shown.url, block.links[0])


@lru_cache(maxsize=REMEMBERED)
def _stays(url: str, link: str) -> bool:
    """Return whether a link leads to a page of the same site other than its home page."""
    try:
        target = urlsplit(link.strip())
        if not (target.netloc and target.scheme in ("http", "https")):
            target = urlsplit(absolute(url, link))
    except ValueError:  # no address
        return False
    return target.hostname == urlsplit(url).hostname and target.path.strip("/") != ""


def _leads_away(shown: PageFeatures, cards: frozenset[int]) -> str:
    """Return what makes a page without a headline of its own a list, by its own word, its address or its cards."""
    leading = {block.links[0] for block in shown.page.blocks if _is_headline(shown, block)}
    if len(leading) < LEADING:
        return ""
    if is_home(shown.url):
        return f"a home page with {len(leading)} headlines"
    lists = sorted(shown.stated.types & LISTS)
    if lists:
        return f"{lists[0]} with {len(leading)} headlines"
    parts = urlsplit(shown.url)
    if shown.size < LITTLE and LISTING.search(f"{parts.path}?{parts.query}" if parts.query else parts.path):
        return f"an address of lists, with {len(leading)} headlines"
    announced = sum(len(block.text) for block in shown.page.blocks if prose(block) and _within(block, cards))
    if shown.size < LITTLE and announced >= OUTWEIGHED * shown.size:
        return f"{len(cards)} headlines with texts that lead to other pages"
    return ""


def _is_live(shown: PageFeatures, texts: Sequence[Block]) -> bool:
    """Return whether the text comes in entries with a time of day each, or the page states that it is a live blog."""
    if any("LiveBlogPosting" in types_of(thing) for thing in shown.stated.articles):
        return True
    said = f"{shown.title} {urlsplit(shown.url).path}".casefold()
    least = STATED_STAMPS if LIVE_WORDS.search(said) else STAMPS
    stamps = sum(bool(OPENS.match(block.text)) for block in texts) + _stamped(shown, texts)
    return stamps >= max(least, SHARE * len(texts))


def _stamped(shown: PageFeatures, texts: Sequence[Block]) -> int:
    """Count the texts that stand right under a time of day, each time once."""
    starts = {block.position for block in texts}
    blocks = shown.page.blocks[shown.column.start : shown.column.stop]
    clocks = {block.position for block in blocks if len(block.text) <= STAMP and CLOCK.search(block.text)}
    clocks |= {at for at, value, _ in shown.page.times if at in shown.column and CLOCK.search(value)}
    found: set[int] = set()
    for position in sorted(clocks):
        first = next((at for at in range(position, position + STAMPED + 1) if at in starts), None)
        if first is not None:
            found.add(first)
    return len(found)


def _is_digest(shown: PageFeatures, texts: Sequence[Block]) -> bool:
    """Return whether the title says that unrelated items are gathered, and subheadings part them."""
    title = " ".join(WORD.findall(shown.title.casefold()))
    if not any(f" {phrase} " in f" {title} " for phrase in load("forms")["digest"]):
        return False
    parts = 0
    under = False
    starts = {block.position for block in texts}
    for block in shown.page.blocks[shown.column.start : shown.column.stop]:
        if block.tag in HEADINGS and not prose(block):
            under = True
        elif block.position in starts:
            parts += under
            under = False
    return parts >= PARTS
