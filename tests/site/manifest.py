"""Expected results for every page of the local news web, for tests of the whole pipeline.

    page = manifest.page("steppe", "/2023/09/wagons/")
    page.documents[0].paragraphs, page.leaks, page.reasons, page.canonical …
    manifest.pages(edition=2), manifest.LINKS, manifest.OPTIONAL_LINKS, manifest.UNLINKED,
    manifest.hostile_paths()

A page has either documents or reasons for its rejection. `on_topic` says whether the default topic (Kazakhstan–Russia)
accepts it. A page that is off topic gives its documents with `--topic any`, and `Reason.OFF_TOPIC` with the default.
"""

from dataclasses import dataclass
from functools import cache
from html import unescape
from pathlib import Path
from typing import Final

from articles.model import LinkKind, Reason, Role
from tests.site import dates, prose
from tests.site import pages as site_pages
from tests.site.hostile import FORBIDDEN, RESOURCES, WALLS
from tests.site.outlets import OUTLETS, PUBLISHERS
from tests.site.prose import Article

TEMPLATES: Final = Path(__file__).parent / "templates"


@dataclass(frozen=True, slots=True)
class ExpectedDocument:
    """Expected document of one language of a page. A field is empty if the page does not state it."""

    lang: str
    role: Role
    title: str
    paragraphs: tuple[str, ...]
    authors: tuple[str, ...] = ()
    published: str = ""  # ISO 8601, as precise as the page: with offset, local time to the minute, or date
    translators: tuple[str, ...] = ()
    editors: tuple[str, ...] = ()
    source_outlet: str = ""
    source_date: str = ""
    source_page: tuple[str, str] | None = None  # outlet and path of the original, if it is on this web
    note: str = ""  # without the words "Editor’s Note:"
    optional: tuple[str, ...] = ()  # paragraphs that may be in the text: a standfirst, dateline or byline


@dataclass(frozen=True, slots=True)
class ExpectedPage:
    """Expected result of a page. `leaks` are strings of the page that no document's text may contain."""

    outlet: str
    slug: str
    path: str
    template: str
    canonical: str  # path in rel=canonical: of the page that this is a copy of, else its own
    on_topic: bool
    documents: tuple[ExpectedDocument, ...] = ()
    reasons: frozenset[Reason] = frozenset()  # any of them is accepted
    leaks: tuple[str, ...] = ()
    disallowed: bool = False  # robots.txt forbids it


@dataclass(frozen=True, slots=True)
class ExpectedLink:
    """A link that the corpus must have. Each end is (outlet, slug, lang). Duplicates have no direction."""

    kind: LinkKind
    a: tuple[str, str, str]
    b: tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Shows:
    """Fields that a template shows: `time` is the number of characters of the ISO time of publication."""

    time: int = 25
    authors: bool = True
    summary: bool = False
    byline_in_text: bool = False


DATE_CHARS, MINUTE_CHARS = len("2024-01-01"), len("2024-01-01T00:00")
SHOWN_BY_TEMPLATE: Final = {
    "jamestown": Shows(MINUTE_CHARS, authors=False),
    "ltblog": Shows(DATE_CHARS, byline_in_text=True),
    "bitrix": Shows(MINUTE_CHARS, summary=True),
    "kazakh": Shows(MINUTE_CHARS),
    "print": Shows(DATE_CHARS, authors=False),
    "aggregator": Shows(authors=False),
    "gazette": Shows(summary=True),
}

LINKS: Final = (
    ExpectedLink(LinkKind.DUPLICATE, ("orda", "buoy", "en"), ("steppe", "buoy-copy", "en")),
    ExpectedLink(LinkKind.DUPLICATE, ("lookout", "visit", "en"), ("lookout", "visit-print", "en")),
    ExpectedLink(LinkKind.DUPLICATE, ("lookout", "visit", "ru"), ("kurier", "standing-guest", "ru")),
    ExpectedLink(LinkKind.CONTAINED, ("orda", "buoy", "en"), ("orda", "weekly", "en")),
    ExpectedLink(LinkKind.CONTAINED, ("orda", "satellite", "en"), ("orda", "weekly", "en")),
    ExpectedLink(LinkKind.TRANSLATION, ("lookout", "visit", "en"), ("lookout", "visit", "ru")),
    ExpectedLink(LinkKind.TRANSLATION, ("lookout", "visit", "en"), ("kurier", "standing-guest", "ru")),
    ExpectedLink(LinkKind.TRANSLATION, ("lookout", "pasture", "en"), ("dala", "jaiylym", "kk")),
    ExpectedLink(LinkKind.TRANSLATION, ("azat", "gaz-kk", "kk"), ("azat", "gaz", "ru")),
    ExpectedLink(LinkKind.REWRITE, ("spinwire", "consulate-spun", "en"), ("steppe", "consulate", "en")),
)  # in both editions; copies by rel=canonical (visit-wp, wagons-amp) are the same document, not a link
OPTIONAL_LINKS: Final = (
    ExpectedLink(LinkKind.CONTAINED, ("steppe", "buoy-copy", "en"), ("orda", "weekly", "en")),
    ExpectedLink(LinkKind.TRANSLATION, ("lookout", "visit-print", "en"), ("lookout", "visit", "ru")),
    ExpectedLink(LinkKind.TRANSLATION, ("lookout", "visit-print", "en"), ("kurier", "standing-guest", "ru")),
)  # follow from the others: a corpus may have them
UNLINKED: Final = (
    (("kurier", "rates-11", "ru"), ("kurier", "rates-12", "ru")),
    (("steppe", "wagons", "en"), ("steppe", "consulate", "en")),
    (("azat", "shekara", "kk"), ("dala", "jaiylym", "kk")),
)  # similar in template or subject, but not linked

