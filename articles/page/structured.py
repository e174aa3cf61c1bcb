"""Read a page's structured data: JSON-LD, meta elements, link elements. `articles.metadata.read` uses it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from itertools import islice
from typing import Any

from lxml.etree import _Element

from articles.page import json_repair
from articles.page.blocks import normalise
from articles.page.sizes import MAX_SCRIPT_CHARS, MIN_PARAGRAPHS

ARTICLE_TYPES = frozenset(
    {
        "Article", "NewsArticle", "BlogPosting", "ReportageNewsArticle", "OpinionNewsArticle", "AnalysisNewsArticle",
        "BackgroundNewsArticle", "ReviewNewsArticle", "AskPublicNewsArticle", "AdvertiserContentArticle", "TechArticle",
        "LiveBlogPosting", "SocialMediaPosting", "Report", "SatiricalArticle", "ScholarlyArticle", "Review", "Blog",
        "CreativeWork", "MedicalWebPage", "VideoObject",
    }
)  # fmt: skip
PAGE_TYPES = frozenset({"WebPage", "ItemPage"})
TAG = re.compile(r"<[^<>]{1,500}>")
BLOCK_MARKUP = re.compile(r"<(?:/?p|br\s*/?|/?div|/?h[1-6]|/?li)\b[^<>]{0,300}>", re.IGNORECASE)
MAX_NESTING = 6  # levels of nested JSON-LD objects
MAX_NESTED_NAMES = 2  # an object whose name is an object: {"name": {"name": …}}
MAX_VALUE_CHARS = 4000  # of a value or a URL in the head; descriptions have 300, keywords 1,500
MIN_CARD_HEADLINE_CHARS = 12  # of a link in a card; a shorter one is a section
MIN_CARD_PARAGRAPH_CHARS = 60  # of a paragraph; a card has one, the teaser
MAX_CARD_DEPTH, MAX_CARD_ELEMENTS = 4, 30  # of a card of another article
MAX_OBJECTS = 2_000  # of JSON-LD per page; the largest script of the development pages has some dozens
MAX_REPEATED = 100  # titles, breadcrumbs, licences and links to versions of a page, of each kind
MAX_PAGE_DIGITS = 2  # of the number of a page of one article
MAX_TEXT_CHARS = 10_000  # of a JSON-LD value other than a body; descriptions of the development pages have up to 2,000
LONE_SURROGATE = re.compile("[\ud800-\udfff]")
CREATIVE_COMMONS = "creativecommons.org/"
PREVIOUS = frozenset({"prev", "previous"})
FEED_TYPE = "xml"  # part of the type of a link to a feed
RSL_TYPE = "application/rsl+xml"  # of a machine-readable licence (RSL 1.0)


@dataclass(slots=True)
class Structured:
    """Structured data of a page, as stated."""

    meta: dict[str, list[str]] = field(default_factory=dict)  # name, property or itemprop in lower case -> values
    articles: list[dict[str, Any]] = field(default_factory=list)  # JSON-LD objects of an article type, best type first
    parts: list[dict[str, Any]] = field(default_factory=list)  # the same, stated as a part of another object
    pages: list[dict[str, Any]] = field(default_factory=list)  # WebPage objects
    people: dict[str, str] = field(default_factory=dict)  # @id of a Person -> name
    types: set[str] = field(default_factory=set)  # every @type seen
    canonical: str = ""
    alternates: dict[str, str] = field(default_factory=dict)  # hreflang -> URL
    licences: list[tuple[str, str]] = field(default_factory=list)  # (where the link was found, URL of the licence)
    lang: str = ""
    titles: list[str] = field(default_factory=list)  # <title> elements
    breadcrumbs: list[str] = field(default_factory=list)  # names from the site's root to the page
    previous: list[str] = field(default_factory=list)  # URLs in rel=prev
    numbered: dict[int, str] = field(default_factory=dict)  # links whose text is a number, as in "1 2 3": number -> URL

    @property
    def licence(self) -> str:
        """URL of the first linked licence, or an empty string."""
        return self.licences[0][1] if self.licences else ""

    def first(self, *names: str) -> str:
        """Return the first non-empty value of these meta names, in the order given, or an empty string."""
        for name in names:
            for value in self.meta.get(name, ()):
                if value:
                    return value
        return ""


def read(root: _Element) -> Structured:
    """Return the structured data of a page's tree."""
    found = Structured(lang=root.get("lang") or root.get("xml:lang") or "")
    chars_left, objects_left = MAX_SCRIPT_CHARS, MAX_OBJECTS
    for element in root.iter("meta", "link", "title", "script", "a"):
        tag = element.tag
        if tag == "a":
            _add_anchor(found, element)
        elif tag == "meta":
            _add_meta(found, element)
        elif tag == "link":
            _add_link(found, element)
        elif tag == "title":
            parent = element.getparent()
            if element.text and parent is not None and parent.tag != "svg" and len(found.titles) < MAX_REPEATED:
                found.titles.append(normalise(element.text[:MAX_VALUE_CHARS]))
        elif "ld+json" in (element.get("type") or "") and element.text and len(element.text) <= chars_left:
            chars_left -= len(element.text)
            for json_object, is_part in islice(_objects(json_repair.parse(element.text)), objects_left):
                _add_object(found, json_object, is_part=is_part)
                objects_left -= 1
    found.articles.sort(key=_rank)
    return found


