"""A new outlet from what its site shows: its file, and a folder of pages to hold it to. Two small crawls."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from lxml import etree, html

from articles.errors import InputError
from articles.extract import extract
from articles.model import Capture, Document, Purpose
from articles.url import canonicalize
from flows.crawl import Clock, crawl
from flows.listener import Listener
from flows.outlets.check import records
from spiders.date_window import span_of
from spiders.discovery.feeds import read_source
from spiders.discovery.url_patterns import pattern
from spiders.outlet import NAME
from spiders.spec import CrawlSpec
from storage.objects.directory import DirectoryStore

FEED_TYPES = ("application/rss+xml", "application/atom+xml", "application/rdf+xml")
USUAL_FEEDS = ("/feed/", "/rss", "/rss.xml")  # asked for where the page names none
USUAL_SITEMAPS = ("/sitemap.xml",)  # and where robots.txt names none
SAMPLE = 3  # articles that become the first fixtures
MOST_SOURCES = 6  # of each kind
OK = range(200, 300)
SITEMAP_LINE = re.compile(r"^\s*sitemap\s*:\s*(\S+)", re.IGNORECASE | re.MULTILINE)
COUNTRY = re.compile(r"\.([a-z]{2})$")
NOT_COUNTRIES = frozenset({"tv", "me", "io", "eu"})  # domains that outlets of anywhere have
CAPITALS = re.compile(r"[^A-Za-z0-9]+")


@dataclass(slots=True)
class OutletDraft:
    """What was found of a site, all of it a guess until somebody has looked."""

    name: str
    home: str
    feeds: list[str] = field(default_factory=list)
    sitemaps: list[str] = field(default_factory=list)
    article: str = ""
    pages: list[tuple[Capture, Document]] = field(default_factory=list)
    source: Capture | None = None  # the first source, as it answered
    named: list[str] = field(default_factory=list)  # the articles that it names
    daily: float = 1.0
    problems: list[str] = field(default_factory=list)


def found(name: str, url: str, spec: CrawlSpec, scratch: Path, *, clock: Clock, listener: Listener) -> OutletDraft:
    """Look at a site and return what can be told of it. InputError if nothing can, CrawlError.

    `spec` says how to behave; `scratch` is an empty folder.
    """
    draft = OutletDraft(name, canonicalize(url))
    first = _fetch([url], spec, scratch / "first", clock, listener)
    home = next((one for one in first if one.purpose is Purpose.PAGE and one.status in OK), None)
    if home is None:
        told = "; ".join(f"answered {one.status}" for one in first if one.purpose is Purpose.PAGE)
        raise InputError(f"{url} shows no page: {told or 'see above'}")
    draft.home = home.url
    robots = next((one.body.decode("utf-8", "replace") for one in first if one.purpose is Purpose.ROBOTS), "")
    links, feeds = _links(home)
    asked = feeds[:MOST_SOURCES] or [urljoin(home.url, path) for path in USUAL_FEEDS]
    sitemaps = SITEMAP_LINE.findall(robots)[:MOST_SOURCES] or [urljoin(home.url, path) for path in USUAL_SITEMAPS]
    second = _fetch([*asked, *sitemaps], spec, scratch / "second", clock, listener)
    named = _sources(draft, second, frozenset(sitemaps))
    draft.article, articles = pattern([*named, *(url for url in links if _same_site(url, home.url))])
    if not articles:
        raise InputError(f"{url}: neither its sources nor its first page link to anything that looks like an article")
    if not draft.feeds and not draft.sitemaps:
        draft.problems.append("no feed and no sitemap answered: a Listing of its first page is all there is")
    draft.named = [one for one in draft.named if re.fullmatch(draft.article, one)]
    in_sources = [one for one in articles if one in set(named)]
    third = _fetch((in_sources or articles)[:SAMPLE], spec, scratch / "third", clock, listener)
    draft.pages = list(_read(third))
    if not draft.pages:
        draft.problems.append("none of the articles that were asked for became a document")
    return draft


def places(name: str, folder: Path, fixtures: Path) -> tuple[Path, Path]:
    """Return where an outlet's file and its pages go. InputError if something is there already, or for a wrong name."""
    if not NAME.fullmatch(name) or not name.replace("_", "").isalnum():
        raise InputError(f"outlet {name!r}: a name is made of a-z, 0-9 and '_', and is the name of a file")
    path, pages = folder / f"{name}.py", fixtures / name
    for one in (path, pages):
        if one.exists():
            raise InputError(f"{one} is there already")
    return path, pages


