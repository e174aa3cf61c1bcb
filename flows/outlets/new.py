"""Draft the file and the test fixtures of a new outlet from its site, by three small crawls: `irtysh outlets new`."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from articles.errors import InputError
from articles.model import Capture, Document, Purpose
from articles.page import decoding
from articles.url import canonicalize, registrable_domain
from flows.crawl import OK_STATUSES, Clock, crawl
from flows.listener import Listener
from flows.outlets.check import records
from flows.outlets.draft_file import file_text, template_of
from flows.outlets.own_addresses import OwnAddresses
from flows.processing.limited_pages import PageReader
from spiders.date_window import span_of
from spiders.discovery.url_patterns import pattern
from spiders.families import family_of, fits
from spiders.outlet import OUTLET_NAME, Outlet
from spiders.sources import Feed, Listing, Sitemap
from spiders.spec import CrawlSpec
from storage.captures.limited_process import EndedError
from storage.objects.directory import DirectoryStore

FEED_TYPES = ("application/rss+xml", "application/atom+xml", "application/rdf+xml")
USUAL_FEEDS = ("/feed/", "/rss", "/rss.xml")  # tried if the home page names no feed
USUAL_SITEMAPS = ("/sitemap.xml",)  # tried if robots.txt names no sitemap
SAMPLE_ARTICLES = 3  # articles that become fixtures
MAX_SOURCES = 6  # feeds, and as many sitemaps
MAX_STATED = 200  # feeds and sitemaps that a site states, of which the first good ones are used
MAX_NAMED = 50_000  # articles of a source: what a sitemap may hold
SITEMAP_LINE = re.compile(r"^[ \t]*sitemap[ \t]*:[ \t]*(\S+)", re.IGNORECASE | re.MULTILINE)
COUNTRY_DOMAIN = re.compile(r"\.([a-z]{2})$")
GENERIC_DOMAINS = frozenset({"tv", "me", "io", "eu"})  # top-level domains that are used everywhere


@dataclass(slots=True)
class OutletDraft:
    """Findings about a site. All are guesses until a person has checked them."""

    name: str
    asked: str  # the address that the user gave
    home: str = ""  # the address that answered
    feeds: list[str] = field(default_factory=list)
    sitemaps: list[str] = field(default_factory=list)
    article: str = ""
    family: type[Outlet] = Outlet  # the base class: of a publishing system or house if the site shows it
    pages: list[tuple[Capture, Document]] = field(default_factory=list)
    source: Capture | None = None  # response of the first source that names articles
    named: list[str] = field(default_factory=list)  # articles that this source names, as it writes them
    daily: float = 1.0  # articles a day
    problems: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(
        default_factory=dict
    )  # addresses that the site names and the draft leaves out, and why


def explore(name: str, url: str, spec: CrawlSpec, scratch: Path, *, clock: Clock, listener: Listener) -> OutletDraft:
    """Fetch a site's home page, sources and a few articles, and return a draft of its file.

    InputError if the home page cannot be fetched or no articles are found; CrawlError. `spec` gives delay, timeout and
    other options; `scratch` is an empty folder for the captures.
    """
    draft = OutletDraft(name, canonicalize(url))

    def fetch(urls: Sequence[str], folder: str) -> list[Capture]:
        return _fetch(urls, spec, scratch / folder, clock, listener)

    first = fetch([url], "first")
    home = next((page for page in first if page.purpose is Purpose.PAGE and page.status in OK_STATUSES), None)
    if home is None:
        answers = "; ".join(f"answered {page.status}" for page in first if page.purpose is Purpose.PAGE)
        raise InputError(f"{url} could not be fetched: {answers or 'see the messages above'}")
    draft.home = home.url
    own = OwnAddresses.of(home.url, spec)
    draft.refused = own.refused
    if registrable_domain(home.url) != registrable_domain(draft.asked):
        draft.problems.append(f"{draft.asked} leads to another domain; the draft is for {home.url}")
    robots = next((page.body.decode("utf-8", "replace") for page in first if page.purpose is Purpose.ROBOTS), "")
    with PageReader() as reader:
        _explore(draft, home, robots, own, fetch, reader)
    return draft


def _explore(  # noqa: PLR0917  all that a draft is made from
    draft: OutletDraft,
    home: Capture,
    robots: str,
    own: OwnAddresses,
    fetch: Callable[[Sequence[str], str], list[Capture]],
    reader: PageReader,
) -> None:
    """Add sources, the form of article URLs and sample pages to a draft. InputError if no article is found."""
    links, feeds = _links(home, own, reader)
    feed_urls = feeds[:MAX_SOURCES] or [urljoin(home.url, path) for path in USUAL_FEEDS]
    stated = [url for line in SITEMAP_LINE.findall(robots)[:MAX_STATED] if (url := own.accept(line, home.url))]
    sitemaps = stated[:MAX_SOURCES] or [urljoin(home.url, path) for path in USUAL_SITEMAPS]
    second = fetch([*feed_urls, *sitemaps], "second")
    named = frozenset(_sources(draft, second, frozenset(sitemaps), own, reader))
    draft.article, articles = pattern([*named, *links])
    if not articles:
        raise InputError(
            f"{draft.asked}: no article found, neither in its sources nor among the links of this page; "
            "give another page with --url"
        )
    if not draft.feeds and not draft.sitemaps:
        draft.problems.append("no feed and no sitemap found; the draft uses a Listing of the home page")
    draft.named = [article for article in draft.named if re.fullmatch(draft.article, article)]
    draft.family = family_of(home.body.decode("utf-8", "replace"), articles) or Outlet
    in_sources = [article for article in articles if article in named]
    third = fetch((in_sources or articles)[:SAMPLE_ARTICLES], "third")
    draft.pages = list(_read(third, own, reader))
    if not draft.pages:
        draft.problems.append("none of the fetched articles became a document; set selectors in the outlet's file")


def target_paths(name: str, folder: Path, fixtures: Path) -> tuple[Path, Path]:
    """Return the paths of an outlet's file and of its fixtures. InputError if one exists, or if the name is not allowed."""
    if not OUTLET_NAME.fullmatch(name) or not name.replace("_", "").isalnum():
        raise InputError(f"{name!r} cannot name an outlet; use a-z, 0-9 and '_', since it is also the name of a file")
    path, pages = folder / f"{name}.py", fixtures / name
    for target in (path, pages):
        if target.exists():
            raise InputError(f"{target} exists already; choose another name or delete it")
    return path, pages


