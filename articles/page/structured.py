"""What a page states for machines: JSON-LD, meta elements, link elements. Read once, asked by `articles.metadata.read`."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from itertools import islice
from typing import Any

from lxml.etree import _Element

from articles.page.blocks import normalise

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
IN_MARKUP = re.compile(r"<(?:/?p|br\s*/?|/?div|/?h[1-6]|/?li)\b[^<>]{0,300}>", re.IGNORECASE)
NESTED = 6  # objects in objects that are followed
LONGEST = 4000  # characters of a value that are read, and of an address: descriptions have 300, keywords 1,500
MAX_JSON = 2_000_000  # characters of one JSON-LD script; longer ones are data feeds, not statements about the page
MOST_THINGS = 2_000  # objects of one script that are looked at; the fullest of the development pages has some dozens
MOST_CRUMBS = 20  # steps from a site's root to a page
MOST_LINKS = 100  # licences, and pages in other languages, that are noted
LONGEST_TEXT = (
    10_000  # characters of a value that is no body; the longest description of the development pages has 2,000
)
LONE_SURROGATE = re.compile("[\ud800-\udfff]")
COMMONS = "creativecommons.org/"
FEED = "xml"  # in the type of a link that leads to a feed and not to a page
TRAILING_COMMA = re.compile(r",\s*([}\]])")


@dataclass(slots=True)
class Structured:
    """What the head and the scripts of a page say."""

    meta: dict[str, list[str]] = field(default_factory=dict)  # name or property or itemprop, lower case -> values
    articles: list[dict[str, Any]] = field(default_factory=list)  # JSON-LD objects of an article type, best first
    pages: list[dict[str, Any]] = field(default_factory=list)  # WebPage objects
    types: set[str] = field(default_factory=set)  # every @type seen
    canonical: str = ""
    alternates: dict[str, str] = field(default_factory=dict)  # hreflang -> URL
    licences: list[tuple[str, str]] = field(default_factory=list)  # where a licence is linked, and its address
    lang: str = ""
    titles: list[str] = field(default_factory=list)  # <title> elements
    breadcrumbs: list[str] = field(default_factory=list)  # names from the site's root to the page

    @property
    def licence(self) -> str:
        """The first licence that is linked, empty without one."""
        return self.licences[0][1] if self.licences else ""

    def first(self, *names: str) -> str:
        """Return the first non-empty value of the first of these meta names that the page has."""
        for name in names:
            for value in self.meta.get(name, ()):
                if value:
                    return value
        return ""


def read(root: _Element) -> Structured:
    """Collect what a tree states for machines."""
    found = Structured(lang=root.get("lang") or root.get("xml:lang") or "")
    room = MAX_JSON
    for element in root.iter("meta", "link", "title", "script", "a"):
        tag = element.tag
        if tag == "a":
            _anchor(found, element)
        elif tag == "meta":
            _meta(found, element)
        elif tag == "link":
            _link(found, element)
        elif tag == "title":
            parent = element.getparent()
            if element.text and parent is not None and parent.tag != "svg":
                found.titles.append(normalise(element.text[:LONGEST]))
        elif "ld+json" in (element.get("type") or "") and element.text and len(element.text) <= room:
            room -= len(element.text)
            for thing in islice(_things(parse_json(element.text)), MOST_THINGS):
                _thing(found, thing)
    found.articles.sort(key=_rank)
    return found


def _meta(found: Structured, element: _Element) -> None:
    content = element.get("content")
    if not content:
        return
    named = element.keys()
    for key in ("property", "name", "itemprop", "http-equiv"):
        name = element.get(key) if key in named else None
        if name:
            found.meta.setdefault(name.strip().lower(), []).append(normalise(unescape(content[:LONGEST])))


def _link(found: Structured, element: _Element) -> None:
    rel, href = (element.get("rel") or "").lower().split(), (element.get("href") or "").strip()
    if not href or len(href) > LONGEST:
        return
    if "canonical" in rel:
        found.canonical = found.canonical or href
    elif "alternate" in rel and (language := element.get("hreflang")):
        if FEED not in (element.get("type") or ""):
            _alternate(found, language, href)
    elif "license" in rel:
        _licence(found, "link:license", href)


def _anchor(found: Structured, element: _Element) -> None:
    """Note a link that says of its target that it is a licence or the page in another language."""
    named, href = element.keys(), element.get("href")
    if not href or len(href) > LONGEST:
        return
    rel = element.get("rel") if "rel" in named else None
    if rel and "license" in rel.lower().split():
        _licence(found, "a:license", href.strip())
    elif COMMONS in href:
        _licence(found, "a:creativecommons", href.strip())
    language = element.get("hreflang") if "hreflang" in named else None
    if language:
        _alternate(found, language, href.strip())


def _alternate(found: Structured, language: str, href: str) -> None:
    if len(found.alternates) < MOST_LINKS:
        found.alternates.setdefault(language.strip().lower(), href)


def _licence(found: Structured, where: str, href: str) -> None:
    if len(found.licences) < MOST_LINKS:
        found.licences.append((where, href))


def parse_json(text: str) -> Any:
    """Return the value of a JSON-LD script, mending what sites get wrong; None where it can't be read."""
    text = (
        text.strip()
        .removeprefix("<!--")
        .removesuffix("-->")
        .removeprefix("//<![CDATA[")
        .removesuffix("//]]>")
        .strip()
        .rstrip(";")
    )
    for candidate in (text, TRAILING_COMMA.sub(r"\1", text)):
        try:
            return json.loads(candidate, strict=False)
        except (ValueError, RecursionError):  # no JSON, a number too long for Python, or nested too deeply
            continue
    return None