def _add_meta(found: Structured, element: _Element) -> None:
    content = element.get("content") or element.get("value")
    if not content:
        return
    named = element.keys()
    if "itemprop" in named and _is_of_card(element, found.titles):
        return
    for key in ("property", "name", "itemprop", "http-equiv"):
        name = element.get(key) if key in named else None
        if name:
            found.meta.setdefault(name.strip().lower(), []).append(normalise(unescape(content[:MAX_VALUE_CHARS])))


def _is_of_card(element: _Element, titles: list[str]) -> bool:
    """Return whether a microdata property is that of a card: of an article whose headline is a link and not in <title>."""
    around = islice(element.iterancestors(), MAX_CARD_DEPTH)
    item = next((outer for outer in around if outer.get("itemscope") is not None), None)
    if item is None or (item.get("itemtype") or "").rsplit("/", 1)[-1] not in ARTICLE_TYPES:
        return False
    inner = list(islice(item.iter(), MAX_CARD_ELEMENTS + 1))
    headlines = (normalise("".join(map(str, one.itertext()))) for one in inner if one.tag == "a")
    paragraphs = sum(one.tag == "p" and len(one.text or "") >= MIN_CARD_PARAGRAPH_CHARS for one in inner)
    if len(inner) > MAX_CARD_ELEMENTS or paragraphs >= MIN_PARAGRAPHS or any(one.tag == "h1" for one in inner):
        return False
    return any(
        len(headline) >= MIN_CARD_HEADLINE_CHARS and not any(headline in title for title in titles)
        for headline in headlines
    )


def _add_link(found: Structured, element: _Element) -> None:
    rel, href = (element.get("rel") or "").lower().split(), (element.get("href") or "").strip()
    if not href or len(href) > MAX_VALUE_CHARS:
        return
    if "canonical" in rel:
        found.canonical = found.canonical or href
    elif "alternate" in rel and (language := element.get("hreflang")):
        if FEED_TYPE not in (element.get("type") or ""):
            _add_alternate(found, language, href)
    elif "license" in rel:
        is_rsl = RSL_TYPE in (element.get("type") or "").lower()
        _add_licence(found, "link:license:rsl" if is_rsl else "link:license", href)
    elif not PREVIOUS.isdisjoint(rel) and len(found.previous) < MAX_REPEATED:
        found.previous.append(href)


def _add_anchor(found: Structured, element: _Element) -> None:
    """Record a link that says that its target is a licence, the page in another language, or another page of it."""
    named, href = element.keys(), element.get("href")
    if not href or len(href) > MAX_VALUE_CHARS:
        return
    rel = (element.get("rel") or "").lower().split() if "rel" in named else ()
    if "license" in rel:
        _add_licence(found, "a:license", href.strip())
    elif CREATIVE_COMMONS in href:
        _add_licence(found, "a:creativecommons", href.strip())
    language = element.get("hreflang") if "hreflang" in named else None
    if language:
        _add_alternate(found, language, href.strip())
    if not PREVIOUS.isdisjoint(rel) and len(found.previous) < MAX_REPEATED:
        found.previous.append(href.strip())
    label = (element.text or (element[0].text if len(element) else "") or "").strip()
    if 0 < len(label) <= MAX_PAGE_DIGITS and label.isdecimal() and int(label):
        found.numbered.setdefault(int(label), href.strip())


def _add_alternate(found: Structured, language: str, href: str) -> None:
    if len(found.alternates) < MAX_REPEATED:
        found.alternates.setdefault(language.strip().lower(), href)