SPELLINGS: Final = (
    "/2023/09/wagons-move-again/",
    "/2023/09/wagons-move-again",  # 301
    "/2023/09/wagons-move-again/#respond",
    "/2023/09/wagons-move-again/?utm_source=letter&utm_medium=email&utm_campaign=friday",
    "/2023/09/wagons-move-again/?fbclid=IwAR0steppe",
    "/2023/09/wagons-move-again/amp/",  # by rel=canonical
)  # spellings of the URL of one article, steppe/wagons


@cache
def pages(edition: int = 1) -> tuple[ExpectedPage, ...]:
    """Return all pages of all publishers in an edition. Deleted pages have the reason `gone`."""
    kept = {(name, a.slug) for name in PUBLISHERS for a in prose.articles(name, edition)}
    everything = [a for name in PUBLISHERS for a in prose.articles(name)]
    return tuple(
        expected(prose.article(a.outlet, a.slug, edition), edition) if (a.outlet, a.slug) in kept else gone(a)
        for a in everything
    )


def page(outlet: str, path_or_slug: str, edition: int = 1) -> ExpectedPage:
    """Return a page by its outlet and its path or slug. KeyError if there is none."""
    for one in pages(edition):
        if one.outlet == outlet and path_or_slug in {one.path, one.slug}:
            return one
    raise KeyError(f"{outlet}{path_or_slug}")


def gone(article: Article) -> ExpectedPage:
    return ExpectedPage(
        article.outlet,
        article.slug,
        article["path"],
        "gone",
        article["path"],
        on_topic=False,
        reasons=frozenset({Reason.GONE}),
    )


def expected(article: Article, edition: int) -> ExpectedPage:
    """Return the expected page of an article's file."""
    template = article["template"] or OUTLETS[article.outlet].template
    reasons = frozenset(Reason(name) for name in article["fate"].split())
    return ExpectedPage(
        outlet=article.outlet,
        slug=article.slug,
        path=article["path"],
        template=template,
        canonical=article["canonical"] or article["path"],
        on_topic=article["topic"] != "off" and not reasons,
        documents=() if reasons else documents(article),
        reasons=reasons,
        leaks=leaks(article, template, edition),
        disallowed=article["path"].startswith(OUTLETS[article.outlet].disallowed),
    )


def documents(article: Article) -> tuple[ExpectedDocument, ...]:
    """Return the main document of a page and, if the page contains it, the original that it translates."""
    original = article.original
    shows = SHOWN_BY_TEMPLATE.get(article["template"] or OUTLETS[article.outlet].template, Shows())
    authors = article.all("author") if shows.authors else ()
    main = ExpectedDocument(
        lang=article["lang"] or OUTLETS[article.outlet].lang,
        role=Role.MAIN,
        title=article["title"],
        paragraphs=article.paragraphs,
        authors=authors,
        published=site_pages.published(article)[: shows.time],
        translators=article.all("translator"),
        editors=article.all("editor"),
        source_outlet=article["source_outlet"],
        source_date=article["source_date"],
        source_page=source_page(article),
        note=article["note"],
        optional=tuple(filter(None, (article["summary"] if shows.summary else "", article["dateline"])))
        + (authors if shows.byline_in_text else ()),
    )
    if original is None:
        return (main,)
    return main, ExpectedDocument(
        original["lang"], Role.ORIGINAL, original["title"], original.paragraphs, article.all("author")
    )


def source_page(article: Article) -> tuple[str, str] | None:
    """Return the outlet and path of a translation's original, if it is on this web."""
    outlet, slash, path = article["source_page"].partition("/")
    return (outlet, slash + path) if slash else None


def leaks(article: Article, template: str, edition: int) -> tuple[str, ...]:
    """Return the strings of the page that must not be in its text."""
    own = [text for _, text in article.parts("comment") + article.parts("also")]
    own += [part.strip() for _, text in article.parts("caption") for part in text.split("|")]
    file = TEMPLATES / f"{template}.leaks"
    fixed = file.read_text("utf-8").splitlines() if file.exists() else []
    lang = article["locale"] or article["lang"] or OUTLETS[article.outlet].lang
    labels = [site_pages.READ_ALSO_LABELS[lang]] if article.all("also") else []
    lists = site_pages.related(article, "{}", edition)
    others = [entry["other"] for entries in lists.values() for entry in entries if "other" in entry]
    answer = site_pages.answer(article.outlet, article["path"], "http://{}.example", edition)
    shown = unescape(answer.body.decode(article["charset"] or "utf-8"))
    return tuple(
        leak
        for leak in dict.fromkeys((*own, *labels, *fixed, *others, dates.visible(article["published"], lang)))
        if leak and leak in shown
    )


def hostile_paths() -> list[str]:
    """Return the paths of all hostile resources that respond within about a second: samples, walls, redirect targets."""
    paths = [resource.sample for resource in RESOURCES.values() if not resource.slow and resource.name != "secret"]
    paths += [f"/wall/{name}" for name in WALLS] + [f"/to/{name}" for name in FORBIDDEN]
    return list(dict.fromkeys(paths))