def _things(value: Any, depth: int = 0) -> Iterator[dict[str, Any]]:
    if depth > NESTED:
        return
    if isinstance(value, list):
        for item in value:
            yield from _things(item, depth + 1)
    elif isinstance(value, dict):
        yield value
        for key in ("@graph", "mainEntity", "mainEntityOfPage", "hasPart", "breadcrumb"):
            if key in value:
                yield from _things(value[key], depth + 1)


def types_of(thing: dict[str, Any]) -> set[str]:
    """Return the @type of a JSON-LD object, without its namespace."""
    stated = thing.get("@type", ())
    names = stated if isinstance(stated, list) else [stated]
    return {name.rsplit("/", 1)[-1] for name in names if isinstance(name, str) and name}


def _thing(found: Structured, thing: dict[str, Any]) -> None:
    types = types_of(thing)
    found.types |= types
    if types & ARTICLE_TYPES:
        found.articles.append(thing)
    elif types & PAGE_TYPES:
        found.pages.append(thing)
    elif "BreadcrumbList" in types and not found.breadcrumbs:
        items = thing.get("itemListElement")
        items = items[:MOST_CRUMBS] if isinstance(items, list) else []
        names = (text_of(item.get("name")) or text_of(item.get("item")) for item in items if isinstance(item, dict))
        found.breadcrumbs = [name for name in names if name]


def _rank(thing: dict[str, Any]) -> int:
    types = types_of(thing)
    if any(name.endswith("NewsArticle") for name in types):
        return 0
    if types & {"Article", "BlogPosting", "Report", "LiveBlogPosting", "TechArticle"}:
        return 1
    return 2


def text_of(value: Any) -> str:
    """Return a JSON-LD value as plain text: the first of a list, the name of an object; markup and entities undone."""
    if isinstance(value, list):
        value = value[0] if value else ""
    if isinstance(value, dict):
        value = value.get("name") or value.get("@value") or value.get("headline") or ""
    if not isinstance(value, str):
        return ""
    return whole(normalise(unescape(unescape(value[:LONGEST_TEXT]))))


def whole(text: str) -> str:
    """Return a text with halves of surrogate pairs, which JSON can smuggle in, as U+FFFD: no UTF-8 has them."""
    return text if text.isascii() else LONE_SURROGATE.sub("\ufffd", text)


def body_of(article: dict[str, Any]) -> list[str]:
    """Return the paragraphs of an article's `articleBody` or `text`; markup in it is undone."""
    body = article.get("articleBody") or article.get("text")
    if isinstance(body, list):
        body = "\n".join(part for part in body if isinstance(part, str))
    if not isinstance(body, str):
        return []
    body = unescape(body)
    if IN_MARKUP.search(body):
        body = IN_MARKUP.sub("\n", body)
    body = whole(TAG.sub("", unescape(body)))
    return [paragraph for line in body.splitlines() if (paragraph := normalise(line))]


def embedded_body(stated: Structured) -> tuple[str, ...]:
    """Return the paragraphs of the longest body that a page's JSON-LD holds."""
    return tuple(max(map(body_of, stated.articles), key=lambda lines: sum(map(len, lines)), default=[]))