def _add_licence(found: Structured, where: str, href: str) -> None:
    if len(found.licences) < MAX_REPEATED:
        found.licences.append((where, href))


def _objects(value: Any, depth: int = 0, *, is_part: bool = False) -> Iterator[tuple[dict[str, Any], bool]]:
    """Yield the objects in a JSON-LD value, each with whether it is only a part of another."""
    if depth > MAX_NESTING:
        return
    if isinstance(value, list):
        for item in value:
            yield from _objects(item, depth + 1, is_part=is_part)
    elif isinstance(value, dict):
        yield value, is_part
        for key in ("@graph", "mainEntity", "mainEntityOfPage", "hasPart", "breadcrumb"):
            if key in value:
                yield from _objects(value[key], depth + 1, is_part=is_part or key == "hasPart")


def types_of(json_object: dict[str, Any]) -> set[str]:
    """Return the types of a JSON-LD object, without their namespaces."""
    stated = json_object.get("@type", ())
    names = stated if isinstance(stated, list) else [stated]
    return {name.rsplit("/", 1)[-1] for name in names if isinstance(name, str) and name}


def _add_object(found: Structured, json_object: dict[str, Any], *, is_part: bool) -> None:
    types = types_of(json_object)
    found.types |= types
    if types & ARTICLE_TYPES:
        (found.parts if is_part else found.articles).append(json_object)
    elif types & PAGE_TYPES:
        found.pages.append(json_object)
    elif "Person" in types and isinstance(known := json_object.get("@id"), str):
        found.people.setdefault(known, text_of(json_object))
    elif "BreadcrumbList" in types and not found.breadcrumbs:
        items = json_object.get("itemListElement")
        items = items[:MAX_REPEATED] if isinstance(items, list) else []
        names = (text_of(item.get("name")) or text_of(item.get("item")) for item in items if isinstance(item, dict))
        found.breadcrumbs = [name for name in names if name]


def _rank(json_object: dict[str, Any]) -> int:
    types = types_of(json_object)
    if any(name.endswith("NewsArticle") for name in types):
        return 0
    if types & {"Article", "BlogPosting", "Report", "LiveBlogPosting", "TechArticle"}:
        return 1
    return 2


def text_of(value: Any) -> str:
    """Return a JSON-LD value as plain text: the first item of a list, the name of an object; entities are decoded."""
    for _ in range(MAX_NESTED_NAMES):
        if isinstance(value, list):
            value = value[0] if value else ""
        if isinstance(value, dict):
            value = value.get("name") or value.get("@value") or value.get("headline") or _parts_of_name(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        return ""
    return replace_surrogates(normalise(unescape(unescape(value[:MAX_TEXT_CHARS]))))


def _parts_of_name(person: dict[str, Any]) -> str:
    """Return the given and the family name of a person without a name."""
    parts = (person.get(key) for key in ("givenName", "familyName"))
    return " ".join(part for part in parts if isinstance(part, str))


def replace_surrogates(text: str) -> str:
    """Replace lone surrogates, which JSON can contain but UTF-8 cannot, with U+FFFD."""
    return text if text.isascii() else LONE_SURROGATE.sub("\ufffd", text)


def body_of(article: dict[str, Any]) -> list[str]:
    """Return the paragraphs of an article's `articleBody` or `text`, without markup."""
    body = article.get("articleBody") or article.get("text")
    if isinstance(body, list):
        body = "\n".join(part for part in body if isinstance(part, str))
    if not isinstance(body, str):
        return []
    body = unescape(body)
    if BLOCK_MARKUP.search(body):
        body = BLOCK_MARKUP.sub("\n", body)
    body = replace_surrogates(TAG.sub("", unescape(body)))
    return [paragraph for line in body.splitlines() if (paragraph := normalise(line))]


def embedded_body(stated: Structured) -> tuple[str, ...]:
    """Return the paragraphs of the longest article body in a page's JSON-LD."""
    return tuple(max(map(body_of, stated.articles), key=lambda lines: sum(map(len, lines)), default=[]))


def live_updates(stated: Structured) -> tuple[str, ...]:
    """Return the paragraphs of all updates of a live blog in a page's JSON-LD, often more of them than the page shows."""
    lists = [found["liveBlogUpdate"] for found in stated.articles if isinstance(found.get("liveBlogUpdate"), list)]
    updates = (update for listed in lists for update in listed[:MAX_OBJECTS] if isinstance(update, dict))
    return tuple(line for update in updates for line in body_of(update))