def write(draft: OutletDraft, folder: Path, fixtures: Path) -> tuple[Path, Path]:
    """Write an outlet's file and its folder of pages; return their paths. InputError if either is there already."""
    path, pages = places(draft.name, folder, fixtures)
    folder.mkdir(parents=True, exist_ok=True)
    pages.mkdir(parents=True)
    path.write_text(_file(draft), encoding="utf-8")
    told = [_fixture(pages, number, *page) for number, page in enumerate(draft.pages, start=1)]
    expected: dict[str, object] = {"pages": told, "no_articles": [draft.home]}
    if draft.source is not None:
        (pages / "source.xml").write_bytes(draft.source.body)
        expected["source"] = {"file": "source.xml", "articles": draft.named}
    (pages / "expected.json").write_text(json.dumps(expected, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return path, pages


def _fetch(urls: Sequence[str], spec: CrawlSpec, folder: Path, clock: Clock, listener: Listener) -> list[Capture]:
    store = DirectoryStore(folder)
    crawl(replace(spec, urls=tuple(urls), store=store.url, topic="any"), clock=clock, listener=listener)
    return [one for one in records(store) if isinstance(one, Capture)]


def _links(page: Capture) -> tuple[list[str], list[str]]:
    """Return the addresses that a page links to, and those of the feeds that it names."""
    try:
        root = html.document_fromstring(page.body)
    except (etree.ParserError, ValueError):
        return [], []
    links = [urljoin(page.url, link.get("href", "")) for link in root.iter("a")]
    feeds = [
        urljoin(page.url, str(link.get("href")))
        for link in root.iterfind(".//link[@href]")
        if link.get("type") in FEED_TYPES and "comment" not in str(link.get("href"))
    ]
    return [link.partition("#")[0] for link in links if link.startswith("http")], list(dict.fromkeys(feeds))


def _sources(draft: OutletDraft, answers: Iterable[Capture], sitemaps: frozenset[str]) -> list[str]:
    """Note which sources answered, and return the addresses that they name."""
    named: list[str] = []
    for one in answers:
        if one.purpose is not Purpose.PAGE or one.status not in OK:
            continue
        entries = list(read_source(one.body, one.url))
        if not entries:
            continue
        (draft.sitemaps if one.url in sitemaps or b"<urlset" in one.body or b"<sitemapindex" in one.body
         else draft.feeds).append(one.url)  # fmt: skip
        urls = [entry.url for entry in entries if not entry.nested]
        if urls and draft.source is None:
            draft.source, draft.named = one, urls
            draft.daily = a_day([day for entry in entries if (day := _day(entry.given))])
        named += urls
    return named


def _read(answers: Iterable[Capture]) -> Iterator[tuple[Capture, Document]]:
    for one in answers:
        if one.purpose is Purpose.PAGE and (outcome := extract(one)).documents:
            yield one, outcome.documents[0]


def _same_site(url: str, home: str) -> bool:
    host = (urlsplit(home).hostname or "").removeprefix("www.")
    return (urlsplit(url).hostname or "").endswith(host)


def _file(draft: OutletDraft) -> str:
    parts = urlsplit(draft.home)
    host = parts.netloc.removeprefix("www.")
    langs = [lang for lang, _ in Counter(document.lang for _, document in draft.pages).most_common()] or ["en"]
    ending = COUNTRY.search(parts.hostname or "")
    country = ending[1].upper() if ending and ending[1] not in NOT_COUNTRIES else "XX"
    kinds = [("Feed", url) for url in draft.feeds] + [("Sitemap", url) for url in draft.sitemaps]
    kinds = kinds or [("Listing", draft.home)]
    imports = ", ".join(sorted({kind for kind, _ in kinds}))
    title = "".join(word.capitalize() for word in CAPITALS.split(draft.name))
    sources = "".join(f"        {kind}({json.dumps(url)}),\n" for kind, url in kinds)
    guessed = '("languages", "country", "kind", "article", "daily")'
    return f'''"""{title}."""

from spiders.outlet import Outlet
from spiders.sources import {imports}


class {title}(Outlet):
    """Say here in a sentence what it is."""

    domains = ({json.dumps(host)},)
    languages = ({", ".join(json.dumps(lang) for lang in langs)},)
    country = "{country}"
    kind = "news site"
    sources = (
{sources}    )
    article = r"{draft.article}"
    daily = {draft.daily:g}
    guessed = {guessed}
'''


def _fixture(folder: Path, number: int, page: Capture, document: Document) -> dict[str, object]:
    name = f"page-{number}.html"
    (folder / name).write_bytes(page.body)
    charset = re.search(r"charset=([\w-]+)", page.header("content-type"))
    return {
        "file": name,
        "url": page.url,
        "charset": charset[1] if charset else "utf-8",
        "document": {
            "lang": document.lang,
            "title": document.title,
            "authors": list(document.authors),
            "published": document.published,
            "text": list(document.paragraphs),
        },
        "struck": [],
    }


def a_day(days: Sequence[date]) -> float:
    """Return how many articles a day the dates of a feed's entries speak of; 1 where they say nothing."""
    if not days:
        return 1.0
    return round(len(days) / ((max(days) - min(days)).days + 1), 1)


def _day(given: str) -> date | None:
    span = span_of(given)
    return span.first.date() if span else None