def write(draft: OutletDraft, folder: Path, fixtures: Path) -> tuple[Path, Path]:
    """Write an outlet's file and its folder of fixtures; return their paths.

    InputError if one of them exists, or if the draft is not a plain outlet file; then nothing is written.
    """
    path, pages = target_paths(draft.name, folder, fixtures)
    text = file_text(draft.name, attributes(draft), draft.family)
    folder.mkdir(parents=True, exist_ok=True)
    pages.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    fixture_pages = [fixture(pages, number, *page) for number, page in enumerate(draft.pages, start=1)]
    expected: dict[str, object] = {"pages": fixture_pages, "no_articles": [draft.home]}
    if draft.source is not None:
        (pages / "source.xml").write_bytes(draft.source.body)
        expected["source"] = {"file": "source.xml", "articles": draft.named}
    (pages / "expected.json").write_text(json.dumps(expected, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return path, pages


def _fetch(urls: Sequence[str], spec: CrawlSpec, folder: Path, clock: Clock, listener: Listener) -> list[Capture]:
    store = DirectoryStore(folder)
    crawl(replace(spec, urls=tuple(urls), store=store.url, topic="any"), clock=clock, listener=listener)
    return [one for one in records(store) if isinstance(one, Capture)]


def _links(page: Capture, own: OwnAddresses, reader: PageReader) -> tuple[list[str], list[str]]:
    """Return the site's own URLs that a page links to, and the URLs of its feeds."""
    try:
        found = reader.links(page)
    except EndedError as error:
        own.refuse(page.url, str(error))
        return [], []
    links = [own.owns(link, page.url) for link in found.links]
    stated = [href for href, kind in found.typed if kind in FEED_TYPES]
    feeds = [own.accept(href, page.url) for href in stated[:MAX_STATED] if "comment" not in href]
    return list(filter(None, links)), list(dict.fromkeys(filter(None, feeds)))


def _sources(
    draft: OutletDraft,
    answers: Iterable[Capture],
    sitemaps: frozenset[str],
    own: OwnAddresses,
    reader: PageReader,
) -> list[str]:
    """Add the sources that answered to the draft, and return the site's own URLs that they name."""
    named: list[str] = []
    for one in answers:
        if one.purpose is not Purpose.PAGE or one.status not in OK_STATUSES:
            continue
        try:
            entries = reader.entries(one, MAX_NAMED)
        except EndedError as error:
            own.refuse(one.url, str(error))
            continue
        if not entries or not own.accept(one.url):
            continue
        (draft.sitemaps if one.url in sitemaps or b"<urlset" in one.body or b"<sitemapindex" in one.body
         else draft.feeds).append(one.url)  # fmt: skip
        accepted = [(entry.url, url) for entry in entries if not entry.nested and (url := own.accept(entry.url))]
        urls = [url for _, url in accepted]
        if accepted and draft.source is None:
            draft.source, draft.named = one, [stated for stated, _ in accepted]
            draft.daily = articles_per_day([day for entry in entries if (day := _day(entry.date))])
        named += urls
    return named


def _read(answers: Iterable[Capture], own: OwnAddresses, reader: PageReader) -> Iterator[tuple[Capture, Document]]:
    for one in answers:
        if one.purpose is Purpose.PAGE and own.accept(one.url) and (outcome := reader.outcome(one)).documents:
            yield one, outcome.documents[0]


def attributes(draft: OutletDraft) -> dict[str, object]:
    """Return the attributes of a drafted outlet, in the order of its file."""
    parts = urlsplit(draft.home)
    langs = [lang for lang, _ in Counter(document.lang for _, document in draft.pages).most_common()] or ["en"]
    ending = COUNTRY_DOMAIN.search(parts.hostname or "")
    feeds = [Feed(template_of(url)) for url in draft.feeds]
    sitemaps = [Sitemap(template_of(url)) for url in draft.sitemaps]
    found: dict[str, object] = {
        "domains": (parts.netloc.removeprefix("www."),),
        "languages": tuple(langs),
        "country": ending[1].upper() if ending and ending[1] not in GENERIC_DOMAINS else "XX",
        "kind": "news site",
        "sources": (*feeds, *sitemaps) or (Listing(template_of(draft.home)),),
        "article": draft.article,
        "daily": draft.daily,
        "guessed": ("languages", "country", "kind", "article", "daily"),
    }
    if all(fits(draft.family, url) for url in draft.named) and draft.family.path and draft.named:
        found |= {"guessed": ("languages", "country", "kind", "daily")}
        del found["article"]
    return found


def fixture(folder: Path, number: int, page: Capture, document: Document) -> dict[str, object]:
    """Write a page into a folder of fixtures, and return its entry in `expected.json`."""
    name = f"page-{number}.html"
    (folder / name).write_bytes(page.body)
    return {
        "file": name,
        "url": page.url,
        "charset": decoding.declared_encoding(page.body, page.header("content-type")) or "utf-8",
        "document": {
            "lang": document.lang,
            "title": document.title,
            "authors": list(document.authors),
            "published": document.published,
            "text": list(document.paragraphs),
        },
        "struck": [],
    }


def articles_per_day(days: Sequence[date]) -> float:
    """Return the number of articles a day, from the dates of a feed's entries; 1 if there are no dates."""
    if not days:
        return 1.0
    return round(len(days) / ((max(days) - min(days)).days + 1), 1)


def _day(given: str) -> date | None:
    span = span_of(given)
    return span.first.date() if span else None
